//! The state directory: the journal's lines as programs see them and as a power cut would leave them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::{DateTime, Utc};

use super::crontab::Job;
use crate::decide::fold::JournalState;
use crate::decide::simulated::random::{Random, mixed};
use crate::domain::intent::IntentId;
use crate::domain::record::Record;
use crate::domain::stamp::Stamp;

/// What a line says.
#[derive(Clone, Debug)]
pub enum Content {
    Snapshot(Rc<JournalState>),
    Record(Box<Record>),
    /// The beginning of a line.
    Torn,
}

/// Where a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In memory: all programs see it.
    Cached,
    /// On the disk, too.
    Synced,
    /// In memory, and a failed sync forgot to write it: only a fresh copy of the file brings it to the disk.
    Forgotten,
}

/// One line of the journal.
#[derive(Clone, Debug)]
pub struct Line {
    pub seq: u64,
    /// Link of the line before.
    pub prev: u64,
    pub stamp: Stamp,
    pub content: Content,
    pub place: Place,
}

/// What links the next line to a line.
pub fn link(prev: u64, seq: u64, stamp: &Stamp) -> u64 {
    mixed(prev ^ mixed(seq ^ mixed(stamp.at.timestamp_millis().cast_unsigned())))
}

/// The newest month's file.
#[derive(Clone, Debug, Default)]
pub struct Month {
    /// As `2027-03`; blank before the first.
    pub name: String,
    pub lines: Vec<Line>,
}

/// All that outlives a run.
#[derive(Debug, Default)]
pub struct Disk {
    pub month: Month,
    /// The month before, as long as the new one's name is not on the disk.
    pub before: Option<Month>,
    /// The fold of the first `folded` lines.
    pub fold: Rc<JournalState>,
    pub folded: usize,
    /// Commands whose last run ended with 74.
    pub failed: BTreeSet<Job>,
    /// When a command last decided.
    pub decided: BTreeMap<Job, DateTime<Utc>>,
    /// How many lines a copy of the directory has, and of which month.
    pub backup: (String, usize),
    /// Intents whose lines were lost, until somebody asks.
    pub lost: Vec<IntentId>,
}

/// What a power cut did to the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    Nothing,
    Lines(usize),
    Torn,
    Month,
    /// A line that a failed sync forgot lies before one that was synced: no program believes that file.
    Hole,
}

impl Disk {
    /// Reports whether a run of `cleanup` would find anything to do.
    pub fn has_loose_ends(&self) -> bool {
        self.folded != self.month.lines.len() || !self.failed.is_empty() || self.fold.live().next().is_some()
    }

    /// As `cmd::open::may_have_failed`; what has been read is folded.
    pub fn may_have_failed(&self) -> bool {
        !self.failed.is_empty() || self.fold.newest_at > self.decided.values().max().copied()
    }

    /// Makes the names in the folder survive a power cut.
    pub fn sync_folder(&mut self) {
        self.before = None;
    }

    /// Syncs the month's file.
    pub fn sync(&mut self) {
        for line in self.month.lines.iter_mut().rev() {
            match line.place {
                Place::Cached => line.place = Place::Synced,
                Place::Synced => break,
                Place::Forgotten => {}
            }
        }
    }

    /// A sync that fails: nothing reaches the disk, and no later sync will try these lines again.
    pub fn fail_sync(&mut self) {
        for line in self.month.lines.iter_mut().rev().take_while(|line| line.place == Place::Cached) {
            line.place = Place::Forgotten;
        }
    }

    /// Replaces the file by a fresh copy.
    pub fn copy_fresh(&mut self) {
        self.month.lines.iter_mut().for_each(|line| line.place = Place::Synced);
        self.sync_folder();
    }

    /// Drops what was not synced, or some of it.
    pub fn cut_power(&mut self, random: &mut Random) -> Loss {
        if let Some(before) = self.before.take()
            && random.one_in(2)
        {
            self.forget_from(0);
            self.month = before;
            self.refold();
            return Loss::Month;
        }
        let lines = &mut self.month.lines;
        let Some(first) = lines.iter().position(|line| line.place != Place::Synced) else { return Loss::Nothing };
        let count = lines.len();
        if lines[first..].iter().any(|line| line.place == Place::Synced) {
            self.forget_from(first);
            return Loss::Hole;
        }
        let kept = lines[first..].iter().take_while(|line| line.place == Place::Cached).count();
        let kept = first + usize::try_from(random.below(kept as u64 + 1)).unwrap();
        let is_torn = kept < count && lines[kept].place == Place::Cached && random.one_in(2);
        let torn = is_torn.then(|| Line { content: Content::Torn, ..lines[kept].clone() });
        self.forget_from(kept);
        self.month.lines.extend(torn);
        self.month.lines.iter_mut().for_each(|line| line.place = Place::Synced);
        match count - kept {
            0 => Loss::Nothing,
            _ if is_torn => Loss::Torn,
            lost => Loss::Lines(lost),
        }
    }

    /// Puts back what a copy has. False when that is of another month.
    pub fn restore_backup(&mut self) -> bool {
        let (month, lines) = self.backup.clone();
        if month != self.month.name || lines >= self.month.lines.len() {
            return false;
        }
        self.forget_from(lines);
        true
    }

    /// Drops the lines from a place on.
    fn forget_from(&mut self, place: usize) {
        for line in self.month.lines.drain(place..) {
            if let Content::Record(record) = line.content
                && let Record::Intent(intent) = *record
            {
                self.lost.push(intent.id);
            }
        }
        self.refold();
    }

    /// Forgets the fold.
    fn refold(&mut self) {
        self.fold = Rc::default();
        self.folded = 0;
    }
}
