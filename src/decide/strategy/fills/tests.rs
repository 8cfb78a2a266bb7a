//! Tables for what the orders of a sheet come to.

use super::*;
use crate::decide::strategy::orders::orders_for;
use crate::decide::test_support::{TestJournal, day, intent, symbol, usd};
use crate::domain::{Intent, IntentState, Json};

/// `buy 28@65.11 loc half`, one a line.
fn sheet(lines: &[&str]) -> Sheet {
    let line = |text: &&str| {
        let words: Vec<&str> = text.split(' ').collect();
        let (quantity, price) = words[1].split_once('@').unwrap_or((words[1], ""));
        Line {
            role: words[3].to_owned(),
            symbol: symbol("AA"),
            side: if words[0] == "buy" { Side::Buy } else { Side::Sell },
            kind: OrderKind::WORDS.into_iter().find(|(word, _)| *word == words[2]).unwrap().1,
            quantity: quantity.parse().unwrap(),
            limit_price: (!price.is_empty()).then(|| usd(price)),
            note: String::new(),
        }
    };
    let lines: Vec<Line> = lines.iter().map(line).collect();
    Sheet {
        strategy: "s".to_owned(),
        date: day(),
        facts: String::new(),
        orders: orders_for(&lines),
        lines,
        state: Json::default(),
        note: Default::default(),
        ledger: Ledger::default(),
        refused: Vec::new(),
        told: Vec::new(),
    }
}

/// The journal after the orders of the sheet filled, each `(place, shares, price)`; the others expired.
fn filled(sheet: &Sheet, fills: &[(usize, u64, &str)]) -> TestJournal {
    let mut journal = TestJournal::default();
    for (place, order) in sheet.orders.iter().enumerate() {
        let number = u32::try_from(place).unwrap() + 1;
        let decided = intent(number, order.side, "AA", order.quantity, &order.limit_price.to_string());
        let line = Some(line_of(sheet, place, order));
        let id = journal.accept("10:00:00", Intent { order_kind: order.kind, line, ..decided });
        let (_, quantity, price) = fills.iter().find(|fill| fill.0 == place).copied().unwrap_or((place, 0, "0"));
        let state = if quantity == order.quantity { IntentState::Filled } else { IntentState::Expired };
        journal.sees(&id, state, quantity, 0, price);
    }
    journal
}

/// `half 3 of 3@75`, for each line that filled.
fn shown(sheet: &Sheet, fills: &[(usize, u64, &str)], close: Option<&str>) -> Vec<String> {
    let journal = filled(sheet, fills);
    let closes = close.map(|close| (symbol("AA"), usd(close))).into_iter().collect();
    let fills = fills_of(sheet, journal.state.orders_of("s", day()), &closes);
    fills.iter().map(|fill| format!("{} {} of {}@{}", fill.role, fill.quantity, fill.ordered, fill.price.0)).collect()
}

#[test]
fn each_order_fills_its_own_lines_sells_first() {
    let sheet = sheet(&[
        "buy 3@78.11 loc half",
        "buy 4@69.75 loc half",
        "sell 7@78.12 loc quarter",
        "sell 22@80.21 limit target",
    ]);
    // In the order of sending: quarter, target, upper half, lower half.
    assert_eq!(shown(&sheet, &[(2, 3, "75")], None), ["half 3 of 3@75"]);
    assert_eq!(
        shown(&sheet, &[(0, 7, "79"), (1, 5, "80.21")], None),
        ["quarter 7 of 7@79", "target 5 of 22@80.21"],
        "a target that filled in part"
    );
    assert_eq!(shown(&sheet, &[], Some("75")), [""; 0], "what did not fill did not fill, whatever the close");
}

#[test]
fn an_order_for_several_lines_fills_one_after_the_other() {
    let sheet = sheet(&["buy 3@1.21 loc half", "buy 1@1.21 loc rung", "buy 1@1.21 loc rung"]);
    assert_eq!(sheet.orders.len(), 1);
    for (quantity, wanted) in [
        (5, vec!["half 3 of 3@1.2", "rung 1 of 1@1.2", "rung 1 of 1@1.2"]),
        (4, vec!["half 3 of 3@1.2", "rung 1 of 1@1.2"]),
        (2, vec!["half 2 of 3@1.2"]),
    ] {
        assert_eq!(shown(&sheet, &[(0, quantity, "1.20")], None), wanted, "{quantity}");
    }
}

#[test]
fn what_netting_left_fills_every_line_that_the_close_reaches() {
    let sheet = sheet(&["buy 28@65.11 loc full", "sell 29@63.73 loc reverse-sell"]);
    // sell 1@63.73, sell 28@65.12, buy 28@63.72.
    for (fills, wanted) in [
        (vec![(0, 1, "64")], vec!["reverse-sell 29 of 29@64", "full 28 of 28@64"]),
        (vec![(0, 1, "66"), (1, 28, "66")], vec!["reverse-sell 29 of 29@66"]),
        (vec![(2, 28, "63")], vec!["full 28 of 28@63"]),
        // An order of them was refused: shares and dollars stay right.
        (vec![(0, 1, "66")], vec!["reverse-sell 1 of 29@66"]),
    ] {
        assert_eq!(shown(&sheet, &fills, None), wanted, "{fills:?}");
    }
}

#[test]
fn where_netting_left_nothing_to_fill_the_close_tells() {
    let sheet = sheet(&["buy 5@10 loc a", "sell 5@10 loc b"]);
    assert_eq!(shown(&sheet, &[], Some("10")), ["b 5 of 5@10", "a 5 of 5@10"]);
    assert_eq!(shown(&sheet, &[], None), [""; 0]);
    assert_eq!(shown(&sheet, &[(1, 5, "9.50")], Some("9.50")), ["a 5 of 5@9.5"]);
    assert_eq!(shown(&sheet, &[(0, 5, "10.40")], Some("10.40")), ["b 5 of 5@10.4"]);
    // The close says one side; nothing of it filled: no share is invented.
    assert_eq!(shown(&sheet, &[], Some("9.50")), [""; 0]);
}

#[test]
fn fills_move_shares_cost_and_cash_sells_first() {
    let ledger = |cash: &str, quantity, cost: &str| Ledger {
        cash: usd(cash),
        lots: (quantity > 0).then(|| (symbol("AA"), Lot { quantity, average_cost: usd(cost) })).into_iter().collect(),
    };
    let fill = |side, quantity, price: &str| LineFill {
        role: "half".to_owned(),
        trading_date: day(),
        symbol: symbol("AA"),
        side,
        quantity,
        price: usd(price),
        ordered: quantity,
    };
    for (before, fills, after) in [
        (ledger("1000", 0, "0"), vec![fill(Side::Buy, 4, "75")], ledger("700", 4, "75")),
        (ledger("1000", 29, "69.75"), vec![fill(Side::Buy, 3, "75")], ledger("775", 32, "70.2421875")),
        (ledger("1000", 29, "69.75"), vec![fill(Side::Sell, 7, "78.12")], ledger("1546.84", 22, "69.75")),
        // However they come: what is sold costs what it cost in the morning.
        (ledger("1000", 4, "60"), vec![fill(Side::Buy, 4, "80"), fill(Side::Sell, 4, "80")], ledger("1000", 4, "80")),
        (ledger("1000", 4, "60"), vec![fill(Side::Sell, 4, "80")], ledger("1320", 0, "0")),
        // To the cent: an average price is rounded, what was paid is not.
        (ledger("1000", 0, "0"), vec![fill(Side::Buy, 3, "33.33333333")], ledger("900", 3, "33.33333333")),
        (ledger("1000", 2, "60"), vec![fill(Side::Sell, 5, "80")], ledger("1400", 0, "0")),
    ] {
        assert_eq!(ledger_after(&before, &fills), after, "{fills:?}");
    }
}
