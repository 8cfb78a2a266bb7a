//! Request limits. They count real time, so the tests count answers and never look at a clock.

use serde_json::json;

use crate::harness::*;

/// Sends at most this many requests to meet a limit.
const ENOUGH: usize = 300;

/// A market at the limits a customer meets, with tokens issued before.
fn limited(mode: Mode, limits: serde_json::Value) -> (Market, Client) {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "100.00");
    market.fill_mode("never");
    let client = market.client(mode);
    market.post("/limits", limits);
    (market, client)
}

/// Returns how many requests went through before the first refusal, and the refusal.
#[track_caller]
fn until_refused(call: &Call) -> (usize, Answer) {
    for passed in 0..ENOUGH {
        let answer = call.send();
        if !answer.is_success() {
            return (passed, answer);
        }
    }
    panic!("no limit within {ENOUGH} requests");
}

#[test]
fn a_real_key_has_18_requests_a_second() {
    let (_market, client) = limited(Mode::Real, json!({"gateway_per_second": 18}));
    let (passed, refused) = until_refused(&client.price("NAS", "ZZZQ"));
    assert!(passed >= 18, "{passed} passed");
    refused.assert_refused(500, "EGW00201");
    assert_eq!(refused.body["rt_cd"], "1");
    assert_eq!(refused.message(), "초당 거래건수를 초과하였습니다.");
}

#[test]
fn a_paper_key_has_one_request_a_second() {
    let (_market, client) = limited(Mode::Paper, json!({"gateway_per_second": 1}));
    let (passed, refused) = until_refused(&client.price("NAS", "ZZZQ"));
    assert!(passed >= 1, "{passed} passed");
    refused.assert_refused(500, "EGW00201");
}

#[test]
fn without_a_word_the_limits_are_those_of_kis() {
    for mode in BOTH {
        let market = Market::start(kis_sim::Options { start: Some(utc(MORNING)), ..options() });
        let client = market.client(mode);
        let (passed, refused) = until_refused(&client.price("NAS", "AAPL"));
        refused.assert_refused(500, "EGW00201");
        // The token request may have counted.
        assert!(mode == Mode::Paper || passed >= 17, "{passed} passed");
        // Nobody has measured a limit of the ledger.
        market.post("/limits", json!({"gateway_per_second": null}));
        assert!((0..40).all(|_| client.balance("NASD").send().is_success()), "{mode:?}");
    }
}

#[test]
fn the_ledger_has_a_limit_of_its_own() {
    for mode in BOTH {
        let (_market, client) = limited(mode, json!({"ledger_per_second": 1}));
        for call in
            [client.balance("NASD"), client.order_list(TODAY, TODAY), client.buying_power("NASD", "ZZZQ", "100.00")]
        {
            let (_, refused) = until_refused(&call);
            refused.assert_refused(500, "EGW00215");
            assert_eq!(refused.message(), "원장에서 허용 가능한 초당 거래건수를 초과하였습니다.");
        }
        for _request in 0..30 {
            let answer = client.price("NAS", "ZZZQ").send();
            assert!(answer.is_success(), "quotes do not count: {}", answer.text);
        }
    }
}

#[test]
fn an_order_refused_by_the_limit_was_not_placed() {
    for mode in BOTH {
        let (market, client) = limited(mode, json!({"gateway_per_second": 1}));
        let mut accepted = 0;
        let mut refused = 0;
        for _order in 0..ENOUGH {
            let answer = client.buy("ZZZQ", 1, "50.00");
            if answer.is_success() {
                accepted += 1;
            } else {
                answer.assert_refused(500, "EGW00201");
                refused += 1;
            }
            if refused >= 3 {
                break;
            }
        }
        assert!(accepted >= 1 && refused >= 1);
        assert_eq!(market.orders(mode).len(), accepted);
    }
}

#[test]
fn lifted_limits_let_everything_through() {
    for mode in BOTH {
        let (_market, client) = limited(mode, json!({"gateway_per_second": null, "ledger_per_second": null}));
        for _request in 0..60 {
            assert!(client.balance("NASD").send().is_success());
        }
    }
}

#[test]
fn a_high_limit_is_not_met() {
    let (_market, client) = limited(Mode::Paper, json!({"gateway_per_second": 100_000, "ledger_per_second": 100_000}));
    for _request in 0..60 {
        assert!(client.balance("NASD").send().is_success());
    }
}

#[test]
fn each_key_has_a_budget_of_its_own() {
    let market = Market::at(MORNING);
    let paper = market.client(Mode::Paper);
    let real = market.client(Mode::Real);
    market.post("/limits", json!({"gateway_per_second": 1, "account": "paper"}));
    let (_, refused) = until_refused(&paper.price("NAS", "AAPL"));
    refused.assert_refused(500, "EGW00201");
    for _request in 0..60 {
        assert!(real.price("NAS", "AAPL").send().is_success());
    }
}

#[test]
fn a_refusal_can_come_with_another_status() {
    let (market, client) = limited(Mode::Real, json!({"gateway_per_second": 1}));
    market.quirk("error_status", json!(200));
    let (_, refused) = until_refused(&client.price("NAS", "ZZZQ"));
    refused.assert_refused(200, "EGW00201");
}
