//! A run's journal: the lines read, checked and folded, and lines appended, as `store::journal` does with a file.

use std::mem;
use std::rc::Rc;

use kis_trade::decide::fold::JournalState;
use kis_trade::domain::{IntentId, Record, Stamp};
use kis_trade::exit::{Failure, Reason};
use kis_trade::language::Sentence;

use crate::border::{Run, Spot};
use crate::disk::{Content, Line, Month, Place, link};
use crate::token::faults::Fault;
use crate::world::World;

/// The journal as one run knows it.
pub struct Journal {
    pub state: Rc<JournalState>,
    month: String,
    next_seq: u64,
    last_link: u64,
    lines: usize,
    is_torn: bool,
    is_broken: bool,
    is_open: bool,
    is_read_only: bool,
}

impl Journal {
    pub fn load(world: &mut World, is_read_only: bool) -> Journal {
        let is_torn = world.fold_new_lines();
        let disk = &world.disk;
        let last = disk.folded.checked_sub(1).map(|last| &disk.month.lines[last]);
        Journal {
            state: Rc::clone(&disk.fold),
            month: disk.month.name.clone(),
            next_seq: last.map_or(1, |line| line.seq + 1),
            last_link: last.map_or(0, |line| link(line.prev, line.seq, &line.stamp)),
            lines: disk.folded,
            is_torn,
            is_broken: false,
            is_open: false,
            is_read_only,
        }
    }

    /// A journal of which nothing is known.
    pub fn empty() -> Journal {
        Journal {
            state: Rc::default(),
            month: String::new(),
            next_seq: 1,
            last_link: 0,
            lines: 0,
            is_torn: false,
            is_broken: false,
            is_open: false,
            is_read_only: true,
        }
    }

    pub fn has_synced(&self, id: &IntentId) -> bool {
        !self.is_read_only && !self.is_broken && self.state.entries.contains_key(id)
    }

    pub fn wants_repair(&self) -> bool {
        self.is_torn && !self.is_read_only
    }

    /// Cuts a torn last line off. The copy of it that is kept is of no matter here.
    pub async fn repair(&mut self, run: &Run) -> Result<Option<String>, Failure> {
        if self.is_read_only || !mem::take(&mut self.is_torn) {
            return Ok(None);
        }
        if run.world().cannot_write() {
            return Err(unwritable());
        }
        run.border(Spot::Looked, 5).await;
        run.world().disk.month.lines.truncate(self.lines);
        run.note("torn line cut", 0);
        run.border(Spot::Looked, 5).await;
        self.append(run, &Record::Repair { bytes: 7, cut_crc: "00000000".to_owned() }).await?;
        Ok(Some("a torn line was cut off".to_owned()))
    }

    /// Appends one line, synced before this returns, and folds it.
    pub async fn append(&mut self, run: &Run, record: &Record) -> Result<(), Failure> {
        if self.is_broken {
            return Err(unwritable());
        }
        run.world().judge_line(run.number, &self.state, record);
        if self.is_read_only {
            let stamp = run.world().stamp();
            Rc::make_mut(&mut self.state).apply(&stamp, record).unwrap();
            return Ok(());
        }
        let written = self.write(run, record).await;
        self.is_broken = written.is_err();
        written
    }

    async fn write(&mut self, run: &Run, record: &Record) -> Result<(), Failure> {
        self.open_month(run).await?;
        let stamp = run.world().stamp();
        self.write_line(run, stamp.clone(), Content::Record(Box::new(record.clone()))).await?;
        let mut world = run.world();
        let disk = &mut world.disk;
        let is_newest = disk.folded + 1 == disk.month.lines.len() && Rc::ptr_eq(&disk.fold, &self.state);
        if is_newest {
            disk.fold = Rc::default();
        }
        let folded = Rc::make_mut(&mut self.state).apply(&stamp, record);
        if is_newest {
            disk.fold = Rc::clone(&self.state);
            disk.folded += 1;
        }
        world.holds(folded.is_ok(), "I4: a line contradicts the journal");
        Ok(())
    }

    async fn open_month(&mut self, run: &Run) -> Result<(), Failure> {
        let this_month = run.world().wall().format("%Y-%m").to_string();
        if self.month < this_month {
            self.begin_month(run, this_month).await?;
        }
        if mem::replace(&mut self.is_open, true) {
            return Ok(());
        }
        // Whoever gave the month its name may have been killed before the name was on the disk.
        run.world().disk.sync_folder();
        if run.world().wants_snapshot() {
            run.note("snapshot inside a month", 0);
            let stamp = run.world().stamp();
            let pruned = Rc::new(self.state.pruned_at(stamp.at));
            self.write_line(run, stamp, Content::Snapshot(Rc::clone(&pruned))).await?;
            self.take_snapshot(&mut run.world(), pruned);
        }
        Ok(())
    }

    /// A month's file is made whole before it gets its name.
    async fn begin_month(&mut self, run: &Run, name: String) -> Result<(), Failure> {
        if run.world().cannot_write() {
            return Err(unwritable());
        }
        run.border(Spot::Looked, 4).await;
        let now = run.world().wall();
        let pruned = Rc::new(self.state.pruned_at(now));
        {
            let mut world = run.world();
            let line = self.next_line(world.stamp(), Content::Snapshot(Rc::clone(&pruned)), Place::Synced);
            let before = mem::replace(&mut world.disk.month, Month { name: name.clone(), lines: vec![line] });
            world.disk.before = Some(before);
            (self.month, self.lines) = (name, 1);
            self.take_snapshot(&mut world, pruned);
        }
        run.note("a month begins", 0);
        run.border(Spot::Renamed, 1).await;
        run.world().disk.sync_folder();
        Ok(())
    }

    fn take_snapshot(&mut self, world: &mut World, pruned: Rc<JournalState>) {
        (world.disk.fold, world.disk.folded) = (Rc::clone(&pruned), world.disk.month.lines.len());
        self.state = pruned;
    }

    /// Writes a line, then syncs it.
    async fn write_line(&mut self, run: &Run, stamp: Stamp, content: Content) -> Result<(), Failure> {
        if run.world().cannot_write() {
            let mut world = run.world();
            if world.chance.one_in(2) {
                let line = self.next_line(stamp, Content::Torn, Place::Cached);
                world.disk.month.lines.push(line);
            }
            return Err(unwritable());
        }
        let line = self.next_line(stamp, content, Place::Cached);
        run.world().disk.month.lines.push(line);
        self.lines += 1;
        run.border(Spot::Wrote, 1).await;
        {
            let mut world = run.world();
            if world.cannot_write() {
                world.disk.fail_sync();
                return Err(unwritable());
            }
            world.disk.sync();
        }
        run.border(Spot::Synced, 3).await;
        Ok(())
    }

    fn next_line(&mut self, stamp: Stamp, content: Content, place: Place) -> Line {
        let (seq, prev) = (self.next_seq, self.last_link);
        self.next_seq += 1;
        self.last_link = link(prev, seq, &stamp);
        Line { seq, prev, stamp, content, place }
    }
}

impl World {
    /// Folds what the file has beyond the fold. True when its last line is torn.
    fn fold_new_lines(&mut self) -> bool {
        let mut folded = mem::take(&mut self.disk.fold);
        let lines = &self.disk.month.lines;
        let mut count = self.disk.folded;
        for (index, line) in lines.iter().enumerate().skip(count) {
            let before = index.checked_sub(1).map(|before| &lines[before]);
            let is_next = before.is_none_or(|before| {
                (line.seq, line.prev) == (before.seq + 1, link(before.prev, before.seq, &before.stamp))
            });
            self.holds(is_next, "I12: a line does not follow the line before it");
            match &line.content {
                Content::Snapshot(state) => folded = Rc::new((**state).clone().restored(line.stamp.at)),
                Content::Record(record) => {
                    let fits = Rc::make_mut(&mut folded).apply(&line.stamp, record);
                    self.holds(fits.is_ok(), "I4: a line contradicts the lines before it");
                }
                Content::Torn => {
                    self.holds(index + 1 == lines.len(), "I12: a torn line in the middle");
                    break;
                }
            }
            count = index + 1;
        }
        let is_torn = count != lines.len();
        (self.disk.fold, self.disk.folded) = (folded, count);
        is_torn
    }

    /// Draws whether a write fails: the disk is full, or it fails for once.
    pub fn cannot_write(&mut self) -> bool {
        if self.choices.is_some() {
            return self.choose_full_disk();
        }
        let is_full = self.now_ms < self.weather.disk_full_until_ms || self.token.faults.is_open(Fault::DiskFull);
        let is_full = is_full && !self.chance.one_in(4);
        let fails = is_full || (self.weather.is_rough && self.chance.one_in(400));
        if fails {
            self.note("write failed", 0);
        }
        fails
    }

    fn wants_snapshot(&self) -> bool {
        let lines = &self.disk.month.lines;
        let since = lines.iter().rev().take_while(|line| !matches!(line.content, Content::Snapshot(_))).count();
        since >= self.snapshot_after
    }
}

/// A write that failed.
pub fn unwritable() -> Failure {
    Failure::new(Reason::StateUnwritable, Sentence::verbatim("a file can't be written"))
        .because(Sentence::verbatim("no space left on device"))
}
