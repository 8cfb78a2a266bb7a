//! Everything there is, and the truth about it.

use std::rc::Rc;

use chrono::{DateTime, Utc};
use kis_trade::config::Settings;
use kis_trade::domain::Stamp;

use crate::border::Asked;
use crate::broker::Broker;
use crate::chance::Chance;
use crate::disk::Disk;
use crate::explorer::choices::Choices;
use crate::habits::{ALL, Habits, settings_of_year};
use crate::hands::Outside;
use crate::locks::Locks;
use crate::machine::{MINUTE_MS, Machine};
use crate::market::Stock;
use crate::office::Office;
use crate::sheets::Sheets;
use crate::splits::Splits;
use crate::support::symbol;
use crate::token::Affairs;
use crate::trace::{NOBODY, Trace};
use crate::truth::Truth;
use crate::weather::Weather;

/// The state of everything.
pub struct World {
    pub seed: u64,
    pub now_ms: u64,
    pub chance: Chance,
    pub machine: Machine,
    pub settings: Rc<Settings>,
    /// Lines between two snapshots of a month. The program has them a megabyte apart, which is the same here as never.
    pub snapshot_after: usize,
    pub disk: Disk,
    pub broker: Broker,
    pub office: Office,
    pub locks: Locks,
    pub weather: Weather,
    pub token: Affairs,
    pub outside: Outside,
    /// Nothing goes wrong all year, nobody moves money, and no row is odd.
    pub is_quiet: bool,
    /// When a copy of the state directory was put back last.
    pub restored_ms: u64,
    /// When an order of ours was last called absent that exists, or was sent and is listed later than any ever was.
    pub astray_ms: u64,
    pub truth: Truth,
    pub splits: Splits,
    /// The strategies' affairs; none in most worlds.
    pub sheets: Sheets,
    pub trace: Trace,
    /// What the run that was polled last asked for.
    pub asked: Asked,
    /// In a world that is explored: its choices.
    pub choices: Option<Box<Choices>>,
    /// A year of tokens, in which nothing is ordered.
    pub is_of_tokens: bool,
    /// One of these is the longest that the machine is off.
    pub stops_ms: &'static [u64],
}

impl World {
    pub fn new(seed: u64) -> World {
        let mut chance = Chance::new(seed);
        let stocks = ALL.iter().map(|name| Stock::new(symbol(name), chance.between(1500, 12_000))).collect();
        let habits = Habits::of_year(&mut chance).with_later_ones(&mut Chance::of_run(seed, u64::MAX));
        let settings = settings_of_year(&habits, &mut chance);
        let mut world = World::of(chance, habits, settings, stocks);
        world.snapshot_after = usize::try_from(world.chance.pick(&[40, 200, 1_000_000])).unwrap();
        World { seed, splits: Splits::of_year(seed), ..world }
    }

    /// A world before its first day.
    pub fn of(mut chance: Chance, habits: Habits, settings: Settings, stocks: Vec<Stock>) -> World {
        World {
            seed: 0,
            now_ms: 0,
            machine: Machine::new(),
            settings: Rc::new(settings),
            snapshot_after: usize::MAX,
            disk: Disk::default(),
            broker: Broker::new(habits, stocks),
            office: Office::new(&mut chance),
            locks: Locks::default(),
            weather: Weather::default(),
            token: Affairs::of_orders(),
            outside: Outside::default(),
            is_quiet: false,
            restored_ms: 0,
            astray_ms: 0,
            truth: Truth::default(),
            splits: Splits::default(),
            sheets: Sheets::default(),
            trace: Trace::default(),
            asked: Asked::default(),
            choices: None,
            is_of_tokens: false,
            stops_ms: &[25 * MINUTE_MS],
            chance,
        }
    }

    /// The chance of one run, which is the same whatever other runs draw.
    pub fn chance_of_run(&self, number: u64) -> Chance {
        Chance::of_run(self.seed, number)
    }

    /// The machine's wall clock.
    pub fn wall(&self) -> DateTime<Utc> {
        self.machine.wall(self.now_ms)
    }

    /// This moment, as programs see it.
    pub fn stamp(&self) -> Stamp {
        self.machine.stamp(self.now_ms)
    }

    pub fn note(&mut self, word: &'static str, number: u64) {
        self.trace.note(self.now_ms, NOBODY, word, number);
    }

    pub fn note_of(&mut self, run: u64, word: &'static str, number: u64) {
        self.trace.note(self.now_ms, run, word, number);
    }

    pub fn holds(&self, is_so: bool, otherwise: &str) {
        if !is_so {
            let (seed, steps, text) = (self.seed, self.trace.steps, self.trace.text());
            let sheets = self.sheets_as_text();
            panic!("seed {seed}, step {steps}, at {} ms: {otherwise}\n{text}{sheets}", self.now_ms);
        }
    }
}
