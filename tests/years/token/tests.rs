//! Years of tokens by the hundred.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;

use super::Looks;
use crate::Year;
use crate::trace::Trace;

/// Years in one run of the tests.
const YEARS: u64 = 100;
/// Tests that share them, so that they may run side by side.
const SHARES: u64 = 4;

/// What must really happen in a share of the years, or they prove nothing.
const SEEN: [&str; 54] = [
    "EGW00133",
    "KIS gives a token that died unseen",
    "KIS goes on returning a revoked token",
    "KIS makes a token",
    "KIS returns the same token",
    "a request within 65 s, for nobody could know",
    "another program asks",
    "another token after a refusal",
    "clock at 1970",
    "clock set right",
    "clock steps back",
    "clock steps forward",
    "credentials refused",
    "crowd",
    "deaf to revocation",
    "died after the issue, before the save",
    "died after the record was replaced",
    "died after the revocation",
    "died after the token was replaced",
    "died before the issue, which is recorded",
    "died before the save of an issued token",
    "died while it looked",
    "died with the token's lock",
    "disk full",
    "ends without a token",
    "forced",
    "forced too soon",
    "issued",
    "issued with an absurd life",
    "left to the next run",
    "lock not had",
    "nonsense",
    "not saved",
    "power cut",
    "power cut undid a rename",
    "rate limited",
    "reboot",
    "record damaged",
    "record removed by hand",
    "refused at work",
    "refused twice",
    "renewed after a refusal",
    "renewed in calm",
    "replaced but not synced",
    "revocation ignored",
    "revocation lost",
    "revoked",
    "suspended",
    "the old token for want of a new one",
    "the second look found a newer token",
    "three EGW00133 in a row",
    "token file lost",
    "token's answer lost",
    "waits",
];

fn live(seed: u64, looks: Looks) -> Trace {
    Year::of_tokens(seed, looks).live_for_tokens()
}

/// How often what must happen did.
fn seen(trace: &Trace) -> Vec<Option<&u64>> {
    SEEN.iter().map(|word| trace.counts.get(*word)).collect()
}

fn live_share(share: u64) {
    let years = env::var("KIS_TRADE_SEEDS").map_or(YEARS, |text| text.parse().unwrap());
    let mut counts: BTreeMap<Cow<str>, u64> = BTreeMap::new();
    for seed in (0..years.max(YEARS)).filter(|seed| seed % SHARES == share) {
        for (word, count) in live(seed, Looks::OneInSixteen).counts {
            *counts.entry(word).or_default() += count;
        }
    }
    let unseen: Vec<&str> = SEEN.into_iter().filter(|word| !counts.contains_key(*word)).collect();
    assert!(unseen.is_empty(), "these years were too easy, nothing of {unseen:?} in {counts:#?}");
}

#[test]
fn a_year_by_its_seed() {
    let seed = env::var("KIS_TRADE_SEED").map_or(0, |text| text.parse().unwrap());
    println!("{:#?}", live(seed, Looks::OneInSixteen).counts);
}

#[test]
fn simulated_years_first_share() {
    live_share(0);
}

#[test]
fn simulated_years_second_share() {
    live_share(1);
}

#[test]
fn simulated_years_third_share() {
    live_share(2);
}

#[test]
fn simulated_years_fourth_share() {
    live_share(3);
}

#[test]
fn one_seed_gives_one_trace_and_another_seed_another() {
    let hash = |seed| live(seed, Looks::OneInSixteen).hash;
    assert_eq!(hash(7), hash(7));
    assert_ne!(hash(7), hash(8));
}

#[test]
fn runs_that_can_only_look_change_nothing() {
    // Not of years in which a buy looks for a sell at the very moment that it begins to wait: on that a buy acts.
    for seed in [1, 3] {
        let (each, few) = (live(seed, Looks::Each), live(seed, Looks::OneInSixteen));
        assert_eq!((each.hash, seen(&each)), (few.hash, seen(&few)), "seed {seed}");
        assert!(each.steps > 2 * few.steps);
    }
}
