//! What refusals of a date stop, written from the trading rules.

use super::*;
use crate::decide::test_support::*;
use crate::domain::{Intent, OutcomeClass, Record};

/// A buy of AA that KIS refused for this, when there were so many USD to order with.
fn refuse(journal: &mut TestJournal, refusal: Refusal, cash: &str, code: &str, words: &str) {
    let number = u32::try_from(journal.state.entries.len()).unwrap() + 1;
    let mut intent = intent(number, Side::Buy, "AA", 1, &number.to_string());
    intent.witness.cash = Some(usd(cash));
    let Intent { id, .. } = intent.clone();
    journal.tell(Record::Intent(intent));
    let mut refused = outcome(&id, OutcomeClass::Rejected, None);
    (refused.answer.refusal, refused.answer.msg_cd) = (Some(refusal), Some(code.to_owned()));
    refused.answer.msg = words.to_owned();
    journal.tell(Record::Outcome(refused));
}

#[test]
fn after_two_refusals_for_cash_nothing_is_bought_until_the_cash_has_moved() {
    let mut journal = TestJournal::default();
    refuse(&mut journal, Refusal::Cash, "1000", "APBK0952", "words");
    let is_stopped = |journal: &TestJournal, cash: &str| cash_refused(&journal.state, day(), usd(cash)).is_some();
    assert!(!is_stopped(&journal, "1000"), "once");
    refuse(&mut journal, Refusal::MarketClosed, "1000", "APBK0918", "words");
    assert!(!is_stopped(&journal, "1000"), "closed is no want of cash");
    refuse(&mut journal, Refusal::Cash, "2000", "APBK0952", "words");
    for (cash, expected) in [
        ("2000", true),
        ("2020", true),
        ("1980", true),
        ("2020.01", false),
        ("1979.99", false),
        ("1000", false),
        ("0", false),
    ] {
        assert_eq!(is_stopped(&journal, cash), expected, "{cash}: the latest refusal's cash counts");
    }
    let why = cash_refused(&journal.state, day(), usd("2000")).unwrap();
    assert!(why.contains("words") && why.contains("2000.00 USD"), "{why}");
    assert_eq!(cash_refused(&journal.state, date("2027-03-10"), usd("2000")), None, "the next date is free");
    refuse(&mut journal, Refusal::Cash, "0", "APBK0952", "words");
    assert!(!is_stopped(&journal, "5000") && is_stopped(&journal, "0"), "from nothing to something");
}

#[test]
fn words_on_no_list_are_known_once_a_list_has_confirmed_them() {
    let mut journal = TestJournal::default();
    refuse(&mut journal, Refusal::Unlisted, "1000", "APBK9999", "new words");
    refuse(&mut journal, Refusal::Other, "1000", "APBK1507", "known words");
    let id = journal.unknown(Side::Buy, "BB", 1, "10");
    let mut lost = outcome(&id, OutcomeClass::Unknown, None);
    (lost.answer.refusal, lost.answer.msg_cd) = (Some(Refusal::Unlisted), Some("APBK8888".to_owned()));
    journal.tell(Record::Outcome(lost));
    let known = |day| known_words(&journal.state, day).into_iter().map(|said| said.to_string()).collect::<Vec<_>>();
    assert_eq!(known(day()), ["APBK9999 new words"], "an order that may live is no refusal");
    assert_eq!(known(date("2027-03-10")), [""; 0]);
}
