//! One order: intent on disk, request, outcome on disk, and a search for a lost answer. Never sent twice on a doubt.
//!
//! Wherever it is killed, the journal alone shows the next run what may live at the broker.

use std::time::Duration;

use crate::decide::invariants::{LIST_AGE_MAX, Posting, check_before_intent, check_before_post};
use crate::decide::refusals::known_words;
use crate::decide::rule::Rule;
use crate::decide::submit::{Decided, MAX_POSTS_NOT_SENT, MAX_POSTS_TURNED_AWAY, Submission, claimed_on};
use crate::domain::{Intent, OrderList, OutcomeClass, Record, SubmitOutcome};
use crate::exit::Failure;
use crate::language::Sentence;
use crate::story::desk::Desk;
use crate::story::endings;
use crate::story::run::Run;
use crate::story::trade::gate_before_order;

/// The longest single wait before a lost answer is looked for.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// Why an order was not sent after all.
pub struct HeldBack {
    /// The rule by which the run sends nothing more; `None` when only this order's price had grown old.
    pub rule: Option<Rule>,
    /// In a sentence.
    pub detail: Sentence,
}

/// How one submission ended.
pub struct SubmissionEnd {
    /// The intent, as the journal has it.
    pub intent: Intent,
    /// What became of it.
    pub submitted: SubmitOutcome,
    /// Why a refused token could not be replaced.
    pub renewal_failure: Option<Failure>,
    /// Why it was not sent, or not sent again, when the program itself held it back.
    pub held_back: Option<HeldBack>,
}

/// Writes the intent, sends the order, writes the outcome, and searches for a lost answer.
///
/// # Errors
/// 74 when the journal can't be written, 1 when an invariant would break, and what keeps the shared pacing from giving a
/// rate slot: nothing is sent then.
pub async fn submit<D: Desk>(run: &mut Run<'_, D>, decided: &Decided<'_>) -> Result<SubmissionEnd, Failure> {
    run.safe_point.hold_off(true);
    let outcome = submit_to_its_end(run, decided).await;
    run.safe_point.hold_off(false);
    outcome
}

async fn submit_to_its_end<D: Desk>(run: &mut Run<'_, D>, decided: &Decided<'_>) -> Result<SubmissionEnd, Failure> {
    let (journal, binding) = (run.desk.journal(), run.desk.binding());
    let tr_id = run.desk.order_tr_id(decided.order.side);
    let intent = decided.intent(journal, binding.clone(), run.market.trading_date, tr_id);
    check_before_intent(journal, &intent, tr_id, &binding, &run.settings.limits, decided.last)?;
    let day = run.market.trading_date;
    let mut submission = Submission::new(intent, claimed_on(journal, day), known_words(journal, day));
    let mut renewal_failure = None;
    run.desk.check_files()?;
    run.desk.append(&Record::Intent(submission.intent.clone())).await?;
    let mut held_back = None;
    let submitted = loop {
        if let Some(why) = acquire_slot(run, decided, &submission).await? {
            run.desk.append(&submission.abandoned(&why.detail.en)).await?;
            let not_sent = SubmitOutcome::unanswered(OutcomeClass::NotSent, None, why.detail.clone());
            held_back = Some(why);
            break not_sent;
        }
        let answer = post(run, decided, &mut submission).await?;
        match answer.class {
            OutcomeClass::Accepted => break submission.ended(answer.class, answer.order_id),
            OutcomeClass::Rejected => break submission.ended(answer.class, None),
            OutcomeClass::NotSent if submission.posts < MAX_POSTS_NOT_SENT => {}
            OutcomeClass::NotSent => break submission.ended(answer.class, None),
            OutcomeClass::TurnedAway => {
                if answer.token_refused && submission.posts < MAX_POSTS_TURNED_AWAY {
                    // No order is sent after a file could not be written, the token's included.
                    let renewed = run.renew_token(answer.msg_cd.as_deref(), &answer.msg).await;
                    renewal_failure = renewed.and_then(|()| run.check_saved()).err();
                }
                let verdict = after_turned_away(run, &submission, renewal_failure.is_some()).await?;
                if let Some(submitted) = verdict {
                    break submitted;
                }
            }
            OutcomeClass::Unknown => break find_lost(run, &submission).await?,
        }
    };
    Ok(SubmissionEnd { intent: submission.intent, submitted, renewal_failure, held_back })
}

/// Waits for the order's turn, and looks once more at all that it rests on: minutes may have passed. Returns why it is not
/// sent.
async fn acquire_slot<D: Desk>(
    run: &mut Run<'_, D>,
    decided: &Decided<'_>,
    submission: &Submission,
) -> Result<Option<HeldBack>, Failure> {
    if let Err(failure) = run.desk.acquire_order_slot().await {
        // Nothing left: the intent must not stay open.
        run.desk.append(&submission.abandoned(&failure.to_string())).await?;
        return Err(failure);
    }
    // Where the files are no longer ours, not even the end of the intent is written: another run may be writing.
    run.desk.check_files()?;
    if let Some((rule, detail)) = gate_before_order(run, decided.last_call()) {
        return Ok(Some(HeldBack { rule: Some(rule), detail }));
    }
    if run.is_too_old(decided.quoted_at) {
        return Ok(Some(HeldBack { rule: None, detail: endings::price_too_old() }));
    }
    if (run.desk.now().at - decided.list.read_at).abs() > LIST_AGE_MAX {
        return Ok(Some(HeldBack { rule: Some(Rule::NotPicked), detail: endings::list_too_old() }));
    }
    Ok(None)
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
    let outcome = run.desk.post(&decided.order).await?;
    let (answer, record) = submission.take_answer(outcome);
    run.desk.append(&record).await?;
    Ok(answer)
}

/// The gate refused. One complete list removes the last doubt before the single repetition: `None` sends the order again.
async fn after_turned_away<D: Desk>(
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
    if submission.posts < MAX_POSTS_TURNED_AWAY && checked.is_ok() {
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
    Ok(submission.ended(OutcomeClass::TurnedAway, None))
}

/// Looks for an order whose answer was lost, `settle_seconds` after the loss. One that the gateway says it could not pass on
/// is refused when the last of these lists does not show it.
async fn find_lost<D: Desk>(run: &mut Run<'_, D>, submission: &Submission) -> Result<SubmitOutcome, Failure> {
    let mut waited = Duration::ZERO;
    let mut is_unseen = false;
    for after in run.settings.gateway.settle_after.clone() {
        run.desk.wait(after.saturating_sub(waited).min(MAX_WAIT)).await;
        waited = after;
        let list = run.fetch_order_list().await.ok().filter(|list| !submission.is_obscured(list));
        is_unseen = list.is_some();
        if let Some(list) = list.filter(|list| !submission.candidates(list).is_empty()) {
            return found(run, submission, &list).await;
        }
    }
    match submission.refused_by_list().filter(|_| is_unseen) {
        None => Ok(submission.ended(OutcomeClass::Unknown, None)),
        Some((record, submitted)) => {
            run.desk.append(&record).await?;
            Ok(submitted)
        }
    }
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
