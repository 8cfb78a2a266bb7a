//! US dollars as exact decimals, and the tick of US limit prices.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::language::{Language, Say};

/// An amount or a price in US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Usd(#[serde(with = "rust_decimal::serde::str")] pub Decimal);

/// A percentage: `5` means five per cent.
pub type Percent = Decimal;

impl Usd {
    /// No dollars.
    pub const ZERO: Usd = Usd(Decimal::ZERO);
    /// More than there are.
    pub const MAX: Usd = Usd(Decimal::MAX);

    /// Reports whether this is more than nothing: the least a price must be.
    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }

    /// Multiplies a price by a number of shares; `None` when it leaves the range of decimals.
    pub fn times(self, quantity: u64) -> Option<Usd> {
        self.0.checked_mul(Decimal::from(quantity)).map(Usd)
    }

    /// Adds; `None` when it leaves the range of decimals.
    pub fn plus(self, other: Usd) -> Option<Usd> {
        self.0.checked_add(other.0).map(Usd)
    }

    /// Takes `percent` of this amount; saturates at the range of decimals.
    pub fn percent(self, percent: Percent) -> Usd {
        Usd(self.0.saturating_mul(percent) / Decimal::ONE_HUNDRED)
    }

    /// Counts the whole shares that this amount pays for at `price`, rounded down; 0 for an unusable price.
    pub fn shares_at(self, price: Usd) -> u64 {
        if !price.is_positive() || !self.is_positive() {
            return 0;
        }
        let shares = self.0.checked_div(price.0).map(|shares| shares.floor());
        shares.and_then(|shares| u64::try_from(shares).ok()).unwrap_or(0)
    }

    /// The smallest step of a US limit price: one cent from $1, a hundredth of a cent below (Reg NMS rule 612).
    pub fn tick(self) -> Usd {
        if self.0 >= Decimal::ONE { Usd(Decimal::new(1, 2)) } else { Usd(Decimal::new(1, 4)) }
    }

    /// Rounds a price up to its tick: a buy never bids less than was decided.
    pub fn up_to_tick(self) -> Usd {
        Usd(self.0.round_dp_with_strategy(self.tick_places(), RoundingStrategy::AwayFromZero))
    }

    /// Rounds a price down to its tick: a sell never asks more than was decided.
    pub fn down_to_tick(self) -> Usd {
        Usd(self.0.round_dp_with_strategy(self.tick_places(), RoundingStrategy::ToZero))
    }

    /// Rounds an amount of dollars down to cents: no more is spent than there is.
    pub fn down_to_cents(self) -> Usd {
        Usd(self.0.round_dp_with_strategy(2, RoundingStrategy::ToZero))
    }

    /// Rounds to cents, half away from zero.
    pub fn to_cents(self) -> Usd {
        Usd(self.0.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
    }

    /// Groups the whole digits by thousands: `-1,234.50`.
    pub fn with_commas(self) -> String {
        let number = self.to_string();
        let end = number.find('.').unwrap_or(number.len());
        let mut shown = String::new();
        for (place, c) in number.char_indices() {
            if place > 0 && place < end && (end - place).is_multiple_of(3) && !shown.ends_with('-') {
                shown.push(',');
            }
            shown.push(c);
        }
        shown
    }

    /// `$1,234.50`; a loss has its sign before the dollar's.
    pub fn dollars(self) -> String {
        let text = self.with_commas();
        text.strip_prefix('-').map_or_else(|| format!("${text}"), |digits| format!("-${digits}"))
    }

    fn tick_places(self) -> u32 {
        self.tick().0.scale()
    }
}

/// Plain in English, where the sentence or the heading names the currency; `$1,234.50` in Korean, as a broker's app has it.
impl Say for Usd {
    fn say(&self, language: Language) -> impl fmt::Display {
        match language {
            Language::English => self.to_string(),
            Language::Korean => self.dollars(),
        }
    }
}

/// How far `value` lies above (positive) or below `reference`, in percent; `None` for a reference that is not positive.
pub fn percent_change(reference: Usd, value: Usd) -> Option<Percent> {
    if !reference.is_positive() {
        return None;
    }
    (value.0 - reference.0).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(reference.0)
}

/// A percentage as people read it: two places, half away from zero; what rounds to nothing has no sign.
pub fn show_percent(percent: Percent) -> String {
    let rounded = percent.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    format!("{:.2}", if rounded.is_zero() { Decimal::ZERO } else { rounded })
}

impl fmt::Display for Usd {
    /// Plain decimal text without a currency sign; at least two places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut value = self.0.normalize();
        if value.scale() < 2 {
            value.rescale(2);
        }
        write!(f, "{value}")
    }
}

impl FromStr for Usd {
    type Err = rust_decimal::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Decimal::from_str_exact(text).map(Usd)
    }
}

impl Add for Usd {
    type Output = Usd;
    fn add(self, other: Usd) -> Usd {
        Usd(self.0.saturating_add(other.0))
    }
}

impl Sub for Usd {
    type Output = Usd;
    fn sub(self, other: Usd) -> Usd {
        Usd(self.0.saturating_sub(other.0))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Usd>>(items: I) -> Usd {
        items.fold(Usd::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        text.parse().unwrap()
    }

    #[test]
    fn rounds_to_the_tick_in_the_direction_its_name_says() {
        for (price, up, down) in [
            ("100.001", "100.01", "100"),
            ("100.01", "100.01", "100.01"),
            ("1", "1", "1"),
            ("0.99991", "1", "0.9999"),
            ("0.9999", "0.9999", "0.9999"),
            ("0.00001", "0.0001", "0"),
        ] {
            assert_eq!(usd(price).up_to_tick(), usd(up), "{price} up");
            assert_eq!(usd(price).down_to_tick(), usd(down), "{price} down");
        }
    }

    #[test]
    fn counts_whole_shares_and_never_one_too_many() {
        for (cash, price, shares) in [
            ("100", "33.34", 2),
            ("100", "33.33", 3),
            ("99.99", "100", 0),
            ("100", "100", 1),
            ("100", "0", 0),
            ("-5", "1", 0),
        ] {
            assert_eq!(usd(cash).shares_at(usd(price)), shares, "{cash} at {price}");
        }
    }

    #[test]
    fn a_percent_change_needs_a_positive_reference() {
        assert_eq!(percent_change(usd("100"), usd("95")), Some(Decimal::from(-5)));
        assert_eq!(percent_change(usd("0"), usd("95")), None);
    }

    #[test]
    fn a_percentage_is_rounded_away_from_zero_and_nothing_has_no_sign() {
        for (percent, text) in [
            ("1.005", "1.01"),
            ("-1.005", "-1.01"),
            ("-0.005", "-0.01"),
            ("-0.0049", "0.00"),
            ("0.0049", "0.00"),
            ("-0", "0.00"),
        ] {
            assert_eq!(show_percent(percent.parse().unwrap()), text, "{percent}");
        }
        assert_eq!(show_percent(-Decimal::ZERO), "0.00");
    }

    #[test]
    fn dollars_have_their_sign_and_their_commas_and_only_korean_says_them() {
        for (amount, text) in [
            ("0", "$0.00"),
            ("999.5", "$999.50"),
            ("1000", "$1,000.00"),
            ("1234567.8", "$1,234,567.80"),
            ("-57.34", "-$57.34"),
            ("-123456", "-$123,456.00"),
            ("0.1234", "$0.1234"),
        ] {
            assert_eq!(usd(amount).dollars(), text);
            assert_eq!(usd(amount).say(Language::Korean).to_string(), text);
            assert_eq!(usd(amount).say(Language::English).to_string(), usd(amount).to_string());
        }
    }

    #[test]
    fn shows_at_least_cents_and_no_idle_zeros() {
        for (value, text) in [("5", "5.00"), ("5.1000", "5.10"), ("0.1234", "0.1234"), ("-3.5", "-3.50")] {
            assert_eq!(usd(value).to_string(), text);
        }
    }
}
