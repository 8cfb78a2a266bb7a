//! The environment variables of one run, taken by `desk::run`; `main` looks up the locale again when it prints.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Utc};

use crate::config::words::files;
use crate::config::{Settings, invalid};
use crate::exit::Failure;
use crate::language::Language;
use crate::language::counts::Bytes;
use crate::ordered::Ordered;

/// A snapshot of the environment. Its Debug shows names only, for values may be secrets.
#[derive(Clone, Default)]
pub struct Environment {
    vars: BTreeMap<String, OsString>,
}

impl Environment {
    /// Takes the process's variables whose names are UTF-8.
    pub fn from_process() -> Environment {
        Environment::from_pairs(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value))))
    }

    /// An environment of exactly these variables.
    pub fn from_pairs<N: Into<String>, V: Into<OsString>>(pairs: impl IntoIterator<Item = (N, V)>) -> Environment {
        Environment { vars: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).ordered() }
    }

    /// Reports whether a variable is set, even to nothing.
    pub fn is_set(&self, name: &str) -> bool {
        self.vars.contains_key(name)
    }

    /// Gives a variable's text; `None` when it is not set.
    ///
    /// # Errors
    /// It is set to nothing, or to something that is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        let Some(value) = self.vars.get(name) else { return Ok(None) };
        match value.to_str() {
            Some("") => Err(invalid(files::variable_empty(name)).next(files::set_variable(name))),
            Some(text) => Ok(Some(text)),
            None => Err(invalid(files::variable_not_utf8(name))
                .because(files::value_has(Bytes::from(value.len())))
                .next(files::correct_variable(name))),
        }
    }

    /// Reports whether the locale says that a terminal shows UTF-8; the first variable that is set decides.
    pub fn is_utf8(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| self.vars.get(name)?.to_str());
        let locale = locale.filter(|text| !text.is_empty()).map(str::to_ascii_lowercase).next().unwrap_or_default();
        locale.ends_with("utf-8") || locale.ends_with("utf8")
    }

    /// The language of the locale's messages, where no configuration says which; the first variable that is set decides.
    pub fn language(&self) -> Language {
        let mut locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| self.vars.get(name)?.to_str());
        Language::of_locale(locale.find(|text| !text.is_empty()).unwrap_or_default())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.vars.keys()).finish()
    }
}

/// The path of the configuration: the flag, then `KIS_TRADE_CONFIG`, then `./config.toml`.
///
/// # Errors
/// The variable is unusable.
pub fn config_path(flag: Option<&Path>, env: &Environment) -> Result<PathBuf, Failure> {
    Ok(match flag {
        Some(path) => path.to_owned(),
        None => env.text("KIS_TRADE_CONFIG")?.unwrap_or("config.toml").into(),
    })
}

/// Reads `KIS_TRADE_NOW`, the simulated wall clock of a rehearsal; `None` when it is not set.
///
/// # Errors
/// The gateway is not a loopback address, or the text is no RFC 3339 instant of the years 1970 to 2999.
pub fn rehearsal_now(settings: &Settings, env: &Environment) -> Result<Option<DateTime<Utc>>, Failure> {
    if !env.is_set("KIS_TRADE_NOW") {
        return Ok(None);
    }
    if !settings.gateway.is_loopback {
        return Err(invalid(files::rehearsal_needs_loopback())
            .because(files::gateway_is(&settings.gateway.base_url))
            .next(files::unset_now()));
    }
    let text = env.text("KIS_TRADE_NOW")?.unwrap_or_default();
    let now = DateTime::parse_from_rfc3339(text).ok().map(|now| now.to_utc());
    match now.filter(|now| (1970..=2999).contains(&now.year())) {
        Some(now) => Ok(Some(now)),
        None => Err(invalid(files::now_is_no_instant())
            .because(files::text_is(&super::document::show_text(text)))
            .next(files::write_rfc3339())),
    }
}
