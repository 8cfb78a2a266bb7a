//! The last step of a run: people are told what happened. Nothing here changes how the run ended, and no lock is held while
//! anything is sent.
//!
//! What is to be told is written down first, for every channel, in one file with the fact that it is told; then it is sent,
//! and crossed out as each channel takes it. What no channel took, the next run sends.

mod events;
mod hook;
mod http;
mod not_told;
mod order_events;
mod outbox;
mod outbox_file;
pub mod ping;
mod repeats;
mod service;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;

use crate::cli::Command;
use crate::cmd::base::Base;
use crate::cmd::open::Opened;
use crate::config::TargetSettings;
use crate::decide::buy::cooldown_until;
use crate::decide::fold::Entry;
use crate::domain::market_session::new_york;
use crate::domain::notice::{Message, Notice};
use crate::exit::Exit;
use crate::store::lock::{FileLock, Holder, LockMode};

use events::Journalled;
pub use events::of_report;
use hook::run_hook;
use not_told::NotTold;
use outbox::{Delivery, Outbox, Parcel};
use outbox_file::{is_running, load_notified, save_notified, this_process};
use ping::Pings;
use service::send;

/// Longest wait for another run to write down what it tells.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// Wait for it where the time is over: whoever holds the lock holds it for a moment.
const LEAST_LOCK_WAIT: Duration = Duration::from_millis(500);
/// A message that waits for longer is worth a word in `status`.
const LONG_WAIT: TimeDelta = TimeDelta::hours(1);
/// Longest wait for one answer, so that what hangs takes nobody else's time.
const MOST_PER_MESSAGE: Duration = Duration::from_secs(5);
/// How far back orders may be news.
const NEWS_DAYS: i64 = 5;

/// What a run learned that people should hear of.
#[derive(Default)]
pub struct News {
    /// Events of the run.
    pub notices: Vec<Notice>,
    /// Orders as the run found them; what happened to them before is not its own news.
    pub found: Vec<Entry>,
    /// Orders as it left them, with the end of their cool-down.
    pub left: Option<Vec<Journalled>>,
}

/// One way to people.
struct Channel<'a> {
    /// Its name in the outbox: its kind, and its place among those of its kind.
    key: String,
    /// Its name in messages about it.
    place: String,
    kind: ChannelKind<'a>,
}

enum ChannelKind<'a> {
    Hook(&'a [String]),
    Service(&'a TargetSettings),
}

/// Notes the orders that a run found, and sees to it that they are remembered before it sends any: when nothing is
/// remembered yet, only what happens from now on is news.
pub fn begin(base: &Base, open: &Opened<'_>, news: &mut News) {
    if open.is_read_only() || channels(base).is_empty() {
        return;
    }
    news.found = recent(open).cloned().collect();
    // Without a lock: the file is always whole, and this happens once in its life.
    let is_new = load_notified::<Outbox>(&base.dir.notified()).is_ok_and(|outbox| outbox.orders.is_none());
    if is_new {
        // What can't be written now is told of at the end.
        let _ = update(base, open.command, LOCK_WAIT, |outbox| outbox.take_as_told(&news.found));
    }
}

/// Notes the orders that a run leaves.
pub fn note_orders(base: &Base, open: &Opened<'_>, news: &mut News) {
    if !open.is_read_only() && !channels(base).is_empty() {
        let with_cooldown = |entry: &Entry| Journalled {
            entry: entry.clone(),
            free_from: cooldown_until(open.journal.state(), &open.settings.sell, &entry.intent.symbol),
        };
        news.left = Some(recent(open).map(with_cooldown).collect());
    }
}

fn recent<'a>(open: &'a Opened<'_>) -> impl Iterator<Item = &'a Entry> {
    let first = open.market.trading_date - TimeDelta::days(NEWS_DAYS);
    let entries = open.journal.state().entries.values();
    entries.filter(move |entry| entry.intent.trading_day >= first || entry.state.is_live())
}

/// The messages that have waited for long, for people: a run under `-q` says nothing of its warnings, `status` and its page
/// are looked at.
pub fn long_waits(base: &Base) -> Vec<String> {
    let channels = channels(base);
    if channels.is_empty() {
        return Vec::new();
    }
    // Without a lock: the file is always whole. One that can't be read is told of at the end.
    let Ok(mut outbox) = load_notified::<Outbox>(&base.dir.notified()) else { return Vec::new() };
    let (now, keys) = (base.clock.now(), channels.iter().map(|channel| channel.key.as_str()).collect::<Vec<_>>());
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
pub fn tell(base: &Base, command: &Command, news: News, pings: Option<Pings>, exit: Exit) -> Vec<String> {
    let give_up_at = base.clock.since_boot() + base.settings.notify.timeout;
    let channels = channels(base);
    // A look at the file alone tells nobody anything.
    let is_silent = matches!(command, Command::TokenCheck { offline: true, .. });
    let (parcels, mut warnings) = if channels.is_empty() || is_silent {
        Default::default()
    } else {
        take_due(base, command.name(), &channels, news)
    };
    let wanted: Vec<(&Channel<'_>, Vec<&Parcel>)> = channels
        .iter()
        .map(|channel| (channel, parcels.iter().filter(|parcel| parcel.channel == channel.key).collect::<Vec<_>>()))
        .filter(|(_, parcels)| !parcels.is_empty())
        .collect();
    let mut waiting = u32::try_from(wanted.len()).unwrap_or(u32::MAX) + u32::from(pings.is_some());
    let mut next_share = || {
        let left = give_up_at.saturating_sub(base.clock.since_boot());
        let share = left / waiting.max(1);
        waiting = waiting.saturating_sub(1);
        share
    };
    if let Some(pings) = pings {
        warnings.extend(pings.end(exit, next_share()));
    }
    for (channel, parcels) in wanted {
        warnings.extend(serve(base, command.name(), channel, &parcels, next_share()));
    }
    // A record that can't be written says so for each message.
    let mut told = BTreeSet::new();
    warnings.retain(|warning| told.insert(warning.clone()));
    warnings
}

/// Sends a channel its messages, oldest first, until one fails or its time is over.
fn serve(base: &Base, command: &str, channel: &Channel<'_>, parcels: &[&Parcel], share: Duration) -> Vec<String> {
    let give_up_at = base.clock.since_boot() + share;
    let left = || give_up_at.saturating_sub(base.clock.since_boot());
    let mut warnings = Vec::new();
    let mut rest = parcels.iter();
    while !left().is_zero()
        && let Some(parcel) = rest.next()
    {
        let sent = channel.send(base, &parcel.message, left());
        let delivery = match &sent {
            Ok(()) => Delivery::Taken,
            Err(not_told) if not_told.is_doubtful => Delivery::Doubtful,
            Err(_) => Delivery::Refused,
        };
        // At once, so that a run killed a moment later has as little as possible sent twice.
        warnings.extend(record(base, command, &[parcel], delivery, left()));
        if let Err(NotTold { why, .. }) = sent {
            let (event, place) = (&parcel.message.event, &channel.place);
            let later = match rest.len() {
                0 => String::new(),
                count => format!(", nor of {count} later event(s)"),
            };
            log::warn!("notify: {event} was not told by {place}: {why}");
            warnings.push(format!("{place} was not told of {event}{later}: {why}; the next run tries again"));
            break;
        }
    }
    let untried: Vec<&Parcel> = rest.copied().collect();
    if !untried.is_empty() {
        warnings.extend(record(base, command, &untried, Delivery::Untried, left()));
    }
    warnings
}

fn record(base: &Base, command: &str, parcels: &[&Parcel], delivery: Delivery, wait: Duration) -> Vec<String> {
    let (now, me) = (base.clock.now(), this_process());
    let note = |outbox: &mut Outbox| parcels.iter().for_each(|parcel| outbox.record(&me, parcel, delivery, now));
    update(base, command, wait.clamp(LEAST_LOCK_WAIT, LOCK_WAIT), note).1
}

impl Channel<'_> {
    fn send(&self, base: &Base, message: &Message, left: Duration) -> Result<(), NotTold> {
        match self.kind {
            ChannelKind::Hook(command) => {
                let line = format!("{}\n", serde_json::json!(message));
                run_hook(command, line.as_bytes(), &base.clock, base.clock.since_boot() + left)
            }
            ChannelKind::Service(target) => send(target, message, left.min(MOST_PER_MESSAGE)),
        }
    }

    fn wants(&self, message: &Message) -> bool {
        match self.kind {
            ChannelKind::Hook(_) => true,
            ChannelKind::Service(target) => {
                message.level >= target.level && target.events.iter().any(|kind| kind.word() == message.event)
            }
        }
    }
}

fn channels(base: &Base) -> Vec<Channel<'_>> {
    let notify = &base.settings.notify;
    let mut of_kind: BTreeMap<&str, usize> = BTreeMap::new();
    let services = notify.targets.iter().map(|target| {
        let kind = target.kind.word();
        let count = of_kind.entry(kind).or_default();
        *count += 1;
        // Not by its address: what waits because that is wrong must reach the corrected one.
        let (key, place) = (format!("{kind} {count}"), format!("[[notify.target]] {} ({kind})", target.number));
        Channel { key, place, kind: ChannelKind::Service(target) }
    });
    let hook = (!notify.command.is_empty()).then(|| Channel {
        key: "command".to_owned(),
        place: "[notify] command".to_owned(),
        kind: ChannelKind::Hook(&notify.command),
    });
    services.chain(hook).collect()
}

/// Writes down what is new, and takes what is to be sent now. What can't be read or written must not keep the news of this
/// run back: it is better told twice than never.
fn take_due(base: &Base, command: &str, channels: &[Channel<'_>], news: News) -> (Vec<Parcel>, Vec<String>) {
    let now = base.clock.now();
    let keys: Vec<&str> = channels.iter().map(|channel| channel.key.as_str()).collect();
    let fill = |outbox: &mut Outbox| {
        let messages = events::messages(base, command, &news, outbox);
        for channel in channels {
            let wanted = messages.iter().filter(|message| channel.wants(message)).cloned();
            outbox.add(&channel.key, wanted);
        }
        let lost = outbox.tidy(&keys, now);
        (outbox.claim(&this_process(), now, is_running), lost)
    };
    let (done, mut warnings) = update(base, command, LOCK_WAIT, fill);
    let (parcels, lost) = done.unwrap_or_else(|| {
        // Only this run's own news: what came before may have been told.
        let mut outbox = Outbox::default();
        outbox.take_as_told(&news.found);
        fill(&mut outbox)
    });
    if lost > 0 {
        warnings.push(format!("{lost} message(s) to people are given up: too old, too many, or never confirmed"));
    }
    (parcels, warnings)
}

/// Changes the outbox under its lock, which is let go before anything is sent; `None` when it can't be read or written.
fn update<T>(
    base: &Base,
    command: &str,
    wait: Duration,
    change: impl FnOnce(&mut Outbox) -> T,
) -> (Option<T>, Vec<String>) {
    let (path, clock) = (base.dir.notified(), &base.clock);
    let holder = Holder::this_process(command, clock);
    let lock = FileLock::acquire(&base.dir.notified_lock(), LockMode::Exclusive, wait, clock, &holder);
    // Without it, what another run writes at this moment would be lost.
    let _lock = match lock {
        Ok(lock) => lock,
        Err(error) => return (None, vec![error.to_string()]),
    };
    let before = match load_notified::<Outbox>(&path) {
        Ok(outbox) => outbox,
        // Kept for a person to look at, hence not replaced.
        Err(failure) => return (None, vec![failure.to_string()]),
    };
    let mut outbox = before.clone();
    let done = change(&mut outbox);
    if outbox == before {
        return (Some(done), Vec::new());
    }
    match save_notified(&path, &outbox) {
        Ok(()) => (Some(done), Vec::new()),
        Err(error) => (None, vec![format!("{} can't be written: {error}", path.display())]),
    }
}
