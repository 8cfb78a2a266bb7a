//! The order journal: one append-only file a month, one JSON object a line, synced line by line.
//!
//! A line is written with one `write` and one `sync_data`; its last key is the CRC-32 of everything before it, `prev` is
//! the CRC of the line before, `seq` grows by one. A torn last line is expected and repaired by whoever holds the
//! account lock; anything else that does not fit stops the run (65) and the file stays as it is.

mod line;
mod month;

pub use month::copy_fresh;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::SubsecRound;
use rustix::fs::OFlags;

use crate::clock::Clock;
use crate::decide::fold::{JournalState, Stamp};
use crate::domain::intent::IntentId;
use crate::domain::record::Record;
use crate::exit::{Exit, Failure, Reason};
use crate::store::atomic;
use crate::store::journal::line::{Envelope, Line};

/// The journal of one state directory, folded.
pub struct Journal {
    dir: PathBuf,
    file: Option<File>,
    month: Option<String>,
    next_seq: u64,
    last_crc: String,
    boot: String,
    run: String,
    clock: Clock,
    state: JournalState,
    torn: Option<TornTail>,
    warning: Option<String>,
    is_broken: bool,
    access: Access,
}

/// Whether lines are written, or only folded in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// For a holder of the account lock.
    Write,
    /// For `status` and dry runs: what would be written is only taken into account.
    InMemory,
}

/// A last line that a crash cut short.
struct TornTail {
    path: PathBuf,
    good_bytes: u64,
    cut: Vec<u8>,
}

impl Journal {
    /// Reads the newest month, which opens with a snapshot of everything before it. Writes nothing.
    ///
    /// # Errors
    /// 65 when a line other than a torn last one is unreadable, edited, missing or of a newer version.
    pub fn load(dir: &Path, clock: &Clock, run: &str, access: Access) -> Result<Journal, Failure> {
        let mut journal = Journal::empty(dir, clock, run);
        journal.access = access;
        if let Some(month) = month::find_newest(dir)? {
            let path = journal.path_of(&month);
            let (bytes, warning) = month::read(&path)?;
            journal.warning = warning;
            journal.fold(&path, &bytes)?;
            journal.month = Some(month);
        }
        Ok(journal)
    }

    /// Reads it again: other runs may have written meanwhile. What was only folded in memory is forgotten.
    ///
    /// # Errors
    /// As [`Journal::load`].
    pub fn reload(&mut self) -> Result<(), Failure> {
        Journal::load(&self.dir, &self.clock, &self.run, self.access).map(|journal| *self = journal)
    }

    /// A journal without lines that stays in memory.
    pub fn empty(dir: &Path, clock: &Clock, run: &str) -> Journal {
        Journal {
            dir: dir.to_owned(),
            file: None,
            month: None,
            next_seq: 1,
            last_crc: "00000000".to_owned(),
            boot: if clock.is_rehearsal() { String::new() } else { clock.boot_id() },
            run: run.to_owned(),
            clock: clock.clone(),
            state: JournalState::default(),
            torn: None,
            warning: None,
            is_broken: false,
            access: Access::InMemory,
        }
    }

    /// Everything the lines say.
    pub fn state(&self) -> &JournalState {
        &self.state
    }

    /// Reports whether an intent's line is on disk, as far as this run knows.
    pub fn has_synced(&self, id: &IntentId) -> bool {
        self.access == Access::Write && !self.is_broken && self.state.entries.contains_key(id)
    }

    /// This moment, as it would be written: in milliseconds.
    pub fn stamp(&self) -> Stamp {
        let up_ms = u64::try_from(self.clock.since_boot().as_millis()).unwrap_or(u64::MAX);
        Stamp { at: self.clock.now().trunc_subsecs(3), boot: self.boot.clone(), up_ms }
    }

    /// The warning that others could read the file, once.
    pub fn take_warning(&mut self) -> Option<String> {
        self.warning.take()
    }

    /// Cuts a torn last line off, keeping a copy, and writes down what was cut. Only for a holder of the account lock.
    ///
    /// # Errors
    /// 74 when the state directory can't be written.
    pub fn repair(&mut self) -> Result<Option<String>, Failure> {
        if self.access == Access::InMemory {
            return Ok(None);
        }
        let Some(torn) = self.torn.take() else { return Ok(None) };
        let name = format!("journal.torn-{}", self.clock.now().format("%Y%m%dT%H%M%S%3fZ"));
        let cut_crc = format!("{:08x}", crc32fast::hash(&torn.cut));
        atomic::replace(&self.dir.join(&name), &torn.cut).map_err(|error| unwritable(&self.dir, &error))?;
        let cut = OpenOptions::new().write(true).open(&torn.path).and_then(|file| {
            file.set_len(torn.good_bytes)?;
            file.sync_all()
        });
        cut.map_err(|error| unwritable(&torn.path, &error))?;
        self.append(&Record::Repair { bytes: torn.cut.len(), cut_crc })?;
        Ok(Some(format!(
            "the journal's last line was torn by a crash; its {} bytes are kept in {name}",
            torn.cut.len()
        )))
    }

    /// Appends one line, synced to disk before this returns, and folds it.
    ///
    /// # Errors
    /// 74 when it could not be written and synced; then nothing more is written in this run. 1 when the line
    /// contradicts the journal; then nothing was written.
    pub fn append(&mut self, record: &Record) -> Result<(), Failure> {
        if self.is_broken {
            return Err(Failure::new(
                Exit::StateUnwritable,
                Reason::StateUnwritable,
                "the order journal could not be written",
            )
            .because("an earlier write of this run failed"));
        }
        if self.access == Access::Write {
            self.open_month()?;
        }
        let stamp = self.stamp();
        let mut next = self.state.clone();
        next.apply(&stamp, record).map_err(|error| {
            Failure::new(Exit::Unexpected, Reason::Unexpected, "a journal line would contradict the journal")
                .because(error)
        })?;
        if self.access == Access::InMemory {
            self.state = next;
            return Ok(());
        }
        let (line, crc) = self.format_line(&stamp, record)?;
        let written = self.file.as_mut().map_or_else(
            || Err(std::io::Error::other("no journal file is open")),
            |file| file.write_all(line.as_bytes()).and_then(|()| file.sync_data()),
        );
        if let Err(error) = written {
            self.is_broken = true;
            return Err(unwritable(&self.dir, &error));
        }
        self.state = next;
        self.next_seq += 1;
        self.last_crc = crc;
        Ok(())
    }

    /// Opens the month's file for appending; a new month begins with a snapshot, made whole before it gets its name.
    fn open_month(&mut self) -> Result<(), Failure> {
        let this_month = self.clock.now().format("%Y-%m").to_string();
        // A clock that went back must not reopen an old month: the newest file goes on.
        let is_new = self.month.as_ref().is_none_or(|month| *month < this_month);
        if is_new {
            self.begin_month(&this_month)?;
        }
        if self.file.is_none() {
            let month = self.month.clone().unwrap_or(this_month);
            let path = self.path_of(&month);
            let file = OpenOptions::new().append(true).custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(&path);
            self.file = Some(file.map_err(|error| unwritable(&path, &error))?);
        }
        Ok(())
    }

    fn begin_month(&mut self, month: &str) -> Result<(), Failure> {
        let stamp = self.stamp();
        let pruned = self.state.pruned(stamp.at.date_naive());
        let state = serde_json::to_value(&pruned).map_err(|error| {
            Failure::new(Exit::Unexpected, Reason::Unexpected, "the journal's state can't be written as JSON")
                .because(error)
        })?;
        let record = Record::Snapshot { state: Box::new(state) };
        let (line, crc) = self.format_line(&stamp, &record)?;
        let path = self.path_of(month);
        atomic::replace(&path, line.as_bytes()).map_err(|error| {
            self.is_broken = true;
            unwritable(&path, &error)
        })?;
        self.state = pruned;
        self.next_seq += 1;
        self.last_crc = crc;
        self.month = Some(month.to_owned());
        self.file = None;
        Ok(())
    }

    fn format_line(&self, stamp: &Stamp, record: &Record) -> Result<(String, String), Failure> {
        let envelope = Envelope { seq: self.next_seq, prev: &self.last_crc, stamp, run: &self.run };
        line::format(&envelope, record).map_err(|error| {
            Failure::new(Exit::Unexpected, Reason::Unexpected, "a journal line can't be written as JSON").because(error)
        })
    }

    fn fold(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Err(damaged(path, 0, "its opening line is missing"));
        }
        let mut offset = 0;
        while offset < bytes.len() {
            let end = bytes[offset..].iter().position(|byte| *byte == b'\n').map(|length| offset + length);
            let line = &bytes[offset..end.unwrap_or(bytes.len())];
            let is_last = end.is_none_or(|end| end + 1 == bytes.len());
            let crc = if end.is_some() { line::checked_crc(line) } else { None };
            let Some(crc) = crc else {
                // A month is made whole before it gets its name: a crash can't tear its opening line.
                if is_last && offset > 0 && line::can_be_torn(&bytes[offset..]) {
                    let cut = bytes[offset..].to_vec();
                    self.torn = Some(TornTail { path: path.to_owned(), good_bytes: offset as u64, cut });
                    return Ok(());
                }
                return Err(damaged(path, offset, "its checksum does not fit"));
            };
            self.fold_line(path, offset, line, crc)?;
            offset += line.len() + 1;
        }
        Ok(())
    }

    fn fold_line(&mut self, path: &Path, offset: usize, line: &[u8], crc: &str) -> Result<(), Failure> {
        let parsed = Line::parse(line).map_err(|cause| damaged(path, offset, &cause))?;
        let is_opening = matches!(parsed.record, Record::Snapshot { .. });
        if is_opening != (offset == 0) {
            return Err(damaged(
                path,
                offset,
                "a month opens with a snapshot and has no other: lines are missing or mixed",
            ));
        }
        if offset > 0 && (parsed.prev != self.last_crc || parsed.seq != self.next_seq) {
            return Err(damaged(path, offset, "it does not follow the line before it: a line was removed or edited"));
        }
        let folded = self.state.apply(&parsed.stamp(), &parsed.record);
        folded.map_err(|error| damaged(path, offset, &error.to_string()))?;
        self.next_seq = parsed.seq + 1;
        crc.clone_into(&mut self.last_crc);
        Ok(())
    }

    fn path_of(&self, month: &str) -> PathBuf {
        self.dir.join(month::file_name(month))
    }
}

fn damaged(path: &Path, offset: usize, cause: &str) -> Failure {
    unreadable(path, &format!("the line at byte {offset} can't be believed: {cause}"))
}

fn unreadable(path: &Path, cause: &str) -> Failure {
    Failure::new(Exit::StateUnreadable, Reason::StateUnreadable, format!("the order journal {} can't be read", path.display()))
        .because(cause)
        .next("nothing was traded and the file was left as it is; compare it with your orders at KIS, then restore it or move it away")
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::StateUnwritable, Reason::StateUnwritable, format!("{} can't be written", path.display()))
        .because(error)
        .next("free space or mend the permissions of the state directory; no further order was sent")
}

#[cfg(test)]
mod tests;
