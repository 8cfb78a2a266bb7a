//! 해외주식 기간별시세, `GET …/quotations/dailyprice`, HHDFS76240000 (both).
//!
//! Newest first, the running session included once it has opened. Raw (`MODP` 0) and adjusted (1) prices differ on the
//! days before a split.

use crate::bars::Bar;
use crate::gateway::call::{Call, Outcome};
use crate::path::tick_size;
use crate::wire::answer::Answer;
use crate::wire::format::{date, fixed, movement, traded_amount};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

const ROWS: usize = 100;

/// The answer.
///
/// # Errors
/// A missing query field, or a `GUBN`, `BYMD` or `MODP` that means nothing.
pub fn daily_price(world: &World, call: &Call) -> Outcome {
    call.query("AUTH")?;
    let (exchange, symbol) = (call.filled_query("EXCD")?, call.filled_query("SYMB")?);
    let period = Period::from_code(call.filled_query("GUBN")?).ok_or_else(|| Answer::refusal("OPSQ2002"))?;
    let until = if call.query("BYMD")?.is_empty() { NaiveDate::MAX } else { call.query_date("BYMD")? };
    let is_adjusted = match call.query("MODP")? {
        "0" => false,
        "1" => true,
        _ => return Err(Answer::refusal("OPSQ2002")),
    };
    let listed = world.market.exchange(symbol).filter(|listed| listed.quote_code() == exchange);
    let is_blank = world.market.overrides.get(symbol).is_some_and(|pinned| pinned.blank);
    if listed.is_none() || is_blank {
        let nothing: Fields = fields! { "rsym" => "", "zdiv" => "", "nrec" => "" };
        return Ok(Answer::quote(fields! { "output1" => nothing, "output2" => Vec::<Node>::new() }));
    }
    let market = &world.market;
    let mut bars =
        if is_adjusted { market.adjusted_bars(symbol, call.now) } else { market.daily_bars(symbol, call.now) };
    bars.retain(|bar| bar.date <= until);
    let rows: Vec<Node> = rows_of(&merged(bars, period)).into_iter().take(ROWS).map(Node::from).collect();
    let head: Fields = fields! { "rsym" => format!("D{exchange}{symbol}"), "zdiv" => "4", "nrec" => rows.len() as u64 };
    Ok(Answer::quote(fields! { "output1" => head, "output2" => rows }))
}

/// How many days a row covers.
#[derive(Debug, Clone, Copy)]
pub enum Period {
    /// One day.
    Day,
    /// From Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Period {
    fn from_code(code: &str) -> Option<Period> {
        match code {
            "0" => Some(Period::Day),
            "1" => Some(Period::Week),
            "2" => Some(Period::Month),
            _ => None,
        }
    }

    /// A number that days of the same row share.
    fn of(self, day: NaiveDate) -> i32 {
        match self {
            Period::Day => day.num_days_from_ce(),
            Period::Week => (day.num_days_from_ce() - 1).div_euclid(7),
            Period::Month => day.year() * 12 + day.month0() as i32,
            Period::Year => day.year(),
        }
    }
}

/// Joins the bars of a period, newest first before and after; a joined bar has its newest date.
pub fn merged(bars: Vec<Bar>, period: Period) -> Vec<Bar> {
    let mut joined: Vec<Bar> = Vec::new();
    for bar in bars {
        match joined.last_mut().filter(|newer| period.of(newer.date) == period.of(bar.date)) {
            None => joined.push(bar),
            Some(newer) => {
                newer.open = bar.open;
                newer.high = newer.high.max(bar.high);
                newer.low = newer.low.min(bar.low);
                newer.volume += bar.volume;
            }
        }
    }
    joined
}

fn rows_of(bars: &[Bar]) -> Vec<Fields> {
    let befores = bars.iter().skip(1).map(|bar| bar.close);
    // The oldest bar has no close before it; its own open stands in.
    let befores = befores.chain(bars.last().map(|bar| bar.open));
    bars.iter().zip(befores).map(|(bar, before)| row(bar, before)).collect()
}

fn row(bar: &Bar, before: Decimal) -> Fields {
    let (sign, diff, rate) = movement(bar.close, before, bar.volume.max(1));
    let tick = tick_size(bar.close);
    fields! {
        "xymd" => date(bar.date), "clos" => fixed(bar.close, 4), "sign" => sign, "diff" => diff, "rate" => rate,
        "open" => fixed(bar.open, 4), "high" => fixed(bar.high, 4), "low" => fixed(bar.low, 4), "tvol" => bar.volume,
        "tamt" => traded_amount(bar.high, bar.low, bar.volume), "pbid" => fixed(bar.close - tick, 4), "vbid" => "100",
        "pask" => fixed(bar.close + tick, 4), "vask" => "200",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_and_months_join_their_days() {
        let bar = |text: &str, price: i64| {
            let price = Decimal::from(price);
            Bar {
                date: text.parse().unwrap(),
                open: price,
                high: price + Decimal::ONE,
                low: price - Decimal::ONE,
                close: price,
                volume: 1,
            }
        };
        // A Monday, the Friday and Thursday before it, and the last day of the month before.
        let bars = vec![bar("2026-03-09", 4), bar("2026-03-06", 3), bar("2026-03-05", 2), bar("2026-02-27", 1)];
        for (code, counts) in [("0", vec![1, 1, 1, 1]), ("1", vec![1, 2, 1]), ("2", vec![3, 1])] {
            let joined = merged(bars.clone(), Period::from_code(code).unwrap());
            assert_eq!(joined.iter().map(|bar| bar.volume).collect::<Vec<_>>(), counts, "{code}");
        }
        let months = merged(bars, Period::Month);
        assert_eq!(
            (months[0].open, months[0].close, months[0].high, months[0].low),
            (2.into(), 4.into(), 5.into(), 1.into())
        );
    }
}
