//! A gateway with a stopped clock and a small KIS client. It decides nothing; the tests judge.

use std::collections::BTreeMap;
use std::time::Duration;

use kis_sim::{Options, Sim};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Wednesday, a quarter of an hour into the session; 23:45 the same day in Korea.
pub const MORNING: &str = "2023-03-08T14:45:00Z";
/// The trading date of [`MORNING`].
pub const TODAY: &str = "20230308";

pub const PRICE: &str = "/uapi/overseas-price/v1/quotations/price";
pub const PRICE_DETAIL: &str = "/uapi/overseas-price/v1/quotations/price-detail";
pub const DAILY_PRICE: &str = "/uapi/overseas-price/v1/quotations/dailyprice";
pub const MULTI_PRICE: &str = "/uapi/overseas-price/v1/quotations/multprice";
pub const BALANCE: &str = "/uapi/overseas-stock/v1/trading/inquire-balance";
pub const PRESENT_BALANCE: &str = "/uapi/overseas-stock/v1/trading/inquire-present-balance";
pub const BUYING_POWER: &str = "/uapi/overseas-stock/v1/trading/inquire-psamount";
pub const ORDER_LIST: &str = "/uapi/overseas-stock/v1/trading/inquire-ccnl";
pub const OPEN_ORDERS: &str = "/uapi/overseas-stock/v1/trading/inquire-nccs";
pub const ORDER: &str = "/uapi/overseas-stock/v1/trading/order";
pub const AMEND: &str = "/uapi/overseas-stock/v1/trading/order-rvsecncl";

/// No list of these tests has more pages.
const PAGE_LIMIT: usize = 40;

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
        let market = Self::start(Options {
            start: Some(utc(time)),
            ..options()
        });
        market.post("/clock", json!({"set": time, "ticking": false}));
        market.lift_limits();
        market
    }

    /// Starts one exactly as `options` say.
    pub fn start(options: Options) -> Self {
        Self {
            sim: Sim::start(options).expect("the simulator starts"),
        }
    }

    pub fn url(&self) -> String {
        self.sim.gateway_url()
    }

    pub fn control_url(&self) -> String {
        self.sim.control_url()
    }

    pub fn lift_limits(&self) {
        self.post(
            "/limits",
            json!({"gateway_per_second": null, "ledger_per_second": null}),
        );
    }

    #[track_caller]
    pub fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.sim.control(method, path, body);
        assert!(
            answer.get("error").is_none(),
            "{method} {path} failed: {answer}"
        );
        answer
    }

    #[track_caller]
    pub fn post(&self, path: &str, body: Value) -> Value {
        self.control("POST", path, body)
    }

    #[track_caller]
    pub fn read(&self, path: &str) -> Value {
        self.control("GET", path, json!({}))
    }

    /// Returns the error of a control request that must fail.
    #[track_caller]
    pub fn refused(&self, method: &str, path: &str, body: Value) -> String {
        let answer = self.sim.control(method, path, body);
        text(&answer, "error").to_owned()
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
        Client {
            mode,
            url: self.url(),
            token: token.to_owned(),
        }
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
    Options {
        market_data: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/market-data").into()),
        ..Options::default()
    }
}

/// Returns tokenP's request body.
pub fn credentials(mode: Mode) -> Value {
    json!({"grant_type": "client_credentials", "appkey": mode.key(), "appsecret": mode.secret()})
}

#[track_caller]
pub fn oauth(url: &str, path: &str, body: &Value) -> Answer {
    Call::new("POST", url, path)
        .header("content-type", "application/json")
        .json(body)
        .send()
}

/// A KIS client of one account.
#[derive(Clone)]
pub struct Client {
    pub mode: Mode,
    url: String,
    pub token: String,
}

impl Client {
    fn call(&self, method: &'static str, path: &str, tr_id: &str) -> Call {
        Call::new(method, &self.url, path)
            .header("content-type", "application/json; charset=utf-8")
            .header("authorization", &format!("Bearer {}", self.token))
            .header("appkey", self.mode.key())
            .header("appsecret", &self.mode.secret())
            .header("tr_id", tr_id)
            .header("custtype", "P")
    }

    pub fn get(&self, path: &str, tr_id: &str) -> Call {
        self.call("GET", path, tr_id).header("tr_cont", "")
    }

    /// A query about the account.
    fn account_get(&self, path: &str, tr_id: &str) -> Call {
        self.get(path, tr_id)
            .query("CANO", self.mode.cano())
            .query("ACNT_PRDT_CD", "01")
    }

    pub fn post(&self, path: &str, tr_id: &str, body: &Value) -> Call {
        self.call("POST", path, tr_id).json(body)
    }

    /// 해외주식 현재체결가.
    pub fn price(&self, exchange: &str, symbol: &str) -> Call {
        self.quote(PRICE, "HHDFS00000300", exchange, symbol)
    }

    /// 해외주식 현재가상세.
    pub fn price_detail(&self, exchange: &str, symbol: &str) -> Call {
        self.quote(PRICE_DETAIL, "HHDFS76200200", exchange, symbol)
    }

    fn quote(&self, path: &str, tr_id: &str, exchange: &str, symbol: &str) -> Call {
        self.get(path, tr_id)
            .query("AUTH", "")
            .query("EXCD", exchange)
            .query("SYMB", symbol)
    }

    /// 해외주식 기간별시세, by the day, not adjusted; `until` may be blank.
    pub fn daily_price(&self, exchange: &str, symbol: &str, until: &str) -> Call {
        self.quote(DAILY_PRICE, "HHDFS76240000", exchange, symbol)
            .query("GUBN", "0")
            .query("BYMD", until)
            .query("MODP", "0")
            .query("KEYB", "")
    }

    /// 해외주식 복수종목 시세조회.
    pub fn multi_price(&self, wanted: &[(&str, &str)]) -> Call {
        let mut call = self
            .get(MULTI_PRICE, "HHDFS76220000")
            .query("AUTH", "")
            .query("NREC", &wanted.len().to_string());
        for slot in 1..=wanted.len().max(10) {
            let (exchange, symbol) = wanted.get(slot - 1).copied().unwrap_or(("", ""));
            call = call
                .query(&format!("EXCD_{slot:02}"), exchange)
                .query(&format!("SYMB_{slot:02}"), symbol);
        }
        call
    }

    /// 해외주식 잔고.
    pub fn balance(&self, exchange: &str) -> Call {
        self.account_get(BALANCE, self.mode.balance_tr())
            .query("OVRS_EXCG_CD", exchange)
            .query("TR_CRCY_CD", "USD")
            .query("CTX_AREA_FK200", "")
            .query("CTX_AREA_NK200", "")
    }

    /// Returns the rows of holdings without the padding.
    #[track_caller]
    pub fn holdings(&self, exchange: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        for page in self.balance(exchange).pages() {
            rows.extend(page.rows("output1"));
        }
        rows.retain(|row| !text(row, "ovrs_pdno").trim().is_empty());
        rows
    }

    /// 해외주식 체결기준현재잔고, `unit` 01 won or 02 foreign.
    pub fn present_balance(&self, unit: &str) -> Call {
        self.account_get(PRESENT_BALANCE, self.mode.present_balance_tr())
            .query("WCRC_FRCR_DVSN_CD", unit)
            .query("NATN_CD", "840")
            .query("TR_MKET_CD", "00")
            .query("INQR_DVSN_CD", "00")
    }

    /// 해외주식 매수가능금액조회.
    pub fn buying_power(&self, exchange: &str, symbol: &str, price: &str) -> Call {
        self.account_get(BUYING_POWER, self.mode.buying_power_tr())
            .query("OVRS_EXCG_CD", exchange)
            .query("OVRS_ORD_UNPR", price)
            .query("ITEM_CD", symbol)
    }

    /// 해외주식 주문체결내역, everything of the New York dates; paper takes its filters blank.
    pub fn order_list(&self, from: &str, to: &str) -> Call {
        let real = self.mode == Mode::Real;
        self.account_get(ORDER_LIST, self.mode.order_list_tr())
            .query("PDNO", if real { "%" } else { "" })
            .query("ORD_STRT_DT", from)
            .query("ORD_END_DT", to)
            .query("SLL_BUY_DVSN", "00")
            .query("CCLD_NCCS_DVSN", "00")
            .query("OVRS_EXCG_CD", if real { "%" } else { "" })
            .query("SORT_SQN", "DS")
            .query("ORD_DT", "")
            .query("ORD_GNO_BRNO", "")
            .query("ODNO", "")
            .query("CTX_AREA_NK200", "")
            .query("CTX_AREA_FK200", "")
    }

    /// Returns every order row of [`TODAY`].
    #[track_caller]
    pub fn order_rows(&self) -> Vec<Value> {
        self.order_rows_between(TODAY, TODAY)
    }

    #[track_caller]
    pub fn order_rows_between(&self, from: &str, to: &str) -> Vec<Value> {
        order_rows(&self.order_list(from, to).pages())
    }

    /// Returns the row of one order, whichever way its number is printed.
    #[track_caller]
    pub fn order_row(&self, order_id: &str) -> Value {
        row_of(&self.order_rows(), order_id)
    }

    /// 해외주식 미체결내역.
    pub fn open_orders(&self, exchange: &str) -> Call {
        self.account_get(OPEN_ORDERS, self.mode.open_orders_tr())
            .query("OVRS_EXCG_CD", exchange)
            .query("SORT_SQN", "DS")
            .query("CTX_AREA_FK200", "")
            .query("CTX_AREA_NK200", "")
    }

    /// 해외주식 주문: the body of a limit order.
    pub fn order_body(&self, exchange: &str, symbol: &str, quantity: u32, price: &str) -> Value {
        json!({
            "CANO": self.mode.cano(), "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": exchange, "PDNO": symbol,
            "ORD_QTY": quantity.to_string(), "OVRS_ORD_UNPR": price, "CTAC_TLNO": "", "MGCO_APTM_ODNO": "",
            "SLL_TYPE": "", "ORD_SVR_DVSN_CD": "0", "ORD_DVSN": "00",
        })
    }

    /// A NASDAQ limit buy.
    #[track_caller]
    pub fn buy(&self, symbol: &str, quantity: u32, price: &str) -> Answer {
        let body = self.order_body("NASD", symbol, quantity, price);
        self.post(ORDER, self.mode.buy_tr(), &body).send()
    }

    /// A NASDAQ limit sell.
    #[track_caller]
    pub fn sell(&self, symbol: &str, quantity: u32, price: &str) -> Answer {
        let body = self.order_body("NASD", symbol, quantity, price);
        self.post(ORDER, self.mode.sell_tr(), &with(body, "SLL_TYPE", "00"))
            .send()
    }

    /// 해외주식 정정취소주문: the body of a cancel.
    pub fn cancel_body(&self, symbol: &str, order_id: &str, quantity: u32) -> Value {
        json!({
            "CANO": self.mode.cano(), "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": "NASD", "PDNO": symbol,
            "ORGN_ODNO": order_id, "RVSE_CNCL_DVSN_CD": "02", "ORD_QTY": quantity.to_string(),
            "OVRS_ORD_UNPR": "0", "MGCO_APTM_ODNO": "", "ORD_SVR_DVSN_CD": "0",
        })
    }

    #[track_caller]
    pub fn cancel(&self, symbol: &str, order_id: &str, quantity: u32) -> Answer {
        self.amend(&self.cancel_body(symbol, order_id, quantity))
    }

    #[track_caller]
    pub fn modify(&self, symbol: &str, order_id: &str, quantity: u32, price: &str) -> Answer {
        let body = self.cancel_body(symbol, order_id, quantity);
        self.amend(&with(
            with(body, "RVSE_CNCL_DVSN_CD", "01"),
            "OVRS_ORD_UNPR",
            price,
        ))
    }

    #[track_caller]
    pub fn amend(&self, body: &Value) -> Answer {
        self.post(AMEND, self.mode.amend_tr(), body).send()
    }
}

/// One request, changed at will before it is sent.
#[derive(Clone)]
pub struct Call {
    method: &'static str,
    url: String,
    headers: BTreeMap<String, String>,
    query: Vec<(String, String)>,
    body: Option<String>,
}

impl Call {
    pub fn new(method: &'static str, url: &str, path: &str) -> Self {
        Self {
            method,
            url: format!("{url}{path}"),
            headers: BTreeMap::new(),
            query: Vec::new(),
            body: None,
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn without_header(mut self, name: &str) -> Self {
        assert!(self.headers.remove(name).is_some(), "no header {name}");
        self
    }

    /// Sets a query parameter, replacing an earlier one of that name.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        match self.query.iter_mut().find(|(key, _)| key == name) {
            Some(pair) => pair.1 = value.to_owned(),
            None => self.query.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    pub fn without_query(mut self, name: &str) -> Self {
        let before = self.query.len();
        self.query.retain(|(key, _)| key != name);
        assert!(self.query.len() < before, "no parameter {name}");
        self
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string());
        self
    }

    /// Sends it.
    #[track_caller]
    pub fn send(&self) -> Answer {
        self.try_send().expect("an answer arrives")
    }

    /// Sends it.
    ///
    /// # Errors
    ///
    /// The connection was lost before the answer was complete.
    pub fn try_send(&self) -> Result<Answer, ureq::Error> {
        let pairs: Vec<String> = self
            .query
            .iter()
            .map(|(key, value)| format!("{}={}", percent_encoded(key), percent_encoded(value)))
            .collect();
        let url = if pairs.is_empty() {
            self.url.clone()
        } else {
            format!("{}?{}", self.url, pairs.join("&"))
        };
        let mut request = ureq::http::Request::builder().method(self.method).uri(url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut response = match &self.body {
            Some(body) => agent().run(request.body(body.clone())?)?,
            None => agent().run(request.body(())?)?,
        };
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let bytes = response.body_mut().read_to_vec()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer {
            status: response.status().as_u16(),
            headers,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        })
    }

    /// Reads a list to its last page, the way KIS's samples do.
    #[track_caller]
    pub fn pages(&self) -> Vec<Answer> {
        let mut pages = vec![self.send()];
        while pages.len() < PAGE_LIMIT {
            let last = &pages[pages.len() - 1];
            assert_eq!(text(&last.body, "rt_cd"), "0", "{}", last.text);
            if !last.has_more() {
                return pages;
            }
            let next = self
                .clone()
                .header("tr_cont", "N")
                .query("CTX_AREA_FK200", text(&last.body, "ctx_area_fk200"))
                .query("CTX_AREA_NK200", text(&last.body, "ctx_area_nk200"));
            pages.push(next.send());
        }
        panic!("more than {PAGE_LIMIT} pages");
    }
}

/// Every request has a connection of its own, so that a dropped one disturbs no other.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(0)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(20)))
        .build()
        .new_agent()
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// An answer as it came over the wire; `body` is null when it is not JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub text: String,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn is_success(&self) -> bool {
        self.status == 200 && self.body["rt_cd"] == "0"
    }

    /// Tells whether `tr_cont` announces more pages.
    pub fn has_more(&self) -> bool {
        matches!(self.header("tr_cont").map(str::trim), Some("F" | "M"))
    }

    #[track_caller]
    pub fn code(&self) -> &str {
        assert!(self.body.is_object(), "not JSON: {}", self.text);
        text(&self.body, "msg_cd")
    }

    /// Returns the message without its padding.
    #[track_caller]
    pub fn message(&self) -> &str {
        text(&self.body, "msg1").trim_end()
    }

    #[track_caller]
    pub fn output(&self, field: &str) -> &str {
        text(&self.body["output"], field)
    }

    /// Returns a list, also when it came as one object or not at all.
    pub fn rows(&self, name: &str) -> Vec<Value> {
        match &self.body[name] {
            Value::Array(rows) => rows.clone(),
            Value::Object(row) => vec![Value::Object(row.clone())],
            _ => Vec::new(),
        }
    }

    /// Asserts an accepted order and returns its ten-digit number.
    #[track_caller]
    pub fn order_id(&self) -> String {
        assert!(self.is_success(), "{} {}", self.status, self.text);
        self.output("ODNO").to_owned()
    }

    /// Asserts a failure with this HTTP status and code.
    #[track_caller]
    pub fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        assert_ne!(text(&self.body, "rt_cd"), "0", "{}", self.text);
    }

    /// Asserts a success with this code and message, padding apart.
    #[track_caller]
    pub fn assert_success(&self, code: &str, message: &str) {
        assert!(self.is_success(), "{} {}", self.status, self.text);
        assert_eq!((self.code(), self.message()), (code, message));
    }
}

/// Returns the order rows of some pages, without the row of blanks that stands for "nothing".
pub fn order_rows(pages: &[Answer]) -> Vec<Value> {
    let mut rows = Vec::new();
    for page in pages {
        rows.extend(page.rows("output"));
    }
    rows.retain(|row| !text(row, "odno").trim().is_empty());
    rows
}

#[track_caller]
pub fn row_of(rows: &[Value], order_id: &str) -> Value {
    let bare = bare(order_id);
    let found: Vec<&Value> = rows
        .iter()
        .filter(|row| self::bare(text(row, "odno")) == bare)
        .collect();
    assert_eq!(found.len(), 1, "order {order_id} in {rows:?}");
    found[0].clone()
}

/// Strips what the order lists may leave out of a number.
pub fn bare(order_id: &str) -> &str {
    order_id.trim().trim_start_matches('0')
}

/// Returns a body with one field set.
pub fn with(mut body: Value, name: &str, value: &str) -> Value {
    body[name] = json!(value);
    body
}

/// Returns a body with one field left out.
#[track_caller]
pub fn without(mut body: Value, name: &str) -> Value {
    let fields = body.as_object_mut().expect("a JSON object");
    assert!(fields.remove(name).is_some(), "no field {name}");
    body
}

/// Returns a field that must be a string.
#[track_caller]
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no text {name} in {value}"))
}

/// Returns a number that is written as text.
#[track_caller]
pub fn number(value: &Value, name: &str) -> Decimal {
    decimal(text(value, name))
}

#[track_caller]
pub fn decimal(text: &str) -> Decimal {
    let digits = text.trim();
    let unsigned = digits.strip_prefix('+').unwrap_or(digits);
    unsigned
        .parse()
        .unwrap_or_else(|_| panic!("not a number: {text:?}"))
}

#[track_caller]
pub fn list(value: &Value, name: &str) -> Vec<Value> {
    value[name]
        .as_array()
        .unwrap_or_else(|| panic!("no list {name} in {value}"))
        .clone()
}

#[track_caller]
pub fn find(rows: &[Value], name: &str, wanted: &str) -> Value {
    let found: Vec<&Value> = rows.iter().filter(|row| row[name] == wanted).collect();
    assert_eq!(found.len(), 1, "{name} {wanted} in {rows:?}");
    found[0].clone()
}

/// Asserts that each of the blank-separated fields is there and is text, as all business values of KIS are.
#[track_caller]
pub fn assert_fields(value: &Value, names: &str) {
    for name in names.split_whitespace() {
        assert!(value[name].is_string(), "field {name} in {value}");
    }
}

/// Asserts a plain number with exactly so many decimals (0: an integer).
#[track_caller]
pub fn assert_places(value: &Value, names: &str, places: usize) {
    for name in names.split_whitespace() {
        let written = text(value, name);
        let digits = written.strip_prefix('-').unwrap_or(written);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = !whole.is_empty()
            && whole
                .bytes()
                .chain(fraction.bytes())
                .all(|b| b.is_ascii_digit());
        assert!(
            plain && fraction.len() == places && digits.contains('.') == (places > 0),
            "{name}: {written:?}, wanted {places} decimals"
        );
    }
}

#[track_caller]
pub fn utc(time: &str) -> chrono::DateTime<chrono::Utc> {
    time.parse().expect("an RFC 3339 time")
}

/// One day of the market data, prices as written in the file.
#[derive(Clone, Debug)]
pub struct Bar {
    pub date: String,
    pub open: Decimal,
    pub high: Decimal,
    pub low: Decimal,
    pub close: Decimal,
    pub volume: u64,
}

/// Reads a symbol's bars, oldest first; dates without hyphens.
pub fn bars(symbol: &str) -> Vec<Bar> {
    let path = format!("{}/market-data/{symbol}.csv", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_to_string(path).expect("market data");
    file.lines().skip(1).map(bar).collect()
}

fn bar(line: &str) -> Bar {
    let cells: Vec<&str> = line.split(',').collect();
    Bar {
        date: cells[0].replace('-', ""),
        open: decimal(cells[1]),
        high: decimal(cells[2]),
        low: decimal(cells[3]),
        close: decimal(cells[4]),
        volume: cells[5].parse().expect("a volume"),
    }
}

/// Returns the bars of a day and of the trading day before.
#[track_caller]
pub fn bar_and_previous(symbol: &str, date: &str) -> (Bar, Bar) {
    let bars = bars(symbol);
    let index = bars
        .iter()
        .position(|bar| bar.date == date)
        .expect("a trading day");
    (bars[index].clone(), bars[index - 1].clone())
}
