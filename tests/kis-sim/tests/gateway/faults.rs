//! Scripted faults: what a client sees, and whether the order was placed all the same.

use serde_json::{Value, json};

use crate::harness::*;

fn market() -> (Market, Client) {
    market_of(Mode::Paper)
}

fn market_of(mode: Mode) -> (Market, Client) {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "100.00");
    market.fill_mode("never");
    let client = market.client(mode);
    (market, client)
}

/// Sends one order under a fault; returns what arrived and how many orders the broker has.
#[track_caller]
fn order_under(fault: Value) -> (Result<Answer, ureq::Error>, usize) {
    let (market, client) = market();
    let mut fault = fault;
    fault["endpoint"] = json!("order");
    market.post("/faults", fault);
    let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
    let answer = client.post(ORDER, "VTTT1002U", &body).try_send();
    // The next one is not disturbed.
    let placed = market.orders(Mode::Paper).len();
    client.buy("ZZZQ", 1, "91.00").order_id();
    (answer, placed)
}

#[test]
fn a_connection_dropped_before_leaves_no_order() {
    let (answer, placed) = order_under(json!({"kind": "drop_before"}));
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(placed, 0);
}

#[test]
fn a_connection_dropped_after_leaves_the_order() {
    let (answer, placed) = order_under(json!({"kind": "drop_after"}));
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(placed, 1);
}

#[test]
fn a_delayed_answer_is_a_whole_one() {
    for kind in ["delay", "delay_before"] {
        let (answer, placed) = order_under(json!({"kind": kind, "seconds": 0.05}));
        assert_eq!(answer.expect("an answer").order_id().len(), 10);
        assert_eq!(placed, 1);
    }
}

/// An hour is too long to be waited for by anybody here.
#[test]
fn a_delay_ends_when_its_fault_is_removed() {
    let (market, client) = market();
    for kind in ["delay", "delay_before"] {
        market.post("/faults", json!({"endpoint": "price", "kind": kind, "seconds": 3600}));
        market.control("DELETE", "/requests", json!({}));
        std::thread::scope(|scope| {
            let answer = scope.spawn(|| client.price("NAS", "ZZZQ").send());
            let is_asked = |_| {
                std::thread::yield_now();
                list(&market.read("/requests"), "requests").len() == 1
            };
            assert!((0..10_000_000).any(is_asked), "{kind}: no request came");
            let requests = list(&market.read("/requests"), "requests");
            assert_eq!(requests[0]["fault"], kind);
            market.control("DELETE", "/faults", json!({}));
            assert_eq!(answer.join().expect("an answer").status, 200, "{kind}");
        });
    }
}

#[test]
fn a_status_before_leaves_no_order() {
    let (answer, placed) = order_under(json!({"kind": "status_before"}));
    let answer = answer.expect("an answer");
    assert_eq!(answer.status, 500);
    assert!(answer.body.is_null(), "no JSON: {}", answer.text);
    assert!(answer.text.to_lowercase().contains("<html"), "{}", answer.text);
    assert_eq!(placed, 0);
}

#[test]
fn a_status_after_leaves_the_order() {
    let (answer, placed) = order_under(json!({"kind": "status_after", "status": 503, "body": "busy"}));
    let answer = answer.expect("an answer");
    assert_eq!((answer.status, answer.text.as_str()), (503, "busy"));
    assert_eq!(placed, 1);
}

#[test]
fn garbage_html_and_nothing_come_after_the_order() {
    for kind in ["garbage", "html", "empty"] {
        let (answer, placed) = order_under(json!({"kind": kind}));
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 200, "{kind}");
        assert!(answer.body.is_null(), "{kind}: {}", answer.text);
        assert_eq!(placed, 1, "{kind}");
        match kind {
            "html" => assert!(answer.text.to_lowercase().contains("<html")),
            "empty" => assert_eq!(answer.text, ""),
            _ => assert!(!answer.text.is_empty()),
        }
    }
}

#[test]
fn a_truncated_answer_is_no_answer() {
    let (answer, placed) = order_under(json!({"kind": "truncated"}));
    assert!(answer.as_ref().map_or(true, |answer| answer.body.is_null()), "{answer:?}");
    assert_eq!(placed, 1);
}

#[test]
fn a_huge_answer_has_two_mebibytes() {
    let (answer, placed) = order_under(json!({"kind": "too_large"}));
    let length = answer.expect("an answer").text.len();
    assert!(length >= 2 * 1024 * 1024, "{length} bytes");
    assert_eq!(placed, 1);
}

#[test]
fn an_answer_can_be_replaced() {
    let body = json!({"rt_cd": "0", "msg_cd": "ODD", "msg1": "?"}).to_string();
    let (answer, placed) =
        order_under(json!({"kind": "replace", "body": body, "status": 202, "headers": {"tr_cont": "M"}}));
    let answer = answer.expect("an answer");
    assert_eq!((answer.status, answer.text.as_str()), (202, body.as_str()));
    assert_eq!(answer.header("tr_cont"), Some("M"));
    assert_eq!(placed, 1);
}

#[test]
fn a_code_is_answered_with_its_own_text_and_nothing_else_happens() {
    for (code, message) in [
        ("EGW00121", "유효하지 않은 token 입니다."),
        ("EGW00123", "기간이 만료된 token 입니다."),
        ("EGW00201", "초당 거래건수를 초과하였습니다."),
        ("EGW00215", "원장에서 허용 가능한 초당 거래건수를 초과하였습니다."),
        ("EGW00300", "Gateway 라우팅 오류가 발생했습니다."),
        ("EGW00301", "연결 시간이 초과되었습니다. 직전 거래를 반드시 확인하세요."),
        ("EGW00302", "거래시간이 초과되었습니다. 직전 거래를 반드시 확인하세요."),
        ("EGW00316", "조회 처리 중 오류 발생하였습니다. 재 조회 수행 부탁드립니다."),
    ] {
        let (answer, placed) = order_under(json!({"kind": "code", "code": code}));
        let answer = answer.expect("an answer");
        answer.assert_refused(500, code);
        assert_eq!(answer.body["rt_cd"], "1");
        assert_eq!(answer.message(), message);
        assert_eq!(placed, 0, "{code}");
    }
}

#[test]
fn a_redirect_points_elsewhere_and_places_nothing() {
    let elsewhere = "http://127.0.0.1:9/elsewhere";
    let (answer, placed) = order_under(json!({"kind": "redirect", "location": elsewhere}));
    let answer = answer.expect("an answer");
    assert_eq!(answer.status, 302);
    assert_eq!(answer.header("location"), Some(elsewhere));
    assert_eq!(placed, 0);
}

#[test]
fn headers_can_be_set_and_taken_away() {
    let (market, client) = market();
    market.post(
        "/faults",
        json!({"endpoint": "balance", "kind": "header", "headers": {"Date": null, "tr_cont": "F", "x-odd": "1"}}),
    );
    let answer = client.balance("NASD").send();
    assert!(answer.is_success());
    assert_eq!(answer.header("date"), None);
    assert_eq!(answer.header("tr_cont"), Some("F"));
    assert_eq!(answer.header("x-odd"), Some("1"));
    let next = client.balance("NASD").send();
    assert!(next.header("date").is_some());
    assert!(!next.has_more());
}

#[test]
fn a_duplicated_order_is_placed_twice_and_answered_once() {
    let (answer, placed) = order_under(json!({"kind": "duplicate"}));
    assert_eq!(answer.expect("an answer").order_id().len(), 10);
    assert_eq!(placed, 2);
}

#[test]
fn an_order_can_be_refused_with_any_words() {
    let (answer, placed) =
        order_under(json!({"kind": "reject", "code": "APBK1672", "message": "거래 제한 종목입니다."}));
    let answer = answer.expect("an answer");
    answer.assert_refused(200, "APBK1672");
    assert_eq!(answer.body["rt_cd"], "7");
    assert_eq!(answer.message(), "거래 제한 종목입니다.");
    assert_eq!(placed, 0);
    let (answer, _) = order_under(
        json!({"kind": "reject", "code": "40570000", "message": "모의투자 장시작전 입니다.", "rt_cd": "1"}),
    );
    assert_eq!(answer.expect("an answer").body["rt_cd"], "1");
}

#[test]
fn a_fault_waits_for_its_turn_and_is_spent() {
    let (market, client) = market();
    let id = market
        .post("/faults", json!({"endpoint": "price", "nth": 2, "times": 2, "kind": "code", "code": "EGW00316"}))["id"]
        .clone();
    let fates: Vec<bool> = (0..5).map(|_| client.price("NAS", "ZZZQ").send().is_success()).collect();
    assert_eq!(fates, [true, false, false, true, true]);
    let faults = list(&market.read("/faults"), "faults");
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0]["hits"], 2);
    assert_eq!(faults[0]["id"], id);
}

#[test]
fn a_fault_touches_its_endpoint_only() {
    let (market, client) = market();
    market.post("/faults", json!({"endpoint": "price", "times": 9, "kind": "code", "code": "EGW00316"}));
    assert!(client.balance("NASD").send().is_success());
    assert!(client.order_list(TODAY, TODAY).send().is_success());
    assert!(client.daily_price("NAS", "AAPL", "").send().is_success());
    assert!(!client.price("NAS", "ZZZQ").send().is_success());
    market.control("DELETE", "/faults", json!({}));
    assert!(client.price("NAS", "ZZZQ").send().is_success());
    assert!(list(&market.read("/faults"), "faults").is_empty());
}

#[test]
fn a_fault_can_touch_one_symbol_or_everything() {
    let (market, client) = market();
    market.post("/faults", json!({"endpoint": "price", "symbol": "AAPL", "kind": "code", "code": "EGW00316"}));
    assert!(client.price("NAS", "ZZZQ").send().is_success());
    assert!(!client.price("NAS", "AAPL").send().is_success());
    market.post("/faults", json!({"endpoint": "order", "symbol": "AAPL", "kind": "code", "code": "EGW00300"}));
    client.buy("ZZZQ", 1, "90.00").order_id();
    assert!(!client.buy("AAPL", 1, "150.00").is_success());
    market.post("/faults", json!({"endpoint": "*", "times": 2, "kind": "status_before", "status": 502}));
    assert_eq!(client.balance("NASD").send().status, 502);
    assert_eq!(client.price("NAS", "ZZZQ").send().status, 502);
    assert!(client.balance("NASD").send().is_success());
}

#[test]
fn every_endpoint_can_be_disturbed_by_its_name() {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "100.00");
    market.fill_mode("never");
    let real = market.client(Mode::Real);
    let order_id = real.buy("ZZZQ", 1, "90.00").order_id();
    let body = real.order_body("NASD", "ZZZQ", 1, "90.00");
    let cancel = real.cancel_body("ZZZQ", &order_id, 1);
    for (endpoint, call) in [
        ("price", real.price("NAS", "ZZZQ")),
        ("price-detail", real.price_detail("NAS", "ZZZQ")),
        ("dailyprice", real.daily_price("NAS", "AAPL", "")),
        ("multprice", real.multi_price(&[("NAS", "ZZZQ")])),
        ("balance", real.balance("NASD")),
        ("present-balance", real.present_balance("02")),
        ("psamount", real.buying_power("NASD", "ZZZQ", "100.00")),
        ("ccnl", real.order_list(TODAY, TODAY)),
        ("nccs", real.open_orders("NASD")),
        ("order", real.post(ORDER, "TTTT1002U", &body)),
        ("order-rvsecncl", real.post(AMEND, "TTTT1004U", &cancel)),
    ] {
        market.post("/faults", json!({"endpoint": endpoint, "kind": "status_before", "status": 504}));
        assert_eq!(call.send().status, 504, "{endpoint}");
        let next = call.send();
        assert!(next.is_success(), "{endpoint}: {}", next.text);
    }
}

#[test]
fn a_lost_token_answer_still_counts_as_an_issue() {
    let market = Market::at(MORNING);
    market.post("/faults", json!({"endpoint": "tokenP", "kind": "drop_after"}));
    let request = Call::new("POST", &market.url(), "/oauth2/tokenP").json(&credentials(Mode::Paper));
    assert!(request.try_send().is_err());
    assert_eq!(market.read("/tokens")["issues"], 1);
    assert_eq!(market.issue(&credentials(Mode::Paper)).body["error_code"], "EGW00133");
    market.advance(121);
    market.post("/faults", json!({"endpoint": "tokenP", "kind": "drop_before"}));
    assert!(request.try_send().is_err());
    assert_eq!(list(&market.read("/tokens"), "tokens").len(), 1);
    assert_eq!(market.issue(&credentials(Mode::Paper)).status, 200);
}

#[test]
fn token_codes_come_in_the_token_endpoints_own_form() {
    let market = Market::at(MORNING);
    market.post("/faults", json!({"endpoint": "tokenP", "kind": "code", "code": "EGW00133"}));
    let answer = market.issue(&credentials(Mode::Paper));
    assert_eq!(answer.status, 403);
    assert_eq!(answer.body["error_code"], "EGW00133");
    assert!(answer.body["rt_cd"].is_null());
    let client = market.client(Mode::Paper);
    market.post("/faults", json!({"endpoint": "revokeP", "kind": "status_before", "status": 500}));
    assert_eq!(market.revoke(Mode::Paper, &client.token).status, 500);
    assert!(client.price("NAS", "AAPL").send().is_success());
}

#[test]
fn a_lost_cancel_answer_cancels() {
    for (kind, state) in [("drop_before", "open"), ("drop_after", "cancelled")] {
        let (market, client) = market();
        let order_id = client.buy("ZZZQ", 1, "90.00").order_id();
        market.post("/faults", json!({"endpoint": "order-rvsecncl", "kind": kind}));
        let body = client.cancel_body("ZZZQ", &order_id, 1);
        assert!(client.post(AMEND, "VTTT1004U", &body).try_send().is_err());
        assert_eq!(market.order(Mode::Paper, &order_id)["state"], state);
    }
}

#[test]
fn nonsense_is_no_fault() {
    let market = Market::at(MORNING);
    for fault in [
        json!({"endpoint": "price", "kind": "earthquake"}),
        json!({"endpoint": "nowhere", "kind": "garbage"}),
        json!({"kind": "garbage"}),
        json!({"endpoint": "price"}),
    ] {
        assert!(!market.refused("/faults", &fault).is_empty());
    }
    assert!(list(&market.read("/faults"), "faults").is_empty());
}

#[test]
fn every_request_is_remembered_until_forgotten() {
    let (market, client) = market();
    market.control("DELETE", "/requests", json!({}));
    market.post("/faults", json!({"endpoint": "order", "kind": "drop_after"}));
    client.price("NAS", "ZZZQ").send();
    let body = client.order_body("NASD", "ZZZQ", 1, "90.00");
    assert!(client.post(ORDER, "VTTT1002U", &body).try_send().is_err());
    client.balance("NASD").header("tr_id", "TTTS3012R").send();
    let requests = list(&market.read("/requests"), "requests");
    assert_eq!(requests.len(), 3);
    let quote = &requests[0];
    assert_eq!(quote["method"], "GET");
    assert_eq!(quote["path"], PRICE);
    assert_eq!(quote["tr_id"], "HHDFS00000300");
    assert_eq!(quote["mode"], "paper");
    assert_eq!(quote["token"], client.token);
    assert_eq!(quote["query"]["SYMB"], "ZZZQ");
    assert_eq!(quote["status"], 200);
    assert_eq!(quote["msg_cd"], "MCA00000");
    assert!(quote["fault"].is_null());
    assert_eq!(utc(text(quote, "at")), utc(MORNING));
    assert_eq!(requests[1]["fault"], "drop_after");
    assert_eq!(requests[2]["msg_cd"], "EGW00213");
    assert_eq!(requests[2]["status"], 500);
    let times: Vec<u64> = requests.iter().map(|request| request["real_ms"].as_u64().expect("milliseconds")).collect();
    assert!(times.is_sorted(), "{times:?}");
    market.control("DELETE", "/requests", json!({}));
    assert!(list(&market.read("/requests"), "requests").is_empty());
}

/// From the open until 40 minutes later, as a market that opens late answers.
fn late_open(more: Value) -> Value {
    let mut fault = json!({"endpoint": "order", "kind": "reject", "code": "APBK0918", "rt_cd": "1",
        "from": "2023-03-08T14:30:00Z", "until": "2023-03-08T15:10:00Z"});
    for (name, value) in more.as_object().expect("an object") {
        fault[name] = value.clone();
    }
    fault
}

#[test]
fn a_market_can_open_late() {
    for mode in BOTH {
        let (market, client) = market_of(mode);
        market.hold(mode, "ZZZQ", 5, "95.00");
        market.post("/faults", late_open(json!({})));
        for _ in 0..3 {
            let answer = client.buy("ZZZQ", 1, "90.00");
            answer.assert_refused(200, "APBK0918");
            assert_eq!(answer.body["rt_cd"], "1");
            assert!(answer.message().starts_with("장운영시간이 아닙니다."), "{}", answer.text);
        }
        client.sell("ZZZQ", 1, "110.00").assert_refused(200, "APBK0918");
        assert!(client.price("NAS", "ZZZQ").send().is_success(), "quotes go on");
        market.set_clock("2023-03-08T15:09:59Z");
        client.buy("ZZZQ", 1, "90.00").assert_refused(200, "APBK0918");
        assert!(market.orders(mode).is_empty());
        market.set_clock("2023-03-08T15:10:00Z");
        client.buy("ZZZQ", 1, "90.00").order_id();
        assert_eq!(list(&market.read("/faults"), "faults")[0]["hits"], 5);
    }
}

#[test]
fn a_window_of_refusals_is_for_a_side_a_symbol_or_an_account() {
    let (market, paper) = market();
    market.price("YYYQ", "50.00");
    market.hold(Mode::Paper, "ZZZQ", 5, "95.00");
    let real = market.client(Mode::Real);
    for (narrowed, refused) in [
        (json!({"side": "sell"}), [false, true, false, false]),
        (json!({"symbol": "YYYQ"}), [false, false, true, false]),
        (json!({"account": "real"}), [false, false, false, true]),
        (json!({"side": "buy", "symbol": "ZZZQ", "account": "paper"}), [true, false, false, false]),
    ] {
        market.post("/faults", late_open(narrowed.clone()));
        let answers = [
            paper.buy("ZZZQ", 1, "90.00"),
            paper.sell("ZZZQ", 1, "110.00"),
            paper.buy("YYYQ", 1, "40.00"),
            real.buy("ZZZQ", 1, "90.00"),
        ];
        assert_eq!(answers.map(|answer| !answer.is_success()), refused, "{narrowed}");
        market.control("DELETE", "/faults", json!({}));
    }
}

#[test]
fn a_window_of_refusals_has_any_code_and_words() {
    let (market, client) = market();
    let words = "모의투자 주문처리가 안되었습니다(매매불가 종목)";
    market.post("/faults", late_open(json!({"code": "40910001", "message": words, "times": 2})));
    for _ in 0..2 {
        let answer = client.buy("ZZZQ", 1, "90.00");
        assert_eq!((answer.code(), answer.message()), ("40910001", words));
    }
    client.buy("ZZZQ", 1, "90.00").order_id();
}

#[test]
fn a_symbol_may_have_no_quote_all_day() {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "100.00");
    let client = market.client(Mode::Real);
    for endpoint in ["price", "price-detail", "multprice"] {
        market.post(
            "/faults",
            json!({"endpoint": endpoint, "symbol": "ZZZQ", "kind": "code", "code": "EGW00316", "lasting": true}),
        );
    }
    let calls = |symbol| {
        [client.price("NAS", symbol), client.price_detail("NAS", symbol), client.multi_price(&[("NAS", symbol)])]
    };
    for time in [MORNING, "2023-03-08T20:00:00Z"] {
        market.set_clock(time);
        for call in calls("ZZZQ") {
            let answer = call.send();
            answer.assert_refused(500, "EGW00316");
            assert!(answer.message().starts_with("조회 처리 중 오류 발생하였습니다."), "{}", answer.text);
        }
        for call in calls("AAPL") {
            assert!(call.send().is_success());
        }
    }
    // One such symbol takes the whole answer of a multprice with it.
    assert!(!client.multi_price(&[("NAS", "AAPL"), ("NAS", "ZZZQ")]).send().is_success());
}

#[test]
fn a_quote_error_has_any_code_words_and_status() {
    let (market, client) = market();
    market.post(
        "/faults",
        json!({"endpoint": "price", "symbol": "ZZZQ", "kind": "code", "code": "EGW00002", "message": "점검 중입니다.",
            "status": 200, "lasting": true}),
    );
    let answer = client.price("NAS", "ZZZQ").send();
    answer.assert_refused(200, "EGW00002");
    assert_eq!(answer.message(), "점검 중입니다.");
}

#[test]
fn a_list_may_change_between_two_pages() {
    for mode in BOTH {
        let (market, client) = market_of(mode);
        market.quirk("page_rows", json!(1));
        for _ in 0..3 {
            client.buy("ZZZQ", 1, "90.00").order_id();
        }
        market.post("/faults", json!({"endpoint": "ccnl", "next_page": true, "kind": "code", "code": "SYDB0050"}));
        let first = client.order_list(TODAY, TODAY).send();
        assert!(first.has_more());
        let next = || {
            client
                .order_list(TODAY, TODAY)
                .header("tr_cont", "N")
                .query("CTX_AREA_FK200", text(&first.body, "ctx_area_fk200"))
                .query("CTX_AREA_NK200", text(&first.body, "ctx_area_nk200"))
                .send()
        };
        let changed = next();
        changed.assert_refused(200, "SYDB0050");
        assert_eq!(changed.body["rt_cd"], "7");
        assert_eq!(changed.message(), "조회이후에 자료가 변경되었습니다.(다시 조회하세요)");
        assert!(next().is_success());
        assert_eq!(client.order_rows().len(), 3, "from page 1 again");
    }
}

#[test]
fn one_fault_can_be_removed() {
    let (market, client) = market();
    let lasting = |symbol: &str| json!({"endpoint": "price", "symbol": symbol, "kind": "empty", "lasting": true});
    let id = market.post("/faults", lasting("ZZZQ"))["id"].clone();
    market.post("/faults", lasting("AAPL"));
    market.control("DELETE", "/faults", json!({"id": id}));
    assert!(client.price("NAS", "ZZZQ").send().is_success());
    assert!(!client.price("NAS", "AAPL").send().is_success());
}

#[test]
fn a_window_that_makes_no_sense_is_refused() {
    let market = Market::at(MORNING);
    for wrong in [
        late_open(json!({"until": "2023-03-08T14:30:00Z"})),
        late_open(json!({"from": "noon"})),
        late_open(json!({"side": "both"})),
        late_open(json!({"endpoint": "price"})),
        late_open(json!({"lasting": true, "times": 3})),
    ] {
        let with_side = if wrong["endpoint"] == "price" { with(wrong, "side", "buy") } else { wrong };
        assert!(!market.refused("/faults", &with_side).is_empty(), "{with_side}");
    }
}
