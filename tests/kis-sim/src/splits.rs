//! Share splits: from which moment on a quote, the close before it and old daily bars are in new units.
//!
//! Pure: the market asks which units a bar is in. Pinned quotes and holdings are changed once, when their moment comes:
//! that is the agenda's work.

use crate::bars::Bar;
use crate::bounds;
use crate::calendar;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// `from` old shares become `to` new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// Old shares.
    pub from: u32,
    /// New shares.
    pub to: u32,
}

impl Ratio {
    /// An old price in new units, to four decimals.
    pub fn price(self, old: Decimal) -> Decimal {
        scaled(old, self.from, self.to)
    }

    /// A new price in old units, to four decimals.
    pub fn old_price(self, new: Decimal) -> Decimal {
        scaled(new, self.to, self.from)
    }

    /// Old shares in new units; a fraction of a share is lost.
    pub fn shares(self, old: u64) -> u64 {
        let shares = Decimal::from(old) * Decimal::from(self.to) / Decimal::from(self.from);
        shares.floor().to_u64().unwrap_or(old)
    }

    fn bar(self, old: &Bar) -> Bar {
        Bar {
            date: old.date,
            open: self.price(old.open),
            high: self.price(old.high),
            low: self.price(old.low),
            close: self.price(old.close),
            volume: self.shares(old.volume),
        }
    }
}

/// A split as the market shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// Ticker.
    pub symbol: String,
    /// How many shares become how many.
    pub ratio: Ratio,
    /// From when prices are in new units.
    pub quote_at: DateTime<Utc>,
    /// From when quotes give the previous close in new units.
    pub base_at: DateTime<Utc>,
}

impl Split {
    /// Whether prices quoted at `at` are in new units.
    pub fn is_quoted(&self, at: DateTime<Utc>) -> bool {
        self.quote_at <= at
    }

    /// Whether the previous close quoted at `at` is in new units.
    pub fn is_in_base(&self, at: DateTime<Utc>) -> bool {
        self.base_at <= at
    }

    /// Whether a day traded in new units: its session ended after the split.
    pub fn covers(&self, date: NaiveDate) -> bool {
        match calendar::session_on(date) {
            Some(session) => session.close > self.quote_at,
            None => date > calendar::new_york_date(self.quote_at),
        }
    }
}

/// A bar of the data in the units of those splits of a symbol that `applies` chooses.
pub fn in_units(splits: &[Split], symbol: &str, bar: &Bar, applies: impl Fn(&Split) -> bool) -> Bar {
    let chosen = splits.iter().filter(|split| split.symbol == symbol && applies(split));
    chosen.fold(bar.clone(), |bar, split| split.ratio.bar(&bar))
}

/// A price times `times` by `by`, to four decimals. So many splits that it overflows leave it as it is.
fn scaled(price: Decimal, times: u32, by: u32) -> Decimal {
    let scaled = price.checked_mul(Decimal::from(times)).and_then(|price| price.checked_div(Decimal::from(by)));
    scaled
        .filter(|price| bounds::holds(*price))
        .unwrap_or(price)
        .round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_and_shares_move_by_inverse_factors() {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        let (three, tenth) = (Ratio { from: 1, to: 3 }, Ratio { from: 10, to: 1 });
        assert_eq!((three.price(decimal("100.20")), three.shares(30)), (decimal("33.40"), 90));
        assert_eq!((tenth.price(decimal("1.5")), tenth.shares(39)), (decimal("15"), 3));
        assert_eq!(three.old_price(decimal("33.40")), decimal("100.20"));
        assert_eq!(three.price(decimal("100")), decimal("33.3333"));
    }

    #[test]
    fn a_day_whose_session_had_ended_stays_old() {
        let at: DateTime<Utc> = "2023-03-09T06:00:00Z".parse().unwrap();
        let split = Split { symbol: "A".into(), ratio: Ratio { from: 1, to: 2 }, quote_at: at, base_at: at };
        let covered = |day: &str| split.covers(day.parse().unwrap());
        assert_eq!(["2023-03-08", "2023-03-09", "2023-03-10", "2023-03-11"].map(covered), [false, true, true, true]);
    }
}
