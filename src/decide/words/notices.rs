//! What people hear of cash, holdings and rows that can't be explained or read.

use crate::domain::{Symbol, Usd};
use crate::language::{Sentence, sentences};

sentences! {
    came_in(amount: Usd)
        "transfer: {amount} USD came in that no fill explains; the day's loss counts without it"
        "입금 감지: {amount} · 체결로 설명되지 않는 현금 변동이며, 일일 손실 계산에서 제외합니다"

    went_out(amount: Usd)
        "transfer: {amount} USD went out that no fill explains; the day's loss counts without it"
        "출금 감지: {amount} · 체결로 설명되지 않는 현금 변동이며, 일일 손실 계산에서 제외합니다"

    no_price(symbol: &Symbol, price: Usd)
        "price_unknown: {symbol} has no price; it counts as {price} USD a share in the total"
        "시세 없음: {symbol} · 총자산에 반영한 단가 {price}"

    shares_of(shares: u64, symbol: &Symbol)
        "{shares} {symbol}"
        "{symbol} {shares}주"

    balance_doubted(shares: &Sentence)
        "balance_empty: the balance shows nothing, but {shares} that kis-trade bought were not sold: nothing is sold or bought until it shows them again or a whole session has passed; check the app"
        "잔고 이상: 잔고가 비어 있지만 kis-trade가 산 {shares}을(를) 매도한 기록이 없습니다. 다시 보이거나 한 거래일이 지날 때까지 매매하지 않습니다. 앱에서 확인하세요"

    balance_believed(shares: &Sentence)
        "balance_empty: {shares} that kis-trade bought were sold or moved by hand; trading goes on"
        "잔고 확인: kis-trade가 산 {shares}을(를) 직접 팔거나 옮긴 것으로 보고 매매를 계속합니다"

    a_row()
        "a row"
        "종목코드 없음"

    holding_set_aside(row: &Sentence, why: &Sentence, worth: Usd)
        "row_set_aside: {row} in the balance can't be read ({why}); it counts as {worth} USD in the total, and nothing is ordered of it until it can"
        "잔고 행 제외: {row} · {why} · 총자산에 반영한 금액 {worth} · 읽을 수 있을 때까지 주문하지 않습니다"

    order_set_aside(row: &Sentence, why: &Sentence)
        "row_set_aside: {row} in the order list can't be read ({why}); nothing is concluded from it, and nothing is ordered of its symbol"
        "주문내역 행 제외: {row} · {why} · 이 행은 쓰지 않으며 이 종목은 주문하지 않습니다"

    order_read_by_quantities(row: &Sentence, why: &Sentence)
        "row_set_aside: {row} in the order list can't be read ({why}); its quantities decide"
        "주문내역 행 제외: {row} · {why} · 수량을 보고 판단합니다"

    // Follows one of the sentences above.
    keep_silences()
        "; [sell] keep silences this"
        ". [sell] keep에 적으면 알리지 않습니다"
}
