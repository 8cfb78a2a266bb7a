//! What is published and not simulated: an example with every field of KIS's documents, marked as one.

use serde_json::Value;

use crate::harness::*;
use crate::served::ask;

/// A path below `/uapi/`, its TR id, the code of its success, and its outputs with their fields; `[]` is a list of rows.
type Published = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const QUOTE: &str = "MCA00000";
const LEDGER: &str = "KIOK0460";
const COUNTS: &str = "zdiv stat crec trec nrec";
const COUNT: &str = "zdiv stat nrec";
const TRADES: &str = "khms last sign diff rate evol tvol mtyp pbid pask vpow";

/// Where KIS's table and its example name the outputs of a path differently, it has both.
const PUBLISHED: [Published; 22] = [
    (
        "overseas-stock/v1/ranking/market-cap",
        "HHDFS76350100",
        QUOTE,
        &[
            ("output1", COUNTS),
            ("output2[]", "rsym excd symb name last sign diff rate tvol shar tomv grav rank ename e_ordyn"),
        ],
    ),
    (
        "overseas-stock/v1/ranking/new-highlow",
        "HHDFS76300000",
        QUOTE,
        &[
            ("output1", COUNT),
            ("output2[]", "rsym excd symb name last sign diff rate tvol pask pbid n_base n_diff n_rate ename e_ordyn"),
        ],
    ),
    (
        "overseas-stock/v1/ranking/price-fluct",
        "HHDFS76260000",
        QUOTE,
        &[
            ("output1", COUNT),
            ("output2[]", "rsym excd symb knam last sign diff rate tvol pask pbid n_base n_diff n_rate enam e_ordyn"),
        ],
    ),
    (
        "overseas-stock/v1/ranking/trade-growth",
        "HHDFS76330000",
        QUOTE,
        &[
            ("output1", COUNTS),
            ("output2[]", "rsym excd symb name last sign diff rate pask pbid tvol n_tvol n_rate rank ename e_ordyn"),
        ],
    ),
    (
        "overseas-stock/v1/ranking/trade-pbmn",
        "HHDFS76320010",
        QUOTE,
        &[
            ("output1", COUNTS),
            ("output2[]", "rsym excd symb name last sign diff rate pask pbid tvol tamt a_tamt rank ename e_ordyn"),
        ],
    ),
    (
        "overseas-stock/v1/ranking/trade-turnover",
        "HHDFS76340000",
        QUOTE,
        &[
            ("output1", COUNTS),
            (
                "output2[]",
                "rsym excd symb name last sign diff rate tvol pask pbid n_tvol shar tover rank ename e_ordyn",
            ),
        ],
    ),
    (
        "overseas-stock/v1/ranking/trade-vol",
        "HHDFS76310010",
        QUOTE,
        &[
            ("output1", COUNTS),
            ("output2[]", "rsym excd symb name last sign diff rate pask pbid tvol tamt a_tvol rank ename e_ordyn"),
        ],
    ),
    (
        "overseas-stock/v1/ranking/updown-rate",
        "HHDFS76290000",
        QUOTE,
        &[
            ("output1", COUNTS),
            (
                "output2[]",
                "rsym excd symb name last sign diff rate tvol pask pbid n_base n_diff n_rate rank ename e_ordyn",
            ),
        ],
    ),
    (
        "overseas-stock/v1/ranking/volume-power",
        "HHDFS76280000",
        QUOTE,
        &[
            ("output1", COUNT),
            ("output2[]", "rsym excd symb knam last sign diff rate tvol pask pbid tpow powx enam e_ordyn"),
        ],
    ),
    (
        "overseas-stock/v1/ranking/volume-surge",
        "HHDFS76270000",
        QUOTE,
        &[
            ("output1", COUNT),
            ("output2[]", "rsym excd symb knam last sign diff rate tvol pask pbid n_tvol n_diff n_rate enam e_ordyn"),
        ],
    ),
    (
        "overseas-price/v1/quotations/industry-price",
        "HHDFS76370100",
        QUOTE,
        &[("output1", "nrec"), ("output2[]", "icod name")],
    ),
    (
        "overseas-price/v1/quotations/industry-theme",
        "HHDFS76370000",
        QUOTE,
        &[
            ("output1", COUNTS),
            ("output2[]", "rsym excd symb name last sign diff rate tvol vask pask pbid vbid seqn ename e_ordyn"),
        ],
    ),
    (
        "overseas-price/v1/quotations/inquire-search",
        "HHDFS76410000",
        QUOTE,
        &[
            ("output1", COUNTS),
            (
                "output2[]",
                "rsym excd name symb last shar valx plow phigh popen tvol rate diff sign avol eps per rank ename e_ordyn",
            ),
        ],
    ),
    (
        "overseas-price/v1/quotations/inquire-ccnl",
        "HHDFS76200300",
        QUOTE,
        &[("output1[]", TRADES), ("output2[]", TRADES)],
    ),
    (
        "overseas-price/v1/quotations/inquire-time-indexchartprice",
        "FHKST03030200",
        QUOTE,
        &[
            (
                "output1",
                "ovrs_nmix_prdy_vrss prdy_vrss_sign hts_kor_isnm prdy_ctrt ovrs_nmix_prdy_clpr acml_vol ovrs_nmix_prpr stck_shrn_iscd ovrs_prod_oprc ovrs_prod_hgpr ovrs_prod_lwpr",
            ),
            ("output2[]", "stck_bsop_date stck_cntg_hour optn_prpr optn_oprc optn_hgpr optn_lwpr cntg_vol"),
        ],
    ),
    (
        "overseas-price/v1/quotations/news-title",
        "HHPSTH60100C1",
        QUOTE,
        &[(
            "outblock1[]",
            "info_gb news_key data_dt data_tm class_cd class_name source nation_cd exchange_cd symb symb_name title",
        )],
    ),
    (
        "overseas-price/v1/quotations/brknews-title",
        "FHKST01011801",
        QUOTE,
        &[(
            "output[]",
            "cntt_usiq_srno news_ofer_entp_code data_dt data_tm hts_pbnt_titl_cntt news_lrdv_code dorg iscd1 iscd2 iscd3 iscd4 iscd5 iscd6 iscd7 iscd8 iscd9 iscd10 kor_isnm1 kor_isnm2 kor_isnm3 kor_isnm4 kor_isnm5 kor_isnm6 kor_isnm7 kor_isnm8 kor_isnm9 kor_isnm10",
        )],
    ),
    (
        "overseas-price/v1/quotations/rights-by-ice",
        "HHDFS78330900",
        QUOTE,
        &[(
            "output1[]",
            "anno_dt ca_title div_lock_dt pay_dt record_dt validity_dt local_end_dt lock_dt delist_dt redempt_dt early_redempt_dt effective_dt",
        )],
    ),
    (
        "overseas-price/v1/quotations/period-rights",
        "CTRGT011R",
        LEDGER,
        &[
            (
                "output[]",
                "bass_dt rght_type_cd pdno prdt_name prdt_type_cd std_pdno acpl_bass_dt sbsc_strt_dt sbsc_end_dt cash_alct_rt stck_alct_rt crcy_cd crcy_cd2 crcy_cd3 crcy_cd4 alct_frcr_unpr stkp_dvdn_frcr_amt2 stkp_dvdn_frcr_amt3 stkp_dvdn_frcr_amt4 dfnt_yn",
            ),
            ("", "ctx_area_fk50 ctx_area_nk50"),
        ],
    ),
    (
        "overseas-price/v1/quotations/colable-by-company",
        "CTLN4050R",
        LEDGER,
        &[
            (
                "output1[]",
                "pdno ovrs_item_name loan_rt mgge_mntn_rt mgge_ensu_rt loan_exec_psbl_yn stff_name erlm_dt tr_mket_name crcy_cd natn_kor_name ovrs_excg_cd",
            ),
            ("output2", "loan_psbl_item_num"),
            ("", "ctx_area_fk100 ctx_area_nk100"),
        ],
    ),
    (
        "overseas-stock/v1/trading/algo-ordno",
        "TTTS6058R",
        LEDGER,
        &[
            (
                "output[]",
                "odno trad_dvsn_name pdno item_name ft_ord_qty ft_ord_unpr3 splt_buy_attr_name ft_ccld_qty ord_gno_brno",
            ),
            ("", "ctx_area_fk200 ctx_area_nk200"),
        ],
    ),
    (
        "overseas-stock/v1/trading/inquire-algo-ccnl",
        "TTTS6059R",
        LEDGER,
        &[
            ("output[]", "CCLD_SEQ CCLD_BTWN PDNO ITEM_NAME FT_CCLD_QTY FT_CCLD_UNPR3 FT_CCLD_AMT3"),
            (
                "output3[]",
                "ODNO TRAD_DVSN_NAME PDNO ITEM_NAME FT_ORD_QTY FT_ORD_UNPR3 ORD_TMD SPLT_BUY_ATTR_NAME FT_CCLD_QTY TR_CRCY FT_CCLD_UNPR3 FT_CCLD_AMT3 CCLD_CNT",
            ),
            ("output1[]", "ccld_seq ccld_btwn pdno item_name ft_ccld_qty ft_ccld_unpr3 ft_ccld_amt3"),
            (
                "output2",
                "odno trad_dvsn_name pdno item_name ft_ord_qty ft_ord_unpr3 ord_tmd splt_buy_attr_name ft_ccld_qty tr_crcy ft_ccld_unpr3 ft_ccld_amt3 ccld_cnt",
            ),
            ("", "ctx_area_fk200 ctx_area_nk200"),
        ],
    ),
];

/// Whether an object has these fields and no others, all of them text.
fn has_just(object: &Value, fields: &str) -> bool {
    let Some(object) = object.as_object() else { return false };
    object.len() == fields.split(' ').count()
        && fields.split(' ').all(|field| object.get(field).is_some_and(Value::is_string))
}

#[test]
fn an_example_has_every_documented_field_and_says_what_it_is() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    for (path, tr_id, code, outputs) in PUBLISHED {
        let answer = ask(&client, path, tr_id, "");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        assert!(head.contains("\r\nX-Kis-Sim: canned\r\n"), "{path}: {head}");
        let mut body: Value = serde_json::from_str(body).expect("JSON");
        let body = body.as_object_mut().expect("an object");
        let envelope = ["rt_cd", "msg_cd", "msg1"].map(|name| body.remove(name).expect(name));
        assert_eq!((&envelope[0], &envelope[1]), (&"0".into(), &code.into()), "{path}");
        for (name, fields) in outputs {
            let is_right = match name.strip_suffix("[]") {
                Some(list) => match body.remove(list) {
                    Some(Value::Array(rows)) => !rows.is_empty() && rows.iter().all(|row| has_just(row, fields)),
                    _ => false,
                },
                None if name.is_empty() => {
                    fields.split(' ').all(|field| body.remove(field).is_some_and(|value| value.is_string()))
                }
                None => body.remove(*name).is_some_and(|object| has_just(&object, fields)),
            };
            assert!(is_right, "{path} {name}: {answer}");
        }
        assert!(body.is_empty(), "{path} is documented without {body:?}");
    }
}

#[test]
fn an_example_is_asked_for_like_anything_else() {
    let market = Market::still();
    let (real, paper) = (market.client(Mode::Real), market.client(Mode::Paper));
    for (path, tr_id, ..) in PUBLISHED {
        let path = format!("/uapi/{path}");
        real.get(&path, "HHDFS00000300").send().assert_refused(500, "OPSQ0002");
        real.get(&path, tr_id).without_header("tr_id").send().assert_refused(500, "OPSQ9999");
        real.get(&path, tr_id).header("authorization", "Bearer x").send().assert_refused(500, "EGW00121");
        let on_paper = paper.get(&path, tr_id).send();
        if tr_id == "HHDFS76410000" {
            assert!(on_paper.is_success(), "the search is offered on paper, too");
        } else {
            on_paper.assert_refused(500, "EGW00213");
        }
        let refused = real.get(&path, "HHDFS00000300").send();
        assert_eq!(refused.header("x-kis-sim"), None, "{path}: a refusal is no example");
    }
    market.post("/limits", serde_json::json!({"account": "real", "gateway_per_second": 0}));
    real.get("/uapi/overseas-stock/v1/ranking/trade-vol", "HHDFS76310010").send().assert_refused(500, "EGW00201");
}

#[test]
fn what_changes_the_account_is_never_an_example() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    for (path, tr_id) in [("daytime-order", "TTTS6036U"), ("daytime-order-rvsecncl", "TTTS6038U")] {
        let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
        let answer = client.post(&format!("/uapi/overseas-stock/v1/trading/{path}"), tr_id, &body).send();
        assert_eq!(answer.header("x-kis-sim"), None, "{path}");
    }
    let order = client.buy("ZZZQ", 1, "50.00");
    assert!(order.is_success());
    assert_eq!(order.header("x-kis-sim"), None);
    let unknown = client.get("/uapi/overseas-stock/v1/ranking/nothing", "HHDFS76310010").send();
    unknown.assert_refused(500, "OPSQ0002");
}
