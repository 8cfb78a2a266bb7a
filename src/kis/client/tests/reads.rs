//! Reads: tries, rate slots, pages, holdings, quotes.

use std::rc::Rc;

use super::*;
use crate::exit::{Exit, Reason};
use crate::kis::rate_slot::SlotEvent;
use crate::kis::testing::kind_of;
use crate::language::Sentence;

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
    assert!(matches!(quote(&gateway), Err(KisError::Unavailable(said)) if said.code == "EGW00002"));
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
    assert_eq!(*paced.borrow(), [READ, SlotEvent::RateLimited, READ, SlotEvent::RateLimited, READ]);
    let outcome = send(&gateway);
    assert_eq!((outcome.class, outcome.token_refused), (OutcomeClass::TurnedAway, false));
    assert_eq!(paced.borrow()[5..], [ORDER, SlotEvent::RateLimited]);
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
    assert_eq!((outcome.class, outcome.token_refused), (OutcomeClass::TurnedAway, true));
    assert_eq!(outcome.msg_cd.as_deref(), Some("EGW00123"));
}

#[test]
fn a_turn_that_cannot_be_taken_sends_nothing() {
    let server = Server::start(vec![]);
    let pace = |_| Err(Failure::new(Reason::StateUnwritable, Sentence::verbatim("no pacing file")));
    let gateway = Gateway::new(&config(&server.url, Mode::Paper), token(), Rc::new(pace));
    assert_eq!(gateway.acquire_order_slot().unwrap_err().exit(), Exit::StateUnwritable);
    assert!(matches!(quote(&gateway), Err(KisError::NotSent(_))));
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
fn a_list_has_as_many_pages_as_it_needs() {
    let page = |key: usize| {
        let body = ORDERS.replace(r#""ctx_area_nk200": ""#, &format!(r#""ctx_area_nk200": "key{key}"#));
        let more = if key < 59 { "tr_cont: M\r\n" } else { "tr_cont: D\r\n" };
        Act::with_headers(200, more, &body.replace("0030012399", &format!("{:010}", 7000 + key)))
    };
    let server = Server::start((0..60).map(page).collect());
    let (long, _) = gateway(&server, Mode::Real);
    assert_eq!(orders(&long).unwrap().rows.len(), 62, "one row of each page, and two that stand on all");
}

#[test]
fn a_list_that_changed_is_read_again_from_its_first_page_three_times_at_most() {
    let body = ORDERS.replace(r#""ctx_area_nk200": ""#, r#""ctx_area_nk200": "a"#);
    let first = || Act::with_headers(200, "tr_cont: M\r\n", &body);
    let changed = || Act::answer(500, r#"{"rt_cd":"7","msg_cd":"SYDB0050","msg1":"changed"}"#);
    let last = || Act::with_headers(200, "tr_cont: D\r\n", &ORDERS.replace("0030012399", "0030012400"));
    for (changes, is_read) in [(1, true), (3, true), (4, false)] {
        let mut acts: Vec<Act> = (0..changes).flat_map(|_| [first(), changed()]).collect();
        if is_read {
            acts.extend([first(), last()]);
        }
        let server = Server::start(acts);
        let (gateway, _) = gateway(&server, Mode::Real);
        match orders(&gateway) {
            Ok(list) => assert_eq!((is_read, list.rows.len()), (true, 4), "{changes}"),
            Err(error) => assert_eq!((is_read, kind_of(&error)), (false, "changed"), "{changes}"),
        }
    }
}

#[test]
fn a_list_without_an_end_in_sight_is_no_list() {
    let repeated = |key: &str| {
        let body = ORDERS.replace(r#""ctx_area_nk200": ""#, &format!(r#""ctx_area_nk200": "{key}"#));
        Act::with_headers(200, "tr_cont: M\r\n", &body)
    };
    let server = Server::start(vec![repeated("a"), repeated("b")]);
    let (repeating, _) = gateway(&server, Mode::Real);
    assert!(matches!(orders(&repeating), Err(KisError::Nonsense { detail }) if detail.contains("twice")));

    // The second page fails for good: there is no list, not half of one.
    let server = Server::start(vec![repeated("a"), Act::answer(500, EXPIRED)]);
    let (failing, _) = gateway(&server, Mode::Real);
    assert!(matches!(orders(&failing), Err(KisError::TokenRefused { .. })));
}

#[test]
fn paper_holdings_are_united_and_never_added() {
    let other = BALANCE.replace("ZZZQ", "YYYN");
    let balance = |body: &str| Act::with_headers(200, "tr_cont: D\r\n", body);
    let server = Server::start(vec![balance(BALANCE), balance(BALANCE), balance(&other)]);
    let (paper, _) = gateway(&server, Mode::Paper);
    let positions = paper.fetch_balance(BalanceScope::Unknown).unwrap().positions;
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
    assert_eq!(real.fetch_balance(BalanceScope::Unknown).unwrap().positions[0].exchange, Some(Exchange::Nasdaq));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn one_paper_balance_is_enough_once_equal_answers_have_proven_it() {
    const EMPTY: &str =
        r#"{"rt_cd":"0","msg_cd":"MCA00000","msg1":"","ctx_area_fk200":"","ctx_area_nk200":"","output1":[]}"#;
    let balance = |body: &str| Act::with_headers(200, "tr_cont: D\r\n", body);
    let other = BALANCE.replace("ZZZQ", "YYYN");
    use BalanceScope::{All, Unknown};
    for (known, answers, proven) in [
        (Unknown, vec![BALANCE, BALANCE, BALANCE], All),
        (Unknown, vec![BALANCE, BALANCE, EMPTY], Unknown),
        (Unknown, vec![BALANCE, &other, BALANCE], Unknown),
        (Unknown, vec![EMPTY, EMPTY, EMPTY], Unknown),
        (All, vec![BALANCE], All),
        (All, vec![EMPTY, EMPTY, EMPTY], Unknown),
        (All, vec![EMPTY, BALANCE, EMPTY], Unknown),
    ] {
        let server = Server::start(answers.iter().map(|body| balance(body)).collect());
        let (paper, _) = gateway(&server, Mode::Paper);
        let read = paper.fetch_balance(known).unwrap();
        assert_eq!((read.scope, server.seen().len()), (proven, answers.len()), "{known:?} {answers:?}");
        assert_eq!(read.positions.is_empty(), answers.iter().all(|body| *body == EMPTY));
    }
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
