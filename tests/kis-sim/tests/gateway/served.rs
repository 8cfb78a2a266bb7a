//! What holds of every answer: its header names, its envelope, and that it is the same in every run.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::harness::*;

const ACCOUNT: &str = "CANO=60000001&ACNT_PRDT_CD=01";
const PAGES: &str = "CTX_AREA_FK200=&CTX_AREA_NK200=";

/// Every query that is served, as a client of the real account asks it: path, TR id, query.
fn queries() -> Vec<(&'static str, &'static str, String)> {
    let quote = "AUTH=&EXCD=NAS&SYMB=AAPL";
    let dates = "INQR_STRT_DT=20230301&INQR_END_DT=20230308";
    let list =
        "ORD_STRT_DT=20230308&ORD_END_DT=20230308&SLL_BUY_DVSN=00&CCLD_NCCS_DVSN=00&OVRS_EXCG_CD=%25&SORT_SQN=DS";
    let chart = "FID_COND_MRKT_DIV_CODE=X&FID_INPUT_ISCD=FX%40KRW&FID_INPUT_DATE_1=20230201&FID_INPUT_DATE_2=20230308";
    [
        ("overseas-price/v1/quotations/price", "HHDFS00000300", quote.to_owned()),
        ("overseas-price/v1/quotations/price-detail", "HHDFS76200200", quote.to_owned()),
        ("overseas-price/v1/quotations/inquire-asking-price", "HHDFS76200100", quote.to_owned()),
        ("overseas-price/v1/quotations/dailyprice", "HHDFS76240000", format!("{quote}&GUBN=0&BYMD=&MODP=0&KEYB=")),
        ("overseas-price/v1/quotations/multprice", "HHDFS76220000", "AUTH=&NREC=1&EXCD_01=NAS&SYMB_01=AAPL".to_owned()),
        (
            "overseas-price/v1/quotations/inquire-time-itemchartprice",
            "HHDFS76950200",
            format!("{quote}&NMIN=1&PINC=1&NEXT=&NREC=120&FILL=&KEYB="),
        ),
        (
            "overseas-price/v1/quotations/inquire-daily-chartprice",
            "FHKST03030100",
            format!("{chart}&FID_PERIOD_DIV_CODE=D"),
        ),
        ("overseas-price/v1/quotations/search-info", "CTPF1702R", "PRDT_TYPE_CD=512&PDNO=AAPL".to_owned()),
        ("domestic-stock/v1/quotations/search-info", "CTPF1604R", "PRDT_TYPE_CD=512&PDNO=AAPL".to_owned()),
        (
            "overseas-stock/v1/quotations/countries-holiday",
            "CTOS5011R",
            "TRAD_DT=20230308&CTX_AREA_NK=&CTX_AREA_FK=".to_owned(),
        ),
        (
            "overseas-stock/v1/trading/inquire-balance",
            "TTTS3012R",
            format!("{ACCOUNT}&OVRS_EXCG_CD=NASD&TR_CRCY_CD=USD&{PAGES}"),
        ),
        (
            "overseas-stock/v1/trading/inquire-present-balance",
            "CTRP6504R",
            format!("{ACCOUNT}&WCRC_FRCR_DVSN_CD=02&NATN_CD=840&TR_MKET_CD=00&INQR_DVSN_CD=00"),
        ),
        (
            "overseas-stock/v1/trading/inquire-psamount",
            "TTTS3007R",
            format!("{ACCOUNT}&OVRS_EXCG_CD=NASD&OVRS_ORD_UNPR=100&ITEM_CD=AAPL"),
        ),
        (
            "overseas-stock/v1/trading/inquire-ccnl",
            "TTTS3035R",
            format!("{ACCOUNT}&PDNO=%25&{list}&ORD_DT=&ORD_GNO_BRNO=&ODNO=&{PAGES}"),
        ),
        (
            "overseas-stock/v1/trading/inquire-nccs",
            "TTTS3018R",
            format!("{ACCOUNT}&OVRS_EXCG_CD=NASD&SORT_SQN=DS&{PAGES}"),
        ),
        (
            "overseas-stock/v1/trading/inquire-period-profit",
            "TTTS3039R",
            format!("{ACCOUNT}&OVRS_EXCG_CD=NASD&NATN_CD=&CRCY_CD=USD&PDNO=&{dates}&WCRC_FRCR_DVSN_CD=01&{PAGES}"),
        ),
        (
            "overseas-stock/v1/trading/inquire-period-trans",
            "CTOS4001R",
            format!(
                "{ACCOUNT}&ERLM_STRT_DT=20230301&ERLM_END_DT=20230308&OVRS_EXCG_CD=&PDNO=&SLL_BUY_DVSN_CD=00&LOAN_DVSN_CD=&CTX_AREA_FK100=&CTX_AREA_NK100="
            ),
        ),
        ("overseas-stock/v1/trading/foreign-margin", "TTTC2101R", ACCOUNT.to_owned()),
        (
            "overseas-stock/v1/trading/inquire-paymt-stdr-balance",
            "CTRP6010R",
            format!("{ACCOUNT}&BASS_DT=20230308&WCRC_FRCR_DVSN_CD=02&INQR_DVSN_CD=00"),
        ),
        (
            "overseas-stock/v1/trading/order-resv-list",
            "TTTT3039R",
            format!("{ACCOUNT}&{dates}&INQR_DVSN_CD=00&PRDT_TYPE_CD=&OVRS_EXCG_CD=NASD&{PAGES}"),
        ),
    ]
    .to_vec()
}

/// The answers to all queries, byte by byte, of a fresh simulator in which something was traded.
fn answers() -> Vec<(&'static str, String)> {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    market.hold(Mode::Real, "AAPL", 3, "150.00");
    assert!(client.buy("AAPL", 2, "100.00").is_success());
    queries().into_iter().map(|(path, tr_id, query)| (path, ask(&client, path, tr_id, &query))).collect()
}

/// The answer to a query, head and body as they came over the wire.
pub fn ask(client: &Client, path: &str, tr_id: &str, query: &str) -> String {
    let mut stream = TcpStream::connect(client.url.trim_start_matches("http://")).expect("a connection");
    let (key, secret) = (client.mode.key(), client.mode.secret());
    let request = format!(
        "GET /uapi/{path}?{query} HTTP/1.1\r\nConnection: close\r\nauthorization: Bearer {}\r\nappkey: {key}\r\nappsecret: {secret}\r\ntr_id: {tr_id}\r\ncusttype: P\r\n\r\n",
        client.token
    );
    stream.write_all(request.as_bytes()).expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn each_query_succeeds_in_kis_envelope_under_names_that_clients_can_read() {
    for (path, answer) in answers() {
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        let names: Vec<&str> = head.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0)).collect();
        for own in ["tr_id", "tr_cont", "gt_uid"] {
            assert!(names.contains(&own), "{path}: {names:?}");
        }
        let spoils = names.iter().find(|name| name.contains('-') && **name == name.to_lowercase());
        assert_eq!(spoils, None, "{path}");
        assert!(!names.contains(&"X-Kis-Sim"), "{path} is simulated");
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(text(&body, "rt_cd"), "0", "{path}: {body}");
        assert!(!text(&body, "msg_cd").is_empty() && !text(&body, "msg1").is_empty(), "{path}: {body}");
    }
}

#[test]
fn two_fresh_runs_with_a_stopped_clock_answer_the_same_bytes() {
    assert_eq!(answers(), answers());
}
