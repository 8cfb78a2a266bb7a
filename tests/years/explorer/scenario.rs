//! Small worlds, and what runs in them when.

use std::time::Duration;

use kis_trade::config::Settings;
use kis_trade::domain::market_session::session_of;
use kis_trade::domain::{AccessToken, Job, ListedSymbol, Mode};

use crate::chance::{Chance, Luck};
use crate::crontab::AFTER_CLOSE;
use crate::explorer::choices::Choices;
use crate::habits::{Habits, exchange_of, settings_of_file};
use crate::machine::{HOUR_MS, MINUTE_MS, true_time};
use crate::market::Stock;
use crate::minute_of;
use crate::support::{symbol, usd};
use crate::world::World;

/// The one stock.
const STOCK: &str = "AA";
/// The first runs start so long after the open.
const FIRST_MS: u64 = HOUR_MS;
/// A token of this age is due: it has an hour less than `[token] renew_at_hours_left`.
const DUE_AFTER_MS: u64 = 21 * HOUR_MS;

/// When runs start.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// Minutes after the first.
    Minutes(u64),
    /// When a person looks at what nobody can tell, an hour after the close.
    Person,
    /// When no order of the day can live any more.
    Evening,
}

/// Runs that start together, and go on in every order.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    pub start: Start,
    pub jobs: &'static [Job],
    /// No misfortune happens.
    pub is_spared: bool,
}

impl Phase {
    pub const fn at(minutes: u64, jobs: &'static [Job]) -> Phase {
        Phase { start: Start::Minutes(minutes), jobs, is_spared: false }
    }

    pub const fn spared(self) -> Phase {
        Phase { is_spared: true, ..self }
    }
}

/// A person settles what waits for a person.
pub const PERSON: Phase = Phase { start: Start::Person, jobs: &[], is_spared: true };
/// The last run of a day: it settles what is left, and must find everything right.
pub const EVENING: Phase = Phase { start: Start::Evening, jobs: &[Job::Cleanup], is_spared: true };

/// A small world and its runs.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub phases: &'static [Phase],
    /// Shares that the account holds at first.
    pub held: u64,
    /// The token is due at the beginning.
    pub is_token_due: bool,
    /// So many misfortunes happen at most.
    pub misfortunes: u8,
    /// Of them so many kills, runs that stand still, and power cuts.
    pub deaths: [u8; 3],
}

impl Scenario {
    /// The world before the first run.
    pub fn world(&self, script: &[usize]) -> World {
        let mut stock = Stock::fallen(symbol(STOCK), 5000, 4900);
        stock.held = self.held;
        if self.held > 0 {
            stock.cost = usd("47");
        }
        let mut world = World::of(Chance::Fixed(Luck::EVEN), habits(), settings(), vec![stock]);
        let day = true_time(0).date_naive().iter_days().find(|day| session_of(*day).is_some()).unwrap();
        let session = session_of(day).unwrap();
        let (open_ms, close_ms) = (minute_of(session.opens_at) * MINUTE_MS, minute_of(session.closes_at) * MINUTE_MS);
        (world.broker.open_ms, world.broker.close_ms) = (open_ms, close_ms);
        world.broker.begin_day(day, &mut Chance::Fixed(Luck::EVEN));
        world.weather.has_calm_evening = true;
        world.reach(open_ms + FIRST_MS);
        world.hold_token(self.is_token_due);
        // The month began long ago.
        world.disk.month.name = day.format("%Y-%m").to_string();
        world.choices = Some(Box::new(Choices::new(script, self.misfortunes, self.deaths)));
        world
    }
}

impl Start {
    /// The moment.
    pub fn ms(self, world: &World) -> u64 {
        match self {
            Start::Minutes(minutes) => world.broker.open_ms + FIRST_MS + minutes * MINUTE_MS,
            Start::Person => world.broker.close_ms + HOUR_MS,
            Start::Evening => world.broker.close_ms + (AFTER_CLOSE - 18) * MINUTE_MS,
        }
    }
}

impl World {
    /// A token is in its file, and lives for hours yet.
    fn hold_token(&mut self, is_due: bool) {
        let age_ms = if is_due { DUE_AFTER_MS } else { HOUR_MS };
        let issued_ms = self.now_ms - age_ms;
        let token: AccessToken = self.office.issue_anew(issued_ms);
        self.disk.files.token.rename(Some(token));
        self.disk.sync_folder();
    }
}

fn habits() -> Habits {
    Habits {
        is_paper: false,
        late_ms: 0,
        lag_ms: 0,
        has_stale_sellable: false,
        has_no_prices: false,
        ends_unsaid: false,
        outlives_close: false,
        fills_one_in: 1,
        is_newest_first: false,
        cancels_look_alike: false,
        has_branches: false,
        fills_show_late: false,
    }
}

fn settings() -> Settings {
    let mut settings = settings_of_file();
    settings.mode = Mode::Real;
    settings.buy.watch = vec![ListedSymbol { exchange: Some(exchange_of(0)), symbol: symbol(STOCK) }];
    settings.buy.picks = 1;
    settings.limits.max_buy_per_day = usd("1500");
    settings.gateway.settle_after = vec![Duration::from_secs(2)];
    settings
}
