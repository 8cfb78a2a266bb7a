//! Listings and quotes: daily bars as a path through the day, and the overrides laid over them.
//!
//! Knows nothing of orders or accounts; every answer is a function of the instant asked for.

use crate::bars::{Bar, Bars, Exchanges};
use crate::calendar::{self, Session};
use crate::exchange::Exchange;
use crate::overrides::Override;
use crate::path::Path;
use crate::splits::{self, Split};
use crate::wall_time::WallTime;
use chrono::{DateTime, Days, NaiveDate, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// Exchange and Korean name of the symbols that come with the data; others are NASDAQ's.
const KNOWN: [(&str, Exchange, &str); 9] = [
    ("AAPL", Exchange::Nasdaq, "애플"),
    ("AMZN", Exchange::Nasdaq, "아마존닷컴"),
    ("GOOGL", Exchange::Nasdaq, "알파벳 A"),
    ("META", Exchange::Nasdaq, "메타 플랫폼스"),
    ("MSFT", Exchange::Nasdaq, "마이크로소프트"),
    ("NVDA", Exchange::Nasdaq, "엔비디아"),
    ("SOXL", Exchange::Amex, "디렉시온 반도체 3배 ETF"),
    ("TQQQ", Exchange::Nasdaq, "프로셰어즈 QQQ 3배 ETF"),
    ("TSLA", Exchange::Nasdaq, "테슬라"),
];

/// What is known of a symbol at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Last price.
    pub last: Decimal,
    /// Previous regular close.
    pub base: Decimal,
    /// First price of the session shown.
    pub open: Decimal,
    /// Highest so far.
    pub high: Decimal,
    /// Lowest so far.
    pub low: Decimal,
    /// Shares traded in the session shown; 0 before its first trade.
    pub volume: u64,
    /// Shares traded in the session before.
    pub previous_volume: u64,
}

/// All symbols.
#[derive(Debug, Default)]
pub struct Market {
    bars: Bars,
    exchanges: Exchanges,
    /// Pinned quotes by symbol.
    pub overrides: BTreeMap<String, Override>,
    /// Share splits that prices follow.
    pub splits: Vec<Split>,
    /// Until when each day's path stands at the open.
    pub hold_open_until: Option<WallTime>,
}

/// The trading day a quote belongs to, and whether it has opened.
struct Shown<'a> {
    previous: Option<&'a Bar>,
    running: Option<(&'a Bar, Session)>,
}

impl Market {
    /// A market of these bars, without overrides. Where no exchange is given, it is the one that is known, or NASDAQ.
    pub fn new(bars: Bars, exchanges: Exchanges) -> Market {
        Market { bars, exchanges, ..Market::default() }
    }

    /// The same bars without overrides and splits.
    pub fn bare(self) -> Market {
        Market::new(self.bars, self.exchanges)
    }

    /// Where a symbol is listed, or nothing when it is unknown.
    pub fn exchange(&self, symbol: &str) -> Option<Exchange> {
        let given = self.exchanges.get(symbol).copied();
        let known =
            given.or_else(|| KNOWN.iter().find(|row| row.0 == symbol).map(|row| row.1)).unwrap_or(Exchange::Nasdaq);
        match (self.overrides.get(symbol), self.bars.contains_key(symbol)) {
            (Some(pinned), true) => Some(pinned.exchange.unwrap_or(known)),
            (Some(pinned), false) => Some(pinned.exchange.unwrap_or(Exchange::Nasdaq)),
            (None, true) => Some(known),
            (None, false) => None,
        }
    }

    /// The pinned name, the Korean one, or the symbol itself.
    pub fn name(&self, symbol: &str) -> String {
        if let Some(name) = self.overrides.get(symbol).and_then(|pinned| pinned.name.clone()) {
            return name;
        }
        KNOWN.iter().find(|row| row.0 == symbol).map_or(symbol, |row| row.2).to_owned()
    }

    /// Whether it is a fund that is traded like a share, by its name.
    pub fn is_fund(&self, symbol: &str) -> bool {
        self.name(symbol).ends_with("ETF")
    }

    /// Whether trading in the symbol is halted.
    pub fn is_halted(&self, symbol: &str) -> bool {
        self.overrides.get(symbol).is_some_and(|pinned| pinned.halted)
    }

    /// The price pinned for a symbol, if any.
    pub fn pinned_last(&self, symbol: &str) -> Option<Decimal> {
        self.overrides.get(symbol).and_then(|pinned| pinned.last)
    }

    /// The quote at an instant; nothing for unknown or blank symbols and outside the data.
    pub fn quote(&self, symbol: &str, at: DateTime<Utc>) -> Option<Quote> {
        let natural = self.natural_quote(symbol, at);
        match self.overrides.get(symbol) {
            None => natural,
            Some(pinned) if pinned.blank => None,
            Some(pinned) => pinned.over_quote(natural),
        }
    }

    /// Last price at an instant.
    pub fn last(&self, symbol: &str, at: DateTime<Utc>) -> Option<Decimal> {
        self.quote(symbol, at).map(|quote| quote.last)
    }

    /// The newest price known when there is no quote: a pinned one, else the last close in the data.
    pub fn known_price(&self, symbol: &str, at: DateTime<Utc>) -> Option<Decimal> {
        let pinned = self.overrides.get(symbol).and_then(|pinned| pinned.last.or(pinned.base));
        let opened = last_opened(at);
        let past = self.bars.get(symbol).and_then(|bars| bars.iter().rfind(|bar| bar.date < opened));
        pinned.or(past.map(|bar| self.in_units(symbol, bar, |split| split.is_quoted(at)).close))
    }

    /// The path of a symbol through a session, when there is a bar for it.
    pub fn path(&self, symbol: &str, session: &Session) -> Option<Path> {
        let bars = self.bars.get(symbol)?;
        let index = bars.binary_search_by_key(&session.date, |bar| bar.date).ok()?;
        Some(self.walk(&self.in_units(symbol, &bars[index], |split| split.covers(session.date)), session))
    }

    fn walk(&self, bar: &Bar, session: &Session) -> Path {
        Path::new(bar, session, self.hold_open_until.map_or(session.open, |time| session.at(time)))
    }

    /// Daily bars up to an instant as they traded, newest first, the running session's cut at that instant.
    pub fn daily_bars(&self, symbol: &str, at: DateTime<Utc>) -> Vec<Bar> {
        let opened = last_opened(at);
        let bars = self.bars.get(symbol).map(Vec::as_slice).unwrap_or_default();
        let past = bars.iter().rev().filter(|bar| bar.date <= opened);
        let mut rows: Vec<Bar> = past.map(|bar| self.cut(symbol, bar, at)).collect();
        if let Some(pinned) = self.overrides.get(symbol) {
            let as_traded = |day: NaiveDate, base: Decimal| {
                let splits = self.splits.iter().filter(|split| split.symbol == symbol);
                let ahead = splits.filter(|split| split.is_in_base(at) && !split.covers(day));
                ahead.fold(base, |base, split| split.ratio.old_price(base))
            };
            pinned.over_bars(&mut rows, opened, opened == calendar::new_york_date(at), as_traded);
        }
        rows
    }

    /// The same, days before a split in the units after it.
    pub fn adjusted_bars(&self, symbol: &str, at: DateTime<Utc>) -> Vec<Bar> {
        let rows = self.daily_bars(symbol, at);
        let adjusted = |bar: &Bar| self.in_units(symbol, bar, |split| split.is_quoted(at) && !split.covers(bar.date));
        rows.iter().map(adjusted).collect()
    }

    /// The highest and the lowest price of the 52 weeks before an instant, in its units, with their days.
    pub fn year_range(&self, symbol: &str, at: DateTime<Utc>) -> Option<[(Decimal, NaiveDate); 2]> {
        let since = calendar::new_york_date(at) - Days::new(364);
        let bars = self.adjusted_bars(symbol, at);
        let of_year = || bars.iter().filter(|bar| bar.date > since);
        let high = of_year().map(|bar| (bar.high, bar.date)).max_by_key(|row| row.0)?;
        let low = of_year().map(|bar| (bar.low, bar.date)).min_by_key(|row| row.0)?;
        Some([high, low])
    }

    fn in_units(&self, symbol: &str, bar: &Bar, applies: impl Fn(&Split) -> bool) -> Bar {
        splits::in_units(&self.splits, symbol, bar, applies)
    }

    /// A bar as far as it has happened.
    fn cut(&self, symbol: &str, bar: &Bar, at: DateTime<Utc>) -> Bar {
        let running = calendar::session_on(bar.date).filter(|session| at < session.close);
        let quote = running.and_then(|_| self.natural_quote(symbol, at));
        match quote {
            Some(quote) => Bar {
                date: bar.date,
                open: quote.open,
                high: quote.high,
                low: quote.low,
                close: quote.last,
                volume: quote.volume,
            },
            None => self.in_units(symbol, bar, |split| split.covers(bar.date)),
        }
    }

    fn natural_quote(&self, symbol: &str, at: DateTime<Utc>) -> Option<Quote> {
        let bars = self.bars.get(symbol)?;
        let shown = shown(bars, at)?;
        let in_quote = |bar: &Bar| self.in_units(symbol, bar, |split| split.is_quoted(at));
        let in_base = |bar: &Bar| self.in_units(symbol, bar, |split| split.is_in_base(at) || split.covers(bar.date));
        let previous_volume = shown.previous.map_or(0, |bar| in_quote(bar).volume);
        let Some((bar, session)) = shown.running else {
            let previous = shown.previous?;
            let close = in_quote(previous).close;
            return Some(Quote {
                last: close,
                base: in_base(previous).close,
                open: close,
                high: close,
                low: close,
                volume: 0,
                previous_volume,
            });
        };
        let bar = &in_quote(bar);
        let path = self.walk(bar, &session);
        let is_over = at >= session.close;
        let (high, low) = if is_over { (bar.high, bar.low) } else { path.range_until(at) };
        Some(Quote {
            last: if is_over { bar.close } else { path.price_at(at) },
            base: shown.previous.map_or(bar.open, |bar| in_base(bar).close),
            open: bar.open,
            high,
            low,
            volume: volume_until(bar, &session, at),
            previous_volume,
        })
    }
}

/// The bars a quote at `at` is made of. A quote belongs to the newest trading day that has opened until
/// midnight in New York; from then on it is rolled: last and base are that day's close, nothing is traded.
fn shown(bars: &[Bar], at: DateTime<Utc>) -> Option<Shown<'_>> {
    let today = calendar::new_york_date(at);
    let opened = last_opened(at);
    let end = bars.partition_point(|bar| bar.date <= opened);
    let newest = bars[..end].last()?;
    let is_running = newest.date == today;
    let beyond_data = end == bars.len() && newest.date < opened;
    if beyond_data {
        return None;
    }
    let session = calendar::session_on(newest.date).filter(|_| is_running);
    let previous = if is_running { end.checked_sub(2).map(|index| &bars[index]) } else { Some(newest) };
    Some(Shown { previous, running: session.map(|session| (newest, session)) })
}

/// The newest trading date whose regular session has begun.
fn last_opened(at: DateTime<Utc>) -> NaiveDate {
    let today = calendar::new_york_date(at);
    let mut days = std::iter::successors(Some(today), NaiveDate::pred_opt);
    let opened = days.find(|day| calendar::session_on(*day).is_some_and(|session| session.open <= at));
    opened.unwrap_or(today)
}

/// Volume grows linearly through the session.
fn volume_until(bar: &Bar, session: &Session, at: DateTime<Utc>) -> u64 {
    let length = (session.close - session.open).num_milliseconds();
    let elapsed = (at - session.open).num_milliseconds().clamp(0, length);
    let share = Decimal::from(elapsed) / Decimal::from(length);
    // The opening print itself trades something.
    (Decimal::from(bar.volume) * share).to_u64().unwrap_or(bar.volume).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars;

    fn market() -> Market {
        Market::new(bars::built_in().unwrap(), Exchanges::new())
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn quotes_roll_with_the_session() {
        // AAPL: 2022-01-03 closed at 182.01 after 177.83; 2022-01-04 opened at 182.63.
        let market = market();
        let quote = |time| market.quote("AAPL", at(time));
        let open = quote("2022-01-03T14:30:00Z").unwrap();
        assert_eq!((open.last, open.volume), (decimal("177.83"), 1));
        let closed = quote("2022-01-03T21:00:00Z").unwrap();
        assert_eq!((closed.last, closed.volume), (decimal("182.01"), 104_487_900));
        let rolled = quote("2022-01-04T13:00:00Z").unwrap();
        assert_eq!((rolled.last, rolled.base, rolled.volume), (decimal("182.01"), decimal("182.01"), 0));
        assert_eq!(quote("2022-01-03T14:00:00Z"), None);
        assert!(quote("2024-01-02T14:29:59Z").is_some());
        assert_eq!(quote("2024-01-02T14:30:00Z"), None);
    }

    #[test]
    fn overrides_win_and_add_symbols() {
        let mut market = market();
        let pinned = Override {
            symbol: "ZZZQ".into(),
            last: Some(decimal("10")),
            base: Some(decimal("11")),
            ..Override::default()
        };
        let named = Override { symbol: "AAPL".into(), name: Some("<b>".into()), ..Override::default() };
        market.overrides.extend([("ZZZQ".into(), pinned), ("AAPL".into(), named)]);
        assert_eq!(["ZZZQ", "AAPL", "MSFT"].map(|symbol| market.name(symbol)), ["ZZZQ", "<b>", "마이크로소프트"]);
        let quote = market.quote("ZZZQ", at("2026-03-10T15:00:00Z")).unwrap();
        assert_eq!((quote.last, quote.base, quote.volume), (decimal("10"), decimal("11"), 1_000_000));
        assert_eq!(market.exchange("ZZZQ"), Some(Exchange::Nasdaq));
        assert_eq!(market.exchange("YYYN"), None);
        let closes = |time| market.daily_bars("ZZZQ", at(time)).iter().map(|bar| bar.close).collect::<Vec<_>>();
        assert_eq!(closes("2026-03-10T15:00:00Z"), [decimal("10"), decimal("11")]);
        assert_eq!(closes("2026-03-10T13:00:00Z"), [decimal("11")]);
    }
}
