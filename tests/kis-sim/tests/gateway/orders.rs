//! 해외주식 주문 and 정정취소주문: acceptance, refusals, fills, auctions, cancels, modifications.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::harness::*;

/// A market in which ZZZQ (NASDAQ) stands at 100.00.
fn market() -> Market {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "100.00");
    market
}

/// The same, and nothing fills until a test says so.
fn quiet_market() -> Market {
    let market = market();
    market.fill_mode("never");
    market
}

#[track_caller]
fn cash(market: &Market, mode: Mode) -> Decimal {
    number(&market.account(mode), "cash")
}

/// Returns what an order may still spend, as 매수가능금액조회 tells it.
#[track_caller]
fn orderable(client: &Client) -> Decimal {
    let answer = client.buying_power("NASD", "ZZZQ", "100.00").send();
    decimal(answer.output("ord_psbl_frcr_amt"))
}

#[track_caller]
fn assert_state(market: &Market, mode: Mode, order_id: &str, state: &str) {
    let order = market.order(mode, order_id);
    assert_eq!(order["state"], state, "{order}");
}

#[track_caller]
fn assert_order_output(answer: &Answer, branch: &str, time: &str) {
    let output = answer.body["output"].as_object().expect("an output");
    let mut names: Vec<&str> = output.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["KRX_FWDG_ORD_ORGNO", "ODNO", "ORD_TMD"]);
    assert_eq!(answer.output("KRX_FWDG_ORD_ORGNO"), branch);
    assert_eq!(answer.output("ORD_TMD"), time);
    let order_id = answer.output("ODNO");
    assert_eq!(order_id.len(), 10, "{order_id}");
    assert!(order_id.bytes().all(|byte| byte.is_ascii_digit()));
}

#[test]
fn a_real_order_is_accepted_for_transmission() {
    let market = quiet_market();
    market.hold(Mode::Real, "ZZZQ", 5, "95.00");
    let client = market.client(Mode::Real);
    let sent = ("APBK0013", "주문 전송 완료 되었습니다.");
    let buy = client.buy("ZZZQ", 1, "90.00");
    buy.assert_success(sent.0, sent.1);
    assert_order_output(&buy, "01790", "234500");
    market.advance(6);
    let sell = client.sell("ZZZQ", 1, "110.00");
    sell.assert_success(sent.0, sent.1);
    assert_order_output(&sell, "01790", "234506");
    let modify = client.modify("ZZZQ", &buy.order_id(), 1, "91.00");
    modify.assert_success(sent.0, sent.1);
    assert_order_output(&modify, "01790", "234506");
    let cancel = client.cancel("ZZZQ", &sell.order_id(), 1);
    cancel.assert_success(sent.0, sent.1);
    assert_order_output(&cancel, "01790", "234506");
}

#[test]
fn a_paper_order_is_completed_which_only_means_accepted() {
    let market = quiet_market();
    market.hold(Mode::Paper, "ZZZQ", 5, "95.00");
    let client = market.client(Mode::Paper);
    let buy = client.buy("ZZZQ", 1, "90.00");
    buy.assert_success("40600000", "모의투자 매수주문이 완료 되었습니다.");
    assert_order_output(&buy, "00950", "234500");
    let sell = client.sell("ZZZQ", 1, "110.00");
    sell.assert_success("40590000", "모의투자 매도주문이 완료 되었습니다.");
    assert_order_output(&sell, "00950", "234500");
    let modify = client.modify("ZZZQ", &buy.order_id(), 1, "91.00");
    modify.assert_success("40620000", "모의투자 정정주문이 완료 되었습니다.");
    let cancel = client.cancel("ZZZQ", &sell.order_id(), 1);
    cancel.assert_success("40630000", "모의투자 취소주문이 완료 되었습니다.");
    assert!(market.fills(Mode::Paper).is_empty());
}

#[test]
fn order_numbers_look_like_those_of_their_environment() {
    let market = quiet_market();
    let paper = market.client(Mode::Paper).buy("ZZZQ", 1, "90.00");
    assert!(paper.order_id().starts_with("0000"), "{}", paper.text);
    let real = market.client(Mode::Real).buy("ZZZQ", 1, "90.00");
    assert!(real.order_id().starts_with("003"), "{}", real.text);
}

#[test]
fn two_equal_orders_are_two_orders() {
    let market = quiet_market();
    let client = market.client(Mode::Real);
    let first = client.buy("ZZZQ", 1, "90.00").order_id();
    let second = client.buy("ZZZQ", 1, "90.00").order_id();
    assert!(second > first, "numbers rise");
    assert_eq!(market.orders(Mode::Real).len(), 2);
}

#[test]
fn the_ledger_tells_an_order_in_full() {
    let market = quiet_market();
    let client = market.client(Mode::Real);
    let order_id = client.buy("ZZZQ", 7, "90.25").order_id();
    let order = market.order(Mode::Real, &order_id);
    assert_eq!(order["date"], "2023-03-08");
    assert_eq!(utc(text(&order, "at")), utc(MORNING));
    assert_eq!(order["symbol"], "ZZZQ");
    assert_eq!(order["exchange"], "NASD");
    assert_eq!(order["side"], "buy");
    assert_eq!(order["type"], "00");
    assert_eq!(order["quantity"], 7);
    assert_eq!(number(&order, "limit_price"), decimal("90.25"));
    assert_eq!(order["filled_quantity"], 0);
    assert_eq!(order["remaining_quantity"], 7);
    assert_eq!(order["state"], "open");
    assert!(market.orders(Mode::Paper).is_empty());
}

#[test]
fn a_buy_fills_when_the_price_comes_down_to_its_limit() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 3, "99.00").order_id();
        market.advance(60);
        assert_state(&market, mode, &order_id, "open");
        market.price("ZZZQ", "99.01");
        market.advance(60);
        assert_state(&market, mode, &order_id, "open");
        market.price("ZZZQ", "98.50");
        market.advance(60);
        assert_state(&market, mode, &order_id, "filled");
        for fill in market.fills(mode) {
            assert!(number(&fill, "price") <= decimal("99.00"), "{fill}");
        }
    }
}

#[test]
fn a_sell_fills_when_the_price_comes_up_to_its_limit() {
    for mode in BOTH {
        let market = market();
        market.hold(mode, "ZZZQ", 3, "95.00");
        let client = market.client(mode);
        let order_id = client.sell("ZZZQ", 3, "101.00").order_id();
        market.advance(60);
        assert_state(&market, mode, &order_id, "open");
        market.price("ZZZQ", "101.40");
        market.advance(60);
        assert_state(&market, mode, &order_id, "filled");
        for fill in market.fills(mode) {
            assert!(number(&fill, "price") >= decimal("101.00"), "{fill}");
        }
    }
}

#[test]
fn a_marketable_order_fills_at_the_market_and_not_at_its_limit() {
    for mode in BOTH {
        let market = market();
        market.hold(mode, "ZZZQ", 2, "95.00");
        let client = market.client(mode);
        let buy = client.buy("ZZZQ", 2, "103.00").order_id();
        market.advance(60);
        assert_state(&market, mode, &buy, "filled");
        let bought = number(&market.order(mode, &buy), "average_price");
        assert_eq!(bought, decimal("100"), "the quote stood at 100.00");
        let sell = client.sell("ZZZQ", 2, "97.00").order_id();
        market.advance(60);
        assert_state(&market, mode, &sell, "filled");
        let sold = number(&market.order(mode, &sell), "average_price");
        assert_eq!(sold, decimal("100"));
    }
}

#[test]
fn an_order_fills_where_the_real_path_crosses_it() {
    let market = Market::at("2023-03-08T14:31:00Z");
    let client = market.client(Mode::Real);
    let (today, _) = bar_and_previous("NVDA", TODAY);
    let last = |client: &Client| {
        let answer = client.price("NAS", "NVDA").send();
        decimal(answer.output("last"))
    };
    // Half the way from where it stands to the highest price of the day.
    let now = last(&client);
    let limit = ((now + today.high) / Decimal::TWO).round_dp(2);
    market.hold(Mode::Real, "NVDA", 1, "200.00");
    let order_id = client.sell("NVDA", 1, &format!("{limit:.2}")).order_id();
    assert_state(&market, Mode::Real, &order_id, "open");
    let mut highest = now;
    for _minute in 0..388 {
        market.advance(60);
        highest = highest.max(last(&client));
        if highest >= limit {
            break;
        }
    }
    assert!(highest >= limit, "the path reaches {limit}");
    assert_state(&market, Mode::Real, &order_id, "filled");
    let price = number(&market.fills(Mode::Real)[0], "price");
    assert!(limit <= price && price <= today.high, "{price}");
}

#[test]
fn trades_lie_on_the_tick_though_adjusted_bars_do_not() {
    let market = Market::at("2022-01-04T15:00:00Z");
    let client = market.client(Mode::Paper);
    let order_id = client.buy("TSLA", 1, "410.00").order_id();
    market.advance(60);
    assert_state(&market, Mode::Paper, &order_id, "filled");
    let price = number(&market.fills(Mode::Paper)[0], "price");
    assert_eq!(price, price.round_dp(2));
}

#[test]
fn an_order_beyond_the_days_range_never_fills() {
    let market = Market::at("2023-03-08T14:31:00Z");
    let client = market.client(Mode::Paper);
    let (today, _) = bar_and_previous("AAPL", TODAY);
    let limit = (today.low - decimal("0.01")).round_dp(2);
    let order_id = client.buy("AAPL", 1, &format!("{limit:.2}")).order_id();
    market.set_clock("2023-03-08T20:59:59Z");
    assert_state(&market, Mode::Paper, &order_id, "open");
    market.set_clock("2023-03-09T02:00:00Z");
    assert_state(&market, Mode::Paper, &order_id, "expired");
    assert!(market.fills(Mode::Paper).is_empty());
}

#[test]
fn a_jump_of_the_clock_fills_what_lies_on_the_way() {
    let market = Market::at("2023-03-08T14:31:00Z");
    let client = market.client(Mode::Paper);
    let (today, _) = bar_and_previous("AAPL", TODAY);
    let limit = today.low + decimal("0.02");
    let order_id = client.buy("AAPL", 1, &format!("{limit:.2}")).order_id();
    market.set_clock("2023-03-08T21:30:00Z");
    assert_state(&market, Mode::Paper, &order_id, "filled");
    let fill = &market.fills(Mode::Paper)[0];
    let price = number(fill, "price");
    assert!(today.low <= price && price <= limit, "{fill}");
    let at = utc(text(fill, "at"));
    assert!(at >= utc("2023-03-08T14:31:00Z") && at <= utc("2023-03-08T21:00:00Z"));
}

#[test]
fn a_fill_moves_cash_and_position() {
    let market = market();
    let client = market.client(Mode::Real);
    client.buy("ZZZQ", 3, "100.00").order_id();
    market.advance(60);
    assert_eq!(cash(&market, Mode::Real), decimal("9700"));
    let position = market.position(Mode::Real, "ZZZQ");
    assert_eq!(position["quantity"], 3);
    assert_eq!(position["sellable"], 3);
    assert_eq!(number(&position, "average_cost"), decimal("100"));
    client.sell("ZZZQ", 2, "100.00").order_id();
    market.advance(60);
    assert_eq!(cash(&market, Mode::Real), decimal("9900"));
    assert_eq!(market.position(Mode::Real, "ZZZQ")["quantity"], 1);
}

#[test]
fn buying_more_averages_the_cost() {
    let market = market();
    let client = market.client(Mode::Real);
    client.buy("ZZZQ", 1, "100.00").order_id();
    market.advance(60);
    market.price("ZZZQ", "90.00");
    client.buy("ZZZQ", 3, "90.00").order_id();
    market.advance(60);
    let position = market.position(Mode::Real, "ZZZQ");
    assert_eq!(position["quantity"], 4);
    assert_eq!(number(&position, "average_cost"), decimal("92.50"));
}

#[test]
fn paper_holds_one_percent_more_and_keeps_it_as_cost() {
    let market = market();
    let client = market.client(Mode::Paper);
    let before = orderable(&client);
    let order_id = client.buy("ZZZQ", 10, "90.00").order_id();
    assert_eq!(before - orderable(&client), decimal("909.00"));
    assert!(client.cancel("ZZZQ", &order_id, 10).is_success());
    assert_eq!(orderable(&client), before, "given back to the cent");
    client.buy("ZZZQ", 10, "100.00").order_id();
    market.advance(60);
    assert_eq!(before - orderable(&client), decimal("1010.00"));
    assert_eq!(cash(&market, Mode::Paper), decimal("8990"));
}

#[test]
fn paper_can_be_told_to_hold_nothing() {
    let market = market();
    market.quirk("paper_hold_percent", json!("0"));
    let client = market.client(Mode::Paper);
    client.buy("ZZZQ", 100, "100.00").order_id();
    market.advance(60);
    assert_eq!(cash(&market, Mode::Paper), Decimal::ZERO);
}

#[test]
fn an_open_buy_reserves_its_money_in_real_too() {
    let market = quiet_market();
    let client = market.client(Mode::Real);
    let before = orderable(&client);
    let order_id = client.buy("ZZZQ", 10, "90.00").order_id();
    let held = before - orderable(&client);
    assert!(held >= decimal("900") && held <= decimal("910"), "held {held}");
    assert!(client.cancel("ZZZQ", &order_id, 10).is_success());
    assert_eq!(orderable(&client), before);
}

#[test]
fn a_sell_takes_its_shares_out_of_the_sellable_at_once() {
    for mode in BOTH {
        let market = quiet_market();
        market.hold(mode, "ZZZQ", 10, "95.00");
        let client = market.client(mode);
        let order_id = client.sell("ZZZQ", 4, "110.00").order_id();
        let row = client.holdings("NASD")[0].clone();
        assert_eq!(text(&row, "ovrs_cblc_qty"), "10");
        assert_eq!(text(&row, "ord_psbl_qty"), "6");
        assert!(!client.sell("ZZZQ", 7, "110.00").is_success());
        assert!(client.cancel("ZZZQ", &order_id, 4).is_success());
        assert_eq!(text(&client.holdings("NASD")[0], "ord_psbl_qty"), "10");
    }
}

#[test]
fn selling_more_than_is_sellable_is_refused() {
    let market = quiet_market();
    market.hold(Mode::Real, "ZZZQ", 5, "95.00");
    market.hold(Mode::Paper, "ZZZQ", 5, "95.00");
    let real = market.client(Mode::Real).sell("ZZZQ", 6, "110.00");
    real.assert_refused(200, "APBK0400");
    assert!(real.message().starts_with("주문 가능한 수량을 초과"));
    let client = market.client(Mode::Paper);
    let paper = client.sell("ZZZQ", 6, "110.00");
    assert_eq!(paper.status, 200, "{}", paper.text);
    assert!(!paper.is_success());
    assert!(market.orders(Mode::Real).is_empty());
    assert!(market.orders(Mode::Paper).is_empty());
}

#[test]
fn selling_what_is_not_held_is_refused() {
    let market = quiet_market();
    let paper = market.client(Mode::Paper).sell("ZZZQ", 1, "110.00");
    paper.assert_refused(200, "40240000");
    assert_eq!(paper.message(), "모의투자 잔고내역이 없습니다.");
    let real = market.client(Mode::Real).sell("ZZZQ", 1, "110.00");
    assert_eq!(real.status, 200);
    assert!(!real.is_success(), "{}", real.text);
}

#[test]
fn a_holding_can_be_less_sellable_than_held() {
    let market = quiet_market();
    market.post(
        "/positions",
        json!({"account": "real", "symbol": "ZZZQ", "quantity": 10, "average_cost": "95", "sellable": 4}),
    );
    let client = market.client(Mode::Real);
    assert_eq!(text(&client.holdings("NASD")[0], "ord_psbl_qty"), "4");
    client.sell("ZZZQ", 5, "110.00").assert_refused(200, "APBK0400");
    client.sell("ZZZQ", 4, "110.00").order_id();
}

#[test]
fn too_little_cash_is_refused() {
    let market = quiet_market();
    let real = market.client(Mode::Real).buy("ZZZQ", 101, "100.00");
    real.assert_refused(200, "APBK0952");
    assert!(real.message().starts_with("주문가능금액을 초과"));
    assert!(real.body.get("output").is_none_or(|output| output["ODNO"].is_null()));
    let client = market.client(Mode::Paper);
    // Ten thousand divided by the price is a hundred, but one percent is held back.
    let paper = client.buy("ZZZQ", 100, "100.00");
    paper.assert_refused(200, "40250000");
    assert_eq!(paper.message(), "모의투자 주문가능금액이 부족합니다.");
    assert!(market.orders(Mode::Real).is_empty());
    assert!(market.orders(Mode::Paper).is_empty());
    client.buy("ZZZQ", 99, "100.00").order_id();
}

#[test]
fn the_quantity_that_buying_power_names_is_accepted() {
    for mode in BOTH {
        let market = quiet_market();
        let client = market.client(mode);
        for price in ["100.00", "37.31", "90.07"] {
            let answer = client.buying_power("NASD", "ZZZQ", price).send();
            let quantity: u32 = answer.output("max_ord_psbl_qty").parse().expect("a quantity");
            assert!(quantity > 0);
            let order_id = client.buy("ZZZQ", quantity, price).order_id();
            assert!(client.cancel("ZZZQ", &order_id, quantity).is_success());
        }
    }
}

#[test]
fn a_symbol_on_another_exchange_is_unknown() {
    let market = quiet_market();
    market.price_on("NYSE", "YYYN", "11.00");
    let client = market.client(Mode::Real);
    for (exchange, symbol) in [("NYSE", "ZZZQ"), ("AMEX", "ZZZQ"), ("NASD", "YYYN"), ("NASD", "NOSUCH")] {
        let body = client.order_body(exchange, symbol, 1, "10.50");
        let answer = client.post(ORDER, "TTTT1002U", &body).send();
        answer.assert_refused(200, "APBK0656");
        assert_eq!(answer.message(), "해당종목정보가 없습니다.");
    }
    let body = client.order_body("NYSE", "YYYN", 1, "10.50");
    client.post(ORDER, "TTTT1002U", &body).send().order_id();
    let paper = market.client(Mode::Paper);
    let body = paper.order_body("NYSE", "ZZZQ", 1, "90.00");
    let answer = paper.post(ORDER, "VTTT1002U", &body).send();
    assert_eq!(answer.status, 200);
    assert!(!answer.is_success(), "{}", answer.text);
    assert!(market.orders(Mode::Paper).is_empty());
}

#[test]
fn quote_exchange_codes_are_none_for_orders() {
    for mode in BOTH {
        let market = quiet_market();
        let client = market.client(mode);
        let body = client.order_body("NAS", "ZZZQ", 1, "90.00");
        let answer = client.post(ORDER, mode.buy_tr(), &body).send();
        assert!(!answer.is_success(), "{}", answer.text);
        assert!(market.orders(mode).is_empty());
    }
}

#[test]
fn a_limit_off_the_tick_is_refused() {
    for mode in BOTH {
        let market = quiet_market();
        market.price("PENY", "0.55");
        let client = market.client(mode);
        for price in ["90.005", "90.0001", "1.005"] {
            let answer = client.buy("ZZZQ", 1, price);
            assert_eq!(answer.status, 200, "{price}: {}", answer.text);
            assert!(!answer.is_success(), "{price}: {}", answer.text);
        }
        assert!(!client.buy("PENY", 1, "0.50001").is_success());
        assert!(market.orders(mode).is_empty());
        for price in ["90.00", "90.0", "90", "90.1200"] {
            client.buy("ZZZQ", 1, price).order_id();
        }
        client.buy("PENY", 1, "0.5012").order_id();
    }
}

#[test]
fn paper_names_the_tick_in_its_refusal() {
    let market = quiet_market();
    let answer = market.client(Mode::Paper).buy("ZZZQ", 1, "90.005");
    assert!(answer.message().contains("호가단위"), "{}", answer.text);
}

#[test]
fn there_is_no_plain_market_order() {
    let market = quiet_market();
    let real = market.client(Mode::Real).buy("ZZZQ", 1, "0");
    real.assert_refused(200, "APBK1507");
    let paper = market.client(Mode::Paper).buy("ZZZQ", 1, "0");
    assert!(!paper.is_success(), "{}", paper.text);
    assert!(market.orders(Mode::Paper).is_empty());
}

#[test]
fn impossible_quantities_and_prices_are_refused() {
    for mode in BOTH {
        let market = quiet_market();
        let client = market.client(mode);
        let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
        for (name, value) in [
            ("ORD_QTY", "0"),
            ("ORD_QTY", "-1"),
            ("ORD_QTY", "1.5"),
            ("ORD_QTY", "one"),
            ("ORD_QTY", ""),
            ("OVRS_ORD_UNPR", ""),
            ("OVRS_ORD_UNPR", "-90.00"),
            ("OVRS_ORD_UNPR", "ninety"),
            ("ORD_DVSN", "99"),
            ("ORD_DVSN", ""),
        ] {
            let answer = client.post(ORDER, mode.buy_tr(), &with(body.clone(), name, value)).send();
            assert!(!answer.is_success(), "{name} {value:?}: {}", answer.text);
        }
        assert!(market.orders(mode).is_empty());
    }
}

#[test]
fn paper_takes_limit_orders_only() {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "100.00");
    market.hold(Mode::Paper, "ZZZQ", 5, "95.00");
    let client = market.client(Mode::Paper);
    for kind in ["31", "32", "33", "34"] {
        for (tr_id, price) in [("VTTT1002U", "100.00"), ("VTTT1001U", "0")] {
            let body = client.order_body("NASD", "ZZZQ", 1, price);
            let answer = client.post(ORDER, tr_id, &with(body, "ORD_DVSN", kind)).send();
            assert!(!answer.is_success(), "{tr_id} {kind}: {}", answer.text);
        }
    }
    assert!(market.orders(Mode::Paper).is_empty());
}

#[test]
fn market_on_open_and_close_are_for_sells_only() {
    let market = Market::at("2023-03-08T14:00:00Z");
    let client = market.client(Mode::Real);
    for kind in ["31", "33"] {
        let body = client.order_body("NASD", "AAPL", 1, "0");
        let answer = client.post(ORDER, "TTTT1002U", &with(body, "ORD_DVSN", kind)).send();
        assert!(!answer.is_success(), "{kind}: {}", answer.text);
    }
    assert!(market.orders(Mode::Real).is_empty());
}

/// Sends a real AAPL order of an auction kind.
#[track_caller]
fn auction_order(client: &Client, tr_id: &str, kind: &str, price: &str) -> String {
    let body = client.order_body("NASD", "AAPL", 2, price);
    client.post(ORDER, tr_id, &with(body, "ORD_DVSN", kind)).send().order_id()
}

#[test]
fn opening_auction_orders_fill_at_the_real_open() {
    let market = Market::at("2023-03-08T14:00:00Z");
    market.hold(Mode::Real, "AAPL", 4, "150.00");
    market.quirk("self_trade_refused", json!("never"));
    let client = market.client(Mode::Real);
    let (today, _) = bar_and_previous("AAPL", TODAY);
    let buy = auction_order(&client, "TTTT1002U", "32", "155.00");
    let market_sell = auction_order(&client, "TTTT1006U", "31", "0");
    let limit_sell = auction_order(&client, "TTTT1006U", "32", "150.00");
    let too_low = auction_order(&client, "TTTT1002U", "32", "152.00");
    assert!(market.fills(Mode::Real).is_empty());
    market.set_clock("2023-03-08T14:31:00Z");
    for order_id in [buy, market_sell, limit_sell] {
        let order = market.order(Mode::Real, &order_id);
        assert_eq!(order["state"], "filled", "{order}");
        assert_eq!(number(&order, "average_price"), today.open, "{order}");
    }
    let order = market.order(Mode::Real, &too_low);
    assert_eq!(order["filled_quantity"], 0, "under the open: {order}");
    // The day's low of 151.83 lies under its limit, but the auction is over.
    market.set_clock("2023-03-08T21:01:00Z");
    assert_eq!(market.order(Mode::Real, &too_low)["filled_quantity"], 0);
}

#[test]
fn closing_auction_orders_fill_at_the_real_close() {
    let market = Market::at(MORNING);
    market.hold(Mode::Real, "AAPL", 4, "150.00");
    market.quirk("self_trade_refused", json!("never"));
    let client = market.client(Mode::Real);
    let (today, _) = bar_and_previous("AAPL", TODAY);
    let buy = auction_order(&client, "TTTT1002U", "34", "155.00");
    let market_sell = auction_order(&client, "TTTT1006U", "33", "0");
    let limit_sell = auction_order(&client, "TTTT1006U", "34", "150.00");
    let too_low = auction_order(&client, "TTTT1002U", "34", "152.00");
    market.set_clock("2023-03-08T20:59:00Z");
    assert!(market.fills(Mode::Real).is_empty());
    market.set_clock("2023-03-08T21:01:00Z");
    for order_id in [buy, market_sell, limit_sell] {
        let order = market.order(Mode::Real, &order_id);
        assert_eq!(order["state"], "filled", "{order}");
        assert_eq!(number(&order, "average_price"), today.close, "{order}");
    }
    assert_eq!(market.order(Mode::Real, &too_low)["filled_quantity"], 0);
}

#[test]
fn a_cap_fills_an_order_in_parts() {
    for mode in BOTH {
        let market = market();
        market.post("/fills", json!({"mode": "path", "max_quantity_per_minute": 3}));
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 10, "101.00").order_id();
        market.advance(60);
        let filled = part_of(&market, mode, &order_id);
        assert!((1..10).contains(&filled), "{filled}");
        let row = client.order_row(&order_id);
        assert_eq!(text(&row, "ft_ord_qty"), "10");
        assert_eq!(text(&row, "ft_ccld_qty"), filled.to_string());
        assert_eq!(text(&row, "nccs_qty"), (10 - filled).to_string());
        assert_eq!(number(&row, "ft_ccld_unpr3"), decimal("100"));
        market.price("ZZZQ", "99.00");
        market.advance(600);
        assert_state(&market, mode, &order_id, "filled");
        let row = client.order_row(&order_id);
        assert_eq!(text(&row, "ft_ccld_qty"), "10");
        assert_eq!(text(&row, "nccs_qty"), "0");
        // One row, with the average of all parts.
        let average = number(&row, "ft_ccld_unpr3");
        assert!(decimal("99") < average && average < decimal("100"), "{average}");
        assert!((number(&row, "ft_ccld_amt3") - average * Decimal::TEN).abs() < decimal("0.01"));
        assert!(market.fills(mode).len() > 1);
    }
}

#[track_caller]
fn part_of(market: &Market, mode: Mode, order_id: &str) -> u64 {
    market.order(mode, order_id)["filled_quantity"].as_u64().expect("a quantity")
}

#[test]
fn orders_fill_never_or_at_once_when_told_so() {
    let market = quiet_market();
    let client = market.client(Mode::Paper);
    let order_id = client.buy("ZZZQ", 1, "105.00").order_id();
    market.advance(600);
    assert_state(&market, Mode::Paper, &order_id, "open");
    market.fill_mode("at_once");
    let second = client.buy("ZZZQ", 1, "104.00").order_id();
    market.advance(1);
    assert_state(&market, Mode::Paper, &second, "filled");
    let order = market.order(Mode::Paper, &second);
    assert_eq!(number(&order, "average_price"), decimal("104"));
}

#[test]
fn an_order_can_be_filled_by_hand_and_in_parts() {
    let market = quiet_market();
    let client = market.client(Mode::Real);
    let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
    market.post("/orders/fill", json!({"order_id": order_id, "quantity": 2, "price": "89.50"}));
    let row = client.order_row(&order_id);
    assert_eq!(text(&row, "ft_ccld_qty"), "2");
    assert_eq!(text(&row, "nccs_qty"), "3");
    assert_eq!(text(&row, "ft_ccld_unpr3"), "89.50000000");
    market.post("/orders/fill", json!({"order_id": order_id}));
    assert_state(&market, Mode::Real, &order_id, "filled");
    assert_eq!(market.position(Mode::Real, "ZZZQ")["quantity"], 5);
}

#[test]
fn a_cancel_takes_the_whole_remainder() {
    for mode in BOTH {
        let market = quiet_market();
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
        market.post("/orders/fill", json!({"order_id": order_id, "quantity": 2}));
        let cancel_id = client.cancel("ZZZQ", &order_id, 1).order_id();
        assert_ne!(cancel_id, order_id);
        assert_state(&market, mode, &order_id, "cancelled");
        let row = client.order_row(&order_id);
        assert_eq!(text(&row, "ft_ccld_qty"), "2");
        assert_eq!(text(&row, "nccs_qty"), "0");
        assert_eq!(market.position(mode, "ZZZQ")["quantity"], 2);
    }
}

#[test]
fn a_cancel_can_be_made_to_honour_a_smaller_quantity() {
    let market = quiet_market();
    market.quirk("partial_cancel", json!(true));
    let client = market.client(Mode::Real);
    let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
    client.cancel("ZZZQ", &order_id, 2).order_id();
    assert_eq!(text(&client.order_row(&order_id), "nccs_qty"), "3");
    assert_state(&market, Mode::Real, &order_id, "open");
}

#[test]
fn a_real_cancel_is_a_row_of_its_own() {
    let market = quiet_market();
    let client = market.client(Mode::Real);
    let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
    let cancel_id = client.cancel("ZZZQ", &order_id, 5).order_id();
    let row = client.order_row(&cancel_id);
    assert_eq!(text(&row, "rvse_cncl_dvsn"), "02");
    assert_eq!(text(&row, "rvse_cncl_dvsn_name"), "취소");
    assert_eq!(text(&row, "orgn_odno"), order_id);
    assert_eq!(text(&row, "sll_buy_dvsn_cd"), "02");
    assert_eq!(text(&row, "ft_ord_qty"), "5");
    assert_eq!(text(&row, "ft_ord_unpr3"), "0.00000000");
    assert_eq!(text(&row, "ft_ccld_qty"), "0");
    assert_eq!(text(&row, "nccs_qty"), "0");
    assert_eq!(text(&row, "prcs_stat_name"), "완료");
    let original = client.order_row(&order_id);
    assert_eq!(text(&original, "rvse_cncl_dvsn"), "00");
    assert_eq!(text(&original, "orgn_odno"), "");
    assert_eq!(text(&original, "ft_ccld_qty"), "0");
    assert_eq!(text(&original, "nccs_qty"), "0");
}

#[test]
fn a_paper_cancel_is_a_row_with_bare_numbers() {
    for (side, name, code) in [("buy", "매수취소", "02"), ("sell", "매도취소", "01")] {
        let market = quiet_market();
        market.hold(Mode::Paper, "ZZZQ", 5, "95.00");
        let client = market.client(Mode::Paper);
        let answer = match side {
            "buy" => client.buy("ZZZQ", 2, "90.00"),
            _ => client.sell("ZZZQ", 2, "110.00"),
        };
        let order_id = answer.order_id();
        let cancel_id = client.cancel("ZZZQ", &order_id, 2).order_id();
        let row = client.order_row(&cancel_id);
        assert_eq!(text(&row, "odno"), bare(&cancel_id));
        assert_eq!(text(&row, "orgn_odno"), bare(&order_id));
        assert_eq!(text(&row, "sll_buy_dvsn_cd"), code);
        assert_eq!(text(&row, "sll_buy_dvsn_cd_name"), name);
        assert_eq!(text(&row, "rvse_cncl_dvsn"), "02");
        assert_eq!(text(&row, "rvse_cncl_dvsn_name"), "취소");
        assert_eq!(text(&row, "ft_ord_unpr3"), "0.00000000");
        assert_eq!(text(&row, "prcs_stat_name"), "");
        let original = client.order_row(&order_id);
        assert_eq!(text(&original, "rvse_cncl_dvsn"), "00");
        assert_eq!(text(&original, "rvse_cncl_dvsn_name"), "보통");
        assert_eq!(text(&original, "nccs_qty"), "0");
    }
}

#[test]
fn a_filled_or_cancelled_order_has_nothing_to_cancel() {
    for mode in BOTH {
        let market = quiet_market();
        let client = market.client(mode);
        let filled = client.buy("ZZZQ", 1, "90.00").order_id();
        market.post("/orders/fill", json!({"order_id": filled}));
        let cancelled = client.buy("ZZZQ", 1, "90.00").order_id();
        client.cancel("ZZZQ", &cancelled, 1).order_id();
        let before = market.orders(mode).len();
        for order_id in [&filled, &cancelled] {
            let answer = client.cancel("ZZZQ", order_id, 1);
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert!(!answer.is_success(), "{}", answer.text);
            assert!(answer.message().contains("정정/취소할 수량이 없습니다"), "{}", answer.text);
            if mode == Mode::Paper {
                answer.assert_refused(200, "40330000");
            }
        }
        assert_eq!(market.orders(mode).len(), before);
        assert_state(&market, mode, &filled, "filled");
    }
}

#[test]
fn an_order_that_never_was_cannot_be_cancelled() {
    for mode in BOTH {
        let market = quiet_market();
        let client = market.client(mode);
        let answer = client.cancel("ZZZQ", "0000099999", 1);
        assert!(!answer.is_success(), "{}", answer.text);
        assert!(market.orders(mode).is_empty());
    }
}

#[test]
fn the_order_of_another_account_cannot_be_cancelled() {
    let market = quiet_market();
    let order_id = market.client(Mode::Real).buy("ZZZQ", 1, "90.00").order_id();
    let answer = market.client(Mode::Paper).cancel("ZZZQ", &order_id, 1);
    assert!(!answer.is_success(), "{}", answer.text);
    assert_state(&market, Mode::Real, &order_id, "open");
}

#[test]
fn a_modification_gives_the_order_a_new_number() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let old = client.buy("ZZZQ", 2, "90.00").order_id();
        let new = client.modify("ZZZQ", &old, 2, "95.00").order_id();
        assert_ne!(new, old);
        let row = client.order_row(&new);
        assert_eq!(text(&row, "rvse_cncl_dvsn"), "01");
        assert_eq!(bare(text(&row, "orgn_odno")), bare(&old));
        assert_eq!(text(&row, "ft_ord_unpr3"), "95.00000000");
        assert_eq!(text(&row, "nccs_qty"), "2");
        assert_eq!(text(&client.order_row(&old), "nccs_qty"), "0");
        let dead = client.cancel("ZZZQ", &old, 2);
        assert!(dead.message().contains("정정/취소할 수량이 없습니다"), "{}", dead.text);
        market.price("ZZZQ", "94.00");
        market.advance(60);
        assert_state(&market, mode, &new, "filled");
        assert_eq!(market.position(mode, "ZZZQ")["quantity"], 2);
    }
}

#[test]
fn a_modified_order_is_cancelled_by_its_new_number() {
    for mode in BOTH {
        let market = quiet_market();
        let client = market.client(mode);
        let before = orderable(&client);
        let old = client.buy("ZZZQ", 2, "90.00").order_id();
        let new = client.modify("ZZZQ", &old, 2, "95.00").order_id();
        client.cancel("ZZZQ", &new, 2).order_id();
        assert_state(&market, mode, &new, "cancelled");
        assert_eq!(orderable(&client), before);
    }
}

#[test]
fn an_order_of_another_hand_shows_its_medium() {
    let market = quiet_market();
    market.hold(Mode::Real, "ZZZQ", 5, "95.00");
    let client = market.client(Mode::Real);
    let own = client.buy("ZZZQ", 1, "90.00").order_id();
    let phone = foreign(&market, json!({"side": "sell", "limit_price": "110.00"}));
    let program = foreign(&market, json!({"side": "buy", "limit_price": "90.00", "medium": "OpenAPI"}));
    for (order_id, medium) in [(own, "OpenAPI"), (phone, "모바일"), (program, "OpenAPI")] {
        let row = client.order_row(&order_id);
        assert_eq!(text(&row, "mdia_dvsn_name"), medium, "{row}");
    }
}

#[track_caller]
fn foreign(market: &Market, mut order: Value) -> String {
    order["account"] = json!("real");
    order["symbol"] = json!("ZZZQ");
    order["quantity"] = json!(1);
    text(&market.post("/orders/foreign", order), "order_id").to_owned()
}

#[test]
fn an_order_can_be_cancelled_by_another_hand() {
    let market = quiet_market();
    let client = market.client(Mode::Real);
    let order_id = client.buy("ZZZQ", 1, "90.00").order_id();
    market.post("/orders/cancel", json!({"order_id": order_id}));
    assert_state(&market, Mode::Real, &order_id, "cancelled");
    assert_eq!(text(&client.order_row(&order_id), "nccs_qty"), "0");
    assert!(client.cancel("ZZZQ", &order_id, 1).message().contains("수량이 없습니다"));
}

#[test]
fn an_order_refused_after_its_acceptance_says_why() {
    let market = quiet_market();
    let client = market.client(Mode::Real);
    let before = orderable(&client);
    let order_id = client.buy("ZZZQ", 1, "90.00").order_id();
    market.post("/orders/reject", json!({"order_id": order_id, "reason": "가격제한폭 초과"}));
    let row = client.order_row(&order_id);
    assert_eq!(text(&row, "prcs_stat_name"), "거부");
    assert_eq!(text(&row, "rjct_rson_name"), "가격제한폭 초과");
    assert_eq!(text(&row, "nccs_qty"), "0");
    assert_eq!(text(&row, "ft_ccld_qty"), "0");
    assert_state(&market, Mode::Real, &order_id, "rejected");
    assert_eq!(orderable(&client), before);
}

#[test]
fn a_halted_symbol_does_not_trade() {
    for mode in BOTH {
        let market = market();
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 1, "99.00").order_id();
        market.post("/prices", json!({"symbol": "ZZZQ", "last": "98.00", "halted": true}));
        market.advance(60);
        assert_state(&market, mode, &order_id, "open");
        client.buy("ZZZQ", 1, "99.00");
        market.advance(60);
        assert!(market.fills(mode).is_empty());
    }
}

#[test]
fn an_order_before_the_open_fills_at_it() {
    let market = Market::at("2023-03-08T14:00:00Z");
    let client = market.client(Mode::Real);
    let (today, _) = bar_and_previous("AAPL", TODAY);
    let order_id = client.buy("AAPL", 1, "155.00").order_id();
    market.set_clock("2023-03-08T14:31:00Z");
    assert_state(&market, Mode::Real, &order_id, "filled");
    let price = number(&market.fills(Mode::Real)[0], "price");
    assert!(today.low <= price && price <= decimal("155"), "{price}");
}

#[test]
fn the_closing_auction_of_a_half_day_is_at_one() {
    let market = Market::at("2023-11-24T16:00:00Z");
    let client = market.client(Mode::Real);
    let (today, _) = bar_and_previous("AAPL", "20231124");
    let order_id = auction_order(&client, "TTTT1002U", "34", "195.00");
    market.set_clock("2023-11-24T17:59:00Z");
    assert_state(&market, Mode::Real, &order_id, "open");
    market.set_clock("2023-11-24T18:01:00Z");
    assert_state(&market, Mode::Real, &order_id, "filled");
    let average = number(&market.order(Mode::Real, &order_id), "average_price");
    assert_eq!(average, today.close);
}

#[test]
fn what_filled_before_the_close_stays_filled() {
    for mode in BOTH {
        let market = quiet_market();
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 5, "90.00").order_id();
        market.post("/orders/fill", json!({"order_id": order_id, "quantity": 2}));
        market.set_clock("2023-03-09T02:00:00Z");
        let row = client.order_row(&order_id);
        assert_eq!(text(&row, "ft_ccld_qty"), "2");
        assert_eq!(text(&row, "nccs_qty"), "0");
        assert_eq!(market.position(mode, "ZZZQ")["quantity"], 2);
    }
}

#[test]
fn a_modification_needs_its_money_too() {
    for mode in BOTH {
        let market = quiet_market();
        let client = market.client(mode);
        let order_id = client.buy("ZZZQ", 95, "100.00").order_id();
        let answer = client.modify("ZZZQ", &order_id, 95, "120.00");
        assert!(!answer.is_success(), "{}", answer.text);
        assert_state(&market, mode, &order_id, "open");
        assert_eq!(text(&client.order_row(&order_id), "nccs_qty"), "95");
    }
}

#[test]
fn the_ledger_ties_a_cancel_to_its_order() {
    let market = quiet_market();
    let client = market.client(Mode::Paper);
    let order_id = client.buy("ZZZQ", 1, "90.00").order_id();
    assert!(market.order(Mode::Paper, &order_id)["original_id"].is_null());
    let cancel_id = client.cancel("ZZZQ", &order_id, 1).order_id();
    let cancel = market.order(Mode::Paper, &cancel_id);
    assert_eq!(cancel["original_id"], json!(order_id));
}

#[test]
fn the_ledger_tells_a_fill_in_full() {
    let market = market();
    let client = market.client(Mode::Paper);
    let order_id = client.buy("ZZZQ", 2, "100.00").order_id();
    market.advance(60);
    let fill = find(&market.fills(Mode::Paper), "order_id", &order_id);
    assert_eq!(fill["symbol"], "ZZZQ");
    assert_eq!(fill["side"], "buy");
    assert_eq!(fill["quantity"], 2);
    assert_eq!(number(&fill, "price"), decimal("100"));
    assert!(utc(text(&fill, "at")) >= utc(MORNING));
}

#[test]
fn selling_everything_leaves_no_shares() {
    for mode in BOTH {
        let market = market();
        market.hold(mode, "ZZZQ", 3, "95.00");
        let client = market.client(mode);
        client.sell("ZZZQ", 3, "99.00").order_id();
        market.advance(60);
        for row in client.holdings("NASD") {
            assert_eq!(text(&row, "ovrs_cblc_qty"), "0");
        }
        assert!(!client.sell("ZZZQ", 1, "99.00").is_success());
    }
}

#[test]
fn order_numbers_start_again_the_next_day() {
    let market = quiet_market();
    let client = market.client(Mode::Real);
    let first_day: Vec<String> = (0..3).map(|_| client.buy("ZZZQ", 1, "50.00").order_id()).collect();
    market.set_clock("2023-03-09T14:40:00Z");
    let next_day = client.buy("ZZZQ", 1, "50.00").order_id();
    assert!(next_day <= first_day[2], "{next_day} after {first_day:?}");
    let rows = client.order_rows_between("20230309", "20230309");
    assert_eq!(rows.len(), 1);
}
