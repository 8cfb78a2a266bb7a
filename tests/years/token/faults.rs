//! What goes wrong in a year, and when: calm stretches and rough ones in turns, drawn from the seed.

use std::collections::BTreeMap;

use crate::chance::Chance;
use crate::machine::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, YEAR_MS};
use crate::office::Death;

/// Nothing goes wrong in the last days of a year.
const CALM_END_MS: u64 = 3 * DAY_MS;

/// A trouble that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// No answer from KIS.
    Unreachable,
    /// Answers to token requests that can't be right.
    Nonsense,
    /// Another program with the same key takes the minute's one issue.
    OtherProgram,
    CredentialsRefused,
    RateLimited,
    /// KIS says yes to a revocation and goes on returning the dead token.
    DeafToRevocation,
    /// Nothing can be written.
    DiskFull,
    /// A stopped process holds the token's lock.
    LockStuck,
    /// The record of attempts can't be read until a person has removed it.
    RecordDamaged,
    /// The disk is slow.
    SlowDisk,
}

/// Something at one moment.
#[derive(Clone, Copy, Debug)]
pub enum Happening {
    RoughBegins,
    RoughEnds,
    Opens {
        fault: Fault,
        for_ms: u64,
    },
    Closes(Fault),
    TokenDies(Death),
    /// Several jobs start at once.
    Crowd,
    /// A person forces a renewal.
    Forced,
    Reboot,
    PowerCut,
    /// Processes stand still and go on afterwards.
    Suspended {
        for_ms: u64,
    },
    ClockSteps {
        off_ms: i64,
    },
    ClockFixed,
    /// A person deletes the token file.
    TokenFileLost,
}

/// All that is still to come, and the faults that are open.
#[derive(Debug, Default)]
pub struct Faults {
    coming: BTreeMap<(u64, u64), Happening>,
    added: u64,
    open: BTreeMap<Fault, u64>,
    /// True in a rough stretch, when processes are killed and answers get lost.
    pub is_rough: bool,
}

impl Faults {
    /// Draws a year.
    pub fn of_year(chance: &mut Chance) -> Faults {
        let mut faults = Faults::default();
        let mut at_ms = 0;
        loop {
            let begin_ms = at_ms + chance.between(DAY_MS / 2, 7 * DAY_MS);
            let end_ms = begin_ms + chance.between(DAY_MS / 2, 6 * DAY_MS);
            if end_ms + CALM_END_MS > YEAR_MS {
                break;
            }
            faults.add(begin_ms, Happening::RoughBegins);
            faults.fill(chance, begin_ms, end_ms);
            faults.add(end_ms, Happening::RoughEnds);
            at_ms = end_ms;
        }
        for _ in 0..40 {
            faults.add(chance.below(YEAR_MS - CALM_END_MS), Happening::Forced);
        }
        faults
    }

    fn fill(&mut self, chance: &mut Chance, begin_ms: u64, end_ms: u64) {
        let mut at_ms = begin_ms;
        loop {
            let longest_ms = chance.pick(&[2 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, 10 * HOUR_MS]);
            at_ms += chance.between(1, longest_ms);
            if at_ms >= end_ms {
                return;
            }
            let happening = draw(chance);
            self.add(at_ms, happening);
            // Many start when the token has just died: that is where they could step on each other.
            if matches!(happening, Happening::TokenDies(_)) && chance.one_in(3) {
                self.add(at_ms + chance.between(0, MINUTE_MS), Happening::Crowd);
            }
        }
    }

    pub fn add(&mut self, at_ms: u64, happening: Happening) {
        self.added += 1;
        self.coming.insert((at_ms, self.added), happening);
    }

    /// When the next one is due.
    pub fn next_ms(&self) -> u64 {
        self.coming.first_key_value().map_or(u64::MAX, |((at_ms, _), _)| *at_ms)
    }

    pub fn take_next(&mut self) -> Option<Happening> {
        self.coming.pop_first().map(|(_, happening)| happening)
    }

    /// The fault begins, on top of others of its kind.
    pub fn open(&mut self, fault: Fault) {
        *self.open.entry(fault).or_default() += 1;
    }

    pub fn close(&mut self, fault: Fault) {
        if let Some(count) = self.open.get_mut(&fault) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(&fault);
            }
        }
    }

    pub fn is_open(&self, fault: Fault) -> bool {
        self.open.contains_key(&fault)
    }

    pub fn is_any_open(&self) -> bool {
        !self.open.is_empty()
    }
}

fn draw(chance: &mut Chance) -> Happening {
    let opens = |fault, for_ms| Happening::Opens { fault, for_ms };
    let minutes = |chance: &mut Chance, most: u64| chance.between(10 * SECOND_MS, most * MINUTE_MS);
    match chance.below(38) {
        0..=2 => opens(Fault::Unreachable, minutes(chance, 60)),
        3 => opens(Fault::Unreachable, minutes(chance, 8 * 60)),
        4 => opens(Fault::Nonsense, minutes(chance, 60)),
        5..=7 => opens(Fault::OtherProgram, minutes(chance, 60)),
        8 => opens(Fault::CredentialsRefused, minutes(chance, 30)),
        9 => opens(Fault::RateLimited, minutes(chance, 10)),
        10 => opens(Fault::DeafToRevocation, minutes(chance, 7 * 60)),
        11..=12 => opens(Fault::DiskFull, minutes(chance, 3 * 60)),
        13 => opens(Fault::LockStuck, minutes(chance, 20)),
        14 => opens(Fault::RecordDamaged, chance.between(HOUR_MS, 6 * HOUR_MS)),
        15 => opens(Fault::SlowDisk, minutes(chance, 60)),
        16..=18 => Happening::TokenDies(Death::Gone),
        19..=23 => Happening::TokenDies(Death::StillReturned),
        24..=26 => Happening::Crowd,
        27 => Happening::Forced,
        28..=29 => Happening::Reboot,
        30..=31 => Happening::PowerCut,
        32 => Happening::Suspended { for_ms: chance.between(10 * MINUTE_MS, 12 * HOUR_MS) },
        33..=36 => Happening::ClockSteps { off_ms: draw_off_ms(chance) },
        _ => Happening::TokenFileLost,
    }
}

/// Mostly minutes to hours, rarely days, and what a machine without a clock's battery believes.
pub fn draw_off_ms(chance: &mut Chance) -> i64 {
    let longest_ms = chance.pick(&[2 * MINUTE_MS, HOUR_MS, 12 * HOUR_MS, 30 * HOUR_MS, 9 * DAY_MS]);
    let off_ms = chance.between(1, longest_ms).cast_signed();
    match chance.below(7) {
        0 => -(57 * YEAR_MS).cast_signed(),
        1..=3 => off_ms,
        _ => -off_ms,
    }
}

/// How long all has been well.
#[derive(Debug, Default)]
pub struct Calm {
    /// The last moment at which something kept a run from its token through no fault of its own: an outage, a crash, a
    /// full disk, a step of the clock.
    pub trouble_ms: u64,
    /// The last moment at which anything was not as usual: also a token that died, a forced renewal.
    pub disturbed_ms: u64,
}

impl Fault {
    /// Its name in the trace, when it opens.
    pub fn word(self) -> &'static str {
        match self {
            Fault::Unreachable => "outage",
            Fault::Nonsense => "nonsense from now on",
            Fault::OtherProgram => "another program asks",
            Fault::CredentialsRefused => "credentials refused from now on",
            Fault::RateLimited => "rate limited from now on",
            Fault::DeafToRevocation => "deaf to revocation",
            Fault::DiskFull => "disk full",
            Fault::LockStuck => "lock stuck",
            Fault::RecordDamaged => "record damaged",
            Fault::SlowDisk => "slow disk",
        }
    }
}

impl Calm {
    /// Never: where other things go wrong, too, nobody asks whether it is calm.
    pub fn never() -> Calm {
        Calm { trouble_ms: u64::MAX, disturbed_ms: u64::MAX }
    }

    pub fn trouble(&mut self, at_ms: u64) {
        self.trouble_ms = self.trouble_ms.max(at_ms);
        self.disturb(at_ms);
    }

    pub fn disturb(&mut self, at_ms: u64) {
        self.disturbed_ms = self.disturbed_ms.max(at_ms);
    }
}
