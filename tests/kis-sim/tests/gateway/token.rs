//! 접근토큰발급(P) and 접근토큰폐기(P): lives, the six hours, the minute, refusals.

use serde_json::{Value, json};

use crate::harness::*;

/// Midnight in Korea, so that a forgotten zone would show in the date.
const MIDNIGHT_IN_KOREA: &str = "2023-03-08T15:00:00Z";

#[track_caller]
fn assert_oauth_error(answer: &Answer, code: &str, description: &str) {
    assert_eq!(answer.status, 403, "{}", answer.text);
    assert_eq!(answer.body, json!({"error_code": code, "error_description": description}));
}

#[track_caller]
fn issued(market: &Market, mode: Mode) -> (String, String) {
    let answer = market.issue(&credentials(mode));
    assert_eq!(answer.status, 200, "{}", answer.text);
    (text(&answer.body, "access_token").to_owned(), text(&answer.body, "access_token_token_expired").to_owned())
}

#[track_caller]
fn assert_alive(client: &Client) {
    let answer = client.price("NAS", "AAPL").send();
    assert!(answer.is_success(), "{} {}", answer.status, answer.text);
}

#[test]
fn a_token_lives_24_hours_and_says_so_in_korean_time() {
    for mode in BOTH {
        let market = Market::at(MIDNIGHT_IN_KOREA);
        let answer = market.issue(&credentials(mode));
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["token_type"], "Bearer");
        assert_eq!(answer.body["expires_in"], json!(86_400), "a JSON number");
        assert_eq!(answer.body["access_token_token_expired"], "2023-03-10 00:00:00");
        let token = text(&answer.body, "access_token");
        assert!(token.len() <= 350, "{} characters", token.len());
        assert_eq!(token.split('.').count(), 3, "a JWT: {token}");
    }
}

#[test]
fn the_same_token_comes_back_within_six_hours() {
    let market = Market::at(MORNING);
    let first = issued(&market, Mode::Paper);
    market.advance(61);
    assert_eq!(issued(&market, Mode::Paper), first);
    market.set_clock("2023-03-08T20:44:59Z");
    assert_eq!(issued(&market, Mode::Paper), first);
}

#[test]
fn after_six_hours_a_new_token_is_issued() {
    let market = Market::at(MORNING);
    let first = issued(&market, Mode::Real);
    market.set_clock("2023-03-08T20:45:01Z");
    let second = issued(&market, Mode::Real);
    assert_ne!(second.0, first.0);
    assert_eq!(second.1, "2023-03-10 05:45:01");
    assert_alive(&market.client_with(Mode::Real, &second.0));
}

#[test]
fn a_second_request_within_the_minute_is_refused() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let first = issued(&market, mode);
        market.advance(59);
        let refused = market.issue(&credentials(mode));
        assert_oauth_error(&refused, "EGW00133", "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)");
        market.advance(62);
        assert_eq!(issued(&market, mode), first);
    }
}

#[test]
fn the_minute_is_counted_for_each_app_key() {
    let market = Market::at(MORNING);
    let paper = issued(&market, Mode::Paper);
    let real = issued(&market, Mode::Real);
    assert_ne!(paper.0, real.0);
}

#[test]
fn the_minute_can_be_lifted() {
    let market = Market::at(MORNING);
    market.post("/limits", json!({"token_per_minute": false}));
    let first = issued(&market, Mode::Paper);
    assert_eq!(issued(&market, Mode::Paper), first);
}

#[test]
fn wrong_credentials_are_refused() {
    let market = Market::at(MORNING);
    market.post("/limits", json!({"token_per_minute": false}));
    let bad_key = "유효하지 않은 AppKey입니다.";
    let bad_secret = "유효하지 않은 AppSecret입니다.";
    let unknown = with(credentials(Mode::Paper), "appkey", &"X".repeat(36));
    assert_oauth_error(&market.issue(&unknown), "EGW00103", bad_key);
    for mode in BOTH {
        let guessed = with(credentials(mode), "appsecret", &"x".repeat(180));
        assert_oauth_error(&market.issue(&guessed), "EGW00105", bad_secret);
        let newline = with(credentials(mode), "appsecret", &format!("{}\n", mode.secret()));
        assert_oauth_error(&market.issue(&newline), "EGW00105", bad_secret);
    }
    let crossed = with(credentials(Mode::Paper), "appsecret", &Mode::Real.secret());
    assert_oauth_error(&market.issue(&crossed), "EGW00105", bad_secret);
    assert_eq!(market.read("/tokens")["issues"], 0);
}

#[test]
fn missing_fields_are_named() {
    let market = Market::at(MORNING);
    market.post("/limits", json!({"token_per_minute": false}));
    let whole = credentials(Mode::Paper);
    let cases = [
        (without(whole.clone(), "appkey"), "EGW00102", "AppKey는 필수입니다."),
        (without(whole.clone(), "appsecret"), "EGW00104", "AppSecret은 필수입니다."),
        (without(whole.clone(), "grant_type"), "EGW00115", "권한부여 타입(grant_type)은 필수입니다."),
        (with(whole, "grant_type", "password"), "EGW00116", "지원하지 않는 권한부여 타입(grant_type)입니다."),
    ];
    for (body, code, description) in cases {
        assert_oauth_error(&market.issue(&body), code, description);
    }
}

#[test]
fn a_token_dies_24_hours_after_its_issue() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let client = market.client(mode);
        market.set_clock("2023-03-09T14:44:59Z");
        assert_alive(&client);
        market.set_clock("2023-03-09T14:45:01Z");
        let answer = client.price("NAS", "AAPL").send();
        assert_eq!(answer.status, 500);
        assert_eq!(answer.body, json!({"rt_cd": "1", "msg_cd": "EGW00123", "msg1": "기간이 만료된 token 입니다."}));
    }
}

#[test]
fn an_order_with_a_dead_token_is_not_placed() {
    let market = Market::at(MORNING);
    market.price("ZZZQ", "100.00");
    let client = market.client(Mode::Paper);
    market.post("/tokens/expire", json!({}));
    client.buy("ZZZQ", 1, "90.00").assert_refused(500, "EGW00123");
    assert!(market.orders(Mode::Paper).is_empty());
}

#[test]
fn an_expired_token_keeps_its_stated_expiry() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Paper);
    let before = find(&list(&market.read("/tokens"), "tokens"), "token", &client.token);
    market.post("/tokens/expire", json!({"token": client.token}));
    client.balance("NASD").send().assert_refused(500, "EGW00123");
    let after = find(&list(&market.read("/tokens"), "tokens"), "token", &client.token);
    assert_eq!(after["expires_at"], before["expires_at"]);
    assert_eq!(utc(text(&after, "expires_at")), utc("2023-03-09T14:45:00Z"));
}

#[test]
fn revoking_answers_with_a_number_and_kills_the_token() {
    for mode in BOTH {
        let market = Market::at(MORNING);
        let client = market.client(mode);
        let answer = market.revoke(mode, &client.token);
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body, json!({"code": 200, "message": "접근토큰 폐기에 성공하였습니다"}));
        let refused = client.price("NAS", "AAPL").send();
        refused.assert_refused(500, "EGW00121");
        assert_eq!(refused.message(), "유효하지 않은 token 입니다.");
    }
}

#[test]
fn revoking_needs_the_keys_own_secret() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Paper);
    let body = json!({"appkey": Mode::Paper.key(), "appsecret": Mode::Real.secret(), "token": client.token});
    let answer = oauth(&market.url(), "/oauth2/revokeP", &body);
    assert_eq!(answer.status, 403, "{}", answer.text);
    assert_eq!(answer.body["error_code"], "EGW00105");
    assert_alive(&client);
}

#[test]
fn a_token_revoked_by_another_hand_is_replaced_at_the_next_request() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Real);
    market.post("/tokens/revoke", json!({"token": client.token}));
    client.price("NAS", "AAPL").send().assert_refused(500, "EGW00121");
    assert_eq!(market.issue(&credentials(Mode::Real)).body["error_code"], "EGW00133");
    market.advance(121);
    let (token, _) = issued(&market, Mode::Real);
    assert_ne!(token, client.token);
    assert_alive(&market.client_with(Mode::Real, &token));
}

#[test]
fn a_killed_token_is_handed_out_again_until_it_is_revoked() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Paper);
    market.post("/tokens/kill", json!({}));
    client.price("NAS", "AAPL").send().assert_refused(500, "EGW00121");
    market.advance(61);
    assert_eq!(issued(&market, Mode::Paper).0, client.token);
    client.price("NAS", "AAPL").send().assert_refused(500, "EGW00121");
    assert_eq!(market.revoke(Mode::Paper, &client.token).status, 200);
    market.advance(121);
    let (token, _) = issued(&market, Mode::Paper);
    assert_ne!(token, client.token);
    assert_alive(&market.client_with(Mode::Paper, &token));
}

#[test]
fn a_token_of_one_environment_is_worth_nothing_in_the_other() {
    let market = Market::at(MORNING);
    for (mode, other) in [(Mode::Paper, Mode::Real), (Mode::Real, Mode::Paper)] {
        let crossed = market.client_with(other, &market.client(mode).token);
        crossed.price("NAS", "AAPL").send().assert_refused(500, "EGW00121");
        crossed.balance("NASD").send().assert_refused(500, "EGW00121");
    }
}

#[test]
fn an_invented_token_is_refused() {
    let market = Market::at(MORNING);
    for token in ["nonsense", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.e30.e30"] {
        market.client_with(Mode::Paper, token).price("NAS", "AAPL").send().assert_refused(500, "EGW00121");
    }
}

#[test]
fn the_control_port_decides_what_the_next_token_states() {
    let market = Market::at(MORNING);
    market.post("/tokens/life", json!({"expires_in": 600, "text_offset_seconds": 3600}));
    let answer = market.issue(&credentials(Mode::Paper));
    assert_eq!(answer.body["expires_in"], 600);
    // 23:45 in Korea, ten minutes of life and the hour by which the text is wrong.
    assert_eq!(answer.body["access_token_token_expired"], "2023-03-09 00:55:00");
}

#[test]
fn the_control_port_counts_and_shows_tokens() {
    let market = Market::at(MORNING);
    let client = market.client(Mode::Paper);
    let shown = market.read("/tokens");
    assert_eq!(shown["issues"], 1);
    let token = find(&list(&shown, "tokens"), "token", &client.token);
    assert_eq!(token["mode"], "paper");
    assert_eq!(utc(text(&token, "issued_at")), utc(MORNING));
    assert_eq!((&token["revoked"], &token["dead"]), (&json!(false), &json!(false)));
    market.post("/tokens/revoke", json!({}));
    let token = find(&list(&market.read("/tokens"), "tokens"), "token", &client.token);
    assert_eq!(token["revoked"], json!(true));
}

#[test]
fn token_errors_can_come_with_another_status() {
    for status in [200, 401] {
        let market = Market::at(MORNING);
        let client = market.client(Mode::Paper);
        market.quirk("error_status", json!(status));
        market.post("/tokens/expire", json!({}));
        let answer = client.price("NAS", "AAPL").send();
        answer.assert_refused(status, "EGW00123");
        assert_eq!(answer.body["rt_cd"], Value::from("1"));
    }
}
