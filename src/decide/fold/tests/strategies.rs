//! Sheets in the journal: one a date, never changed, and what a snapshot keeps of them.

use super::*;
use crate::decide::strategy::test_support::{intent_for, journal_with, ledger, send, sheet};
use crate::domain::{Adopted, Json, Sheet};

fn adopted() -> Record {
    Record::Adopted(Adopted { strategy: "s".to_owned(), ledger: ledger("500", 7, "40"), state: Json::default() })
}

#[test]
fn a_sheet_of_a_date_is_never_changed_and_none_is_older_than_the_latest() {
    let first = sheet(&["buy 3@60 loc"]);
    let journal = journal_with(&first);
    let more = sheet(&["buy 3@60 loc", "buy 1@50 loc"]);
    let changed = sheet(&["buy 4@60 loc"]);
    let fewer = sheet(&[]);
    let others = Sheet { ledger: ledger("1", 0, "0"), ..first.clone() };
    let older = Sheet { date: date("2027-03-08"), ..first.clone() };
    let next = Sheet { date: date("2027-03-10"), ..changed.clone() };
    let of_another = Sheet { strategy: "t".to_owned(), ..changed.clone() };
    for (name, sheet, fits) in [
        ("more lines", &more, true),
        ("the same again", &first, true),
        ("another line", &changed, false),
        ("a line less", &fewer, false),
        ("another ledger", &others, false),
        ("of an earlier date", &older, false),
        ("of the next date", &next, true),
        ("of another strategy", &of_another, true),
    ] {
        let checked = journal.state.check(&Record::Sheet(sheet.clone()));
        let wrong = FoldError::SheetChanged(sheet.strategy.clone(), sheet.date);
        assert_eq!(checked, if fits { Ok(()) } else { Err(wrong) }, "{name}");
    }
}

#[test]
fn a_persons_word_counts_until_the_next_sheet_begins_with_it() {
    let first = sheet(&["buy 3@60 loc"]);
    let mut journal = journal_with(&first);
    let is_adopted = |journal: &TestJournal| journal.state.strategy("s").unwrap().adopted.is_some();
    journal.tell(adopted());
    assert!(is_adopted(&journal));
    journal.tell(Record::Sheet(sheet(&["buy 3@60 loc", "buy 1@50 loc"])));
    assert!(is_adopted(&journal), "a sheet that grows within its date does not begin anew");
    journal.tell(Record::Sheet(Sheet { date: date("2027-03-10"), ..first }));
    assert!(!is_adopted(&journal));
    assert_eq!(journal.state.strategy("s").unwrap().since, Some(day()));
}

#[test]
fn a_withdrawn_sheet_is_that_of_its_date() {
    let mut journal = journal_with(&sheet(&["buy 3@60 loc"]));
    journal.tell(Record::SheetWithdrawn { strategy: "s".to_owned(), date: day() });
    let book = journal.state.strategy("s").unwrap();
    assert_eq!((book.is_withdrawn(day()), book.is_withdrawn(date("2027-03-10"))), (true, false));
}

#[test]
fn the_orders_of_the_latest_sheet_are_kept_until_the_next_one_has_booked_them() {
    let first = sheet(&["buy 3@60 loc", "sell 2@70 loc"]);
    let mut journal = journal_with(&first);
    send(&mut journal, intent_for(&first, 0, 1), IntentState::Filled, 2, "70");
    send(&mut journal, intent_for(&first, 1, 2), IntentState::Expired, 0, "0");
    journal.filled(Side::Sell, "AA", 1, "10");
    journal.tell(Record::DayClosed { date: day() });
    let in_two_months = |state: &JournalState| {
        let newest_at = Some(at("12:00:00") + TimeDelta::days(60));
        JournalState { newest_at, ..state.clone() }.pruned()
    };
    let left = in_two_months(&journal.state);
    assert_eq!(left.entries.len(), 2, "nobody ran it for two months");
    assert_eq!(left.strategies, journal.state.strategies);
    let written = serde_json::to_string(&left).unwrap();
    assert_eq!(serde_json::from_str::<JournalState>(&written).unwrap().strategies, journal.state.strategies);
    journal.tell(Record::Sheet(Sheet { date: date("2027-03-10"), ..first }));
    assert_eq!(in_two_months(&journal.state).entries.len(), 0);
}

#[test]
fn a_symbol_belongs_to_the_strategy_whose_sheet_it_is_in() {
    let journal = journal_with(&sheet(&["buy 3@60 loc"]));
    assert!(journal.state.is_of_strategy(&symbol("TQQQ")));
    assert!(!journal.state.is_of_strategy(&symbol("AA")));
}
