//! A simulated gateway with a stopped clock and a handle on its control port. It decides nothing; the tests judge.

use kis_sim::{Options, Sim};
use serde_json::{Value, json};

pub use crate::call::{Answer, Call};
pub use crate::client::*;
pub use crate::values::*;

/// Wednesday, a quarter of an hour into the session; 23:45 the same day in Korea.
pub const MORNING: &str = "2023-03-08T14:45:00Z";
/// The trading date of [`MORNING`].
pub const TODAY: &str = "20230308";

/// The environment a key pair belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Paper,
    Real,
}

pub const BOTH: [Mode; 2] = [Mode::Paper, Mode::Real];

impl Mode {
    pub fn key(self) -> &'static str {
        self.pick(kis_sim::PAPER_KEY, kis_sim::REAL_KEY)
    }

    pub fn secret(self) -> String {
        match self {
            Mode::Paper => kis_sim::paper_secret(),
            Mode::Real => kis_sim::real_secret(),
        }
    }

    /// Returns the account number's first eight digits.
    pub fn cano(self) -> &'static str {
        self.pick("50000001", "60000001")
    }

    pub fn name(self) -> &'static str {
        self.pick("paper", "real")
    }

    pub fn buy_tr(self) -> &'static str {
        self.pick("VTTT1002U", "TTTT1002U")
    }

    /// Paper's sell is not the real one with another first letter.
    pub fn sell_tr(self) -> &'static str {
        self.pick("VTTT1001U", "TTTT1006U")
    }

    pub fn amend_tr(self) -> &'static str {
        self.pick("VTTT1004U", "TTTT1004U")
    }

    pub fn balance_tr(self) -> &'static str {
        self.pick("VTTS3012R", "TTTS3012R")
    }

    pub fn present_balance_tr(self) -> &'static str {
        self.pick("VTRP6504R", "CTRP6504R")
    }

    pub fn buying_power_tr(self) -> &'static str {
        self.pick("VTTS3007R", "TTTS3007R")
    }

    pub fn order_list_tr(self) -> &'static str {
        self.pick("VTTS3035R", "TTTS3035R")
    }

    pub fn open_orders_tr(self) -> &'static str {
        self.pick("VTTS3018R", "TTTS3018R")
    }

    fn pick(self, paper: &'static str, real: &'static str) -> &'static str {
        match self {
            Mode::Paper => paper,
            Mode::Real => real,
        }
    }
}

/// A running simulator.
pub struct Market {
    sim: Sim,
}

impl Market {
    /// Starts one whose clock stands still at `time` and whose request limits are lifted.
    pub fn at(time: &str) -> Self {
        let market = Self::start(Options { start: Some(utc(time)), ..options() });
        market.post("/clock", json!({"set": time, "ticking": false}));
        market.lift_limits();
        market
    }

    /// One at [`MORNING`] with ZZZQ at 100.00, where nothing fills until a test says so.
    pub fn still() -> Self {
        let market = Self::at(MORNING);
        market.price("ZZZQ", "100.00");
        market.fill_mode("never");
        market
    }

    /// Starts one exactly as `options` say.
    pub fn start(options: Options) -> Self {
        Self { sim: Sim::start(options).expect("the simulator starts") }
    }

    pub fn url(&self) -> String {
        self.sim.gateway_url()
    }

    pub fn control_url(&self) -> String {
        self.sim.control_url()
    }

    pub fn lift_limits(&self) {
        self.post("/limits", json!({"gateway_per_second": null, "ledger_per_second": null}));
    }

    /// Steers the simulator; a refusal ends the test.
    #[track_caller]
    pub fn control(&self, method: &str, path: &str, body: Value) -> Value {
        self.sim.control(method, path, body)
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: Value) -> Value {
        self.control("POST", path, body)
    }

    #[track_caller]
    pub fn read(&self, path: &str) -> Value {
        self.control("GET", path, json!({}))
    }

    /// Returns the error of a request that the control port must refuse.
    #[track_caller]
    pub fn refused(&self, path: &str, body: &Value) -> String {
        let answer = Call::new("POST", &self.control_url(), path).json(body).send();
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        text(&answer.body, "error").to_owned()
    }

    #[track_caller]
    pub fn set_clock(&self, time: &str) {
        self.post("/clock", json!({"set": time}));
    }

    #[track_caller]
    pub fn advance(&self, seconds: i64) {
        self.post("/clock", json!({"advance_seconds": seconds}));
    }

    #[track_caller]
    pub fn quirk(&self, name: &str, value: Value) {
        self.post("/quirks", json!({name: value}));
    }

    /// Pins a NASDAQ quote; yesterday's close is 101.50.
    #[track_caller]
    pub fn price(&self, symbol: &str, last: &str) {
        self.price_on("NASD", symbol, last);
    }

    #[track_caller]
    pub fn price_on(&self, exchange: &str, symbol: &str, last: &str) {
        self.post(
            "/prices",
            json!({"symbol": symbol, "last": last, "base": "101.50", "volume": 833_120, "exchange": exchange}),
        );
    }

    #[track_caller]
    pub fn hold(&self, mode: Mode, symbol: &str, quantity: u32, average_cost: &str) {
        self.post(
            "/positions",
            json!({"account": mode.name(), "symbol": symbol, "quantity": quantity, "average_cost": average_cost}),
        );
    }

    /// How open orders fill: `path`, `never` or `at_once`.
    #[track_caller]
    pub fn fill_mode(&self, mode: &str) {
        self.post("/fills", json!({"mode": mode}));
    }

    #[track_caller]
    pub fn account(&self, mode: Mode) -> Value {
        self.read("/ledger")["accounts"][mode.name()].clone()
    }

    #[track_caller]
    pub fn orders(&self, mode: Mode) -> Vec<Value> {
        list(&self.account(mode), "orders")
    }

    #[track_caller]
    pub fn fills(&self, mode: Mode) -> Vec<Value> {
        list(&self.account(mode), "fills")
    }

    /// Returns the ledger's entry of an order.
    #[track_caller]
    pub fn order(&self, mode: Mode, order_id: &str) -> Value {
        find(&self.orders(mode), "order_id", order_id)
    }

    #[track_caller]
    pub fn position(&self, mode: Mode, symbol: &str) -> Value {
        find(&list(&self.account(mode), "positions"), "symbol", symbol)
    }

    /// Returns a client with a fresh token.
    #[track_caller]
    pub fn client(&self, mode: Mode) -> Client {
        let answer = self.issue(&credentials(mode));
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.client_with(mode, text(&answer.body, "access_token"))
    }

    pub fn client_with(&self, mode: Mode, token: &str) -> Client {
        Client { mode, url: self.url(), token: token.to_owned() }
    }

    /// 접근토큰발급(P): `POST /oauth2/tokenP`.
    #[track_caller]
    pub fn issue(&self, body: &Value) -> Answer {
        oauth(&self.url(), "/oauth2/tokenP", body)
    }

    /// 접근토큰폐기(P): `POST /oauth2/revokeP`.
    #[track_caller]
    pub fn revoke(&self, mode: Mode, token: &str) -> Answer {
        let body = json!({"appkey": mode.key(), "appsecret": mode.secret(), "token": token});
        oauth(&self.url(), "/oauth2/revokeP", &body)
    }
}

/// Returns the options of a simulator on free ports with the real bars.
pub fn options() -> Options {
    Options { market_data: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/market-data").into()), ..Options::default() }
}

/// Returns tokenP's request body.
pub fn credentials(mode: Mode) -> Value {
    json!({"grant_type": "client_credentials", "appkey": mode.key(), "appsecret": mode.secret()})
}

#[track_caller]
pub fn oauth(url: &str, path: &str, body: &Value) -> Answer {
    Call::new("POST", url, path).header("content-type", "application/json").json(body).send()
}
