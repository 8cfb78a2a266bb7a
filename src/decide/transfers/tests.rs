//! Looks at cash, one after the other.

use super::*;
use crate::decide::test_support::*;
use crate::domain::{BrokerOrder, HumanVerdict, IntentState, Record};

/// An order of another hand: shares ordered, filled, and the price of both.
fn traded(number: &str, side: Side, quantity: u64, filled: u64, price: &str) -> BrokerOrder {
    let average_price = if filled > 0 { usd(price) } else { Usd::ZERO };
    let remaining_quantity = quantity - filled;
    BrokerOrder {
        filled_quantity: filled,
        remaining_quantity,
        average_price,
        ..row(number, side, "XX", quantity, price)
    }
}

/// Looks one after the other; each with its cash and the rows of its list. What each found, and the sum of transfers.
fn looks(all: &[(&str, &str, Vec<BrokerOrder>)]) -> (Vec<String>, String, Books) {
    looks_with(&JournalState::default(), all)
}

fn looks_with(journal: &JournalState, all: &[(&str, &str, Vec<BrokerOrder>)]) -> (Vec<String>, String, Books) {
    let (mut books, mut found): (Option<Books>, Vec<String>) = (None, Vec::new());
    for (wall, cash, rows) in all {
        let list = list(wall, rows.clone());
        let total = usd("10000");
        let look =
            Look { at: at(wall), date: day(), cash: usd(cash), total, list: &list, listed_from: date("2027-03-08") };
        let judged = judge(books.as_ref(), journal, &look);
        let is_found = judged.transfer.is_some();
        found
            .extend(judged.transfer.map(|transfer| format!("{} seen {}", transfer.usd, transfer.seen.format("%H:%M"))));
        books = Some(if is_found { judged.books.booked() } else { judged.books });
    }
    let books = books.unwrap();
    (found, books.moved().to_string(), books)
}

#[test]
fn what_no_fill_explains_moves_the_base_at_once_and_is_a_transfer_the_second_time() {
    let none = Vec::new;
    let (found, moved, _) = looks(&[("10:00:00", "8000", none()), ("10:30:00", "3000", none())]);
    assert_eq!((found, moved.as_str()), (vec![], "-5000.00"));
    let (found, moved, _) =
        looks(&[("10:00:00", "8000", none()), ("10:30:00", "3000", none()), ("11:00:00", "3010", none())]);
    // 10:30 in UTC-4 is 15:30 by the stamp's clock.
    assert_eq!((found.len(), moved.as_str()), (1, "-4990.00"));
    assert!(found[0].starts_with("-4990.00 seen"), "{found:?}");
    let back = [("10:00:00", "8000", none()), ("10:30:00", "3000", none()), ("11:00:00", "8010", none())];
    assert_eq!(looks(&back).1, "0.00", "the balance only lagged");
    let small = [("10:00:00", "8000", none()), ("10:30:00", "7901", none()), ("11:00:00", "7901", none())];
    assert_eq!(looks(&small).1, "0.00", "fees and what KIS holds back");
}

#[test]
fn fills_and_open_orders_of_whoever_explain_cash() {
    use Side::{Buy, Sell};
    for (cash, rows) in [
        ("7000", vec![traded("1", Buy, 10, 10, "100")]),
        ("7000", vec![traded("1", Buy, 10, 0, "100")]),
        ("7000", vec![traded("1", Buy, 10, 4, "100")]),
        ("9000", vec![traded("1", Sell, 10, 10, "100")]),
        ("8000", vec![traded("1", Sell, 10, 0, "100")]),
        ("8500", vec![traded("1", Buy, 5, 5, "100"), traded("2", Sell, 10, 10, "100")]),
        // Two percent of what was traded may be fees.
        ("3900", vec![traded("1", Buy, 40, 40, "100")]),
    ] {
        let all = [("10:00:00", "8000", vec![]), ("10:30:00", cash, rows.clone()), ("11:00:00", cash, rows.clone())];
        assert_eq!(looks(&all).1, "0.00", "{cash} {rows:?}");
    }
}

#[test]
fn proceeds_that_have_not_settled_are_no_transfer_and_count() {
    let sold = || vec![traded("1", Side::Sell, 10, 10, "300")];
    let all = [("10:00:00", "8000", vec![]), ("10:30:00", "8000", sold()), ("11:00:00", "8000", sold())];
    let (found, moved, books) = looks(&all);
    assert_eq!((found, moved.as_str(), books.pending), (vec![], "0.00", usd("3000")));
    let settled = [all[0].clone(), all[1].clone(), ("11:00:00", "11000", sold())];
    let (found, moved, books) = looks(&settled);
    assert_eq!((found, moved.as_str(), books.pending), (vec![], "0.00", Usd::ZERO));
}

/// Proceeds are to come, and money seems to have gone for a moment: what comes then is both.
#[test]
fn proceeds_that_come_while_something_is_in_doubt_settle_it() {
    let sold = || vec![traded("1", Side::Sell, 10, 10, "300")];
    let all = [
        ("10:00:00", "8000", vec![]),
        ("10:30:00", "8000", sold()),
        ("11:00:00", "7000", sold()),
        ("11:30:00", "11000", sold()),
    ];
    assert_eq!(looks(&all[..3]).2.doubt.map(|doubt| doubt.usd), Some(usd("-1000")));
    let (found, moved, books) = looks(&all);
    assert_eq!((found, moved.as_str(), books.pending, books.doubt), (vec![], "0.00", Usd::ZERO, None));
}

/// Cash shows a fill before the list does: too little to wonder at, and then the list shows it.
#[test]
fn what_was_let_pass_may_be_taken_back() {
    let bought = || vec![traded("1", Side::Buy, 1, 1, "101")];
    let beside = || vec![traded("2", Side::Sell, 1, 1, "100")];
    let all = [
        ("10:00:00", "8000", vec![]),
        ("10:30:00", "7999", beside()),
        ("11:00:00", "7999", [bought(), beside()].concat()),
        ("11:30:00", "7999", [bought(), beside()].concat()),
    ];
    assert_eq!(looks(&all[..2]).2.let_pass, usd("-101"));
    let (found, moved, books) = looks(&all);
    assert_eq!((found, moved.as_str(), books.doubt), (vec![], "0.00", None));
}

/// An order that no list ever showed: a person says that it filled.
#[test]
fn a_fill_of_which_only_a_person_told_explains_cash() {
    let first = looks(&[("09:45:00", "8000", vec![])]).2;
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 10, "100");
    let list = list("15:30:00", vec![]);
    let looked = |before: &Books, journal: &JournalState, wall: &str| {
        let (at, date, listed_from) = (at(wall), day(), day());
        let look = Look { at, date, cash: usd("7000"), total: usd("10000"), list: &list, listed_from };
        judge(Some(before), journal, &look)
    };
    let before = looked(&first, &journal.state, "09:50:00").books;
    assert_eq!(before.doubt.map(|doubt| doubt.usd), Some(usd("-1000")));
    let (intent, state) = (id, IntentState::Filled);
    let (filled_quantity, average_price) = (10, usd("100"));
    journal.tell(Record::Human(HumanVerdict::IsFilled { intent, filled_quantity, average_price, state }));
    let after = looked(&before, &journal.state, "15:30:00");
    assert_eq!((after.transfer, after.books.doubt, after.moved), (None, None, Usd::ZERO));
}

/// `status` counts a fill of the date before; then `sell` writes it down, and by the next look its date has left the list.
#[test]
fn a_fill_that_was_counted_is_not_counted_again_when_it_is_written_down() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Sell, "AA", 10, "240");
    let next = date("2027-03-10");
    let looked = |before: Option<&Books>, journal: &JournalState, at: &str, cash: &str, row: BrokerOrder| {
        let list = list("10:00:00", vec![row]);
        let (at, cash, total) = (at.parse().unwrap(), usd(cash), usd("13000"));
        judge(before, journal, &Look { at, date: next, cash, total, list: &list, listed_from: day() }).books
    };
    let yesterdays = BrokerOrder { symbol: "AA".parse().unwrap(), ..traded("1001", Side::Sell, 10, 10, "240") };
    let todays = BrokerOrder { date: next, ..traded("2", Side::Sell, 10, 10, "250") };
    let counted = looked(None, &journal.state, "2027-03-10T15:00:00Z", "8000", yesterdays);
    let stamp = stamp("2027-03-10T15:30:00Z".parse().unwrap());
    journal.state.apply(&stamp, &journal.observation(&id, IntentState::Filled, 10, 0, "240")).unwrap();
    let books = looked(Some(&counted), &journal.state, "2027-03-10T16:00:00Z", "10500", todays);
    assert_eq!((books.pending, books.doubt, books.moved()), (Usd::ZERO, None, Usd::ZERO));
}

/// A list from before a cancel and the cash from after it, and meanwhile something else was sold.
#[test]
fn what_only_a_moment_showed_is_neither_transfer_nor_proceeds() {
    let open = || traded("1", Side::Buy, 10, 0, "200");
    let cancelled = || BrokerOrder { remaining_quantity: 0, ..open() };
    let sold = || traded("2", Side::Sell, 7, 7, "300");
    let all = [
        ("10:00:00", "8000", vec![]),
        ("10:30:00", "8000", vec![open()]),
        ("11:00:00", "10100", vec![cancelled(), sold()]),
        ("11:30:00", "10100", vec![cancelled(), sold()]),
    ];
    let (found, moved, books) = looks(&all);
    assert_eq!((found, moved.as_str(), books.pending), (vec![], "0.00", Usd::ZERO));
}

/// Money came in, and at the same look a sale showed in cash before it showed in the list.
#[test]
fn what_the_list_shows_late_takes_a_doubt_back() {
    let sold = || vec![traded("1", Side::Sell, 17, 17, "100")];
    let all = [
        ("10:00:00", "8000", vec![]),
        ("10:30:00", "14700", vec![]),
        ("11:00:00", "14700", sold()),
        ("11:30:00", "14700", sold()),
    ];
    assert_eq!(looks(&all[..3]).2.doubt, Some(Doubt { usd: usd("5000"), seen: at("11:00:00") }));
    let (found, moved, books) = looks(&all);
    assert_eq!((found.len(), moved.as_str(), books.pending), (1, "5000.00", Usd::ZERO));
}

/// Money went, then a sale showed in cash before it showed in the list.
#[test]
fn a_sale_that_cash_shows_first_is_neither_proceeds_to_come_nor_part_of_a_doubt() {
    let sold = || vec![traded("1", Side::Sell, 17, 17, "100")];
    let all = [
        ("10:00:00", "8000", vec![]),
        ("10:30:00", "3000", vec![]),
        ("11:00:00", "4700", vec![]),
        ("11:30:00", "4700", sold()),
        ("12:00:00", "4700", sold()),
    ];
    let (found, moved, books) = looks(&all);
    assert_eq!((found.len(), moved.as_str(), books.pending), (1, "-5000.00", Usd::ZERO));
}

/// A fill right before a cancel shows minutes after it.
#[test]
fn what_own_orders_of_the_date_may_have_moved_is_no_transfer_before_its_last_list() {
    let mut journal = TestJournal::default();
    let id = journal.open(Side::Buy, "AA", 10, "100");
    journal.sees(&id, IntentState::Cancelled, 0, 0, "0");
    let gone =
        |cash: &'static str| [("10:00:00", "8000", vec![]), ("11:00:00", cash, vec![]), ("11:30:00", cash, vec![])];
    let (found, moved, books) = looks_with(&journal.state, &gone("7100"));
    assert_eq!((found.len(), moved.as_str()), (0, "-900.00"), "the base moves at once");
    assert_eq!(books.doubt, Some(Doubt { usd: usd("-900"), seen: at("11:00:00") }));
    assert_eq!(looks_with(&journal.state, &gone("8900")).0.len(), 1, "no buy brings money");
    assert_eq!(looks_with(&journal.state, &gone("6000")).0.len(), 1, "more than it could have taken");
    let tomorrow = |journal: &JournalState| {
        let (list, at) = (list("09:45:00", vec![]), at("09:45:00") + TimeDelta::days(1));
        let (date, listed_from) = (date("2027-03-10"), day());
        let look = Look { at, date, cash: usd("7100"), total: usd("10000"), list: &list, listed_from };
        judge(Some(&books), journal, &look).transfer
    };
    assert_eq!(tomorrow(&journal.state), None);
    journal.tell(Record::DayClosed { date: day() });
    let transfer = Transfer { usd: usd("-900"), seen: at("11:00:00") };
    assert_eq!(tomorrow(&journal.state), Some(transfer), "its last list shows no more");
}

#[test]
fn a_transfer_that_a_dead_run_wrote_down_is_not_found_again() {
    let all = [("10:00:00", "8000", vec![]), ("10:30:00", "3000", vec![])];
    let books = looks(&all).2;
    let mut journal = TestJournal::default();
    journal.tell(Record::Transfer(Transfer { usd: usd("-5000"), seen: at("10:30:00") }));
    let list = list("11:30:00", vec![]);
    let (at, date, listed_from) = (at("11:30:00"), day(), day());
    let look = Look { at, date, cash: usd("3000"), total: usd("10000"), list: &list, listed_from };
    let judged = judge(Some(&books), &journal.state, &look);
    assert_eq!((judged.transfer, judged.books.doubt, judged.moved), (None, None, usd("-5000.00")));
}

/// An order that the list does not show moves no base, and hides no more than itself; the books go on meanwhile.
#[test]
fn what_a_hidden_order_may_have_moved_has_not_come_from_outside() {
    let mut journal = TestJournal::default();
    journal.open(Side::Buy, "AA", 10, "100");
    let mine = || BrokerOrder { order_id: order_id("1001"), ..row("1001", Side::Buy, "AA", 10, "100") };
    let hidden = |rows, side| hidden_value(&journal.state, &list("10:30:00", rows), side);
    assert_eq!(hidden(vec![mine()], Side::Buy), None);
    assert_eq!((hidden(vec![], Side::Buy), hidden(vec![], Side::Sell)), (Some(usd("1000")), None));
    let judged = |before: &Books, wall: &str, cash: &str, rows| {
        let list = list(wall, rows);
        let (at, date, listed_from) = (at(wall), day(), day());
        let look = Look { at, date, cash: usd(cash), total: usd("10000"), list: &list, listed_from };
        judge(Some(before), &journal.state, &look)
    };
    let books = looks(&[("10:00:00", "8000", vec![])]).2;
    for (cash, moved) in [("7000", "0"), ("1000", "-6000"), ("9000", "1000")] {
        let first = judged(&books, "11:00:00", cash, vec![]);
        let second = judged(&first.books, "11:30:00", cash, vec![]);
        assert_eq!((first.moved, second.moved, second.transfer), (usd(moved), usd(moved), None), "{cash}");
    }
    // Nor is it a sale's proceeds to come, and what is small beside it is kept until the list takes it back.
    let sold = || traded("1", Side::Sell, 10, 10, "95");
    let beside_sale = judged(&books, "11:00:00", "7950", vec![sold()]).books;
    assert_eq!((beside_sale.pending, beside_sale.doubt.map(|doubt| doubt.usd)), (Usd::ZERO, Some(usd("-1000"))));
    let small = judged(&books, "11:00:00", "7910", vec![]).books;
    assert_eq!(small.doubt.map(|doubt| doubt.usd), Some(usd("-90")));
    let went = judged(&books, "11:00:00", "1000", vec![]);
    let listed = judged(&went.books, "11:30:00", "1000", vec![mine()]);
    assert_eq!(listed.books.doubt.map(|doubt| doubt.usd), Some(usd("-6000")));
    assert_eq!(
        judged(&listed.books, "12:00:00", "1000", vec![mine()]).transfer.map(|found| found.usd),
        Some(usd("-6000"))
    );
}
