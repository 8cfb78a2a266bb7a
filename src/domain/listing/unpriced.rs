//! Symbols to which KIS gives no price: dead, renamed or mistyped ones.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Listings;
use crate::domain::{Exchange, ListedSymbol, Symbol};
use crate::language::{Sentence, sentences};

sentences! {
    priced_elsewhere(written: &str, since: NaiveDate, exchange: Exchange, symbol: &Symbol)
        "there has been no price of {written} since {since}; {exchange} gives a price for {symbol}: write {exchange}:{symbol}"
        "{written}의 시세가 {since}부터 없습니다. {exchange}에는 {symbol}의 시세가 있으니 설정에 {exchange}:{symbol}처럼 적어 주세요"

    nowhere(symbol: &Symbol, since: NaiveDate)
        "no exchange knows {symbol} (asked since {since}): is it mistyped, renamed or delisted?"
        "{symbol}: 어느 거래소에도 없는 종목입니다({since}부터 확인). 오타나 변경, 상장폐지를 확인하세요"

    gone(written: &str, since: NaiveDate)
        "there has been no price of {written} since {since}: was it renamed or delisted?"
        "{written}의 시세가 {since}부터 없습니다. 종목 변경이나 상장폐지를 확인하세요"
}

/// Since when a symbol has had no price, and what all exchanges said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unpriced {
    /// New York date of the first run that got none.
    since: NaiveDate,
    /// When all exchanges were asked last, and which of them gave a price.
    asked: Option<(NaiveDate, BTreeSet<Exchange>)>,
}

impl Listings {
    /// Takes note that a symbol got no price on a date.
    pub fn see_no_price(&mut self, symbol: &Symbol, date: NaiveDate) {
        self.unpriced.entry(symbol.clone()).or_insert(Unpriced { since: date, asked: None });
    }

    /// Takes note of the exchanges that gave a price when all were asked.
    pub fn note_asked(&mut self, symbol: &Symbol, date: NaiveDate, found: BTreeSet<Exchange>) {
        self.see_no_price(symbol, date);
        if let Some(unpriced) = self.unpriced.get_mut(symbol) {
            unpriced.asked = Some((date, found));
        }
    }

    /// Reports whether a symbol went without a price for a whole session before `today`.
    pub fn is_dead(&self, symbol: &Symbol, today: NaiveDate) -> bool {
        self.unpriced.get(symbol).is_some_and(|unpriced| unpriced.since < today)
    }

    /// Reports whether all exchanges were asked for a dead symbol before, and none knew it: no run needs to search for it.
    pub fn rests(&self, symbol: &Symbol, today: NaiveDate) -> bool {
        let is_nowhere = |unpriced: &Unpriced| unpriced.asked.as_ref().is_some_and(|(_, found)| found.is_empty());
        self.is_dead(symbol, today) && self.unpriced.get(symbol).is_some_and(is_nowhere)
    }

    /// The dead symbol for which all exchanges should be asked next: the one asked for longest ago, none twice a date.
    pub fn next_to_ask<'a>(&self, listed: &'a [ListedSymbol], today: NaiveDate) -> Option<&'a ListedSymbol> {
        let asked_on =
            |listed: &&ListedSymbol| self.unpriced.get(&listed.symbol)?.asked.as_ref().map(|(date, _)| *date);
        let dead = listed.iter().filter(|listed| self.is_dead(&listed.symbol, today));
        dead.filter(|listed| asked_on(listed) != Some(today)).min_by_key(asked_on)
    }

    /// What a person should know of a symbol without a price, with a guess where there is one. On its first date only of one
    /// that no exchange has ever known.
    pub fn words_of_unpriced(&self, listed: &ListedSymbol, today: NaiveDate) -> Option<Sentence> {
        let (symbol, written) = (&listed.symbol, as_written(listed));
        let Unpriced { since, asked } = self.unpriced.get(symbol)?;
        let is_nowhere = asked.as_ref().is_some_and(|(_, found)| found.is_empty());
        let was_known = self.seen.get(symbol).is_some_and(|seen| seen.last.is_some());
        let found = asked.iter().flat_map(|(_, found)| found).find(|exchange| Some(**exchange) != listed.exchange);
        Some(match found {
            _ if !self.is_dead(symbol, today) && (was_known || !is_nowhere) => return None,
            Some(exchange) => priced_elsewhere(&written, *since, *exchange, symbol),
            None if is_nowhere && !was_known => nowhere(symbol, *since),
            None => gone(&written, *since),
        })
    }
}

/// As the configuration names it.
fn as_written(ListedSymbol { exchange, symbol }: &ListedSymbol) -> String {
    exchange.map_or_else(|| symbol.to_string(), |exchange| format!("{exchange}:{symbol}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn listed(text: &str) -> ListedSymbol {
        text.parse().unwrap()
    }

    #[test]
    fn a_symbol_is_dead_after_a_session_without_a_price_and_alive_with_the_next_one() {
        let (mut listings, xyz) = (Listings::default(), listed("NASD:XYZ"));
        listings.see_no_price(&xyz.symbol, date("2027-03-09"));
        assert_eq!(listings.words_of_unpriced(&xyz, date("2027-03-09")), None, "not on the first date");
        listings.see_no_price(&xyz.symbol, date("2027-03-10"));
        assert!(listings.is_dead(&xyz.symbol, date("2027-03-10")));
        assert!(!listings.rests(&xyz.symbol, date("2027-03-10")), "nobody else was asked yet");
        let words = listings.words_of_unpriced(&xyz, date("2027-03-10")).unwrap();
        assert!(words.en.contains("no price of NASD:XYZ since 2027-03-09"), "{}", words.en);
        listings.note_asked(&xyz.symbol, date("2027-03-10"), [Exchange::Nyse].into());
        let words = listings.words_of_unpriced(&xyz, date("2027-03-10")).unwrap();
        assert!(words.en.ends_with("NYSE gives a price for XYZ: write NYSE:XYZ"), "{}", words.en);
        listings.remember(&xyz.symbol, Exchange::Nasdaq, None);
        assert_eq!(listings.words_of_unpriced(&xyz, date("2027-03-11")), None);
    }

    #[test]
    fn what_no_exchange_has_ever_known_is_said_at_once() {
        let (mut listings, sonu) = (Listings::default(), listed("SONU"));
        listings.note_asked(&sonu.symbol, date("2027-03-09"), BTreeSet::new());
        let words = listings.words_of_unpriced(&sonu, date("2027-03-09")).unwrap();
        assert!(words.en.starts_with("no exchange knows SONU"), "{}", words.en);
        // One that had a price once waits for the session's end.
        let (mut listings, now) = (Listings::default(), "2027-03-08T10:00:00-05:00".parse().unwrap());
        listings.see_price(&sonu.symbol, crate::domain::Usd::ZERO, now);
        listings.note_asked(&sonu.symbol, date("2027-03-09"), BTreeSet::new());
        assert_eq!(listings.words_of_unpriced(&sonu, date("2027-03-09")), None);
    }

    #[test]
    fn one_dead_symbol_after_the_other_is_asked_for_and_none_twice_a_date() {
        let mut listings = Listings::default();
        let all = [listed("QA"), listed("NASD:QB"), listed("QC"), listed("QD")];
        for dead in &all[..3] {
            listings.see_no_price(&dead.symbol, date("2027-03-09"));
        }
        assert_eq!(listings.next_to_ask(&all, date("2027-03-09")), None);
        let mut asked = Vec::new();
        for day in ["2027-03-10", "2027-03-11"] {
            while let Some(next) = listings.next_to_ask(&all, date(day)).cloned() {
                listings.note_asked(&next.symbol, date(day), BTreeSet::new());
                asked.push(as_written(&next));
            }
        }
        assert_eq!(asked, ["QA", "NASD:QB", "QC", "QA", "NASD:QB", "QC"]);
        assert!(listings.rests(&all[0].symbol, date("2027-03-11")));
        assert!(!listings.rests(&all[0].symbol, date("2027-03-09")));
    }
}
