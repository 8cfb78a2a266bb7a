//! Snapshots inside a busy month.

use super::*;
use crate::exit::Exit;
use crate::store::journal::chain::CHUNK_BYTES;

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
        let chain = Chain::read(Path::new(NAME), &text(&lines[..count])[..]).unwrap();
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
        assert_eq!(journal.append(&declared(9)).unwrap_err().exit(), Exit::StateUnwritable);
        assert_eq!((desk.read(), journal.state().clone()), before);
        journal.file = None;
    }
}

#[test]
fn a_line_may_end_where_a_piece_of_the_file_that_is_read_at_once_does() {
    let lines = Desk::with_three_lines().lines();
    let piece = usize::try_from(CHUNK_BYTES).unwrap();
    for length in piece - 2..=piece + 1 {
        let mut lines = lines.clone();
        lines[0] = lines[0].replace("7K2Q", &"K".repeat(length - lines[0].len() + 4));
        let lines = rechained(&lines);
        assert_eq!(lines[0].len(), length);
        let chain = Chain::read(Path::new(NAME), &text(&lines)[..]).unwrap();
        assert_eq!((chain.lines, chain.next_seq, chain.torn), (text(&lines), 4, None), "{length}");
    }
}

#[test]
fn a_month_that_is_read_from_its_beginning_shows_what_its_snapshots_dropped() {
    const LATE_MARCH: &str = "2027-03-25T14:30:00Z";
    let desk = Desk::with_three_lines();
    desk.load(MARCH).unwrap().append(&filled(1)).unwrap();
    let closed = Record::DayClosed { date: "2027-03-09".parse().unwrap() };
    desk.load(LATE_MARCH).unwrap().append(&closed).unwrap();
    let mut journal = desk.load(LATE_MARCH).unwrap();
    journal.growth = eager();
    journal.append(&declared(2)).unwrap();
    assert!(!journal.state().entries.contains_key(&id(1)), "no run needs it any more");
    let folder = desk.folder.path();
    assert_eq!(months(folder).unwrap(), ["2027-03"]);
    let known = || {
        let mut known: Vec<Vec<IntentId>> = Vec::new();
        let ended = fold_month(folder, "2027-03", |state| known.push(state.entries.keys().cloned().collect()));
        (known, ended)
    };
    let whole = vec![vec![], vec![id(1)], vec![id(2)]];
    assert_eq!(known(), (whole.clone(), Ok(None)));
    // As in the newest month, a line that a crash cut short is no line, and any other must be whole.
    let bytes = desk.read();
    desk.write(&[&bytes[..], &bytes[..40]].concat());
    assert_eq!(known(), (whole, Ok(None)));
    desk.write(&bytes[1..]);
    let failure = known().1.unwrap_err();
    assert_eq!((failure.exit(), failure.said.what.contains(NAME)), (Exit::StateUnreadable, true), "{failure}");
}
