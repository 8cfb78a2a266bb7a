//! The built-in targets of notifications: who gets what, once, and that no target can harm the run.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::harness::{Mode, World, wait_until};
use crate::support::post_box::{Manner, PostBox, every_event, put_secret};
use crate::support::strace::{Call, fail_at, kill_at, trace};

/// A world with a token and one webhook.
fn world_with(post_box: &PostBox) -> World {
    let mut world = World::paper();
    arrange(&mut world, post_box);
    world
}

/// The same, whose messages are Korean.
fn korean_world_with(post_box: &PostBox) -> World {
    let mut world = world_with(post_box);
    world.set("language", "\"ko\"");
    world
}

fn arrange(world: &mut World, post_box: &PostBox) {
    world.put_old_token();
    world.set("notify.target", &webhook(post_box, &format!(", {}", every_event())));
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("notify.timeout_seconds", "10");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "101", "100");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.set("token.renew_at_hours_left", "1");
}

fn webhook(post_box: &PostBox, more: &str) -> String {
    format!("[{{ kind = \"webhook\", url = \"{}/hook\"{more} }}]", post_box.url)
}

fn fill(world: &World, quantity: u64) {
    let id = world.sim.own_orders().last().unwrap()["order_id"].clone();
    world.sim.control("POST", "/orders/fill", json!({ "order_id": id, "quantity": quantity }));
}

#[test]
fn each_service_gets_the_same_words_in_its_own_form() {
    let (telegram, slack, discord, hook) = (PostBox::start(), PostBox::start(), PostBox::start(), PostBox::start());
    let mut world = korean_world_with(&hook);
    put_secret(&world, "telegram.token", "123456789:sesame_Telegram-token\n");
    put_secret(&world, "slack.url", &format!("{}/services/T0/B0/sesame\n", slack.url));
    put_secret(&world, "discord.url", &format!("{}/api/webhooks/1/sesame", discord.url));
    let every = every_event();
    let targets = format!(
        "[{{ kind = \"telegram\", token_file = \"telegram.token\", chat_id = \"-100\", url = \"{}\", {every} }}, \
          {{ kind = \"slack\", url_file = \"slack.url\", {every} }}, \
          {{ kind = \"discord\", url_file = \"discord.url\", {every} }}, \
          {{ kind = \"webhook\", url = \"{}/hook\", {every} }}]",
        telegram.url, hook.url
    );
    world.set("notify.target", &targets);
    assert_eq!(world.json(0, &["buy"])["warnings"], json!([]));
    let text = "[모의] 매수 접수: AAPL 21주 · 지정가 $95.00 · 주문번호 0000040840";
    assert_eq!(telegram.posts()[0].path, "/bot123456789:sesame_Telegram-token/sendMessage");
    assert_eq!(telegram.bodies(), [json!({ "chat_id": "-100", "text": text })]);
    assert_eq!(
        (slack.posts()[0].path.as_str(), slack.bodies()),
        ("/services/T0/B0/sesame", vec![json!({ "text": text })])
    );
    assert_eq!(discord.bodies(), [json!({ "content": text, "allowed_mentions": { "parse": [] } })]);
    let mut body = hook.bodies().remove(0);
    for key in ["at", "run_id"] {
        assert!(body[key].take().is_string(), "{key}");
    }
    assert_eq!(
        body,
        json!({
            "id": "20230524-0001/accepted", "event": "order_accepted", "level": "info", "mode": "paper", "at": null,
            "run_id": null, "command": "buy", "text": text, "symbol": "AAPL", "seconds_left": null,
            "detail": "[PAPER] buy accepted: 21 AAPL, limit $95.00, order 0000040840",
            "intent_id": "20230524-0001", "order_id": "0000040840", "side": "buy", "quantity": 21, "filled_quantity": 0,
            "limit_price": "95.00", "price": null, "profit_usd": null, "profit_percent": null, "reason": "fell_most",
        })
    );
    for post_box in [&telegram, &slack, &discord, &hook] {
        let posts = post_box.posts();
        assert_eq!((posts.len(), posts[0].method.as_str()), (1, "POST"));
        assert!(
            posts[0].headers.to_ascii_lowercase().contains("content-type: application/json"),
            "{}",
            posts[0].headers
        );
    }
}

#[test]
fn the_life_of_an_order_is_told_event_by_event() {
    for mode in [Mode::Paper, Mode::Real] {
        let post_box = PostBox::start();
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        arrange(&mut world, &post_box);
        assert_eq!(world.run(&["buy"]).code, 0);
        fill(&world, 5);
        world.advance(600);
        assert_eq!(world.run(&["cleanup"]).code, 0);
        assert_eq!(world.run(&["cleanup"]).code, 0);
        world.advance(900);
        assert_eq!(world.run(&["cleanup"]).code, 0);
        let banner = if mode == Mode::Paper { "PAPER" } else { "REAL" };
        let texts = post_box.texts("text");
        assert_eq!(texts.len(), 3, "{texts:?}");
        assert!(texts[0].starts_with(&format!("[{banner}] buy accepted: 21 AAPL, limit $95.00, order ")), "{texts:?}");
        assert_eq!(texts[1], format!("[{banner}] buy partly filled: 5 AAPL (5/21) at $95.00"));
        assert_eq!(texts[2], format!("[{banner}] buy partly filled: 5 AAPL (5/21) at $95.00; 16 cancelled"));
        let prices: Vec<_> = post_box.bodies().iter().map(|body| body["price"].clone()).collect();
        assert_eq!(prices, [Value::Null, json!("95.00"), json!("95.00")]);
    }
}

#[test]
fn by_default_an_order_is_one_message_at_its_end_and_a_stop_loss_too() {
    // What is held is sold; what is not is bought. Then it fills in parts, wholly or not.
    for (last, parts, expected) in [
        (
            "120",
            &[4, 6][..],
            &["order_filled [PAPER] take-profit sell filled: 10 AMZN at $120.00, profit +$200.00 (+20.00%)"][..],
        ),
        (
            "84",
            &[4, 6],
            &[
                "stop_loss [PAPER] stop loss filled: 10 AMZN at $84.00, profit -$160.00 (-16.00%); not bought again before 2023-09-01",
            ],
        ),
        (
            "84",
            &[4],
            &[
                "stop_loss [PAPER] stop loss filled: 4 AMZN (4/10) at $84.00, profit -$64.00 (-16.00%); 6 cancelled; not bought again before 2023-09-01",
            ],
        ),
        ("101", &[20, 1], &["order_filled [PAPER] buy filled: 21 AAPL at $95.00"]),
        ("101", &[5], &["order_filled [PAPER] buy partly filled: 5 AAPL (5/21) at $95.00; 16 cancelled"]),
        ("101", &[], &["order_cancelled [PAPER] buy cancelled: 21 AAPL, limit $95.00"]),
    ] {
        let post_box = PostBox::start();
        let mut world = world_with(&post_box);
        let script = format!("/bin/cat >> {}", world.files.path("told").display());
        world.set("notify.target", &webhook(&post_box, ""));
        world.set("sell.stop_loss_offset_percent", "0");
        world.set("notify.command", &json!(["/bin/sh", "-c", script]).to_string());
        if last == "101" {
            assert_eq!(world.run(&["buy"]).code, 0);
        } else {
            world.sim.hold("AMZN", 10, "100");
            world.sim.price("AMZN", last, "100");
            assert_eq!(world.run(&["sell"]).code, 0);
        }
        for quantity in parts {
            assert_eq!(post_box.posts().len(), 0, "{expected:?}");
            fill(&world, *quantity);
            world.advance(120);
            assert_eq!(world.run(&["cleanup"]).code, 0);
        }
        world.advance(1300);
        for _ in 0..2 {
            assert_eq!(world.run(&["cleanup"]).code, 0);
        }
        let told: Vec<String> = post_box
            .bodies()
            .iter()
            .map(|body| format!("{} {}", body["event"].as_str().unwrap(), body["text"].as_str().unwrap()))
            .collect();
        assert_eq!(told, expected);
        let hook = std::fs::read_to_string(world.files.path("told")).unwrap();
        let hook: Vec<Value> = hook.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(hook, post_box.bodies(), "the program hears the same");
    }
}

#[test]
fn a_sale_is_told_with_its_profit_and_a_stop_loss_with_its_cool_down() {
    for (last, events, level) in [
        ("120", vec!["order_accepted", "order_filled"], "info"),
        ("84", vec!["order_accepted", "stop_loss"], "warning"),
    ] {
        let post_box = PostBox::start();
        let world = korean_world_with(&post_box);
        world.sim.hold("AMZN", 10, "100");
        world.sim.price("AMZN", last, "100");
        assert_eq!(world.run(&["sell"]).code, 0);
        fill(&world, 10);
        assert_eq!(world.run(&["cleanup"]).code, 0);
        assert_eq!(post_box.texts("event"), events);
        let bodies = post_box.bodies();
        let last_one = bodies.last().unwrap();
        assert_eq!(last_one["level"], level);
        let text = last_one["text"].as_str().unwrap();
        assert!(text.contains("실현손익 ") && last_one["profit_percent"].is_string(), "{text}");
        if level == "warning" {
            assert!(
                text.contains("손절: AMZN 10주") && text.ends_with("재매수 대기: 2023-09-01부터 매수 가능"),
                "{text}"
            );
        }
    }
}

#[test]
fn a_rejected_and_an_unknown_order_are_told_once() {
    let post_box = PostBox::start();
    let mut world = korean_world_with(&post_box);
    world.sim.fault("order", "code", json!({ "code": "APBK0952" }));
    assert_eq!(world.run(&["buy"]).code, 1);
    assert_eq!(post_box.texts("event"), ["order_rejected"]);
    assert!(
        post_box.texts("text")[0].contains("매수 거부: AAPL 21주 · 지정가 $95.00 · 사유: "),
        "{:?}",
        post_box.texts("text")
    );
    post_box.forget();
    world.advance(70);
    world.sim.fault("order", "drop_before", json!({}));
    for command in ["buy", "sell", "cleanup"] {
        assert_eq!(world.run(&[command]).code, 81, "{command}");
    }
    assert_eq!(post_box.texts("event"), ["order_unknown"], "{:?}", post_box.texts("text"));
    assert_eq!(post_box.bodies()[0]["level"], "error");
    assert_eq!(world.run(&["cleanup", "--settle", "20230524-0002=absent"]).code, 0);
    assert_eq!(post_box.texts("event"), ["order_unknown", "order_absent"]);
}

#[test]
fn the_stops_are_told_once_a_date() {
    let post_box = PostBox::start();
    let mut world = korean_world_with(&post_box);
    world.sim.hold("AMZN", 100, "101");
    assert_eq!(world.run(&["status"]).code, 0);
    std::fs::write(world.files.state("HALT"), "earnings tonight\n").unwrap();
    for _ in 0..2 {
        assert_eq!((world.run(&["buy"]).code, world.run(&["sell"]).code), (80, 80));
        world.advance(3700);
    }
    std::fs::remove_file(world.files.state("HALT")).unwrap();
    assert_eq!(
        post_box.texts("text"),
        ["[모의] 매매 중지: earnings tonight · HALT 파일을 지울 때까지 주문을 보내지 않습니다"]
    );
    post_box.forget();
    world.sim.price("AMZN", "90", "100");
    for _ in 0..2 {
        assert_eq!(world.json(0, &["buy"])["reason"], "daily_loss_limit");
        world.advance(70);
    }
    let texts = post_box.texts("text");
    assert!(texts.len() == 1 && texts[0].starts_with("[모의] 일일 손실 한도 도달: 오늘 첫 조회 대비 -5."), "{texts:?}");
}

#[test]
fn a_guard_is_told_once_a_date_and_symbol_and_a_dry_run_tells_none() {
    let post_box = PostBox::start();
    let mut world = korean_world_with(&post_box);
    world.sim.price("AAPL", "9.5", "100");
    world.sim.price("AMZN", "9", "100");
    assert_eq!(world.run(&["buy", "--dry-run"]).code, 0);
    assert_eq!(post_box.posts().len(), 0);
    for _ in 0..2 {
        assert_eq!(world.run(&["buy"]).code, 0);
        world.advance(3700);
    }
    let mut symbols = post_box.texts("symbol");
    symbols.sort();
    assert_eq!(
        (symbols, post_box.texts("event")),
        (vec!["AAPL".to_owned(), "AMZN".to_owned()], vec!["price_suspicious".to_owned(); 2])
    );
    let text = post_box.texts("text").into_iter().find(|text| text.contains("AAPL")).unwrap();
    assert_eq!(
        text,
        "[모의] 주문 보류(가격 이상): AAPL · 현재가 $9.50, 전일 종가 대비 -90.50%(한도 ±30%). 액면분할·병합이나 종목코드를 확인하세요"
    );
    world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
    world.sim.price("AAPL", "9.5", "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    assert!(post_box.texts("symbol").len() > 2, "another date");
}

#[test]
fn a_holding_without_a_price_is_told_at_once_and_a_candidate_without_one_when_it_lasts() {
    let post_box = PostBox::start();
    let mut world = korean_world_with(&post_box);
    world.sim.hold("AMZN", 2, "150");
    world.sim.fault("price", "drop_before", json!({ "times": 3 }));
    assert_eq!(world.json(0, &["sell"])["skipped"][0]["rule"], "price_unknown");
    assert_eq!(post_box.texts("event"), Vec::<String>::new(), "an answer that is lost comes with the next run");
    world.sim.control("DELETE", "/faults", json!({}));
    for symbol in ["AAPL", "AMZN"] {
        world.sim.control("POST", "/prices", json!({ "symbol": symbol, "blank": true }));
    }
    for _ in 0..2 {
        let object = world.json(0, &["sell"]);
        assert_eq!(
            (&object["skipped"][0]["symbol"], &object["skipped"][0]["rule"]),
            (&json!("AMZN"), &json!("price_unknown"))
        );
        assert_eq!(world.run(&["buy"]).code, 0);
        world.advance(3700);
    }
    assert_eq!(post_box.texts("event"), ["price_suspicious", "standing"]);
    let since = "2023-05-24 10:30:00 EDT";
    assert_eq!(
        post_box.texts("text"),
        [
            "[모의] 주문 보류(시세 없음): AMZN · 어느 거래소에도 시세가 없습니다. 손절도 익절도 할 수 없으니 직접 확인하세요"
                .to_owned(),
            format!("[모의] buy: `price_unknown` 상태가 {since}부터 1거래일째 이어지고 있습니다: AAPL, AMZN"),
        ]
    );
}

#[test]
fn a_symbol_that_kis_refuses_and_an_order_of_another_program_are_told() {
    let post_box = PostBox::start();
    let mut world = World::real();
    arrange(&mut world, &post_box);
    world.set("language", "\"ko\"");
    world.sim.fault("order", "code", json!({ "code": "APBK0656", "times": 9 }));
    for _ in 0..4 {
        world.run(&["buy"]);
        world.advance(70);
    }
    assert_eq!(post_box.texts("event"), ["order_rejected", "refused_today"]);
    world.sim.control("DELETE", "/faults", Value::Null);
    let foreign = json!({ "account": "real", "symbol": "TSLA", "side": "buy", "quantity": 1, "limit_price": "10", "medium": "OpenAPI" });
    let id = world.sim.control("POST", "/orders/foreign", foreign)["order_id"].as_str().unwrap().to_owned();
    for command in ["buy", "sell", "status", "cleanup"] {
        assert_eq!(world.run(&[command]).code, 0);
    }
    let texts = post_box.texts("text");
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[2].starts_with(&format!("[실전] 외부 주문 감지: TSLA 매수 1주 (주문번호 {id}) · ")), "{texts:?}");
}

#[test]
fn a_run_that_failed_is_told_once_an_hour_and_command() {
    let post_box = PostBox::start();
    let mut world = korean_world_with(&post_box);
    world.sim.fault("ccnl", "html", json!({ "times": 999 }));
    for (minutes, count) in [(0, 2), (30, 2), (29, 2), (2, 4)] {
        world.advance(minutes * 60);
        assert_eq!((world.run(&["buy"]).code, world.run(&["sell"]).code), (69, 69));
        assert_eq!(post_box.posts().len(), count, "{minutes} minutes later");
    }
    assert!(
        post_box.texts("text")[0].starts_with("[모의] 실행 실패: buy · 종료 코드 69 (gateway_nonsense) · "),
        "{:?}",
        post_box.texts("text")
    );
    assert!(post_box.texts("detail")[0].starts_with("[PAPER] buy failed: exit 69 (gateway_nonsense), "));
}

#[test]
fn a_target_gets_the_events_and_the_levels_that_it_wants() {
    let post_box = PostBox::start();
    for (more, events) in [
        (", events = [\"order_filled\", \"halted\"]", vec!["order_filled", "halted"]),
        (", level = \"warning\"", vec!["halted"]),
        (", level = \"error\"", vec![]),
        (", events = []", vec![]),
    ] {
        let mut world = world_with(&post_box);
        world.set("notify.target", &webhook(&post_box, more));
        assert_eq!(world.run(&["buy"]).code, 0);
        fill(&world, 21);
        assert_eq!(world.run(&["cleanup"]).code, 0);
        std::fs::write(world.files.state("HALT"), "x").unwrap();
        assert_eq!(world.run(&["sell"]).code, 80);
        assert_eq!(post_box.texts("event"), events, "{more}");
        post_box.forget();
    }
}

#[test]
fn who_chose_filled_orders_hears_of_a_stop_loss() {
    let post_box = PostBox::start();
    let mut world = world_with(&post_box);
    world.set("notify.target", &webhook(&post_box, ", events = [\"order_filled\"]"));
    world.sim.hold("AMZN", 10, "100");
    world.sim.price("AMZN", "84", "100");
    assert_eq!(world.run(&["sell"]).code, 0);
    fill(&world, 10);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(post_box.texts("event"), ["stop_loss"]);
}

#[test]
fn people_are_told_after_the_orders_are_in_the_books_and_with_no_lock_held() {
    let post_box = PostBox::start();
    let world = world_with(&post_box);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (keep, state, control) = (Arc::clone(&seen), world.files.state(""), world.sim.control_url());
    post_box.watch(move || {
        let free = ["account.lock", "api_token.lock", "notified.lock", "last_run.lock"].map(|name| {
            let file =
                std::fs::File::options().read(true).write(true).create(true).truncate(false).open(state.join(name));
            file.unwrap().try_lock().is_ok()
        });
        let ledger = ask(&control, "/ledger");
        let orders = ledger["accounts"]["paper"]["orders"].as_array().map_or(0, Vec::len);
        keep.lock().unwrap().push((free, orders, state.join("last_run_buy.json").exists()));
    });
    assert_eq!(world.run(&["buy"]).code, 0);
    assert_eq!(*seen.lock().unwrap(), [([true; 4], 1, true)]);
}

/// What kis-sim's control port says, asked from another thread.
fn ask(control: &str, path: &str) -> Value {
    use std::io::{Read, Write};
    let address = control.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").expect("a head and a body").1).unwrap()
}

#[test]
fn no_manner_of_a_target_harms_the_run_and_the_next_run_sends_what_it_did_not_take() {
    for manner in [
        Manner::Hangs,
        Manner::Status(500),
        Manner::Status(404),
        Manner::Status(429),
        Manner::Garbage,
        Manner::HangsUp,
        Manner::Redirects,
    ] {
        let (post_box, elsewhere) = (PostBox::start(), PostBox::start());
        let mut world = world_with(&post_box);
        // Little time only where nothing but the time ends it: a loaded machine needs some to be told at all.
        world.set("notify.timeout_seconds", if manner == Manner::Hangs { "2" } else { "10" });
        post_box.set(manner).point_to(&elsewhere.url);
        let object = world.json(0, &["buy"]);
        assert_eq!(
            (&object["result"], &object["orders"][0]["state"]),
            (&json!("done"), &json!("accepted")),
            "{manner:?}"
        );
        let warnings = object["warnings"].to_string();
        assert!(
            warnings.contains("[[notify.target]] 1 (webhook) was not told of order_accepted: ")
                && warnings.matches("the next run tries again").count() == 1,
            "{warnings}"
        );
        // What hangs may be read when the run is over.
        wait_until("the run told nobody", || !post_box.posts().is_empty());
        assert_eq!(post_box.posts().len(), 1, "{manner:?}: one try a run");
        post_box.set(Manner::Takes);
        post_box.forget();
        world.set("notify.timeout_seconds", "10");
        assert_eq!(world.json(0, &["status"])["warnings"], json!([]), "{manner:?}");
        assert_eq!(world.run(&["cleanup"]).code, 0);
        assert_eq!(post_box.texts("id"), ["20230524-0001/accepted"], "{manner:?}: sent by the next run, once");
        assert_eq!(elsewhere.posts().len(), 0, "a redirect is never followed");
    }
}

#[test]
fn a_target_that_is_down_for_long_shows_in_status_and_gets_everything_in_the_end() {
    let post_box = PostBox::start();
    let mut world = world_with(&post_box);
    post_box.set(Manner::Status(503));
    assert_eq!(world.run(&["buy"]).code, 0);
    fill(&world, 21);
    for _ in 0..12 {
        world.advance(1800);
        assert_eq!(world.run(&["cleanup"]).code, 0);
    }
    let page = world.files.path("status.html");
    let warnings = world.json(0, &["status", "--html", page.to_str().unwrap()])["warnings"].to_string();
    assert!(
        warnings.contains("2 messages waiting since 2023-05-24 10:30:0") && warnings.contains("webhook"),
        "{warnings}"
    );
    assert!(warnings.contains(" was not told of order_accepted, nor of 1 later event: "), "{warnings}");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<b>Warning:</b> 2 messages waiting since 2023-05-24 10:30:0"), "{page}");
    post_box.set(Manner::Takes);
    post_box.forget();
    assert_eq!(world.run(&["token-check"]).code, 0);
    assert_eq!(post_box.texts("event"), ["order_accepted", "order_filled"]);
}

#[test]
fn what_waits_for_a_wrong_address_reaches_the_corrected_one() {
    let (wrong, right) = (PostBox::start(), PostBox::start());
    let mut world = world_with(&wrong);
    wrong.set(Manner::Status(404));
    put_secret(&world, "slack.url", &format!("{}/services/wrong", wrong.url));
    world.set("notify.target", &format!("[{{ kind = \"slack\", url_file = \"slack.url\", {} }}]", every_event()));
    let warnings = world.json(0, &["buy"])["warnings"].to_string();
    assert!(warnings.contains("HTTP 404: check the address in url_file"), "{warnings}");
    put_secret(&world, "slack.url", &format!("{}/services/right", right.url));
    assert_eq!(world.json(0, &["status"])["warnings"], json!([]));
    assert_eq!(right.posts().len(), 1);
    // A target that is gone takes what waits for it along.
    wrong.set(Manner::Takes);
    world.set("notify.target", "[]");
    assert_eq!(world.run(&["status"]).code, 0);
    assert_eq!(wrong.posts().len(), 1);
}

#[test]
fn proxy_variables_are_ignored() {
    let (post_box, proxy) = (PostBox::start(), PostBox::start());
    let mut world = world_with(&post_box);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        world.env(name, &proxy.url);
    }
    world.set("ping.url", &format!("\"{}/{{command}}\"", post_box.url));
    assert_eq!(world.run(&["buy"]).code, 0);
    assert_eq!((post_box.posts().len(), proxy.posts().len()), (3, 0));
}

#[test]
fn a_page_in_between_is_not_taken_for_the_services_yes() {
    let post_box = PostBox::start();
    let mut world = world_with(&post_box);
    put_secret(&world, "telegram.token", "1:a");
    let target = format!(
        "[{{ kind = \"telegram\", token_file = \"telegram.token\", chat_id = \"1\", url = \"{}\", {} }}]",
        post_box.url,
        every_event()
    );
    world.set("notify.target", &target);
    post_box.set(Manner::Page);
    let warnings = world.json(0, &["buy"])["warnings"].to_string();
    assert!(warnings.contains("its answer is not that of telegram"), "{warnings}");
    post_box.set(Manner::Takes);
    assert_eq!(world.json(0, &["status"])["warnings"], json!([]));
    assert_eq!(post_box.posts().len(), 2);
}

#[test]
fn a_target_that_hangs_takes_no_other_ones_turn() {
    let (hanging, taking) = (PostBox::start(), PostBox::start());
    let mut world = world_with(&hanging);
    let every = every_event();
    let target = |post_box: &PostBox| format!("{{ kind = \"webhook\", url = \"{}/hook\", {every} }}", post_box.url);
    world.set("notify.target", &format!("[{}, {}]", target(&hanging), target(&taking)));
    let script = format!("/bin/cat >> {}", world.files.path("told").display());
    world.set("notify.command", &json!(["/bin/sh", "-c", script]).to_string());
    world.set("notify.events", "[\"order_accepted\"]");
    hanging.set(Manner::Hangs);
    assert_eq!(world.run(&["buy"]).code, 0);
    assert_eq!(taking.texts("event"), ["order_accepted"]);
    assert_eq!(std::fs::read_to_string(world.files.path("told")).unwrap().lines().count(), 1);
    hanging.set(Manner::Takes);
    hanging.forget();
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!((hanging.posts().len(), taking.posts().len()), (1, 1), "each gets it once");
}

#[test]
fn of_many_runs_at_once_each_event_is_told_once() {
    let post_box = PostBox::start();
    let world = world_with(&post_box);
    post_box.set(Manner::Status(500));
    assert_eq!(world.run(&["buy"]).code, 0);
    fill(&world, 21);
    post_box.set(Manner::Takes);
    post_box.forget();
    world.run_together(&["cleanup", "status", "sell", "cleanup", "token-check", "status", "cleanup"]);
    let mut ids = post_box.texts("id");
    ids.sort();
    assert_eq!(ids, ["20230524-0001/accepted", "20230524-0001/filled/21"]);
}

#[test]
fn what_happened_before_anybody_was_to_be_told_is_no_news() {
    let post_box = PostBox::start();
    let mut world = world_with(&post_box);
    world.set("notify.target", "[]");
    assert_eq!(world.run(&["buy"]).code, 0);
    assert!(!world.files.state("notified.json").exists());
    world.set("notify.target", &webhook(&post_box, &format!(", {}", every_event())));
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(post_box.posts().len(), 0);
    fill(&world, 21);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(post_box.texts("event"), ["order_filled"]);
}

#[test]
fn a_record_that_cannot_be_read_keeps_this_runs_events_from_nobody() {
    let post_box = PostBox::start();
    let world = world_with(&post_box);
    assert_eq!(world.run(&["token-check"]).code, 0);
    std::fs::write(world.files.state("notified.json"), "{").unwrap();
    let object = world.json(0, &["buy"]);
    assert!(object["warnings"].to_string().contains("notified.json"), "{object:#}");
    assert_eq!(world.run(&["cleanup"]).code, 0);
    assert_eq!(post_box.texts("event"), ["order_accepted"], "and the next run does not tell it again");
    assert_eq!(std::fs::read_to_string(world.files.state("notified.json")).unwrap(), "{", "kept for a person");
}

#[test]
fn a_record_that_cannot_be_written_keeps_no_event_back_and_fails_no_run() {
    let post_box = PostBox::start();
    let traced = world_with(&post_box);
    let is_record = |call: &Call| call.name.starts_with("rename") && call.shown.contains("notified.json");
    let calls: Vec<Call> = trace(&traced, &["buy"]).into_iter().filter(is_record).collect();
    assert_eq!(calls.len(), 3, "before the order, with the message, and when it is taken: {calls:?}");
    for (place, call) in calls.iter().enumerate() {
        post_box.forget();
        let mut world = world_with(&post_box);
        let failed = fail_at(&world, &["buy"], call, "ENOSPC").expect("the call fails");
        assert!(is_record(failed.call()), "another call failed: {}", failed.call().shown);
        let run = failed.run;
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(post_box.texts("id"), ["20230524-0001/accepted"], "{}", call.told("ENOSPC"));
        assert_eq!(run.stderr.contains("notified.json can't be written"), place > 0, "{}", run.stderr);
        world.advance(70);
        assert_eq!(world.run(&["cleanup"]).code, 0);
        assert!(post_box.posts().len() <= 2, "{}", call.told("ENOSPC"));
    }
}

#[test]
fn no_secret_of_a_target_shows_anywhere() {
    let post_box = PostBox::start();
    let mut world = world_with(&post_box);
    put_secret(&world, "telegram.token", "123456789:sesame_telegram");
    put_secret(&world, "slack.url", &format!("{}/services/sesame_slack", post_box.url));
    put_secret(&world, "hook.url", &format!("{}/sesame_hook", post_box.url));
    put_secret(&world, "ping.url", &format!("{}/sesame_ping/{{command}}", post_box.url));
    let every = every_event();
    let targets = format!(
        "[{{ kind = \"telegram\", token_file = \"telegram.token\", chat_id = \"-100\", url = \"{}\", {every} }}, \
          {{ kind = \"slack\", url_file = \"slack.url\", {every} }}, \
          {{ kind = \"webhook\", url_file = \"hook.url\", {every} }}]",
        post_box.url
    );
    world.set("notify.target", &targets).set("ping.url_file", "\"ping.url\"").set("notify.timeout_seconds", "0.5");
    world.env("RUST_LOG", "trace");
    for manner in
        [Manner::Takes, Manner::Hangs, Manner::Status(401), Manner::Garbage, Manner::HangsUp, Manner::Redirects]
    {
        post_box.set(manner).point_to(&post_box.url);
        for command in ["buy", "cleanup", "status"] {
            let run = world.run(&["--json", "-v", command]);
            let mut told = vec![run.stdout, run.stderr];
            told.extend(
                world.files.state_files().into_values().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            );
            assert!(told.iter().all(|text| !text.contains("sesame")), "{manner:?} {command}: {told:?}");
        }
        world.advance(3700);
    }
}

/// A run that is told, what it tells, and the request from which on it has something to tell.
struct Told {
    arrange: fn(&PostBox) -> World,
    command: &'static str,
    ids: &'static [&'static str],
    from: &'static str,
}

const BUY: Told = Told {
    arrange: |post_box| {
        let mut world = World::light(Mode::Paper);
        arrange(&mut world, post_box);
        world
    },
    command: "buy",
    ids: &["20230524-0001/accepted"],
    from: "\"POST /uapi",
};

const CLEANUP: Told = Told {
    arrange: |post_box| {
        let mut world = World::light(Mode::Paper);
        arrange(&mut world, post_box);
        world.sim.hold("AMZN", 10, "100");
        world.sim.price("AMZN", "84", "83");
        assert_eq!(world.run(&["sell"]).code, 0);
        fill(&world, 10);
        post_box.forget();
        world
    },
    command: "cleanup",
    ids: &["20230524-0001/stop_loss/10"],
    from: "\"GET /uapi",
};

impl Told {
    /// Kills the run at one call, lets two others go on, and gives how often each event came.
    fn kill(&self, call: &Call) -> Vec<usize> {
        let post_box = PostBox::start();
        let mut world = (self.arrange)(&post_box);
        kill_at(&world, &[self.command], call);
        for _ in 0..2 {
            world.advance(70);
            world.run(&["cleanup"]);
        }
        let came = post_box.texts("id");
        let wanted = self.ids.iter().filter(|_| !world.sim.own_orders().is_empty());
        wanted.map(|id| came.iter().filter(|other| other == id).count()).collect()
    }

    /// Kills the run at each call that changes something.
    fn kill_everywhere(&self, at_least: usize) {
        let post_box = PostBox::start();
        let calls = trace(&(self.arrange)(&post_box), &[self.command]);
        assert_eq!(post_box.texts("id"), self.ids);
        let at = |text: &str| calls.iter().position(|call| call.shown.contains(text)).expect("it is asked for");
        let (first, told) = (at(self.from), at("\"POST /hook"));
        let (mut kills, mut twice) = (0, 0);
        for (index, call) in calls.iter().enumerate().skip(first.saturating_sub(10)) {
            if !call.changes_something() {
                continue;
            }
            kills += 1;
            for count in self.kill(call) {
                let what = call.told("killed");
                assert!(count > 0, "an event was lost, {what}");
                twice += usize::from(count > 1);
                assert!(count == 1 || (count == 2 && index > told), "an event came {count} times, {what}");
            }
        }
        say(&format!("{}: {kills} kills, {twice} events came twice", self.command));
        assert!(kills >= at_least, "only {kills} kills");
        let most = 12 * self.ids.len();
        assert!(twice <= most, "{twice} events came twice: the moment between a yes and its record has grown");
    }
}

#[test]
fn a_buy_killed_anywhere_loses_no_event_and_tells_none_twice_but_in_the_moment_between_a_yes_and_its_record() {
    BUY.kill_everywhere(25);
}

#[test]
fn a_cleanup_killed_anywhere_loses_no_fill_and_no_stop_loss() {
    CLEANUP.kill_everywhere(25);
}

/// For `--no-capture`.
#[allow(clippy::disallowed_macros, reason = "the test runner takes it")]
fn say(text: &str) {
    println!("{text}");
}
