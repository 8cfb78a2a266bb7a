//! Lets the next happening happen.

use super::Year;
use super::crontab::Job;
use super::faults::{Fault, Happening, draw_off_ms};
use super::kis::Death;
use super::machine::{HOUR_MS, MINUTE_MS, SECOND_MS};
use super::perform::failure;
use crate::decide::refresh::AttemptLook;
use crate::exit::Reason;

impl Year {
    pub fn happen(&mut self) {
        let Some(happening) = self.faults.take_next() else { return };
        match happening {
            Happening::RoughBegins => self.faults.is_rough = true,
            Happening::RoughEnds => self.faults.is_rough = false,
            Happening::Opens { fault, for_ms } => self.open(fault, for_ms),
            Happening::Closes(fault) => self.close(fault),
            Happening::TokenDies(death) => self.kill_token(death),
            Happening::Crowd => {
                if self.is_up() {
                    self.crowd();
                }
            }
            Happening::Forced => {
                self.calm.disturb(self.now_ms);
                if self.is_up() {
                    self.note("forced", 0);
                    self.start(Job::ForcedTokenCheck, self.now_ms);
                }
            }
            Happening::Reboot => {
                self.note("reboot", 0);
                self.disk.sync();
                self.stop_machine();
            }
            Happening::PowerCut => self.cut_power(),
            Happening::Suspended { for_ms } => self.suspend(for_ms),
            Happening::ClockSteps { off_ms } => {
                self.step_clock(off_ms);
                let right_ms = self.now_ms + self.random.between(SECOND_MS, 10 * HOUR_MS);
                self.faults.add(right_ms, Happening::ClockFixed);
            }
            Happening::ClockFixed => self.step_clock(0),
            Happening::TokenFileLost => {
                self.note("token file lost", 0);
                self.disk.token.rename(None);
                self.disk.sync();
                self.books.saved = None;
                self.books.file_lost_ms = self.now_ms;
                self.calm.disturb(self.now_ms);
            }
        }
    }

    fn is_up(&self) -> bool {
        self.now_ms >= self.machine.down_until_ms
    }

    fn open(&mut self, fault: Fault, for_ms: u64) {
        self.note(fault.word(), for_ms);
        self.faults.open(fault);
        self.faults.add(self.now_ms + for_ms, Happening::Closes(fault));
        self.calm.trouble(self.now_ms);
        match fault {
            Fault::RecordDamaged => {
                let damaged = AttemptLook::Damaged(failure(Reason::StateUnreadable));
                self.disk.attempt.rename(damaged);
                self.disk.sync();
            }
            Fault::OtherProgram => self.another_program_asks(),
            _ => {}
        }
    }

    fn close(&mut self, fault: Fault) {
        self.note("over", fault as u64);
        self.faults.close(fault);
        self.calm.trouble(self.now_ms);
        match fault {
            // The other program may have asked just before.
            Fault::OtherProgram => self.kis.forget_last_issue(),
            Fault::RecordDamaged if matches!(self.disk.attempt.cached, AttemptLook::Damaged(_)) => {
                self.note("record removed by hand", 0);
                self.disk.attempt.rename(AttemptLook::None);
                self.disk.sync();
                self.books.forget_record();
            }
            _ => {}
        }
    }

    pub fn another_program_asks(&mut self) {
        let newest = self.kis.newest();
        self.kis.issue_to_another(self.now_ms);
        if newest != self.kis.newest() && self.kis.older_dies {
            self.note("token dies by another program's", 0);
            self.calm.disturb(self.now_ms);
        }
    }

    fn kill_token(&mut self, death: Death) {
        let word = match death {
            Death::Gone => "token dies",
            Death::StillReturned => "token dies, and is still returned",
        };
        self.note(word, self.kis.newest().unwrap_or_default());
        self.kis.kill(death);
        self.calm.disturb(self.now_ms);
    }

    /// All processes die at once, and what was not synced may be lost.
    pub fn cut_power(&mut self) {
        let undone = self.disk.cut_power(&mut self.random);
        self.note(if undone > 0 { "power cut undid a rename" } else { "power cut" }, undone);
        if undone > 0 {
            self.books.doubt_record();
        }
        self.judge_file_after_power_cut();
        self.stop_machine();
        if self.random.one_in(4) {
            let off_ms = draw_off_ms(&mut self.random);
            self.step_clock(off_ms);
            let right_ms = self.machine.down_until_ms + self.random.between(SECOND_MS, 30 * MINUTE_MS);
            self.faults.add(right_ms, Happening::ClockFixed);
        }
    }

    fn stop_machine(&mut self) {
        self.processes.clear();
        self.lock = None;
        let longest_ms = self.random.pick(&[MINUTE_MS, 10 * MINUTE_MS, 3 * HOUR_MS]);
        let until_ms = self.now_ms.max(self.machine.down_until_ms) + self.random.between(20 * SECOND_MS, longest_ms);
        self.machine.reboot(until_ms);
        self.calm.trouble(until_ms);
    }

    fn suspend(&mut self, for_ms: u64) {
        self.note("suspended", for_ms);
        let until_ms = self.now_ms + for_ms;
        self.machine.down_until_ms = self.machine.down_until_ms.max(until_ms);
        for process in &mut self.processes {
            process.wake_ms += for_ms;
        }
        self.calm.trouble(until_ms);
    }

    fn step_clock(&mut self, off_ms: i64) {
        let word = match (off_ms, off_ms - self.machine.off_ms) {
            (0, _) => "clock set right",
            (..-30_000_000_000, _) => "clock at 1970",
            (_, 1..) => "clock steps forward",
            _ => "clock steps back",
        };
        self.note(word, off_ms.unsigned_abs());
        self.machine.step_to(off_ms);
        self.calm.trouble(self.now_ms);
    }
}
