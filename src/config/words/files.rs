//! What is wrong with a file or a variable of the environment.

use crate::language::counts::Bytes;
use crate::language::{Sentence, sentences};

sentences! {
    no_config_file(path: &str)
        "there is no configuration file {path} (--config FILE names another one)"
        "설정 파일 {path}이(가) 없습니다(다른 파일은 --config FILE로 지정합니다)"

    config_unreadable(path: &str)
        "the configuration file {path} can't be read"
        "설정 파일 {path}을(를) 읽을 수 없습니다"

    name_a_config()
        "name a regular text file with --config or KIS_TRADE_CONFIG"
        "--config나 KIS_TRADE_CONFIG로 일반 텍스트 파일을 지정하세요"

    no_state_dir()
        "the state directory is an empty name"
        "상태 디렉터리 이름이 비어 있습니다"

    name_a_state_dir()
        "name a directory with --state-dir"
        "--state-dir로 디렉터리를 지정하세요"

    is_link()
        "it is a symbolic link, or the way to it leads in circles; name the file itself"
        "심볼릭 링크이거나 경로가 제자리를 돕니다. 파일 자체를 지정하세요"

    may_not_read()
        "this user may not read it"
        "현재 사용자에게 읽기 권한이 없습니다"

    is_no_file()
        "it is not a regular file"
        "일반 파일이 아닙니다"

    is_directory()
        "it is a directory"
        "디렉터리입니다"

    is_pipe()
        "it is a named pipe, not a regular file"
        "일반 파일이 아니라 이름 있는 파이프입니다"

    of_another_user(owner: u32, user: u32)
        "it belongs to user {owner}, not to user {user} or root"
        "파일 소유자가 UID {owner}입니다. UID {user} 또는 root의 파일이어야 합니다"

    others_can_reach(mode: &str)
        "others can reach it (mode {mode}); run `chmod 600` on it"
        "다른 사용자도 접근할 수 있습니다(권한 {mode}). 이 파일에 `chmod 600`을 실행하세요"

    program_of_another(path: &str, owner: u32, user: u32)
        "{path} belongs to user {owner}, not to user {user} or root: a program that trades must be nobody else's"
        "{path}의 소유자가 UID {owner}입니다. 매매하는 프로그램은 UID {user} 또는 root의 것이어야 합니다"

    program_writable(path: &str, mode: &str)
        "others can change {path} (mode {mode}), and with it a program that trades; run `chmod go-w` on it"
        "다른 사용자가 {path}을(를) 바꿀 수 있습니다(권한 {mode}). 매매하는 프로그램이므로 `chmod go-w`를 실행하세요"

    too_large(kib: u64)
        "it is larger than {kib} KiB"
        "파일이 {kib} KiB보다 큽니다"

    is_utf16()
        "it is UTF-16 text; save it as UTF-8"
        "UTF-16 텍스트입니다. UTF-8로 저장하세요"

    has_nul(line: usize)
        "line {line}: it has a NUL byte; save it as UTF-8 text"
        "{line}번째 줄에 NUL 바이트가 있습니다. UTF-8 텍스트로 저장하세요"

    is_not_utf8(line: usize)
        "line {line}: it is not UTF-8 text; save it as UTF-8"
        "{line}번째 줄이 UTF-8 텍스트가 아닙니다. UTF-8로 저장하세요"

    variable_empty(name: &str)
        "environment variable {name} is empty"
        "환경 변수 {name}의 값이 비어 있습니다"

    set_variable(name: &str)
        "set {name} or unset it"
        "{name}에 값을 넣거나 `unset {name}`을 실행하세요"

    variable_not_utf8(name: &str)
        "environment variable {name} is not UTF-8 text"
        "환경 변수 {name}의 값이 UTF-8 텍스트가 아닙니다"

    value_has(length: Bytes)
        "its value has {length}"
        "값의 길이는 {length}입니다"

    correct_variable(name: &str)
        "correct {name} or unset it"
        "{name}의 값을 고치거나 `unset {name}`을 실행하세요"

    rehearsal_needs_loopback()
        "KIS_TRADE_NOW works only with a gateway on a loopback address"
        "KIS_TRADE_NOW는 게이트웨이가 루프백 주소일 때만 쓸 수 있습니다"

    gateway_is(url: &str)
        "the gateway is {url}"
        "설정된 게이트웨이는 {url}입니다"

    unset_now()
        "unset KIS_TRADE_NOW, or set [gateway] base_url to a simulated gateway such as http://127.0.0.1:9443"
        "`unset KIS_TRADE_NOW`를 실행하거나, [gateway] base_url을 http://127.0.0.1:9443 같은 시뮬레이션 게이트웨이로 바꾸세요"

    now_is_no_instant()
        "KIS_TRADE_NOW is not an instant"
        "KIS_TRADE_NOW의 값이 시각이 아닙니다"

    text_is(text: &Sentence)
        "its text is {text}"
        "적힌 값은 {text}입니다"

    write_rfc3339()
        "write it as RFC 3339, such as 2026-03-09T14:30:00Z"
        "2026-03-09T14:30:00Z처럼 RFC 3339 형식으로 적으세요"
}
