//! Tables for `decide::submit`, written from the trading rules.

use super::*;
use crate::decide::fold::JournalState;
use crate::decide::test_support::*;
use crate::domain::intent::IntentState;
use crate::domain::order::Side;

/// One submission with its journal: `step` performs an append at once and tells the effect in a word.
struct Run {
    submission: Submission,
    journal: JournalState,
    posts: u32,
    last: Option<Submitted>,
}

impl Run {
    /// A buy of 3 AA at 61.23; the list held 1138, and 1139 is claimed by another intent.
    fn new() -> Run {
        let mut intent = intent(1, Side::Buy, "AA", 3, "61.23");
        intent.baseline.insert(order_id("1138"));
        let settle_after = [2, 10].map(Duration::from_secs).to_vec();
        let submission = Submission::new(intent, vec![order_id("1139")], settle_after);
        Run { submission, journal: JournalState::default(), posts: 0, last: None }
    }

    fn step(&mut self, event: Event) -> String {
        match self.submission.step(event) {
            Effect::Append(records) => {
                let kinds: Vec<String> = records.iter().map(|record| self.append(record)).collect();
                format!("append {}; {}", kinds.join(" "), self.step(Event::Appended))
            }
            Effect::Post => {
                self.posts += 1;
                "post".to_owned()
            }
            Effect::RenewToken => "renew".to_owned(),
            Effect::List => "list".to_owned(),
            Effect::Wait(time) => format!("wait {}", time.as_secs()),
            Effect::Done(submitted) => {
                let word = format!("done {:?}", submitted.class).to_lowercase();
                self.last = Some(submitted);
                word
            }
        }
    }

    fn append(&mut self, record: &Record) -> String {
        self.journal.apply(&stamp(at("10:00:00")), record).unwrap();
        match record {
            Record::Intent(_) => "intent".to_owned(),
            Record::Outcome(outcome) => {
                assert_eq!(outcome.attempt, self.posts, "numbered as posted");
                let end = if outcome.is_final { "!" } else { "" };
                format!("{:?}{end}", outcome.class).to_lowercase()
            }
            Record::Resolved(resolved) => format!("resolved-{:?}", resolved.verdict).to_lowercase(),
            other => panic!("unexpected line {other:?}"),
        }
    }

    /// Plays events and compares each effect.
    fn play(steps: &[(Event, &str)]) -> Run {
        let mut run = Run::new();
        for (place, (event, effect)) in steps.iter().enumerate() {
            assert_eq!(run.step(event.clone()), *effect, "step {place}, {event:?}");
        }
        run
    }

    fn state(&self) -> IntentState {
        self.journal.entries.values().next().unwrap().state
    }
}

fn posted(class: OutcomeClass) -> Event {
    posted_as(class, None)
}

fn posted_as(class: OutcomeClass, number: Option<&str>) -> Event {
    Event::Posted(SubmitOutcome {
        class,
        order_id: number.map(order_id),
        branch: None,
        refusal: None,
        token_refused: false,
        http: None,
        msg_cd: None,
        msg: "words".to_owned(),
        elapsed_ms: 1,
    })
}

fn token_refused() -> Event {
    let Event::Posted(outcome) = posted(Refused) else { unreachable!() };
    Event::Posted(SubmitOutcome { token_refused: true, ..outcome })
}

fn listed(numbers: &[&str]) -> Event {
    let rows = numbers.iter().map(|number| row(number, Side::Buy, "AA", 3, "61.23")).collect();
    Event::Listed(Some(list("10:00:10", rows)))
}

use Event::{Renewed, Start, Waited};
use OutcomeClass::{Accepted, NotSent, Refused, Rejected, Unknown};

const UNREAD: Event = Event::Listed(None);

#[test]
fn accepted_is_done() {
    let run = Run::play(&[
        (Start, "append intent; post"),
        (posted_as(Accepted, Some("1140")), "append accepted; done accepted"),
    ]);
    assert_eq!((run.state(), run.posts), (IntentState::Accepted, 1));
    assert_eq!(run.last.unwrap().order_id, Some(order_id("1140")));
}

#[test]
fn rejected_is_done_and_never_repeated() {
    let Event::Posted(outcome) = posted(Rejected) else { unreachable!() };
    let rejected = Event::Posted(SubmitOutcome { refusal: Some(Refusal::MarketClosed), ..outcome });
    let run = Run::play(&[(Start, "append intent; post"), (rejected, "append rejected; done rejected")]);
    assert_eq!((run.state(), run.posts), (IntentState::Rejected, 1));
    let last = run.last.unwrap();
    assert_eq!((last.refusal, last.message.as_str()), (Some(Refusal::MarketClosed), "words"));
}

#[test]
fn a_connection_that_never_came_up_is_tried_three_times() {
    let run = Run::play(&[
        (Start, "append intent; post"),
        (posted(NotSent), "append notsent; post"),
        (posted(NotSent), "append notsent; post"),
        (posted(NotSent), "append notsent!; done notsent"),
    ]);
    assert_eq!((run.state(), run.posts), (IntentState::NotSent, 3));
    let run = Run::play(&[
        (Start, "append intent; post"),
        (posted(NotSent), "append notsent; post"),
        (posted_as(Accepted, Some("1140")), "append accepted; done accepted"),
    ]);
    assert_eq!(run.state(), IntentState::Accepted);
}

#[test]
fn the_gate_is_asked_again_once_and_only_after_a_list() {
    let run = Run::play(&[
        (Start, "append intent; post"),
        (posted(Refused), "append refused; list"),
        (listed(&["1138", "1139"]), "post"),
        (posted_as(Accepted, Some("1140")), "append accepted; done accepted"),
    ]);
    assert_eq!((run.state(), run.posts), (IntentState::Accepted, 2));
    let run = Run::play(&[
        (Start, "append intent; post"),
        (posted(Refused), "append refused; list"),
        (listed(&[]), "post"),
        (posted(Refused), "append refused; list"),
        (listed(&[]), "append refused!; done refused"),
    ]);
    assert_eq!((run.state(), run.posts), (IntentState::NotSent, 2));
}

#[test]
fn a_refused_order_that_is_listed_was_not_refused() {
    let run = Run::play(&[
        (Start, "append intent; post"),
        (posted(Refused), "append refused; list"),
        (listed(&["1140"]), "append resolved-accepted; done accepted"),
    ]);
    assert_eq!((run.state(), run.posts), (IntentState::Accepted, 1));
    assert_eq!(run.last.unwrap().order_id, Some(order_id("1140")));
    let run = Run::play(&[
        (Start, "append intent; post"),
        (posted(Refused), "append refused; list"),
        (listed(&["1140", "1141"]), "append resolved-ambiguous; done unknown"),
    ]);
    assert_eq!((run.state(), run.posts), (IntentState::Ambiguous, 1));
}

#[test]
fn without_a_list_a_refused_order_is_unknown() {
    let run = Run::play(&[
        (Start, "append intent; post"),
        (posted(Refused), "append refused; list"),
        (UNREAD, "done unknown"),
    ]);
    assert_eq!((run.state(), run.posts), (IntentState::Unknown, 1));
}

#[test]
fn a_refused_token_is_renewed_then_the_list_then_one_repeat() {
    let run = Run::play(&[
        (Start, "append intent; post"),
        (token_refused(), "append refused; renew"),
        (Renewed(true), "list"),
        (listed(&[]), "post"),
        (token_refused(), "append refused; list"),
        (listed(&[]), "append refused!; done refused"),
    ]);
    assert_eq!((run.state(), run.posts), (IntentState::NotSent, 2));
    let run = Run::play(&[
        (Start, "append intent; post"),
        (token_refused(), "append refused; renew"),
        (Renewed(false), "append refused!; done refused"),
    ]);
    assert_eq!((run.state(), run.posts), (IntentState::NotSent, 1));
}

#[test]
fn a_lost_answer_is_looked_up_after_2_and_10_seconds_and_never_sent_again() {
    let lost = [(Start, "append intent; post"), (posted(Unknown), "append unknown; wait 2"), (Waited, "list")];
    let with = |more: &[(Event, &'static str)]| Run::play(&[&lost[..], more].concat());
    for (more, state) in [
        (&[(listed(&["1140"]), "append resolved-accepted; done accepted")][..], IntentState::Accepted),
        (
            &[
                (listed(&["1138"]), "wait 8"),
                (Waited, "list"),
                (listed(&["1140"]), "append resolved-accepted; done accepted"),
            ],
            IntentState::Accepted,
        ),
        (&[(listed(&[]), "wait 8"), (Waited, "list"), (listed(&[]), "done unknown")], IntentState::Unknown),
        (&[(UNREAD, "wait 8"), (Waited, "list"), (UNREAD, "done unknown")], IntentState::Unknown),
        (
            &[(UNREAD, "wait 8"), (Waited, "list"), (listed(&["1140"]), "append resolved-accepted; done accepted")],
            IntentState::Accepted,
        ),
        (&[(listed(&["1140", "1141"]), "append resolved-ambiguous; done unknown")], IntentState::Ambiguous),
    ] {
        let run = with(more);
        assert_eq!((run.state(), run.posts), (state, 1), "{more:?}");
    }
}

#[test]
fn a_repeat_can_be_lost_too() {
    let run = Run::play(&[
        (Start, "append intent; post"),
        (posted(Refused), "append refused; list"),
        (listed(&[]), "post"),
        (posted(Unknown), "append unknown; wait 2"),
        (Waited, "list"),
        (listed(&[]), "wait 8"),
        (Waited, "list"),
        (listed(&[]), "done unknown"),
    ]);
    assert_eq!((run.state(), run.posts), (IntentState::Unknown, 2));
}

#[test]
fn an_answer_that_names_an_older_order_proves_nothing() {
    for number in ["1138", "0000001139"] {
        let run = Run::play(&[
            (Start, "append intent; post"),
            (posted_as(Accepted, Some(number)), "append unknown; wait 2"),
            (Waited, "list"),
            (listed(&["1138", "1139"]), "wait 8"),
        ]);
        assert_eq!((run.state(), run.posts), (IntentState::Unknown, 1), "{number}");
    }
}

#[test]
fn acceptance_without_a_number_is_unknown() {
    let run = Run::play(&[(Start, "append intent; post"), (posted(Accepted), "append unknown; wait 2")]);
    assert_eq!(run.state(), IntentState::Unknown);
}

#[test]
fn without_a_time_to_look_an_unknown_order_is_left_to_the_next_run() {
    let mut run = Run::new();
    run.submission.settle_after.clear();
    assert_eq!(run.step(Start), "append intent; post");
    assert_eq!(run.step(posted(Unknown)), "append unknown; done unknown");
}

#[test]
fn an_event_out_of_place_ends_it_as_unknown() {
    for events in [
        &[Waited][..],
        &[Start, Start],
        &[Start, Waited],
        &[Start, listed(&[])],
        &[Start, posted(Refused), Event::Appended],
        &[Start, posted(Refused), posted_as(Accepted, Some("1140"))],
        &[Start, posted(Unknown), posted_as(Accepted, Some("1140"))],
        &[Start, posted(Unknown), Renewed(true)],
    ] {
        let mut run = Run::new();
        let effects: Vec<String> = events.iter().map(|event| run.step(event.clone())).collect();
        assert_eq!(effects.last().unwrap(), "done unknown", "{events:?}");
    }
}

/// Every path of up to nine events: bounded posts, none after a doubt, and the journal says what the caller hears.
#[test]
fn no_path_sends_on_a_doubt() {
    let answers = [
        posted_as(Accepted, Some("1140")),
        posted(Rejected),
        posted(NotSent),
        posted(Refused),
        token_refused(),
        posted(Unknown),
    ];
    let looks = [listed(&[]), listed(&["1140"]), listed(&["1140", "1141"]), UNREAD];
    let mut open = vec![vec![Start]];
    let mut ended = 0;
    while let Some(path) = open.pop() {
        let mut run = Run::new();
        let effects: Vec<String> = path.iter().map(|event| run.step(event.clone())).collect();
        let doubt = path.iter().position(|event| *event == posted(Unknown)).unwrap_or(usize::MAX);
        let sends_after = effects.iter().skip(doubt).any(|effect| effect.ends_with("post"));
        assert!(!sends_after, "{path:?} {effects:?}");
        assert!(run.posts <= 3, "{path:?}");
        let effect = effects.last().unwrap();
        let next: &[Event] = match effect.rsplit("; ").next().unwrap() {
            "post" => &answers,
            "list" => &looks,
            "renew" => &[Renewed(true), Renewed(false)],
            wait if wait.starts_with("wait") => &[Waited],
            _ => {
                let expected = match run.last.as_ref().unwrap().class {
                    Accepted => &[IntentState::Accepted][..],
                    Rejected => &[IntentState::Rejected],
                    Refused | NotSent => &[IntentState::NotSent],
                    Unknown => &[IntentState::Unknown, IntentState::Ambiguous],
                };
                assert!(expected.contains(&run.state()), "{path:?} {effects:?} {:?}", run.state());
                ended += 1;
                &[]
            }
        };
        assert!(path.len() < 12, "{path:?} does not end");
        open.extend(next.iter().map(|event| [&path[..], std::slice::from_ref(event)].concat()));
    }
    assert!(ended > 100, "{ended} paths");
}
