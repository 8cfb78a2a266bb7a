//! Tables for `decide::buy`, written from the trading rules.

mod amounts;

use super::*;
use crate::decide::facts::held_quantities;
use crate::decide::test_support::*;
use crate::domain::{IntentId, IntentState, OutcomeClass, Record, Refusal};

/// What a buy decision looks at; each test bends one thing.
struct World {
    buy: BuySettings,
    sell: SellSettings,
    limits: Limits,
    journal: TestJournal,
    day: NaiveDate,
    positions: BTreeMap<Symbol, Position>,
    held: BTreeMap<Symbol, u64>,
    odd_rows: OddRows,
    quotes: BTreeMap<Symbol, Quoted>,
    external_open: BTreeMap<Symbol, Usd>,
}

impl World {
    /// Four names that fell 4, 3, 2 and 1 %.
    fn new() -> World {
        World {
            buy: buy_settings(&["AA", "BB", "CC", "DD"]),
            sell: sell_settings(),
            limits: limits(),
            journal: TestJournal::default(),
            day: day(),
            positions: BTreeMap::new(),
            held: BTreeMap::new(),
            odd_rows: OddRows::default(),
            quotes: quotes(&[("DD", "99", "100"), ("AA", "96", "100"), ("CC", "98", "100"), ("BB", "97", "100")]),
            external_open: BTreeMap::new(),
        }
    }

    fn quote(&mut self, name: &str, last: &str, base: &str) {
        self.quotes.extend(quotes(&[(name, last, base)]));
    }

    fn facts(&self) -> BuyFacts<'_> {
        BuyFacts {
            buy: &self.buy,
            sell: &self.sell,
            limits: &self.limits,
            journal: &self.journal.state,
            trading_date: self.day,
            positions: &self.positions,
            held: &self.held,
            odd_rows: &self.odd_rows,
            quotes: &self.quotes,
            external_open: &self.external_open,
        }
    }

    /// Picks in order, then each symbol passed over with its rule: `AA BB DD:not_picked`.
    fn plan(&self) -> String {
        let (picks, skipped) = plan_picks(&self.facts(), 0);
        let picks = picks.iter().map(|pick| pick.symbol.to_string());
        let skipped = skipped.iter().map(|skip| format!("{}:{}", skip.symbol, skip.rule));
        picks.chain(skipped).collect::<Vec<_>>().join(" ")
    }

    fn picked(&self) -> usize {
        plan_picks(&self.facts(), 0).0.len()
    }

    /// The rule that stops AA, if any.
    fn verdict(&self) -> Option<Rule> {
        check_candidate(&self.facts(), &symbol("AA")).err().map(|skip| skip.rule)
    }

    /// Quantity and limit price of an order for AA.
    fn size(&self, last: &str, share: &str) -> Result<(u64, String), Rule> {
        self.size_with(last, share, Usd::ZERO, None)
    }

    fn size_with(&self, last: &str, share: &str, planned: Usd, most: Option<u64>) -> Result<(u64, String), Rule> {
        let pick = Candidate {
            symbol: symbol("AA"),
            exchange: Exchange::Nasdaq,
            price: Price { last: usd(last), base: Some(usd(last)) },
            decline: percent("4"),
        };
        let order = size_order(&self.facts(), &pick, usd(share), planned, most).map_err(|skip| skip.rule)?;
        assert_eq!((order.side, order.symbol, order.exchange), (Side::Buy, symbol("AA"), Exchange::Nasdaq));
        Ok((order.quantity, order.limit_price.to_string()))
    }
}

fn ok(quantity: u64, price: &str) -> Result<(u64, String), Rule> {
    Ok((quantity, price.to_owned()))
}

#[test]
fn the_filter_needs_every_symbol_strictly_above_its_close() {
    let filter: Vec<ListedSymbol> = ["AA", "BB"].map(|text| text.parse().unwrap()).to_vec();
    for (first, second, expected) in [
        (("10.01", "10"), ("20.01", "20"), "passed"),
        (("10.00", "10"), ("20.01", "20"), "not_met"),
        (("9.99", "10"), ("20.01", "20"), "not_met"),
        (("10.01", "10"), ("19.99", "20"), "not_met"),
        (("10.01", "10"), ("", "20"), "unknown"),
        (("10.01", "10"), ("20.01", ""), "unknown"),
        (("", "10"), ("", "20"), "unknown"),
        // What is known to be down is said first: it would block with the price known, too.
        (("10.00", "10"), ("", "20"), "not_met"),
        (("", "10"), ("20", "20"), "not_met"),
    ] {
        let quotes = quotes(&[("AA", first.0, first.1), ("BB", second.0, second.1)]);
        let found = match check_filter(&filter, &quotes) {
            Filter::Passed => "passed",
            Filter::NotMet(_) => "not_met",
            Filter::Unknown(_) => "unknown",
        };
        assert_eq!(found, expected, "{first:?} {second:?}");
    }
}

#[test]
fn a_filter_symbol_without_a_price_of_today_is_unknown() {
    let filter: Vec<ListedSymbol> = vec!["AA".parse().unwrap()];
    assert_eq!(check_filter(&[], &BTreeMap::new()), Filter::Passed);
    assert!(matches!(check_filter(&filter, &BTreeMap::new()), Filter::Unknown(_)));
    let mut idle = quote("AA", "11", "10");
    idle.traded_today = false;
    for quoted in [Quoted::Found(idle), Quoted::Nothing, Quoted::Ambiguous(vec![Exchange::Nasdaq, Exchange::Nyse])] {
        let quotes = BTreeMap::from([(symbol("AA"), quoted.clone())]);
        assert!(matches!(check_filter(&filter, &quotes), Filter::Unknown(_)), "{quoted:?}");
    }
}

#[test]
fn the_decline_must_be_greater_than_the_least() {
    for (least, last, is_taken) in [
        ("0", "100", false),
        ("0", "100.01", false),
        ("0", "99.99", true),
        ("2.5", "97.5", false),
        ("2.5", "97.49", true),
        ("2.5", "97.51", false),
    ] {
        let mut world = World::new();
        world.buy.min_decline_percent = percent(least);
        world.quote("AA", last, "100");
        let expected = (!is_taken).then_some(Rule::DeclineTooSmall);
        assert_eq!(world.verdict(), expected, "{last}, more than {least} %");
    }
}

#[test]
fn buys_what_fell_most_and_ties_go_by_symbol() {
    let mut world = World::new();
    assert_eq!(world.plan(), "AA BB CC DD:not_picked");
    world.quote("DD", "96", "100");
    world.quote("BB", "48", "50");
    world.buy.picks = 2;
    assert_eq!(world.plan(), "AA BB DD:not_picked CC:not_picked", "three fell 4 %");
    world.buy.watch = buy_settings(&["DD", "BB", "AA"]).watch;
    assert_eq!(world.plan(), "AA BB DD:not_picked", "the order of the watch list does not matter");
}

#[test]
fn a_name_that_does_not_pass_leaves_its_place_to_the_next() {
    let mut world = World::new();
    world.buy.picks = 2;
    world.quote("AA", "", "100");
    world.journal.unknown(Side::Sell, "BB", 1, "97");
    assert_eq!(world.plan(), "CC DD AA:price_unknown BB:order_unknown");
}

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
fn a_symbol_that_could_not_be_bought_at_any_price_needs_no_quote() {
    let mut world = World::new();
    world.quotes.clear();
    world.journal.state.stop_losses.insert(symbol("AA"), day());
    world.journal.open(Side::Sell, "BB", 1, "10");
    let worth =
        |world: &World| -> Vec<String> { worth_a_quote(&world.facts()).iter().map(ToString::to_string).collect() };
    assert_eq!(worth(&world), ["CC", "DD"]);
    assert_eq!(world.plan(), "AA:cooldown BB:order_open CC:price_unknown DD:price_unknown");
    world.journal.ended(OutcomeClass::Rejected, Side::Buy, "CC", 1, "96");
    world.journal.ended(OutcomeClass::Rejected, Side::Buy, "CC", 1, "95");
    assert_eq!(worth(&world), ["DD"]);
    world.held = BTreeMap::from([(symbol("XX"), 1)]);
    world.limits.max_positions = 1;
    assert_eq!(worth(&world), [""; 0]);
    world.held.insert(symbol("DD"), 1);
    assert_eq!(worth(&world), ["DD"], "a held one may grow");
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

#[test]
fn positions_are_limited_but_a_held_one_may_grow() {
    let mut world = World::new();
    world.limits.max_positions = 2;
    assert_eq!(world.plan(), "AA BB CC:max_positions DD:max_positions", "picked before count");
    world.held = BTreeMap::from([(symbol("XX"), 1), (symbol("CC"), 5)]);
    assert_eq!(world.plan(), "CC AA:max_positions BB:max_positions DD:max_positions");
    world.limits.max_positions = 3;
    assert_eq!(world.plan(), "AA CC BB:max_positions DD:max_positions");
}

#[test]
fn open_and_unknown_buys_take_a_position_and_sells_do_not() {
    for (count_as, side) in [(1, Side::Buy), (0, Side::Sell)] {
        let mut world = World::new();
        world.limits.max_positions = 2;
        world.journal.open(side, "XX", 1, "10");
        assert_eq!(world.picked(), 2 - count_as, "open {side}");
        world.journal.unknown(side, "YY", 1, "10");
        assert_eq!(world.picked(), 2 - 2 * count_as, "unknown {side}");
    }
    let mut world = World::new();
    world.limits.max_positions = 1;
    world.journal.filled(Side::Buy, "XX", 1, "10");
    assert_eq!(world.picked(), 1, "a fill counts through the holdings, not through its order");
    world.held = held_quantities(&BTreeMap::new(), &world.journal.state, day(), &[]);
    assert_eq!(world.picked(), 0, "also while the balance does not show it");
}
