//! Tables for what of a sheet is still to be sent.

use super::*;
use crate::decide::strategy::test_support::{emulated_for, entries, intent_for, journal_with, send, sheet};
use crate::decide::test_support::{TestJournal, day, order_id, outcome, row, symbol, usd};
use crate::domain::{HumanVerdict, OutcomeClass, Record, Refusal};

/// How far the first order has come after its intent met this fate, each in turn.
fn stage_after(kind: &str, fates: &[&str]) -> String {
    let sheet = sheet(&[kind]);
    let mut journal = journal_with(&sheet);
    for (number, fate) in (1..).zip(fates) {
        let mut intent = intent_for(&sheet, 0, number);
        intent.limit_price = price_to_send(&journal.state, sheet.date, &sheet.orders[0], [].iter());
        match *fate {
            "filled" => drop(send(&mut journal, intent, IntentState::Filled, 9, "60")),
            "expired" => drop(send(&mut journal, intent, IntentState::Expired, 0, "0")),
            "open" => drop(journal.accept("10:00:00", intent)),
            fate => {
                let id = intent.id.clone();
                journal.tell(Record::Intent(intent));
                match fate {
                    "absent" => journal.tell(Record::Human(HumanVerdict::IsAbsent { intent: id })),
                    "not sent" => journal.tell(Record::Outcome(outcome(&id, OutcomeClass::NotSent, None))),
                    "rejected" => journal.tell(Record::Outcome(outcome(&id, OutcomeClass::Rejected, None))),
                    "too early" => {
                        let mut line = outcome(&id, OutcomeClass::Rejected, None);
                        line.answer.refusal = Some(Refusal::MarketClosed);
                        journal.tell(Record::Outcome(line));
                    }
                    _ => {}
                }
            }
        }
    }
    let stage = match stage_of(&sheet, 0, &entries(&journal, &sheet)) {
        Stage::Unsent => "unsent",
        Stage::Again => "again",
        Stage::Sent(_) => "sent",
        Stage::GivenUp(_) => "given up",
    };
    format!("{stage} {}", price_to_send(&journal.state, sheet.date, &sheet.orders[0], [].iter()))
}

#[test]
fn an_order_goes_once_and_once_more_where_it_never_arrived() {
    for (kind, fates, stage) in [
        ("buy 9@60 loc", &[][..], "unsent 60.00"),
        ("buy 9@60 loc", &["unknown"], "sent 59.99"),
        ("buy 9@60 loc", &["open"], "sent 59.99"),
        ("buy 9@60 loc", &["filled"], "sent 59.99"),
        ("buy 9@60 loc", &["expired"], "sent 59.99"),
        ("buy 9@60 loc", &["rejected"], "sent 59.99"),
        ("buy 9@60 loc", &["absent"], "again 59.99"),
        ("sell 9@60 loc", &["absent"], "again 60.01"),
        ("sell 9@60 limit", &["not sent"], "again 60.01"),
        ("sell 9@60 limit", &["not sent", "not sent", "too early"], "again 60.03"),
        ("buy 9@60 loc", &["too early"], "again 59.99"),
        ("buy 9@60 loc", &["too early", "open"], "sent 59.98"),
        ("buy 9@60 loc", &["absent", "too early"], "again 59.98"),
        ("buy 9@60 loc", &["absent", "unknown"], "sent 59.98"),
        ("buy 9@60 loc", &["absent", "absent"], "given up 59.98"),
        ("sell 9 moc", &[], "unsent 0.00"),
        ("sell 9 moc", &["unknown"], "sent 0.00"),
        ("sell 9 moc", &["absent"], "given up 0.00"),
        ("sell 9 moc", &["not sent"], "given up 0.00"),
        ("sell 9 moc", &["too early"], "given up 0.00"),
    ] {
        assert_eq!(stage_after(kind, fates), stage, "{kind} {fates:?}");
    }
}

#[test]
fn one_order_on_paper_stands_for_the_closing_orders_in_it_and_no_others() {
    let sheet = sheet(&["buy 3@78 loc", "buy 4@71 loc", "buy 1@68 limit"]);
    let mut journal = journal_with(&sheet);
    journal.accept("15:40:00", emulated_for(&sheet, &[0], 1));
    let entries = entries(&journal, &sheet);
    let is_open: Vec<bool> = (0..3).map(|place| stage_of(&sheet, place, &entries).is_open()).collect();
    assert_eq!(is_open, [false, true, true]);
}

#[test]
fn the_lowest_rungs_go_first_then_all_buys() {
    let orders = sheet(&["buy 10@50 loc half", "buy 10@40 loc half", "buy 1@30 loc rung", "buy 1@20 loc rung"]).orders;
    for (most, left) in [
        ("950", vec![0, 1, 2, 3]),
        ("949.99", vec![0, 1, 2]),
        ("930", vec![0, 1, 2]),
        ("929.99", vec![0, 1]),
        ("900", vec![0, 1]),
        ("899.99", vec![]),
        ("-1", vec![]),
    ] {
        assert_eq!(within_money(&orders, "rung", usd(most)), left, "{most}");
    }
}

#[test]
fn kis_holds_a_hundredth_back_besides() {
    assert_eq!(spendable_of(usd("9400")), usd("9306.93"));
    assert_eq!(spendable_of(usd("-5")), Usd::ZERO);
    assert_eq!(with_held_back(usd("100")), usd("101"));
}

#[test]
fn a_buy_that_could_meet_an_own_sell_is_named_with_it() {
    let sheet = sheet(&["buy 3@60 loc", "sell 2@60 limit", "sell 2@61 loc", "sell 1 moc"]);
    let order = |price: &str| {
        sheet
            .orders
            .iter()
            .find(|order| order.side == Side::Buy)
            .map(|buy| SheetOrder { limit_price: usd(price), ..buy.clone() })
            .unwrap()
    };
    let sells: Vec<&SheetOrder> = sheet.orders.iter().filter(|order| order.side == Side::Sell).collect();
    let limits: Vec<&SheetOrder> = sells.iter().copied().filter(|sell| sell.kind != OrderKind::Moc).collect();
    for (price, meets) in [("59.99", false), ("60", true), ("61.50", true)] {
        assert_eq!(self_trade(&order(price), &[], &[], &limits).is_some(), meets, "planned, {price}");
    }
    assert!(self_trade(&order("0.5"), &[], &[], &sells).is_some(), "beside an order at the market");

    let mut journal = journal_with(&sheet);
    let place = sheet.orders.iter().position(|order| order.kind == OrderKind::Limit).unwrap();
    let id = journal.accept("10:00:00", intent_for(&sheet, place, 1));
    for (price, meets) in [("59.99", false), ("60", true)] {
        assert_eq!(self_trade(&order(price), &entries(&journal, &sheet), &[], &[]).is_some(), meets, "open, {price}");
    }
    journal.sees(&id, IntentState::Filled, 2, 0, "60");
    assert_eq!(self_trade(&order("60"), &entries(&journal, &sheet), &[], &[]), None, "filled");

    let external = |price: &str| BrokerOrder { order_id: order_id("7"), ..row("7", Side::Sell, "TQQQ", 2, price) };
    for (by_hand, meets) in [(external("60.01"), false), (external("60"), true), (external("0"), true)] {
        assert_eq!(self_trade(&order("60"), &[], &[by_hand], &[]).is_some(), meets, "by hand");
    }
    let over = BrokerOrder { remaining_quantity: 0, ..external("60") };
    assert_eq!(self_trade(&order("60"), &[], &[over], &[]), None, "by hand, and over");
}

#[test]
fn an_order_that_goes_again_takes_no_price_of_the_date_and_none_of_its_sheet() {
    let buy = |price: &str| {
        let (symbol, limit_price) = (symbol("TQ"), usd(price));
        SheetOrder { symbol, side: Side::Buy, kind: OrderKind::Loc, quantity: 1, limit_price, parts: Vec::new() }
    };
    let mut journal = TestJournal::default();
    journal.ended(OutcomeClass::NotSent, Side::Buy, "TQ", 7, "41.97");
    let price = |beside: &[SheetOrder]| price_to_send(&journal.state, day(), &buy("41.97"), beside.iter());
    assert_eq!(price(&[]), usd("41.96"));
    assert_eq!(price(&[buy("41.96"), buy("39.16")]), usd("41.95"));
    assert_eq!(price(&[buy("41.96"), buy("41.95")]), usd("41.94"));
    let others = [SheetOrder { symbol: symbol("SO"), ..buy("41.96") }, SheetOrder { side: Side::Sell, ..buy("41.96") }];
    assert_eq!(price(&others), usd("41.96"));
}
