//! What a year's broker is like, and how the program is set up for it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::config::{BuySettings, CleanupSettings, Limits, Rebuy, SellSettings};
use crate::decide::invariants::Binding;
use crate::decide::simulated::machine::{MINUTE_MS, SECOND_MS};
use crate::decide::simulated::random::Random;
use crate::decide::test_support::{buy_settings, limits, percent, sell_settings, symbol, usd};
use crate::domain::mode::Mode;
use crate::domain::symbol::Symbol;

/// Watched symbols.
pub const NAMES: [&str; 6] = ["AA", "BB", "CC", "DD", "EE", "FF"];

/// What the broker does all year.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// Rows say nothing of medium and state.
    pub is_paper: bool,
    /// How late the list may show a new order.
    pub late_ms: u64,
    /// How long the balance may lag a fill.
    pub lag_ms: u64,
    /// The balance calls shares sellable that are sold, as long as it lags.
    pub has_stale_sellable: bool,
    /// An expired order's row gives no reason.
    pub ends_unsaid: bool,
    /// Orders live on until the after-market ends.
    pub outlives_close: bool,
    /// An order at a good price fills in one minute of so many.
    pub fills_one_in: u64,
    /// The list begins with the newest order.
    pub is_newest_first: bool,
    /// A cancel's row repeats quantity and price of its order.
    pub cancels_look_alike: bool,
}

impl Habits {
    pub fn of_year(random: &mut Random) -> Habits {
        Habits {
            is_paper: random.one_in(3),
            late_ms: random.pick(&[3 * SECOND_MS, 2 * MINUTE_MS, 15 * MINUTE_MS, 40 * MINUTE_MS, 40 * MINUTE_MS]),
            lag_ms: random.pick(&[0, MINUTE_MS, 5 * MINUTE_MS]),
            has_stale_sellable: random.one_in(2),
            ends_unsaid: random.one_in(2),
            outlives_close: random.one_in(2),
            fills_one_in: random.pick(&[2, 2, 10, 30]),
            is_newest_first: random.one_in(2),
            cancels_look_alike: random.one_in(2),
        }
    }
}

/// The program's settings.
#[derive(Debug)]
pub struct Rules {
    pub buy: BuySettings,
    pub sell: SellSettings,
    pub limits: Limits,
    pub cleanup: CleanupSettings,
    pub watch: BTreeSet<Symbol>,
    pub settle_after: Vec<Duration>,
    pub binding: Binding,
    /// Lines between two snapshots of a month. The program has them a megabyte apart, which is the same here as never.
    pub snapshot_after: usize,
}

impl Rules {
    pub fn of_year(random: &mut Random) -> Rules {
        let minutes = |minutes: u64| Some(Duration::from_secs(60 * minutes));
        let buy = BuySettings {
            picks: 2,
            min_decline_percent: percent("0.3"),
            max_quantity: 40,
            limit_offset_percent: percent(random.pick(&["0", "0.1"])),
            rebuy: random.pick(&[Rebuy::Any, Rebuy::Any, Rebuy::BelowLastSell]),
            ..buy_settings(&NAMES)
        };
        let sell = SellSettings {
            take_profit_percent: percent("2"),
            fallback_take_profit_percent: Some(percent("1")),
            stop_loss_percent: Some(percent("4")),
            cooldown_days: 1,
            sells_per_run: random.pick(&[Some(1), Some(2), None]),
            ..sell_settings()
        };
        let limits = Limits {
            max_order: usd("900"),
            max_buy_per_day: usd("2200"),
            max_positions: 5,
            max_position: random.pick(&[Some(usd("1500")), None]),
            ..limits()
        };
        Rules {
            buy,
            sell,
            limits,
            cleanup: CleanupSettings { cancel_buys_after: minutes(20), cancel_sells_after: minutes(15) },
            watch: NAMES.iter().map(|name| symbol(name)).collect(),
            settle_after: random
                .pick(&[&[2, 10][..], &[2, 10], &[]])
                .iter()
                .map(|seconds| Duration::from_secs(*seconds))
                .collect(),
            binding: Binding { mode: Mode::Paper, account_print: "5be1c0de".to_owned() },
            snapshot_after: usize::try_from(random.pick(&[40, 200, 1_000_000])).unwrap(),
        }
    }
}
