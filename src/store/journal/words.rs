//! What is said of the order journal, in both languages.

use std::path::Path;

use crate::language::{Sentence, sentences};

sentences! {
    unreadable(path: &Path)
        "the order journal {path} can't be read"
        "주문 일지 {path}을(를) 읽을 수 없습니다"

    not_believed(offset: u64, cause: &Sentence)
        "the line at byte {offset} can't be believed: {cause}"
        "{offset}바이트 위치의 줄을 믿을 수 없습니다: {cause}"

    compare_with_kis()
        "nothing was traded and the file was left as it is; compare it with your orders at KIS, then restore it or move it away"
        "매매하지 않았고 파일은 그대로 두었습니다. KIS의 주문내역과 비교한 뒤 백업으로 되돌리거나 다른 곳으로 옮기세요"

    make_readable()
        "nothing was traded; make the file readable and writable for this user: `chmod 600 FILE`"
        "매매하지 않았습니다. 이 사용자가 파일을 읽고 쓸 수 있게 하세요: `chmod 600 FILE`"

    no_more_orders()
        "free space, or make the state directory writable for this user; no further order was sent"
        "디스크 공간을 확보하거나 이 사용자가 상태 디렉터리에 쓸 수 있게 하세요. 더 이상 주문을 보내지 않았습니다"

    contradicted()
        "a journal line would contradict the journal"
        "새 줄이 주문 일지와 모순됩니다"

    not_written()
        "the order journal could not be written"
        "주문 일지를 쓰지 못했습니다"

    failed_before()
        "an earlier write of this run failed"
        "이번 실행에서 앞선 쓰기가 실패했습니다"

    not_json()
        "a journal line can't be written as JSON"
        "주문 일지의 줄을 JSON으로 쓸 수 없습니다"

    no_opening_line()
        "its opening line is missing"
        "첫 줄이 없습니다"

    checksum_wrong()
        "its checksum does not fit"
        "체크섬이 맞지 않습니다"

    opens_without_snapshot()
        "a month opens with a snapshot: lines are missing or mixed"
        "한 달의 첫 줄이 스냅숏이 아닙니다. 줄이 빠졌거나 섞였습니다"

    out_of_chain()
        "it does not follow the line before it: a line was removed or edited"
        "앞줄과 이어지지 않습니다. 줄이 지워졌거나 고쳐졌습니다"

    last_number()
        "no number can follow its number"
        "그 번호 다음에 올 번호가 없습니다"

    of_another_version(stated: u32, known: u32)
        "it has version {stated}, this program reads version {known}"
        "버전이 {stated}인데 이 프로그램은 버전 {known}을(를) 읽습니다"

    larger_than(mebibytes: u64)
        "it is larger than {mebibytes} MiB"
        "{mebibytes}MiB보다 큽니다"

    gone()
        "it is gone"
        "파일이 없어졌습니다"

    torn(bytes: usize, name: &str)
        "the journal's last line was torn by a crash; its {bytes} bytes are kept in {name}"
        "비정상 종료로 주문 일지의 마지막 줄이 잘렸습니다. 잘린 {bytes}바이트는 {name}에 남겨 두었습니다"

    has_changed()
        "the journal has changed since it was read"
        "읽은 뒤에 주문 일지가 바뀌었습니다"
}
