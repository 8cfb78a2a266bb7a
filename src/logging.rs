//! The log on standard error, and the message of a panic.

use std::io::{IsTerminal, Write};

use env_logger::Env;
use log::LevelFilter;

use crate::clock::Clock;
use crate::kis::{SILENCED_LOG_TARGETS, is_silenced_target};
use crate::language::{Language, sentences};
use crate::visible::visible;

/// Starts the log: UTC times, and in every line the run id of journal and JSON. `RUST_LOG` sets the levels, else the command line
/// and whether standard error is a terminal. Libraries that would log request headers, with the app secret, stay silent.
pub fn start(clock: &Clock, run_id: &str, is_verbose: bool, is_quiet: bool) {
    let default = default_filter(is_verbose, !is_quiet && std::io::stderr().is_terminal());
    let mut builder = env_logger::Builder::from_env(Env::default().default_filter_or(default));
    for target in SILENCED_LOG_TARGETS {
        builder.filter_module(target, LevelFilter::Off);
    }
    let (clock, run_id) = (clock.clone(), run_id.to_owned());
    builder.format(move |out, record| {
        // A longer directive of RUST_LOG would win over the filters above.
        if is_silenced_target(record.target()) {
            return Ok(());
        }
        let at = clock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        writeln!(out, "{at} {run_id} {} {}", record.level(), visible(&record.args().to_string()))
    });
    // A second start (tests in one process) keeps the first.
    let _ = builder.try_init();
}

/// A terminal shows why nothing happens for a minute; cron's mail has no use for that.
fn default_filter(is_verbose: bool, is_watched: bool) -> &'static str {
    match (is_verbose, is_watched) {
        (true, _) => "kis_trade=info",
        // The token's lines have this target (`LOG` in story/token.rs); no module has that path, users know it from docs/token.md.
        (false, true) => "kis_trade=error,kis_trade::cmd::token=warn",
        (false, false) => "kis_trade=error",
    }
}

sentences! {
    internal_error(place: &str)
        "kis-trade: internal error at {place}; run `kis-trade status` before anything else\n"
        "kis-trade: 내부 오류가 발생했습니다({place}). 다른 명령보다 먼저 `kis-trade status`를 실행하세요\n"
}

/// Makes a panic print its place only: its text could hold a secret.
pub fn install_panic_hook(wants_json: bool, language: fn() -> Language) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|location| format!("{}:{}", location.file(), location.line()));
        let place = place.unwrap_or_else(|| "an unknown place".to_owned());
        let _ = std::io::stderr().write_all(internal_error(&place).in_language(language()).as_bytes());
        if wants_json {
            // Fewer keys than a report has: after a panic nothing of the run can be relied on.
            let object = serde_json::json!({
                "command": null, "mode": null, "at": null, "result": "failed", "exit_code": 1,
                "reason": "unexpected", "detail": format!("internal error at {place}"), "warnings": [],
            });
            let _ = std::io::stdout().write_all(format!("{object}\n").as_bytes());
        }
        std::process::exit(1);
    }));
}

#[cfg(test)]
mod tests {
    use log::{Level, Log, Metadata};

    use super::*;

    #[test]
    fn a_terminal_shows_a_wait_and_cron_does_not() {
        let shows = |is_verbose, is_watched, target, level| {
            let logger = env_logger::Builder::new().parse_filters(default_filter(is_verbose, is_watched)).build();
            logger.enabled(&Metadata::builder().target(target).level(level).build())
        };
        let token = concat!(env!("CARGO_CRATE_NAME"), "::cmd::token");
        assert!(shows(false, true, token, Level::Warn) && !shows(false, true, token, Level::Info));
        assert!(!shows(false, false, token, Level::Warn) && shows(true, false, token, Level::Info));
        assert!(!shows(false, true, "kis_trade::tell::ping", Level::Warn), "reported as a warning anyhow");
    }
}
