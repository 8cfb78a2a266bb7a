//! One run of the month: how it is let run, killed or kept from writing, how it may end, and the page that it leaves.

use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::troubles::{Here, clock_error, set_writable};
use super::{How, Month};
use crate::faults::full_disk::run_under;
use crate::support::harness::Run;
use crate::support::strace::wait_until_served;
use crate::surface::status_page::{grouped, words};

/// Exit codes that docs/commands.md names, but for a wrong command line or configuration, and for files that nobody can read.
const CODES: [i32; 9] = [0, 1, 69, 71, 74, 75, 77, 80, 81];

impl Month {
    /// Lets a run run as the trouble on this machine has it.
    pub(super) fn start_run(&mut self, arguments: &[&str]) -> (How, Run) {
        let trouble = self.troubles.here.filter(|_| self.dice.below(2) == 0);
        match trouble {
            Some(Here::Killed) => {
                let most = self.dice.below(12_000);
                match kill(self.world.command(arguments), most) {
                    Some(run) => (How::Left, run),
                    None => {
                        self.troubles.note(Here::Killed);
                        wait_until_served(&self.world);
                        (How::Killed, Run { code: -1, stdout: String::new(), stderr: String::new() })
                    }
                }
            }
            Some(Here::DiskFull) => {
                self.troubles.note(Here::DiskFull);
                let limit = format!("--fsize={}", self.dice.pick(&[0, 1 << 10, 4 << 10, 16 << 10, 64 << 10]));
                (How::Unwritable, run_under(&self.world, arguments, &limit, r#"trap "" XFSZ; exec "$@""#))
            }
            Some(Here::ReadOnly) => {
                self.troubles.note(Here::ReadOnly);
                set_writable(&self.world, false);
                let run = self.world.run(arguments);
                set_writable(&self.world, true);
                (How::Unwritable, run)
            }
            Some(Here::ClockOff) => {
                self.troubles.note(Here::ClockOff);
                let right = self.world.now;
                self.world.now += clock_error(&mut self.dice);
                let run = self.world.run(arguments);
                self.world.now = right;
                (How::Left, run)
            }
            _ => (How::Left, self.world.run(arguments)),
        }
    }

    pub(super) fn judge_ending(&self, run: &Run, object: &Value, is_calm: bool, told: &str) {
        let told = || format!("{told}, {:?} {:?}: {object:#} {}", self.troubles.kis, self.troubles.here, run.stderr);
        // A person who names an order that the list does not show yet is told so.
        let is_early =
            run.code == 2 && object["detail"].as_str().is_some_and(|words| words.contains("no external order"));
        assert!(CODES.contains(&run.code) || is_early, "{}", told());
        assert!(run.code != 1 || object["reason"] == "order_rejected", "{}", told());
        assert!(run.code == 0 || !is_calm, "{}", told());
        assert!(!object["warnings"].to_string().contains("given up"), "{}", told());
    }

    /// The page is there whole, whoever was killed while he wrote it; after a look that went well it shows that look.
    pub(super) fn look_at_page(&mut self, object: &Value, told: &str) {
        let Ok(page) = std::fs::read_to_string(self.world.files.path("page.html")) else {
            assert!(object["exit_code"] != 0, "{told}: no page");
            return;
        };
        assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"), "{told}: {page}");
        assert!(!page.contains("<script"), "{told}: {page}");
        if object["exit_code"] == 0 {
            let text = words(&page);
            let at: DateTime<Utc> = object["at"].as_str().unwrap().parse().unwrap();
            let at = (at + TimeDelta::hours(9)).format("%H:%M KST").to_string();
            assert!(text.contains(&at), "{told}: {at} in {text}");
            // A look while the market is closed asks KIS nothing.
            let total = &object["account"]["total_usd"];
            let total = if total.is_null() { "Account total".to_owned() } else { grouped(total) };
            assert!(text.contains(&total), "{told}: {total} in {text}");
            self.pages += 1;
        }
    }
}

/// Kills a run after so many looks at it; gives it when it had ended before.
fn kill(mut command: Command, looks: u64) -> Option<Run> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let has_ended = (0..looks).any(|_| child.try_wait().unwrap().is_some());
    if !has_ended {
        child.kill().unwrap();
    }
    let run = Run::of(child.wait_with_output().unwrap());
    (run.code != -1).then_some(run)
}
