//! Answers to an order: unless KIS clearly says yes or no, the outcome is unknown, and the order is never sent again.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::broken_bodies;
use crate::faults::bad_input::liar::{Answer, Liar};
use crate::faults::bad_input::table::{Bench, Site, Told, row};
use crate::support::harness::World;

const ORDER: &str = "/trading/order";
const LIST_BODY: &str = include_str!("../../../../fixtures/TTTS3035R_day.json");
const BALANCE_BODY: &str = include_str!("../../../../fixtures/TTTS3012R_one_holding.json");
const QUOTE_BODY: &str = include_str!("../../../../fixtures/HHDFS00000300_trading.json");

type Change = Box<dyn Fn(&mut Answer) + Send>;

/// The broker took the order, and its answer is spoilt.
fn spoilt_answers() -> Vec<(String, Change)> {
    let mut spoilt: Vec<(String, Change)> = broken_bodies()
        .into_iter()
        .map(|(name, change)| -> (String, Change) {
            (
                name.to_owned(),
                Box::new(move |answer| answer.body = change(String::from_utf8(answer.body.clone()).unwrap())),
            )
        })
        .collect();
    let mut add = |name: &str, change: fn(&mut Answer)| spoilt.push((name.to_owned(), Box::new(change)));
    add("no number", |answer| answer.remove("/output/ODNO"));
    add("a blank number", |answer| answer.set("/output/ODNO", json!("")));
    add("a number as a number", |answer| answer.set("/output/ODNO", json!(40_840)));
    add("a number of letters", |answer| answer.set("/output/ODNO", json!("ABC")));
    add("a number of eleven digits", |answer| answer.set("/output/ODNO", json!("12345678901")));
    add("a negative number", |answer| answer.set("/output/ODNO", json!("-1")));
    add("a full-width number", |answer| answer.set("/output/ODNO", json!("１２３")));
    add("a number with a line break", |answer| answer.set("/output/ODNO", json!("123\n456")));
    add("output is null", |answer| answer.set("/output", json!(null)));
    add("output is a list", |answer| answer.set("/output", json!([{ "ODNO": "1" }])));
    add("output is missing", |answer| answer.remove("/output"));
    add("rt_cd is missing", |answer| answer.remove("/rt_cd"));
    add("rt_cd is a number", |answer| answer.set("/rt_cd", json!(0)));
    add("success and an error code", |answer| answer.set("/error_code", json!("EGW00001")));
    add("a refusal with a number", |answer| answer.set("/rt_cd", json!("7")));
    add("a refusal nobody knows", |answer| refuse(answer, "7", "XXXX0001", "no"));
    add("a refusal without a code", |answer| refuse(answer, "1", "", ""));
    add("a refusal that says accepted", |answer| refuse(answer, "1", "XXXX0001", "accepted"));
    add("status 500", |answer| {
        answer.status = "500 Internal Server Error".to_owned();
        answer.body = b"<html></html>".to_vec();
    });
    add("status 404", |answer| {
        answer.status = "404 Not Found".to_owned();
        answer.body.clear();
    });
    add("status 204", |answer| answer.status = "204 No Content".to_owned());
    add("a redirect", |answer| {
        answer.status = "302 Found".to_owned();
        answer.header("location", "http://127.0.0.1:1/");
    });
    add("1 MB of headers", |answer| answer.header("x-long", &"x".repeat(1 << 20)));
    add("Date twice", |answer| answer.headers.push(("Date".to_owned(), "Wed, 24 May 2023 14:30:00 GMT".to_owned())));
    add("its length and chunks", |answer| {
        let length = answer.body.len();
        answer.framing = Some(format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n"));
    });
    add("longer than it is", |answer| {
        answer.framing = Some(format!("content-length: {}\r\n", answer.body.len() + 10));
    });
    add("shorter than it is", |answer| {
        answer.framing = Some(format!("content-length: {}\r\n", answer.body.len() - 10));
    });
    for status in ["429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable"] {
        spoilt.push((
            format!("status {status}"),
            Box::new(move |answer: &mut Answer| {
                answer.status = status.to_owned();
                answer.body = format!("<html>{status}</html>").into_bytes();
            }),
        ));
    }
    for (name, body) in [("a list", LIST_BODY), ("a balance", BALANCE_BODY), ("a quote", QUOTE_BODY)] {
        spoilt.push((
            format!("the answer to {name}"),
            Box::new(move |answer: &mut Answer| answer.body = body.as_bytes().to_vec()),
        ));
    }
    let mut add = |name: &str, change: fn(&mut Answer)| spoilt.push((name.to_owned(), Box::new(change)));
    add("no status line", |answer| answer.head = Some(b"\r\n\r\n".to_vec()));
    add("nothing at all", |answer| {
        answer.head = Some(Vec::new());
        answer.body.clear();
    });
    spoilt
}

fn refuse(answer: &mut Answer, result: &str, code: &str, message: &str) {
    answer.set_json(&json!({ "rt_cd": result, "msg_cd": code, "msg1": message }));
}

/// Lines of one kind in the site's journal.
fn journal_of(site: &Site, kind: &str) -> Vec<Value> {
    let name = site.states("orders-").pop().expect("a journal");
    let text = String::from_utf8(site.read_state(&name)).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["kind"] == kind).collect()
}

/// A scene of its own for an order that gets through.
fn scene(hides_the_order: bool) -> (Bench, Liar) {
    let bench = Bench::bare(World::paper()).with_setting("buy.picks", "1");
    let liar = Liar::start(&bench.world.sim.gateway_url());
    if hides_the_order {
        bench.world.sim.control("POST", "/quirks", json!({ "list_lag_seconds": 3600 }));
    }
    (bench.through(liar.url()).seeded(&["token-check"]), liar)
}

fn sent_once(bench: &Bench) -> Result<(), String> {
    match bench.world.sim.requests().iter().filter(|tr_id| *tr_id == "VTTT1002U").count() {
        1 => Ok(()),
        count => Err(format!("{count} order requests")),
    }
}

#[test]
fn a_spoilt_answer_leaves_the_order_unknown() {
    let mut failed = Vec::new();
    for (name, change) in spoilt_answers() {
        let (bench, liar) = scene(true);
        liar.lie(ORDER, change);
        let check = |site: &Site, told: &Told| {
            let outcomes = journal_of(site, "outcome");
            if outcomes.len() != 1 || outcomes[0]["class"] != "unknown" {
                return Err(format!("outcomes {outcomes:?}"));
            }
            if told.object["orders"][0]["state"] != "unknown" || told.object["reason"] != "order_unknown" {
                return Err(format!("{}", told.object));
            }
            sent_once(&bench)
        };
        let row = row(&name, 81, "20230524-0001", |site| {
            site.arguments(["buy"]);
        });
        if let Err(why) = bench.try_row(&row.orders(1).after(check)) {
            failed.push(format!("{name}: {why}"));
        }
    }
    assert!(failed.is_empty(), "{} failed\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn the_list_tells_what_the_answer_did_not() {
    let mut failed = Vec::new();
    for (name, change) in spoilt_answers() {
        let (bench, liar) = scene(false);
        liar.lie(ORDER, change);
        let check = |site: &Site, told: &Told| {
            let resolved = journal_of(site, "resolved");
            if resolved.len() != 1 || resolved[0]["verdict"] != "accepted" {
                return Err(format!("resolved {resolved:?}"));
            }
            if told.object["orders"][0]["state"] != "accepted" {
                return Err(format!("{}", told.object["orders"]));
            }
            sent_once(&bench)
        };
        let row = row(&name, 0, "accepted", |site| {
            site.arguments(["buy"]);
        });
        if let Err(why) = bench.try_row(&row.orders(1).after(check)) {
            failed.push(format!("{name}: {why}"));
        }
    }
    assert!(failed.is_empty(), "{} failed\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn an_order_that_never_arrived_is_not_sent_again_either() {
    let mut failed = Vec::new();
    for (kind, more) in [
        ("drop_before", json!({})),
        ("status_before", json!({ "status": 500 })),
        ("status_before", json!({ "status": 503 })),
        ("status_before", json!({ "status": 404, "body": "" })),
        ("redirect", json!({ "location": "http://127.0.0.1:1/" })),
        ("reject", json!({ "code": "XXXX0001", "message": "\u{1b}[2Jno\nidea" })),
    ] {
        let (bench, _liar) = scene(false);
        bench.world.sim.fault("order", kind, more.clone());
        let row = row(kind, 81, "20230524-0001", |site| {
            site.arguments(["buy"]);
        });
        if let Err(why) = bench.try_row(&row.after(|_, _| sent_once(&bench))) {
            failed.push(format!("{kind} {more}: {why}"));
        }
    }
    assert!(failed.is_empty(), "{} failed\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn a_clear_refusal_is_one_whatever_its_words() {
    let mut failed = Vec::new();
    let secret = kis_sim::paper_secret();
    for text in ["accepted\n[PAPER]: 1 of 1 order accepted", "\u{1b}[2J\u{202e}", &secret, &"x".repeat(10_000)] {
        let (bench, liar) = scene(false);
        let words = text.to_owned();
        bench.world.sim.fault("order", "reject", json!({ "code": "40250000", "message": "no" }));
        liar.lie(ORDER, move |answer| refuse(answer, "1", "40250000", &words));
        let check = |site: &Site, told: &Told| {
            let outcomes = journal_of(site, "outcome");
            let text = outcomes[0]["msg"].as_str().unwrap_or_default();
            if outcomes[0]["class"] != "rejected" || text.chars().count() > 200 || text.contains(['\n', '\u{1b}']) {
                return Err(format!("outcomes {outcomes:?}"));
            }
            let state = &told.object["orders"][0]["state"];
            if state == "rejected" { sent_once(&bench) } else { Err(format!("state {state}")) }
        };
        let row = row("refused", 1, "order_rejected", |site| {
            site.arguments(["buy"]);
        });
        if let Err(why) = bench.try_row(&row.after(check)) {
            failed.push(format!("{}: {why}", text.chars().take(20).collect::<String>()));
        }
    }
    assert!(failed.is_empty(), "{} failed\n{}", failed.len(), failed.join("\n"));
}

/// One request to kis-sim's control port, from a thread that has nothing but its address.
fn change_at(control: &str, path: &str, body: &Value) {
    let (address, body) = (control.trim_start_matches("http://"), body.to_string());
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Another hand is faster: what the run has read is no longer true when its order arrives.
#[test]
fn what_changes_between_the_reads_and_the_order_is_for_kis_to_refuse() {
    let gone = json!({ "symbol": "AAPL", "quantity": 0, "average_cost": "150" });
    let fewer = json!({ "symbol": "AAPL", "quantity": 3, "average_cost": "150" });
    for (command, path, last_read, body) in [
        ("sell", "/positions", "/quotations/price", gone),
        ("sell", "/positions", "/quotations/price", fewer),
        ("buy", "/cash", "/inquire-psamount", json!({ "usd": "150" })),
    ] {
        let (bench, liar) = scene(false);
        if command == "sell" {
            bench.world.sim.hold("AAPL", 10, "150");
        }
        let control = bench.world.sim.control_url();
        liar.lie(last_read, move |_| change_at(&control, path, &body));
        let check = |site: &Site, _: &Told| {
            let outcomes = journal_of(site, "outcome");
            if outcomes.len() != 1 || outcomes[0]["class"] != "rejected" {
                return Err(format!("outcomes {outcomes:?}"));
            }
            Ok(())
        };
        let row = row(command, 1, "order_rejected", |site| {
            site.arguments([command]);
        });
        if let Err(why) = bench.try_row(&row.after(check)) {
            panic!("{command}: {why}");
        }
    }
}
