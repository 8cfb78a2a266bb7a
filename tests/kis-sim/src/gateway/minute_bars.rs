//! 해외주식분봉조회, `GET …/quotations/inquire-time-itemchartprice`, HHDFS76950200 (real only).
//!
//! Newest first, regular sessions only. Bars are cut from the day's simulated path; a symbol with a pinned price has flat bars.

use crate::calendar::{self, Session};
use crate::gateway::call::{Call, Outcome};
use crate::gateway::quotes::{asked, blank, find};
use crate::path::Path;
use crate::wall_time::WallTime;
use crate::wire::answer::Answer;
use crate::wire::format::{date, fixed, korean_date, korean_time, traded_amount};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

const MOST_ROWS: usize = 120;
/// Days looked back over for sessions: rows of one call are fewer than those hold.
const MOST_DAYS: usize = 40;

/// One bar of so many minutes.
struct Bar {
    date: NaiveDate,
    begins: DateTime<Utc>,
    open: Decimal,
    high: Decimal,
    low: Decimal,
    close: Decimal,
    volume: u64,
}

/// The answer.
///
/// # Errors
/// A missing query field, or an `NMIN`, `NREC` or `KEYB` that means nothing.
pub fn minute_bars(world: &World, call: &Call) -> Outcome {
    let (exchange, symbol) = asked(call)?;
    let number = |name| call.filled_query(name)?.parse::<usize>().map_err(|_| Answer::refusal("OPSQ2002"));
    let (minutes, count) = (number("NMIN")?, number("NREC")?.min(MOST_ROWS));
    let minutes = i64::try_from(minutes).ok().filter(|minutes| (1..=24 * 60).contains(minutes));
    let minutes = minutes.ok_or_else(|| Answer::refusal("OPSQ2002"))?;
    for name in ["PINC", "NEXT", "FILL"] {
        call.query(name)?;
    }
    let until = until(call)?;
    let Some(quote) = find(world, call, exchange, symbol) else {
        let head = blank(&["rsym", "zdiv", "stim", "etim", "sktm", "ektm", "next", "more", "nrec"], None);
        return Ok(Answer::quote(fields! { "output1" => head, "output2" => Vec::<Node>::new() }));
    };
    let daily = world.market.daily_bars(symbol, until);
    let with_previous = call.query("PINC")? == "1";
    let sessions = sessions_before(until).take(if with_previous { MOST_DAYS } else { 1 });
    let of_session = |session: Session| {
        let path = world.market.path(symbol, &session).filter(|_| world.market.pinned_last(symbol).is_none());
        let of_day = daily.iter().find(|bar| bar.date == session.date).map_or(0, |bar| bar.volume);
        bars(&session, path.as_ref(), quote.last, of_day, minutes, until)
    };
    let rows: Vec<Bar> = sessions.flat_map(of_session).take(count).collect();
    let head = head(call, exchange, symbol, rows.len());
    let rows: Vec<Node> = rows.iter().map(|bar| Node::from(row(bar))).collect();
    Ok(Answer::quote(fields! { "output1" => head, "output2" => rows }))
}

/// The moment up to which bars are asked for: now, or `KEYB` in New York.
fn until(call: &Call) -> Result<DateTime<Utc>, Answer> {
    let key = call.query("KEYB")?.trim();
    if key.is_empty() {
        return Ok(call.now);
    }
    let at = NaiveDateTime::parse_from_str(key, "%Y%m%d%H%M%S").map_err(|_| Answer::refusal("OPSQ2002"))?;
    Ok(calendar::new_york(at.date(), WallTime(at.time())).min(call.now))
}

/// The sessions that had opened by then, the latest first.
fn sessions_before(until: DateTime<Utc>) -> impl Iterator<Item = Session> {
    let days = std::iter::successors(Some(calendar::new_york_date(until)), NaiveDate::pred_opt);
    days.take(MOST_DAYS).filter_map(calendar::session_on).filter(move |session| session.open <= until)
}

/// The bars of a session that had begun by then, newest first.
fn bars(
    session: &Session,
    path: Option<&Path>,
    pinned: Decimal,
    volume: u64,
    minutes: i64,
    until: DateTime<Utc>,
) -> Vec<Bar> {
    let length = TimeDelta::minutes(minutes);
    let price = |at| path.map_or(pinned, |path| path.price_at(at));
    let begins = std::iter::successors(Some(session.open), |begin| Some(*begin + length));
    let begun = begins.take_while(|begin| *begin < session.close && *begin <= until);
    let bar = |begin: DateTime<Utc>| {
        let ends = (begin + length).min(session.close).min(until.max(begin));
        let steps = (0..=minutes).map(|minute| (begin + TimeDelta::minutes(minute)).min(ends)).map(price);
        let prices: Vec<Decimal> = steps.collect();
        let (open, close) = (price(begin), price(ends));
        let high = prices.iter().copied().fold(open.max(close), Decimal::max);
        let low = prices.iter().copied().fold(open.min(close), Decimal::min);
        Bar { date: session.date, begins: begin, open, high, low, close, volume: 0 }
    };
    let mut bars: Vec<Bar> = begun.map(bar).collect();
    // The day's shares so far, the same in each bar and what is over in the first.
    let count = (bars.len() as u64).max(1);
    bars.iter_mut().for_each(|bar| bar.volume = volume / count);
    if let Some(first) = bars.first_mut() {
        first.volume += volume % count;
    }
    bars.reverse();
    bars
}

/// The session in New York and in Korea, and how many rows there are.
fn head(call: &Call, exchange: &str, symbol: &str, count: usize) -> Fields {
    let [open, close] = sessions_before(call.now).next().map_or([call.now; 2], |session| [session.open, session.close]);
    let local = |at| calendar::new_york_time(at).format("%H%M%S").to_string();
    fields! {
        "rsym" => format!("D{exchange}{symbol}"), "zdiv" => "4", "stim" => local(open), "etim" => local(close),
        "sktm" => korean_time(open), "ektm" => korean_time(close), "next" => "1", "more" => "0", "nrec" => count as u64,
    }
}

fn row(bar: &Bar) -> Fields {
    let local = calendar::new_york_time(bar.begins).format("%H%M%S").to_string();
    fields! {
        "tymd" => date(bar.date), "xymd" => date(bar.date), "xhms" => local, "kymd" => korean_date(bar.begins),
        "khms" => korean_time(bar.begins), "open" => fixed(bar.open, 4), "high" => fixed(bar.high, 4), "low" => fixed(bar.low, 4),
        "last" => fixed(bar.close, 4), "evol" => bar.volume, "eamt" => traded_amount(bar.high, bar.low, bar.volume),
    }
}
