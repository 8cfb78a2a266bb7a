//! `closes.json`: the closes that strategies look at, so that each symbol's are asked for once a date. Written under the account's
//! lock; whatever is wrong with it, they are asked for again.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{Symbol, Usd};
use crate::store::atomic;
use crate::store::read::load_versioned;

const VERSION: u64 = 1;
const NAME: &str = "closes.json";

/// What was asked for, up to one date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCloses {
    /// The latest date asked for.
    until: Option<NaiveDate>,
    symbols: BTreeMap<Symbol, Kept>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// How many were wanted.
    wanted: usize,
    closes: BTreeMap<NaiveDate, Usd>,
}

impl KeptCloses {
    /// What is kept; nothing where the file can't be read.
    pub fn load(dir: &Path) -> KeptCloses {
        load_versioned(&dir.join(NAME), VERSION).ok().flatten().map(|loaded| loaded.value).unwrap_or_default()
    }

    /// A symbol's closes up to a date, when as many were asked for.
    pub fn get(&self, symbol: &Symbol, until: NaiveDate, wanted: usize) -> Option<&BTreeMap<NaiveDate, Usd>> {
        let kept = self.symbols.get(symbol).filter(|_| self.until == Some(until))?;
        (kept.wanted >= wanted).then_some(&kept.closes)
    }

    /// Keeps an answer; those up to another date are forgotten. A file that can't be written is asked for again.
    pub fn keep(
        mut self,
        dir: &Path,
        symbol: &Symbol,
        until: NaiveDate,
        (wanted, closes): (usize, &BTreeMap<NaiveDate, Usd>),
    ) {
        if self.until != Some(until) {
            self = KeptCloses { until: Some(until), ..KeptCloses::default() };
        }
        self.symbols.insert(symbol.clone(), Kept { wanted, closes: closes.clone() });
        if let Err(error) = atomic::replace_versioned(&dir.join(NAME), VERSION, &self) {
            log::warn!("{NAME} can't be written: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{date, symbol, usd};

    #[test]
    fn closes_are_kept_for_their_date_and_their_number() {
        let folder = tempfile::tempdir().unwrap();
        let (monday, tuesday) = (date("2027-03-08"), date("2027-03-09"));
        let (tqqq, soxl) = (symbol("TQQQ"), symbol("SOXL"));
        let closes = BTreeMap::from([(monday, usd("75.93"))]);
        let kept = || KeptCloses::load(folder.path());
        assert_eq!(kept().get(&tqqq, monday, 1), None);
        kept().keep(folder.path(), &tqqq, monday, (5, &closes));
        kept().keep(folder.path(), &soxl, monday, (1, &closes));
        assert_eq!((kept().get(&tqqq, monday, 5), kept().get(&tqqq, monday, 6)), (Some(&closes), None));
        assert_eq!((kept().get(&soxl, monday, 1), kept().get(&soxl, tuesday, 1)), (Some(&closes), None));
        kept().keep(folder.path(), &soxl, tuesday, (1, &closes));
        assert_eq!((kept().get(&tqqq, monday, 1), kept().get(&soxl, tuesday, 1)), (None, Some(&closes)));
        atomic::replace(&folder.path().join(NAME), b"{").unwrap();
        assert_eq!(kept(), KeptCloses::default());
    }
}
