//! Stock splits: quotes and balance are held against what was remembered of them, before anything rests on both.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::facts::Quoted;
use crate::decide::split::{SplitFacts, ending_of, is_step_told, judge_split, wants_close};
use crate::domain::market_session::previous_trading_date;
use crate::domain::{Event, Exchange, Holding, Position, Price, Symbol};
use crate::exit::Failure;
use crate::story::desk::Desk;
use crate::story::run::Run;

impl<D: Desk> Run<'_, D> {
    /// Looks for splits in everything that was read, sets symbols aside or frees them, and remembers the balance.
    pub(super) async fn look_for_splits(
        &mut self,
        quotes: &BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
    ) -> Result<(), Failure> {
        let symbols: BTreeSet<&Symbol> = quotes.keys().chain(positions.keys()).collect();
        for symbol in symbols {
            self.look_for_split(symbol, quotes, positions).await?;
        }
        self.desk.listings().see_balance(positions, self.market.trading_date);
        Ok(())
    }

    /// Looks for a split of one symbol.
    pub(super) async fn look_for_split(
        &mut self,
        symbol: &Symbol,
        quotes: &BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
    ) -> Result<(), Failure> {
        let trading_date = self.market.trading_date;
        let listings = self.desk.listings();
        let close = listings.close_of(symbol, previous_trading_date(trading_date)).flatten();
        let seen = listings.held(symbol);
        let (price, held) = (price_of(symbol, quotes), positions.get(symbol).map(Holding::from));
        let (last, base) = (price.map(|price| price.last), price.and_then(|price| price.base));
        let journal = self.desk.journal();
        let Some(record) = judge_split(&SplitFacts { symbol, trading_date, journal, last, base, close, seen, held })
        else {
            return Ok(());
        };
        let ending = ending_of(journal, &record);
        self.desk.append(&record).await?;
        if let Some((symbol, words)) = ending {
            self.notes.warnings.push(words.en.clone());
            if !self.task.is_dry_run {
                self.notes.events.push(Event::SplitOver { symbol, words });
            }
        }
        Ok(())
    }

    /// Asks KIS for yesterday's close of the symbols about to be ordered of which it was not seen, each once a date; one that
    /// KIS does not answer for has no usable quote then. Reports whether anything was asked: then the plan is made anew.
    pub(super) async fn ask_for_closes(
        &mut self,
        wanted: &[(Exchange, Symbol)],
        quotes: &mut BTreeMap<Symbol, Quoted>,
        positions: &BTreeMap<Symbol, Position>,
    ) -> Result<bool, Failure> {
        let trading_date = self.market.trading_date;
        let yesterday = previous_trading_date(trading_date);
        let mut has_asked = false;
        for (exchange, symbol) in wanted {
            let listings = self.desk.listings();
            let close = listings.close_of(symbol, yesterday);
            let is_known = listings.is_known_before(symbol, trading_date);
            let is_wanted = wants_close(close, price_of(symbol, quotes).and_then(|price| price.base), is_known);
            let is_told = is_step_told(self.desk.journal(), symbol, trading_date);
            if !is_wanted || is_told || self.closes_asked.contains(symbol) {
                continue;
            }
            has_asked = true;
            let what = format!("the close of {symbol} on {yesterday}");
            match self
                .read_optional(&what, async |desk: &mut D| desk.close_of(*exchange, symbol, yesterday).await)
                .await?
            {
                Some(usd) => {
                    self.closes_asked.insert(symbol.clone());
                    self.desk.listings().take_close(symbol, yesterday, usd);
                    self.look_for_split(symbol, quotes, positions).await?;
                }
                None => drop(quotes.insert(symbol.clone(), Quoted::Unanswered)),
            }
        }
        Ok(has_asked)
    }
}

/// The price of a symbol that traded today.
fn price_of(symbol: &Symbol, quotes: &BTreeMap<Symbol, Quoted>) -> Option<Price> {
    match quotes.get(symbol)? {
        Quoted::Found(quote) => quote.price(),
        _ => None,
    }
}
