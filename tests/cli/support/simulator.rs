//! kis-sim as a test moves it and reads it: quotes, faults, the account's books, the requests that came.

use std::ops::Deref;

use kis_sim::{Options, Sim};
use serde_json::{Value, json};

use super::harness::Mode;

/// The simulated gateway of one test, with the account that its runs trade on.
pub struct Simulator {
    sim: Sim,
    mode: Mode,
}

impl Simulator {
    /// Starts kis-sim for the account of a mode, as sour as KIS may be: one request to the ledger a second, and balances that end with
    /// a blank row.
    pub fn start(mode: Mode, options: Options) -> Simulator {
        let simulator = Simulator { sim: Sim::start(options).expect("kis-sim starts"), mode };
        simulator.control("POST", "/limits", json!({ "ledger_per_second": 1 }));
        simulator.control("POST", "/quirks", json!({ "balance_padding_rows": 1 }));
        simulator
    }

    /// Scripts a fault of the next request to an endpoint, with more keys in `more`.
    pub fn fault(&self, endpoint: &str, kind: &str, more: Value) {
        let mut fault = json!({ "endpoint": endpoint, "kind": kind });
        for (key, value) in more.as_object().expect("an object") {
            fault[key] = value.clone();
        }
        self.control("POST", "/faults", fault);
    }

    /// Holds back the answer to the next request to an endpoint until [`Simulator::let_answer`]: what happens meanwhile may
    /// take as long as it likes.
    pub fn hold_answer(&self, endpoint: &str) {
        self.fault(endpoint, "delay", json!({ "seconds": 3600 }));
    }

    /// Lets out what is held back, and removes all scripted faults.
    pub fn let_answer(&self) {
        self.control("DELETE", "/faults", json!({}));
    }

    /// Pins a quote.
    pub fn price(&self, symbol: &str, last: &str, base: &str) {
        self.control("POST", "/prices", json!({ "symbol": symbol, "last": last, "base": base, "volume": 1000 }));
    }

    /// Gives the account a holding.
    pub fn hold(&self, symbol: &str, quantity: u64, average_cost: &str) {
        let account = self.account();
        let position =
            json!({ "account": account, "symbol": symbol, "quantity": quantity, "average_cost": average_cost });
        self.control("POST", "/positions", position);
    }

    /// `paper` or `real`, as the control port takes it.
    pub fn account(&self) -> &'static str {
        if self.mode == Mode::Paper { "paper" } else { "real" }
    }

    /// The account's books at kis-sim: cash, positions, orders, fills.
    pub fn ledger(&self) -> Value {
        self.control("GET", "/ledger", Value::Null)["accounts"][self.account()].clone()
    }

    /// Those of the plain orders that came through the Open API, as ours do.
    pub fn own_orders(&self) -> Vec<Value> {
        self.orders().into_iter().filter(|order| order["medium"] == "OpenAPI").collect()
    }

    /// The account's plain orders at kis-sim, cancel and modify rows left out.
    pub fn orders(&self) -> Vec<Value> {
        let orders = self.ledger()["orders"].as_array().cloned().unwrap_or_default();
        orders.into_iter().filter(|order| order["original_id"].as_str().unwrap_or("").is_empty()).collect()
    }

    /// The TR ids of the requests received, in order; token requests show their path.
    pub fn requests(&self) -> Vec<String> {
        let requests =
            self.control("GET", "/requests", Value::Null)["requests"].as_array().cloned().unwrap_or_default();
        let name = |request: &Value| match request["tr_id"].as_str() {
            Some(tr_id) if !tr_id.is_empty() => tr_id.to_owned(),
            _ => request["path"].as_str().unwrap_or_default().to_owned(),
        };
        requests.iter().map(name).collect()
    }

    /// The requests received, with everything that kis-sim kept of them.
    pub fn request_records(&self) -> Vec<Value> {
        self.control("GET", "/requests", Value::Null)["requests"].as_array().cloned().unwrap()
    }

    /// How many order requests arrived, cancels left out.
    pub fn order_posts(&self) -> usize {
        let is_order = |request: &&Value| request["path"] == "/uapi/overseas-stock/v1/trading/order";
        self.request_records().iter().filter(is_order).count()
    }

    /// Forgets the requests received so far.
    pub fn forget_requests(&self) {
        self.control("DELETE", "/requests", json!({}));
    }

    /// Tokens that kis-sim issued.
    pub fn issues(&self) -> u64 {
        self.control("GET", "/tokens", Value::Null)["issues"].as_u64().unwrap()
    }

    /// How many different tokens kis-sim gave.
    pub fn tokens(&self) -> usize {
        self.control("GET", "/tokens", Value::Null)["tokens"].as_array().unwrap().len()
    }
}

impl Deref for Simulator {
    type Target = Sim;

    fn deref(&self) -> &Sim {
        &self.sim
    }
}
