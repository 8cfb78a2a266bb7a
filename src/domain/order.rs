//! Orders as the broker lists them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{Exchange, Symbol, Usd};
use crate::language::{Language, Say, Sentence};

words! {
    /// Buy or sell.
    pub enum Side {
        /// Shares come in, dollars go out.
        Buy = "buy",
        /// Shares go out, dollars come in.
        Sell = "sell",
    }
}

impl Say for Side {
    fn say(&self, language: Language) -> impl fmt::Display {
        match (language, self) {
            (Language::English, side) => side.word(),
            (Language::Korean, Side::Buy) => "매수",
            (Language::Korean, Side::Sell) => "매도",
        }
    }
}

words! {
    /// How an order is to be filled.
    pub enum OrderKind {
        /// At the limit price or better.
        Limit = "limit",
        /// In the closing auction, at the limit price or better: limit-on-close.
        Loc = "loc",
        /// In the closing auction, at whatever price: market-on-close.
        Moc = "moc",
    }
}

/// The broker's order number. KIS prints the same number with and without leading zeros, hence kept without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderId(String);

impl FromStr for OrderId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let digits = text.trim_start_matches('0');
        if digits.is_empty() || text.len() > 10 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("an order number is 1 to 10 digits, not all of them zero");
        }
        Ok(OrderId(digits.to_owned()))
    }
}

impl TryFrom<String> for OrderId {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<OrderId> for String {
    fn from(id: OrderId) -> String {
        id.to_string()
    }
}

impl fmt::Display for OrderId {
    /// Padded to ten digits, the form that KIS answers with and takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0>10}", self.0)
    }
}

/// KIS writes five digits.
const MAX_BRANCH: usize = 10;

/// What tells an order from every other of its date: KIS counts numbers branch by branch, and an order by phone may bear
/// the number of ours. Written `00950-0000042031`, or as the number alone where the branch is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderKey {
    // First, so that the keys of one number stand together in a set.
    /// The number.
    pub order_id: OrderId,
    /// The branch; blank where KIS or an old journal does not say.
    pub branch: String,
}

impl OrderKey {
    /// The order of this number in this branch. A branch of zeros is none, and only letters and digits of one count.
    pub fn new(branch: &str, order_id: OrderId) -> OrderKey {
        let plain = branch.chars().filter(char::is_ascii_alphanumeric).take(MAX_BRANCH);
        let branch: String = plain.collect();
        let is_none = branch.bytes().all(|byte| byte == b'0');
        OrderKey { branch: if is_none { String::new() } else { branch }, order_id }
    }

    /// Reports whether both may name one order of a date: a missing branch fits any.
    pub fn may_be(&self, other: &OrderKey) -> bool {
        let [one, two] = [self, other].map(|key| key.branch.trim_start_matches('0'));
        self.order_id == other.order_id && (one.is_empty() || two.is_empty() || one == two)
    }

    /// Reports whether one of a date's orders may be this one.
    pub fn is_among(&self, known: &BTreeSet<OrderKey>) -> bool {
        let least = OrderKey { branch: String::new(), ..self.clone() };
        known.range(least..).take_while(|known| known.order_id == self.order_id).any(|known| known.may_be(self))
    }
}

impl FromStr for OrderKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((branch, number)) = text.rsplit_once('-') else {
            return Ok(OrderKey::new("", text.parse()?));
        };
        let is_branch = !branch.is_empty() && branch.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_branch || branch.len() > MAX_BRANCH {
            return Err("a branch is up to 10 letters and digits");
        }
        Ok(OrderKey::new(branch, number.parse()?))
    }
}

impl TryFrom<String> for OrderKey {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<OrderKey> for String {
    fn from(key: OrderKey) -> String {
        key.to_string()
    }
}

impl fmt::Display for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dash = if self.branch.is_empty() { "" } else { "-" };
        write!(f, "{}{dash}{}", self.branch, self.order_id)
    }
}

/// What a row of the broker's order list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// An order.
    Order,
    /// A request to modify another order.
    Modify,
    /// A request to cancel another order.
    Cancel,
}

/// What a row says about why its order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Nothing, as on paper always.
    NotStated,
    /// The session ended.
    SessionEnd,
    /// Somebody cancelled it.
    Cancel,
    /// Something else: a refusal, when nothing is filled.
    Other,
}

/// One row of the broker's order list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerOrder {
    /// New York date that the order belongs to; numbers start again each day.
    pub date: NaiveDate,
    /// KIS branch that took the order; may be blank.
    pub branch: String,
    /// The row's own number.
    pub order_id: OrderId,
    /// The order that a modify or cancel row is about.
    pub original_id: Option<OrderId>,
    /// Order, modify request or cancel request.
    pub kind: RowKind,
    /// Ticker.
    pub symbol: Symbol,
    /// Listing exchange as the row says it; `None` when blank.
    pub exchange: Option<Exchange>,
    /// Buy or sell.
    pub side: Side,
    /// Shares ordered.
    pub quantity: u64,
    /// Limit price in USD; zero for market types and cancel rows.
    pub limit_price: Usd,
    /// Shares filled so far.
    pub filled_quantity: u64,
    /// Average price of the fills in USD; zero without any.
    pub average_price: Usd,
    /// Shares still in the market.
    pub remaining_quantity: u64,
    /// True when KIS's status says that it was refused after acceptance. No other status is believed; quantities decide the rest.
    pub is_refused: bool,
    /// Why it was refused or ended.
    pub end_reason: EndReason,
    /// The same in KIS's words, for people; may be blank.
    pub note: String,
    /// When the order arrived, from KIS's Korean date and time; `None` when not stated.
    pub ordered_at: Option<DateTime<Utc>>,
    /// True when it came through the Open API, from us or another program, or does not say how it came, as on paper.
    pub may_be_open_api: bool,
}

impl BrokerOrder {
    /// What tells it from the other rows of its date.
    pub fn key(&self) -> OrderKey {
        OrderKey::new(&self.branch, self.order_id.clone())
    }

    /// Reports whether this row is an order, not a request about another.
    pub fn is_plain_order(&self) -> bool {
        self.kind == RowKind::Order && self.original_id.is_none()
    }
}

/// The broker's order list, read to its last page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderList {
    /// When its first page was asked for.
    pub read_at: DateTime<Utc>,
    /// Every row, in no particular order.
    pub rows: Vec<BrokerOrder>,
    /// Rows in which something can't be read.
    pub odd: Vec<OddOrder>,
}

/// A row of the order list in which something can't be read: a fraction of a share, a fill without its price, an unknown
/// word. It is set aside by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddOrder {
    /// Its code in KIS's spelling, cleaned; may be blank.
    pub code: String,
    /// What can't be read.
    pub why: Sentence,
    /// True when all but a word is known: then it is among the rows, too.
    pub is_listed: bool,
    /// New York date; like number, ticker and side `None` when that can't be read either.
    pub date: Option<NaiveDate>,
    /// Its branch; may be blank.
    pub branch: String,
    /// Its number.
    pub order_id: Option<OrderId>,
    /// Ticker.
    pub symbol: Option<Symbol>,
    /// Buy or sell.
    pub side: Option<Side>,
    /// As of any row. A fraction of a share can't have been ordered through the Open API.
    pub may_be_open_api: bool,
}

impl OddOrder {
    /// What tells it from the other rows of its date, when its number can be read.
    pub fn key(&self) -> Option<OrderKey> {
        Some(OrderKey::new(&self.branch, self.order_id.clone()?))
    }

    /// Reports whether it may be this order of a date.
    pub fn may_be(&self, date: NaiveDate, key: &OrderKey) -> bool {
        !self.is_listed
            && self.date.is_none_or(|its_own| its_own == date)
            && self.key().is_none_or(|its_own| its_own.may_be(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_branch_fits_any() {
        let key = |text: &str| text.parse::<OrderKey>().unwrap();
        for (one, two, may_be) in [
            ("00950-42031", "950-0000042031", true),
            ("00950-42031", "01790-42031", false),
            ("00950-42031", "42031", true),
            ("00000-42031", "01790-42031", true),
            ("00950-42031", "00950-42032", false),
            ("42031", "42032", false),
        ] {
            assert_eq!((key(one).may_be(&key(two)), key(two).may_be(&key(one))), (may_be, may_be), "{one} {two}");
        }
        for text in ["00950-0000042031", "0000042031"] {
            assert_eq!(key(text).to_string(), text);
            assert_eq!(serde_json::to_string(&key(text)).unwrap(), format!("{text:?}"));
        }
        for bad in ["00950-", "-42031", "00 950-42031", "12345678901-42031"] {
            assert!(bad.parse::<OrderKey>().is_err(), "{bad}");
        }
        // Whatever KIS writes, the journal reads again.
        for odd in ["가-9", "  ", "0-0", "a very long branch"] {
            let key = OrderKey::new(odd, "42031".parse().unwrap());
            assert_eq!(key.to_string().parse::<OrderKey>(), Ok(key), "{odd}");
        }
    }

    #[test]
    fn order_numbers_compare_without_leading_zeros_and_print_with_them() {
        let bare: OrderId = "42031".parse().unwrap();
        let padded: OrderId = "0000042031".parse().unwrap();
        assert_eq!(bare, padded);
        assert_eq!(bare.to_string(), "0000042031");
        assert_eq!("  762 ".parse::<OrderId>().unwrap().to_string(), "0000000762");
        for bad in ["", "0000000000", "12a", "-1", "12345678901", "１２"] {
            assert!(bad.parse::<OrderId>().is_err(), "{bad:?}");
        }
    }
}
