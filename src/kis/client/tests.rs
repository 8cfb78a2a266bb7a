//! Tests of the client over loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use super::*;
use crate::exit::{Exit, Reason};
use crate::kis::testing::{
    APP_KEY, APP_SECRET, Act, LEDGER, ORDER, READ, Server, TOKEN, config, gateway, gateway_with, symbol, token, usd,
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
    OrderRequest {
        exchange: Exchange::Nasdaq,
        symbol: symbol("ZZZQ"),
        side: Side::Buy,
        quantity: 1,
        limit_price: usd("103.22"),
    }
}

fn submit(script: Vec<Act>) -> (SubmitOutcome, Server) {
    let server = Server::start(script);
    let (gateway, _) = gateway(&server, Mode::Paper);
    (gateway.submit_order(&order()).unwrap(), server)
}

fn quote(gateway: &Gateway) -> Result<Vec<Quote>, CallError> {
    gateway.fetch_quotes(&[(Exchange::Nasdaq, symbol("ZZZQ"))])
}

fn orders(gateway: &Gateway) -> Result<OrderList, CallError> {
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
    gateway.submit_order(&order()).unwrap();
    gateway.submit_order(&order()).unwrap();
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
        assert!(matches!(quote(&gateway), Err(CallError::Nonsense { .. })), "{status}");
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
        assert_eq!(gateway.submit_order(&order()).unwrap().class, OutcomeClass::Accepted);
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
fn without_a_connection_an_order_is_not_sent() {
    let (gateway, paced) = gateway_with(&config("http://127.0.0.1:1", Mode::Paper));
    let outcome = gateway.submit_order(&order()).unwrap();
    assert_eq!((outcome.class, outcome.http), (OutcomeClass::NotSent, None));
    assert!(outcome.msg.contains("refused"), "{}", outcome.msg);
    assert!(matches!(quote(&gateway), Err(CallError::Unreachable { .. })));
    assert_eq!(*paced.borrow(), [ORDER, READ, READ, READ]);
}

#[test]
fn a_name_that_cannot_be_resolved_is_an_order_not_sent() {
    // No name server would be asked for it: no part of a name may be longer than 63 bytes.
    let nowhere = format!("https://{}.invalid", "a".repeat(64));
    let mut nameless = config(&nowhere, Mode::Real);
    nameless.is_loopback = false;
    let (gateway, _) = gateway_with(&nameless);
    let outcome = gateway.submit_order(&order()).unwrap();
    assert_eq!((outcome.class, outcome.http), (OutcomeClass::NotSent, None), "{}", outcome.msg);
    assert!(matches!(quote(&gateway), Err(CallError::Unreachable { .. })));
}

#[test]
fn no_tls_no_order() {
    // Plain text on the TLS port, and plain http outside loopback: the secrets must not leave.
    let server = Server::start(vec![]);
    let mut tls = config(&server.url.replace("http://", "https://"), Mode::Paper);
    tls.timeout = Duration::from_millis(500);
    let (gateway, _) = gateway_with(&tls);
    assert_eq!(gateway.submit_order(&order()).unwrap().class, OutcomeClass::NotSent);
    let mut not_loopback = config(&server.url, Mode::Paper);
    not_loopback.is_loopback = false;
    let (gateway, _) = gateway_with(&not_loopback);
    assert_eq!(gateway.submit_order(&order()).unwrap().class, OutcomeClass::NotSent);
    assert!(quote(&gateway).is_err());
    assert!(server.seen().is_empty());
}

#[test]
fn whatever_goes_wrong_after_the_first_byte_is_unknown() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n";
    let half = [head.as_bytes(), ACCEPTED.as_bytes()].concat();
    let large = format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat((1 << 20) + 1)) + ACCEPTED;
    let header = format!("X-Large: {}\r\n", "x".repeat(1 << 20));
    let length = format!("Content-Length: {}\r\n", ACCEPTED.len());
    for (name, act) in [
        ("closed without a word", Act::SayAndClose(vec![])),
        ("half a head", Act::SayAndClose(b"HTTP/1.1 200 OK\r\nConte".to_vec())),
        ("half a body", Act::SayAndClose(half)),
        ("too large", Act::SayAndClose(large.into_bytes())),
        ("no HTTP", Act::SayAndClose(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec())),
        ("a head of a megabyte", Act::with_headers(200, &header, ACCEPTED)),
        ("its length twice", Act::with_headers(200, &length, ACCEPTED)),
        ("its length in two ways", Act::with_headers(200, "Transfer-Encoding: chunked\r\n", ACCEPTED)),
        ("two dates", Act::with_headers(200, "Date: x\r\nDate: y\r\n", ACCEPTED)),
        ("HTML", Act::answer(200, "<html></html>")),
        ("empty", Act::answer(200, "")),
        ("gateway timeout", Act::answer(504, "upstream timed out")),
    ] {
        let (outcome, server) = submit(vec![act, Act::answer(200, ACCEPTED)]);
        assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None), "{name}");
        assert!(!outcome.msg.is_empty(), "{name}");
        assert_eq!(server.seen().len(), 1, "{name}: sent once");
    }
}

#[test]
fn silence_makes_an_order_unknown_and_a_read_unreachable() {
    let server = Server::start(vec![Act::KeepSilent, Act::KeepSilent, Act::KeepSilent, Act::KeepSilent]);
    let mut impatient = config(&server.url, Mode::Paper);
    impatient.timeout = Duration::from_millis(100);
    let (gateway, paced) = gateway_with(&impatient);
    let outcome = gateway.submit_order(&order()).unwrap();
    assert_eq!(outcome.class, OutcomeClass::Unknown);
    assert!(outcome.msg.contains("timed out after 100 ms"), "{}", outcome.msg);
    assert!((100..2000).contains(&outcome.elapsed_ms), "{}", outcome.elapsed_ms);
    assert!(matches!(quote(&gateway), Err(CallError::Unreachable { .. })));
    assert_eq!(*paced.borrow(), [ORDER, READ, READ, READ]);
}

/// A server that hands each connection, its request unread, to `talk`.
fn start_talk(talk: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().flatten().for_each(talk));
    url
}

#[test]
fn a_connection_reset_in_the_middle_of_an_answer_makes_an_order_unknown() {
    let url = start_talk(|mut stream| {
        stream.read_exact(&mut [0; 20]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{").unwrap();
        // Closed while a part of the request lies there unread: the kernel resets the connection.
    });
    let (gateway, _) = gateway_with(&config(&url, Mode::Paper));
    let outcome = gateway.submit_order(&order()).unwrap();
    assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None), "{}", outcome.msg);
    assert!(matches!(quote(&gateway), Err(CallError::Unreachable { .. } | CallError::Nonsense { .. })));
}

#[test]
fn an_answer_that_comes_in_drips_is_not_waited_for() {
    let (told, ends) = std::sync::mpsc::channel();
    let url = start_talk(move |mut stream| {
        stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 10_000 + ACCEPTED.len());
        stream.write_all(head.as_bytes()).unwrap();
        // Each byte comes long before any time-out of its own would be over.
        let has_hung_up = (0..10_000).any(|_| {
            let end = stream.read(&mut [0; 4096]);
            stream.write_all(b" ").is_err() || matches!(end, Ok(0))
        });
        let _ = stream.write_all(ACCEPTED.as_bytes());
        told.send(has_hung_up).unwrap();
    });
    let mut impatient = config(&url, Mode::Paper);
    impatient.timeout = Duration::from_millis(200);
    let (gateway, _) = gateway_with(&impatient);
    let outcome = gateway.submit_order(&order()).unwrap();
    assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None));
    assert!(outcome.msg.contains("timed out after 200 ms"), "{}", outcome.msg);
    assert!(matches!(quote(&gateway), Err(CallError::Unreachable { .. })));
    drop(gateway);
    let ends: Vec<bool> = ends.iter().take(4).collect();
    assert_eq!(ends, [true; 4], "an order once and a read three times, each hung up on");
}

#[test]
fn a_body_of_a_gigabyte_is_not_read_to_its_end() {
    const PIECE: usize = 1 << 16;
    let (told, sizes) = std::sync::mpsc::channel();
    let url = start_talk(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", (1 << 30) + ACCEPTED.len());
        stream.write_all(head.as_bytes()).unwrap();
        let taken = (0..(1 << 30) / PIECE).take_while(|_| stream.write_all(&[b' '; PIECE]).is_ok()).count();
        let _ = stream.write_all(ACCEPTED.as_bytes());
        told.send(taken * PIECE).unwrap();
    });
    let (gateway, _) = gateway_with(&config(&url, Mode::Paper));
    let outcome = gateway.submit_order(&order()).unwrap();
    assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None), "{}", outcome.msg);
    assert!(matches!(quote(&gateway), Err(CallError::Nonsense { .. })));
    let most = sizes.iter().take(4).max().unwrap();
    assert!(most < 100 << 20, "{most} bytes were taken");
}

/// The bytes as a gzip file without compression.
fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    let (crc, size) = (crc32fast::hash(bytes).to_le_bytes(), u32::from(length).to_le_bytes());
    [&head[..], &length.to_le_bytes(), &(!length).to_le_bytes(), bytes, &crc, &size].concat()
}

#[test]
fn nothing_is_unpacked_so_a_bomb_stays_packed() {
    // KIS is told that no packing is wanted. What is not unpacked can't grow, and is no JSON.
    let packed = |body: &str| {
        let body = gzipped(body.as_bytes());
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
        Act::Say([head.into_bytes(), body].concat())
    };
    let (outcome, server) = submit(vec![packed(ACCEPTED)]);
    assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None), "{}", outcome.msg);
    assert!(server.seen()[0].headers.iter().all(|header| !header.starts_with("accept-encoding")));
    let server = Server::start(vec![packed(QUOTE), packed(QUOTE), packed(QUOTE)]);
    let (gateway, _) = gateway(&server, Mode::Paper);
    assert!(matches!(quote(&gateway), Err(CallError::Nonsense { .. })));
}

#[test]
fn a_kept_connection_that_was_closed_meanwhile_is_replaced() {
    let whole = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{QUOTE}", QUOTE.len());
    let server = Server::start(vec![Act::SayAndClose(whole.into_bytes()), Act::answer(200, QUOTE)]);
    let (gateway, _) = gateway(&server, Mode::Paper);
    assert!(quote(&gateway).is_ok() && quote(&gateway).is_ok());
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 1]);
}

#[test]
fn an_answer_behind_the_answer_is_never_taken_for_that_to_the_next_question() {
    let list = |number: &str| {
        let body = ORDERS.replace("0030012399", number);
        format!("HTTP/1.1 200 OK\r\ntr_cont: D\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let twice = [list("0000000001"), list("0000000002")].concat().into_bytes();
    let server = Server::start(vec![Act::Say(twice), Act::Say(list("0000000003").into_bytes())]);
    let (gateway, _) = gateway(&server, Mode::Real);
    let has = |list: OrderList, number: &str| list.rows.iter().any(|row| row.order_id == number.parse().unwrap());
    assert!(has(orders(&gateway).unwrap(), "1"));
    assert!(has(orders(&gateway).unwrap(), "3"), "the stale list was believed");
}

#[test]
fn a_read_is_tried_three_times_and_each_try_takes_its_turn() {
    let maintenance = r#"{"rt_cd":"1","msg_cd":"EGW00002","msg1":"서버 에러가 발생했습니다."}"#;
    let server = Server::start(vec![
        Act::SayAndClose(vec![]),
        Act::answer(502, "<html>"),
        Act::answer(200, QUOTE),
        Act::answer(500, maintenance),
        Act::answer(200, "{"),
        Act::answer(500, maintenance),
    ]);
    let (gateway, paced) = gateway(&server, Mode::Paper);
    assert!(quote(&gateway).is_ok());
    assert!(matches!(quote(&gateway), Err(CallError::Unreachable { detail }) if detail.contains("EGW00002")));
    assert_eq!((paced.borrow().len(), server.seen().len()), (6, 6));
}

#[test]
fn a_rate_limit_slows_everybody_down_before_the_next_try() {
    let server = Server::start(vec![
        Act::answer(500, TOO_FAST),
        Act::answer(429, "slow down"),
        Act::answer(200, QUOTE),
        Act::answer(500, TOO_FAST),
    ]);
    let (gateway, paced) = gateway(&server, Mode::Paper);
    assert!(quote(&gateway).is_ok());
    assert_eq!(*paced.borrow(), [READ, PaceEvent::RateLimited, READ, PaceEvent::RateLimited, READ]);
    let outcome = gateway.submit_order(&order()).unwrap();
    assert_eq!((outcome.class, outcome.token_refused), (OutcomeClass::Refused, false));
    assert_eq!(paced.borrow()[5..], [ORDER, PaceEvent::RateLimited]);
}

#[test]
fn definite_refusals_are_not_tried_again() {
    for code in ["EGW00123", "EGW00304", "OPSQ2000", "EGW02004", "APBK0656"] {
        let server = Server::start(vec![Act::answer(500, &EXPIRED.replace("EGW00123", code))]);
        let (gateway, paced) = gateway(&server, Mode::Paper);
        assert!(quote(&gateway).is_err(), "{code}");
        assert_eq!((paced.borrow().len(), server.seen().len()), (1, 1), "{code}");
    }
    let (outcome, _) = submit(vec![Act::answer(500, EXPIRED)]);
    assert_eq!((outcome.class, outcome.token_refused), (OutcomeClass::Refused, true));
    assert_eq!(outcome.msg_cd.as_deref(), Some("EGW00123"));
}

#[test]
fn a_turn_that_cannot_be_taken_sends_nothing() {
    let server = Server::start(vec![]);
    let pace = |_| Err(Failure::new(Exit::StateUnwritable, Reason::StateUnwritable, "no pacing file"));
    let gateway = Gateway::new(&config(&server.url, Mode::Paper), token(), Rc::new(pace));
    assert_eq!(gateway.submit_order(&order()).unwrap_err().exit, Exit::StateUnwritable);
    assert!(matches!(quote(&gateway), Err(CallError::Pace(_))));
    assert!(server.seen().is_empty());
}

#[test]
fn pages_are_followed_with_the_keys_as_they_came() {
    let page = |keys: &str, number: &str| ORDERS.replace(r#""ctx_area_nk200": ""#, keys).replace("0030012399", number);
    let first = page(r#""ctx_area_nk200": "20260310^7 / "#, "0030012399");
    let second = page(r#""ctx_area_nk200": ""#, "0030012400");
    let server = Server::start(vec![
        Act::with_headers(200, "tr_cont: M\r\n", &first),
        Act::with_headers(200, "tr_cont: D\r\n", &second),
    ]);
    let (gateway, paced) = gateway(&server, Mode::Real);
    let list = orders(&gateway).unwrap();
    // Two rows stand on both pages: listed again because a new order pushed them on, they count once.
    assert_eq!(list.rows.len(), 4);
    assert_eq!(list.read_at.to_rfc3339()[..16], *"2026-03-10T14:30");
    let seen = &server.seen()[1];
    assert!(seen.headers.contains(&"tr_cont: N".to_owned()));
    assert!(seen.line.contains("CTX_AREA_FK200=99999999%5E01%5E%25%5E"), "{}", seen.line);
    assert!(seen.line.contains("CTX_AREA_NK200=20260310%5E7%20%2F%20%20"), "{}", seen.line);
    assert_eq!(*paced.borrow(), [LEDGER, LEDGER]);
}

#[test]
fn a_list_without_an_end_in_sight_is_no_list() {
    let page = |key: usize| {
        let body = ORDERS.replace(r#""ctx_area_nk200": ""#, &format!(r#""ctx_area_nk200": "key{key}"#));
        Act::with_headers(200, "tr_cont: M\r\n", &body.replace("0030012399", &format!("{:010}", 7000 + key)))
    };
    let server = Server::start((0..60).map(page).collect());
    let (endless, _) = gateway(&server, Mode::Real);
    assert!(matches!(orders(&endless), Err(CallError::Nonsense { detail }) if detail.contains("50 pages")));
    assert_eq!(server.seen().len(), 50);

    let repeated = |key: &str| {
        let body = ORDERS.replace(r#""ctx_area_nk200": ""#, &format!(r#""ctx_area_nk200": "{key}"#));
        Act::with_headers(200, "tr_cont: M\r\n", &body)
    };
    let server = Server::start(vec![repeated("a"), repeated("b")]);
    let (repeating, _) = gateway(&server, Mode::Real);
    assert!(matches!(orders(&repeating), Err(CallError::Nonsense { detail }) if detail.contains("twice")));

    // The second page fails for good: there is no list, not half of one.
    let server = Server::start(vec![repeated("a"), Act::answer(500, EXPIRED)]);
    let (failing, _) = gateway(&server, Mode::Real);
    assert!(matches!(orders(&failing), Err(CallError::TokenRefused { .. })));
}

#[test]
fn more_rows_than_anybody_has_are_refused() {
    let row = r#"{"ovrs_pdno":"A","tr_crcy_cd":"USD","ovrs_cblc_qty":"1","ord_psbl_qty":"1","pchs_avg_pric":"1"}"#;
    let rows = vec![row; 5001].join(",");
    let body = format!(r#"{{"rt_cd":"0","msg_cd":"KIOK0510","output1":[{rows}]}}"#);
    let server = Server::start(vec![Act::with_headers(200, "tr_cont: D\r\n", &body)]);
    let (gateway, _) = gateway(&server, Mode::Real);
    assert!(matches!(gateway.fetch_positions(), Err(CallError::Nonsense { detail }) if detail.contains("5000 rows")));
}

#[test]
fn paper_holdings_are_united_and_never_added() {
    let other = BALANCE.replace("ZZZQ", "YYYN");
    let balance = |body: &str| Act::with_headers(200, "tr_cont: D\r\n", body);
    let server = Server::start(vec![balance(BALANCE), balance(BALANCE), balance(&other)]);
    let (paper, _) = gateway(&server, Mode::Paper);
    let positions = paper.fetch_positions().unwrap();
    let held: Vec<_> = positions.iter().map(|held| (held.symbol.as_str(), held.quantity, held.exchange)).collect();
    assert_eq!(held, [("YYYN", 12, None), ("ZZZQ", 12, None)]);
    let asked: Vec<bool> = ["NASD", "NYSE", "AMEX"]
        .iter()
        .zip(server.seen())
        .map(|(code, seen)| seen.line.contains(&format!("OVRS_EXCG_CD={code}&TR_CRCY_CD=USD")))
        .collect();
    assert_eq!(asked, [true; 3]);

    let server = Server::start(vec![balance(BALANCE)]);
    let (real, _) = gateway(&server, Mode::Real);
    assert_eq!(real.fetch_positions().unwrap()[0].exchange, Some(Exchange::Nasdaq));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn quotes_go_by_ten_on_real_and_one_by_one_on_paper() {
    let server = Server::start(vec![Act::answer(200, QUOTES), Act::answer(200, QUOTE)]);
    let (real, _) = gateway(&server, Mode::Real);
    let (paper, _) = gateway(&server, Mode::Paper);
    assert_eq!((real.quotes_per_request(), paper.quotes_per_request()), (10, 1));
    let two = [(Exchange::Nyse, symbol("YYYN")), (Exchange::Nasdaq, symbol("ZZZQ"))];
    let quotes = real.fetch_quotes(&two).unwrap();
    assert_eq!((quotes[0].last, quotes[1].last), (None, Some(usd("103.22"))));
    assert_eq!(quote(&paper).unwrap()[0].last, Some(usd("103.22")));
    assert!(paper.fetch_quotes(&two).is_err());
    assert_eq!(paper.fetch_quotes(&[]).unwrap(), []);
    assert!(real.fetch_quotes(&vec![two[0].clone(); 11]).is_err());
    assert_eq!(server.seen().len(), 2);
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
        classes.push((outcome.class, outcome.token_refused, outcome.http));
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
    gateway.submit_order(&order()).unwrap();
    gateway.submit_order(&order()).unwrap();
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
        format!("{:?}", gateway.submit_order(&order())),
        format!("{:?}", config(&server.url, Mode::Paper)),
    ];
    for text in shown {
        for secret in [APP_KEY, APP_SECRET, TOKEN, "99999999"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
