//! What every run needs before anything is locked or asked: settings, credentials, clock, state directory.

use std::rc::Rc;

use crate::cli::Cli;
use crate::clock::Clock;
use crate::cmd::notes::Notes;
use crate::cmd::ping::Pings;
use crate::config::{self, Credentials, Environment, Settings};
use crate::exit::Failure;
use crate::store::state_dir::StateDir;

/// What stands before anything is locked or asked: enough to write down how the run ended.
pub struct Base {
    /// The configuration.
    pub settings: Rc<Settings>,
    /// The clock.
    pub clock: Clock,
    /// The state directory, bound to account and mode.
    pub dir: StateDir,
    /// One id a process, in every log line and journal line.
    pub run_id: String,
    /// What KIS knows the user by.
    pub credentials: Credentials,
}

/// Reads configuration and credentials, opens the state directory and checks whose it is.
///
/// # Errors
/// 78 for anything wrong with them, 65 when the directory's owner file can't be read, 74 when it can't be created.
pub fn prepare(cli: &Cli, environment: &Environment, run_id: String, notes: &mut Notes) -> Result<Base, Failure> {
    let path = config::config_path(cli.config.as_deref(), environment)?;
    let settings = config::load(&path, cli.state_dir.as_deref(), environment)?;
    notes.mode = Some(settings.mode);
    notes.pings = Pings::of(&settings, &cli.command);
    if let Some(pings) = &mut notes.pings {
        pings.begin();
    }
    let clock = config::rehearsal_now(&settings, environment)?.map_or_else(Clock::system, Clock::starting_at);
    let credentials = config::load_credentials(&settings, environment)?;
    let (dir, warnings) = StateDir::open(&settings.state_dir)?;
    notes.warnings.extend(warnings);
    notes.warnings.extend(dir.bind(&credentials.account.fingerprint(), settings.mode, &clock)?);
    Ok(Base { settings: Rc::new(settings), clock, dir, run_id, credentials })
}

/// Five letters and digits that tell runs apart in logs and journal.
pub fn make_run_id(clock: &Clock) -> String {
    const DIGITS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut seed = clock.since_boot().as_nanos() ^ u128::from(std::process::id()).rotate_left(20);
    let mut id = String::new();
    for _ in 0..5 {
        let digit = usize::try_from(seed % 32).unwrap_or(0);
        id.push(char::from(DIGITS[digit]));
        seed /= 32;
    }
    id
}
