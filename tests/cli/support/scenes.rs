//! Scenes in which a run sends orders, cancels or records fills, with scripts of the gateway's answers; and the normal
//! runs after one that was killed or failed half way.

use serde_json::{Value, json};

use crate::support::books::{assert_all_told, assert_nothing_twice, journal, unknown_intents};
use crate::support::harness::{Mode, World};

/// What the run in question does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Two picks are bought, which fill at once.
    Buy,
    /// A stop loss and a take profit are sold, which fill at once; an order of another hand looks like the first.
    Sell,
    /// Two old buys are cancelled, one of them partly filled.
    Cleanup,
    /// Fills are written down: of one order for the second time, of another for the first.
    Record,
}

/// How the gateway answers the first order, or the first cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    Ok,
    RequestLost,
    AnswerLost,
    ErrorAfterAccept,
    Html,
    HalfABody,
    Empty,
    Slow,
    Rejection,
    TokenRefused,
    GateBusy,
    LedgerBusy,
    /// The answer is lost, lists show orders and balances show fills ten minutes late.
    ListedLate,
}

impl Script {
    const ALL: [Script; 13] = [
        Script::Ok,
        Script::RequestLost,
        Script::AnswerLost,
        Script::ErrorAfterAccept,
        Script::Html,
        Script::HalfABody,
        Script::Empty,
        Script::Slow,
        Script::Rejection,
        Script::TokenRefused,
        Script::GateBusy,
        Script::LedgerBusy,
        Script::ListedLate,
    ];

    /// Reports whether runs spend most of their time waiting.
    pub fn waits(self) -> bool {
        matches!(self, Script::Slow | Script::GateBusy | Script::LedgerBusy)
    }

    fn fault(self) -> Option<(&'static str, Value)> {
        Some(match self {
            Script::Ok => return None,
            Script::RequestLost => ("drop_before", json!({})),
            Script::AnswerLost | Script::ListedLate => ("drop_after", json!({})),
            Script::ErrorAfterAccept => ("status_after", json!({})),
            Script::Html => ("html", json!({})),
            Script::HalfABody => ("truncated", json!({})),
            Script::Empty => ("empty", json!({})),
            Script::Slow => ("delay", json!({ "seconds": 0.25 })),
            Script::Rejection => ("reject", json!({ "code": "APBK1507", "message": "매매불가 종목입니다" })),
            Script::TokenRefused => ("code", json!({ "code": "EGW00123" })),
            Script::GateBusy => ("code", json!({ "code": "EGW00201" })),
            Script::LedgerBusy => ("code", json!({ "code": "EGW00215" })),
        })
    }

    /// Paper and real in turn.
    fn mode(self) -> Mode {
        let index = Script::ALL.iter().position(|script| *script == self).unwrap();
        if index % 2 == 0 { Mode::Paper } else { Mode::Real }
    }
}

impl Scene {
    /// The command of the run.
    pub fn command(self) -> &'static str {
        match self {
            Scene::Buy => "buy",
            Scene::Sell => "sell",
            Scene::Cleanup | Scene::Record => "cleanup",
        }
    }

    /// The world right before the run.
    pub fn arrange(self, script: Script) -> World {
        let mut world = world(script.mode());
        match self {
            Scene::Buy => {}
            Scene::Sell => {
                world.sim.hold("AAPL", 20, "100");
                world.sim.hold("AMZN", 7, "100");
                world.sim.price("AAPL", "80", "85");
                world.sim.price("AMZN", "110", "108");
                // The person has sold half, a while ago, with an order that looks exactly like the one to come.
                let twin = json!({
                    "account": world.sim.account(), "symbol": "AAPL", "side": "sell", "quantity": 10, "limit_price": "79.20",
                });
                world.sim.control("POST", "/orders/foreign", twin);
                world.advance(20 * 60);
            }
            Scene::Cleanup => {
                buy_and_wait(&mut world);
                fill(&world, "AMZN", 3);
            }
            Scene::Record => {
                buy_and_wait(&mut world);
                fill(&world, "AMZN", 4);
                world.set("cleanup.cancel_buys_after_minutes", "0");
                assert_eq!(world.run(&["cleanup"]).code, 0);
                fill(&world, "AMZN", 7);
                fill(&world, "AAPL", 10);
            }
        }
        world.sim.forget_requests();
        if let Some((kind, more)) = script.fault() {
            let endpoint = if self.command() == "cleanup" { "order-rvsecncl" } else { "order" };
            world.sim.fault(endpoint, kind, more);
        }
        if script == Script::ListedLate {
            world.sim.control("POST", "/quirks", json!({ "list_lag_seconds": 600, "balance_lag_seconds": 600 }));
        }
        if script == Script::Slow {
            world.set("gateway.timeout_seconds", "0.15");
        }
        world
    }

    /// Runs normally, at most four times, until KIS's last list of the day; then all is told, and what was wanted is done.
    pub fn recover(self, world: &mut World, told: &str) {
        end_faults(world);
        world.advance(70);
        self.run(world, self.command(), &[0, 81], told);
        if !self.is_done(world, told) {
            // After three quarters of an hour a buy may be absent, and after one a refused stop loss is tried again.
            world.advance(60 * 60);
            self.run(world, "cleanup", &[0], told);
            self.run(world, self.command(), &[0], told);
        }
        // An hour after the close paper's word is final; real orders may live until the after-market ends.
        let last = if world.mode == Mode::Paper { "2023-05-24T21:00:30Z" } else { "2023-05-25T01:00:30Z" };
        world.set_clock(last.parse().unwrap());
        self.run(world, "cleanup", &[0], told);
        assert_all_told(world, told);
        assert!(self.is_done(world, told), "{told}: what was wanted is not done: {:#}", world.sim.ledger());
    }

    fn run(self, world: &World, command: &str, codes: &[i32], told: &str) {
        // A penalty counts real seconds, and here minutes pass between two runs.
        let _ = std::fs::remove_file(world.files.state("rate"));
        let run = world.run(&[command]);
        assert!(codes.contains(&run.code), "{told}: then {command} gave {}: {}{}", run.code, run.stdout, run.stderr);
        assert_nothing_twice(world, told);
    }

    /// Reports whether KIS's books show exactly what was wanted, and the journal no open question.
    fn is_done(self, world: &World, told: &str) -> bool {
        let orders = world.sim.own_orders();
        let mut seen: Vec<(&str, &str, u64)> = orders.iter().map(order_line).collect();
        seen.sort_unstable();
        let wanted = match self {
            Scene::Buy => [("AAPL", "filled", 10), ("AMZN", "filled", 11)],
            Scene::Sell => [("AAPL", "filled", 10), ("AMZN", "filled", 7)],
            Scene::Cleanup => [("AAPL", "cancelled", 0), ("AMZN", "cancelled", 3)],
            Scene::Record => [("AAPL", "filled", 10), ("AMZN", "filled", 11)],
        };
        let is_too_much = seen.len() > wanted.len() || seen.windows(2).any(|pair| pair[0].0 == pair[1].0);
        assert!(!is_too_much, "{told}: more orders than the rules allow: {seen:?}");
        seen == wanted && unknown_intents(&journal(world, told)).is_empty()
    }
}

/// No fault is left, and time enough for every answer.
pub fn end_faults(world: &mut World) {
    world.sim.control("DELETE", "/faults", json!({}));
    world.set("gateway.timeout_seconds", "30");
}

/// Two symbols fell; the limits are those of one order of each.
pub fn world(mode: Mode) -> World {
    let mut world = World::light(mode);
    world
        .set("buy.watch", r#"["NASD:AAPL", "NASD:AMZN"]"#)
        .set("buy.picks", "2")
        .set("limits.max_order_usd", "1000")
        .set("limits.max_buy_usd_per_day", "2000")
        .set("limits.max_position_usd", "1000")
        .set("gateway.timeout_seconds", "30");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "90", "100");
    world.sim.control("POST", "/fills", json!({ "mode": "at_once" }));
    world.put_old_token();
    world
}

/// Two buys are open for longer than they may be.
fn buy_and_wait(world: &mut World) {
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    world.advance(25 * 60);
}

fn fill(world: &World, symbol: &str, quantity: u64) {
    let orders = world.sim.own_orders();
    let order = orders.iter().find(|order| order["symbol"] == symbol).unwrap();
    let body = json!({ "account": world.sim.account(), "order_id": order["order_id"], "quantity": quantity });
    world.sim.control("POST", "/orders/fill", body);
}

fn order_line(order: &Value) -> (&str, &str, u64) {
    let word = |key: &str| order[key].as_str().unwrap();
    (word("symbol"), word("state"), order["filled_quantity"].as_u64().unwrap())
}
