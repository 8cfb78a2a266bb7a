//! The man pages and the completions, in English and (below `ko`) in Korean, made from the command line's own definition.
//!
//! `scripts/dist/manual.rs` writes them, and a test compares those of `dist/manual`, which the program holds as text.

use std::io;

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use kis_trade::cli::{Cli, in_korean};
use kis_trade::language::Language;
use kis_trade::rehearse;

/// What each part begins with; a page needs it once.
const APOSTROPHE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// The sections that the libraries name, and ours, in Korean.
const HEADINGS: [(&str, &str); 9] = [
    ("NAME", "이름"),
    ("SYNOPSIS", "사용법"),
    ("DESCRIPTION", "설명"),
    ("OPTIONS", "옵션"),
    ("COMMANDS", "명령"),
    ("EXAMPLES", "예제"),
    ("FILES", "파일"),
    ("ENVIRONMENT", "환경 변수"),
    ("EXIT STATUS", "종료 코드"),
];

/// A section of terms: each in roff, and what it is in English and in Korean.
type Section = (&'static str, &'static [[&'static str; 3]]);

const EXAMPLES: Section = (
    "EXAMPLES",
    &[
        [
            ".B kis\\-trade \\-\\-setup",
            "Begin: five questions, then the first contact with KIS and the crontab lines of this machine.",
            "처음 시작할 때 씁니다. 다섯 가지를 물은 뒤 KIS에 처음 접속하고, 이 컴퓨터에 맞는 crontab 줄을 보여 줍니다.",
        ],
        [
            ".B kis\\-trade status",
            "Show account, orders, token and last runs.",
            "계좌, 주문, 접근토큰, 최근 실행을 조회합니다.",
        ],
        [
            ".B kis\\-trade buy \\-\\-dry\\-run",
            "Show what would be bought now, and why everything else is passed over.",
            "지금 무엇을 매수할지, 나머지 종목은 왜 건너뛰는지 보여 줍니다.",
        ],
        [
            ".B kis\\-trade \\-\\-config /etc/kis\\-trade/config.toml \\-q sell",
            "What a cron line runs: prints nothing when all is well.",
            "cron에 넣는 형태입니다. 문제가 없으면 아무것도 출력하지 않습니다.",
        ],
        [
            ".B kis\\-trade cleanup \\-\\-settle 20230524\\-0001=absent",
            "Resolve an order whose outcome only you can find out.",
            "결과가 확정되지 않은 주문을 직접 확인한 뒤 정리합니다. 여기서는 접수되지 않은 주문입니다.",
        ],
        [
            ".B kis\\-trade status \\-\\-test\\-notify",
            "Send a test message to each notify target.",
            "알림 대상마다 테스트 메시지를 보냅니다.",
        ],
        [
            ".B crontab \\-l | kis\\-trade status \\-\\-check\\-schedule \\-",
            "Check the installed crontab.",
            "등록된 crontab을 점검합니다.",
        ],
    ],
);

const FILES: Section = (
    "FILES",
    &[
        [
            ".I config.toml",
            "The configuration; config.example.toml documents every key. Relative paths in it start at its folder.",
            "설정 파일. 키의 설명은 모두 config.example.toml에 있습니다. 상대 경로는 이 파일이 있는 디렉터리에서 시작합니다.",
        ],
        [
            ".I credentials.toml",
            "Keys and account number, where [account] credentials_file names it; only its owner may read it.",
            "앱키와 계좌번호. [account] credentials_file로 지정하며, 소유자만 읽을 수 있어야 합니다.",
        ],
        [
            ".I state/",
            "The state directory, created with mode 0700: the token, the journal of orders, trades.csv, and what earlier runs remember.",
            "상태 디렉터리. 권한 0700으로 만듭니다. 접근토큰, 주문 일지, trades.csv, 이전 실행의 기록이 있습니다.",
        ],
        [
            ".I state/HALT",
            "If it exists, no order is sent; its first line is shown as the reason. You create and remove it.",
            "이 파일이 있으면 주문을 보내지 않고 첫 줄을 이유로 보여 줍니다. 사용자가 직접 만들고 지웁니다.",
        ],
    ],
);

const ENVIRONMENT: Section = (
    "ENVIRONMENT",
    &[
        [
            ".B KIS_APP_KEY, KIS_APP_SECRET, KIS_ACCOUNT_NO",
            "The credentials. Else a credentials file, or files of these names in $CREDENTIALS_DIRECTORY.",
            "인증 정보. 없으면 인증 정보 파일이나 $CREDENTIALS_DIRECTORY에 있는 같은 이름의 파일을 읽습니다.",
        ],
        [
            ".B KIS_TRADE_CONFIG, KIS_TRADE_STATE_DIR",
            "As \\fB\\-\\-config\\fR and \\fB\\-\\-state\\-dir\\fR.",
            "\\fB\\-\\-config\\fR, \\fB\\-\\-state\\-dir\\fR와 같습니다.",
        ],
        [
            ".B KIS_TRADE_NOW",
            "The wall clock of a rehearsal (RFC 3339); works only with a gateway on loopback.",
            "리허설에 쓰는 현재 시각(RFC 3339). 게이트웨이가 루프백 주소일 때만 쓸 수 있습니다.",
        ],
        [
            ".B LC_ALL, LC_MESSAGES, LANG",
            "The first that is set decides the language of the help, of usage errors and of configuration errors: Korean when it begins with ko, else English. Everything else follows language in the configuration.",
            "처음으로 설정된 것이 도움말, 명령줄 오류, 설정 오류의 언어를 정합니다. ko로 시작하면 한국어, 아니면 영어입니다. 나머지는 설정 파일의 language를 따릅니다.",
        ],
        [".B RUST_LOG, NO_COLOR", "As usual.", "일반적인 의미와 같습니다."],
    ],
);

/// All of them, by file name.
pub fn all() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for (folder, language) in [("", Language::English), ("ko/", Language::Korean)] {
        files.push((format!("{folder}kis-trade.1"), program_page(language)?));
        let program = built(language);
        for command in program.get_subcommands().cloned().chain([rehearse::command_line(language)]) {
            let page = Man::new(command);
            let mut text = Vec::new();
            page.render(&mut text)?;
            let text = String::from_utf8_lossy(&text).into_owned();
            files.push((format!("{folder}{}", page.get_filename()), in_language(text, language).into_bytes()));
        }
        for (shell, name) in SHELLS {
            let mut text = Vec::new();
            generate(shell, &mut built(language), "kis-trade", &mut text);
            // Completions for bash describe nothing.
            if shell != Shell::Bash || language == Language::English {
                let text = String::from_utf8_lossy(&text).into_owned();
                files.push((format!("{folder}{name}"), in_language(text, language).into_bytes()));
            }
        }
    }
    Ok(files)
}

const SHELLS: [(Shell, &str); 3] =
    [(Shell::Bash, "kis-trade.bash"), (Shell::Zsh, "_kis-trade"), (Shell::Fish, "kis-trade.fish")];

/// The command line with all that the parser adds to it, such as `--help`.
fn built(language: Language) -> Command {
    let mut program = Cli::command();
    program.build();
    said(program, language)
}

fn said(command: Command, language: Language) -> Command {
    if language == Language::Korean { in_korean(command) } else { command }
}

/// A page, or completions, with the words of the libraries in its language, too.
fn in_language(text: String, language: Language) -> String {
    if language == Language::English {
        return text;
    }
    let headings = HEADINGS
        .iter()
        .fold(text, |text, (english, korean)| text.replace(&format!(".SH {english}\n"), &format!(".SH {korean}\n")));
    let text = headings.replace(" commands' commands ", " 명령' commands ");
    text.replace("Possible values:", "쓸 수 있는 값:").replace("<\\fIsubcommands\\fR>", "<\\fI명령\\fR>")
}

/// The page of the program, with the options of every command.
fn program_page(language: Language) -> io::Result<Vec<u8>> {
    let page = Man::new(built(language)).manual("kis-trade");
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    text.extend(b".SH COMMANDS\n");
    // Not built, they have no options but their own.
    let program = said(Cli::command(), language);
    for command in program.get_subcommands() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        text.extend(format!(".SS {}\n{}\n", escaped(command.get_name()), escaped(&about)).bytes());
        let mut options = Vec::new();
        Man::new(command.clone().disable_help_flag(true)).render_options_section(&mut options)?;
        text.extend(String::from_utf8_lossy(&options).replace(".SH OPTIONS\n", "").bytes());
    }
    text.push(b'\n');
    text.extend([EXAMPLES, FILES, ENVIRONMENT].map(|section| section_text(section, language)).concat().bytes());
    text.extend(exit_status(&program).bytes());
    let text = String::from_utf8_lossy(&text).replace(APOSTROPHE, "");
    Ok(format!("{APOSTROPHE}{}", in_language(text, language)).into_bytes())
}

fn section_text((heading, terms): Section, language: Language) -> String {
    let term = |[term, english, korean]: &[&str; 3]| {
        format!(".TP\n{term}\n{}\n", if language == Language::Korean { korean } else { english })
    };
    format!(".SH {heading}\n{}", terms.iter().map(term).collect::<String>())
}

fn exit_status(program: &Command) -> String {
    let codes = program.get_after_help().map(ToString::to_string).unwrap_or_default();
    let codes = codes.lines().skip(1).filter_map(|line| line.trim().split_once("  "));
    let codes = codes.map(|(code, meaning)| format!(".TP\n.B {code}\n{}\n", escaped(meaning)));
    format!(".SH EXIT STATUS\n{}", codes.collect::<String>())
}

/// Text that roff takes as it is.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\e").replace('-', r"\-")
}
