//! What answers mean and what lines say, written from the trading rules.

use super::*;
use crate::decide::test_support::*;
use crate::domain::IntentState;

use OutcomeClass::{Accepted, NotSent, Rejected, TurnedAway, Unknown};

/// A buy of 3 AA at 61.23; the list held 1138, and 1139 is claimed by another intent.
fn submission(posts: u32) -> Submission {
    let mut intent = intent(1, Side::Buy, "AA", 3, "61.23");
    intent.baseline.insert(key("1138"));
    Submission { posts, ..Submission::new(intent, vec![key("1139")], vec![]) }
}

fn answer(class: OutcomeClass, number: Option<&str>) -> SubmitOutcome {
    SubmitOutcome {
        class,
        order_id: number.map(order_id),
        branch: Some("01790".to_owned()),
        refusal: Some(Refusal::MarketClosed),
        token_refused: class == TurnedAway,
        rate_limited: false,
        http: Some(200),
        msg_cd: Some("40070000".to_owned()),
        msg: "words".to_owned(),
        no_answer: Sentence::default(),
        elapsed_ms: 1,
    }
}

fn listed(numbers: &[&str]) -> OrderList {
    list("10:00:10", numbers.iter().map(|number| row(number, Side::Buy, "AA", 3, "61.23")).collect())
}

fn line(record: Record) -> Outcome {
    let Record::Outcome(outcome) = record else { panic!("{record:?}") };
    outcome
}

/// What the journal makes of an intent after these lines.
fn state(submission: &Submission, lines: &[Record]) -> IntentState {
    let mut journal = JournalState::default();
    for record in [&[Record::Intent(submission.intent.clone())], lines].concat() {
        journal.apply(&stamp(at("10:00:00")), &record).unwrap();
    }
    journal.entries[&submission.intent.id].state
}

#[test]
fn an_answer_is_taken_as_it_is_and_kept_whole() {
    for (class, number, ends_as) in [
        (Accepted, Some("1140"), IntentState::Accepted),
        (Rejected, None, IntentState::Rejected),
        (TurnedAway, None, IntentState::Unknown),
        (NotSent, None, IntentState::Unknown),
        (Unknown, None, IntentState::Unknown),
    ] {
        let mut submission = submission(1);
        assert_eq!(submission.last_class(), None);
        let (taken, record) = submission.take_answer(answer(class, number));
        assert_eq!(taken, answer(class, number));
        assert_eq!((submission.last_class(), submission.last.as_ref()), (Some(class), Some(&taken)));
        assert_eq!(state(&submission, std::slice::from_ref(&record)), ends_as, "{class:?}");
        let expected = Outcome { intent: submission.intent.id.clone(), answer: taken, attempt: 1, is_final: false };
        assert_eq!(line(record), expected);
    }
}

#[test]
fn the_third_request_that_was_not_sent_is_the_last() {
    for (posts, class, is_final) in
        [(1, NotSent, false), (2, NotSent, false), (3, NotSent, true), (3, TurnedAway, false), (3, Unknown, false)]
    {
        let mut submission = submission(posts);
        let (_, record) = submission.take_answer(answer(class, None));
        let line = line(record);
        assert_eq!((line.attempt, line.is_final), (posts, is_final), "{posts} {class:?}");
    }
}

#[test]
fn an_answer_that_names_an_older_order_proves_nothing() {
    let mut unnumbered = submission(1);
    let (taken, record) = unnumbered.take_answer(answer(Accepted, None));
    assert_eq!((taken.class, line(record).answer.class), (Unknown, Unknown), "accepted without a number");
    for (class, number) in [(Accepted, "1138"), (Accepted, "0000001139"), (Rejected, "1139")] {
        let mut submission = submission(1);
        let (taken, record) = submission.take_answer(answer(class, Some(number)));
        assert_eq!((taken.class, taken.order_id), (Unknown, None), "{number}");
        assert_eq!(taken.msg, "the answer names an order that existed before: words");
        assert_eq!((submission.last_class(), line(record).answer.class), (Some(Unknown), Unknown));
    }
}

#[test]
fn a_listed_order_that_is_neither_older_nor_anothers_could_be_ours() {
    let submission = submission(1);
    let found = |numbers: &[&str]| submission.candidates(&listed(numbers));
    assert_eq!(found(&[]), []);
    assert_eq!(found(&["1138", "1139"]), []);
    assert_eq!(found(&["1138", "1139", "1140"]), [key("1140")]);
    assert_eq!(found(&["1140", "1141"]), [key("1140"), key("1141")]);
    let unlike = row("1140", Side::Buy, "AA", 4, "61.23");
    assert_eq!(submission.candidates(&list("10:00:10", vec![unlike])), []);
}

#[test]
fn one_candidate_is_the_order_and_of_several_none_is_guessed() {
    let mut submission = submission(1);
    let (_, lost) = submission.take_answer(answer(Unknown, None));
    for (numbers, verdict, class, number, candidates, ends_as) in [
        (&["1138", "1140"][..], Verdict::Accepted, Accepted, Some("1140"), &[][..], IntentState::Accepted),
        (&["1140", "1141"], Verdict::Ambiguous, Unknown, None, &["1140", "1141"], IntentState::Ambiguous),
    ] {
        let (record, submitted) = submission.found(&listed(numbers));
        assert_eq!((submitted.class, submitted.order_id), (class, number.map(order_id)));
        assert_eq!(state(&submission, &[lost.clone(), record.clone()]), ends_as);
        let resolved = Resolved {
            intent: submission.intent.id.clone(),
            verdict,
            order_id: number.map(order_id),
            branch: String::new(),
            candidates: candidates.iter().map(|number| key(number)).collect(),
            lists: vec![ListSeen { at: at("10:00:10"), complete: true, rows: 2 }],
        };
        assert_eq!(record, Record::Resolved(resolved));
    }
}

#[test]
fn an_intent_is_given_up_by_its_last_answer() {
    let mut submission = submission(2);
    assert_eq!(submission.given_up(), None, "before any answer nothing can be said");
    let (_, refused) = submission.take_answer(answer(TurnedAway, None));
    let given_up = submission.given_up().unwrap();
    assert_eq!(state(&submission, &[refused.clone(), given_up.clone()]), IntentState::NotSent);
    assert_eq!(line(given_up), Outcome { is_final: true, ..line(refused) });
}

#[test]
fn an_intent_whose_request_could_not_be_tried_was_not_sent() {
    let submission = submission(1);
    let abandoned = submission.abandoned(&"no slot ".repeat(100));
    assert_eq!(state(&submission, std::slice::from_ref(&abandoned)), IntentState::NotSent);
    let line = line(abandoned);
    assert_eq!((line.answer.class, line.attempt, line.is_final), (NotSent, 1, true));
    assert_eq!(line.answer.msg, "no slot ".repeat(25));
}

#[test]
fn the_end_carries_the_last_answer() {
    let mut submission = submission(1);
    let nothing = SubmitOutcome::unanswered(Unknown, None, Sentence::default());
    assert_eq!(submission.ended(Unknown, None), nothing);
    submission.take_answer(answer(NotSent, None));
    submission.take_answer(answer(TurnedAway, None));
    let found = SubmitOutcome { class: TurnedAway, ..answer(Accepted, Some("1140")) };
    assert_eq!(submission.ended(TurnedAway, found.order_id.clone()), SubmitOutcome { token_refused: true, ..found });
    assert_eq!(answer(TurnedAway, None).words(), "40070000 words");
    assert_eq!(SubmitOutcome { msg_cd: None, ..answer(TurnedAway, None) }.words(), "words");
}

#[test]
fn words_on_no_list_are_a_refusal_only_when_they_were_one_before() {
    let said = |code: &str, message: &str| KisWords { code: code.to_owned(), message: message.to_owned() };
    for (known, expected) in [
        (said("40070000", "words"), Rejected),
        (said("40070001", "words"), Unknown),
        (said("40070000", "other words"), Unknown),
    ] {
        let mut submission = Submission { known: vec![known.clone()], ..submission(1) };
        let unlisted = SubmitOutcome { refusal: Some(Refusal::Unlisted), ..answer(Unknown, None) };
        assert_eq!(submission.take_answer(unlisted).0.class, expected, "{known}");
        let lost = SubmitOutcome { refusal: None, ..answer(Unknown, None) };
        assert_eq!(submission.take_answer(lost).0.class, Unknown, "{known}: not a no in words");
    }
}

#[test]
fn a_list_without_the_order_ends_what_the_gateway_could_not_pass_on_and_nothing_else() {
    for (refusal, is_refused) in [(Some(Refusal::System), true), (Some(Refusal::Unlisted), false), (None, false)] {
        let mut submission = submission(1);
        submission.take_answer(SubmitOutcome { refusal, ..answer(Unknown, None) });
        let refused = submission.refused_by_list();
        assert_eq!(refused.is_some(), is_refused, "{refusal:?}");
        if let Some((record, submitted)) = refused {
            assert_eq!((state(&submission, &[record]), submitted.class), (IntentState::Rejected, Rejected));
        }
    }
    assert_eq!(submission(0).refused_by_list(), None, "nothing was answered");
}
