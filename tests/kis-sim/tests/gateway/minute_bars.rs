//! 해외주식분봉조회: bars of some minutes, newest first, in New York's time and in Korea's.

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;

use crate::harness::*;

const MINUTES: &str = "/uapi/overseas-price/v1/quotations/inquire-time-itemchartprice";
const MINUTES_TR: &str = "HHDFS76950200";

/// A first call for `count` bars of `minutes` each.
fn minutes(client: &Client, symbol: &str, minutes: u32, count: u32) -> Call {
    client
        .get(MINUTES, MINUTES_TR)
        .query("AUTH", "")
        .query("EXCD", "NAS")
        .query("SYMB", symbol)
        .query("NMIN", &minutes.to_string())
        .query("PINC", "1")
        .query("NEXT", "")
        .query("NREC", &count.to_string())
        .query("FILL", "")
        .query("KEYB", "")
}

/// Turns a call into one for the bars up to a moment in New York.
fn up_to(call: &Call, moment: NaiveDateTime) -> Call {
    call.clone().query("NEXT", "1").query("KEYB", &moment.format("%Y%m%d%H%M%S").to_string())
}

#[derive(Clone, Debug, PartialEq)]
struct Minute {
    local: NaiveDateTime,
    korea: NaiveDateTime,
    open: Decimal,
    high: Decimal,
    low: Decimal,
    last: Decimal,
    volume: Decimal,
}

/// Reads the bars of an answer and asserts what holds for every one.
#[track_caller]
fn read(answer: &Answer) -> Vec<Minute> {
    answer.assert_success("MCA00000", "정상처리 되었습니다.");
    let head = &answer.body["output1"];
    assert_fields(head, "rsym zdiv stim etim sktm ektm next more nrec");
    assert!(answer.body["output2"].is_array(), "{}", answer.text);
    let mut bars = Vec::new();
    for row in answer.rows("output2") {
        assert_places(&row, "open high low last", 4);
        assert_places(&row, "evol", 0);
        assert_numbers(&row, "eamt");
        assert_eq!(row["tymd"], row["xymd"], "the session's date is New York's: {row}");
        let bar = Minute {
            local: date(&row, "xymd").and_time(time_of_day(&row, "xhms")),
            korea: date(&row, "kymd").and_time(time_of_day(&row, "khms")),
            open: number(&row, "open"),
            high: number(&row, "high"),
            low: number(&row, "low"),
            last: number(&row, "last"),
            volume: number(&row, "evol"),
        };
        assert!(bar.low <= bar.open.min(bar.last) && bar.high >= bar.open.max(bar.last), "{row}");
        assert!(bar.volume >= Decimal::ZERO, "{row}");
        bars.push(bar);
    }
    assert_eq!(text(head, "nrec"), bars.len().to_string());
    assert!(bars.windows(2).all(|pair| pair[0].local > pair[1].local), "newest first: {bars:?}");
    bars
}

fn local(moment: &str) -> NaiveDateTime {
    moment.parse().expect("a date and a time")
}

/// Keeps the bars of one day's regular session.
fn session(bars: Vec<Minute>, open: &str, close: &str) -> Vec<Minute> {
    let (open, close) = (local(open), local(close));
    bars.into_iter().filter(|bar| (open..=close).contains(&bar.local)).collect()
}

#[test]
fn bars_come_newest_first_and_end_now() {
    // 09:47:30 in New York; a bar may bear the moment of its start or of its end.
    let market = Market::at("2023-03-08T14:47:30Z");
    let client = market.client(Mode::Real);
    let answer = minutes(&client, "AAPL", 1, 120).send();
    assert_eq!(text(&answer.body["output1"], "rsym"), "DNASAAPL");
    assert_eq!(text(&answer.body["output1"], "zdiv"), "4");
    let bars = read(&answer);
    assert!(bars[0].local >= local("2023-03-08T09:47:00"), "{:?}", bars[0]);
    assert!(bars[0].local <= local("2023-03-08T09:48:00"), "{:?}", bars[0]);
    assert_eq!(bars[0].last, number(&client.price("NAS", "AAPL").send().body["output"], "last"));
    let (today, _) = bar_and_previous("AAPL", TODAY);
    let today_bars = session(bars, "2023-03-08T09:30:00", "2023-03-08T16:00:00");
    assert!((17..=19).contains(&today_bars.len()), "{today_bars:?}");
    assert_eq!(today_bars.last().expect("a bar").open, today.open);
    for bar in &today_bars {
        assert!(today.low <= bar.low && bar.high <= today.high, "{bar:?} in {today:?}");
    }
}

#[test]
fn the_volumes_of_today_add_up_to_the_quotes() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    let quoted = number(&client.price("NAS", "AAPL").send().body["output"], "tvol");
    for gap in [1, 5] {
        let bars = read(&minutes(&client, "AAPL", gap, 120).send());
        let today = session(bars, "2023-03-08T09:30:00", "2023-03-08T16:00:00");
        let volume: Decimal = today.iter().map(|bar| bar.volume).sum();
        assert!((quoted - volume).abs() * Decimal::ONE_HUNDRED <= quoted, "{gap}: {volume} of {quoted}");
    }
}

#[test]
fn bars_lie_as_far_apart_as_asked_for_and_are_no_more_than_asked_for() {
    // 15:00 in New York.
    let market = Market::at("2023-03-08T20:00:00Z");
    let client = market.client(Mode::Real);
    for (gap, count) in [(1, 60), (1, 1), (2, 30), (5, 60), (10, 30), (30, 10)] {
        let bars = read(&minutes(&client, "AAPL", gap, count).send());
        assert!(!bars.is_empty() && bars.len() <= count as usize, "{gap} {count}: {}", bars.len());
        assert!(bars.iter().all(|bar| bar.local <= local("2023-03-08T15:00:00")), "{gap}: {:?}", bars[0]);
        let today = session(bars, "2023-03-08T09:30:00", "2023-03-08T16:00:00");
        let expected = TimeDelta::minutes(i64::from(gap));
        let gaps: Vec<_> = today.windows(2).map(|pair| pair[0].local - pair[1].local).collect();
        assert!(gaps.iter().all(|found| *found == expected), "{gap}: {gaps:?}");
    }
    assert!(read(&minutes(&client, "AAPL", 1, 500).send()).len() <= 120);
}

#[test]
fn korea_is_fourteen_hours_ahead_in_winter_and_thirteen_in_summer() {
    for (time, hours, session) in [
        (MORNING, 14, ["093000", "160000", "233000", "060000"]),
        // The Friday before the clocks of New York change, and the Monday after.
        ("2023-03-10T20:00:00Z", 14, ["093000", "160000", "233000", "060000"]),
        ("2023-03-13T19:00:00Z", 13, ["093000", "160000", "223000", "050000"]),
        ("2023-07-05T18:00:00Z", 13, ["093000", "160000", "223000", "050000"]),
        ("2023-11-06T19:00:00Z", 14, ["093000", "160000", "233000", "060000"]),
    ] {
        let market = Market::at(time);
        let answer = minutes(&market.client(Mode::Real), "AAPL", 1, 30).send();
        let told = ["stim", "etim", "sktm", "ektm"].map(|name| text(&answer.body["output1"], name).to_owned());
        assert_eq!(told, session, "{time}");
        let bars = read(&answer);
        let korea = utc(time).naive_utc() + TimeDelta::hours(9);
        assert!(korea - bars[0].korea < TimeDelta::minutes(2), "{time}: {:?}", bars[0]);
        for bar in bars {
            assert_eq!(bar.korea - bar.local, TimeDelta::hours(hours), "{time}: {bar:?}");
        }
    }
}

#[test]
fn bars_of_a_half_day_end_at_one() {
    // The Friday after Thanksgiving, two hours after the market closed.
    let market = Market::at("2023-11-24T20:00:00Z");
    let call = minutes(&market.client(Mode::Real), "AAPL", 5, 120);
    let (today, _) = bar_and_previous("AAPL", "20231124");
    for answer in [call.send(), up_to(&call, local("2023-11-24T16:00:00")).send()] {
        let bars = session(read(&answer), "2023-11-24T09:30:00", "2023-11-24T23:59:59");
        assert!(bars.iter().all(|bar| bar.volume.is_zero() || bar.local <= local("2023-11-24T13:00:00")), "{bars:?}");
        let traded: Vec<_> = bars.iter().filter(|bar| !bar.volume.is_zero()).collect();
        assert!((42..=43).contains(&traded.len()), "{} bars", traded.len());
        assert_eq!(traded[0].last, today.close);
    }
}

#[test]
fn bars_of_a_past_day_add_up_to_the_day() {
    let market = Market::at(MORNING);
    let call = minutes(&market.client(Mode::Real), "AAPL", 5, 120);
    let (day, _) = bar_and_previous("AAPL", "20230307");
    let answer = up_to(&call, local("2023-03-07T16:00:00")).send();
    let bars = session(read(&answer), "2023-03-07T09:30:00", "2023-03-07T16:00:00");
    assert!((78..=79).contains(&bars.len()), "{} bars", bars.len());
    assert_eq!(bars[0].last, day.close);
    assert_eq!(bars[bars.len() - 1].open, day.open);
    assert_eq!(bars.iter().map(|bar| bar.high).max(), Some(day.high));
    assert_eq!(bars.iter().map(|bar| bar.low).min(), Some(day.low));
    let volume: Decimal = bars.iter().map(|bar| bar.volume).sum();
    let missing = Decimal::from(day.volume) - volume;
    assert!(
        missing >= Decimal::ZERO && missing * Decimal::ONE_HUNDRED <= volume,
        "{volume} of {}: {bars:?}",
        day.volume
    );
}

#[test]
fn keyb_pages_back_without_a_gap_or_a_repetition() {
    let market = Market::at("2023-03-08T20:00:00Z");
    let call = minutes(&market.client(Mode::Real), "AAPL", 1, 60);
    let mut bars = read(&call.send());
    for _page in 0..3 {
        let key = bars[bars.len() - 1].local - TimeDelta::minutes(1);
        let older = read(&up_to(&call, key).send());
        assert_eq!(older[0].local, key);
        bars.extend(older);
    }
    assert_eq!(bars.len(), 240);
    let minute = TimeDelta::minutes(1);
    assert!(bars.windows(2).all(|pair| pair[0].local - pair[1].local == minute), "{bars:?}");
}

#[test]
fn paging_passes_over_a_weekend_and_the_change_of_the_clocks() {
    // Monday, 09:45 in New York.
    let market = Market::at("2023-03-13T13:45:00Z");
    let call = minutes(&market.client(Mode::Real), "AAPL", 5, 120);
    let sunday = read(&up_to(&call, local("2023-03-12T12:00:00")).send());
    assert!(!sunday.is_empty());
    for bar in sunday.iter().chain(&read(&call.send())) {
        let date = bar.local.format("%Y%m%d").to_string();
        assert!(!["20230311", "20230312"].contains(&date.as_str()), "{bar:?}");
        let hours = if date.as_str() < "20230312" { 14 } else { 13 };
        assert_eq!(bar.korea - bar.local, TimeDelta::hours(hours), "{bar:?}");
    }
    let (friday, _) = bar_and_previous("AAPL", "20230310");
    let regular = session(sunday, "2023-03-10T09:30:00", "2023-03-10T16:00:00");
    assert_eq!(regular[0].last, friday.close);
}

#[test]
fn no_key_shows_a_bar_of_the_future() {
    let market = Market::at(MORNING);
    let call = minutes(&market.client(Mode::Real), "AAPL", 1, 120);
    for key in ["2023-03-08T16:00:00", "2023-03-09T12:00:00"] {
        let bars = read(&up_to(&call, local(key)).send());
        assert!(bars.iter().all(|bar| bar.local <= local("2023-03-08T09:45:00")), "{key}: {bars:?}");
    }
    // 08:00 in New York: nothing of the regular session is there yet.
    let early = Market::at("2023-03-08T13:00:00Z");
    let bars = read(&minutes(&early.client(Mode::Real), "AAPL", 1, 120).send());
    assert!(bars.iter().all(|bar| bar.local <= local("2023-03-08T08:00:00")), "{bars:?}");
}

#[test]
fn an_unknown_symbol_has_no_bars_and_is_a_success() {
    let market = Market::at(MORNING);
    let call = minutes(&market.client(Mode::Real), "AAPL", 1, 10);
    for call in [call.clone().query("SYMB", "NOSUCH"), call.query("EXCD", "NYS")] {
        let answer = call.send();
        assert!(answer.is_success(), "{}", answer.text);
        assert_eq!(text(&answer.body["output1"], "rsym"), "");
        assert!(answer.rows("output2").iter().all(|row| text(row, "last").is_empty()), "{}", answer.text);
    }
}

#[test]
fn a_missing_field_is_named() {
    let market = Market::at(MORNING);
    let call = minutes(&market.client(Mode::Real), "AAPL", 1, 10);
    for field in ["EXCD", "SYMB", "NMIN", "PINC", "NREC"] {
        let answer = call.clone().without_query(field).send();
        assert_eq!(answer.code(), "OPSQ2001", "without {field}");
        assert_eq!(answer.body["rt_cd"], "2", "without {field}");
        assert_eq!(answer.message(), format!("ERROR : INPUT FIELD NOT FOUND [{field}]"));
    }
}

#[test]
fn minute_bars_are_not_offered_on_paper() {
    let market = Market::at(MORNING);
    minutes(&market.client(Mode::Paper), "AAPL", 1, 10).send().assert_refused(500, "EGW00213");
}
