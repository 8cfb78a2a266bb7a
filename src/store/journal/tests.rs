//! Tests of `store::journal`.

mod damage;
mod snapshots;

use crate::exit::Exit;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use chrono::DateTime;
use serde_json::Value;

use super::*;
use crate::decide::test_support::{intent, order_id, outcome};
use crate::domain::{CancelPhase, IntentId, IntentState, Observed, OutcomeClass, Side};

const MARCH: &str = "2027-03-09T14:30:00Z";
const APRIL: &str = "2027-04-01T13:30:00Z";
const NAME: &str = "orders-2027-03.jsonl";

/// A state directory and its journal.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { folder: tempfile::tempdir().unwrap() }
    }

    /// A month of three lines: the opening snapshot, an intent, its acceptance.
    fn with_three_lines() -> Desk {
        let desk = Desk::new();
        let mut journal = desk.load(MARCH).unwrap();
        journal.append(&declared(1)).unwrap();
        journal.append(&accepted(1)).unwrap();
        desk
    }

    fn load(&self, now: &str) -> Result<Journal, Failure> {
        self.load_with(now, Access::Write)
    }

    fn load_with(&self, now: &str, access: Access) -> Result<Journal, Failure> {
        let clock = Clock::starting_at(now.parse().unwrap());
        Journal::load(self.folder.path(), &clock, "7K2Q", access).map(|(journal, _)| journal)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self) -> Vec<u8> {
        fs::read(self.path(NAME)).unwrap()
    }

    fn write(&self, bytes: &[u8]) {
        let mut file = File::create(self.path(NAME)).unwrap();
        file.write_all(bytes).unwrap();
    }

    fn lines(&self) -> Vec<String> {
        String::from_utf8(self.read()).unwrap().lines().map(str::to_owned).collect()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Nothing is believed, and the file stays as it is.
    fn assert_refused(&self, what: &str) {
        let before = self.read();
        for access in [Access::Write, Access::InMemory] {
            let failure = self.load_with(MARCH, access).err().unwrap_or_else(|| panic!("believed: {what}"));
            assert_eq!((failure.exit(), failure.reason), (Exit::StateUnreadable, Reason::StateUnreadable), "{what}");
            assert!(failure.said.what.contains(NAME), "{what}: {failure}");
        }
        assert_eq!((self.read(), self.names()), (before, vec![NAME.to_owned()]), "{what}");
    }
}

fn id(number: u32) -> IntentId {
    intent(number, Side::Buy, "AA", 3, "10").id
}

fn declared(number: u32) -> Record {
    Record::Intent(intent(number, Side::Buy, "AA", 3, &format!("10.0{number}")))
}

fn accepted(number: u32) -> Record {
    Record::Outcome(outcome(&id(number), OutcomeClass::Accepted, Some(&format!("100{number}"))))
}

fn text(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

/// The line with a checksum that fits, as somebody who knows the format would forge it.
fn resealed(line: &str) -> String {
    let body = &line[..line.rfind(",\"crc\"").unwrap()];
    format!("{body},\"crc\":\"{:08x}\"}}", crc32fast::hash(body.as_bytes()))
}

#[test]
fn what_is_appended_is_what_is_loaded() {
    let desk = Desk::new();
    let mut journal = desk.load(MARCH).unwrap();
    assert_eq!(journal.state(), &JournalState::default());
    assert_eq!(desk.names(), Vec::<String>::new(), "loading writes nothing");
    for record in [declared(1), accepted(1), declared(2)] {
        journal.append(&record).unwrap();
        assert_eq!(desk.load(MARCH).unwrap().state(), journal.state(), "{record:?}");
    }
    assert_eq!(journal.state().entries[&id(1)].state, IntentState::Accepted);
    let mut again = desk.load(MARCH).unwrap();
    again.append(&accepted(2)).unwrap();
    assert_eq!(desk.load(MARCH).unwrap().state(), again.state());
    assert_eq!(desk.names(), [NAME]);
}

#[test]
fn each_line_is_one_json_object_that_names_the_line_before() {
    let desk = Desk::with_three_lines();
    let mut before = "00000000".to_owned();
    for (place, line) in desk.lines().iter().enumerate() {
        let json: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&json["v"], &json["seq"], &json["prev"]), (&1.into(), &(place + 1).into(), &before.into()));
        assert_eq!(json["kind"], ["snapshot", "intent", "outcome"][place]);
        assert_eq!((json["run"].as_str(), json["boot"].as_str()), (Some("7K2Q"), Some("")));
        assert!(json["at"].as_str().unwrap().starts_with("2027-03-09T14:30:0"), "{line}");
        assert!(json["up_ms"].as_u64().is_some());
        assert_eq!(line, &resealed(line), "the checksum covers all before it");
        before = json["crc"].as_str().unwrap().to_owned();
    }
    assert!(desk.read().ends_with(b"\"}\n"));
    assert_eq!(fs::metadata(desk.path(NAME)).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn outside_a_rehearsal_lines_name_the_boot() {
    let journal = Journal::empty(Path::new("/nowhere"), &Clock::system(), "run");
    assert_eq!(journal.stamp().boot, Clock::system().boot_id());
}

#[test]
fn a_new_month_opens_with_a_snapshot_and_continues_the_chain() {
    let desk = Desk::with_three_lines();
    let march = desk.read();
    let mut journal = desk.load(APRIL).unwrap();
    assert_eq!(desk.names(), [NAME], "only a line begins a month");
    journal.append(&declared(2)).unwrap();
    assert_eq!(desk.names(), [NAME, "orders-2027-04.jsonl"]);
    assert_eq!(desk.read(), march, "the old month stays as it is");
    let april = fs::read_to_string(desk.path("orders-2027-04.jsonl")).unwrap();
    let lines: Vec<Value> = april.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last: Value = serde_json::from_str(&desk.lines()[2]).unwrap();
    assert_eq!((&lines[0]["seq"], &lines[0]["prev"], &lines[0]["kind"]), (&4.into(), &last["crc"], &"snapshot".into()));
    assert_eq!((&lines[1]["seq"], &lines[1]["prev"]), (&5.into(), &lines[0]["crc"]));
    let mode = fs::metadata(desk.path("orders-2027-04.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let loaded = desk.load(APRIL).unwrap();
    assert_eq!(loaded.state(), journal.state());
    assert_eq!(loaded.state().entries[&id(1)].order_id, Some(order_id("1001")), "an open order of March is known");
}

#[test]
fn a_clock_that_went_back_goes_on_in_the_newest_month() {
    let desk = Desk::with_three_lines();
    desk.load(APRIL).unwrap().append(&declared(2)).unwrap();
    let march = desk.read();
    let mut journal = desk.load(MARCH).unwrap();
    journal.append(&accepted(2)).unwrap();
    assert_eq!(desk.read(), march);
    assert_eq!(desk.load(APRIL).unwrap().state().entries[&id(2)].state, IntentState::Accepted);
    assert_eq!(journal.state().newest_at.unwrap().format("%Y-%m").to_string(), "2027-04", "and is noticed");
}

#[test]
fn a_tail_torn_in_march_is_repaired_in_april() {
    let desk = Desk::with_three_lines();
    let whole = desk.read();
    desk.write(&whole[..whole.len() - 9]);
    let mut journal = desk.load(APRIL).unwrap();
    journal.repair().unwrap().unwrap();
    journal.append(&accepted(1)).unwrap();
    assert!(whole.starts_with(&desk.read()) && desk.read().ends_with(b"\n"));
    assert_eq!(desk.load(APRIL).unwrap().state(), journal.state());
    assert_eq!(desk.load(APRIL).unwrap().state().entries[&id(1)].state, IntentState::Accepted);
}

#[test]
fn in_memory_nothing_is_written() {
    let desk = Desk::with_three_lines();
    let (before, names) = (desk.read(), desk.names());
    for now in [MARCH, APRIL] {
        let mut journal = desk.load_with(now, Access::InMemory).unwrap();
        journal.append(&declared(2)).unwrap();
        assert_eq!(journal.state().entries.len(), 2, "but it is taken into account");
        assert!(journal.append(&declared(2)).is_err());
        assert_eq!((desk.read(), desk.names()), (before.clone(), names.clone()));
    }
}

#[test]
fn a_contradiction_is_refused_before_it_is_written() {
    let desk = Desk::with_three_lines();
    let mut journal = desk.load(MARCH).unwrap();
    let before = desk.read();
    let cancel = Record::Cancel { order_id: order_id("9"), intent: id(9), phase: CancelPhase::Planned, msg: None };
    for record in [declared(1), accepted(9), cancel] {
        assert_eq!(journal.append(&record).unwrap_err().exit(), Exit::Unexpected, "{record:?}");
    }
    assert_eq!(desk.read(), before);
    journal.append(&declared(2)).unwrap();
    assert_eq!(desk.load(MARCH).unwrap().state(), journal.state());
}

#[test]
fn after_a_failed_write_nothing_more_is_written() {
    let desk = Desk::with_three_lines();
    let mut journal = desk.load(MARCH).unwrap();
    journal.file = Some(File::open(desk.path(NAME)).unwrap());
    let before = (desk.read(), journal.state().clone());
    for _ in 0..2 {
        let failure = journal.append(&declared(2)).unwrap_err();
        assert_eq!((failure.exit(), failure.reason), (Exit::StateUnwritable, Reason::StateUnwritable));
        assert_eq!((desk.read(), journal.state().clone()), before);
        journal.file = None;
    }
}

#[test]
fn a_symlink_is_not_followed() {
    let desk = Desk::with_three_lines();
    let elsewhere = tempfile::tempdir().unwrap();
    let real = elsewhere.path().join("real.jsonl");
    fs::rename(desk.path(NAME), &real).unwrap();
    symlink(&real, desk.path(NAME)).unwrap();
    assert_eq!(desk.load(MARCH).err().unwrap().exit(), Exit::StateUnreadable);
}

#[test]
fn only_the_names_of_months_are_journals() {
    let desk = Desk::new();
    for name in [
        "orders-2027-3.jsonl",
        "orders-2027-13.jsonl",
        "orders-2027-03.jsonl.bak",
        "orders-.jsonl",
        "old-2027-03.jsonl",
    ] {
        File::create(desk.path(name)).unwrap();
    }
    assert_eq!(desk.load(MARCH).unwrap().state(), &JournalState::default());
    assert_eq!(month::find_newest(&desk.path("missing")).unwrap(), None);
}

#[test]
fn old_months_are_named_and_nothing_is_deleted() {
    let desk = Desk::new();
    let names = ["2025-12", "2026-01", "2026-02", "2026-03", "2027-02"].map(|month| format!("orders-{month}.jsonl"));
    for name in &names {
        File::create(desk.path(name)).unwrap();
    }
    let old = |now: &str, oldest_live: Option<&str>| {
        let oldest_live = oldest_live.map(|day| day.parse().unwrap());
        past_retention(desk.folder.path(), now.parse().unwrap(), oldest_live).unwrap()
    };
    assert_eq!(old("2027-03-31T12:00:00Z", None), names[..2], "February is thirteen months ago");
    assert_eq!(old("2027-04-01T00:00:00Z", None), names[..3]);
    assert_eq!(old("2027-01-31T12:00:00Z", None), Vec::<String>::new());
    assert_eq!(old("2027-03-31T12:00:00Z", Some("2026-01-05")), names[..1], "an order of January may live");
    assert_eq!(old("2039-01-01T00:00:00Z", None), names[..4], "the newest file is the journal");
    assert_eq!(desk.names(), names);
    assert_eq!(past_retention(&desk.path("missing"), DateTime::UNIX_EPOCH, None).unwrap(), Vec::<String>::new());
}
