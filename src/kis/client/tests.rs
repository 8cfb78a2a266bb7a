//! Tests of the client over loopback.

mod faults;
mod reads;

use crate::domain::{CancelPhase, OutcomeClass, Side};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::*;
use crate::kis::testing::{
    APP_KEY, APP_SECRET, Act, LEDGER, ORDER, READ, Server, TOKEN, config, gateway, gateway_with, order_request, symbol,
    token, usd,
};

const ACCEPTED: &str = include_str!("../../../tests/fixtures/VTTT1002U_accepted.json");
const CANCELLED: &str = include_str!("../../../tests/fixtures/VTTT1004U_done.json");
const QUOTE: &str = include_str!("../../../tests/fixtures/HHDFS00000300_trading.json");
const QUOTES: &str = include_str!("../../../tests/fixtures/HHDFS76220000_two.json");
const BALANCE: &str = include_str!("../../../tests/fixtures/TTTS3012R_one_holding.json");
const ORDERS: &str = include_str!("../../../tests/fixtures/TTTS3035R_day.json");
const TOO_FAST: &str = r#"{"rt_cd":"1","msg1":"초당 거래건수를 초과하였습니다.","msg_cd":"EGW00201"}"#;
const EXPIRED: &str = r#"{"rt_cd":"1","msg1":"기간이 만료된 token 입니다.","msg_cd":"EGW00123"}"#;

fn order() -> OrderRequest {
    order_request(Side::Buy)
}

/// Sends the order in a slot of its own.
fn send(gateway: &Gateway) -> SubmitOutcome {
    gateway.acquire_order_slot().unwrap();
    gateway.submit_order(&order())
}

fn submit(script: Vec<Act>) -> (SubmitOutcome, Server) {
    let server = Server::start(script);
    let (gateway, _) = gateway(&server, Mode::Paper);
    (send(&gateway), server)
}

fn quote(gateway: &Gateway) -> Result<Vec<Quote>, KisError> {
    gateway.fetch_quotes(&[(Exchange::Nasdaq, symbol("ZZZQ"))])
}

fn orders(gateway: &Gateway) -> Result<OrderList, KisError> {
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    gateway.fetch_order_list(day(9), day(11))
}

#[test]
fn every_read_carries_exactly_these_headers() {
    let server = Server::start(vec![Act::answer(200, ORDERS)]);
    let (gateway, paced) = gateway(&server, Mode::Real);
    assert_eq!(orders(&gateway).unwrap().rows.len(), 3);
    let seen = &server.seen()[0];
    let host = server.url.trim_start_matches("http://");
    let mut expected = vec![
        "accept: */*".to_owned(),
        format!("appkey: {APP_KEY}"),
        format!("appsecret: {APP_SECRET}"),
        format!("authorization: Bearer {TOKEN}"),
        "content-type: application/json; charset=utf-8".to_owned(),
        "custtype: P".to_owned(),
        format!("host: {host}"),
        "tr_cont:".to_owned(),
        "tr_id: TTTS3035R".to_owned(),
        format!("user-agent: kis-trade/{}", env!("CARGO_PKG_VERSION")),
    ];
    expected.sort();
    assert_eq!(seen.headers, expected);
    assert_eq!(
        seen.line,
        "GET /uapi/overseas-stock/v1/trading/inquire-ccnl?CANO=99999999&ACNT_PRDT_CD=01&PDNO=%25\
         &ORD_STRT_DT=20260309&ORD_END_DT=20260311&SLL_BUY_DVSN=00&CCLD_NCCS_DVSN=00&OVRS_EXCG_CD=NASD&SORT_SQN=DS\
         &ORD_DT=&ORD_GNO_BRNO=&ODNO=&CTX_AREA_FK200=&CTX_AREA_NK200= HTTP/1.1"
    );
    assert_eq!(*paced.borrow(), [LEDGER]);
}

#[test]
fn an_order_is_json_of_strings_with_the_same_headers() {
    let (outcome, server) = submit(vec![Act::answer(200, ACCEPTED)]);
    assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Accepted, Some("12077".parse().unwrap())));
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /uapi/overseas-stock/v1/trading/order HTTP/1.1");
    assert!(seen.headers.contains(&"tr_id: VTTT1002U".to_owned()));
    assert!(seen.headers.contains(&format!("appsecret: {APP_SECRET}")));
    assert_eq!(seen.headers.len(), 11, "those of a read, and content-length: {:?}", seen.headers);
    let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
    let fields = body.as_object().unwrap();
    assert_eq!(fields.len(), 11);
    assert!(fields.iter().all(|(key, value)| *key == key.to_uppercase() && value.is_string()), "{body}");
}

#[test]
fn reads_share_a_connection_and_posts_never_do() {
    let read = || Act::answer(200, QUOTE);
    let post = || Act::answer(200, ACCEPTED);
    let server = Server::start(vec![read(), read(), post(), post(), read()]);
    let (gateway, paced) = gateway(&server, Mode::Paper);
    quote(&gateway).unwrap();
    quote(&gateway).unwrap();
    send(&gateway);
    send(&gateway);
    quote(&gateway).unwrap();
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 0, 1, 2, 0]);
    assert_eq!(*paced.borrow(), [READ, READ, ORDER, ORDER, READ]);
}

#[test]
fn a_redirect_leads_nowhere() {
    let elsewhere = Server::start(vec![Act::answer(200, QUOTE), Act::answer(200, ACCEPTED)]);
    for status in [301, 302, 303, 307, 308] {
        let target = format!("Location: {}/uapi\r\n", elsewhere.url);
        let redirect = || Act::with_headers(status, &target, "");
        let (outcome, _) = submit(vec![redirect()]);
        assert_eq!((outcome.class, outcome.http), (OutcomeClass::Unknown, Some(status)));
        let server = Server::start(vec![redirect(), redirect(), redirect()]);
        let (gateway, _) = gateway(&server, Mode::Paper);
        assert!(matches!(quote(&gateway), Err(KisError::Nonsense { .. })), "{status}");
    }
    assert!(elsewhere.seen().is_empty());
}

#[test]
fn proxy_variables_are_ignored() {
    // The variables can only be set for another process, hence this test runs itself once more.
    const GATEWAY: &str = "KIS_TRADE_TEST_GATEWAY";
    if let Ok(url) = std::env::var(GATEWAY) {
        let (gateway, _) = gateway_with(&config(&url, Mode::Paper));
        quote(&gateway).unwrap();
        assert_eq!(send(&gateway).class, OutcomeClass::Accepted);
        return;
    }
    let server = Server::start(vec![Act::answer(200, QUOTE), Act::answer(200, ACCEPTED)]);
    let proxy = Server::start(vec![]);
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "kis::client::tests::proxy_variables_are_ignored"]).env(GATEWAY, &server.url);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        child.env(name, &proxy.url);
    }
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((server.seen().len(), proxy.seen().len()), (2, 0));
}

#[test]
fn a_cancel_is_done_refused_or_unknown() {
    let too_late = r#"{"rt_cd":"1","msg_cd":"40330000","msg1":"모의투자 정정/취소할 수량이 없습니다."}"#;
    let server = Server::start(vec![
        Act::answer(200, ORDERS),
        Act::answer(200, CANCELLED),
        Act::answer(200, too_late),
        Act::answer(500, EXPIRED),
        Act::answer(500, "<html>"),
    ]);
    let (gateway, _) = gateway(&server, Mode::Paper);
    let row = orders(&gateway).unwrap().rows.remove(0);
    let mut classes = Vec::new();
    for _ in 0..4 {
        let outcome = gateway.cancel_order(&row, Exchange::Nyse).unwrap();
        classes.push((outcome.cancel_phase(), outcome.token_refused, outcome.http));
    }
    assert_eq!(
        classes,
        [
            (CancelPhase::Done, false, Some(200)),
            (CancelPhase::Refused, false, Some(200)),
            (CancelPhase::Refused, true, Some(500)),
            (CancelPhase::Unknown, false, Some(500)),
        ]
    );
    assert_eq!(server.seen()[1].line, "POST /uapi/overseas-stock/v1/trading/order-rvsecncl HTTP/1.1");
}

#[test]
fn the_servers_clock_is_noted_from_any_answer() {
    let server = Server::start(vec![
        Act::answer(200, QUOTE),
        Act::with_headers(500, "Date: Tue, 10 Mar 2026 14:35:00 GMT\r\n", EXPIRED),
        Act::with_headers(200, "Date: yesterday\r\n", QUOTE),
    ]);
    let (gateway, _) = gateway(&server, Mode::Paper);
    quote(&gateway).unwrap();
    assert_eq!(gateway.clock_skew(), None);
    assert!(quote(&gateway).is_err());
    let skew = gateway.clock_skew().unwrap().num_seconds();
    assert!((295..=300).contains(&skew), "{skew}");
    quote(&gateway).unwrap();
    assert!(gateway.clock_skew().is_some());
}

/// Keeps every log line but those of silenced targets.
struct Memory(std::sync::Mutex<Vec<String>>);

impl log::Log for Memory {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        !crate::kis::is_silenced_target(metadata.target())
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.lock().unwrap().push(format!("{} {}", record.target(), record.args()));
        }
    }

    fn flush(&self) {}
}

#[test]
fn no_log_line_shows_a_secret() {
    // A process has one logger, hence this test runs itself once more.
    const CHILD: &str = "KIS_TRADE_TEST_LOG";
    static MEMORY: Memory = Memory(std::sync::Mutex::new(Vec::new()));
    if std::env::var_os(CHILD).is_none() {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "kis::client::tests::no_log_line_shows_a_secret"]).env(CHILD, "1");
        let output = child.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    log::set_logger(&MEMORY).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let echo = format!(r#"{{"rt_cd":"1","msg_cd":"EGW00002","msg1":"{APP_KEY} {APP_SECRET} {TOKEN} 99999999"}}"#);
    let server = Server::start(vec![
        Act::answer(500, &echo),
        Act::answer(200, ORDERS),
        Act::answer(200, ACCEPTED),
        Act::SayAndClose(vec![]),
    ]);
    let (gateway, _) = gateway(&server, Mode::Real);
    assert!(orders(&gateway).is_ok());
    send(&gateway);
    send(&gateway);
    let lines = MEMORY.0.lock().unwrap().join("\n");
    assert!(lines.contains("TTTT1002U: HTTP 200") && lines.contains("trying again"), "{lines}");
    for secret in [APP_KEY, APP_SECRET, TOKEN, "99999999"] {
        assert!(!lines.contains(secret), "{lines}");
    }
}

#[test]
fn no_secret_is_shown_whatever_the_server_echoes() {
    let echo = format!("{APP_KEY} {APP_SECRET} {TOKEN} 99999999");
    let refusal = format!(r#"{{"rt_cd":"1","msg_cd":"{APP_KEY}","msg1":"{echo}"}}"#);
    let row = QUOTE.replace("\"output\"", &format!("\"{APP_SECRET}\""));
    let server = Server::start(vec![
        Act::answer(200, &refusal),
        Act::answer(200, &row),
        Act::answer(200, &echo),
        Act::answer(200, &refusal),
        Act::answer(200, &refusal),
    ]);
    let (gateway, _) = gateway(&server, Mode::Paper);
    let shown = [
        format!("{:?}", quote(&gateway)),
        format!("{:?}", quote(&gateway)),
        format!("{:?}", send(&gateway)),
        format!("{:?}", config(&server.url, Mode::Paper)),
    ];
    for text in shown {
        for secret in [APP_KEY, APP_SECRET, TOKEN, "99999999"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
