//! Settings and credentials: read once, checked whole, before anything else happens.
//!
//! Nothing here is ever written, and no default stands in for a value that is there but wrong. A file's problems are
//! told all at once, each with its line; values that may be secrets are told by their length.

mod base_url;
mod credentials;
mod document;
mod environment;
mod file;
mod first_steps;
#[cfg(test)]
mod fuzz;
mod gateway;
mod keys;
mod notify;
mod reader;
mod settings;
mod symbols;
mod target_url;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveTime;
use rust_decimal::Decimal;
use secrecy::SecretString;

use crate::domain::account::AccountNumber;
use crate::domain::mode::Mode;
use crate::domain::money::{Percent, Usd};
use crate::domain::notice::Language;
use crate::domain::symbol::{ListedSymbol, Symbol};
use crate::exit::{Failure, Reason};

pub use credentials::load_credentials;
use document::{Document, Problem};
pub use environment::{Environment, config_path, rehearsal_now};
use file::{Purpose, Unreadable};
pub use notify::{NotifySettings, PingSettings, TargetKind, TargetSettings};

/// More problems than this are counted, not told.
const MOST_PROBLEMS: usize = 50;

/// Loads and checks the configuration. The state directory is `state_dir_override` (a flag), else
/// `KIS_TRADE_STATE_DIR`, else what the file says, else `state` beside the file.
///
/// # Errors
///
/// The file can't be read, or anything in it is wrong: then every problem is told.
pub fn load(path: &Path, state_dir_override: Option<&Path>, env: &Environment) -> Result<Settings, Failure> {
    let text = file::read_text(path, Purpose::Settings).map_err(|error| unreadable(path, error, env))?;
    let state_dir = match state_dir_override {
        Some(state_dir) => Some(state_dir),
        None => env.text("KIS_TRADE_STATE_DIR")?.map(Path::new),
    };
    if state_dir.is_some_and(|state_dir| state_dir.as_os_str().is_empty()) {
        return Err(invalid("the state directory is an empty name").next("name a directory with --state-dir"));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    settings::read(&Document::parse(&text), folder, state_dir).map_err(|problems| {
        list_problems(path, &problems).next("correct the file; config.example.toml explains every key")
    })
}

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
    /// When and what to buy.
    pub buy: BuySettings,
    /// When and what to sell.
    pub sell: SellSettings,
    /// What to cancel.
    pub cleanup: CleanupSettings,
    /// Caps.
    pub limits: Limits,
    /// The language of messages to people; logs and JSON stay English.
    pub language: Language,
    /// Telling a human.
    pub notify: NotifySettings,
    /// Telling a monitor that runs happen; `None` when off.
    pub ping: Option<PingSettings>,
}

/// `[gateway]`
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// Origin without a trailing slash: KIS's own of the mode, or plain http to loopback.
    pub base_url: String,
    /// True when `base_url` is a literal loopback address.
    pub is_loopback: bool,
    /// Limit of one request.
    pub timeout: Duration,
    /// Requests a second, shared by all processes on the state directory.
    pub requests_per_second: Decimal,
    /// Ledger requests a second.
    pub ledger_requests_per_second: Decimal,
    /// When a lost order answer is looked up in the same run, counted from the loss.
    pub settle_after: Vec<Duration>,
}

/// `[lock]`
#[derive(Clone, Debug)]
pub struct LockSettings {
    /// Longest wait for another run.
    pub wait: Duration,
    /// A buy or sell this soon after the last one ends quietly; zero turns it off.
    pub min_interval: Duration,
}

/// `[token]`
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// Renew when this much life or less is left.
    pub renew_at_left: Duration,
    /// Warn below this much life.
    pub warn_at_left: Duration,
    /// Attempts of `token-check`, and of any command without a live token.
    pub attempts: u32,
    /// Wait between attempts.
    pub retry_delay: Duration,
}

/// `[buy]`
#[derive(Clone, Debug)]
pub struct BuySettings {
    /// All must stand above yesterday's close.
    pub filter: Vec<ListedSymbol>,
    /// What may be bought.
    pub watch: Vec<ListedSymbol>,
    /// How many to buy.
    pub picks: u32,
    /// The decline must be greater than this.
    pub min_decline_percent: Percent,
    /// Most shares an order.
    pub max_quantity: u64,
    /// Over last.
    pub limit_offset_percent: Percent,
    /// Least cash to buy at all.
    pub min_cash: Usd,
    /// How the last own sell limits a new buy.
    pub rebuy: Rebuy,
}

/// `[buy] rebuy`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rebuy {
    /// Only under the price of the last own sell fill.
    BelowLastSell,
    /// Only over it.
    AboveLastSell,
    /// Always.
    Any,
}

/// `[sell]`
#[derive(Clone, Debug)]
pub struct SellSettings {
    /// Profit to take.
    pub take_profit_percent: Percent,
    /// Profit to take on the best position when nothing else is sold; `None` when off.
    pub fallback_take_profit_percent: Option<Percent>,
    /// Loss to cut; `None` when off.
    pub stop_loss_percent: Option<Percent>,
    /// Days without re-buy after a stop loss.
    pub cooldown_days: u32,
    /// Take profits a run; `None` for all.
    pub sells_per_run: Option<u32>,
    /// Whether holdings outside `[buy] watch` are sold too.
    pub sells_all_positions: bool,
    /// Under last.
    pub limit_offset_percent: Percent,
    /// Under last, for stop losses.
    pub stop_loss_offset_percent: Percent,
    /// Never sold.
    pub keep: Vec<Symbol>,
}

/// `[cleanup]`
#[derive(Clone, Debug)]
pub struct CleanupSettings {
    /// Age at which an open buy is cancelled; `None` for never.
    pub cancel_buys_after: Option<Duration>,
    /// Age at which an open sell is cancelled; `None` for never.
    pub cancel_sells_after: Option<Duration>,
}

/// `[limits] trading`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trading {
    /// Buys and sells.
    All,
    /// Nothing is bought; sells and cancels go on.
    SellOnly,
}

impl Trading {
    /// The word as users write it.
    pub fn word(self) -> &'static str {
        match self {
            Trading::All => "all",
            Trading::SellOnly => "sell_only",
        }
    }
}

/// `[limits]`
#[derive(Clone, Debug)]
pub struct Limits {
    /// What may be traded at all.
    pub trading: Trading,
    /// Most USD an order.
    pub max_order: Usd,
    /// Most USD of buys a trading date.
    pub max_buy_per_day: Usd,
    /// Most symbols at once.
    pub max_positions: u32,
    /// Loss of the account against the date's first sample that stops buying.
    pub max_daily_loss_percent: Percent,
    /// Most USD in one symbol; `None` for no limit.
    pub max_position: Option<Usd>,
    /// Greatest believable move against yesterday's close; `None` when off.
    pub max_price_move_percent: Option<Percent>,
    /// Believable profit, from and to; `None` when off.
    pub plausible_profit_percent: Option<(Percent, Percent)>,
}

/// What KIS knows the user by. Neither secret is ever shown.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// KIS app key, 36 characters.
    pub app_key: SecretString,
    /// KIS app secret, 180 characters.
    pub app_secret: SecretString,
    /// The account the key belongs to.
    pub account: AccountNumber,
}

/// A failure of the configuration or the environment.
fn invalid(what: impl Into<String>) -> Failure {
    Failure::new(Reason::ConfigInvalid, what)
}

fn unreadable(path: &Path, error: Unreadable, env: &Environment) -> Failure {
    match error {
        Unreadable::Missing => {
            let path = show_path(path);
            invalid(format!("there is no configuration file {path}"))
                .because(first_steps::missing(env))
                .next(first_steps::from_configuration(&path))
        }
        Unreadable::Refused(why) => invalid(format!("the configuration file {} can't be read", show_path(path)))
            .because(why)
            .next("name a regular text file with --config or KIS_TRADE_CONFIG"),
    }
}

/// One line a problem, in the order of the file.
fn list_problems(path: &Path, problems: &[Problem]) -> Failure {
    let count = if problems.len() == 1 { "1 problem".to_owned() } else { format!("{} problems", problems.len()) };
    let mut lines = problems.iter().take(MOST_PROBLEMS).map(Problem::to_string).collect::<Vec<_>>();
    if problems.len() > MOST_PROBLEMS {
        lines.push(format!("and {} more", problems.len() - MOST_PROBLEMS));
    }
    invalid(format!("{} has {count}", show_path(path))).because(lines.join("\n"))
}

fn show_path(path: &Path) -> String {
    document::clean(&path.display().to_string())
}
