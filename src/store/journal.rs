//! The order journal: one append-only file a month, one JSON object a line, synced line by line.
//!
//! A line is written with one `write` and one `sync_data`; its last key is the CRC-32 of everything before it, `prev` is
//! the CRC of the line before, `seq` grows by one. A torn last line is expected and repaired under the
//! account lock; anything else that does not fit stops the run (65) and the file stays as it is.
//!
//! A month opens with a snapshot of all that is still needed, and a busy month has more of them: reading checks the chain
//! from the month's beginning, and folds from its last snapshot.

mod chain;
mod failure;
mod growth;
mod history;
mod line;
mod month;
mod torn;
mod words;

pub use history::{Place, fold_between, fold_month, months};
pub use month::{newest_path, past_retention};

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use chrono::SubsecRound;

use crate::clock::Clock;
use crate::decide::fold::JournalState;
use crate::domain::{IntentId, Record, Stamp};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::store::atomic;
use crate::store::file_id::{FileId, replaced};
use crate::store::journal::chain::{Chain, length};
use crate::store::journal::failure::{contradiction, damaged, unwritable};
use crate::store::journal::growth::Growth;
use crate::store::journal::line::LineContent;
use crate::store::journal::torn::TornTail;

/// The journal of one state directory, folded.
pub struct Journal {
    dir: PathBuf,
    file: Option<File>,
    month: Option<String>,
    /// Which file the month's name led to.
    id: Option<FileId>,
    next_seq: u64,
    last_crc: u32,
    /// Where the snapshot begins that was read.
    snapshot_at: u64,
    growth: Growth,
    boot: String,
    run: String,
    clock: Clock,
    state: JournalState,
    torn: Option<TornTail>,
    is_broken: bool,
    access: Access,
}

/// Whether lines are written, or only folded in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// For a holder of the account lock.
    Write,
    /// For `status`, `token-check` and dry runs: lines are only folded.
    InMemory,
}

impl Journal {
    /// Reads the newest month, which opens with a snapshot of everything before it. Writes nothing. Returns the warning
    /// that others could read the file.
    ///
    /// # Errors
    /// 65 when a line other than a torn last one is unreadable, edited, missing or of a newer version.
    pub fn load(dir: &Path, clock: &Clock, run: &str, access: Access) -> Result<(Journal, Option<Sentence>), Failure> {
        let mut journal = Journal { access, ..Journal::empty(dir, clock, run) };
        let Some(month) = month::find_newest(dir)? else { return Ok((journal, None)) };
        let path = journal.path_of(&month);
        let (reader, id, warning) = month::open(&path)?;
        journal.fold(&path, reader)?;
        journal.id = id;
        journal.month = Some(month);
        Ok((journal, warning))
    }

    /// A journal without lines that stays in memory.
    pub fn empty(dir: &Path, clock: &Clock, run: &str) -> Journal {
        Journal {
            dir: dir.to_owned(),
            file: None,
            month: None,
            id: None,
            next_seq: 1,
            last_crc: 0,
            snapshot_at: 0,
            growth: Growth::default(),
            boot: if clock.is_rehearsal() { String::new() } else { clock.boot_id() },
            run: run.to_owned(),
            clock: clock.clone(),
            state: JournalState::default(),
            torn: None,
            is_broken: false,
            access: Access::InMemory,
        }
    }

    /// Everything the lines say.
    pub fn state(&self) -> &JournalState {
        &self.state
    }

    /// The snapshot that was read; its orders and those after it are in [`Journal::state`]. `None` without a journal.
    pub fn place(&self) -> Option<Place> {
        Some(Place { month: self.month.clone()?, offset: self.snapshot_at })
    }

    /// Reports whether an intent's line is on disk, as far as this run knows.
    pub fn has_synced(&self, id: &IntentId) -> bool {
        self.access == Access::Write && !self.is_broken && self.state.entries.contains_key(id)
    }

    /// Checks that the month's name still leads to the file that was read or begun: other runs read what the name leads to.
    ///
    /// # Errors
    /// 74 when the file was removed or replaced.
    pub fn check(&self) -> Result<(), Failure> {
        let path = self.month.as_ref().map(|month| self.path_of(month));
        match path.filter(|path| self.access == Access::Write && FileId::at(path) != self.id) {
            Some(path) => Err(replaced(&path)),
            None => Ok(()),
        }
    }

    /// Replaces the newest month's file by a fresh copy of it, and goes on with that.
    ///
    /// # Errors
    /// 65 when it can't be read, 74 when the copy can't be written, or when it is no longer the file that was read.
    pub fn copy_fresh(&mut self) -> Result<(), Failure> {
        self.check()?;
        month::copy_fresh(&self.dir)?;
        self.id = self.month.as_ref().and_then(|month| FileId::at(&self.path_of(month)));
        Ok(())
    }

    /// This moment, as it would be written: in milliseconds.
    pub fn stamp(&self) -> Stamp {
        let up_ms = u64::try_from(self.clock.since_boot().as_millis()).unwrap_or(u64::MAX);
        Stamp { at: self.clock.now().trunc_subsecs(3), boot: self.boot.clone(), up_ms }
    }

    /// Reports whether there is a torn last line to be cut off.
    pub fn is_torn(&self) -> bool {
        self.access == Access::Write && self.torn.is_some()
    }

    /// Cuts off a torn last line, keeps a copy, and records the cut. Only for a holder of the account lock.
    ///
    /// # Errors
    /// 74 when the state directory can't be written.
    pub fn repair(&mut self) -> Result<Option<Sentence>, Failure> {
        if self.access == Access::InMemory {
            return Ok(None);
        }
        let Some(torn) = self.torn.take() else { return Ok(None) };
        let (record, warning) = torn.cut_off(&self.dir, self.clock.now())?;
        self.append(&record)?;
        Ok(Some(warning))
    }

    /// Appends one line, synced to disk before this returns, and folds it.
    ///
    /// # Errors
    /// 74 when it could not be written and synced; then nothing more is written in this run. 1 when the line
    /// contradicts the journal; then nothing was written.
    pub fn append(&mut self, record: &Record) -> Result<(), Failure> {
        if self.is_broken {
            return Err(Failure::new(Reason::StateUnwritable, words::not_written()).because(words::failed_before()));
        }
        self.state.check(record).map_err(|error| contradiction(&error))?;
        if self.access == Access::Write {
            self.open_month(record)?;
        }
        let stamp = self.stamp();
        if self.access == Access::Write {
            let bytes = self.write_line(&stamp, LineContent::Record(record))?;
            self.growth.add(bytes);
        }
        self.state.apply(&stamp, record).map_err(|error| contradiction(&error))
    }

    /// Opens the month's file for a line. A new month begins with a snapshot; so does a run when the last one is far back.
    fn open_month(&mut self, record: &Record) -> Result<(), Failure> {
        if self.file.is_none() {
            self.check()?;
        }
        let this_month = self.clock.now().format("%Y-%m").to_string();
        // A clock that went back must not reopen an old month: the newest file goes on.
        if self.month.as_ref().is_none_or(|month| *month < this_month) {
            self.begin_month(&this_month, record)?;
        }
        if self.file.is_none() {
            let month = self.month.clone().unwrap_or(this_month);
            let path = self.path_of(&month);
            self.file = Some(month::open_to_append(&path).map_err(|error| unwritable(&path, &error))?);
            // Only before the first line of a run: pruning must not drop what changes during the run.
            if self.growth.wants_snapshot() {
                let pruned = self.pruned_for(record);
                let bytes = self.write_line(&self.stamp(), LineContent::snapshot(&pruned))?;
                self.growth.restart(bytes);
                self.state = pruned;
            }
        }
        Ok(())
    }

    /// Begins a month's file, which is whole before it gets its name.
    fn begin_month(&mut self, month: &str, record: &Record) -> Result<(), Failure> {
        let pruned = self.pruned_for(record);
        let (line, crc) = self.format_line(&self.stamp(), LineContent::snapshot(&pruned))?;
        let path = self.path_of(month);
        atomic::replace(&path, line.as_bytes()).map_err(|error| {
            self.is_broken = true;
            unwritable(&path, &error)
        })?;
        self.growth.restart(length(line.as_bytes()));
        self.state = pruned;
        self.next_seq += 1;
        self.last_crc = crc;
        self.month = Some(month.to_owned());
        self.id = FileId::at(&path);
        self.file = None;
        Ok(())
    }

    /// The state for a snapshot that `record` will follow.
    fn pruned_for(&self, record: &Record) -> JournalState {
        let pruned = self.state.pruned_at(self.clock.now());
        // The next line's intent is needed, whatever its age.
        if pruned.check(record).is_ok() { pruned } else { self.state.clone() }
    }

    /// Writes a line and syncs it to disk; returns its length.
    fn write_line(&mut self, stamp: &Stamp, content: LineContent<'_>) -> Result<u64, Failure> {
        let (line, crc) = self.format_line(stamp, content)?;
        let written = self.file.as_mut().map_or_else(
            || Err(rustix::io::Errno::BADF.into()),
            |file| file.write_all(line.as_bytes()).and_then(|()| file.sync_data()),
        );
        if let Err(error) = written {
            self.is_broken = true;
            return Err(unwritable(&self.dir, &error));
        }
        self.next_seq += 1;
        self.last_crc = crc;
        Ok(length(line.as_bytes()))
    }

    fn format_line(&self, stamp: &Stamp, content: LineContent<'_>) -> Result<(String, u32), Failure> {
        line::format(self.next_seq, self.last_crc, stamp, &self.run, content)
            .map_err(|error| Failure::new(Reason::Unexpected, words::not_json()).caused_by(error))
    }

    fn fold(&mut self, path: &Path, reader: impl Read) -> Result<(), Failure> {
        let chain = Chain::read(path, reader)?;
        let good_bytes = chain.end();
        self.torn = chain.torn.map(|cut| TornTail { path: path.to_owned(), good_bytes, cut });
        self.snapshot_at = chain.offset;
        let mut offset = chain.offset;
        for line in chain.lines.split_inclusive(|byte| *byte == b'\n') {
            let folded = if offset == chain.offset {
                self.growth.restart(length(line));
                line::parse_snapshot(line).map(|state| self.state = state)
            } else {
                self.growth.add(length(line));
                self.fold_record(line)
            };
            folded.map_err(|cause| damaged(path, offset, &cause))?;
            offset += length(line);
        }
        self.next_seq = chain.next_seq;
        self.last_crc = chain.last_crc;
        Ok(())
    }

    fn fold_record(&mut self, line: &[u8]) -> Result<(), Sentence> {
        let (stamp, record) = line::parse_record(line)?;
        Ok(self.state.apply(&stamp, &record)?)
    }

    fn path_of(&self, month: &str) -> PathBuf {
        self.dir.join(month::file_name(month))
    }
}

#[cfg(test)]
mod tests;
