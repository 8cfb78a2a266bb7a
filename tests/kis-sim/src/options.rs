//! How a simulator is started, and the prices it is started with.

use crate::account_id::MOST_ACCOUNTS;
use crate::bars::{self, Bars, Exchanges};
use crate::bounds;
use crate::calendar;
use crate::clock;
use crate::wall_time::WallTime;
use crate::world::LOC_UNTIL;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use std::fmt;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

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
    /// Folder of `SYMBOL.csv` and `SYMBOL.EXCHANGE.csv` files; the data compiled in when none.
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
    /// Loads the prices, moved to the days on which they are replayed.
    ///
    /// # Errors
    /// An option out of bounds, unreadable data, or nothing to replay on the date asked for.
    pub fn load_prices(&self) -> Result<Prices> {
        self.check()?;
        let (bars, exchanges) = match &self.market_data {
            Some(folder) => bars::load_folder(folder).map_err(|error| naming(folder, &error))?,
            None => (bars::built_in()?, Exchanges::new()),
        };
        let Some(date) = self.replay else { return Ok(Prices { bars, exchanges }) };
        if !bars::cover(&bars, date) {
            return Err(invalid(format!("no prices to replay on {date}, only of {}", bars::described(&bars))));
        }
        Ok(Prices { bars: bars::replayed(bars, date, self.today()), exchanges })
    }

    fn check(&self) -> Result<()> {
        if !(WallTime::new(9, 30)..=WallTime::new(16, 0)).contains(&self.loc_until) {
            return Err(invalid("loc-until is 09:30 to 16:00".to_owned()));
        }
        if self.cash < Decimal::ZERO || !bounds::holds(self.cash) {
            return Err(invalid(format!("cash is 0 to {}", bounds::MOST)));
        }
        if self.start.is_some_and(|start| !bounds::covers(start)) {
            return Err(invalid("the clock goes from 1970 to 2999".to_owned()));
        }
        if !(1..=MOST_ACCOUNTS).contains(&self.accounts) {
            return Err(invalid(format!("accounts is 1 to {MOST_ACCOUNTS}")));
        }
        Ok(())
    }

    /// Where the clock starts.
    pub(crate) fn start_or_now(&self) -> DateTime<Utc> {
        self.start.unwrap_or_else(clock::machine_time)
    }

    fn today(&self) -> NaiveDate {
        calendar::new_york_date(self.start_or_now())
    }
}

/// Loaded daily bars, and the exchanges that are given with them.
#[derive(Debug)]
pub struct Prices {
    pub(crate) bars: Bars,
    pub(crate) exchanges: Exchanges,
}

impl Prices {
    /// Checks that there are prices where the clock starts: elsewhere every quote would be blank. A resumed clock is not checked.
    ///
    /// # Errors
    /// A start without prices.
    pub fn check_start(&self, options: &Options) -> Result<()> {
        let is_resumed = options.start.is_none() && options.state.as_ref().is_some_and(|path| path.exists());
        let today = options.today();
        if is_resumed || bars::cover(&self.bars, today) {
            return Ok(());
        }
        if self.bars.is_empty() {
            return Err(invalid("there are no prices: no file is named like AAPL.csv or KO.NYSE.csv".to_owned()));
        }
        Err(invalid(format!(
            "no prices on {today}, only of {self}; choose a day with --start, or trade a past day's prices with --replay"
        )))
    }
}

impl fmt::Display for Prices {
    /// The symbols and their days, in words.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&bars::described(&self.bars))
    }
}

fn invalid(words: String) -> Error {
    Error::new(ErrorKind::InvalidInput, words)
}

/// An error that says which file or folder it is about.
pub(crate) fn naming(path: &Path, error: &Error) -> Error {
    Error::new(error.kind(), format!("{}: {error}", path.display()))
}
