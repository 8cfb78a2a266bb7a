//! 해외주식 정정취소주문, `POST …/trading/order-rvsecncl`, TTTT1004U / VTTT1004U.
//!
//! A cancel takes the whole remainder whatever `ORD_QTY` says, unless a switch makes it honour a smaller one; `0` is the remainder.
//! A modify replaces the order by one of `ORD_QTY` shares, at most the remainder, under a new number; the old
//! number is dead afterwards. Orders for the close are final from the cut-off on. `MGCO_APTM_ODNO` and `ORD_SVR_DVSN_CD` may be missing.

use crate::gateway::buying_power;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::order::{
    OWN_MEDIUM, branch_of_answer, check_band, check_price, check_session, read_price, read_quantity,
};
use crate::gateway::self_trade::{self, Terms};
use crate::mode::Mode;
use crate::orders::{Order, Side, order_number_text};
use crate::wire::answer::Answer;
use crate::wire::codes;
use crate::wire::format::korean_time;
use crate::world::World;
use rust_decimal::Decimal;

/// The answer, with the number of the request itself.
///
/// # Errors
/// Missing fields, a closed market, nothing left, or a new price or amount that does not pass.
pub fn submit(world: &mut World, call: &Call) -> Outcome {
    call.check_body_account()?;
    let exchange = call.body("OVRS_EXCG_CD", "해외거래소코드를")?;
    let symbol = call.body("PDNO", "상품번호를")?;
    let original = call.body("ORGN_ODNO", "원주문번호를")?;
    let original: u64 = original.trim().parse().map_err(|_| Answer::bad_body_field("원주문번호를"))?;
    let division = call.body("RVSE_CNCL_DVSN_CD", "정정취소구분코드를")?;
    if !["01", "02"].contains(&division) {
        return Err(Answer::bad_body_field("정정취소구분코드를"));
    }
    // The remainder, as clients write it that have not read it.
    let is_whole = division == "02" && call.optional_body("ORD_QTY") == Some("0");
    let quantity = if is_whole { u64::MAX } else { read_quantity(call, "ORD_QTY")? };
    let price = read_price(call, "OVRS_ORD_UNPR")?;
    check_session(call.mode(), world.hours(call.mode(), call.is_day_market()), call.now)?;
    if world.market.exchange(symbol).is_some_and(|listed| listed.trading_code() != exchange) {
        return Err(Answer::refusal("APBK0656"));
    }
    let index = find_open(world, call, original, symbol).ok_or_else(|| nothing_left(call.mode()))?;
    let order = &world.account(call.account).orders[index];
    if order.order_type.is_on_close() && world.is_close_final(order.date, call.now) {
        return Err(nothing_left(call.mode()));
    }
    if division == "02" { cancel(world, call, index, quantity) } else { modify(world, call, index, quantity, price) }
}

fn cancel(world: &mut World, call: &Call, index: usize, quantity: u64) -> Outcome {
    let honours_quantity = world.quirks.partial_cancel;
    let account = world.account_mut(call.account);
    let remaining = account.orders[index].remaining_quantity();
    let quantity = if honours_quantity { quantity.min(remaining) } else { remaining };
    let number = account.cancel(index, call.now, quantity, OWN_MEDIUM);
    world.note_revision(call.account, index, call.now);
    Ok(accepted(world, call, index, number, "40630000", "모의투자 취소주문이 완료 되었습니다."))
}

fn modify(world: &mut World, call: &Call, index: usize, quantity: u64, price: Decimal) -> Outcome {
    let order = &world.account(call.account).orders[index];
    if quantity > order.remaining_quantity() || order.order_type.is_sliced() {
        return Err(nothing_left(call.mode()));
    }
    check_price(call.mode(), order.order_type, price)?;
    check_cash(world, call, order, quantity, price)?;
    let price = if order.order_type.is_market() { Decimal::ZERO } else { price };
    let terms = Terms { symbol: &order.symbol, side: order.side, limit_price: price };
    check_band(world, call.mode(), terms)?;
    self_trade::check(world, call.account, terms)?;
    let number = world.account_mut(call.account).modify(index, call.now, quantity, price, OWN_MEDIUM);
    world.note_revision(call.account, index, call.now);
    world.catch_up();
    Ok(accepted(world, call, index, number, "40620000", "모의투자 정정주문이 완료 되었습니다."))
}

/// The order's own reservation is free for its replacement.
fn check_cash(world: &World, call: &Call, order: &Order, quantity: u64, price: Decimal) -> Result<(), Answer> {
    if order.side == Side::Sell {
        return Ok(());
    }
    let own = order.limit_price * Decimal::from(order.remaining_quantity());
    let usable = buying_power::of_account(world, call.account, call.now).usable + own;
    let amount = price.checked_mul(Decimal::from(quantity));
    let code = if call.mode() == Mode::Paper { "40250000" } else { "APBK0952" };
    if amount.is_some_and(|amount| amount <= usable) { Ok(()) } else { Err(Answer::refusal(code)) }
}

fn accepted(world: &World, call: &Call, index: usize, number: u64, paper_code: &str, paper_message: &str) -> Answer {
    let (code, message) = match call.mode() {
        Mode::Paper => (paper_code, paper_message),
        Mode::Real => ("APBK0013", "주문 전송 완료 되었습니다."),
    };
    let branch = branch_of_answer(world, call.mode(), world.account(call.account).orders[index].branch.as_deref());
    Answer::order(branch, code, message, &order_number_text(number), &korean_time(call.now))
}

/// The order of this number, padded or bare, of which something is still to fill. A request names no branch: of
/// several such orders in the market that it is for, the one that came through this port is meant.
fn find_open(world: &World, call: &Call, number: u64, symbol: &str) -> Option<usize> {
    let orders = &world.account(call.account).orders;
    let is_meant = |order: &Order| {
        let is_there = order.symbol == symbol && order.is_day_market == call.is_day_market();
        order.number == number && is_there && order.remaining_quantity() > 0
    };
    let own = orders.iter().rposition(|order| is_meant(order) && order.medium == OWN_MEDIUM);
    own.or_else(|| orders.iter().rposition(is_meant))
}

fn nothing_left(mode: Mode) -> Answer {
    Answer::refusal(if mode == Mode::Paper { "40330000" } else { codes::REAL_NOTHING_LEFT })
}
