//! Lets the next happening happen.

use kis_trade::exit::{Failure, Reason};
use kis_trade::language::Sentence;

use super::faults::{Fault, Happening, draw_off_ms};
use super::forced_check;
use crate::Year;
use crate::machine::{HOUR_MS, MINUTE_MS, SECOND_MS};
use crate::office::Death;
use crate::world::World;

impl Year {
    /// What happens in a year of tokens.
    pub fn happen_to_tokens(&mut self) {
        let mut world = self.world.borrow_mut();
        let Some(happening) = world.token.faults.take_next() else { return };
        let is_up = world.now_ms >= world.machine.down_until_ms;
        let sleeps_from_ms = world.machine.down_until_ms.max(world.now_ms);
        world.happen_to_token(happening);
        if let Happening::Suspended { .. } = happening {
            let asleep_ms = world.machine.down_until_ms.saturating_sub(sleeps_from_ms);
            self.processes.iter_mut().for_each(|process| process.wake_ms += asleep_ms);
        }
        drop(world);
        match happening {
            Happening::Crowd if is_up => self.token_crowd(),
            Happening::Forced if is_up => self.start_for_token(forced_check(), 0),
            Happening::Reboot => self.stop_machine(),
            Happening::PowerCut => self.cut_power(),
            _ => {}
        }
    }
}

impl World {
    fn happen_to_token(&mut self, happening: Happening) {
        match happening {
            Happening::RoughBegins => self.token.faults.is_rough = true,
            Happening::RoughEnds => self.token.faults.is_rough = false,
            Happening::Opens { fault, for_ms } => self.open_fault(fault, for_ms),
            Happening::Closes(fault) => self.close_fault(fault),
            Happening::TokenDies(death) => self.kill_token(death),
            Happening::Forced => {
                self.token.calm.disturb(self.now_ms);
                self.note("forced", 0);
            }
            Happening::Suspended { for_ms } => self.suspend(for_ms),
            Happening::ClockSteps { off_ms } => {
                self.step_token_clock(off_ms);
                let right_ms = self.now_ms + self.chance.between(SECOND_MS, 10 * HOUR_MS);
                self.token.faults.add(right_ms, Happening::ClockFixed);
            }
            Happening::ClockFixed => self.step_token_clock(0),
            Happening::TokenFileLost => {
                self.note("token file lost", 0);
                self.disk.files.token.rename(None);
                self.disk.sync_folder();
                self.token.books.saved = None;
                self.token.books.file_lost_ms = self.now_ms;
                self.token.calm.disturb(self.now_ms);
            }
            Happening::Reboot => self.note("reboot", 0),
            Happening::Crowd | Happening::PowerCut => {}
        }
    }

    fn open_fault(&mut self, fault: Fault, for_ms: u64) {
        self.note(fault.word(), for_ms);
        self.token.faults.open(fault);
        self.token.faults.add(self.now_ms + for_ms, Happening::Closes(fault));
        self.token.calm.trouble(self.now_ms);
        match fault {
            Fault::RecordDamaged => {
                let failure = Failure::new(
                    Reason::StateUnreadable,
                    Sentence::verbatim("the record of token requests can't be read"),
                );
                self.disk.files.attempt.rename(Err(failure));
                self.disk.sync_folder();
            }
            Fault::OtherProgram => self.another_program_asks(),
            _ => {}
        }
    }

    fn close_fault(&mut self, fault: Fault) {
        self.note("over", fault as u64);
        self.token.faults.close(fault);
        self.token.calm.trouble(self.now_ms);
        match fault {
            // The other program may have asked just before.
            Fault::OtherProgram => self.office.forget_last_issue(),
            Fault::RecordDamaged if self.disk.files.attempt.cached.is_err() => {
                self.note("record removed by hand", 0);
                self.disk.files.attempt.rename(Ok(None));
                self.disk.sync_folder();
                self.token.books.forget_record();
            }
            _ => {}
        }
    }

    pub fn another_program_asks(&mut self) {
        let newest = self.office.newest();
        self.office.issue_to_another(self.now_ms);
        if newest != self.office.newest() && self.office.older_dies {
            self.note("token dies by another program's", 0);
            self.token.calm.disturb(self.now_ms);
        }
    }

    pub fn kill_token(&mut self, death: Death) {
        let word = match death {
            Death::Gone => "token dies",
            Death::StillReturned => "token dies, and is still returned",
        };
        self.note(word, self.office.newest().unwrap_or_default());
        self.office.kill(death);
        self.token.calm.disturb(self.now_ms);
    }

    /// What a power cut did to the token's files.
    pub fn judge_token_after_power_cut(&mut self) {
        if self.disk.undone > 0 {
            self.note("power cut undid a rename", self.disk.undone);
            self.token.books.doubt_record();
        }
        self.judge_file_after_power_cut();
    }

    /// The battery of the clock may be empty, too.
    pub fn lose_clock(&mut self) {
        if self.is_of_tokens && self.chance.one_in(4) {
            let off_ms = draw_off_ms(&mut self.chance);
            self.step_token_clock(off_ms);
            let right_ms = self.machine.down_until_ms + self.chance.between(SECOND_MS, 30 * MINUTE_MS);
            self.token.faults.add(right_ms, Happening::ClockFixed);
        }
    }

    fn suspend(&mut self, for_ms: u64) {
        self.note("suspended", for_ms);
        let until_ms = self.now_ms + for_ms;
        self.machine.down_until_ms = self.machine.down_until_ms.max(until_ms);
        self.token.calm.trouble(until_ms);
    }

    fn step_token_clock(&mut self, off_ms: i64) {
        let word = match (off_ms, off_ms - self.machine.off_ms) {
            (0, _) => "clock set right",
            (..-30_000_000_000, _) => "clock at 1970",
            (_, 1..) => "clock steps forward",
            _ => "clock steps back",
        };
        self.note(word, off_ms.unsigned_abs());
        self.machine.step_to(off_ms);
        self.token.calm.trouble(self.now_ms);
    }
}
