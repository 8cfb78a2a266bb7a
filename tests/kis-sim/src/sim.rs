//! A running simulator: options, start, and control without HTTP.

use crate::account_id::MOST_ACCOUNTS;
use crate::bars::{self, Bars, Exchanges};
use crate::bounds;
use crate::calendar;
use crate::clock::{self, Clock};
use crate::control;
use crate::gateway::{serve, websocket};
use crate::http::server::Server;
use crate::limits::Limits;
use crate::market::Market;
use crate::shared::Shared;
use crate::state;
use crate::wall_time::WallTime;
use crate::world::{LOC_UNTIL, World};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Gateway port; 0 for a free one.
    pub port: u16,
    /// Control port; 0 for a free one.
    pub control_port: u16,
    /// Where the clock starts; now when none.
    pub start: Option<DateTime<Utc>>,
    /// USD each account starts with.
    pub cash: Decimal,
    /// Folder of `SYMBOL.csv` files; the data compiled in when none.
    pub market_data: Option<PathBuf>,
    /// File the state survives in.
    pub state: Option<PathBuf>,
    /// From when on LOC and MOC orders are neither taken nor cancelled, 09:30 to 16:00.
    pub loc_until: WallTime,
    /// The date whose bars are traded on the day of the start, and those after it on the days after that.
    pub replay: Option<NaiveDate>,
    /// Whether KIS's request limits hold.
    pub has_limits: bool,
    /// How many accounts there are in each environment, 1 to 9.
    pub accounts: u8,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            port: 0,
            control_port: 0,
            start: None,
            cash: Decimal::from(10_000),
            market_data: None,
            state: None,
            loc_until: LOC_UNTIL,
            replay: None,
            has_limits: true,
            accounts: 1,
        }
    }
}

impl Options {
    /// Says of which symbols there are prices, and of which days.
    ///
    /// # Errors
    /// Unreadable data, or a start without prices: there every quote would be blank.
    pub fn prices(&self) -> Result<String> {
        let (bars, _) = self.data()?;
        let is_resumed = self.start.is_none() && self.state.as_ref().is_some_and(|path| path.exists());
        let today = calendar::new_york_date(self.start.unwrap_or_else(clock::machine_time));
        if is_resumed || bars::cover(&bars, today) {
            return Ok(bars::described(&bars));
        }
        let there = bars::described(&bars);
        let words = format!(
            "no prices on {today}, only of {there}; choose a day with --start, or trade a past day's prices with --replay"
        );
        Err(Error::new(ErrorKind::InvalidInput, words))
    }

    /// The bars, moved to the days on which they are replayed, and the exchanges that are given with them.
    fn data(&self) -> Result<(Bars, Exchanges)> {
        let (bars, exchanges) = match &self.market_data {
            Some(folder) => bars::load_folder(folder).map_err(|error| naming(folder, &error))?,
            None => (bars::built_in()?, Exchanges::new()),
        };
        let Some(date) = self.replay else { return Ok((bars, exchanges)) };
        if !bars::cover(&bars, date) {
            let words = format!("no prices to replay on {date}, only of {}", bars::described(&bars));
            return Err(Error::new(ErrorKind::InvalidInput, words));
        }
        let today = calendar::new_york_date(self.start.unwrap_or_else(clock::machine_time));
        Ok((bars::replayed(bars, date, today), exchanges))
    }
}

/// A running simulator. Dropping it stops serving.
#[derive(Debug)]
pub struct Sim {
    shared: Arc<Shared>,
    gateway: Server,
    control: Server,
}

impl Sim {
    /// Loads data and state, and serves both ports on loopback.
    ///
    /// # Errors
    /// Unreadable data or state, a state file that cannot be written, a cut-off outside the session, or a port that is
    /// taken.
    pub fn start(options: Options) -> Result<Sim> {
        if !(WallTime::new(9, 30)..=WallTime::new(16, 0)).contains(&options.loc_until) {
            return Err(Error::new(ErrorKind::InvalidInput, "loc-until is 09:30 to 16:00"));
        }
        if options.cash < Decimal::ZERO || !bounds::holds(options.cash) {
            return Err(Error::new(ErrorKind::InvalidInput, format!("cash is 0 to {}", bounds::MOST)));
        }
        if options.start.is_some_and(|start| !bounds::covers(start)) {
            return Err(Error::new(ErrorKind::InvalidInput, "the clock goes from 1970 to 2999"));
        }
        if !(1..=MOST_ACCOUNTS).contains(&options.accounts) {
            return Err(Error::new(ErrorKind::InvalidInput, format!("accounts is 1 to {MOST_ACCOUNTS}")));
        }
        let (bars, exchanges) = options.data()?;
        let clock = Clock::new(options.start.unwrap_or_else(clock::machine_time), true);
        let mut world = World::new(clock, Market::new(bars, exchanges), options.cash);
        if let Some(path) = &options.state {
            state::load(&mut world, path, options.start).map_err(|error| naming(path, &error))?;
        }
        world.open_accounts(options.accounts, options.cash);
        world.loc_until = options.loc_until;
        if !options.has_limits {
            world.limits = [Limits::LIFTED; 2];
        }
        if let Some(path) = &options.state {
            state::save(&world, path).map_err(|error| naming(path, &error))?;
        }
        let shared = Arc::new(Shared::new(world, options.state));
        let [for_gateway, for_control, for_websocket] = [(); 3].map(|()| Arc::clone(&shared));
        let gateway = Server::start(
            options.port,
            Arc::new(move |request| serve::handle(&for_gateway, request)),
            Arc::new(move |request, stream| websocket::serve(&for_websocket, request, stream)),
        )?;
        let control = Server::start(
            options.control_port,
            Arc::new(move |request| control::handle(&for_control, request)),
            Arc::new(|_, _| {}),
        )?;
        Ok(Sim { shared, gateway, control })
    }

    /// Base URL of the gateway.
    pub fn gateway_url(&self) -> String {
        self.gateway.url()
    }

    /// Base URL of the control port.
    pub fn control_url(&self) -> String {
        self.control.url()
    }

    /// Whether the gateway has done with every connection that reached it until now: a client that was killed leaves
    /// its request behind.
    ///
    /// # Errors
    /// The port can't be reached.
    pub fn is_idle(&self) -> Result<bool> {
        self.gateway.is_idle()
    }

    /// One control request without HTTP.
    ///
    /// # Errors
    /// What the control port would answer with 400.
    pub fn try_control(&self, method: &str, path: &str, body: Value) -> std::result::Result<Value, String> {
        self.shared.with(|world| control::control(world, method, path, body))
    }

    /// One control request without HTTP, for tests that only want success.
    ///
    /// # Panics
    /// When the control port would answer 400.
    #[expect(clippy::panic, reason = "a test that steers wrongly has to fail where it does")]
    pub fn control(&self, method: &str, path: &str, body: Value) -> Value {
        self.try_control(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }
}

fn naming(path: &Path, error: &Error) -> Error {
    Error::new(error.kind(), format!("{}: {error}", path.display()))
}
