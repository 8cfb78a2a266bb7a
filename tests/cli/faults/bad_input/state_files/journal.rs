//! The order journal: every byte, every length, and lines that contradict each other.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use serde_json::{Value, json};

use super::{KINDS, remove};
use crate::faults::bad_input::config::is_root;
use crate::faults::bad_input::table::{Bench, Row, Site, Told, row};
use crate::support::harness::{EVENING, World};

/// A paper account that bought one thing: a snapshot, an intent, an outcome. It is evening, so `buy` ends once it has
/// read its journal.
fn evening() -> Bench {
    let mut bench = Bench::new_with("buy.picks", "1").seeded(&["buy"]);
    bench.world.set_clock(EVENING.parse().unwrap());
    assert_eq!(lines(&journal(&bench)).len(), 3);
    bench
}

fn journal(bench: &Bench) -> Vec<u8> {
    bench.seed_file(&bench.journal_name())
}

/// The lines, each with its end.
fn lines(journal: &[u8]) -> Vec<Vec<u8>> {
    journal.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// Puts a journal in the place of the seed's; the run is a real one.
fn with(bench: &Bench, name: impl Into<String>, exit: i32, word: &str, content: Vec<u8>) -> Row<'static> {
    let file = bench.journal_name();
    let word = if word.is_empty() { file.clone() } else { word.to_owned() };
    row(name, exit, word, move |site| {
        site.write_state(&file, &content);
        site.arguments(["buy"]);
    })
}

/// The same for a dry run, which mends nothing and is faster for it.
fn looked_at(bench: &Bench, name: impl Into<String>, exit: i32, content: Vec<u8>) -> Row<'static> {
    let file = bench.journal_name();
    let same = content.clone();
    let word = if exit == 65 { file.clone() } else { String::new() };
    let written = file.clone();
    row(name, exit, word, move |site| site.write_state(&written, &content)).after(move |site, _| {
        if site.read_state(&file) == same && site.states("journal.torn").is_empty() {
            Ok(())
        } else {
            Err("the journal was touched".to_owned())
        }
    })
}

/// A refused journal stays, byte by byte; so does everything beside it.
fn refused(bench: &Bench, name: impl Into<String>, content: Vec<u8>) -> Row<'static> {
    let file = bench.journal_name();
    let expected = content.clone();
    with(bench, name, 65, "", content).after(move |site, told| untouched(site, told, &file, &expected))
}

fn untouched(site: &Site, told: &Told, file: &str, expected: &[u8]) -> Result<(), String> {
    if told.object["reason"] != "state_unreadable" {
        return Err(format!("reason {}", told.object["reason"]));
    }
    if site.read_state(file) == expected && site.states("journal.torn").is_empty() {
        Ok(())
    } else {
        Err("the journal was touched".to_owned())
    }
}

fn find(text: &[u8], word: &str) -> usize {
    text.windows(word.len()).position(|window| window == word.as_bytes()).unwrap()
}

#[test]
fn every_byte_of_the_first_two_lines_flipped() {
    let bench = evening();
    let good = journal(&bench);
    let first_two: usize = lines(&good)[..2].iter().map(Vec::len).sum();
    // These two say whose the directory is, and are looked at first. The quote that ends them belongs to them.
    let value = |key: &str, length: usize| {
        let start = find(&good, key) + key.len();
        start..=start + length
    };
    let owner = [value("\"account_print\":\"", 8), value("\"env\":\"", 5)];
    let rows = (0..first_two).map(|place| {
        let mut content = good.clone();
        content[place] ^= 1;
        if owner.iter().any(|range| range.contains(&place)) {
            with(&bench, format!("byte {place}, the owner"), 78, "another account or mode", content)
        } else {
            looked_at(&bench, format!("byte {place}"), 65, content)
        }
    });
    bench.check(rows.collect());
}

#[test]
fn every_byte_of_the_last_line_flipped() {
    let bench = evening();
    let good = journal(&bench);
    let first_two: usize = lines(&good)[..2].iter().map(Vec::len).sum();
    let mut rows = Vec::new();
    for place in first_two..good.len() - 1 {
        let mut content = good.clone();
        content[place] ^= 1;
        // The outcome is gone: the intent's order is unknown until the broker's list shows it.
        if place % 16 == 0 {
            rows.push(with(&bench, format!("byte {place}"), 81, "torn", content).after(is_repaired(1)));
        } else {
            rows.push(looked_at(&bench, format!("byte {place}"), 81, content));
        }
    }
    let mut content = good.clone();
    *content.last_mut().unwrap() ^= 1;
    // A whole line with something behind it: no crash leaves that.
    rows.push(refused(&bench, "the last line's end", content));
    bench.check(rows);
}

/// The cut tail is kept in a file of its own, and the journal is whole again.
fn is_repaired(more_lines: usize) -> impl Fn(&Site, &Told) -> Result<(), String> {
    move |site, _| {
        let torn = site.states("journal.torn-");
        let file = &site.states("orders-")[0];
        let text = String::from_utf8(site.read_state(file)).map_err(|error| error.to_string())?;
        let repairs = text.lines().filter(|line| line.contains("\"kind\":\"repair\"")).count();
        if torn.len() == 1 && text.ends_with('\n') && repairs == more_lines {
            Ok(())
        } else {
            Err(format!("torn {torn:?}, {repairs} repairs"))
        }
    }
}

#[test]
fn every_length_of_the_last_line() {
    let bench = evening();
    let good = journal(&bench);
    let first_two: usize = lines(&good)[..2].iter().map(Vec::len).sum();
    let mut rows = vec![
        with(&bench, "the outcome is missing", 81, "no known outcome", good[..first_two].to_vec()),
        with(&bench, "nothing is missing", 0, "market_closed", good.clone()),
    ];
    for length in first_two + 1..good.len() {
        let content = good[..length].to_vec();
        if length % 16 == 0 || length + 1 == good.len() {
            rows.push(with(&bench, format!("{length} bytes"), 81, "torn", content).after(is_repaired(1)));
        } else {
            rows.push(looked_at(&bench, format!("{length} bytes"), 81, content));
        }
    }
    bench.check(rows);
}

#[test]
fn a_torn_tail_is_only_mended_by_a_trading_run() {
    let bench = evening();
    let good = journal(&bench);
    let torn = good[..good.len() - 5].to_vec();
    let file = bench.journal_name();
    let rows = [&["status"][..], &["buy", "--dry-run"], &["cleanup", "--dry-run"], &["token-check"]].map(|arguments| {
        let (torn, file) = (torn.clone(), file.clone());
        let same = torn.clone();
        // Only a trading command ends with 81 while an order is unknown.
        let exit = if arguments[0] == "buy" { 81 } else { 0 };
        row(format!("{arguments:?}"), exit, "", {
            let file = file.clone();
            move |site| {
                site.write_state(&file, &torn);
                site.arguments(arguments);
            }
        })
        .after(move |site, _| {
            if site.read_state(&file) == same && site.states("journal.torn").is_empty() {
                Ok(())
            } else {
                Err("the journal was touched".to_owned())
            }
        })
    });
    bench.check(rows.into());
}

#[test]
fn a_first_line_of_many_lengths() {
    // A new month's file is made whole before it gets its name: no crash leaves a piece of its first line.
    let bench = evening();
    let good = journal(&bench);
    let first = lines(&good)[0].len();
    let rows = (0..first)
        .filter(|length| length % 8 == 0 || first - length < 8)
        .map(|length| looked_at(&bench, format!("{length} bytes"), 65, good[..length].to_vec()));
    bench.check(rows.collect());
}

/// Puts a line's checksum right.
fn seal(line: &str) -> Vec<u8> {
    let body = line.trim_end();
    let body = body.split_once(",\"crc\":\"").map_or(body, |(body, _)| body);
    format!("{body},\"crc\":\"{:08x}\"}}\n", crc32fast::hash(body.as_bytes())).into_bytes()
}

/// Replaces the text of one line and puts its checksum right.
fn edited(good: &[u8], index: usize, from: &str, to: &str) -> Vec<u8> {
    let mut lines = lines(good);
    let text = String::from_utf8(lines[index].clone()).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    lines[index] = seal(&text.replacen(from, to, 1));
    lines.concat()
}

/// Appends a line that follows the last one.
fn appended(good: &[u8], change: impl Fn(&mut Value)) -> Vec<u8> {
    let last: Value = serde_json::from_slice(lines(good).last().unwrap()).unwrap();
    let mut next = json!({ "v": 1, "seq": last["seq"].as_u64().unwrap() + 1, "prev": last["crc"],
        "at": "2023-05-24T14:31:00.000Z", "boot": "", "up_ms": 1, "run": "TESTS" });
    change(&mut next);
    let text = next.to_string();
    [good.to_vec(), seal(&text[..text.len() - 1])].concat()
}

#[test]
fn lines_that_do_not_belong_together() {
    let bench = evening();
    let good = journal(&bench);
    let [snapshot, intent, outcome] = <[Vec<u8>; 3]>::try_from(lines(&good)).unwrap();
    let concat = |parts: &[&Vec<u8>]| parts.iter().flat_map(|part| part.iter().copied()).collect::<Vec<u8>>();
    let order_id = {
        let outcome: Value = serde_json::from_slice(&outcome).unwrap();
        outcome["order_id"].as_str().unwrap().to_owned()
    };
    let intent_id = "20230524-0001";
    let mut rows = Vec::new();
    for (name, content) in [
        ("twice the same file", concat(&[&good, &good])),
        ("the snapshot is missing", concat(&[&intent, &outcome])),
        ("only the outcome", outcome.clone()),
        ("the intent is missing", concat(&[&snapshot, &outcome])),
        ("the intent twice", concat(&[&snapshot, &intent, &intent, &outcome])),
        ("the outcome twice", concat(&[&snapshot, &intent, &outcome, &outcome])),
        ("in another order", concat(&[&snapshot, &outcome, &intent])),
        ("a blank line between", concat(&[&snapshot, &b"\n".to_vec(), &intent, &outcome])),
        ("a byte order mark", concat(&[&b"\xef\xbb\xbf".to_vec(), &good])),
        ("CRLF", String::from_utf8(good.clone()).unwrap().replace('\n', "\r\n").into_bytes()),
        ("JSON of another program", b"{\"version\":1}\n{\"version\":1}\n".to_vec()),
        ("zeros in the middle", concat(&[&snapshot, &vec![0; 4096], &b"\n".to_vec(), &intent, &outcome])),
        ("only zeros", vec![0; 4096]),
        ("only a line end", b"\n".to_vec()),
        ("a newer version, at the end", edited(&good, 2, "\"v\":1", "\"v\":2")),
        ("a newer version, in the middle", edited(&good, 1, "\"v\":1", "\"v\":2")),
        ("version 0", edited(&good, 2, "\"v\":1", "\"v\":0")),
        ("version as text", edited(&good, 2, "\"v\":1", "\"v\":\"1\"")),
        ("no version", edited(&good, 2, "\"v\":1,", "")),
        ("an unknown kind", edited(&good, 2, "\"kind\":\"outcome\"", "\"kind\":\"guess\"")),
        ("no kind", edited(&good, 2, "\"kind\":\"outcome\",", "")),
        ("a gap in the numbers", edited(&good, 2, "\"seq\":3", "\"seq\":4")),
        ("a number twice", edited(&good, 2, "\"seq\":3", "\"seq\":2")),
        ("a negative number", edited(&good, 2, "\"seq\":3", "\"seq\":-3")),
        ("an edited line that keeps its checksum right", edited(&good, 1, "\"side\":\"buy\"", "\"side\":\"sell\"")),
        ("a time that is none", edited(&good, 2, "\"at\":\"2023", "\"at\":\"20x3")),
        ("an unknown class", edited(&good, 2, "\"class\":\"accepted\"", "\"class\":\"perhaps\"")),
        ("an outcome of no intent", edited(&good, 2, intent_id, "20230524-0009")),
        (
            "filled of nobody's order",
            appended(&good, |line| {
                line["kind"] = json!("observed");
                line["order_id"] = json!("0000099999");
                line["state"] = json!("filled");
                line["filled_quantity"] = json!(1);
                line["remaining_quantity"] = json!(0);
                line["average_price"] = json!("1");
            }),
        ),
        (
            "a second snapshot that is none",
            appended(&good, |line| {
                line["kind"] = json!("snapshot");
                line["state"] = json!({ "entries": 5 });
            }),
        ),
        (
            "a key twice in a line",
            [
                good.clone(),
                seal("{\"v\":1,\"v\":1,\"seq\":4,\"prev\":\"\",\"at\":\"2023-05-24T14:31:00Z\",\"boot\":\"\",\"up_ms\":1"),
            ]
            .concat(),
        ),
    ] {
        rows.push(refused(&bench, name, content));
    }
    let unnumbered = edited(&good, 2, &format!("\"order_id\":\"{order_id}\""), "\"order_id\":null");
    rows.push(with(&bench, "accepted without a number", 81, "no known outcome", unnumbered));
    for (name, tail) in [
        ("a blank line at the end", b"\n".to_vec()),
        ("zeros at the end", vec![0; 4096]),
        ("half a line of nonsense at the end", b"\x1b[2J\xff nonsense".to_vec()),
        ("a line of nonsense at the end", b"nonsense\n".to_vec()),
        ("1 MB at the end", vec![b'x'; 1 << 20]),
    ] {
        rows.push(with(&bench, name, 0, "torn", concat(&[&good, &tail])).after(is_repaired(1)));
    }
    bench.check(rows);
}

#[test]
fn whose_it_is() {
    let paper = evening();
    let real = Bench::bare(World::real()).with_setting("buy.picks", "1").seeded(&["buy"]);
    let (ours, theirs) = (journal(&paper), journal(&real));
    let file = paper.journal_name();
    let another = "another account or mode";
    let put = |content: &[u8], has_mark: bool| {
        let (content, file) = (content.to_vec(), file.clone());
        move |site: &mut Site| {
            site.write_state(&file, &content);
            if !has_mark {
                remove(site, "account.json");
            }
            site.arguments(["buy"]);
        }
    };
    paper.check(vec![
        row("a journal of another account and mode", 78, another, put(&theirs, true)),
        row("the same without account.json", 78, another, put(&theirs, false)),
        row("ours without account.json", 0, "market_closed", put(&ours, false)),
    ]);
    let rows = [true, false].map(|has_mark| {
        let put = put(&ours, has_mark);
        row(format!("paper's used in real, its mark too: {has_mark}"), 78, another, move |site| {
            if has_mark {
                site.write_state("account.json", &paper_mark());
            }
            put(site);
        })
    });
    real.check(rows.into());
}

fn paper_mark() -> Vec<u8> {
    let mark =
        json!({ "version": 1, "account_print": "00000000", "mode": "paper", "created_at": "2023-05-24T14:30:00Z" });
    mark.to_string().into_bytes()
}

#[test]
fn things_around_it() {
    let bench = evening();
    let file = bench.journal_name();
    let mut rows = Vec::new();
    for (what, put) in KINDS {
        let name = file.clone();
        rows.push(row(what, 65, file.clone(), move |site| {
            remove(site, &name);
            put(site, &name);
            site.arguments(["buy"]);
        }));
    }
    let name = file.clone();
    rows.push(
        row("others could read it", 0, file.clone(), move |site| {
            fs::set_permissions(site.state(&name), Permissions::from_mode(0o644)).unwrap();
            site.arguments(["buy"]);
        })
        .after({
            let name = file.clone();
            move |site, _| match fs::metadata(site.state(&name)).unwrap().mode() & 0o777 {
                0o600 => Ok(()),
                mode => Err(format!("mode {mode:o}")),
            }
        }),
    );
    if is_root() {
        let name = file.clone();
        rows.push(row("of somebody else", 78, file.clone(), move |site| {
            chown(site.state(&name), Some(12_345), None).unwrap();
            site.arguments(["buy"]);
        }));
    }
    // A clock that ran ahead, or a file from another machine.
    let ahead = edited(&journal(&bench), 0, "\"at\":\"2023", "\"at\":\"2033");
    let first = String::from_utf8(lines(&ahead)[0].clone()).unwrap();
    // KIS confirms the clock, so it was the other one that was wrong.
    rows.push(row("lines of the future", 0, "passed over", move |site| {
        site.write_state("orders-2033-05.jsonl", first.as_bytes());
        site.arguments(["buy"]);
    }));
    for name in ["orders-2099-01.jsonl", "orders-9999-12.jsonl"] {
        rows.push(row(format!("an empty {name}"), 65, name, move |site| {
            site.write_state(name, b"");
            site.arguments(["buy"]);
        }));
    }
    for arguments in
        [&["sell"][..], &["cleanup"], &["status"], &["buy", "--dry-run"], &["cleanup", "--settle", "foreign=1"]]
    {
        let name = file.clone();
        rows.push(row(format!("damaged, {arguments:?}"), 65, file.clone(), move |site| {
            site.write_state(&name, b"nonsense\nnonsense\n");
            site.arguments(arguments);
        }));
    }
    let name = file.clone();
    rows.push(row("damaged, token-check keeps the token alive", 0, file.clone(), move |site| {
        site.write_state(&name, b"nonsense\nnonsense\n");
        site.arguments(["token-check"]);
    }));
    bench.check(rows);
}
