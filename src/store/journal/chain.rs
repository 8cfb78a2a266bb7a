//! Reads a month's file and checks every line's checksum, number and `prev`. Only the lines from the last snapshot on are
//! kept: what is parsed as records and held in memory does not grow with the month.

use std::io::{BufRead, Read};
use std::path::Path;

use super::failure::damaged;
use super::line::{self, read_head};
use super::words;
use crate::exit::Failure;
use crate::language::Sentence;

pub(super) const CHUNK_BYTES: u64 = 128 << 10;
/// Room for lines before the first is read.
const ROOM_BYTES: usize = 8 << 10;

/// What a month's file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    /// Whole lines, each with its newline: the last snapshot and everything after it.
    pub(super) lines: Vec<u8>,
    /// Where these lines begin in the file.
    pub(super) offset: u64,
    /// Number of the next line.
    pub(super) next_seq: u64,
    /// Checksum of the last line.
    pub(super) last_crc: u32,
    /// A last line that a crash cut short.
    pub(super) torn: Option<Vec<u8>>,
}

impl Chain {
    /// Reads a month's file to its end.
    ///
    /// # Errors
    /// 65, about the first line that does not fit its checksum or the line before it.
    pub(super) fn read(path: &Path, reader: impl Read) -> Result<Chain, Failure> {
        Chain::read_each(path, reader, |_, _| Ok(()))
    }

    /// The same, and hands `take` each whole line, once it is known to fit, and whether it is a snapshot.
    ///
    /// # Errors
    /// 65, also about the first line that `take` does not take.
    pub(super) fn read_each(
        path: &Path,
        reader: impl Read,
        take: impl FnMut(&[u8], bool) -> Result<(), Sentence>,
    ) -> Result<Chain, Failure> {
        // Most journals are smaller than that; what is larger grows by itself.
        let chain = Chain { lines: Vec::with_capacity(ROOM_BYTES), ..Chain::default() };
        let mut reading = Reading { path, reader, take, chain, snapshot: 0, checked: 0, has_ended: false };
        while reading.take_line()? {}
        let Reading { mut chain, snapshot, checked, .. } = reading;
        if checked == 0 {
            return Err(damaged(path, 0, &words::no_opening_line()));
        }
        chain.lines.truncate(checked);
        chain.drop_first(snapshot);
        Ok(chain)
    }

    /// Where the good lines end in the file.
    pub(super) fn end(&self) -> u64 {
        self.offset + length(&self.lines)
    }

    fn drop_first(&mut self, count: usize) {
        self.offset += length(&self.lines[..count]);
        self.lines.drain(..count);
    }
}

/// A file being read. Its lines are checked where they were read to, and those before a snapshot dropped from there, never
/// copied.
struct Reading<'a, R, T> {
    path: &'a Path,
    reader: R,
    take: T,
    /// Its `lines` hold the checked ones and what was read ahead.
    chain: Chain,
    /// Where the last snapshot begins among the lines.
    snapshot: usize,
    /// Where the checked lines end.
    checked: usize,
    /// The file ended here once. What another run appends meanwhile is not read: it may be repairing the end.
    has_ended: bool,
}

impl<R: Read, T: FnMut(&[u8], bool) -> Result<(), Sentence>> Reading<'_, R, T> {
    /// Takes one more line; false when there is none, or only the torn beginning of one.
    fn take_line(&mut self) -> Result<bool, Failure> {
        let length = self.find_line()?;
        let (start, end) = (self.checked, self.checked + length);
        let bytes = &self.chain.lines[start..end];
        if bytes.is_empty() {
            return Ok(false);
        }
        let Some((line, crc)) = bytes.strip_suffix(b"\n").and_then(|line| Some((line, line::checked_crc(line)?)))
        else {
            return self.tear(length);
        };
        let head = read_head(line).map_err(|cause| self.bad(&cause))?;
        if start == 0 {
            if !head.is_snapshot {
                return Err(self.bad(&words::opens_without_snapshot()));
            }
        } else if head.prev != Some(self.chain.last_crc) || head.seq != self.chain.next_seq {
            return Err(self.bad(&words::out_of_chain()));
        }
        let taken = (self.take)(bytes, head.is_snapshot);
        taken.map_err(|cause| self.bad(&cause))?;
        self.chain.next_seq = head.seq.checked_add(1).ok_or_else(|| self.bad(&words::last_number()))?;
        self.chain.last_crc = crc;
        if head.is_snapshot {
            self.snapshot = start;
        }
        self.checked = end;
        Ok(true)
    }

    /// Sets the next line aside when a crash can have left it: then it is the last.
    fn tear(&mut self, length: usize) -> Result<bool, Failure> {
        // A line without its end is the last one, even when a run that is writing it has gone on meanwhile.
        let is_whole = self.chain.lines[self.checked..][..length].ends_with(b"\n");
        let is_last = !is_whole || (self.checked + length == self.chain.lines.len() && self.read_more()? == 0);
        // A month is made whole before it gets its name: a crash can't tear its opening line.
        if is_last && self.checked > 0 && line::can_be_torn(&self.chain.lines[self.checked..]) {
            self.chain.torn = Some(self.chain.lines.split_off(self.checked));
            return Ok(false);
        }
        Err(self.bad(&words::checksum_wrong()))
    }

    /// The length of the next line with its newline, or of what is left when the file ends before one.
    fn find_line(&mut self) -> Result<usize, Failure> {
        let mut searched = 0;
        loop {
            let mut rest = &self.chain.lines[self.checked + searched..];
            let skipped = rest.skip_until(b'\n').map_err(|error| self.bad(&error.into()))?;
            searched += skipped;
            if skipped > 0 && self.chain.lines[..self.checked + searched].ends_with(b"\n") {
                return Ok(searched);
            }
            if self.read_more()? == 0 {
                return Ok(searched);
            }
        }
    }

    /// Reads some bytes ahead, none at the end of the file. What stands before the last snapshot is dropped.
    fn read_more(&mut self) -> Result<usize, Failure> {
        let dropped = std::mem::take(&mut self.snapshot);
        self.chain.drop_first(dropped);
        self.checked -= dropped;
        if self.has_ended {
            return Ok(0);
        }
        let read = (&mut self.reader).take(CHUNK_BYTES).read_to_end(&mut self.chain.lines);
        let read = read.map_err(|error| self.bad(&error.into()))?;
        self.has_ended = u64::try_from(read).is_ok_and(|read| read < CHUNK_BYTES);
        Ok(read)
    }

    /// About the first line that is not checked yet.
    fn bad(&self, cause: &Sentence) -> Failure {
        damaged(self.path, self.chain.offset + length(&self.chain.lines[..self.checked]), cause)
    }
}

/// The length of some bytes as files count it.
pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
