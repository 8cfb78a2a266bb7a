//! Lines of the report: a holding, a symbol that is set aside, a reason that lasts, the account.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::{Exchange, Symbol, Usd};
use crate::language::Sentence;
use crate::language::counts::Sessions;
use crate::report::json::{as_rfc3339, as_text};
use crate::report::status::words;

#[derive(Clone, Debug, Serialize)]
pub struct PositionLine {
    pub symbol: Symbol,
    /// KIS's name of it; may be empty.
    pub name: String,
    pub exchange: Option<Exchange>,
    /// Shares held, own fills included.
    pub quantity: u64,
    pub sellable_quantity: u64,
    #[serde(serialize_with = "as_text")]
    pub average_cost: Option<Usd>,
    #[serde(serialize_with = "as_text")]
    pub last: Option<Usd>,
    /// Close of the session before in USD; `None` where no run has seen it.
    #[serde(skip)]
    pub previous_close: Option<Usd>,
    /// Profit in percent of cost.
    pub profit_percent: Option<String>,
    /// True when the rules of `sell` apply to it.
    #[serde(rename = "managed")]
    pub is_managed: bool,
    /// Own shares of a holding that left `[buy] watch`, of which the stop loss alone goes on.
    pub stop_loss_shares: Option<u64>,
}

/// A symbol that gets no order until something is clear.
#[derive(Clone, Debug, Serialize)]
pub struct SetAsideLine {
    pub symbol: Symbol,
    /// The rule's word.
    pub reason: &'static str,
    #[serde(serialize_with = "as_rfc3339")]
    pub since: DateTime<Utc>,
    /// What is seen, with all figures.
    pub detail: Sentence,
}

/// A reason that lasts.
#[derive(Clone, Debug, Serialize)]
pub struct StandingLine {
    pub command: &'static str,
    /// Its word.
    pub reason: String,
    #[serde(serialize_with = "as_rfc3339")]
    pub since: DateTime<Utc>,
    /// Trading dates on which it was met.
    pub sessions: u32,
    /// The latest numbers or symbols.
    #[serde(skip)]
    pub detail: Sentence,
    /// A limit that was reached, which the page shows beside the reasons of its command.
    #[serde(skip)]
    pub is_reached_limit: bool,
}

impl StandingLine {
    /// `3 sessions`, and its numbers or symbols.
    pub fn text(&self) -> Sentence {
        words::lasting(Sessions(self.sessions.into())).and(": ", &self.detail)
    }
}

/// Amounts in USD; `None` where a part is unknown.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AccountLine {
    /// What buys may use.
    #[serde(rename = "cash_usd", serialize_with = "as_text")]
    pub cash: Option<Usd>,
    /// What KIS calls orderable.
    #[serde(rename = "buying_power_usd", serialize_with = "as_text")]
    pub buying_power: Option<Usd>,
    /// Holdings at their last prices.
    #[serde(rename = "positions_usd", serialize_with = "as_text")]
    pub positions: Option<Usd>,
    /// Proceeds of sells that cash does not show yet.
    #[serde(skip)]
    pub pending: Usd,
    /// Cash, proceeds to come, holdings and reserved buys.
    #[serde(rename = "total_usd", serialize_with = "as_text")]
    pub total: Option<Usd>,
}

impl AccountLine {
    /// The parts of the total beside cash and holdings, in words.
    pub(super) fn held_elsewhere(&self) -> Sentence {
        let pending = Some(self.pending).filter(|usd| usd.is_positive());
        let pending = pending.map(|usd| words::proceeds(usd.to_cents())).unwrap_or_default();
        let reserved = self.reserved().map(|usd| words::open_buys(usd.to_cents())).unwrap_or_default();
        pending.and("", &reserved)
    }

    /// What open and unknown buys reserve, the rest of the total; `None` when nothing, or unknown.
    pub fn reserved(&self) -> Option<Usd> {
        let reserved = self.total? - self.cash? - self.pending - self.positions?;
        reserved.is_positive().then_some(reserved)
    }
}
