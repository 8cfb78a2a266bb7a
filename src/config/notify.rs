//! `[notify]` and `[[notify.target]]`: who is notified of what, and how.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use rust_decimal::Decimal;
use secrecy::SecretString;

use crate::config::document::Found;
use crate::config::gateway::{Bounds, TENTH};
use crate::config::reader::{Reader, from_to};
use crate::config::settings::seconds;
use crate::config::target_url;
use crate::config::words::addresses;
use crate::domain::{Level, NoticeKind, words};
use crate::language::Sentence;
use crate::language::counts::Entries;
use crate::ordered::Ordered;

/// More targets than this would leave each too little time.
const MOST_TARGETS: usize = 8;
/// Telegram's own address.
const TELEGRAM: &str = "https://api.telegram.org";

section! {
    /// `[notify]`
    NotifySettings(reader, folder: &Path, bounds: Bounds) {
        /// Program and arguments that get each event; empty: none. A program named with a slash is resolved against the
        /// file's folder; one without is searched for in `/bin` and `/usr/bin`.
        command: Vec<String> = read_command(reader, folder),
        /// Which events it gets.
        events: BTreeSet<NoticeKind> = read_events(reader, "notify.events"),
        /// Longest that the end of a run waits for the program, all targets and pings. Tests shorten it, with a gateway
        /// on loopback only.
        timeout: Duration =
            seconds(reader, "notify.timeout_seconds", from_to(bounds.least(TENTH, Decimal::ONE), 10), 10),
        /// Services that get each event.
        targets: Vec<TargetSettings> = read_targets(reader, folder),
    }
}

words! {
    /// What kind of service a target is.
    pub enum TargetKind {
        /// A Telegram bot.
        Telegram = "telegram",
        /// A Slack incoming webhook.
        Slack = "slack",
        /// A Discord webhook.
        Discord = "discord",
        /// Anything that takes our JSON.
        Webhook = "webhook",
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

fn read_command(reader: &mut Reader<'_>, folder: &Path) -> Vec<String> {
    let mut command = reader.texts("notify.command").unwrap_or_default();
    if let Some(program) = command.first_mut()
        && program.contains('/')
    {
        *program = folder.join(&*program).to_string_lossy().into_owned();
    }
    command
}

fn read_events(reader: &mut Reader<'_>, key: &str) -> BTreeSet<NoticeKind> {
    reader.words(key, &NoticeKind::WORDS).map_or_else(NoticeKind::by_default, |events| events.into_iter().ordered())
}

fn read_targets(reader: &mut Reader<'_>, folder: &Path) -> Vec<TargetSettings> {
    let entries = reader.tables("notify.target");
    if entries.len() > MOST_TARGETS {
        let count = Entries::from(entries.len());
        reader.object("notify.target", |label| addresses::too_many_targets(label, count, MOST_TARGETS));
        return Vec::new();
    }
    let entries = entries.iter().enumerate();
    entries.filter_map(|(index, entry)| TargetEntry { reader: &mut *reader, folder, index, entry }.read()).collect()
}

/// One `[[notify.target]]` being read.
struct TargetEntry<'r, 'd> {
    reader: &'r mut Reader<'d>,
    folder: &'r Path,
    index: usize,
    entry: &'r Found<'d>,
}

impl<'d> TargetEntry<'_, 'd> {
    fn key(&self, name: &str) -> String {
        format!("notify.target#{}.{name}", self.index)
    }

    fn has(&mut self, name: &str) -> bool {
        self.reader.has(&self.key(name))
    }

    fn text(&mut self, name: &str) -> Option<(Found<'d>, &'d str)> {
        self.reader.text(&self.key(name))
    }

    fn complain(&mut self, text: Sentence) {
        self.reader.complain(self.entry, text);
    }

    fn read(mut self) -> Option<TargetSettings> {
        let texts = ["token_file", "chat_id", "url_file", "url"];
        // Read in any case, so that each wrong value is reported.
        for name in texts {
            self.text(name);
        }
        let level = self.reader.word(&self.key("level"), &Level::WORDS).unwrap_or_default();
        let events = read_events(self.reader, &self.key("events"));
        if !self.has("kind") {
            self.complain(addresses::target_needs_kind());
        }
        let kind = self.reader.word(&self.key("kind"), &TargetKind::WORDS)?;
        let wanted: &[&str] =
            if kind == TargetKind::Telegram { &["token_file", "chat_id", "url"] } else { &["url_file", "url"] };
        for name in texts {
            if self.has(name) && !wanted.contains(&name) {
                self.complain(addresses::target_takes_no(kind.word(), name));
            }
        }
        let (url, chat_id) = match kind {
            TargetKind::Telegram => self.read_telegram()?,
            _ => (self.read_webhook(kind)?, None),
        };
        Some(TargetSettings {
            kind,
            number: self.index + 1,
            is_loopback: url.starts_with("http://"),
            url: url.into(),
            chat_id,
            events,
            level,
        })
    }

    /// The address that a bot's messages are posted to, and the chat.
    fn read_telegram(&mut self) -> Option<(String, Option<String>)> {
        let base = if self.has("url") {
            target_url::read(self.reader, &self.key("url"), |url| match target_url::check(url) {
                Ok(true) => Ok(()),
                _ => Err(addresses::telegram_url()),
            })?
        } else {
            TELEGRAM
        };
        for name in ["token_file", "chat_id"] {
            if !self.has(name) {
                self.complain(addresses::target_needs(TargetKind::Telegram.word(), name));
            }
        }
        let chat = self.text("chat_id").filter(|(found, chat)| {
            let rest = chat.strip_prefix(['-', '@']).unwrap_or(chat);
            let is_chat = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_chat {
                self.reader.refuse(found, addresses::bad_chat());
            }
            is_chat
        });
        let (found, token) = target_url::read_secret(self.reader, self.folder, &self.key("token_file"))?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let is_token = token.split_once(':').is_some_and(|(bot, rest)| {
            let is_number = !bot.is_empty() && bot.bytes().all(|byte| byte.is_ascii_digit());
            is_number && !rest.is_empty() && rest.chars().all(is_plain)
        });
        if !is_token {
            self.reader.refuse(&found, addresses::no_bot_token());
            return None;
        }
        Some((format!("{}/bot{token}/sendMessage", base.trim_end_matches('/')), Some(chat?.1.to_owned())))
    }

    /// The address of an incoming webhook. Those of Slack and Discord are secrets, so they come from a file.
    fn read_webhook(&mut self, kind: TargetKind) -> Option<String> {
        let is_own = kind == TargetKind::Webhook;
        match (self.has("url"), self.has("url_file")) {
            (false, false) => {
                self.complain(if is_own {
                    addresses::target_needs_address(kind.word())
                } else {
                    addresses::target_needs(kind.word(), "url_file")
                });
                None
            }
            (true, true) => {
                self.complain(addresses::target_with_both());
                None
            }
            (true, false) => {
                let url = target_url::read(self.reader, &self.key("url"), |url| match target_url::check(url)? {
                    is_loopback if is_loopback || is_own => Ok(()),
                    _ => Err(addresses::address_is_secret()),
                });
                url.map(str::to_owned)
            }
            (false, true) => target_url::read_file(self.reader, self.folder, &self.key("url_file")),
        }
    }
}
