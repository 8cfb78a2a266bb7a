//! Tests of `store::trades`.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::*;
use crate::decide::test_support::{TestJournal, intent, outcome, usd};
use crate::domain::{Intent, IntentId, IntentState, OutcomeClass, Record, Side};

/// The file, and a journal whose fills belong into it.
struct Desk {
    folder: tempfile::TempDir,
    past: TestJournal,
}

impl Desk {
    fn new() -> Desk {
        Desk { folder: tempfile::tempdir().unwrap(), past: TestJournal::default() }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("trades.csv")
    }

    fn sync(&self) -> String {
        sync(&self.path(), &self.past.state).unwrap();
        self.read()
    }

    fn read(&self) -> String {
        fs::read_to_string(self.path()).unwrap_or_default()
    }

    fn write(&self, text: &str) {
        fs::File::create(self.path()).unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// An accepted sell, number `number`, of shares that cost this.
    fn sell(&mut self, number: u32, name: &str, cost: Option<&str>) -> IntentId {
        let sell = Intent { average_cost: cost.map(usd), ..intent(number, Side::Sell, name, 4, "10.6") };
        let id = sell.id.clone();
        self.past.tell(Record::Intent(sell));
        self.past.tell(Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some(&format!("100{number}")))));
        id
    }

    /// A filled buy of ten shares.
    fn with_a_fill() -> Desk {
        let mut desk = Desk::new();
        let id = desk.past.open(Side::Buy, "AA", 10, "10");
        desk.fill("10:01:00", &id, 10, "10");
        desk
    }

    /// The fill of an order as the list shows it at `wall`.
    fn fill(&mut self, wall: &str, id: &IntentId, filled: u64, average: &str) {
        let remaining = self.past.entry(id).intent.quantity - filled;
        let record = self.past.observation(id, IntentState::Accepted, filled, remaining, average);
        self.past.tell_at(wall, record);
    }
}

/// Rows without the header; each ends with CRLF.
fn rows(text: &str) -> Vec<&str> {
    let rows = text.strip_prefix(HEADER).expect("the header with its byte order mark");
    assert!(!rows.contains("time_utc"), "once");
    rows.split_terminator("\r\n").collect()
}

/// Shares that whole rows give to an order.
fn shares(text: &str, number: &str) -> u64 {
    let cells = |row: &str| row.split(',').map(str::to_owned).collect::<Vec<_>>();
    let rows = rows(text).into_iter().map(cells).filter(|cells| cells.len() == 12 && cells[8] == number);
    rows.map(|cells| cells[5].parse::<u64>().unwrap()).sum()
}

#[test]
fn without_fills_there_is_no_file() {
    let mut desk = Desk::new();
    desk.past.open(Side::Buy, "AA", 3, "10");
    assert_eq!((desk.sync(), desk.path().exists()), (String::new(), false));
}

#[test]
fn a_fill_is_one_row_and_a_sells_row_has_its_profit() {
    let mut desk = Desk::new();
    let bought = desk.past.open(Side::Buy, "AA", 3, "61.24");
    desk.fill("10:01:00", &bought, 3, "61.23");
    let sold = desk.sell(2, "BRK/B", Some("10"));
    desk.fill("10:02:00", &sold, 4, "10.625");
    let text = desk.sync();
    assert!(text.starts_with("\u{feff}time_utc,trading_date,symbol,exchange,side,quantity,price,amount,order_id,intent_id,profit_usd,profit_percent\r\n"));
    assert_eq!(
        rows(&text),
        [
            "2027-03-09T15:01:00Z,2027-03-09,AA,NASD,buy,3,61.23,183.69,0000001001,20270309-0001,,",
            "2027-03-09T15:02:00Z,2027-03-09,BRK/B,NASD,sell,4,10.625,42.50,0000001002,20270309-0002,2.50,6.25",
        ]
    );
    assert_eq!(desk.sync(), text, "nothing new, nothing written");
    assert_eq!(desk.path().metadata().unwrap().mode() & 0o777, 0o600, "private from birth");
}

#[test]
fn a_sell_without_known_cost_has_no_profit_and_a_loss_has_its_sign() {
    for (cost, profit) in [(None, ","), (Some("12"), "-8.00,-16.67")] {
        let mut desk = Desk::new();
        let id = desk.sell(1, "AA", cost);
        desk.fill("10:01:00", &id, 4, "10");
        assert!(rows(&desk.sync())[0].ends_with(&format!(",20270309-0001,{profit}")), "{}", desk.read());
    }
}

#[test]
fn a_fill_that_grows_adds_a_row_with_the_difference() {
    let mut desk = Desk::new();
    let id = desk.past.open(Side::Buy, "AA", 10, "10");
    let mut before = String::new();
    for (wall, filled, average, cells) in [
        ("10:01:00", 2, "10", "buy,2,10.00,20.00"),
        ("10:02:00", 5, "9.4", "buy,3,9.00,27.00"),
        ("10:03:00", 10, "9.2", "buy,5,9.00,45.00"),
    ] {
        desk.fill(wall, &id, filled, average);
        let text = desk.sync();
        assert!(text.starts_with(&before), "rows are only added");
        assert!(rows(&text).last().unwrap().contains(cells), "{text}");
        assert_eq!(shares(&text, "0000001001"), filled);
        before = text;
    }
}

#[test]
fn a_run_killed_before_its_row_is_made_good_by_the_next() {
    let mut desk = Desk::new();
    let first = desk.past.open(Side::Buy, "AA", 10, "10");
    desk.fill("10:01:00", &first, 4, "10");
    let text = desk.sync();
    desk.fill("10:02:00", &first, 10, "10");
    let second = desk.past.open(Side::Buy, "BB", 1, "7");
    desk.fill("10:03:00", &second, 1, "7");
    let after = desk.sync();
    assert!(after.starts_with(&text));
    assert_eq!((shares(&after, "0000001001"), shares(&after, "0000001002")), (10, 1));
    assert_eq!(rows(&after).len(), 3);
}

#[test]
fn a_row_cut_at_any_byte_is_completed() {
    let mut desk = Desk::with_a_fill();
    let one_row = desk.sync();
    let sold = desk.sell(2, "BB", Some("10"));
    desk.fill("10:02:00", &sold, 4, "10.625");
    let whole = desk.sync();
    for length in one_row.len()..whole.len() {
        desk.write(&whole[..length]);
        let after = desk.sync();
        assert!(after.starts_with(&whole[..length]), "rows are only added");
        assert_eq!(rows(&after).len(), 2, "no second row for the same shares: {after}");
        assert_eq!((shares(&after, "0000001001"), shares(&after, "0000001002")), (10, 4), "{length}");
        assert_eq!(desk.sync(), after);
    }
}

#[test]
fn a_cut_row_of_a_fill_that_grew_is_ended_and_followed_by_a_whole_one() {
    let mut desk = Desk::new();
    let id = desk.past.open(Side::Buy, "AA", 10, "10");
    desk.fill("10:01:00", &id, 4, "10");
    let torn = desk.sync().trim_end().trim_end_matches(',').to_owned();
    desk.write(&torn);
    desk.fill("10:02:00", &id, 10, "10");
    let after = desk.sync();
    assert!(after.starts_with(&format!("{torn}\r\n")), "{after}");
    assert_eq!((rows(&after).len(), shares(&after, "0000001001")), (2, 10));
}

#[test]
fn what_a_spreadsheet_mangled_counts_as_not_there() {
    for (from, to) in [(",buy,10,", ",buy,ten,"), (",20270309-0001,", ",,"), (",100.00,", ",$100,"), (",NASD,", ",")] {
        let desk = Desk::with_a_fill();
        let text = desk.sync();
        let mangled = text.replace(from, to);
        assert_ne!(mangled, text);
        desk.write(&mangled);
        let after = desk.sync();
        assert_eq!(after, mangled + rows(&text)[0] + "\r\n", "{from} -> {to}");
    }
    let desk = Desk::with_a_fill();
    let bare = desk.sync().replace("0000001001", "1001").replace("2027-03-09,AA", "3/9/2027,AA").replace("\r\n", "\n");
    desk.write(&bare);
    assert_eq!(desk.sync(), bare, "a number without its zeros, another date and plain line ends are the same row");
}

#[test]
fn an_empty_file_gets_its_header() {
    let desk = Desk::with_a_fill();
    desk.write("");
    assert_eq!(rows(&desk.sync()).len(), 1);
}

#[test]
fn a_symlink_is_left_alone() {
    let desk = Desk::with_a_fill();
    let target = desk.folder.path().join("target");
    fs::File::create(&target).unwrap();
    std::os::unix::fs::symlink(&target, desk.path()).unwrap();
    assert!(sync(&desk.path(), &desk.past.state).is_err());
    assert_eq!(fs::read(&target).unwrap(), b"");
}
