//! What goes wrong in the month: one trouble at KIS and one on the machine at a time, each for a while.

use std::collections::{BTreeMap, VecDeque};
use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::market::{Dice, Prices, SYMBOLS};
use crate::support::harness::World;

/// At KIS, and on the way there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kis {
    Unreachable,
    RequestLost,
    AnswerLost,
    ErrorAfterAccept,
    Html,
    HalfABody,
    Empty,
    Slow,
    Rejected,
    GateBusy,
    LedgerBusy,
    TokenRefusedForAnOrder,
    CancelLost,
    ListedLate,
    RefusedLater,
    PartlyFilled,
    NothingFills,
    ReadFails,
    PageFails,
    TokenRefused,
    TokenDead,
    TokenTooSoon,
    NoTokenForAnHour,
}

/// On the machine, and by other hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Here {
    ClockOff,
    Killed,
    DiskFull,
    ReadOnly,
    TornLine,
    Halt,
    Phone,
    OtherProgram,
}

const ALL_KIS: [Kis; 23] = [
    Kis::Unreachable,
    Kis::RequestLost,
    Kis::AnswerLost,
    Kis::ErrorAfterAccept,
    Kis::Html,
    Kis::HalfABody,
    Kis::Empty,
    Kis::Slow,
    Kis::Rejected,
    Kis::GateBusy,
    Kis::LedgerBusy,
    Kis::TokenRefusedForAnOrder,
    Kis::CancelLost,
    Kis::ListedLate,
    Kis::RefusedLater,
    Kis::PartlyFilled,
    Kis::NothingFills,
    Kis::ReadFails,
    Kis::PageFails,
    Kis::TokenRefused,
    Kis::TokenDead,
    Kis::TokenTooSoon,
    Kis::NoTokenForAnHour,
];
const ALL_HERE: [Here; 8] = [
    Here::ClockOff,
    Here::Killed,
    Here::DiskFull,
    Here::ReadOnly,
    Here::TornLine,
    Here::Halt,
    Here::Phone,
    Here::OtherProgram,
];

/// Both lanes, and how often each trouble struck.
pub struct Troubles {
    pub kis: Option<Kis>,
    pub here: Option<Here>,
    kis_deck: VecDeque<Kis>,
    here_deck: VecDeque<Here>,
    pub struck: BTreeMap<String, u64>,
    /// Orders of another program that a person has not called fine.
    pub foreign: Vec<String>,
    acted: u64,
}

impl Troubles {
    pub fn new() -> Troubles {
        Troubles {
            kis: None,
            here: None,
            kis_deck: VecDeque::new(),
            here_deck: VecDeque::new(),
            struck: BTreeMap::new(),
            foreign: Vec::new(),
            acted: 0,
        }
    }

    /// The next trouble at KIS; every kind comes before one comes again.
    pub fn begin_kis(&mut self, world: &mut World, dice: &mut Dice) {
        if self.kis_deck.is_empty() {
            let mut all = ALL_KIS;
            dice.shuffle(&mut all);
            self.kis_deck.extend(all);
        }
        let trouble = self.kis_deck.pop_front().unwrap();
        (self.kis, self.acted) = (Some(trouble), 0);
        self.arrange(trouble, world, dice);
    }

    fn arrange(&mut self, trouble: Kis, world: &mut World, dice: &mut Dice) {
        let code = |endpoint: &str, code: &str, times: u64| {
            world.sim.fault(endpoint, "code", json!({ "code": code, "times": times }));
        };
        match trouble {
            Kis::Unreachable => move_gateway(world, "http://127.0.0.1:1"),
            Kis::RequestLost => world.sim.fault("order", "drop_before", json!({})),
            Kis::AnswerLost => world.sim.fault("order", "drop_after", json!({})),
            Kis::ErrorAfterAccept => world.sim.fault("order", "status_after", json!({})),
            Kis::Html => world.sim.fault("order", "html", json!({})),
            Kis::HalfABody => world.sim.fault("order", "truncated", json!({})),
            Kis::Empty => world.sim.fault("order", "empty", json!({})),
            Kis::Slow => {
                world.sim.fault("order", "delay", json!({ "seconds": 0.5 }));
                world.set("gateway.timeout_seconds", "0.25");
            }
            Kis::Rejected => {
                world.sim.fault("order", "reject", json!({ "code": "APBK1507", "message": "매매불가 종목입니다" }));
            }
            Kis::GateBusy => code("order", "EGW00201", 1 + dice.below(3)),
            Kis::LedgerBusy => code("order", "EGW00215", 1 + dice.below(3)),
            Kis::TokenRefusedForAnOrder => code("order", "EGW00123", 1),
            Kis::CancelLost => {
                let kind = dice.pick(&["drop_before", "drop_after", "html", "status_after"]);
                world.sim.fault("order-rvsecncl", kind, json!({}));
                fills(world, json!({ "mode": "never" }));
            }
            Kis::ListedLate => {
                world.sim.fault("order", "drop_after", json!({}));
                lag(world, 600);
            }
            Kis::RefusedLater | Kis::NothingFills => fills(world, json!({ "mode": "never" })),
            Kis::PartlyFilled => fills(world, json!({ "mode": "path", "max_quantity_per_minute": 1 })),
            Kis::ReadFails => {
                let endpoint = dice.pick(&["ccnl", "balance", "psamount", "price"]);
                let kinds = ["drop_before", "drop_after", "status_before", "html", "empty", "truncated", "garbage"];
                world.sim.fault(endpoint, dice.pick(&kinds), json!({ "times": 1 + dice.below(12) }));
            }
            Kis::PageFails => {
                world.sim.control("POST", "/quirks", json!({ "page_rows": 1 }));
                let kind = dice.pick(&["drop_before", "truncated", "status_before", "empty"]);
                world.sim.fault("ccnl", kind, json!({ "nth": 2, "times": 3 }));
            }
            Kis::TokenRefused => drop(world.sim.control("POST", "/tokens/expire", json!({}))),
            Kis::TokenDead => drop(world.sim.control("POST", "/tokens/kill", json!({}))),
            Kis::TokenTooSoon => {
                world.files.edit_token_file("expires_at", json!(world.now.timestamp() + 3 * 3600));
                code("tokenP", "EGW00133", 9999);
            }
            Kis::NoTokenForAnHour => {
                world.sim.control("POST", "/tokens/expire", json!({}));
                code("tokenP", "EGW00133", 9999);
            }
        }
    }

    /// What a trouble does in a minute of its own.
    pub fn minute(&mut self, world: &World) {
        if self.kis != Some(Kis::RefusedLater) || self.acted > 0 {
            return;
        }
        let orders = world.sim.own_orders();
        if let Some(order) = orders.iter().find(|order| order["state"] == "open") {
            world.sim.control("POST", "/orders/reject", json!({ "account": "paper", "order_id": order["order_id"] }));
            self.acted = 1;
        }
    }

    /// Ends it; one that struck nothing comes again.
    pub fn end_kis(&mut self, world: &mut World) {
        let Some(trouble) = self.kis.take() else { return };
        let faults = world.sim.control("GET", "/faults", Value::Null);
        let hits: u64 = faults["faults"].as_array().unwrap().iter().map(|fault| fault["hits"].as_u64().unwrap()).sum();
        let today = world.now.format("%Y-%m-%d").to_string();
        let partly = |order: &&Value| {
            order["date"] == *today && order["filled_quantity"] != 0 && order["filled_quantity"] != order["quantity"]
        };
        let hits = match trouble {
            Kis::RefusedLater => self.acted,
            Kis::PartlyFilled => world.sim.own_orders().iter().filter(partly).count() as u64,
            Kis::Unreachable | Kis::NothingFills | Kis::TokenRefused | Kis::TokenDead => 1,
            _ => hits,
        };
        *self.struck.entry(format!("{trouble:?}")).or_default() += hits;
        if hits == 0 {
            self.kis_deck.push_back(trouble);
        }
        world.sim.control("DELETE", "/faults", json!({}));
        world.sim.control("POST", "/quirks", json!({ "page_rows": null }));
        world.set("gateway.timeout_seconds", "30");
        if trouble == Kis::Unreachable {
            let url = world.sim.gateway_url();
            move_gateway(world, &url);
        }
        lag(world, 0);
        fills(world, json!({ "mode": "path" }));
    }

    pub fn begin_here(&mut self, world: &World, prices: &Prices, dice: &mut Dice) {
        if self.here_deck.is_empty() {
            let mut all = ALL_HERE;
            dice.shuffle(&mut all);
            self.here_deck.extend(all);
        }
        let trouble = self.here_deck.pop_front().unwrap();
        self.here = Some(trouble);
        let symbol = dice.pick(&SYMBOLS);
        let price = prices.last(symbol);
        let order = json!({ "account": "paper", "symbol": symbol, "side": "buy", "quantity": 1, "limit_price": price });
        match trouble {
            Here::TornLine if !world.files.state_files().keys().any(|name| name.starts_with("orders-")) => return,
            Here::TornLine => tear(world, dice),
            Here::Halt => std::fs::write(world.files.state("HALT"), "a month alone\n").unwrap(),
            Here::Phone => drop(foreign(world, order, "모바일")),
            // Its medium reads like ours, and tells it from ours in kis-sim's books.
            Here::OtherProgram => self.foreign.extend(foreign(world, order, "OpenAPI 2")),
            Here::ClockOff | Here::Killed | Here::DiskFull | Here::ReadOnly => return,
        }
        self.note(trouble);
    }

    /// A month without one of them would show less than it says.
    pub fn assert_all_struck(&self) {
        let names = ALL_KIS.map(|trouble| format!("{trouble:?}")).into_iter();
        let names = names.chain(ALL_HERE.map(|trouble| format!("{trouble:?}")));
        let missing: Vec<String> = names.filter(|name| self.struck.get(name).is_none_or(|hits| *hits == 0)).collect();
        assert!(missing.is_empty(), "never struck: {missing:?}");
    }

    pub fn note(&mut self, trouble: Here) {
        *self.struck.entry(format!("{trouble:?}")).or_default() += 1;
    }

    pub fn end_here(&mut self, world: &World) {
        if self.here.take() == Some(Here::Halt) {
            std::fs::remove_file(world.files.state("HALT")).unwrap();
        }
    }
}

/// How far this machine's clock is off while it is.
pub fn clock_error(dice: &mut Dice) -> TimeDelta {
    TimeDelta::minutes(dice.pick(&[-9, -4, 4, 9]))
}

/// Lets nobody write into the state directory, or its owner again. Root may all the same.
pub fn set_writable(world: &World, is_writable: bool) {
    let mode = if is_writable { 0o700 } else { 0o500 };
    std::fs::set_permissions(world.files.state(""), PermissionsExt::from_mode(mode)).unwrap();
}

/// A line that a crash cut short.
fn tear(world: &World, dice: &mut Dice) {
    let path = world.files.journal_path();
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.trim_ascii_end().split(|byte| *byte == b'\n').next_back().unwrap().to_vec();
    let kept = usize::try_from(dice.below((last.len() as u64 - 1).max(1))).unwrap();
    bytes.extend_from_slice(&last[..=kept]);
    std::fs::write(&path, bytes).unwrap();
}

fn foreign(world: &World, mut order: Value, medium: &str) -> Option<String> {
    order["medium"] = json!(medium);
    // An account without cash takes none.
    let answer = world.sim.try_control("POST", "/orders/foreign", order).ok()?;
    Some(answer["order_id"].as_str()?.to_owned())
}

/// Sends requests elsewhere, with the token they have.
fn move_gateway(world: &mut World, url: &str) {
    world.set("gateway.base_url", &format!("{url:?}"));
    world.files.edit_token_file("base_url", json!(url));
}

fn fills(world: &World, rules: Value) {
    world.sim.control("POST", "/fills", rules);
}

fn lag(world: &World, seconds: u64) {
    world.sim.control("POST", "/quirks", json!({ "list_lag_seconds": seconds, "balance_lag_seconds": seconds }));
}
