//! Performs the effects of one submission: journal, request, journal, and the look for a lost answer.

use std::time::Duration;

use crate::cmd::open::Opened;
use crate::cmd::settle::fetch_list;
use crate::decide::invariants::{Posting, check_before_intent, check_before_post};
use crate::decide::submit::{Effect, Event, Submission, Submitted};
use crate::domain::intent::{Intent, OrderRequest, Purpose, SubmitOutcome, Witness};
use crate::domain::money::Usd;
use crate::domain::order::{OrderId, OrderList, Side};
use crate::exit::Failure;

/// An order with everything that its intent keeps.
pub struct Decided<'a> {
    /// What to send.
    pub order: OrderRequest,
    /// Why.
    pub purpose: Purpose,
    /// The account at the decision.
    pub witness: Witness,
    /// Average cost a share in USD, for sells.
    pub average_cost: Option<Usd>,
    /// The broker's list that the decision rests on.
    pub list: &'a OrderList,
    /// The price in USD that the order was sized at.
    pub last: Usd,
}

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
    let intent = make_intent(open, &decided);
    check_before_intent(open.journal.state(), &intent, &open.binding(), &open.settings.limits, decided.last)?;
    let day = intent.trading_day;
    let claimed: Vec<OrderId> = open.journal.state().of_day(day).filter_map(|entry| entry.order_id.clone()).collect();
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

fn make_intent(open: &Opened, decided: &Decided<'_>) -> Intent {
    let order = &decided.order;
    let day = open.market.trading_date;
    let reserved = match order.side {
        Side::Buy => order.limit_price.times(order.quantity).unwrap_or_default(),
        Side::Sell => Usd::ZERO,
    };
    let binding = open.binding();
    Intent {
        id: open.journal.state().next_id(day),
        env: binding.mode,
        account_print: binding.account_print,
        trading_day: day,
        symbol: order.symbol.clone(),
        exchange: order.exchange,
        side: order.side,
        quantity: order.quantity,
        limit_price: order.limit_price,
        order_type: "00".to_owned(),
        tr_id: open.broker.order_tr_id(order.side).to_owned(),
        reason: decided.purpose,
        average_cost: decided.average_cost,
        baseline: decided.list.rows.iter().filter(|row| row.date == day).map(|row| row.order_id.clone()).collect(),
        listed_at: decided.list.read_at,
        witness: decided.witness.clone(),
        reserved,
    }
}
