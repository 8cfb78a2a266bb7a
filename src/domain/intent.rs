//! What we decided to order, and what became of it.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{BrokerOrder, Exchange, Mode, OddOrder, OrderKey, OrderKind, Side, Symbol, Usd};

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
        /// A line of a strategy's sheet.
        Sheet = "sheet",
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
    /// Limit price in USD, on a tick; zero at the market.
    pub limit_price: Usd,
    /// How it is to be filled.
    pub kind: OrderKind,
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
    /// How it is to be filled; kept as KIS's code.
    #[serde(rename = "order_type", with = "order_type")]
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
    /// Whose it is, for a line of a strategy's sheet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<SheetLine>,
}

/// What an order is in the sheet of a strategy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetLine {
    /// The strategy's name.
    pub strategy: String,
    /// Its place among the sheet's orders, from 0; `None` where it stands for deferred ones (`emulated_loc`).
    pub order: Option<usize>,
    /// The lines that it stands for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// A line's share of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its place in the sheet, from 0.
    pub line: usize,
    /// Its role or tag.
    pub role: String,
    /// Shares.
    pub quantity: u64,
}

/// The code that the wire has for a kind.
mod order_type {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::domain::OrderKind;

    const CODES: [(&str, OrderKind); OrderKind::ALL.len()] =
        [("00", OrderKind::Limit), ("34", OrderKind::Loc), ("33", OrderKind::Moc)];

    pub(super) fn serialize<S: Serializer>(kind: &OrderKind, to: S) -> Result<S::Ok, S::Error> {
        let code = CODES.iter().find(|(_, known)| known == kind).map_or("", |(code, _)| code);
        to.serialize_str(code)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<OrderKind, D::Error> {
        let code = String::deserialize(from)?;
        let kind = CODES.iter().find(|(known, _)| *known == code).map(|(_, kind)| *kind);
        kind.ok_or_else(|| D::Error::custom("an order type that this version does not send"))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_keeps_the_wires_code_of_an_order_kind() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Kept(#[serde(with = "order_type")] OrderKind);
        for (text, kind) in [(r#""00""#, OrderKind::Limit), (r#""34""#, OrderKind::Loc), (r#""33""#, OrderKind::Moc)] {
            assert_eq!(serde_json::from_str::<Kept>(text).unwrap(), Kept(kind));
            assert_eq!(serde_json::to_string(&Kept(kind)).unwrap(), text);
        }
        let error = serde_json::from_str::<Kept>(r#""32""#).unwrap_err().to_string();
        assert!(error.contains("this version does not send"), "{error}");
    }
}
