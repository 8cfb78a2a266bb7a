//! The account's total as a row of blocks for a terminal. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::market_session::new_york_date;
use crate::domain::{Sample, Usd};

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Most blocks: the line fits into 80 columns.
const MAX_BLOCKS: usize = 30;
/// Fewer say nothing.
const MIN_BLOCKS: usize = 5;

/// `▁▃▅█  9900.10 to 10203.44 in 12 days`; `None` when there is too little to draw. A block a day, or a block a sample while
/// there are too few days.
pub fn trend(samples: &[Sample]) -> Option<String> {
    let days: BTreeMap<NaiveDate, Usd> =
        samples.iter().map(|sample| (new_york_date(sample.at), sample.total)).collect();
    let (totals, what): (Vec<Usd>, &str) = if days.len() >= MIN_BLOCKS {
        (days.into_values().collect(), "days")
    } else {
        (samples.iter().map(|sample| sample.total).collect(), "looks")
    };
    let totals = &totals[totals.len().saturating_sub(MAX_BLOCKS)..];
    let (low, high) = (*totals.iter().min()?, *totals.iter().max()?);
    let blocks: String = totals.iter().map(|total| block(*total, low, high)).collect();
    (totals.len() >= MIN_BLOCKS)
        .then(|| format!("{blocks}  {} to {} in {} {what}", low.to_cents(), high.to_cents(), totals.len()))
}

fn block(total: Usd, low: Usd, high: Usd) -> char {
    let share = (total - low).0.checked_mul(Decimal::from(7)).and_then(|part| part.checked_div((high - low).0));
    let level = share.and_then(|share| share.round().to_usize()).unwrap_or(0);
    BLOCKS[level.min(7)]
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::decide::test_support::at;

    fn samples(step: TimeDelta, totals: &[i64]) -> Vec<Sample> {
        let place = |(n, total): (usize, &i64)| Sample {
            at: at("10:00:00") + step * i32::try_from(n).unwrap(),
            total: Usd(Decimal::new(*total, 0)),
        };
        totals.iter().enumerate().map(place).collect()
    }

    #[test]
    fn a_block_a_day_and_none_for_too_few() {
        let (day, minutes) = (TimeDelta::days(1), TimeDelta::minutes(20));
        for (step, totals, shown) in [
            (day, &[100, 107, 103, 101, 106][..], Some("▁█▄▂▇  100.00 to 107.00 in 5 days")),
            (day, &[5, 5, 5, 5, 5], Some("▁▁▁▁▁  5.00 to 5.00 in 5 days")),
            (day, &[1, 2, 3, 4], None),
            (minutes, &[1, 2, 3, 4, 8], Some("▁▂▃▄█  1.00 to 8.00 in 5 looks")),
            (minutes, &[], None),
        ] {
            assert_eq!(trend(&samples(step, totals)).as_deref(), shown, "{totals:?}");
        }
        let year: Vec<i64> = (0..250).map(|n| 987_000 + n).collect();
        let shown = trend(&samples(day, &year)).unwrap();
        assert!(shown.ends_with("█  987220.00 to 987249.00 in 30 days"), "{shown}");
        assert!("Trend     ".len() + shown.chars().count() <= 80, "{shown}");
    }
}
