//! Several accounts: each has its own key pair, token, limits and books.

use kis_sim::Options;
use serde_json::{Value, json};

use crate::harness::*;

/// What opens an account: its app key, its app secret, its number.
struct Credentials {
    key: String,
    secret: String,
    cano: String,
}

/// Those of the nth paper account, made as the README says.
fn paper(n: u32) -> Credentials {
    let with_digit = |text: &str| format!("{}{n}", &text[..text.len() - 1]);
    let mark = if n == 1 { "+".to_owned() } else { n.to_string() };
    Credentials {
        key: with_digit(kis_sim::PAPER_KEY),
        secret: kis_sim::paper_secret().replace('+', &mark),
        cano: with_digit(Mode::Paper.cano()),
    }
}

fn issue(market: &Market, of: &Credentials) -> Answer {
    let body = json!({"grant_type": "client_credentials", "appkey": of.key, "appsecret": of.secret});
    oauth(&market.url(), "/oauth2/tokenP", &body)
}

fn token(market: &Market, of: &Credentials) -> String {
    let answer = issue(market, of);
    assert_eq!(answer.status, 200, "{}", answer.text);
    text(&answer.body, "access_token").to_owned()
}

fn call(market: &Market, of: &Credentials, token: &str, method: &'static str, path: &str, tr_id: &str) -> Call {
    let call = Call::new(method, &market.url(), path).header("authorization", &format!("Bearer {token}"));
    let call = call.header("content-type", "application/json").header("appkey", &of.key);
    call.header("appsecret", &of.secret).header("tr_id", tr_id)
}

fn buy(market: &Market, of: &Credentials, token: &str, cano: &str) -> Answer {
    let body = json!({
        "CANO": cano, "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": "NASD", "PDNO": "ZZZQ", "ORD_QTY": "3",
        "OVRS_ORD_UNPR": "99.00", "ORD_SVR_DVSN_CD": "0", "ORD_DVSN": "00",
    });
    call(market, of, token, "POST", ORDER, Mode::Paper.buy_tr()).json(&body).send()
}

/// A market with so many accounts of each environment.
fn market(accounts: u8) -> Market {
    let market = Market::start(Options { start: Some(utc(MORNING)), accounts, ..options() });
    market.post("/clock", json!({"set": MORNING, "ticking": false}));
    market.lift_limits();
    market.price("ZZZQ", "100.00");
    market.fill_mode("never");
    market
}

fn books(market: &Market, account: &str) -> Value {
    market.read("/ledger")["accounts"][account].clone()
}

#[test]
fn an_order_is_booked_in_the_account_that_its_key_opens() {
    let market = market(3);
    let of = paper(3);
    let answer = buy(&market, &of, &token(&market, &of), &of.cano);
    assert!(answer.is_success(), "{}", answer.text);
    let count = |account: &str| list(&books(&market, account), "orders").len();
    assert_eq!(["paper", "paper-2", "paper-3", "real-3"].map(count), [0, 0, 1, 0]);
}

#[test]
fn a_key_a_token_and_a_number_of_different_accounts_do_not_go_together() {
    let market = market(2);
    let (first, second) = (paper(1), paper(2));
    let (own, other) = (token(&market, &second), token(&market, &first));
    assert_eq!(buy(&market, &second, &own, &first.cano).code(), "OPSQ2000");
    assert_eq!(buy(&market, &second, &other, &second.cano).code(), "EGW00121");
    let mixed = Credentials { secret: first.secret.clone(), ..paper(2) };
    assert_eq!(buy(&market, &mixed, &own, &second.cano).code(), "EGW00304");
    assert_eq!(list(&books(&market, "paper-2"), "orders").len(), 0);
}

#[test]
fn the_minute_between_tokens_is_each_key_s_own() {
    let market = market(2);
    market.post("/limits", json!({"token_per_minute": true}));
    assert_eq!([1, 2, 1].map(|n| issue(&market, &paper(n)).status), [200, 200, 403]);
}

#[test]
fn a_key_of_an_account_that_was_not_opened_is_refused() {
    let market = market(2);
    let answer = issue(&market, &paper(3));
    assert_eq!((answer.status, text(&answer.body, "error_code")), (403, "EGW00103"));
    assert_eq!(market.refused("/cash", &json!({"account": "paper-3", "usd": "1"})), "no such account: paper-3");
    assert_eq!(market.refused("/cash", &json!({"account": "gold", "usd": "1"})), "no such account: gold");
}

#[test]
fn the_control_port_names_each_account() {
    let market = market(2);
    market.post("/cash", json!({"account": "real-2", "usd": "77"}));
    let order = json!({"account": "paper-2", "symbol": "ZZZQ", "side": "buy", "quantity": 1, "limit_price": "90"});
    let number = market.post("/orders/foreign", order)["order_id"].clone();
    market.post("/orders/fill", json!({"order_id": number}));
    assert_eq!(text(&books(&market, "real-2"), "cash"), "77.00");
    assert_eq!(text(&books(&market, "real"), "cash"), "10000.00");
    assert_eq!(list(&books(&market, "paper-2"), "fills").len(), 1);
    assert_eq!(list(&books(&market, "paper"), "fills").len(), 0);
}

#[test]
fn no_order_number_is_given_twice_in_an_environment() {
    let market = market(3);
    let order = |account: &str| {
        let order = json!({"account": account, "symbol": "ZZZQ", "side": "buy", "quantity": 1, "limit_price": "90"});
        market.post("/orders/foreign", order)["order_id"].to_string()
    };
    let mut numbers = ["paper", "paper-2", "paper-3", "paper", "paper-2"].map(order).to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 5);
}

#[test]
fn a_reset_keeps_the_accounts_and_empties_them() {
    let market = market(2);
    market.post("/cash", json!({"account": "paper-2", "usd": "77"}));
    for (asked, cash) in [(json!({"cash": "500"}), "500.00"), (json!({}), "10000.00")] {
        market.post("/reset", asked);
        let of = |account: &str| text(&books(&market, account), "cash").to_owned();
        assert_eq!(["paper", "real", "paper-2", "real-2"].map(of), [cash; 4]);
    }
}
