//! The command line of `kis-rehearse`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Parser;

use crate::domain::{Percent, Symbol};

/// Rehearses the strategies of a configuration over daily bars: no account, no order, no network.
#[derive(Debug, Parser)]
#[command(name = "kis-rehearse", version)]
pub(super) struct Arguments {
    /// Configuration file [env: KIS_TRADE_CONFIG] [default: ./config.toml]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Folder of SYMBOL.csv files: date,open,high,low,close,volume
    #[arg(long, value_name = "DIR")]
    pub(super) bars: PathBuf,
    /// Get the bars of SYMBOL from KIS, from --from on, and write them into the folder; rehearses nothing
    #[arg(long, value_name = "SYMBOL", requires = "from")]
    pub(super) fetch: Option<Symbol>,
    /// First session [default: the second bar]
    #[arg(long, value_name = "DATE")]
    pub(super) from: Option<NaiveDate>,
    /// Last session [default: the last bar]
    #[arg(long, value_name = "DATE")]
    pub(super) to: Option<NaiveDate>,
    /// Fee of each fill, in percent of its dollars [default: [fees] percent]
    #[arg(long, value_name = "PERCENT")]
    pub(super) fee_percent: Option<Percent>,
    /// Write a line a session to FILE
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Print exactly one JSON object on standard output, also for errors
    #[arg(long)]
    pub(super) json: bool,
    /// Write a page for browsers to FILE
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Run kis-trade itself against a simulated gateway, session by session; takes minutes and gives the same lines
    #[arg(long)]
    pub(super) slow: bool,
    /// The simulated gateway for --slow [default: kis-sim beside this program]
    #[arg(long, value_name = "FILE", requires = "slow")]
    pub(super) kis_sim: Option<PathBuf>,
}
