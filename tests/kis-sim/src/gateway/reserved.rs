//! Reserved orders: 해외주식 예약주문접수, `POST …/trading/order-resv` (TTTT3014U buy, TTTT3016U sell; VTTT…), 예약주문접수취소, `POST
//! …/order-resv-ccnl` (TTTT3017U, VTTT3017U), and 예약주문조회, `GET …/order-resv-list` (TTTT3039R, real only).
//!
//! Taken from 10:00 in Korea until ten minutes before New York opens, but for a quarter of an hour at 16:30. Neither cash nor shares
//! are looked at before they are sent, with the opening: then they may fail.

use crate::account_id::AccountId;
use crate::agenda::Happening;
use crate::calendar;
use crate::exchange::Exchange;
use crate::gateway::aim;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::order::{OWN_MEDIUM, check_affordable, check_price, read_price, read_quantity};
use crate::gateway::paging;
use crate::mode::Mode;
use crate::orders::{OrderType, Side, order_number_text};
use crate::reservations::{Fate, Reservation};
use crate::ticket::Ticket;
use crate::wire::answer::{Answer, Completeness};
use crate::wire::format::{date, fixed, korean_time, padded_context};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};

const PAGE_ROWS: usize = 50;
/// How long before the opening the last one is taken.
const BEFORE_OPEN: TimeDelta = TimeDelta::minutes(10);

/// 예약주문접수.
///
/// # Errors
/// Missing fields, an hour at which none are taken, or a price that does not pass.
pub fn submit(world: &mut World, call: &Call) -> Outcome {
    let (symbol, exchange) =
        (call.body("PDNO", "상품번호를")?.to_owned(), call.body("OVRS_EXCG_CD", "해외거래소코드를")?);
    call.check_body_account()?;
    let exchange = Exchange::from_trading_code(exchange).ok_or_else(|| Answer::refusal("APBK0656"))?;
    let (quantity, price) = (read_quantity(call, "FT_ORD_QTY")?, read_price(call, "FT_ORD_UNPR3")?);
    let side = aim::side_of(call.tr_id).unwrap_or(Side::Sell);
    let code = call.optional_body("ORD_DVSN").filter(|code| !code.is_empty()).unwrap_or("00");
    let order_type = OrderType::from_code(code, side).filter(|order_type| is_reservable(*order_type, call.mode()));
    let order_type = order_type.ok_or_else(|| Answer::bad_body_field("주문구분을"))?;
    let opens_at = check_hours(call)?;
    if world.market.exchange(&symbol) != Some(exchange) {
        return Err(Answer::refusal("APBK0656"));
    }
    check_price(call.mode(), order_type, price)?;
    let received = calendar::in_korea(call.now).date_naive();
    let branch = world.quirks.own_branch.clone();
    let account = world.account_mut(call.account);
    let number = 1 + account.reservations.iter().filter(|earlier| earlier.received == received).count() as u64;
    let (medium, limit_price) = (OWN_MEDIUM.to_owned(), price);
    let ticket = Ticket {
        symbol,
        exchange,
        side,
        order_type,
        quantity,
        limit_price,
        medium,
        branch,
        number: None,
        is_day_market: false,
    };
    let (at, fate) = (call.now, Fate::Waiting);
    account.reservations.push(Reservation { number, received, at, sent_at: opens_at, ticket, fate });
    world.agenda.add(opens_at, Happening::SendReserved { account: call.account });
    let (code, message) = match call.mode() {
        Mode::Real => ("APBK0013", "예약주문이 접수되었습니다."),
        Mode::Paper => ("40600000", "모의투자 예약주문이 완료 되었습니다."),
    };
    let output: Fields = fields! { "ODNO" => order_number_text(number) };
    Ok(Answer::success(fields! { "output" => output }, code, message.to_owned()))
}

/// 예약주문접수취소.
///
/// # Errors
/// Missing fields, or no such reservation that waits.
pub fn cancel(world: &mut World, call: &Call) -> Outcome {
    call.check_body_account()?;
    let received = call.body("RSVN_ORD_RCIT_DT", "예약주문접수일자를")?;
    let number = call.body("OVRS_RSVN_ODNO", "해외예약주문번호를")?;
    let number: u64 = number.trim().parse().map_err(|_| Answer::bad_body_field("해외예약주문번호를"))?;
    let mut reservations = world.account_mut(call.account).reservations.iter_mut();
    let meant = reservations.find(|reserved| {
        reserved.number == number && date(reserved.received) == received && reserved.fate == Fate::Waiting
    });
    let meant = meant.ok_or_else(|| Answer::refusal("APBK0656"))?;
    meant.fate = Fate::Cancelled;
    let output: Fields = fields! { "OVRS_RSVN_ODNO" => order_number_text(number) };
    Ok(Answer::success(fields! { "output" => output }, "APBK1711", "예약주문이 취소되었습니다.".to_owned()))
}

/// 예약주문조회: what was taken on a range of Korean dates.
///
/// # Errors
/// A missing query field, a foreign account, or a date that is none.
pub fn list(world: &World, call: &Call) -> Outcome {
    call.check_query_account()?;
    let (from, to) = (call.query_date("INQR_STRT_DT")?, call.query_date("INQR_END_DT")?);
    let (exchange, kind) = (call.query("OVRS_EXCG_CD")?, call.query("PRDT_TYPE_CD")?);
    call.query("INQR_DVSN_CD")?;
    let is_asked = |reserved: &&Reservation| {
        (from..=to).contains(&reserved.received)
            && ["", "NASD", reserved.ticket.exchange.trading_code()].contains(&exchange)
            && ["", reserved.ticket.exchange.product_type()].contains(&kind)
    };
    let reservations: Vec<&Reservation> = world.account(call.account).reservations.iter().filter(is_asked).collect();
    let key = |reserved: &&Reservation| format!("{}{}", date(reserved.received), order_number_text(reserved.number));
    let (number, product) = call.account.parts();
    let context = format!("{number}^{product}^{}^{}^", date(from), date(to));
    let page_rows = world.quirks.page_rows.map_or(PAGE_ROWS, usize::from);
    let page = paging::page_of(call, reservations, page_rows, &context, key)?;
    let rows: Vec<Node> = page.rows.iter().map(|reserved| Node::from(row(world, call.mode(), reserved))).collect();
    let outputs = fields! {
        "ctx_area_fk200" => padded_context(&context), "ctx_area_nk200" => page.next_key, "output" => rows,
    };
    let completeness =
        if page.completeness == Completeness::LastPage { Completeness::Complete } else { page.completeness };
    Ok(Answer::ledger(call.mode(), completeness, outputs).continued(page.continuation))
}

/// Sends what waits for this opening; what KIS would refuse is refused now.
pub fn send(world: &mut World, account: AccountId, at: DateTime<Utc>) {
    let is_due = |reserved: &Reservation| reserved.fate == Fate::Waiting && reserved.sent_at <= at;
    while let Some(place) = world.account(account).reservations.iter().position(is_due) {
        let ticket = world.account(account).reservations[place].ticket.clone();
        let fate = match check_affordable(world, account, &ticket, at) {
            Ok(()) => {
                let number = world.book(account, ticket, at).number;
                world.note_newest(account, at);
                Fate::Sent(number)
            }
            Err(refusal) => Fate::Refused(refusal.code),
        };
        world.account_mut(account).reservations[place].fate = fate;
    }
}

/// Limit orders; on real TWAP, VWAP and the sells of the opening auction, too.
fn is_reservable(order_type: OrderType, mode: Mode) -> bool {
    let is_real = order_type.is_sliced() || order_type == OrderType::MarketOnOpen;
    order_type == OrderType::Limit || (mode == Mode::Real && is_real)
}

/// The opening that a reservation of now waits for.
fn check_hours(call: &Call) -> Result<DateTime<Utc>, Answer> {
    let closed = || Answer::refusal(if call.mode() == Mode::Real { "APBK0918" } else { "40100000" });
    let korean = calendar::in_korea(call.now).time();
    let is_pause = korean.hour() == 16 && (30..45).contains(&korean.minute());
    let is_morning = NaiveTime::from_hms_opt(10, 0, 0).is_some_and(|ten| korean >= ten);
    let opens_at = calendar::session_ending_after(call.now, |session| session.open).map(|session| session.open);
    let opens_at = opens_at.ok_or_else(closed)?;
    if is_pause || !is_morning || opens_at - call.now < BEFORE_OPEN { Err(closed()) } else { Ok(opens_at) }
}

fn row(world: &World, mode: Mode, reserved: &Reservation) -> Fields {
    let (status, status_name) = match &reserved.fate {
        Fate::Waiting => ("01", "접수"),
        Fate::Cancelled => ("02", "취소"),
        Fate::Sent(_) => ("03", "전송"),
        Fate::Refused(_) => ("04", "거부"),
    };
    let (number, forwarded) = match reserved.fate {
        Fate::Sent(number) => (order_number_text(number), korean_time(reserved.sent_at)),
        _ => (String::new(), String::new()),
    };
    let ordered = if number.is_empty() { String::new() } else { date(calendar::new_york_date(reserved.sent_at)) };
    let reason = if let Fate::Refused(code) = &reserved.fate { crate::wire::codes::text_of(code) } else { "" };
    let side = if reserved.ticket.side == Side::Buy { "매수" } else { "매도" };
    fields! {
        "cncl_yn" => if reserved.fate == Fate::Cancelled { "Y" } else { "N" }, "rsvn_ord_rcit_dt" => date(reserved.received),
        "ovrs_rsvn_odno" => order_number_text(reserved.number), "ord_dt" => ordered, "ord_gno_brno" => mode.branch(), "odno" => number,
        "sll_buy_dvsn_cd" => reserved.ticket.side.code(), "sll_buy_dvsn_cd_name" => side, "ovrs_rsvn_ord_stat_cd" => status,
        "ovrs_rsvn_ord_stat_cd_name" => status_name, "pdno" => reserved.ticket.symbol.as_str(), "prdt_type_cd" => reserved.ticket.exchange.product_type(),
        "prdt_name" => world.market.name(&reserved.ticket.symbol), "ord_rcit_tmd" => korean_time(reserved.at), "ord_fwdg_tmd" => forwarded,
        "tr_dvsn_name" => "일반", "ovrs_excg_cd" => reserved.ticket.exchange.trading_code(), "tr_mket_name" => reserved.ticket.exchange.korean_name(),
        "ord_stfno" => "", "ft_ord_qty" => reserved.ticket.quantity, "ft_ord_unpr3" => fixed(reserved.ticket.limit_price, 8), "ft_ccld_qty" => "0",
        "nprc_rson_text" => reason, "splt_buy_attr_name" => "",
    }
}
