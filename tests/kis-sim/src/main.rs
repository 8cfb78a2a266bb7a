//! The `kis-sim` program: arguments, start, one line about where it listens.

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Parser, ValueEnum};
use kis_sim::{Options, PAPER_ACCOUNT, PAPER_KEY, REAL_ACCOUNT, REAL_KEY, Sim, WallTime, paper_secret, real_secret};
use rust_decimal::Decimal;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// A simulated KIS Open API gateway for US stocks, with a clock you can move.
#[derive(Parser)]
// The secrets are longer than a terminal is wide, and must stay whole.
#[command(version, after_help = credentials(), term_width = 0)]
struct Arguments {
    /// Gateway port; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Control port; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    control_port: u16,
    /// Where the clock starts [default: now]
    #[arg(long, value_name = "RFC3339")]
    start: Option<DateTime<Utc>>,
    /// Dollars each account starts with
    #[arg(long, value_name = "USD", default_value = "10000")]
    cash: Decimal,
    /// Folder of files named like AAPL.csv or KO.NYSE.csv [default: the data compiled in]
    #[arg(long, value_name = "DIR")]
    market_data: Option<PathBuf>,
    /// File in which everything survives a restart
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// From when on LOC and MOC orders are neither taken nor cancelled, in New York; on half days as long before the close
    #[arg(long, value_name = "HH:MM", default_value = "15:50")]
    loc_until: WallTime,
    /// Trade the bars of DATE and after it from the start's date on, as if they were those days' [example: 2023-05-24]
    #[arg(long, value_name = "DATE")]
    replay: Option<NaiveDate>,
    /// Whose request limits hold: those of KIS, or none
    #[arg(long, value_name = "WHOSE", default_value = "kis")]
    limits: LimitsOf,
    /// How many accounts there are in each environment, 1 to 9
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=9))]
    accounts: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LimitsOf {
    Kis,
    None,
}

fn main() -> ExitCode {
    match serve(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "kis-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: Arguments) -> std::io::Result<()> {
    let Arguments { port, control_port, start, cash, market_data, state, loc_until, replay, limits, accounts } =
        arguments;
    let has_limits = limits == LimitsOf::Kis;
    let options =
        Options { port, control_port, start, cash, market_data, state, loc_until, replay, has_limits, accounts };
    let prices = options.load_prices()?;
    prices.check_start(&options)?;
    writeln!(std::io::stderr(), "kis-sim: prices of {prices}")?;
    let sim = Sim::start_with(options, prices)?;
    let mut out = std::io::stdout();
    writeln!(out, r#"{{"gateway":"{}","control":"{}"}}"#, sim.gateway_url(), sim.control_url())?;
    out.flush()?;
    loop {
        std::thread::park();
    }
}

fn credentials() -> String {
    let row = |mode: &str, key: &str, secret: &str, account: &str| {
        format!("  {mode}  app key    {key}\n         app secret {secret}\n         account    {account}\n")
    };
    format!(
        "Credentials (invented; the app key says which account a request belongs to):\n{}{}\
         \nFor the Nth account of --accounts, put N for the last digit of the app key and of the account's first eight, and for each + of the secret.",
        row("paper", PAPER_KEY, &paper_secret(), PAPER_ACCOUNT),
        row("real ", REAL_KEY, &real_secret(), REAL_ACCOUNT)
    )
}
