//! What is believed of a journal is the beginning of what was written, or was sealed anew by somebody who knows how.

use std::collections::BTreeMap;

use kis_trade::clock::Clock;
use kis_trade::decide::fold::JournalState;
use kis_trade::domain::{Record, Stamp};
use kis_trade::store::journal::{Access, Journal};
use serde_json::Value;

use crate::InputFile;
use crate::driver::fuzz;

/// Every kind of line, and a snapshot within the month.
const WRITTEN: &[u8] = include_bytes!("orders-2027-03.jsonl");

/// A month's file that is written anew for each input.
struct Month {
    file: InputFile,
    clock: Clock,
}

impl Month {
    fn new() -> Month {
        let clock = Clock::starting_at("2027-03-09T16:00:00Z".parse().unwrap());
        Month { file: InputFile::new("orders-2027-03.jsonl"), clock }
    }

    /// What the program knows after reading it; `None` when it refuses.
    fn load(&self, bytes: &[u8]) -> Option<JournalState> {
        self.file.put(bytes);
        let (journal, _) = Journal::load(self.file.folder.path(), &self.clock, "run", Access::InMemory).ok()?;
        Some(journal.state().clone())
    }
}

/// What is known after each line of the journal, by the length of the file.
fn states() -> BTreeMap<usize, JournalState> {
    let mut states = BTreeMap::new();
    let (mut state, mut length) = (JournalState::default(), 0);
    for line in WRITTEN.split_inclusive(|byte| *byte == b'\n') {
        let stamp: Stamp = serde_json::from_slice(line).unwrap();
        let value: Value = serde_json::from_slice(line).unwrap();
        if value["kind"] == "snapshot" {
            state.newest_at = Some(stamp.at);
        } else {
            state.apply(&stamp, &serde_json::from_value::<Record>(value).unwrap()).unwrap();
        }
        length += line.len();
        states.insert(length, state.clone());
    }
    states
}

#[test]
fn fuzz_journals() {
    let (month, states) = (Month::new(), states());
    assert_eq!(month.load(WRITTEN).as_ref(), states.get(&WRITTEN.len()));
    fuzz("journals", 12, &[WRITTEN], |bytes, _| {
        let Some(state) = month.load(bytes) else { return };
        let is_intact = |length: &usize| bytes.len() >= *length && bytes[..*length] == WRITTEN[..*length];
        let believed = states.keys().copied().filter(is_intact).max().expect("some of it was written so");
        assert_eq!(state, states[&believed], "and means what it meant");
        let rest = &bytes[believed..];
        assert!(!rest.contains(&b'\n') || rest.ends_with(b"\n"), "only a last line is torn");
    });
}

#[test]
fn fuzz_resealed_journals() {
    let month = Month::new();
    fuzz("resealed journals", 8, &[WRITTEN], |bytes, random| {
        // Every checksum put right, so that only what the lines say can be wrong; in half of them the chain, too.
        let is_chained = random.below(2) == 0;
        let bytes = reseal(bytes, is_chained);
        let Some(state) = month.load(&bytes) else { return };
        // Lines before the last snapshot may make no sense, but each must follow the one before it.
        let mut before: Option<(u64, String)> = None;
        for line in std::str::from_utf8(&bytes).unwrap_or_default().lines() {
            let value = |key: &str| Some(line.split_once(key)?.1.split([',', '"']).next()?.to_owned());
            assert_eq!(value("\"v\":").unwrap().trim(), "1", "{line}");
            assert!(before.is_some() || line.contains("\"snapshot\""), "a month opens with one: {line}");
            let seq = value("\"seq\":").unwrap().trim().parse().unwrap();
            if let Some((last, prev)) = before {
                assert_eq!((seq, value("\"prev\":\"")), (last + 1, Some(prev)), "{line}");
            }
            before = Some((seq, format!("{:08x}", crc32fast::hash(&line.as_bytes()[..line.len() - 18]))));
        }
        for (id, entry) in &state.entries {
            let claims = |key| state.is_claimed(entry.intent.trading_day, &key);
            assert!(entry.key().is_none_or(claims), "{id}");
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
