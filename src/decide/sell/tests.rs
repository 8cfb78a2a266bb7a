//! Tables for `decide::sell`, written from the trading rules.

use super::*;
use crate::decide::test_support::*;
use crate::domain::{IntentState, OutcomeClass, Record};

/// What a sell decision looks at; each test bends one thing.
struct World {
    sell: SellSettings,
    limits: Limits,
    watch: BTreeSet<Symbol>,
    journal: TestJournal,
    positions: BTreeMap<Symbol, Position>,
    odd_rows: OddRows,
    quotes: BTreeMap<Symbol, Quoted>,
    external_sells: BTreeMap<Symbol, OrderId>,
    now: Stamp,
}

impl World {
    /// Watched holdings of 10 shares that cost 100 each, with these last prices.
    fn new(lasts: &[(&str, &str)]) -> World {
        let mut world = World {
            sell: sell_settings(),
            limits: limits(),
            watch: lasts.iter().map(|(name, _)| symbol(name)).collect(),
            journal: TestJournal::default(),
            positions: BTreeMap::new(),
            odd_rows: OddRows::default(),
            quotes: BTreeMap::new(),
            external_sells: BTreeMap::new(),
            now: stamp(at("10:05:00")),
        };
        for (name, last) in lasts {
            world.hold(name, last);
        }
        world
    }

    /// One holding at a profit of 4 %: above the fallback, below the rest.
    fn calm() -> World {
        World::new(&[("AA", "104")])
    }

    fn hold(&mut self, name: &str, last: &str) {
        let position = Position { average_cost: Some(usd("100")), ..position(name, 10) };
        self.positions.insert(symbol(name), position);
        self.quotes.extend(quotes(&[(name, last, last)]));
    }

    fn aa(&mut self) -> &mut Position {
        self.positions.get_mut(&symbol("AA")).unwrap()
    }

    fn facts(&self) -> SellFacts<'_> {
        SellFacts {
            sell: &self.sell,
            limits: &self.limits,
            watch: &self.watch,
            strategies: &[],
            journal: &self.journal.state,
            trading_date: day(),
            positions: &self.positions,
            odd_rows: &self.odd_rows,
            quotes: &self.quotes,
            external_sells: &self.external_sells,
            now: &self.now,
        }
    }

    /// Picks in the order of sending, each with its rule, then each holding passed over with its own.
    fn plan(&self) -> String {
        let (picks, skipped) = plan_sells(&self.facts());
        assert!(picks.iter().all(|pick| pick.quantity == 10), "the whole sellable quantity");
        let picks = picks.iter().map(|pick| format!("{}:{}", pick.symbol, pick.purpose));
        let skipped = skipped.iter().map(|skip| format!("{}:{}", skip.symbol, skip.rule));
        picks.chain(skipped).collect::<Vec<_>>().join(" ")
    }

    /// The rule that keeps AA, if any.
    fn verdict(&self) -> Option<Rule> {
        let (_, skipped) = plan_sells(&self.facts());
        skipped.iter().find(|skip| skip.symbol.as_str() == "AA").map(|skip| skip.rule)
    }

    fn price(&self, last: &str, purpose: Purpose) -> Result<String, Rule> {
        let pick = Pick {
            symbol: symbol("AA"),
            exchange: Exchange::Nyse,
            quantity: 10,
            average_cost: usd("100"),
            last: usd(last),
            profit: percent("0"),
            purpose,
            care: Care::Managed,
        };
        let order = price_order(&self.facts(), &pick).map_err(|skip| skip.rule)?;
        assert_eq!((order.symbol, order.exchange, order.side), (symbol("AA"), Exchange::Nyse, Side::Sell));
        assert_eq!(order.quantity, 10);
        Ok(order.limit_price.to_string())
    }
}

/// Each change is piled upon the ones before it, so that the row also shows which rule is named first.
#[test]
fn each_rule_that_keeps_a_holding_in_the_order_in_which_it_is_named() {
    let mut world = World::calm();
    assert_eq!(world.plan(), "AA:fallback_take_profit");
    type Change = fn(&mut World);
    let steps: [(Rule, Change); 10] = [
        (Rule::RefusedToday, |world| {
            for price in ["104", "103"] {
                world.journal.ended(OutcomeClass::Rejected, Side::Sell, "AA", 10, price);
            }
        }),
        (Rule::PriceSuspicious, |world| world.aa().balance_price = Some(usd("110"))),
        (Rule::PriceSuspicious, |world| world.quotes.extend(quotes(&[("AA", "104", "")]))),
        (Rule::PriceUnknown, |world| world.quotes.extend(quotes(&[("AA", "", "104")]))),
        (Rule::NothingSellable, |world| world.aa().sellable_quantity = 0),
        (Rule::OrderOpen, |world| drop(world.journal.open(Side::Sell, "AA", 10, "105"))),
        (Rule::OrderUnknown, |world| drop(world.journal.unknown(Side::Sell, "AA", 10, "106"))),
        (Rule::LoanHolding, |world| world.aa().on_credit = true),
        (Rule::NotManaged, |world| world.watch.clear()),
        (Rule::Keep, |world| world.sell.keep = vec![symbol("AA")]),
    ];
    for (rule, change) in steps {
        change(&mut world);
        assert_eq!(world.plan(), format!("AA:{rule}"));
    }
}

#[test]
fn only_watched_holdings_are_sold_unless_all_are() {
    let mut world = World::calm();
    world.watch = BTreeSet::from([symbol("BB")]);
    assert_eq!(world.verdict(), Some(Rule::NotManaged));
    world.sell.sells_all_positions = true;
    assert_eq!(world.verdict(), None);
    world.sell.keep = vec![symbol("AA")];
    assert_eq!(world.verdict(), Some(Rule::Keep), "kept also among all");
}

#[test]
fn cost_and_price_must_be_known() {
    let mut world = World::calm();
    world.aa().average_cost = None;
    assert_eq!(world.verdict(), Some(Rule::PriceUnknown));
    let mut idle = quote("AA", "50", "104");
    idle.traded_today = false;
    let ambiguous = Quoted::Ambiguous(vec![Exchange::Nasdaq, Exchange::Amex]);
    for (quoted, rule) in [
        (Quoted::Found(idle), Rule::PriceUnknown),
        (Quoted::Nothing, Rule::PriceUnknown),
        (ambiguous, Rule::ExchangeAmbiguous),
    ] {
        let mut world = World::calm();
        world.quotes.insert(symbol("AA"), quoted);
        assert_eq!(world.verdict(), Some(rule));
        world.quotes.clear();
        assert_eq!(world.verdict(), Some(Rule::PriceUnknown));
    }
}

#[test]
fn profits_at_their_exact_boundaries() {
    for (last, plan) in [
        ("84.99", "AA:stop_loss"),
        ("85", "AA:stop_loss"),
        ("85.01", "AA:hold"),
        ("101.49", "AA:hold"),
        ("101.5", "AA:fallback_take_profit"),
        ("104.99", "AA:fallback_take_profit"),
        ("105", "AA:take_profit"),
        ("105.01", "AA:take_profit"),
    ] {
        assert_eq!(World::new(&[("AA", last)]).plan(), plan, "{last}");
    }
}

#[test]
fn each_rule_can_be_off() {
    let mut world = World::new(&[("AA", "60")]);
    world.sell.stop_loss_percent = None;
    assert_eq!(world.verdict(), Some(Rule::Hold));
    let mut world = World::calm();
    world.sell.fallback_take_profit_percent = None;
    assert_eq!(world.verdict(), Some(Rule::Hold));
}

#[test]
fn stop_losses_come_first_worst_first_and_all() {
    let world = World::new(&[("AA", "110"), ("BB", "85"), ("CC", "70"), ("DD", "120"), ("EE", "70"), ("FF", "103")]);
    assert_eq!(world.plan(), "CC:stop_loss EE:stop_loss BB:stop_loss DD:take_profit AA:hold FF:hold");
}

#[test]
fn take_profits_go_best_first_as_many_as_a_run_may() {
    let mut world = World::new(&[("AA", "106"), ("BB", "120"), ("CC", "110"), ("DD", "120")]);
    for (most, plan) in [
        (Some(1), "BB:take_profit DD:hold CC:hold AA:hold"),
        (Some(2), "BB:take_profit DD:take_profit CC:hold AA:hold"),
        (Some(3), "BB:take_profit DD:take_profit CC:take_profit AA:hold"),
        (Some(9), "BB:take_profit DD:take_profit CC:take_profit AA:take_profit"),
        (None, "BB:take_profit DD:take_profit CC:take_profit AA:take_profit"),
    ] {
        world.sell.sells_per_run = most;
        assert_eq!(world.plan(), plan, "{most:?}");
    }
}

#[test]
fn the_fallback_takes_the_best_one_when_nothing_else_is_sold() {
    for (lasts, plan) in [
        (&[("AA", "102"), ("BB", "104"), ("CC", "104")][..], "BB:fallback_take_profit CC:hold AA:hold"),
        (&[("AA", "104"), ("BB", "85")], "BB:stop_loss AA:hold"),
        (&[("AA", "104"), ("BB", "105")], "BB:take_profit AA:hold"),
        (&[("AA", "101"), ("BB", "99")], "AA:hold BB:hold"),
        (&[], ""),
    ] {
        assert_eq!(World::new(lasts).plan(), plan, "{lasts:?}");
    }
}

#[test]
fn a_profit_beyond_belief_is_left_to_a_person() {
    for (last, is_believed) in [("50", true), ("49.99", false), ("200", true), ("200.01", false)] {
        let mut world = World::new(&[("AA", last)]);
        assert_eq!(world.verdict(), (!is_believed).then_some(Rule::PriceSuspicious), "{last}");
        world.limits.plausible_profit_percent = None;
        assert_eq!(world.verdict(), None, "{last} with the guard off");
    }
}

#[test]
fn quote_and_balance_must_not_be_more_than_5_percent_apart() {
    for (balance, is_believed) in
        [(Some("100"), true), (Some("99.99"), false), (Some("110.53"), false), (Some("110.52"), true), (None, true)]
    {
        let mut world = World::new(&[("AA", "105")]);
        world.aa().balance_price = balance.map(usd);
        assert_eq!(world.verdict(), (!is_believed).then_some(Rule::PriceSuspicious), "{balance:?}");
    }
}

#[test]
fn a_move_of_the_day_beyond_belief_stops_a_sell_too() {
    for (base, is_believed) in [("80.77", true), ("80.76", false), ("", false)] {
        let mut world = World::new(&[]);
        world.watch.insert(symbol("AA"));
        world.hold("AA", "105");
        world.quotes.extend(quotes(&[("AA", "105", base)]));
        assert_eq!(world.verdict(), (!is_believed).then_some(Rule::PriceSuspicious), "{base}");
        world.limits.max_price_move_percent = None;
        assert_eq!(world.verdict(), None, "{base} with the guard off");
    }
}

#[test]
fn one_refusal_and_those_of_buys_do_not_stop_a_take_profit() {
    let mut world = World::new(&[("AA", "110")]);
    world.journal.ended(OutcomeClass::Rejected, Side::Sell, "AA", 10, "110");
    world.journal.ended(OutcomeClass::Rejected, Side::Buy, "AA", 10, "80");
    world.journal.ended(OutcomeClass::Rejected, Side::Buy, "AA", 10, "81");
    assert_eq!(world.verdict(), None);
    world.journal.ended(OutcomeClass::Rejected, Side::Sell, "AA", 10, "109");
    assert_eq!(world.verdict(), Some(Rule::RefusedToday));
}

#[test]
fn a_refused_stop_loss_is_tried_again_once_an_hour_however_often_it_is_refused() {
    let mut world = World::new(&[("AA", "80")]);
    for (hour, price) in [("10", "80"), ("11", "79"), ("12", "78")] {
        let number = world.journal.state.entries.len() as u32 + 1;
        let id = intent(number, Side::Sell, "AA", 10, price);
        world.journal.tell_at(&format!("{hour}:00:00"), Record::Intent(id.clone()));
        world.journal.tell_at(&format!("{hour}:00:01"), Record::Outcome(outcome(&id.id, OutcomeClass::Rejected, None)));
        for (wall, is_tried) in [("00:02", false), ("30:00", false), ("58:59", false), ("59:00", true), ("59:59", true)]
        {
            world.now = stamp(at(&format!("{hour}:{wall}")));
            assert_eq!(world.verdict(), (!is_tried).then_some(Rule::RefusedToday), "{hour}:{wall}");
        }
    }
    world.positions.insert(symbol("AA"), Position { average_cost: Some(usd("70")), ..position("AA", 10) });
    assert_eq!(world.verdict(), Some(Rule::RefusedToday), "no stop loss any more, and refused three times");
}

#[test]
fn an_unknown_or_open_buy_never_blocks_a_stop_loss() {
    let mut world = World::new(&[("AA", "80")]);
    world.journal.unknown(Side::Buy, "AA", 5, "80");
    world.journal.open(Side::Buy, "AA", 5, "81");
    assert_eq!(world.plan(), "AA:stop_loss");
}

#[test]
fn an_ended_sell_blocks_nothing() {
    let mut world = World::calm();
    let id = world.journal.open(Side::Sell, "AA", 10, "104");
    assert_eq!(world.verdict(), Some(Rule::OrderOpen));
    world.journal.sees(&id, IntentState::Cancelled, 0, 0, "0");
    assert_eq!(world.verdict(), None);
}

#[test]
fn the_exchange_of_the_balance_goes_before_that_of_the_quote() {
    let mut world = World::calm();
    assert_eq!(plan_sells(&world.facts()).0[0].exchange, Exchange::Nasdaq);
    world.aa().exchange = Some(Exchange::Amex);
    assert_eq!(plan_sells(&world.facts()).0[0].exchange, Exchange::Amex);
}

#[test]
fn the_limit_price_is_last_less_the_rules_offset_rounded_down_to_the_tick() {
    use Purpose::{FallbackTakeProfit, StopLoss, TakeProfit};
    for (last, purpose, price) in [
        ("100", StopLoss, "99.00"),
        ("100.01", StopLoss, "99.00"),
        ("12.345", StopLoss, "12.22"),
        ("1", StopLoss, "0.99"),
        ("0.1234", StopLoss, "0.1221"),
        ("100", TakeProfit, "100.00"),
        ("100.019", TakeProfit, "100.01"),
        ("100.019", FallbackTakeProfit, "100.01"),
        ("1.009", TakeProfit, "1.00"),
        ("0.12349", TakeProfit, "0.1234"),
    ] {
        assert_eq!(World::calm().price(last, purpose), Ok(price.to_owned()), "{last} {purpose:?}");
    }
    let mut world = World::calm();
    world.sell.limit_offset_percent = percent("0.5");
    assert_eq!(world.price("100", TakeProfit), Ok("99.50".to_owned()));
    assert_eq!(world.price("100", FallbackTakeProfit), Ok("99.50".to_owned()));
    assert_eq!(world.price("100", StopLoss), Ok("99.00".to_owned()));
    for (last, price) in [("0.01", Ok("0.01")), ("0.0101", Ok("0.01")), ("0.0099", Err(Rule::Untradable))] {
        assert_eq!(world.price(last, StopLoss), price.map(str::to_owned), "KIS takes no order under a cent");
    }
}

#[test]
fn a_second_like_order_of_the_day_moves_down_by_a_tick() {
    let mut world = World::calm();
    world.journal.ended(OutcomeClass::Rejected, Side::Sell, "AA", 10, "100");
    assert_eq!(world.price("100", Purpose::TakeProfit), Ok("99.99".to_owned()));
    world.journal.ended(OutcomeClass::NotSent, Side::Sell, "AA", 10, "99.99");
    assert_eq!(world.price("100", Purpose::TakeProfit), Ok("99.98".to_owned()));
    world.journal.ended(OutcomeClass::NotSent, Side::Sell, "AA", 10, "0.5");
    assert_eq!(world.price("0.5", Purpose::TakeProfit), Ok("0.4999".to_owned()));
    world.journal.ended(OutcomeClass::NotSent, Side::Sell, "AA", 10, "0.01");
    assert_eq!(world.price("0.01", Purpose::TakeProfit), Err(Rule::Untradable));
    world.journal.ended(OutcomeClass::NotSent, Side::Buy, "AA", 10, "50");
    world.journal.ended(OutcomeClass::NotSent, Side::Sell, "AA", 9, "50");
    assert_eq!(world.price("50", Purpose::TakeProfit), Ok("50.00".to_owned()), "no twins");
}

#[test]
fn a_rule_is_asked_again_with_a_fresh_price() {
    let world = World::calm();
    use Purpose::{FallbackTakeProfit, FellMost, StopLoss, TakeProfit};
    for (purpose, profit, holds) in [
        (StopLoss, "-15", true),
        (StopLoss, "-14.99", false),
        (TakeProfit, "5", true),
        (TakeProfit, "4.99", false),
        (FallbackTakeProfit, "1.5", true),
        (FallbackTakeProfit, "1.49", false),
        (FellMost, "50", false),
    ] {
        assert_eq!(applies(&world.facts(), purpose, percent(profit)), holds, "{purpose:?} {profit}");
    }
}

/// An external order holds the shares: people hear of it when the stop loss is due, and of nothing else.
#[test]
fn a_due_stop_loss_whose_shares_another_order_holds_is_told() {
    for (last, is_held, is_told) in
        [("85", true, true), ("85.01", true, false), ("85", false, false), ("40", true, false)]
    {
        let mut world = World::new(&[("AA", last)]);
        world.aa().sellable_quantity = 0;
        if is_held {
            world.external_sells.insert(symbol("AA"), order_id("42"));
        }
        let (picks, skipped) = plan_sells(&world.facts());
        let [skip] = skipped.as_slice() else { panic!("{skipped:?}") };
        assert_eq!((picks.len(), skip.rule, skip.is_notified), (0, Rule::NothingSellable, is_told), "{last}");
        let words = "stop loss of AA is due; order 0000000042 holds the shares";
        assert_eq!(skip.detail == words, is_told, "{}", skip.detail);
    }
}
