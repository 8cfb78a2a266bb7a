//! What buy and sell share: the looks right before each order, and what one submission means for the rest of the run.

use std::time::Duration;

use crate::cmd::notes::{Ending, Notes};
use crate::cmd::open::Opened;
use crate::cmd::submit::{Decided, submit};
use crate::decide::rule::{Rule, Skip};
use crate::domain::intent::{OrderRequest, OutcomeClass, Purpose, Refusal};
use crate::domain::market_session::{buy_cutoff, market_at};
use crate::domain::order::Side;
use crate::domain::symbol::Symbol;
use crate::exit::{Exit, Failure, Reason};
use crate::report::{Body, OrderLine};
use crate::store::halt;

/// A quote older than this is read again before an order rests on it.
pub const MAX_QUOTE_AGE: Duration = Duration::from_secs(60);

/// Orders and skips of a run as they come up, and whether sending goes on.
#[derive(Default)]
pub struct Progress {
    orders: Vec<OrderLine>,
    skipped: Vec<Skip>,
    worst: Option<Ending>,
    has_stopped: bool,
}

impl Progress {
    /// Begins with the symbols that the plan passed over.
    pub fn new(skipped: Vec<Skip>) -> Progress {
        Progress { skipped, ..Progress::default() }
    }

    /// Passes a symbol over.
    pub fn skip(&mut self, skip: Skip) {
        self.skipped.push(skip);
    }

    /// Reports whether nothing more may be sent in this run.
    pub fn has_stopped(&self) -> bool {
        self.has_stopped
    }

    /// Looks once more, right before an order: halted, closed, too late to buy.
    pub fn may_send(&mut self, open: &Opened, side: Side, symbol: &Symbol) -> bool {
        match gate_before_order(open, side) {
            None => true,
            Some((rule, detail)) => {
                self.has_stopped = true;
                self.skipped.push(Skip::new(symbol, rule, detail));
                false
            }
        }
    }

    /// Puts a dry run's order down as planned.
    pub fn plan(&mut self, order: &OrderRequest, purpose: Purpose) {
        self.orders.push(line(order, "planned", purpose.word()));
    }

    /// Sends one order and takes its outcome into account.
    ///
    /// # Errors
    /// When the journal can't be written or an invariant would break; nothing more is sent then.
    pub fn send(&mut self, open: &mut Opened, decided: Decided<'_>) -> Result<(), Failure> {
        let (order, purpose) = (decided.order.clone(), decided.purpose);
        self.orders.push(line(&order, "unknown", purpose.word()));
        let place = self.orders.len() - 1;
        let (intent, submitted) = match submit(open, decided) {
            Ok(done) => done,
            Err(failure) => {
                let is_written = open.journal.state().unknown().any(|entry| entry.intent.symbol == order.symbol);
                if !is_written {
                    self.orders.truncate(place);
                }
                return Err(failure);
            }
        };
        let line = &mut self.orders[place];
        line.intent_id = Some(intent.id);
        line.order_id = submitted.order_id;
        match submitted.class {
            OutcomeClass::Accepted => line.state = "accepted",
            OutcomeClass::Unknown => self.has_stopped = true,
            OutcomeClass::Rejected => {
                line.state = "rejected";
                line.reason.clone_from(&submitted.message);
                self.has_stopped = matches!(submitted.refusal, Some(Refusal::MarketClosed | Refusal::NoRight));
                if submitted.refusal == Some(Refusal::WrongListing) {
                    open.symbols.forget(&order.symbol);
                }
                self.note_failure(Exit::Unexpected, Reason::OrderRejected, &order, &submitted.message);
            }
            OutcomeClass::NotSent => {
                line.state = "planned";
                line.reason = format!("not sent: {}", submitted.message);
                self.has_stopped = true;
                self.note_failure(Exit::Gateway, Reason::GatewayUnreachable, &order, &submitted.message);
            }
            OutcomeClass::Refused => {
                line.state = "planned";
                line.reason = format!("refused at the gate: {}", submitted.message);
                self.has_stopped = true;
                self.note_failure(Exit::TryAgain, Reason::RateLimited, &order, &submitted.message);
            }
        }
        Ok(())
    }

    /// Hands everything to the report and says how the run ends.
    pub fn finish(self, notes: &mut Notes, is_dry_run: bool, when_empty: impl FnOnce(&[Skip]) -> Ending) -> Ending {
        for skip in self.skipped.iter().filter(|skip| skip.rule.is_guard()) {
            notes.warnings.push(format!("{}: {}: {}", skip.symbol, skip.rule.word(), skip.detail));
        }
        let accepted = self.orders.iter().filter(|order| order.state == "accepted").count();
        let ending = match self.worst {
            Some(worst) => worst,
            None if self.orders.is_empty() => when_empty(&self.skipped),
            None if is_dry_run => Ending::done(format!("dry run, would send {} order(s)", self.orders.len())),
            None => Ending::done(format!("{accepted} of {} order(s) accepted", self.orders.len())),
        };
        notes.body = Body::Trade { orders: self.orders, skipped: self.skipped };
        ending
    }

    fn note_failure(&mut self, exit: Exit, reason: Reason, order: &OrderRequest, message: &str) {
        let what = format!("{} of {} {} at {}: {message}", order.side, order.quantity, order.symbol, order.limit_price);
        let next = match reason {
            Reason::OrderRejected => "KIS said no; the next run decides afresh",
            _ => "nothing was sent for it; the next run decides afresh",
        };
        self.worst.get_or_insert_with(|| Ending::failed(exit, reason, what, next));
    }
}

fn line(order: &OrderRequest, state: &'static str, reason: &str) -> OrderLine {
    OrderLine {
        intent_id: None,
        symbol: order.symbol.clone(),
        exchange: order.exchange,
        side: order.side,
        quantity: order.quantity,
        limit_price: order.limit_price,
        state,
        order_id: None,
        reason: reason.to_owned(),
    }
}

fn gate_before_order(open: &Opened, side: Side) -> Option<(Rule, String)> {
    if let Some(why) = halt::reason(&open.dir) {
        return Some((Rule::Halted, why));
    }
    let now = open.clock.now();
    let market = market_at(now);
    if !market.is_open || market.trading_date != open.market.trading_date {
        return Some((Rule::MarketClosed, "the session ended before this order".to_owned()));
    }
    let cutoff = buy_cutoff(market.trading_date, open.settings.buy_until);
    if side == Side::Buy && cutoff.is_some_and(|cutoff| now >= cutoff) {
        return Some((
            Rule::AfterBuyUntil,
            format!("it is {} or later in New York", open.settings.buy_until.format("%H:%M")),
        ));
    }
    None
}
