//! 해외주식 일별거래내역, 해외증거금 통화별조회 and 해외주식 결제기준잔고.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::harness::*;

const TRANSACTIONS: &str = "/uapi/overseas-stock/v1/trading/inquire-period-trans";
const TRANSACTIONS_TR: &str = "CTOS4001R";
const MARGIN: &str = "/uapi/overseas-stock/v1/trading/foreign-margin";
const MARGIN_TR: &str = "TTTC2101R";
const SETTLED: &str = "/uapi/overseas-stock/v1/trading/inquire-paymt-stdr-balance";
const SETTLED_TR: &str = "CTRP6010R";
/// Well after everything of [`MORNING`] is settled.
const LATER: &str = "2023-03-20T14:45:00Z";

fn account_get(client: &Client, path: &str, tr_id: &str) -> Call {
    client.get(path, tr_id).query("CANO", client.mode.cano()).query("ACNT_PRDT_CD", "01")
}

/// Transactions; `side` is 00 all, 01 sales or 02 buys.
fn transactions(client: &Client, from: &str, to: &str, side: &str) -> Call {
    account_get(client, TRANSACTIONS, TRANSACTIONS_TR)
        .query("ERLM_STRT_DT", from)
        .query("ERLM_END_DT", to)
        .query("OVRS_EXCG_CD", "")
        .query("PDNO", "")
        .query("SLL_BUY_DVSN_CD", side)
        .query("LOAN_DVSN_CD", "")
        .query("CTX_AREA_FK100", "")
        .query("CTX_AREA_NK100", "")
}

fn margin(client: &Client) -> Call {
    account_get(client, MARGIN, MARGIN_TR)
}

/// The settled balance of a date; `unit` is 01 won or 02 dollars.
fn settled(client: &Client, date: &str, unit: &str) -> Call {
    account_get(client, SETTLED, SETTLED_TR)
        .query("BASS_DT", date)
        .query("WCRC_FRCR_DVSN_CD", unit)
        .query("INQR_DVSN_CD", "00")
}

/// Returns the rows of an answer that have a symbol.
#[track_caller]
fn filled(answer: &Answer) -> Vec<Value> {
    assert!(answer.is_success(), "{}", answer.text);
    let mut rows = answer.rows("output1");
    rows.retain(|row| !row["pdno"].as_str().unwrap_or("").trim().is_empty());
    rows
}

/// Moves the clock and returns a client whose token is good then.
fn later(market: &Market, time: &str) -> Client {
    market.set_clock(time);
    market.client(Mode::Real)
}

/// A real account that has bought ten shares at 100.00 and sold four of them at 110.00.
fn traded(fee_percent: &str) -> (Market, Client) {
    let market = Market::still();
    market.fill_mode("at_once");
    market.quirk("real_fee_percent", json!(fee_percent));
    let client = market.client(Mode::Real);
    for answer in [client.buy("ZZZQ", 10, "100.00"), client.sell("ZZZQ", 4, "110.00")] {
        assert!(answer.is_success(), "{}", answer.text);
    }
    (market, client)
}

#[track_caller]
fn usd_margin(client: &Client) -> Value {
    let answer = margin(client).send();
    assert!(answer.is_success(), "{}", answer.text);
    let rows: Vec<Value> = answer.rows("output").into_iter().filter(|row| row["natn_name"] == "미국").collect();
    find(&rows, "crcy_cd", "USD")
}

#[test]
fn transactions_show_a_buy_and_a_sale_with_fees_and_settlement() {
    let (market, _) = traded("0.25");
    let client = later(&market, LATER);
    let answer = transactions(&client, "20230301", "20230320", "00").send();
    let rows = filled(&answer);
    assert_eq!(rows.len(), 2, "{}", answer.text);
    for (side, quantity, price, amount, fee, paid) in
        [("02", "10", "100", "1000", "2.5", "1002.5"), ("01", "4", "110", "440", "1.1", "438.9")]
    {
        let row = find(&rows, "sll_buy_dvsn_cd", side);
        assert_fields(&row, "sll_buy_dvsn_name ovrs_item_name std_pdno loan_dvsn_cd loan_dvsn_name");
        assert_numbers(
            &row,
            "amt_unit_ccld_qty ft_ccld_unpr2 tr_amt wcrc_excc_amt dmst_wcrc_fee ovrs_wcrc_fee erlm_exrt",
        );
        assert_eq!(text(&row, "trad_dt"), TODAY);
        assert!(date(&row, "sttl_dt") > date(&row, "trad_dt"), "{row}");
        assert!(text(&row, "sttl_dt") <= "20230314", "{row}");
        assert_eq!(text(&row, "pdno").trim(), "ZZZQ");
        assert_eq!(text(&row, "crcy_cd"), "USD");
        assert_eq!(number(&row, "ccld_qty"), decimal(quantity), "{row}");
        assert_eq!(number(&row, "ovrs_stck_ccld_unpr"), decimal(price), "{row}");
        assert_eq!(number(&row, "tr_frcr_amt2"), decimal(amount), "{row}");
        assert_eq!(number(&row, "dmst_frcr_fee1") + number(&row, "frcr_fee1"), decimal(fee), "{row}");
        assert_eq!(number(&row, "frcr_excc_amt_1").abs(), decimal(paid), "{row}");
    }
    let total = &answer.body["output2"];
    assert_numbers(total, "dmst_fee_smtl ovrs_fee_smtl");
    assert_eq!(number(total, "frcr_buy_amt_smtl"), decimal("1000"));
    assert_eq!(number(total, "frcr_sll_amt_smtl"), decimal("440"));
}

#[test]
fn a_transaction_settles_over_a_weekend_and_a_holiday() {
    // The Friday before Memorial Day.
    let market = Market::at("2025-05-23T14:45:00Z");
    market.price("ZZZQ", "100.00");
    market.fill_mode("at_once");
    let client = market.client(Mode::Real);
    assert!(client.buy("ZZZQ", 1, "100.00").is_success());
    let client = later(&market, "2025-06-09T14:45:00Z");
    let rows = filled(&transactions(&client, "20250501", "20250609", "00").send());
    let row = find(&rows, "trad_dt", "20250523");
    // Locally on Tuesday, in Korea on Wednesday.
    assert!(["20250527", "20250528"].contains(&text(&row, "sttl_dt")), "{row}");
}

#[test]
fn transactions_are_narrowed_by_side_and_date() {
    let (market, _) = traded("0");
    let client = later(&market, LATER);
    for (side, wanted) in [("01", "01"), ("02", "02")] {
        let rows = filled(&transactions(&client, "20230301", "20230320", side).send());
        let sides: Vec<&str> = rows.iter().map(|row| text(row, "sll_buy_dvsn_cd")).collect();
        assert_eq!(sides, [wanted]);
    }
    assert!(filled(&transactions(&client, "20230201", "20230228", "00").send()).is_empty());
    let other = transactions(&client, "20230301", "20230320", "00").query("PDNO", "AAPL").send();
    assert!(filled(&other).is_empty(), "{}", other.text);
}

#[test]
fn transactions_are_paged_with_their_own_separator() {
    let (market, _) = traded("0");
    let client = later(&market, LATER);
    let call = transactions(&client, "20230301", "20230320", "00");
    let whole = call.send();
    assert!(matches!(whole.header("tr_cont").map(str::trim), Some("D" | "E")), "{:?}", whole.header("tr_cont"));
    market.quirk("page_rows", json!(1));
    let first = call.send();
    assert!(first.has_more(), "{:?}", first.header("tr_cont"));
    let (condition, key) = (text(&first.body, "ctx_area_fk100"), text(&first.body, "ctx_area_nk100"));
    assert!(condition.contains("!^"), "{condition:?}");
    assert!(!key.trim().is_empty());
    let next = call.clone().header("tr_cont", "N").query("CTX_AREA_FK100", condition).query("CTX_AREA_NK100", key);
    let second = next.send();
    assert!(matches!(second.header("tr_cont").map(str::trim), Some("D" | "E")), "{:?}", second.header("tr_cont"));
    let mut paged = filled(&first);
    paged.extend(filled(&second));
    assert_eq!(paged, filled(&whole));
}

#[test]
fn the_margin_has_one_row_for_dollars_in_the_us() {
    let market = Market::still();
    let row = usd_margin(&market.client(Mode::Real));
    assert_numbers(
        &row,
        "frcr_dncl_amt1 ustl_buy_amt ustl_sll_amt frcr_rcvb_amt frcr_mgn_amt frcr_gnrl_ord_psbl_amt \
         frcr_ord_psbl_amt1 itgr_ord_psbl_amt bass_exrt",
    );
    for (name, value) in [("frcr_dncl_amt1", "10000"), ("ustl_buy_amt", "0"), ("ustl_sll_amt", "0")] {
        assert_eq!(number(&row, name), decimal(value), "{name}");
    }
    let free = number(&row, "frcr_gnrl_ord_psbl_amt");
    assert!(free > decimal("9900") && free <= decimal("10000"), "{free}");
    let rate = number(&row, "bass_exrt");
    assert!(rate > decimal("500") && rate < decimal("3000"), "{rate}");
}

#[test]
fn the_margin_may_end_with_blank_rows() {
    let market = Market::still();
    market.quirk("balance_padding_rows", json!(1));
    let answer = margin(&market.client(Mode::Real)).send();
    let rows = answer.rows("output");
    let filled = rows.iter().take_while(|row| !text(row, "crcy_cd").trim().is_empty()).count();
    assert!(filled < rows.len(), "{}", answer.text);
    assert!(rows[filled..].iter().all(|row| text(row, "crcy_cd").trim().is_empty()), "{}", answer.text);
}

#[test]
fn the_margin_adds_up_to_the_cash_whether_settled_or_not() {
    let (market, client) = traded("0");
    let today = usd_margin(&client);
    assert_eq!(number(&today, "ustl_sll_amt"), decimal("440"), "{today}");
    let later = ["2023-03-08T20:00:00Z", "2023-03-09T16:00:00Z", LATER].map(|time| usd_margin(&later(&market, time)));
    for row in std::iter::once(&today).chain(&later) {
        let cash = number(row, "frcr_dncl_amt1") + number(row, "ustl_sll_amt") - number(row, "ustl_buy_amt");
        assert_eq!(cash, decimal("9440"), "{row}");
        assert!(number(row, "frcr_gnrl_ord_psbl_amt") <= decimal("9440"), "{row}");
    }
    for name in ["ustl_sll_amt", "ustl_buy_amt"] {
        assert_eq!(number(&later[2], name), Decimal::ZERO, "{name} once all is settled");
    }
}

#[test]
fn the_settled_balance_has_holdings_money_and_totals() {
    let (market, _) = traded("0");
    let client = later(&market, LATER);
    let answer = settled(&client, "20230317", "02").send();
    let row = find(&filled(&answer), "pdno", "ZZZQ");
    assert_fields(&row, "prdt_name buy_crcy_cd ovrs_excg_cd oprt_dtl_dtime");
    assert_numbers(&row, "ord_psbl_qty1 frcr_evlu_amt2 evlu_pfls_amt2 evlu_pfls_rt1 bass_exrt ovrs_now_pric1");
    assert_numbers(&row, "mgge_qty ldng_cblc_qty");
    assert_eq!(number(&row, "cblc_qty13"), decimal("6"));
    assert_eq!(number(&row, "avg_unpr3"), decimal("100"));
    assert_eq!(number(&row, "frcr_pchs_amt"), decimal("600"));
    assert_eq!(text(&row, "buy_crcy_cd"), "USD");
    assert!(answer.body["output2"].is_array() && answer.body["output3"].is_object(), "{}", answer.text);
    let dollars = find(&answer.rows("output2"), "crcy_cd", "USD");
    assert_fields(&dollars, "crcy_cd_name");
    let deposit = number(&dollars, "frcr_dncl_amt_2");
    assert_eq!(deposit, decimal("9440"), "{dollars}");
    let won = deposit * number(&dollars, "frst_bltn_exrt");
    assert!((number(&dollars, "frcr_evlu_amt2") - won).abs() <= Decimal::ONE, "{dollars}");
    assert_numbers(
        &answer.body["output3"],
        "pchs_amt_smtl_amt tot_evlu_pfls_amt evlu_erng_rt1 tot_dncl_amt wcrc_evlu_amt_smtl tot_asst_amt2 \
         frcr_cblc_wcrc_evlu_amt_smtl tot_loan_amt tot_ldng_evlu_amt",
    );
}

#[test]
fn the_settled_balance_knows_nothing_of_a_trade_on_its_own_day() {
    let (market, client) = traded("0");
    // Asked on the day itself, and of that day when everything is settled.
    for answer in [settled(&client, TODAY, "02").send(), settled(&later(&market, LATER), TODAY, "02").send()] {
        let shares: Decimal = filled(&answer).iter().map(|row| number(row, "cblc_qty13")).sum();
        assert_eq!(shares, Decimal::ZERO, "{}", answer.text);
        let dollars = find(&answer.rows("output2"), "crcy_cd", "USD");
        assert_eq!(number(&dollars, "frcr_dncl_amt_2"), decimal("10000"), "{dollars}");
    }
}

#[test]
fn the_settled_balance_in_won_is_the_one_in_dollars_times_the_rate() {
    let (market, _) = traded("0");
    let client = later(&market, LATER);
    let [won, dollars] =
        ["01", "02"].map(|unit| find(&filled(&settled(&client, "20230317", unit).send()), "pdno", "ZZZQ"));
    let rate = number(&won, "bass_exrt");
    for name in ["frcr_pchs_amt", "frcr_evlu_amt2"] {
        let expected = number(&dollars, name) * rate;
        assert!((number(&won, name) - expected).abs() <= Decimal::ONE, "{name}: {won}");
    }
    assert_eq!(number(&won, "cblc_qty13"), number(&dollars, "cblc_qty13"));
}

/// The three queries as calls of one client.
fn all_three(client: &Client) -> [Call; 3] {
    [transactions(client, "20230301", TODAY, "00"), margin(client), settled(client, TODAY, "02")]
}

#[test]
fn a_missing_field_is_named_and_another_account_refused() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    let [transactions, _, settled] = all_three(&client);
    for (call, field) in [
        (&transactions, "ERLM_STRT_DT"),
        (&transactions, "ERLM_END_DT"),
        (&transactions, "SLL_BUY_DVSN_CD"),
        (&settled, "BASS_DT"),
        (&settled, "WCRC_FRCR_DVSN_CD"),
        (&settled, "INQR_DVSN_CD"),
    ] {
        let answer = call.clone().without_query(field).send();
        assert_eq!(answer.code(), "OPSQ2001", "without {field}");
        assert_eq!(answer.body["rt_cd"], "2", "without {field}");
        assert_eq!(answer.message(), format!("ERROR : INPUT FIELD NOT FOUND [{field}]"));
    }
    for call in all_three(&client) {
        for (cano, product) in [(Mode::Paper.cano(), "01"), ("99999999", "01"), (Mode::Real.cano(), "02")] {
            let answer = call.clone().query("CANO", cano).query("ACNT_PRDT_CD", product).send();
            assert_eq!(answer.code(), "OPSQ2000", "{cano}-{product}");
            assert_eq!(answer.message(), "ERROR : INPUT INVALID_CHECK_ACNO");
        }
    }
}

#[test]
fn money_queries_are_not_offered_on_paper() {
    let market = Market::still();
    for call in all_three(&market.client(Mode::Paper)) {
        call.send().assert_refused(500, "EGW00213");
    }
}
