//! What is said of state files and locks, in both languages.

use std::fmt;
use std::io;
use std::path::Path;

use crate::language::{Language, Say, sentences};

/// What a sentence about a file is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    /// The file that was named before.
    It,
    /// The file at a path.
    At(&'a Path),
    /// The file of a name.
    Named(&'a str),
}

impl Say for Subject<'_> {
    fn say(&self, language: Language) -> impl fmt::Display {
        match (self, language) {
            (Subject::It, Language::English) => "it".to_owned(),
            (Subject::It, Language::Korean) => "이 파일".to_owned(),
            (Subject::At(path), _) => path.display().to_string(),
            (Subject::Named(name), _) => (*name).to_owned(),
        }
    }
}

sentences! {
    unreadable(path: &Path)
        "{path} can't be read"
        "{path}을(를) 읽을 수 없습니다"

    unwritable(path: &Path)
        "{path} can't be written"
        "{path}에 쓸 수 없습니다"

    unwritable_because(path: &Path, error: &io::Error)
        "{path} can't be written: {error}"
        "{path}에 쓸 수 없습니다: {error}"

    not_written(path: &Path)
        "{path} could not be written"
        "{path}을(를) 저장하지 못했습니다"

    not_written_because(path: &Path, error: &io::Error)
        "{path} could not be written: {error}"
        "{path}을(를) 저장하지 못했습니다: {error}"

    symbols_not_written()
        "symbols.json could not be written"
        "symbols.json을 저장하지 못했습니다"

    total_not_kept()
        "the account's total could not be kept"
        "계좌 총액을 저장하지 못했습니다"

    free_space()
        "free space, or make the state directory writable for this user"
        "디스크 공간을 확보하거나 이 사용자가 상태 디렉터리에 쓸 수 있게 하세요"

    free_space_for_orders()
        "free space, or make the state directory writable for this user; no order is sent until then"
        "디스크 공간을 확보하거나 이 사용자가 상태 디렉터리에 쓸 수 있게 하세요. 그때까지 주문을 보내지 않습니다"

    make_writable()
        "make the state directory writable for this user"
        "이 사용자가 상태 디렉터리에 쓸 수 있게 하세요"

    no_rule_dir(path: &Path)
        "the working directory {path} of a strategy's program can't be made"
        "전략 프로그램의 작업 디렉터리 {path}을(를) 만들 수 없습니다"

    rule_dir_is_none(path: &Path)
        "{path} is not a directory, and a strategy's program works there"
        "{path}은(는) 디렉터리가 아닙니다. 전략 프로그램의 작업 디렉터리가 있어야 할 자리입니다"

    move_it_away()
        "move it away; the program makes its own directory there"
        "다른 곳으로 옮기세요. 필요한 디렉터리는 kis-trade가 만듭니다"

    of_newer_version(stated: u64, known: u64)
        "it is of version {stated}, and this program knows {known}"
        "파일의 버전은 {stated}인데 이 프로그램은 {known}까지만 읽습니다"

    use_its_program()
        "use the program that wrote it, or a newer one"
        "이 파일을 쓴 버전이나 더 새로운 버전의 kis-trade를 사용하세요"

    no_version()
        "it has no version"
        "파일에 버전이 없습니다"

    look_and_restore()
        "look at it, restore it from a backup or remove it, and run again"
        "파일을 확인해 백업으로 되돌리거나 지운 뒤 다시 실행하세요"

    look_and_remove()
        "look at it, and remove it if it is not yours"
        "무엇인지 확인하고, 직접 두신 것이 아니면 지우세요"

    is_directory(what: Subject<'_>)
        "{what} is a directory"
        "{what}은(는) 디렉터리입니다"

    is_symlink(what: Subject<'_>)
        "{what} is a symlink"
        "{what}은(는) 심볼릭 링크입니다"

    is_fifo(what: Subject<'_>)
        "{what} is a FIFO"
        "{what}은(는) FIFO입니다"

    is_device(what: Subject<'_>)
        "{what} is a socket or device"
        "{what}은(는) 소켓이나 장치입니다"

    is_foreign(what: Subject<'_>)
        "{what} belongs to another user"
        "{what}은(는) 다른 사용자의 것입니다"

    is_too_large(what: Subject<'_>)
        "{what} is too large"
        "{what}은(는) 너무 큽니다"

    is_not_plain(what: Subject<'_>)
        "{what} is not a plain file"
        "{what}은(는) 일반 파일이 아닙니다"

    tightened(path: &Path)
        "{path} was open to other users of this machine; its mode is 0600 now"
        "{path}에 이 컴퓨터의 다른 사용자가 접근할 수 있었습니다. 권한을 0600으로 바꿨습니다"

    torn(path: &Path)
        "{path} was torn, as a power cut may leave it: it counted as missing"
        "{path}이(가) 정전 때처럼 잘려 있어 없는 파일로 보았습니다"

    json_ends_early(parser: &str, line: usize, column: usize)
        "{parser}"
        "{line}행 {column}열에서 내용이 끊겼습니다"

    json_is_wrong(parser: &str, line: usize, column: usize)
        "{parser}"
        "{line}행 {column}열이 JSON 형식에 맞지 않습니다"

    json_lacks(parser: &str, field: &str)
        "{parser}"
        "`{field}` 항목이 없습니다"

    json_repeats(parser: &str, field: &str)
        "{parser}"
        "`{field}` 항목이 두 번 나옵니다"

    json_is_not_ours(line: usize, column: usize)
        "line {line} column {column} is not what the program writes"
        "{line}행 {column}열은 kis-trade가 쓴 내용이 아닙니다"

    belongs_to(path: &Path, owner: &str)
        "{path} belongs to another user, {owner}"
        "{path}은(는) 다른 사용자({owner})의 것입니다"

    run_by(user: &str)
        "this run is {user}'s"
        "이 실행의 사용자는 {user}입니다"

    run_as_owner(owner: &str, command: &str)
        "run kis-trade as {owner}, or give the files to root: {command}"
        "kis-trade를 {owner} 사용자로 실행하거나 파일의 소유자를 root로 바꾸세요: {command}"

    take_over(command: &str)
        "give the files to this user, which loses nothing: {command}"
        "파일의 소유자를 이 사용자로 바꾸세요. 내용은 그대로 남습니다: {command}"

    replaced(path: &Path)
        "{path} was removed or replaced during this run"
        "실행 중에 {path}이(가) 지워지거나 바뀌었습니다"

    other_run_may_trade()
        "another run may be trading by the file that is there now"
        "지금 그 자리에 있는 파일로 다른 실행이 매매하고 있을 수 있습니다"

    leave_files_alone()
        "leave the state directory's files alone while a run may be under way; the next run looks afresh"
        "실행 중일 수 있을 때는 상태 디렉터리의 파일을 건드리지 마세요. 다음 실행이 처음부터 다시 확인합니다"

    halt_exists(path: &Path)
        "{path} exists"
        "{path} 파일이 있습니다"

    lock_held(path: &Path)
        "{path} is held by another process"
        "다른 프로세스가 {path} 파일을 잠그고 있습니다"

    lock_held_by(path: &Path, pid: u32, command: &str, since: &str)
        "{path} is held by pid {pid} ({command}) since {since}"
        "{since}부터 pid {pid}({command}) 실행이 {path} 파일을 잠그고 있습니다"

    wait_for_other_run()
        "wait for the other run to end; the next run tries again by itself"
        "다른 실행이 끝날 때까지 기다리세요. 다음 실행이 알아서 다시 시도합니다"

    look_before_changing()
        "look at what it is and who made it; stop all runs before you change anything: a lock that goes while a run holds it lets two runs trade"
        "무엇이고 누가 만들었는지 확인하세요. 바꾸기 전에 모든 실행을 멈추세요. 실행 중에 잠금 파일이 사라지면 두 실행이 동시에 매매할 수 있습니다"

    not_lockable(path: &Path, error: &io::Error)
        "{path} can't be locked: {error}"
        "{path} 파일을 잠글 수 없습니다: {error}"

    other_than_file()
        "there is something else than a plain file"
        "그 자리에 일반 파일이 아닌 것이 있습니다"

    other_than_page()
        "there is a file that is no page of kis-trade, and it stays"
        "그 자리에 kis-trade의 페이지가 아닌 파일이 있어 그대로 두었습니다"

    not_as_written()
        "the file does not hold what was written"
        "저장한 내용과 파일의 내용이 다릅니다"
}

#[cfg(test)]
crate::language::samples! {
    Subject<'static> => Subject::It,
}
