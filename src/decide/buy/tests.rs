//! Tables for `decide::buy`, written from the trading rules.

mod amounts;
mod memory;
mod prices;

use super::*;
use crate::decide::facts::held_quantities;
use crate::decide::test_support::*;
use crate::domain::{IntentId, IntentState, OrderRequest, OutcomeClass, Record, Refusal};

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
        let order = self.order(last, share, planned, most).map_err(|skip| skip.rule)?;
        assert_eq!((order.side, order.symbol, order.exchange), (Side::Buy, symbol("AA"), Exchange::Nasdaq));
        Ok((order.quantity, order.limit_price.to_string()))
    }

    fn order(&self, last: &str, share: &str, planned: Usd, most: Option<u64>) -> Result<OrderRequest, Skip> {
        let pick = Candidate {
            symbol: symbol("AA"),
            exchange: Exchange::Nasdaq,
            price: Price { last: usd(last), base: Some(usd(last)) },
            decline: percent("4"),
        };
        size_order(&self.facts(), &pick, usd(share), planned, most)
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
fn no_change_is_said_without_a_sign() {
    let mut world = World::new();
    world.quote("AA", "100", "100");
    let Sentence { en, ko } = check_candidate(&world.facts(), &symbol("AA")).unwrap_err().detail;
    assert_eq!(en, "fell 0.00 % (last 100.00), not more than 0 %");
    assert_eq!(ko, "0.00% 하락(현재가 $100.00). 0%를 넘지 않습니다");
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
