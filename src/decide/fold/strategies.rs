//! The strategies' part of the journal: the latest sheet of each, and what a person said since.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Entry, FoldError, JournalState};
use crate::domain::{Adopted, Sheet, Symbol};

/// What is known of one strategy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrategyBook {
    /// The date of its first sheet.
    pub since: Option<NaiveDate>,
    /// Its latest sheet.
    pub sheet: Option<Sheet>,
    /// The latest date whose sheet a person ended.
    pub withdrawn: Option<NaiveDate>,
    /// What a person said after the latest sheet; the next one begins with it.
    pub adopted: Option<Adopted>,
}

impl StrategyBook {
    /// The sheet of a date.
    pub fn sheet_of(&self, date: NaiveDate) -> Option<&Sheet> {
        self.sheet.as_ref().filter(|sheet| sheet.date == date)
    }

    /// Reports whether a person ended the sheet of a date.
    pub fn is_withdrawn(&self, date: NaiveDate) -> bool {
        self.withdrawn == Some(date)
    }
}

impl JournalState {
    /// What is known of a strategy.
    pub fn strategy(&self, name: &str) -> Option<&StrategyBook> {
        self.strategies.get(name)
    }

    /// Reports whether a symbol was in the latest sheet of a strategy.
    pub fn is_of_strategy(&self, symbol: &Symbol) -> bool {
        let holds = |sheet: &Sheet| {
            sheet.ledger.lots.contains_key(symbol) || sheet.lines.iter().any(|line| line.symbol == *symbol)
        };
        self.strategies.values().filter_map(|book| book.sheet.as_ref()).any(holds)
    }

    /// A strategy's orders of a date.
    pub fn orders_of<'a>(&'a self, strategy: &'a str, date: NaiveDate) -> impl Iterator<Item = &'a Entry> {
        self.of_day(date).filter(move |entry| entry.strategy() == Some(strategy))
    }

    /// Reports whether an order belongs to the latest sheet of its strategy: the next one begins with its fills.
    pub(super) fn is_of_latest_sheet(&self, entry: &Entry) -> bool {
        let book = entry.strategy().and_then(|name| self.strategies.get(name));
        book.is_some_and(|book| book.sheet_of(entry.intent.trading_date).is_some())
    }

    /// Refuses a sheet that is older than the latest, or changes what an earlier line of its date says.
    pub(super) fn check_sheet(&self, sheet: &Sheet) -> Result<(), FoldError> {
        let latest = self.strategies.get(&sheet.strategy).and_then(|book| book.sheet.as_ref());
        let fits = latest.is_none_or(|latest| {
            let adds = latest.date == sheet.date
                && sheet.lines.starts_with(&latest.lines)
                && sheet.orders.starts_with(&latest.orders)
                && sheet.ledger == latest.ledger;
            adds || latest.date < sheet.date
        });
        if fits { Ok(()) } else { Err(FoldError::SheetChanged(sheet.strategy.clone(), sheet.date)) }
    }

    pub(super) fn take_sheet(&mut self, sheet: &Sheet) {
        let book = self.strategies.entry(sheet.strategy.clone()).or_default();
        book.since.get_or_insert(sheet.date);
        if book.sheet_of(sheet.date).is_none() {
            book.adopted = None;
        }
        book.sheet = Some(sheet.clone());
    }

    pub(super) fn withdraw_sheet(&mut self, strategy: &str, date: NaiveDate) {
        self.strategies.entry(strategy.to_owned()).or_default().withdrawn = Some(date);
    }

    pub(super) fn take_adoption(&mut self, adopted: &Adopted) {
        self.strategies.entry(adopted.strategy.clone()).or_default().adopted = Some(adopted.clone());
    }
}

impl Entry {
    /// The strategy whose order it is.
    pub fn strategy(&self) -> Option<&str> {
        self.intent.line.as_ref().map(|line| line.strategy.as_str())
    }
}
