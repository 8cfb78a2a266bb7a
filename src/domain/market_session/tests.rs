//! Sessions, phases and cut-offs on days that people know.

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An instant by New York's wall, with the offset written out so that the zone under test is not its own witness.
fn at(wall_and_offset: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(wall_and_offset).unwrap().to_utc()
}

fn next_trading_date(date: NaiveDate) -> NaiveDate {
    nearest_trading_date(date, NaiveDate::succ_opt)
}

#[test]
fn each_second_belongs_to_its_phase() {
    use Phase::{After, Closed, Pre, Regular};
    for (now, phase, trading_date) in [
        // A full Wednesday in summer.
        ("2026-07-15T00:00:00-04:00", Closed, "2026-07-15"),
        ("2026-07-15T03:59:59-04:00", Closed, "2026-07-15"),
        ("2026-07-15T04:00:00-04:00", Pre, "2026-07-15"),
        ("2026-07-15T09:29:59-04:00", Pre, "2026-07-15"),
        ("2026-07-15T09:29:59.999999999-04:00", Pre, "2026-07-15"),
        ("2026-07-15T09:30:00-04:00", Regular, "2026-07-15"),
        ("2026-07-15T13:00:00-04:00", Regular, "2026-07-15"),
        ("2026-07-15T15:59:59-04:00", Regular, "2026-07-15"),
        ("2026-07-15T15:59:59.999999999-04:00", Regular, "2026-07-15"),
        ("2026-07-15T16:00:00-04:00", After, "2026-07-15"),
        ("2026-07-15T19:59:59-04:00", After, "2026-07-15"),
        ("2026-07-15T20:00:00-04:00", Closed, "2026-07-16"),
        ("2026-07-15T23:59:59-04:00", Closed, "2026-07-16"),
        // A half day, the day after Thanksgiving.
        ("2026-11-27T04:00:00-05:00", Pre, "2026-11-27"),
        ("2026-11-27T09:30:00-05:00", Regular, "2026-11-27"),
        ("2026-11-27T12:59:59-05:00", Regular, "2026-11-27"),
        ("2026-11-27T13:00:00-05:00", After, "2026-11-27"),
        ("2026-11-27T16:59:59-05:00", After, "2026-11-27"),
        ("2026-11-27T17:00:00-05:00", Closed, "2026-11-30"),
        // Weekend, holiday, long weekend.
        ("2026-07-17T20:00:00-04:00", Closed, "2026-07-20"),
        ("2026-07-18T12:00:00-04:00", Closed, "2026-07-20"),
        ("2026-07-19T23:59:59-04:00", Closed, "2026-07-20"),
        ("2026-07-03T10:00:00-04:00", Closed, "2026-07-06"),
        ("2026-04-02T20:00:00-04:00", Closed, "2026-04-06"),
        ("2025-01-09T10:00:00-05:00", Closed, "2025-01-10"),
        ("2025-01-08T20:00:00-05:00", Closed, "2025-01-10"),
        // Year ends.
        ("2025-12-31T15:59:59-05:00", Regular, "2025-12-31"),
        ("2025-12-31T20:00:00-05:00", Closed, "2026-01-02"),
        ("2026-01-01T10:00:00-05:00", Closed, "2026-01-02"),
        ("2027-12-31T12:00:00-05:00", Regular, "2027-12-31"),
        ("2027-12-31T21:00:00-05:00", Closed, "2028-01-03"),
        ("2032-12-31T15:59:59-05:00", Regular, "2032-12-31"),
    ] {
        let market = market_at(at(now));
        assert_eq!((market.phase, market.trading_date), (phase, date(trading_date)), "{now}");
        assert_eq!(market.is_open, phase == Phase::Regular, "{now}");
        let session = session_of(date(trading_date)).unwrap();
        assert_eq!((market.opens_at, market.closes_at), (Some(session.opens_at), Some(session.closes_at)), "{now}");
        assert!(market.calendar_known, "{now}");
        assert_eq!(market.is_open, (session.opens_at..session.closes_at).contains(&at(now)), "{now}");
    }
}

#[test]
fn sessions_follow_daylight_saving() {
    // The weekday before and after each change: second Sunday of March, first Sunday of November.
    for (day, opens_at, closes_at) in [
        ("2022-03-11", "14:30", "21:00"),
        ("2022-03-14", "13:30", "20:00"),
        ("2022-11-04", "13:30", "20:00"),
        ("2022-11-07", "14:30", "21:00"),
        ("2025-03-07", "14:30", "21:00"),
        ("2025-03-10", "13:30", "20:00"),
        ("2025-10-31", "13:30", "20:00"),
        ("2025-11-03", "14:30", "21:00"),
        ("2026-03-06", "14:30", "21:00"),
        ("2026-03-09", "13:30", "20:00"),
        ("2026-10-30", "13:30", "20:00"),
        ("2026-11-02", "14:30", "21:00"),
        ("2032-03-12", "14:30", "21:00"),
        ("2032-03-15", "13:30", "20:00"),
        ("2032-11-05", "13:30", "20:00"),
        ("2032-11-08", "14:30", "21:00"),
        ("2026-11-27", "14:30", "18:00"),
        ("2025-07-03", "13:30", "17:00"),
    ] {
        let session = session_of(date(day)).unwrap();
        assert_eq!(session.opens_at, utc(&format!("{day}T{opens_at}:00Z")), "{day}");
        assert_eq!(session.closes_at, utc(&format!("{day}T{closes_at}:00Z")), "{day}");
        assert_eq!(session.is_half_day, matches!(day, "2026-11-27" | "2025-07-03"), "{day}");
    }
    for day in ["2026-07-03", "2026-07-18", "2025-01-09", "2027-12-24", "2021-12-31", "2033-01-03"] {
        assert_eq!(session_of(date(day)), None, "{day}");
    }
}

#[test]
fn the_hours_around_a_clock_change_are_a_closed_sunday() {
    for (now, text) in [
        ("2026-03-08T06:59:59Z", "2026-03-08 01:59:59 EST"),
        ("2026-03-08T07:00:00Z", "2026-03-08 03:00:00 EDT"),
        ("2026-11-01T05:59:59Z", "2026-11-01 01:59:59 EDT"),
        ("2026-11-01T06:00:00Z", "2026-11-01 01:00:00 EST"),
    ] {
        assert_eq!(new_york(utc(now)), text);
        let market = market_at(utc(now));
        assert_eq!(market.phase, Phase::Closed, "{now}");
        assert_eq!(market.trading_date, next_trading_date(new_york_date(utc(now))), "{now}");
    }
}

#[test]
fn buying_ends_at_the_set_time_or_the_close() {
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    for (day, until, cutoff) in [
        ("2026-03-09", "15:30", Some("2026-03-09T19:30:00Z")),
        ("2026-03-06", "15:30", Some("2026-03-06T20:30:00Z")),
        ("2026-03-09", "16:00", Some("2026-03-09T20:00:00Z")),
        ("2026-03-09", "16:01", Some("2026-03-09T20:00:00Z")),
        ("2026-11-27", "15:30", Some("2026-11-27T18:00:00Z")),
        ("2026-11-27", "12:59", Some("2026-11-27T17:59:00Z")),
        ("2026-07-03", "15:30", None),
        ("2033-01-03", "15:30", None),
    ] {
        assert_eq!(buy_cutoff(date(day), time(until)), cutoff.map(utc), "{day} {until}");
    }
}

#[test]
fn nothing_trades_where_the_calendar_ends() {
    for (now, trading_date) in [
        ("2033-01-03T10:00:00-05:00", "2033-01-03"),
        ("2033-01-03T23:00:00-05:00", "2033-01-03"),
        ("2021-12-31T10:00:00-05:00", "2021-12-31"),
        ("1970-01-01T00:00:00-05:00", "1970-01-01"),
        ("9999-12-30T12:00:00-05:00", "9999-12-30"),
        // The last known evening: the next trading date is beyond.
        ("2032-12-31T20:00:00-05:00", "2033-01-01"),
    ] {
        let market = market_at(at(now));
        let expected = MarketNow {
            phase: Phase::Closed,
            is_open: false,
            trading_date: date(trading_date),
            opens_at: None,
            closes_at: None,
            calendar_known: false,
        };
        assert_eq!(market, expected, "{now}");
    }
    for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert!(!market_at(now).calendar_known, "{now}");
        assert!(new_york(now).len() > 20 && korea(now).len() > 20, "{now}");
    }
    assert!(market_at(at("2022-01-01T00:00:00-05:00")).calendar_known);
    assert_eq!(market_at(at("2022-01-01T00:00:00-05:00")).trading_date, date("2022-01-03"));
}

#[test]
fn steps_over_days_without_trading() {
    for (day, previous, next) in [
        ("2026-07-15", "2026-07-14", "2026-07-16"),
        ("2026-07-20", "2026-07-17", "2026-07-21"),
        ("2026-07-18", "2026-07-17", "2026-07-20"),
        ("2026-07-02", "2026-07-01", "2026-07-06"),
        ("2026-07-06", "2026-07-02", "2026-07-07"),
        ("2026-01-01", "2025-12-31", "2026-01-02"),
        ("2026-04-03", "2026-04-02", "2026-04-06"),
        ("2025-01-10", "2025-01-08", "2025-01-13"),
        ("2022-01-03", "2021-12-31", "2022-01-04"),
        ("2033-01-05", "2033-01-04", "2033-01-06"),
    ] {
        assert_eq!(previous_trading_date(date(day)), date(previous), "before {day}");
        assert_eq!(next_trading_date(date(day)), date(next), "after {day}");
    }
    assert_eq!(previous_trading_date(NaiveDate::MIN), NaiveDate::MIN);
    assert_eq!(next_trading_date(NaiveDate::MAX), NaiveDate::MAX);
}

#[test]
fn shows_the_time_in_new_york_and_korea() {
    for (now, new_york_text, korea_text, day) in [
        ("2026-03-09T14:30:00Z", "2026-03-09 10:30:00 EDT", "2026-03-09 23:30:00 KST", "2026-03-09"),
        ("2026-01-15T14:30:00Z", "2026-01-15 09:30:00 EST", "2026-01-15 23:30:00 KST", "2026-01-15"),
        ("2026-07-15T03:59:59Z", "2026-07-14 23:59:59 EDT", "2026-07-15 12:59:59 KST", "2026-07-14"),
        ("2026-07-15T04:00:00Z", "2026-07-15 00:00:00 EDT", "2026-07-15 13:00:00 KST", "2026-07-15"),
    ] {
        assert_eq!(new_york(utc(now)), new_york_text);
        assert_eq!(korea(utc(now)), korea_text);
        assert_eq!(new_york_date(utc(now)), date(day));
    }
}
