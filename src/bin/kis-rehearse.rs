//! Rehearses a configuration's strategies over daily bars; prints how that went.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use kis_trade::rehearse::{self, Answer};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let Answer { out, errors, code } = rehearse::run(&arguments);
    // Standard output may be closed or full: the exit code still tells.
    let _ = std::io::stdout().lock().write_all(out.as_bytes());
    let _ = std::io::stderr().write_all(errors.as_bytes());
    ExitCode::from(code)
}
