//! The last step of a run: events become messages, messages wait in the outbox, and each channel takes them from there.
//! Nothing here changes how the run ended, and no lock is held while anything is sent.
//!
//! A message is saved for every channel, in one file with the fact that its event is announced; then it is sent, and removed
//! as each channel takes it. The next run sends what no channel took.
//!
//! - `words`: events in both languages.
//! - `order_events`, `repeats`, `events`: which of them are new, as messages. Pure, like `outbox`: what waits for whom.
//! - `outbox_file`: the outbox on disk. `channel`, `hook`, `service`, `http`: how a message leaves.
//! - `ping`: the dead-man switch. `trial`: a test message to each channel, for `status --test-notify`.
//!
//! Knows no story and no gateway: a run hands over what is needed as values.

mod channel;
mod events;
mod hook;
mod http;
mod message;
mod order_events;
mod outbox;
mod outbox_file;
mod ping;
mod repeats;
mod service;
mod trial;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

use crate::clock::Clock;
use crate::config::Settings;
use crate::decide::buy::cooldown_until;
use crate::decide::fold::{Entry, JournalState};
use crate::domain::market_session::new_york;
use crate::domain::{Job, Level, Notice, NoticeKind, Symbol};
use crate::language::Sentence;
use crate::language::counts::{LaterEvents, Messages};
use crate::ordered::Ordered;
use crate::report::Report;
use crate::store::state_dir::StateDir;

use channel::{Channel, channels};
pub(crate) use events::{of_report, of_standing};
use message::NotDelivered;
use outbox::{Delivery, Outbox};
use outbox_file::{is_running, load, this_process, update};
pub(crate) use ping::Pings;
pub(crate) use trial::test_channels;
use words::delivery;
pub(crate) use words::notice_of;

/// Longest wait for another run to write the outbox.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// The wait when no time is left: the lock is held for a moment only.
const LEAST_LOCK_WAIT: Duration = Duration::from_millis(500);
/// `status` warns of a message that waits for longer.
const LONG_WAIT: TimeDelta = TimeDelta::hours(1);
/// Orders of this many days before the trading date are looked through; the outbox decides which of them are news.
const COLLECTED_DAYS: i64 = 5;

/// What a run collects on its way and announces at its end.
#[derive(Default)]
pub(crate) struct News {
    pub notices: Vec<Notice>,
    /// Orders as the run found them; what happened to them earlier is not its own news.
    found: Vec<Entry>,
    /// Orders as the run left them; `None` when it leaves the journal as it is.
    left: Option<Vec<Entry>>,
    /// The first dates on which their symbols may be bought again after a stop loss.
    free_from: BTreeMap<Symbol, NaiveDate>,
}

/// What the last step of a run leaves to be printed.
#[derive(Default)]
pub(crate) struct Told {
    pub warnings: Vec<Sentence>,
    /// What people see although `-q` silences the run: what lasts, and without a channel whatever needs a person.
    pub lines: Vec<String>,
}

/// Announces the news of one run.
#[derive(Clone, Copy)]
pub(crate) struct Notifier<'a> {
    pub settings: &'a Settings,
    pub clock: &'a Clock,
    pub dir: &'a StateDir,
    pub run_id: &'a str,
    pub job: Job,
    /// True when no message leaves, as for `token-check --offline`.
    pub is_silent: bool,
}

impl Notifier<'_> {
    /// Notes the orders that a run finds, and records them before it sends any: with a new outbox only what happens from now
    /// on is news. Not for runs that leave the journal as it is.
    pub fn begin(&self, journal: &JournalState, trading_date: NaiveDate, news: &mut News) {
        if channels(&self.settings.notify).is_empty() {
            return;
        }
        news.found = recent(journal, trading_date).cloned().collect();
        let is_new = load(&self.dir.notified()).is_ok_and(|outbox| outbox.orders.is_none());
        if is_new {
            // A failure to write shows again at the end.
            let _ = update(self, LOCK_WAIT, |outbox| outbox.take_as_announced(&news.found));
        }
    }

    /// Notes the orders that a run leaves. Not for runs that leave the journal as it is.
    pub fn note_orders(&self, journal: &JournalState, trading_date: NaiveDate, news: &mut News) {
        if channels(&self.settings.notify).is_empty() {
            return;
        }
        let left: Vec<Entry> = recent(journal, trading_date).cloned().collect();
        let free_from = |symbol: &Symbol| Some((symbol.clone(), cooldown_until(journal, &self.settings.sell, symbol)?));
        news.free_from = left.iter().filter_map(|entry| free_from(&entry.intent.symbol)).ordered();
        news.left = Some(left);
    }

    /// Warns of messages that have waited for long. For `status`, because `-q` hides the warnings of other runs.
    pub fn long_waits(&self) -> Vec<Sentence> {
        let channels = channels(&self.settings.notify);
        if channels.is_empty() {
            return Vec::new();
        }
        // A failure to read shows again at the end.
        let Ok(mut outbox) = load(&self.dir.notified()) else { return Vec::new() };
        let now = self.clock.now();
        outbox.tidy(&keys(&channels), now);
        let warning = |channel: &Channel<'_>| {
            let (count, since) = outbox.waiting_since(&channel.key, now - LONG_WAIT)?;
            Some(delivery::waiting(Messages::from(count), &new_york(since), &channel.place))
        };
        channels.iter().filter_map(warning).collect()
    }

    /// Sends every channel what is due. All of it takes no longer than `[notify] timeout_seconds`.
    pub fn notify(&self, news: News, pings: Option<Pings>, report: &Report) -> Told {
        let give_up_at = self.clock.since_boot() + self.settings.notify.timeout;
        let channels = channels(&self.settings.notify);
        let mut told = Told::default();
        let deliveries = match (self.is_silent, channels.is_empty()) {
            (false, false) => self.take_due(&channels, news, &mut told),
            (false, true) if report.is_muted && !report.has_failed() => self.tell_nobody(news, &mut told),
            _ => Vec::new(),
        };
        let for_channel = |channel: &Channel<'_>| -> Vec<&Delivery> {
            deliveries.iter().filter(|delivery| delivery.channel == channel.key).collect()
        };
        let mut wanted: Vec<_> = channels.iter().map(|channel| (channel, for_channel(channel))).collect();
        wanted.retain(|(_, deliveries)| !deliveries.is_empty());
        let mut waiting = u32::try_from(wanted.len()).unwrap_or(u32::MAX) + u32::from(pings.is_some());
        let mut next_share = || {
            let left = give_up_at.saturating_sub(self.clock.since_boot());
            let share = left / waiting.max(1);
            waiting = waiting.saturating_sub(1);
            share
        };
        if let Some(pings) = pings {
            told.warnings.extend(pings.end(report.exit(), next_share()));
        }
        for (channel, deliveries) in wanted {
            told.warnings.extend(self.serve(channel, &deliveries, next_share()));
        }
        // An outbox that can't be written warns once per message.
        let mut seen = BTreeSet::new();
        told.warnings.retain(|warning| seen.insert(warning.clone()));
        told
    }

    /// Without a channel, a run that ended well and that `-q` silences says on standard error what was held back or needs a
    /// person. A failure was printed when it was new.
    fn tell_nobody(&self, mut news: News, told: &mut Told) -> Vec<Delivery> {
        news.left = None;
        news.notices.retain(|notice| notice.kind.level() == Level::Warning);
        if news.notices.is_empty() {
            return Vec::new();
        }
        let messages =
            update(self, LOCK_WAIT, |outbox| events::messages(self, &news, outbox)).unwrap_or_else(|warning| {
                told.warnings.push(warning);
                events::messages(self, &news, &mut Outbox::default())
            });
        told.lines = messages.into_iter().map(|message| message.text).collect();
        Vec::new()
    }

    /// Sends a channel its messages, oldest first, until one fails or its time is over.
    fn serve(&self, channel: &Channel<'_>, deliveries: &[&Delivery], share: Duration) -> Vec<Sentence> {
        let give_up_at = self.clock.since_boot() + share;
        let left = || give_up_at.saturating_sub(self.clock.since_boot());
        let mut warnings = Vec::new();
        let mut rest = deliveries.iter();
        while !left().is_zero()
            && let Some(delivery) = rest.next()
        {
            let sent = channel.send(&delivery.message, self.clock, left());
            // At once, so that a kill a moment later repeats as little as possible.
            warnings.extend(self.record(&[delivery], &sent, left()));
            if let Err(NotDelivered { why, .. }) = sent {
                let (event, place) = (&delivery.message.event, &channel.place);
                log::warn!("notify: {event} was not told by {place}: {why}");
                warnings.push(match rest.len() as u64 {
                    0 => delivery::not_delivered(place, event, &why),
                    later => delivery::several_not_delivered(place, event, LaterEvents(later), &why),
                });
                break;
            }
        }
        let untried: Vec<&Delivery> = rest.copied().collect();
        if !untried.is_empty() {
            warnings.extend(self.record(&untried, &Err(NotDelivered::surely(delivery::not_tried())), left()));
        }
        warnings
    }

    /// Records the result of deliveries; returns a warning when that fails.
    fn record(&self, deliveries: &[&Delivery], result: &Result<(), NotDelivered>, wait: Duration) -> Option<Sentence> {
        let (now, me) = (self.clock.now(), this_process());
        let note =
            |outbox: &mut Outbox| deliveries.iter().for_each(|delivery| outbox.record(&me, delivery, result, now));
        update(self, wait.clamp(LEAST_LOCK_WAIT, LOCK_WAIT), note).err()
    }

    /// Records what is new, and claims what is to be sent now, with warnings. An outbox that can't be read or written must not
    /// hold the news of this run back: sent twice is better than never.
    fn take_due(&self, channels: &[Channel<'_>], news: News, told: &mut Told) -> Vec<Delivery> {
        let now = self.clock.now();
        let fill = |outbox: &mut Outbox| {
            let messages = events::messages(self, &news, outbox);
            for channel in channels {
                let wanted = messages.iter().filter(|message| channel.wants(message)).cloned();
                outbox.add(&channel.key, wanted);
            }
            let lost = outbox.tidy(&keys(channels), now);
            let standing = messages.into_iter().filter(|message| message.event == NoticeKind::Standing.word());
            let lines: Vec<String> = standing.map(|message| message.text).collect();
            (outbox.claim(&this_process(), now, is_running), lost, lines)
        };
        let (deliveries, lost, lines) = update(self, LOCK_WAIT, fill).unwrap_or_else(|warning| {
            told.warnings.push(warning);
            // Only this run's own news: what came before may have been sent.
            let mut outbox = Outbox::default();
            outbox.take_as_announced(&news.found);
            fill(&mut outbox)
        });
        told.lines = lines;
        if lost > 0 {
            told.warnings.push(delivery::given_up(Messages::from(lost)));
        }
        deliveries
    }
}

fn keys<'a>(channels: &'a [Channel<'_>]) -> Vec<&'a str> {
    channels.iter().map(|channel| channel.key.as_str()).collect()
}

fn recent(journal: &JournalState, trading_date: NaiveDate) -> impl Iterator<Item = &Entry> {
    let first = trading_date - TimeDelta::days(COLLECTED_DAYS);
    let entries = journal.entries.values();
    entries.filter(move |entry| entry.intent.trading_date >= first || entry.state.is_live())
}
