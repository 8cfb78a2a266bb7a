//! Names, blanks and zeros as KIS takes and spells them, and clients rely on.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::harness::*;

/// The names of an answer's headers, as they came over the wire.
fn header_names(url: &str, request: &str) -> Vec<String> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    stream
        .write_all(format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes())
        .expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, _) = answer.split_once("\r\n\r\n").expect("a head");
    head.lines().skip(1).map(|line| line.split(':').next().expect("a name").to_owned()).collect()
}

#[test]
fn http_names_are_capitalised_and_those_of_kis_are_not() {
    let market = Market::still();
    for request in ["GET /uapi/overseas-price/v1/quotations/price", "POST /oauth2/tokenP", "GET /nowhere", "nonsense"] {
        let names = header_names(&market.url(), request);
        assert!(names.iter().any(|name| name == "Content-Length"), "{request}: {names:?}");
        // KIS's sample client makes a Python variable of each name in lower case.
        let spoils = names.iter().find(|name| name.contains('-') && **name == name.to_lowercase());
        assert_eq!(spoils, None, "{request}: {names:?}");
    }
    let names = header_names(&market.url(), "GET /uapi/overseas-price/v1/quotations/price");
    assert!(["gt_uid", "tr_cont"].iter().all(|own| names.iter().any(|name| name == own)), "{names:?}");
}

#[test]
fn a_path_may_begin_with_two_slashes() {
    let market = Market::still();
    let client = Client { url: format!("{}/", market.url()), ..market.client(Mode::Paper) };
    assert!(client.price("NAS", "ZZZQ").send().is_success());
}

#[test]
fn a_blank_filter_is_no_filter() {
    for mode in BOTH {
        let market = Market::still();
        market.price_on("NYSE", "NYSQ", "100.00");
        market.hold(mode, "ZZZQ", 1, "95.00");
        market.hold(mode, "NYSQ", 2, "95.00");
        let client = market.client(mode);
        let rows = client.balance("").query("TR_CRCY_CD", "").send().rows("output1");
        assert_eq!(rows.len(), 2, "{mode:?}: {rows:?}");
        let all = client.present_balance("02").query("NATN_CD", "").query("TR_MKET_CD", "").send();
        assert_eq!(all.rows("output1").len(), if mode == Mode::Real { 2 } else { 0 }, "{mode:?}");
        assert!(client.buying_power("", "NYSQ", "100.00").send().is_success(), "{mode:?}");
    }
    let market = Market::still();
    let client = market.client(Mode::Real);
    assert!(client.buy("ZZZQ", 1, "50.00").is_success());
    assert_eq!(client.open_orders("").send().rows("output").len(), 1);
}

#[test]
fn a_cancel_of_zero_shares_takes_the_remainder() {
    for mode in BOTH {
        for honours_quantity in [false, true] {
            let market = Market::still();
            market.quirk("partial_cancel", json!(honours_quantity));
            let client = market.client(mode);
            let order = client.buy("ZZZQ", 7, "50.00");
            let id = order.order_id();
            assert!(client.cancel("ZZZQ", &id, 0).is_success(), "{mode:?}");
            assert_eq!(market.order(mode, &id)["remaining_quantity"], 0, "{mode:?}");
            let none = with(client.order_body("NASD", "ZZZQ", 0, "50.00"), "ORD_DVSN", "00");
            assert_eq!(client.post(ORDER, mode.buy_tr(), &none).send().status, 500, "an order has shares");
        }
    }
}

#[test]
fn a_known_symbol_has_no_blanks() {
    let market = Market::at("2023-05-24T14:30:00Z");
    let client = market.client(Mode::Real);
    let detail = client.price_detail("NAS", "AAPL").send();
    let row = client.multi_price(&[("NAS", "AAPL")]).send().rows("output2").remove(0);
    for (of, fields) in [("price-detail", &detail.body["output"]), ("multprice", &row)] {
        for (name, value) in fields.as_object().expect("an object") {
            assert_ne!(value.as_str(), Some(""), "{of}: {name}");
        }
        // AAPL's range from 2022-05-25 to the morning of 2023-05-24.
        let range = ["h52p", "h52d", "l52p", "l52d"].map(|name| text(fields, name).to_owned());
        assert_eq!(range, ["176.3900", "20230519", "124.1700", "20230103"], "{of}");
    }
}

#[test]
fn ids_of_old_are_taken_by_switch() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    let body = client.order_body("NASD", "ZZZQ", 1, "50.00");
    let order = || client.post(ORDER, "JTTT1002U", &body).send();
    let day_or_night = || client.get("/uapi/overseas-stock/v1/trading/dayornight", "JTTT3010R").send();
    assert!(!order().is_success() && !day_or_night().is_success());
    market.quirk("legacy_tr_ids", json!(true));
    assert!(order().is_success());
    assert_eq!(text(&market.orders(Mode::Real)[0], "side"), "buy");
    assert_eq!(day_or_night().output("PSBL_YN"), "N");

    let client = market.client(Mode::Paper);
    market.hold(Mode::Paper, "ZZZQ", 1, "50.00");
    let body = with(client.order_body("NASD", "ZZZQ", 1, "150.00"), "SLL_TYPE", "00");
    let sell = || client.post(ORDER, "VTTT1006U", &body).send();
    assert!(!sell().is_success());
    market.quirk("paper_sell_1006", json!(true));
    assert!(sell().is_success());
    assert_eq!(text(&market.orders(Mode::Paper)[0], "side"), "sell");
}

#[test]
fn sliced_orders_are_of_the_real_account_and_never_amended() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    for kind in ["35", "36"] {
        let order = client.buy_as(kind, "ZZZQ", 2, "50.00");
        assert!(order.is_success(), "{kind}: {}", order.text);
        assert!(!client.modify("ZZZQ", &order.order_id(), 1, "51.00").is_success(), "{kind}");
        assert!(client.cancel("ZZZQ", &order.order_id(), 2).is_success(), "{kind}");
    }
    assert!(!market.client(Mode::Paper).buy_as("35", "ZZZQ", 2, "50.00").is_success());
}
