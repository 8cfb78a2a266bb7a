//! `[ping]`: the monitor that notices when runs stay away.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use crate::config::reader::Reader;
use crate::config::target_url::{self, COMMAND};
use crate::config::words::addresses;
use crate::domain::Job;

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
        let (path, query) = url.split_at(url.find('?').unwrap_or(url.len()));
        Some(format!("{}/{suffix}{query}", path.trim_end_matches('/')).into())
    }
}

/// Reads `[ping]`; `None` when it names no address.
pub(super) fn read_ping(reader: &mut Reader<'_>, folder: &Path) -> Option<PingSettings> {
    if reader.is_text("ping.url") && reader.is_text("ping.url_file") {
        reader.object("ping.url", addresses::ping_with_both);
    }
    // Both are read in any case, so that each wrong value is reported.
    let written = target_url::read(reader, "ping.url", target_url::check_with_command).map(str::to_owned);
    let filed = target_url::read_file(reader, folder, "ping.url_file");
    let commands = Job::ALL.map(Job::word);
    let commands = reader.words("ping.commands", &commands.map(|word| (word, word))).unwrap_or(commands.into());
    Some(PingSettings { url: written.or(filed)?.into(), commands })
}
