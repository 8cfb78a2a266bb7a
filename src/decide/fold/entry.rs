//! What is known of one intent.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::money::percent_change;
use crate::domain::{
    CancelPhase, Filled, Intent, IntentState, KisWords, ListSeen, OrderId, OrderKey, Refusal, Side, Stamp, Usd,
};

/// One intent and all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The decision.
    pub intent: Intent,
    /// When its line was written: just before it was sent.
    pub submitted: Stamp,
    /// Its state.
    pub state: IntentState,
    /// The broker's number, once known.
    pub order_id: Option<OrderId>,
    /// The number's branch; blank where none is known.
    #[serde(default)]
    pub branch: String,
    /// POSTs made for it.
    pub posts: u32,
    /// Shares filled.
    pub filled_quantity: u64,
    /// Shares in the market, by the broker's latest word; the whole quantity before it.
    pub remaining_quantity: u64,
    /// Average fill price in USD.
    pub average_price: Usd,
    /// When the latest fill was seen.
    pub filled_at: Option<DateTime<Utc>>,
    /// The first complete list without it.
    pub first_unseen: Option<ListSeen>,
    /// Order numbers that could be it.
    pub candidates: Vec<OrderKey>,
    /// The latest cancel request for it.
    pub cancel: Option<CancelPhase>,
    /// Meaning of a refusal.
    pub refusal: Option<Refusal>,
    /// KIS's code in its latest answer about it, blank when it gave none; `None` when `note` is no answer's.
    #[serde(default)]
    pub code: Option<String>,
    /// KIS's latest words about it, or ours.
    pub note: String,
    /// Fewer shares filled than before, by the latest list.
    #[serde(default)]
    pub correction: Option<Correction>,
    /// Shares filled by the lists that a person has overruled.
    #[serde(default)]
    pub overruled: Option<u64>,
    /// Fills that a person settled, beyond those of the lists.
    #[serde(default)]
    pub settled: Option<SettledFill>,
}

/// Shares that filled as a person said, while no list did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledFill {
    /// Shares beyond those of the lists.
    pub quantity: u64,
    /// When the person said so.
    pub at: DateTime<Utc>,
}

/// Fewer shares filled than the broker's list said before: a person decides which is true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Shares filled by the newer list.
    pub filled_quantity: u64,
    /// Average price of these in USD; zero without fills.
    pub average_price: Usd,
    /// The first list that said so.
    pub seen: ListSeen,
    /// True once a second list agreed.
    pub is_confirmed: bool,
}

impl Entry {
    /// What filled beyond so many shares, and so many USD for them, that were counted before.
    pub fn filled_beyond(&self, shares: u64, dollars: Usd) -> Filled {
        let quantity = self.filled_quantity.saturating_sub(shares);
        let all = self.average_price.times(self.filled_quantity).unwrap_or_default();
        // KIS's average price is rounded; a hundredth of a cent is all that its product with the shares can tell.
        let amount = Usd((all - dollars).0.round_dp(4));
        let price = Usd(amount.0.checked_div(Decimal::from(quantity)).unwrap_or_default().round_dp(4));
        let cost = self.intent.average_cost.filter(|_| self.intent.side == Side::Sell);
        let profit = cost.map(|cost| (amount - cost.times(quantity).unwrap_or_default()).to_cents());
        let profit_percent = cost.and_then(|cost| percent_change(cost, price));
        Filled { quantity, price, amount, profit, profit_percent }
    }

    /// An intent of which nothing more is known.
    pub fn declared(stamp: &Stamp, intent: &Intent) -> Entry {
        Entry {
            intent: intent.clone(),
            submitted: stamp.clone(),
            state: IntentState::Unknown,
            order_id: None,
            branch: String::new(),
            posts: 0,
            filled_quantity: 0,
            remaining_quantity: intent.quantity,
            average_price: Usd::ZERO,
            filled_at: None,
            first_unseen: None,
            candidates: Vec::new(),
            cancel: None,
            refusal: None,
            code: None,
            note: String::new(),
            correction: None,
            overruled: None,
            settled: None,
        }
    }

    /// What tells its order from others of its date, once known.
    pub fn key(&self) -> Option<OrderKey> {
        Some(OrderKey::new(&self.branch, self.order_id.clone()?))
    }

    /// Reports whether KIS took the order and listed it on no list of its date although the account moved: a person says
    /// what became of it. The date is over, so nothing of it is open any more.
    pub fn is_unlisted(&self) -> bool {
        self.state == IntentState::Unknown && self.order_id.is_some()
    }

    /// Reports whether KIS answered with a refusal that is not known to be definite: it is one when no list shows the order and
    /// the account has not moved.
    pub fn is_refused_in_words(&self) -> bool {
        self.state == IntentState::Unknown && self.order_id.is_none() && self.refusal.is_some()
    }

    /// What KIS answered to an order that it did not take, or may not have taken.
    pub fn refused_with(&self) -> Option<KisWords> {
        let is_taken = !self.state.is_unknown()
            && !matches!(self.state, IntentState::Rejected | IntentState::NotSent | IntentState::Absent);
        let code = self.code.clone().filter(|_| !is_taken)?;
        Some(KisWords { code, message: self.note.clone() })
    }

    /// Reports whether KIS refused it for a cause that lies in the symbol or in the order: one that lies in the market or the
    /// account counts against nobody. A refusal that an earlier version recorded without a cause counts.
    pub fn is_refused_for_its_own_sake(&self) -> bool {
        self.state == IntentState::Rejected && !self.refusal.is_some_and(Refusal::is_everybodys)
    }

    /// Reports whether KIS certainly has no order of it, for no fault of the order's: it was not sent, or market or account were
    /// refused. One like it may be sent later.
    pub fn was_turned_away(&self) -> bool {
        match self.state {
            IntentState::NotSent => true,
            IntentState::Rejected => self.refusal.is_some_and(Refusal::is_everybodys),
            _ => false,
        }
    }

    /// Shares that have not filled.
    pub fn unfilled(&self) -> u64 {
        self.intent.quantity.saturating_sub(self.filled_quantity)
    }

    /// USD that this buy ties up or has spent: all of it while unknown, open remainders at the limit, fills at their price.
    pub fn committed(&self) -> Usd {
        if self.intent.side == Side::Sell {
            return Usd::ZERO;
        }
        let spent = self.average_price.times(self.filled_quantity).unwrap_or(self.intent.reserved);
        spent + self.open_value()
    }

    /// USD still reserved by this buy.
    pub fn open_value(&self) -> Usd {
        if self.intent.side == Side::Sell || !self.state.is_live() || self.is_unlisted() {
            return Usd::ZERO;
        }
        let open = self.intent.quantity.saturating_sub(self.filled_quantity);
        self.intent.limit_price.times(open).unwrap_or(self.intent.reserved)
    }
}

/// The price of the last own sell of a symbol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSell {
    /// Average fill price in USD.
    pub price: Usd,
    /// When the fill was seen.
    pub at: DateTime<Utc>,
    /// New York date of the order; lines of an earlier program lack it.
    #[serde(default)]
    pub day: Option<NaiveDate>,
}
