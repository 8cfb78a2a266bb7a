//! Dates on the axes of charts, as patterns of chrono's, and ages.

use crate::language::sentences;

sentences! {
    day()
        "%-d %b"
        "%-m월 %-d일"

    hour_of_day()
        "%-d %b %H:%M"
        "%-d일 %H시"

    month()
        "%b %Y"
        "%Y년 %-m월"

    elsewhere(clock: &str)
        "{clock}"
        "현지 {clock}"

    days(days: i64, hours: i64)
        "{days} d {hours} h"
        "{days}일 {hours}시간"

    whole_hours(hours: i64)
        "{hours} h"
        "{hours}시간"

    hours(hours: i64, minutes: i64)
        "{hours} h {minutes} min"
        "{hours}시간 {minutes}분"

    minutes(minutes: i64)
        "{minutes} min"
        "{minutes}분"

    seconds(seconds: i64)
        "{seconds} s"
        "{seconds}초"
}
