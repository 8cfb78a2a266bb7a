//! Telling people, the last step of a run: events become messages, messages wait in the outbox, and each channel takes them
//! from there. Nothing here changes how the run ended, and no lock is held while anything is sent.
//!
//! What is to be told is written down first, for every channel, in one file with the fact that it is told; then it is sent,
//! and crossed out as each channel takes it. What no channel took, the next run sends.
//!
//! - [`news`], [`words`]: what a run collects on its way, in words of both languages.
//! - `order_events`, `repeats`, `events`: which of that is new, as messages. Pure, like `outbox`: what waits for whom.
//! - `outbox_file`: the outbox on disk. `channel`, `hook`, `service`, `http`: how a message leaves.
//! - [`ping`]: the dead-man switch.
//!
//! Knows no story and no gateway: what it needs of a run is handed to it as values.

mod channel;
mod events;
mod hook;
mod http;
mod message;
pub mod news;
mod not_delivered;
mod order_events;
mod outbox;
mod outbox_file;
pub mod ping;
mod repeats;
mod service;
pub mod words;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

use crate::clock::Clock;
use crate::config::Settings;
use crate::decide::buy::cooldown_until;
use crate::decide::fold::{Entry, JournalState};
use crate::domain::market_session::new_york;
use crate::exit::Exit;
use crate::store::state_dir::StateDir;

use channel::{Channel, channels};
pub use events::{notice_of, of_report};
use news::{Journalled, News};
use not_delivered::NotDelivered;
use outbox::{Delivery, DeliveryResult, Outbox};
use outbox_file::{is_running, load, this_process, update};
use ping::Pings;

/// Longest wait for another run to write down what it tells.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// Wait for it where the time is over: whoever holds the lock holds it for a moment.
const LEAST_LOCK_WAIT: Duration = Duration::from_millis(500);
/// A message that waits for longer is worth a word in `status`.
const LONG_WAIT: TimeDelta = TimeDelta::hours(1);
/// How far back orders may be news.
const NEWS_DAYS: i64 = 5;

/// A run that tells people, as far as telling needs to know it.
#[derive(Clone, Copy)]
pub struct Teller<'a> {
    /// The configuration.
    pub settings: &'a Settings,
    /// The clock.
    pub clock: &'a Clock,
    /// The state directory.
    pub dir: &'a StateDir,
    /// The run's id.
    pub run_id: &'a str,
    /// The command's name.
    pub command: &'static str,
    /// True when no message leaves: a look at the token's file alone tells nobody anything.
    pub is_silent: bool,
}

impl Teller<'_> {
    /// Notes the orders that a run found, and sees to it that they are remembered before it sends any: when nothing is
    /// remembered yet, only what happens from now on is news. Not for runs that leave the journal as it is.
    pub fn begin(&self, journal: &JournalState, trading_date: NaiveDate, news: &mut News) {
        if channels(&self.settings.notify).is_empty() {
            return;
        }
        news.found = recent(journal, trading_date).cloned().collect();
        let is_new = load(&self.dir.notified()).is_ok_and(|outbox| outbox.orders.is_none());
        if is_new {
            // What can't be written now is told of at the end.
            let _ = update(self, LOCK_WAIT, |outbox| outbox.take_as_announced(&news.found));
        }
    }

    /// Notes the orders that a run leaves. Not for runs that leave the journal as it is.
    pub fn note_orders(&self, journal: &JournalState, trading_date: NaiveDate, news: &mut News) {
        if channels(&self.settings.notify).is_empty() {
            return;
        }
        let with_cooldown = |entry: &Entry| Journalled {
            entry: entry.clone(),
            free_from: cooldown_until(journal, &self.settings.sell, &entry.intent.symbol),
        };
        news.left = Some(recent(journal, trading_date).map(with_cooldown).collect());
    }

    /// The messages that have waited for long, for people: a run under `-q` says nothing of its warnings, `status` and its
    /// page are looked at.
    pub fn long_waits(&self) -> Vec<String> {
        let channels = channels(&self.settings.notify);
        if channels.is_empty() {
            return Vec::new();
        }
        // An outbox that can't be read is told of at the end.
        let Ok(mut outbox) = load(&self.dir.notified()) else { return Vec::new() };
        let (now, keys) = (self.clock.now(), channels.iter().map(|channel| channel.key.as_str()).collect::<Vec<_>>());
        outbox.tidy(&keys, now);
        let waiting = outbox.waiting_since(now - LONG_WAIT);
        let words = |channel: &Channel<'_>| {
            let (count, since) = waiting.get(&channel.key)?;
            Some(format!("{count} message(s) wait since {} for {}", new_york(*since), channel.place))
        };
        channels.iter().filter_map(words).collect()
    }

    /// Tells everybody what is due, and returns what went wrong, for people. All of it together takes no longer than `[notify]
    /// timeout_seconds`.
    pub fn tell(&self, news: News, pings: Option<Pings>, exit: Exit) -> Vec<String> {
        let give_up_at = self.clock.since_boot() + self.settings.notify.timeout;
        let channels = channels(&self.settings.notify);
        let (deliveries, mut warnings) =
            if channels.is_empty() || self.is_silent { Default::default() } else { self.take_due(&channels, news) };
        let wanted: Vec<(&Channel<'_>, Vec<&Delivery>)> = channels
            .iter()
            .map(|channel| {
                (channel, deliveries.iter().filter(|delivery| delivery.channel == channel.key).collect::<Vec<_>>())
            })
            .filter(|(_, deliveries)| !deliveries.is_empty())
            .collect();
        let mut waiting = u32::try_from(wanted.len()).unwrap_or(u32::MAX) + u32::from(pings.is_some());
        let mut next_share = || {
            let left = give_up_at.saturating_sub(self.clock.since_boot());
            let share = left / waiting.max(1);
            waiting = waiting.saturating_sub(1);
            share
        };
        if let Some(pings) = pings {
            warnings.extend(pings.end(exit, next_share()));
        }
        for (channel, deliveries) in wanted {
            warnings.extend(self.serve(channel, &deliveries, next_share()));
        }
        // A record that can't be written says so for each message.
        let mut told = BTreeSet::new();
        warnings.retain(|warning| told.insert(warning.clone()));
        warnings
    }

    /// Sends a channel its messages, oldest first, until one fails or its time is over.
    fn serve(&self, channel: &Channel<'_>, deliveries: &[&Delivery], share: Duration) -> Vec<String> {
        let give_up_at = self.clock.since_boot() + share;
        let left = || give_up_at.saturating_sub(self.clock.since_boot());
        let mut warnings = Vec::new();
        let mut rest = deliveries.iter();
        while !left().is_zero()
            && let Some(delivery) = rest.next()
        {
            let sent = channel.send(&delivery.message, self.clock, left());
            let result = match &sent {
                Ok(()) => DeliveryResult::Taken,
                Err(error) if error.is_doubtful => DeliveryResult::Doubtful,
                Err(_) => DeliveryResult::Refused,
            };
            // At once, so that a run killed a moment later has as little as possible sent twice.
            warnings.extend(self.record(&[delivery], result, left()));
            if let Err(NotDelivered { why, .. }) = sent {
                let (event, place) = (&delivery.message.event, &channel.place);
                let later = match rest.len() {
                    0 => String::new(),
                    count => format!(", nor of {count} later event(s)"),
                };
                log::warn!("notify: {event} was not told by {place}: {why}");
                warnings.push(format!("{place} was not told of {event}{later}: {why}; the next run tries again"));
                break;
            }
        }
        let untried: Vec<&Delivery> = rest.copied().collect();
        if !untried.is_empty() {
            warnings.extend(self.record(&untried, DeliveryResult::Untried, left()));
        }
        warnings
    }

    /// Writes down what became of deliveries; returns what went wrong, for people.
    fn record(&self, deliveries: &[&Delivery], result: DeliveryResult, wait: Duration) -> Option<String> {
        let (now, me) = (self.clock.now(), this_process());
        let note =
            |outbox: &mut Outbox| deliveries.iter().for_each(|delivery| outbox.record(&me, delivery, result, now));
        update(self, wait.clamp(LEAST_LOCK_WAIT, LOCK_WAIT), note).err()
    }

    /// Writes down what is new, and takes what is to be sent now. What can't be read or written must not keep the news of this
    /// run back: it is better told twice than never.
    fn take_due(&self, channels: &[Channel<'_>], news: News) -> (Vec<Delivery>, Vec<String>) {
        let now = self.clock.now();
        let keys: Vec<&str> = channels.iter().map(|channel| channel.key.as_str()).collect();
        let fill = |outbox: &mut Outbox| {
            let messages = events::messages(self, &news, outbox);
            for channel in channels {
                let wanted = messages.iter().filter(|message| channel.wants(message)).cloned();
                outbox.add(&channel.key, wanted);
            }
            let lost = outbox.tidy(&keys, now);
            (outbox.claim(&this_process(), now, is_running), lost)
        };
        let ((deliveries, lost), mut warnings) = match update(self, LOCK_WAIT, fill) {
            Ok(due) => (due, Vec::new()),
            Err(warning) => {
                // Only this run's own news: what came before may have been told.
                let mut outbox = Outbox::default();
                outbox.take_as_announced(&news.found);
                (fill(&mut outbox), vec![warning])
            }
        };
        if lost > 0 {
            warnings.push(format!("{lost} message(s) to people are given up: too old, too many, or never confirmed"));
        }
        (deliveries, warnings)
    }
}

fn recent(journal: &JournalState, trading_date: NaiveDate) -> impl Iterator<Item = &Entry> {
    let first = trading_date - TimeDelta::days(NEWS_DAYS);
    let entries = journal.entries.values();
    entries.filter(move |entry| entry.intent.trading_day >= first || entry.state.is_live())
}
