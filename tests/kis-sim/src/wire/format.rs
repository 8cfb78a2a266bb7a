//! KIS's ways to print numbers, dates and padding.

use crate::calendar;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

/// Width of `msg1` in ledger answers.
const MESSAGE_WIDTH: usize = 80;
/// Width of `ctx_area_fk200` and `ctx_area_nk200`.
const CONTEXT_WIDTH: usize = 200;

/// A number with a fixed count of decimals, half a unit away from zero.
pub fn fixed(number: Decimal, places: u32) -> String {
    let mut rounded = number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(places);
    if rounded.is_zero() {
        rounded.set_sign_positive(true);
    }
    rounded.to_string()
}

/// A number with a fixed count of decimals, never more than it is.
pub fn fixed_down(number: Decimal, places: u32) -> String {
    fixed(number.round_dp_with_strategy(places, RoundingStrategy::ToZero), places)
}

/// A count with eight decimals.
pub fn long_quantity(quantity: u64) -> String {
    fixed(Decimal::from(quantity), 8)
}

/// `msg1`, padded.
pub fn padded_message(text: &str) -> String {
    format!("{text:<MESSAGE_WIDTH$}")
}

/// A paging key, padded.
pub fn padded_context(text: &str) -> String {
    format!("{text:<CONTEXT_WIDTH$}")
}

/// Part of a whole in percent; zero of nothing.
pub fn percent(part: Decimal, whole: Decimal) -> Decimal {
    (part * Decimal::ONE_HUNDRED).checked_div(whole).unwrap_or_default()
}

/// `YYYYMMDD`.
pub fn date(date: NaiveDate) -> String {
    date.format("%Y%m%d").to_string()
}

/// KST date of an instant.
pub fn korean_date(at: DateTime<Utc>) -> String {
    calendar::in_korea(at).format("%Y%m%d").to_string()
}

/// KST time of an instant, `HHMMSS`.
pub fn korean_time(at: DateTime<Utc>) -> String {
    calendar::in_korea(at).format("%H%M%S").to_string()
}

/// KST date and time of an instant, `YYYYMMDDHHMMSS`.
pub fn korean_clock(at: DateTime<Utc>) -> String {
    korean_date(at) + &korean_time(at)
}

/// `sign`, `diff` and `rate` of a price against the close before; `diff` has no sign of its own.
pub fn movement(last: Decimal, base: Decimal, volume: u64) -> (&'static str, String, String) {
    let difference = last - base;
    let rate = fixed(percent(difference, base), 2);
    let is_flat = volume == 0 || difference.is_zero();
    let sign = match difference {
        _ if volume == 0 => "0",
        _ if difference.is_zero() => "3",
        _ if difference.is_sign_positive() => "2",
        _ => "5",
    };
    if is_flat {
        return (sign, fixed(Decimal::ZERO, 4), " 0.00".to_owned());
    }
    let rate = if rate.starts_with('-') { rate } else { format!("+{rate}") };
    (sign, fixed(difference.abs(), 4), rate)
}

/// Amount traded, whole dollars: volume at the middle of the day's range.
pub fn traded_amount(high: Decimal, low: Decimal, volume: u64) -> String {
    fixed((high + low) / Decimal::TWO * Decimal::from(volume), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn numbers() {
        assert_eq!(fixed(decimal("103.22"), 4), "103.2200");
        assert_eq!(fixed(decimal("0.005"), 2), "0.01");
        assert_eq!(fixed(decimal("-1.5"), 6), "-1.500000");
        assert_eq!(fixed(decimal("-0.001"), 2), "0.00");
        assert_eq!(fixed_down(decimal("5092.490865"), 2), "5092.49");
        assert_eq!(long_quantity(12), "12.00000000");
        assert_eq!(padded_message("조회가 완료되었습니다").chars().count(), 80);
    }

    #[test]
    fn movements() {
        let cases = [
            ("103.22", "101.5", 1, ("2", "1.7200", "+1.69")),
            ("101.5", "102", 1, ("5", "0.5000", "-0.49")),
            ("5", "5", 1, ("3", "0.0000", " 0.00")),
            ("5", "5", 0, ("0", "0.0000", " 0.00")),
        ];
        for (last, base, volume, (sign, diff, rate)) in cases {
            assert_eq!(movement(decimal(last), decimal(base), volume), (sign, diff.to_owned(), rate.to_owned()));
        }
    }
}
