//! What buy and sell share: the checks right before each order, and what one submission means for the rest of the run.

use crate::decide::fold::Entry;
use crate::decide::rule::{OfStrategy, Rule, Skip};
use crate::decide::strategy::words::too_late_for_closing_orders as too_late;
use crate::decide::submit::{Decided, LastCall, ends_sending};
use crate::domain::market_session::{buy_cutoff, market_at};
use crate::domain::{IntentState, OutcomeClass, Refusal, Symbol, Usd};
use crate::exit::{Ending, Failure, Reason};
use crate::language::Sentence;
use crate::language::counts::Orders;
use crate::report::{Body, OrderLine};
use crate::story::desk::Desk;
use crate::story::endings;
use crate::story::notes::Notes;
use crate::story::run::Run;
use crate::story::submit::{HeldBack, SubmissionEnd, submit};

/// Orders and skips of a run as they come up, and whether sending goes on.
#[derive(Default)]
pub struct Progress {
    pub(super) orders: Vec<OrderLine>,
    skipped: Vec<Skip>,
    /// How the run ends because of the first order that failed.
    first_failure: Option<Ending>,
    stopped: Option<(Rule, Sentence)>,
    /// True while it was put down and nobody has gone on with it.
    is_set_aside: bool,
}

impl Progress {
    /// Begins with the symbols that the plan passed over, and with what the run sent before it started over.
    pub(super) fn new(notes: &mut Notes, skipped: Vec<Skip>) -> Progress {
        let mut progress = std::mem::take(&mut notes.sent);
        progress.skipped.extend(skipped);
        Progress { is_set_aside: false, ..progress }
    }

    /// Puts down what the strategies came to, for the default rule to go on with.
    pub(super) fn set_aside(self, notes: &mut Notes) {
        notes.sent = Progress { is_set_aside: true, ..self };
    }

    /// Takes up what was put down and nobody has gone on with.
    pub(super) fn resumed(notes: &mut Notes) -> Option<Progress> {
        notes.sent.is_set_aside.then(|| Progress { is_set_aside: false, ..std::mem::take(&mut notes.sent) })
    }

    /// Passes a symbol over.
    pub(super) fn skip(&mut self, skip: Skip) {
        self.skipped.push(skip);
    }

    /// Checks right before an order: stopped by what came before, halted, closed, too late to buy? Then the symbol is passed
    /// over for the same reason.
    pub(super) fn may_send<D: Desk>(&mut self, run: &Run<'_, D>, last_call: LastCall, symbol: &Symbol) -> bool {
        self.may_send_or(run, last_call, |rule, detail| Skip::new(symbol, rule, detail))
    }

    /// The same for an order that has more to say of itself than its symbol.
    pub(super) fn may_send_or<D: Desk>(
        &mut self,
        run: &Run<'_, D>,
        last_call: LastCall,
        skip: impl FnOnce(Rule, Sentence) -> Skip,
    ) -> bool {
        if self.stopped.is_none() {
            self.stopped = gate_before_order(run, last_call);
        }
        if let Some((rule, detail)) = &self.stopped {
            self.skipped.push(skip(*rule, detail.clone()));
        }
        self.stopped.is_none()
    }

    /// Goes on after what stopped one strategy alone: an order of unknown outcome, or closing orders past their last call. Returns
    /// why they were stopped.
    pub(super) fn resume(&mut self) -> Option<(Rule, Sentence)> {
        self.stopped.take_if(|(rule, _)| matches!(rule, Rule::OrderUnknown | Rule::AfterLocCutoff))
    }

    /// Reports whether nothing more is sent in this run.
    pub(super) fn has_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// What the orders planned so far in a dry run would spend, in USD.
    pub(super) fn planned(&self) -> Usd {
        let planned = self.orders.iter().filter(|order| order.state.is_none());
        let cost = |order: &OrderLine| order.limit_price.times(order.quantity).unwrap_or_default();
        planned.map(cost).fold(Usd::ZERO, |sum, cost| sum + cost)
    }

    /// Sends one order and takes its outcome into account; a dry run only plans it. `numbers` are those by which the rule
    /// decided. After an error nothing more is sent.
    pub(super) async fn send<D: Desk>(
        &mut self,
        run: &mut Run<'_, D>,
        decided: Decided<'_>,
        numbers: Sentence,
    ) -> Result<(), Failure> {
        let shown = OrderLine::planned(&decided.order, decided.purpose, numbers);
        self.send_as(run, decided, shown).await
    }

    /// The same for a line of a strategy's sheet.
    pub(super) async fn send_line<D: Desk>(
        &mut self,
        run: &mut Run<'_, D>,
        decided: Decided<'_>,
        numbers: Sentence,
        of_strategy: OfStrategy,
    ) -> Result<(), Failure> {
        let shown = OrderLine {
            reason: Sentence::verbatim(of_strategy.name().to_owned()),
            of_strategy: Some(of_strategy),
            ..OrderLine::planned(&decided.order, decided.purpose, numbers)
        };
        self.send_as(run, decided, shown).await
    }

    async fn send_as<D: Desk>(
        &mut self,
        run: &mut Run<'_, D>,
        decided: Decided<'_>,
        mut shown: OrderLine,
    ) -> Result<(), Failure> {
        if run.task.is_dry_run {
            self.orders.push(shown);
            return Ok(());
        }
        run.check_saved()?;
        run.check_clock()?;
        match submit(run, &decided).await {
            Ok(outcome) => {
                if outcome.submitted.refusal == Some(Refusal::WrongListing) {
                    run.desk.listings().forget(&shown.symbol);
                }
                self.take(shown, outcome);
                Ok(())
            }
            Err(failure) => {
                // The intent may be written and the request sent: then its order is unknown, and is shown as such.
                let is_ours = |entry: &&Entry| {
                    let intent = &entry.intent;
                    intent.symbol == shown.symbol
                        && intent.side == shown.side
                        && intent.limit_price == shown.limit_price
                };
                if let Some(entry) = run.desk.journal().unknown().find(is_ours) {
                    (shown.intent_id, shown.state) = (Some(entry.intent.id.clone()), Some(IntentState::Unknown));
                    shown.said = entry.refused_with();
                    self.orders.push(shown);
                }
                Err(failure)
            }
        }
    }

    fn take(&mut self, mut shown: OrderLine, outcome: SubmissionEnd) {
        let SubmissionEnd { intent, submitted, renewal_failure, held_back } = outcome;
        match (&held_back, ends_sending(&submitted)) {
            (Some(HeldBack { rule: Some(rule), detail }), _) => self.stopped = Some((*rule, detail.clone())),
            // Only its own price was old: the others look at theirs.
            (Some(HeldBack { rule: None, .. }), _) | (None, None) => {}
            (None, Some(rule)) => {
                self.stopped = Some((rule, endings::not_tried_after(shown.side, &shown.symbol)));
            }
        }
        let said = submitted.words();
        let (state, failed) = match submitted.class {
            OutcomeClass::Accepted => (IntentState::Accepted, None),
            OutcomeClass::Unknown => {
                // What KIS said is no outcome, but people want to read it.
                if submitted.said().is_some() {
                    shown.reason.clone_from(&said);
                }
                (IntentState::Unknown, None)
            }
            OutcomeClass::Rejected => {
                shown.reason.clone_from(&said);
                (IntentState::Rejected, Some((Reason::OrderRejected, said)))
            }
            OutcomeClass::NotSent => {
                let why = match &held_back {
                    None => said.clone(),
                    Some(held_back) => held_back.detail.clone(),
                };
                shown.reason = endings::not_sent(&why);
                let failed = match &held_back {
                    None => Some((Reason::GatewayUnreachable, why)),
                    Some(HeldBack { rule: None | Some(Rule::NotPicked), .. }) => Some((Reason::RateLimited, why)),
                    Some(HeldBack { rule: Some(_), .. }) => None,
                };
                (IntentState::NotSent, failed)
            }
            OutcomeClass::TurnedAway => {
                shown.reason = endings::refused_at_the_gate(&said);
                let failed = match renewal_failure {
                    Some(failure) => (failure.reason, failure.sentence()),
                    None if submitted.token_refused => (Reason::TokenRefused, said),
                    None => (Reason::RateLimited, said),
                };
                (IntentState::NotSent, Some(failed))
            }
        };
        if let Some((reason, why)) = failed {
            self.note_failure(reason, &shown, &why, submitted.refusal);
        }
        let said = submitted.said().filter(|_| state != IntentState::Accepted);
        self.orders.push(OrderLine {
            said,
            intent_id: Some(intent.id),
            state: Some(state),
            order_id: submitted.order_id,
            ..shown
        });
    }

    /// Keeps what is known for the report, and for the same run if it starts over, and gives the failure back.
    pub(super) fn interrupt<D>(self, run: &mut Run<'_, D>, failure: Failure) -> Failure {
        if !run.task.is_dry_run {
            run.notes.sent =
                Progress { orders: self.orders.clone(), first_failure: self.first_failure, ..Progress::default() };
        }
        run.notes.body = Body::Trade { orders: self.orders, skipped: self.skipped };
        failure
    }

    /// Reports everything and returns how the run ends.
    pub(super) fn finish<D>(self, run: &mut Run<'_, D>, when_empty: impl FnOnce() -> Ending) -> Ending {
        let notes = &mut *run.notes;
        for skip in self.skipped.iter().filter(|skip| skip.is_notified) {
            let place = format!("{}: {}", skip.symbol, skip.rule.word());
            notes.warnings.push(Sentence::verbatim(place).and(": ", &skip.detail));
        }
        let count = self.orders.len() as u64;
        let accepted = self.orders.iter().filter(|order| order.state == Some(IntentState::Accepted)).count() as u64;
        let ending = match self.first_failure {
            Some(failed) => failed,
            None => match self.stopped {
                Some((Rule::Halted, why)) => Ending::failed(Reason::Halted, why, endings::remove_halt()),
                _ if count > 0 && run.task.is_dry_run => Ending::done(endings::would_send(Orders(count))),
                _ if count > 0 => Ending::done(endings::orders_accepted(accepted, Orders(count))),
                Some((Rule::MarketClosed, why)) => Ending::nothing(Reason::MarketClosed, why),
                Some((Rule::AfterBuyUntil, why)) => Ending::nothing(Reason::AfterBuyUntil, why),
                _ => when_empty(),
            },
        };
        notes.body = Body::Trade { orders: self.orders, skipped: self.skipped };
        ending
    }

    fn note_failure(&mut self, reason: Reason, order: &OrderLine, why: &Sentence, refusal: Option<Refusal>) {
        let what = endings::order_failed(order.side, order.quantity, &order.symbol, order.limit_price, why);
        let next = match reason {
            Reason::OrderRejected if refusal.is_some_and(Refusal::is_everybodys) => endings::everybodys_refusal(),
            Reason::OrderRejected => endings::decides_afresh(),
            _ => endings::nothing_was_sent(),
        };
        self.first_failure.get_or_insert_with(|| Ending::failed(reason, what, next));
    }
}

/// What keeps an order with this last call from being sent at this moment.
pub(super) fn gate_before_order<D: Desk>(run: &Run<'_, D>, last_call: LastCall) -> Option<(Rule, Sentence)> {
    if let Some(halt) = run.desk.halt() {
        return Some((Rule::Halted, halt.reason));
    }
    let market = market_at(run.desk.now().at);
    if !market.is_open || market.trading_date != run.market.trading_date {
        return Some((Rule::MarketClosed, endings::session_ended()));
    }
    match last_call {
        LastCall::BuyUntil if is_after_buy_until(run) => {
            let until = run.settings.buy_until.format("%H:%M").to_string();
            Some((Rule::AfterBuyUntil, endings::after_buy_until(&until)))
        }
        LastCall::LocUntil => run.loc_cutoff_passed().map(|until| (Rule::AfterLocCutoff, too_late(&until))),
        LastCall::BuyUntil | LastCall::Close => None,
    }
}

/// Reports whether it is too late to buy.
pub(super) fn is_after_buy_until<D: Desk>(run: &Run<'_, D>) -> bool {
    let cutoff = buy_cutoff(run.market.trading_date, run.settings.buy_until);
    cutoff.is_some_and(|cutoff| run.desk.now().at >= cutoff)
}
