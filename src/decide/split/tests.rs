//! Tables for `decide::split`.

use super::*;
use crate::decide::test_support::*;
use crate::domain::{HumanVerdict, IntentState, Side};

#[test]
fn a_price_step_is_a_split_when_it_is_near_a_usual_ratio() {
    let one_and_a_half = Decimal::new(15, 1);
    for (from, to, expected) in [
        // The table's example: 33.40 after 100.20.
        ("100.20", "33.40", "3:1"),
        ("100", "50", "2:1"),
        ("100", "66.67", "3:2"),
        ("100", "75", "4:3"),
        ("100", "80", "5:4"),
        ("100", "83.33", "6:5"),
        ("100", "60", "5:3"),
        ("100", "40", "5:2"),
        ("100", "1", "100:1"),
        ("1", "20", "1:20"),
        ("10", "20", "1:2"),
        ("10", "15", "2:3"),
        ("10", "12", "5:6"),
        // Both ends of the tolerance.
        ("100", "50.75", "2:1"),
        ("100", "50.76", ""),
        ("100", "49.25", "2:1"),
        ("100", "49.24", ""),
        // Earnings and bad days.
        ("100", "100", ""),
        ("100", "77", ""),
        ("100", "130", ""),
        ("100", "86", ""),
        ("100", "115", ""),
        ("100", "70", ""),
        ("0", "50", ""),
        ("100", "0", ""),
    ] {
        let found = usual_ratio(usd(from), usd(to), one_and_a_half).map(|ratio| ratio.to_string());
        assert_eq!(found.unwrap_or_default(), expected, "{from} to {to}");
    }
}

/// What a split of AA on 2027-03-09 may look like; each test bends one thing.
struct World {
    journal: TestJournal,
    date: NaiveDate,
    base: Option<Usd>,
    close: Option<Usd>,
    seen: Option<SeenHolding>,
    held: Option<Holding>,
    appeared_unseen: bool,
}

fn holding(quantity: u64, cost: &str) -> Option<Holding> {
    Some(Holding { quantity, average_cost: Some(usd(cost)) })
}

fn seen(quantity: u64, cost: &str) -> Option<SeenHolding> {
    holding(quantity, cost).map(|holding| SeenHolding { since: date("2027-02-01"), holding })
}

impl World {
    /// 30 shares at 98; the quote is unchanged.
    fn calm() -> World {
        World {
            journal: TestJournal::default(),
            date: day(),
            base: Some(usd("100.10")),
            close: Some(usd("100.20")),
            seen: seen(30, "98"),
            held: holding(30, "98"),
            appeared_unseen: false,
        }
    }

    /// The quote is split 3:1, the account is not.
    fn split() -> World {
        World { base: Some(usd("33.40")), ..World::calm() }
    }

    fn judge(&self) -> Option<Record> {
        judge_split(&SplitFacts {
            symbol: &symbol("AA"),
            trading_date: self.date,
            journal: &self.journal.state,
            last: self.base,
            base: self.base,
            close: self.close,
            seen: self.seen,
            held: self.held,
            appeared_unseen: self.appeared_unseen,
        })
    }

    /// Judges, writes the line down, and says what it says.
    fn look(&mut self) -> String {
        let Some(record) = self.judge() else { return "nothing".to_owned() };
        self.journal.tell(record.clone());
        match record {
            Record::SplitSuspected(SplitSuspicion { ratio, sign, .. }) => format!("suspected {ratio} by {sign}"),
            Record::SplitOver { .. } => "over".to_owned(),
            Record::Unit(Unit { factor, from, .. }) => format!("unit {factor} from {from}"),
            other => panic!("{other:?}"),
        }
    }

    /// The next trading date begins: yesterday's close and today's base are one price.
    fn next_date(&mut self, date: &str, price: &str) {
        (self.date, self.base, self.close) = (date.parse().unwrap(), Some(usd(price)), Some(usd(price)));
    }
}

#[test]
fn what_was_bought_while_no_run_looked_is_in_the_units_of_the_price_that_its_cost_is_close_to() {
    // Before a split the price was 100; now it is what the split makes of it, or a little else.
    for (base, cost, expected) in [
        ("66.67", "100", "suspected 3:2 by price"),
        ("66.67", "66.67", "unit 3:2 from 2027-03-09"),
        ("66.67", "60.61", "unit 3:2 from 2027-03-09"),
        ("66.67", "60.60", "suspected 3:2 by price"),
        ("66.67", "71.43", "unit 3:2 from 2027-03-09"),
        ("66.67", "71.44", "suspected 3:2 by price"),
        ("33.33", "30.31", "unit 3:1 from 2027-03-09"),
        ("33.33", "100", "suspected 3:1 by price"),
        ("200", "190", "unit 1:2 from 2027-03-09"),
        ("200", "100", "suspected 1:2 by price"),
        // Small splits leave it open.
        ("83.33", "83.33", "suspected 6:5 by price"),
        ("80", "80", "suspected 5:4 by price"),
    ] {
        let (held, base) = (holding(30, cost), Some(usd(base)));
        let mut world =
            World { base, close: Some(usd("100")), seen: None, held, appeared_unseen: true, ..World::calm() };
        assert_eq!(world.look(), expected, "{cost}");
        let mut known = World { base, close: Some(usd("100")), seen: None, held, ..World::calm() };
        assert!(known.look().starts_with("suspected"), "{cost}: only of what appeared unseen");
    }
}

#[test]
fn a_price_step_sets_a_holding_aside_until_the_account_follows() {
    let mut world = World::split();
    assert_eq!(world.look(), "suspected 3:1 by price");
    let skip = check_set_aside(&world.journal.state, &symbol("AA")).unwrap_err();
    assert_eq!(skip.rule, Rule::SplitSuspected);
    for figure in ["33.40", "100.20", "3:1", "30 at 98.00", "2027-03-09", "--settle price=AA"] {
        assert!(skip.detail.contains(figure), "{figure}: {}", skip.detail);
    }
    assert!(skip.detail.ko.starts_with("종가 $100.20이 지금 시세에서는 $33.40: 3:1 액면분할"), "{}", skip.detail.ko);
    for figure in ["33.40", "100.20", "3:1", "30주", "98.00", "2027-03-09", "--settle price=AA"] {
        assert!(skip.detail.ko.contains(figure), "{figure}: {}", skip.detail.ko);
    }
    assert_eq!(world.journal.state.counted_price(&symbol("AA")), Some(usd("100.20")));
    assert_eq!(world.look(), "nothing", "once");
    world.next_date("2027-03-10", "33.9");
    assert_eq!(world.look(), "nothing");
    world.held = holding(90, "32.67");
    assert_eq!(world.look(), "unit 3:1 from 2027-03-09");
    assert_eq!(check_set_aside(&world.journal.state, &symbol("AA")), Ok(()));
    assert_eq!(world.journal.state.counted_price(&symbol("AA")), None);
    assert_eq!(world.look(), "nothing");
}

#[test]
fn what_follows_a_split() {
    for (held, follows) in [
        (holding(90, "32.67"), true),
        (holding(91, "33.30"), true),
        (holding(88, "32.10"), true),
        (holding(87, "32.67"), false),
        (holding(93, "32.67"), false),
        (holding(90, "33.40"), false),
        (holding(90, "98"), false),
        (holding(30, "32.67"), false),
        (Some(Holding { quantity: 90, average_cost: None }), false),
    ] {
        let mut world = World::split();
        world.look();
        world.held = held;
        assert_eq!(world.look() == "unit 3:1 from 2027-03-09", follows, "{held:?}");
    }
    // A fraction of a share is paid for.
    let mut world = World { base: Some(usd("200.4")), seen: seen(3, "98"), held: holding(3, "98"), ..World::calm() };
    assert_eq!(world.look(), "suspected 1:2 by price");
    world.held = holding(1, "196");
    assert_eq!(world.look(), "unit 1:2 from 2027-03-09");
}

#[test]
fn six_trading_dates_are_the_longest() {
    let mut world = World::split();
    world.look();
    for date in ["2027-03-10", "2027-03-11", "2027-03-12", "2027-03-15", "2027-03-16"] {
        world.next_date(date, "33");
        assert_eq!(world.look(), "nothing", "{date}");
    }
    world.next_date("2027-03-17", "33");
    assert_eq!(world.look(), "over");
    assert_eq!(check_set_aside(&world.journal.state, &symbol("AA")), Ok(()));
    assert_eq!(world.look(), "nothing");
    // And a very slow account is known for what it is.
    world.next_date("2027-03-19", "33");
    world.held = holding(90, "32.67");
    assert_eq!(world.look(), "unit 3:1 from 2027-03-09");
}

#[test]
fn of_a_symbol_not_held_a_large_step_is_certain_and_a_small_one_waits() {
    for (base, expected) in [
        ("50.1", "unit 2:1 from 2027-03-09"),
        ("200.4", "unit 1:2 from 2027-03-09"),
        ("66.8", "suspected 3:2 by price"),
        ("120.24", "suspected 5:6 by price"),
    ] {
        let mut world = World { base: Some(usd(base)), seen: None, held: None, ..World::calm() };
        assert_eq!(world.look(), expected, "{base}");
        assert_eq!(world.look(), "nothing", "{base}: the same step is told once");
    }
    // By the journal it is held: an empty balance is no proof.
    let mut world = World { seen: None, held: None, ..World::split() };
    world.journal.filled(Side::Buy, "AA", 30, "98");
    assert_eq!(world.look(), "suspected 3:1 by price");
    assert_eq!(world.look(), "nothing");
}

#[test]
fn an_account_that_moves_first_waits_for_the_quote() {
    let mut world = World { held: holding(90, "32.67"), ..World::calm() };
    assert_eq!(world.look(), "suspected 3:1 by account");
    assert_eq!(world.journal.state.counted_price(&symbol("AA")), Some(usd("33.4")), "in the balance's units");
    let skip = check_set_aside(&world.journal.state, &symbol("AA")).unwrap_err();
    assert!(skip.detail.contains("30 at 98.00") && skip.detail.contains("3:1"), "{}", skip.detail);
    world.next_date("2027-03-10", "100");
    assert_eq!(world.look(), "nothing");
    world.date = date("2027-03-11");
    (world.base, world.close) = (Some(usd("33.3")), Some(usd("100")));
    assert_eq!(world.look(), "unit 3:1 from 2027-03-11");
}

#[test]
fn a_quote_that_went_over_unseen_is_known_by_the_costs() {
    for (before, after, price, ratio) in [
        ((10, "100"), (100, "10"), "9.5", "10:1"),
        ((100, "10"), (10, "100"), "95", "1:10"),
        ((10, "100"), (20, "50"), "41", "2:1"),
    ] {
        let mut world = World { seen: seen(before.0, before.1), held: holding(after.0, after.1), ..World::calm() };
        world.next_date("2027-03-09", price);
        assert_eq!(world.look(), format!("unit {ratio} from 2027-03-09"));
    }
    for (before, after, price, ratio) in [
        ((10, "100"), (20, "50"), "100", "2:1"),
        ((10, "100"), (20, "50"), "39", "2:1"),
        ((10, "100"), (12, "83.33"), "85", "6:5"),
        ((20, "50"), (10, "100"), "79", "1:2"),
    ] {
        let mut world = World { seen: seen(before.0, before.1), held: holding(after.0, after.1), ..World::calm() };
        world.next_date("2027-03-09", price);
        assert_eq!(world.look(), format!("suspected {ratio} by account"), "{price}");
    }
}

#[test]
fn both_at_once_are_certain() {
    let mut world = World { held: holding(90, "32.67"), ..World::split() };
    assert_eq!(world.look(), "unit 3:1 from 2027-03-09");
    // The run that wrote it died before the new balance was remembered.
    assert_eq!(world.look(), "nothing");
    world.next_date("2027-03-10", "33");
    assert_eq!(world.look(), "nothing");
}

#[test]
fn trades_are_no_splits_and_what_was_not_seen_is_none() {
    type Bend = fn(&mut World);
    let cases: [(&str, Bend); 9] = [
        ("bought more", |world| world.held = holding(60, "95")),
        ("sold some", |world| world.held = holding(15, "98")),
        ("sold all", |world| world.held = None),
        ("bought the first", |world| world.seen = None),
        ("changed today already", |world| {
            world.held = holding(90, "32.67");
            world.seen = world.seen.map(|seen| SeenHolding { since: day(), ..seen });
        }),
        ("no close", |world| (world.close, world.base) = (None, Some(usd("33.40")))),
        ("no base", |world| world.base = None),
        ("earnings", |world| world.base = Some(usd("77.15"))),
        ("a leap", |world| world.base = Some(usd("130.3"))),
    ];
    for (name, bend) in cases {
        let mut world = World::calm();
        bend(&mut world);
        assert_eq!(world.look(), "nothing", "{name}");
    }
}

#[test]
fn what_is_bought_after_all_was_sold_is_no_split_whatever_it_cost() {
    for (sold, expected) in [(30, "nothing"), (29, "suspected 6:5 by account")] {
        let mut world = World { held: holding(36, "81.70"), ..World::calm() };
        world.journal.filled(Side::Sell, "AA", sold, "80");
        world.journal.filled(Side::Buy, "AA", 36, "81.70");
        assert_eq!(world.look(), expected, "{sold} of 30 sold");
    }
    // What was sold before the balance was seen like this says nothing.
    let mut world = World { held: holding(36, "81.70"), ..World::calm() };
    world.journal.filled(Side::Sell, "AA", 30, "80");
    world.seen = seen(30, "98").map(|seen| SeenHolding { since: day(), ..seen });
    world.next_date("2027-03-10", "80");
    assert_eq!(world.look(), "suspected 6:5 by account");
}

#[test]
fn a_persons_word_ends_it_and_a_large_step_changes_units() {
    for (base, unit) in [("33.40", Some("3:1")), ("66.80", None)] {
        let mut world = World { base: Some(usd(base)), ..World::calm() };
        world.look();
        let unit_of = |world: &World| settled_unit(world.journal.state.set_aside(&symbol("AA")).unwrap());
        assert_eq!(unit_of(&world).map(|unit| unit.factor.to_string()).as_deref(), unit, "{base}");
        world.journal.tell(Record::Human(HumanVerdict::PriceIsRight { symbol: symbol("AA") }));
        assert_eq!(world.look(), "nothing", "{base}: nor is it suspected again");
        assert_eq!(check_set_aside(&world.journal.state, &symbol("AA")), Ok(()));
    }
}

#[test]
fn a_close_is_asked_for_where_none_was_seen_or_one_that_hardly_fits() {
    let price = |text: &str| Some(usd(text));
    for (close, base, is_known, expected) in [
        (None, price("33"), true, true),
        (None, price("33"), false, false),
        (Some(None), price("33"), true, false),
        (Some(price("100")), price("100"), true, false),
        (Some(price("100")), price("90"), true, false),
        (Some(price("100")), price("89.9"), true, true),
        (Some(price("100")), price("110.1"), true, true),
        (Some(price("100")), None, true, false),
    ] {
        assert_eq!(wants_close(close, base, is_known), expected, "{close:?} {base:?} {is_known}");
    }
}

#[test]
fn prices_and_shares_are_kept_in_todays_units() {
    let mut journal = TestJournal::default();
    journal.filled(Side::Sell, "AA", 5, "120");
    let open = journal.open(Side::Sell, "AA", 3, "121");
    journal.filled(Side::Buy, "AA", 30, "98");
    journal.tell(Record::Unit(Unit { symbol: symbol("AA"), factor: "3:1".parse().unwrap(), from: date("2027-03-10") }));
    assert_eq!(journal.state.last_sells[&symbol("AA")].price, usd("40"));
    assert_eq!(journal.state.own_shares(&symbol("AA")), 90);
    // A fill of the day before the split that is seen after it.
    journal.sees(&open, IntentState::Filled, 3, 0, "121.5");
    assert_eq!(journal.state.last_sells[&symbol("AA")].price, usd("40.5"));
    assert_eq!(journal.state.own_shares(&symbol("AA")), 81);
    // A unit that becomes certain late leaves what was sold since alone.
    let from = day();
    journal.tell(Record::Unit(Unit { symbol: symbol("AA"), factor: "2:1".parse().unwrap(), from }));
    assert_eq!(journal.state.last_sells[&symbol("AA")].price, usd("40.5"));
    let text = serde_json::to_string(&journal.state).unwrap();
    assert_eq!(serde_json::from_str::<JournalState>(&text).unwrap().restored(at("10:00:00")), journal.state);
}

/// Every bar of the market data: from what was seen in the last hour to the close, on a path that goes straight from the day's
/// far extreme at two thirds of the session to its close.
#[test]
fn no_real_day_looks_like_a_split() {
    let mut days = 0;
    for bars in [
        include_str!("../../../tests/kis-sim/market-data/AAPL.csv"),
        include_str!("../../../tests/kis-sim/market-data/AMZN.csv"),
        include_str!("../../../tests/kis-sim/market-data/GOOGL.csv"),
        include_str!("../../../tests/kis-sim/market-data/META.csv"),
        include_str!("../../../tests/kis-sim/market-data/MSFT.csv"),
        include_str!("../../../tests/kis-sim/market-data/NVDA.csv"),
        include_str!("../../../tests/kis-sim/market-data/SOXL.csv"),
        include_str!("../../../tests/kis-sim/market-data/TQQQ.csv"),
        include_str!("../../../tests/kis-sim/market-data/TSLA.csv"),
    ] {
        for bar in bars.lines().skip(1) {
            let prices: Vec<Usd> = bar.split(',').skip(1).take(4).map(usd).collect();
            let [open, high, low, close] = prices[..] else { panic!("{bar}") };
            let far = if close >= open { high } else { low };
            // 15:00 is at 11/13 of the session: 7/13 of the way from the far extreme to the close.
            for part in [7, 9, 11, 13] {
                let seen = Usd(far.0 + (close - far).0 * Decimal::from(part) / Decimal::from(13));
                assert_eq!(usual_ratio(seen, close, PRICE_TOLERANCE), None, "{bar}: {seen}");
            }
            days += 1;
        }
    }
    assert!(days > 3_000, "{days}");
}
