//! Quotes for symbols whose exchange is written, remembered, or has to be found.

use std::collections::{BTreeMap, BTreeSet};

use crate::cmd::open::Opened;
use crate::decide::facts::Quoted;
use crate::domain::quote::Quote;
use crate::domain::symbol::{Exchange, ListedSymbol, Symbol};
use crate::exit::Failure;

/// Asks for the quotes of `wanted`. A symbol whose exchange nobody knows is asked for on all three, once, and
/// remembered when exactly one gives a price.
///
/// # Errors
/// When KIS refuses token, key or account, and at the third failed read of the run.
pub fn fetch_quotes(open: &mut Opened, wanted: &[ListedSymbol]) -> Result<BTreeMap<Symbol, Quoted>, Failure> {
    let mut questions: Vec<(Exchange, Symbol)> = Vec::new();
    for listed in wanted {
        for exchange in exchanges_to_ask(open, listed) {
            let question = (exchange, listed.symbol.clone());
            if !questions.contains(&question) {
                questions.push(question);
            }
        }
    }
    let mut answers: BTreeMap<Symbol, Vec<Quote>> = BTreeMap::new();
    let mut unanswered: BTreeSet<Symbol> = BTreeSet::new();
    for chunk in questions.chunks(open.broker.quotes_per_request().max(1)) {
        let names =
            chunk.iter().map(|(exchange, symbol)| format!("{exchange}:{symbol}")).collect::<Vec<_>>().join(", ");
        match open.broker.try_read(&format!("the quote of {names}"), |gateway| gateway.fetch_quotes(chunk))? {
            Some(quotes) => quotes.into_iter().for_each(|quote| {
                answers.entry(quote.symbol.clone()).or_default().push(quote);
            }),
            None => unanswered.extend(chunk.iter().map(|(_, symbol)| symbol.clone())),
        }
    }
    // Another exchange's answer alone tells neither that there is no price nor that there is one only.
    answers.retain(|symbol, _| !unanswered.contains(symbol));
    let judged = wanted.iter().map(|listed| (listed.symbol.clone(), judge(open, listed, answers.get(&listed.symbol))));
    Ok(judged.collect::<Vec<_>>().into_iter().collect())
}

/// Reads one symbol's quote again.
///
/// # Errors
/// As [`fetch_quotes`].
pub fn fetch_again(open: &mut Opened, exchange: Exchange, symbol: &Symbol) -> Result<Quoted, Failure> {
    let listed = ListedSymbol { exchange: Some(exchange), symbol: symbol.clone() };
    let mut quotes = fetch_quotes(open, std::slice::from_ref(&listed))?;
    Ok(quotes.remove(symbol).unwrap_or(Quoted::Unanswered))
}

fn exchanges_to_ask(open: &Opened, listed: &ListedSymbol) -> Vec<Exchange> {
    let known = listed.exchange.or_else(|| open.symbols.get(&listed.symbol).map(|known| known.exchange));
    known.map_or_else(|| Exchange::ALL.to_vec(), |exchange| vec![exchange])
}

/// Makes one answer of what the exchanges said, and keeps the memory true.
fn judge(open: &mut Opened, listed: &ListedSymbol, answers: Option<&Vec<Quote>>) -> Quoted {
    let Some(answers) = answers else { return Quoted::Unanswered };
    let priced: Vec<&Quote> = answers.iter().filter(|quote| quote.is_listed()).collect();
    match priced.as_slice() {
        [] => {
            // A moved listing or a renamed ticker: the next run asks all exchanges again.
            open.symbols.forget(&listed.symbol);
            answers.first().filter(|_| answers.len() == 1).map_or(Quoted::Nothing, |only| Quoted::Found(only.clone()))
        }
        [quote] => {
            open.symbols.remember(&listed.symbol, quote.exchange, quote.price().map(|price| price.last));
            Quoted::Found((*quote).clone())
        }
        several => Quoted::Ambiguous(several.iter().map(|quote| quote.exchange).collect()),
    }
}
