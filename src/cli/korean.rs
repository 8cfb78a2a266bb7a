//! The command line's words in Korean: each text of the help below the English that the parser has, and what it says of a command
//! line that it refuses. Only a run that prints them looks here.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory, Error};

use crate::cli::{Cli, EXIT_CODES, arguments_for_parser};

/// Columns of the help. The parser counts letters, and Korean ones are two columns wide.
const WIDTH: usize = 50;
const TEMPLATE: &str = "{about-with-newline}\n사용법: {usage}\n\n{all-args}{after-help}";

const TEXTS: [(&str, &str); 30] = [
    (
        "Trades US stocks through Korea Investment & Securities, one cron-started run at a time",
        "한국투자증권(KIS) Open API로 미국주식을 자동매매합니다. cron으로 실행하며, 한 번에 한 가지 일만 하고 끝납니다",
    ),
    (
        "Configuration file [env: KIS_TRADE_CONFIG] [default: ./config.toml]",
        "설정 파일 [환경 변수: KIS_TRADE_CONFIG] [기본값: ./config.toml]",
    ),
    (
        "State directory [env: KIS_TRADE_STATE_DIR] [default: state_dir of the configuration]",
        "상태 디렉터리 [환경 변수: KIS_TRADE_STATE_DIR] [기본값: 설정 파일의 state_dir]",
    ),
    (
        "Print exactly one JSON object on standard output, also for errors",
        "표준 출력에 JSON 객체 하나만 출력합니다. 오류일 때도 같습니다",
    ),
    (
        "Print more: every symbol passed over, and a log of the run",
        "더 자세히 출력합니다. 건너뛴 종목과 이유, 실행 로그를 보여 줍니다",
    ),
    (
        "Print nothing on success but the first after a failure, and a repeated failure only once an hour",
        "성공하면 아무것도 출력하지 않습니다. 실패 뒤 첫 성공은 출력하고, 반복되는 실패는 한 시간에 한 번만 출력합니다",
    ),
    (
        "Print the man page or a shell's completions, and nothing else",
        "man 페이지나 셸 자동 완성 스크립트를 출력하고 끝냅니다",
    ),
    (
        "Ask for mode, keys, account and watch list, write them to a new directory, make the first contact and print crontab lines \
         [default: ~/kis-trade]",
        "투자 모드, 앱키, 계좌번호, 관심 종목을 물어 새 디렉터리에 저장하고, 처음으로 접속해 본 뒤 crontab에 넣을 줄을 보여 줍니다 \
         [기본값: ~/kis-trade]",
    ),
    (
        "Let a strategy take over the shares that the account holds; without --yes only show its next orders",
        "계좌에 있는 주식을 전략이 넘겨받습니다. --yes가 없으면 다음에 낼 주문만 보여 줍니다",
    ),
    (
        "What the account does not know of it: t=NUMBER (infinite_v40) or cash=USD; may be given several times",
        "계좌로는 알 수 없는 값: t=숫자(infinite_v40) 또는 cash=금액(달러). 여러 번 쓸 수 있습니다",
    ),
    ("Store it", "저장합니다"),
    (
        "Send nothing more of a strategy's orders on this trading date, and cancel its open ones",
        "이 거래일에는 그 전략의 주문을 더 보내지 않고, 미체결 주문을 취소합니다",
    ),
    ("Take profits, cut losses", "익절과 손절"),
    ("Buy what the rules pick", "규칙이 고른 종목을 매수"),
    ("Settle open questions, cancel stale orders", "결과가 확정되지 않은 주문을 정리하고 오래된 미체결 주문을 취소"),
    (
        "Show account, orders, token and last runs; sends no orders",
        "계좌, 주문, 접근토큰, 최근 실행을 조회. 주문은 내지 않음",
    ),
    ("Show how long the token lives; renew it when due", "접근토큰의 남은 시간을 확인하고 때가 되면 갱신"),
    (
        "Stop before the first order, and print what would be sent",
        "첫 주문을 보내기 직전에 멈추고, 보낼 내용만 출력합니다",
    ),
    (
        "Stop before the first cancel, and print what would be sent",
        "첫 취소를 보내기 직전에 멈추고, 보낼 내용만 출력합니다",
    ),
    (
        "Resolve what only you can; may be given several times: INTENT=ORDER_ID, INTENT=absent or INTENT=filled:QTY@PRICE (an \
         order of unknown outcome), ORDER_ID=FILLED (fills that KIS took back), foreign=ORDER_ID or foreign=all-of-today (orders \
         of other programs), price=SYMBOL (a symbol set aside for a suspected split)",
        "사람만 판단할 수 있는 것을 정합니다. 여러 번 쓸 수 있습니다: INTENT=ORDER_ID, INTENT=absent, INTENT=filled:QTY@PRICE \
         (결과가 확정되지 않은 주문), ORDER_ID=FILLED (KIS가 되돌린 체결), foreign=ORDER_ID, foreign=all-of-today (외부 주문), \
         price=SYMBOL (액면분할·병합이 의심되어 보류된 종목)",
    ),
    ("Also write it as an HTML page, everything in one file", "조회 결과를 HTML 페이지로도 저장합니다(파일 하나)"),
    (
        "Also show what own fills won and lost, by month and by symbol",
        "kis-trade의 체결로 생긴 손익도 월별, 종목별로 보여 줍니다",
    ),
    (
        "Count the profit from this New York date on (YYYY-MM-DD) [default: all that the journal holds]",
        "이 날짜(뉴욕, YYYY-MM-DD)부터의 손익을 계산합니다 [기본값: 주문 일지 전체]",
    ),
    (
        "Only check this crontab (- for standard input); needs no configuration",
        "이 crontab만 점검합니다(-는 표준 입력). 설정 파일이 없어도 됩니다",
    ),
    (
        "Only send a test message to each notify target, and show how it answered; asks KIS for nothing",
        "알림 대상마다 테스트 메시지만 보내고 응답을 보여 줍니다. KIS에는 접속하지 않습니다",
    ),
    ("Renew it even when it is not due", "때가 되지 않았어도 갱신합니다"),
    ("Only read the token file; send nothing", "토큰 파일만 읽습니다. 아무 요청도 보내지 않습니다"),
    ("Print help", "도움말을 출력합니다"),
    ("Print version", "버전을 출력합니다"),
    (
        EXIT_CODES,
        "\
종료 코드:
   0  완료('할 일 없음'과 '장 마감' 포함)
   1  예상하지 못한 실패, 또는 KIS가 거부한 주문
   2  명령줄 오류
  65  상태 파일을 읽을 수 없음(파일은 그대로 두고 이름을 표시)
  69  게이트웨이(--test-notify에서는 알림 대상)에 접속할 수 없거나 응답이 이상함
  71  컴퓨터의 시계를 믿을 수 없음
  74  상태 디렉터리나 HTML 페이지를 쓸 수 없음
  75  나중에 다시 시도(다른 실행이 잠금을 잡고 있거나 호출 한도 초과)
  76  직접 만든 전략 프로그램이 실패함
  77  인증 정보가 거부되었거나 쓸 수 있는 토큰이 없음
  78  설정이나 환경이 잘못되었거나, 다른 계좌의 상태 디렉터리임
  80  매매가 중지되어 있음
  81  결과가 확정되지 않은 주문이 있음",
    ),
];

/// A text of the command line in Korean; one without a translation stays English, which a test finds.
pub(super) fn translated(english: &str) -> &str {
    TEXTS.iter().find(|(known, _)| *known == english).map_or(english, |(_, korean)| korean)
}

/// A command with its texts in Korean.
pub(super) fn command(mut command: Command) -> Command {
    if let Some(about) = command.get_about().map(ToString::to_string) {
        command = command.about(translated(&about).to_owned());
    }
    if let Some(after) = command.get_after_help().map(ToString::to_string) {
        command = command.after_help(translated(&after).to_owned());
    }
    let argument = |argument: Arg| match argument.get_help().map(ToString::to_string) {
        Some(help) => argument.help(translated(&help).to_owned()),
        None => argument,
    };
    command.mut_args(argument).mut_subcommands(self::command)
}

/// The help that a command line asks for.
pub(super) fn help(arguments: &[OsString]) -> String {
    fn laid_out(command: Command) -> Command {
        let argument = |argument: Arg| {
            let values = argument.get_possible_values();
            let values: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
            let argument = argument.help_heading("옵션").hide_possible_values(true);
            match argument.get_help().map(ToString::to_string) {
                Some(help) if argument.get_action().takes_values() && !values.is_empty() => {
                    argument.help(format!("{help} [값: {}]", values.join(", ")))
                }
                _ => argument,
            }
        };
        let command = command.help_template(TEMPLATE).subcommand_help_heading("명령").max_term_width(WIDTH);
        command.mut_args(argument).mut_subcommands(laid_out)
    }
    let mut program = Cli::command();
    // The parser's own arguments, such as `--help`, are there only now.
    program.build();
    let asked = laid_out(command(program)).try_get_matches_from_mut(arguments_for_parser(arguments).iter());
    asked.map_err(|error| with_placeholders(&error.render().to_string())).err().unwrap_or_default()
}

/// `[OPTIONS] <COMMAND>` of a usage line.
fn with_placeholders(usage: &str) -> String {
    usage.replace("[OPTIONS]", "[옵션]").replace("<COMMAND>", "<명령>")
}

/// What the parser says of a command line that it refuses, with the usage.
pub(super) fn refusal(error: &Error) -> String {
    let mut text = format!("오류: {}\n", what(error));
    let likely = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let likely: Vec<String> = likely.into_iter().flat_map(|kind| values(error, kind)).collect();
    if !likely.is_empty() {
        text.push_str(&format!("\n  비슷한 것: {}\n", likely.join(", ")));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).trim_end();
        text.push_str(&format!("\n사용법: {}\n", with_placeholders(usage)));
    }
    text.push_str("\n자세한 내용은 `--help`를 붙여 실행하면 볼 수 있습니다.\n");
    text
}

fn what(error: &Error) -> String {
    let one = |kind| values(error, kind).join(", ");
    let (argument, value) = (one(ContextKind::InvalidArg), one(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::UnknownArgument => format!("알 수 없는 인자입니다: '{argument}'"),
        ErrorKind::InvalidSubcommand => format!("알 수 없는 명령입니다: '{}'", one(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => {
            let commands = values(error, ContextKind::ValidSubcommand).join("`, `");
            format!("명령이 없습니다. 쓸 수 있는 명령: `{commands}`")
        }
        ErrorKind::MissingRequiredArgument => format!("함께 써야 하는 인자가 없습니다: {argument}"),
        ErrorKind::InvalidValue if value.is_empty() => format!("값이 없습니다: '{argument}'"),
        ErrorKind::InvalidValue => {
            let valid = one(ContextKind::ValidValue);
            format!("'{argument}'에 쓸 수 없는 값입니다: '{value}'. 쓸 수 있는 값: {valid}")
        }
        ErrorKind::ValueValidation => {
            let advice = if argument.contains("DATE") { ". 2027-01-04 같은 날짜를 적으세요" } else { "" };
            format!("'{argument}'에 쓸 수 없는 값입니다: '{value}'{advice}")
        }
        ErrorKind::TooManyValues => format!("값을 받지 않는 인자입니다: '{argument}'(적은 값: '{value}')"),
        ErrorKind::ArgumentConflict => {
            let prior = one(ContextKind::PriorArg);
            if prior == argument {
                format!("한 번만 쓸 수 있는 인자입니다: '{argument}'")
            } else if prior.is_empty() {
                format!("다른 인자와 함께 쓸 수 없습니다: '{argument}'")
            } else {
                format!("함께 쓸 수 없는 인자입니다: '{argument}', '{prior}'")
            }
        }
        ErrorKind::InvalidUtf8 => "인자가 UTF-8 텍스트가 아닙니다".to_owned(),
        _ => "명령줄을 이해할 수 없습니다".to_owned(),
    }
}

/// The words that the parser notes of one kind.
fn values(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
