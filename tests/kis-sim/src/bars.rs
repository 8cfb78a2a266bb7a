//! Daily bars: reading the CSV files, and the data compiled in.
//!
//! Data adjusted for splits is finer than shares trade. It is quoted as it stands; only trades are on the tick.

use crate::bounds;
use crate::calendar;
use crate::exchange::Exchange;
use chrono::{NaiveDate, TimeDelta};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// One regular session's prices in USD and its volume in shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// New York date.
    pub date: NaiveDate,
    /// First price.
    pub open: Decimal,
    /// Highest price.
    pub high: Decimal,
    /// Lowest price.
    pub low: Decimal,
    /// Last price.
    pub close: Decimal,
    /// Shares traded.
    pub volume: u64,
}

/// Bars a symbol, oldest first.
pub type Bars = BTreeMap<String, Vec<Bar>>;

/// Where symbols are listed, as far as it was given.
pub type Exchanges = BTreeMap<String, Exchange>;

const BUILT_IN: [(&str, &str); 9] = [
    ("AAPL", include_str!("../market-data/AAPL.csv")),
    ("AMZN", include_str!("../market-data/AMZN.csv")),
    ("GOOGL", include_str!("../market-data/GOOGL.csv")),
    ("META", include_str!("../market-data/META.csv")),
    ("MSFT", include_str!("../market-data/MSFT.csv")),
    ("NVDA", include_str!("../market-data/NVDA.csv")),
    ("SOXL", include_str!("../market-data/SOXL.csv")),
    ("TQQQ", include_str!("../market-data/TQQQ.csv")),
    ("TSLA", include_str!("../market-data/TSLA.csv")),
];

/// The bars compiled in.
///
/// # Errors
/// A malformed line in the data.
pub fn built_in() -> Result<Bars> {
    BUILT_IN.iter().map(|(symbol, text)| Ok(((*symbol).to_owned(), parse(symbol, text)?))).collect()
}

/// The bars of every `SYMBOL.csv` or `SYMBOL.EXCHANGE.csv` in a folder, and the exchanges named there. In a file's name `_`
/// stands for the slash of a share class.
///
/// # Errors
/// An unreadable folder or file, or a malformed line.
pub fn load_folder(folder: &Path) -> Result<(Bars, Exchanges)> {
    let (mut all, mut exchanges) = (Bars::new(), Exchanges::new());
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("csv")) {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().to_uppercase();
        let text = std::fs::read_to_string(&path).map_err(|error| invalid(&name, &error.to_string()))?;
        let (symbol, exchange) = read_name(&name)?;
        if all.insert(symbol.clone(), parse(&name, &text)?).is_some() {
            return Err(invalid(&name, &format!("another file has prices of {symbol} as well")));
        }
        exchanges.extend(exchange.map(|exchange| (symbol, exchange)));
    }
    Ok((all, exchanges))
}

fn read_name(name: &str) -> Result<(String, Option<Exchange>)> {
    let (symbol, exchange) = match name.split_once('.') {
        None => (name, None),
        Some((symbol, code)) => {
            let why =
                || format!("there is no exchange {code}, only NASD, NYSE and AMEX; write _ for the slash of a symbol");
            let exchange = Exchange::from_trading_code(code).ok_or_else(|| invalid(name, &why()))?;
            (symbol, Some(exchange))
        }
    };
    let is_symbol = symbol.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    if is_symbol {
        Ok((symbol.replace('_', "/"), exchange))
    } else {
        Err(invalid(name, "there is no symbol before .csv"))
    }
}

fn invalid(name: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{name}.csv: {why}"))
}

/// Whether there are bars before and after a date, or of it.
pub fn cover(bars: &Bars, date: NaiveDate) -> bool {
    bars.values()
        .any(|bars| bars.first().is_some_and(|bar| bar.date <= date) && bars.last().is_some_and(|bar| bar.date >= date))
}

/// The symbols and their days, in words: each stretch without a month's gap.
pub fn described(bars: &Bars) -> String {
    let of_symbol = |(symbol, bars): (&String, &Vec<Bar>)| {
        let stretches = bars.chunk_by(|one, next| next.date - one.date < TimeDelta::days(31));
        let days = |stretch: &[Bar]| Some(format!("{} to {}", stretch.first()?.date, stretch.last()?.date));
        format!("{symbol} ({})", stretches.filter_map(days).collect::<Vec<_>>().join(", "))
    };
    bars.iter().map(of_symbol).collect::<Vec<_>>().join(", ")
}

/// Moves the bars so that the first of `date` or after it is of the first session on or after `today`, its neighbours of the
/// sessions beside that. A stretch that a gap parts from it is left out, and a symbol without prices of that date.
pub fn replayed(bars: Bars, date: NaiveDate, today: NaiveDate) -> Bars {
    let of_stretch = |stretch: &[Bar]| {
        let date_of = |bar: Option<&Bar>| bar.map(|bar| bar.date).unwrap_or_default();
        date_of(stretch.first())..=date_of(stretch.last())
    };
    let moved = |bars: Vec<Bar>| {
        let mut stretches = bars.chunk_by(|one, next| next.date - one.date < TimeDelta::days(31));
        let stretch = stretches.find(|stretch| of_stretch(stretch).contains(&date)).unwrap_or_default();
        let (before, after) = stretch.split_at(stretch.partition_point(|bar| bar.date < date));
        let is_session = |day: &NaiveDate| calendar::session_on(*day).is_some();
        let days = today.iter_days().filter(is_session);
        let past = std::iter::successors(today.pred_opt(), NaiveDate::pred_opt).filter(is_session);
        let of_day = |(bar, date): (&Bar, NaiveDate)| Bar { date, ..bar.clone() };
        let mut moved: Vec<Bar> = before.iter().rev().zip(past).map(of_day).collect();
        moved.reverse();
        moved.extend(after.iter().zip(days).map(of_day));
        moved
    };
    let all = bars.into_iter().map(|(symbol, bars)| (symbol, moved(bars)));
    all.filter(|(_, bars)| !bars.is_empty()).collect()
}

/// Reads `date,open,high,low,close,volume` lines below a header and sorts them by date.
fn parse(symbol: &str, text: &str) -> Result<Vec<Bar>> {
    if text.lines().next().and_then(parse_line).is_some() {
        return Err(invalid(symbol, "the first line must be a header"));
    }
    let mut bars: Vec<Bar> = Vec::new();
    for (index, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
        let bar = parse_line(line).filter(is_consistent);
        bars.push(bar.ok_or_else(|| invalid(symbol, &format!("line {}: not a daily bar: {line}", index + 1)))?);
    }
    bars.sort_by_key(|bar| bar.date);
    if bars.is_empty() {
        return Err(invalid(symbol, "there is no daily bar below the header"));
    }
    match bars.windows(2).find(|pair| pair[0].date == pair[1].date) {
        Some(pair) => Err(invalid(symbol, &format!("two bars of {}", pair[0].date))),
        None => Ok(bars),
    }
}

fn parse_line(line: &str) -> Option<Bar> {
    let mut fields = line.trim().split(',');
    let date = fields.next()?.parse().ok()?;
    let mut price = || fields.next()?.parse::<Decimal>().ok();
    let (open, high, low, close) = (price()?, price()?, price()?, price()?);
    let volume = fields.next()?.parse().ok()?;
    Some(Bar { date, open, high, low, close, volume })
}

fn is_consistent(bar: &Bar) -> bool {
    let body = [bar.open, bar.close];
    bar.low > Decimal::ZERO
        && [bar.high, Decimal::from(bar.volume)].into_iter().all(bounds::holds)
        && body.iter().all(|price| (bar.low..=bar.high).contains(price))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_data_is_readable_and_sorted() {
        let bars = built_in().unwrap();
        assert_eq!(bars.len(), BUILT_IN.len());
        for (symbol, bars) in bars {
            assert!(bars.len() > 100, "{symbol}");
            assert!(bars.windows(2).all(|pair| pair[0].date < pair[1].date), "{symbol}");
        }
    }

    #[test]
    fn a_replay_has_the_days_of_the_past_on_those_of_the_present() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        // A Saturday: the first session is Monday, and the one before it Friday; Thursday was Thanksgiving.
        let bars = replayed(built_in().unwrap(), date("2023-05-24"), date("2026-11-28"));
        let original = built_in().unwrap();
        let (moved, original) = (&bars["AAPL"], &original["AAPL"]);
        let place = original.iter().position(|bar| bar.date == date("2023-05-24")).unwrap();
        let first = moved.iter().position(|bar| bar.date == date("2026-11-30")).unwrap();
        for (step, day) in [(0, "2026-11-30"), (1, "2026-12-01"), (-1, "2026-11-27"), (-2, "2026-11-25")] {
            let at = |place: usize| place.checked_add_signed(step).unwrap();
            assert_eq!(moved[at(first)], Bar { date: date(day), ..original[at(place)].clone() }, "{day}");
        }
        assert!(cover(&bars, date("2026-11-30")) && !cover(&bars, date("2023-05-24")));
        assert!(!bars.contains_key("SOXL"), "it has no prices of that day");
    }

    #[test]
    fn the_data_is_described_with_its_gaps() {
        let bar = |text: &str| parse_line(&format!("{text},1,1,1,1,1")).unwrap();
        let bars = Bars::from([("A".to_owned(), ["2022-01-03", "2022-01-04", "2025-01-02"].map(bar).to_vec())]);
        assert_eq!(described(&bars), "A (2022-01-03 to 2022-01-04, 2025-01-02 to 2025-01-02)");
    }

    #[test]
    fn a_file_s_name_may_say_where_the_symbol_is_listed() {
        for (name, symbol, exchange) in [
            ("KO.NYSE", "KO", Some(Exchange::Nyse)),
            ("SOXL.AMEX", "SOXL", Some(Exchange::Amex)),
            ("BRK_B.NYSE", "BRK/B", Some(Exchange::Nyse)),
            ("AAPL", "AAPL", None),
        ] {
            assert_eq!(read_name(name).unwrap(), (symbol.to_owned(), exchange), "{name}");
        }
        for name in ["KO.NYS", "KO.NASDAQ", "A.B.NYSE", ".NYSE", "_", ""] {
            assert!(read_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn malformed_lines_are_refused() {
        let header = "date,open,high,low,close,volume\n";
        for line in [
            "",
            "2026-03-10,1,2,1,1,5\n2026-03-10,1,2,1,1,5",
            "2026-03-10,1,20000000000,1,1,5",
            "2026-03-10,1,2",
            "2026-13-10,1,2,1,1,5",
            "2026-03-10,3,2,1,1,5",
            "2026-03-10,1,2,0,1,5",
        ] {
            assert!(parse("X", &format!("{header}{line}")).is_err(), "{line}");
        }
        assert!(parse("X", "2026-03-10,1,2,1,1.5,5\n2026-03-11,1,2,1,1.5,5").is_err(), "no header");
        assert_eq!(parse("X", &format!("{header}2026-03-10,1,2,1,1.5,5\n")).unwrap().len(), 1);
    }
}
