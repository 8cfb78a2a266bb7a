//! The default rule beside strategies: it leaves their symbols alone, also when they are taken out of the file, and without strategies
//! nothing is different.

use serde_json::Value;

use crate::support::harness::{MID_SESSION, Mode, World};
use crate::support::sheets::{Given, SELLS, TQQQ, adopted, at_kis, world};

/// The rule by which a symbol was passed over by the default rule.
fn rule_of(object: &Value, symbol: &str) -> Vec<String> {
    let skips = object["skipped"].as_array().unwrap().iter();
    let of_rule = skips.filter(|skip| skip["symbol"] == symbol && skip["strategy"].is_null());
    of_rule.map(|skip| skip["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn its_stop_loss_leaves_strategy_symbols_alone() {
    for positions in ["\"watch\"", "\"all\""] {
        let mut world = adopted(Mode::Real);
        world.set("buy.watch", r#"["AAPL"]"#).set("sell.positions", positions);
        world.sim.price("TQQQ", "40", "75");
        let object = world.json(0, &["sell"]);
        assert_eq!(rule_of(&object, "TQQQ"), ["strategy_symbol"], "{positions}");
        assert_eq!(at_kis(&world), SELLS, "{positions}");
    }
}

#[test]
fn its_take_profit_leaves_them_alone_too() {
    let mut world = adopted(Mode::Real);
    world.set("sell.positions", "\"all\"").set("sell.take_profit_percent", "5");
    world.sim.price("TQQQ", "79", "75");
    assert_eq!(rule_of(&world.json(0, &["sell"]), "TQQQ"), ["strategy_symbol"]);
    assert_eq!(at_kis(&world), SELLS);
}

#[test]
fn shares_of_a_strategy_that_was_taken_out_of_the_file_are_not_sold() {
    for positions in ["\"watch\"", "\"all\""] {
        taken_out(positions);
    }
}

fn taken_out(positions: &str) {
    let mut world = world(Mode::Real, &Given { more: "ladder_rungs = 0\n", ..TQQQ });
    world.sim.price("TQQQ", "75", "75");
    world.json(0, &["buy"]);
    assert_eq!(at_kis(&world), ["buy 5@84.00 34"]);
    // It fills at the close; the next morning a stop loss would be due.
    world.set_clock("2023-05-25T13:35:00Z".parse().unwrap());
    world.sim.price("TQQQ", "58", "75");
    world.without_strategies().set("buy.watch", r#"["AAPL"]"#).set("sell.positions", positions);
    world.sim.price("AAPL", "100", "100");
    for command in ["sell", "sell"] {
        let object = world.json(0, &[command]);
        assert_eq!(rule_of(&object, "TQQQ"), ["not_managed"], "{positions}");
    }
    assert_eq!(at_kis(&world).len(), 1, "{positions}");
    assert_eq!(world.json(0, &["status"])["positions"][0]["managed"], false, "{positions}");
    // In the file again, it goes on.
    world.strategy(&Given { more: "ladder_rungs = 0\n", ..TQQQ }.table());
    world.json(0, &["sell"]);
    assert_eq!(at_kis(&world)[1..].len(), 2);
}

#[test]
fn without_strategies_the_journal_is_what_it_was() {
    let mut world = World::new(Mode::Paper, MID_SESSION);
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.json(0, &["buy"]);
    let intent = world.files.journal_of("intent").pop().unwrap();
    let keys: Vec<&str> = intent.as_object().unwrap().keys().map(String::as_str).collect();
    let wanted = "account_print at average_cost baseline boot crc env exchange id kind limit_price listed_at order_type prev \
                  quantity reason reserved run seq side symbol tr_id trading_day up_ms v witness";
    assert_eq!(keys, wanted.split_whitespace().collect::<Vec<_>>());
    assert_eq!(intent["order_type"], "00");
    let kinds = world.files.journal_kinds();
    assert!(kinds.iter().all(|kind| !["sheet", "adopted", "sheet_withdrawn"].contains(&kind.as_str())), "{kinds:?}");
    let text = std::fs::read_to_string(world.files.journal_path()).unwrap();
    assert!(!text.contains("strateg"), "{text}");
}
