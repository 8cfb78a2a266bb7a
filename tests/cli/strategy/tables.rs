//! The published tables of infinite buying, through the binary on a real account: what a strategy takes over, what its sheet says in a
//! dry run, what `sell` and `buy` send, and what stands in KIS's books.

use rust_decimal::Decimal;
use serde_json::json;

use crate::support::harness::{Mode, World};
use crate::support::sheets::{Given, adopt, at_kis, shown, skipped, world};

/// A morning and its sheet.
struct Row {
    id: &'static str,
    given: Given,
    /// What the account holds: shares and average cost.
    held: Option<(u64, &'static str)>,
    /// Cash and daily unit; the published T is rounded, the exact one follows from these.
    cash_and_unit: Option<(&'static str, &'static str)>,
    /// T as it is published.
    t: &'static str,
    previous_close: &'static str,
    sells: &'static [&'static str],
    mains: &'static [&'static str],
    /// Prices of the rungs.
    rungs: &'static [&'static str],
    /// The first rungs with `ladder_depth_percent = 0`.
    deep_rungs: &'static [&'static str],
}

const fn v40(symbol: &'static str, splits: u32) -> Given {
    Given { kind: "infinite_v40", symbol, principal: "20000", splits, more: "" }
}

const fn v22() -> Given {
    Given { kind: "infinite_v22", symbol: "TQQQ", principal: "40000", splits: 40, more: "" }
}

const ROWS: [Row; 10] = [
    Row {
        id: "A1",
        given: Given { principal: "24715.60", ..v40("TQQQ", 40) },
        held: None,
        cash_and_unit: None,
        t: "0",
        previous_close: "45.93",
        sells: &[],
        mains: &["buy 12@51.44 loc first"],
        rungs: &["47.53", "44.13", "41.19", "38.61"],
        deep_rungs: &["47.53", "44.13", "41.19", "38.61", "36.34", "34.32", "32.52"],
    },
    Row {
        id: "A3",
        given: Given { more: "ladder_depth_percent = 0\nladder_rungs = 3\n", ..v40("TQQQ", 40) },
        held: Some((29, "69.75")),
        cash_and_unit: Some(("19412.28", "539.23")),
        t: "4",
        previous_close: "75",
        sells: &["sell 7@78.12 loc quarter", "sell 22@80.21 limit target"],
        mains: &["buy 3@78.11 loc half", "buy 4@69.75 loc half"],
        rungs: &["67.40", "59.91", "53.92"],
        deep_rungs: &["67.40", "59.91", "53.92"],
    },
    Row {
        id: "Q1",
        given: v40("TQQQ", 20),
        held: Some((30, "71.16")),
        cash_and_unit: Some(("8633.53", "545.32")),
        t: "4.17",
        previous_close: "76.40",
        sells: &["sell 7@77.39 loc quarter", "sell 23@81.84 limit target"],
        mains: &["buy 3@77.38 loc half", "buy 4@71.16 loc half"],
        rungs: &["68.16"],
        deep_rungs: &["68.16", "60.59"],
    },
    Row {
        id: "Q2",
        given: v40("TQQQ", 40),
        held: Some((63, "71.63")),
        cash_and_unit: Some(("16853.87", "544.18")),
        t: "9.03",
        previous_close: "76.40",
        sells: &["sell 15@77.52 loc quarter", "sell 48@82.37 limit target"],
        mains: &["buy 3@77.51 loc half", "buy 4@71.63 loc half"],
        rungs: &["68.02"],
        deep_rungs: &["68.02", "60.46"],
    },
    Row {
        id: "Q3",
        given: v40("SOXL", 20),
        held: Some((33, "148.24")),
        cash_and_unit: Some(("5749.72", "538.45")),
        t: "9.32",
        previous_close: "151.53",
        sells: &["sell 8@150.25 loc quarter", "sell 25@177.89 limit target"],
        mains: &["buy 1@150.24 loc half", "buy 2@148.24 loc half"],
        rungs: &["134.61"],
        deep_rungs: &["134.61"],
    },
    Row {
        id: "Q4",
        given: v40("TQQQ", 20),
        held: Some((33, "71.29")),
        cash_and_unit: Some(("8415.94", "548.92")),
        t: "4.67",
        previous_close: "72.53",
        sells: &["sell 8@76.99 loc quarter", "sell 25@81.98 limit target"],
        mains: &["buy 3@76.98 loc half", "buy 4@71.29 loc half"],
        rungs: &["68.61", "60.99"],
        deep_rungs: &["68.61", "60.99", "54.89", "49.90"],
    },
    Row {
        id: "Q5",
        given: v40("SOXL", 20),
        held: Some((37, "146.17")),
        cash_and_unit: Some(("5233.32", "540.72")),
        t: "10.32",
        previous_close: "129.10",
        sells: &["sell 9@145.23 loc quarter", "sell 28@175.41 limit target"],
        mains: &["buy 3@144.59 loc full"],
        rungs: &["135.18", "108.14"],
        deep_rungs: &["135.18", "108.14", "90.12", "77.24"],
    },
    Row {
        id: "Q6",
        given: v40("SOXL", 40),
        held: Some((72, "149.97")),
        cash_and_unit: Some(("14983.39", "655.68")),
        t: "17.15",
        previous_close: "129.10",
        sells: &["sell 18@154.24 loc quarter", "sell 54@179.96 limit target"],
        mains: &["buy 4@144.59 loc full"],
        rungs: &["131.13", "109.28"],
        deep_rungs: &["131.13", "109.28", "93.66", "81.96"],
    },
    Row {
        id: "B6, prev 40",
        given: v22(),
        held: Some((295, "39.71")),
        cash_and_unit: None,
        t: "11.72",
        previous_close: "40",
        sells: &["sell 73@41.35 loc quarter", "sell 222@43.68 limit target"],
        mains: &["buy 12@41.34 loc half", "buy 13@39.71 loc half"],
        rungs: &["38.46", "37.03", "35.71", "34.48", "33.33", "32.25"],
        deep_rungs: &["38.46", "37.03", "35.71", "34.48", "33.33", "32.25", "31.25", "30.30"],
    },
    Row {
        id: "B6, prev 30",
        given: v22(),
        held: Some((295, "39.71")),
        cash_and_unit: None,
        t: "11.72",
        previous_close: "30",
        sells: &["sell 73@41.35 loc quarter", "sell 222@43.68 limit target"],
        mains: &["buy 30@33.00 loc full"],
        rungs: &["32.25", "31.25", "30.30", "29.41", "28.57", "27.77", "27.02", "26.31"],
        deep_rungs: &["32.25", "31.25", "30.30"],
    },
];

impl Row {
    /// The world of this morning: the shares are held, nothing is taken over.
    fn arrange(&self) -> World {
        let world = world(Mode::Real, &self.given);
        world.sim.price(self.given.symbol, self.previous_close, self.previous_close);
        if let Some((quantity, average_cost)) = self.held {
            world.sim.hold(self.given.symbol, quantity, average_cost);
        }
        world
    }

    /// `t=…` and `cash=…`.
    fn set(&self) -> Vec<String> {
        let Some((cash, unit)) = self.cash_and_unit else { return Vec::new() };
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let t = Decimal::from(self.given.splits) - number(cash) / number(unit);
        vec![format!("t={}", t.round_dp(6)), format!("cash={cash}")]
    }

    fn buys(&self, rungs: &[&str]) -> Vec<String> {
        let rungs = rungs.iter().map(|price| format!("buy 1@{price} loc rung"));
        self.mains.iter().map(|main| (*main).to_owned()).chain(rungs).collect()
    }
}

/// `sell 7@78.12 34`, as KIS's books have it.
fn in_the_books(order: &str) -> String {
    let words: Vec<&str> = order.split(' ').collect();
    let code = if words[2] == "loc" { "34" } else { "00" };
    format!("{} {} {code}", words[0], words[1])
}

/// The same orders at prices not more than a cent apart: who published the tables rounded up here and there.
#[track_caller]
fn assert_published(orders: &[String], published: &[String], told: &str) {
    let parts = |order: &str| {
        let (before, after) = order.split_once('@').unwrap();
        let (price, after) = after.split_once(' ').unwrap();
        (before.to_owned(), price.parse::<Decimal>().unwrap(), after.to_owned())
    };
    let is_like = |(order, published): (&String, &String)| {
        let ((before, price, after), (wanted, wanted_price, then)) = (parts(order), parts(published));
        (before, after) == (wanted, then) && (price - wanted_price).abs() <= Decimal::new(1, 2)
    };
    let fits = orders.len() == published.len() && orders.iter().zip(published).all(is_like);
    assert!(fits, "{told}: {orders:#?}, published {published:#?}");
}

#[test]
fn each_published_table_reaches_kis_line_by_line() {
    for row in ROWS {
        let id = row.id;
        let world = row.arrange();
        let set = row.set();
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let adoption = adopt(&world, &set)["adoption"].clone();
        let whole = shown(&adoption["orders"]);
        let published = row.sells.iter().map(|sell| (*sell).to_owned()).chain(row.buys(row.rungs)).collect::<Vec<_>>();
        assert_published(&whole, &published, id);
        let t: Decimal = adoption["state"]["t"].as_str().unwrap().parse().unwrap();
        assert_eq!(t.round_dp(2), row.t.parse::<Decimal>().unwrap(), "{id}: T");
        let (sells, buys) = whole.split_at(row.sells.len());
        let before = world.files.journal();
        for (command, orders) in [("sell", sells), ("buy", buys)] {
            let object = world.json(0, &[command, "--dry-run"]);
            assert_eq!(shown(&object["orders"]), orders, "{id}: {command} --dry-run");
            assert_eq!(skipped(&object), [""; 0], "{id}: {command} --dry-run");
        }
        assert_eq!(world.files.journal(), before, "{id}: a dry run stores nothing");
        assert_eq!(at_kis(&world), [""; 0], "{id}: a dry run sends nothing");
        for (command, orders) in [("sell", sells), ("buy", buys)] {
            let object = world.json(0, &[command]);
            assert_eq!(shown(&object["orders"]), orders, "{id}: {command}");
            assert!(object["orders"].as_array().unwrap().iter().all(|order| order["state"] == "accepted"), "{id}");
        }
        let books: Vec<String> = whole.iter().map(|order| in_the_books(order)).collect();
        assert_eq!(at_kis(&world), books, "{id}: in KIS's books");
        for command in ["sell", "buy"] {
            assert_eq!(world.json(0, &[command])["orders"], json!([]), "{id}: {command} once more");
        }
    }
}

#[test]
fn without_a_depth_the_ladder_goes_all_the_way_down() {
    for row in ROWS {
        let mut world = row.arrange();
        let more = format!("ladder_depth_percent = 0\nladder_rungs = {}\n", row.deep_rungs.len());
        let table = Given { more: "", ..row.given }.table() + &more;
        world.without_strategies().strategy(&table);
        let set = row.set();
        let mut arguments = vec!["cleanup", "--adopt", "s"];
        set.iter().for_each(|set| arguments.extend(["--set", set]));
        let orders = shown(&world.json(0, &arguments)["adoption"]["orders"]);
        let buys: Vec<String> = orders.into_iter().filter(|order| order.starts_with("buy")).collect();
        assert_published(&buys, &row.buys(row.deep_rungs), row.id);
    }
}
