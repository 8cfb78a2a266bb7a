//! Symbols of filter and watch that got no price: people hear of them, with a guess where another exchange has one.

use std::collections::BTreeSet;

use crate::domain::{Event, Exchange, ListedSymbol, Notice, NoticeKind, Symbol};
use crate::language::Sentence;
use crate::story::desk::Desk;
use crate::story::run::Run;

impl<D: Desk> Run<'_, D> {
    /// After a buy has done its work: asks all exchanges for one symbol that had no price for a whole session, and tells
    /// people of all of them. Nothing hangs on it, so that whatever goes wrong here is of no matter.
    pub(super) async fn look_for_unpriced(&mut self) {
        let (listed, today) = (self.listed_by_user(), self.market.trading_date);
        if self.task.is_dry_run {
            return self.warn_of_unpriced();
        }
        if let Some(one) = self.desk.listings().next_to_ask(&listed, today).cloned()
            && !self.safe_point.makes_way()
        {
            self.ask_everywhere(&one).await;
        }
        for (symbol, words) in self.unpriced() {
            self.notes.warnings.push(words.clone());
            if self.desk.listings().is_dead(&symbol, today) {
                let notice = Notice::of_date(NoticeKind::PriceUnknown, today, symbol.as_str(), words);
                self.notes.events.push(Event::Notice(Notice { symbol: Some(symbol), ..notice }));
            }
        }
    }

    /// What a run that only looks says of them.
    pub(super) fn warn_of_unpriced(&mut self) {
        let words = self.unpriced().into_iter().map(|(_, words)| words);
        self.notes.warnings.extend(words);
    }

    fn unpriced(&mut self) -> Vec<(Symbol, Sentence)> {
        let (listed, today) = (self.listed_by_user(), self.market.trading_date);
        let listings = self.desk.listings();
        let words = |listed: &ListedSymbol| Some((listed.symbol.clone(), listings.words_of_unpriced(listed, today)?));
        listed.iter().filter_map(words).collect()
    }

    async fn ask_everywhere(&mut self, listed: &ListedSymbol) {
        let (symbol, today) = (&listed.symbol, self.market.trading_date);
        let mut found = BTreeSet::new();
        for exchange in Exchange::ALL {
            let asked = [(exchange, symbol.clone())];
            match self.call(async |desk: &mut D| desk.quotes(&asked).await).await {
                Ok(quotes) if quotes.iter().any(|quote| quote.is_listed()) => drop(found.insert(exchange)),
                Ok(_) => {}
                Err(error) => return log::warn!("the exchange of {symbol} could not be looked for: {error}"),
            }
        }
        self.desk.listings().note_asked(symbol, today, found);
    }

    fn listed_by_user(&self) -> Vec<ListedSymbol> {
        let mut listed = self.settings.buy.filter.clone();
        listed.extend(self.settings.buy.watch.iter().filter(|one| !self.settings.buy.filter.contains(one)).cloned());
        listed
    }
}
