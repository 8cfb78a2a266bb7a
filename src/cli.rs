//! The command line: its types, its help, and how it is parsed.

mod korean;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

use crate::domain::{Job, Task, TokenPurpose};
use crate::language::{Language, Sentence, sentences};

/// Trades US stocks through Korea Investment & Securities, one cron-started run at a time.
#[derive(Debug, Parser)]
#[command(name = "kis-trade", version, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// Configuration file [env: KIS_TRADE_CONFIG] [default: ./config.toml]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// State directory [env: KIS_TRADE_STATE_DIR] [default: state_dir of the configuration]
    #[arg(long, value_name = "DIR", global = true)]
    pub state_dir: Option<PathBuf>,
    /// Print exactly one JSON object on standard output, also for errors
    #[arg(long, global = true)]
    pub json: bool,
    /// Print more: every symbol passed over, and a log of the run
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Print nothing on success but the first after a failure, and a repeated failure only once an hour
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print the man page or a shell's completions, and nothing else
    #[arg(long, value_name = "WHAT", exclusive = true, value_parser = GENERATED.map(|(word, _)| word))]
    pub generate: Option<String>,
    /// Ask for mode, keys, account and watch list, write them to a new directory, make the first contact and print crontab
    /// lines [default: ~/kis-trade]
    #[arg(long, value_name = "DIR", exclusive = true)]
    pub setup: Option<Option<PathBuf>>,
    /// The job.
    #[command(subcommand)]
    pub command: Command,
}

/// Texts that the program prints of itself. They are made beforehand (`scripts/dist/manual.rs`) and lie in the program as data
/// that no other run touches: the code that makes them would be loaded with every run.
///
/// Each in English and in Korean; completions for bash describe nothing, and are the same in both.
const GENERATED: [(&str, [&str; 2]); 4] = [
    ("man", [include_str!("../dist/manual/kis-trade.1"), include_str!("../dist/manual/ko/kis-trade.1")]),
    ("complete-bash", [BASH, BASH]),
    ("complete-zsh", [include_str!("../dist/manual/_kis-trade"), include_str!("../dist/manual/ko/_kis-trade")]),
    (
        "complete-fish",
        [include_str!("../dist/manual/kis-trade.fish"), include_str!("../dist/manual/ko/kis-trade.fish")],
    ),
];

const BASH: &str = include_str!("../dist/manual/kis-trade.bash");

/// The text that a command line asks for which is nothing but `--generate WHAT`; the language is looked up only then. Any other
/// command line goes to the parser.
pub fn generated_text(arguments: &[OsString], language: impl FnOnce() -> Language) -> Option<&'static str> {
    let words: Vec<&str> = arguments.iter().skip(1).map(|argument| argument.to_str()).collect::<Option<_>>()?;
    let what = match words[..] {
        ["--generate", what] => what,
        [word] => word.strip_prefix("--generate=")?,
        _ => return None,
    };
    let (_, [english, korean]) = GENERATED.into_iter().find(|(word, _)| *word == what)?;
    Some(if language() == Language::Korean { korean } else { english })
}

/// The texts of a command in Korean.
pub fn in_korean(command: clap::Command) -> clap::Command {
    korean::command(command)
}

/// What is printed in place of a run: the help, the version, or why a command line is refused.
pub fn answer(error: &clap::Error, arguments: &[OsString]) -> Sentence {
    let en = error.render().to_string();
    let ko = match error.kind() {
        ErrorKind::DisplayVersion => en.clone(),
        ErrorKind::DisplayHelp => korean::help(arguments),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => korean::help(&["kis-trade".into(), "help".into()]),
        _ => korean::refusal(error),
    };
    Sentence { en, ko }
}

/// The first line of a refusal.
pub(crate) fn refusal(error: &clap::Error) -> Sentence {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return no_command();
    }
    let said = Sentence { en: error.render().to_string(), ko: korean::refusal(error) };
    said.map(|text| {
        let first = text.lines().next().unwrap_or_default();
        ["error: ", "오류: "].iter().find_map(|start| first.strip_prefix(start)).unwrap_or(first).to_owned()
    })
}

sentences! {
    no_command()
        "no command"
        "명령이 없습니다"

    see_help()
        "run `kis-trade --help`"
        "`kis-trade --help`를 실행하세요"
}

/// `kis-trade help`, as people type it, is `kis-trade --help`.
fn arguments_for_parser(arguments: &[OsString]) -> Cow<'_, [OsString]> {
    match arguments {
        [program, help, rest @ ..] if help == "help" => {
            [std::slice::from_ref(program), rest, &["--help".into()]].concat().into()
        }
        _ => arguments.into(),
    }
}

/// A command line that is nothing but `--setup`, with its directory or without. Any other goes to the parser.
pub fn setup_asked(arguments: &[OsString]) -> Option<Option<PathBuf>> {
    let is_flag = |word: &OsString| word.as_encoded_bytes().starts_with(b"-");
    match arguments {
        [_, setup] if setup == "--setup" => Some(None),
        [_, setup, directory] if setup == "--setup" && !is_flag(directory) => Some(Some(directory.into())),
        [_, setup] => setup.to_str()?.strip_prefix("--setup=").map(|directory| Some(directory.into())),
        _ => None,
    }
}

impl Cli {
    /// Parses a whole command line.
    ///
    /// # Errors
    /// A command line that clap refuses, and a global flag given twice: before and after the command
    /// clap would silently take the last.
    pub fn from_arguments(arguments: &[OsString]) -> Result<Cli, clap::Error> {
        let cli = Cli::try_parse_from(arguments_for_parser(arguments).iter())?;
        for [long, short] in
            [["--config", ""], ["--state-dir", ""], ["--json", ""], ["--verbose", "-v"], ["--quiet", "-q"]]
        {
            let is_flag = |text: &str| text == long || text.split_once('=').is_some_and(|(flag, _)| flag == long);
            let names = arguments.iter().filter_map(|argument| argument.to_str());
            if names.filter(|text| is_flag(text) || (*text == short && !short.is_empty())).count() > 1 {
                return Err(conflict(long, long));
            }
        }
        // clap takes a command beside them all the same, and an order is not what was asked for.
        for (flag, is_given) in [("--generate", cli.generate.is_some()), ("--setup", cli.setup.is_some())] {
            if is_given {
                return Err(conflict(flag, cli.command.task().job.word()));
            }
        }
        if cli.verbose && cli.quiet {
            return Err(conflict("--verbose", "--quiet"));
        }
        Ok(cli)
    }
}

/// The refusal of two arguments beside each other, or of one twice.
fn conflict(argument: &str, prior: &str) -> clap::Error {
    let mut command = Cli::command();
    let mut error = clap::Error::new(ErrorKind::ArgumentConflict).with_cmd(&command);
    error.insert(ContextKind::InvalidArg, ContextValue::String(argument.to_owned()));
    error.insert(ContextKind::PriorArg, ContextValue::String(prior.to_owned()));
    error.insert(ContextKind::Usage, ContextValue::StyledStr(command.render_usage()));
    error
}

/// The five jobs.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Take profits, cut losses
    Sell {
        /// Stop before the first order, and print what would be sent
        #[arg(long)]
        dry_run: bool,
    },
    /// Buy what the rules pick
    Buy {
        /// Stop before the first order, and print what would be sent
        #[arg(long)]
        dry_run: bool,
    },
    /// Settle open questions, cancel stale orders
    Cleanup {
        /// Stop before the first cancel, and print what would be sent
        #[arg(long)]
        dry_run: bool,
        /// Resolve what only you can; may be given several times: INTENT=ORDER_ID, INTENT=absent or INTENT=filled:QTY@PRICE
        /// (an order of unknown outcome), ORDER_ID=FILLED (fills that KIS took back), foreign=ORDER_ID or
        /// foreign=all-of-today (orders of other programs), price=SYMBOL (a symbol set aside for a suspected split)
        #[arg(long, value_name = "DECISION")]
        settle: Vec<String>,
        /// Let a strategy take over the shares that the account holds; without --yes only show its next orders
        #[arg(long, value_name = "STRATEGY", conflicts_with = "withdraw")]
        adopt: Option<String>,
        /// What the account does not know of it: t=NUMBER (infinite_v40) or cash=USD; may be given several times
        #[arg(long, value_name = "KEY=VALUE", requires = "adopt")]
        set: Vec<String>,
        /// Store it
        #[arg(long, requires = "adopt")]
        yes: bool,
        /// Send nothing more of a strategy's orders on this trading date, and cancel its open ones
        #[arg(long, value_name = "STRATEGY")]
        withdraw: Option<String>,
    },
    /// Show account, orders, token and last runs; sends no orders
    Status {
        /// Also write it as an HTML page, everything in one file
        #[arg(long, value_name = "FILE", conflicts_with = "check_schedule")]
        html: Option<PathBuf>,
        /// Also show what own fills won and lost, by month and by symbol
        #[arg(long, conflicts_with = "check_schedule")]
        profit: bool,
        /// Count the profit from this New York date on (YYYY-MM-DD) [default: all that the journal holds]
        #[arg(long, value_name = "DATE", requires = "profit", value_parser = parse_date)]
        since: Option<NaiveDate>,
        /// Only check this crontab (- for standard input); needs no configuration
        #[arg(long, value_name = "CRONTAB")]
        check_schedule: Option<PathBuf>,
        /// Only send a test message to each notify target, and show how it answered; asks KIS for nothing
        #[arg(long, conflicts_with_all = ["html", "check_schedule"])]
        test_notify: bool,
    },
    /// Show how long the token lives; renew it when due
    TokenCheck {
        /// Renew it even when it is not due
        #[arg(long, conflicts_with = "offline")]
        force: bool,
        /// Only read the token file; send nothing
        #[arg(long)]
        offline: bool,
    },
}

impl Command {
    /// The job, and how to do it.
    pub fn task(&self) -> Task {
        match self {
            Command::Sell { dry_run } => Task { is_dry_run: *dry_run, ..Task::of(Job::Sell) },
            Command::Buy { dry_run } => Task { is_dry_run: *dry_run, ..Task::of(Job::Buy) },
            Command::Cleanup { dry_run, .. } => Task { is_dry_run: *dry_run, ..Task::of(Job::Cleanup) },
            Command::Status { .. } => Task::of(Job::Status),
            Command::TokenCheck { offline: true, .. } => {
                Task { token: TokenPurpose::OfflineLook, ..Task::of(Job::TokenCheck) }
            }
            Command::TokenCheck { force: true, .. } => {
                Task { token: TokenPurpose::ForcedCheck, ..Task::of(Job::TokenCheck) }
            }
            Command::TokenCheck { .. } => Task::of(Job::TokenCheck),
        }
    }
}

/// Reads `2027-01-04`; chrono alone would take other spellings, too.
pub(crate) fn parse_date(text: &str) -> Result<NaiveDate, String> {
    let date = text.parse::<NaiveDate>().ok().filter(|date| date.to_string() == text);
    date.ok_or_else(|| "it is not a date such as 2027-01-04".to_owned())
}

/// The exit codes, as `--help` and the man page show them.
const EXIT_CODES: &str = "\
Exit codes:
   0  done, also \"nothing to do\" and \"market closed\"
   1  unexpected failure, or an order rejected by KIS
   2  usage
  65  a state file can't be read (it is kept, and named)
  69  the gateway (with --test-notify: a target) can't be reached or answers nonsense
  71  the machine's clock can't be trusted
  74  the state directory, or the page, can't be written
  75  try again later (another run holds the lock, rate limited)
  76  a strategy's own program failed
  77  credentials refused, or no usable token
  78  configuration or environment is wrong, or the state directory is another account's
  80  trading is halted
  81  an order's outcome is unknown";
