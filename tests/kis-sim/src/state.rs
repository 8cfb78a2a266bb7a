//! What survives a restart, and the file it survives in.
//!
//! The file holds accounts, orders, tokens, overrides, faults, switches, limits and the clock, but neither
//! the market data nor the requests received. It is replaced by rename, so a reader finds one whole state.

use crate::account::Account;
use crate::agenda::Agenda;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::limits::Limits;
use crate::market::Market;
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

const VERSION: u32 = 1;

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
    accounts: [Account; 2],
    #[serde(default)]
    splits: Vec<Split>,
    #[serde(default)]
    agenda: Agenda,
    #[serde(default)]
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

/// Reads a saved world; nothing when there is no file yet. Its clock goes on from where it stood, or from
/// `start` when that is later.
///
/// # Errors
/// An unreadable file, or one of another version.
pub fn load(path: &Path, market: Market, start: Option<DateTime<Utc>>) -> Result<Option<World>> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let saved: Saved = serde_json::from_slice(&text)?;
    if saved.version != VERSION {
        return Err(Error::new(ErrorKind::InvalidData, format!("state file of version {}", saved.version)));
    }
    let mut world = World::new(Clock::new(saved.now, saved.ticking), market, rust_decimal::Decimal::ZERO);
    (world.tokens, world.limits, world.faults) = (saved.tokens, saved.limits, saved.faults);
    world.switch(saved.quirks);
    (world.fill_rules, world.accounts) = (saved.fill_rules, saved.accounts);
    (world.market.overrides, world.market.splits) = (saved.overrides, saved.splits);
    (world.agenda, world.rows) = (saved.agenda, saved.rows);
    if let Some(start) = start.filter(|start| *start > saved.now) {
        world.set_clock(start);
    }
    Ok(Some(world))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::Mode;

    #[test]
    fn a_world_survives_in_its_file() {
        let folder = std::env::temp_dir().join(format!("kis-sim-state-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("state.json");
        let start: DateTime<Utc> = "2026-03-10T14:00:00Z".parse().unwrap();
        let mut world = World::new(Clock::new(start, false), Market::default(), 500.into());
        let token = world.tokens.issue(Mode::Real, start, true).unwrap();
        assert!(load(&path, Market::default(), None).unwrap().is_none());
        save(&world, &path).unwrap();
        let later = start + chrono::TimeDelta::hours(1);
        for (asked, expected) in
            [(None, start), (Some(later), later), (Some(start - chrono::TimeDelta::hours(1)), start)]
        {
            let loaded = load(&path, Market::default(), asked).unwrap().unwrap();
            assert_eq!((loaded.clock.now(), loaded.account(Mode::Paper).cash), (expected, 500.into()));
            assert_eq!(loaded.tokens.tokens, std::slice::from_ref(&token));
        }
        File::create(&path).unwrap().write_all(b"{").unwrap();
        assert!(load(&path, Market::default(), None).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
