//! New York's market hours: the one home of daylight saving.
//!
//! Pure: every function takes the instant. Zones come from the tz database compiled in, never from the host.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::{America::New_York, Asia::Seoul, Tz};
use serde::Serialize;

use crate::domain::TradingDay;
use crate::domain::nyse_calendar::trading_day;

const PRE_OPEN: NaiveTime = wall_time(4, 0);
const OPEN: NaiveTime = wall_time(9, 30);
const CLOSE: NaiveTime = wall_time(16, 0);
const HALF_DAY_CLOSE: NaiveTime = wall_time(13, 0);
/// How long the after-market goes on after the close.
const AFTER_MARKET: TimeDelta = TimeDelta::hours(4);
/// Sessions are counted over so many days at most: 50 years.
const MAX_DAYS_BETWEEN: usize = 18_263;
const WALL_FORMAT: &str = "%Y-%m-%d %H:%M:%S %Z";

words! {
    /// Which part of the trading day it is.
    pub enum Phase {
        /// From 09:30 to 16:00, half days to 13:00.
        Regular = "regular",
        /// From 04:00 to the open.
        Pre = "pre",
        /// From the close to 20:00, half days to 17:00.
        After = "after",
        /// Nights, weekends, holidays, and days the calendar does not know.
        Closed = "closed",
    }
}

/// What the market does at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MarketNow {
    /// The part of the trading day.
    pub phase: Phase,
    /// True in the regular session, the only time when orders are sent.
    #[serde(rename = "open")]
    pub is_open: bool,
    /// New York date of the running session, pre and after hours included, or of the next one when closed; beyond the
    /// calendar's years the calendar date itself.
    pub trading_date: NaiveDate,
    /// When the regular session of `trading_date` opens; `None` beyond the calendar's years.
    pub opens_at: Option<DateTime<Utc>>,
    /// When it closes, exclusive.
    pub closes_at: Option<DateTime<Utc>>,
    /// False when today or `trading_date` lies beyond the calendar's years: then nothing trades, and a person should
    /// hear that a newer release is needed.
    #[serde(skip)]
    pub calendar_known: bool,
}

/// The regular session of one trading date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// First instant of trading.
    pub opens_at: DateTime<Utc>,
    /// First instant after it.
    pub closes_at: DateTime<Utc>,
    /// True when it ends at 13:00.
    pub is_half_day: bool,
}

/// Says what the market does at `now`.
pub fn market_at(now: DateTime<Utc>) -> MarketNow {
    let wall = on_wall(now, New_York).naive_local();
    let today = wall.date();
    let phase = phase_at(today, wall.time());
    let trading_date =
        if is_before_end(today, wall.time()) { today } else { nearest_trading_date(today, NaiveDate::succ_opt) };
    let session = session_of(trading_date);
    MarketNow {
        phase,
        is_open: phase == Phase::Regular,
        trading_date,
        opens_at: session.map(|session| session.opens_at),
        closes_at: session.map(|session| session.closes_at),
        calendar_known: trading_day(today).is_some() && session.is_some(),
    }
}

/// The regular session of a New York date; `None` when nothing trades or the calendar does not know.
pub fn session_of(date: NaiveDate) -> Option<Session> {
    let close = close_of(date)?;
    Some(Session {
        opens_at: instant(date, OPEN)?,
        closes_at: instant(date, close)?,
        is_half_day: close == HALF_DAY_CLOSE,
    })
}

/// The first instant of `date` at which nothing is bought any more: `buy_until` in New York, never later than the
/// close. `None` when nothing trades.
pub fn buy_cutoff(date: NaiveDate, buy_until: NaiveTime) -> Option<DateTime<Utc>> {
    instant(date, buy_until.min(close_of(date)?))
}

/// The first instant of `date` at which no closing order is sent any more: so long before the close as `loc_until` is on a full day.
/// `None` when nothing trades.
pub fn loc_cutoff(date: NaiveDate, loc_until: NaiveTime) -> Option<DateTime<Utc>> {
    Some(session_of(date)?.closes_at - (CLOSE - loc_until))
}

/// The sessions after `from` up to `to`; days that the calendar does not know count.
pub fn sessions_between(from: NaiveDate, to: NaiveDate) -> u32 {
    let days = from.iter_days().skip(1).take_while(|day| *day <= to).take(MAX_DAYS_BETWEEN);
    u32::try_from(days.filter(|day| trading_day(*day) != Some(TradingDay::Closed)).count()).unwrap_or(u32::MAX)
}

/// The New York date at an instant.
pub fn new_york_date(at: DateTime<Utc>) -> NaiveDate {
    on_wall(at, New_York).date_naive()
}

/// New York wall time for people: `2026-03-09 10:30:00 EDT`.
pub fn new_york(at: DateTime<Utc>) -> String {
    new_york_as(at, WALL_FORMAT)
}

/// New York wall time in a format of chrono's.
pub fn new_york_as(at: DateTime<Utc>, format: &str) -> String {
    on_wall(at, New_York).format(format).to_string()
}

/// Korean wall time for people: `2026-03-09 23:30:00 KST`.
pub fn korea(at: DateTime<Utc>) -> String {
    korea_as(at, WALL_FORMAT)
}

/// Korean wall time in a format of chrono's.
pub fn korea_as(at: DateTime<Utc>, format: &str) -> String {
    on_wall(at, Seoul).format(format).to_string()
}

/// The last trading date before `date`; beyond the calendar's years the day before.
pub fn previous_trading_date(date: NaiveDate) -> NaiveDate {
    nearest_trading_date(date, NaiveDate::pred_opt)
}

/// Steps off `date` until the calendar does not say "closed". The longest closure known is four days.
fn nearest_trading_date(date: NaiveDate, step: impl Fn(&NaiveDate) -> Option<NaiveDate>) -> NaiveDate {
    let mut days = std::iter::successors(step(&date), step).take(10);
    days.find(|day| trading_day(*day) != Some(TradingDay::Closed)).unwrap_or(date)
}

/// When the regular session of a date closes; `None` when nothing trades or the calendar does not know.
fn close_of(date: NaiveDate) -> Option<NaiveTime> {
    match trading_day(date)? {
        TradingDay::Closed => None,
        TradingDay::Full => Some(CLOSE),
        TradingDay::Half => Some(HALF_DAY_CLOSE),
    }
}

fn phase_at(today: NaiveDate, time: NaiveTime) -> Phase {
    match close_of(today) {
        Some(_) if time < PRE_OPEN => Phase::Closed,
        Some(_) if time < OPEN => Phase::Pre,
        Some(close) if time < close => Phase::Regular,
        Some(close) if time < close + AFTER_MARKET => Phase::After,
        _ => Phase::Closed,
    }
}

/// Reports whether `today` is still the date to act on: a trading date up to its last session's end, its small hours
/// included, or a date the calendar does not know.
fn is_before_end(today: NaiveDate, time: NaiveTime) -> bool {
    close_of(today).map_or(trading_day(today).is_none(), |close| time < close + AFTER_MARKET)
}

/// New York's clocks change at 02:00 on Sundays, when nothing trades: no session time is ambiguous or missing.
fn instant(date: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    date.and_time(time).and_local_timezone(New_York).earliest().map(|at| at.to_utc())
}

/// Keeps off the ends of chrono's range, where a zone's offset would lead out of it.
fn on_wall(at: DateTime<Utc>, zone: Tz) -> DateTime<Tz> {
    let margin = TimeDelta::days(2);
    at.clamp(DateTime::<Utc>::MIN_UTC + margin, DateTime::<Utc>::MAX_UTC - margin).with_timezone(&zone)
}

const fn wall_time(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

#[cfg(test)]
mod tests;
