//! What the crontab judge needs of the command line, and the silence of `-q`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::cli::{Cli, Command};
use crate::report::Report;
use crate::schedule::{Invocation, check};

/// Checks the crontab at `path`; `-` is standard input.
pub fn run(cli: &Cli, path: &Path) -> Report {
    let report = check(path, &read_arguments);
    Report { is_muted: cli.quiet && !cli.json && !report.has_failed(), ..report }
}

/// What kis-trade makes of a line's arguments, or its parser's message in one line.
pub fn read_arguments(arguments: &[String]) -> Result<Invocation, String> {
    let words: Vec<OsString> =
        std::iter::once("kis-trade").chain(arguments.iter().map(String::as_str)).map(OsString::from).collect();
    let show = |path: Option<PathBuf>| path.map(|path| path.display().to_string());
    match Cli::from_arguments(&words) {
        Ok(cli) => Ok(Invocation {
            job: cli.command.task().job,
            is_quiet: cli.quiet,
            is_dry_run: cli.command.task().is_dry_run,
            config: show(cli.config),
            state_dir: show(cli.state_dir),
            page: match cli.command {
                Command::Status { html, .. } => show(html),
                _ => None,
            },
        }),
        Err(error) => {
            let text = error.render().to_string();
            let first = text.lines().next().filter(|_| error.use_stderr());
            // Without a command the parser prints its help.
            Err(first.and_then(|line| line.strip_prefix("error: ")).unwrap_or("no command").to_owned())
        }
    }
}
