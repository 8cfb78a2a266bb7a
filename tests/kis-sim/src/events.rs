//! What happened in the world, numbered, so that a test can ask what is new since it last looked.

use crate::account_id::AccountId;
use crate::orders::{Order, Revision, Side};
use crate::world::World;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::VecDeque;

/// Older events are forgotten beyond this many.
const MOST_KEPT: usize = 10_000;

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An order was taken, whoever sent it.
    OrderAccepted,
    /// Shares of it changed hands.
    OrderFilled,
    /// It was replaced: the remainder continues under a new number.
    OrderModified,
    /// Shares of it were given up.
    OrderCancelled,
    /// Its day or its auction ended.
    OrderExpired,
    /// The exchange refused it.
    OrderRejected,
    /// What it had filled was corrected; the event has all that it has filled now.
    FillCorrected,
    /// Quotes went over to new units.
    QuoteSplit,
    /// Holdings went over to new units.
    HoldingSplit,
    /// Cash came or went.
    Transfer,
    /// A token was given out, an old one again included.
    TokenIssued,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// Counts from 1.
    pub n: u64,
    /// Simulated instant.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: Kind,
    /// To whom; none means everybody.
    pub account: Option<AccountId>,
    /// To what.
    pub about: About,
}

/// What an event is about; what its kind does not have is none.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Number of an order.
    pub order: Option<u64>,
    /// Number under which a modified order goes on.
    pub new_order: Option<u64>,
    /// Ticker.
    pub symbol: Option<String>,
    /// Buy or sell.
    pub side: Option<Side>,
    /// Shares that were ordered, filled or given up.
    pub quantity: Option<u64>,
    /// USD a share: an order's limit, a fill's price.
    pub price: Option<Decimal>,
    /// USD that came in; negative ones went out.
    pub usd: Option<Decimal>,
}

/// Events in the order in which they happened.
#[derive(Debug, Default)]
pub struct EventLog {
    entries: VecDeque<Event>,
    count: u64,
}

impl About {
    /// A symbol.
    pub fn symbol(symbol: &str) -> About {
        About { symbol: Some(symbol.to_owned()), ..About::default() }
    }
}

impl EventLog {
    /// Notes an event.
    pub fn add(&mut self, at: DateTime<Utc>, kind: Kind, account: Option<AccountId>, about: About) {
        self.count += 1;
        if self.entries.len() >= MOST_KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(Event { n: self.count, at, kind, account, about });
    }

    /// Forgets all; numbers go on.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Those after number `after` that are kept, and how many have happened.
    pub fn after(&self, after: u64) -> (Vec<&Event>, u64) {
        (self.entries.iter().filter(|event| event.n > after).collect(), self.count)
    }
}

impl World {
    /// Notes what happened to an order: to all its shares at its own limit, unless `fill` says how many at what price.
    pub fn note_order(
        &mut self,
        kind: Kind,
        account: AccountId,
        index: usize,
        at: DateTime<Utc>,
        fill: Option<(u64, Decimal)>,
    ) {
        let order = &self.account(account).orders[index];
        let (quantity, price) = fill.unwrap_or((order.quantity, order.limit_price));
        let about = about(order, quantity, Some(price));
        self.events.add(at, kind, Some(account), about);
    }

    /// Notes that the newest order of an account was accepted.
    pub fn note_newest(&mut self, account: AccountId, at: DateTime<Utc>) {
        let newest = self.account(account).orders.len() - 1;
        self.note_order(Kind::OrderAccepted, account, newest, at, None);
    }

    /// Notes that an order was changed or cancelled, which gave its account the newest row.
    pub fn note_revision(&mut self, account: AccountId, index: usize, at: DateTime<Utc>) {
        let orders = &self.account(account).orders;
        let (order, row) = (&orders[index], &orders[orders.len() - 1]);
        let (kind, about) = match row.revision {
            Revision::Modify => {
                let about = about(order, row.quantity, Some(row.limit_price));
                (Kind::OrderModified, About { new_order: Some(row.number), ..about })
            }
            Revision::New | Revision::Cancel => (Kind::OrderCancelled, about(order, row.quantity, None)),
        };
        self.events.add(at, kind, Some(account), about);
    }
}

fn about(order: &Order, quantity: u64, price: Option<Decimal>) -> About {
    About {
        order: Some(order.number),
        symbol: Some(order.symbol.clone()),
        side: Some(order.side),
        quantity: Some(quantity),
        price,
        ..About::default()
    }
}
