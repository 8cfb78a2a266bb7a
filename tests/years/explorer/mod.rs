//! Every execution of a small world: beside the years, which draw what happens, all that can happen in turn.
//!
//! One symbol, one order or one due token, two runs side by side and the next ones, few misfortunes: an answer that is not
//! the usual one, a failed read or write, one kill, one power cut. At each border there is a choice: which run goes on, is
//! killed, or whether the power is cut; and each request is answered in every way. The search goes depth first over the
//! sequence of choices and lives each execution from the start, for a story under way can't be copied.
//!
//! Nor can two stories be compared. A run's state follows from the worlds in which it went on and the answers it was given,
//! so the state of everything is the world and these of each run; an execution that meets a state again is cut. Effects
//! take no time here, so that what commutes meets in one state. Time moves in waits, and between one phase and the next.
//!
//! The judges are those of the years, and the evening's: no order twice, none lost, nothing left open.
//!
//! `KIS_TRADE_CHOICES=0,3,1 cargo test --test years explorer::buy_alone -- --nocapture` lives one execution;
//! `KIS_TRADE_MISFORTUNES=3` lets more happen.

pub mod choices;
mod digest;
mod execution;
mod moves;
mod scenario;
mod search;

use std::env;

use kis_trade::domain::Job;

use moves::Cut;
use scenario::{EVENING, PERSON, Phase, Scenario};

const BUY_ALONE: Scenario = Scenario {
    name: "buy_alone",
    phases: &[Phase::at(0, &[Job::Buy]), Phase::at(2, &[Job::Buy]), Phase::at(50, &[Job::Cleanup]), PERSON, EVENING],
    held: 0,
    is_token_due: false,
    misfortunes: 2,
    deaths: [1, 1, 1],
};

const SELL_ALONE: Scenario = Scenario {
    name: "sell_alone",
    phases: &[
        Phase::at(0, &[Job::Sell]),
        // A duplicate start, unless the first one died.
        Phase::at(0, &[Job::Sell]),
        Phase::at(2, &[Job::Sell]),
        Phase::at(20, &[Job::Cleanup]),
        PERSON,
        EVENING,
    ],
    held: 10,
    ..BUY_ALONE
};

const BUY_BESIDE_SELL: Scenario = Scenario {
    name: "buy_beside_sell",
    phases: &[Phase::at(0, &[Job::Buy, Job::Sell]), Phase::at(25, &[Job::Cleanup]), PERSON, EVENING],
    held: 10,
    ..BUY_ALONE
};

const CLEANUP_BESIDE_BUY: Scenario = Scenario {
    name: "cleanup_beside_buy",
    phases: &[
        Phase::at(0, &[Job::Buy]).spared(),
        Phase::at(25, &[Job::Cleanup, Job::Buy]),
        Phase::at(30, &[Job::Cleanup]),
        PERSON,
        EVENING,
    ],
    ..BUY_ALONE
};

const TWO_RENEWALS: Scenario = Scenario {
    name: "two_renewals",
    phases: &[
        Phase::at(0, &[Job::TokenCheck, Job::TokenCheck]),
        Phase::at(10, &[Job::Status]),
        Phase::at(20, &[Job::TokenCheck]).spared(),
    ],
    is_token_due: true,
    ..BUY_ALONE
};

#[test]
fn buy_alone() {
    explore(BUY_ALONE);
}

#[test]
fn sell_alone() {
    explore(SELL_ALONE);
}

#[test]
fn buy_beside_sell() {
    explore(BUY_BESIDE_SELL);
}

#[test]
fn cleanup_beside_buy() {
    explore(CLEANUP_BESIDE_BUY);
}

#[test]
fn two_renewals() {
    explore(TWO_RENEWALS);
}

/// Sees every execution, or the one that is asked for.
fn explore(scenario: Scenario) {
    let misfortunes = env::var("KIS_TRADE_MISFORTUNES").map_or(scenario.misfortunes, |text| text.parse().unwrap());
    let scenario = Scenario { misfortunes, ..scenario };
    if let Ok(script) = env::var("KIS_TRADE_CHOICES") {
        let script: Vec<usize> = script.split(',').filter_map(|taken| taken.trim().parse().ok()).collect();
        println!("{}", search::replay(&scenario, &script).trace);
        return;
    }
    println!("{}: {}", scenario.name, search::explore(&scenario, Cut::ByAnswers));
}

/// Cutting loses no end: worlds so small that they can be seen without.
#[test]
fn what_is_cut_ends_as_something_else_does() {
    const ONE: &[Phase] = &[Phase::at(0, &[Job::Buy]), PERSON, EVENING];
    const TWO: &[Phase] = &[Phase::at(0, &[Job::Buy, Job::Sell]), EVENING];
    const TOKEN: &[Phase] = &[Phase::at(0, &[Job::TokenCheck]), Phase::at(20, &[Job::TokenCheck]).spared()];
    let small = [
        Scenario { phases: ONE, misfortunes: 1, ..BUY_ALONE },
        Scenario { phases: TWO, misfortunes: 0, ..BUY_BESIDE_SELL },
        Scenario { phases: TOKEN, misfortunes: 1, ..TWO_RENEWALS },
    ];
    for scenario in small {
        let [whole, by_worlds, by_answers] =
            [Cut::Never, Cut::ByWorlds, Cut::ByAnswers].map(|cut| search::explore(&scenario, cut));
        println!("{}: uncut {whole}\nby worlds {by_worlds}\nby answers {by_answers}", scenario.name);
        assert!(by_worlds.executions < whole.executions);
        assert_eq!(by_worlds.ends, whole.ends);
        assert_eq!(by_answers.ends, whole.ends);
    }
    let large = Scenario { misfortunes: 1, ..CLEANUP_BESIDE_BUY };
    let [by_worlds, by_answers] = [Cut::ByWorlds, Cut::ByAnswers].map(|cut| search::explore(&large, cut));
    println!("{}: by worlds {by_worlds}\nby answers {by_answers}", large.name);
    assert_eq!(by_answers.ends, by_worlds.ends);
}
