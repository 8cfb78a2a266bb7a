//! What is said of where a state directory is, and whose, in both languages.

use std::io;
use std::path::Path;

use crate::language::sentences;

sentences! {
    not_found(path: &Path, error: &io::Error)
        "state directory {path} can't be found: {error}"
        "상태 디렉터리 {path}을(를) 찾을 수 없습니다: {error}"

    no_gitignore(path: &Path, error: &io::Error)
        "state directory {path} has no .gitignore: {error}"
        "상태 디렉터리 {path}에 .gitignore를 만들지 못했습니다: {error}"

    is_symlink(path: &Path)
        "state directory {path} is a symlink"
        "상태 디렉터리 {path}은(는) 심볼릭 링크입니다"

    name_its_target()
        "name the directory that it leads to"
        "링크가 가리키는 디렉터리를 직접 지정하세요"

    is_no_directory(path: &Path)
        "state directory {path} is not a directory"
        "상태 디렉터리 {path}은(는) 디렉터리가 아닙니다"

    is_root(path: &Path)
        "state directory {path} is the root of the file system"
        "상태 디렉터리 {path}은(는) 파일 시스템의 루트입니다"

    holds_others(path: &Path)
        "state directory {path} is not empty and holds nothing of kis-trade's"
        "상태 디렉터리 {path}이(가) 비어 있지 않은데 kis-trade의 파일은 없습니다"

    for_example(name: &str)
        "for example `{name}`"
        "예: `{name}`"

    name_own_directory()
        "name a directory of its own for the state (state_dir, or --state-dir); this one was left as it is"
        "상태만 두는 디렉터리를 따로 지정하세요(state_dir 또는 --state-dir). 이 디렉터리는 그대로 두었습니다"

    lies_in_open(parent: &Path)
        "state directory lies in {parent}, which everybody may write and which has no sticky bit"
        "상태 디렉터리가 있는 {parent}은(는) 누구나 쓸 수 있고 sticky 비트가 없습니다"

    close_parent(parent: &Path)
        "chmod o-w {parent}"
        "다른 사용자의 쓰기 권한을 없애세요: `chmod o-w {parent}`"

    tightened(path: &Path, was: &str, now: &str)
        "state directory {path} was open to other users (mode {was}); it is {now} now"
        "상태 디렉터리 {path}에 다른 사용자가 접근할 수 있었습니다(권한 {was}). {now}(으)로 바꿨습니다"

    still_open(path: &Path, was: &str, error: &io::Error)
        "state directory {path} was open to other users (mode {was}), and still is: {error}"
        "상태 디렉터리 {path}에 다른 사용자가 접근할 수 있는데(권한 {was}) 권한을 바꾸지 못했습니다: {error}"

    cannot_be(path: &Path)
        "state directory {path} can't be a directory"
        "상태 디렉터리 {path}을(를) 만들 수 없는 경로입니다"

    unusable(path: &Path)
        "state directory {path} can't be used"
        "상태 디렉터리 {path}을(를) 쓸 수 없습니다"

    make_writable()
        "make it writable for this user; only one that never held orders may be replaced by another (--state-dir)"
        "이 사용자가 쓸 수 있게 하세요. 다른 디렉터리로 바꾸는 것(--state-dir)은 주문을 낸 적이 없을 때만 괜찮습니다"

    choose_another()
        "choose another one with --state-dir"
        "--state-dir로 다른 디렉터리를 지정하세요"

    on_network(path: &Path, kind: &str)
        "state directory {path} lies on {kind}, where file locks can't be trusted"
        "상태 디렉터리 {path}이(가) {kind} 위에 있습니다. 네트워크 파일 시스템에서는 파일 잠금을 믿을 수 없습니다"

    in_memory(path: &Path, kind: &str)
        "state directory {path} lies on {kind}: a reboot erases it"
        "상태 디렉터리 {path}이(가) {kind} 위에 있어 재부팅하면 사라집니다"

    changed_hands(path: &Path)
        "state directory {path} was another account's or mode's, which never ordered anything; it is this one's now, and the samples of its total begin anew"
        "상태 디렉터리 {path}은(는) 주문을 낸 적이 없는 다른 계좌 또는 mode의 것이었습니다. 이제 이 계좌가 쓰며 총액 기록은 새로 시작합니다"

    of_another(path: &Path)
        "state directory {path} belongs to another account or mode"
        "상태 디렉터리 {path}은(는) 다른 계좌 또는 다른 mode의 것입니다"

    both_owners(its_account: &str, its_mode: &str, account: &str, mode: &str)
        "it is of account {its_account} in {its_mode} mode, this run is of account {account} in {mode} mode"
        "디렉터리는 계좌 {its_account}, mode `{its_mode}`의 것이고 이 실행은 계좌 {account}, mode `{mode}`입니다"

    one_directory_each()
        "give each account and mode a state directory of its own (--state-dir)"
        "계좌와 mode마다 상태 디렉터리를 따로 쓰세요(--state-dir)"
}
