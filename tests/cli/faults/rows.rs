//! Rows, quotes and files in which one thing is odd: it is set aside by name, and everything else goes on.

use serde_json::{Value, json};

use crate::support::harness::{Mode, World};

const MODES: [Mode; 2] = [Mode::Paper, Mode::Real];

/// AAPL is held, and its stop loss is due; META is held by a person, and nobody manages it.
fn world_of(mode: Mode) -> World {
    let mut world = World::new(mode, crate::support::harness::MID_SESSION);
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.sim.price("AAPL", "80", "82");
    world.sim.price("AMZN", "100", "100");
    world.sim.hold("AAPL", 10, "100");
    world.sim.hold("META", 3, "100");
    world
}

/// A pick that costs more than an order may: cash and total are asked for, and nothing is sent.
fn looks_without_buying(world: &mut World) {
    world.set("limits.max_order_usd", "90");
    world.sim.price("AMZN", "95", "100");
}

fn odd(world: &World, mut rule: Value) {
    rule["account"] = json!(world.sim.account());
    world.sim.control("POST", "/rows", rule);
}

/// An order that a person placed in the app.
fn persons_order(world: &World, symbol: &str, side: &str, quantity: u64, price: &str) -> String {
    let account = world.sim.account();
    let order =
        json!({ "account": account, "symbol": symbol, "side": side, "quantity": quantity, "limit_price": price });
    world.sim.control("POST", "/orders/foreign", order)["order_id"].as_str().unwrap().to_owned()
}

fn warnings(object: &Value) -> String {
    object["warnings"].to_string()
}

type Spoil = (&'static str, fn(&World));

/// Each thing that can be odd, of things that no rule of ours is about.
const ODDITIES: [Spoil; 27] = [
    ("a fraction of a share", |world| set(world, "balance", "META", json!({ "ovrs_cblc_qty": "0.4" }))),
    ("no quantity", |world| set(world, "balance", "META", json!({ "ovrs_cblc_qty": null }))),
    ("a negative quantity", |world| set(world, "balance", "META", json!({ "ovrs_cblc_qty": "-3" }))),
    ("no sellable quantity", |world| set(world, "balance", "META", json!({ "ord_psbl_qty": "" }))),
    ("an odd cost", |world| set(world, "balance", "META", json!({ "pchs_avg_pric": "1,000" }))),
    ("an odd price", |world| set(world, "balance", "META", json!({ "now_pric2": "?" }))),
    ("another currency", |world| set(world, "balance", "META", json!({ "tr_crcy_cd": "HKD" }))),
    ("a temporary code", |world| set(world, "balance", "META", json!({ "ovrs_pdno": "1234567R1" }))),
    ("no code", |world| set(world, "balance", "META", json!({ "ovrs_pdno": null }))),
    ("one row more", |world| {
        odd(world, json!({ "list": "balance", "add": { "ovrs_pdno": "1234567R1", "ovrs_cblc_qty": "7" } }))
    }),
    ("an order of a fraction", |world| set(world, "ccnl", "META", json!({ "ft_ord_qty": "0.4", "nccs_qty": "0.4" }))),
    ("an order of nothing", |world| set(world, "ccnl", "META", json!({ "ft_ord_qty": "0", "nccs_qty": "0" }))),
    ("more filled than ordered", |world| {
        set(world, "ccnl", "META", json!({ "ft_ccld_qty": "9", "ft_ccld_unpr3": "5" }))
    }),
    ("a fill without its price", |world| set(world, "ccnl", "META", json!({ "ft_ccld_qty": "1", "nccs_qty": "1" }))),
    ("an unknown status word", |world| set(world, "ccnl", "META", json!({ "prcs_stat_name": "대기" }))),
    ("an unknown side", |world| set(world, "ccnl", "META", json!({ "sll_buy_dvsn_cd": "03" }))),
    ("an unknown kind", |world| set(world, "ccnl", "META", json!({ "rvse_cncl_dvsn": "07" }))),
    ("an order's odd price", |world| set(world, "ccnl", "META", json!({ "ft_ord_unpr3": "free" }))),
    ("an order without a date", |world| set(world, "ccnl", "META", json!({ "ord_dt": "" }))),
    ("an order in won", |world| set(world, "ccnl", "META", json!({ "tr_crcy_cd": "KRW" }))),
    ("an order's odd number", |world| set(world, "ccnl", "META", json!({ "odno": "12x" }))),
    ("no price on the market", |world| {
        world.sim.control("POST", "/prices", json!({ "symbol": "META", "blank": true }));
    }),
    ("trades.csv", |world| spoil(world, "trades.csv", b"\xb3\xaf\xc2\xa5;\n")),
    ("samples", |world| {
        spoil(world, "equity_buy.json", b"{");
        spoil(world, "equity_status.json", b"\xff");
    }),
    ("symbols.json", |world| spoil(world, "symbols.json", b"{\"version\":1,\"symbols\":{\"x\":1}}")),
    ("last_run", |world| spoil(world, "last_run_sell.json", b"not JSON")),
    ("every last_run", |world| {
        for job in ["buy", "cleanup", "status", "token_check"] {
            spoil(world, &format!("last_run_{job}.json"), b"[]");
        }
    }),
];

/// Fields of the rows of a symbol.
fn set(world: &World, list: &str, symbol: &str, fields: Value) {
    let key = if list == "balance" { "ovrs_pdno" } else { "pdno" };
    odd(world, json!({ "list": list, "where": { key: symbol }, "set": fields }));
}

fn spoil(world: &World, name: &str, content: &[u8]) {
    std::fs::write(world.files.state(name), content).unwrap();
}

/// A due stop loss goes out whatever lies beside it.
#[test]
fn a_due_stop_loss_goes_out_beside_whatever_is_odd() {
    let mut failed = Vec::new();
    for mode in MODES {
        for (name, spoil) in ODDITIES {
            let world = world_of(mode);
            persons_order(&world, "META", "buy", 2, "50");
            assert_eq!(world.run(&["-q", "token-check"]).code, 0);
            spoil(&world);
            let run = world.run(&["--json", "sell"]);
            let sold: Vec<Value> =
                world.sim.own_orders().into_iter().filter(|order| order["symbol"] == "AAPL").collect();
            let is_sold = sold.len() == 1 && sold[0]["side"] == "sell" && sold[0]["quantity"] == 10;
            // A file that can't be read stops nothing, and the exit code tells.
            let code = if ["symbols.json", "last_run"].contains(&name) { 65 } else { 0 };
            if run.code != code || !is_sold {
                failed.push(format!("{mode:?} {name}: exit {}, sold {sold:?}\n{}", run.code, run.stderr));
            }
        }
    }
    assert!(failed.is_empty(), "{} failed\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn an_odd_row_is_named_once_and_keep_silences_it() {
    for mode in MODES {
        let mut world = world_of(mode);
        odd(
            &world,
            json!({ "list": "balance", "add": { "ovrs_pdno": "1234567R1", "ovrs_cblc_qty": "7", "ord_psbl_qty": "7" } }),
        );
        set(&world, "balance", "META", json!({ "ovrs_cblc_qty": "0.4" }));
        for command in ["status", "sell", "buy"] {
            let object = world.json(0, &[command, if command == "status" { "-v" } else { "--dry-run" }]);
            let said = warnings(&object);
            assert!(said.contains("row_set_aside: 1234567R1 in the balance"), "{mode:?} {command}: {said}");
            assert!(said.contains("row_set_aside: META in the balance"), "{mode:?} {command}: {said}");
        }
        world.set("sell.keep", r#"["META", "1234567R1"]"#);
        let said = warnings(&world.json(0, &["status"]));
        assert!(!said.contains("row_set_aside"), "{mode:?}: {said}");
    }
}

#[test]
fn a_managed_symbol_whose_row_cannot_be_read_gets_no_order() {
    let cases: [(&str, Value); 3] = [
        ("balance", json!({ "ovrs_cblc_qty": "10.5" })),
        ("balance", json!({ "pchs_avg_pric": "?" })),
        ("ccnl", json!({ "ft_ord_qty": "0.4" })),
    ];
    for (list, fields) in cases {
        let world = world_of(Mode::Real);
        persons_order(&world, "AAPL", "sell", 1, "200");
        set(&world, list, "AAPL", fields.clone());
        for command in ["sell", "buy"] {
            let object = world.json(0, &[command]);
            let skipped = object["skipped"].as_array().unwrap().iter();
            let rule =
                skipped.filter(|skip| skip["symbol"] == "AAPL").map(|skip| skip["rule"].clone()).collect::<Vec<_>>();
            assert_eq!(rule, ["row_set_aside"], "{command} {list} {fields}: {object:#}");
        }
        assert_eq!(world.sim.order_posts(), 0, "{list} {fields}");
    }
}

#[test]
fn a_row_that_may_be_an_unknown_order_keeps_it_unknown() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.sim.fault("order", "drop_after", json!({}));
        let unreadable = json!({ "ft_ord_qty": "?" });
        odd(&world, json!({ "list": "ccnl", "where": { "pdno": "AAPL" }, "set": unreadable }));
        assert_eq!(world.run(&["sell"]).code, 81, "{mode:?}");
        world.advance(11 * 60);
        assert_eq!(world.json(81, &["cleanup"])["settled"], json!([]), "{mode:?}: late and twice, and yet not absent");
        world.sim.control("DELETE", "/rows", json!({}));
        let settled = world.json(0, &["cleanup"])["settled"].clone();
        assert_eq!(settled[0]["state"], "accepted", "{mode:?}: readable again, it is found: {settled}");
        assert_eq!(world.sim.order_posts(), 1);
    }
}

#[test]
fn what_is_set_aside_counts_in_the_total_by_the_balances_value() {
    let world = world_of(Mode::Real);
    let total = |world: &World| -> rust_decimal::Decimal {
        world.json(0, &["status"])["account"]["total_usd"].as_str().unwrap().parse().unwrap()
    };
    let before = total(&world);
    odd(
        &world,
        json!({ "list": "balance", "add": { "ovrs_pdno": "1234567R1", "ovrs_cblc_qty": "7", "ovrs_stck_evlu_amt": "120.50" } }),
    );
    assert_eq!(total(&world) - before, "120.50".parse().unwrap());
    world.sim.control("DELETE", "/rows", json!({}));
    odd(
        &world,
        json!({ "list": "balance", "add": { "ovrs_pdno": "1234567R1", "ovrs_cblc_qty": "7", "ovrs_stck_evlu_amt": "" } }),
    );
    assert_eq!(total(&world), before, "of unknown value: nothing");
}

/// A delisted share stays in the account for years.
#[test]
fn a_holding_without_a_price_is_said_and_stops_no_buy() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.sim.hold("AAPL", 0, "100");
        world.sim.price("AMZN", "95", "100");
        set(&world, "balance", "META", json!({ "now_pric2": "0.000000", "ovrs_stck_evlu_amt": "0.00000000" }));
        let object = world.json(0, &["buy"]);
        assert_eq!(object["orders"][0]["symbol"], "AMZN", "{mode:?}: {object:#}");
        assert!(warnings(&object).contains("price_unknown: META has no price; it counts as 0.00 USD"), "{object:#}");
        set(&world, "balance", "META", json!({ "ovrs_stck_evlu_amt": "60.00" }));
        assert!(warnings(&world.json(0, &["status"])).contains("it counts as 20.00 USD a share"), "{mode:?}");
        world.set("sell.keep", r#"["META"]"#);
        assert!(!warnings(&world.json(0, &["status"])).contains("price_unknown"), "{mode:?}");
    }
}

/// Shares bought today and sold by phone are not held till the evening.
#[test]
fn what_was_bought_today_and_sold_by_phone_takes_no_position() {
    let mut world = World::real();
    world.set("buy.watch", r#"["AAPL"]"#).set("limits.max_positions", "1");
    world.sim.control("POST", "/fills", json!({ "mode": "at_once" }));
    world.sim.price("AAPL", "95", "100");
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
    world.advance(600);
    let held = world.sim.ledger()["positions"][0]["quantity"].as_u64().unwrap();
    persons_order(&world, "AAPL", "sell", held, "95");
    world.advance(600);
    assert_eq!(world.sim.ledger()["positions"], json!([]), "sold");
    world.set("buy.watch", r#"["AMZN"]"#);
    world.sim.price("AMZN", "95", "100");
    let status = world.json(0, &["status"]);
    assert_eq!((&status["positions"], &status["account"]["positions_usd"]), (&json!([]), &json!("0.00")), "no ghost");
    let object = world.json(0, &["buy"]);
    assert_eq!(object["orders"][0]["symbol"], "AMZN", "{object:#}");
}

/// A change of cash that no fill explains moves the day's base.
#[test]
fn money_that_comes_or_goes_is_neither_profit_nor_loss() {
    for mode in MODES {
        let mut world = world_of(mode);
        looks_without_buying(&mut world);
        world.sim.hold("AAPL", 50, "100");
        world.sim.price("AAPL", "100", "100");
        let buy = |world: &mut World| {
            world.advance(1800);
            world.json(0, &["buy"])["reason"].as_str().unwrap().to_owned()
        };
        assert_eq!(buy(&mut world), "no_candidate", "{mode:?}");
        let transfer = json!({ "account": world.sim.account(), "usd": "-5000" });
        world.sim.control("POST", "/transfer", transfer);
        assert_eq!(buy(&mut world), "no_candidate", "{mode:?}: 5,000 USD are changed to won, and that is no loss");
        assert_eq!(world.json(0, &["status"])["transfers"].as_array().unwrap().len(), 1, "{mode:?}: the second look");
        assert_eq!(buy(&mut world), "no_candidate");
        let lines = world.files.journal_of("transfer");
        assert_eq!(lines.len(), 1, "{mode:?}: {lines:?}");
        let usd: f64 = lines[0]["usd"].as_str().unwrap().parse().unwrap();
        assert!((-5_000.0..=-4_900.0).contains(&usd), "{mode:?}: {usd}, but for what KIS holds back");
        assert_eq!(buy(&mut world), "no_candidate");
        assert_eq!(world.files.journal_of("transfer").len(), 1, "{mode:?}: once");
        // A deposit hides no loss: 1,000 of about 10,000 are lost.
        world.sim.price("AAPL", "80", "100");
        let transfer = json!({ "account": world.sim.account(), "usd": "1500" });
        world.sim.control("POST", "/transfer", transfer);
        assert_eq!(buy(&mut world), "daily_loss_limit", "{mode:?}");
        let status = world.json(0, &["status"]);
        assert_eq!(status["transfers"].as_array().unwrap().len(), 2, "{mode:?}: {status:#}");
        assert_eq!(status["daily_loss"]["stopped"], true, "{mode:?}");
    }
}

/// Fills of whoever explain cash.
#[test]
fn trades_are_no_transfers() {
    for mode in MODES {
        let mut world = world_of(mode);
        world.sim.control("POST", "/fills", json!({ "mode": "at_once" }));
        world.sim.price("AAPL", "100", "100");
        assert_eq!(world.run(&["buy"]).code, 0);
        for (symbol, side, quantity, price) in
            [("META", "buy", 9, "100"), ("META", "sell", 12, "110"), ("AAPL", "sell", 10, "100")]
        {
            persons_order(&world, symbol, side, quantity, price);
            world.advance(1800);
            // On paper nothing says that it was a person.
            world.run(&["cleanup", "--settle", "foreign=0000040840"]);
            world.json(0, &["status"]);
            world.run(&["buy"]);
        }
        assert_eq!(
            (world.json(0, &["status"])["transfers"].clone(), world.files.journal_of("transfer").len()),
            (json!([]), 0)
        );
    }
}

/// The first buy of a date compares with the last look of the date before.
#[test]
fn a_loss_of_the_night_is_one_of_the_day() {
    let mut world = world_of(Mode::Real);
    looks_without_buying(&mut world);
    world.sim.hold("AAPL", 50, "100");
    world.sim.price("AAPL", "100", "100");
    assert_eq!(world.json(0, &["buy"])["reason"], "no_candidate");
    world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
    world.sim.price("AAPL", "80", "100");
    assert_eq!(world.json(0, &["buy"])["reason"], "daily_loss_limit");
    world.advance(1800);
    assert_eq!(world.json(0, &["buy"])["reason"], "daily_loss_limit", "all day");
}

/// KIS shows nothing, and the journal knows of shares that were bought and not sold.
#[test]
fn an_empty_balance_is_not_believed_before_a_whole_session_has_passed() {
    for mode in MODES {
        let mut world = World::new(mode, crate::support::harness::MID_SESSION);
        world.set("buy.watch", r#"["AAPL"]"#);
        world.sim.control("POST", "/fills", json!({ "mode": "at_once" }));
        world.sim.price("AAPL", "95", "100");
        assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted");
        world.advance(60);
        assert_eq!(world.run(&["cleanup"]).code, 0);
        world.advance(1200);
        odd(&world, json!({ "list": "balance", "hide": true }));
        for command in ["sell", "buy", "sell"] {
            world.sim.forget_requests();
            let object = world.json(69, &[command]);
            assert!(
                warnings(&object).contains("balance_empty: the balance shows nothing"),
                "{mode:?} {command}: {object:#}"
            );
            let balances = world.sim.requests().iter().filter(|id| id.ends_with("3012R")).count();
            assert_eq!(balances, if mode == Mode::Real { 2 } else { 6 }, "read once more");
        }
        assert!(warnings(&world.json(0, &["status"])).contains("balance_empty"));
        assert_eq!(world.files.journal_of("balance_empty").len(), 1, "{mode:?}");
        world.set_clock("2023-05-25T14:00:00Z".parse().unwrap());
        assert_eq!(world.run(&["sell"]).code, 69, "{mode:?}: not a whole session yet");
        world.set_clock("2023-05-25T15:30:00Z".parse().unwrap());
        let object = world.json(0, &["sell"]);
        assert!(warnings(&object).contains("were sold or moved by hand; trading goes on"), "{object:#}");
        assert_eq!(world.files.journal_of("own_shares")[0]["shares"], 0, "{mode:?}");
        assert_eq!(world.json(0, &["sell"])["warnings"], json!([]), "{mode:?}");
    }
}

#[test]
fn an_empty_balance_is_believed_when_the_list_shows_the_sales_or_it_fills_again() {
    let mut world = World::real();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.control("POST", "/fills", json!({ "mode": "at_once" }));
    world.sim.price("AAPL", "95", "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    world.advance(1200);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    world.advance(1200);
    odd(&world, json!({ "list": "balance", "hide": true }));
    assert_eq!(world.run(&["sell"]).code, 69);
    world.sim.control("DELETE", "/rows", json!({}));
    assert_eq!(world.run(&["sell"]).code, 0, "it shows them again");
    assert_eq!(world.files.journal_of("balance_empty").len(), 2);
    let held = world.sim.ledger()["positions"][0]["quantity"].as_u64().unwrap();
    persons_order(&world, "AAPL", "sell", held, "95");
    world.advance(1200);
    let object = world.json(0, &["sell"]);
    assert_eq!(object["reason"], "no_position", "{object:#}");
    assert!(warnings(&object).contains("were sold or moved by hand"), "{object:#}");
}
