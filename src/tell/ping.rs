//! The dead-man switch: a monitor hears that a run began, and how it ended. Nothing here changes or delays the run.
//!
//! The first ping leaves in a thread of its own, so that no server, however slow, stands before the trading work. The last
//! one belongs to the step at the run's end in which people are told.

use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::config::{PingSettings, Settings};
use crate::exit::Exit;
use crate::tell::http::ping;
use crate::tell::not_delivered::NotDelivered;

/// A run that is pinged for.
pub struct Pings {
    settings: PingSettings,
    command: &'static str,
    limit: Duration,
    /// Gets what became of the first ping; `None` when none was sent.
    begun: Option<Receiver<Result<(), NotDelivered>>>,
}

impl Pings {
    /// The pings of a run of this command; `None` when nobody listens.
    pub fn of(settings: &Settings, command: &'static str) -> Option<Pings> {
        let ping = settings.ping.clone().filter(|ping| ping.commands.contains(&command))?;
        Some(Pings { settings: ping, command, limit: settings.notify.timeout, begun: None })
    }

    /// Says that the run began, and does not wait for an answer.
    pub fn begin(&mut self) {
        let timeout = self.limit / 2;
        let Some(url) = self.settings.url_for(self.command, "start") else { return };
        let (sender, receiver) = channel();
        let work = move || drop(sender.send(ping(&url, timeout)));
        // Without a thread the run goes on unannounced; its end is told all the same.
        if thread::Builder::new().name("ping".to_owned()).spawn(work).is_ok() {
            self.begun = Some(receiver);
        }
    }

    /// Says how a run ended that did not get as far as its state directory.
    pub fn end_early(self, exit: Exit) -> Vec<String> {
        let limit = self.limit;
        self.end(exit, limit)
    }

    /// Says how the run ended, within `time`; returns what went wrong, for people.
    pub fn end(self, exit: Exit, time: Duration) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Some(begun) = self.begun {
            // A beginning that arrived after the end would look like a run that hangs.
            match begun.recv_timeout(time / 2) {
                Ok(Ok(())) => {}
                Ok(Err(not_delivered)) => warnings.push(not_pinged("start", &not_delivered.why)),
                Err(_) => warnings.push(not_pinged("start", "it did not answer in time")),
            }
        }
        let code = exit.code().to_string();
        if let Some(url) = self.settings.url_for(self.command, &code)
            && let Err(not_delivered) = ping(&url, time / 2)
        {
            warnings.push(not_pinged(&code, &not_delivered.why));
        }
        warnings
    }
}

fn not_pinged(what: &str, why: &str) -> String {
    log::warn!("ping: /{what} failed: {why}");
    format!("[ping] /{what} failed: {why}")
}
