//! The dead-man switch: pings tell a monitor that a run began, and how it ended. Nothing here changes or delays the run.
//!
//! The first ping leaves in a thread of its own, so that no server, however slow, delays the trading. The last one is sent with
//! the messages at the run's end.

use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::config::{PingSettings, Settings};
use crate::domain::Job;
use crate::exit::Exit;
use crate::language::Sentence;
use crate::tell::http::ping;
use crate::tell::message::NotDelivered;
use crate::tell::words::delivery as words;

/// The pings of one run.
pub(crate) struct Pings {
    settings: PingSettings,
    job: Job,
    /// The most time for all messages of a run.
    limit: Duration,
    /// Gets the result of the first ping; `None` when none was sent.
    begun: Option<Receiver<Result<(), NotDelivered>>>,
}

impl Pings {
    /// The pings of a run; `None` when its command is not pinged for.
    pub fn of(settings: &Settings, job: Job) -> Option<Pings> {
        let ping = settings.ping.clone().filter(|ping| ping.commands.contains(&job.word()))?;
        Some(Pings { settings: ping, job, limit: settings.notify.timeout, begun: None })
    }

    /// Announces the start, without waiting for an answer.
    pub fn begin(&mut self) {
        let timeout = self.limit / 2;
        let Some(url) = self.settings.url_for(self.job.word(), "start") else { return };
        let (sender, receiver) = channel();
        let work = move || drop(sender.send(ping(&url, timeout)));
        // Without a thread only the start goes unannounced.
        if thread::Builder::new().name("ping".to_owned()).spawn(work).is_ok() {
            self.begun = Some(receiver);
        }
    }

    /// Announces how the run ended, within `time` at most; returns warnings.
    pub fn end(self, exit: Exit, time: Duration) -> Vec<Sentence> {
        let time = time.min(self.limit);
        // A start that arrives after the end looks like a run that hangs.
        let late = |_| Err(NotDelivered::perhaps(words::no_answer_in_time()));
        let start = self.begun.map(|begun| begun.recv_timeout(time / 2).unwrap_or_else(late));
        let code = exit.code().to_string();
        let end = self.settings.url_for(self.job.word(), &code).map(|url| ping(&url, time / 2));
        let warning =
            |(what, sent): (&str, Option<Result<(), NotDelivered>>)| Some(not_pinged(what, &sent?.err()?.why));
        [("start", start), (&code, end)].into_iter().filter_map(warning).collect()
    }
}

fn not_pinged(what: &str, why: &Sentence) -> Sentence {
    log::warn!("ping: /{what} failed: {why}");
    words::ping_failed(what, why)
}
