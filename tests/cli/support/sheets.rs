//! Worlds with a strategy in them, and its orders: as a run shows them, as KIS's books have them, as its sheet has them.

use serde_json::{Value, json};

use crate::support::harness::{MID_SESSION, Mode, World};

/// A strategy as the tests give it; the rest is what the configuration takes by default.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    pub kind: &'static str,
    pub symbol: &'static str,
    pub principal: &'static str,
    pub splits: u32,
    /// More keys of its table, a line each.
    pub more: &'static str,
}

/// V4.0 with 40 daily units, all rungs however low.
pub const TQQQ: Given = Given {
    kind: "infinite_v40",
    symbol: "TQQQ",
    principal: "20000",
    splits: 40,
    more: "ladder_depth_percent = 0\nladder_rungs = 7\n",
};

impl Given {
    /// Its table, under the name `s`.
    pub fn table(&self) -> String {
        self.named("s")
    }

    /// Its table under a name.
    pub fn named(&self, name: &str) -> String {
        let Given { kind, symbol, principal, splits, more } = self;
        format!(
            "name = \"{name}\"\nkind = \"{kind}\"\nsymbol = \"{symbol}\"\nprincipal_usd = {principal}\nsplits = {splits}\n{more}"
        )
    }
}

/// An account with money enough, in mid-session, whose only trade is this strategy's. Nothing is known of the market.
pub fn world(mode: Mode, given: &Given) -> World {
    world_on(mode, MID_SESSION, given)
}

/// The same at an instant.
pub fn world_on(mode: Mode, at: &str, given: &Given) -> World {
    let mut world = World::light(mode);
    world.set_clock(at.parse().unwrap());
    prepare(&mut world);
    world.strategy(&given.table());
    world.put_old_token();
    world
}

/// The same with the market data.
pub fn world_of_days(mode: Mode, at: &str, given: &Given) -> World {
    let mut world = World::new(mode, at);
    prepare(&mut world);
    world.strategy(&given.table());
    world
}

/// Takes the default rule's symbols out, and lets the limits and the money reach for everything.
pub fn prepare(world: &mut World) {
    world
        .unset("buy.watch")
        .set("limits.max_order_usd", "100000")
        .set("limits.max_buy_usd_per_day", "100000")
        .set("limits.max_position_usd", "0")
        .set("gateway.timeout_seconds", "30");
    let account = world.sim.account();
    world.sim.control("POST", "/cash", json!({ "account": account, "usd": "100000" }));
}

/// The position of table A3, taken over: T 4, a unit of 539.23, 29 shares at 69.75, and a previous close of 75.
///
/// Its sheet is [`SELLS`] and [`BUYS`].
pub fn adopted(mode: Mode) -> World {
    let world = world(mode, &TQQQ);
    hold_and_adopt(&world);
    world.sim.forget_requests();
    world
}

/// Puts the position of table A3 into the account, and lets the strategy take it over.
pub fn hold_and_adopt(world: &World) {
    world.sim.price("TQQQ", "75", "75");
    world.sim.hold("TQQQ", 29, "69.75");
    adopt(world, &["t=4", "cash=19412.28"]);
}

/// Lets the strategy `s` take over what the account holds.
pub fn adopt(world: &World, set: &[&str]) -> Value {
    let set = set.iter().flat_map(|set| ["--set", set]);
    let arguments: Vec<&str> = ["cleanup", "--adopt", "s", "--yes"].into_iter().chain(set).collect();
    world.json(0, &arguments)
}

/// The sells of [`adopted`], as orders in KIS's books.
pub const SELLS: [&str; 2] = ["sell 7@78.12 34", "sell 22@80.21 00"];
/// Its buys.
pub const BUYS: [&str; 9] = [
    "buy 3@78.11 34",
    "buy 4@69.75 34",
    "buy 1@67.40 34",
    "buy 1@59.91 34",
    "buy 1@53.92 34",
    "buy 1@49.02 34",
    "buy 1@44.93 34",
    "buy 1@41.47 34",
    "buy 1@38.51 34",
];

/// `sell 7@78.12 loc quarter`, for each order of a result or of an adoption.
pub fn shown(orders: &Value) -> Vec<String> {
    let word = |order: &Value, key: &str| order[key].as_str().unwrap_or("-").to_owned();
    let show = |order: &Value| {
        let (side, kind, role) = (word(order, "side"), word(order, "kind"), word(order, "role"));
        format!("{side} {}@{} {kind} {role}", order["quantity"], word(order, "limit_price"))
    };
    orders.as_array().unwrap_or_else(|| panic!("no orders: {orders:#}")).iter().map(show).collect()
}

/// `quarter order_unknown`, for each order of a strategy that a result passed over; `- withdrawn` for the strategy as a whole.
pub fn skipped(object: &Value) -> Vec<String> {
    let all = object["skipped"].as_array().unwrap_or_else(|| panic!("nothing skipped: {object:#}"));
    let of_strategies = all.iter().filter(|skip| skip["strategy"].is_string());
    let show = |skip: &Value| {
        format!("{} {}", skip["role"].as_str().unwrap_or("-"), skip["rule"].as_str().expect("a rule's word"))
    };
    of_strategies.map(show).collect()
}

/// `sell 7@78.12 34`: the account's orders that came through the Open API, as KIS has them, in the order in which they came.
pub fn at_kis(world: &World) -> Vec<String> {
    world.sim.own_orders().iter().map(at_kis_one).collect()
}

/// One order of KIS's books.
pub fn at_kis_one(order: &Value) -> String {
    let word = |key: &str| order[key].as_str().unwrap_or("-").to_owned();
    format!("{} {}@{} {}", word("side"), order["quantity"], word("limit_price"), word("type"))
}

/// `TQQQ ledger_mismatch: …`: why a run sent nothing of a strategy as a whole, or a symbol of it.
pub fn details(object: &Value) -> Vec<String> {
    let all = object["skipped"].as_array().unwrap_or_else(|| panic!("nothing skipped: {object:#}"));
    let word = |skip: &Value, key: &str| skip[key].as_str().unwrap_or("-").to_owned();
    let show = |skip: &Value| format!("{} {}: {}", word(skip, "symbol"), word(skip, "rule"), word(skip, "detail"));
    all.iter().filter(|skip| skip["strategy"].is_string()).map(show).collect()
}

/// The newest sheet in the journal.
pub fn sheet(world: &World) -> Value {
    world.files.journal_of("sheet").pop().expect("a sheet")
}
