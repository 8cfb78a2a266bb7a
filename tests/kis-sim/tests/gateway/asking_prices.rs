//! 해외주식 현재가 호가: ten levels on each side of the last price.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::harness::*;

const ASKING_PRICE: &str = "/uapi/overseas-price/v1/quotations/inquire-asking-price";
const ASKING_PRICE_TR: &str = "HHDFS76200100";

fn asking_price(client: &Client, exchange: &str, symbol: &str) -> Call {
    client.get(ASKING_PRICE, ASKING_PRICE_TR).query("AUTH", "").query("EXCD", exchange).query("SYMB", symbol)
}

/// Returns one side of the book, best level first.
#[track_caller]
fn side(book: &Value, prefix: &str) -> Vec<Decimal> {
    (1..=10).map(|level| number(book, &format!("{prefix}{level}"))).collect()
}

/// Asserts that the two sides lie around `last`, each level further from it than the one before.
#[track_caller]
fn assert_book_around(book: &Value, last: Decimal) {
    let (bids, asks) = (side(book, "pbid"), side(book, "pask"));
    assert!(bids[0] <= last && last <= asks[0] && bids[0] < asks[0], "{last} between {bids:?} and {asks:?}");
    assert!(bids.windows(2).all(|pair| pair[0] > pair[1]), "{bids:?} descend");
    assert!(asks.windows(2).all(|pair| pair[0] < pair[1]), "{asks:?} ascend");
}

#[test]
fn the_book_has_every_field_in_its_format() {
    let market = Market::at(MORNING);
    let answer = asking_price(&market.client(Mode::Real), "NAS", "AAPL").send();
    answer.assert_success("MCA00000", "정상처리 되었습니다.");
    let head = &answer.body["output1"];
    assert_fields(
        head,
        "rsym zdiv curr base open high low last dymd dhms bvol avol bdvl advl code ropen rhigh rlow rclose",
    );
    assert_eq!(text(head, "rsym"), "DNASAAPL");
    assert_eq!(text(head, "zdiv"), "4");
    assert_eq!(text(head, "curr"), "USD");
    assert_places(head, "base open high low last", 4);
    assert_numbers(head, "bvol avol bdvl advl");
    // The 8th in New York and in Korea.
    assert_eq!(text(head, "dymd"), TODAY);
    time_of_day(head, "dhms");
    let book = &answer.body["output2"];
    assert!(book.is_object(), "{}", answer.text);
    for level in 1..=10 {
        assert_places(book, &format!("pbid{level} pask{level}"), 4);
        assert_places(book, &format!("vbid{level} vask{level}"), 0);
        assert_numbers(book, &format!("dbid{level} dask{level}"));
    }
    assert_fields(&answer.body["output3"], "vstm vetm csbp cshi cslo iep iev");
}

#[test]
fn ten_bids_descend_below_the_last_price_and_ten_asks_ascend_above_it() {
    for (time, exchange, symbol) in [
        (MORNING, "NAS", "AAPL"),
        ("2023-07-05T18:00:00Z", "NAS", "TSLA"),
        ("2025-03-11T14:00:00Z", "AMS", "SOXL"),
        ("2025-03-11T14:00:00Z", "NAS", "TQQQ"),
    ] {
        let market = Market::at(time);
        let client = market.client(Mode::Real);
        let answer = asking_price(&client, exchange, symbol).send();
        let last = number(&answer.body["output1"], "last");
        assert_book_around(&answer.body["output2"], last);
        for volume in [side(&answer.body["output2"], "vbid"), side(&answer.body["output2"], "vask")] {
            assert!(volume.iter().all(|shares| *shares > Decimal::ZERO), "{volume:?}");
        }
        let quote = client.price(exchange, symbol).send().body["output"].clone();
        assert_eq!(answer.body["output1"]["last"], quote["last"], "{symbol}");
        assert_eq!(answer.body["output1"]["base"], quote["base"], "{symbol}");
        let detail = client.price_detail(exchange, symbol).send().body["output"].clone();
        for name in ["open", "high", "low"] {
            assert_eq!(answer.body["output1"][name], detail[name], "{symbol} {name}");
        }
    }
}

#[test]
fn levels_of_a_dollar_and_more_lie_on_whole_cents() {
    let market = Market::still();
    market.price("DLRQ", "1.05");
    let client = market.client(Mode::Real);
    for (symbol, last) in [("ZZZQ", "100.00"), ("DLRQ", "1.05")] {
        let answer = asking_price(&client, "NAS", symbol).send();
        let book = &answer.body["output2"];
        assert_book_around(book, decimal(last));
        for price in side(book, "pbid").into_iter().chain(side(book, "pask")) {
            let cents = price * Decimal::ONE_HUNDRED;
            assert!(price < Decimal::ONE || cents == cents.trunc(), "{symbol}: {price}");
        }
    }
}

#[test]
fn a_share_of_a_few_cents_has_no_level_below_zero() {
    let market = Market::still();
    market.price("TINY", "0.03");
    let answer = asking_price(&market.client(Mode::Real), "NAS", "TINY").send();
    assert!(answer.is_success(), "{}", answer.text);
    let book = &answer.body["output2"];
    let bids = side(book, "pbid");
    assert!(bids.iter().all(|bid| *bid >= Decimal::ZERO && *bid <= decimal("0.03")), "{bids:?}");
    // A level that is empty is written as zero.
    let filled: Vec<_> = bids.iter().filter(|bid| !bid.is_zero()).collect();
    assert!(filled.windows(2).all(|pair| pair[0] > pair[1]), "{bids:?}");
    let asks = side(book, "pask");
    assert!(asks.windows(2).all(|pair| pair[0] < pair[1]), "{asks:?}");
}

#[test]
fn the_book_of_an_unknown_symbol_is_blank_and_a_success() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    for (exchange, symbol) in [("NAS", "NOSUCH"), ("NYS", "AAPL"), ("AMS", "AAPL")] {
        let answer = asking_price(&client, exchange, symbol).send();
        assert!(answer.is_success(), "{exchange} {symbol}: {}", answer.text);
        assert_eq!(text(&answer.body["output1"], "last"), "", "{exchange} {symbol}");
        let best = answer.body["output2"]["pbid1"].as_str().unwrap_or("");
        assert!(["", "0.0000"].contains(&best), "{exchange} {symbol}: {best:?}");
    }
}

#[test]
fn auth_may_be_absent_and_the_symbol_may_not() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    let call = asking_price(&client, "NAS", "AAPL");
    let blank = call.send();
    let absent = call.clone().without_query("AUTH").send();
    assert!(absent.is_success(), "{}", absent.text);
    assert_eq!(absent.body, blank.body);
    for field in ["EXCD", "SYMB"] {
        let answer = call.clone().without_query(field).send();
        assert_eq!(answer.code(), "OPSQ2001", "without {field}");
        assert_eq!(answer.body["rt_cd"], "2", "without {field}");
        assert_eq!(answer.message(), format!("ERROR : INPUT FIELD NOT FOUND [{field}]"));
    }
}

#[test]
fn the_book_is_not_offered_on_paper() {
    let market = Market::at(MORNING);
    asking_price(&market.client(Mode::Paper), "NAS", "AAPL").send().assert_refused(500, "EGW00213");
}
