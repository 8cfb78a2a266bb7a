//! All of config.toml: the order of its sections, and the keys that have no module of their own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveTime;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::config::document::{Document, Problem};
use crate::config::gateway::{self, Bounds, GatewaySettings};
use crate::config::keys;
use crate::config::notify::NotifySettings;
use crate::config::ping::{PingSettings, read_ping};
use crate::config::reader::{Reader, from_to};
use crate::config::rules::{BuySettings, CleanupSettings, FeeSettings, Limits, SellSettings};
use crate::config::strategies::{StrategySettings, read_strategies};
use crate::config::words::strategies;
use crate::config::words::values::{self, Note, Range};
use crate::domain::Mode;
use crate::language::{Language, Sentence};
use crate::ordered::Ordered;

pub(super) const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
/// The longest run.
const RUN_SECONDS: u32 = 300;
/// What a buy asks besides quotes, and some orders.
const OTHER_REQUESTS: usize = 8;

/// Everything config.toml says, checked; defaults filled in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Paper or real.
    pub mode: Mode,
    /// Absolute or relative to the working directory; already resolved against the file's folder.
    pub state_dir: PathBuf,
    /// Where credentials may be.
    pub credentials_file: Option<PathBuf>,
    /// How to reach KIS.
    pub gateway: GatewaySettings,
    /// Waiting for other runs.
    pub lock: LockSettings,
    /// Keeping the token alive.
    pub token: TokenSettings,
    /// New York time after which nothing is bought.
    pub buy_until: NaiveTime,
    /// New York time on a full day after which no closing order is sent.
    pub loc_until: NaiveTime,
    /// When and what to buy.
    pub buy: BuySettings,
    /// When and what to sell.
    pub sell: SellSettings,
    /// What to cancel.
    pub cleanup: CleanupSettings,
    /// Caps.
    pub limits: Limits,
    /// Rules of the user's own, in the order of the file.
    pub strategies: Vec<StrategySettings>,
    /// What trading costs, for estimates.
    pub fees: FeeSettings,
    /// The language of notifications; logs and JSON stay English.
    pub language: Language,
    /// Who is notified.
    pub notify: NotifySettings,
    /// The monitor that is pinged by each run; `None` when off.
    pub ping: Option<PingSettings>,
}

impl Settings {
    /// Says that a run can't ask for all symbols of filter and watch in its time, when that is so. Sells may go on all the same:
    /// they ask for what is held.
    pub fn long_list(&self) -> Option<Sentence> {
        let symbols: BTreeSet<_> = self.buy.filter.iter().chain(&self.buy.watch).map(|listed| &listed.symbol).ordered();
        let rate = self.gateway.requests_per_second;
        let requests = rate.saturating_mul(RUN_SECONDS.into()).to_usize().unwrap_or(usize::MAX);
        let most = requests.saturating_sub(OTHER_REQUESTS).saturating_mul(self.mode.quotes_per_request());
        (symbols.len() > most)
            .then(|| values::long_list(symbols.len(), rate.normalize(), RUN_SECONDS, most, self.mode.word()))
    }
}

section! {
    /// `[lock]`
    LockSettings(reader) {
        /// Longest wait for another run.
        wait: Duration = seconds(reader, "lock.wait_seconds", from_to(0, 3600), 300),
        /// A buy or sell this soon after the last one ends quietly; zero turns it off.
        min_interval: Duration = seconds(reader, "lock.min_interval_seconds", from_to(0, 3600), 60),
    }
}

section! {
    /// `[token]`. A token lives 24 hours, and KIS repeats it for the first six: renewing above 23 would mean a request
    /// in every run. Five minutes is the least that outlives a run.
    TokenSettings(reader, bounds: Bounds) {
        /// Renew when this much life or less is left.
        renew_at_left: Duration = renew_at_left(reader),
        /// Warn below this much life.
        warn_at_left: Duration = read_warn_at_left(reader),
        /// Attempts of `token-check`, and of any command without a live token.
        attempts: u32 = reader.small_count("token.attempts", from_to(1, 10)).unwrap_or(3),
        /// Wait between attempts.
        retry_delay: Duration = seconds(reader, "token.retry_delay_seconds", from_to(bounds.least(0, 65), 600), 65),
    }
}

/// Reads all settings. Paths in the file start at `folder`; `state_dir` wins over the file's.
///
/// # Errors
/// Every problem of the file, by line.
pub(super) fn read(document: &Document<'_>, folder: &Path, state_dir: Option<&Path>) -> Result<Settings, Vec<Problem>> {
    let mut reader = Reader::new(document);
    let settings = read_all(&mut reader, folder, state_dir);
    let (problems, asked) = reader.finish();
    let problems = all_problems(document, problems, &asked);
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// Asks for every key, whatever the file says: a key that is never asked for is unknown. Messages about an unknown key
/// list the known ones in the order of asking, which is that of config.example.toml.
pub(super) fn read_all(reader: &mut Reader<'_>, folder: &Path, state_dir: Option<&Path>) -> Settings {
    let mode = read_mode(reader);
    let written_state_dir = reader.path("state_dir", folder);
    let language = reader.word("language", &Language::WORDS).unwrap_or_default();
    // Asked for here, where the keys without a section are: its tables are read last, beside the others.
    reader.has("strategy");
    let credentials_file = reader.path("account.credentials_file", folder);
    let (origin, bounds) = gateway::read_origin(reader, mode);
    let (gateway, lock, token) = (
        GatewaySettings::read(reader, mode, origin, bounds),
        LockSettings::read(reader),
        TokenSettings::read(reader, bounds),
    );
    let (buy_until, loc_until) = (read_buy_until(reader), read_loc_until(reader));
    let (buy, sell, cleanup) = (BuySettings::read(reader), SellSettings::read(reader), CleanupSettings::read(reader));
    let limits = Limits::read(reader);
    Settings {
        mode: mode.unwrap_or(Mode::Paper),
        state_dir: state_dir.map(Path::to_owned).or(written_state_dir).unwrap_or_else(|| folder.join("state")),
        language,
        credentials_file,
        gateway,
        lock,
        token,
        buy_until,
        loc_until,
        fees: FeeSettings::read(reader),
        notify: NotifySettings::read(reader, folder, bounds),
        ping: read_ping(reader, folder),
        strategies: read_strategies(reader, folder, (&buy, &sell, &limits)),
        buy,
        sell,
        cleanup,
        limits,
    }
}

/// Puts the problems in order. With broken syntax a key may only seem to be missing, or to be in another section;
/// then only values that were certainly understood are reported.
fn all_problems(document: &Document<'_>, found: Vec<Problem>, asked: &[String]) -> Vec<Problem> {
    let mut problems = document.syntax.clone();
    if problems.is_empty() {
        let known = asked.iter().map(String::as_str).collect::<Vec<_>>();
        problems = keys::unknown_keys(document, &known);
        problems.extend(found);
    } else {
        let is_broken = |problem: &Problem| document.syntax.iter().any(|syntax| syntax.line == problem.line);
        problems.extend(found.into_iter().filter(|problem| !is_broken(problem)));
    }
    problems.sort();
    // A value that is read twice is wrong once.
    problems.dedup();
    problems
}

/// The mode, or `None` when what the file says can't be understood.
fn read_mode(reader: &mut Reader<'_>) -> Option<Mode> {
    if reader.has("mode") { reader.word("mode", &Mode::WORDS) } else { (!reader.is_broken()).then_some(Mode::Paper) }
}

fn renew_at_left(reader: &mut Reader<'_>) -> Duration {
    let range = from_to(Decimal::new(833, 4), 23).note(Note::Hours);
    reader.time("token.renew_at_hours_left", HOUR, range).unwrap_or(4 * HOUR)
}

fn read_warn_at_left(reader: &mut Reader<'_>) -> Duration {
    let (key, renew_at_left) = ("token.warn_at_hours_left", renew_at_left(reader));
    let written = reader.time(key, HOUR, from_to(0, 23).note(Note::Hours));
    if written.is_some_and(|warn| warn > renew_at_left) {
        reader.object(key, values::warning_above_renewal);
    }
    written.unwrap_or((2 * HOUR).min(renew_at_left))
}

fn read_buy_until(reader: &mut Reader<'_>) -> NaiveTime {
    let default = NaiveTime::from_hms_opt(15, 30, 0).unwrap_or_default();
    read_time(reader, "market.buy_until", "16:00", values::buy_until_outside).unwrap_or(default)
}

fn read_loc_until(reader: &mut Reader<'_>) -> NaiveTime {
    let default = NaiveTime::from_hms_opt(15, 40, 0).unwrap_or_default();
    read_time(reader, "market.loc_until", "15:50", strategies::loc_until_outside).unwrap_or(default)
}

/// A New York time from the open to the latest; `outside` says what it must be.
fn read_time(reader: &mut Reader<'_>, key: &str, latest: &str, outside: fn() -> Sentence) -> Option<NaiveTime> {
    let (found, text) = reader.text(key)?;
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|time| time.format("%H:%M").to_string() == text);
    let fits = ("09:30"..=latest).contains(&text);
    if time.is_none() || !fits {
        reader.refuse(&found, outside());
    }
    time.filter(|_| fits)
}

pub(super) fn seconds(reader: &mut Reader<'_>, key: &str, range: Range, default: u32) -> Duration {
    reader.time(key, SECOND, range).unwrap_or(default * SECOND)
}
