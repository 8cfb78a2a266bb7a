//! A time of day on a wall clock, New York's unless stated, written `HH:MM`.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const FORM: &str = "%H:%M";

/// A time of day, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WallTime(pub NaiveTime);

impl WallTime {
    /// A time of day; midnight when there is no such hour or minute.
    pub const fn new(hour: u32, minute: u32) -> WallTime {
        match NaiveTime::from_hms_opt(hour, minute, 0) {
            Some(time) => WallTime(time),
            None => WallTime(NaiveTime::MIN),
        }
    }
}

impl FromStr for WallTime {
    type Err = String;

    fn from_str(text: &str) -> Result<WallTime, String> {
        let time = NaiveTime::parse_from_str(text, FORM).ok().map(WallTime);
        time.filter(|time| time.to_string() == text).ok_or_else(|| format!("not a time as HH:MM: {text}"))
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.format(FORM))
    }
}

impl TryFrom<String> for WallTime {
    type Error = String;

    fn try_from(text: String) -> Result<WallTime, String> {
        text.parse()
    }
}

impl From<WallTime> for String {
    fn from(time: WallTime) -> String {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_digits_each_are_a_time() {
        for text in ["09:30", "15:50", "00:00", "23:59"] {
            assert_eq!(text.parse::<WallTime>().unwrap().to_string(), text);
        }
        for text in ["9:30", "15:5", "24:00", "15:60", "1550", "15:50:00", " 15:50", ""] {
            assert!(text.parse::<WallTime>().is_err(), "{text}");
        }
    }
}
