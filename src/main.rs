//! Arguments in, one command, its report out, its exit code. Prints the report; besides it only the log and
//! a panic's message are printed, both in `logging`, and the questions of `setup`.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use kis_trade::cli::{Cli, answer, generated_text, setup_asked};
use kis_trade::config::Environment;
use kis_trade::language::{Language, Sentence};
use kis_trade::report::{Report, Screen};
use kis_trade::visible::visible_lines;
use kis_trade::{desk::run, logging, setup};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let wants_json = arguments.iter().any(|argument| argument == "--json");
    logging::install_panic_hook(wants_json, language_of_locale);
    if let Some(text) = generated_text(&arguments, language_of_locale) {
        write_out(text);
        return ExitCode::SUCCESS;
    }
    if let Some(directory) = setup_asked(&arguments) {
        return ExitCode::from(setup::run(directory.as_deref()).code());
    }
    let cli = match Cli::from_arguments(&arguments) {
        Ok(cli) => cli,
        Err(error) if !error.use_stderr() => {
            write_out(answer(&error, &arguments).in_language(language_of_locale()));
            return ExitCode::SUCCESS;
        }
        Err(error) => return print_usage_error(&answer(&error, &arguments).map(visible_lines), wants_json),
    };
    let report = run::run(&cli);
    print(&report, cli.json, cli.verbose)
}

/// Where no configuration says which.
fn language_of_locale() -> Language {
    Environment::from_process().language()
}

/// The parser's own words are the best help; a script that asked for JSON gets its object too.
fn print_usage_error(message: &Sentence, wants_json: bool) -> ExitCode {
    let report = run::usage_report(message);
    if wants_json {
        write_out(&format!("{}\n", report.to_json()));
    }
    let _ = std::io::stderr().write_all(message.in_language(language_of_locale()).as_bytes());
    ExitCode::from(report.exit().code())
}

fn print(report: &Report, is_json: bool, is_verbose: bool) -> ExitCode {
    if !report.is_muted {
        let is_terminal = std::io::stdout().is_terminal();
        let can_draw = is_terminal && Environment::from_process().is_utf8();
        let screen = Screen { is_verbose, is_terminal, can_draw };
        let text = if is_json { format!("{}\n", report.to_json()) } else { report.to_text(screen) };
        write_out(&text);
        // Standard error may be closed or full: the exit code still tells.
        let _ = std::io::stderr().write_all(report.to_errors().as_bytes());
    } else {
        let _ = std::io::stderr().write_all(report.to_lines().as_bytes());
    }
    ExitCode::from(report.exit().code())
}

fn write_out(text: &str) {
    // Standard output may be closed or full: the trading work is done and must not be undone by a panic.
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
