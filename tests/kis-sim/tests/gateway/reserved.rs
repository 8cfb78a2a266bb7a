//! Reserved orders: taken in the Korean day, sent when New York opens.

use serde_json::{Value, json};

use crate::harness::*;

const RESERVE: &str = "/uapi/overseas-stock/v1/trading/order-resv";
const TAKE_BACK: &str = "/uapi/overseas-stock/v1/trading/order-resv-ccnl";
const LIST: &str = "/uapi/overseas-stock/v1/trading/order-resv-list";
/// Thursday noon in Korea; New York opens at 23:30.
const NOON: &str = "2023-03-09T03:00:00Z";
const OPENED: &str = "2023-03-09T14:31:00Z";

fn buy_tr(mode: Mode) -> &'static str {
    if mode == Mode::Real { "TTTT3014U" } else { "VTTT3014U" }
}

fn reserve(client: &Client, tr_id: &str, quantity: u32, price: &str) -> Answer {
    let body = json!({
        "CANO": client.mode.cano(), "ACNT_PRDT_CD": "01", "PDNO": "ZZZQ", "OVRS_EXCG_CD": "NASD",
        "FT_ORD_QTY": quantity.to_string(), "FT_ORD_UNPR3": price, "ORD_SVR_DVSN_CD": "0", "ORD_DVSN": "00",
    });
    client.post(RESERVE, tr_id, &body).send()
}

fn listed(client: &Client) -> Vec<Value> {
    let list = client.get(LIST, "TTTT3039R").query("CANO", client.mode.cano()).query("ACNT_PRDT_CD", "01");
    let list = list.query("INQR_STRT_DT", "20230309").query("INQR_END_DT", "20230309").query("INQR_DVSN_CD", "00");
    let list = list.query("PRDT_TYPE_CD", "").query("OVRS_EXCG_CD", "NASD");
    list.query("CTX_AREA_FK200", "").query("CTX_AREA_NK200", "").send().rows("output")
}

fn at_noon() -> Market {
    let market = Market::still();
    market.set_clock(NOON);
    market
}

#[test]
fn a_reserved_order_goes_to_the_market_with_the_opening() {
    for mode in BOTH {
        let market = at_noon();
        let client = market.client(mode);
        let answer = reserve(&client, buy_tr(mode), 3, "99.00");
        assert!(answer.is_success(), "{mode:?}: {}", answer.text);
        assert_eq!(answer.output("ODNO").len(), 10);
        market.set_clock("2023-03-09T14:29:59Z");
        assert_eq!(market.orders(mode).len(), 0, "{mode:?}");
        market.set_clock(OPENED);
        let orders = market.orders(mode);
        assert_eq!(orders.len(), 1, "{mode:?}");
        let of_order = ["symbol", "side", "limit_price", "state", "at"].map(|name| text(&orders[0], name));
        assert_eq!(of_order, ["ZZZQ", "buy", "99.00", "open", "2023-03-09T14:30:00Z"], "{mode:?}");
        market.advance(24 * 3600);
        assert_eq!(market.orders(mode).len(), 1, "{mode:?}: once");
    }
}

#[test]
fn what_it_costs_is_looked_at_when_it_is_sent() {
    let market = at_noon();
    let client = market.client(Mode::Real);
    assert!(reserve(&client, "TTTT3014U", 3, "99.00").is_success());
    assert!(reserve(&client, "TTTT3014U", 5000, "99.00").is_success(), "no cash is asked for");
    assert!(reserve(&client, "TTTT3016U", 1, "101.00").is_success(), "nor are shares");
    let states = || -> Vec<String> {
        listed(&client).iter().map(|row| text(row, "ovrs_rsvn_ord_stat_cd_name").to_owned()).collect()
    };
    assert_eq!(states(), ["접수"; 3]);
    market.set_clock(OPENED);
    assert_eq!(states(), ["전송", "거부", "거부"]);
    let rows = listed(&client);
    let number = market.orders(Mode::Real)[0]["order_id"].clone();
    assert_eq!((&rows[0]["odno"], text(&rows[0], "ord_fwdg_tmd")), (&number, "233000"));
    assert_eq!(text(&rows[1], "nprc_rson_text"), "주문가능금액을 초과 했습니다");
}

#[test]
fn one_that_is_taken_back_is_never_sent() {
    for mode in BOTH {
        let market = at_noon();
        let client = market.client(mode);
        let number = reserve(&client, buy_tr(mode), 3, "99.00").output("ODNO").to_owned();
        let body = json!({
            "CANO": mode.cano(), "ACNT_PRDT_CD": "01", "RSVN_ORD_RCIT_DT": "20230309", "OVRS_RSVN_ODNO": number,
        });
        let tr_id = if mode == Mode::Real { "TTTT3017U" } else { "VTTT3017U" };
        let answer = client.post(TAKE_BACK, tr_id, &body).send();
        assert_eq!((text(&answer.body, "msg_cd"), answer.output("OVRS_RSVN_ODNO")), ("APBK1711", number.as_str()));
        assert!(!client.post(TAKE_BACK, tr_id, &body).send().is_success(), "{mode:?}: once");
        market.set_clock(OPENED);
        assert_eq!(market.orders(mode).len(), 0, "{mode:?}");
    }
}

#[test]
fn they_are_taken_in_the_korean_day_until_shortly_before_the_opening() {
    for (time, is_taken) in [
        ("2023-03-09T00:59:59Z", false),
        ("2023-03-09T01:00:00Z", true),
        ("2023-03-09T07:29:59Z", true),
        ("2023-03-09T07:30:00Z", false),
        ("2023-03-09T07:45:00Z", true),
        ("2023-03-09T14:20:00Z", true),
        ("2023-03-09T14:20:01Z", false),
        // An hour earlier in summer.
        ("2023-03-14T13:20:00Z", true),
        ("2023-03-14T13:20:01Z", false),
    ] {
        let market = Market::still();
        market.set_clock(time);
        let answer = reserve(&market.client(Mode::Real), "TTTT3014U", 1, "99.00");
        assert_eq!(answer.is_success(), is_taken, "{time}: {}", answer.text);
    }
    // Over a weekend they wait for Monday.
    let market = Market::still();
    market.set_clock("2023-03-11T03:00:00Z");
    assert!(reserve(&market.client(Mode::Real), "TTTT3014U", 1, "99.00").is_success());
    market.set_clock("2023-03-13T13:31:00Z");
    assert_eq!(market.orders(Mode::Real).len(), 1);
}
