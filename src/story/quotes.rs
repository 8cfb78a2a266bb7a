//! Quotes for symbols whose exchange is written, remembered, or has to be found.
//!
//! A symbol without a known exchange is searched for: NASDAQ is asked for all of them, then NYSE, then AMEX, and what each says
//! is kept at once, so that a run which ends half way leaves the rest of the way to the next one. No order rests on a symbol
//! before all three were asked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::decide::facts::Quoted;
use crate::domain::{Exchange, Job, KisError, ListedSymbol, Quote, Symbol};
use crate::exit::Failure;
use crate::ordered::Ordered;
use crate::story::desk::Desk;
use crate::story::run::Run;
use crate::story::words;

/// A quote older than this is read again before an order rests on it.
const MAX_QUOTE_AGE: Duration = Duration::from_secs(60);

type Question = (Exchange, Symbol);

/// What KIS said so far.
#[derive(Default)]
struct Heard {
    quotes: BTreeMap<Question, Quote>,
    unanswered: BTreeSet<Question>,
    /// Questions that KIS answered with an error.
    refused: BTreeMap<Question, KisError>,
}

impl<D: Desk> Run<'_, D> {
    /// Fetches the quotes of `wanted`. One that this run read within the last minute is not asked for again.
    ///
    /// # Errors
    /// As [`Run::read_optional`]. 69 when all of several symbols are answered with errors: then it is no symbol's fault.
    pub(super) async fn fetch_quotes(&mut self, wanted: &[ListedSymbol]) -> Result<BTreeMap<Symbol, Quoted>, Failure> {
        let (resting, wanted_now): (Vec<_>, Vec<_>) = wanted.iter().partition(|listed| self.rests(listed));
        let (kept, asked): (Vec<_>, Vec<_>) = wanted_now.into_iter().partition(|listed| self.has_fresh(listed));
        let kept = kept.into_iter().map(|listed| (listed.symbol.clone(), self.notes.quotes[&listed.symbol].clone()));
        let mut quoted: BTreeMap<Symbol, Quoted> = kept.map(|(symbol, quote)| (symbol, Quoted::Found(quote))).ordered();
        quoted.extend(resting.into_iter().map(|listed| (listed.symbol.clone(), Quoted::Nothing)));
        let mut heard = Heard::default();
        for exchange in Exchange::ALL {
            let questions = self.questions(&asked, exchange);
            let is_asked = self.ask_all(&questions, &mut heard).await;
            // Also of a run that ends here.
            self.keep_search(&asked, exchange, &heard).await?;
            is_asked?;
        }
        let found = self.found_elsewhere(&asked, &heard);
        self.ask_all(&found, &mut heard).await?;
        for listed in asked {
            quoted.insert(listed.symbol.clone(), self.judge(listed, &heard));
        }
        match heard.refused.into_values().last().filter(|_| wanted.len() > 1 && quoted.values().all(is_refused)) {
            Some(error) => Err(error.into_failure(&words::quotes_of_all())),
            None => Ok(quoted),
        }
    }

    /// Fetches one symbol's quote again.
    pub(super) async fn fetch_quote_again(&mut self, exchange: Exchange, symbol: &Symbol) -> Result<Quoted, Failure> {
        let listed = ListedSymbol { exchange: Some(exchange), symbol: symbol.clone() };
        let mut quotes = self.fetch_quotes(std::slice::from_ref(&listed)).await?;
        Ok(quotes.remove(symbol).unwrap_or(Quoted::Unanswered))
    }

    /// Reports whether a quote is too old for an order to rest on.
    pub(super) fn is_old(&self, quoted: Option<&Quoted>) -> bool {
        matches!(quoted, Some(Quoted::Found(quote)) if self.is_too_old(quote.read_at))
    }

    /// Reports whether a price that arrived then is too old for an order to rest on.
    pub(super) fn is_too_old(&self, read_at: Duration) -> bool {
        Duration::from_millis(self.desk.now().up_ms).saturating_sub(read_at) > MAX_QUOTE_AGE
    }

    /// A symbol that no exchange knew in a whole session costs a buy no search: one such symbol a run is asked for at its end.
    fn rests(&mut self, listed: &ListedSymbol) -> bool {
        let today = self.market.trading_date;
        self.task.job == Job::Buy
            && self.exchange_of(listed).is_none()
            && self.desk.listings().rests(&listed.symbol, today)
    }

    fn has_fresh(&self, listed: &ListedSymbol) -> bool {
        let quote = self.notes.quotes.get(&listed.symbol).filter(|quote| !self.is_too_old(quote.read_at));
        quote.is_some_and(|quote| listed.exchange.is_none_or(|exchange| exchange == quote.exchange))
    }

    /// The exchange of a symbol, as far as it is known.
    fn exchange_of(&mut self, listed: &ListedSymbol) -> Option<Exchange> {
        listed.exchange.or_else(|| self.desk.listings().get(&listed.symbol).map(|known| known.exchange))
    }

    /// What to ask while an exchange is searched: symbols whose exchange is known go with the first.
    fn questions(&mut self, asked: &[&ListedSymbol], searched: Exchange) -> Vec<Question> {
        let mut questions = Vec::new();
        for listed in asked {
            let symbol = &listed.symbol;
            let exchange = match self.exchange_of(listed) {
                Some(exchange) => (searched == Exchange::ALL[0]).then_some(exchange),
                None => (!self.desk.listings().has_searched(symbol, searched)).then_some(searched),
            };
            questions.extend(exchange.map(|exchange| (exchange, symbol.clone())));
        }
        questions
    }

    /// Keeps what an exchange said of the symbols that are searched for.
    async fn keep_search(&mut self, asked: &[&ListedSymbol], exchange: Exchange, heard: &Heard) -> Result<(), Failure> {
        let mut has_learned = false;
        for listed in asked {
            let answer = heard.quotes.get(&(exchange, listed.symbol.clone()));
            if let Some(quote) = answer.filter(|_| self.exchange_of(listed).is_none()) {
                self.desk.listings().note_search(&listed.symbol, exchange, quote.is_listed());
                has_learned = true;
            }
        }
        if has_learned && !self.task.is_read_only() {
            let kept = self.desk.keep_listings().await;
            self.take_written(kept)?;
        }
        Ok(())
    }

    /// Symbols whose search has ended with an exchange that an earlier run asked: that price is of then.
    fn found_elsewhere(&mut self, asked: &[&ListedSymbol], heard: &Heard) -> Vec<Question> {
        let mut found = Vec::new();
        for ListedSymbol { symbol, .. } in asked {
            let listings = self.desk.listings();
            let is_whole = Exchange::ALL.into_iter().all(|exchange| listings.has_searched(symbol, exchange));
            let priced = Exchange::ALL.into_iter().filter(|exchange| listings.gave_price(symbol, *exchange));
            if let [exchange] = priced.collect::<Vec<_>>()[..]
                && is_whole
                && !heard.quotes.contains_key(&(exchange, symbol.clone()))
            {
                found.push((exchange, symbol.clone()));
            }
        }
        found
    }

    /// Asks question by question, as many at once as KIS takes. Several that are answered with an error, or unreadably, are
    /// asked again one by one, once: the fault may be one symbol's.
    async fn ask_all(&mut self, questions: &[Question], heard: &mut Heard) -> Result<(), Failure> {
        for chunk in questions.chunks(self.desk.quotes_per_request().max(1)) {
            let is_odd = self.ask(chunk, heard).await?;
            let alone = if is_odd && chunk.len() > 1 { chunk } else { &[] };
            for one in alone.chunks(1) {
                self.ask(one, heard).await?;
            }
        }
        Ok(())
    }

    /// Asks once. True when KIS answered with an error, or unreadably.
    async fn ask(&mut self, asked: &[Question], heard: &mut Heard) -> Result<bool, Failure> {
        let error = match self.call(async |desk: &mut D| desk.quotes(asked).await).await {
            Ok(quotes) => {
                heard.unanswered.retain(|question| !asked.contains(question));
                heard.refused.retain(|question, _| !asked.contains(question));
                heard.quotes.extend(quotes.into_iter().map(|quote| ((quote.exchange, quote.symbol.clone()), quote)));
                return Ok(false);
            }
            Err(error) => error,
        };
        let names =
            asked.iter().map(|(exchange, symbol)| format!("{exchange}:{symbol}")).collect::<Vec<_>>().join(", ");
        let what = words::quotes_of(&names);
        match error {
            KisError::Refused(_) | KisError::Unavailable(_) => {
                log::warn!("{what} can't be read: {error}");
                heard.refused.extend(asked.iter().map(|question| (question.clone(), error.clone())));
                Ok(true)
            }
            KisError::Nonsense { .. } if asked.len() > 1 => {
                log::warn!("{what} can't be read: {error}");
                Ok(true)
            }
            error => {
                self.pass_over(error, &what)?;
                heard.unanswered.extend(asked.iter().cloned());
                Ok(false)
            }
        }
    }

    /// Makes one answer of what the exchanges said of a symbol, and corrects the memory.
    fn judge(&mut self, listed: &ListedSymbol, heard: &Heard) -> Quoted {
        let (quoted, today) = (self.judge_answers(listed, heard), self.market.trading_date);
        match &quoted {
            Quoted::Nothing => self.desk.listings().note_asked(&listed.symbol, today, BTreeSet::new()),
            Quoted::Refused(_) => self.desk.listings().see_no_price(&listed.symbol, today),
            Quoted::Found(quote) if !quote.is_listed() => self.desk.listings().see_no_price(&listed.symbol, today),
            Quoted::Found(_) | Quoted::Ambiguous(_) | Quoted::Unanswered => {}
        }
        quoted
    }

    fn judge_answers(&mut self, listed: &ListedSymbol, heard: &Heard) -> Quoted {
        let symbol = &listed.symbol;
        // With one exchange unheard, the others' answers prove neither that there is no price nor that there is only one.
        let is_its = |(_, other): &Question| other == symbol;
        match heard.refused.iter().find(|(question, _)| is_its(question)) {
            Some((_, KisError::Refused(said) | KisError::Unavailable(said))) => return Quoted::Refused(said.clone()),
            _ if heard.unanswered.iter().any(is_its) => return Quoted::Unanswered,
            _ => {}
        }
        let exchange = match self.exchange_of(listed) {
            Some(exchange) => exchange,
            None => match self.desk.listings().end_search(symbol).map(Vec::from_iter).as_deref() {
                None => return Quoted::Unanswered,
                Some([]) => return Quoted::Nothing,
                Some([only]) => *only,
                Some(several) => return Quoted::Ambiguous(several.to_vec()),
            },
        };
        let Some(quote) = heard.quotes.get(&(exchange, symbol.clone())) else { return Quoted::Unanswered };
        if quote.is_listed() {
            let (last, now) = (quote.price().map(|price| price.last), self.desk.now().at);
            if let Some(last) = last {
                self.desk.listings().see_price(symbol, last, now);
            }
            self.desk.listings().remember(symbol, exchange, last);
            self.notes.quotes.insert(symbol.clone(), quote.clone());
        } else {
            // A moved listing or a renamed ticker: the next run asks all exchanges again.
            self.desk.listings().forget(symbol);
        }
        Quoted::Found(quote.clone())
    }
}

fn is_refused(quoted: &Quoted) -> bool {
    matches!(quoted, Quoted::Refused(_))
}
