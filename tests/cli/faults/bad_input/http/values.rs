//! Values that are not written as KIS writes them, or contradict each other.

use serde_json::{Value, json};

use super::{BALANCE, LIST, POWER, PRICE, TOKEN, lie, scene};
use crate::faults::bad_input::liar::{Answer, Liar};
use crate::faults::bad_input::table::{Row, row};

/// What no number of shares looks like.
fn bad_quantities() -> Vec<Value> {
    let mut bad = bad_amounts();
    bad.extend(["", " ", "-0", "-1", "1.5", "-1.0", "99999999999999999999"].map(Value::from));
    bad
}

/// What no amount looks like.
fn bad_amounts() -> Vec<Value> {
    let mut bad: Vec<Value> = [
        "1,234.5",
        "1e5",
        "1E5",
        "12345678901234567890",
        "1.00000000001",
        "NaN",
        "inf",
        "１２",
        "0x10",
        "+5",
        ".5",
        "5.",
        "5 5",
        "--5",
        "5%",
        "$5",
        "1_000",
        "abc",
        "5\n6",
        "\u{202e}5",
        "٣",
        "null",
    ]
    .map(Value::from)
    .into();
    bad.extend([json!(5), json!(5.5), json!(-5), json!(null), json!(true), json!([]), json!(["5"]), json!({})]);
    bad
}

fn set<'a>(liar: &'a Liar, path: &'static str, pointer: &'static str, value: Value) -> Row<'a> {
    let key = pointer.rsplit('/').next().unwrap();
    let word = if pointer.matches('/').count() > 1 { key } else { "" };
    let change = move |answer: &mut Answer| answer.set(pointer, value.clone());
    if is_of_row(path, pointer) {
        return set_aside(liar, format!("{key} = odd"), "row_set_aside", path, change);
    }
    lie(liar, format!("{key} = odd"), 69, word, path, change)
}

fn without<'a>(liar: &'a Liar, path: &'static str, pointer: &'static str) -> Row<'a> {
    let (name, change) = (format!("{pointer} is missing"), move |answer: &mut Answer| answer.remove(pointer));
    if is_of_row(path, pointer) {
        return set_aside(liar, name, "row_set_aside", path, change);
    }
    lie(liar, name, 69, "missing", path, change)
}

/// A field of one row of a list: the others are whole.
fn is_of_row(path: &str, pointer: &str) -> bool {
    [BALANCE, LIST].contains(&path) && pointer.matches('/').count() > 2
}

/// A lie about one row, which stops nothing but itself: on paper nobody knows that the other order is a person's.
fn set_aside<'a>(
    liar: &'a Liar,
    name: String,
    word: &str,
    path: &'static str,
    change: impl Fn(&mut Answer) + Clone + Send + 'static,
) -> Row<'a> {
    row(format!("{path}: {name}"), 0, word, move |site| {
        liar.lie(path, change.clone());
        site.arguments(["status"]);
    })
}

#[test]
fn the_balance() {
    let (bench, liar) = scene();
    let mut rows = Vec::new();
    for pointer in ["/output1/0/ovrs_cblc_qty", "/output1/0/ord_psbl_qty"] {
        rows.extend(bad_quantities().into_iter().map(|value| set(&liar, BALANCE, pointer, value)));
        rows.push(without(&liar, BALANCE, pointer));
    }
    for pointer in ["/output1/0/pchs_avg_pric", "/output1/0/now_pric2"] {
        rows.extend(bad_amounts().into_iter().map(|value| set(&liar, BALANCE, pointer, value)));
        rows.push(set(&liar, BALANCE, pointer, json!("-1")));
    }
    for value in ["KRW", "", "usd", "US", "USDT"] {
        rows.push(set(&liar, BALANCE, "/output1/0/tr_crcy_cd", json!(value)));
    }
    for value in
        [json!("../x"), json!("aapl"), json!("AAPL;"), json!("-"), json!(5), json!("A".repeat(13)), json!(null)]
    {
        rows.push(set(&liar, BALANCE, "/output1/0/ovrs_pdno", value));
    }
    for pointer in ["/output1/0/tr_crcy_cd", "/output1/0/ovrs_pdno", "/output1"] {
        rows.push(without(&liar, BALANCE, pointer));
    }
    for value in
        [json!(null), json!([null]), json!([[]]), json!(["AAPL"]), json!(""), json!("none"), json!(0), json!(true)]
    {
        rows.push(set(&liar, BALANCE, "/output1", value));
    }
    bench.check(rows);
}

#[test]
fn the_order_list() {
    let (bench, liar) = scene();
    let mut rows = Vec::new();
    for pointer in ["/output/0/ft_ord_qty", "/output/0/ft_ccld_qty", "/output/0/nccs_qty"] {
        rows.extend(bad_quantities().into_iter().map(|value| set(&liar, LIST, pointer, value)));
        rows.push(without(&liar, LIST, pointer));
    }
    for pointer in ["/output/0/ft_ord_unpr3", "/output/0/ft_ccld_unpr3"] {
        rows.extend(bad_amounts().into_iter().map(|value| set(&liar, LIST, pointer, value)));
        rows.push(set(&liar, LIST, pointer, json!("-1")));
    }
    for (key, bad) in [
        ("sll_buy_dvsn_cd", vec!["", "00", "03", "1", "buy"]),
        ("prcs_stat_name", vec!["체결", "done", "완료됨", "취소", "?"]),
        ("rvse_cncl_dvsn", vec!["03", "9", "0", "x"]),
        ("odno", vec!["x", "12345678901", "-1", "1.5", "１"]),
        ("orgn_odno", vec!["x", "12345678901", "-1"]),
        ("ord_dt", vec!["", "2023-05-24", "20230532", "230524", "0", "２０２３0524"]),
        ("pdno", vec!["", "../x", "nvda", "NVDA ;", "가"]),
        ("tr_crcy_cd", vec!["KRW", "HKD", "usd"]),
    ] {
        for value in bad {
            let pointer: &'static str = match key {
                "sll_buy_dvsn_cd" => "/output/0/sll_buy_dvsn_cd",
                "prcs_stat_name" => "/output/0/prcs_stat_name",
                "rvse_cncl_dvsn" => "/output/0/rvse_cncl_dvsn",
                "odno" => "/output/0/odno",
                "orgn_odno" => "/output/0/orgn_odno",
                "ord_dt" => "/output/0/ord_dt",
                "pdno" => "/output/0/pdno",
                _ => "/output/0/tr_crcy_cd",
            };
            rows.push(set(&liar, LIST, pointer, json!(value)));
        }
    }
    for value in [json!(null), json!([null]), json!([[]]), json!(["x"]), json!(""), json!(0)] {
        rows.push(set(&liar, LIST, "/output", value));
    }
    rows.push(without(&liar, LIST, "/output"));
    let numbers = |name: &str, ordered: &'static str, filled: &'static str, open: &'static str, price: &'static str| {
        set_aside(&liar, name.to_owned(), "order 0", LIST, move |answer: &mut Answer| {
            answer.set("/output/0/ft_ord_qty", json!(ordered));
            answer.set("/output/0/ft_ccld_qty", json!(filled));
            answer.set("/output/0/nccs_qty", json!(open));
            answer.set("/output/0/ft_ccld_unpr3", json!(price));
        })
    };
    rows.push(numbers("more filled than ordered", "3", "4", "0", "100"));
    rows.push(numbers("more open than ordered", "3", "0", "4", "0"));
    rows.push(numbers("more filled and open than ordered", "3", "2", "2", "100"));
    rows.push(numbers("as much as fits", "3", "999999999999999", "999999999999999", "100"));
    rows.push(numbers("filled at no price", "3", "3", "0", "0"));
    rows.push(numbers("nothing ordered", "0", "0", "0", "0"));
    bench.check(rows);
}

#[test]
fn the_buying_power() {
    let (bench, liar) = scene();
    let mut rows = Vec::new();
    for pointer in ["/output/ord_psbl_frcr_amt", "/output/sll_ruse_psbl_amt", "/output/ovrs_ord_psbl_amt"] {
        rows.extend(bad_amounts().into_iter().map(|value| set(&liar, POWER, pointer, value)));
    }
    for pointer in ["/output/ord_psbl_frcr_amt", "/output/sll_ruse_psbl_amt"] {
        rows.push(set(&liar, POWER, pointer, json!("")));
        rows.push(without(&liar, POWER, pointer));
    }
    rows.extend(bad_quantities().into_iter().map(|value| set(&liar, POWER, "/output/max_ord_psbl_qty", value)));
    for value in ["KRW", "", "usd"] {
        rows.push(set(&liar, POWER, "/output/tr_crcy_cd", json!(value)));
    }
    for value in [json!(null), json!([]), json!([null]), json!(""), json!({})] {
        rows.push(set(&liar, POWER, "/output", value));
    }
    for value in ["0", "-0", "-5000", "0.0000000001", "99.99"] {
        rows.push(lie(&liar, format!("ord_psbl_frcr_amt = {value}"), 0, "cash_too_low", POWER, move |answer| {
            answer.set("/output/ord_psbl_frcr_amt", json!(value));
            answer.set("/output/sll_ruse_psbl_amt", json!("0"));
        }));
    }
    bench.check(rows);
}

#[test]
fn quotes() {
    // A price that can't be read is an unknown one: nothing is bought of it, and the run goes on.
    let (bench, liar) = scene();
    let liar = &liar;
    let mut rows = Vec::new();
    for key in ["last", "base"] {
        let mut bad = bad_amounts();
        bad.extend(["", "0", "-0", "0.0000", "-170"].map(Value::from));
        for value in bad {
            let name = format!("{key} = {value}");
            rows.push(lie(liar, name, 0, "nothing_to_do", PRICE, move |answer| {
                answer.set(&format!("/output/{key}"), value.clone());
            }));
        }
        rows.push(lie(liar, format!("{key} is missing"), 0, "nothing_to_do", PRICE, move |answer| {
            answer.remove(&format!("/output/{key}"));
        }));
    }
    for (name, last, base) in [
        ("a hundredth of yesterday's", "1.70", "175"),
        ("a hundred times yesterday's", "17000", "175"),
        ("beyond everything", "999999999999999", "999999999999999.9"),
    ] {
        rows.push(lie(liar, name, 0, "nothing_to_do", PRICE, move |answer| {
            answer.set("/output/last", json!(last));
            answer.set("/output/base", json!(base));
        }));
    }
    for value in ["DNASMSFT", "DNYSAAPL", "x", "DNAS", "가나다라"] {
        rows.push(lie(liar, format!("of another symbol: {value}"), 0, "nothing_to_do", PRICE, move |answer| {
            answer.set("/output/rsym", json!(value));
        }));
    }
    for value in [json!(null), json!([]), json!([null]), json!([1]), json!(""), json!(0)] {
        rows.push(set(liar, PRICE, "/output", value));
    }
    bench.check(rows);
}

#[test]
fn selling_on_values_in_doubt() {
    let (bench, liar) = scene();
    let liar = &liar;
    let sell = |name: &str, path: &'static str, changes: &'static [(&'static str, &'static str)]| {
        row(format!("sell, {name}"), 0, "nothing_to_do", move |site| {
            liar.lie(path, move |answer| {
                for (pointer, value) in changes {
                    answer.set(pointer, json!(value));
                }
            });
            site.arguments(["sell", "--dry-run"]);
        })
        .after(super::nothing_planned)
    };
    bench.check(vec![
        row("sell, as it is", 0, "planned", |site| {
            liar.stop();
            site.arguments(["sell", "--dry-run"]);
        }),
        sell("average 0", BALANCE, &[("/output1/0/pchs_avg_pric", "0")]),
        sell("average blank", BALANCE, &[("/output1/0/pchs_avg_pric", "")]),
        sell("average a hundredth", BALANCE, &[("/output1/0/pchs_avg_pric", "1.50")]),
        sell("average a hundredfold", BALANCE, &[("/output1/0/pchs_avg_pric", "15000")]),
        sell("nothing sellable", BALANCE, &[("/output1/0/ord_psbl_qty", "0")]),
        sell("nothing held", BALANCE, &[("/output1/0/ovrs_cblc_qty", "0")]),
        sell("on credit", BALANCE, &[("/output1/0/loan_type_cd", "27")]),
        sell("price 0", PRICE, &[("/output/last", "0")]),
        sell("price blank", PRICE, &[("/output/last", "")]),
        sell("price with a comma", PRICE, &[("/output/last", "1,700")]),
        sell("price a hundredfold", PRICE, &[("/output/last", "17000")]),
    ]);
}

#[test]
fn the_token() {
    let (bench, liar) = scene();
    let liar = &liar;
    let mut rows = Vec::new();
    let refused = |name: String, key: &'static str, value: Value| {
        lie(liar, name, 69, "no usable token", TOKEN, move |answer| answer.set(&format!("/{key}"), value.clone()))
    };
    for value in [
        json!(""),
        json!(null),
        json!(5),
        json!([]),
        json!("two words"),
        json!("a\r\nX-Injected: 1"),
        json!("\u{1b}[2J"),
        json!("토큰"),
        json!("x".repeat(5000)),
    ] {
        let name = format!("access_token = {}", value.to_string().chars().take(30).collect::<String>());
        rows.push(refused(name, "access_token", value));
    }
    for value in [json!("Basic"), json!(5), json!("bearer x")] {
        rows.push(refused(format!("token_type = {value}"), "token_type", value));
    }
    for value in [json!(null), json!("soon"), json!(-5), json!(1.5), json!("1e5"), json!(u64::MAX), json!([])] {
        let name = format!("expires_in = {value} and no date");
        rows.push(lie(liar, name, 69, "no usable token", TOKEN, move |answer| {
            answer.set("/expires_in", value.clone());
            answer.set("/access_token_token_expired", json!("soon"));
        }));
    }
    for (name, seconds, date) in [
        ("dead on arrival", 0, "2023-05-24 23:30:00"),
        ("dead since 1970", 86_400, "1970-01-01 09:00:00"),
        ("alive for a year", 31_536_000, "2024-05-24 23:30:00"),
    ] {
        rows.push(lie(liar, name, 69, "", TOKEN, move |answer| {
            answer.set("/expires_in", json!(seconds));
            answer.set("/access_token_token_expired", json!(date));
        }));
    }
    rows.push(lie(liar, "no keys of a token", 69, "no usable token", TOKEN, |answer| {
        answer.body = b"{\"token_type\":\"Bearer\"}".to_vec();
    }));
    bench.check(rows);
}
