//! Numbers of the configuration, read from their digits: exactly as written.

use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use toml::de::DeValue;

use crate::config::words::values::{self, Range};
use crate::language::Sentence;

/// Multiplies a unit, rounded down to nanoseconds; `None` beyond 580 years.
pub(super) fn times(unit: Duration, amount: Decimal) -> Option<Duration> {
    let nanos = u64::try_from(unit.as_nanos()).ok()?;
    Decimal::from(nanos).checked_mul(amount)?.trunc().to_u64().map(Duration::from_nanos)
}

/// Reports whether a text is a number with a comma, such as `5,5`.
pub(super) fn is_with_comma(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.trim()
        .split_once(',')
        .is_some_and(|(whole, rest)| is_digits(whole.trim_start_matches(['+', '-'])) && is_digits(rest))
}

/// Reads a number from its digits, without a detour over binary fractions; the error is a sentence about its range.
pub(super) fn parse_number(value: &DeValue<'_>) -> Result<Decimal, fn(Range) -> Sentence> {
    let digits = match value {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
        DeValue::Integer(_) => return Err(values::must_be_decimal),
        DeValue::Float(float) => float.as_str(),
        DeValue::String(text) if is_with_comma(text) => {
            return Err(values::must_be_without_commas);
        }
        DeValue::String(_) => return Err(values::must_be_without_quotes),
        _ => return Err(values::must_be_number),
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'));
    if !plain {
        return Err(values::must_be_plain);
    }
    let number = Decimal::from_str_exact(digits.strip_prefix('+').unwrap_or(digits));
    let number = number.map_err(|_| values::must_be_shorter as fn(Range) -> Sentence)?;
    // Minus zero is zero, also for those who ask for the sign.
    Ok(if number.is_zero() { Decimal::ZERO } else { number })
}
