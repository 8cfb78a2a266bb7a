//! How many shares, at which price, within which limits.

use super::*;

#[test]
fn each_pick_gets_its_share_of_98_percent() {
    for (cash, picks, share) in [("1000", 3, "326.67"), ("1000", 1, "980"), ("100", 2, "49"), ("0", 3, "0")] {
        assert_eq!(share_of_cash(usd(cash), picks).to_cents(), usd(share), "{cash} over {picks}");
    }
    assert_eq!(share_of_cash(usd("1000"), 0), usd("980"));
}

#[test]
fn the_limit_price_is_last_with_the_offset_rounded_up_to_the_tick() {
    for (last, offset, price) in [
        ("10", "0", "10.00"),
        ("10", "0.5", "10.05"),
        ("10.01", "0.5", "10.07"),
        ("12.341", "0", "12.35"),
        ("0.5", "0", "0.50"),
        ("0.12341", "0", "0.1235"),
        ("0.9999", "0", "0.9999"),
        ("0.99991", "0", "1.00"),
        ("0.9999", "1", "1.01"),
        ("1.0001", "0", "1.01"),
        ("1", "0", "1.00"),
    ] {
        let mut world = World::new();
        world.buy.limit_offset_percent = percent(offset);
        let (_, limit_price) = world.size(last, "1000").unwrap();
        assert_eq!(limit_price, price, "{last} + {offset} %");
    }
}

#[test]
fn the_quantity_keeps_to_every_cap() {
    let world = World::new();
    assert_eq!(world.size("10", "100"), ok(10, "10.00"), "exactly paid for");
    assert_eq!(world.size("10", "99.99"), ok(9, "10.00"));
    assert_eq!(world.size("10", "9.99"), Err(Rule::TooExpensive));
    for (change, quantity) in [
        ((|world| world.buy.max_quantity = 3) as fn(&mut World), 3),
        (|world| world.limits.max_order = usd("40"), 4),
        (|world| world.limits.max_order = usd("49.99"), 4),
        (|world| world.limits.max_buy_per_day = usd("59.99"), 5),
        (|world| world.limits.max_position = Some(usd("60")), 6),
        (|world| world.limits.max_position = None, 10),
    ] {
        let mut world = World::new();
        change(&mut world);
        assert_eq!(world.size("10", "100"), ok(quantity, "10.00"));
    }
    for (change, rule) in [
        ((|world| world.limits.max_order = usd("9.99")) as fn(&mut World), Rule::TooExpensive),
        (|world| world.limits.max_buy_per_day = usd("9.99"), Rule::DayLimit),
        (|world| world.limits.max_position = Some(usd("9.99")), Rule::PositionLimit),
    ] {
        let mut world = World::new();
        change(&mut world);
        assert_eq!(world.size("10", "100"), Err(rule));
    }
}

/// A share costs 123.45.
#[test]
fn a_limit_below_one_share_is_told_from_one_that_was_reached() {
    for (change, is_reached, en, ko) in [
        (
            (|world| world.limits.max_position = Some(usd("90"))) as fn(&mut World),
            false,
            "one share costs 123.45 USD, more than the 90.00 USD that [limits] max_position_usd allows",
            "1주가 $123.45인데 [limits] max_position_usd가 $90.00이라 살 수 없습니다",
        ),
        (
            |world| world.limits.max_buy_per_day = usd("123.44"),
            false,
            "one share costs 123.45 USD, more than the 123.44 USD that [limits] max_buy_usd_per_day allows",
            "1주가 $123.45인데 [limits] max_buy_usd_per_day가 $123.44라 살 수 없습니다",
        ),
        (
            |world| world.limits.max_order = usd("100"),
            false,
            "one share costs 123.45 USD, more than the 100.00 USD that [limits] max_order_usd allows",
            "1주가 $123.45인데 [limits] max_order_usd가 $100.00이라 살 수 없습니다",
        ),
        (
            |world| {
                world.limits.max_position = Some(usd("90"));
                world.held.insert(symbol("AA"), 1);
            },
            true,
            "123.45 of 90.00 USD are in it",
            "보유와 미체결 매수가 $123.45입니다(종목당 한도 $90.00)",
        ),
        (
            |world| {
                world.limits.max_buy_per_day = usd("123.45");
                world.journal.open(Side::Buy, "XX", 1, "0.01");
            },
            true,
            "0.01 of 123.45 USD are bought today",
            "오늘 매수 한도 $123.45 중 $0.01을 썼습니다",
        ),
    ] {
        let mut world = World::new();
        change(&mut world);
        let skip = world.order("123.45", "1000", Usd::ZERO, None).unwrap_err();
        assert_eq!((skip.detail.en.as_str(), skip.detail.ko.as_str()), (en, ko));
        assert_eq!(skip.is_reached_limit, is_reached, "{en}");
    }
}

#[test]
fn what_keeps_one_share_from_being_paid_for_is_named() {
    let detail = |share, most| World::new().order("123.45", share, Usd::ZERO, most).unwrap_err().detail;
    assert_eq!(detail("123.444", None), "one share costs 123.45, the share of cash is 123.44");
    assert_eq!(detail("1000", Some(0)), "one share costs 123.45, and KIS allows none");
}

#[test]
fn what_kis_allows_caps_the_symbol_it_was_asked_for() {
    let world = World::new();
    for (most, expected) in [(Some(4), ok(4, "10.00")), (Some(0), Err(Rule::TooExpensive)), (None, ok(10, "10.00"))] {
        assert_eq!(world.size_with("10", "100", Usd::ZERO, most), expected, "{most:?}");
    }
}

/// The day's limit is 100 USD, a share costs 10.
#[test]
fn the_day_limit_counts_open_unknown_and_filled_buys_and_gives_back_what_ended() {
    use IntentState::{Accepted, Cancelled, Expired, Filled, Rejected};
    let allows = |journal: TestJournal, quantity: u64, name: &str| {
        let mut world = World { journal, ..World::new() };
        world.limits.max_buy_per_day = usd("100");
        assert_eq!(world.size("10", "1000"), ok(quantity, "10.00"), "{name}");
        world.day = date("2027-03-10");
        assert_eq!(world.size("10", "1000"), ok(10, "10.00"), "{name}, the next trading date");
    };
    allows(TestJournal::default(), 10, "nothing");
    type Write = fn(&mut TestJournal) -> IntentId;
    let unlisted: [(&str, Write, u64); 5] = [
        ("open", |journal| journal.open(Side::Buy, "XX", 2, "10"), 8),
        ("unknown", |journal| journal.unknown(Side::Buy, "XX", 2, "10"), 8),
        ("rejected", |journal| journal.ended(OutcomeClass::Rejected, Side::Buy, "XX", 4, "10"), 10),
        ("never sent", |journal| journal.ended(OutcomeClass::NotSent, Side::Buy, "XX", 4, "10"), 10),
        ("sells", |journal| journal.filled(Side::Sell, "XX", 4, "10"), 10),
    ];
    for (name, write, quantity) in unlisted {
        let mut journal = TestJournal::default();
        write(&mut journal);
        allows(journal, quantity, name);
    }
    for (name, now, quantity) in [
        ("filled, cheaper", (Filled, 4, 0, "5"), 8),
        ("half filled, half open", (Accepted, 2, 2, "5"), 7),
        ("cancelled after a part", (Cancelled, 1, 0, "10"), 9),
        ("expired unfilled", (Expired, 0, 0, "0"), 10),
        ("refused late", (Rejected, 0, 0, "0"), 10),
        ("nothing left, for an unknown reason", (Accepted, 0, 0, "0"), 6),
    ] {
        let mut journal = TestJournal::default();
        journal.listed(Side::Buy, "XX", 4, "10", now);
        allows(journal, quantity, name);
    }
}

#[test]
fn what_a_dry_run_plans_counts_against_the_day() {
    let mut world = World::new();
    world.limits.max_buy_per_day = usd("100");
    for (planned, expected) in [
        ("0", ok(10, "10.00")),
        ("85", ok(1, "10.00")),
        ("90", ok(1, "10.00")),
        ("90.01", Err(Rule::DayLimit)),
        ("200", Err(Rule::DayLimit)),
    ] {
        assert_eq!(world.size_with("10", "1000", usd(planned), None), expected, "{planned}");
    }
}

#[test]
fn a_position_is_limited_by_what_is_held_and_on_its_way() {
    let mut world = World::new();
    world.limits.max_position = Some(usd("100"));
    world.held.insert(symbol("AA"), 4);
    world.held.insert(symbol("BB"), 50);
    assert_eq!(world.size("10", "1000"), ok(6, "10.00"), "held at last");
    world.journal.open(Side::Buy, "AA", 2, "10");
    world.journal.unknown(Side::Buy, "AA", 1, "10");
    world.journal.open(Side::Buy, "BB", 9, "10");
    world.journal.unknown(Side::Sell, "AA", 9, "10");
    assert_eq!(world.size("10", "1000"), ok(3, "10.00"), "open and unknown buys of this symbol");
    world.held.insert(symbol("AA"), 7);
    assert_eq!(world.size("10", "1000"), Err(Rule::PositionLimit));
    world.held.insert(symbol("AA"), u64::MAX);
    assert_eq!(world.size("10", "1000"), Err(Rule::PositionLimit));
}

#[test]
fn no_two_orders_of_a_day_look_alike() {
    let mut world = World::new();
    world.journal.ended(OutcomeClass::Rejected, Side::Buy, "AA", 10, "10");
    assert_eq!(world.size("10", "105"), ok(10, "10.01"), "moved by a tick");
    assert_eq!(world.size("10", "100"), ok(9, "10.01"), "the moved price still fits the share");
    world.journal.ended(OutcomeClass::NotSent, Side::Buy, "AA", 10, "10.01");
    assert_eq!(world.size("10", "105"), ok(10, "10.02"), "and by another one");
    world.limits.max_order = usd("100.15");
    assert_eq!(world.size("10", "105"), ok(9, "10.02"), "the caps hold at the moved price");
    world.limits.max_order = usd("2000");
    world.limits.max_buy_per_day = usd("100.15");
    assert_eq!(world.size("10", "105"), ok(9, "10.02"));
    world.day = date("2027-03-10");
    assert_eq!(world.size("10", "100"), ok(10, "10.00"), "another day's order is no twin");
}

#[test]
fn only_a_true_twin_moves_the_price() {
    let mut world = World::new();
    world.journal.open(Side::Sell, "AA", 10, "10");
    world.journal.open(Side::Buy, "BB", 10, "10");
    world.journal.open(Side::Buy, "AA", 9, "10");
    world.journal.open(Side::Buy, "AA", 10, "9.99");
    assert_eq!(world.size("10", "105"), ok(10, "10.00"));
    for (twin, last, moved) in [("0.5", "0.5", "0.5001"), ("0.9999", "0.9999", "1.00"), ("1", "1", "1.01")] {
        let mut world = World::new();
        world.journal.open(Side::Buy, "AA", 100, twin);
        assert_eq!(world.size(last, "500"), ok(100, moved), "the tick of {twin}");
    }
}
