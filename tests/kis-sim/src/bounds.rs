//! How large numbers may be, and how far the clock goes: larger values would overflow, and no real ones exist.

use chrono::{DateTime, Datelike, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

/// Dollars, shares and everything else that a test may set.
pub const MOST: i64 = 10_000_000_000;

/// Reports whether an amount, price or count is within bounds.
pub fn holds(number: Decimal) -> bool {
    number.abs() <= Decimal::from(MOST)
}

/// Reports whether the clock goes there.
pub fn covers(at: DateTime<Utc>) -> bool {
    (1970..=2999).contains(&at.year())
}

/// Checks every number and every time in a control request, also those written as text.
///
/// # Errors
/// One that is too large or too far away, in words.
pub fn check(value: &Value) -> Result<(), String> {
    match value {
        Value::Array(values) => values.iter().try_for_each(check),
        Value::Object(fields) => fields.values().try_for_each(check),
        Value::Number(number) => check_text(&number.to_string()),
        Value::String(text) => check_text(text),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), String> {
    // What reads as a number elsewhere may have blanks around it and `_` between its digits.
    let plain = text.trim().replace('_', "");
    let is_number = plain.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if is_number && plain.parse::<f64>().is_ok_and(|number| number.abs() > MOST as f64) {
        return Err(format!("{text} is too large: numbers go up to {MOST}"));
    }
    match text.parse::<DateTime<Utc>>() {
        Ok(at) if !covers(at) => Err(format!("{text} is too far away: the clock goes from 1970 to 2999")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_times_are_bounded_wherever_they_stand() {
        for fits in [
            json!({"usd": "10000000000", "quantity": 10_000_000_000_u64, "name": "1e", "order_id": "0030000001"}),
            json!({"set": "2999-12-31T23:59:59Z", "deep": [{"n": -5.5}], "none": null, "yes": true}),
        ] {
            assert_eq!(check(&fits), Ok(()), "{fits}");
        }
        for (wrong, part) in [
            (json!({"usd": "10000000000.01"}), "too large"),
            (json!({"usd": "-79228162514264337593543950335"}), "too large"),
            (json!({"a": [{"quantity": 18_446_744_073_709_551_615_u64}]}), "too large"),
            (json!({"usd": 1e300}), "too large"),
            (json!({"usd": "7_9228162514264337593543950335"}), "too large"),
            (json!({"order_id": " 18446744073709551615"}), "too large"),
            (json!({"usd": "99999999999999999999999999999999999999"}), "too large"),
            (json!({"set": "+103007-01-01T00:00:00Z"}), "too far away"),
            (json!({"start": "-262143-01-01T00:00:00Z"}), "too far away"),
            (json!({"start": "1969-12-31T23:59:59Z"}), "too far away"),
        ] {
            assert!(check(&wrong).is_err_and(|words| words.contains(part)), "{wrong}");
        }
    }
}
