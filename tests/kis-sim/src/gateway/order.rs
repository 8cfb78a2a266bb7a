//! 해외주식 주문, `POST …/trading/order`: buy TTTT1002U / VTTT1002U, sell TTTT1006U / VTTT1001U.
//!
//! Fields first, then the session, the symbol, the price, what the account can pay or deliver, and last
//! whether it would meet an own order.

use crate::account_id::AccountId;
use crate::bounds;
use crate::calendar::{self, Hours};
use crate::exchange::Exchange;
use crate::gateway::aim;
use crate::gateway::buying_power;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::self_trade::{self, Terms};
use crate::mode::Mode;
use crate::orders::{OrderType, Side, order_number_text};
use crate::path::tick_size;
use crate::ticket::Ticket;
use crate::wire::answer::Answer;
use crate::wire::codes;
use crate::wire::format::korean_time;
use crate::world::World;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// Who an order of this port comes from, as the real list prints it.
pub const OWN_MEDIUM: &str = "OpenAPI";

const MOST_QUANTITY_DIGITS: usize = 10;

/// The answer; an accepted order is not a filled one.
///
/// # Errors
/// Every way KIS refuses an order.
pub fn submit(world: &mut World, call: &Call) -> Outcome {
    let ticket = Ticket { branch: world.quirks.own_branch.clone(), ..read(call)? };
    check_session(call.mode(), world.hours(call.mode(), call.is_day_market()), call.now)?;
    check_auction(world, &ticket, call.now)?;
    check_symbol(world, call.mode(), &ticket)?;
    check_price(call.mode(), ticket.order_type, ticket.limit_price)?;
    let terms = Terms { symbol: &ticket.symbol, side: ticket.side, limit_price: ticket.limit_price };
    check_band(world, call.mode(), terms)?;
    check_affordable(world, call.account, &ticket, call.now)?;
    self_trade::check(world, call.account, terms)?;
    let side = ticket.side;
    let number = world.accept(call.account, ticket);
    let (code, message) = match (call.mode(), side) {
        (Mode::Real, _) => ("APBK0013", "주문 전송 완료 되었습니다."),
        (Mode::Paper, Side::Buy) => ("40600000", "모의투자 매수주문이 완료 되었습니다."),
        (Mode::Paper, Side::Sell) => ("40590000", "모의투자 매도주문이 완료 되었습니다."),
    };
    let branch = branch_of_answer(world, call.mode(), world.quirks.own_branch.as_deref());
    Ok(Answer::order(branch, code, message, &order_number_text(number), &korean_time(call.now)))
}

/// The branch that an answer names, given that of the order; by switch none.
pub fn branch_of_answer<'a>(world: &World, mode: Mode, branch: Option<&'a str>) -> Option<&'a str> {
    if world.quirks.answer_without_branch { None } else { Some(branch.unwrap_or(mode.branch())) }
}

/// A share count: digits, at least 1.
///
/// # Errors
/// HTTP 500 and a sentence.
pub fn read_quantity(call: &Call, field: &str) -> Result<u64, Answer> {
    let text = call.body(field, "주문수량을")?;
    let is_number = text.len() <= MOST_QUANTITY_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    let quantity = text.parse().ok().filter(|quantity| is_number && *quantity >= 1);
    quantity.ok_or_else(|| Answer::bad_body_field("주문수량을"))
}

/// A price: a plain decimal, not negative.
///
/// # Errors
/// HTTP 500 and a sentence.
pub fn read_price(call: &Call, field: &str) -> Result<Decimal, Answer> {
    let text = call.body(field, "주문단가를")?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse()
        .ok()
        .filter(|price| is_plain && bounds::holds(*price))
        .ok_or_else(|| Answer::bad_body_field("주문단가를"))
}

/// Whether the environment takes orders now. Paper says why not; real has one text for all of it.
///
/// # Errors
/// APBK0918, or paper's three codes.
pub fn check_session(mode: Mode, hours: Hours, now: DateTime<Utc>) -> Result<(), Answer> {
    let today = calendar::session_on(hours.date(now)).map(|session| hours.on(&session));
    let code = match (mode, today) {
        (_, Some((start, end))) if (start..end).contains(&now) => return Ok(()),
        (Mode::Real, _) => "APBK0918",
        (Mode::Paper, None) => "40100000",
        (Mode::Paper, Some((start, _))) if now < start => "40570000",
        (Mode::Paper, Some(_)) => "40580000",
    };
    Err(Answer::refusal(code))
}

/// By switch, a limit too far from the last price is refused: a buy's by 97 % below or 30 % above it, a sell's by 20 % and 200 %.
///
/// # Errors
/// The band's refusal.
pub fn check_band(world: &World, mode: Mode, terms: Terms) -> Result<(), Answer> {
    let is_bound = world.quirks.price_band && !terms.limit_price.is_zero();
    let Some(last) = world.market.last(terms.symbol, world.clock.now()).filter(|last| is_bound && !last.is_zero())
    else {
        return Ok(());
    };
    let (lowest, highest) = match terms.side {
        Side::Buy => (3, 130),
        Side::Sell => (80, 300),
    };
    let percent = terms.limit_price * Decimal::ONE_HUNDRED / last;
    let code = if mode == Mode::Paper { codes::PAPER_BAND } else { codes::REAL_BAND };
    if (Decimal::from(lowest)..=Decimal::from(highest)).contains(&percent) {
        Ok(())
    } else {
        Err(Answer::refusal(code))
    }
}

/// A price above zero and on the tick, which market types do without. `103.1200` is on the tick: what counts is the
/// value.
///
/// # Errors
/// For zero APBK1507, or EGW00202 when the limit is for an auction; else the tick refusal.
pub fn check_price(mode: Mode, order_type: OrderType, price: Decimal) -> Result<(), Answer> {
    let tick_code = if mode == Mode::Paper { codes::PAPER_TICK } else { codes::REAL_TICK };
    match order_type {
        _ if order_type.is_market() => Ok(()),
        OrderType::Limit | OrderType::TimeWeighted | OrderType::VolumeWeighted if price.is_zero() => {
            Err(Answer::refusal("APBK1507"))
        }
        _ if price.is_zero() => Err(Answer::refusal(codes::GATEWAY_FIELD)),
        _ if !(price % tick_size(price)).is_zero() => Err(Answer::refusal(tick_code)),
        _ => Ok(()),
    }
}

fn read(call: &Call) -> Result<Ticket, Answer> {
    let side = aim::side_of(call.tr_id).unwrap_or(Side::Sell);
    call.check_body_account()?;
    let exchange_code = call.body("OVRS_EXCG_CD", "해외거래소코드를")?;
    let symbol = call.body("PDNO", "상품번호를")?.to_owned();
    let (quantity, limit_price) = (read_quantity(call, "ORD_QTY")?, read_price(call, "OVRS_ORD_UNPR")?);
    if call.body("ORD_SVR_DVSN_CD", "주문서버구분코드를")? != "0" {
        return Err(Answer::bad_body_field("주문서버구분코드를"));
    }
    let sell_type = call.optional_body("SLL_TYPE").unwrap_or_default();
    if side == Side::Sell && !["", "00"].contains(&sell_type) {
        return Err(Answer::bad_body_field("판매유형을"));
    }
    let order_type = read_order_type(call, side)?;
    if order_type.is_market() && !limit_price.is_zero() {
        return Err(Answer::bad_body_field("주문단가를"));
    }
    let exchange = Exchange::from_trading_code(exchange_code).ok_or_else(|| Answer::refusal("APBK0656"))?;
    let (medium, branch, number, is_day_market) = (OWN_MEDIUM.to_owned(), None, None, call.is_day_market());
    Ok(Ticket { symbol, exchange, side, order_type, quantity, limit_price, medium, branch, number, is_day_market })
}

/// Paper and the day market have limit orders only.
fn read_order_type(call: &Call, side: Side) -> Result<OrderType, Answer> {
    let code = call.optional_body("ORD_DVSN").unwrap_or_default().trim();
    match OrderType::from_code(code, side) {
        _ if code.is_empty() => Err(Answer::refusal(codes::NO_ORDER_TYPE)),
        Some(OrderType::Limit) => Ok(OrderType::Limit),
        _ if call.mode() == Mode::Paper => Err(Answer::refusal("90000000")),
        Some(order_type) if !call.is_day_market() => Ok(order_type),
        _ => Err(Answer::refusal(codes::WRONG_ORDER_TYPE)),
    }
}

/// The opening auction takes orders until it is over, the closing one until its cut-off.
fn check_auction(world: &World, ticket: &Ticket, now: DateTime<Utc>) -> Result<(), Answer> {
    let today = calendar::new_york_date(now);
    let is_opened = calendar::session_on(today).is_some_and(|session| session.open <= now);
    match ticket.order_type {
        OrderType::LimitOnOpen | OrderType::MarketOnOpen if is_opened => Err(Answer::refusal("APBK0918")),
        order_type if order_type.is_on_close() && world.is_close_final(today, now) => {
            Err(Answer::refusal(codes::TOO_LATE_FOR_THE_CLOSE))
        }
        _ => Ok(()),
    }
}

fn check_symbol(world: &World, mode: Mode, ticket: &Ticket) -> Result<(), Answer> {
    if world.market.exchange(&ticket.symbol) != Some(ticket.exchange) {
        return Err(Answer::refusal("APBK0656"));
    }
    if world.market.is_halted(&ticket.symbol) {
        return Err(Answer::refusal(if mode == Mode::Paper { codes::PAPER_HALTED } else { codes::REAL_HALTED }));
    }
    Ok(())
}

/// A buy needs what the buying-power query calls usable, a sell shares that no other sell holds.
///
/// # Errors
/// Too little cash, or too few shares.
pub fn check_affordable(world: &World, account: AccountId, ticket: &Ticket, now: DateTime<Utc>) -> Result<(), Answer> {
    let (too_little_cash, too_few_shares) = match account.mode {
        Mode::Paper => ("40250000", "40240000"),
        Mode::Real => ("APBK0952", "APBK0400"),
    };
    match ticket.side {
        Side::Sell if ticket.quantity > world.account(account).sellable(&ticket.symbol) => {
            Err(Answer::refusal(too_few_shares))
        }
        Side::Sell => Ok(()),
        Side::Buy => {
            let amount = ticket.limit_price.checked_mul(Decimal::from(ticket.quantity));
            let usable = buying_power::of_account(world, account, now).usable;
            let is_covered = amount.is_some_and(|amount| amount <= usable);
            if is_covered { Ok(()) } else { Err(Answer::refusal(too_little_cash)) }
        }
    }
}
