//! The command line of `kis-rehearse`, and its help in both languages.

use std::ffi::OsString;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory, Error, Parser};

use crate::cli;
use crate::domain::{Percent, Symbol};
use crate::language::{Language, Sentence};

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
    #[arg(long, value_name = "DATE", value_parser = cli::parse_date)]
    pub(super) from: Option<NaiveDate>,
    /// Last session [default: the last bar]
    #[arg(long, value_name = "DATE", value_parser = cli::parse_date)]
    pub(super) to: Option<NaiveDate>,
    /// Fee of each fill, in percent of its dollars [default: [fees] percent]
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
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

fn parse_percent(text: &str) -> Result<Percent, String> {
    let percent =
        text.parse::<Percent>().ok().filter(|percent| (Percent::ZERO..=Percent::ONE_HUNDRED).contains(percent));
    percent.ok_or_else(|| "it is not a percentage from 0 to 100".to_owned())
}

/// Columns of the Korean help: its letters are two columns wide.
const WIDTH: usize = 50;
const TEMPLATE: &str = "{about-with-newline}\n사용법: {usage}\n\n{all-args}";

const TEXTS: [(&str, &str); 14] = [
    (
        "Rehearses the strategies of a configuration over daily bars: no account, no order, no network",
        "설정의 전략을 과거의 일봉으로 돌려 봅니다. 계좌도 네트워크도 쓰지 않고 주문도 내지 않습니다",
    ),
    (
        "Configuration file [env: KIS_TRADE_CONFIG] [default: ./config.toml]",
        "설정 파일 [환경 변수: KIS_TRADE_CONFIG] [기본값: ./config.toml]",
    ),
    (
        "Folder of SYMBOL.csv files: date,open,high,low,close,volume",
        "SYMBOL.csv 파일이 있는 디렉터리(date,open,high,low,close,volume)",
    ),
    (
        "Get the bars of SYMBOL from KIS, from --from on, and write them into the folder; rehearses nothing",
        "SYMBOL의 일봉을 --from부터 KIS에서 받아 디렉터리에 씁니다. 리허설은 하지 않습니다",
    ),
    ("First session [default: the second bar]", "첫 거래일 [기본값: 두 번째 봉]"),
    ("Last session [default: the last bar]", "마지막 거래일 [기본값: 마지막 봉]"),
    (
        "Fee of each fill, in percent of its dollars [default: [fees] percent]",
        "체결 금액에 대한 수수료(퍼센트) [기본값: [fees] percent]",
    ),
    ("Write a line a session to FILE", "거래일마다 한 줄을 FILE에 씁니다"),
    (
        "Print exactly one JSON object on standard output, also for errors",
        "표준 출력에 JSON 객체 하나만 출력합니다. 오류일 때도 같습니다",
    ),
    ("Write a page for browsers to FILE", "브라우저로 볼 페이지를 FILE에 씁니다"),
    (
        "Run kis-trade itself against a simulated gateway, session by session; takes minutes and gives the same lines",
        "거래일마다 kis-trade를 실제로 띄워 모의 게이트웨이에 연결합니다. 몇 분이 걸리고 결과는 줄마다 같습니다",
    ),
    (
        "The simulated gateway for --slow [default: kis-sim beside this program]",
        "--slow에 쓸 모의 게이트웨이 [기본값: 이 프로그램 옆의 kis-sim]",
    ),
    ("Print help", "도움말을 출력합니다"),
    ("Print version", "버전을 출력합니다"),
];

fn translated(english: &str) -> &str {
    TEXTS.iter().find(|(known, _)| *known == english).map_or(english, |(_, korean)| korean)
}

/// What is printed in place of a rehearsal: the help, the version, or why a command line is refused.
pub(super) fn answer(error: &Error, arguments: &[OsString]) -> Sentence {
    match error.kind() {
        ErrorKind::DisplayHelp => Sentence { en: error.render().to_string(), ko: korean_help(arguments) },
        _ => cli::answer(error, arguments),
    }
}

/// The command line with all that the parser adds to it, such as `--help`; for the man page.
pub fn command_line(language: Language) -> Command {
    let mut program = Arguments::command();
    program.build();
    match language {
        Language::English => program,
        Language::Korean => in_korean(program),
    }
}

fn in_korean(program: Command) -> Command {
    let argument = |argument: Arg| match argument.get_help().map(ToString::to_string) {
        Some(help) => argument.help(translated(&help).to_owned()),
        None => argument,
    };
    let about = program.get_about().map(ToString::to_string).unwrap_or_default();
    program.about(translated(&about).to_owned()).mut_args(argument)
}

fn korean_help(arguments: &[OsString]) -> String {
    let program = command_line(Language::Korean).mut_args(|argument| argument.help_heading("옵션"));
    let asked = program.help_template(TEMPLATE).max_term_width(WIDTH).try_get_matches_from(arguments);
    asked.map_err(|error| error.render().to_string().replace("[OPTIONS]", "[옵션]")).err().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::check;

    #[test]
    fn every_text_of_the_command_line_stands_in_both_languages() {
        let program = command_line(Language::English);
        let helps = program.get_arguments().filter_map(Arg::get_help).chain(program.get_about());
        let used: Vec<String> = helps.map(ToString::to_string).collect();
        used.iter().for_each(|english| assert_ne!(translated(english), english, "no Korean for this text"));
        for (en, ko) in TEXTS {
            assert!(used.iter().any(|text| text == en), "{en} is not said");
            check("a text of the command line", &Sentence { en: en.to_owned(), ko: ko.to_owned() });
        }
    }

    #[test]
    fn help_and_refusals_are_said_in_both_languages() {
        let asked = |words: &[&str]| {
            let arguments: Vec<OsString> = ["kis-rehearse"].iter().chain(words).map(OsString::from).collect();
            answer(&Arguments::try_parse_from(&arguments).unwrap_err(), &arguments)
        };
        let help = asked(&["--help"]);
        assert!(
            help.en.contains("Write a line a session to FILE") && help.en.contains("Usage: kis-rehearse"),
            "{}",
            help.en
        );
        assert!(
            help.ko.contains("거래일마다 한 줄을 FILE에 씁니다") && help.ko.contains("사용법: kis-rehearse [옵션]"),
            "{}",
            help.ko
        );
        let unknown = asked(&["--bars", "x", "--sloww"]);
        assert!(unknown.en.contains("unexpected argument '--sloww' found"), "{}", unknown.en);
        assert!(unknown.ko.contains("알 수 없는 인자입니다: '--sloww'"), "{}", unknown.ko);
        let fee = asked(&["--bars", "x", "--fee-percent", "101"]);
        assert!(
            fee.en.contains("not a percentage from 0 to 100") && fee.ko.contains("쓸 수 없는 값입니다: '101'\n"),
            "{}",
            fee.ko
        );
        let fetch = asked(&["--bars", "x", "--fetch", "TQQQ"]);
        assert!(fetch.ko.contains("--from"), "{}", fetch.ko);
    }
}
