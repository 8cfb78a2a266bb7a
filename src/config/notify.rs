//! Who is told of what, and by which way.

mod read;

use std::collections::BTreeSet;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::domain::notice::{Level, NoticeKind};

pub(super) use read::{read_notify, read_ping};

/// What stands for the command in the address of a ping.
const COMMAND: &str = "{command}";

/// `[notify]`
#[derive(Clone, Debug)]
pub struct NotifySettings {
    /// Program and arguments that get each event; empty: none. A program named with a slash is resolved against the
    /// file's folder, one without is looked for in `/bin` and `/usr/bin`.
    pub command: Vec<String>,
    /// The longest that the end of a run waits for everybody who is told, pings included.
    pub timeout: Duration,
    /// Services that get each event.
    pub targets: Vec<TargetSettings>,
}

/// What kind of service a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// A Telegram bot.
    Telegram,
    /// A Slack incoming webhook.
    Slack,
    /// A Discord webhook.
    Discord,
    /// Anything that takes our JSON.
    Webhook,
}

impl TargetKind {
    /// The word as users write it.
    pub fn word(self) -> &'static str {
        match self {
            TargetKind::Telegram => "telegram",
            TargetKind::Slack => "slack",
            TargetKind::Discord => "discord",
            TargetKind::Webhook => "webhook",
        }
    }
}

/// `[[notify.target]]`
#[derive(Clone, Debug)]
pub struct TargetSettings {
    /// What it is.
    pub kind: TargetKind,
    /// Its place among the targets, from 1.
    pub number: usize,
    /// Where its messages are posted.
    pub url: SecretString,
    /// True for a literal loopback address over plain http.
    pub is_loopback: bool,
    /// The chat, for Telegram.
    pub chat_id: Option<String>,
    /// Which events it gets.
    pub events: BTreeSet<NoticeKind>,
    /// The least level that it gets.
    pub level: Level,
}

/// `[ping]`
#[derive(Clone, Debug)]
pub struct PingSettings {
    /// Where pings go; `{command}` stands for the command's name.
    pub url: SecretString,
    /// The commands that are pinged for.
    pub commands: Vec<&'static str>,
}

impl PingSettings {
    /// The address for a command, with what is appended to its path; `None` for a command that is not pinged for.
    pub fn url_for(&self, command: &str, suffix: &str) -> Option<SecretString> {
        if !self.commands.contains(&command) {
            return None;
        }
        let url = self.url.expose_secret().replace(COMMAND, command);
        let (path, query) = url.split_once('?').map_or((url.as_str(), None), |(path, query)| (path, Some(query)));
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Some(format!("{}/{suffix}{query}", path.trim_end_matches('/')).into())
    }
}
