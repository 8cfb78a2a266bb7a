//! What there is to order with: dollars, and what is only lent against won.

use serde_json::json;

use crate::support::harness::{MID_SESSION, Mode, World};

const MODES: [Mode; 2] = [Mode::Paper, Mode::Real];

/// KIS's answer on paper, where the foreign amount was seen blank.
fn answer(foreign: &str, integrated: &str, cash: &str, proceeds: &str) -> serde_json::Value {
    let output = json!({
        "tr_crcy_cd": "USD", "ord_psbl_frcr_amt": cash, "sll_ruse_psbl_amt": proceeds, "ovrs_ord_psbl_amt": foreign,
        "max_ord_psbl_qty": "9999", "frcr_ord_psbl_amt1": integrated, "exrt": "1391.2",
    });
    let body = json!({ "rt_cd": "0", "msg_cd": "20310000", "msg1": "ok", "output": output }).to_string();
    json!({ "status": 200, "body": body, "times": 99 })
}

#[test]
fn on_paper_the_cap_is_the_cash_alone_which_holds_the_proceeds() {
    for foreign in ["", "0.00", "9000.00"] {
        let mut world = World::paper();
        world.set("buy.watch", r#"["AAPL"]"#).set("buy.picks", "1").set("limits.max_order_usd", "4000");
        world.sim.price("AAPL", "10", "11");
        world.set("buy.max_quantity", "10000");
        world.sim.fault("psamount", "replace", answer(foreign, "9000.000000", "1000.00", "500.00"));
        let object = world.json(0, &["buy", "--dry-run"]);
        assert_eq!(object["orders"][0]["quantity"], 98, "98 % of 1000 USD, not of 1500: {foreign:?} {object:#}");
        assert_eq!(world.json(0, &["status"])["account"]["cash_usd"], "1000.00", "{foreign:?}");
    }
}

#[test]
fn an_account_of_won_alone_is_told_so_by_status_and_by_buy() {
    for mode in MODES {
        for in_foreign in [true, false] {
            let mut world = World::new(mode, MID_SESSION);
            world.set("buy.watch", r#"["AAPL"]"#);
            world.sim.price("AAPL", "5", "6");
            let won = json!({ "account": world.sim.account(), "usd": "0", "won_collateral_usd": "5000" });
            world.sim.control("POST", "/cash", won);
            world.sim.control("POST", "/quirks", json!({ "psamount_includes_collateral": in_foreign }));
            for (command, key) in [("status", "warnings"), ("buy", "detail")] {
                let object = world.json(0, &[command]);
                let text = object[key].to_string();
                assert!(text.contains("USD of what KIS calls orderable is won"), "{mode:?} {command}: {object:#}");
                assert!(text.contains("change won to dollars first"), "{mode:?} {command}: {object:#}");
            }
            assert_eq!(world.json(0, &["buy"])["reason"], "cash_too_low");
        }
    }
}

#[test]
fn an_account_of_dollars_is_not_told_of_won() {
    for mode in MODES {
        let mut world = World::new(mode, MID_SESSION);
        world.set("buy.watch", r#"["AAPL"]"#);
        world.sim.price("AAPL", "5", "6");
        assert_eq!(world.json(0, &["status"])["warnings"], json!([]), "{mode:?}");
    }
}

#[test]
fn a_pick_of_which_kis_does_not_say_how_much_can_be_ordered_leaves_its_place_to_the_next() {
    for mode in MODES {
        let mut world = World::new(mode, MID_SESSION);
        world.set("buy.watch", r#"["AAPL", "AMZN"]"#);
        world.sim.price("AAPL", "90", "100");
        world.sim.price("AMZN", "95", "100");
        world.sim.fault("psamount", "code", json!({ "code": "APBK0656", "symbol": "AAPL", "times": 9 }));
        let object = world.json(0, &["buy"]);
        assert_eq!(object["orders"][0]["symbol"], "AMZN", "{mode:?}: {object:#}");
        assert_eq!(
            (&object["skipped"][0]["symbol"], &object["skipped"][0]["rule"]),
            (&json!("AAPL"), &json!("price_unknown"))
        );
        assert!(object["skipped"][0]["detail"].as_str().unwrap().contains("APBK0656"), "{object:#}");
    }
}
