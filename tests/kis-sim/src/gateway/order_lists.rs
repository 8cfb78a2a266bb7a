//! The two order lists.
//!
//! 해외주식 주문체결내역, `GET …/trading/inquire-ccnl`, TTTS3035R / VTTS3035R: every order of a range of New York
//! dates, a row each, cancels with rows of their own. Paper ignores its filters, prints bare numbers and no
//! status words. 해외주식 미체결내역, `GET …/trading/inquire-nccs`, TTTS3018R: what is open; paper has it not.

use crate::gateway::call::{Call, Outcome};
use crate::gateway::loc_rows;
use crate::gateway::odd_rows;
use crate::gateway::order_rows::{blank_row, list_row, open_row};
use crate::gateway::paging;
use crate::mode::Mode;
use crate::orders::{Lags, Order, order_number_text};
use crate::quirks::{EmptyList, ListOrder, PaperNccs};
use crate::wire::answer::{Answer, Completeness};
use crate::wire::format::{date, padded_context};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use chrono::TimeDelta;
use std::borrow::Cow;

const OPEN_PAGE_ROWS: usize = 40;
const REAL_PAGE_ROWS: usize = 20;
const PAPER_PAGE_ROWS: usize = 15;

/// Which orders a call asks for.
struct Filter<'a> {
    symbol: &'a str,
    side: &'a str,
    filled: &'a str,
    exchange: &'a str,
}

/// A row to come: an order and whether it is its second row, or what odd rows made of one, with its paging key.
enum Row<'a> {
    Order(Box<Cow<'a, Order>>, bool),
    Odd(String, Fields),
}

/// How an order is printed in a list.
type Print = fn(&World, Mode, &Order) -> Fields;

/// 주문체결내역.
///
/// # Errors
/// A missing query field, a foreign account, or a date that is none.
pub fn all_orders(world: &World, call: &Call) -> Outcome {
    call.check_query_account()?;
    let (from, to) = (call.query_date("ORD_STRT_DT")?, call.query_date("ORD_END_DT")?);
    let filter = Filter {
        symbol: call.query("PDNO")?,
        side: call.query("SLL_BUY_DVSN")?,
        filled: call.query("CCLD_NCCS_DVSN")?,
        exchange: call.query("OVRS_EXCG_CD")?,
    };
    let sort = call.query("SORT_SQN")?;
    for name in ["ORD_DT", "ORD_GNO_BRNO", "ODNO"] {
        call.query(name)?;
    }
    let mut orders = visible_orders(world, call);
    orders.retain(|order| (from..=to).contains(&order.date) && (call.mode() == Mode::Paper || filter.accepts(order)));
    let is_reversed = call.mode() == Mode::Real && sort == "AS";
    if is_reversed != (world.quirks.ccnl_order == ListOrder::NewestFirst) {
        orders.reverse();
    }
    let orders = orders.into_iter().flat_map(|order| loc_rows::rows_of(order, world.quirks.loc_rows)).collect();
    let (number, product) = call.account.parts();
    let context =
        [number.as_str(), product, filter.symbol, &date(from), &date(to), filter.side, filter.filled, filter.exchange]
            .join("^")
            + "^^";
    let usual_rows = if call.mode() == Mode::Paper { PAPER_PAGE_ROWS } else { REAL_PAGE_ROWS };
    let (from, to) = (date(from), date(to));
    let is_asked = |row: &Fields| (from.as_str()..=to.as_str()).contains(&odd_rows::text(row, "ord_dt"));
    let rows = rows(world, call, "ccnl", list_row, orders, is_asked);
    let page = paging::page_of(call, rows, page_rows(world, usual_rows), &context, Row::key)?;
    let rows: Vec<Node> = page.rows.into_iter().map(|row| row.print(world, call.mode(), list_row).into()).collect();
    let output = if rows.is_empty() && world.quirks.empty_ccnl == EmptyList::Object {
        Node::from(blank_row())
    } else {
        rows.into()
    };
    let outputs =
        fields! { "ctx_area_nk200" => page.next_key, "ctx_area_fk200" => padded_context(&context), "output" => output };
    Ok(Answer::ledger(call.mode(), page.completeness, outputs).continued(page.continuation))
}

/// 미체결내역.
///
/// # Errors
/// A missing query field, a foreign account, an exchange that is none, or paper.
pub fn open_orders(world: &World, call: &Call) -> Outcome {
    call.check_query_account()?;
    let (exchange, sort) = (call.query("OVRS_EXCG_CD")?, call.query("SORT_SQN")?);
    let (number, product) = call.account.parts();
    let context = format!("{number}^{product}^{exchange}^{sort}^");
    let mut orders = match (call.mode(), world.quirks.paper_nccs) {
        (Mode::Real, _) => visible_orders(world, call),
        (Mode::Paper, PaperNccs::Empty) => Vec::new(),
        (Mode::Paper, PaperNccs::Refused) => return Err(Answer::refusal("90000000")),
        (Mode::Paper, PaperNccs::ServerError) => return Err(Answer::refusal("EGW00002")),
    };
    orders.retain(|order| order.remaining_quantity() > 0 && exchange_matches(exchange, order));
    if sort != "DS" {
        orders.reverse();
    }
    let rows = rows(world, call, "nccs", open_row, orders, |_| true);
    let page = paging::page_of(call, rows, page_rows(world, OPEN_PAGE_ROWS), &context, Row::key)?;
    let rows: Vec<Node> = page.rows.into_iter().map(|row| row.print(world, call.mode(), open_row).into()).collect();
    let outputs: Fields =
        fields! { "ctx_area_fk200" => padded_context(&context), "ctx_area_nk200" => page.next_key, "output" => rows };
    let completeness =
        if page.completeness == Completeness::LastPage { Completeness::Complete } else { page.completeness };
    Ok(Answer::ledger(call.mode(), completeness, outputs).continued(page.continuation))
}

impl Filter<'_> {
    /// The real environment's filters; `%` and blank let everything pass.
    fn accepts(&self, order: &Order) -> bool {
        let is_any = |word: &str| word.is_empty() || word == "%" || word == "00";
        let has_fills = order.filled_quantity > 0;
        let by_symbol = is_any(self.symbol) || self.symbol == order.symbol;
        let by_side = is_any(self.side) || self.side == order.side.code();
        let by_fill = match self.filled {
            "01" => has_fills,
            "02" => order.remaining_quantity() > 0,
            _ => true,
        };
        by_symbol && by_side && by_fill && (is_any(self.exchange) || exchange_matches(self.exchange, order))
    }
}

/// `NASD` is all of the US, blank all there is.
fn exchange_matches(asked: &str, order: &Order) -> bool {
    ["", "NASD"].contains(&asked) || asked == order.exchange.trading_code()
}

/// Oldest first; a list that lags does not show the newest yet.
fn visible_orders<'a>(world: &'a World, call: &Call) -> Vec<Cow<'a, Order>> {
    let lag = TimeDelta::seconds(i64::from(world.quirks.list_lag_seconds));
    let orders = world.account(call.account).orders.iter();
    let visible = orders.filter(|order| order.at + lag <= call.now || lag.is_zero());
    let seconds = |lag: u32| TimeDelta::seconds(i64::from(lag));
    let lags = Lags { fill: seconds(world.quirks.fill_lag_seconds), close: seconds(world.quirks.close_lag_seconds) };
    let mut orders: Vec<Cow<Order>> = visible.map(|order| order.as_listed(call.now, lags)).collect();
    orders.sort_by_key(|order| (order.date, order.at));
    orders
}

/// The rows of a list: orders are printed when their page is known, unless an odd row may be among them.
fn rows<'a>(
    world: &World,
    call: &Call,
    list: &str,
    print: Print,
    orders: Vec<Cow<'a, Order>>,
    is_asked: impl Fn(&Fields) -> bool,
) -> Vec<Row<'a>> {
    let is_second = |index: usize| index > 0 && is_same(&orders[index - 1], &orders[index]);
    let seconds: Vec<bool> = (0..orders.len()).map(is_second).collect();
    let orders = orders.into_iter().zip(seconds);
    if !odd_rows::concerns(world, call, list) {
        return orders.map(|(order, is_second)| Row::Order(Box::new(order), is_second)).collect();
    }
    let shown = |(order, is_second): (Cow<Order>, bool)| {
        let row = odd_rows::shown(world, call, list, print(world, call.mode(), &order))?;
        Some(Row::Odd(key_of(&order, is_second), row))
    };
    let mut rows: Vec<Row> = orders.filter_map(shown).collect();
    let added = odd_rows::added(world, call, list).into_iter().filter(|(_, row)| is_asked(row));
    rows.extend(added.map(|(key, row)| Row::Odd(key, row)));
    rows
}

impl Row<'_> {
    fn key(&self) -> String {
        match self {
            Row::Order(order, is_second) => key_of(order, *is_second),
            Row::Odd(key, _) => key.clone(),
        }
    }

    fn print(self, world: &World, mode: Mode, print: Print) -> Fields {
        match self {
            Row::Order(order, _) => print(world, mode, &order),
            Row::Odd(_, row) => row,
        }
    }
}

/// Whether two rows are of one order.
fn is_same(one: &Order, other: &Order) -> bool {
    (one.date, one.number, &one.branch) == (other.date, other.number, &other.branch)
}

fn key_of(order: &Order, is_second: bool) -> String {
    let branch = order.branch.as_deref().unwrap_or_default();
    let second = if is_second { "^2" } else { "" };
    format!("{}{}{branch}{second}", date(order.date), order_number_text(order.number))
}

fn page_rows(world: &World, usual: usize) -> usize {
    world.quirks.page_rows.map_or(usual, usize::from)
}
