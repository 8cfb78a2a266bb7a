//! What a refusal of an order means, and whom it concerns.

use serde::{Deserialize, Serialize};

words! {
    /// Whom an answer of KIS concerns: a cause is booked where it lies, and on nobody else.
    pub enum Concern {
        /// Every order at this time.
        Market = "market",
        /// Every order of this account.
        Account = "account",
        /// Every order of the symbol.
        Symbol = "symbol",
        /// This order.
        Order = "order",
        /// The access token.
        Token = "token",
        /// The pace of all requests.
        Pacing = "pacing",
        /// Nothing is known for certain.
        Unknown = "unknown",
    }
}

/// What a refusal of an order means for what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The market is closed.
    MarketClosed,
    /// KIS serves no orders, or none of this program's.
    System,
    /// Too little cash.
    Cash,
    /// More shares than can be sold.
    Shares,
    /// Wrong exchange for the symbol, or an unknown one (APBK0656): its remembered exchange is forgotten.
    WrongListing,
    /// The symbol can't be traded here, or not by this account.
    Untradable,
    /// Anything else on the list of definite refusals: price, quantity, kind of the order.
    Other,
    /// This account or key may not trade.
    NoRight,
    /// A no in plain words under a code that is on no list.
    Unlisted,
}

impl Refusal {
    /// Whom it concerns.
    pub fn concern(self) -> Concern {
        match self {
            Refusal::MarketClosed | Refusal::System => Concern::Market,
            Refusal::Cash | Refusal::NoRight => Concern::Account,
            Refusal::WrongListing | Refusal::Untradable => Concern::Symbol,
            Refusal::Shares | Refusal::Other => Concern::Order,
            Refusal::Unlisted => Concern::Unknown,
        }
    }

    /// Reports whether every further order would meet the same refusal: it ends the run's sending and counts against no
    /// symbol.
    pub fn is_everybodys(self) -> bool {
        matches!(self.concern(), Concern::Market | Concern::Account)
    }
}
