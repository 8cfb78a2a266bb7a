//! Years with sheets by the dozen.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;

use crate::Year;
use crate::world::World;

/// Years in one run of the tests.
const YEARS: u64 = 6;
/// Tests that share them, so that they may run side by side.
const SHARES: u64 = 2;

/// What must really happen in a share of the years, or they prove nothing.
const SEEN: &[&str] = &[
    "a fair day's sheet",
    "a lost sheet is made again",
    "a person trades what a strategy holds",
    "a position is taken over",
    "a sheet",
    "a sheet begins a cycle anew",
    "a sheet is withdrawn",
    "a sheet sells at the market",
    "after_loc_cutoff",
    "an order at the market",
    "an order of a sheet goes again",
    "cash_too_low",
    "closing orders are emulated",
    "day_limit",
    "ledger_mismatch",
    "loc_deferred",
    "order_unknown",
    "self_trade",
    "sell_only",
    "the machine is left off",
    "withdrawn",
];

fn live_share(share: u64) {
    let years = env::var("KIS_TRADE_SEEDS").map_or(YEARS, |text| text.parse().unwrap());
    let mut counts: BTreeMap<Cow<str>, u64> = BTreeMap::new();
    for seed in (0..years.max(YEARS)).filter(|seed| seed % SHARES == share) {
        for (word, count) in Year::of(World::with_sheets(seed)).live().counts {
            *counts.entry(word).or_default() += count;
        }
    }
    let unseen: Vec<&&str> = SEEN.iter().filter(|word| !counts.contains_key(**word)).collect();
    assert!(unseen.is_empty(), "these years were too easy, nothing of {unseen:?} in {counts:#?}");
}

/// An order that goes again beside one of its sheet that is a tick away.
#[test]
fn a_year_in_which_the_next_price_is_that_of_another_order() {
    Year::of(World::with_sheets(9)).live();
}

/// A strategy without trouble: no false alarm, and each day's sheet is whole.
#[test]
fn a_quiet_year_with_sheets() {
    for seed in 0..1 {
        let trace = Year::of(World { is_quiet: true, ..World::with_sheets(seed) }).live();
        assert_eq!(trace.counts.get("ledger_mismatch"), None, "seed {seed}: {:#?}", trace.counts);
        assert!(trace.counts["a fair day's sheet"] > 100, "seed {seed}: {:#?}", trace.counts);
    }
}

#[test]
fn years_with_sheets_first_share() {
    live_share(0);
}

#[test]
fn years_with_sheets_second_share() {
    live_share(1);
}

#[test]
fn a_year_with_sheets_by_its_seed() {
    let seed = env::var("KIS_TRADE_SEED").map_or(0, |text| text.parse().unwrap());
    println!("{:#?}", Year::of(World::with_sheets(seed)).live().counts);
}
