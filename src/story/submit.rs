//! One order: intent on disk, request, outcome on disk, and a search for a lost answer. Never sent twice on a doubt.
//!
//! Wherever it is killed, the journal alone shows the next run what may live at the broker.

use std::time::Duration;

use crate::decide::invariants::{Posting, check_before_intent, check_before_post};
use crate::decide::submit::{Decided, MAX_POSTS_NOT_SENT, MAX_POSTS_REFUSED, Submission, claimed_on};
use crate::domain::{Intent, OrderList, OutcomeClass, Record, SubmitOutcome};
use crate::exit::Failure;
use crate::story::desk::Desk;
use crate::story::run::Run;

/// The longest single wait before a lost answer is looked for.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// How one submission ended.
pub struct Outcome {
    /// The intent, as the journal has it.
    pub intent: Intent,
    /// What became of it.
    pub submitted: SubmitOutcome,
    /// Why a refused token could not be replaced.
    pub renewal_failure: Option<Failure>,
}

/// Writes the intent, sends the order, writes the outcome, and searches for a lost answer.
///
/// # Errors
/// 74 when the journal can't be written, 1 when an invariant would break, and what keeps the shared pacing from giving a
/// rate slot: nothing is sent then.
pub async fn submit<D: Desk>(run: &mut Run<'_, D>, decided: &Decided<'_>) -> Result<Outcome, Failure> {
    run.safe_point.hold_off(true);
    let outcome = submit_to_its_end(run, decided).await;
    run.safe_point.hold_off(false);
    outcome
}

async fn submit_to_its_end<D: Desk>(run: &mut Run<'_, D>, decided: &Decided<'_>) -> Result<Outcome, Failure> {
    let (journal, binding) = (run.desk.journal(), run.desk.binding());
    let tr_id = run.desk.order_tr_id(decided.order.side);
    let intent = decided.intent(journal, binding.clone(), run.market.trading_date, tr_id);
    check_before_intent(journal, &intent, tr_id, &binding, &run.settings.limits, decided.last)?;
    let mut submission = Submission::new(intent, claimed_on(journal, run.market.trading_date));
    let mut renewal_failure = None;
    run.desk.append(&Record::Intent(submission.intent.clone())).await?;
    let submitted = loop {
        let answer = post(run, decided, &mut submission).await?;
        match answer.class {
            OutcomeClass::Accepted => break submission.ended(answer.class, answer.order_id),
            OutcomeClass::Rejected => break submission.ended(answer.class, None),
            OutcomeClass::NotSent if submission.posts < MAX_POSTS_NOT_SENT => {}
            OutcomeClass::NotSent => break submission.ended(answer.class, None),
            OutcomeClass::Refused => {
                if answer.token_refused && submission.posts < MAX_POSTS_REFUSED {
                    // No order is sent after a file could not be written, the token's included.
                    let renewed = run.renew_token(answer.msg_cd.as_deref(), &answer.msg).await;
                    renewal_failure = renewed.and_then(|()| run.check_saved()).err();
                }
                let verdict = after_refusal(run, &submission, renewal_failure.is_some()).await?;
                if let Some(submitted) = verdict {
                    break submitted;
                }
            }
            OutcomeClass::Unknown => break find_lost(run, &submission).await?,
        }
    };
    Ok(Outcome { intent: submission.intent, submitted, renewal_failure })
}

/// Sends the order once, if every invariant holds, and writes down what came of it.
async fn post<D: Desk>(
    run: &mut Run<'_, D>,
    decided: &Decided<'_>,
    submission: &mut Submission,
) -> Result<SubmitOutcome, Failure> {
    submission.posts += 1;
    let intent = &submission.intent;
    let posting = Posting {
        intent,
        is_synced: run.desk.has_synced(&intent.id),
        has_write_failed: run.notes.write_failure.is_some(),
        list_age: run.desk.now().at - decided.list.read_at,
        posts: submission.posts,
        last: submission.last_class(),
    };
    check_before_post(run.desk.journal(), &posting)?;
    match run.desk.post(&decided.order).await {
        Ok(outcome) => {
            let (answer, record) = submission.take_answer(outcome);
            run.desk.append(&record).await?;
            Ok(answer)
        }
        Err(failure) => {
            // Nothing left: the intent must not stay open.
            run.desk.append(&submission.abandoned(&failure.to_string())).await?;
            Err(failure)
        }
    }
}

/// The gate refused. One complete list removes the last doubt before the single repetition: `None` sends the order again.
async fn after_refusal<D: Desk>(
    run: &mut Run<'_, D>,
    submission: &Submission,
    has_no_token: bool,
) -> Result<Option<SubmitOutcome>, Failure> {
    if has_no_token {
        return give_up(run, submission).await.map(Some);
    }
    let list = match run.fetch_order_list().await {
        Ok(list) if !submission.is_obscured(&list) => list,
        _ => return Ok(Some(submission.ended(OutcomeClass::Unknown, None))),
    };
    if !submission.candidates(&list).is_empty() {
        return found(run, submission, &list).await.map(Some);
    }
    // The list's answer has KIS's time: a clock that went wrong meanwhile ends the sending here, too.
    let checked = run.check_clock();
    if submission.posts < MAX_POSTS_REFUSED && checked.is_ok() {
        return Ok(None);
    }
    let given_up = give_up(run, submission).await?;
    checked.map(|()| Some(given_up))
}

/// By KIS's words the order was never taken: the intent ends.
async fn give_up<D: Desk>(run: &mut Run<'_, D>, submission: &Submission) -> Result<SubmitOutcome, Failure> {
    if let Some(record) = submission.given_up() {
        run.desk.append(&record).await?;
    }
    Ok(submission.ended(OutcomeClass::Refused, None))
}

/// Looks for an order whose answer was lost, `settle_seconds` after the loss.
async fn find_lost<D: Desk>(run: &mut Run<'_, D>, submission: &Submission) -> Result<SubmitOutcome, Failure> {
    let mut waited = Duration::ZERO;
    for after in run.settings.gateway.settle_after.clone() {
        run.desk.wait(after.saturating_sub(waited).min(MAX_WAIT)).await;
        waited = after;
        if let Ok(list) = run.fetch_order_list().await
            && !submission.is_obscured(&list)
            && !submission.candidates(&list).is_empty()
        {
            return found(run, submission, &list).await;
        }
    }
    Ok(submission.ended(OutcomeClass::Unknown, None))
}

async fn found<D: Desk>(
    run: &mut Run<'_, D>,
    submission: &Submission,
    list: &OrderList,
) -> Result<SubmitOutcome, Failure> {
    let (record, submitted) = submission.found(list);
    run.desk.append(&record).await?;
    Ok(submitted)
}
