//! `symbols.json`: on which exchange a symbol was found, and the price it last had. Written under the account lock only.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::money::Usd;
use crate::domain::symbol::{Exchange, Symbol};
use crate::exit::Failure;
use crate::store::atomic;
use crate::store::read::load_versioned;

const VERSION: u64 = 1;

/// What is remembered of one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Where it was found.
    pub exchange: Exchange,
    /// Its last known price in USD.
    pub last: Option<Usd>,
}

#[derive(Default, Serialize, Deserialize)]
struct Contents {
    symbols: BTreeMap<Symbol, Remembered>,
}

/// The memory of one state directory.
#[derive(Clone, Debug)]
pub struct Symbols {
    path: PathBuf,
    symbols: BTreeMap<Symbol, Remembered>,
    is_changed: bool,
    warning: Option<String>,
}

impl Symbols {
    /// Loads the memory; an absent file is an empty one.
    ///
    /// # Errors
    /// 65 when the file can't be read or is of a newer version.
    pub fn load(dir: &Path) -> Result<Symbols, Failure> {
        let path = dir.join("symbols.json");
        let (contents, warning) = match load_versioned::<Contents>(&path, VERSION)? {
            Some(loaded) => (loaded.value, loaded.warning),
            None => (Contents::default(), None),
        };
        Ok(Symbols { path, symbols: contents.symbols, is_changed: false, warning })
    }

    /// The warning that others could read the file, once.
    pub fn take_warning(&mut self) -> Option<String> {
        self.warning.take()
    }

    /// What is known of a symbol.
    pub fn get(&self, symbol: &Symbol) -> Option<Remembered> {
        self.symbols.get(symbol).copied()
    }

    /// Remembers where a symbol was found and its price, when it has one.
    pub fn remember(&mut self, symbol: &Symbol, exchange: Exchange, last: Option<Usd>) {
        let last = last.or_else(|| self.get(symbol).and_then(|known| known.last));
        let known = Remembered { exchange, last };
        self.is_changed |= self.symbols.insert(symbol.clone(), known) != Some(known);
    }

    /// Forgets a symbol, so that the next run asks again.
    pub fn forget(&mut self, symbol: &Symbol) {
        self.is_changed |= self.symbols.remove(symbol).is_some();
    }

    /// Saves the memory when it changed.
    ///
    /// # Errors
    /// When the file can't be replaced.
    pub fn save(&mut self) -> io::Result<()> {
        if self.is_changed {
            atomic::replace_versioned(&self.path, VERSION, &Contents { symbols: self.symbols.clone() })?;
            self.is_changed = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::decide::test_support::{symbol, usd};
    use crate::exit::Exit;

    #[test]
    fn remembers_where_a_symbol_is_and_its_latest_price() {
        let folder = tempfile::tempdir().unwrap();
        let mut symbols = Symbols::load(folder.path()).unwrap();
        symbols.save().unwrap();
        assert!(!folder.path().join("symbols.json").exists(), "nothing to remember, nothing written");
        symbols.remember(&symbol("SES"), Exchange::Nyse, Some(usd("1.25")));
        symbols.remember(&symbol("SES"), Exchange::Nyse, None);
        symbols.remember(&symbol("BRK/B"), Exchange::Nyse, None);
        symbols.save().unwrap();
        let mut again = Symbols::load(folder.path()).unwrap();
        let ses = Remembered { exchange: Exchange::Nyse, last: Some(usd("1.25")) };
        assert_eq!(again.get(&symbol("SES")), Some(ses), "a quote without a price keeps the old one");
        assert_eq!(again.get(&symbol("BRK/B")), Some(Remembered { exchange: Exchange::Nyse, last: None }));
        assert_eq!(again.get(&symbol("NVDA")), None);
        again.forget(&symbol("SES"));
        again.save().unwrap();
        assert_eq!(Symbols::load(folder.path()).unwrap().get(&symbol("SES")), None);
    }

    #[test]
    fn writes_only_what_changed() {
        let folder = tempfile::tempdir().unwrap();
        let mut symbols = Symbols::load(folder.path()).unwrap();
        symbols.remember(&symbol("SES"), Exchange::Nyse, Some(usd("1.25")));
        symbols.save().unwrap();
        fs::remove_file(folder.path().join("symbols.json")).unwrap();
        symbols.remember(&symbol("SES"), Exchange::Nyse, Some(usd("1.250")));
        symbols.forget(&symbol("NVDA"));
        symbols.save().unwrap();
        assert!(!folder.path().join("symbols.json").exists());
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed() {
        for text in ["", "{", "[]", "{\"version\":2,\"symbols\":{}}", "{\"version\":1,\"symbols\":{\"ses\":{}}}"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("symbols.json");
            atomic::replace(&path, text.as_bytes()).unwrap();
            assert_eq!(Symbols::load(folder.path()).unwrap_err().exit(), Exit::StateUnreadable, "{text:?}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
