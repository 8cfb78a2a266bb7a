//! Settings and credentials: read once, checked whole, before anything else happens.
//!
//! Nothing here is ever written, and no default replaces a value that is there but wrong. All problems of a file are
//! reported at once, each with its line. A value that may be a secret is never shown, only its length.

/// A section of config.toml: its struct, and how each field is read. What a key means, its range and its default are
/// written in one place.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident($reader:ident $(, $input:ident: $kind:ty)*) {
        $($(#[$about:meta])* $field:ident: $type:ty = $read:expr,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $($(#[$about])* pub $field: $type,)+
        }

        impl $name {
            pub(in crate::config) fn read($reader: &mut crate::config::reader::Reader<'_> $(, $input: $kind)*) -> $name {
                $name { $($field: $read,)+ }
            }
        }
    };
}

mod base_url;
mod command;
mod credentials;
mod document;
mod environment;
mod file;
mod first_steps;
mod gateway;
mod keys;
mod notify;
mod numbers;
mod ping;
mod reader;
mod rules;
mod settings;
mod strategies;
mod symbols;
mod target_url;
#[cfg(test)]
mod tests;
mod words;

use std::path::Path;

use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::language::counts::Problems;
use crate::visible::visible;

pub use command::check_command;
pub use credentials::{APP_KEY_LENGTH, APP_SECRET_LENGTH, Credentials, load_credentials};
use document::{Document, Problem};
pub use environment::{Environment, config_path, rehearsal_now};
use file::{FileKind, NoText};
pub use gateway::GatewaySettings;
pub use notify::{NotifySettings, TargetKind, TargetSettings};
pub use ping::PingSettings;
pub use rules::{BuySettings, CleanupSettings, FeeSettings, Limits, Rebuy, SellSettings, Trading};
pub use settings::{LockSettings, Settings, TokenSettings};
pub use strategies::{
    AskWhen, InfiniteSettings, InfiniteVersion, ProgramSettings, RuleSettings, StrategyKind, StrategySettings,
};
use words::files;

/// Any further problems are only counted.
const MOST_PROBLEMS: usize = 100;

/// Loads and checks the configuration. The state directory is `state_dir_override` (a flag), else
/// `KIS_TRADE_STATE_DIR`, else what the file says, else `state` beside the file.
///
/// # Errors
/// The file can't be read, or anything in it is wrong; the failure lists every problem.
pub fn load(path: &Path, state_dir_override: Option<&Path>, env: &Environment) -> Result<Settings, Failure> {
    let text = file::read_text(path, FileKind::Settings).map_err(|error| unreadable(path, error, env))?;
    let state_dir = match state_dir_override {
        Some(state_dir) => Some(state_dir),
        None => env.text("KIS_TRADE_STATE_DIR")?.map(Path::new),
    };
    if state_dir.is_some_and(|state_dir| state_dir.as_os_str().is_empty()) {
        return Err(invalid(files::no_state_dir()).next(files::name_a_state_dir()));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    settings::read(&Document::parse(&text), folder, state_dir)
        .map_err(|problems| list_problems(path, &problems).next(words::correct_config()))
}

fn invalid(what: Sentence) -> Failure {
    Failure::new(Reason::ConfigInvalid, what)
}

fn unreadable(path: &Path, error: NoText, env: &Environment) -> Failure {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (path, whole) = (show_path(path), show_path(&whole));
    match error {
        NoText::Missing => invalid(files::no_config_file(&whole))
            .because(first_steps::missing(env))
            .next(first_steps::from_configuration(&path)),
        NoText::Refused(why) => invalid(files::config_unreadable(&path)).because(why).next(files::name_a_config()),
    }
}

/// One line a problem, in the order of the file.
fn list_problems(path: &Path, problems: &[Problem]) -> Failure {
    let mut lines = problems.iter().take(MOST_PROBLEMS).map(Problem::sentence).collect::<Vec<_>>();
    if problems.len() > MOST_PROBLEMS {
        lines.push(words::and_more(problems.len() - MOST_PROBLEMS));
    }
    let what = words::has_problems(&show_path(path), Problems::from(problems.len()));
    invalid(what).because(Sentence::joined(&lines, "\n"))
}

fn show_path(path: &Path) -> String {
    visible(&path.display().to_string())
}
