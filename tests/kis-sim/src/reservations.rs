//! Reserved orders: taken while New York sleeps, sent when it opens.

use crate::ticket::Ticket;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A reserved order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// `OVRS_RSVN_ODNO`, counted anew each Korean date.
    pub number: u64,
    /// Korean date on which it was taken.
    pub received: NaiveDate,
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// When it goes to the market.
    pub sent_at: DateTime<Utc>,
    /// What is ordered then.
    pub ticket: Ticket,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a reserved order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It waits.
    Waiting,
    /// It was taken back.
    Cancelled,
    /// It became an order of this number.
    Sent(u64),
    /// It was refused when it was sent, in KIS's words.
    Refused(String),
}
