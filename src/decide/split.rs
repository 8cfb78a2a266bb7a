//! Stock splits: the ratios that companies use, and prices that stand in one.

use rust_decimal::Decimal;

use crate::domain::money::percent_change;
use crate::domain::{Percent, Ratio, Usd};

/// The ratios of forward splits, new shares for old ones; each is usual the other way round too (a reverse split).
const USUAL: [(u32, u32); 23] = [
    (2, 1),
    (3, 1),
    (4, 1),
    (5, 1),
    (6, 1),
    (7, 1),
    (8, 1),
    (9, 1),
    (10, 1),
    (12, 1),
    (15, 1),
    (20, 1),
    (25, 1),
    (30, 1),
    (40, 1),
    (50, 1),
    (100, 1),
    (3, 2),
    (4, 3),
    (5, 2),
    (5, 3),
    (5, 4),
    (6, 5),
];

/// The usual split ratio that turns a price of `from` into `to`, when one lies within `tolerance` percent of `to`.
pub fn usual_ratio(from: Usd, to: Usd, tolerance: Percent) -> Option<Ratio> {
    let apart = |ratio: &Ratio| Some(percent_change(ratio.price_after(from)?, to)?.abs());
    let both_ways = USUAL.iter().flat_map(|&(new, old)| [Ratio { new, old }, Ratio { new: old, old: new }]);
    let near = both_ways.filter_map(|ratio| Some((apart(&ratio)?, ratio))).filter(|(apart, _)| *apart <= tolerance);
    near.min_by_key(|(apart, _): &(Decimal, Ratio)| *apart).map(|(_, ratio)| ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        text.parse().unwrap()
    }

    #[test]
    fn a_price_step_is_a_split_when_it_is_near_a_usual_ratio() {
        let one_and_a_half = Decimal::new(15, 1);
        for (from, to, expected) in [
            // The table's example: 33.40 after 100.20.
            ("100.20", "33.40", "3:1"),
            ("100", "50", "2:1"),
            ("100", "66.67", "3:2"),
            ("100", "75", "4:3"),
            ("100", "80", "5:4"),
            ("100", "83.33", "6:5"),
            ("100", "60", "5:3"),
            ("100", "40", "5:2"),
            ("100", "1", "100:1"),
            ("1", "20", "1:20"),
            ("10", "20", "1:2"),
            ("10", "15", "2:3"),
            ("10", "12", "5:6"),
            // Both ends of the tolerance.
            ("100", "50.75", "2:1"),
            ("100", "50.76", ""),
            ("100", "49.25", "2:1"),
            ("100", "49.24", ""),
            // Earnings and bad days.
            ("100", "100", ""),
            ("100", "77", ""),
            ("100", "130", ""),
            ("100", "86", ""),
            ("100", "115", ""),
            ("100", "70", ""),
            ("0", "50", ""),
            ("100", "0", ""),
        ] {
            let found = usual_ratio(usd(from), usd(to), one_and_a_half).map(|ratio| ratio.to_string());
            assert_eq!(found.unwrap_or_default(), expected, "{from} to {to}");
        }
    }
}
