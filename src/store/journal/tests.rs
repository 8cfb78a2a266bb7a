//! Tests of `store::journal`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use chrono::DateTime;
use serde_json::Value;

use super::*;
use crate::decide::test_support::{intent, order_id, outcome};
use crate::domain::intent::{IntentId, IntentState, OutcomeClass};
use crate::domain::order::Side;
use crate::domain::record::{CancelPhase, Observed};

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
        Journal::load(self.folder.path(), &Clock::starting_at(now.parse().unwrap()), "7K2Q", access)
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
            assert_eq!((failure.exit, failure.reason), (Exit::StateUnreadable, Reason::StateUnreadable), "{what}");
            assert!(failure.what.contains(NAME), "{what}: {failure}");
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
fn a_last_line_cut_at_any_byte_is_torn_and_repaired() {
    let whole = Desk::with_three_lines().read();
    let good = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for length in good + 1..whole.len() {
        let desk = Desk::new();
        desk.write(&whole[..length]);
        let mut looking = desk.load_with(MARCH, Access::InMemory).unwrap();
        assert_eq!(looking.state().entries[&id(1)].state, IntentState::Unknown, "{length}");
        assert_eq!(looking.repair().unwrap(), None, "who may not write does not repair");
        assert_eq!(desk.read(), &whole[..length]);
        // The whole round syncs to disk: both ends and some cuts between show it.
        if length > good + 1 && length < whole.len() - 1 && length % 64 != 0 {
            continue;
        }
        let mut journal = desk.load(MARCH).unwrap();
        let told = journal.repair().unwrap().unwrap();
        let names = desk.names();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names[0].starts_with("journal.torn-20270309T1430") && told.contains(&names[0]), "{told}");
        assert_eq!(fs::read(desk.path(&names[0])).unwrap(), &whole[good..length], "a copy is kept");
        assert_eq!(desk.read()[..good], whole[..good]);
        let repair: Value = serde_json::from_str(&desk.lines()[2]).unwrap();
        assert_eq!((&repair["kind"], &repair["bytes"]), (&"repair".into(), &(length - good).into()));
        assert_eq!(repair["cut_crc"], format!("{:08x}", crc32fast::hash(&whole[good..length])));
        assert_eq!(journal.repair().unwrap(), None, "once");
        journal.append(&accepted(1)).unwrap();
        assert_eq!(desk.load(MARCH).unwrap().state(), journal.state());
    }
}

#[test]
fn a_last_line_whose_checksum_does_not_fit_is_torn() {
    let desk = Desk::with_three_lines();
    let mut lines = desk.lines();
    lines[2] = lines[2].replace("accepted", "rejected");
    desk.write(&text(&lines));
    let journal = desk.load(MARCH).unwrap();
    assert_eq!(journal.state().entries[&id(1)].state, IntentState::Unknown);
    assert!(journal.torn.is_some());
}

#[test]
fn lines_that_do_not_follow_each_other_are_not_believed() {
    type Bend = fn(&mut Vec<String>);
    let cases: [(&str, Bend); 14] = [
        ("middle line edited", |lines| lines[1] = lines[1].replace("\"AA\"", "\"AB\"")),
        ("middle line edited and resealed", |lines| lines[1] = resealed(&lines[1].replace("\"AA\"", "\"AB\""))),
        ("middle line removed", |lines| drop(lines.remove(1))),
        ("middle line doubled", |lines| lines.insert(1, lines[1].clone())),
        ("last line doubled", |lines| lines.push(lines[2].clone())),
        ("two lines swapped", |lines| lines.swap(1, 2)),
        ("first two lines swapped", |lines| lines.swap(0, 1)),
        ("first line removed", |lines| drop(lines.remove(0))),
        ("first line doubled", |lines| lines.insert(0, lines[0].clone())),
        ("all but the last line removed", |lines| drop(lines.drain(..2))),
        ("two journals in a row", |lines| lines.extend(lines.clone())),
        ("blank line between", |lines| lines.insert(1, String::new())),
        ("newer version", |lines| lines[2] = resealed(&lines[2].replacen("\"v\":1", "\"v\":2", 1))),
        ("unknown kind", |lines| lines[2] = resealed(&lines[2].replace("\"outcome\"", "\"prophecy\""))),
    ];
    for (what, bend) in cases {
        let desk = Desk::with_three_lines();
        let mut lines = desk.lines();
        bend(&mut lines);
        desk.write(&text(&lines));
        desk.assert_refused(what);
    }
}

#[test]
fn a_month_without_its_whole_opening_is_not_believed() {
    let desk = Desk::with_three_lines();
    let opening = desk.lines()[0].clone();
    for length in [0, 1, opening.len() / 2, opening.len()] {
        desk.write(&opening.as_bytes()[..length]);
        desk.assert_refused(&format!("{length} bytes of the opening line"));
    }
    desk.write(b"\n");
    desk.assert_refused("a blank line");
    desk.write(b"not a journal\n");
    desk.assert_refused("something else");
    desk.write(&[0; 64]);
    desk.assert_refused("zeros");
}

#[test]
fn a_line_that_contradicts_the_journal_is_not_believed() {
    let desk = Desk::with_three_lines();
    let mut lines = desk.lines();
    lines[2] = resealed(&lines[2].replace("\"intent\":\"20270309-0001\"", "\"intent\":\"20270309-0009\""));
    desk.write(&text(&lines));
    desk.assert_refused("an outcome of an intent nobody declared");
}

#[test]
fn no_flipped_byte_passes_unnoticed() {
    let desk = Desk::with_three_lines();
    let whole = desk.read();
    let last_line = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    let clock = Clock::starting_at(MARCH.parse().unwrap());
    let mut bytes = whole.clone();
    for (place, mask) in (0..whole.len()).flat_map(|place| [0x01, 0x20, 0x80].map(|mask| (place, mask))) {
        bytes[place] ^= mask;
        let mut journal = Journal::empty(desk.folder.path(), &clock, "run");
        match journal.fold(&desk.path(NAME), &bytes[..]) {
            Err(failure) => assert_eq!(failure.exit, Exit::StateUnreadable, "byte {place}"),
            Ok(()) => {
                let torn = journal.torn.unwrap_or_else(|| panic!("byte {place} ^ {mask:02x} was believed"));
                assert_eq!(torn.good_bytes, last_line as u64, "byte {place} ^ {mask:02x} would cut a good line");
                assert!(place >= last_line, "byte {place} ^ {mask:02x} is not of the last line");
            }
        }
        bytes[place] = whole[place];
    }
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
        assert_eq!(journal.append(&record).unwrap_err().exit, Exit::Unexpected, "{record:?}");
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
        assert_eq!((failure.exit, failure.reason), (Exit::StateUnwritable, Reason::StateUnwritable));
        assert_eq!((desk.read(), journal.state().clone()), before);
        journal.file = None;
    }
}

#[test]
fn what_is_no_plain_file_is_not_followed() {
    let desk = Desk::with_three_lines();
    let elsewhere = tempfile::tempdir().unwrap();
    let real = elsewhere.path().join("real.jsonl");
    fs::rename(desk.path(NAME), &real).unwrap();
    symlink(&real, desk.path(NAME)).unwrap();
    assert_eq!(desk.load(MARCH).err().unwrap().exit, Exit::StateUnreadable, "a symlink");
    fs::remove_file(desk.path(NAME)).unwrap();
    fs::create_dir(desk.path(NAME)).unwrap();
    assert_eq!(desk.load(MARCH).err().unwrap().exit, Exit::StateUnreadable, "a directory");
    fs::remove_dir(desk.path(NAME)).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, desk.path(NAME), rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert_eq!(desk.load(MARCH).err().unwrap().exit, Exit::StateUnreadable, "a FIFO, without waiting for a writer");
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

/// A month so busy that snapshots stand inside it, and the journal that wrote it.
fn busy(orders: u32) -> (Desk, Journal) {
    let desk = Desk::new();
    let mut journal = desk.load(MARCH).unwrap();
    journal.growth = Growth::from_bytes(4096);
    for number in 1..=orders {
        // As if each order were a run's.
        journal.file = None;
        journal.append(&declared(number)).unwrap();
        journal.append(&accepted(number)).unwrap();
        if number % 3 > 0 {
            journal.append(&filled(number)).unwrap();
        }
    }
    (desk, journal)
}

fn filled(number: u32) -> Record {
    Record::Observed(Observed {
        intent: id(number),
        order_id: order_id(&format!("100{number}")),
        state: IntentState::Filled,
        filled_quantity: 3,
        remaining_quantity: 0,
        average_price: "10".parse().unwrap(),
        note: String::new(),
    })
}

/// Wants a snapshot before the next line.
fn eager() -> Growth {
    let mut growth = Growth::from_bytes(1);
    growth.add(1);
    growth
}

fn is_snapshot(line: &str) -> bool {
    line.contains("\"kind\":\"snapshot\"")
}

/// The lines with numbers, `prev` and checksums that fit, as somebody who knows the format would forge them.
fn rechained(lines: &[String]) -> Vec<String> {
    let mut prev = "00000000".to_owned();
    let renumbered = (1..).zip(lines).map(|(seq, line)| {
        let (_, rest) = line.split_once("\"at\":").unwrap();
        let line = resealed(&format!("{{\"v\":1,\"seq\":{seq},\"prev\":\"{prev}\",\"at\":{rest}"));
        prev = line[line.len() - 10..line.len() - 2].to_owned();
        line
    });
    renumbered.collect()
}

#[test]
fn a_busy_month_is_read_from_its_last_snapshot() {
    let (desk, journal) = busy(60);
    let lines = desk.lines();
    let snapshots: Vec<usize> = (0..lines.len()).filter(|place| is_snapshot(&lines[*place])).collect();
    assert!(snapshots.len() > 3, "{snapshots:?}");
    let loaded = desk.load(MARCH).unwrap();
    assert_eq!(loaded.state(), journal.state());
    assert_eq!((loaded.next_seq, loaded.last_crc), (journal.next_seq, journal.last_crc));
    assert_eq!(loaded.growth.bytes(), journal.growth.bytes());
    for count in 1..=lines.len() {
        let chain = Chain::read(&text(&lines[..count])[..]).unwrap();
        let last = snapshots.iter().copied().filter(|place| *place < count).max().unwrap();
        assert_eq!(chain.lines, text(&lines[last..count]), "only these are read as JSON");
        assert_eq!((chain.offset, chain.end()), (length(&text(&lines[..last])), length(&text(&lines[..count]))));
    }
}

#[test]
fn snapshots_change_nothing_of_what_is_known() {
    let (desk, journal) = busy(60);
    let lines: Vec<String> = desk.lines();
    let without: Vec<String> = lines
        .iter()
        .enumerate()
        .filter(|(place, line)| *place == 0 || !is_snapshot(line))
        .map(|(_, line)| line.clone())
        .collect();
    desk.write(&text(&rechained(&without)));
    assert_eq!(desk.load(MARCH).unwrap().state().pruned(), journal.state().pruned());
}

#[test]
fn the_chain_is_checked_before_the_last_snapshot_too() {
    type Bend = fn(&mut Vec<String>, usize);
    let cases: [(&str, Bend); 9] = [
        ("line edited", |lines, at| lines[at] = lines[at].replace("\"up_ms\":", "\"up_ms\":1")),
        ("line edited and resealed", |lines, at| lines[at] = resealed(&lines[at].replace("\"up_ms\":", "\"up_ms\":1"))),
        ("line removed", |lines, at| drop(lines.remove(at))),
        ("line doubled", |lines, at| lines.insert(at, lines[at].clone())),
        ("lines swapped", |lines, at| lines.swap(at, at + 1)),
        ("newer version", |lines, at| lines[at] = resealed(&lines[at].replacen("\"v\":1", "\"v\":2", 1))),
        ("number edited", |lines, at| lines[at] = resealed(&lines[at].replacen("\"seq\":", "\"seq\":1", 1))),
        ("cut", |lines, at| lines[at].truncate(200)),
        ("all before it removed", |lines, at| drop(lines.drain(..at))),
    ];
    let (desk, _) = busy(30);
    let lines = desk.lines();
    let last = (0..lines.len()).filter(|place| is_snapshot(&lines[*place])).max().unwrap();
    for (what, bend) in cases {
        for place in [1, 2, last - 2, last - 1] {
            let mut bent = lines.clone();
            bend(&mut bent, place);
            desk.write(&text(&bent));
            desk.assert_refused(&format!("{what}, line {place}"));
        }
    }
}

#[test]
fn a_snapshot_inside_that_is_none_is_not_believed() {
    let (desk, _) = busy(30);
    let lines = desk.lines();
    let last = (0..lines.len()).filter(|place| is_snapshot(&lines[*place])).max().unwrap();
    for (from, to) in [
        ("\"entries\":{", "\"entries\":5,\"more\":{"),
        ("\"state\":{", "\"stat\":{"),
        ("\"state\":\"accepted\"", "\"state\":\"perhaps\""),
        ("\"claims\":{\"2027", "\"claims\":{\"20x7"),
        ("\"kind\":\"snapshot\"", "\"kind\":\"observed\""),
    ] {
        let mut bent = lines.clone();
        assert!(bent[last].contains(from), "{from}");
        bent[last] = bent[last].replacen(from, to, 1);
        desk.write(&text(&rechained(&bent)));
        desk.assert_refused(&format!("{from} -> {to}"));
    }
}

#[test]
fn an_earlier_programs_journal_is_read() {
    let desk = Desk::with_three_lines();
    let now = desk.load(MARCH).unwrap().state().clone();
    let mut lines = desk.lines();
    assert!(lines[0].contains("\"claims\":{},"));
    lines[0] = lines[0].replace("\"claims\":{},", "");
    desk.write(&text(&rechained(&lines)));
    assert_eq!(desk.load(MARCH).unwrap().state(), &now);
}

#[test]
fn a_snapshot_keeps_what_the_next_line_speaks_of() {
    let desk = Desk::with_three_lines();
    desk.load(MARCH).unwrap().append(&filled(1)).unwrap();
    let mut journal = desk.load("2027-03-25T14:30:00Z").unwrap();
    journal.append(&Record::Repair { bytes: 0, cut_crc: String::new() }).unwrap();
    let mut journal = desk.load("2027-03-25T14:31:00Z").unwrap();
    journal.growth = eager();
    assert!(journal.state().pruned().entries.is_empty());
    let mut again = filled(1);
    if let Record::Observed(observed) = &mut again {
        observed.note = "seen once more".to_owned();
    }
    journal.append(&again).unwrap();
    assert!(is_snapshot(&desk.lines()[5]));
    assert_eq!(desk.load(MARCH).unwrap().state(), journal.state());
}

#[test]
fn a_contradiction_writes_no_snapshot_and_begins_no_month() {
    let (desk, mut journal) = busy(3);
    journal.growth = eager();
    let before = (desk.read(), desk.names(), journal.state().clone());
    assert!(journal.append(&accepted(9)).is_err());
    assert!(desk.load(APRIL).unwrap().append(&accepted(9)).is_err());
    assert_eq!((desk.read(), desk.names(), journal.state().clone()), before);
}

#[test]
fn after_a_snapshot_that_could_not_be_written_nothing_more_is() {
    let (desk, mut journal) = busy(3);
    journal.growth = eager();
    journal.file = Some(File::open(desk.path(NAME)).unwrap());
    let before = (desk.read(), journal.state().clone());
    for _ in 0..2 {
        assert_eq!(journal.append(&declared(9)).unwrap_err().exit, Exit::StateUnwritable);
        assert_eq!((desk.read(), journal.state().clone()), before);
        journal.file = None;
    }
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
