//! What earlier orders of a symbol, and their ends, mean for a buy of it.

use super::*;

#[test]
fn a_stop_loss_cools_down_for_its_days() {
    // 100 days after 9 March is 17 June.
    for (today, days, is_blocked) in [
        ("2027-03-09", 100, true),
        ("2027-06-16", 100, true),
        ("2027-06-17", 100, false),
        ("2027-03-09", 1, true),
        ("2027-03-10", 1, false),
        ("2027-03-09", 0, false),
    ] {
        let mut world = World::new();
        world.journal.state.stop_losses.insert(symbol("AA"), day());
        world.sell.cooldown_days = days;
        world.day = date(today);
        assert_eq!(world.verdict(), is_blocked.then_some(Rule::Cooldown), "{today} of {days} days");
        let until = cooldown_until(&world.journal.state, &world.sell, &symbol("AA")).unwrap();
        assert_eq!(world.day < until, is_blocked);
        assert_eq!(check_candidate(&world.facts(), &symbol("BB")).err(), None, "other names are free");
    }
    assert_eq!(cooldown_until(&JournalState::default(), &sell_settings(), &symbol("AA")), None);
}

#[test]
fn a_rebuy_depends_on_the_last_own_sell() {
    for (mode, sold, is_allowed) in [
        (Rebuy::BelowLastSell, None, true),
        (Rebuy::BelowLastSell, Some("96.01"), true),
        (Rebuy::BelowLastSell, Some("96"), false),
        (Rebuy::BelowLastSell, Some("95.99"), false),
        (Rebuy::AboveLastSell, None, true),
        (Rebuy::AboveLastSell, Some("95.99"), true),
        (Rebuy::AboveLastSell, Some("96"), false),
        (Rebuy::AboveLastSell, Some("96.01"), false),
        (Rebuy::Any, None, true),
        (Rebuy::Any, Some("1"), true),
        (Rebuy::Any, Some("1000"), true),
    ] {
        let mut world = World::new();
        world.buy.rebuy = mode;
        if let Some(price) = sold {
            world.journal.filled(Side::Sell, "AA", 1, price);
        }
        assert_eq!(world.verdict(), (!is_allowed).then_some(Rule::RebuyRule), "{mode:?} after {sold:?}");
    }
}

#[test]
fn own_orders_of_either_side_block_a_buy() {
    for side in [Side::Buy, Side::Sell] {
        let mut world = World::new();
        let id = world.journal.unknown(side, "AA", 1, "96");
        assert_eq!(world.verdict(), Some(Rule::OrderUnknown), "unknown {side}");
        world.journal.tell(Record::Outcome(outcome(&id, OutcomeClass::Accepted, Some("1001"))));
        assert_eq!(world.verdict(), Some(Rule::OrderOpen), "open {side}");
        world.journal.sees(&id, IntentState::Accepted, 0, 0, "0");
        assert_eq!(world.verdict(), Some(Rule::OrderOpen), "nothing left, for an unknown reason");
        world.journal.sees(&id, IntentState::Cancelled, 0, 0, "0");
        assert_eq!(world.verdict(), None, "ended {side}");
        world.journal.open(side, "AA", 1, "90");
        world.journal.unknown(side, "AA", 1, "91");
        assert_eq!(world.verdict(), Some(Rule::OrderUnknown), "unknown comes first");
    }
}

#[test]
fn a_second_refusal_of_the_day_ends_it() {
    let mut world = World::new();
    let refuse = |world: &mut World, side, name: &str| {
        world.journal.ended(OutcomeClass::Rejected, side, name, 1, "96");
    };
    refuse(&mut world, Side::Buy, "AA");
    refuse(&mut world, Side::Sell, "AA");
    refuse(&mut world, Side::Buy, "BB");
    assert_eq!(world.verdict(), None, "once");
    let late = world.journal.open(Side::Buy, "AA", 1, "95");
    world.journal.sees(&late, IntentState::Rejected, 0, 0, "0");
    assert_eq!(world.verdict(), Some(Rule::RefusedToday), "a late refusal counts");
    world.day = date("2027-03-10");
    assert_eq!(world.verdict(), None, "the next trading date is free");
}

#[test]
fn a_refusal_of_market_or_account_counts_against_no_symbol() {
    use Refusal::{Cash, MarketClosed, NoRight, Other, Shares, System, Unlisted, Untradable, WrongListing};
    for (refusal, counts) in [
        (MarketClosed, false),
        (System, false),
        (Cash, false),
        (NoRight, false),
        (Shares, true),
        (WrongListing, true),
        (Untradable, true),
        (Other, true),
        (Unlisted, true),
    ] {
        let mut world = World::new();
        for price in ["96", "95", "94"] {
            let id = world.journal.unknown(Side::Buy, "AA", 1, price);
            let mut refused = outcome(&id, OutcomeClass::Rejected, None);
            refused.answer.refusal = Some(refusal);
            world.journal.tell(Record::Outcome(refused));
        }
        assert_eq!(world.verdict(), counts.then_some(Rule::RefusedToday), "{refusal:?}");
    }
}

#[test]
fn what_never_left_is_no_refusal() {
    let mut world = World::new();
    for price in ["96", "95", "94"] {
        world.journal.ended(OutcomeClass::NotSent, Side::Buy, "AA", 1, price);
        world.journal.ended(OutcomeClass::TurnedAway, Side::Buy, "AA", 2, price);
    }
    assert_eq!(world.verdict(), None);
}
