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
use crate::domain::notice::Message;
use crate::tell::order_events::{OrderEvent, ToldOrder, events_of};
use crate::tell::repeats::Told;

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
    pub told: Told,
    /// Events of orders told; `None` before anything was to be told.
    #[serde(default)]
    pub orders: Option<BTreeMap<IntentId, ToldOrder>>,
    /// What waits.
    #[serde(default)]
    pub waiting: Vec<Parcel>,
}

/// One message for one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
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
pub enum Delivery {
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
    pub fn take_as_told(&mut self, entries: &[Entry]) {
        let told = entries.iter().map(|entry| (entry.intent.id.clone(), events_of(entry, &ToldOrder::default()).1));
        self.orders.get_or_insert_default().extend(told);
    }

    /// Adds messages for a channel; one that waits there already is not added again.
    pub fn add(&mut self, channel: &str, messages: impl IntoIterator<Item = Message>) {
        for message in messages {
            if !self.waiting.iter().any(|parcel| parcel.channel == channel && parcel.message.id == message.id) {
                let channel = channel.to_owned();
                self.waiting.push(Parcel { channel, message, doubts: 0, not_before: None, claim: None });
            }
        }
    }

    /// Gives up what is too old, too much, or meant for a channel that is gone. Returns how many messages a channel that
    /// is still there will never get.
    pub fn tidy(&mut self, channels: &[&str], now: DateTime<Utc>) -> usize {
        self.waiting.retain(|parcel| channels.contains(&parcel.channel.as_str()));
        let before = self.waiting.len();
        self.waiting.retain(|parcel| (now - parcel.message.at).abs() <= MAX_AGE && parcel.doubts < MAX_DOUBTS);
        for channel in channels {
            let mut surplus =
                self.waiting.iter().filter(|parcel| parcel.channel == *channel).count().saturating_sub(MAX_WAITING);
            self.waiting.retain(|parcel| {
                let goes = surplus > 0 && parcel.channel == *channel;
                surplus -= usize::from(goes);
                !goes
            });
        }
        before - self.waiting.len()
    }

    /// By channel, how many messages wait since `before` or earlier, and since when.
    pub fn waiting_since(&self, before: DateTime<Utc>) -> BTreeMap<String, (usize, DateTime<Utc>)> {
        let mut waiting = BTreeMap::new();
        for parcel in self.waiting.iter().filter(|parcel| parcel.message.at <= before) {
            let (count, since) = waiting.entry(parcel.channel.clone()).or_insert((0, parcel.message.at));
            *count += 1;
            *since = parcel.message.at.min(*since);
        }
        waiting
    }

    /// Hands out what is to be sent now, marked as being sent by process `me`. What a process that still lives is sending is
    /// left to it.
    pub fn claim(&mut self, me: &str, now: DateTime<Utc>, is_alive: impl Fn(&str) -> bool) -> Vec<Parcel> {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let mut claimed = Vec::new();
        for parcel in &mut self.waiting {
            let is_resting = parcel.not_before.is_some_and(|until| now < until && until - now <= MAX_REST);
            let is_free = parcel.claim.as_deref().is_none_or(|claim| claim == me || !is_alive(claim));
            let count = taken.entry(parcel.channel.clone()).or_default();
            if is_resting || !is_free || *count >= MAX_PER_RUN {
                continue;
            }
            *count += 1;
            parcel.claim = Some(me.to_owned());
            claimed.push(parcel.clone());
        }
        claimed
    }

    /// Notes what became of a parcel that process `me` had claimed.
    pub fn record(&mut self, me: &str, sent: &Parcel, delivery: Delivery, now: DateTime<Utc>) {
        let is_it = |parcel: &Parcel| {
            parcel.channel == sent.channel
                && parcel.message.id == sent.message.id
                && parcel.claim.as_deref() == Some(me)
        };
        if delivery == Delivery::Taken {
            self.waiting.retain(|parcel| !is_it(parcel));
            return;
        }
        for parcel in self.waiting.iter_mut().filter(|parcel| is_it(parcel)) {
            parcel.claim = None;
            if delivery == Delivery::Doubtful {
                parcel.doubts += 1;
                parcel.not_before = rest_after(parcel.doubts).map(|rest| now + rest);
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
