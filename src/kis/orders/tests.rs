//! Rows of order lists, as KIS sends them, become rows of the market's words, or are set aside.

use super::*;
use crate::domain::Side;
use crate::kis::testing::{self, symbol, usd};

const REAL: &str = include_str!("../../../tests/fixtures/TTTS3035R_day.json");
const PAPER: &str = include_str!("../../../tests/fixtures/VTTS3035R_day.json");
const NOTHING: &str = include_str!("../../../tests/fixtures/TTTS3035R_nothing.json");

fn query() -> OrdersPage {
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    OrdersPage { from: day(9), to: day(11), cursor: Cursor::default() }
}

fn read_rows(mode: Mode, body: &str) -> Result<Vec<ListedRow>, Nonsense> {
    testing::read(&query(), mode, "D", body).map(|page| page.rows)
}

/// The rows of a list in which nothing is odd.
fn read(mode: Mode, body: &str) -> Result<Vec<BrokerOrder>, Nonsense> {
    let whole = |row: ListedRow| row.odd.map_or_else(|| row.order.unwrap(), |odd| panic!("{odd:?}"));
    read_rows(mode, body).map(|rows| rows.into_iter().map(whole).collect())
}

/// The real list with one text replaced everywhere.
fn changed(from: &str, to: &str) -> Result<Vec<BrokerOrder>, Nonsense> {
    assert!(REAL.contains(from), "{from}");
    read(Mode::Real, &REAL.replace(from, to))
}

#[test]
fn reads_a_fill_an_expiry_and_a_cancel() {
    let rows = read(Mode::Real, REAL).unwrap();
    assert_eq!(rows.len(), 3);
    let fill = &rows[0];
    assert_eq!((fill.date.to_string(), fill.order_id.to_string()), ("2026-03-10".into(), "0030012399".into()));
    assert_eq!((fill.branch.as_str(), fill.may_be_open_api), ("01790", true));
    assert_eq!((fill.kind, fill.side, fill.is_refused), (RowKind::Order, Side::Buy, false));
    assert_eq!((fill.symbol.clone(), fill.exchange), (symbol("ZZZQ"), Some(Exchange::Nasdaq)));
    assert_eq!((fill.quantity, fill.filled_quantity, fill.remaining_quantity), (5, 5, 0));
    assert_eq!((fill.limit_price, fill.average_price), (usd("103.30"), usd("103.24")));
    // Korean time after midnight belongs to the US date before.
    assert_eq!(fill.ordered_at.unwrap().to_rfc3339(), "2026-03-10T16:15:30+00:00");
    assert!(fill.is_plain_order());

    assert_eq!((rows[1].end_reason, rows[1].note.as_str()), (EndReason::SessionEnd, "DFD 장종료로 취소"));
    assert_eq!((rows[1].filled_quantity, rows[1].remaining_quantity), (0, 0));

    assert_eq!((rows[2].kind, rows[2].limit_price), (RowKind::Cancel, Usd::ZERO));
    assert_eq!(rows[2].original_id, Some("30012388".parse().unwrap()));
    assert!(!rows[2].is_plain_order());
}

#[test]
fn reads_papers_bare_numbers_and_blank_states() {
    let rows = read(Mode::Paper, PAPER).unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0].order_id, "0000042031".parse().unwrap());
    assert_eq!((rows[0].is_refused, rows[0].remaining_quantity), (false, 1));
    assert_eq!((rows[3].kind, rows[3].original_id.clone()), (RowKind::Cancel, Some(rows[2].order_id.clone())));
}

#[test]
fn the_words_of_an_end_are_understood_and_kept() {
    for (words, expected) in [
        ("", EndReason::NotStated),
        ("  ", EndReason::NotStated),
        ("DFD 장종료로 취소", EndReason::SessionEnd),
        ("장종료취소", EndReason::SessionEnd),
        ("취소 완료", EndReason::Cancel),
        ("호가단위 오류", EndReason::Other),
        ("주문거부", EndReason::Other),
        ("?", EndReason::Other),
    ] {
        let rows = changed("DFD 장종료로 취소", words).unwrap();
        assert_eq!((rows[1].end_reason, rows[1].note.as_str()), (expected, words.trim()), "{words}");
    }
}

#[test]
fn the_medium_is_known_in_any_letters() {
    for (name, expected) in [("", true), ("OpenAPI", true), ("OPENAPI 해외", true), ("모바일", false)] {
        let rows = changed(r#""mdia_dvsn_name": "OpenAPI""#, &format!(r#""mdia_dvsn_name": "{name}""#)).unwrap();
        assert_eq!(rows[0].may_be_open_api, expected, "{name}");
    }
    assert!(changed(r#""mdia_dvsn_name": "OpenAPI","#, "").unwrap()[0].may_be_open_api);
}

#[test]
fn nothing_comes_in_many_shapes() {
    assert_eq!(read(Mode::Real, NOTHING), Ok(vec![]));
    for body in [
        r#"{"msg_cd":"KIOK0560"}"#,
        r#"{"msg_cd":"KIOK0560","output":""}"#,
        r#"{"msg_cd":"KIOK0560","output":{}}"#,
        r#"{"msg_cd":"70070000"}"#,
        r#"{"msg_cd":"20310000","output":[]}"#,
        r#"{"msg_cd":"20310000","output":[{"odno":"  ","pdno":""}]}"#,
    ] {
        assert_eq!(read(Mode::Paper, body), Ok(vec![]), "{body}");
    }
    for body in [r#"{"msg_cd":"KIOK0510"}"#, r#"{"msg_cd":"KIOK0510","output":""}"#] {
        assert!(read_rows(Mode::Real, body).is_err(), "{body}");
    }
    let nameless = read_rows(Mode::Real, r#"{"msg_cd":"KIOK0510","output":[{}, {"pdno":"A"}]}"#).unwrap();
    assert!(nameless.len() == 1 && nameless[0].order.is_none(), "a row that lost its number is no padding");
}

#[test]
fn a_row_that_cannot_be_read_is_set_aside_and_the_others_are_read() {
    for (from, to) in [
        (r#""sll_buy_dvsn_cd": "02""#, r#""sll_buy_dvsn_cd": "03""#),
        (r#""sll_buy_dvsn_cd": "02""#, r#""sll_buy_dvsn_cd": """#),
        (r#""ft_ccld_qty": "5""#, r#""ft_ccld_qty": "6""#),
        (r#""ft_ccld_qty": "5""#, r#""ft_ccld_qty": "-5""#),
        (r#""ft_ccld_qty": "5""#, r#""ft_ccld_qty": 5"#),
        (r#""ft_ccld_qty": "5""#, r#""ft_ccld_qty": """#),
        (r#""nccs_qty": "0""#, r#""nccs_qty": "1""#),
        (r#""ft_ord_qty": "5""#, r#""ft_ord_qty": "1,000""#),
        (r#""ft_ord_qty": "1""#, r#""ft_ord_qty": "0""#),
        (r#""ft_ord_unpr3": "103.30000000""#, r#""ft_ord_unpr3": "-103.3""#),
        (r#""ft_ord_unpr3": "103.30000000""#, r#""ft_ord_unpr3": """#),
        (r#""ft_ccld_unpr3": "103.24000000""#, r#""ft_ccld_unpr3": "0.00000000""#),
        (r#""pdno": "ZZZQ""#, r#""pdno": "zzzq""#),
        (r#""pdno": "ZZZQ""#, r#""pdno": """#),
        (r#""odno": "0030012399""#, r#""odno": "ABC""#),
        (r#""odno": "0030012399""#, r#""odno": 30012399"#),
        (r#""odno": "0030012399""#, r#""odno": null"#),
        (r#""odno": "0030012399","#, ""),
        (r#""orgn_odno": "0030012388""#, r#""orgn_odno": "12x""#),
        (r#""rvse_cncl_dvsn": "02""#, r#""rvse_cncl_dvsn": "03""#),
        (r#""prcs_stat_name": "완료""#, r#""prcs_stat_name": null"#),
        (r#""ord_dt": "20260310""#, r#""ord_dt": """#),
        (r#""ord_dt": "20260310""#, r#""ord_dt": "20261310""#),
        (r#""tr_crcy_cd": "USD""#, r#""tr_crcy_cd": "HKD""#),
    ] {
        assert!(REAL.contains(from), "{from}");
        let rows = read_rows(Mode::Real, &REAL.replace(from, to)).unwrap();
        let odd: Vec<&OddOrder> = rows.iter().filter_map(|row| row.odd.as_ref()).collect();
        assert!(!odd.is_empty() && odd.iter().all(|odd| !odd.is_listed && !odd.why.is_empty()), "{from} -> {to}");
        assert_eq!(rows.iter().filter(|row| row.order.is_some()).count(), 3 - odd.len(), "{from} -> {to}");
    }
    assert!(read_rows(Mode::Real, r#"{"msg_cd":"KIOK0510","output":[null]}"#).is_err(), "no row at all");
}

#[test]
fn what_can_be_said_of_an_odd_row_is_said() {
    let odd = |from: &str, to: &str| {
        let body = REAL.replacen(from, to, 1);
        read_rows(Mode::Real, &body).unwrap().remove(0)
    };
    let row = odd(r#""ft_ccld_unpr3": "103.24000000""#, r#""ft_ccld_unpr3": "0.00000000""#).odd.unwrap();
    assert_eq!(row.why, "order 0030012399: filled at no price yet");
    assert_eq!((row.code.as_str(), row.symbol, row.side), ("ZZZQ", Some(symbol("ZZZQ")), Some(Side::Buy)));
    assert_eq!((row.order_id, row.date), ("30012399".parse().ok(), NaiveDate::from_ymd_opt(2026, 3, 10)));
    assert!(row.may_be_open_api && !row.is_listed);
    let row = odd(r#""ft_ord_qty": "5""#, r#""ft_ord_qty": "0.4""#).odd.unwrap();
    assert!(!row.may_be_open_api, "a fraction of a share");
    let row = odd(r#""pdno": "ZZZQ""#, r#""pdno": "1234567R1""#).odd.unwrap();
    assert_eq!((row.code.as_str(), row.symbol), ("1234567R1", None));
    // A word alone: quantities decide, and the row counts as any other.
    let row = odd(r#""prcs_stat_name": "완료""#, r#""prcs_stat_name": "대기""#);
    let order = row.order.unwrap();
    assert_eq!((order.filled_quantity, order.is_refused), (5, false));
    assert!(row.odd.unwrap().is_listed);
}

#[test]
fn what_only_describes_may_be_missing() {
    for (from, to) in [
        (r#""prdt_name": "지지지큐","#, ""),
        (r#""splt_buy_attr_name": """#, r#""new_field": [1]"#),
        (r#""ord_gno_brno": "01790","#, ""),
        (r#""mdia_dvsn_name": "OpenAPI","#, ""),
        (r#""dmst_ord_dt": "20260311""#, r#""dmst_ord_dt": "soon""#),
        (r#""ovrs_excg_cd": "NASD""#, r#""ovrs_excg_cd": "OTCB""#),
    ] {
        assert!(changed(from, to).is_ok(), "{from} -> {to}");
    }
    assert_eq!(changed(r#""dmst_ord_dt": "20260311""#, r#""dmst_ord_dt": """#).unwrap()[0].ordered_at, None);
}

#[test]
fn an_original_of_zeros_is_none_and_a_blank_kind_follows_it() {
    let rows = changed(r#""orgn_odno": """#, r#""orgn_odno": "0000000000""#).unwrap();
    assert_eq!((rows[0].original_id.clone(), rows[0].kind), (None, RowKind::Order));
    let rows = changed(r#""rvse_cncl_dvsn": "02""#, r#""rvse_cncl_dvsn": """#).unwrap();
    assert_eq!(rows[2].kind, RowKind::Cancel);
}

#[test]
fn orders_of_another_country_are_not_ours() {
    let body = PAPER.replacen(r#""tr_natn": "840""#, r#""tr_natn": "344""#, 1);
    assert_eq!(read(Mode::Paper, &body).unwrap().len(), 4, "the currency still says USD");
    let body = body.replacen(r#""tr_crcy_cd": "USD""#, r#""tr_crcy_cd": "HKD""#, 1).replacen("ZZZQ", "00700", 1);
    assert_eq!(read(Mode::Paper, &body).unwrap().len(), 3);
}

#[test]
fn asks_for_everything_in_each_modes_own_way() {
    let account = AccountNumber::parse("99999999-01").unwrap();
    for (mode, tr_id, expected) in [
        (
            Mode::Real,
            "TTTS3035R",
            [("PDNO", "%"), ("OVRS_EXCG_CD", "NASD"), ("SORT_SQN", "DS"), ("ORD_STRT_DT", "20260309")],
        ),
        (
            Mode::Paper,
            "VTTS3035R",
            [("PDNO", ""), ("OVRS_EXCG_CD", ""), ("SORT_SQN", "DS"), ("ORD_END_DT", "20260311")],
        ),
    ] {
        assert_eq!(query().tr_id(mode), tr_id);
        let Payload::Query(fields) = query().payload(mode, &account) else { panic!("a query") };
        assert_eq!(fields.len(), 14);
        for (key, value) in expected {
            assert!(fields.contains(&(key, value.to_owned())), "{mode} {key}");
        }
    }
}
