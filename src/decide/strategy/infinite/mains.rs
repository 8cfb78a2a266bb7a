//! The main buys of a day, and the prices that they and the sells hang on.

use rust_decimal::Decimal;

use crate::decide::facts::CENT;
use crate::decide::strategy::infinite::Role;
use crate::domain::{Percent, Usd};

/// A main buy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Main {
    pub role: Role,
    /// USD.
    pub price: Usd,
    /// Shares, at least one.
    pub quantity: u64,
}

impl Main {
    /// What a unit buys at a price; `None` when that is not one share.
    pub fn of(role: Role, unit: Usd, price: Usd) -> Option<Main> {
        let quantity = unit.shares_at(price);
        (quantity > 0).then_some(Main { role, price, quantity })
    }
}

/// `percent` over a price, half up to the cent.
pub(super) fn over(price: Usd, percent: Percent) -> Usd {
    (price + price.percent(percent)).to_cents()
}

/// The prices of a normal day.
pub(super) struct Prices {
    /// Where a quarter is sold.
    pub star: Usd,
    /// The highest buy: below the star, so that no sell is met, and not above the cap.
    top: Usd,
    /// The average cost to the cent: the lower half's price.
    low: Usd,
}

impl Prices {
    pub fn of(average: Usd, star_percent: Percent, cap: Usd) -> Prices {
        let star = over(average, star_percent);
        Prices { star, top: (star - CENT).min(cap), low: average.to_cents() }
    }

    /// The main buys: two halves in the first half of the splits, then one.
    pub fn mains(&self, unit: Usd, t: Decimal, splits: u32) -> Vec<Main> {
        let is_early = t < Decimal::from(splits) / Decimal::TWO;
        if !is_early || self.low >= self.top {
            return Main::of(Role::Full, unit, self.top).into_iter().collect();
        }
        let upper = Usd(unit.0 / Decimal::TWO).shares_at(self.top);
        let lower = unit.shares_at(self.low).saturating_sub(upper);
        let half = |price, quantity| Main { role: Role::Half, price, quantity };
        match (upper, lower) {
            // A half without shares passes its half on: the other one counts as a whole.
            (0, _) => Main::of(Role::Full, unit, self.low).into_iter().collect(),
            _ => vec![half(self.top, upper), half(self.low, lower)],
        }
    }
}

/// Shares of all main buys.
pub(super) fn shares(mains: &[Main]) -> u64 {
    mains.iter().map(|main| main.quantity).sum()
}
