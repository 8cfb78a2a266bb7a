//! What we decided to order, and what became of it.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{
    BrokerOrder, CancelPhase, Exchange, KisWords, Mode, OddOrder, OrderId, OrderKey, OrderKind, Refusal, Side, Symbol,
    Usd,
};
use crate::language::Sentence;

/// Name of an intent: its trading date and a number, `20270309-0007`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct IntentId(String);

impl IntentId {
    /// Names the `number`th intent of a trading date.
    pub fn new(trading_date: NaiveDate, number: u32) -> IntentId {
        IntentId(format!("{}-{number:04}", trading_date.format("%Y%m%d")))
    }

    /// Reads `YYYYMMDD-NNNN`; `None` for anything else.
    pub fn parse(text: &str) -> Option<IntentId> {
        let (date, number) = text.split_once('-')?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let fits = date.len() == 8 && (4..=6).contains(&number.len()) && digits(date) && digits(number);
        fits.then(|| IntentId(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IntentId {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        IntentId::parse(&text).ok_or("an intent is named YYYYMMDD-NNNN")
    }
}

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

words! {
    /// Why an order was decided.
    pub enum Purpose {
        /// One of the names that fell most.
        FellMost = "fell_most",
        /// Profit at or above `take_profit_percent`.
        TakeProfit = "take_profit",
        /// The best position when nothing else was sold.
        FallbackTakeProfit = "fallback_take_profit",
        /// Loss at or beyond `stop_loss_percent`; its fill starts the cool-down.
        StopLoss = "stop_loss",
    }
}

/// The order that a decision asks for; what goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRequest {
    /// Listing exchange.
    pub exchange: Exchange,
    /// Ticker.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// Shares, at least one.
    pub quantity: u64,
    /// Limit price in USD, on a tick.
    pub limit_price: Usd,
}

/// The KIS transaction id of an order request, and the mode that the id belongs to. The desk supplies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrId {
    /// The id.
    pub id: &'static str,
    /// Where KIS executes requests of this id.
    pub mode: Mode,
}

/// The account when the intent was written; "absent" is believed only while this has not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Shares of the symbol held.
    pub held: u64,
    /// Shares of the symbol that could be sold.
    pub sellable: u64,
    /// Orderable USD; unknown when the run did not ask (sells).
    pub cash: Option<Usd>,
}

/// One decided order, written and synced before it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its name.
    pub id: IntentId,
    /// Paper or real.
    #[serde(rename = "env")]
    pub mode: Mode,
    /// Short hash of the account.
    #[serde(rename = "account_print")]
    pub account_fingerprint: String,
    /// New York date of the session it belongs to.
    #[serde(rename = "trading_day")]
    pub trading_date: NaiveDate,
    /// Ticker.
    pub symbol: Symbol,
    /// Listing exchange.
    pub exchange: Exchange,
    /// Buy or sell.
    pub side: Side,
    /// Shares.
    pub quantity: u64,
    /// Limit price in USD.
    pub limit_price: Usd,
    /// How it is to be filled.
    #[serde(rename = "order_type")]
    pub order_kind: OrderKind,
    /// TR id that the request carries.
    pub tr_id: String,
    /// Why it was decided.
    #[serde(rename = "reason")]
    pub purpose: Purpose,
    /// Average cost a share in USD at that time; sells only, for the profit of their fills.
    pub average_cost: Option<Usd>,
    /// Orders that the broker already listed for the trading day.
    pub baseline: BTreeSet<OrderKey>,
    /// When that list was read.
    pub listed_at: DateTime<Utc>,
    /// The account at that time.
    pub witness: Witness,
    /// USD that a buy ties up while it is open or unknown; zero for sells.
    pub reserved: Usd,
}

impl Intent {
    /// Reports whether a row of the broker's list can be this intent's order. `is_claimed` tells orders that
    /// belong to another intent.
    pub fn matches(&self, row: &BrokerOrder, is_claimed: impl Fn(&OrderKey) -> bool) -> bool {
        row.date == self.trading_date
            && row.symbol == self.symbol
            && row.side == self.side
            && row.quantity == self.quantity
            && row.limit_price == self.limit_price
            && row.is_plain_order()
            && row.may_be_open_api
            && !self.was_listed(&row.key())
            && !is_claimed(&row.key())
    }

    /// Reports whether the broker may have listed an order before this intent.
    pub fn was_listed(&self, key: &OrderKey) -> bool {
        self.baseline.iter().any(|known| known.may_be(key))
    }

    /// Reports whether an unreadable row could be this intent's order. As long as one could, its outcome stays unknown.
    pub fn may_be(&self, odd: &OddOrder, is_claimed: impl Fn(&OrderKey) -> bool) -> bool {
        !odd.is_listed
            && odd.may_be_open_api
            && odd.date.is_none_or(|date| date == self.trading_date)
            && odd.symbol.as_ref().is_none_or(|symbol| *symbol == self.symbol)
            && odd.side.is_none_or(|side| side == self.side)
            && odd.key().is_none_or(|key| !self.was_listed(&key) && !is_claimed(&key))
    }
}

words! {
    /// The state of an intent. Accepted is not filled.
    pub enum IntentState {
        /// Written, and its outcome is not known: it may live at the broker.
        Unknown = "unknown",
        /// Several rows could be it; a person decides.
        Ambiguous = "ambiguous",
        /// The broker has it; something may be unfilled.
        Accepted = "accepted",
        /// Filled to the last share.
        Filled = "filled",
        /// Ended by a cancel; a part may be filled.
        Cancelled = "cancelled",
        /// Somebody changed it: what was left lives on under another number, as an order of theirs; a part may be filled.
        Replaced = "replaced",
        /// Refused, at once or later.
        Rejected = "rejected",
        /// Ended with the session; a part may be filled.
        Expired = "expired",
        /// Never reached the broker.
        Absent = "absent",
        /// Never sent: refused at the gate or no connection.
        NotSent = "not_sent",
    }
}

impl IntentState {
    /// Reports whether the order may still live at the broker.
    pub fn is_live(self) -> bool {
        matches!(self, IntentState::Unknown | IntentState::Ambiguous | IntentState::Accepted)
    }

    /// Reports whether it is unknown if the broker has it.
    pub fn is_unknown(self) -> bool {
        matches!(self, IntentState::Unknown | IntentState::Ambiguous)
    }
}

/// What happened to one submission, as the journal keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeClass {
    /// `rt_cd` 0 with an order number.
    Accepted,
    /// A definite refusal by KIS.
    Rejected,
    /// Turned away at the gate (token or rate): not executed, as far as KIS says.
    #[serde(rename = "refused")]
    TurnedAway,
    /// The connection never came up; no byte of the request left.
    NotSent,
    /// Anything else. Never resent.
    #[default]
    Unknown,
}

/// The result of one POST of an order or a cancel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmitOutcome {
    /// The class that decides what may happen next.
    pub class: OutcomeClass,
    /// The order number, when accepted.
    pub order_id: Option<OrderId>,
    /// KIS branch, when stated.
    pub branch: Option<String>,
    /// Meaning of a rejection. It is definite when the class is `Rejected`; with `Unknown` it is what the refusal means if no list
    /// shows the order.
    pub refusal: Option<Refusal>,
    /// True when the gate refused the token: renew before another attempt. The journal does not keep it.
    #[serde(skip)]
    pub token_refused: bool,
    /// True when KIS said that requests come too fast. The journal does not keep it either.
    #[serde(skip)]
    pub rate_limited: bool,
    /// HTTP status, when an answer came.
    pub http: Option<u16>,
    /// KIS's code, blank when it answered without one; `None` without an answer of KIS.
    pub msg_cd: Option<String>,
    /// KIS's words (cleaned, cut), or ours when there was no answer, in English.
    pub msg: String,
    /// Ours in both languages; nothing where `msg` is KIS's. The journal does not keep it.
    #[serde(skip)]
    pub no_answer: Sentence,
    /// How long the call took.
    pub elapsed_ms: u64,
}

impl SubmitOutcome {
    /// An order that ended without a code from KIS.
    pub fn unanswered(class: OutcomeClass, http: Option<u16>, why: Sentence) -> SubmitOutcome {
        SubmitOutcome { class, http, msg: why.en.clone(), no_answer: why, ..SubmitOutcome::default() }
    }

    /// What it means for a cancel. One may be repeated, so a request that never left is no case of its own: the list tells.
    pub fn cancel_phase(&self) -> CancelPhase {
        match self.class {
            OutcomeClass::Accepted => CancelPhase::Done,
            OutcomeClass::Rejected | OutcomeClass::TurnedAway => CancelPhase::Refused,
            OutcomeClass::NotSent | OutcomeClass::Unknown => CancelPhase::Unknown,
        }
    }

    /// What tells the order from others of its date, when accepted.
    pub fn key(&self) -> Option<OrderKey> {
        Some(OrderKey::new(self.branch.as_deref().unwrap_or_default(), self.order_id.clone()?))
    }

    /// What KIS answered; `None` when it did not.
    pub fn said(&self) -> Option<KisWords> {
        self.msg_cd.clone().map(|code| KisWords { code, message: self.msg.clone() })
    }

    /// KIS's code and words as they are, or ours in both languages.
    pub fn sentence(&self) -> Sentence {
        if self.no_answer.is_empty() {
            return Sentence::verbatim(self.words());
        }
        Sentence::verbatim(self.msg_cd.clone().unwrap_or_default()).and(" ", &self.no_answer)
    }

    /// KIS's code and words, or ours.
    pub fn words(&self) -> String {
        let code = self.msg_cd.as_deref().unwrap_or_default();
        [code, &self.msg].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
    }
}
