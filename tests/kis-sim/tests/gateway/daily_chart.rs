//! 해외주식 종목_지수_환율기간별시세: the won's rate and the bars of large shares, on both environments.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::harness::*;

const CHART: &str = "/uapi/overseas-price/v1/quotations/inquire-daily-chartprice";
const CHART_TR: &str = "FHKST03030100";
const WON: &str = "FX@KRW";

fn chart(client: &Client, kind: &str, code: &str, (from, to): (&str, &str), period: &str) -> Call {
    client
        .get(CHART, CHART_TR)
        .query("FID_COND_MRKT_DIV_CODE", kind)
        .query("FID_INPUT_ISCD", code)
        .query("FID_INPUT_DATE_1", from)
        .query("FID_INPUT_DATE_2", to)
        .query("FID_PERIOD_DIV_CODE", period)
}

/// Returns the rows that have a date, by that date, oldest first.
#[track_caller]
fn dated(answer: &Answer) -> Vec<Value> {
    answer.assert_success("MCA00000", "정상처리 되었습니다.");
    let mut rows = answer.rows("output2");
    rows.retain(|row| !row["stck_bsop_date"].as_str().unwrap_or("").trim().is_empty());
    rows.sort_by_key(|row| date(row, "stck_bsop_date"));
    rows
}

#[track_caller]
fn assert_row_format(row: &Value) {
    assert_numbers(row, "ovrs_nmix_prpr ovrs_nmix_oprc ovrs_nmix_hgpr ovrs_nmix_lwpr acml_vol");
    assert_fields(row, "stck_bsop_date mod_yn");
    let [open, high, low, last] =
        ["ovrs_nmix_oprc", "ovrs_nmix_hgpr", "ovrs_nmix_lwpr", "ovrs_nmix_prpr"].map(|name| number(row, name));
    assert!(low <= open.min(last) && high >= open.max(last), "{row}");
}

/// Asserts a row to be the real bars of its period put together.
#[track_caller]
fn assert_bars(row: &Value, days: &[Bar]) {
    assert_row_format(row);
    let (first, last) = (&days[0], &days[days.len() - 1]);
    assert_eq!(number(row, "ovrs_nmix_oprc"), first.open, "{row}");
    assert_eq!(number(row, "ovrs_nmix_prpr"), last.close, "{row}");
    assert_eq!(Some(number(row, "ovrs_nmix_hgpr")), days.iter().map(|bar| bar.high).max(), "{row}");
    assert_eq!(Some(number(row, "ovrs_nmix_lwpr")), days.iter().map(|bar| bar.low).min(), "{row}");
    assert_eq!(number(row, "acml_vol"), Decimal::from(days.iter().map(|bar| bar.volume).sum::<u64>()), "{row}");
}

/// Returns the real bars between two dates, both included.
fn bars_between(symbol: &str, from: &str, to: &str) -> Vec<Bar> {
    bars(symbol).into_iter().filter(|bar| (from..=to).contains(&bar.date.as_str())).collect()
}

#[test]
fn the_won_has_every_field_in_its_format() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let answer = chart(&market.client(mode), "X", WON, ("20230220", "20230307"), "D").send();
        let rows = dated(&answer);
        assert!(!rows.is_empty(), "{}", answer.text);
        let head = &answer.body["output1"];
        assert!(head.is_object(), "{}", answer.text);
        assert_fields(head, "prdy_vrss_sign hts_kor_isnm stck_shrn_iscd");
        assert_numbers(
            head,
            "ovrs_nmix_prpr ovrs_nmix_prdy_clpr ovrs_nmix_prdy_vrss prdy_ctrt acml_vol prdy_vol ovrs_prod_oprc \
             ovrs_prod_hgpr ovrs_prod_lwpr",
        );
        for row in &rows {
            assert_row_format(row);
            assert!(("20230220"..="20230307").contains(&text(row, "stck_bsop_date")), "{row}");
            let won = number(row, "ovrs_nmix_prpr");
            assert!(won > decimal("500") && won < decimal("3000"), "won for a dollar: {row}");
        }
        let dates: Vec<&str> = rows.iter().map(|row| text(row, "stck_bsop_date")).collect();
        assert!(dates.windows(2).all(|pair| pair[0] < pair[1]), "each day once: {dates:?}");
    }
}

#[test]
fn the_won_has_no_more_rows_than_weeks_months_or_years() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    for (period, most) in [("W", 54), ("M", 13), ("Y", 2)] {
        let answer = chart(&client, "X", WON, ("20220301", "20230307"), period).send();
        let rows = dated(&answer);
        assert!((1..=most).contains(&rows.len()), "{period}: {} rows", rows.len());
        rows.iter().for_each(assert_row_format);
    }
}

#[test]
fn a_share_has_one_row_for_each_trading_day() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        // Washington's birthday is the 20th.
        let answer = chart(&market.client(mode), "N", "AAPL", ("20230216", "20230307"), "D").send();
        let rows = dated(&answer);
        let expected = bars_between("AAPL", "20230216", "20230307");
        assert_eq!(rows.len(), expected.len(), "{}", answer.text);
        for (row, bar) in rows.iter().zip(&expected) {
            assert_eq!(text(row, "stck_bsop_date"), bar.date);
            assert_bars(row, std::slice::from_ref(bar));
        }
    }
}

#[test]
fn weeks_and_months_put_their_days_together() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    let months = dated(&chart(&client, "N", "AAPL", ("20230101", "20230228"), "M").send());
    assert_eq!(months.len(), 2, "{months:?}");
    for (row, month) in months.iter().zip(["202301", "202302"]) {
        assert!(text(row, "stck_bsop_date").starts_with(month), "{row}");
        assert_bars(row, &bars_between("AAPL", &format!("{month}01"), &format!("{month}31")));
    }
    let weeks = dated(&chart(&client, "N", "AAPL", ("20230213", "20230303"), "W").send());
    assert_eq!(weeks.len(), 3, "{weeks:?}");
    for (row, (monday, friday)) in
        weeks.iter().zip([("20230213", "20230217"), ("20230220", "20230224"), ("20230227", "20230303")])
    {
        assert!((monday..=friday).contains(&text(row, "stck_bsop_date")), "{row}");
        assert_bars(row, &bars_between("AAPL", monday, friday));
    }
}

#[test]
fn the_running_day_is_told_up_to_now_and_no_later_day_at_all() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let client = market.client(mode);
        let quote = client.price("NAS", "AAPL").send().body["output"].clone();
        let answer = chart(&client, "N", "AAPL", ("20230306", "20230331"), "D").send();
        let head = &answer.body["output1"];
        assert_eq!(number(head, "ovrs_nmix_prpr"), number(&quote, "last"));
        assert_eq!(number(head, "ovrs_nmix_prdy_clpr"), number(&quote, "base"));
        let rows = dated(&answer);
        for row in &rows {
            assert!(text(row, "stck_bsop_date") <= TODAY, "no bar of the future: {row}");
            if text(row, "stck_bsop_date") == TODAY {
                assert_row_format(row);
                assert_eq!(number(row, "ovrs_nmix_prpr"), number(&quote, "last"));
                assert_eq!(number(row, "acml_vol"), number(&quote, "tvol"));
            }
        }
        assert!(rows.iter().any(|row| text(row, "stck_bsop_date") == "20230307"), "{}", answer.text);
        let month = dated(&chart(&client, "N", "AAPL", ("20230301", "20230331"), "M").send());
        for row in &month {
            assert!([number(&quote, "last"), number(&quote, "base")].contains(&number(row, "ovrs_nmix_prpr")), "{row}");
        }
        let later = dated(&chart(&client, "X", WON, ("20230309", "20230331"), "D").send());
        assert!(later.is_empty(), "no rate of the future: {later:?}");
    }
}

#[test]
fn the_headline_tells_the_move_since_the_close_before() {
    let market = Market::at(MORNING);
    let answer = chart(&market.client(Mode::Real), "N", "AAPL", ("20230306", TODAY), "D").send();
    let head = &answer.body["output1"];
    let (last, before) = (number(head, "ovrs_nmix_prpr"), number(head, "ovrs_nmix_prdy_clpr"));
    assert_eq!(number(head, "ovrs_nmix_prdy_vrss").abs(), (last - before).abs(), "{head}");
    let sign = if last > before { "2" } else { "5" };
    assert_eq!(text(head, "prdy_vrss_sign"), sign, "{head}");
    let percent = (last - before) * Decimal::ONE_HUNDRED / before;
    assert!((number(head, "prdy_ctrt").abs() - percent.abs()).abs() <= decimal("0.01"), "{head}");
    let (today, _) = bar_and_previous("AAPL", TODAY);
    assert_eq!(number(head, "ovrs_prod_oprc"), today.open);
    assert!(number(head, "ovrs_prod_lwpr") <= last && last <= number(head, "ovrs_prod_hgpr"), "{head}");
}

#[test]
fn funds_and_unknown_shares_have_no_rows() {
    let market = Market::at("2025-03-11T14:00:00Z");
    let client = market.client(Mode::Real);
    // Of US shares only the members of the three large indices are there.
    for code in ["SOXL", "TQQQ", "NOSUCH"] {
        let answer = chart(&client, "N", code, ("20250301", "20250310"), "D").send();
        assert!(dated(&answer).is_empty(), "{code}: {}", answer.text);
    }
}

#[test]
fn a_missing_field_is_named() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let call = chart(&market.client(mode), "X", WON, ("20230301", "20230307"), "D");
        for field in
            ["FID_COND_MRKT_DIV_CODE", "FID_INPUT_ISCD", "FID_INPUT_DATE_1", "FID_INPUT_DATE_2", "FID_PERIOD_DIV_CODE"]
        {
            let answer = call.clone().without_query(field).send();
            assert_eq!(answer.code(), "OPSQ2001", "without {field}");
            assert_eq!(answer.body["rt_cd"], "2", "without {field}");
            assert_eq!(answer.message(), format!("ERROR : INPUT FIELD NOT FOUND [{field}]"));
        }
    }
}
