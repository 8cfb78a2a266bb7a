//! Reading KIS's text values, order rows and the real bars.

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::call::Answer;

/// Returns the order rows of some pages, without the row of blanks that stands for "nothing".
pub fn order_rows(pages: &[Answer]) -> Vec<Value> {
    let mut rows = Vec::new();
    for page in pages {
        rows.extend(page.rows("output"));
    }
    rows.retain(|row| !text(row, "odno").trim().is_empty());
    rows
}

#[track_caller]
pub fn row_of(rows: &[Value], order_id: &str) -> Value {
    let bare = bare(order_id);
    let found: Vec<&Value> = rows.iter().filter(|row| self::bare(text(row, "odno")) == bare).collect();
    assert_eq!(found.len(), 1, "order {order_id} in {rows:?}");
    found[0].clone()
}

/// Strips what the order lists may leave out of a number.
pub fn bare(order_id: &str) -> &str {
    order_id.trim().trim_start_matches('0')
}

/// Returns a body with one field set.
pub fn with(mut body: Value, name: &str, value: &str) -> Value {
    body[name] = json!(value);
    body
}

/// Returns a body with one field left out.
#[track_caller]
pub fn without(mut body: Value, name: &str) -> Value {
    let fields = body.as_object_mut().expect("a JSON object");
    assert!(fields.remove(name).is_some(), "no field {name}");
    body
}

/// Returns a field that must be a string.
#[track_caller]
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name} in {value}"))
}

/// Returns a number that is written as text.
#[track_caller]
pub fn number(value: &Value, name: &str) -> Decimal {
    decimal(text(value, name))
}

#[track_caller]
pub fn decimal(text: &str) -> Decimal {
    let digits = text.trim();
    let unsigned = digits.strip_prefix('+').unwrap_or(digits);
    unsigned.parse().unwrap_or_else(|_| panic!("not a number: {text:?}"))
}

#[track_caller]
pub fn list(value: &Value, name: &str) -> Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("no list {name} in {value}")).clone()
}

#[track_caller]
pub fn find(rows: &[Value], name: &str, wanted: &str) -> Value {
    let found: Vec<&Value> = rows.iter().filter(|row| row[name] == wanted).collect();
    assert_eq!(found.len(), 1, "{name} {wanted} in {rows:?}");
    found[0].clone()
}

/// Asserts that each of the blank-separated fields is there and is text, as all business values of KIS are.
#[track_caller]
pub fn assert_fields(value: &Value, names: &str) {
    for name in names.split_whitespace() {
        assert!(value[name].is_string(), "field {name} in {value}");
    }
}

/// Asserts a plain number with exactly so many decimals (0: an integer).
#[track_caller]
pub fn assert_places(value: &Value, names: &str, places: usize) {
    for name in names.split_whitespace() {
        let written = text(value, name);
        let digits = written.strip_prefix('-').unwrap_or(written);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
        assert!(
            plain && fraction.len() == places && digits.contains('.') == (places > 0),
            "{name}: {written:?}, wanted {places} decimals"
        );
    }
}

#[track_caller]
pub fn utc(time: &str) -> chrono::DateTime<chrono::Utc> {
    time.parse().expect("an RFC 3339 time")
}

/// One day of the market data, prices as written in the file.
#[derive(Clone, Debug)]
pub struct Bar {
    pub date: String,
    pub open: Decimal,
    pub high: Decimal,
    pub low: Decimal,
    pub close: Decimal,
    pub volume: u64,
}

/// Reads a symbol's bars, oldest first; dates without hyphens.
pub fn bars(symbol: &str) -> Vec<Bar> {
    let path = format!("{}/market-data/{symbol}.csv", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_to_string(path).expect("market data");
    file.lines().skip(1).map(bar).collect()
}

fn bar(line: &str) -> Bar {
    let cells: Vec<&str> = line.split(',').collect();
    Bar {
        date: cells[0].replace('-', ""),
        open: decimal(cells[1]),
        high: decimal(cells[2]),
        low: decimal(cells[3]),
        close: decimal(cells[4]),
        volume: cells[5].parse().expect("a volume"),
    }
}

/// Returns the bars of a day and of the trading day before.
#[track_caller]
pub fn bar_and_previous(symbol: &str, date: &str) -> (Bar, Bar) {
    let bars = bars(symbol);
    let index = bars.iter().position(|bar| bar.date == date).expect("a trading day");
    (bars[index].clone(), bars[index - 1].clone())
}

/// Asserts that each of the blank-separated fields is a decimal number written as text.
#[track_caller]
pub fn assert_numbers(value: &Value, names: &str) {
    for name in names.split_whitespace() {
        assert!(text(value, name).trim().parse::<Decimal>().is_ok(), "number {name} in {value}");
    }
}

/// Returns a date written as YYYYMMDD.
#[track_caller]
pub fn date(value: &Value, name: &str) -> NaiveDate {
    let written = text(value, name);
    assert_eq!(written.len(), 8, "{name}: {written:?}");
    NaiveDate::parse_from_str(written, "%Y%m%d").unwrap_or_else(|_| panic!("{name}: {written:?}"))
}

/// Returns a time of day written as HHMMSS.
#[track_caller]
pub fn time_of_day(value: &Value, name: &str) -> NaiveTime {
    let written = text(value, name);
    assert_eq!(written.len(), 6, "{name}: {written:?}");
    NaiveTime::parse_from_str(written, "%H%M%S").unwrap_or_else(|_| panic!("{name}: {written:?}"))
}
