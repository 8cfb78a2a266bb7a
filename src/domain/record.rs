//! The kinds of journal lines: everything the program knows about orders is a fold over these.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{
    Adopted, Intent, IntentId, IntentState, OrderId, OrderKey, Percent, Sheet, SplitSuspicion, SubmitOutcome, Symbol,
    Transfer, Unit, Usd,
};

/// A complete order list that was searched for an intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSeen {
    /// When it was read.
    pub at: DateTime<Utc>,
    /// Always true: an incomplete list proves nothing and is never recorded.
    pub complete: bool,
    /// How many rows it had.
    pub rows: usize,
}

/// One line of the order journal, without the envelope (sequence, time, run, checksum). Snapshots of the fold itself are
/// lines too, but nothing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// We are about to send an order.
    Intent(Intent),
    /// What the request came to.
    Outcome(Outcome),
    /// A complete list was read and held no candidate for an unknown intent.
    Unseen {
        /// The intent searched for.
        intent: IntentId,
        /// The list.
        list: ListSeen,
    },
    /// What the broker's list says of an unknown intent, or that a person must decide.
    Resolved(Resolved),
    /// The broker's list shows an order of ours in a new light.
    Observed(Observed),
    /// The broker's list shows fewer shares filled than it did before, or as many again.
    Corrected(Corrected),
    /// The last list of a date was read: its orders change no more.
    DayClosed {
        /// New York date.
        date: NaiveDate,
    },
    /// A cancel request, before and after it is sent.
    Cancel {
        /// The order to cancel.
        order_id: OrderId,
        /// The intent behind it.
        intent: IntentId,
        /// How far the request came.
        phase: CancelPhase,
        /// KIS's words, when an answer came.
        msg: Option<String>,
    },
    /// Money came from outside or went there: a change of cash that no fill explains, found by two looks.
    Transfer(Transfer),
    /// The balance shows nothing although own shares were not sold; or it does no longer, or is believed.
    BalanceEmpty {
        /// True when that has ended.
        is_over: bool,
    },
    /// So many own shares are left: the rest was sold or moved by hand.
    OwnShares {
        /// The symbol.
        symbol: Symbol,
        /// Shares.
        shares: u64,
    },
    /// What a person decided with `cleanup --settle`.
    Human(HumanVerdict),
    /// Price or account moved like a split: the symbol is set aside.
    SplitSuspected(SplitSuspicion),
    /// Nothing followed for six trading dates: it is traded again.
    SplitOver {
        /// The symbol.
        symbol: Symbol,
    },
    /// A split is certain; a suspicion of it ends.
    Unit(Unit),
    /// A strategy's orders for a date, before the first of them; a later one of the same date adds lines.
    Sheet(Sheet),
    /// Nothing more is sent of a strategy's sheet of a date.
    SheetWithdrawn {
        /// The strategy's name.
        strategy: String,
        /// New York date.
        date: NaiveDate,
    },
    /// What is a strategy's own was said by a person.
    Adopted(Adopted),
    /// What was cut from a torn tail.
    Repair {
        /// Bytes cut.
        bytes: usize,
        /// CRC-32 of the cut part.
        cut_crc: String,
    },
}

/// What one order request came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The intent sent.
    pub intent: IntentId,
    /// How it ended.
    #[serde(flatten)]
    pub answer: SubmitOutcome,
    /// 1 for the first POST of this intent.
    pub attempt: u32,
    /// True when the intent will not be sent again: a `refused` or `not_sent` outcome ends it then.
    pub is_final: bool,
}

/// What the broker's list said about an unknown intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// The intent.
    pub intent: IntentId,
    /// The conclusion.
    pub verdict: Verdict,
    /// The order claimed, when found.
    pub order_id: Option<OrderId>,
    /// Its branch; blank where none is stated.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// The candidates when there were several.
    pub candidates: Vec<OrderKey>,
    /// The lists behind the conclusion.
    pub lists: Vec<ListSeen>,
}

impl Resolved {
    /// What tells the order claimed from others of its date.
    pub fn key(&self) -> Option<OrderKey> {
        Some(OrderKey::new(&self.branch, self.order_id.clone()?))
    }
}

/// A conclusion about an unknown intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Found: the order is ours.
    Accepted,
    /// Never reached the broker.
    Absent,
    /// KIS refused it in words of no known meaning, and nothing speaks for its arrival.
    Rejected,
    /// More than one candidate.
    Ambiguous,
}

/// The state of an order of ours at the broker; written only on change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The intent behind the order.
    pub intent: IntentId,
    /// The broker's number.
    pub order_id: OrderId,
    /// The state it is in now.
    pub state: IntentState,
    /// Shares filled so far.
    pub filled_quantity: u64,
    /// Shares in the market.
    pub remaining_quantity: u64,
    /// Average fill price in USD; zero without fills.
    pub average_price: Usd,
    /// KIS's reason for an end without fill, cleaned; may be blank.
    pub note: String,
}

/// Fills that the broker's list states differently than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// The intent behind the order.
    pub intent: IntentId,
    /// The broker's number.
    pub order_id: OrderId,
    /// Shares filled by this list.
    pub filled_quantity: u64,
    /// Average price of these in USD; zero without fills.
    pub average_price: Usd,
    /// The list.
    pub list: ListSeen,
}

/// How far a cancel request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelPhase {
    /// About to be sent.
    Planned,
    /// KIS took it. Only the list tells what it did.
    Done,
    /// KIS refused it: usually because the order had just ended.
    Refused,
    /// No clear answer. Only the list tells.
    Unknown,
}

/// What a person decided about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum HumanVerdict {
    /// The intent became this order.
    IsOrder {
        /// The intent.
        intent: IntentId,
        /// The order.
        order_id: OrderId,
        /// Its branch; blank where none is stated.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        branch: String,
    },
    /// The intent never reached the broker.
    IsAbsent {
        /// The intent.
        intent: IntentId,
    },
    /// So much of an accepted order filled, and no more will.
    IsFilled {
        /// The intent.
        intent: IntentId,
        /// Shares.
        filled_quantity: u64,
        /// Their average price in USD; zero without any.
        average_price: Usd,
        /// How the order ended.
        state: IntentState,
    },
    /// An order of today that is not ours is known and fine.
    ForeignIsFine {
        /// New York date of the order.
        date: NaiveDate,
        /// The order.
        order_id: OrderId,
        /// Its branch; blank where none is stated.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        branch: String,
    },
    /// The price of a symbol that is set aside for a suspected split is right.
    PriceIsRight {
        /// The symbol.
        symbol: Symbol,
    },
}

/// Shares of one order that filled beyond those counted before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// How many.
    pub quantity: u64,
    /// Average price in USD.
    pub price: Usd,
    /// USD for all of them.
    pub amount: Usd,
    /// USD won or lost; `None` for buys and where the cost is unknown.
    pub profit: Option<Usd>,
    /// The same in percent of the cost; `None` also where that is nothing.
    pub profit_percent: Option<Percent>,
}
