//! The days on which the New York Stock Exchange trades, 2022 to 2032.
//!
//! Owns dates alone; hours live in `market_session`. NYSE announces its holidays about three years ahead; later years
//! follow its rules 7.2 (a holiday on a Saturday closes the Friday before, unless that ends a month or a year; one on a
//! Sunday closes the Monday after) and its habit of ending at 13:00 on the eves of Independence Day and Christmas and
//! on the day after Thanksgiving. An unforeseen closure, such as a day of mourning, needs a new release.

use chrono::{Datelike, Days, Month, NaiveDate, Weekday};

const FIRST_YEAR: i32 = 2022;
/// The last year that the calendar knows.
pub const LAST_YEAR: i32 = 2032;

/// Good Friday of each year from `FIRST_YEAR` on, as month and day.
const GOOD_FRIDAYS: [(u32, u32); 11] =
    [(4, 15), (4, 7), (3, 29), (4, 18), (4, 3), (3, 26), (4, 14), (3, 30), (4, 19), (4, 11), (3, 26)];

/// Closures outside the rules, as year, month and day. 2025-01-09: day of mourning for President Carter.
const SPECIAL_CLOSURES: [(i32, u32, u32); 1] = [(2025, 1, 9)];

/// What NYSE does on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradingDay {
    /// No trading: weekend, holiday or special closure.
    Closed,
    /// Trading until 16:00.
    Full,
    /// Trading until 13:00.
    Half,
}

/// Looks a day up; `None` outside the years that the calendar knows.
pub fn trading_day(date: NaiveDate) -> Option<TradingDay> {
    if !(FIRST_YEAR..=LAST_YEAR).contains(&date.year()) {
        return None;
    }
    let is_weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    let is_eve = matches!((date.month(), date.day()), (7, 3) | (12, 24));
    Some(if is_weekend || is_holiday(date) {
        TradingDay::Closed
    } else if is_eve || is_after_thanksgiving(date) {
        TradingDay::Half
    } else {
        TradingDay::Full
    })
}

fn is_holiday(date: NaiveDate) -> bool {
    let nth = |month: Month, weekday, n| {
        date.month() == month.number_from_month()
            && NaiveDate::from_weekday_of_month_opt(date.year(), date.month(), weekday, n) == Some(date)
    };
    is_fixed_holiday(date)
        || SPECIAL_CLOSURES.contains(&(date.year(), date.month(), date.day()))
        || nth(Month::January, Weekday::Mon, 3) // Martin Luther King Jr. Day
        || nth(Month::February, Weekday::Mon, 3) // Washington's Birthday
        || is_good_friday(date)
        || (date.month() == 5 && date.weekday() == Weekday::Mon && date.day() > 24) // Memorial Day
        || nth(Month::September, Weekday::Mon, 1) // Labor Day
        || nth(Month::November, Weekday::Thu, 4) // Thanksgiving
}

/// New Year, Juneteenth, Independence Day and Christmas, on the day itself or moved off the weekend.
fn is_fixed_holiday(date: NaiveDate) -> bool {
    let is_fixed = |day: NaiveDate| matches!((day.month(), day.day()), (1, 1) | (6, 19) | (7, 4) | (12, 25));
    let moved_from = match date.weekday() {
        Weekday::Mon => date.pred_opt(),
        // New Year on a Saturday is not moved: the Friday ends the year, and the books close on it.
        Weekday::Fri => date.succ_opt().filter(|saturday| saturday.year() == date.year()),
        _ => None,
    };
    is_fixed(date) || moved_from.is_some_and(is_fixed)
}

fn is_good_friday(date: NaiveDate) -> bool {
    let index = usize::try_from(date.year() - FIRST_YEAR).ok();
    index.and_then(|index| GOOD_FRIDAYS.get(index)) == Some(&(date.month(), date.day()))
}

fn is_after_thanksgiving(date: NaiveDate) -> bool {
    let thanksgiving = NaiveDate::from_weekday_of_month_opt(date.year(), 11, Weekday::Thu, 4);
    thanksgiving.and_then(|day| day.checked_add_days(Days::new(1))) == Some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every weekday without trading, month and day, by year. New Year 2028 and 2033 are Saturdays: not moved.
    const CLOSED: [(i32, &str); 11] = [
        (2022, "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26"),
        (2023, "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25"),
        (2024, "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25"),
        (2025, "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25"),
        (2026, "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25"),
        (2027, "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24"),
        (2028, "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25"),
        (2029, "01-01 01-15 02-19 03-30 05-28 06-19 07-04 09-03 11-22 12-25"),
        (2030, "01-01 01-21 02-18 04-19 05-27 06-19 07-04 09-02 11-28 12-25"),
        (2031, "01-01 01-20 02-17 04-11 05-26 06-19 07-04 09-01 11-27 12-25"),
        (2032, "01-01 01-19 02-16 03-26 05-31 06-18 07-05 09-06 11-25 12-24"),
    ];

    /// Every day that ends at 13:00. The eve of an *observed* holiday is a full day, such as 2026-07-02.
    const HALF: [(i32, &str); 11] = [
        (2022, "11-25"),
        (2023, "07-03 11-24"),
        (2024, "07-03 11-29 12-24"),
        (2025, "07-03 11-28 12-24"),
        (2026, "11-27 12-24"),
        (2027, "11-26"),
        (2028, "07-03 11-24"),
        (2029, "07-03 11-23 12-24"),
        (2030, "07-03 11-29 12-24"),
        (2031, "07-03 11-28 12-24"),
        (2032, "11-26"),
    ];

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_day_of_every_known_year_agrees_with_the_table() {
        for ((year, closed), (_, half)) in CLOSED.into_iter().zip(HALF) {
            let mut days = 0;
            for day in NaiveDate::from_ymd_opt(year, 1, 1).unwrap().iter_days().take_while(|day| day.year() == year) {
                let text = day.format("%m-%d").to_string();
                let expected = if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) || closed.contains(&text) {
                    TradingDay::Closed
                } else if half.contains(&text) {
                    TradingDay::Half
                } else {
                    TradingDay::Full
                };
                assert_eq!(trading_day(day), Some(expected), "{day}");
                days += usize::from(expected != TradingDay::Closed);
            }
            // Only weekdays stand in the tables, so that each of their entries was compared above.
            let entries = closed.split(' ').chain(half.split(' ')).map(|text| date(&format!("{year}-{text}")));
            assert!(entries.into_iter().all(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)), "{year}");
            assert!((249..=252).contains(&days), "{year}: {days} trading days");
        }
    }

    #[test]
    fn good_fridays_are_fridays_two_days_before_easter() {
        for (index, (month, day)) in GOOD_FRIDAYS.into_iter().enumerate() {
            let year = FIRST_YEAR + i32::try_from(index).unwrap();
            let friday = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            assert_eq!(friday + Days::new(2), easter(year));
        }
    }

    /// Easter Sunday by the anonymous Gregorian computus.
    fn easter(year: i32) -> NaiveDate {
        let (a, b, c) = (year % 19, year / 100, year % 100);
        let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
        let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
        let n = h + l - 7 * ((a + 11 * h + 22 * l) / 451) + 114;
        NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).unwrap(), u32::try_from(n % 31 + 1).unwrap()).unwrap()
    }

    #[test]
    fn nothing_is_known_outside_the_range() {
        for day in ["2021-12-31", "2033-01-01", "1970-01-01", "9999-12-31"] {
            assert_eq!(trading_day(date(day)), None, "{day}");
        }
        assert_eq!(trading_day(NaiveDate::MIN), None);
        assert_eq!(trading_day(NaiveDate::MAX), None);
        assert_eq!(trading_day(date("2022-01-01")), Some(TradingDay::Closed));
        assert_eq!(trading_day(date("2022-01-03")), Some(TradingDay::Full));
    }
}
