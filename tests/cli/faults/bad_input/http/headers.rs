//! Headers, and lists whose end is in doubt.

use serde_json::{Value, json};

use super::{BALANCE, EVERYTHING, LIST, POWER, PRICE, READS, lie, nothing_planned, planned, scene};
use crate::faults::bad_input::liar::{Answer, Liar};
use crate::faults::bad_input::table::{Row, row};

fn fine<'a>(
    liar: &'a Liar,
    name: &str,
    path: &'static str,
    change: impl Fn(&mut Answer) + Clone + Send + 'static,
) -> Row<'a> {
    row(format!("{path}: {name}"), 0, "planned", move |_| liar.lie(path, change.clone())).after(planned)
}

#[test]
fn headers_that_say_nothing() {
    let (bench, liar) = scene();
    let liar = &liar;
    bench.check(vec![
        fine(liar, "no Date", EVERYTHING, |answer| answer.without("date")),
        fine(liar, "a Date that is none", EVERYTHING, |answer| answer.header("date", "yesterday")),
        fine(liar, "a blank Date", EVERYTHING, |answer| answer.header("date", "")),
        fine(liar, "a Date two minutes off", EVERYTHING, |answer| {
            answer.header("date", "Wed, 24 May 2023 14:31:58 GMT");
        }),
        fine(liar, "no content-type", EVERYTHING, |answer| answer.without("content-type")),
        fine(liar, "a wrong content-type", EVERYTHING, |answer| {
            answer.header("content-type", "text/html; charset=euc-kr")
        }),
        fine(liar, "no headers at all", EVERYTHING, |answer| answer.headers.clear()),
        fine(liar, "tr_cont that means nothing on a page with room", EVERYTHING, |answer| {
            answer.header("tr_cont", "?")
        }),
        fine(liar, "set-cookie and the like", EVERYTHING, |answer| {
            for name in ["set-cookie", "alt-svc", "strict-transport-security", "x-injected"] {
                answer.header(name, "a=b; path=/");
            }
        }),
        fine(liar, "bytes that are no text", EVERYTHING, |answer| answer.header("x-note", "\u{ac00}\u{1f600}")),
        fine(liar, "30 kB of headers", EVERYTHING, |answer| answer.header("x-long", &"x".repeat(30_000))),
    ]);
}

#[test]
fn headers_that_spoil_the_answer() {
    let (bench, liar) = scene();
    let mut rows = Vec::new();
    for path in READS.into_iter().chain([PRICE]) {
        let mut spoilt =
            |name: &str, change: fn(&mut Answer)| rows.push(lie(&liar, name, 69, "gateway_", path, change));
        spoilt("1 MB", |answer| answer.header("x-long", &"x".repeat(1 << 20)));
        spoilt("1 MB in 10,000 headers", |answer| {
            answer.headers.extend((0..10_000).map(|index| (format!("x-{index}"), "x".repeat(90))));
        });
        spoilt("tr_cont twice", |answer| {
            answer.without("tr_cont");
            answer.headers.extend([("tr_cont".to_owned(), "D".to_owned()), ("tr_cont".to_owned(), "M".to_owned())]);
        });
        spoilt("Date twice", |answer| {
            answer.headers.push(("Date".to_owned(), "Wed, 24 May 2023 14:30:00 GMT".to_owned()))
        });
        spoilt("its length twice", |answer| {
            let length = answer.body.len();
            answer.framing = Some(format!("content-length: {length}\r\ncontent-length: {}\r\n", length - 1));
        });
        spoilt("its length twice, equal", |answer| {
            let length = answer.body.len();
            answer.framing = Some(format!("content-length: {length}\r\ncontent-length: {length}\r\n"));
        });
        spoilt("its length and chunks", |answer| {
            let length = answer.body.len();
            answer.framing = Some(format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n"));
        });
        spoilt("longer than it is", |answer| {
            answer.framing = Some(format!("content-length: {}\r\n", answer.body.len() + 10));
        });
        spoilt("shorter than it is", |answer| {
            answer.framing = Some(format!("content-length: {}\r\n", answer.body.len() - 10));
        });
        spoilt("a negative length", |answer| answer.framing = Some("content-length: -1\r\n".to_owned()));
        spoilt("a length of 2^70", |answer| {
            answer.framing = Some("content-length: 1180591620717411303424\r\n".to_owned())
        });
        spoilt("a length that is none", |answer| answer.framing = Some("content-length: many\r\n".to_owned()));
        spoilt("chunks that are none", |answer| answer.framing = Some("transfer-encoding: chunked\r\n".to_owned()));
        spoilt("endless chunks", |answer| {
            answer.framing = Some("transfer-encoding: chunked\r\n".to_owned());
            answer.body = b"ffffff\r\n".iter().copied().chain(vec![b' '; 2 << 20]).collect();
        });
        spoilt("a bell in tr_cont", |answer| answer.header("tr_cont", "\u{7}"));
        spoilt("no status line", |answer| answer.head = Some(b"\r\n\r\n".to_vec()));
        spoilt("another protocol", |answer| answer.head = Some(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()));
        spoilt("a status that is none", |answer| answer.status = "2x0 OK".to_owned());
        spoilt("status 204", |answer| answer.status = "204 No Content".to_owned());
        spoilt("nothing at all", |answer| {
            answer.head = Some(Vec::new());
            answer.body.clear();
        });
    }
    bench.check(rows);
}

#[test]
fn a_wrong_date() {
    let (bench, liar) = scene();
    let mut rows = Vec::new();
    for (name, date) in [
        ("ten minutes ahead", "Wed, 24 May 2023 14:40:00 GMT"),
        ("ten minutes behind", "Wed, 24 May 2023 14:20:00 GMT"),
        ("a day behind", "Tue, 23 May 2023 14:30:00 GMT"),
        ("1970", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("2099", "Sun, 24 May 2099 14:30:00 GMT"),
    ] {
        for command in ["buy", "sell"] {
            rows.push(
                row(format!("{command}, {name}"), 71, "clock", {
                    let liar = &liar;
                    move |site| {
                        liar.lie(EVERYTHING, move |answer| answer.header("date", date));
                        site.arguments([command]);
                    }
                })
                .after(nothing_planned),
            );
        }
        rows.push(row(format!("status, {name}"), 0, "clock", {
            let liar = &liar;
            move |site| {
                liar.lie(EVERYTHING, move |answer| answer.header("date", date));
                site.arguments(["status"]);
            }
        }));
    }
    bench.check(rows);
}

/// The list of `answer` with its first row so many times, each as `change` makes it.
fn repeat(answer: &mut Answer, list: &str, count: usize, change: impl Fn(usize, &mut Value)) {
    // kis-sim refuses to go on where it never was: the later pages are made of its first one.
    let mut body: Value = serde_json::from_slice(&answer.first).unwrap();
    let first = body[list][0].clone();
    let rows = (0..count).map(|index| {
        let mut row = first.clone();
        change(index, &mut row);
        row
    });
    body[list] = rows.collect();
    answer.set_json(&body);
}

fn orders(answer: &mut Answer, count: usize, from: usize) {
    repeat(answer, "output", count, |index, row| row["odno"] = json!((from + index + 1).to_string()));
}

fn go_on(answer: &mut Answer, key: &str) {
    answer.header("tr_cont", "M");
    answer.set("/ctx_area_nk200", json!(key));
    answer.set("/ctx_area_fk200", json!(key));
}

#[test]
fn lists_whose_end_is_in_doubt() {
    let (bench, liar) = scene();
    let liar = &liar;
    let list = |name: &str, word: &str, change: fn(&mut Answer)| lie(liar, name, 69, word, LIST, change);
    let balance = |name: &str, word: &str, change: fn(&mut Answer)| lie(liar, name, 69, word, BALANCE, change);
    bench.check(vec![
        list("a full page without tr_cont", "full page", |answer| {
            orders(answer, 15, 0);
            answer.without("tr_cont");
            answer.set("/ctx_area_nk200", json!("x"));
        }),
        list("a full page with a blank tr_cont", "full page", |answer| {
            orders(answer, 15, 0);
            answer.header("tr_cont", "");
            answer.set("/ctx_area_nk200", json!("x"));
        }),
        list("a full page with an odd tr_cont", "tr_cont", |answer| {
            orders(answer, 15, 0);
            answer.header("tr_cont", "Z");
            answer.set("/ctx_area_nk200", json!("x"));
        }),
        list("more, but not where", "where", |answer| {
            answer.header("tr_cont", "M");
            answer.set("/ctx_area_nk200", json!("  "));
        }),
        list("more, at the same place", "nonsense", |answer| {
            let count = answer.count;
            orders(answer, 2, count * 10);
            go_on(answer, "again");
        }),
        list("more, with the same rows", "twice", |answer| {
            let key = answer.count.to_string();
            orders(answer, 2, 0);
            go_on(answer, &key);
        }),
        list("a second page that is empty", "nonsense", |answer| {
            if answer.count == 1 {
                go_on(answer, "next");
            } else {
                answer.body.clear();
            }
        }),
        list("a second page that is refused", "", |answer| {
            if answer.count == 1 {
                go_on(answer, "next");
            } else {
                answer.body = b"{\"rt_cd\":\"7\",\"msg_cd\":\"XXXX0001\",\"msg1\":\"no\"}".to_vec();
            }
        }),
        balance("a full page without tr_cont", "full page", |answer| {
            repeat(answer, "output1", 100, |index, row| row["ovrs_pdno"] = json!(format!("A{index}")));
            answer.without("tr_cont");
            answer.set("/ctx_area_nk200", json!("x"));
        }),
        lie(liar, "two rows", 69, "one row", POWER, |answer| {
            let mut body = answer.json();
            body["output"] = json!([body["output"], body["output"]]);
            answer.set_json(&body);
        }),
    ]);
}

/// A list has no fixed number of pages, but a time: fifteen timeouts of a request.
#[test]
fn lists_that_never_end() {
    let (bench, liar) = scene();
    let bench = bench.with_setting("gateway.timeout_seconds", "0.1");
    bench.check(vec![
        lie(&liar, "more for ever", 69, "", LIST, |answer| {
            let count = answer.count;
            orders(answer, 2, count * 10);
            go_on(answer, &count.to_string());
        }),
        lie(&liar, "more for ever", 69, "", BALANCE, |answer| {
            let count = answer.count;
            repeat(answer, "output1", 1, |_, row| row["ovrs_pdno"] = json!(format!("A{count}")));
            go_on(answer, &count.to_string());
        }),
    ]);
}
