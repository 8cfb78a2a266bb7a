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
        assert_eq!(sync(self.folder.path(), &self.past.state).unwrap(), None);
        self.read()
    }

    /// Forgets what was written, as a directory of an older program does.
    fn forget(&self) {
        fs::remove_file(self.folder.path().join("trades.json")).unwrap();
    }

    /// Rows on their way when the run was killed, of which the file has so many bytes.
    fn cut_to(&self, from: usize, whole: &str, length: usize) {
        let json = fs::read_to_string(self.folder.path().join("trades.json")).unwrap();
        let mut json: serde_json::Value = serde_json::from_str(&json).unwrap();
        json["pending"] = serde_json::json!({ "file": "trades.csv", "from": from, "text": &whole[from..] });
        put(self.folder.path().join("trades.json"), json.to_string());
        self.write(&whole[..length]);
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

/// What a person's program leaves there.
fn put(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    fs::File::create(path).unwrap().write_all(bytes.as_ref()).unwrap();
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
    for length in one_row.len()..=whole.len() {
        desk.cut_to(one_row.len(), &whole, length);
        assert_eq!(desk.sync(), whole, "{length}");
    }
    for length in (0..=one_row.len()).filter(|length| !(1..3).contains(length)) {
        desk.cut_to(0, &one_row, length);
        assert_eq!(desk.sync(), one_row, "{length}");
    }
    // The next fill comes along with what was cut.
    let bought = desk.past.open(Side::Buy, "CC", 1, "7");
    desk.fill("10:03:00", &bought, 1, "7");
    desk.cut_to(one_row.len(), &whole, one_row.len() + 9);
    let after = desk.sync();
    assert!(after.starts_with(&whole) && rows(&after).len() == 3, "{after}");
}

#[test]
fn whatever_was_done_to_the_rows_none_comes_twice() {
    for change in ["", "time_utc\r\n", "all gone"] {
        let mut desk = Desk::with_a_fill();
        let header = HEADER.to_owned();
        let whole = desk.sync();
        desk.write(&whole.replace(",buy,10,", ",buy,ten,").replace(",20270309-0001,", ",,"));
        let mangled = desk.read();
        assert_eq!(desk.sync(), mangled, "it is not read back");
        desk.write(if change.is_empty() { &header } else { "" });
        let sold = desk.sell(2, "BB", Some("10"));
        desk.fill("10:02:00", &sold, 4, "10.625");
        assert_eq!(rows(&desk.sync()).len(), 1, "{change}: only the new one");
    }
}

#[test]
fn a_file_that_takes_no_rows_is_left_alone_and_named() {
    let spoilt: [(&[u8], &str); 3] = [
        (b"\xff\xfet\0", "is UTF-16"),
        (b"time_utc;trading_date\r\n", "has other columns"),
        (b"\xb8\xde\xb8\xf0", "CP949"),
    ];
    for (content, words) in spoilt {
        let mut desk = Desk::with_a_fill();
        let one_row = desk.sync();
        put(desk.path(), content);
        assert_eq!(sync(desk.folder.path(), &desk.past.state), Ok(None), "nothing new");
        let sold = desk.sell(2, "BB", Some("10"));
        desk.fill("10:02:00", &sold, 2, "10.5");
        let warning = sync(desk.folder.path(), &desk.past.state).unwrap().unwrap();
        assert!(warning.contains(words) && warning.contains("trades.csv.new"), "{warning}");
        let new = || fs::read_to_string(desk.folder.path().join("trades.csv.new")).unwrap();
        assert_eq!(rows(&new()).len(), 1, "without those that were written before");
        assert_eq!(fs::read(desk.path()).unwrap(), content);
        let kept = new();
        put(desk.path(), &one_row);
        let mut desk = desk;
        desk.fill("10:03:00", &sold, 4, "10.5");
        assert_eq!(rows(&desk.sync()).len(), 2, "readable again, it takes the next one");
        assert_eq!(fs::read_to_string(desk.folder.path().join("trades.csv.new")).unwrap(), kept);
    }
}

#[test]
fn what_an_older_program_wrote_is_taken_from_the_file_once() {
    let desk = Desk::with_a_fill();
    let text = desk.sync();
    let row = rows(&text)[0].to_owned();
    for (from, to, again) in [
        ("", "", false),
        ("0000001001", "1001", false),
        ("2027-03-09,AA", "3/9/2027,AA", false),
        (",buy,10,", ",buy,ten,", false),
        (",", ";", false),
        (",20270309-0001,", ",,", true),
    ] {
        let changed = row.replace(from, to);
        desk.write(&format!("{HEADER}{changed}\r\n"));
        desk.forget();
        let after = desk.sync();
        assert_eq!(after.contains(&row) && changed != row, again, "{from} -> {to}: {after}");
        assert_eq!(desk.sync(), after);
    }
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    put(desk.path(), utf16);
    desk.forget();
    assert_eq!(sync(desk.folder.path(), &desk.past.state), Ok(None), "it is there, in another encoding");
}

#[test]
fn a_record_that_cannot_be_read_is_made_anew_or_left_alone() {
    let desk = Desk::with_a_fill();
    let text = desk.sync();
    let path = desk.folder.path().join("trades.json");
    put(&path, "{");
    let warning = sync(desk.folder.path(), &desk.past.state).unwrap().unwrap();
    assert!(warning.contains("trades.json"), "{warning}");
    assert_eq!(desk.read(), text);
    put(&path, r#"{"version":2}"#);
    assert_eq!(sync(desk.folder.path(), &desk.past.state).unwrap_err().exit(), crate::exit::Exit::StateUnreadable);
    assert_eq!(fs::read(&path).unwrap(), br#"{"version":2}"#);
}

#[test]
fn an_empty_file_gets_its_header() {
    let desk = Desk::with_a_fill();
    desk.write("");
    assert_eq!(rows(&desk.sync()).len(), 1);
    assert!(desk.folder.path().join("trades.json").exists());
}

#[test]
fn what_is_no_file_is_left_alone() {
    let desk = Desk::with_a_fill();
    let target = desk.folder.path().join("target");
    fs::File::create(&target).unwrap();
    std::os::unix::fs::symlink(&target, desk.path()).unwrap();
    let warning = sync(desk.folder.path(), &desk.past.state).unwrap().unwrap();
    assert!(warning.contains("trades.csv is a symlink: new rows go to trades.csv.new"), "{warning}");
    assert_eq!(fs::read(&target).unwrap(), b"");
    let mut desk = Desk::with_a_fill();
    for name in ["trades.csv", "trades.csv.new"] {
        fs::create_dir(desk.folder.path().join(name)).unwrap();
    }
    let failure = sync(desk.folder.path(), &desk.past.state).unwrap_err();
    assert!(failure.to_string().contains("it is a directory; trades.csv.new is a directory"), "{failure}");
    fs::remove_dir(desk.path()).unwrap();
    desk.past.open(Side::Buy, "BB", 1, "7");
    assert_eq!(rows(&desk.sync()).len(), 1, "nothing is lost");
}
