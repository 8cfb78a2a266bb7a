//! Bent journals: what is believed is the beginning of what was written, or was sealed anew by somebody who knows how.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Content, Envelope, Journal, line};
use crate::clock::Clock;
use crate::decide::fold::JournalState;
use crate::decide::test_support::{TestJournal, at, intent, order_id, outcome};
use crate::domain::intent::{IntentState, OutcomeClass};
use crate::domain::order::Side;
use crate::domain::record::{CancelPhase, HumanVerdict, ListSeen, Record, Resolved, Verdict};
use crate::domain::stamp::Stamp;
use crate::testing::fuzz;

/// A journal of every kind of line, and what is known after each of them.
#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    /// By the length of the file.
    states: BTreeMap<usize, JournalState>,
    past: TestJournal,
    last_crc: u32,
}

impl Written {
    fn new() -> Written {
        let (bought, lost) = (intent(1, Side::Buy, "AA", 3, "10.01"), intent(2, Side::Sell, "BRK/B", 4, "11.5"));
        let (first, second) = (bought.id.clone(), lost.id.clone());
        let list = ListSeen { at: at("10:05:00"), complete: true, rows: 3 };
        let resolved = Resolved {
            intent: second.clone(),
            verdict: Verdict::Ambiguous,
            order_id: None,
            candidates: vec![order_id("7"), order_id("8")],
            lists: vec![list.clone()],
        };
        let mut written = Written::default();
        written.add_snapshot();
        written.tell(Record::Intent(bought));
        written.tell(Record::Outcome(outcome(&first, OutcomeClass::Accepted, Some("1001"))));
        written.tell(written.past.observation(&first, IntentState::Filled, 3, 0, "10"));
        written.add_snapshot();
        written.tell(Record::Intent(lost));
        written.tell(Record::Unseen { intent: second.clone(), list });
        written.tell(Record::Resolved(resolved));
        written.tell(Record::Cancel { order_id: order_id("1001"), intent: first, phase: CancelPhase::Done, msg: None });
        written.tell(Record::Human(HumanVerdict::IsOrder { intent: second, order_id: order_id("8") }));
        written.tell(Record::Repair { bytes: 3, cut_crc: "01234567".to_owned() });
        written
    }

    fn tell(&mut self, record: Record) {
        self.past.tell(record.clone());
        self.add(Content::Record(&record));
    }

    fn add_snapshot(&mut self) {
        let state = self.past.state.clone();
        self.add(Content::snapshot(&state));
    }

    fn add(&mut self, content: Content<'_>) {
        let stamp = Stamp { at: at("10:00:00"), boot: String::new(), up_ms: 0 };
        let seq = u64::try_from(self.states.len()).unwrap() + 1;
        let envelope = Envelope { seq, prev: self.last_crc, stamp: &stamp, run: "7K2Q" };
        let (line, crc) = line::format(&envelope, content).unwrap();
        self.bytes.extend(line.into_bytes());
        self.last_crc = crc;
        self.past.state.newest_at = Some(stamp.at);
        self.states.insert(self.bytes.len(), self.past.state.clone());
    }
}

/// Reads a file's bytes: what is known, and how many of them are believed.
fn fold(bytes: &[u8]) -> Option<(JournalState, usize)> {
    let clock = Clock::starting_at(at("11:00:00"));
    let mut journal = Journal::empty(Path::new("/nowhere"), &clock, "run");
    journal.fold(Path::new("orders-2027-03.jsonl"), bytes).ok()?;
    let torn = journal.torn.map_or(0, |torn| torn.cut.len());
    Some((journal.state, bytes.len() - torn))
}

#[test]
fn fuzz_journals() {
    let written = Written::new();
    assert_eq!(
        fold(&written.bytes).unwrap(),
        (written.states.last_key_value().unwrap().1.clone(), written.bytes.len())
    );
    fuzz("journals", 12, &[&written.bytes], |bytes, _| {
        let Some((state, believed)) = fold(bytes) else { return };
        assert_eq!(bytes[..believed], written.bytes[..believed], "what is believed was written so");
        assert_eq!(state, written.states[&believed], "and means what it meant");
        assert!(!bytes[believed..].contains(&b'\n') || bytes[believed..].ends_with(b"\n"), "only a last line is torn");
    });
}

#[test]
fn fuzz_resealed_journals() {
    let written = Written::new();
    fuzz("resealed journals", 8, &[&written.bytes], |bytes, random| {
        // Every checksum put right, so that only what the lines say can be wrong; in half of them the chain, too.
        let is_chained = random.below(2) == 0;
        let bytes = reseal(bytes, is_chained);
        let Some((state, believed)) = fold(&bytes) else { return };
        // What stands before the last snapshot need not make sense, but each line must have its place.
        let mut before: Option<(u64, String)> = None;
        for line in std::str::from_utf8(&bytes[..believed]).unwrap_or_default().lines() {
            let value = |key: &str| Some(line.split_once(key)?.1.split([',', '"']).next()?.to_owned());
            let crc = format!("{:08x}", crc32fast::hash(&line.as_bytes()[..line.len() - 18]));
            assert!(line.ends_with(&format!(",\"crc\":\"{crc}\"}}")), "{line}");
            assert_eq!(value("\"v\":").unwrap().trim(), "1", "{line}");
            assert!(before.is_some() || line.contains("\"snapshot\""), "a month opens with one: {line}");
            let seq = value("\"seq\":").unwrap().trim().parse().unwrap();
            if let Some((last, prev)) = before {
                assert_eq!((seq, value("\"prev\":\"")), (last + 1, Some(prev)), "{line}");
            }
            before = Some((seq, crc));
        }
        for (id, entry) in &state.entries {
            let claims = |number| state.is_claimed(entry.intent.trading_day, number);
            assert!(entry.order_id.as_ref().is_none_or(claims), "{id}");
        }
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<JournalState>(&text).unwrap(), state, "a snapshot can hold it");
    });
}

/// Puts the lines' checksums right; with `is_chained` the `prev` of each, too.
fn reseal(bytes: &[u8], is_chained: bool) -> Vec<u8> {
    let mut resealed = Vec::new();
    let mut crc = "00000000".to_owned();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut body = match line.windows(8).rposition(|window| window == b",\"crc\":\"") {
            Some(place) => line[..place].to_vec(),
            None => line.to_vec(),
        };
        let prev = body.windows(8).position(|window| window == b"\"prev\":\"").map(|place| place + 8);
        if let Some(prev) = prev.filter(|prev| is_chained && prev + 8 <= body.len()) {
            body[prev..prev + 8].copy_from_slice(crc.as_bytes());
        }
        crc = format!("{:08x}", crc32fast::hash(&body));
        body.extend(format!(",\"crc\":\"{crc}\"}}\n").into_bytes());
        resealed.extend(body);
    }
    resealed
}
