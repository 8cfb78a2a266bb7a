//! Years by the dozen.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;

use crate::Year;
use crate::world::World;

/// Years in one run of the tests.
const YEARS: u64 = 52;
/// Tests that share them, so that they may run side by side.
const SHARES: u64 = 4;

/// What must really happen in a share of the years, or they prove nothing.
const SEEN: &[&str] = &[
    "500 after acceptance",
    "500 instead of acceptance",
    "KIS is slow",
    "KIS refuses every order",
    "KIS makes a token",
    "a close asked for",
    "a copy is put back",
    "a date is closed",
    "a month begins",
    "a morning",
    "a person halts trading",
    "a person moves money",
    "a person orders",
    "a person's word",
    "a quote follows a split",
    "a quote is answered with an error",
    "a split",
    "a transfer is found",
    "a twin of another hand claimed",
    "a twin of ours",
    "absent",
    "accepted without a number",
    "accepted, to be refused later",
    "account not had",
    "after_buy_until",
    "ambiguous",
    "an account follows a split",
    "an odd holding",
    "an odd order",
    "another hand cancels an order",
    "another hand changes an order of ours",
    "another program orders",
    "another program was there",
    "answer lost",
    "answer to another request",
    "boot",
    "cancel lost",
    "cancel taken",
    "cancel's answer lost",
    "cancelled",
    "clock kept",
    "clock off",
    "clock set right",
    "cooldown",
    "day_limit",
    "decline_too_small",
    "delivered twice",
    "died after a line",
    "died between a cancel and its outcome",
    "died between a file's name and its sync",
    "died between a line and its sync",
    "died between a month's name and its sync",
    "died between a request and its outcome",
    "died between an intent and its request",
    "died while it looked",
    "disk full",
    "ended at its deadline",
    "ends: after_buy_until",
    "ends: cash_too_low",
    "ends: clock_untrusted",
    "ends: daily_loss_limit",
    "ends: filter_not_met",
    "ends: filter_unknown",
    "ends: foreign_order",
    "ends: gateway_unreachable",
    "ends: halted",
    "ends: lock_busy",
    "ends: market_closed",
    "ends: no_candidate",
    "ends: no_position",
    "ends: nothing_to_cancel",
    "ends: nothing_to_sell",
    "ends: order_rejected",
    "ends: order_unknown",
    "ends: ran_just_now",
    "ends: rate_limited",
    "ends: sell_only",
    "ends: state_unwritable",
    "ends: token_refused",
    "ends: usage",
    "expired",
    "filled after a cancel was sent",
    "filled after its end was written down",
    "filled in part",
    "filled",
    "foreign",
    "found",
    "halted",
    "hold",
    "its turn came too late",
    "journal copied afresh",
    "listed late",
    "listed later than ever",
    "made way for a sell",
    "market_closed",
    "max_positions",
    "not sent",
    "not_picked",
    "nothing_sellable",
    "only sells are wanted",
    "order_open",
    "order_unknown",
    "outage",
    "phantom cancel",
    "position_limit",
    "post",
    "power cut took a month's name",
    "power cut took lines",
    "power cut tore a line",
    "power cut",
    "price_unknown",
    "read failed",
    "rebuy_rule",
    "refused at the gate",
    "refused at the gate, and taken",
    "refused for everybody",
    "refused later",
    "refused_today",
    "rejected for cause",
    "rejected",
    "replaced",
    "request lost",
    "row_set_aside",
    "snapshot inside a month",
    "split suspected by account",
    "split suspected by price",
    "split_suspected",
    "stopped",
    "to be delivered twice",
    "to be delivered twice, unheard",
    "token dies",
    "token refused at the gate",
    "token refused",
    "torn line cut",
    "turned up after absent",
    "turned up after another end",
    "units change",
    "unseen",
    "write failed",
];

/// The clock goes wrong between an order that is refused at the gate and its repetition.
#[test]
fn a_year_whose_clock_goes_wrong_between_a_refusal_and_the_repetition() {
    Year::new(951).live();
}

#[test]
fn a_year_by_its_seed() {
    let seed = env::var("KIS_TRADE_SEED").map_or(0, |text| text.parse().unwrap());
    println!("{:#?}", Year::new(seed).live().counts);
}

/// A run that can't get the account ends after one that could not write, and before the next that reads the journal.
#[test]
fn a_year_in_which_a_failed_write_is_followed_by_a_busy_lock() {
    Year::new(769).live();
}

fn live_share(share: u64) {
    let years = env::var("KIS_TRADE_SEEDS").map_or(YEARS, |text| text.parse().unwrap());
    let mut counts: BTreeMap<Cow<str>, u64> = BTreeMap::new();
    for seed in (0..years.max(YEARS)).filter(|seed| seed % SHARES == share) {
        for (word, count) in Year::new(seed).live().counts {
            *counts.entry(word).or_default() += count;
        }
    }
    let unseen: Vec<&&str> = SEEN.iter().filter(|word| !counts.contains_key(**word)).collect();
    assert!(unseen.is_empty(), "these years were too easy, nothing of {unseen:?} in {counts:#?}");
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

/// Of a year in which nothing goes wrong nobody hears of money that moved, or of rows that can't be read.
#[test]
fn a_quiet_year_has_no_false_alarms() {
    for seed in 0..4 {
        let trace = Year::of(World { is_quiet: true, ..World::new(seed) }).live();
        let heard = ["a transfer is found", "row_set_aside", "an odd order"].map(|word| trace.counts.get(word));
        assert_eq!(heard, [None; 3], "seed {seed}: {:#?}", trace.counts);
        assert!(trace.counts["post"] > 100, "they trade: {:#?}", trace.counts);
    }
}

#[test]
fn one_seed_gives_one_trace_and_another_seed_another() {
    let hash = |seed| Year::new(seed).live().hash;
    assert_eq!(hash(7), hash(7));
    assert_ne!(hash(7), hash(8));
}
