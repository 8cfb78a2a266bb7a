//! Bent answers of KIS: what is read out of an answer is in it, by an independent look at the same bytes.
//!
//! A module of `src/kis`, whose parsers are private.

use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::domain::{Exchange, Mode, OrderId, OutcomeClass, Refusal, Usd};
use crate::kis::balance::BalancePage;
use crate::kis::buying_power::BuyingPowerOf;
use crate::kis::endpoint::{Answer, Query};
use crate::kis::order::judge;
use crate::kis::orders::OrdersPage;
use crate::kis::pages::Cursor;
use crate::kis::quote::{ManyQuotes, OneQuote};
use crate::kis::testing::{cleaner, symbol, usd};
use crate::kis::transport::Reply;
use crate::kis::{json, token, wire};
use crate::testing::{Random, fuzz, shortest};

macro_rules! fixtures {
    ($($name:literal),+) => { [$(include_bytes!(concat!("../fixtures/", $name, ".json")).as_slice()),+] };
}

/// Reads a body as the answer to a query; `None` when any step refuses it.
fn read<Q: Query>(query: &Q, body: &[u8], random: &mut Random) -> Option<(Q::Answer, Lower)> {
    let object = json::parse(body).ok()?;
    let code = wire::description(&object, "msg_cd").to_owned();
    let mode = *random.pick(&[Mode::Real, Mode::Paper]);
    let tr_cont = *random.pick(&["D", "", "F", "M", "E", "X"]);
    let cleaner = cleaner();
    let arrived_at = Duration::from_secs(7);
    let answer = Answer { body: &object, code: &code, tr_cont, mode, arrived_at, cleaner: &cleaner };
    Some((query.read(&answer).ok()?, Lower::new(body)))
}

/// The same body by another reader, its keys in lower case.
struct Lower(Value);

impl Lower {
    fn new(body: &[u8]) -> Lower {
        Lower(lower(serde_json::from_slice(body).expect("JSON for one reader is JSON for the other")))
    }

    /// The rows under a key: one object counts as a list of one.
    fn rows(&self, key: &str) -> Vec<&Value> {
        match &self.0[key] {
            Value::Array(rows) => rows.iter().collect(),
            row => vec![row],
        }
    }

    /// A row whose fields say all this; a number in its shortest form.
    fn has_row(&self, list: &str, fields: &[(&str, String)]) -> bool {
        self.rows(list).iter().any(|row| fields.iter().all(|(key, value)| said(&row[key]).as_ref() == Some(value)))
    }
}

/// What a field says: a number in its shortest form, else its text without blanks around it.
fn said(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim_matches(' ');
    Some(shortest(text).unwrap_or_else(|| text.to_owned()))
}

fn lower(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            object.into_iter().map(|(key, value)| (key.to_ascii_lowercase(), lower(value))).collect()
        }
        Value::Array(list) => list.into_iter().map(lower).collect(),
        other => other,
    }
}

fn number(value: impl Into<Decimal>) -> String {
    shortest(&value.into().to_string()).unwrap()
}

#[test]
fn fuzz_order_answers() {
    let samples = fixtures!["TTTT1002U_accepted", "VTTT1002U_accepted", "VTTT1004U_done", "VTTT1004U_nothing_left"];
    fuzz("order answers", 15, &samples, |body, random| {
        let status = *random.pick(&[200, 200, 200, 302, 403, 500]);
        let reply = Reply { status, tr_cont: String::new(), date: None, body: body.to_vec() };
        let judged = judge(&Ok(reply), &cleaner());
        assert!(judged.msg.chars().count() <= 200 && !judged.msg.contains(char::is_control));
        match judged.class {
            OutcomeClass::Rejected => assert!(judged.refusal.is_some()),
            // A no that only a list can confirm.
            OutcomeClass::Unknown => {
                assert!(matches!(judged.refusal, None | Some(Refusal::System | Refusal::Unlisted)));
            }
            _ => assert_eq!(judged.refusal, None),
        }
        assert_eq!(judged.class == OutcomeClass::Accepted, judged.order_id.is_some());
        let Some(order_id) = judged.order_id else { return };
        assert!(!(300..400).contains(&status), "a redirect says nothing");
        let body = Lower::new(body).0;
        assert_eq!(body["rt_cd"].as_str().unwrap().trim_matches(' '), "0");
        assert_eq!(order_id.to_string(), ten_digits(&body["output"]["odno"]));
    });
}

/// An order number as it must stand in an answer, padded with zeros.
fn ten_digits(value: &Value) -> String {
    let text = value.as_str().unwrap().trim();
    assert!((1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
    assert!(text.bytes().any(|byte| byte != b'0'), "{text}");
    format!("{text:0>10}")
}

#[test]
fn fuzz_order_lists() {
    let samples = fixtures!["TTTS3035R_day", "VTTS3035R_day", "TTTS3035R_nothing"];
    let query = OrdersPage {
        from: "2026-03-09".parse().unwrap(),
        to: "2026-03-10".parse().unwrap(),
        cursor: Cursor::default(),
    };
    fuzz("order lists", 10, &samples, |body, random| {
        let Some((page, body)) = read(&query, body, random) else { return };
        assert!(page.rows.len() <= body.rows("output").len());
        for order in page.rows.into_iter().filter_map(|row| row.order) {
            assert!(order.filled_quantity + order.remaining_quantity <= order.quantity);
            assert!(order.filled_quantity == 0 || order.average_price.is_positive());
            let side = if order.side == crate::domain::Side::Buy { "2" } else { "1" };
            let fields = [
                ("odno", order.order_id.to_string().trim_start_matches('0').to_owned()),
                ("pdno", order.symbol.to_string()),
                ("sll_buy_dvsn_cd", side.to_owned()),
                ("ord_dt", order.date.format("%Y%m%d").to_string()),
                ("ft_ord_qty", number(order.quantity)),
                ("ft_ccld_qty", number(order.filled_quantity)),
                ("nccs_qty", number(order.remaining_quantity)),
            ];
            assert!(body.has_row("output", &fields), "{fields:?}");
            for (key, price) in [("ft_ord_unpr3", order.limit_price), ("ft_ccld_unpr3", order.average_price)] {
                let stands = |row: &&Value| said(&row[key]).is_some_and(|text| text == number(price.0));
                assert!(price == Usd::ZERO || body.rows("output").iter().any(stands), "{key} {price}");
            }
        }
    });
}

#[test]
fn fuzz_balances() {
    let query = BalancePage { exchange: Exchange::Nasdaq, cursor: Cursor::default() };
    fuzz("balances", 8, &fixtures!["TTTS3012R_one_holding"], |body, random| {
        let Some((page, body)) = read(&query, body, random) else { return };
        for position in page.rows.into_iter().flatten() {
            assert!(position.sellable_quantity <= position.quantity);
            let fields = [
                ("ovrs_pdno", said(&Value::from(position.symbol.as_str())).unwrap()),
                ("tr_crcy_cd", "USD".to_owned()),
                ("ovrs_cblc_qty", number(position.quantity)),
            ];
            assert!(body.has_row("output1", &fields), "{fields:?}");
            for (key, price) in [("pchs_avg_pric", position.average_cost), ("now_pric2", position.balance_price)] {
                let stands = |price: Usd| body.has_row("output1", &[(key, number(price.0))]) && price.is_positive();
                assert!(price.is_none_or(stands), "{key} {price:?}");
            }
        }
    });
}

#[test]
fn fuzz_buying_power_and_quotes() {
    let (first, second) = (symbol("ZZZQ"), symbol("AAPL"));
    let power = BuyingPowerOf { exchange: Exchange::Nasdaq, symbol: &first, price: usd("103.22") };
    fuzz("buying power", 6, &fixtures!["TTTS3007R_usd", "VTTS3007R_usd"], |body, random| {
        let Some((power, body)) = read(&power, body, random) else { return };
        let mut fields = vec![
            ("tr_crcy_cd", "USD".to_owned()),
            ("ord_psbl_frcr_amt", number(power.cash.0)),
            ("max_ord_psbl_qty", number(power.max_quantity)),
        ];
        // On paper the cash holds them.
        if power.sale_proceeds != Usd::ZERO {
            fields.push(("sll_ruse_psbl_amt", number(power.sale_proceeds.0)));
        }
        assert!(body.has_row("output", &fields), "{fields:?}");
        let orderable = number(power.orderable.0);
        let keys = ["ovrs_ord_psbl_amt", "frcr_ord_psbl_amt1", "ord_psbl_frcr_amt"];
        assert!(keys.iter().any(|key| body.has_row("output", &[(key, orderable.clone())])), "{orderable}");
    });
    let samples = fixtures!["HHDFS00000300_trading", "HHDFS00000300_before_first_trade", "HHDFS00000300_not_listed"];
    let asked = OneQuote { exchange: Exchange::Nasdaq, symbol: &second };
    fuzz("quotes", 6, &samples, |body, random| {
        let Some((quote, body)) = read(&asked, body, random) else { return };
        check_quote("output", &quote, &body);
    });
    let wanted = [(Exchange::Nasdaq, second.clone()), (Exchange::Nyse, first.clone())];
    fuzz("quotes of many", 6, &fixtures!["HHDFS76220000_two"], |body, random| {
        let Some((quotes, body)) = read(&ManyQuotes { wanted: &wanted }, body, random) else { return };
        assert_eq!(quotes.len(), wanted.len());
        quotes.iter().for_each(|quote| check_quote("output2", quote, &body));
    });
}

fn check_quote(list: &str, quote: &crate::domain::Quote, body: &Lower) {
    for (key, price) in [("last", quote.last), ("base", quote.base)] {
        let stands = |price: Usd| price.is_positive() && body.has_row(list, &[(key, number(price.0))]);
        assert!(price.is_none_or(stands), "{key} {price:?}");
    }
}

#[test]
fn fuzz_token_answers() {
    let asked_at = "2026-03-10T14:30:00Z".parse().unwrap();
    let samples = fixtures!["tokenP_issued", "tokenP_bad_key", "tokenP_too_soon", "revokeP_done"];
    fuzz("token answers", 5, &samples, |body, _| {
        let Ok(object) = json::parse(body) else { return };
        let Ok(token) = token::read_token(&object, asked_at) else { return };
        assert!(!token.expose().is_empty() && token.expose().bytes().all(|byte| (0x21..0x7f).contains(&byte)));
        let body = Lower::new(body).0;
        assert_eq!(body["access_token"].as_str().unwrap().trim_matches(' '), token.expose());
        let lives = (token.expires_at - asked_at).num_seconds();
        let stated = match &body["expires_in"] {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64().and_then(|seconds| i64::try_from(seconds).ok()),
        };
        assert!(stated.is_none_or(|seconds| lives <= seconds), "{lives} s");
    });
}

#[test]
fn fuzz_numbers() {
    let samples: [&[u8]; 8] =
        [b"\"12\"", b"\" 103.2400\"", b"\"40.00000000\"", b"\"-1.5\"", b"\"0000031425\"", b"\"0\"", b"\"\"", b"7"];
    fuzz("numbers", 9, &samples, |value, _| {
        let body = [b"{\"f\":", value, b"}"].concat();
        let Ok(object) = json::parse(&body) else { return };
        let text = serde_json::from_slice::<Value>(&body).unwrap()["f"].clone();
        let plain = said(&text);
        if let Ok(quantity) = wire::quantity(&object, "f") {
            assert_eq!(plain, Some(quantity.to_string()));
        }
        if let Ok(Some(amount)) = wire::amount(&object, "f") {
            assert_eq!(plain, Some(number(amount.0)));
        }
        if let Ok(Some(price)) = wire::price(&object, "f") {
            assert_eq!(plain, Some(number(price.0)));
            assert!(price.0 >= Decimal::ZERO);
        }
        if let Some(order_id) = text.as_str().and_then(|text| text.parse::<OrderId>().ok()) {
            assert_eq!(order_id.to_string(), ten_digits(&text));
        }
    });
}
