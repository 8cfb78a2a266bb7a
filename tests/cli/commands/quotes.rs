//! Quotes that KIS does not give, or that nothing may rest on: each is its symbol's alone.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::harness::{MID_SESSION, Mode, Run, World, wait_until};

const MODES: [Mode; 2] = [Mode::Paper, Mode::Real];

fn quote_endpoint(mode: Mode) -> &'static str {
    if mode == Mode::Paper { "price" } else { "multprice" }
}

fn skips(object: &Value) -> Vec<String> {
    let text = |skip: &Value| format!("{} {}", skip["symbol"].as_str().unwrap(), skip["rule"].as_str().unwrap());
    object["skipped"].as_array().unwrap().iter().map(text).collect()
}

fn world(mode: Mode, watch: &str) -> World {
    let mut world = World::new(mode, MID_SESSION);
    world.set("buy.watch", watch);
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    for symbol in ["AAPL", "AMZN", "TSLA"] {
        world.sim.price(symbol, "95", "100");
    }
    world
}

#[test]
fn one_symbols_quote_that_is_answered_with_an_error_all_day_is_that_symbols_price_unknown() {
    for mode in MODES {
        for code in ["EGW00316", "EGW00002", "APBK0656"] {
            let mut world = world(mode, r#"["NASD:AAPL", "NASD:AMZN", "NASD:TSLA"]"#);
            world.sim.fault(quote_endpoint(mode), "code", json!({ "code": code, "symbol": "AMZN", "times": 9999 }));
            for _ in 0..3 {
                let object = world.json(0, &["buy", "--dry-run"]);
                assert_eq!(skips(&object), ["AMZN price_unknown"], "{mode:?} {code}: {object:#}");
                let detail = object["skipped"][0]["detail"].as_str().unwrap();
                assert!(detail.contains(code), "{mode:?}: KIS's words: {detail}");
                assert_eq!(object["orders"].as_array().unwrap().len(), 2, "{mode:?} {code}");
                world.advance(60);
            }
            for symbol in ["AAPL", "AMZN"] {
                world.sim.hold(symbol, 10, "120");
            }
            let object = world.json(0, &["sell"]);
            assert_eq!(
                object["orders"][0]["symbol"], "AAPL",
                "{mode:?} {code}: a stop loss beside it goes out: {object:#}"
            );
            assert_eq!(skips(&object), ["AMZN price_unknown"], "{mode:?} {code}");
        }
    }
}

#[test]
fn several_quotes_that_are_answered_with_an_error_are_asked_for_one_by_one_once() {
    let world = world(Mode::Real, r#"["NASD:AAPL", "NASD:AMZN", "NASD:TSLA"]"#);
    for kind in ["code", "html"] {
        world.sim.forget_requests();
        // Each read is tried three times; the single ones are answered.
        world.sim.fault("multprice", kind, json!({ "code": "EGW00316", "times": 3 }));
        let object = world.json(0, &["buy", "--dry-run"]);
        assert_eq!(object["orders"].as_array().unwrap().len(), 3, "{kind}: {object:#}");
        let asked: Vec<Value> = world.sim.request_records().into_iter().filter(is_multprice).collect();
        let counts: Vec<&str> = asked.iter().map(|request| request["query"]["NREC"].as_str().unwrap()).collect();
        assert_eq!(counts, ["3", "3", "3", "1", "1", "1"], "{kind}");
    }
}

fn is_multprice(request: &Value) -> bool {
    request["path"].as_str().unwrap().ends_with("multprice")
}

#[test]
fn when_all_of_several_quotes_are_answered_with_errors_it_is_no_symbols_fault() {
    for mode in MODES {
        let world = world(mode, r#"["NASD:AAPL", "NASD:AMZN"]"#);
        world.sim.fault(quote_endpoint(mode), "code", json!({ "code": "EGW00316", "times": 9999 }));
        let object = world.json(69, &["buy"]);
        assert_eq!(object["reason"], "gateway_unreachable", "{mode:?}: {object:#}");
        assert!(object["detail"].as_str().unwrap().contains("EGW00316"), "{object:#}");
        world.sim.hold("AAPL", 10, "120");
        let object = world.json(0, &["sell"]);
        assert_eq!(skips(&object), ["AAPL price_unknown"], "{mode:?}: the only one asked for: {object:#}");
    }
}

#[test]
fn a_filter_symbol_whose_quote_is_answered_with_an_error_is_an_unknown_filter() {
    for mode in MODES {
        let mut world = world(mode, r#"["AAPL"]"#);
        world.set("buy.filter", r#"["NVDA", "MSFT"]"#);
        world.sim.price("NVDA", "101", "100");
        world.sim.price("MSFT", "101", "100");
        world.sim.fault(quote_endpoint(mode), "code", json!({ "code": "EGW00316", "symbol": "MSFT", "times": 9999 }));
        let object = world.json(0, &["buy"]);
        assert_eq!(object["reason"], "filter_unknown", "{mode:?}");
        assert!(object["detail"].as_str().unwrap().contains("EGW00316"), "{object:#}");
    }
}

#[test]
fn a_price_under_a_cent_is_untradable_and_told_once() {
    for mode in MODES {
        let mut world = world(mode, r#"["PENY", "AAPL"]"#);
        let price = |world: &World, last: &str| {
            let quote = json!({ "symbol": "PENY", "exchange": "NASD", "last": last, "base": "0.0110", "volume": 1000 });
            world.sim.control("POST", "/prices", quote);
        };
        price(&world, "0.0090");
        let object = world.json(0, &["buy", "--dry-run"]);
        assert_eq!(skips(&object), ["PENY untradable"], "{mode:?}: {object:#}");
        world.sim.hold("PENY", 1000, "0.02");
        let object = world.json(0, &["sell"]);
        assert_eq!(skips(&object), ["PENY untradable"], "{mode:?}: {object:#}");
        assert_eq!(world.sim.order_posts(), 0, "{mode:?}");
        assert!(object["warnings"].to_string().contains("PENY: untradable"), "{object:#}");
        price(&world, "0.0100");
        world.advance(60);
        let object = world.json(0, &["sell"]);
        assert_eq!(object["orders"][0]["limit_price"], "0.01", "{mode:?}: not under it, whatever the offset");
    }
}

#[test]
fn a_fall_that_looks_like_a_split_with_an_old_close_is_not_bought() {
    for mode in MODES {
        for (last, rule) in [
            ("66.67", Some("price_suspicious")),
            ("75", Some("price_suspicious")),
            ("80", Some("price_suspicious")),
            ("69.99", Some("price_suspicious")),
            ("77", None),
            ("70", None),
        ] {
            let world = world(mode, r#"["AAPL"]"#);
            world.sim.price("AAPL", last, "100");
            let object = world.json(0, &["buy"]);
            let expected: Vec<String> = rule.iter().map(|rule| format!("AAPL {rule}")).collect();
            assert_eq!(skips(&object), expected, "{mode:?} {last}: {object:#}");
            assert_eq!(world.sim.order_posts(), usize::from(rule.is_none()), "{mode:?} {last}");
        }
    }
}

#[test]
fn a_search_that_ends_half_way_goes_on_in_the_next_run() {
    for mode in MODES {
        let mut world = world(mode, r#"["SES", "XYZ"]"#);
        for symbol in ["SES", "XYZ"] {
            let listed = json!({ "symbol": symbol, "exchange": "NYSE", "last": "5", "base": "6", "volume": 9 });
            world.sim.control("POST", "/prices", listed);
        }
        let exchanges = |world: &World| -> Vec<String> {
            let records = world.sim.request_records();
            let code = |request: &Value| {
                let query = &request["query"];
                query["EXCD"].as_str().or(query["EXCD_01"].as_str()).map(str::to_owned)
            };
            let mut asked: Vec<String> = records.iter().filter_map(code).collect();
            asked.dedup();
            asked
        };
        // The third round of questions is never answered.
        let rounds = if mode == Mode::Paper { 2 } else { 1 };
        world.sim.fault(quote_endpoint(mode), "html", json!({ "nth": 2 * rounds + 1, "times": 99 }));
        let cut = world.run(&["--json", "buy"]);
        assert_eq!(world.sim.order_posts(), 0, "{mode:?}: AMEX was not asked: {}", cut.stdout);
        assert_eq!(exchanges(&world), ["NAS", "NYS", "AMS"], "{mode:?}: one after the other");
        world.sim.control("DELETE", "/faults", Value::Null);
        world.sim.forget_requests();
        world.advance(60);
        let object = world.json(0, &["buy"]);
        assert_eq!(exchanges(&world), ["AMS", "NYS"], "{mode:?}: only AMEX is missing, and then the price of now");
        assert_eq!(object["orders"][0]["exchange"], "NYSE", "{mode:?}: {object:#}");
        assert_eq!(object["orders"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn a_search_that_ends_within_an_exchange_keeps_what_that_exchange_said() {
    let mut world = world(Mode::Paper, r#"["QA", "QB", "QC", "QD", "QE"]"#);
    for symbol in ["QA", "QB", "QC", "QD", "QE"] {
        world.sim.price(symbol, "95", "100");
    }
    // The fourth question gets a refusal that ends the run.
    world.sim.fault("price", "code", json!({ "code": "EGW00304", "nth": 4, "times": 1 }));
    assert_eq!(world.run(&["buy"]).code, 77);
    world.sim.forget_requests();
    world.advance(60);
    assert_eq!(world.json(0, &["buy"])["orders"].as_array().unwrap().len(), 3);
    let asked =
        |request: &Value| request["query"]["EXCD"].as_str().map(|code| format!("{code} {}", request["query"]["SYMB"]));
    let asked: Vec<String> = world.sim.request_records().iter().filter_map(asked).collect();
    let first: Vec<&str> = asked.iter().map(String::as_str).take(3).collect();
    assert_eq!(first, ["NAS \"QD\"", "NAS \"QE\"", "NYS \"QA\""], "{asked:?}");
}

#[test]
fn a_list_that_is_too_long_for_the_rate_is_said() {
    for (mode, symbols, is_said) in [(Mode::Paper, 262, false), (Mode::Paper, 263, true), (Mode::Real, 999, false)] {
        let mut world = World::new(mode, crate::support::harness::EVENING);
        let names: Vec<String> = (0..symbols).map(|n| format!("\"Q{n}\"")).collect();
        world.set("buy.watch", &format!("[{}]", names.join(", ")));
        world.set("gateway.requests_per_second", if mode == Mode::Paper { "0.9" } else { "15" });
        let object = world.json(0, &["buy"]);
        let text = object["warnings"].to_string();
        assert_eq!(text.contains(&format!("name {symbols} symbols")), is_said, "{mode:?} {symbols}: {object:#}");
    }
}

#[test]
fn a_buy_that_made_way_keeps_quotes_that_are_fresh() {
    let mut world = world(Mode::Paper, r#"["NASD:AAPL", "NASD:AMZN", "NASD:TSLA"]"#);
    world.set("gateway.timeout_seconds", "30").set("lock.wait_seconds", "60");
    assert_eq!(world.run(&["token-check"]).code, 0);
    world.sim.forget_requests();
    world.sim.hold_answer("psamount");
    let start = |world: &World, command: &str| {
        let mut prepared = world.command(&["--json", command]);
        prepared.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let asked = |world: &World, tr_id: &str| world.sim.requests().iter().filter(|id| *id == tr_id).count();
    let buy = start(&world, "buy");
    wait_until("the buy never asked for cash", || asked(&world, "VTTS3007R") == 1);
    let sell = start(&world, "sell");
    let is_wanted = || std::fs::File::open(world.files.state("sell.want")).is_ok_and(|file| file.try_lock().is_err());
    wait_until("the sell never waited", is_wanted);
    world.sim.let_answer();
    assert_eq!(Run::of(sell.wait_with_output().unwrap()).code, 0);
    let object = Run::of(buy.wait_with_output().unwrap()).object();
    assert_eq!(object["orders"].as_array().unwrap().len(), 3, "{object:#}");
    assert_eq!(asked(&world, "HHDFS00000300"), 3, "each symbol once, although the buy began anew");
    assert_eq!(asked(&world, "VTTS3007R"), 2, "the cash is asked for again");
}
