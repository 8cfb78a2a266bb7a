//! What survives a restart, and the file it survives in.
//!
//! The file holds accounts, orders, tokens, overrides, faults, switches, limits and the clock, but neither
//! the market data nor the requests received. It is replaced by rename, so a reader finds one whole state.

use crate::account::Account;
use crate::account_id::{AccountId, MOST_ACCOUNTS};
use crate::agenda::Agenda;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::limits::Limits;
use crate::matching::FillRules;
use crate::overrides::Override;
use crate::quirks::Quirks;
use crate::rows::Rows;
use crate::splits::Split;
use crate::tokens::Tokens;
use crate::world::World;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::Path;

const VERSION: u32 = 2;

/// What every version has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    now: DateTime<Utc>,
    ticking: bool,
    tokens: Tokens,
    limits: [Limits; 2],
    faults: Faults,
    quirks: Quirks,
    fill_rules: FillRules,
    overrides: BTreeMap<String, Override>,
    accounts: Vec<Account>,
    splits: Vec<Split>,
    agenda: Agenda,
    rows: Rows,
}

/// Writes a world's state beside the file and renames it over the old one.
///
/// # Errors
/// The folder cannot be written.
pub fn save(world: &World, path: &Path) -> Result<()> {
    let saved = Saved {
        version: VERSION,
        now: world.clock.now(),
        ticking: world.clock.ticking(),
        tokens: world.tokens.clone(),
        limits: world.limits,
        faults: world.faults.clone(),
        quirks: world.quirks.clone(),
        fill_rules: world.fill_rules,
        overrides: world.market.overrides.clone(),
        accounts: world.accounts.clone(),
        splits: world.market.splits.clone(),
        agenda: world.agenda.clone(),
        rows: world.rows.clone(),
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    File::create(&beside)?.write_all(&serde_json::to_vec(&saved)?)?;
    fs::rename(&beside, path)
}

/// Makes a new world go on where a saved one stopped; when there is no file yet, it stays as it is. The clock goes on from
/// where it stood, or from `start` when that is later.
///
/// # Errors
/// An unreadable file, or one of another version.
pub fn load(world: &mut World, path: &Path, start: Option<DateTime<Utc>>) -> Result<()> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let Versioned { version } = serde_json::from_slice(&text)?;
    if version != VERSION {
        return Err(Error::new(ErrorKind::InvalidData, format!("a state file of version {version}, not {VERSION}")));
    }
    let saved: Saved = serde_json::from_slice(&text)?;
    let ids = saved.accounts.iter().map(|account| account.id);
    if !(1..=MOST_ACCOUNTS).any(|of_each| ids.clone().eq(AccountId::all(of_each))) {
        return Err(Error::new(ErrorKind::InvalidData, "a state file with missing or unordered accounts"));
    }
    world.resume(Clock::new(saved.now, saved.ticking));
    (world.tokens, world.limits, world.faults) = (saved.tokens, saved.limits, saved.faults);
    world.switch(saved.quirks);
    (world.fill_rules, world.accounts) = (saved.fill_rules, saved.accounts);
    (world.market.overrides, world.market.splits) = (saved.overrides, saved.splits);
    (world.agenda, world.rows) = (saved.agenda, saved.rows);
    if let Some(start) = start.filter(|start| *start > saved.now) {
        world.set_clock(start);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::Market;
    use crate::mode::Mode;

    #[test]
    fn a_world_survives_in_its_file() {
        let folder = std::env::temp_dir().join(format!("kis-sim-state-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("state.json");
        let start: DateTime<Utc> = "2026-03-10T14:00:00Z".parse().unwrap();
        let mut world = World::new(Clock::new(start, false), Market::default(), 500.into());
        let token = world.tokens.issue(AccountId::first(Mode::Real), start, true).unwrap();
        let fresh = || World::new(Clock::new(start, false), Market::default(), 1.into());
        let mut untouched = fresh();
        load(&mut untouched, &path, None).unwrap();
        assert_eq!(untouched.account(AccountId::default()).cash, 1.into());
        save(&world, &path).unwrap();
        let later = start + chrono::TimeDelta::hours(1);
        for (asked, expected) in
            [(None, start), (Some(later), later), (Some(start - chrono::TimeDelta::hours(1)), start)]
        {
            let mut loaded = fresh();
            load(&mut loaded, &path, asked).unwrap();
            assert_eq!((loaded.clock.now(), loaded.account(AccountId::default()).cash), (expected, 500.into()));
            assert_eq!(loaded.tokens.tokens, std::slice::from_ref(&token));
        }
        for (text, part) in [("{", "EOF"), (r#"{"version":1}"#, "a state file of version 1, not 2")] {
            fs::write(&path, text).unwrap();
            let error = load(&mut fresh(), &path, None).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
