//! What a rehearsal comes to: a row a session, the CSV of them, and their sum. Both ways of rehearsing make the same rows.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::decide::fold::JournalState;
use crate::decide::rule::Rule;
use crate::decide::strategy::infinite::{Shown, shown};
use crate::domain::money::{percent_change, show_percent};
use crate::domain::{Json, OrderKind, Percent, Side, Symbol, Usd};
use crate::language::Sentence;

const CSV_HEADER: &str = "date,close,orders,fills,cash,shares,state,equity,drawdown";
/// Days of a year, leap years included.
const DAYS_A_YEAR: Decimal = Decimal::from_parts(36525, 0, 0, false, 2);

/// An order that the broker took, at the end of its day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DayOrder {
    pub(super) side: Side,
    pub(super) symbol: Symbol,
    pub(super) kind: OrderKind,
    pub(super) quantity: u64,
    /// USD; zero at the market.
    pub(super) limit_price: Usd,
    pub(super) filled: u64,
    /// USD a share; zero without fills.
    pub(super) price: Usd,
}

impl DayOrder {
    /// `sell 7 TQQQ loc 78.12`
    fn order_cell(&self) -> String {
        let DayOrder { side, symbol, kind, quantity, limit_price, .. } = self;
        match kind {
            OrderKind::Moc => format!("{side} {quantity} {symbol} {kind}"),
            _ => format!("{side} {quantity} {symbol} {kind} {limit_price}"),
        }
    }

    /// `sell 7 TQQQ 78.40`
    fn fill_cell(&self) -> Option<String> {
        let DayOrder { side, symbol, filled, price, .. } = self;
        (*filled > 0).then(|| format!("{side} {filled} {symbol} {price}"))
    }
}

/// An order of a sheet that was not sent: strategy, line, and the rule's word.
pub(super) type Unsent = (String, String, String);

/// One session at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Day {
    /// New York date.
    pub(super) date: NaiveDate,
    /// USD by symbol; a symbol without a bar keeps its last close.
    pub(super) closes: Vec<(Symbol, Usd)>,
    pub(super) orders: Vec<DayOrder>,
    /// USD, without what was put beside the principals, and after fees.
    pub(super) cash: Usd,
    pub(super) shares: Vec<(Symbol, u64)>,
    /// The strategies' states as their sheets of the date have them: the morning's.
    pub(super) states: Vec<(String, Json)>,
    pub(super) unsent: BTreeMap<Unsent, usize>,
    /// Runs that failed.
    pub(super) failures: Vec<Sentence>,
}

impl Day {
    /// USD.
    fn equity(&self) -> Usd {
        let value =
            |((_, close), (_, shares)): (&(Symbol, Usd), &(Symbol, u64))| close.times(*shares).unwrap_or_default();
        self.cash + self.closes.iter().zip(&self.shares).map(value).sum()
    }

    /// Takes in what one run did not send. What several runs of a day pass over counts once.
    pub(super) fn take_unsent(&mut self, of_run: impl Iterator<Item = Unsent>) {
        let mut counts: BTreeMap<Unsent, usize> = BTreeMap::new();
        of_run.for_each(|unsent| *counts.entry(unsent).or_default() += 1);
        for (unsent, count) in counts {
            let known = self.unsent.entry(unsent).or_default();
            *known = count.max(*known);
        }
    }

    fn lacks_money(&self) -> bool {
        let words = [Rule::CashTooLow, Rule::CapitalTooSmall].map(Rule::word);
        self.unsent.keys().any(|(_, _, word)| words.contains(&word.as_str()))
    }

    fn is_reverse(&self) -> bool {
        self.states.iter().any(|(_, state)| shown(state).is_some_and(|state| !state.is_normal))
    }
}

/// The states of the date's sheets, by strategy.
pub(super) fn states_of(journal: &JournalState, names: &[String], date: NaiveDate) -> Vec<(String, Json)> {
    let state = |name: &String| Some((name.clone(), journal.strategy(name)?.sheet_of(date)?.state.clone()));
    names.iter().filter_map(state).collect()
}

/// A day and what it made of the money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) day: Day,
    /// USD.
    pub(super) equity: Usd,
    /// Below the highest equity before, in percent; zero or negative.
    pub(super) drawdown: Percent,
}

/// Adds up days. The money that a rehearsal begins with is the first height.
pub(super) fn rows_of(days: Vec<Day>, principal: Usd) -> Vec<Row> {
    let mut height = principal;
    let row = |day: Day| {
        let equity = day.equity();
        height = height.max(equity);
        Row { equity, drawdown: percent_change(height, equity).unwrap_or_default(), day }
    };
    days.into_iter().map(row).collect()
}

/// The rows as CSV with a header. A cell of several symbols or strategies names each.
pub(super) fn to_csv(rows: &[Row]) -> String {
    let lines = rows.iter().map(|Row { day, equity, drawdown }| {
        let (orders, fills): (Vec<String>, Vec<Option<String>>) =
            day.orders.iter().map(|order| (order.order_cell(), order.fill_cell())).unzip();
        [
            day.date.to_string(),
            one_or_named(&day.closes),
            orders.join("; "),
            fills.into_iter().flatten().collect::<Vec<_>>().join("; "),
            day.cash.to_string(),
            one_or_named(&day.shares),
            quoted(&one_or_named(&day.states.iter().map(|(name, state)| (name, &state.0)).collect::<Vec<_>>())),
            equity.to_string(),
            show_percent(*drawdown),
        ]
        .join(",")
    });
    std::iter::once(CSV_HEADER.to_owned()).chain(lines).map(|line| line + "\n").collect()
}

fn one_or_named(all: &[(impl std::fmt::Display, impl std::fmt::Display)]) -> String {
    match all {
        [(_, only)] => only.to_string(),
        _ => all.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join("; "),
    }
}

/// A cell that holds commas and quotes.
fn quoted(cell: &str) -> String {
    if cell.is_empty() { String::new() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}

/// A rehearsal in a few numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) sessions: usize,
    /// USD.
    pub(super) end: Usd,
    pub(super) years: Decimal,
    /// The deepest, in percent; zero or negative.
    pub(super) drawdown: Percent,
    /// Cycles of infinite buying that ended.
    pub(super) cycles: u32,
    /// Sessions that began in reverse mode or in the quarter stop.
    pub(super) reverse_days: usize,
    /// Sessions on which a buy was left out for want of cash.
    pub(super) days_without_money: usize,
    /// Orders of sheets that were not sent, by the word that says why.
    pub(super) unsent: BTreeMap<String, usize>,
}

impl Sum {
    pub(super) fn of(rows: &[Row]) -> Sum {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Sum::default() };
        let days = (last.day.date - first.day.date).num_days();
        let count = |is: fn(&Day) -> bool| rows.iter().filter(|row| is(&row.day)).count();
        Sum {
            sessions: rows.len(),
            end: last.equity,
            years: (Decimal::from(days) / DAYS_A_YEAR).round_dp(2),
            drawdown: rows.iter().map(|row| row.drawdown).min().unwrap_or_default(),
            cycles: cycles_of(rows),
            reverse_days: count(Day::is_reverse),
            days_without_money: count(Day::lacks_money),
            unsent: unsent_of(rows),
        }
    }

    /// How many orders were not sent, and why: `3 (cash_too_low 2, self_trade 1)`.
    pub(super) fn unsent_words(&self) -> String {
        let words: Vec<String> = self.unsent.iter().map(|(word, count)| format!("{word} {count}")).collect();
        match words[..] {
            [] => "0".to_owned(),
            _ => format!("{} ({})", self.unsent.values().sum::<usize>(), words.join(", ")),
        }
    }

    /// The keys of `--json`.
    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "end_usd": self.end.to_cents().to_string(),
            "years": format!("{:.2}", self.years),
            "drawdown_percent": show_percent(self.drawdown),
            "cycles": self.cycles,
            "reverse_days": self.reverse_days,
            "days_without_money": self.days_without_money,
            "refused": self.unsent.values().sum::<usize>(),
        })
    }
}

fn unsent_of(rows: &[Row]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for ((_, _, word), count) in rows.iter().flat_map(|row| &row.day.unsent) {
        *counts.entry(word.clone()).or_insert(0) += count;
    }
    counts
}

/// By the last state of each strategy.
fn cycles_of(rows: &[Row]) -> u32 {
    let states = rows.iter().flat_map(|row| &row.day.states);
    let known = states.filter_map(|(name, state)| Some((name, shown(state).map(|Shown { cycles, .. }| cycles)?)));
    known.collect::<BTreeMap<_, _>>().values().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{date, symbol, usd};

    fn state(mode: &str, cycles: u32) -> Json {
        let unit = r#""t":"1.5","unit":"500","cash":"9000""#;
        Json(format!(r#"{{{unit},"mode":"{mode}","cycles":{cycles}}}"#))
    }

    fn day(name: &str, cash: &str, shares: u64) -> Day {
        Day {
            date: date(name),
            closes: vec![(symbol("TQQQ"), usd("100"))],
            cash: usd(cash),
            shares: vec![(symbol("TQQQ"), shares)],
            states: vec![("tqqq".to_owned(), state("normal", 1))],
            ..Day::default()
        }
    }

    fn order(kind: OrderKind, limit: &str, filled: u64, price: &str) -> DayOrder {
        let (side, symbol) = (Side::Sell, symbol("TQQQ"));
        DayOrder { side, symbol, kind, quantity: 7, limit_price: usd(limit), filled, price: usd(price) }
    }

    #[test]
    fn a_row_has_its_orders_and_fills_and_its_state_in_quotes() {
        let orders = vec![order(OrderKind::Loc, "101", 7, "102.5"), order(OrderKind::Moc, "0", 0, "0")];
        let rows = rows_of(vec![Day { orders, ..day("2025-01-03", "9000", 10) }], usd("10000"));
        let csv = to_csv(&rows);
        let state = state("normal", 1).0.replace('"', "\"\"");
        let expected = format!(
            "{CSV_HEADER}\n2025-01-03,100.00,sell 7 TQQQ loc 101.00; sell 7 TQQQ moc,sell 7 TQQQ 102.50,9000.00,10,\"{state}\",10000.00,0.00\n"
        );
        assert_eq!(csv, expected);
    }

    #[test]
    fn a_cell_of_several_names_each_and_one_without_a_sheet_is_blank() {
        let mut two = day("2025-01-03", "9000", 10);
        two.closes.push((symbol("SOXL"), usd("20")));
        two.shares.push((symbol("SOXL"), 5));
        two.states.clear();
        let csv = to_csv(&rows_of(vec![two], usd("10000")));
        assert_eq!(
            csv.lines().nth(1),
            Some("2025-01-03,TQQQ 100.00; SOXL 20.00,,,9000.00,TQQQ 10; SOXL 5,,10100.00,0.00")
        );
    }

    #[test]
    fn a_sum_counts_from_the_principal_as_the_first_height() {
        let reverse = Day { states: vec![("tqqq".to_owned(), state("reverse", 2))], ..day("2026-01-05", "8000", 30) };
        let mut poor = day("2025-07-03", "8000", 10);
        let unsent = |name: &str, word: &str| ("tqqq".to_owned(), name.to_owned(), word.to_owned());
        let both = [unsent("rung", "cash_too_low"), unsent("rung", "cash_too_low"), unsent("full", "self_trade")];
        poor.take_unsent(both.into_iter());
        poor.take_unsent(std::iter::once(unsent("rung", "cash_too_low")));
        let sum = Sum::of(&rows_of(vec![day("2025-01-03", "9500", 0), poor, reverse], usd("10000")));
        assert_eq!((sum.sessions, sum.years.to_string(), sum.end), (3, "1.00".to_owned(), usd("11000")));
        assert_eq!((sum.drawdown, sum.cycles, sum.reverse_days), (usd("-10").0, 2, 1));
        assert_eq!((sum.days_without_money, sum.unsent_words().as_str()), (1, "3 (cash_too_low 2, self_trade 1)"));
        assert_eq!((Sum::of(&[]), Sum::default().unsent_words()), (Sum::default(), "0".to_owned()));
    }
}
