//! What `status` says of the state directory.

use crate::language::{Sentence, sentences};

sentences! {
    halts_nothing(name: &str)
        "{name} in the state directory halts nothing: the name is `HALT`"
        "상태 디렉터리의 {name}은(는) 거래를 멈추지 않습니다. 파일 이름은 `HALT`여야 합니다"

    no_months(why: &Sentence)
        "{why}; the page shows the profit of the latest orders alone"
        "{why}. 페이지에는 최근 주문의 손익만 나옵니다"

    lost_month(why: &Sentence)
        "{why}; fills that only this file holds are missing from the profit"
        "{why}. 이 파일에만 있는 체결은 손익에서 빠집니다"
}
