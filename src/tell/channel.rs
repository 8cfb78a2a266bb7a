//! The channels that the configuration names.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{NotifySettings, TargetSettings};
use crate::domain::{Level, NoticeKind};
use crate::tell::hook::run_hook;
use crate::tell::message::{Message, NotDelivered};
use crate::tell::service::send;

/// Longest wait for one answer, so that one that hangs takes no time from the others.
const MOST_PER_MESSAGE: Duration = Duration::from_secs(5);

/// A service, or the user's program.
pub struct Channel<'a> {
    /// Its name in the outbox: its kind, and its number among those of its kind.
    pub key: String,
    /// Its name in messages about it.
    pub place: String,
    kind: ChannelKind<'a>,
}

enum ChannelKind<'a> {
    Hook(&'a NotifySettings),
    Service(&'a TargetSettings),
}

/// All channels: the services in their order, then the user's program.
pub fn channels(notify: &NotifySettings) -> Vec<Channel<'_>> {
    let mut of_kind: BTreeMap<&str, usize> = BTreeMap::new();
    let services = notify.targets.iter().map(|target| {
        let kind = target.kind.word();
        let count = of_kind.entry(kind).or_default();
        *count += 1;
        // Not by its address: what waits because of a wrong one must reach the corrected one.
        let (key, place) = (format!("{kind} {count}"), format!("[[notify.target]] {} ({kind})", target.number));
        Channel { key, place, kind: ChannelKind::Service(target) }
    });
    let hook = (!notify.command.is_empty()).then(|| Channel {
        key: "command".to_owned(),
        place: "[notify] command".to_owned(),
        kind: ChannelKind::Hook(notify),
    });
    services.chain(hook).collect()
}

impl Channel<'_> {
    /// Sends one message, once, within the time that is left.
    pub fn send(&self, message: &Message, clock: &Clock, left: Duration) -> Result<(), NotDelivered> {
        match self.kind {
            ChannelKind::Hook(notify) => {
                let line = format!("{}\n", serde_json::json!(message));
                run_hook(&notify.command, line.as_bytes(), clock, clock.since_boot() + left)
            }
            ChannelKind::Service(target) => send(target, message, left.min(MOST_PER_MESSAGE)),
        }
    }

    /// Reports whether the message is of a kind and level that the configuration wants there. A stop loss is a filled order,
    /// too: who chose `order_filled` must hear of it.
    pub fn wants(&self, message: &Message) -> bool {
        let (events, level) = match self.kind {
            ChannelKind::Hook(notify) => (&notify.events, Level::Info),
            ChannelKind::Service(target) => (&target.events, target.level),
        };
        let is_stop_loss = message.event == NoticeKind::StopLoss.word();
        let is_wanted =
            |kind: &NoticeKind| kind.word() == message.event || (*kind == NoticeKind::OrderFilled && is_stop_loss);
        message.level >= level && events.iter().any(is_wanted)
    }
}
