//! Daily bars from KIS, by the token and in the rate slots that every run shares. Reads alone: no lock, no order, no journal line.

use chrono::NaiveDate;

use crate::clock::Clock;
use crate::config::{Environment, Settings};
use crate::desk::base::{make_run_id, open_base};
use crate::desk::{RealDesk, block_on};
use crate::domain::market_session::{market_at, previous_trading_date};
use crate::domain::{DailyBar, Exchange, Job, ListedSymbol, MarketNow, Phase, Symbol, Task};
use crate::exit::Failure;
use crate::language::Sentence;
use crate::story::desk::{Books, Machine};
use crate::story::notes::Notes;
use crate::story::open::open;

/// Reads the bars of a symbol from a date to the last session that is over, oldest first. Prices are in today's units.
///
/// # Errors
/// As of a run: settings, credentials, state directory, token and gateway.
pub fn fetch_bars(
    settings: Settings,
    environment: &Environment,
    symbol: &Symbol,
    from: NaiveDate,
    what: &Sentence,
) -> Result<Vec<DailyBar>, Failure> {
    let base = open_base(settings, environment, make_run_id(&Clock::system()), &mut Vec::new())?;
    let mut desk = RealDesk::new(&base, Task::of(Job::Status))?;
    let mut notes = Notes::default();
    block_on(open(&mut desk, &mut notes, false)).map(drop)?;
    let MarketNow { phase, trading_date, .. } = market_at(desk.now().at);
    let until = if phase == Phase::After { trading_date } else { previous_trading_date(trading_date) };
    let known = listed(&base.settings, symbol).or_else(|| desk.listings().get(symbol).map(|known| known.exchange));
    let asked = known.map_or_else(|| Exchange::ALL.to_vec(), |exchange| vec![exchange]);
    for exchange in asked {
        let gateway = desk.connected()?;
        let bars = gateway.fetch_bars(exchange, symbol, (from, until)).map_err(|error| error.into_failure(what))?;
        if !bars.is_empty() {
            return Ok(bars.into_values().collect());
        }
    }
    Ok(Vec::new())
}

/// The exchange that the configuration names beside a symbol.
fn listed(settings: &Settings, symbol: &Symbol) -> Option<Exchange> {
    let of_strategies = settings.strategies.iter().flat_map(|strategy| &strategy.symbols);
    let mut all = of_strategies.chain(&settings.buy.watch).chain(&settings.buy.filter);
    all.find_map(|ListedSymbol { symbol: name, exchange }| exchange.filter(|_| name == symbol))
}
