//! The man pages and the completions, made from the command line's own definition.
//!
//! `scripts/dist/manual.rs` writes them, and a test compares those of `dist/manual`, which the program holds as text.

use std::fmt::Write;
use std::io;

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use kis_trade::cli::{Cli, EXIT_CODES};

/// What each part begins with; a page needs it once.
const APOSTROPHE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

const EXAMPLES: &str = r#"
.SH EXAMPLES
.TP
.B kis\-trade status
Show account, orders, token and last runs.
.TP
.B kis\-trade buy \-\-dry\-run
Show what would be bought now, and why everything else is passed over.
.TP
.B kis\-trade \-\-config /etc/kis\-trade/config.toml \-q sell
What a cron line runs: prints nothing when all is well.
.TP
.B kis\-trade cleanup \-\-settle 20230524\-0001=absent
Resolve an order whose outcome only you can find out.
.TP
.B kis\-trade status \-\-test\-notify
Send a test message to each notify target.
.TP
.B crontab \-l | kis\-trade status \-\-check\-schedule \-
Check the installed crontab.
"#;

const FILES: &str = r#"
.SH FILES
.TP
.I config.toml
The configuration; config.example.toml documents every key. Relative paths in it start at its folder.
.TP
.I credentials.toml
Keys and account number, where [account] credentials_file names it; only its owner may read it.
.TP
.I state/
The state directory, created with mode 0700: the token, the journal of orders, trades.csv, and what earlier runs remember.
.TP
.I state/HALT
If it exists, no order is sent; its first line is shown as the reason. You create and remove it.
"#;

const ENVIRONMENT: &str = r#"
.SH ENVIRONMENT
.TP
.B KIS_APP_KEY, KIS_APP_SECRET, KIS_ACCOUNT_NO
The credentials. Else a credentials file, or files of these names in $CREDENTIALS_DIRECTORY.
.TP
.B KIS_TRADE_CONFIG, KIS_TRADE_STATE_DIR
As \fB\-\-config\fR and \fB\-\-state\-dir\fR.
.TP
.B KIS_TRADE_NOW
The wall clock of a rehearsal (RFC 3339); works only with a gateway on loopback.
.TP
.B RUST_LOG, NO_COLOR
As usual.
"#;

/// All of them, by file name.
pub fn all() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = vec![("kis-trade.1".to_owned(), program_page()?)];
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    for command in program.get_subcommands() {
        let page = Man::new(command.clone());
        let mut text = Vec::new();
        page.render(&mut text)?;
        files.push((page.get_filename(), text));
    }
    for (shell, name) in [(Shell::Bash, "kis-trade.bash"), (Shell::Zsh, "_kis-trade"), (Shell::Fish, "kis-trade.fish")]
    {
        let mut text = Vec::new();
        generate(shell, &mut Cli::command(), "kis-trade", &mut text);
        files.push((name.to_owned(), text));
    }
    Ok(files)
}

/// The page of the program, with the options of every command.
fn program_page() -> io::Result<Vec<u8>> {
    let program = Cli::command();
    let page = Man::new(program.clone()).manual("kis-trade");
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    text.extend(b".SH COMMANDS\n");
    for command in program.get_subcommands() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        text.extend(format!(".SS {}\n{}\n", escaped(command.get_name()), escaped(&about)).bytes());
        let mut options = Vec::new();
        Man::new(command.clone().disable_help_flag(true)).render_options_section(&mut options)?;
        text.extend(String::from_utf8_lossy(&options).replace(".SH OPTIONS\n", "").bytes());
    }
    text.extend(format!("{EXAMPLES}{FILES}{ENVIRONMENT}{}", exit_status()).replace("\n\n", "\n").bytes());
    let text = String::from_utf8_lossy(&text);
    Ok(format!("{APOSTROPHE}{}", text.replace(APOSTROPHE, "")).into_bytes())
}

fn exit_status() -> String {
    let mut text = ".SH EXIT STATUS\n".to_owned();
    for (code, meaning) in EXIT_CODES.lines().skip(1).filter_map(|line| line.trim().split_once("  ")) {
        let _ = write!(text, ".TP\n.B {code}\n{}\n", escaped(meaning));
    }
    text
}

/// Text that roff takes as it is.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\e").replace('-', r"\-")
}
