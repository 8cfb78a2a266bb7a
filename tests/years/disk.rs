//! The state directory as programs see it and as a power cut would leave it: the journal line by line, and the small files
//! that are only ever replaced whole.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, NaiveDate};
use kis_trade::decide::fold::JournalState;
use kis_trade::decide::token_life::AttemptLook;
use kis_trade::domain::market_session::previous_trading_date;
use kis_trade::domain::{AccessToken, Books, ClockOffset, IntentId, Job, Listings, Record, Sample, Stamp};
use kis_trade::story::desk::LastEnd;

use crate::chance::{Chance, mixed};

/// Dates of which the totals are remembered.
const DATES: usize = 3;

/// The totals of one New York date.
#[derive(Clone, Copy, Debug)]
pub struct DateTotals {
    pub first: Sample,
    /// `buy` took the first.
    pub is_of_buy: bool,
    pub latest: Sample,
}

/// The samples of the total, and the cash side when it was last explained.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub dates: BTreeMap<NaiveDate, DateTotals>,
    pub books: Option<Books>,
}

impl Totals {
    /// The sample that a date's loss counts from.
    pub fn base(&self, date: NaiveDate) -> Option<Sample> {
        let before = self.dates.get(&previous_trading_date(date)).map(|totals| totals.latest);
        match self.dates.get(&date) {
            Some(totals) if !totals.is_of_buy => Some(totals.first),
            totals => before.or(totals.map(|totals| totals.first)),
        }
    }
}

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

/// A file that is only ever replaced whole.
#[derive(Clone, Debug)]
pub struct Replaced<T> {
    /// What programs read.
    pub cached: T,
    /// What is on the disk if the rename of `cached` is not.
    before: Option<T>,
}

impl<T> Replaced<T> {
    fn new(content: T) -> Replaced<T> {
        Replaced { cached: content, before: None }
    }

    /// The rename of a synced temp file: everybody sees the new content, which a power cut may yet undo.
    pub fn rename(&mut self, content: T) {
        let old = std::mem::replace(&mut self.cached, content);
        self.before.get_or_insert(old);
    }

    /// Reports whether a power cut would leave what programs read.
    pub fn is_synced(&self) -> bool {
        self.before.is_none()
    }

    /// Either the rename came to the disk in time or it did not. True when it was undone.
    fn cut_power(&mut self, chance: &mut Chance) -> bool {
        match self.before.take() {
            Some(before) if chance.one_in(2) => {
                self.cached = before;
                true
            }
            _ => false,
        }
    }
}

/// A file that is replaced whole and never synced: a power cut may leave the old one, or one that is empty or torn, which
/// counts as missing.
#[derive(Clone, Debug, Default)]
pub struct Derived<T> {
    /// What programs read.
    pub cached: T,
    /// What the name leads to on the disk, while it is not `cached`.
    before: Option<T>,
    /// The disk may lack the content, whatever the name leads to.
    is_unsynced: bool,
}

impl<T: Default> Derived<T> {
    /// The rename of a temp file that was not synced.
    fn rename(&mut self, content: T) {
        let old = std::mem::replace(&mut self.cached, content);
        self.before.get_or_insert(old);
        self.is_unsynced = true;
    }

    /// True when what programs read is lost.
    fn cut_power(&mut self, chance: &mut Chance) -> bool {
        let (before, is_unlucky, may_be_old) = (self.before.take(), chance.one_in(2), chance.one_in(2));
        let is_lost = std::mem::take(&mut self.is_unsynced) && is_unlucky;
        if is_lost {
            self.cached = before.filter(|_| may_be_old).unwrap_or_default();
        }
        is_lost
    }
}

/// The small files.
#[derive(Clone, Debug)]
pub struct Files {
    /// The token's.
    pub token: Replaced<Option<AccessToken>>,
    /// The record of the last token request.
    pub attempt: Replaced<AttemptLook>,
    /// How each job's last run ended.
    pub last_ends: BTreeMap<Job, Derived<Option<LastEnd>>>,
    /// The totals of the latest New York dates.
    pub totals: Derived<Totals>,
    /// A power cut took them, and no look that is certain of cash has followed.
    pub has_lost_totals: bool,
    /// How far the clock was off.
    pub clock: Replaced<Option<ClockOffset>>,
    /// Where symbols are listed.
    pub listings: Replaced<Listings>,
    /// `trades.csv`: shares of each intent.
    pub fills: BTreeMap<IntentId, u64>,
    /// Since when a person's `HALT` is there.
    pub halted_ms: Option<u64>,
}

impl Default for Files {
    fn default() -> Files {
        Files {
            token: Replaced::new(None),
            attempt: Replaced::new(Ok(None)),
            last_ends: BTreeMap::new(),
            totals: Derived::default(),
            has_lost_totals: false,
            clock: Replaced::new(None),
            listings: Replaced::new(Listings::default()),
            fills: BTreeMap::new(),
            halted_ms: None,
        }
    }
}

impl Files {
    /// How the last run of a job ended.
    pub fn last_end(&self, job: Job) -> Option<LastEnd> {
        self.last_ends.get(&job)?.cached
    }

    pub fn keep_last_end(&mut self, job: Job, end: LastEnd) {
        self.last_ends.entry(job).or_default().rename(Some(end));
    }

    /// Keeps a total.
    pub fn keep_total(&mut self, job: Job, date: NaiveDate, sample: Sample, books: &Books) {
        let mut totals = self.totals.cached.clone();
        let is_of_buy = job == Job::Buy;
        let of_date = totals.dates.entry(date).or_insert(DateTotals { first: sample, is_of_buy, latest: sample });
        if sample.at < of_date.first.at {
            (of_date.first, of_date.is_of_buy) = (sample, is_of_buy);
        }
        of_date.latest = sample;
        totals.books = Some(books.clone());
        self.has_lost_totals &= books.date == DateTime::UNIX_EPOCH.date_naive();
        while totals.dates.len() > DATES {
            totals.dates.pop_first();
        }
        self.totals.rename(totals);
    }

    /// Reports whether a power cut may undo a name, or take a content.
    pub fn has_unsynced(&self) -> bool {
        self.token.before.is_some()
            || self.attempt.before.is_some()
            || self.last_ends.values().any(|end| end.is_unsynced)
            || self.totals.is_unsynced
            || self.clock.before.is_some()
            || self.listings.before.is_some()
    }

    fn sync(&mut self) {
        self.token.before = None;
        self.attempt.before = None;
        self.last_ends.values_mut().for_each(|end| end.before = None);
        self.totals.before = None;
        self.clock.before = None;
        self.listings.before = None;
    }

    /// Returns how many renames of the token's files were undone.
    fn cut_power(&mut self, chance: &mut Chance) -> u64 {
        // As many draws whatever was written: runs that only look write how they ended, too, and must change nothing.
        for job in Job::ALL {
            self.last_ends.entry(job).or_default().cut_power(chance);
        }
        self.has_lost_totals |= self.totals.cut_power(chance);
        self.clock.cut_power(chance);
        self.listings.cut_power(chance);
        u64::from(self.token.cut_power(chance)) + u64::from(self.attempt.cut_power(chance))
    }
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
    pub files: Files,
    /// How many lines a copy of the directory has, and of which month.
    pub backup: (String, usize),
    /// Intents whose lines were lost, until somebody asks.
    pub lost: Vec<IntentId>,
    /// Renames of the token's files that the last power cut undid.
    pub undone: u64,
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
        self.folded != self.month.lines.len() || self.has_failed_write() || self.fold.live().next().is_some()
    }

    /// Reports whether a job's last runs say that they could not write.
    pub fn has_failed_write(&self) -> bool {
        self.files.last_ends.values().filter_map(|end| end.cached).any(|end| end.is_unwritten)
    }

    /// Makes the names in the folder survive a power cut.
    pub fn sync_folder(&mut self) {
        self.before = None;
        self.files.sync();
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
    pub fn cut_power(&mut self, chance: &mut Chance) -> Loss {
        self.undone = self.files.cut_power(chance);
        if let Some(before) = self.before.take()
            && chance.one_in(2)
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
        let kept = first + usize::try_from(chance.below(kept as u64 + 1)).unwrap();
        let is_torn = kept < count && lines[kept].place == Place::Cached && chance.one_in(2);
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
