//! The totals over dates, commands and years, and files that can't be read.

use chrono::{DateTime, Utc};

use super::*;
use crate::decide::test_support::{at, date, day, usd};

fn sample(wall: &str, total: &str) -> Sample {
    Sample { at: at(wall), total: usd(total), ..Sample::default() }
}

fn books(wall: &str) -> Books {
    let (at, zero) = (at(wall), Usd::ZERO);
    Books {
        at,
        date: day(),
        cash: zero,
        pending: zero,
        pending_since: None,
        net: zero,
        traded: zero,
        sold: zero,
        transfers: zero,
        doubt: None,
        let_pass: zero,
    }
}

fn load_known(dir: &Path, date: NaiveDate) -> Known {
    Samples::load(dir).known(date).unwrap()
}

fn add(dir: &Path, command: &str, date: NaiveDate, sample: Sample, books: &Books) -> Result<Option<Sentence>, Failure> {
    Samples::load(dir).add(dir, command, date, sample, books)
}

#[test]
fn a_file_that_cannot_be_read_keeps_no_other_from_its_samples() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    atomic::replace(&path_of(dir, "status"), b"[]").unwrap();
    assert!(Samples::load(dir).known(day()).is_err());
    put(dir, "buy", day(), sample("10:00:00", "5"));
    assert!(add(dir, "status", day(), sample("10:00:00", "5"), &books("10:00:00")).is_err());
    assert_eq!(load(dir, "buy").unwrap().value.unwrap().dates.len(), 1);
    assert_eq!(std::fs::read(path_of(dir, "status")).unwrap(), b"[]", "kept for a person to look at");
}

#[test]
fn a_date_that_begins_with_a_buy_counts_from_the_day_before() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let base = |date| load_known(dir, date).base.map(|base| base.total);
    let next = date("2027-03-10");
    put(dir, "buy", day(), sample("10:00:00", "1000"));
    put(dir, "status", day(), sample("15:00:00", "900"));
    put(dir, "buy", day(), sample("14:00:00", "950"));
    assert_eq!(base(day()), Some(usd("1000")), "nothing is known of the day before");
    assert_eq!(base(next), Some(usd("900")), "before its first buy");
    let tomorrow = |wall: &str, total: &str| {
        let sample = sample(wall, total);
        Sample { at: sample.at + TimeDelta::days(1), ..sample }
    };
    put(dir, "buy", next, tomorrow("10:30:00", "800"));
    put(dir, "buy", next, tomorrow("11:00:00", "790"));
    assert_eq!(base(next), Some(usd("900")), "and after it: a loss of the night is one of the day");
    put(dir, "status", next, tomorrow("09:40:00", "850"));
    assert_eq!(base(next), Some(usd("850")), "an earlier look of the date");
    assert_eq!(base(date("2027-03-12")), None, "two trading dates later");
}

#[test]
fn the_books_of_the_latest_look_count() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    assert_eq!(load_known(dir, day()).books, None);
    for (command, books, expected) in [
        ("buy", books("10:00:00"), "10:00:00"),
        ("status", books("11:00:00"), "11:00:00"),
        ("buy", books("10:30:00"), "11:00:00"),
    ] {
        add(dir, command, day(), sample("10:00:00", "1"), &books).unwrap();
        assert_eq!(load_known(dir, day()).books.unwrap().at, at(expected), "{command}");
    }
}

fn put(dir: &Path, command: &str, date: NaiveDate, sample: Sample) {
    assert_eq!(add(dir, command, date, sample, &books("10:00:00")).unwrap(), None);
}

#[test]
fn the_first_look_of_a_date_counts_whichever_command_took_it() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    assert_eq!(load_known(dir, day()), Known::default());
    for (command, wall, total, first) in [
        ("buy", "10:00:00", "1000", "1000"),
        ("buy", "10:30:00", "900", "1000"),
        ("status", "09:45:00", "1100", "1100"),
        ("status", "11:00:00", "800", "1100"),
    ] {
        put(dir, command, day(), sample(wall, total));
        assert_eq!(load_known(dir, day()).base.unwrap().total, usd(first), "{command} {wall}");
    }
    let kept = load(dir, "status").unwrap().value.unwrap().dates[&day()].clone();
    assert_eq!((kept.first, kept.latest), (sample("09:45:00", "1100"), sample("11:00:00", "800")));
    assert_eq!(load_known(dir, date("2027-03-11")).base, None, "another date begins anew");
    let totals: Vec<Usd> = history(dir).0.iter().map(|sample| sample.total).collect();
    assert_eq!(totals, [usd("1100"), usd("1000"), usd("900"), usd("800")], "all commands' looks in their order");
}

fn days_of(dir: &Path, command: &str) -> BTreeMap<NaiveDate, Usd> {
    load_versioned::<Days>(&days_path_of(dir, command), VERSION).unwrap().unwrap().value.days
}

#[test]
fn what_was_paid_in_is_known_of_old_dates_too() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let moved = ["0", "0", "500", "500", "500", "-20", "-20", "-20", "-20"].map(usd);
    for (n, transfers) in moved.into_iter().enumerate() {
        let date = day() + TimeDelta::days(n as i64);
        let at = at("10:00:00") + TimeDelta::days(n as i64);
        put(dir, "status", date, Sample { at, transfers, ..sample("10:00:00", "1000") });
    }
    assert_eq!(days_of(dir, "status").len(), 4, "the others have samples in between");
    // Of a weekend nothing is shown: it has no close.
    let mut shown: Vec<Usd> = history(dir).0.iter().map(|sample| sample.transfers).collect();
    shown.dedup();
    assert_eq!(shown, ["0", "500", "-20"].map(usd));
}

#[test]
fn looks_in_between_are_kept_thin() {
    let folder = tempfile::tempdir().unwrap();
    for (wall, total) in [
        ("10:00:00", "100"),
        ("10:05:00", "101"),
        ("10:20:00", "102"),
        ("10:25:00", "103"),
        ("10:40:00", "103"),
        ("11:00:00", "103"),
        ("11:30:00", "103"),
        ("11:31:00", "104"),
    ] {
        put(folder.path(), "status", day(), sample(wall, total));
    }
    let walls: Vec<DateTime<Utc>> = history(folder.path()).0.iter().map(|sample| sample.at).collect();
    let expected = ["10:00:00", "10:20:00", "10:40:00", "11:30:00", "11:31:00"];
    assert_eq!(walls, expected.map(at), "a flat stretch is its two ends, a busy one a look every twenty minutes");
}

#[test]
fn twenty_years_of_looks_stay_small() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let size = |path: PathBuf| std::fs::metadata(path).unwrap().len();
    let mut trading =
        (0..).map(|days| day() + chrono::Days::new(days)).filter(|date| date.weekday().num_days_from_monday() < 5);
    let dates: Vec<NaiveDate> = trading.by_ref().take(5_112).collect();
    let days = dates[..5_100].iter().map(|date| (*date, usd("12345.678"))).collect();
    atomic::replace_versioned(&days_path_of(dir, "status"), VERSION, &Days { days, ..Days::default() }).unwrap();
    for (n, date) in dates[5_100..].iter().enumerate() {
        for minutes in (0..24 * 60).step_by(300) {
            let at = date.and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::minutes(minutes);
            let total = usd(&format!("{}.125", 10_000 + n));
            put(dir, "status", *date, Sample { at, total, ..Sample::default() });
        }
    }
    assert!(size(path_of(dir, "status")) < 4_000, "{}", size(path_of(dir, "status")));
    assert!(size(days_path_of(dir, "status")) < 50_000, "{}", size(days_path_of(dir, "status")));
    assert_eq!(history(dir).1, [""; 0]);
    let days = days_of(dir, "status");
    assert_eq!(days.keys().next(), dates.get(3), "the last date of its week");
    let daily = dates[dates.len() - RECENT_DATES - DAILY_DATES..dates.len() - RECENT_DATES].iter();
    assert!(daily.clone().all(|date| days.contains_key(date)), "each date of the last year");
    assert_eq!(days.values().next_back(), Some(&usd("10006.125")));
    assert!(days.len() <= MAX_DAYS);
    let busiest = DateSamples {
        first: sample("10:00:00", "123456.789"),
        between: vec![sample("10:00:00", "123456.789"); 72],
        latest: sample("10:00:00", "123456.789"),
    };
    let dates = dates.into_iter().take(RECENT_DATES).map(|date| (date, busiest.clone())).collect();
    atomic::replace_versioned(&path_of(dir, "buy"), VERSION, &Contents { dates, books: None }).unwrap();
    assert!(size(path_of(dir, "buy")) < 50_000, "{}", size(path_of(dir, "buy")));
}

#[test]
fn dates_that_cannot_be_put_by_stay_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    atomic::replace(&days_path_of(dir, "buy"), b"{").unwrap();
    for days in 0..100 {
        let date = day() + chrono::Days::new(days);
        let warning = add(dir, "buy", date, sample("10:00:00", "5"), &books("10:00:00")).unwrap();
        assert_eq!(warning.is_some(), days as usize >= RECENT_DATES, "{days}");
    }
    assert_eq!(load(dir, "buy").unwrap().value.unwrap().dates.len(), MAX_RECENT_DATES);
    assert_eq!(std::fs::read(days_path_of(dir, "buy")).unwrap(), b"{", "kept for a person to look at");
    assert_eq!(history(dir).1.len(), 1);
    std::fs::remove_file(days_path_of(dir, "buy")).unwrap();
    put(dir, "buy", day() + chrono::Days::new(100), sample("10:00:00", "6"));
    assert_eq!(load(dir, "buy").unwrap().value.unwrap().dates.len(), RECENT_DATES);
    assert_eq!(days_of(dir, "buy").len(), MAX_RECENT_DATES + 1 - RECENT_DATES);
}

#[test]
fn a_file_of_an_earlier_program_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let look = r#"{"at":"2027-03-09T15:00:00Z","total":"1000"}"#;
    let text = format!(r#"{{"version":1,"dates":{{"2027-03-09":{{"first":{look},"latest":{look}}}}}}}"#);
    atomic::replace(&path_of(folder.path(), "buy"), text.as_bytes()).unwrap();
    assert_eq!(load_known(folder.path(), date("2027-03-09")).base.unwrap().total, usd("1000"));
}
