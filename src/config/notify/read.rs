//! Reads `[notify]`, `[[notify.target]]` and `[ping]`, and the secrets that they name, each from a file of its own.

use std::collections::BTreeSet;
use std::path::Path;

use rust_decimal::Decimal;

use super::{COMMAND, NotifySettings, PingSettings, TargetKind, TargetSettings};
use crate::config::document::Found;
use crate::config::file::{Purpose, Unreadable, read_text};
use crate::config::gateway::Bounds;
use crate::config::reader::{Reader, from_to};
use crate::config::settings::{SECOND, read_path};
use crate::config::{base_url, keys, target_url};
use crate::domain::notice::{Level, NoticeKind};

/// More targets than this would leave each too little time.
const MOST_TARGETS: usize = 8;
/// Telegram's own address.
const TELEGRAM: &str = "https://api.telegram.org";
/// The commands that can be pinged for.
const COMMANDS: [&str; 5] = ["sell", "buy", "cleanup", "status", "token-check"];

const LEVELS: [(&str, Level); 3] = [("info", Level::Info), ("warning", Level::Warning), ("error", Level::Error)];
const KINDS: [(&str, TargetKind); 4] = [
    ("telegram", TargetKind::Telegram),
    ("slack", TargetKind::Slack),
    ("discord", TargetKind::Discord),
    ("webhook", TargetKind::Webhook),
];

/// Reads `[notify]` and its targets.
pub(in crate::config) fn read_notify(reader: &mut Reader<'_>, folder: &Path, bounds: Bounds) -> NotifySettings {
    let mut command = reader.texts("notify.command").unwrap_or_default();
    if let Some(program) = command.first_mut()
        && program.contains('/')
    {
        *program = folder.join(&*program).to_string_lossy().into_owned();
    }
    // Tests shorten it, with a gateway on loopback only.
    let least = if bounds == Bounds::Loopback { Decimal::new(1, 1) } else { Decimal::ONE };
    let timeout = reader.time("notify.timeout_seconds", SECOND, from_to(least, 10)).unwrap_or(10 * SECOND);
    NotifySettings { command, timeout, targets: read_targets(reader, folder) }
}

fn read_targets(reader: &mut Reader<'_>, folder: &Path) -> Vec<TargetSettings> {
    let entries = reader.tables("notify.target");
    if entries.len() > MOST_TARGETS {
        reader.object("notify.target", format_args!("has {} entries: it may have {MOST_TARGETS}", entries.len()));
        return Vec::new();
    }
    entries.iter().enumerate().filter_map(|(index, entry)| read_target(reader, folder, index, entry)).collect()
}

fn read_target(reader: &mut Reader<'_>, folder: &Path, index: usize, entry: &Found<'_>) -> Option<TargetSettings> {
    let key = |name: &str| format!("notify.target#{index}.{name}");
    for name in keys::TARGET {
        // Read here for the wrong ones among them; each is read again where it is wanted.
        if !["kind", "events", "level"].contains(name) && reader.has(&key(name)) {
            reader.text(&key(name));
        }
    }
    let level = reader.word(&key("level"), &LEVELS).unwrap_or_default();
    let events = read_events(reader, &key("events"));
    if !reader.has(&key("kind")) {
        reader.complain(entry, "needs kind: \"telegram\", \"slack\", \"discord\" or \"webhook\"");
    }
    let kind = reader.word(&key("kind"), &KINDS)?;
    let wanted: &[&str] = match kind {
        TargetKind::Telegram => &["token_file", "chat_id", "url"],
        TargetKind::Slack | TargetKind::Discord | TargetKind::Webhook => &["url_file", "url"],
    };
    for name in ["token_file", "chat_id", "url_file", "url"] {
        if reader.has(&key(name)) && !wanted.contains(&name) {
            reader.complain(entry, &format!("of kind \"{}\" takes no {name}", kind.word()));
        }
    }
    let (url, chat_id) = match kind {
        TargetKind::Telegram => read_telegram(reader, folder, &key, entry)?,
        _ => (read_url(reader, folder, &key, entry, kind)?, None),
    };
    Some(TargetSettings {
        kind,
        number: index + 1,
        is_loopback: url.starts_with("http://"),
        url: url.into(),
        chat_id,
        events,
        level,
    })
}

fn read_events(reader: &mut Reader<'_>, key: &str) -> BTreeSet<NoticeKind> {
    let Some(entries) = reader.list(key) else { return NoticeKind::ALL.into() };
    let mut events = BTreeSet::new();
    for entry in &entries {
        let word = entry.value.as_str().unwrap_or_default();
        match NoticeKind::from_word(word) {
            Some(kind) => drop(events.insert(kind)),
            None => {
                let words: Vec<&str> = NoticeKind::ALL.into_iter().map(NoticeKind::word).collect();
                reader.refuse(entry, format_args!("must be one of {}", words.join(", ")));
            }
        }
    }
    events
}

/// The address that a bot's messages are posted to, and the chat.
fn read_telegram(
    reader: &mut Reader<'_>,
    folder: &Path,
    key: &dyn Fn(&str) -> String,
    entry: &Found<'_>,
) -> Option<(String, Option<String>)> {
    let base = match text_of(reader, &key("url")) {
        None => TELEGRAM.to_owned(),
        Some((found, url)) => match target_url::check(&url) {
            Ok(true) => url.trim_end_matches('/').to_owned(),
            _ => {
                reader.refuse_as(
                    &found,
                    &base_url::show(&url),
                    "must be left out, or plain http to a literal loopback address",
                );
                return None;
            }
        },
    };
    for name in ["token_file", "chat_id"] {
        if !reader.has(&key(name)) {
            reader.complain(entry, &format!("of kind \"telegram\" needs {name}"));
        }
    }
    let chat = text_of(reader, &key("chat_id")).filter(|(found, chat)| {
        let rest = chat.strip_prefix(['-', '@']).unwrap_or(chat);
        let is_chat = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_chat {
            reader.refuse(found, "must be a chat's number, such as \"-1001234567890\", or a channel's @name");
        }
        is_chat
    });
    let (found, token) = read_secret(reader, folder, &key("token_file"))?;
    let is_token = token.split_once(':').is_some_and(|(bot, rest)| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        !bot.is_empty()
            && bot.bytes().all(|byte| byte.is_ascii_digit())
            && !rest.is_empty()
            && rest.chars().all(is_plain)
    });
    if !is_token {
        reader.refuse(&found, "holds no bot token: it looks like 123456789:ABC… (value not shown)");
        return None;
    }
    Some((format!("{base}/bot{token}/sendMessage"), Some(chat?.1)))
}

/// The address of an incoming webhook. Those of Slack and Discord are secrets, and so come from a file.
fn read_url(
    reader: &mut Reader<'_>,
    folder: &Path,
    key: &dyn Fn(&str) -> String,
    entry: &Found<'_>,
    kind: TargetKind,
) -> Option<String> {
    match (reader.has(&key("url")), reader.has(&key("url_file"))) {
        (false, false) => {
            let or_url = if kind == TargetKind::Webhook { " or url" } else { "" };
            reader.complain(entry, &format!("of kind \"{}\" needs url_file{or_url}", kind.word()));
            None
        }
        (true, true) => {
            reader.complain(entry, "takes url_file or url, not both");
            None
        }
        (true, false) => {
            let (found, url) = text_of(reader, &key("url"))?;
            match target_url::check(&url) {
                Ok(is_loopback) if is_loopback || kind == TargetKind::Webhook => return Some(url),
                Ok(_) => reader.refuse_as(
                    &found,
                    &base_url::show(&url),
                    "is a secret: write it into a file that only you can read (chmod 600) and name it with url_file",
                ),
                Err(must) => reader.refuse_as(&found, &base_url::show(&url), must),
            }
            None
        }
        (false, true) => read_url_file(reader, folder, &key("url_file")),
    }
}

fn read_url_file(reader: &mut Reader<'_>, folder: &Path, key: &str) -> Option<String> {
    let (found, url) = read_secret(reader, folder, key)?;
    match target_url::check(&url.replace(COMMAND, "command")) {
        Ok(_) => Some(url),
        Err(must) => {
            reader.refuse(&found, format_args!("holds an address that {must} (value not shown)"));
            None
        }
    }
}

/// Reads `[ping]`.
pub(in crate::config) fn read_ping(reader: &mut Reader<'_>, folder: &Path) -> Option<PingSettings> {
    let (has_url, has_file) = (reader.is_text("ping.url"), reader.is_text("ping.url_file"));
    if has_url && has_file {
        reader.object("ping.url", "must not stand beside url_file");
    }
    // Both are read in any case, so that each wrong value is told.
    let written = text_of(reader, "ping.url").and_then(|(found, url)| {
        match target_url::check(&url.replace(COMMAND, "command")) {
            Ok(_) => Some(url),
            Err(must) => {
                reader.refuse_as(&found, &base_url::show(&url), must);
                None
            }
        }
    });
    let filed = read_url_file(reader, folder, "ping.url_file");
    let commands = read_commands(reader);
    let url = written.or(filed)?;
    Some(PingSettings { url: url.into(), commands })
}

fn read_commands(reader: &mut Reader<'_>) -> Vec<&'static str> {
    let Some(entries) = reader.list("ping.commands") else { return COMMANDS.into() };
    let mut commands = Vec::new();
    for entry in &entries {
        match COMMANDS.into_iter().find(|command| entry.value.as_str() == Some(command)) {
            Some(command) => commands.push(command),
            None => reader.refuse(entry, format_args!("must be one of {}", COMMANDS.join(", "))),
        }
    }
    commands
}

/// Reads a secret: the one line of a file that only its owner can read.
fn read_secret<'d>(reader: &mut Reader<'d>, folder: &Path, key: &str) -> Option<(Found<'d>, String)> {
    let found = reader.text(key)?.0;
    let path = read_path(reader, key, folder)?;
    match read_text(&path, Purpose::OwnerOnlySecret) {
        Ok(text) if text.trim().is_empty() => reader.refuse(&found, "is empty"),
        Ok(text) if text.trim().lines().count() > 1 => reader.refuse(&found, "must hold one line"),
        Ok(text) => return Some((found, text.trim().to_owned())),
        Err(Unreadable::Missing) => reader.refuse(&found, "must be a file that exists"),
        Err(Unreadable::Refused(why)) => {
            reader.refuse(&found, format_args!("must be a file for its owner alone: {why}"))
        }
    }
    None
}

fn text_of<'d>(reader: &mut Reader<'d>, key: &str) -> Option<(Found<'d>, String)> {
    reader.text(key).map(|(found, text)| (found, text.to_owned()))
}
