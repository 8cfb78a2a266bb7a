//! `symbols.json`: each symbol's exchange and its last price. Written under the account lock only.

use std::path::Path;

use crate::domain::Listings;
use crate::exit::Failure;
use crate::language::Sentence;
use crate::store::atomic::{self, unwritten};
use crate::store::read::load_versioned;
use crate::store::words;

const VERSION: u64 = 1;
const NAME: &str = "symbols.json";

/// Loads the listings, and the warning that others could read the file; there are none without a file.
///
/// # Errors
/// 65 when the file can't be read or is of a newer version.
pub fn load(dir: &Path) -> Result<(Listings, Option<Sentence>), Failure> {
    let loaded = load_versioned::<Listings>(&dir.join(NAME), VERSION)?;
    Ok(loaded.map_or_else(Default::default, |loaded| (loaded.value, loaded.warning)))
}

/// Saves the listings.
///
/// # Errors
/// 74 when the file can't be replaced.
pub fn save(dir: &Path, listings: &Listings) -> Result<(), Failure> {
    atomic::replace_versioned(&dir.join(NAME), VERSION, listings)
        .map_err(|error| unwritten(words::symbols_not_written(), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{symbol, usd};
    use crate::domain::{Exchange, Listing};

    #[test]
    fn remembers_where_a_symbol_is_and_its_latest_price() {
        let folder = tempfile::tempdir().unwrap();
        let (mut listings, _) = load(folder.path()).unwrap();
        assert_eq!(listings, Listings::default());
        listings.remember(&symbol("SES"), Exchange::Nyse, Some(usd("1.25")));
        listings.remember(&symbol("SES"), Exchange::Nyse, None);
        listings.remember(&symbol("BRK/B"), Exchange::Nyse, None);
        save(folder.path(), &listings).unwrap();
        let (mut again, _) = load(folder.path()).unwrap();
        let ses = Listing { exchange: Exchange::Nyse, last: Some(usd("1.25")) };
        assert_eq!(again.get(&symbol("SES")), Some(ses), "a quote without a price keeps the old one");
        assert_eq!(again.get(&symbol("BRK/B")), Some(Listing { exchange: Exchange::Nyse, last: None }));
        assert_eq!(again.get(&symbol("NVDA")), None);
        again.forget(&symbol("SES"));
        save(folder.path(), &again).unwrap();
        assert_eq!(load(folder.path()).unwrap().0.get(&symbol("SES")), None);
    }

    #[test]
    fn a_search_goes_on_where_it_was_left() {
        let folder = tempfile::tempdir().unwrap();
        let (mut listings, ses) = (Listings::default(), symbol("SES"));
        for (exchange, has_price) in [(Exchange::Nasdaq, false), (Exchange::Nyse, true), (Exchange::Amex, false)] {
            assert_eq!(listings.end_search(&ses), None);
            assert!(!listings.has_searched(&ses, exchange));
            listings.note_search(&ses, exchange, has_price);
            save(folder.path(), &listings).unwrap();
            listings = load(folder.path()).unwrap().0;
            assert!(listings.has_searched(&ses, exchange));
        }
        assert_eq!(listings.end_search(&ses), Some([Exchange::Nyse].into()));
        assert_eq!(listings, Listings::default(), "nothing is left of it");
    }
}
