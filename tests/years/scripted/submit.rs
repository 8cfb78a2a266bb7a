//! One order at a desk made of values, written from the trading rules.

use std::time::Duration;

use kis_trade::decide::rule::Rule;
use kis_trade::decide::submit::Decided;
use kis_trade::domain::{
    BrokerOrder, Exchange, IntentState, Job, Observed, OrderKind, OrderList, OrderRequest, OutcomeClass, Purpose,
    Record, Refusal, Side, SubmitOutcome, Witness,
};
use kis_trade::exit::{Failure, Reason};
use kis_trade::language::Sentence;
use kis_trade::story::notes::Notes;
use kis_trade::story::submit::{SubmissionEnd, submit};

use super::office::token;
use super::{Answer, ScriptedDesk, at, order_id, poll_times, row, seconds, start, unreachable};
use crate::support::{symbol, usd};

use Answer::NoSlot;
use OutcomeClass::{Accepted, NotSent, Rejected, TurnedAway, Unknown};

const UNREAD: Answer = Answer::Listed(None);

/// A submission at its end, or where the script ends.
struct Played {
    desk: ScriptedDesk,
    end: Option<Result<SubmissionEnd, Failure>>,
}

impl Played {
    fn state(&self) -> IntentState {
        self.desk.journal.entries.last_key_value().unwrap().1.state
    }

    fn submitted(&self) -> &SubmitOutcome {
        &self.outcome().submitted
    }

    fn outcome(&self) -> &SubmissionEnd {
        self.end.as_ref().expect("an end").as_ref().unwrap_or_else(|failure| panic!("{failure}"))
    }
}

/// Sends a buy of 3 AA at 61.23; the list held 1138, and 1139 belongs to an earlier order just like it.
fn play(script: &[Answer]) -> Played {
    play_at(ScriptedDesk::new(Job::Buy), script)
}

fn play_at(mut desk: ScriptedDesk, script: &[Answer]) -> Played {
    let in_slots = std::mem::take(&mut desk.in_slots);
    let older = send(&mut desk, &[posted_as(Accepted, "1139")]).unwrap().unwrap().intent.id;
    desk.in_slots = in_slots;
    let filled = Record::Observed(Observed {
        intent: older,
        order_id: order_id("1139"),
        state: IntentState::Filled,
        filled_quantity: 3,
        remaining_quantity: 0,
        average_price: usd("61.23"),
        note: String::new(),
    });
    desk.journal.apply(&desk.at, &filled).unwrap();
    (desk.log, desk.posts) = (Vec::new(), 0);
    let end = send(&mut desk, script);
    Played { desk, end }
}

/// Submits the order until the script ends.
fn send(desk: &mut ScriptedDesk, script: &[Answer]) -> Option<Result<SubmissionEnd, Failure>> {
    desk.script = script.iter().cloned().collect();
    let decided = Decided {
        order: OrderRequest {
            exchange: Exchange::Nasdaq,
            symbol: symbol("AA"),
            side: Side::Buy,
            quantity: 3,
            limit_price: usd("61.23"),
            kind: OrderKind::Limit,
        },
        purpose: Purpose::FellMost,
        witness: Witness { held: 3, sellable: 3, cash: Some(usd("1000")) },
        average_cost: None,
        list: &OrderList { read_at: at("10:00:00"), rows: rows(&["1138"]), odd: Vec::new() },
        last: usd("61.23"),
        quoted_at: Duration::from_millis(desk.at.up_ms),
        line: None,
    };
    let mut notes = Notes::default();
    // This desk answers at once: a story that stops asked for more than the script has.
    let mut run = desk.open(&mut notes);
    poll_times(submit(&mut run, &decided), 100)
}

/// Compares what was done for an order, line by line and request by request, and how it ended.
fn expect(script: &[Answer], expected: &str, class: OutcomeClass, state: IntentState) -> Played {
    let played = play(script);
    assert_eq!(played.desk.story(), expected, "{script:?}");
    assert_eq!((played.submitted().class, played.state()), (class, state), "{script:?}");
    assert!(played.desk.script.is_empty(), "{script:?}");
    played
}

fn posted(class: OutcomeClass) -> Answer {
    Answer::Posted(answer(class, None))
}

fn posted_as(class: OutcomeClass, number: &str) -> Answer {
    Answer::Posted(answer(class, Some(number)))
}

fn token_refused() -> Answer {
    Answer::Posted(SubmitOutcome { token_refused: true, ..answer(TurnedAway, None) })
}

fn answer(class: OutcomeClass, number: Option<&str>) -> SubmitOutcome {
    SubmitOutcome {
        class,
        order_id: number.map(order_id),
        msg: "words".to_owned(),
        elapsed_ms: 1,
        ..SubmitOutcome::default()
    }
}

fn new_token() -> Answer {
    Answer::Issued(Ok(token("new", start() + seconds(24 * 3600))))
}

fn no_token() -> Answer {
    Answer::Issued(Err(unreachable()))
}

fn rows(numbers: &[&str]) -> Vec<BrokerOrder> {
    numbers.iter().map(|number| row(number)).collect()
}

fn listed(numbers: &[&str]) -> Answer {
    Answer::Listed(Some(rows(numbers)))
}

#[test]
fn accepted_is_done() {
    let played = expect(&[posted_as(Accepted, "1140")], "intent, post, accepted", Accepted, IntentState::Accepted);
    assert_eq!(played.submitted().order_id, Some(order_id("1140")));
    assert_eq!(played.outcome().intent.baseline, ["1138".parse().unwrap()].into());
    let kept = &played.desk.journal.entries[&played.outcome().intent.id];
    assert_eq!(kept.intent, played.outcome().intent, "what the run tells is what the journal says");
}

#[test]
fn rejected_is_done_and_never_repeated() {
    let rejected = SubmitOutcome { refusal: Some(Refusal::MarketClosed), ..answer(Rejected, None) };
    let script = [Answer::Posted(rejected)];
    let played = expect(&script, "intent, post, rejected", Rejected, IntentState::Rejected);
    let end = played.submitted();
    assert_eq!((end.refusal, end.words().en.as_str()), (Some(Refusal::MarketClosed), "words"));
}

#[test]
fn a_connection_that_never_came_up_is_tried_three_times() {
    let script = [posted(NotSent), posted(NotSent), posted(NotSent)];
    let thrice = "intent, post, notsent, post, notsent, post, notsent!";
    expect(&script, thrice, NotSent, IntentState::NotSent);
    let script = [posted(NotSent), posted_as(Accepted, "1140")];
    expect(&script, "intent, post, notsent, post, accepted", Accepted, IntentState::Accepted);
}

#[test]
fn the_gate_is_asked_again_once_and_only_after_a_list() {
    let script = [posted(TurnedAway), listed(&["1138", "1139"]), posted_as(Accepted, "1140")];
    expect(&script, "intent, post, turnedaway, list, post, accepted", Accepted, IntentState::Accepted);
    let script = [posted(TurnedAway), listed(&[]), posted(TurnedAway), listed(&[])];
    let played = expect(
        &script,
        "intent, post, turnedaway, list, post, turnedaway, list, turnedaway!",
        TurnedAway,
        IntentState::NotSent,
    );
    assert!(played.outcome().renewal_failure.is_none() && !played.submitted().token_refused);
}

#[test]
fn a_refused_order_that_is_listed_was_not_refused() {
    let script = [posted(TurnedAway), listed(&["1140"])];
    let played = expect(&script, "intent, post, turnedaway, list, resolved-accepted", Accepted, IntentState::Accepted);
    assert_eq!(played.submitted().order_id, Some(order_id("1140")));
    let script = [posted(TurnedAway), listed(&["1140", "1141"])];
    expect(&script, "intent, post, turnedaway, list, resolved-ambiguous", Unknown, IntentState::Ambiguous);
}

#[test]
fn without_a_list_a_refused_order_is_unknown() {
    expect(&[posted(TurnedAway), UNREAD], "intent, post, turnedaway, list", Unknown, IntentState::Unknown);
}

#[test]
fn a_refused_token_is_renewed_then_the_list_then_one_repeat() {
    let script = [token_refused(), new_token(), listed(&[]), posted_as(Accepted, "1140")];
    let once = "intent, post, turnedaway, renew, connect new, list, post, accepted";
    expect(&script, once, Accepted, IntentState::Accepted);
    let script = [token_refused(), new_token(), listed(&[]), token_refused(), listed(&[])];
    let twice = "intent, post, turnedaway, renew, connect new, list, post, turnedaway, list, turnedaway!";
    let played = expect(&script, twice, TurnedAway, IntentState::NotSent);
    assert!(played.submitted().token_refused && played.outcome().renewal_failure.is_none());
}

#[test]
fn without_a_fresh_token_nothing_is_sent_again() {
    let script = [token_refused(), no_token()];
    let played = expect(&script, "intent, post, turnedaway, renew, turnedaway!", TurnedAway, IntentState::NotSent);
    let failure = played.outcome().renewal_failure.as_ref().unwrap();
    assert_eq!(failure.reason, Reason::GatewayUnreachable);

    let full = Failure::new(Reason::StateUnwritable, Sentence::verbatim("the disk is full"));
    let mut desk = ScriptedDesk::new(Job::Buy);
    desk.office.token_save = Err(full.clone());
    let played = play_at(desk, &[token_refused(), new_token()]);
    assert_eq!(played.desk.story(), "intent, post, turnedaway, renew, connect new, turnedaway!");
    assert_eq!((played.submitted().class, played.state()), (TurnedAway, IntentState::NotSent));
    assert_eq!(played.outcome().renewal_failure, Some(full));
}

#[test]
fn a_lost_answer_is_looked_up_after_2_and_10_seconds_and_never_sent_again() {
    let (first, second) = ("wait 2, list", "wait 8, list");
    let (open, ambiguous, unknown) = (IntentState::Accepted, IntentState::Ambiguous, IntentState::Unknown);
    for (looks, effects, class, state) in [
        (vec![listed(&["1140"])], format!("{first}, resolved-accepted"), Accepted, open),
        (vec![listed(&["1138"]), listed(&["1140"])], format!("{first}, {second}, resolved-accepted"), Accepted, open),
        (vec![listed(&[]), listed(&[])], format!("{first}, {second}"), Unknown, unknown),
        (vec![UNREAD, UNREAD], format!("{first}, {second}"), Unknown, unknown),
        (vec![UNREAD, listed(&["1140"])], format!("{first}, {second}, resolved-accepted"), Accepted, open),
        (vec![listed(&["1140", "1141"])], format!("{first}, resolved-ambiguous"), Unknown, ambiguous),
    ] {
        let script = [vec![posted(Unknown)], looks].concat();
        expect(&script, &format!("intent, post, unknown, {effects}"), class, state);
    }
}

#[test]
fn a_repeat_can_be_lost_too() {
    let script = [posted(TurnedAway), listed(&[]), posted(Unknown), listed(&[]), listed(&[])];
    let lost = "intent, post, turnedaway, list, post, unknown, wait 2, list, wait 8, list";
    expect(&script, lost, Unknown, IntentState::Unknown);
}

#[test]
fn an_answer_that_names_an_older_order_proves_nothing() {
    for number in ["1138", "0000001139"] {
        let script = [posted_as(Accepted, number), listed(&["1138", "1139"]), listed(&["1138", "1139"])];
        let lost = "intent, post, unknown, wait 2, list, wait 8, list";
        expect(&script, lost, Unknown, IntentState::Unknown);
    }
}

#[test]
fn acceptance_without_a_number_is_unknown() {
    let script = [posted(Accepted), listed(&["1140"])];
    let played =
        expect(&script, "intent, post, unknown, wait 2, list, resolved-accepted", Accepted, IntentState::Accepted);
    assert_eq!(played.submitted().order_id, Some(order_id("1140")));
}

#[test]
fn without_a_time_to_look_an_unknown_order_is_left_to_the_next_run() {
    let mut desk = ScriptedDesk::new(Job::Buy);
    desk.settings.gateway.settle_after.clear();
    let played = play_at(desk, &[posted(Unknown)]);
    assert_eq!((played.desk.story().as_str(), played.submitted().class), ("intent, post, unknown", Unknown));
}

#[test]
fn no_look_for_a_lost_answer_waits_longer_than_five_minutes() {
    let mut desk = ScriptedDesk::new(Job::Buy);
    desk.settings.gateway.settle_after = vec![Duration::from_secs(3600)];
    let played = play_at(desk, &[posted(Unknown), listed(&[])]);
    assert_eq!(played.desk.story(), "intent, post, unknown, wait 300, list");
}

#[test]
fn without_a_rate_slot_the_intent_ends_and_so_does_the_run() {
    let busy = Failure::new(Reason::RateLimited, Sentence::verbatim("no slot"));
    let played = play(&[NoSlot(busy.clone())]);
    assert_eq!(played.end.as_ref().unwrap().as_ref().err(), Some(&busy));
    assert_eq!((played.desk.story().as_str(), played.state()), ("intent, notsent!", IntentState::NotSent));
}

/// Minutes may pass before an order's turn comes. What it rests on is looked at again after that, before each request.
#[test]
fn what_an_order_rests_on_is_looked_at_again_when_its_turn_has_come() {
    type Happen = fn(&mut ScriptedDesk);
    let nothing: Happen = |_| ();
    let happenings: [(&str, Option<Rule>, Happen); 5] = [
        ("a person says so", Some(Rule::Halted), |desk| desk.is_halted = true),
        ("the session ended", Some(Rule::MarketClosed), |desk| desk.pass_seconds(6 * 3600)),
        ("15:30 or later", Some(Rule::AfterBuyUntil), |desk| desk.pass_seconds(5 * 3600 + 30 * 60)),
        ("price", None, |desk| desk.pass_seconds(61)),
        ("order list", Some(Rule::NotPicked), |desk| desk.at.at += seconds(601)),
    ];
    for (words, rule, happen) in happenings {
        for (script, slots, story) in [
            (vec![], vec![happen], "intent, notsent!"),
            (vec![posted(NotSent)], vec![nothing, happen], "intent, post, notsent, notsent!"),
            (vec![posted(TurnedAway), listed(&[])], vec![nothing, happen], "intent, post, turnedaway, list, notsent!"),
        ] {
            let mut desk = ScriptedDesk::new(Job::Buy);
            desk.in_slots = slots.into();
            let played = play_at(desk, &script);
            assert_eq!((played.desk.story().as_str(), played.state()), (story, IntentState::NotSent), "{words}");
            assert_eq!(played.submitted().class, NotSent, "{words}");
            let held_back = played.outcome().held_back.as_ref().unwrap();
            assert_eq!(held_back.rule, rule);
            assert!(held_back.detail.en.contains(words), "{}", held_back.detail);
        }
    }
    let mut desk = ScriptedDesk::new(Job::Buy);
    desk.in_slots = [(|desk| desk.pass_seconds(55)) as Happen].into();
    let played = play_at(desk, &[posted_as(Accepted, "1140")]);
    assert_eq!(played.desk.story(), "intent, post, accepted", "a minute old it may be");
}

#[test]
fn an_order_whose_journal_or_lock_was_replaced_is_not_sent_and_nothing_is_written_beside_the_other_run() {
    let lose: fn(&mut ScriptedDesk) = |desk| desk.has_lost_files = true;
    let mut desk = ScriptedDesk::new(Job::Buy);
    desk.in_slots = [lose].into();
    let played = play_at(desk, &[]);
    assert_eq!(played.desk.story(), "intent");
    assert_eq!(played.end.unwrap().err().unwrap().reason, Reason::StateUnwritable);
}

/// Every path: bounded posts, none after a doubt, none but after the intent, and the journal agrees with the outcome.
#[test]
fn no_path_sends_on_a_doubt() {
    let answers = [
        posted_as(Accepted, "1140"),
        posted(Rejected),
        posted(NotSent),
        posted(TurnedAway),
        token_refused(),
        posted(Unknown),
    ];
    let looks = [listed(&[]), listed(&["1140"]), listed(&["1140", "1141"]), UNREAD];
    let desk = ScriptedDesk::new(Job::Buy);
    let mut open = vec![Vec::new()];
    let mut ended = 0;
    while let Some(path) = open.pop() {
        let played = play_at(desk.clone(), &path);
        let effects = &played.desk.log;
        let doubt = effects.iter().position(|effect| effect == "unknown").unwrap_or(effects.len());
        assert!(!effects[doubt..].contains(&"post".to_owned()), "{path:?} {effects:?}");
        assert_eq!(effects[0], "intent", "{path:?}");
        assert!(played.desk.posts <= 3, "{path:?}");
        let next: &[Answer] = match effects.last().unwrap().as_str() {
            _ if played.end.is_some() => {
                let expected = match played.submitted().class {
                    Accepted => &[IntentState::Accepted][..],
                    Rejected => &[IntentState::Rejected],
                    TurnedAway | NotSent => &[IntentState::NotSent],
                    Unknown => &[IntentState::Unknown, IntentState::Ambiguous],
                };
                assert!(expected.contains(&played.state()), "{path:?} {effects:?} {:?}", played.state());
                ended += 1;
                &[]
            }
            "post" => &answers,
            "list" => &looks,
            "renew" => &[new_token(), no_token()],
            other => panic!("{path:?} stops at {other}"),
        };
        assert!(path.len() < 12, "{path:?} does not end");
        open.extend(next.iter().map(|answer| [&path[..], std::slice::from_ref(answer)].concat()));
    }
    assert!(ended > 100, "{ended} paths");
}
