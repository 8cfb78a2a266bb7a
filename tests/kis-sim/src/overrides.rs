//! Quotes pinned through the control port, laid over what the market data says.

use crate::bars::Bar;
use crate::calendar;
use crate::exchange::Exchange;
use crate::market::Quote;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Shares a pinned quote shows as traded when nothing better is known.
const VOLUME: u64 = 1_000_000;

/// A quote pinned through the control port, or a symbol added there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The symbol it replaces or adds.
    pub symbol: String,
    /// What the lists call it.
    pub name: Option<String>,
    /// Last price in USD.
    pub last: Option<Decimal>,
    /// Previous close in USD.
    pub base: Option<Decimal>,
    /// Shares traded today; 0 looks like a session without a trade yet.
    pub volume: Option<u64>,
    /// Where a new symbol is listed.
    pub exchange: Option<Exchange>,
    /// Serve no price at all.
    #[serde(default)]
    pub blank: bool,
    /// Orders are refused and open ones are not matched.
    #[serde(default)]
    pub halted: bool,
}

impl Override {
    /// Lays the pinned values over a quote, or makes one of them alone.
    pub fn over_quote(&self, natural: Option<Quote>) -> Option<Quote> {
        let natural_last = natural.as_ref().map(|quote| quote.last);
        let last = self.last.or(natural_last).or(self.base)?;
        let quote = natural.unwrap_or(Quote {
            last,
            base: self.base.unwrap_or(last),
            open: self.base.unwrap_or(last),
            high: last,
            low: last,
            volume: 0,
            previous_volume: VOLUME,
        });
        let has_trades = quote.volume > 0 || self.last.is_none();
        Some(Quote {
            last,
            base: self.base.unwrap_or(quote.base),
            high: quote.high.max(last),
            low: quote.low.min(last),
            volume: self.volume.unwrap_or(if has_trades { quote.volume } else { VOLUME }),
            ..quote
        })
    }

    /// Lays the pinned values over daily bars, newest first: the base is the close of the day before, the last
    /// the close of the newest trading day if that is today. `as_traded` puts the base into the units of its day.
    pub fn over_bars(
        &self,
        rows: &mut Vec<Bar>,
        newest_day: NaiveDate,
        is_today: bool,
        as_traded: impl Fn(NaiveDate, Decimal) -> Decimal,
    ) {
        if is_today && let Some(last) = self.last {
            pin_close(rows, 0, newest_day, last);
        }
        if let Some(base) = self.base.or(self.last.filter(|_| rows.is_empty())) {
            let day = if is_today { previous_trading_day(newest_day) } else { newest_day };
            let index = rows.iter().position(|bar| bar.date <= day).unwrap_or(rows.len());
            pin_close(rows, index, day, as_traded(day, base));
        }
    }
}

/// Changes the close of the row of a day, or puts a row there.
fn pin_close(rows: &mut Vec<Bar>, index: usize, date: NaiveDate, close: Decimal) {
    match rows.get_mut(index).filter(|bar| bar.date == date) {
        Some(bar) => (bar.close, bar.high, bar.low) = (close, bar.high.max(close), bar.low.min(close)),
        None => rows.insert(index, Bar { date, open: close, high: close, low: close, close, volume: VOLUME }),
    }
}

fn previous_trading_day(date: NaiveDate) -> NaiveDate {
    let mut days = std::iter::successors(date.pred_opt(), NaiveDate::pred_opt);
    days.find(|day| calendar::session_on(*day).is_some()).unwrap_or(date)
}
