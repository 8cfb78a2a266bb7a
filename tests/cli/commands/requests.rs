//! How few requests each command makes: KIS counts them.

use serde_json::json;

use crate::support::harness::{EVENING, Mode, World};

const ORDER_LIST: [&str; 2] = ["VTTS3035R", "TTTS3035R"];
const BALANCE: [&str; 2] = ["VTTS3012R", "TTTS3012R"];
const BUYING_POWER: [&str; 2] = ["VTTS3007R", "TTTS3007R"];
const QUOTE: &str = "HHDFS00000300";
const QUOTES_OF_TEN: &str = "HHDFS76220000";

/// Token, listings and prices known, nothing held; the requests so far forgotten.
fn seasoned(mode: Mode) -> World {
    let world = World::new(mode, crate::support::harness::MID_SESSION);
    for symbol in ["AAPL", "AMZN", "TSLA"] {
        world.sim.price(symbol, "100", "100");
    }
    assert_eq!(world.run(&["buy"]).code, 0);
    world.sim.forget_requests();
    world
}

fn requests_of(world: &World, arguments: &[&str]) -> Vec<String> {
    world.sim.forget_requests();
    assert_eq!(world.run(arguments).code, 0);
    world.sim.requests()
}

#[test]
fn status_asks_for_list_balance_and_buying_power() {
    for (mode, i, balances) in [(Mode::Paper, 0, 3), (Mode::Real, 1, 1)] {
        let world = seasoned(mode);
        let mut expected = vec![ORDER_LIST[i]];
        expected.extend(vec![BALANCE[i]; balances]);
        expected.push(BUYING_POWER[i]);
        assert_eq!(requests_of(&world, &["status"]), expected);
        assert_eq!(expected.len(), if mode == Mode::Paper { 5 } else { 3 });
    }
}

#[test]
fn buy_asks_for_quotes_besides_and_sends_its_orders() {
    for (mode, i, balances) in [(Mode::Paper, 0, 3), (Mode::Real, 1, 1)] {
        let world = seasoned(mode);
        world.sim.price("AAPL", "95", "100");
        world.sim.price("AMZN", "95", "100");
        let (list, balance) = (vec![ORDER_LIST[i]], vec![BALANCE[i]; balances]);
        // Where one request takes all symbols they are asked for with the filter, else once the balance says for whom.
        let mut expected = if mode == Mode::Paper {
            [list, balance, vec![QUOTE; 3]].concat()
        } else {
            [list, vec![QUOTES_OF_TEN], balance].concat()
        };
        expected.push(BUYING_POWER[i]);
        assert_eq!(requests_of(&world, &["buy", "--dry-run"]), expected);
        let order = if mode == Mode::Paper { "VTTT1002U" } else { "TTTT1002U" };
        expected.extend([order, order]);
        assert_eq!(requests_of(&world, &["buy"]), expected);
    }
}

/// Thirteen watched symbols and a filter of three; their exchanges are known.
fn wide(mode: Mode, watched: u8) -> World {
    let mut world = World::new(mode, crate::support::harness::MID_SESSION);
    let names: Vec<String> = (0..watched).map(|n| format!("Q{}", char::from(b'A' + n))).collect();
    names.iter().for_each(|name| world.sim.price(name, "95", "100"));
    ["NVDA", "MSFT", "META"].iter().for_each(|name| world.sim.price(name, "101", "100"));
    let listed: Vec<String> = names.iter().map(|name| format!("\"NASD:{name}\"")).collect();
    world.set("buy.watch", &format!("[{}]", listed.join(", ")));
    world.set("buy.filter", r#"["NASD:NVDA", "NASD:MSFT", "NASD:META"]"#);
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    assert_eq!(world.run(&["token-check"]).code, 0);
    world
}

#[test]
fn a_filter_that_is_not_met_ends_a_buy_after_its_quotes() {
    for (mode, filter_requests) in [(Mode::Paper, 3), (Mode::Real, 1)] {
        for watched in [5, 13] {
            let world = wide(mode, watched);
            world.sim.price("META", "99", "100");
            let asked = requests_of(&world, &["buy"]);
            assert_eq!(asked.len(), 1 + filter_requests, "{mode:?} {watched}: {asked:?}");
            let is_ledger = |id: &&String| BALANCE.contains(&id.as_str()) || BUYING_POWER.contains(&id.as_str());
            assert_eq!(asked.iter().filter(is_ledger).count(), 0, "{mode:?} {watched}: {asked:?}");
        }
    }
}

#[test]
fn a_buy_asks_for_four_answers_and_five_when_filter_and_watch_do_not_fit_one_question() {
    for (watched, reads) in [(5, 4), (7, 4), (8, 5), (10, 5)] {
        let world = wide(Mode::Real, watched);
        let asked = requests_of(&world, &["buy", "--dry-run"]);
        assert_eq!(asked.len(), reads, "{watched}: {asked:?}");
        let mut sent = asked.clone();
        sent.extend(vec!["TTTT1002U".to_owned(); 3]);
        assert_eq!(requests_of(&world, &["buy"]), sent, "{watched}: and three orders");
    }
}

#[test]
fn cash_is_asked_for_only_with_a_pick_and_at_its_limit_price() {
    for (mode, i) in [(Mode::Paper, 0), (Mode::Real, 1)] {
        let mut world = wide(mode, 3);
        world.set("buy.limit_offset_percent", "1");
        world.sim.price("QB", "90", "100");
        assert_eq!(world.run(&["buy", "--dry-run"]).code, 0);
        let asked = world.sim.request_records();
        let cash = asked.iter().find(|request| request["tr_id"] == BUYING_POWER[i]).unwrap();
        assert_eq!((&cash["query"]["ITEM_CD"], &cash["query"]["OVRS_ORD_UNPR"]), (&"QB".into(), &"90.90".into()));
        for name in ["QA", "QB", "QC"] {
            world.sim.price(name, "100", "100");
        }
        let asked = requests_of(&world, &["buy"]);
        assert!(!asked.iter().any(|id| id == BUYING_POWER[i]), "{mode:?}: {asked:?}");
    }
}

#[test]
fn quotes_are_asked_for_only_of_what_could_still_be_bought() {
    let mut world = wide(Mode::Paper, 5);
    world.set("buy.picks", "2");
    assert_eq!(world.run(&["buy"]).code, 0);
    world.advance(600);
    let quotes = |asked: &[String]| asked.iter().filter(|id| *id == QUOTE).count();
    assert_eq!(quotes(&requests_of(&world, &["buy", "--dry-run"])), 3 + 3, "two of five have an open order");
    world.set("limits.max_positions", "2");
    assert_eq!(quotes(&requests_of(&world, &["buy", "--dry-run"])), 3, "all places are taken");
}

#[test]
fn sell_asks_for_list_balance_and_the_quotes_of_what_it_may_sell() {
    for (mode, i, balances) in [(Mode::Paper, 0, 3), (Mode::Real, 1, 1)] {
        let world = seasoned(mode);
        let mut expected = vec![ORDER_LIST[i]];
        expected.extend(vec![BALANCE[i]; balances]);
        assert_eq!(requests_of(&world, &["sell"]), expected, "nothing is held");
        world.sim.hold("AAPL", 5, "80");
        world.sim.hold("AMZN", 5, "100");
        world.sim.hold("NVDA", 5, "100");
        expected.extend(if mode == Mode::Paper { vec![QUOTE; 2] } else { vec![QUOTES_OF_TEN] });
        expected.push(if mode == Mode::Paper { "VTTT1001U" } else { "TTTT1006U" });
        assert_eq!(requests_of(&world, &["sell"]), expected, "NVDA is not managed and needs no quote");
    }
}

#[test]
fn one_paper_balance_is_enough_once_an_answer_of_that_date_proves_its_scope() {
    let mut world = seasoned(Mode::Paper);
    let balances =
        |world: &World, command| requests_of(world, &[command]).iter().filter(|id| *id == BALANCE[0]).count();
    assert_eq!([balances(&world, "sell"), balances(&world, "sell")], [3, 3], "an empty one proves nothing");
    world.sim.hold("AAPL", 5, "100");
    assert_eq!(balances(&world, "status"), 3, "status remembers nothing");
    assert_eq!([balances(&world, "sell"), balances(&world, "sell"), balances(&world, "buy")], [3, 1, 1]);
    assert_eq!(requests_of(&world, &["status"]), [ORDER_LIST[0], BALANCE[0], BUYING_POWER[0]]);
    world.advance(24 * 60 * 60);
    assert_eq!([balances(&world, "sell"), balances(&world, "sell")], [3, 1], "on another date");
}

#[test]
fn where_a_code_shows_its_own_exchange_alone_no_holding_is_overlooked() {
    let world = seasoned(Mode::Paper);
    world.sim.control("POST", "/quirks", json!({ "paper_balance_scope": "nasdaq" }));
    world.sim.hold("AAPL", 5, "100");
    world.sim.control(
        "POST",
        "/prices",
        json!({ "symbol": "SES", "exchange": "NYSE", "last": "5", "base": "5", "volume": 9 }),
    );
    world.sim.hold("SES", 8, "5");
    for _ in 0..3 {
        let report = world.json(0, &["status"]);
        let held: Vec<&str> =
            report["positions"].as_array().unwrap().iter().filter_map(|row| row["symbol"].as_str()).collect();
        assert_eq!(held, ["AAPL", "SES"]);
        let asked = requests_of(&world, &["sell"]);
        assert_eq!(asked.iter().filter(|id| *id == BALANCE[0]).count(), 3, "{asked:?}");
    }
}

#[test]
fn cleanup_asks_for_the_list_and_again_after_its_cancels() {
    for (mode, i) in [(Mode::Paper, 0), (Mode::Real, 1)] {
        let mut world = seasoned(mode);
        assert_eq!(requests_of(&world, &["cleanup"]), [ORDER_LIST[i]]);
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        world.sim.price("AAPL", "95", "100");
        world.sim.price("AMZN", "95", "100");
        assert_eq!(world.run(&["buy"]).code, 0);
        assert_eq!(requests_of(&world, &["cleanup"]), [ORDER_LIST[i]]);
        world.advance(20 * 60 + 30);
        let cancel = if mode == Mode::Paper { "VTTT1004U" } else { "TTTT1004U" };
        assert_eq!(requests_of(&world, &["cleanup", "--dry-run"]), [ORDER_LIST[i]]);
        assert_eq!(requests_of(&world, &["cleanup"]), [ORDER_LIST[i], cancel, cancel, ORDER_LIST[i]]);
        assert_eq!(requests_of(&world, &["cleanup"]), [ORDER_LIST[i]]);
    }
}

#[test]
fn in_real_mode_ten_quotes_come_in_one_request() {
    for (symbols, requests) in [(9, 1), (10, 1), (11, 2), (20, 2), (21, 3)] {
        let mut world = World::real();
        let names: Vec<String> = (0..symbols).map(|n| format!("Q{}", char::from(b'A' + n))).collect();
        for name in &names {
            world.sim.price(name, "101", "100");
        }
        let listed: Vec<String> = names.iter().map(|name| format!("\"NAS:{name}\"")).collect();
        let listed = listed.join(", ").replace("NAS:", "NASD:");
        world.set("buy.watch", &format!("[{listed}]"));
        let asked = requests_of(&world, &["buy", "--dry-run"]);
        let quotes = asked.iter().filter(|id| *id == QUOTES_OF_TEN).count();
        assert_eq!(quotes, requests, "{symbols} symbols: {asked:?}");
        assert!(!asked.iter().any(|id| id == QUOTE));
    }
}

#[test]
fn an_exchange_is_looked_for_once_and_then_remembered() {
    let world = World::paper();
    world.sim.price("SES", "5", "6");
    world.sim.control(
        "POST",
        "/prices",
        json!({ "symbol": "SES", "exchange": "NYSE", "last": "5", "base": "6", "volume": 9 }),
    );
    let mut world = world;
    world.set("buy.watch", r#"["SES"]"#);
    let quotes = |world: &World| {
        requests_of(world, &["sell"]).len() + requests_of(world, &["buy"]).iter().filter(|id| *id == QUOTE).count()
    };
    assert_eq!(quotes(&world), 5 + 3, "first all three exchanges");
    assert_eq!(quotes(&world), 4 + 3 + 1 - 2, "then the one");
    assert_eq!(world.sim.orders()[0]["exchange"], "NYSE");
}

#[test]
fn a_written_exchange_is_not_looked_for() {
    let mut world = World::paper();
    world.sim.price("AAPL", "101", "100");
    world.set("buy.watch", r#"["NASD:AAPL"]"#);
    assert_eq!(requests_of(&world, &["buy"]).iter().filter(|id| *id == QUOTE).count(), 1);
}

#[test]
fn a_symbol_of_both_filter_and_watch_is_asked_for_once() {
    let mut world = seasoned(Mode::Paper);
    world.set("buy.filter", r#"["AAPL", "AMZN"]"#);
    world.sim.price("AAPL", "101", "100");
    world.sim.price("AMZN", "101", "100");
    assert_eq!(requests_of(&world, &["buy"]).iter().filter(|id| *id == QUOTE).count(), 3);
}

#[test]
fn while_the_market_is_closed_a_live_token_means_no_request() {
    for mode in [Mode::Paper, Mode::Real] {
        let world = World::new(mode, EVENING);
        assert_eq!(requests_of(&world, &["token-check"]), ["/oauth2/tokenP"]);
        for command in ["buy", "sell", "cleanup", "token-check"] {
            assert!(requests_of(&world, &[command]).is_empty(), "{command}");
        }
    }
}

#[test]
fn gates_that_the_clock_alone_decides_cost_no_request() {
    let world = World::new(Mode::Paper, "2023-05-24T19:40:00Z");
    assert_eq!(requests_of(&world, &["token-check"]).len(), 1);
    assert!(requests_of(&world, &["buy"]).is_empty(), "after buy_until");
    std::fs::write(world.files.state("HALT"), "").unwrap();
    world.sim.forget_requests();
    assert_eq!(world.run(&["sell"]).code, 80);
    assert!(world.sim.requests().is_empty());
}
