//! Stock splits: quotes and balance are held against what was remembered of them, before anything rests on both.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::decide::facts::Quoted;
use crate::decide::odd_rows::OddRows;
use crate::decide::split::{SplitFacts, ending_of, is_step_told, is_told_since, judge_split, wants_close};
use crate::domain::market_session::previous_trading_date;
use crate::domain::{CloseUnits, Event, Exchange, Holding, KisError, Position, Price, Symbol, Usd};
use crate::exit::Failure;
use crate::ordered::Ordered;
use crate::story::desk::Desk;
use crate::story::run::Run;
use crate::story::words;

impl<D: Desk> Run<'_, D> {
    /// Looks for splits in everything that was read, sets symbols aside or frees them, and remembers the balance.
    pub(super) async fn look_for_splits(
        &mut self,
        quotes: &BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
        odd_rows: &OddRows,
    ) -> Result<(), Failure> {
        let symbols: BTreeSet<&Symbol> = quotes.keys().chain(positions.keys()).ordered();
        for symbol in symbols {
            // Both sides may have moved in sessions that nobody looked at: then the account's move alone would be half of it.
            if let Some((exchange, since)) = self.gap_of_moved(symbol, quotes, positions) {
                self.ask_for_gap((exchange, symbol), since, quotes, positions).await?;
            }
            self.look_for_split(symbol, quotes, positions).await?;
        }
        self.remember_balance(positions, odd_rows);
        self.ask_for_new_holdings(quotes, positions).await
    }

    /// Asks about holdings that appeared in sessions without a look, and may have been split in them. Not only before an order: while the
    /// purchase is recent, the price shows which units the cost is in.
    async fn ask_for_new_holdings(
        &mut self,
        quotes: &BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
    ) -> Result<(), Failure> {
        for symbol in positions.keys() {
            let Some(Quoted::Found(quote)) = quotes.get(symbol) else { continue };
            if self.desk.listings().appeared_in_gap(symbol)
                && let Some(since) = self.gap_of(symbol, positions)
            {
                self.ask_for_gap((quote.exchange, symbol), since, quotes, positions).await?;
            }
        }
        Ok(())
    }

    /// Remembers what is held. Of what can't be read nothing is concluded.
    pub(super) fn remember_balance(&mut self, positions: &BTreeMap<Symbol, Position>, odd_rows: &OddRows) {
        let date = self.market.trading_date;
        self.desk.listings().see_balance(positions, date, |symbol| odd_rows.may_hold(symbol));
    }

    /// Where to ask for the gap of a holding whose average cost is not the one remembered.
    fn gap_of_moved(
        &mut self,
        symbol: &Symbol,
        quotes: &BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
    ) -> Option<(Exchange, NaiveDate)> {
        let Quoted::Found(quote) = quotes.get(symbol)? else { return None };
        let (cost, seen) = (positions.get(symbol)?.average_cost, self.desk.listings().held(symbol)?);
        let has_moved = seen.holding.average_cost != cost && self.desk.journal().set_aside(symbol).is_none();
        let since = if has_moved { self.gap_of(symbol, positions)? } else { return None };
        Some((quote.exchange, since))
    }

    /// Looks for a split of one symbol.
    pub(super) async fn look_for_split(
        &mut self,
        symbol: &Symbol,
        quotes: &BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
    ) -> Result<(), Failure> {
        let yesterday = previous_trading_date(self.market.trading_date);
        let close = self.desk.listings().close_of(symbol, yesterday).flatten();
        let base = price_of(symbol, quotes).and_then(|price| price.base);
        self.look_at_step(symbol, (close, base), quotes, positions).await?;
        // A large step from a price of the last hour is looked at when the close itself is asked for.
        if close.is_some() && base.is_some() && !wants_close(Some(close), base, true) {
            self.desk.listings().see_step(symbol, self.market.trading_date);
        }
        Ok(())
    }

    /// Looks for a split of one symbol in the step from an earlier close to the same close in today's units.
    async fn look_at_step(
        &mut self,
        symbol: &Symbol,
        (close, base): (Option<Usd>, Option<Usd>),
        quotes: &BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
    ) -> Result<(), Failure> {
        let trading_date = self.market.trading_date;
        let seen = self.desk.listings().held(symbol);
        let appeared_unseen = self.desk.listings().appeared_in_gap(symbol);
        let last = price_of(symbol, quotes).map(|price| price.last);
        let held = positions.get(symbol).map(Holding::from);
        let journal = self.desk.journal();
        let facts = SplitFacts { symbol, trading_date, journal, last, base, close, seen, held, appeared_unseen };
        let Some(record) = judge_split(&facts) else {
            return Ok(());
        };
        let ending = ending_of(journal, &record);
        self.desk.append(&record).await?;
        if let Some((symbol, words)) = ending {
            self.notes.warnings.push(words.clone());
            if !self.task.is_dry_run {
                self.notes.events.push(Event::SplitOver { symbol, words });
            }
        }
        Ok(())
    }

    /// Asks KIS for what is not known of the past of the symbols about to be ordered, each once a date: yesterday's close, or,
    /// of a holding that nobody looked at for whole sessions, whether it was split in them. One that KIS does not answer for has no
    /// usable quote then. Reports whether anything was asked: then the plan is made anew.
    pub(super) async fn ask_for_closes(
        &mut self,
        wanted: &[(Exchange, Symbol)],
        quotes: &mut BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
    ) -> Result<bool, Failure> {
        let mut has_asked = false;
        for (exchange, symbol) in wanted {
            let is_answered = if let Some(since) = self.gap_of(symbol, positions) {
                self.ask_for_gap((*exchange, symbol), since, quotes, positions).await?
            } else if self.lacks_close(symbol, quotes) {
                self.ask_for_close((*exchange, symbol), quotes, positions).await?
            } else {
                continue;
            };
            has_asked = true;
            if !is_answered {
                quotes.insert(symbol.clone(), Quoted::Unanswered);
            }
        }
        Ok(has_asked)
    }

    /// Since when the steps of a holding's quote were not looked at, as long as no line of the journal tells of a split since.
    fn gap_of(&mut self, symbol: &Symbol, positions: &BTreeMap<Symbol, Position>) -> Option<NaiveDate> {
        let date = self.market.trading_date;
        let since = self.desk.listings().missed_since(symbol, date)?;
        // What is bought when nothing is held comes in today's units.
        let matters = positions.contains_key(symbol) && !is_told_since(self.desk.journal(), symbol, since);
        if !matters {
            self.desk.listings().end_gap(symbol, date);
        }
        matters.then_some(since)
    }

    async fn ask_for_gap(
        &mut self,
        (exchange, symbol): (Exchange, &Symbol),
        since: NaiveDate,
        quotes: &BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
    ) -> Result<bool, Failure> {
        let Some(raw) = self.read_close(exchange, symbol, since, CloseUnits::Raw).await? else { return Ok(false) };
        let adjusted = self.read_close(exchange, symbol, since, CloseUnits::Adjusted).await?;
        let Some(adjusted) = adjusted else { return Ok(false) };
        self.look_at_step(symbol, (raw, adjusted), quotes, positions).await?;
        self.desk.listings().end_gap(symbol, self.market.trading_date);
        Ok(true)
    }

    /// Reports whether yesterday's close has to be asked for.
    fn lacks_close(&mut self, symbol: &Symbol, quotes: &BTreeMap<Symbol, Quoted>) -> bool {
        if self.closes_asked.contains(symbol) {
            return false;
        }
        let trading_date = self.market.trading_date;
        let base = price_of(symbol, quotes).and_then(|price| price.base);
        let listings = self.desk.listings();
        let close = listings.close_of(symbol, previous_trading_date(trading_date));
        let is_known = listings.is_known_before(symbol, trading_date);
        wants_close(close, base, is_known) && !is_step_told(self.desk.journal(), symbol, trading_date)
    }

    async fn ask_for_close(
        &mut self,
        (exchange, symbol): (Exchange, &Symbol),
        quotes: &BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
    ) -> Result<bool, Failure> {
        let yesterday = previous_trading_date(self.market.trading_date);
        let close = self.read_close(exchange, symbol, yesterday, CloseUnits::Raw).await?;
        let Some(close) = close else { return Ok(false) };
        self.closes_asked.insert(symbol.clone());
        self.desk.listings().take_close(symbol, yesterday, close);
        self.look_for_split(symbol, quotes, positions).await?;
        Ok(true)
    }

    async fn read_close(
        &mut self,
        exchange: Exchange,
        symbol: &Symbol,
        date: NaiveDate,
        units: CloseUnits,
    ) -> Result<Option<Option<Usd>>, Failure> {
        let what = words::close_of(symbol, date);
        match self.call(async |desk: &mut D| desk.close_of(exchange, symbol, date, units).await).await {
            Ok(close) => Ok(Some(close)),
            // An answer about one symbol holds no other back, however many get it.
            Err(error @ (KisError::Refused(_) | KisError::Unavailable(_) | KisError::Nonsense { .. })) => {
                log::warn!("{what} can't be read: {error}");
                Ok(None)
            }
            Err(error) => self.pass_over(error, &what).map(|()| None),
        }
    }
}

/// The price of a symbol that traded today.
fn price_of(symbol: &Symbol, quotes: &BTreeMap<Symbol, Quoted>) -> Option<Price> {
    match quotes.get(symbol)? {
        Quoted::Found(quote) => quote.price(),
        _ => None,
    }
}
