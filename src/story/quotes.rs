//! Quotes for symbols whose exchange is written, remembered, or has to be found.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::decide::facts::Quoted;
use crate::domain::{Exchange, ListedSymbol, Listings, Quote, Symbol};
use crate::exit::Failure;
use crate::story::desk::Desk;
use crate::story::run::Run;

/// A quote older than this is read again before an order rests on it.
const MAX_QUOTE_AGE: Duration = Duration::from_secs(60);

impl<D: Desk> Run<'_, D> {
    /// Fetches the quotes of `wanted`. A symbol whose exchange is unknown is asked for on all three, once, and remembered when
    /// exactly one gives a price.
    pub(super) async fn fetch_quotes(&mut self, wanted: &[ListedSymbol]) -> Result<BTreeMap<Symbol, Quoted>, Failure> {
        let questions = questions(self.desk.listings(), wanted);
        let mut answers: BTreeMap<Symbol, Vec<Quote>> = BTreeMap::new();
        let mut unanswered: BTreeSet<&Symbol> = BTreeSet::new();
        for asked in questions.chunks(self.desk.quotes_per_request().max(1)) {
            let names =
                asked.iter().map(|(exchange, symbol)| format!("{exchange}:{symbol}")).collect::<Vec<_>>().join(", ");
            let what = format!("the quote of {names}");
            match self.try_read(&what, async |desk: &mut D| desk.quotes(asked).await).await? {
                Some(quotes) => {
                    quotes.into_iter().for_each(|quote| answers.entry(quote.symbol.clone()).or_default().push(quote))
                }
                None => unanswered.extend(asked.iter().map(|(_, symbol)| symbol)),
            }
        }
        // With one exchange unheard, the others' answers prove neither that there is no price nor that there is only one.
        answers.retain(|symbol, _| !unanswered.contains(symbol));
        let listings = self.desk.listings();
        let judged = wanted.iter().map(|ListedSymbol { symbol, .. }| {
            let quoted = answers.get(symbol).map_or(Quoted::Unanswered, |answers| judge(listings, symbol, answers));
            (symbol.clone(), quoted)
        });
        Ok(judged.collect())
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
}

/// Each symbol with the exchanges to ask it at, no question twice.
fn questions(listings: &Listings, wanted: &[ListedSymbol]) -> Vec<(Exchange, Symbol)> {
    let mut questions = Vec::new();
    for ListedSymbol { exchange, symbol } in wanted {
        let known = exchange.or_else(|| listings.get(symbol).map(|known| known.exchange));
        for exchange in known.map_or_else(|| Exchange::ALL.to_vec(), |exchange| vec![exchange]) {
            let question = (exchange, symbol.clone());
            if !questions.contains(&question) {
                questions.push(question);
            }
        }
    }
    questions
}

/// Makes one answer of what the exchanges said, and corrects the memory.
fn judge(listings: &mut Listings, symbol: &Symbol, answers: &[Quote]) -> Quoted {
    let priced: Vec<&Quote> = answers.iter().filter(|quote| quote.is_listed()).collect();
    match priced.as_slice() {
        [] => {
            // A moved listing or a renamed ticker: the next run asks all exchanges again.
            listings.forget(symbol);
            match answers {
                [only] => Quoted::Found(only.clone()),
                _ => Quoted::Nothing,
            }
        }
        [quote] => {
            listings.remember(symbol, quote.exchange, quote.price().map(|price| price.last));
            Quoted::Found((*quote).clone())
        }
        several => Quoted::Ambiguous(several.iter().map(|quote| quote.exchange).collect()),
    }
}
