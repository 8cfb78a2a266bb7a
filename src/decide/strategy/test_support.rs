//! Builders for the tests of strategies: lines as people write them, a sheet of them, and its orders in a journal.

use std::collections::BTreeMap;

use crate::decide::fold::Entry;
use crate::decide::strategy::fills::line_of;
use crate::decide::strategy::orders::orders_for;
use crate::decide::test_support::{TestJournal, day, intent, symbol, usd};
use crate::domain::{
    Intent, IntentId, IntentState, Json, Ledger, Line, Lot, OrderKind, Purpose, Record, Sheet, SheetLine, Side,
};
use crate::language::Sentence;

/// `buy 28@65.11 loc [role]`; without a role it is `l0`, `l1` and so on.
pub fn lines(all: &[&str]) -> Vec<Line> {
    let line = |(place, text): (usize, &&str)| {
        let words: Vec<&str> = text.split(' ').collect();
        let (quantity, price) = words[1].split_once('@').unwrap_or((words[1], ""));
        Line {
            role: words.get(3).map_or_else(|| format!("l{place}"), |role| (*role).to_owned()),
            symbol: symbol("TQQQ"),
            side: if words[0] == "buy" { Side::Buy } else { Side::Sell },
            kind: OrderKind::WORDS.into_iter().find(|(word, _)| *word == words[2]).unwrap().1,
            quantity: quantity.parse().unwrap(),
            limit_price: (!price.is_empty()).then(|| usd(price)),
            note: String::new(),
        }
    };
    all.iter().enumerate().map(line).collect()
}

/// The sheet of `day` with these lines, of a strategy with 100 shares at 50.00 and 10,000 USD.
pub fn sheet(all: &[&str]) -> Sheet {
    let lines = lines(all);
    Sheet {
        strategy: "s".to_owned(),
        date: day(),
        facts: String::new(),
        orders: orders_for(&lines),
        lines,
        state: Json::default(),
        note: Sentence::default(),
        ledger: ledger("10000", 100, "50"),
        refused: Vec::new(),
        told: Vec::new(),
    }
}

/// So much cash, and so many shares of TQQQ.
pub fn ledger(cash: &str, quantity: u64, average_cost: &str) -> Ledger {
    let lot = Lot { quantity, average_cost: usd(average_cost) };
    let lots = if quantity == 0 { BTreeMap::new() } else { BTreeMap::from([(symbol("TQQQ"), lot)]) };
    Ledger { cash: usd(cash), lots }
}

/// The intent for an order of a sheet.
pub fn intent_for(sheet: &Sheet, place: usize, number: u32) -> Intent {
    let order = &sheet.orders[place];
    of_line(sheet, number, place, line_of(sheet, place, order))
}

/// The intent of one limit order that stands for the deferred orders at these places.
pub fn emulated_for(sheet: &Sheet, places: &[usize], number: u32) -> Intent {
    let parts = places.iter().flat_map(|place| sheet.orders[*place].parts.clone()).collect();
    let quantity = places.iter().map(|place| sheet.orders[*place].quantity).sum();
    let line = SheetLine { strategy: sheet.strategy.clone(), order: None, parts };
    Intent { quantity, order_kind: OrderKind::Limit, ..of_line(sheet, number, places[0], line) }
}

fn of_line(sheet: &Sheet, number: u32, place: usize, line: SheetLine) -> Intent {
    let order = &sheet.orders[place];
    Intent {
        order_kind: order.kind,
        limit_price: order.limit_price,
        purpose: Purpose::Sheet,
        line: Some(line),
        ..intent(number, order.side, order.symbol.as_str(), order.quantity, "1")
    }
}

/// A journal with this sheet.
pub fn journal_with(sheet: &Sheet) -> TestJournal {
    let mut journal = TestJournal::default();
    journal.tell(Record::Sheet(sheet.clone()));
    journal
}

/// Sends an order of a sheet, and lets the list say what became of it: state, shares filled and at what price.
pub fn send(journal: &mut TestJournal, intent: Intent, state: IntentState, filled: u64, price: &str) -> IntentId {
    let id = journal.accept("10:00:00", intent);
    journal.sees(&id, state, filled, 0, price);
    id
}

/// The strategy's orders of the date.
pub fn entries<'a>(journal: &'a TestJournal, sheet: &'a Sheet) -> Vec<&'a Entry> {
    journal.state.orders_of(&sheet.strategy, sheet.date).collect()
}
