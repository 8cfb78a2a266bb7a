//! KIS's strings and our values. Strict: a number that is not written as KIS writes numbers fails the whole answer.
//!
//! KIS sends every business value as a string, padded with blanks at times; `""` stands for "no value". Only
//! descriptive texts may be missing.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use rust_decimal::Decimal;

use crate::domain::{Exchange, Side, Symbol, Usd};
use crate::kis::error::Nonsense;
use crate::kis::json::{Object, Value};
use crate::kis::words::fields;

/// Digits before the decimal point that are still plausible.
const MAX_WHOLE_DIGITS: usize = 15;
/// Digits after the decimal point that are still plausible; KIS uses up to ten (exchange rates).
const MAX_DECIMALS: usize = 10;
const KOREA_OFFSET_SECONDS: i32 = 9 * 3600;

/// The text of a field that must be there; it may be blank.
pub(crate) fn text<'a>(row: &'a Object<'_>, key: &str) -> Result<&'a str, Nonsense> {
    match row.get(key) {
        Some(Value::Text(text)) => Ok(text.trim_matches(' ')),
        Some(_) => Err(Nonsense(fields::no_text(key))),
        None => Err(Nonsense(fields::missing(key))),
    }
}

/// The text of a field that only describes; blank when it is missing or no text.
pub(crate) fn description<'a>(row: &'a Object<'_>, key: &str) -> &'a str {
    match row.get(key) {
        Some(Value::Text(text)) => text.trim_matches(' '),
        _ => "",
    }
}

/// The text of a field that older answers lack; blank when it is missing, but never a number or null.
pub(crate) fn optional<'a>(row: &'a Object<'_>, key: &str) -> Result<&'a str, Nonsense> {
    if row.get(key).is_none() { Ok("") } else { text(row, key) }
}

/// Reports whether a row is padding: its key field is blank.
pub(crate) fn is_padding(row: &Object<'_>, key: &str) -> bool {
    row.is_empty() || text(row, key).is_ok_and(str::is_empty)
}

pub(crate) fn quantity(row: &Object<'_>, key: &str) -> Result<u64, Nonsense> {
    let text = text(row, key)?;
    read_quantity(text).ok_or_else(|| Nonsense(fields::no_shares(key, text)))
}

/// An amount in US dollars, negative ones too; `None` when blank.
pub(crate) fn amount(row: &Object<'_>, key: &str) -> Result<Option<Usd>, Nonsense> {
    let text = text(row, key)?;
    if text.is_empty() {
        return Ok(None);
    }
    read_decimal(text).map(|value| Some(Usd(value))).ok_or_else(|| Nonsense(fields::no_amount(key, text)))
}

/// A price in US dollars; `None` when missing or blank.
pub(crate) fn price(row: &Object<'_>, key: &str) -> Result<Option<Usd>, Nonsense> {
    if row.get(key).is_none() {
        return Ok(None);
    }
    match amount(row, key)? {
        Some(price) if price < Usd::ZERO => Err(Nonsense(fields::negative_price(key))),
        price => Ok(price),
    }
}

pub(crate) fn symbol(row: &Object<'_>, key: &str) -> Result<Symbol, Nonsense> {
    let text = text(row, key)?;
    text.parse().map_err(|_| Nonsense(fields::no_symbol(key, text)))
}

pub(crate) fn side(row: &Object<'_>, key: &str) -> Result<Side, Nonsense> {
    match text(row, key)? {
        "01" => Ok(Side::Sell),
        "02" => Ok(Side::Buy),
        other => Err(Nonsense(fields::no_side(key, other))),
    }
}

pub(crate) fn date(row: &Object<'_>, key: &str) -> Result<NaiveDate, Nonsense> {
    let text = text(row, key)?;
    read_date(text).ok_or_else(|| Nonsense(fields::no_date(key, text)))
}

/// An instant from a Korean date (`YYYYMMDD`) and time (`HHMMSS`); `None` for anything else.
pub(crate) fn korean_instant(date: &str, time: &str) -> Option<DateTime<Utc>> {
    let is_time = all_digits(time) && time.len() == 6;
    let time = NaiveTime::parse_from_str(time, "%H%M%S").ok().filter(|_| is_time)?;
    in_korea(read_date(date)?.and_time(time))
}

/// An instant written as `YYYY-MM-DD HH:MM:SS`, Korean wall clock; `None` for anything else.
pub(crate) fn korean_timestamp(text: &str) -> Option<DateTime<Utc>> {
    in_korea(NaiveDateTime::parse_from_str(text.trim_matches(' '), "%Y-%m-%d %H:%M:%S").ok()?)
}

fn in_korea(local: NaiveDateTime) -> Option<DateTime<Utc>> {
    let korea = FixedOffset::east_opt(KOREA_OFFSET_SECONDS)?;
    Some(korea.from_local_datetime(&local).single()?.to_utc())
}

/// The rows of a list. KIS sends one row as a bare object at times, and an empty list as `[]`, as a missing field,
/// as `""`, or as an object of blanks; the last two need `may_be_absent`, so that an answer that lost its list does
/// not pass for an empty one.
pub(crate) fn rows<'a>(
    body: &'a Object<'a>,
    key: &str,
    may_be_absent: MayBeAbsent,
) -> Result<Vec<&'a Object<'a>>, Nonsense> {
    match (body.get(key), may_be_absent) {
        (Some(Value::Object(row)), _) => Ok(vec![row]),
        (Some(Value::List(list)), _) => list
            .iter()
            .map(|row| match row {
                Value::Object(row) => Ok(row),
                _ => Err(Nonsense(fields::no_object_in_list(key))),
            })
            .collect(),
        (None, MayBeAbsent::Yes) => Ok(Vec::new()),
        (Some(Value::Text(text)), MayBeAbsent::Yes) if text.trim_matches(' ').is_empty() => Ok(Vec::new()),
        (None, MayBeAbsent::No) => Err(Nonsense(fields::missing(key))),
        (Some(_), _) => Err(Nonsense(fields::no_list(key))),
    }
}

/// Whether KIS's code says that there is nothing to list; then the list may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MayBeAbsent {
    Yes,
    No,
}

/// The exchange's code in quotes.
pub(crate) fn quote_code(exchange: Exchange) -> &'static str {
    match exchange {
        Exchange::Nasdaq => "NAS",
        Exchange::Nyse => "NYS",
        Exchange::Amex => "AMS",
    }
}

/// A limit price as KIS takes it: at least two decimals from one dollar, four below, and never fewer than it has.
pub(crate) fn price_text(price: Usd) -> String {
    let mut value = price.0.normalize();
    let decimals = if value >= Decimal::ONE { 2 } else { 4 };
    if value.scale() < decimals {
        value.rescale(decimals);
    }
    value.to_string()
}

pub(crate) fn date_text(date: NaiveDate) -> String {
    date.format("%Y%m%d").to_string()
}

/// Encodes a query value: everything but letters, digits and `-._~`.
pub(crate) fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A decimal as KIS writes it: `-` or nothing, digits, perhaps a point and digits. No `+`, comma or exponent.
pub(crate) fn read_decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, decimals)) => (whole, decimals),
        None => (unsigned, ""),
    };
    let fits = !whole.is_empty() && whole.len() <= MAX_WHOLE_DIGITS && decimals.len() <= MAX_DECIMALS;
    if !fits || !all_digits(whole) || !all_digits(decimals) {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

/// Reports whether a field states a fraction of a share.
pub(crate) fn is_fraction(row: &Object<'_>, key: &str) -> bool {
    read_decimal(description(row, key)).is_some_and(|value| !value.fract().is_zero())
}

fn read_quantity(text: &str) -> Option<u64> {
    let value = if text.starts_with('-') { return None } else { read_decimal(text)? };
    // Some lists write whole shares with decimals (`40.00000000`); a fraction of a share is not ours to trade.
    if value.fract().is_zero() { u64::try_from(value.trunc()).ok() } else { None }
}

fn read_date(text: &str) -> Option<NaiveDate> {
    if text.len() == 8 && all_digits(text) { NaiveDate::parse_from_str(text, "%Y%m%d").ok() } else { None }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kis::json;
    use crate::kis::testing::usd;

    fn field(value: &str) -> Object<'static> {
        json::parse(format!("{{\"f\":{value}}}").leak().as_bytes()).unwrap()
    }

    #[test]
    fn quantities_are_whole_and_plainly_written() {
        for (text, expected) in [
            (r#""12""#, Some(12)),
            (r#"" 12 ""#, Some(12)),
            (r#""0""#, Some(0)),
            (r#""007""#, Some(7)),
            (r#""40.00000000""#, Some(40)),
            (r#""999999999999999""#, Some(999_999_999_999_999)),
            (r#""""#, None),
            (r#""1,234""#, None),
            (r#""1,234.5""#, None),
            (r#""1e5""#, None),
            (r#""-0""#, None),
            (r#""-1""#, None),
            (r#""+1""#, None),
            (r#""1.5""#, None),
            (r#""1.""#, None),
            (r#"".5""#, None),
            (r#""0x10""#, None),
            (r#""12345678901234567890""#, None),
            (r#""1.00000000000""#, None),
            (r#""１２""#, None),
            (r#""\u00a012""#, None),
            (r#""NaN""#, None),
            (r#""inf""#, None),
            ("12", None),
            ("1.0", None),
            ("null", None),
            ("true", None),
            ("[]", None),
            ("{}", None),
        ] {
            assert_eq!(quantity(&field(text), "f").ok(), expected, "{text}");
        }
        assert!(quantity(&field("1"), "other").is_err(), "a missing field");
    }

    #[test]
    fn amounts_may_be_negative_or_blank_and_prices_not_negative() {
        for (text, expected) in [
            (r#""103.2400""#, Some(Some("103.24"))),
            (r#"" 103.24""#, Some(Some("103.24"))),
            (r#""-5.50""#, Some(Some("-5.50"))),
            (r#""-0.00""#, Some(Some("0"))),
            (r#""0.0000000001""#, Some(Some("0.0000000001"))),
            (r#""""#, Some(None)),
            (r#""   ""#, Some(None)),
            (r#""0.00000000001""#, None),
            (r#""1234567890123456""#, None),
            (r#""+5.61""#, None),
            (r#""--5""#, None),
            (r#""1,391.20""#, None),
            (r#""$5""#, None),
            ("5", None),
            ("null", None),
        ] {
            let expected = expected.map(|value| value.map(usd));
            assert_eq!(amount(&field(text), "f").ok(), expected, "{text}");
        }
        assert!(price(&field(r#""-0.01""#), "f").is_err());
        assert_eq!(price(&field(r#""-0.00""#), "f"), Ok(Some(Usd::ZERO)));
        assert_eq!(price(&field(r#""1""#), "missing"), Ok(None));
        assert!(amount(&field(r#""1""#), "missing").is_err());
    }

    #[test]
    fn korean_times_are_nine_hours_ahead() {
        let instant = korean_instant("20241109", "054648").unwrap();
        assert_eq!(instant.to_rfc3339(), "2024-11-08T20:46:48+00:00");
        for (date, time) in [
            ("", ""),
            ("20241109", ""),
            ("20241309", "054648"),
            ("2024-1-9", "054648"),
            ("20241109", "5:46:48"),
            ("20241109", "246060"),
        ] {
            assert_eq!(korean_instant(date, time), None, "{date} {time}");
        }
        let stamp = korean_timestamp("2026-03-11 08:59:58").unwrap();
        assert_eq!(stamp.to_rfc3339(), "2026-03-10T23:59:58+00:00");
        assert_eq!(korean_timestamp("2026-03-11T08:59:58Z"), None);
    }

    #[test]
    fn prices_go_out_with_the_decimals_of_their_tick() {
        for (value, text) in [
            ("145", "145.00"),
            ("61.2300", "61.23"),
            ("900.5", "900.50"),
            ("1", "1.00"),
            ("0.5", "0.5000"),
            ("0.1234", "0.1234"),
            ("61.2345", "61.2345"),
        ] {
            assert_eq!(price_text(usd(value)), text);
        }
    }

    #[test]
    fn encodes_whatever_could_end_a_query_value() {
        assert_eq!(encode("99999999^01^%  !&=#+/~"), "99999999%5E01%5E%25%20%20%21%26%3D%23%2B%2F~");
        assert_eq!(encode("BRK/B"), "BRK%2FB");
        assert_eq!(encode("가"), "%EA%B0%80");
    }

    #[test]
    fn an_absent_list_is_empty_only_where_kis_says_so() {
        for (body, said, expected) in [
            (r#"{"f":[]}"#, MayBeAbsent::No, Some(0)),
            (r#"{"f":{}}"#, MayBeAbsent::No, Some(1)),
            (r#"{"f":[{},{}]}"#, MayBeAbsent::No, Some(2)),
            (r#"{}"#, MayBeAbsent::Yes, Some(0)),
            (r#"{"f":""}"#, MayBeAbsent::Yes, Some(0)),
            (r#"{}"#, MayBeAbsent::No, None),
            (r#"{"f":""}"#, MayBeAbsent::No, None),
            (r#"{"f":null}"#, MayBeAbsent::Yes, None),
            (r#"{"f":"x"}"#, MayBeAbsent::Yes, None),
            (r#"{"f":[null]}"#, MayBeAbsent::Yes, None),
            (r#"{"f":[[]]}"#, MayBeAbsent::Yes, None),
        ] {
            let body_read = json::parse(body.as_bytes()).unwrap();
            assert_eq!(rows(&body_read, "f", said).ok().map(|rows| rows.len()), expected, "{body}");
        }
    }
}
