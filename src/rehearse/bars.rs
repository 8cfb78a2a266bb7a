//! Daily bars of the user's: `SYMBOL.csv`, read and checked. Says what is missing; stops at what can't be believed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::decide::split::usual_ratio;
use crate::domain::nyse_calendar::{TradingDay, trading_day};
use crate::domain::{DailyBar, Percent, Symbol, Usd};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::rehearse::words;

/// Places of a price: data adjusted for splits has no end of them.
const PLACES: u32 = 4;
/// How far an opening may be off a split's ratio, in percent.
const SPLIT_TOLERANCE: Percent = Decimal::from_parts(5, 0, 0, false, 0);
/// Missing sessions that are named one by one.
const MAX_NAMED: usize = 5;

/// What of it is traded.
impl DailyBar {
    /// Open, high, low and close on the tick, the extremes rounded inwards: shares trade at nothing finer.
    pub(super) fn on_tick(&self) -> [Usd; 4] {
        let high = self.high.down_to_tick();
        let low = self.low.up_to_tick().min(high);
        [to_tick(self.open).clamp(low, high), high, low, to_tick(self.close).clamp(low, high)]
    }
}

/// Bars as a file holds them.
pub(super) fn to_text<'a>(bars: impl IntoIterator<Item = &'a DailyBar>) -> String {
    let line = |DailyBar { date, open, high, low, close, volume }: &DailyBar| {
        format!("{date},{},{},{},{},{volume}\n", open.0, high.0, low.0, close.0)
    };
    std::iter::once(format!("{HEADER}\n")).chain(bars.into_iter().map(line)).collect()
}

/// The header of a file.
pub(super) const HEADER: &str = "date,open,high,low,close,volume";

fn to_tick(price: Usd) -> Usd {
    Usd(price.0.round_dp_with_strategy(price.tick().0.scale(), RoundingStrategy::MidpointAwayFromZero))
}

/// The bars of one symbol, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Series(Vec<DailyBar>);

impl Series {
    pub(super) fn all(&self) -> &[DailyBar] {
        &self.0
    }

    /// The bar of a date.
    pub(super) fn on(&self, date: NaiveDate) -> Option<&DailyBar> {
        self.0.binary_search_by_key(&date, |bar| bar.date).ok().and_then(|place| self.0.get(place))
    }

    /// The bars up to a date.
    pub(super) fn until(&self, date: NaiveDate) -> &[DailyBar] {
        self.0.split_at(self.0.partition_point(|bar| bar.date <= date)).0
    }

    /// The last bar before a date.
    pub(super) fn before(&self, date: NaiveDate) -> Option<&DailyBar> {
        self.until(date.pred_opt()?).last()
    }
}

/// Bars by symbol.
pub(super) type Market = BTreeMap<Symbol, Series>;

/// Reads the file of each symbol. What people should know of them goes to `warnings`.
///
/// # Errors
/// 65 for a file that can't be read or believed.
pub(super) fn load(
    folder: &Path,
    symbols: impl Iterator<Item = Symbol>,
    warnings: &mut Vec<Sentence>,
) -> Result<Market, Failure> {
    let mut market = Market::new();
    for symbol in symbols {
        let path = file_of(folder, &symbol);
        let text = fs::read_to_string(&path).map_err(|error| {
            unusable(&path).because(Sentence::from(error)).next(words::put_bars_there(&symbol, &path))
        })?;
        let mut series = parse(&text).map_err(|why| unusable(&path).because(why))?;
        warnings.extend(calendar_gaps(&symbol, &series));
        series.0.retain(|bar| is_session(bar.date) != Some(false));
        market.insert(symbol, series);
    }
    Ok(market)
}

/// The file of a symbol; a slash in it would be a folder.
pub(super) fn file_of(folder: &Path, symbol: &Symbol) -> PathBuf {
    folder.join(format!("{}.csv", symbol.as_str().replace('/', "-")))
}

fn unusable(path: &Path) -> Failure {
    Failure::new(Reason::StateUnreadable, words::bars_unusable(path))
}

/// Where the columns stand.
struct Columns {
    date: usize,
    prices: [usize; 4],
    volume: Option<usize>,
}

impl Columns {
    fn of(header: &str) -> Result<Columns, Sentence> {
        let names: Vec<String> = cells(header).map(|name| name.to_lowercase()).collect();
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let needed = |wanted: &str| place(wanted).ok_or_else(|| words::no_column(wanted, HEADER));
        Ok(Columns {
            date: needed("date")?,
            prices: [needed("open")?, needed("high")?, needed("low")?, needed("close")?],
            volume: place("volume"),
        })
    }

    fn read(&self, line: &str) -> Option<DailyBar> {
        let cells: Vec<&str> = cells(line).collect();
        let price = |place: usize| {
            let price: Decimal = cells.get(place)?.parse().ok()?;
            Some(Usd(price.round_dp(PLACES).normalize())).filter(|price| price.is_positive())
        };
        let [open, high, low, close] = self.prices.map(price);
        let volume = self.volume.and_then(|place| cells.get(place)?.parse::<Decimal>().ok()?.floor().to_u64());
        let date = cells.get(self.date)?.parse().ok()?;
        let bar = DailyBar { date, open: open?, high: high?, low: low?, close: close?, volume: volume.unwrap_or(0) };
        let is_within = |price: Usd| (bar.low..=bar.high).contains(&price);
        (bar.low <= bar.high && is_within(bar.open) && is_within(bar.close)).then_some(bar)
    }
}

/// The cells of a line; some sites put them in quotes.
fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.trim_start_matches('\u{feff}').split(',').map(|cell| cell.trim().trim_matches('"'))
}

/// Reads a file's text.
pub(super) fn parse(text: &str) -> Result<Series, Sentence> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (_, header) = lines.next().ok_or_else(|| words::no_column("date", HEADER))?;
    let columns = Columns::of(header)?;
    let mut bars: Vec<DailyBar> = Vec::new();
    for (place, line) in lines {
        let number = place + 1;
        let bar = columns.read(line).ok_or_else(|| words::no_bar(number, line.trim()))?;
        if let Some(before) = bars.last() {
            if before.date >= bar.date {
                return Err(words::dates_go_back(number, before.date, bar.date));
            }
            check_step(number, before, &bar)?;
        }
        bars.push(bar);
    }
    Ok(Series(bars))
}

/// Refuses an opening that lies where a split would have put it: no rule can tell that from a loss.
fn check_step(number: usize, before: &DailyBar, bar: &DailyBar) -> Result<(), Sentence> {
    let ratio = usual_ratio(before.close, bar.open, SPLIT_TOLERANCE);
    match ratio.filter(|ratio| ratio.new.min(ratio.old) == 1 && ratio.new.max(ratio.old) > 1) {
        Some(ratio) => Err(words::unadjusted_split(number, bar.date, before.close, bar.open, ratio.new, ratio.old)),
        None => Ok(()),
    }
}

/// Reports whether NYSE trades on a date; `None` outside the years that its calendar knows.
fn is_session(date: NaiveDate) -> Option<bool> {
    trading_day(date).map(|day| day != TradingDay::Closed)
}

/// Names the sessions without a bar, and the bars without a session.
fn calendar_gaps(symbol: &Symbol, series: &Series) -> Vec<Sentence> {
    let bars = series.all();
    let mut missing = Vec::new();
    for pair in bars.windows(2) {
        let [before, bar] = pair else { continue };
        let between = before.date.iter_days().skip(1).take_while(|date| *date < bar.date);
        missing.extend(between.filter(|date| is_session(*date) == Some(true)));
    }
    let extra: Vec<NaiveDate> =
        bars.iter().map(|bar| bar.date).filter(|date| is_session(*date) == Some(false)).collect();
    let mut said = Vec::new();
    if !missing.is_empty() {
        said.push(words::sessions_missing(symbol, missing.len(), &named(&missing)));
    }
    if !extra.is_empty() {
        said.push(words::no_sessions(symbol, extra.len(), &named(&extra)));
    }
    said
}

fn named(dates: &[NaiveDate]) -> String {
    let mut names: Vec<String> = dates.iter().take(MAX_NAMED).map(NaiveDate::to_string).collect();
    if dates.len() > MAX_NAMED {
        names.push("…".to_owned());
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{date, symbol, usd};

    const LINE: &str = "2025-01-02,80.54,81.61,76.53,78.63,70685300";

    #[test]
    fn both_headers_are_read_and_the_adjusted_close_is_not() {
        let own = parse(&format!("{HEADER}\n{LINE}\n")).unwrap();
        let of_a_site = "\u{feff}Date,Open,High,Low,Close,Adj Close,Volume\r\n2025-01-02,80.540001,81.61,76.529999,78.63,40.1,70685300\r\n";
        assert_eq!(parse(of_a_site).unwrap(), own);
        assert_eq!((own.all()[0].close, to_text(own.all())), (usd("78.63"), format!("{HEADER}\n{LINE}\n")));
        assert_eq!(parse("Close,Low,High,Open,Date\n78.63,76.53,81.61,80.54,2025-01-02").unwrap().all()[0].volume, 0);
    }

    #[test]
    fn what_is_no_bar_is_named_with_its_line() {
        for line in [
            "2025-13-02,1,2,1,1,5",
            "2025-01-03,3,2,1,1,5",
            "2025-01-03,1,2,0,1,5",
            "2025-01-03,null,null,null,null,null",
            "2025-01-03,1,2",
        ] {
            let why = parse(&format!("{HEADER}\n{LINE}\n{line}\n")).unwrap_err();
            assert!(why.en.contains("line 3"), "{why}");
        }
        assert!(parse("date,open,high,low\n").unwrap_err().en.contains("close"));
        assert!(parse("").is_err());
        assert!(parse(&format!("{HEADER}\n{LINE}\n{LINE}\n")).unwrap_err().en.contains("2025-01-02"));
    }

    #[test]
    fn an_opening_at_the_ratio_of_a_split_stops() {
        let next = |open: &str| parse(&format!("{HEADER}\n{LINE}\n2025-01-03,{open},800,1,{open},5\n"));
        for open in ["39.31", "38", "157.26", "26.21"] {
            assert!(next(open).is_err(), "{open}");
        }
        for open in ["50", "52.42", "60", "104.84", "121.71"] {
            assert!(next(open).is_ok(), "{open}: no split of whole shares");
        }
    }

    #[test]
    fn sessions_without_a_bar_are_named_and_so_are_bars_without_a_session() {
        let bars = |dates: &[&str]| {
            let line = |date: &&str| format!("{date},80,81,79,80,5\n");
            parse(&format!("{HEADER}\n{}", dates.iter().map(line).collect::<String>())).unwrap()
        };
        let said = |dates: &[&str]| calendar_gaps(&symbol("TQQQ"), &bars(dates));
        assert!(said(&["2025-01-08", "2025-01-10"]).is_empty(), "a day of mourning");
        let missing = said(&["2025-01-03", "2025-01-07"]);
        assert!(missing.len() == 1 && missing[0].en.contains("2025-01-06"), "{missing:?}");
        let extra = said(&["2025-01-03", "2025-01-04", "2025-01-06"]);
        assert!(extra.len() == 1 && extra[0].en.contains("2025-01-04"), "{extra:?}");
        assert!(said(&["2010-02-11", "2010-02-16"]).is_empty(), "the calendar does not know");
        let series = bars(&["2025-01-03", "2025-01-06"]);
        assert_eq!(series.before(date("2025-01-06")).map(|bar| bar.date), Some(date("2025-01-03")));
        assert_eq!((series.before(date("2025-01-03")), series.on(date("2025-01-04"))), (None, None));
    }

    #[test]
    fn what_trades_is_on_the_tick() {
        let bar = parse(&format!("{HEADER}\n2025-01-03,10.005,10.0049,9.9951,10.0049,5")).map(|_| ());
        assert!(bar.is_err(), "the open is above the high");
        let bars = parse(&format!("{HEADER}\n2025-01-03,10.0049,10.0149,9.9951,9.9952,5")).unwrap();
        assert_eq!(bars.all()[0].on_tick(), ["10.00", "10.01", "10.00", "10.00"].map(usd));
    }
}
