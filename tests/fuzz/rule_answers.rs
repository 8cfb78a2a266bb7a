//! An order of a rule's own program is one that its answer spells out, and a refusal has one of three words.

use std::collections::{BTreeMap, BTreeSet};

use kis_trade::decide::strategy::protocol::{Call, CallPurpose, read_answer};
use kis_trade::decide::strategy::rule::{RuleClock, RuleFacts};
use kis_trade::domain::{Json, Line, Mode, OrderKind, Symbol, Usd};
use kis_trade::exit::Exit;
use serde_json::Value;

use crate::driver::fuzz;

const TWO_ORDERS: &[u8] = br#"{"protocol":1,"orders":[{"tag":"dip","symbol":"TQQQ","side":"buy","quantity":6,"kind":"loc","limit_price":"75.17","note":"1 % under"},
 {"tag":"out.2","symbol":"SOXL","side":"sell","quantity":12,"kind":"moc"}],"state":{"buys": 12,"x":[1.50,null]},"note":"T 4.17"}"#;
const NO_ORDER: &[u8] = br#"{"protocol": 1, "orders": [], "state": null}"#;

#[test]
fn fuzz_rule_answers() {
    let at = "2027-03-09T14:35:02Z".parse().unwrap();
    let date = "2027-03-09".parse().unwrap();
    let clock = RuleClock {
        now: at,
        trading_date: date,
        previous_trading_date: date,
        opens_at: at,
        closes_at: at,
        is_half_day: false,
        session_number: 41,
    };
    let facts = RuleFacts {
        mode: Mode::Paper,
        clock,
        strategy: "dip".to_owned(),
        own_cash: Usd::ZERO,
        spendable: Usd::ZERO,
        positions: Vec::new(),
        quotes: Vec::new(),
        closes: BTreeMap::new(),
        fills: Vec::new(),
        orders: Vec::new(),
        state: Json("\"as it was\"".to_owned()),
    };
    let symbols: [Symbol; 2] = ["TQQQ", "SOXL"].map(|symbol| symbol.parse().unwrap());
    let call = Call {
        id: "20270309-dip",
        purpose: CallPurpose::Plan,
        settings: &Json::default(),
        symbols: &symbols,
        kinds: &OrderKind::ALL,
        emulated_kinds: &[],
    };
    fuzz("rule answers", 8, &[TWO_ORDERS, NO_ORDER], |bytes, _| {
        let answer = match read_answer(bytes, &facts, &call) {
            Ok(answer) => answer,
            Err(error) => return assert_eq!(error.reason.exit(), Exit::RuleProgram, "{}", error.detail),
        };
        let spelled: Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(spelled["protocol"], 1);
        let orders = spelled["orders"].as_array().unwrap();
        assert_eq!(orders.len(), answer.lines.len());
        let tags: BTreeSet<&str> = answer.lines.iter().map(|line| line.role.as_str()).collect();
        assert_eq!(tags.len(), orders.len(), "each has a tag of its own");
        orders.iter().zip(&answer.lines).for_each(|(order, line)| check_line(order, line));
        let text = str::from_utf8(bytes).unwrap();
        match spelled.get("state") {
            Some(_) => assert!(text.contains(&answer.state.0), "{}", answer.state.0),
            None => assert_eq!(answer.state, facts.state),
        }
        assert!(!answer.note.en.chars().any(char::is_control));
    });
}

fn check_line(order: &Value, line: &Line) {
    let told = [&order["tag"], &order["symbol"], &order["side"], &order["kind"]];
    assert_eq!(told, [&line.role, line.symbol.as_str(), line.side.word(), line.kind.word()]);
    assert!(line.quantity >= 1 && order["quantity"] == line.quantity, "{order}");
    match line.limit_price {
        None => assert!(line.kind == OrderKind::Moc && order.get("limit_price").is_none(), "{order}"),
        Some(price) => {
            assert_eq!(order["limit_price"].as_str().unwrap().parse(), Ok(price));
            assert!(price.is_positive() && price == price.down_to_tick() && line.kind != OrderKind::Moc, "{order}");
        }
    }
}
