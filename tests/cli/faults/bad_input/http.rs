//! What a gateway may answer: headers, bodies, values, words.

mod headers;
mod orders;
mod texts;
mod values;

use serde_json::{Value, json};

use crate::faults::bad_input::liar::{Answer, Liar};
use crate::faults::bad_input::table::{Bench, Row, Site, Told, row};
use crate::support::harness::World;

const BALANCE: &str = "/inquire-balance";
const LIST: &str = "/inquire-ccnl";
const POWER: &str = "/inquire-psamount";
const PRICE: &str = "/quotations/price";
const TOKEN: &str = "/tokenP";
const EVERYTHING: &str = "";

/// Makes a body of a good one.
type Spoil = fn(String) -> Vec<u8>;

/// What a read that decides something rests on.
const READS: [&str; 3] = [BALANCE, LIST, POWER];

/// A paper account that holds AAPL and has an order of a person's in the list, behind a gateway that can lie.
fn scene() -> (Bench, Liar) {
    scene_in(World::paper())
}

fn scene_in(world: World) -> (Bench, Liar) {
    let account = world.sim.account();
    let bench = Bench::bare(world);
    let liar = Liar::start(&bench.world.sim.gateway_url());
    bench.world.sim.hold("AAPL", 10, "150");
    bench.world.sim.control("POST", "/quirks", json!({ "medium_on_paper": "OpenAPI" }));
    let order = json!({ "account": account, "symbol": "NVDA", "side": "buy", "quantity": 3, "limit_price": "100.00" });
    bench.world.sim.control("POST", "/orders/foreign", order);
    (bench.through(liar.url()).seeded(&["token-check"]), liar)
}

/// A row for which the gateway lies about one endpoint.
fn lie<'a>(
    liar: &'a Liar,
    name: impl Into<String>,
    exit: i32,
    word: &str,
    path: &'static str,
    change: impl Fn(&mut Answer) + Clone + Send + 'static,
) -> Row<'a> {
    row(format!("{path}: {}", name.into()), exit, word, move |site| {
        liar.lie(path, change.clone());
        if path == TOKEN {
            without_token(site);
        }
    })
    .after(nothing_planned)
}

fn without_token(site: &Site) {
    for name in ["api_token.json", "token_attempt.json"] {
        let _ = std::fs::remove_file(site.state(name));
    }
}

/// Nothing is decided from a read that failed.
fn nothing_planned(_: &Site, told: &Told) -> Result<(), String> {
    match told.object["orders"].as_array() {
        Some(orders) if orders.is_empty() => Ok(()),
        other => Err(format!("orders {other:?}")),
    }
}

/// Something is planned all the same.
fn planned(_: &Site, told: &Told) -> Result<(), String> {
    if told.object["orders"][0]["state"] == "planned" { Ok(()) } else { Err(format!("{}", told.object["detail"])) }
}

/// Changes the text of the body.
fn change_text(change: Spoil) -> impl Fn(&mut Answer) + Clone + Send + 'static {
    move |answer| answer.body = change(String::from_utf8(answer.body.clone()).unwrap())
}

fn nested(levels: usize) -> String {
    format!("{}1{}", "[".repeat(levels), "]".repeat(levels))
}

/// Bodies that are not what KIS sends, made from what it sends.
fn broken_bodies() -> Vec<(&'static str, Spoil)> {
    vec![
        ("empty", |_| Vec::new()),
        ("blank", |_| b" \n".to_vec()),
        ("HTML", |_| b"<html><body>Service Unavailable</body></html>".to_vec()),
        ("half of it", |text| text.as_bytes()[..text.len() / 2].to_vec()),
        ("all but its end", |text| text.as_bytes()[..text.len() - 1].to_vec()),
        ("null", |_| b"null".to_vec()),
        ("a list", |text| format!("[{text}]").into_bytes()),
        ("a text", |text| Value::from(text).to_string().into_bytes()),
        ("a number", |_| b"0".to_vec()),
        ("no keys", |_| b"{}".to_vec()),
        ("two objects", |text| format!("{text}{text}").into_bytes()),
        ("text behind it", |text| format!("{text} ok").into_bytes()),
        ("over 1 MiB", |text| format!("{}{text}", " ".repeat(1 << 20)).into_bytes()),
        ("65 levels", |text| text.replacen('{', &format!("{{\"x\":{},", nested(64)), 1).into_bytes()),
        ("100,000 levels", |text| text.replacen('{', &format!("{{\"x\":{},", nested(100_000)), 1).into_bytes()),
        ("a key twice", |text| text.replacen('{', "{\"x\":1,\"x\":2,", 1).into_bytes()),
        ("a key twice in another case", |text| text.replacen('{', "{\"x\":1,\"X\":2,", 1).into_bytes()),
        ("a byte order mark", |text| format!("\u{feff}{text}").into_bytes()),
        ("EUC-KR", |text| [b"{\"x\":\"\xc1\xa4\xbb\xf3\",", &text.as_bytes()[1..]].concat()),
        ("UTF-16", |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a control character", |text| text.replacen('{', "{\"x\":\"\u{1b}[2J\",", 1).into_bytes()),
        ("a NUL byte", |text| text.replacen('{', "{\"x\":\"\0\",", 1).into_bytes()),
        ("half a surrogate pair", |text| text.replacen('{', "{\"x\":\"\\ud800\",", 1).into_bytes()),
        ("single quotes", |text| text.replace('"', "'").into_bytes()),
        ("a trailing comma", |text| format!("{},}}", &text[..text.len() - 1]).into_bytes()),
        ("NaN", |text| text.replacen('{', "{\"x\":NaN,", 1).into_bytes()),
        ("1e400", |text| text.replacen('{', "{\"x\":1e400,", 1).into_bytes()),
        ("a comment", |text| text.replacen('{', "{/* */", 1).into_bytes()),
        ("JSONP", |text| format!("f({text})").into_bytes()),
        ("gzip", |_| b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00".to_vec()),
    ]
}

#[test]
fn a_good_answer_is_taken() {
    let (bench, liar) = scene();
    let same = |path| {
        let liar = &liar;
        row(format!("{path} as it is"), 0, "planned", move |_| liar.lie(path, |_| {})).after(planned)
    };
    let fine = |name, path, change: Spoil| {
        let liar = &liar;
        row(format!("{path}: {name}"), 0, "planned", move |_| liar.lie(path, change_text(change))).after(planned)
    };
    let mut rows: Vec<Row<'_>> = [BALANCE, LIST, POWER, PRICE, TOKEN].into_iter().map(same).collect();
    for path in READS {
        rows.push(fine("blanks around", path, |text| format!(" \r\n{text}\n\n").into_bytes()));
        rows.push(fine("64 levels", path, |text| {
            text.replacen('{', &format!("{{\"x\":{},", nested(63)), 1).into_bytes()
        }));
        rows.push(fine("unknown keys", path, |text| text.replacen('{', "{\"x\":null,\"y\":1.5,", 1).into_bytes()));
        rows.push(fine("just under 1 MiB", path, |text| {
            format!("{}{text}", " ".repeat((1 << 20) - text.len())).into_bytes()
        }));
    }
    bench.check(rows);
}

#[test]
fn broken_bodies_of_reads() {
    let (bench, liar) = scene();
    let mut rows = Vec::new();
    for path in [BALANCE, LIST, POWER, PRICE] {
        for (name, change) in broken_bodies() {
            rows.push(lie(&liar, name, 69, "nonsense", path, change_text(change)));
        }
    }
    bench.check(rows);
}

#[test]
fn broken_bodies_of_reads_in_real_mode() {
    let (bench, liar) = scene_in(World::real());
    let quotes = "/quotations/multprice";
    let mut rows = Vec::new();
    for (name, change) in broken_bodies() {
        rows.push(lie(&liar, name, 69, "nonsense", BALANCE, change_text(change)));
        // Asked for again one by one, none can be read either: then it is no symbol's fault.
        rows.push(lie(&liar, name, 69, "nonsense", quotes, change_text(change)));
    }
    for key in ["last", "base", "symb"] {
        for value in [json!(""), json!("0"), json!("1,234.5"), json!(170), json!(null)] {
            let name = format!("{key} = {value}");
            rows.push(lie(&liar, name, 0, "nothing_to_do", quotes, move |answer| {
                let mut body = answer.json();
                for quote in body["output2"].as_array_mut().unwrap() {
                    quote[key] = value.clone();
                }
                answer.set_json(&body);
            }));
        }
    }
    bench.check(rows);
}

/// Each read is given the good answer to each of the others: whole, in form, and about something else.
#[test]
fn the_answer_to_another_question() {
    let (bench, liar) = scene();
    let asked = [BALANCE, LIST, POWER, PRICE, TOKEN];
    let mut bodies = Vec::new();
    for path in asked {
        let (told, heard) = std::sync::mpsc::channel();
        liar.lie(path, move |answer| {
            let _ = told.send(answer.body.clone());
        });
        let good = row(path, 0, "planned", |site| {
            if path == TOKEN {
                without_token(site);
            }
        });
        bench.check(vec![good]);
        bodies.push((path, heard.try_recv().unwrap()));
    }
    let mut rows = Vec::new();
    for path in asked {
        for (other, body) in bodies.iter().filter(|(other, _)| *other != path) {
            let (exit, word) = match (path, *other) {
                (TOKEN, _) => (69, "no usable token"),
                // A quote of nothing that was asked for is a price that nobody knows.
                (PRICE, LIST | POWER) => (0, "nothing_to_do"),
                _ => (69, "nonsense"),
            };
            let (name, body) = (format!("the answer to {other}"), body.clone());
            rows.push(lie(&liar, name, exit, word, path, move |answer| answer.body.clone_from(&body)));
        }
    }
    bench.check(rows);
}

#[test]
fn broken_bodies_of_the_token() {
    let (bench, liar) = scene();
    let mut rows = Vec::new();
    for (name, change) in broken_bodies() {
        rows.push(lie(&liar, name, 69, "no usable token", TOKEN, change_text(change)));
    }
    bench.check(rows);
}

#[test]
fn broken_envelopes() {
    let (bench, liar) = scene();
    let mut rows = Vec::new();
    for path in [BALANCE, LIST, POWER, PRICE] {
        for (name, key, value) in [
            ("rt_cd is blank", "/rt_cd", json!("")),
            ("rt_cd is a number", "/rt_cd", json!(0)),
            ("rt_cd is null", "/rt_cd", json!(null)),
            ("rt_cd is true", "/rt_cd", json!(true)),
            ("rt_cd says failure without a code", "/rt_cd", json!("1")),
            ("rt_cd is 00", "/rt_cd", json!("00")),
            ("success and an error code", "/error_code", json!("EGW00001")),
        ] {
            rows.push(lie(&liar, name, 69, "nonsense", path, move |answer| answer.set(key, value.clone())));
        }
        rows.push(lie(&liar, "rt_cd is missing", 69, "nonsense", path, |answer| answer.remove("/rt_cd")));
        rows.push(lie(&liar, "only an error code", 69, "", path, |answer| {
            answer.body = b"{\"error_code\":\"EGW99999\",\"error_description\":\"?\"}".to_vec();
        }));
    }
    bench.check(rows);
}

#[test]
fn what_the_gateway_does_instead_of_answering() {
    let bench = Bench::new();
    let world = &bench.world;
    let mut rows = Vec::new();
    for endpoint in ["balance", "ccnl", "psamount", "price", "tokenP"] {
        for (kind, more) in [
            ("drop_before", json!({})),
            ("drop_after", json!({})),
            ("status_before", json!({ "status": 500 })),
            ("status_before", json!({ "status": 503 })),
            ("status_before", json!({ "status": 404 })),
            ("status_before", json!({ "status": 403, "body": "" })),
            ("status_after", json!({ "status": 502 })),
            ("garbage", json!({})),
            ("html", json!({})),
            ("empty", json!({})),
            ("truncated", json!({})),
            ("too_large", json!({})),
            ("redirect", json!({ "location": "http://127.0.0.1:1/" })),
        ] {
            rows.push(
                row(format!("{endpoint} {kind} {more}"), 69, "gateway_", move |site| {
                    world.sim.control("DELETE", "/faults", json!({}));
                    let mut more = more.clone();
                    more["times"] = json!(1000);
                    world.sim.fault(endpoint, kind, more);
                    if endpoint == "tokenP" {
                        without_token(site);
                    }
                })
                .after(nothing_planned),
            );
        }
    }
    bench.check(rows);
}

#[test]
fn nobody_else_is_called() {
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let location = format!("http://{}/", elsewhere.local_addr().unwrap());
    let (bench, liar) = scene();
    let mut rows = Vec::new();
    for path in [BALANCE, LIST, POWER, PRICE, TOKEN] {
        for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
            let (location, elsewhere) = (location.clone(), elsewhere.try_clone().unwrap());
            rows.push(
                lie(&liar, status, 69, "nonsense", path, move |answer| {
                    answer.status = status.to_owned();
                    answer.header("location", &location);
                })
                .after(move |_, _| {
                    if elsewhere.accept().is_err() { Ok(()) } else { Err("the other host was called".to_owned()) }
                }),
            );
        }
    }
    bench.check(rows);
}
