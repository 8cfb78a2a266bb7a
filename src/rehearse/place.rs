//! The directory that a rehearsal works in: where programs of rules keep things and, for the slow way, the bars, a copy of the
//! configuration and a state directory. It is removed at the end.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::rehearse::bars::{Market, file_of, to_text};
use crate::store::atomic;

/// Names that are tried.
const MAX_NAMES: u32 = 100;

pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn create() -> io::Result<Place> {
        let folder = std::env::temp_dir();
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for number in 0..MAX_NAMES {
            let path = folder.join(format!("kis-rehearse-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Place(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// A strategy's own directory, for its program.
    pub(super) fn of_rule(&self, strategy: &str) -> io::Result<PathBuf> {
        let path = self.0.join(format!("rule-{strategy}"));
        DirBuilder::new().mode(0o700).recursive(true).create(&path)?;
        Ok(path)
    }

    pub(super) fn bars(&self) -> PathBuf {
        self.0.join("bars")
    }

    pub(super) fn state(&self) -> PathBuf {
        self.0.join("state")
    }

    pub(super) fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    pub(super) fn put_bars(&self, market: &Market) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(self.bars())?;
        for (symbol, series) in market {
            atomic::replace(&file_of(&self.bars(), symbol), to_text(series.all()).as_bytes())?;
        }
        Ok(())
    }

    /// Copies the configuration: real, at the simulated gateway, without the default rule, and without anything that reaches people.
    pub(super) fn put_config(&self, from: &Path, gateway: &str) -> anyhow::Result<()> {
        let mut table: Table = fs::read_to_string(from)?.parse()?;
        for gone in ["notify", "ping", "account", "lock", "token", "gateway"] {
            table.remove(gone);
        }
        let text = |text: &str| Value::String(text.to_owned());
        table.insert("mode".to_owned(), text("real"));
        table.insert("language".to_owned(), text("en"));
        table.insert("state_dir".to_owned(), text(&self.state().display().to_string()));
        let fast = Value::Integer(10_000);
        let own: Table = [
            ("base_url", text(gateway)),
            ("requests_per_second", fast.clone()),
            ("ledger_requests_per_second", fast),
            ("timeout_seconds", Value::Integer(60)),
            ("settle_seconds", Value::Array(vec![Value::Integer(0)])),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect();
        table.insert("gateway".to_owned(), Value::Table(own));
        let no_wait = |key: &str| Value::Table(Table::from_iter([(key.to_owned(), Value::Integer(0))]));
        table.insert("lock".to_owned(), no_wait("min_interval_seconds"));
        table.insert("token".to_owned(), no_wait("retry_delay_seconds"));
        if let Value::Table(buy) = table.entry("buy").or_insert(Value::Table(Table::new())) {
            buy.remove("watch");
            buy.insert("filter".to_owned(), Value::Array(Vec::new()));
        }
        resolve_commands(&mut table, &fs::canonicalize(from)?);
        Ok(atomic::replace(&self.config(), table.to_string().as_bytes())?)
    }
}

/// Programs of rules are named from the file's folder; the copy lies elsewhere.
fn resolve_commands(table: &mut Table, from: &Path) {
    let folder = from.parent().unwrap_or(Path::new("/"));
    let strategies = table.get_mut("strategy").and_then(Value::as_array_mut).into_iter().flatten();
    for program in strategies.filter_map(|strategy| strategy.get_mut("command")?.get_mut(0)) {
        if let Some(name) = program.as_str().filter(|name| name.contains('/')) {
            *program = Value::String(folder.join(name).display().to_string());
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Environment};
    use crate::domain::Mode;

    #[test]
    fn the_copy_is_real_reaches_nobody_and_finds_its_programs() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("config.toml");
        let text = "mode = \"paper\"\n[account]\ncredentials_file = \"keys.toml\"\n[buy]\nwatch = [\"AAPL\"]\nmin_cash_usd = 7\n\
                    [ping]\nurl = \"https://example.com/{command}\"\n\
                    [[strategy]]\nname = \"one\"\nkind = \"program\"\ncommand = [\"./rule.sh\", \"./x\"]\n\
                    symbols = [\"TQQQ\"]\nprincipal_usd = 1000\n";
        atomic::replace(&from, text.as_bytes()).unwrap();
        let rule = folder.path().join("rule.sh");
        atomic::replace(&rule, b"#!/bin/sh\n").unwrap();
        fs::set_permissions(&rule, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let place = Place::create().unwrap();
        place.put_config(&from, "http://127.0.0.1:9").unwrap();
        let none = Environment::from_pairs::<&str, &str>([]);
        let copy = config::load(&place.config(), None, &none).unwrap();
        assert_eq!((copy.mode, copy.gateway.base_url.as_str()), (Mode::Real, "http://127.0.0.1:9"));
        assert!(copy.buy.watch.is_empty() && copy.buy.filter.is_empty() && copy.ping.is_none());
        assert_eq!((copy.state_dir, copy.credentials_file), (place.state(), None));
        assert_eq!(copy.buy.min_cash.to_string(), "7.00");
        let config::RuleSettings::Program(program) = &copy.strategies[0].rule else { panic!("{:?}", copy.strategies) };
        assert_eq!(fs::canonicalize(&program.command[0]).unwrap(), fs::canonicalize(&rule).unwrap());
        assert_eq!(program.command[1], "./x");
        let path = place.0.clone();
        drop(place);
        assert!(!path.exists());
    }
}
