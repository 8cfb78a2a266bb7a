//! Tests of infinite buying: the published tables, the boundaries, and a year of bars.

mod adopt;
mod cycle;
mod sheets;
mod v22;
mod v40;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;
use crate::decide::strategy::rule::{RuleClock, RulePosition, RuleQuote};
use crate::decide::test_support::{at, date, percent, symbol, usd};
use crate::domain::{LineFill, Lot, Mode, OrderKind, Side, Usd};

/// A strategy and its morning; each test bends one thing. Of TQQQ and V4.0, in 20 splits, with nothing held.
#[derive(Clone)]
struct World {
    settings: InfiniteSettings,
    facts: RuleFacts,
}

impl World {
    fn v40(splits: u32) -> World {
        World { settings: settings(InfiniteVersion::V40, splits, "15", "15", "12"), facts: facts() }
    }

    /// SOXL's own numbers.
    fn v40_soxl(splits: u32) -> World {
        World { settings: settings(InfiniteVersion::V40, splits, "20", "20", "12"), facts: facts() }
    }

    fn v22(splits: u32) -> World {
        World { settings: settings(InfiniteVersion::V22, splits, "15", "10", "10"), facts: facts() }
    }

    fn with_close(mut self, close: &str) -> World {
        self.facts.closes.insert(symbol("TQQQ"), vec![(date("2027-03-08"), usd(close))]);
        self
    }

    fn with_closes(mut self, closes: &[&str]) -> World {
        let closes = closes.iter().map(|close| (date("2027-03-08"), usd(close))).collect();
        self.facts.closes.insert(symbol("TQQQ"), closes);
        self
    }

    fn with_principal(mut self, principal: &str) -> World {
        self.settings.principal = usd(principal);
        self
    }

    fn without_depth_limit(mut self) -> World {
        self.settings.ladder_depth_percent = None;
        self
    }

    fn with_depth(mut self, depth: &str) -> World {
        self.settings.ladder_depth_percent = Some(percent(depth));
        self
    }

    fn with_lot(mut self, quantity: u64, average: &str) -> World {
        let position =
            RulePosition { symbol: symbol("TQQQ"), quantity, sellable: quantity, average_cost: usd(average) };
        self.facts.positions = if quantity > 0 { vec![position] } else { Vec::new() };
        self
    }

    fn with_own_cash(mut self, cash: &str) -> World {
        (self.facts.own_cash, self.facts.spendable) = (usd(cash), usd(cash));
        self
    }

    /// Takes the shares over, with these settings of V4.0.
    fn adopted(mut self, t: Decimal, cash: &str) -> World {
        let set = Adoption { t: Some(t), cash: Some(usd(cash)) };
        self.facts.state = adopted(&self.settings, self.lot(), &set).unwrap();
        self
    }

    fn with_state(mut self, state: &Value) -> World {
        self.facts.state = Json(state.to_string());
        self
    }

    /// A fill of the last sheet: role, side, filled of ordered, price.
    fn with_fill(mut self, role: Role, side: Side, quantity: u64, ordered: u64, price: &str) -> World {
        self.facts.fills.push(LineFill {
            role: role.word().to_owned(),
            trading_date: date("2027-03-08"),
            symbol: symbol("TQQQ"),
            side,
            quantity,
            price: usd(price),
            ordered,
        });
        self
    }

    fn lot(&self) -> Lot {
        self.facts.positions.first().map_or_else(Lot::default, |position| Lot {
            quantity: position.quantity,
            average_cost: position.average_cost,
        })
    }

    fn plan(&self) -> RuleAnswer {
        plan(&self.settings, &self.facts)
    }

    /// The sheet in short: `buy half 3@77.38`.
    fn sheet(&self) -> Vec<String> {
        short(&self.plan())
    }

    /// The state after the morning.
    fn state(&self) -> Value {
        serde_json::from_str(&self.plan().state.0).unwrap()
    }

    fn t(&self) -> String {
        self.state()["t"].as_str().unwrap().to_owned()
    }

    /// The morning after: the state that this one ended with, and nothing filled.
    fn next(mut self) -> World {
        self.facts.state = self.plan().state;
        self.facts.fills.clear();
        self.facts.clock.trading_date = self.facts.clock.trading_date.succ_opt().unwrap();
        self
    }
}

fn settings(version: InfiniteVersion, splits: u32, star: &str, target: &str, first: &str) -> InfiniteSettings {
    InfiniteSettings {
        version,
        symbol: symbol("TQQQ"),
        principal: usd("20000"),
        splits,
        star_percent: percent(star),
        target_percent: percent(target),
        first_buy_percent: percent(first),
        ladder_rungs: 8,
        ladder_depth_percent: Some(percent("20")),
        compound: false,
    }
}

fn facts() -> RuleFacts {
    RuleFacts {
        mode: Mode::Paper,
        clock: RuleClock {
            now: at("09:35:00"),
            trading_date: date("2027-03-09"),
            previous_trading_date: date("2027-03-08"),
            opens_at: at("09:30:00"),
            closes_at: at("16:00:00"),
            is_half_day: false,
            session_number: 1,
        },
        strategy: "tqqq".to_owned(),
        own_cash: usd("20000"),
        spendable: usd("20000"),
        positions: Vec::new(),
        quotes: Vec::new(),
        closes: BTreeMap::new(),
        fills: Vec::new(),
        orders: Vec::new(),
        state: Json::default(),
    }
}

/// A state of V4.0 with 20 splits, in the middle of a cycle.
fn v40_state(t: &str, mode: &str, cash: &str) -> Value {
    json!({
        "kind": "infinite_v40", "t": t, "mode": mode, "since": (mode != "normal").then_some("2027-03-02"),
        "moc_due": false, "unit": "0", "cash": cash, "principal": "20000", "principal_usd": "20000", "splits": 20,
        "cycles": 0,
    })
}

/// A state of V2.2 with 40 splits, in the middle of a cycle.
fn v22_state(mode: &str, unit: &str, buys: u32, cash: &str) -> Value {
    json!({
        "kind": "infinite_v22", "t": "0", "mode": mode, "since": (mode != "normal").then_some("2027-03-02"),
        "moc_due": false, "unit": unit, "buys": buys, "cash": cash, "principal": "20000",
        "principal_usd": "20000", "splits": 40, "cycles": 0,
    })
}

/// Lines in short, in the order of sending.
fn short(answer: &RuleAnswer) -> Vec<String> {
    let line = |line: &crate::domain::Line| {
        let price = line.limit_price.map_or_else(|| "market".to_owned(), |price| price.to_string());
        let kind = if line.kind == OrderKind::Loc { String::new() } else { format!(" {}", line.kind) };
        format!("{} {} {}@{price}{kind}", line.side, line.role, line.quantity)
    };
    answer.lines.iter().map(line).collect()
}

/// A sheet as the tables print it: sells, buys and the first rungs, each `quantity@price`.
#[derive(Clone, Copy)]
struct Table {
    sells: &'static str,
    buys: &'static str,
    rungs: &'static str,
}

/// Compares with a table: shares exactly, prices to a cent. Of the rungs those that it prints.
fn check(name: &str, world: &World, table: Table) {
    let lines = world.plan().lines;
    let of = |is_wanted: &dyn Fn(&crate::domain::Line) -> bool| -> Vec<(u64, Usd)> {
        let wanted = lines.iter().filter(|line| is_wanted(line));
        wanted.map(|line| (line.quantity, line.limit_price.unwrap())).collect()
    };
    let is_rung = |line: &crate::domain::Line| line.role == Role::Rung.word();
    let sells = of(&|line| line.side == Side::Sell);
    let buys = of(&|line| line.side == Side::Buy && !is_rung(line));
    let rungs = of(&is_rung);
    let is_near = |text: &str, lines: &[(u64, Usd)]| {
        let printed: Vec<(u64, Usd)> = text.split_whitespace().map(quantity_and_price).collect();
        let apart = |(a, b): (&(u64, Usd), &(u64, Usd))| a.0 == b.0 && (a.1 - b.1).0.abs() <= Decimal::new(1, 2);
        printed.len() <= lines.len() && printed.iter().zip(lines).all(apart)
    };
    let count = |text: &str| text.split_whitespace().count();
    assert!(is_near(table.sells, &sells) && count(table.sells) == sells.len(), "{name}: {sells:?}");
    assert!(is_near(table.buys, &buys) && count(table.buys) == buys.len(), "{name}: {buys:?}");
    assert!(is_near(table.rungs, &rungs), "{name}: {rungs:?}");
}

/// `23@81.84`; without a quantity it is one share.
fn quantity_and_price(text: &str) -> (u64, Usd) {
    let (quantity, price) = text.split_once('@').unwrap_or(("1", text));
    (quantity.parse().unwrap(), usd(price))
}

#[test]
fn a_role_is_known_by_its_word_and_named_in_korean() {
    for (word, role) in Role::WORDS {
        assert_eq!(Role::of(word), Some(role));
        assert_ne!(Sentence::of(&role).ko, word);
    }
    assert_eq!(Role::of("dip"), None);
}

#[test]
fn without_a_previous_close_nothing_is_planned_and_the_state_stays() {
    let state = v40_state("4.17", "normal", "8000");
    let world = World::v40(20).with_lot(30, "71").with_state(&state).with_fill(Role::Half, Side::Buy, 3, 3, "70");
    let answer = world.plan();
    assert_eq!((answer.lines.len(), answer.blocked), (0, Some(Rule::PriceUnknown)));
    assert_eq!(answer.state, world.facts.state, "the fill is still to be taken in");
    assert_eq!(answer.note, "the previous close of TQQQ is unknown");
}

#[test]
fn the_previous_close_is_the_last_of_the_closes_else_the_quotes() {
    let mut world = World::v40(20);
    let quote =
        RuleQuote { symbol: symbol("TQQQ"), last: None, previous_close: Some(usd("50")), at: world.facts.clock.now };
    world.facts.quotes.push(quote);
    assert_eq!(world.sheet()[0], "buy first 17@56.00");
    assert_eq!(world.with_closes(&["10", "40"]).sheet()[0], "buy first 22@44.80");
}

#[test]
fn shares_without_a_state_of_this_version_are_left_alone() {
    for state in [json!(null), json!({"buys": 6}), json!({"kind": "infinite_v40"}), v22_state("normal", "500", 0, "9")]
    {
        let world = World::v40(20).with_close("40").with_state(&state);
        let answer = world.clone().with_lot(3, "40").plan();
        assert_eq!((answer.lines.len(), answer.blocked), (0, Some(Rule::StateUnknown)), "{state}");
        assert_eq!(answer.state.0, state.to_string());
        assert!(answer.note.contains("cleanup --adopt tqqq"), "{}", answer.note);
        assert_eq!(world.plan().blocked, None, "without shares a cycle begins: {state}");
    }
}

#[test]
fn a_state_is_shown_in_words() {
    let of = |state: Value| shown(&Json(state.to_string()));
    let seen = of(v40_state("18.1896", "reverse", "1319.41")).unwrap();
    assert_eq!((seen.t.as_str(), &seen.mode, seen.cash), ("18.19", &words::reverse(), usd("1319.41")));
    let seen = of(v22_state("stop", "350", 3, "9")).unwrap();
    assert_eq!((seen.unit, seen.mode, seen.cycles), (usd("350"), words::stop(), 0));
    assert_eq!(of(v40_state("1", "normal", "9")).unwrap().mode, words::normal());
    assert_eq!(of(json!({"buys": 6})), None);
}
