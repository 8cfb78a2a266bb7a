//! Rows that can't be read: what is said of them, and which symbols get no order because of them.

use chrono::NaiveDate;

use crate::config::Settings;
use crate::decide::rule::{Rule, Skip};
use crate::decide::words::{self, notices};
use crate::domain::{Notice, NoticeKind, OddHolding, OddOrder, Symbol, Usd};
use crate::language::Sentence;

/// The rows of one run that can't be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OddRows {
    /// Of the balance.
    pub holdings: Vec<OddHolding>,
    /// Of the order list, those of the trading date and those without a readable date.
    pub orders: Vec<OddOrder>,
}

impl OddRows {
    /// Reports whether a symbol has a row that can't be read, so that nothing is ordered of it.
    ///
    /// # Errors
    /// `row_set_aside`.
    pub fn check(&self, symbol: &Symbol) -> Result<(), Skip> {
        let holding = self.holdings.iter().find(|row| row.symbol.as_ref() == Some(symbol));
        let order = self.orders.iter().find(|row| !row.is_listed && row.symbol.as_ref() == Some(symbol));
        let balance = holding.map(|row| words::row_of_balance_odd(&row.why));
        let detail = balance.or_else(|| order.map(|row| words::row_of_list_odd(&row.why)));
        detail.map_or(Ok(()), |detail| Err(Skip::new(symbol, Rule::RowSetAside, detail)))
    }

    /// Reports whether a row of the balance that can't be read may hold shares of a symbol.
    pub fn may_hold(&self, symbol: &Symbol) -> bool {
        self.holdings.iter().any(|row| row.symbol.as_ref().is_none_or(|its_own| its_own == symbol))
    }

    /// Tickers of holdings that can't be read.
    pub fn held(&self) -> impl Iterator<Item = &Symbol> {
        self.holdings.iter().filter_map(|row| row.symbol.as_ref())
    }

    /// USD that the rows of the balance are worth; those of unknown value count as nothing.
    pub fn value(&self) -> Usd {
        self.holdings.iter().filter_map(|row| row.value).sum()
    }

    /// What people hear of each row, unless `[sell] keep` names it: a warning, and a message a date.
    pub fn notices(&self, settings: &Settings, date: NaiveDate) -> Vec<Notice> {
        let holdings = self.holdings.iter().map(|row| (&row.code, &row.symbol, of_holding(row)));
        let orders = self.orders.iter().map(|row| (&row.code, &row.symbol, of_order(row)));
        let is_loud = |code: &String, symbol: &Option<Symbol>| {
            let is_kept = symbol.as_ref().is_some_and(|symbol| settings.sell.keep.contains(symbol));
            !is_kept && !settings.sell.keep_codes.contains(code)
        };
        let loud = holdings.chain(orders).filter(|(code, symbol, _)| is_loud(code, symbol));
        let notice = |(code, symbol, words): (&String, &Option<Symbol>, Sentence)| Notice {
            symbol: symbol.clone(),
            ..Notice::of_date(
                NoticeKind::RowSetAside,
                date,
                code,
                words.and("", &keep_advice(settings, symbol.as_ref())),
            )
        };
        loud.map(notice).collect()
    }
}

/// How a person who wants to leave a holding alone silences what is said of it. Nothing for what the rules manage: `keep` would end
/// its stop loss.
pub fn keep_advice(settings: &Settings, symbol: Option<&Symbol>) -> Sentence {
    let is_watched = |symbol: &Symbol| settings.buy.watch.iter().any(|listed| listed.symbol == *symbol);
    let is_managed = symbol.is_some_and(|symbol| settings.sell.sells_all_positions || is_watched(symbol));
    if is_managed { Sentence::default() } else { notices::keep_silences() }
}

fn of_holding(OddHolding { code, why, value, .. }: &OddHolding) -> Sentence {
    notices::holding_set_aside(&named(code), why, value.map(Usd::to_cents).unwrap_or_default())
}

fn of_order(OddOrder { code, why, is_listed, .. }: &OddOrder) -> Sentence {
    let words = if *is_listed { notices::order_read_by_quantities } else { notices::order_set_aside };
    words(&named(code), why)
}

fn named(code: &str) -> Sentence {
    if code.is_empty() { notices::a_row() } else { Sentence::verbatim(code) }
}
