//! What a decision hands to its submission, and what the submission's end means for the rest of the run.

use chrono::NaiveDate;

use crate::decide::fold::JournalState;
use crate::decide::invariants::Binding;
use crate::decide::rule::Rule;
use crate::domain::intent::{Intent, OrderRequest, OutcomeClass, Purpose, Refusal, SubmitOutcome, TrId, Witness};
use crate::domain::money::Usd;
use crate::domain::order::{OrderId, OrderKind, OrderList, Side};

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

impl Decided<'_> {
    /// The intent to write down.
    pub fn intent(&self, journal: &JournalState, binding: Binding, day: NaiveDate, tr_id: TrId) -> Intent {
        let order = &self.order;
        let reserved = match order.side {
            Side::Buy => order.limit_price.times(order.quantity).unwrap_or_default(),
            Side::Sell => Usd::ZERO,
        };
        Intent {
            id: journal.next_id(day),
            env: binding.mode,
            account_fingerprint: binding.account_fingerprint,
            trading_day: day,
            symbol: order.symbol.clone(),
            exchange: order.exchange,
            side: order.side,
            quantity: order.quantity,
            limit_price: order.limit_price,
            order_kind: OrderKind::Limit,
            tr_id: tr_id.id.to_owned(),
            reason: self.purpose,
            average_cost: self.average_cost,
            baseline: self.list.rows.iter().filter(|row| row.date == day).map(|row| row.order_id.clone()).collect(),
            listed_at: self.list.read_at,
            witness: self.witness.clone(),
            reserved,
        }
    }
}

/// The day's order numbers that belong to intents.
pub fn claimed_on(journal: &JournalState, day: NaiveDate) -> Vec<OrderId> {
    journal.of_day(day).filter_map(|entry| entry.order_id.clone()).collect()
}

/// The word that ends the run's sending after an order; `None` when the next one may be sent.
pub fn ends_sending(outcome: &SubmitOutcome) -> Option<Rule> {
    match (outcome.class, outcome.refusal) {
        (OutcomeClass::Unknown, _) => Some(Rule::OrderUnknown),
        (OutcomeClass::Rejected, Some(Refusal::MarketClosed)) => Some(Rule::MarketClosed),
        (OutcomeClass::Rejected, Some(Refusal::NoRight)) | (OutcomeClass::NotSent | OutcomeClass::Refused, _) => {
            Some(Rule::NotPicked)
        }
        (OutcomeClass::Accepted | OutcomeClass::Rejected, _) => None,
    }
}
