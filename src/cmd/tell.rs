//! The last step of a run: a human is told what happened. Nothing here changes how the run ended.

use std::time::Duration;

use serde_json::json;

use crate::cmd::base::Base;
use crate::decide::notice::Told;
use crate::domain::notice::Notice;
use crate::domain::visible::visible;
use crate::notify::{LIMIT, run_hook};
use crate::report::json::rfc3339;
use crate::store::lock::{FileLock, Holder, LockMode};
use crate::store::notified::{load_notified, save_notified};

/// Longest wait for another run to write down what it tells.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Hands the events that are due to the user's hook, and returns what went wrong, for people.
pub fn tell(base: &Base, command: &str, notices: Vec<Notice>) -> Vec<String> {
    let hook = &base.settings.notify.command;
    if hook.is_empty() || notices.is_empty() {
        return Vec::new();
    }
    let (due, mut warnings) = take_due(base, command, notices);
    let give_up_at = base.clock.since_boot() + LIMIT;
    for notice in due {
        let message = format!("{}\n", message(base, command, &notice));
        if let Err(why) = run_hook(hook, message.as_bytes(), &base.clock, give_up_at) {
            log::warn!("notify: {} was not told: {why}", notice.kind.word());
            warnings.push(format!("nobody was told of {}: [notify] command failed: {why}", notice.kind.word()));
        }
    }
    warnings
}

/// Picks the events that nobody was told of within the hour, and writes down that they are told now. What can't be read
/// or written must not keep an event back: it is better told twice than never.
fn take_due(base: &Base, command: &str, notices: Vec<Notice>) -> (Vec<Notice>, Vec<String>) {
    let (path, clock) = (base.dir.notified(), &base.clock);
    let holder = Holder::this_process(command, clock);
    let _lock = FileLock::acquire(&base.dir.notified_lock(), LockMode::Exclusive, LOCK_WAIT, clock, &holder);
    let mut told = match load_notified::<Told>(&path) {
        Ok(told) => told,
        // Kept for a person to look at, hence not replaced.
        Err(failure) => return (Told::default().keep_due(notices, clock.now()), vec![failure.to_string()]),
    };
    let due = told.keep_due(notices, clock.now());
    let saved = if due.is_empty() { Ok(()) } else { save_notified(&path, &told) };
    let warning = saved.err().map(|error| format!("{} can't be written: {error}", path.display()));
    (due, warning.into_iter().collect())
}

fn message(base: &Base, command: &str, notice: &Notice) -> serde_json::Value {
    let mode = base.settings.mode;
    json!({
        "event": notice.kind.word(),
        "mode": mode,
        "at": rfc3339(base.clock.now()),
        "command": command,
        "detail": visible(&format!("[{}] {}", mode.banner(), notice.detail)),
        "seconds_left": notice.seconds_left,
    })
}
