//! The log on standard error, and what a panic may say.

use std::io::Write;

use env_logger::Env;
use log::LevelFilter;

use crate::clock::Clock;
use crate::domain::visible::visible;
use crate::kis::{SILENCED_LOG_TARGETS, is_silenced_target};

/// Starts the log: UTC times, and in every line the run id that journal and JSON name too. `RUST_LOG` decides, else the command line.
///
/// Libraries that would log request headers, and with them the app secret, stay silent at every level.
pub fn start(clock: &Clock, run_id: &str, is_verbose: bool) {
    let default = if is_verbose { "kis_trade=info" } else { "kis_trade=error" };
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

/// Makes a panic say where it happened and nothing else: its text could hold what must stay secret.
pub fn install_panic_hook(wants_json: bool) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|location| format!("{}:{}", location.file(), location.line()));
        let place = place.unwrap_or_else(|| "an unknown place".to_owned());
        let text = format!("kis-trade: internal error at {place}; run `kis-trade status` before anything else\n");
        let _ = std::io::stderr().write_all(text.as_bytes());
        if wants_json {
            let object = serde_json::json!({
                "command": null, "mode": null, "at": null, "result": "failed", "exit_code": 1,
                "reason": "unexpected", "detail": format!("internal error at {place}"), "warnings": [],
            });
            let _ = std::io::stdout().write_all(format!("{object}\n").as_bytes());
        }
        std::process::exit(1);
    }));
}
