//! Messages on their way to people: what waits for which channel, who is sending it, and what is given up.
//!
//! A message is saved together with the fact that its event is announced, and removed once its channel has taken it. A run
//! that dies in between leaves it to the next one. So a message arrives at least once: when the run dies after a channel took
//! it, it comes again, under the same id. The other way round a dead run would lose the news of a stop loss, which is worse.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::decide::fold::Entry;
use crate::domain::IntentId;
use crate::tell::message::{Message, NotDelivered};
use crate::tell::order_events::{Announced, OrderEvent, events_of};
use crate::tell::repeats::Repeats;

/// Most messages that wait for one channel; the oldest are given up.
const MAX_WAITING: usize = 100;
/// Most messages for one channel in one run.
const MAX_PER_RUN: usize = 20;
const MAX_AGE: TimeDelta = TimeDelta::hours(72);
/// Most tries without knowing whether the channel took the message.
const MAX_DOUBTS: u32 = 10;
/// The longest rest between two such tries.
const MAX_REST: TimeDelta = TimeDelta::minutes(60);
/// Orders of earlier dates that were never announced are no news: notifying was off then.
const NEWS_DAYS: i64 = 4;
/// Dates whose announced orders are remembered: more than those that may be news.
const REMEMBERED_DAYS: i64 = 9;

/// What is announced, and what waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    #[serde(flatten)]
    pub repeats: Repeats,
    /// `None` until the first run that notifies.
    #[serde(default)]
    pub orders: Option<BTreeMap<IntentId, Announced>>,
    #[serde(default)]
    pub waiting: Vec<Delivery>,
}

/// One message for one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub channel: String,
    pub message: Message,
    /// Tries without knowing whether the channel took it.
    #[serde(default)]
    pub doubts: u32,
    #[serde(default)]
    pub not_before: Option<DateTime<Utc>>,
    /// The process that is sending it.
    #[serde(default)]
    pub claim: Option<String>,
}

impl Outbox {
    /// Takes the events of orders that are not announced yet, but for orders of old dates.
    pub fn new_events(&mut self, entries: &[Entry], today: NaiveDate) -> Vec<(Entry, OrderEvent)> {
        let orders = self.orders.get_or_insert_default();
        let mut news = Vec::new();
        for entry in entries {
            let known = orders.get(&entry.intent.id).cloned();
            let is_old = entry.intent.trading_date < today - TimeDelta::days(NEWS_DAYS);
            if is_old && known.is_none() {
                continue;
            }
            let (events, now) = events_of(entry, &known.unwrap_or_default());
            news.extend(events.into_iter().map(|event| (entry.clone(), event)));
            orders.insert(entry.intent.id.clone(), now);
        }
        let first = IntentId::new(today - TimeDelta::days(REMEMBERED_DAYS), 0);
        orders.retain(|id, _| *id >= first);
        news
    }

    /// Marks all that happened to orders so far as announced.
    pub fn take_as_announced(&mut self, entries: &[Entry]) {
        let announced =
            entries.iter().map(|entry| (entry.intent.id.clone(), events_of(entry, &Announced::default()).1));
        self.orders.get_or_insert_default().extend(announced);
    }

    /// Adds messages for a channel; one that waits there already is not added again.
    pub fn add(&mut self, channel: &str, messages: impl IntoIterator<Item = Message>) {
        for message in messages {
            if !self.waiting.iter().any(|delivery| delivery.channel == channel && delivery.message.id == message.id) {
                let channel = channel.to_owned();
                self.waiting.push(Delivery { channel, message, doubts: 0, not_before: None, claim: None });
            }
        }
    }

    /// Gives up what is too old, too much, or meant for a channel that is gone. Returns how many messages are lost to a channel
    /// that still exists.
    pub fn tidy(&mut self, channels: &[&str], now: DateTime<Utc>) -> usize {
        self.waiting.retain(|delivery| channels.contains(&delivery.channel.as_str()));
        let before = self.waiting.len();
        self.waiting.retain(|delivery| (now - delivery.message.at).abs() <= MAX_AGE && delivery.doubts < MAX_DOUBTS);
        for channel in channels {
            let count = self.waiting.iter().filter(|delivery| delivery.channel == *channel).count();
            let mut surplus = count.saturating_sub(MAX_WAITING);
            self.waiting.retain(|delivery| {
                let is_surplus = surplus > 0 && delivery.channel == *channel;
                surplus -= usize::from(is_surplus);
                !is_surplus
            });
        }
        before - self.waiting.len()
    }

    /// Counts a channel's messages that wait since `before` or earlier, and finds the oldest.
    pub fn waiting_since(&self, channel: &str, before: DateTime<Utc>) -> Option<(usize, DateTime<Utc>)> {
        let late = |delivery: &&Delivery| delivery.channel == channel && delivery.message.at <= before;
        let times = self.waiting.iter().filter(late).map(|delivery| delivery.message.at);
        Some((times.clone().count(), times.min()?))
    }

    /// Claims for process `me` what is to be sent now, but for the claims of processes that still run.
    pub fn claim(&mut self, me: &str, now: DateTime<Utc>, is_alive: impl Fn(&str) -> bool) -> Vec<Delivery> {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let mut claimed = Vec::new();
        for delivery in &mut self.waiting {
            let is_resting = delivery.not_before.is_some_and(|until| now < until && until - now <= MAX_REST);
            let is_free = delivery.claim.as_deref().is_none_or(|claim| claim == me || !is_alive(claim));
            let count = taken.entry(delivery.channel.clone()).or_default();
            if is_resting || !is_free || *count >= MAX_PER_RUN {
                continue;
            }
            *count += 1;
            delivery.claim = Some(me.to_owned());
            claimed.push(delivery.clone());
        }
        claimed
    }

    /// Records the result of a delivery that process `me` had claimed.
    pub fn record(&mut self, me: &str, sent: &Delivery, result: &Result<(), NotDelivered>, now: DateTime<Utc>) {
        let is_it = |delivery: &Delivery| {
            delivery.channel == sent.channel
                && delivery.message.id == sent.message.id
                && delivery.claim.as_deref() == Some(me)
        };
        let Err(NotDelivered { is_doubtful, .. }) = result else {
            self.waiting.retain(|delivery| !is_it(delivery));
            return;
        };
        for delivery in self.waiting.iter_mut().filter(|delivery| is_it(delivery)) {
            delivery.claim = None;
            if *is_doubtful {
                delivery.doubts += 1;
                delivery.not_before = rest_after(delivery.doubts).map(|rest| now + rest);
            }
        }
    }
}

/// How long a message rests after so many doubtful tries: a channel that never confirms must not get it in every run.
fn rest_after(doubts: u32) -> Option<TimeDelta> {
    let rest = 10_i64.checked_shl(doubts.checked_sub(5)?)?;
    Some(TimeDelta::minutes(rest).min(MAX_REST))
}

#[cfg(test)]
mod tests;
