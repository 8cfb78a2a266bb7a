//! Properties of whole days of decisions: whatever happens to the orders, no limit is passed and nothing is sold twice.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use rust_decimal::Decimal;

use crate::config::Limits;
use crate::decide::buy::{BuyFacts, plan_picks, share_of_cash, size_order};
use crate::decide::facts::{Quoted, held_quantities};
use crate::decide::invariants::{Binding, check_before_intent};
use crate::decide::odd_rows::OddRows;
use crate::decide::sell::{SellFacts, plan_sells, price_order};
use crate::decide::test_support::*;
use crate::domain::{Intent, IntentState, Mode, OrderRequest, OutcomeClass, Position, Record, Symbol, Usd, Witness};

const NAMES: [&str; 5] = ["AA", "BB", "CC", "DD", "EE"];

/// What becomes of an order: KIS's answer, then what the list shows, with the whole or an n-th of it filled.
type Fate = (OutcomeClass, Option<(IntentState, u64)>);

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just((OutcomeClass::Accepted, None)),
        Just((OutcomeClass::Unknown, None)),
        Just((OutcomeClass::Rejected, None)),
        Just((OutcomeClass::NotSent, None)),
        Just((OutcomeClass::Accepted, Some((IntentState::Filled, 1)))),
        Just((OutcomeClass::Accepted, Some((IntentState::Cancelled, 2)))),
    ]
}

/// A price from a fraction of a cent to hundreds of dollars, and how far the base lies above it, in thousandths.
fn price() -> impl Strategy<Value = (Usd, Usd)> {
    (1_u32..4_000_000, 0_u32..500).prop_map(|(ticks, fall)| {
        let last = Usd(Decimal::new(ticks.into(), 4));
        (last, last + last.percent(Decimal::new(fall.into(), 1)))
    })
}

/// One for each name.
fn each<S: Strategy>(of: S) -> impl Strategy<Value = Vec<S::Value>> {
    proptest::collection::vec(of, NAMES.len())
}

/// USD of open external buys in a symbol; mostly none.
fn external_buys() -> impl Strategy<Value = u32> {
    prop_oneof![4 => Just(0_u32), 1 => 1_u32..3_000]
}

/// What external sells do to a holding between two runs: shares that an open one holds back, and shares that are gone.
fn external_sells() -> impl Strategy<Value = (u64, u64)> {
    prop_oneof![3 => Just((0_u64, 0_u64)), 1 => (0_u64..20, 0_u64..10)]
}

fn found(prices: &[(Usd, Usd)]) -> BTreeMap<Symbol, Quoted> {
    let quote = |(name, (last, base)): (&&str, &(Usd, Usd))| quote(name, &last.to_string(), &base.to_string());
    let quotes = NAMES.iter().zip(prices).map(quote);
    quotes.map(|quote| (quote.symbol.clone(), Quoted::Found(quote))).collect()
}

/// Journals an order as a run does, after the last checks, and then what becomes of it.
fn send(journal: &mut TestJournal, order: &OrderRequest, witness: Witness, (limits, last): (&Limits, Usd), fate: Fate) {
    let id = journal.state.next_id(day());
    let number = u32::try_from(journal.state.entries.len()).unwrap() + 1;
    let name = order.symbol.as_str();
    let intent = intent(number, order.side, name, order.quantity, &order.limit_price.to_string());
    let intent = Intent { id: id.clone(), witness, ..intent };
    let binding = Binding { mode: Mode::Paper, account_fingerprint: intent.account_fingerprint.clone() };
    assert_eq!(check_before_intent(&journal.state, &intent, tr_id(order.side), &binding, limits, last), Ok(()));
    assert_eq!(intent.limit_price, intent.limit_price.up_to_tick(), "on a tick");
    let price = intent.limit_price.to_string();
    journal.tell(Record::Intent(intent));
    let (class, listed) = fate;
    let accepted = (class == OutcomeClass::Accepted).then(|| (1000 + number).to_string());
    journal.tell(Record::Outcome(outcome(&id, class, accepted.as_deref())));
    if let Some((state, part)) = listed {
        journal.sees(&id, state, order.quantity / part, 0, &price);
    }
}

fn no_two_look_alike(journal: &TestJournal) -> bool {
    let looks = journal.state.entries.values().map(|entry| {
        let intent = &entry.intent;
        (intent.symbol.clone(), intent.side, intent.quantity, intent.limit_price)
    });
    looks.collect::<BTreeSet<_>>().len() == journal.state.entries.len()
}

proptest! {
    // A seed that failed once is kept beside this file, in `tests.regressions`, and tried first from then on.
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::with_source_file(file!())
    })]

    #[test]
    fn a_day_of_buys_never_spends_more_than_it_may(
        runs in proptest::collection::vec((each(price()), 0_u32..600_000, each(fate()), each(external_buys())), 1..5),
        (picks, max_positions, most_shares) in (1_u32..5, 1_u32..6, 1_u64..60),
        (max_order, max_day, max_position) in (1_u32..3_000, 1_u32..6_000, 1_u32..4_000),
        offset in 0_u32..30,
    ) {
        let mut buy = buy_settings(&NAMES);
        (buy.picks, buy.max_quantity) = (picks, most_shares);
        buy.limit_offset_percent = Decimal::new(offset.into(), 1);
        let mut limits = limits();
        let dollars = |amount: u32| Usd(amount.into());
        (limits.max_order, limits.max_buy_per_day, limits.max_positions) = (dollars(max_order), dollars(max_day), max_positions);
        limits.max_position = Some(dollars(max_position));
        let sell = sell_settings();
        let mut journal = TestJournal::default();
        for (prices, cents, fates, others) in runs {
            let quotes = found(&prices);
            let external_open = NAMES.iter().zip(others).map(|(name, open)| (symbol(name), Usd(open.into()))).collect::<BTreeMap<_, _>>();
            let others: Usd = external_open.values().copied().sum();
            let cash = Usd(Decimal::new(cents.into(), 2));
            let held = held_quantities(&BTreeMap::new(), &journal.state, day(), &[]);
            let before = journal.clone();
            let facts = BuyFacts {
                buy: &buy, sell: &sell, limits: &limits, journal: &before.state, trading_date: day(), positions: &BTreeMap::new(), held: &held, odd_rows: &OddRows::default(), quotes: &quotes,
                external_open: &external_open,
            };
            let mut spent = Usd::ZERO;
            for (pick, fate) in plan_picks(&facts, 0).0.iter().zip(fates) {
                let now = journal.clone();
                let facts = BuyFacts { journal: &now.state, ..facts };
                let Ok(order) = size_order(&facts, pick, share_of_cash(cash, picks), Usd::ZERO, None) else { continue };
                let value = order.limit_price.times(order.quantity).unwrap();
                spent = spent + value;
                prop_assert!(value <= limits.max_order && order.quantity <= most_shares, "{order:?}");
                let shares = held.get(&order.symbol).copied().unwrap_or(0);
                let invested = pick.price.last.times(shares).unwrap() + external_open[&order.symbol] + value;
                prop_assert!(invested <= limits.max_position.unwrap(), "{order:?} on top of {shares} and of {external_open:?}");
                prop_assert!(order.limit_price >= pick.price.last);
                let witness = Witness { held: shares, sellable: 0, cash: Some(cash) };
                send(&mut journal, &order, witness, (&limits, pick.price.last), fate);
                prop_assert!(journal.state.bought_on(day()) + others <= limits.max_buy_per_day, "{order:?} beside {external_open:?}");
            }
            prop_assert!(spent <= cash.percent(percent("98")), "{spent} of {cash}");
            let live = journal.state.live().map(|entry| entry.intent.symbol.clone());
            let occupied: BTreeSet<Symbol> = held_quantities(&BTreeMap::new(), &journal.state, day(), &[]).into_keys().chain(live).collect();
            prop_assert!(occupied.len() <= max_positions as usize, "{occupied:?}");
            prop_assert!(no_two_look_alike(&journal));
        }
    }

    #[test]
    fn a_day_of_sells_never_sells_more_than_can_be_sold(
        runs in proptest::collection::vec((each(price()), each(fate()), each(external_sells())), 1..5),
        shares in each((0_u64..50, 0_u64..50)),
        costs in each(1_u32..4_000_000),
        most in prop_oneof![Just(None), (1_u32..4).prop_map(Some)],
    ) {
        let mut sell = sell_settings();
        sell.sells_per_run = most;
        let limits = limits();
        let watch: BTreeSet<Symbol> = NAMES.iter().map(|name| symbol(name)).collect();
        let mut journal = TestJournal::default();
        let mut left: BTreeMap<Symbol, u64> =
            NAMES.iter().zip(&shares).map(|(name, (held, sellable))| (symbol(name), *held.min(sellable))).collect();
        let mut sold_by_others: BTreeMap<&str, u64> = BTreeMap::new();
        for (prices, fates, external_sells) in runs {
            let quotes = found(&prices);
            // What KIS would say: an open or unknown order has its shares set aside, whoever sent it.
            let mut sellable = left.clone();
            for entry in journal.state.live() {
                *sellable.get_mut(&entry.intent.symbol).unwrap() -= entry.intent.quantity - entry.filled_quantity;
            }
            for (name, (held_back, sold)) in NAMES.into_iter().zip(external_sells) {
                let free = sellable.get_mut(&symbol(name)).unwrap();
                let sold = sold.min(*free);
                *free = (*free - sold).saturating_sub(held_back);
                *left.get_mut(&symbol(name)).unwrap() -= sold;
                *sold_by_others.entry(name).or_default() += sold;
            }
            let positions: BTreeMap<Symbol, Position> = NAMES.iter().zip(&costs).map(|(name, cost)| (symbol(name), Position {
                sellable_quantity: sellable[&symbol(name)],
                average_cost: Some(Usd(Decimal::new((*cost).into(), 4))),
                ..position(name, left[&symbol(name)])
            })).collect();
            let before = journal.clone();
            let now = stamp(at("10:00:00"));
            let facts = SellFacts {
                now: &now, sell: &sell, limits: &limits, watch: &watch, strategies: &[], journal: &before.state, trading_date: day(), positions: &positions,
                odd_rows: &OddRows::default(), quotes: &quotes, external_sells: &BTreeMap::new(),
            };
            let (picks, skipped) = plan_sells(&facts);
            let named: BTreeSet<&Symbol> = picks.iter().map(|pick| &pick.symbol).chain(skipped.iter().map(|skip| &skip.symbol)).collect();
            prop_assert_eq!((named.len(), picks.len() + skipped.len()), (NAMES.len(), NAMES.len()), "each holding once");
            for (pick, fate) in picks.iter().zip(fates) {
                let now = journal.clone();
                let Ok(order) = price_order(&SellFacts { journal: &now.state, ..facts }, pick) else { continue };
                prop_assert!(order.quantity > 0 && order.quantity <= sellable[&order.symbol], "{order:?}");
                prop_assert!(order.limit_price.is_positive() && order.limit_price <= pick.last);
                let witness = Witness { held: left[&order.symbol], sellable: sellable[&order.symbol], cash: None };
                send(&mut journal, &order, witness, (&limits, pick.last), fate);
                let filled = journal.state.entries.values().next_back().unwrap().filled_quantity;
                *left.get_mut(&order.symbol).unwrap() -= filled;
            }
            prop_assert!(no_two_look_alike(&journal));
        }
        for (name, (held, sellable)) in NAMES.iter().zip(&shares) {
            let of_name = journal.state.entries.values().filter(|entry| entry.intent.symbol.as_str() == *name);
            let gone: u64 = of_name.map(|entry| if entry.state.is_live() { entry.intent.quantity } else { entry.filled_quantity }).sum();
            let others = sold_by_others.get(name).copied().unwrap_or(0);
            prop_assert!(gone + others <= *held.min(sellable), "{name}: {gone} and {others} of {held}");
        }
    }
}
