//! 해외주식 현재체결가, 기간별시세, 복수종목 시세조회, 현재가상세, checked against the real bars.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::harness::*;

const PRICE_FIELDS: &str = "rsym zdiv base pvol last sign diff rate tvol tamt ordy";
const BAR_FIELDS: &str = "xymd clos sign diff rate open high low tvol tamt pbid vbid pask vask";

/// Formats a price of the market data as quotes print it.
fn four_places(price: Decimal) -> String {
    format!("{price:.4}")
}

/// Asserts a quote's signed percentage: a sign or a blank, then two decimals.
#[track_caller]
fn assert_rate(row: &Value) {
    let rate = text(row, "rate");
    assert!(rate.starts_with(['+', '-', ' ']), "rate {rate:?}");
    let (whole, fraction) = rate[1..].split_once('.').expect("decimals");
    assert!(!whole.is_empty() && fraction.len() == 2, "rate {rate:?} has two decimals");
}

/// Asserts that sign, diff and rate tell the move from `base` to `last`.
#[track_caller]
fn assert_move(row: &Value, last: Decimal, base: Decimal) {
    let difference = last - base;
    assert_eq!(number(row, "diff"), difference.abs(), "{row}");
    let sign = match difference.cmp(&Decimal::ZERO) {
        std::cmp::Ordering::Greater => "2",
        std::cmp::Ordering::Equal => "3",
        std::cmp::Ordering::Less => "5",
    };
    assert_eq!(text(row, "sign"), sign, "{row}");
    assert_rate(row);
    let percent = difference * Decimal::ONE_HUNDRED / base;
    let error = (number(row, "rate") - percent).abs();
    assert!(error <= decimal("0.01"), "{row}");
    if !difference.is_zero() {
        let expected = if difference > Decimal::ZERO { '+' } else { '-' };
        assert!(text(row, "rate").starts_with(expected) || percent.abs() < decimal("0.01"), "{row}");
    }
}

#[track_caller]
fn quote(client: &Client, exchange: &str, symbol: &str) -> Value {
    let answer = client.price(exchange, symbol).send();
    answer.assert_success("MCA00000", "정상처리 되었습니다.");
    answer.body["output"].clone()
}

#[test]
fn a_price_has_every_field_in_its_format() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let quote = quote(&market.client(mode), "NAS", "AAPL");
        assert_fields(&quote, PRICE_FIELDS);
        assert_eq!(text(&quote, "rsym"), "DNASAAPL");
        assert_eq!(text(&quote, "zdiv"), "4");
        assert_places(&quote, "base last diff", 4);
        assert_places(&quote, "pvol tvol tamt sign", 0);
        assert!(!text(&quote, "diff").starts_with('-'), "diff has no sign");
        // What real captures show for ordinary shares; it is no gate.
        assert_eq!(text(&quote, "ordy"), "매도불가");
    }
}

#[test]
fn in_the_session_base_is_yesterdays_close() {
    for (symbol, exchange, time, date) in [
        ("AAPL", "NAS", MORNING, TODAY),
        ("NVDA", "NAS", "2023-03-15T13:45:00Z", "20230315"),
        ("TSLA", "NAS", "2023-07-05T18:00:00Z", "20230705"),
        // Friday to Monday, and the clocks of New York have changed.
        ("AAPL", "NAS", "2023-03-13T14:00:00Z", "20230313"),
        ("SOXL", "AMS", "2025-03-11T14:00:00Z", "20250311"),
        ("TQQQ", "NAS", "2025-03-11T14:00:00Z", "20250311"),
    ] {
        let market = Market::at(time);
        let quote = quote(&market.client(Mode::Paper), exchange, symbol);
        let (today, yesterday) = bar_and_previous(symbol, date);
        assert_eq!(text(&quote, "base"), four_places(yesterday.close), "{symbol}");
        assert_eq!(text(&quote, "pvol"), yesterday.volume.to_string());
        let last = number(&quote, "last");
        assert!(today.low <= last && last <= today.high, "{symbol} {last} in {today:?}");
        assert_move(&quote, last, yesterday.close);
        assert!(number(&quote, "tvol") > Decimal::ZERO);
        assert!(number(&quote, "tamt") > Decimal::ZERO);
    }
}

#[test]
fn split_adjusted_bars_keep_their_four_decimals() {
    let market = Market::at("2022-01-04T18:00:00Z");
    let client = market.client(Mode::Paper);
    let quote = quote(&client, "NAS", "TSLA");
    assert_eq!(text(&quote, "base"), "399.9267");
    let rows = client.daily_price("NAS", "TSLA", "").send().rows("output2");
    let row = find(&rows, "xymd", "20220103");
    assert_eq!(text(&row, "clos"), "399.9267");
    assert_eq!(text(&row, "high"), "400.3567");
}

#[test]
fn before_the_first_trade_there_is_no_movement() {
    // A minute and a half before the open, and in the small hours of New York.
    for time in ["2023-03-08T14:28:30Z", "2023-03-08T08:00:00Z"] {
        let market = Market::at(time);
        let quote = quote(&market.client(Mode::Paper), "NAS", "AAPL");
        let (_, yesterday) = bar_and_previous("AAPL", TODAY);
        assert_eq!(text(&quote, "tvol"), "0", "{time}");
        assert_eq!(text(&quote, "tamt"), "0", "{time}");
        assert_eq!(text(&quote, "sign"), "0", "{time}");
        assert_eq!(text(&quote, "diff"), "0.0000", "{time}");
        assert_eq!(text(&quote, "rate"), " 0.00", "{time}");
        assert_eq!(text(&quote, "last"), four_places(yesterday.close), "{time}");
        assert_eq!(text(&quote, "base"), text(&quote, "last"), "{time}");
    }
}

#[test]
fn after_the_close_the_quote_is_the_days_own() {
    let market = Market::at("2023-03-08T21:05:00Z");
    let quote = quote(&market.client(Mode::Real), "NAS", "AAPL");
    let (today, yesterday) = bar_and_previous("AAPL", TODAY);
    assert_eq!(text(&quote, "last"), four_places(today.close));
    assert_eq!(text(&quote, "base"), four_places(yesterday.close));
    assert_eq!(text(&quote, "tvol"), today.volume.to_string());
    assert_move(&quote, today.close, yesterday.close);
}

#[test]
fn the_path_of_a_day_stays_in_its_bar_and_reaches_both_ends() {
    let market = Market::at("2023-03-08T14:30:01Z");
    let client = market.client(Mode::Real);
    let (today, _) = bar_and_previous("NVDA", TODAY);
    let mut lowest = today.high;
    let mut highest = today.low;
    let mut volume = Decimal::ZERO;
    for _minute in 0..389 {
        let quote = quote(&client, "NAS", "NVDA");
        let last = number(&quote, "last");
        assert!(today.low <= last && last <= today.high, "{last}");
        lowest = lowest.min(last);
        highest = highest.max(last);
        let traded = number(&quote, "tvol");
        assert!(traded >= volume, "the day's volume never shrinks");
        assert!(traded <= Decimal::from(today.volume));
        volume = traded;
        market.advance(60);
    }
    // Between two looks the path may turn; a twentieth of the range is more than it moves in a minute.
    let slack = (today.high - today.low) / Decimal::from(20);
    assert!(lowest <= today.low + slack, "{lowest} {today:?}");
    assert!(highest >= today.high - slack, "{highest} {today:?}");
}

#[test]
fn the_path_starts_at_the_open_and_is_the_same_every_time() {
    let mut seen = Vec::new();
    for _run in 0..2 {
        let market = Market::at("2023-03-08T14:30:01Z");
        let client = market.client(Mode::Paper);
        let (today, _) = bar_and_previous("TSLA", TODAY);
        let first = number(&quote(&client, "NAS", "TSLA"), "last");
        let slack = (today.high - today.low) / Decimal::from(20);
        assert!((first - today.open).abs() <= slack, "{first} {today:?}");
        market.set_clock("2023-03-08T17:12:34Z");
        seen.push(number(&quote(&client, "NAS", "TSLA"), "last"));
    }
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn a_wrong_exchange_or_symbol_gives_blanks_and_success() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let client = market.client(mode);
        for (exchange, symbol) in [("NYS", "AAPL"), ("AMS", "AAPL"), ("NAS", "NOSUCH")] {
            let quote = quote(&client, exchange, symbol);
            assert_eq!(text(&quote, "last"), "", "{exchange} {symbol}");
        }
    }
    let market = Market::at("2025-03-11T14:00:00Z");
    let client = market.client(Mode::Paper);
    assert_eq!(text(&quote(&client, "NAS", "SOXL"), "last"), "");
    assert_ne!(text(&quote(&client, "AMS", "SOXL"), "last"), "");
}

#[test]
fn a_quote_can_be_pinned_blanked_and_released() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Paper);
    let free = quote(&client, "NAS", "AAPL");
    market.post("/prices", json!({"symbol": "AAPL", "last": "103.22", "base": "101.5", "volume": 833_120}));
    let pinned = quote(&client, "NAS", "AAPL");
    assert_eq!(text(&pinned, "last"), "103.2200");
    assert_eq!(text(&pinned, "base"), "101.5000");
    assert_eq!(text(&pinned, "tvol"), "833120");
    assert_move(&pinned, decimal("103.22"), decimal("101.5"));
    assert_eq!(text(&pinned, "rate"), "+1.69");
    market.post("/prices", json!({"symbol": "AAPL", "blank": true}));
    assert_eq!(text(&quote(&client, "NAS", "AAPL"), "last"), "");
    market.control("DELETE", "/prices", json!({"symbol": "AAPL"}));
    assert_eq!(quote(&client, "NAS", "AAPL"), free);
}

#[test]
fn a_falling_quote_has_its_sign_outside_of_diff() {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "99.98");
    let quote = quote(&market.client(Mode::Paper), "NAS", "ZZZQ");
    assert_eq!(text(&quote, "sign"), "5");
    assert_eq!(text(&quote, "diff"), "1.5200");
    assert_eq!(text(&quote, "rate"), "-1.50");
}

#[test]
fn an_unmoved_quote_has_a_blank_for_its_sign() {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "101.50");
    let quote = quote(&market.client(Mode::Paper), "NAS", "ZZZQ");
    assert_eq!(text(&quote, "sign"), "3");
    assert_eq!(text(&quote, "diff"), "0.0000");
    assert_eq!(text(&quote, "rate"), " 0.00");
}

#[test]
fn a_symbol_without_a_bar_today_never_looks_traded() {
    // The shares' bars end with 2023, those of the funds begin with 2025.
    for (time, exchange, symbol) in
        [("2025-03-11T14:00:00Z", "NAS", "AAPL"), (MORNING, "AMS", "SOXL"), (MORNING, "NAS", "TQQQ")]
    {
        let market = Market::at(time);
        let quote = quote(&market.client(Mode::Paper), exchange, symbol);
        assert!(text(&quote, "last").is_empty() || text(&quote, "tvol") == "0", "{quote}");
    }
}

#[test]
fn a_new_symbol_is_listed_where_it_was_put() {
    let market = Market::at(MORNING);
    market.price_on("NYSE", "YYYN", "11.00");
    let client = market.client(Mode::Paper);
    assert_eq!(text(&quote(&client, "NYS", "YYYN"), "last"), "11.0000");
    assert_eq!(text(&quote(&client, "NAS", "YYYN"), "last"), "");
}

#[test]
fn daily_bars_come_newest_first_with_the_real_numbers() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let answer = market.client(mode).daily_price("NAS", "AAPL", "20230307").send();
        answer.assert_success("MCA00000", "정상처리 되었습니다.");
        let head = &answer.body["output1"];
        assert_eq!(text(head, "rsym"), "DNASAAPL");
        assert_eq!(text(head, "zdiv"), "4");
        assert_eq!(text(head, "nrec"), "100");
        let rows = answer.rows("output2");
        assert_eq!(rows.len(), 100);
        let bars = bars("AAPL");
        let newest = bars.iter().position(|bar| bar.date == "20230307").expect("a trading day");
        for (age, row) in rows.iter().enumerate() {
            assert_bar(row, &bars[newest - age], &bars[newest - age - 1]);
        }
    }
}

#[track_caller]
fn assert_bar(row: &Value, bar: &Bar, previous: &Bar) {
    assert_fields(row, BAR_FIELDS);
    assert_eq!(text(row, "xymd"), bar.date);
    assert_eq!(text(row, "open"), four_places(bar.open));
    assert_eq!(text(row, "high"), four_places(bar.high));
    assert_eq!(text(row, "low"), four_places(bar.low));
    assert_eq!(text(row, "clos"), four_places(bar.close));
    assert_eq!(text(row, "tvol"), bar.volume.to_string());
    assert_places(row, "tamt", 0);
    assert_places(row, "diff", 4);
    assert_move(row, bar.close, previous.close);
}

#[test]
fn daily_bars_without_a_date_end_today_or_yesterday() {
    let market = Market::at(MORNING);
    let answer = market.client(Mode::Real).daily_price("NAS", "AAPL", "").send();
    let rows = answer.rows("output2");
    let newest = text(&rows[0], "xymd");
    assert!([TODAY, "20230307"].contains(&newest), "{newest}");
    let (yesterday, before) = bar_and_previous("AAPL", "20230307");
    assert_bar(&find(&rows, "xymd", "20230307"), &yesterday, &before);
}

#[test]
fn daily_bars_of_a_running_day_do_not_tell_its_close() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    let now = number(&quote(&client, "NAS", "AAPL"), "last");
    let rows = client.daily_price("NAS", "AAPL", TODAY).send().rows("output2");
    if text(&rows[0], "xymd") == TODAY {
        assert_eq!(number(&rows[0], "clos"), now);
        assert!(number(&rows[0], "high") >= now && number(&rows[0], "low") <= now);
    }
    for row in &rows {
        assert!(text(row, "xymd") <= TODAY, "no bar of the future: {row}");
    }
}

#[test]
fn daily_bars_are_paged_by_the_oldest_date() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Paper);
    let first = client.daily_price("NAS", "AAPL", "20230307").send();
    let oldest = text(&first.rows("output2")[99], "xymd").to_owned();
    let second = client.daily_price("NAS", "AAPL", &oldest).send();
    let rows = second.rows("output2");
    assert_eq!(rows.len(), 100);
    assert_eq!(text(&rows[0], "xymd"), oldest);
    let bars = bars("AAPL");
    let newest = bars.iter().position(|bar| bar.date == oldest).expect("a trading day");
    for (age, row) in rows.iter().enumerate() {
        assert_bar(row, &bars[newest - age], &bars[newest - age - 1]);
    }
}

#[test]
fn daily_bars_end_where_the_data_begin() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Paper);
    let rows = client.daily_price("NAS", "AAPL", "20220107").send().rows("output2");
    let dates: Vec<&str> = rows.iter().map(|row| text(row, "xymd")).filter(|date| !date.is_empty()).collect();
    assert_eq!(dates, ["20220107", "20220106", "20220105", "20220104", "20220103"]);
}

#[test]
fn daily_bars_of_an_unknown_symbol_are_none() {
    for (exchange, symbol) in [("NAS", "NOSUCH"), ("NYS", "AAPL")] {
        let market = Market::at(MORNING);
        let answer = market.client(Mode::Paper).daily_price(exchange, symbol, "").send();
        answer.assert_success("MCA00000", "정상처리 되었습니다.");
        assert_eq!(answer.body["output1"], json!({"rsym": "", "zdiv": "", "nrec": ""}));
        assert_eq!(answer.body["output2"], json!([]));
    }
}

#[test]
fn a_multi_quote_answers_every_symbol_it_was_asked_for() {
    let market = Market::at(MORNING);
    market.price_on("NYSE", "YYYN", "11.00");
    let client = market.client(Mode::Real);
    let wanted = [("NAS", "AAPL"), ("NYS", "YYYN"), ("NYS", "TSLA"), ("NAS", "NVDA")];
    let answer = client.multi_price(&wanted).send();
    answer.assert_success("MCA00000", "정상처리 되었습니다.");
    assert_eq!(answer.output("nrec"), "4");
    let rows = answer.rows("output2");
    for (exchange, symbol) in [wanted[0], wanted[1], wanted[3]] {
        let row = find(&rows, "symb", symbol);
        assert_fields(
            &row,
            "rsym excd symb knam exnm nnam stat1 stat2 zdiv last sign diff rate open high low pbid pask vbid vask \
             bvol avol evol tvol tamt xhms khms curr base",
        );
        let single = quote(&client, exchange, symbol);
        for name in ["rsym", "last", "base", "sign", "diff", "rate", "tvol"] {
            assert_eq!(row[name], single[name], "{symbol} {name}");
        }
        assert_eq!(text(&row, "excd"), exchange);
        assert_eq!(text(&row, "curr"), "USD");
    }
    assert_eq!(text(&find(&rows, "symb", "TSLA"), "last"), "");
}

#[test]
fn a_multi_quote_takes_ten_symbols_and_no_more() {
    let market = Market::at(MORNING);
    let symbols: Vec<String> = (1..=11).map(|n| format!("ZZ{n:02}")).collect();
    for symbol in &symbols {
        market.price(symbol, "20.00");
    }
    let wanted: Vec<(&str, &str)> = symbols.iter().map(|s| ("NAS", s.as_str())).collect();
    let client = market.client(Mode::Real);
    let ten = client.multi_price(&wanted[..10]).send();
    assert_eq!(ten.output("nrec"), "10");
    for symbol in &symbols[..10] {
        let row = find(&ten.rows("output2"), "symb", symbol);
        assert_eq!(text(&row, "last"), "20.0000");
    }
    let eleven = client.multi_price(&wanted).send();
    assert!(eleven.rows("output2").len() <= 10, "{}", eleven.text);
}

#[test]
fn price_detail_adds_tick_and_tradability() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    let answer = client.price_detail("NAS", "AAPL").send();
    answer.assert_success("MCA00000", "정상처리 되었습니다.");
    let detail = &answer.body["output"];
    assert_fields(detail, "rsym open high low last base curr zdiv e_hogau e_ordyn tvol tamt t_rate vnit");
    let (today, yesterday) = bar_and_previous("AAPL", TODAY);
    assert_eq!(text(detail, "base"), four_places(yesterday.close));
    assert_eq!(text(detail, "open"), four_places(today.open));
    assert_eq!(text(detail, "e_hogau"), "0.0100");
    assert_eq!(text(detail, "e_ordyn"), "매매 가능");
    assert_eq!(detail["last"], quote(&client, "NAS", "AAPL")["last"]);
    assert!(number(detail, "t_rate") > decimal("500"), "won for a dollar");
}
