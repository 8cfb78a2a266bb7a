//! The ladder under the main buys: one share more at each price at which the unit pays for it.

use rust_decimal::Decimal;

use crate::config::InfiniteSettings;
use crate::decide::strategy::infinite::mains::{Main, shares};
use crate::domain::Usd;

/// The rungs of a day.
pub(super) struct Ladder {
    /// USD, the highest first.
    pub prices: Vec<Usd>,
    /// True when rungs are left out that would be under one dollar.
    pub is_cut_at_a_dollar: bool,
}

impl Ladder {
    /// Without a main buy there is no ladder.
    pub fn under(mains: &[Main], unit: Usd, previous_close: Usd, settings: &InfiniteSettings) -> Ladder {
        let mut ladder = Ladder { prices: Vec::new(), is_cut_at_a_dollar: false };
        let Some(lowest_main) = mains.iter().map(|main| main.price).min() else { return ladder };
        let lowest =
            settings.ladder_depth_percent.map_or(Usd::ZERO, |depth| previous_close - previous_close.percent(depth));
        for k in 1..=u64::from(settings.ladder_rungs) {
            let price = Usd(unit.0 / Decimal::from(shares(mains).saturating_add(k))).down_to_cents();
            if price < lowest {
                break;
            }
            if price.0 < Decimal::ONE {
                ladder.is_cut_at_a_dollar = true;
                break;
            }
            if price < lowest_main {
                ladder.prices.push(price);
            }
        }
        ladder
    }
}
