//! Performs the effects of one submission: journal, request, journal, and the look for a lost answer.

use std::time::Duration;

use crate::cmd::open::Opened;
use crate::cmd::settle::fetch_list;
use crate::decide::invariants::{Posting, check_before_intent, check_before_post};
use crate::decide::submit::{Decided, Effect, Event, Submission, Submitted, claimed_on};
use crate::domain::intent::{Intent, SubmitOutcome};
use crate::exit::Failure;

/// How one submission ended.
pub struct Outcome {
    /// The intent, as it stands in the journal.
    pub intent: Intent,
    /// What became of it.
    pub submitted: Submitted,
    /// Why a refused token could not be replaced.
    pub renewal_failure: Option<Failure>,
}

/// Writes the intent, sends the order once, writes the outcome, and looks up what was lost.
///
/// # Errors
/// 74 when the journal can't be written, 1 when an invariant would break, and what keeps the shared pacing from giving a
/// turn: nothing is sent then.
pub fn submit(open: &mut Opened, decided: Decided<'_>) -> Result<Outcome, Failure> {
    let tr_id = open.broker.order_tr_id(decided.order.side);
    let intent = decided.intent(open.journal.state(), open.binding(), open.market.trading_date, tr_id);
    check_before_intent(open.journal.state(), &intent, tr_id, &open.binding(), &open.settings.limits, decided.last)?;
    let claimed = claimed_on(open.journal.state(), intent.trading_day);
    let settle_after = open.settings.gateway.settle_after.clone();
    let mut submission = Submission::new(intent.clone(), claimed, settle_after);
    let mut event = Event::Start;
    let mut renewal_failure = None;
    let mut answered = (None, String::new());
    loop {
        event = match submission.step(event) {
            Effect::Append(records) => {
                for record in &records {
                    open.journal.append(record)?;
                }
                Event::Appended
            }
            Effect::Post => match post(open, &decided, &submission, &intent)? {
                Ok(outcome) => {
                    answered = (outcome.msg_cd.clone(), outcome.msg.clone());
                    Event::Posted(outcome)
                }
                Err(failure) => {
                    // Nothing left: the intent must not stay open.
                    open.journal.append(&submission.abandoned(&failure.to_string()))?;
                    return Err(failure);
                }
            },
            Effect::RenewToken => {
                // No order is sent after a file could not be written, the token's included.
                let renewed = open.broker.renew_token(answered.0.as_deref(), &answered.1);
                renewal_failure = renewed.and_then(|()| open.broker.check_saved()).err();
                Event::Renewed(renewal_failure.is_none())
            }
            Effect::List => Event::Listed(fetch_list(open).ok()),
            Effect::Wait(time) => {
                open.clock.sleep(Duration::min(time, Duration::from_secs(300)));
                Event::Waited
            }
            Effect::Done(submitted) => return Ok(Outcome { intent, submitted, renewal_failure }),
        };
    }
}

/// Sends the order once, if every invariant holds; the inner failure is that of a turn at KIS that was not had.
fn post(
    open: &mut Opened,
    decided: &Decided<'_>,
    submission: &Submission,
    intent: &Intent,
) -> Result<Result<SubmitOutcome, Failure>, Failure> {
    let posting = Posting {
        intent,
        is_synced: open.journal.has_synced(&intent.id),
        has_write_failed: open.has_write_failed.get(),
        list_age: open.clock.now() - decided.list.read_at,
        posts: submission.posts(),
        last: submission.last_class(),
    };
    check_before_post(open.journal.state(), &posting)?;
    Ok(open.broker.submit_order(&decided.order))
}
