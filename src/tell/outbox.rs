//! Messages on their way to people: what waits for which channel, who is sending it, and what is given up.
//!
//! A message is written down together with the fact that it is told, and crossed out once its channel has taken it. A run
//! that dies between the two leaves it to the next one. So a message arrives at least once: where a channel took it and
//! the run died before that was written down, it comes again, under the same id. The other way round a dead run would lose
//! the news of a stop loss, which is worse.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::decide::fold::Entry;
use crate::domain::intent::IntentId;
use crate::tell::message::Message;
use crate::tell::order_events::{Announced, OrderEvent, events_of};
use crate::tell::repeats::Repeats;

/// Messages that wait for one channel; the oldest make room.
const MAX_WAITING: usize = 100;
/// Messages handed to one channel in one run.
const MAX_PER_RUN: usize = 20;
/// A message older than this is no news any more.
const MAX_AGE: TimeDelta = TimeDelta::hours(72);
/// Tries of which nobody knows whether the channel took the message.
const MAX_DOUBTS: u32 = 10;
/// The longest rest between two such tries.
const MAX_REST: TimeDelta = TimeDelta::minutes(60);
/// Orders of earlier dates that nobody was told of stay untold: telling was off then.
const NEWS_DAYS: i64 = 4;
/// Dates whose orders are remembered as told: more than those that may be news.
const REMEMBERED_DAYS: i64 = 9;

/// Everything that is remembered about telling people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    /// Notices told.
    #[serde(flatten)]
    pub repeats: Repeats,
    /// Events of orders told; `None` before anything was to be told.
    #[serde(default)]
    pub orders: Option<BTreeMap<IntentId, Announced>>,
    /// What waits.
    #[serde(default)]
    pub waiting: Vec<Delivery>,
}

/// One message for one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The channel's key.
    pub channel: String,
    /// The message.
    pub message: Message,
    /// Tries of which nobody knows whether the channel took it.
    #[serde(default)]
    pub doubts: u32,
    /// Not to be tried before.
    #[serde(default)]
    pub not_before: Option<DateTime<Utc>>,
    /// The process that is sending it.
    #[serde(default)]
    pub claim: Option<String>,
}

/// What became of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryResult {
    /// The channel has it.
    Taken,
    /// The channel does not have it.
    Refused,
    /// The channel may have it.
    Doubtful,
    /// It was not tried.
    Untried,
}

impl Outbox {
    /// Events of orders that were not told, those of old dates left out; they count as told from now on.
    pub fn new_events(&mut self, entries: &[Entry], today: NaiveDate) -> Vec<(Entry, OrderEvent)> {
        let orders = self.orders.get_or_insert_default();
        let mut news = Vec::new();
        for entry in entries {
            let known = orders.get(&entry.intent.id).cloned();
            let is_old = entry.intent.trading_day < today - TimeDelta::days(NEWS_DAYS);
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

    /// Takes orders as told, whatever happened to them so far.
    pub fn take_as_announced(&mut self, entries: &[Entry]) {
        let told = entries.iter().map(|entry| (entry.intent.id.clone(), events_of(entry, &Announced::default()).1));
        self.orders.get_or_insert_default().extend(told);
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

    /// Gives up what is too old, too much, or meant for a channel that is gone. Returns how many messages a channel that
    /// is still there will never get.
    pub fn tidy(&mut self, channels: &[&str], now: DateTime<Utc>) -> usize {
        self.waiting.retain(|delivery| channels.contains(&delivery.channel.as_str()));
        let before = self.waiting.len();
        self.waiting.retain(|delivery| (now - delivery.message.at).abs() <= MAX_AGE && delivery.doubts < MAX_DOUBTS);
        for channel in channels {
            let mut surplus =
                self.waiting.iter().filter(|delivery| delivery.channel == *channel).count().saturating_sub(MAX_WAITING);
            self.waiting.retain(|delivery| {
                let goes = surplus > 0 && delivery.channel == *channel;
                surplus -= usize::from(goes);
                !goes
            });
        }
        before - self.waiting.len()
    }

    /// By channel, how many messages wait since `before` or earlier, and since when.
    pub fn waiting_since(&self, before: DateTime<Utc>) -> BTreeMap<String, (usize, DateTime<Utc>)> {
        let mut waiting = BTreeMap::new();
        for delivery in self.waiting.iter().filter(|delivery| delivery.message.at <= before) {
            let (count, since) = waiting.entry(delivery.channel.clone()).or_insert((0, delivery.message.at));
            *count += 1;
            *since = delivery.message.at.min(*since);
        }
        waiting
    }

    /// Hands out what is to be sent now, marked as being sent by process `me`. What a process that still lives is sending is
    /// left to it.
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

    /// Notes what became of a delivery that process `me` had claimed.
    pub fn record(&mut self, me: &str, sent: &Delivery, result: DeliveryResult, now: DateTime<Utc>) {
        let is_it = |delivery: &Delivery| {
            delivery.channel == sent.channel
                && delivery.message.id == sent.message.id
                && delivery.claim.as_deref() == Some(me)
        };
        if result == DeliveryResult::Taken {
            self.waiting.retain(|delivery| !is_it(delivery));
            return;
        }
        for delivery in self.waiting.iter_mut().filter(|delivery| is_it(delivery)) {
            delivery.claim = None;
            if result == DeliveryResult::Doubtful {
                delivery.doubts += 1;
                delivery.not_before = rest_after(delivery.doubts).map(|rest| now + rest);
            }
        }
    }
}

/// How long a message rests after so many doubtful tries: a channel that takes messages and never says so must not get one
/// in every run.
fn rest_after(doubts: u32) -> Option<TimeDelta> {
    let rest = 10_i64.checked_shl(doubts.checked_sub(5)?)?;
    Some(TimeDelta::minutes(rest).min(MAX_REST))
}

#[cfg(test)]
mod tests;
