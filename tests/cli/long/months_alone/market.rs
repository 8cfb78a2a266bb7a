//! What the month is made of: its dice, its prices, and the crontab.

use std::collections::BTreeMap;

use chrono::{DateTime, Timelike, Utc};

use crate::support::harness::World;
use crate::surface::units::crontab_minutes;

/// What the program may buy.
pub const SYMBOLS: [&str; 6] = ["AAPL", "AMD", "AMZN", "GOOGL", "META", "TSLA"];

/// Random numbers of one seed (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// One of these.
    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()].clone()
    }

    /// Puts these in another order.
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for end in (1..all.len()).rev() {
            all.swap(end, usize::try_from(self.below(end as u64 + 1)).unwrap());
        }
    }
}

/// One symbol's price, in cents.
struct Walk {
    last: u64,
    base: u64,
    /// Hundredths of a percent a step.
    drift: i64,
}

/// All prices; each wanders, and drifts up or down for a few days.
pub struct Prices(BTreeMap<&'static str, Walk>);

impl Prices {
    pub fn new(dice: &mut Dice) -> Prices {
        let walk = |dice: &mut Dice| {
            let last = 3_000 + dice.below(9_000);
            Walk { last, base: last, drift: 0 }
        };
        Prices(SYMBOLS.into_iter().map(|symbol| (symbol, walk(dice))).collect())
    }

    /// Yesterday's close is what was paid last; now and then a drift changes.
    pub fn open(&mut self, dice: &mut Dice) {
        for walk in self.0.values_mut() {
            walk.base = walk.last;
            if dice.below(3) == 0 {
                walk.drift = i64::try_from(dice.below(13)).unwrap() - 6;
            }
        }
    }

    /// Five minutes later.
    pub fn step(&mut self, world: &World, dice: &mut Dice) {
        for (symbol, walk) in &mut self.0 {
            let move_by = i64::try_from(dice.below(81)).unwrap() - 40 + walk.drift;
            let last = i64::try_from(walk.last).unwrap() * (10_000 + move_by) / 10_000;
            walk.last = u64::try_from(last.clamp(1_500, 40_000)).unwrap();
            world.sim.price(symbol, &dollars(walk.last), &dollars(walk.base));
        }
    }

    /// In USD.
    pub fn last(&self, symbol: &str) -> String {
        dollars(self.0[symbol].last)
    }
}

fn dollars(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The crontab that README.md has people install.
pub struct Schedule(BTreeMap<&'static str, Vec<u32>>);

impl Schedule {
    pub fn read() -> Schedule {
        Schedule(crontab_minutes())
    }

    /// What starts in this minute.
    pub fn commands(&self, at: DateTime<Utc>) -> Vec<&'static str> {
        self.0.iter().filter(|(_, minutes)| minutes.contains(&at.minute())).map(|(command, _)| *command).collect()
    }
}
