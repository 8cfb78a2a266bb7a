//! Performs the effects of one submission, as `cmd::submit`.

use super::border::Spot;
use super::open::Opened;
use super::process::Failed;
use super::settle::fetch_list;
use crate::decide::invariants::{Posting, check_before_intent, check_before_post};
use crate::decide::simulated::machine::MINUTE_MS;
use crate::decide::submit::{Decided, Effect, Event, Submission, Submitted, claimed_on};
use crate::decide::test_support::tr_id;
use crate::domain::intent::{Intent, SubmitOutcome};
use crate::domain::order::OrderList;
use crate::exit::Failure;

/// Writes the intent, sends the order once, writes the outcome, and looks up what was lost.
pub async fn submit(open: &mut Opened, decided: Decided<'_>) -> Result<Submitted, Failed> {
    let rules = std::rc::Rc::clone(&open.run.world().rules);
    let tr_id = tr_id(decided.order.side);
    let intent = decided.intent(&open.journal.state, rules.binding.clone(), open.market.trading_date, tr_id);
    let holds = check_before_intent(&open.journal.state, &intent, tr_id, &rules.binding, &rules.limits, decided.last);
    open.run.world().judge_invariant(holds);
    let claimed = claimed_on(&open.journal.state, intent.trading_day);
    let mut submission = Submission::new(intent.clone(), claimed, rules.settle_after.clone());
    let mut event = Event::Start;
    loop {
        event = match submission.step(event) {
            Effect::Append(records) => {
                for record in &records {
                    open.append(record).await?;
                }
                Event::Appended
            }
            Effect::Post => {
                if open.run.world().has_no_turn() {
                    open.append(&submission.abandoned("no turn")).await?;
                    return Err(Failed::Late);
                }
                Event::Posted(post(open, &decided, &submission, &intent).await?)
            }
            Effect::RenewToken => {
                open.run.border(Spot::Looked, 700).await;
                Event::Renewed(open.run.world().random.one_in(2))
            }
            Effect::List => Event::Listed(fetch_list(open).await.ok()),
            Effect::Wait(time) => {
                open.run.border(Spot::Looked, u64::try_from(time.as_millis()).unwrap()).await;
                Event::Waited
            }
            Effect::Done(submitted) => return Ok(submitted),
        };
    }
}

/// Sends the order once, if every invariant holds.
async fn post(
    open: &mut Opened,
    decided: &Decided<'_>,
    submission: &Submission,
    intent: &Intent,
) -> Result<SubmitOutcome, Failed> {
    let posting = Posting {
        intent,
        is_synced: open.journal.has_synced(&intent.id),
        has_write_failed: open.has_write_failed,
        list_age: open.run.world().wall() - decided.list.read_at,
        posts: submission.posts(),
        last: submission.last_class(),
    };
    let holds = check_before_post(&open.journal.state, &posting);
    if holds.is_err() && is_stale(open, decided.list) {
        return Err(Failed::Stale);
    }
    open.run.world().judge_invariant(holds);
    open.run.border(Spot::Checked, 5).await;
    let (outcome, ms) = {
        let mut world = open.run.world();
        let number = world.judge_post(intent, decided.last);
        let (outcome, ms) = world.post(number, intent);
        world.truth.get(&intent.id).last = Some(outcome.class);
        (outcome, ms)
    };
    open.run.border(Spot::Posted, ms).await;
    Ok(outcome)
}

/// A process that was stopped finds its list too old: that is what the check is for.
fn is_stale(open: &Opened, list: &OrderList) -> bool {
    let age = open.run.world().wall() - list.read_at;
    age.abs().num_milliseconds().unsigned_abs() > 10 * MINUTE_MS
}

impl super::world::World {
    /// The program's own last checks never find anything: what they look for is prevented before.
    fn judge_invariant(&self, holds: Result<(), Failure>) {
        if let Err(failure) = holds {
            self.holds(false, &format!("an invariant stopped an order: {failure}"));
        }
    }

    /// A turn at KIS can't be had: the pacing file could not be used.
    fn has_no_turn(&mut self) -> bool {
        self.weather.is_rough && self.random.one_in(200)
    }
}
