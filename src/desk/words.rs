//! What the frame of a run says, in both languages: of pacing, the token's files, and how runs are written down.

use std::io;
use std::path::Path;

use crate::language::{Sentence, sentences};

sentences! {
    rule_not_limited(error: &io::Error)
        "its limits can't be set: {error}"
        "프로그램의 자원 한도를 정할 수 없습니다: {error}"

    rule_not_talked_to(error: &io::Error)
        "its pipes can't be read: {error}"
        "프로그램의 파이프를 읽을 수 없습니다: {error}"

    rule_timed_out(seconds: u64)
        "it gave no answer within {seconds} s and was killed with all that it started"
        "{seconds}초 안에 답하지 않아, 시작한 다른 프로세스와 함께 강제로 종료했습니다"

    not_connected()
        "the run asked KIS before it was connected"
        "KIS에 연결하기 전에 요청하려 했습니다"

    report_bug()
        "nothing was sent; please report this with the log's lines (`-v`)"
        "아무것도 보내지 않았습니다. 로그(`-v`)와 함께 알려 주세요"

    waited_too_long()
        "the run waited too long for its rate slots"
        "요청 차례를 너무 오래 기다렸습니다"

    waited_in_all(seconds: u64)
        "{seconds} s of waiting in all"
        "모두 {seconds}초를 기다렸습니다"

    ask_less()
        "lengthen the intervals in the crontab, or shorten [buy] watch"
        "crontab의 실행 간격을 늘리거나 [buy] watch의 종목을 줄이세요"

    rate_is_no_file(path: &Path)
        "{path} is no plain file"
        "{path}은(는) 일반 파일이 아닙니다"

    rate_is_special()
        "`rate` is not a regular file"
        "`rate` 자리에 다른 것이 있습니다"

    remove_rate()
        "look at it, and remove it if it is not yours; the program makes its own"
        "무엇인지 확인하고, 직접 두신 것이 아니면 지우세요. 필요한 파일은 kis-trade가 만듭니다"

    rate_locked(path: &Path)
        "{path} is locked"
        "{path}이(가) 잠겨 있습니다"

    rate_kept_locked()
        "another process keeps it locked"
        "다른 프로세스가 계속 잠그고 있습니다"

    find_its_holder()
        "find the process that keeps it locked (`fuser FILE` names it) and end it; no run of kis-trade holds it for long"
        "잠그고 있는 프로세스를 찾아(`fuser FILE`) 끝내세요. kis-trade는 이 파일을 오래 잠그지 않습니다"

    no_slot()
        "no rate slot came in time"
        "요청 차례가 제때 오지 않았습니다"

    no_slot_in_five_minutes()
        "no rate slot within five minutes"
        "5분 안에 차례가 오지 않았습니다"

    pacing_is_busy()
        "another run keeps the pacing busy; the next run tries again"
        "다른 실행의 요청이 많습니다. 다음 실행이 다시 시도합니다"

    rate_is_newer()
        "`rate` was written by a newer version"
        "`rate`는 더 새로운 버전의 kis-trade가 썼습니다"

    use_its_program()
        "use the program that wrote it, or remove the file: it only spaces requests"
        "그 버전을 사용하거나 파일을 지우세요. 요청 간격을 맞추는 파일일 뿐입니다"

    no_request_without_pacing()
        "free space, or make the state directory writable for this user; no request is sent without the shared pacing"
        "디스크 공간을 확보하거나 이 사용자가 상태 디렉터리에 쓸 수 있게 하세요. 함께 쓰는 요청 간격을 지킬 수 없으면 요청을 보내지 않습니다"

    page_not_written(path: &Path)
        "the page {path} could not be written"
        "페이지 {path}을(를) 저장하지 못했습니다"

    name_other_page()
        "name a file in a folder that you may write to; everything else was done"
        "쓸 수 있는 폴더의 파일을 지정하세요. 나머지 일은 모두 마쳤습니다"

    end_not_kept(failure: &Sentence)
        "how this run ended is not written down: {failure}"
        "이 실행의 결과를 기록하지 않았습니다: {failure}"

    end_not_written()
        "how this run ended could not be written down"
        "이 실행의 결과를 기록하지 못했습니다"

    free_space_for_last_run()
        "free space, or make the state directory writable for this user: a duplicate start is recognized by this file"
        "디스크 공간을 확보하거나 이 사용자가 상태 디렉터리에 쓸 수 있게 하세요. 중복 실행을 이 파일로 알아냅니다"

    token_read_without_lock(busy: &Sentence)
        "the token was read without its lock: {busy}"
        "잠금 없이 접근토큰을 읽었습니다: {busy}"

    attempt_damaged(failure: &Sentence)
        "{failure}; no token is asked for until you look at it, restore it from a backup or remove it, and run again"
        "{failure}. 파일을 확인해 백업으로 되돌리거나 지운 뒤 다시 실행할 때까지 접근토큰을 요청하지 않습니다"

    token_unusable(why: &Sentence)
        "api_token.json can't be used: {why}"
        "api_token.json을 쓸 수 없습니다: {why}"

    token_kept(why: &Sentence, name: &str)
        "api_token.json can't be used: {why}; it is kept as {name}"
        "api_token.json을 사용할 수 없어 {name}(으)로 옮겨 두었습니다: {why}"

    token_stuck(why: &Sentence, error: &io::Error)
        "api_token.json can't be used: {why}; it can't be set aside either: {error}"
        "api_token.json을 쓸 수 없는데({why}) 다른 이름으로 옮기지도 못했습니다: {error}"
}
