//! Years by the dozen.

use std::collections::BTreeMap;
use std::env;

use super::Year;

/// Years in one run of the tests.
const YEARS: u64 = 52;
/// Tests that share them.
const SHARES: u64 = 4;

fn live_share(share: u64) {
    let years = env::var("KIS_TRADE_SEEDS").map_or(YEARS, |text| text.parse().unwrap());
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in (0..years.max(YEARS)).filter(|seed| seed % SHARES == share) {
        for (word, count) in Year::new(seed).live().counts {
            *counts.entry(word).or_default() += count;
        }
    }
    assert!(counts.is_empty(), "{counts:#?}");
}

#[test]
fn simulated_years_first_share() {
    live_share(0);
}

#[test]
fn one_seed() {
    let from = env::var("SEED").map_or(1, |text| text.parse::<u64>().unwrap());
    let to = env::var("SEED_TO").map_or(from + 1, |text| text.parse::<u64>().unwrap());
    let mut failed = vec![];
    for seed in from..to {
        if std::panic::catch_unwind(|| Year::new(seed).live()).is_err() {
            failed.push(seed);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
