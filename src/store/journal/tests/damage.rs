//! Lines that were cut, edited, removed or mixed up.

use super::*;
use crate::exit::Exit;

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

/// `status` reads without the account's lock.
#[test]
fn a_line_that_another_run_is_still_writing_is_torn() {
    /// Ends after each piece, and goes on when it is asked again.
    struct Pieces<'a>(Vec<&'a [u8]>);
    impl std::io::Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.first_mut().map_or(Ok(0), |piece| piece.read(buffer))?;
            if read == 0 && !self.0.is_empty() {
                self.0.remove(0);
            }
            Ok(read)
        }
    }
    let whole = Desk::with_three_lines().read();
    let (seen, later) = whole.split_at(whole.len() - 9);
    let chain = Chain::read(Path::new("orders"), Pieces(vec![seen, later])).unwrap();
    assert!(chain.torn.is_some_and(|torn| seen.ends_with(&torn)));
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
            Err(failure) => assert_eq!(failure.exit(), Exit::StateUnreadable, "byte {place}"),
            Ok(()) => {
                let torn = journal.torn.unwrap_or_else(|| panic!("byte {place} ^ {mask:02x} was believed"));
                assert_eq!(torn.good_bytes, last_line as u64, "byte {place} ^ {mask:02x} would cut a good line");
                assert!(place >= last_line, "byte {place} ^ {mask:02x} is not of the last line");
            }
        }
        bytes[place] = whole[place];
    }
}
