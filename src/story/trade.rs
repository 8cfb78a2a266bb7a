//! What buy and sell share: the looks right before each order, and what one submission means for the rest of the run.

use crate::decide::rule::{Rule, Skip};
use crate::decide::submit::{Decided, ends_sending};
use crate::domain::intent::{Intent, IntentState, OrderRequest, OutcomeClass, Purpose, Refusal};
use crate::domain::market_session::{buy_cutoff, market_at};
use crate::domain::order::Side;
use crate::domain::symbol::Symbol;
use crate::exit::{Ending, Failure, Reason};
use crate::report::{Body, OrderLine};
use crate::story::desk::Desk;
use crate::story::notes::{Notes, Sent};
use crate::story::run::Run;
use crate::story::submit::{Outcome, submit};

/// Orders and skips of a run as they come up, and whether sending goes on.
#[derive(Default)]
pub struct Progress {
    orders: Vec<OrderLine>,
    skipped: Vec<Skip>,
    worst: Option<Ending>,
    stopped: Option<(Rule, String)>,
}

impl Progress {
    /// Begins with the symbols that the plan passed over, and with what the run sent before it started over.
    pub fn new(notes: &mut Notes, skipped: Vec<Skip>) -> Progress {
        let Sent { orders, worst } = std::mem::take(&mut notes.sent);
        Progress { orders, skipped, worst, ..Progress::default() }
    }

    /// Passes a symbol over.
    pub fn skip(&mut self, skip: Skip) {
        self.skipped.push(skip);
    }

    /// Looks once more, right before an order: stopped by what came before, halted, closed, too late to buy. The symbol is
    /// passed over then, with the word that stopped the run.
    pub fn may_send<D: Desk>(&mut self, run: &Run<'_, D>, side: Side, symbol: &Symbol) -> bool {
        if self.stopped.is_none() {
            self.stopped = gate_before_order(run, side);
        }
        if let Some((rule, detail)) = &self.stopped {
            self.skipped.push(Skip::new(symbol, *rule, detail.clone()));
        }
        self.stopped.is_none()
    }

    /// Puts a dry run's order down as planned; `numbers` are those by which the rule decided.
    pub fn plan(&mut self, order: &OrderRequest, purpose: Purpose, numbers: String) {
        self.orders.push(line(order, purpose, numbers));
    }

    /// Sends one order and takes its outcome into account; `numbers` are those by which the rule decided.
    ///
    /// # Errors
    /// When the journal can't be written, an invariant would break, or the answer to the order before this one shows that
    /// the clock is wrong; nothing more is sent then.
    pub async fn send<D: Desk>(
        &mut self,
        run: &mut Run<'_, D>,
        decided: Decided<'_>,
        numbers: String,
    ) -> Result<(), Failure> {
        run.connection.check_saved()?;
        run.check_clock()?;
        run.safe_point.hold_off(true);
        let submitted = submit(run, &decided).await;
        run.safe_point.hold_off(false);
        let Decided { order, purpose, .. } = decided;
        let outcome = match submitted {
            Ok(outcome) => outcome,
            Err(failure) => {
                // The intent may be written and the request sent: then its order is unknown, and is shown as such.
                let is_ours = |intent: &Intent| intent.symbol == order.symbol && intent.side == order.side;
                let entry = run.desk.journal().unknown().find(|entry| is_ours(&entry.intent));
                if let Some(entry) = entry {
                    let (intent_id, state) = (Some(entry.intent.id.clone()), Some(IntentState::Unknown));
                    self.orders.push(OrderLine { intent_id, state, ..line(&order, purpose, numbers) });
                }
                return Err(failure);
            }
        };
        if outcome.submitted.refusal == Some(Refusal::WrongListing) {
            run.desk.listings().forget(&order.symbol);
        }
        self.take(&order, line(&order, purpose, numbers), outcome);
        Ok(())
    }

    fn take(&mut self, order: &OrderRequest, mut shown: OrderLine, outcome: Outcome) {
        let Outcome { intent, submitted, renewal_failure } = outcome;
        shown.intent_id = Some(intent.id);
        if let Some(rule) = ends_sending(&submitted) {
            self.stopped = Some((rule, format!("not tried after the {} of {}", order.side, order.symbol)));
        }
        let words = submitted.words();
        shown.order_id = submitted.order_id;
        match submitted.class {
            OutcomeClass::Accepted => shown.state = Some(IntentState::Accepted),
            OutcomeClass::Unknown => shown.state = Some(IntentState::Unknown),
            OutcomeClass::Rejected => {
                shown.state = Some(IntentState::Rejected);
                shown.reason.clone_from(&words);
                self.note_failure(Reason::OrderRejected, order, &words);
            }
            OutcomeClass::NotSent => {
                shown.state = Some(IntentState::NotSent);
                shown.reason = format!("not sent: {words}");
                self.note_failure(Reason::GatewayUnreachable, order, &words);
            }
            OutcomeClass::Refused => {
                shown.state = Some(IntentState::NotSent);
                shown.reason = format!("refused at the gate: {words}");
                match renewal_failure {
                    Some(failure) => self.note_failure(failure.reason, order, &failure.to_string()),
                    None if submitted.token_refused => {
                        self.note_failure(Reason::TokenRefused, order, &words);
                    }
                    None => self.note_failure(Reason::RateLimited, order, &words),
                }
            }
        }
        self.orders.push(shown);
    }

    /// Puts what is known into the report of a run that ends between two orders, or starts over there.
    pub fn keep<D>(self, run: &mut Run<'_, D>, failure: Failure) -> Failure {
        if !run.task.is_dry_run {
            run.notes.sent = Sent { orders: self.orders.clone(), worst: self.worst };
        }
        run.notes.body = Body::Trade { orders: self.orders, skipped: self.skipped };
        failure
    }

    /// Hands everything to the report and says how the run ends.
    pub fn finish<D>(self, run: &mut Run<'_, D>, when_empty: impl FnOnce() -> Ending) -> Ending {
        let (notes, is_dry_run) = (&mut *run.notes, run.task.is_dry_run);
        for skip in self.skipped.iter().filter(|skip| skip.is_told()) {
            notes.warnings.push(format!("{}: {}: {}", skip.symbol, skip.rule.word(), skip.detail));
        }
        let accepted = self.orders.iter().filter(|order| order.state == Some(IntentState::Accepted)).count();
        let ending = match self.worst {
            Some(worst) => worst,
            None if self.is_halted() => {
                let why = self.stopped.map(|(_, why)| why).unwrap_or_default();
                Ending::failed(Reason::Halted, why, "remove the HALT file to trade again")
            }
            None if self.orders.is_empty() => match &self.stopped {
                Some((Rule::MarketClosed, why)) => Ending::nothing(Reason::MarketClosed, why),
                Some((Rule::AfterBuyUntil, why)) => Ending::nothing(Reason::AfterBuyUntil, why),
                _ => when_empty(),
            },
            None if is_dry_run => Ending::done(format!("dry run, would send {} order(s)", self.orders.len())),
            None => Ending::done(format!("{accepted} of {} order(s) accepted", self.orders.len())),
        };
        notes.body = Body::Trade { orders: self.orders, skipped: self.skipped };
        ending
    }

    fn is_halted(&self) -> bool {
        matches!(&self.stopped, Some((Rule::Halted, _)))
    }

    fn note_failure(&mut self, reason: Reason, order: &OrderRequest, message: &str) {
        let what = format!("{} of {} {} at {}: {message}", order.side, order.quantity, order.symbol, order.limit_price);
        let next = match reason {
            Reason::OrderRejected => "KIS said no; the next run decides afresh",
            _ => "nothing was sent for it; the next run decides afresh",
        };
        self.worst.get_or_insert_with(|| Ending::failed(reason, what, next));
    }
}

fn gate_before_order<D: Desk>(run: &Run<'_, D>, side: Side) -> Option<(Rule, String)> {
    if let Some(halt) = run.desk.halt() {
        return Some((Rule::Halted, halt.reason));
    }
    let now = run.desk.now().at;
    let market = market_at(now);
    if !market.is_open || market.trading_date != run.market.trading_date {
        return Some((Rule::MarketClosed, "the session ended before this order".to_owned()));
    }
    let until = run.settings.buy_until;
    let cutoff = buy_cutoff(market.trading_date, until);
    if side == Side::Buy && cutoff.is_some_and(|cutoff| now >= cutoff) {
        return Some((Rule::AfterBuyUntil, format!("it is {} or later in New York", until.format("%H:%M"))));
    }
    None
}

fn line(order: &OrderRequest, purpose: Purpose, numbers: String) -> OrderLine {
    OrderLine {
        intent_id: None,
        symbol: order.symbol.clone(),
        exchange: order.exchange,
        side: order.side,
        quantity: order.quantity,
        limit_price: order.limit_price,
        state: None,
        order_id: None,
        reason: purpose.word().to_owned(),
        rule: purpose.word(),
        numbers,
    }
}
