//! What every run needs before anything is locked or asked: settings, credentials, clock, state directory.

use std::rc::Rc;

use crate::cli::Cli;
use crate::clock::Clock;
use crate::config::{self, Credentials, Environment, Settings};
use crate::domain::{Mode, Task};
use crate::exit::Failure;
use crate::language::{Language, Sentence};
use crate::store::state_dir::StateDir;
use crate::tell::{Notifier, Pings};

/// What every run has before it locks or asks anything: enough to write down how it ended.
pub struct Base {
    pub settings: Rc<Settings>,
    pub clock: Clock,
    /// The state directory, of no other account or mode.
    pub dir: StateDir,
    /// Identifies the process in every log line and journal line.
    pub run_id: String,
    pub credentials: Credentials,
}

impl Base {
    /// The notifier by which a run announces its news.
    pub fn notifier(&self, task: Task) -> Notifier<'_> {
        let Base { settings, clock, dir, run_id, .. } = self;
        Notifier { settings, clock, dir, run_id, job: task.job, is_silent: task.is_offline() }
    }
}

/// The outcome of the preparation, and what is known even when it failed.
pub struct Prepared {
    /// Paper or real; known once the configuration is read.
    pub mode: Option<Mode>,
    /// The configuration's language; without one, the locale's.
    pub language: Language,
    /// The pings of the run's start and end.
    pub pings: Option<Pings>,
    /// Sentences for people.
    pub warnings: Vec<Sentence>,
    /// The base, or how the run ends: 78 for anything wrong with configuration or credentials, 65 when the directory's
    /// owner file can't be read, 74 when it can't be created.
    pub base: Result<Base, Failure>,
}

/// Reads configuration and credentials, opens the state directory and checks that it is no other account's. Pings begin as soon as the
/// configuration names their target.
pub fn prepare(cli: &Cli, environment: &Environment, run_id: String) -> Prepared {
    let path = config::config_path(cli.config.as_deref(), environment);
    let settings = match path.and_then(|path| config::load(&path, cli.state_dir.as_deref(), environment)) {
        Ok(settings) => settings,
        Err(failure) => {
            let language = environment.language();
            return Prepared { mode: None, language, pings: None, warnings: Vec::new(), base: Err(failure) };
        }
    };
    let language = settings.language;
    let (mode, mut warnings) = (Some(settings.mode), Vec::from_iter(settings.long_list()));
    let task = cli.command.task();
    let is_watched = !task.is_dry_run && !task.is_offline();
    let mut pings = is_watched.then(|| Pings::of(&settings, task.job)).flatten();
    if let Some(pings) = &mut pings {
        pings.begin();
    }
    let base = open_base(settings, environment, run_id, &mut warnings);
    Prepared { mode, language, pings, warnings, base }
}

/// Reads the configuration alone, and starts the clock.
pub fn load_settings(cli: &Cli, environment: &Environment) -> Result<(Settings, Clock), Failure> {
    let path = config::config_path(cli.config.as_deref(), environment)?;
    let settings = config::load(&path, cli.state_dir.as_deref(), environment)?;
    let clock = start_clock(&settings, environment)?;
    Ok((settings, clock))
}

fn start_clock(settings: &Settings, environment: &Environment) -> Result<Clock, Failure> {
    Ok(config::rehearsal_now(settings, environment)?.map_or_else(Clock::system, Clock::starting_at))
}

/// Reads the credentials and opens the state directory.
///
/// # Errors
/// As of [`Prepared::base`].
pub fn open_base(
    settings: Settings,
    environment: &Environment,
    run_id: String,
    warnings: &mut Vec<Sentence>,
) -> Result<Base, Failure> {
    let clock = start_clock(&settings, environment)?;
    let credentials = config::load_credentials(&settings, environment)?;
    let (dir, of_opening) = StateDir::open(&settings.state_dir)?;
    warnings.extend(of_opening);
    warnings.extend(dir.check_owner(credentials.account.fingerprint(), settings.mode)?);
    Ok(Base { settings: Rc::new(settings), clock, dir, run_id, credentials })
}

/// Five letters and digits that tell runs apart in logs and journal.
pub fn make_run_id(clock: &Clock) -> String {
    const DIGITS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let seed = clock.since_boot().as_nanos() ^ u128::from(std::process::id()).rotate_left(20);
    let digit = |place: u32| DIGITS[usize::try_from(seed >> (5 * place) & 31).unwrap_or(0)];
    (0..5).map(|place| char::from(digit(place))).collect()
}
