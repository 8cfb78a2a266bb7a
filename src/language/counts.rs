//! Numbers with their nouns, and lengths of time: `1 order`, `2 orders`, `주문 2건`.

use std::fmt;

use chrono::TimeDelta;

use super::{Language, Say};

/// A number of each noun: the English noun for one and for any other number, and what Korean counts it with.
macro_rules! counts {
    ($($name:ident $one:literal $many:literal $ko:literal)+) => {
        $(
            #[doc = concat!("A number of ", $many, ".")]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $name(pub u64);

            impl From<usize> for $name {
                fn from(count: usize) -> $name {
                    $name(count as u64)
                }
            }

            impl Say for $name {
                fn say(&self, language: Language) -> impl fmt::Display {
                    match (language, self.0) {
                        (Language::Korean, count) => format!("{count}{}", $ko),
                        (Language::English, 1) => format!("1 {}", $one),
                        (Language::English, count) => format!("{count} {}", $many),
                    }
                }
            }
        )+

        #[cfg(test)]
        super::samples! { $($name => $name(2)),+ }
    };
}

counts! {
    Orders "order" "orders" "건"
    Cancels "cancel" "cancels" "건"
    Sells "sell" "sells" "건"
    Messages "message" "messages" "건"
    LaterEvents "later event" "later events" "건"
    Targets "target" "targets" "곳"
    Shares "share" "shares" "주"
    OwnShares "own share" "own shares" "주"
    Days "day" "days" "일"
    Looks "look" "looks" "번"
    Sessions "session" "sessions" "거래일"
    Minutes "minute" "minutes" "분"
    Times "time" "times" "번"
    Positions "position" "positions" "개"
    Characters "character" "characters" "자"
    Bytes "byte" "bytes" "바이트"
    Entries "entry" "entries" "개"
    Problems "problem" "problems" "건"
    Findings "finding" "findings" "건"
    Starts "start" "starts" "건"
}

/// A length of time in a sentence: `2 h 3 min`, `2시간 3분`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub TimeDelta);

impl Say for Span {
    fn say(&self, language: Language) -> impl fmt::Display {
        let seconds = self.0.num_seconds().max(0);
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        match (language, hours, minutes) {
            (Language::English, 0, 0) => format!("{rest} s"),
            (Language::English, 0, _) => format!("{minutes} min {rest} s"),
            (Language::English, ..) => format!("{hours} h {minutes} min"),
            (Language::Korean, 0, 0) => format!("{rest}초"),
            (Language::Korean, 0, _) => format!("{minutes}분 {rest}초"),
            (Language::Korean, ..) => format!("{hours}시간 {minutes}분"),
        }
    }
}

/// An age in a table: `2d03h`, `59m03s`, `2일 3시간`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age(pub TimeDelta);

impl Say for Age {
    fn say(&self, language: Language) -> impl fmt::Display {
        let seconds = self.0.num_seconds().max(0);
        let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
        match (language, days, hours, minutes) {
            (Language::English, 0, 0, 0) => format!("{rest}s"),
            (Language::English, 0, 0, _) => format!("{minutes}m{rest:02}s"),
            (Language::English, 0, ..) => format!("{hours}h{minutes:02}m"),
            (Language::English, ..) => format!("{days}d{hours:02}h"),
            (Language::Korean, 0, 0, 0) => format!("{rest}초"),
            (Language::Korean, 0, 0, _) => format!("{minutes}분 {rest}초"),
            (Language::Korean, 0, ..) => format!("{hours}시간 {minutes}분"),
            (Language::Korean, ..) => format!("{days}일 {hours}시간"),
        }
    }
}

#[cfg(test)]
super::samples! {
    Span => Span(TimeDelta::minutes(123)),
    Age => Age(TimeDelta::minutes(123)),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural_and_korean_has_none() {
        for (count, en, ko) in [(0, "0 orders", "0건"), (1, "1 order", "1건"), (2, "2 orders", "2건")] {
            let said = |language| Orders(count).say(language).to_string();
            assert_eq!([said(Language::English), said(Language::Korean)], [en, ko]);
        }
        assert_eq!([1, 2].map(|count| Entries(count).say(Language::English).to_string()), ["1 entry", "2 entries"]);
    }

    #[test]
    fn time_is_said_in_two_units_at_most() {
        for (seconds, span, ko_span, age, ko_age) in [
            (-5, "0 s", "0초", "0s", "0초"),
            (59, "59 s", "59초", "59s", "59초"),
            (63, "1 min 3 s", "1분 3초", "1m03s", "1분 3초"),
            (86_399, "23 h 59 min", "23시간 59분", "23h59m", "23시간 59분"),
            (183_600, "51 h 0 min", "51시간 0분", "2d03h", "2일 3시간"),
        ] {
            let time = TimeDelta::seconds(seconds);
            let said = [Language::English, Language::Korean].map(|language| Span(time).say(language).to_string());
            assert_eq!(said, [span, ko_span]);
            let said = [Language::English, Language::Korean].map(|language| Age(time).say(language).to_string());
            assert_eq!(said, [age, ko_age]);
        }
    }
}
