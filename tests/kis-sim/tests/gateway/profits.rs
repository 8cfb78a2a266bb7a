//! 해외주식 기간손익: what was sold, at which cost, from the day after on.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::harness::*;

const PROFIT: &str = "/uapi/overseas-stock/v1/trading/inquire-period-profit";
const PROFIT_TR: &str = "TTTS3039R";
/// The day after [`MORNING`], at the same time.
const TOMORROW: &str = "2023-03-09T14:45:00Z";
const DOLLARS: &str = "01";
const WON: &str = "02";

fn profit(client: &Client, from: &str, to: &str, unit: &str) -> Call {
    client
        .get(PROFIT, PROFIT_TR)
        .query("CANO", client.mode.cano())
        .query("ACNT_PRDT_CD", "01")
        .query("OVRS_EXCG_CD", "NASD")
        .query("NATN_CD", "")
        .query("CRCY_CD", "USD")
        .query("PDNO", "")
        .query("INQR_STRT_DT", from)
        .query("INQR_END_DT", to)
        .query("WCRC_FRCR_DVSN_CD", unit)
        .query("CTX_AREA_FK200", "")
        .query("CTX_AREA_NK200", "")
}

/// Returns the sales of an answer, without blank rows.
#[track_caller]
fn sales(answer: &Answer) -> Vec<Value> {
    assert!(answer.is_success(), "{}", answer.text);
    let mut rows = answer.rows("output1");
    rows.retain(|row| !row["ovrs_pdno"].as_str().unwrap_or("").trim().is_empty());
    rows
}

/// Moves the clock and returns a client whose token is good then.
fn later(market: &Market, time: &str) -> Client {
    market.set_clock(time);
    market.client(Mode::Real)
}

/// A market whose orders fill at once at their limits.
fn market() -> Market {
    let market = Market::still();
    market.fill_mode("at_once");
    market
}

#[track_caller]
fn trade(client: &Client, side: Side, symbol: &str, quantity: u32, price: &str) {
    let answer = match side {
        Side::Buy => client.buy(symbol, quantity, price),
        Side::Sell => client.sell(symbol, quantity, price),
    };
    assert!(answer.is_success(), "{}", answer.text);
}

#[derive(Clone, Copy)]
enum Side {
    Buy,
    Sell,
}

#[track_caller]
fn assert_values(row: &Value, wanted: &[(&str, &str)]) {
    for (name, value) in wanted {
        assert_eq!(number(row, name), decimal(value), "{name} in {row}");
    }
}

#[test]
fn a_sale_shows_from_the_day_after_with_its_cost_and_profit() {
    let market = market();
    let client = market.client(Mode::Real);
    trade(&client, Side::Buy, "ZZZQ", 10, "100.00");
    trade(&client, Side::Sell, "ZZZQ", 4, "110.00");
    let same_day = profit(&client, "20230301", "20230331", DOLLARS).send();
    assert!(sales(&same_day).is_empty(), "not on the day of the trade");
    let client = later(&market, TOMORROW);
    let answer = profit(&client, "20230301", "20230331", DOLLARS).send();
    let rows = sales(&answer);
    assert_eq!(rows.len(), 1, "a buy alone is no row: {}", answer.text);
    let row = &rows[0];
    assert_fields(row, "trad_day ovrs_pdno ovrs_item_name ovrs_excg_cd");
    assert_numbers(row, "stck_sll_tlex exrt frst_bltn_exrt");
    assert_eq!(text(row, "trad_day"), TODAY);
    assert_eq!(text(row, "ovrs_pdno").trim(), "ZZZQ");
    assert_eq!(text(row, "ovrs_excg_cd"), "NASD");
    assert_values(
        row,
        &[
            ("slcl_qty", "4"),
            ("pchs_avg_pric", "100"),
            ("frcr_pchs_amt1", "400"),
            ("avg_sll_unpr", "110"),
            ("frcr_sll_amt_smtl1", "440"),
            ("stck_sll_tlex", "0"),
            ("ovrs_rlzt_pfls_amt", "40"),
            ("pftrt", "10"),
        ],
    );
    let total = &answer.body["output2"];
    assert!(total.is_object(), "{}", answer.text);
    assert_numbers(total, "stck_sll_amt_smtl stck_buy_amt_smtl smtl_fee1 excc_dfrm_amt tot_pftrt exrt");
    assert_fields(total, "bass_dt");
    assert_values(total, &[("stck_sll_amt_smtl", "440"), ("ovrs_rlzt_pfls_tot_amt", "40"), ("smtl_fee1", "0")]);
}

#[test]
fn the_cost_of_a_sale_is_the_average_of_what_was_bought() {
    let market = market();
    let client = market.client(Mode::Real);
    trade(&client, Side::Buy, "ZZZQ", 10, "100.00");
    trade(&client, Side::Buy, "ZZZQ", 30, "104.00");
    trade(&client, Side::Sell, "ZZZQ", 5, "93.00");
    let client = later(&market, TOMORROW);
    let rows = sales(&profit(&client, TODAY, TODAY, DOLLARS).send());
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_values(
        &rows[0],
        &[("pchs_avg_pric", "103"), ("frcr_pchs_amt1", "515"), ("frcr_sll_amt_smtl1", "465"), ("slcl_qty", "5")],
    );
    assert_eq!(number(&rows[0], "ovrs_rlzt_pfls_amt"), decimal("-50"), "a loss has its sign");
    let rate = number(&rows[0], "pftrt");
    assert!((rate - decimal("-9.7087")).abs() <= decimal("0.01"), "{rate}");
}

#[test]
fn won_are_dollars_times_the_rate() {
    let market = market();
    let client = market.client(Mode::Real);
    trade(&client, Side::Buy, "ZZZQ", 10, "100.00");
    trade(&client, Side::Sell, "ZZZQ", 4, "110.00");
    let client = later(&market, TOMORROW);
    let dollars = profit(&client, TODAY, TODAY, DOLLARS).send();
    let won = profit(&client, TODAY, TODAY, WON).send();
    let (in_dollars, in_won) = (sales(&dollars), sales(&won));
    assert_eq!((in_dollars.len(), in_won.len()), (1, 1), "{} {}", dollars.text, won.text);
    let rate = number(&in_won[0], "exrt");
    assert!(rate > decimal("500") && rate < decimal("3000"), "{rate}");
    for (dollar, won) in [
        (number(&in_dollars[0], "ovrs_rlzt_pfls_amt"), number(&in_won[0], "ovrs_rlzt_pfls_amt")),
        (
            number(&dollars.body["output2"], "ovrs_rlzt_pfls_tot_amt"),
            number(&won.body["output2"], "ovrs_rlzt_pfls_tot_amt"),
        ),
    ] {
        assert_eq!(dollar, decimal("40"));
        // Won have no smaller part.
        assert!((won - dollar * rate).abs() <= Decimal::ONE, "{won} for {dollar} at {rate}");
    }
    assert_eq!(text(&in_won[0], "slcl_qty"), text(&in_dollars[0], "slcl_qty"));
}

#[test]
fn the_fee_of_a_sale_is_told() {
    let market = market();
    market.quirk("real_fee_percent", json!("0.25"));
    let client = market.client(Mode::Real);
    trade(&client, Side::Buy, "ZZZQ", 10, "100.00");
    trade(&client, Side::Sell, "ZZZQ", 4, "110.00");
    let client = later(&market, TOMORROW);
    let answer = profit(&client, TODAY, TODAY, DOLLARS).send();
    assert_eq!(number(&sales(&answer)[0], "stck_sll_tlex"), decimal("1.1"), "{}", answer.text);
    assert!(number(&answer.body["output2"], "smtl_fee1") >= decimal("1.1"), "{}", answer.text);
}

#[test]
fn dates_and_symbol_narrow_the_sales() {
    let market = market();
    market.price("YYYQ", "20.00");
    let client = market.client(Mode::Real);
    trade(&client, Side::Buy, "ZZZQ", 10, "100.00");
    trade(&client, Side::Buy, "YYYQ", 10, "20.00");
    trade(&client, Side::Sell, "ZZZQ", 1, "110.00");
    let client = later(&market, TOMORROW);
    trade(&client, Side::Sell, "YYYQ", 2, "21.00");
    let client = later(&market, "2023-03-10T15:45:00Z");
    let found = |from: &str, to: &str, symbol: &str| -> Vec<(String, String)> {
        let rows = sales(&profit(&client, from, to, DOLLARS).query("PDNO", symbol).send());
        let mut found: Vec<_> =
            rows.iter().map(|row| (text(row, "trad_day").to_owned(), text(row, "ovrs_pdno").to_owned())).collect();
        found.sort();
        found
    };
    let first = (TODAY.to_owned(), "ZZZQ".to_owned());
    let second = ("20230309".to_owned(), "YYYQ".to_owned());
    assert_eq!(found(TODAY, "20230309", ""), [first.clone(), second.clone()]);
    assert_eq!(found(TODAY, TODAY, ""), [first]);
    assert_eq!(found("20230309", "20230331", ""), std::slice::from_ref(&second));
    assert_eq!(found(TODAY, "20230309", "YYYQ"), [second]);
    assert!(found("20230201", "20230307", "").is_empty());
    for exchange in ["NASD", ""] {
        let all = profit(&client, TODAY, "20230309", DOLLARS).query("OVRS_EXCG_CD", exchange).query("CRCY_CD", "");
        assert_eq!(sales(&all.send()).len(), 2, "{exchange:?}");
    }
}

#[test]
fn more_sales_than_a_page_holds_are_announced_in_tr_cont() {
    let market = market();
    let client = market.client(Mode::Real);
    let symbols = ["AAAQ", "BBBQ", "CCCQ"];
    for symbol in symbols {
        market.price(symbol, "20.00");
        trade(&client, Side::Buy, symbol, 2, "20.00");
        trade(&client, Side::Sell, symbol, 1, "21.00");
    }
    let client = later(&market, TOMORROW);
    let call = profit(&client, TODAY, TODAY, DOLLARS);
    let whole = call.send();
    assert!(matches!(whole.header("tr_cont").map(str::trim), Some("D" | "E")), "{:?}", whole.header("tr_cont"));
    market.quirk("page_rows", json!(1));
    let pages = call.pages();
    assert_eq!(pages.len(), 3);
    assert!(matches!(pages[2].header("tr_cont").map(str::trim), Some("D" | "E")));
    let paged: Vec<Value> = pages.iter().flat_map(sales).collect();
    assert_eq!(paged, sales(&whole));
    for symbol in symbols {
        find(&paged, "ovrs_pdno", symbol);
    }
}

#[test]
fn the_condition_of_a_page_names_the_account() {
    let market = market();
    let client = market.client(Mode::Real);
    trade(&client, Side::Buy, "ZZZQ", 2, "100.00");
    trade(&client, Side::Sell, "ZZZQ", 1, "110.00");
    let answer = profit(&later(&market, TOMORROW), TODAY, TODAY, DOLLARS).send();
    assert_fields(&answer.body, "ctx_area_nk200");
    let condition = text(&answer.body, "ctx_area_fk200");
    assert!(condition.starts_with(Mode::Real.cano()), "{condition:?}");
}

#[test]
fn an_account_without_sales_has_a_success_without_rows() {
    let market = market();
    let answer = profit(&market.client(Mode::Real), "20230301", TODAY, DOLLARS).send();
    assert!(sales(&answer).is_empty());
    assert!(!answer.has_more());
}

#[test]
fn a_missing_field_is_named_and_another_account_refused() {
    let market = market();
    let call = profit(&market.client(Mode::Real), "20230301", TODAY, DOLLARS);
    for field in ["INQR_STRT_DT", "INQR_END_DT", "WCRC_FRCR_DVSN_CD"] {
        let answer = call.clone().without_query(field).send();
        assert_eq!(answer.code(), "OPSQ2001", "without {field}");
        assert_eq!(answer.body["rt_cd"], "2", "without {field}");
        assert_eq!(answer.message(), format!("ERROR : INPUT FIELD NOT FOUND [{field}]"));
    }
    for (cano, product) in [(Mode::Paper.cano(), "01"), ("99999999", "01"), (Mode::Real.cano(), "02")] {
        let answer = call.clone().query("CANO", cano).query("ACNT_PRDT_CD", product).send();
        assert_eq!(answer.code(), "OPSQ2000", "{cano}-{product}");
        assert_eq!(answer.message(), "ERROR : INPUT INVALID_CHECK_ACNO");
    }
}

#[test]
fn profits_are_not_offered_on_paper() {
    let market = market();
    profit(&market.client(Mode::Paper), "20230301", TODAY, DOLLARS).send().assert_refused(500, "EGW00213");
}
