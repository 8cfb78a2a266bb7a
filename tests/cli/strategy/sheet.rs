//! The sheet of a date: made once, read back by every later run, and sent as its orders stand.

use serde_json::{Value, json};

use crate::support::harness::Mode;
use crate::support::sheets::{
    BUYS, Given, SELLS, TQQQ, adopted, at_kis, hold_and_adopt, sheet, shown, world, world_on,
};

#[test]
fn it_is_made_once_and_read_back_whatever_changes() {
    let mut world = adopted(Mode::Real);
    assert_eq!(world.json(0, &["sell"])["orders"].as_array().map(Vec::len), Some(2));
    let made = sheet(&world);
    world.advance(90 * 60);
    let changed = Given { principal: "9000", splits: 20, more: "ladder_rungs = 1\nstar_percent = 40\n", ..TQQQ };
    world.without_strategies().strategy(&changed.table());
    world.sim.price("TQQQ", "66", "73");
    let planned = shown(&world.json(0, &["buy", "--dry-run"])["orders"]);
    let sent = shown(&world.json(0, &["buy"])["orders"]);
    assert_eq!(planned, sent);
    assert_eq!(at_kis(&world), [&SELLS[..], &BUYS].concat());
    assert_eq!(world.files.journal_of("sheet"), [made]);
}

#[test]
fn the_first_run_of_a_date_makes_it_whichever_that_is() {
    let world = adopted(Mode::Real);
    assert_eq!(shown(&world.json(0, &["buy"])["orders"]).len(), 9);
    assert_eq!(at_kis(&world), BUYS);
    assert_eq!(shown(&world.json(0, &["sell"])["orders"]).len(), 2);
    assert_eq!(at_kis(&world), [&BUYS[..], &SELLS].concat());
    assert_eq!(world.files.journal_of("sheet").len(), 1);
}

#[test]
fn it_is_on_disk_before_its_first_intent_with_sells_before_buys() {
    let world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    let kinds = world.files.journal_kinds();
    let first =
        |kind: &str| kinds.iter().position(|known| known == kind).unwrap_or_else(|| panic!("{kind}: {kinds:?}"));
    assert!(first("adopted") < first("sheet") && first("sheet") < first("intent"), "{kinds:?}");
    let sheet = sheet(&world);
    let order = |order: &Value| {
        let word = |key: &str| order[key].as_str().unwrap().to_owned();
        format!("{} {}@{}", word("side"), order["quantity"], word("limit_price"))
    };
    let orders: Vec<String> = sheet["orders"].as_array().unwrap().iter().map(order).collect();
    let wanted = [&SELLS[..], &BUYS].concat();
    let wanted: Vec<&str> = wanted.iter().map(|order| order.rsplit_once(' ').unwrap().0).collect();
    assert_eq!(orders, wanted);
    assert_eq!((&sheet["strategy"], &sheet["date"]), (&json!("s"), &json!("2023-05-24")));
    assert_eq!(sheet["ledger"]["cash"], "19412.28");
    assert_eq!(sheet["ledger"]["lots"], json!({ "TQQQ": { "quantity": 29, "average_cost": "69.7500" } }));
}

#[test]
fn equal_prices_of_one_side_are_one_order_at_kis() {
    let given = Given { symbol: "CHEAP", principal: "8000", splits: 40, kind: "infinite_v40", more: "" };
    let world = world(Mode::Real, &given);
    world.sim.price("CHEAP", "1.10", "1.10");
    let buys = [
        "buy 162@1.23 34",
        "buy 1@1.22 34",
        "buy 2@1.21 34",
        "buy 1@1.20 34",
        "buy 2@1.19 34",
        "buy 1@1.18 34",
        "buy 1@1.17 34",
    ];
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), buys);
    assert_eq!(sheet(&world)["lines"].as_array().map(Vec::len), Some(9));
}

#[test]
fn a_dry_run_shows_the_sheet_that_the_run_makes() {
    let world = adopted(Mode::Real);
    let before = world.files.state_files();
    let planned: Vec<Value> = ["sell", "buy"].map(|command| world.json(0, &[command, "--dry-run"])).into();
    let after = world.files.state_files();
    let journals = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
        files.iter().filter(|(name, _)| name.starts_with("orders-")).map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>()
    };
    assert_eq!(journals(&before), journals(&after));
    assert_eq!(world.sim.order_posts(), 0);
    for (command, planned) in ["sell", "buy"].into_iter().zip(planned) {
        let (planned, sent) = (shown(&planned["orders"]), shown(&world.json(0, &[command])["orders"]));
        assert_eq!(planned, sent, "{command}");
    }
}

#[test]
fn what_a_strategy_has_today_is_not_computed_anew_tomorrow_before_its_time() {
    let mut world = adopted(Mode::Real);
    world.json(0, &["sell"]);
    // After the close, and on a holiday's eve: no session, no sheet.
    world.advance(8 * 3600);
    for command in ["sell", "buy"] {
        assert_eq!(world.json(0, &[command])["reason"], "market_closed", "{command}");
    }
    assert_eq!(world.files.journal_of("sheet").len(), 1);
}

#[test]
fn orders_carry_their_strategy_their_role_and_their_kind() {
    let world = world(Mode::Real, &TQQQ);
    hold_and_adopt(&world);
    let object = world.json(0, &["sell"]);
    let named =
        |key: &str| object["orders"].as_array().unwrap().iter().map(|order| order[key].clone()).collect::<Vec<_>>();
    assert_eq!(named("strategy"), ["s", "s"]);
    assert_eq!(named("role"), ["quarter", "target"]);
    assert_eq!(named("kind"), ["loc", "limit"]);
    assert_eq!(named("state"), ["accepted", "accepted"]);
}

#[test]
fn a_sell_and_a_buy_that_start_together_make_one_sheet() {
    for _ in 0..3 {
        let world = adopted(Mode::Real);
        let ended = world.run_together(&["sell", "buy", "buy", "sell"]);
        assert!(ended.iter().all(|object| object["exit_code"] == 0), "{ended:#?}");
        // A buy may have made way for the sell, and left its lines to the next run.
        world.json(0, &["buy"]);
        let mut books = at_kis(&world);
        books.sort();
        let mut wanted = [&SELLS[..], &BUYS].concat();
        wanted.sort_unstable();
        assert_eq!(books, wanted);
        assert_eq!(world.files.journal_of("sheet").len(), 1);
    }
}

#[test]
fn a_new_months_journal_goes_on_with_the_sheet_and_the_shares() {
    let mut world = world_on(Mode::Real, "2023-05-31T14:30:00Z", &TQQQ);
    hold_and_adopt(&world);
    world.json(0, &["sell"]);
    world.json(0, &["buy"]);
    world.sim.price("TQQQ", "61", "75");
    world.set_clock("2023-06-01T13:35:00Z".parse().unwrap());
    world.sim.price("TQQQ", "61", "61");
    let object = world.json(0, &["sell"]);
    assert_eq!(shown(&object["orders"]).len(), 2, "{object:#}");
    let sheet = sheet(&world);
    assert_eq!((&sheet["date"], &sheet["ledger"]["lots"]["TQQQ"]["quantity"]), (&json!("2023-06-01"), &json!(37)));
    // 19,412.28 less 3, 4 and 1 shares at the close.
    assert_eq!(sheet["ledger"]["cash"], "18924.28");
    assert_eq!(shown(&world.json(0, &["buy"])["orders"]).len(), 9);
}
