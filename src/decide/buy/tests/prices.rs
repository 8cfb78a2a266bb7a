//! Prices and declines that are not believed.

use super::*;

#[test]
fn a_price_must_be_known_and_of_today() {
    let mut idle = quote("AA", "96", "100");
    idle.traded_today = false;
    for (quoted, rule) in [
        (Quoted::Found(quote("AA", "", "100")), Rule::PriceUnknown),
        (Quoted::Found(idle), Rule::PriceUnknown),
        (Quoted::Nothing, Rule::PriceUnknown),
        (Quoted::Ambiguous(vec![Exchange::Nasdaq, Exchange::Nyse]), Rule::ExchangeAmbiguous),
        (Quoted::Found(quote("AA", "96", "")), Rule::PriceSuspicious),
    ] {
        let mut world = World::new();
        world.quotes.insert(symbol("AA"), quoted.clone());
        assert_eq!(world.verdict(), Some(rule), "{quoted:?}");
        world.limits.max_price_move_percent = None;
        assert_eq!(world.verdict(), Some(rule), "{quoted:?} without the guard: a decline is unknown, too");
        world.quotes.remove(&symbol("AA"));
        assert_eq!(world.verdict(), Some(Rule::PriceUnknown), "never asked for");
    }
    let ambiguous = Quoted::Ambiguous(vec![Exchange::Nasdaq, Exchange::Nyse]);
    let detail = ambiguous.usable(&symbol("SES")).unwrap_err().detail;
    assert!(detail.contains("NASD") && detail.contains("NYSE") && detail.contains(":SES"), "{detail}");
}

#[test]
fn a_move_beyond_belief_is_no_decline() {
    for (last, is_taken) in [("70", true), ("69.99", false), ("10", false)] {
        let mut world = World::new();
        world.quote("AA", last, "100");
        assert_eq!(world.verdict(), (!is_taken).then_some(Rule::PriceSuspicious), "{last}");
        world.limits.max_price_move_percent = None;
        let is_split = last == "10";
        assert_eq!(world.verdict(), is_split.then_some(Rule::PriceSuspicious), "{last} with the guard off");
    }
    let price = |last: &str| Price { last: usd(last), base: Some(usd("100")) };
    for (last, is_believed) in [("140", true), ("140.01", false), ("1000", false)] {
        let checked = check_move(&symbol("AA"), &price(last), Some(percent("40")));
        assert_eq!(checked.is_ok(), is_believed, "{last}");
    }
}

#[test]
fn a_fall_as_deep_as_a_usual_split_is_no_decline() {
    for (last, is_taken) in [
        // 5:4, one per cent either way, from a fall of 20 % on.
        ("80.01", true),
        ("80", false),
        ("79.2", false),
        ("79.19", true),
        // 4:3.
        ("75.76", true),
        ("75.75", false),
        ("75", false),
        ("74.25", false),
        ("74.24", true),
        ("77", true),
        ("83.33", true),
    ] {
        let mut world = World::new();
        world.quote("AA", last, "100");
        assert_eq!(world.verdict(), (!is_taken).then_some(Rule::PriceSuspicious), "{last}");
        world.limits.max_price_move_percent = None;
        assert_eq!(world.verdict(), (!is_taken).then_some(Rule::PriceSuspicious), "{last} whatever the guard's limit");
    }
    for (last, ratio) in [("66.67", "3:2"), ("50", "2:1"), ("33.4", "3:1"), ("10", "10:1")] {
        let mut world = World::new();
        world.quote("AA", last, "100");
        world.limits.max_price_move_percent = None;
        let skip = check_candidate(&world.facts(), &symbol("AA")).unwrap_err();
        assert!(skip.detail.contains(ratio) && skip.is_notified, "{skip:?}");
    }
}

#[test]
fn a_price_under_a_cent_can_not_be_ordered_at() {
    for (last, base, rule) in [
        ("0.0099", "0.011", Some(Rule::Untradable)),
        ("0.0099", "0.009", Some(Rule::Untradable)),
        ("0.01", "0.011", None),
    ] {
        let mut world = World::new();
        world.quote("AA", last, base);
        assert_eq!(world.verdict(), rule, "{last}");
    }
}

#[test]
fn a_position_that_does_not_fit_its_quote_is_not_added_to() {
    for (cost, balance, is_taken) in [
        ("100", Some("96"), true),
        ("", None, true),
        ("", Some("90"), false),
        ("100", Some("91.4"), false),
        ("1000", None, false),
        ("10", None, false),
    ] {
        let mut world = World::new();
        let average_cost = (!cost.is_empty()).then(|| usd(cost));
        let held = Position { average_cost, balance_price: balance.map(usd), ..position("AA", 1) };
        world.positions.insert(symbol("AA"), held);
        let rule = (!is_taken).then_some(Rule::PriceSuspicious);
        assert_eq!(world.verdict(), rule, "cost {cost}, balance {balance:?}");
        if balance.is_none() {
            world.limits.plausible_profit_percent = None;
            assert_eq!(world.verdict(), None, "cost {cost} with the guard off");
        }
    }
}
