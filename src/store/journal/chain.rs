//! Reads a month's file and checks every line's checksum, number and `prev`. Only the lines from the last snapshot on are
//! kept: what is parsed as records and held in memory does not grow with the month.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::failure::damaged;
use super::line::{self, read_head};
use crate::exit::Failure;

const CHUNK_BYTES: usize = 128 << 10;

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
        let mut reader = BufReader::with_capacity(CHUNK_BYTES, reader);
        let mut chain = Chain::default();
        while chain.take_line(path, &mut reader)? {}
        if chain.lines.is_empty() {
            return Err(damaged(path, 0, "its opening line is missing"));
        }
        Ok(chain)
    }

    /// Where the good lines end in the file.
    pub(super) fn end(&self) -> u64 {
        self.offset + length(&self.lines)
    }

    /// Takes one more line; false when there is none, or only the torn beginning of one.
    fn take_line(&mut self, path: &Path, reader: &mut impl BufRead) -> Result<bool, Failure> {
        let (start, offset) = (self.lines.len(), self.end());
        let bad = |cause: &str| damaged(path, offset, cause);
        if reader.read_until(b'\n', &mut self.lines).map_err(|error| bad(&error.to_string()))? == 0 {
            return Ok(false);
        }
        let bytes = &self.lines[start..];
        let Some((line, crc)) = bytes.strip_suffix(b"\n").and_then(|line| Some((line, line::checked_crc(line)?)))
        else {
            // A line without its end is the last one, even when a run that is writing it has gone on meanwhile.
            let is_whole = bytes.ends_with(b"\n");
            let is_last = !is_whole || reader.fill_buf().map_err(|error| bad(&error.to_string()))?.is_empty();
            // A month is made whole before it gets its name: a crash can't tear its opening line.
            if is_last && start > 0 && line::can_be_torn(bytes) {
                self.torn = Some(self.lines.split_off(start));
                return Ok(false);
            }
            return Err(bad("its checksum does not fit"));
        };
        let head = read_head(line).map_err(|cause| bad(&cause))?;
        if start == 0 {
            if !head.is_snapshot {
                return Err(bad("a month opens with a snapshot: lines are missing or mixed"));
            }
        } else if head.prev != Some(self.last_crc) || head.seq != self.next_seq {
            return Err(bad("it does not follow the line before it: a line was removed or edited"));
        }
        self.next_seq = head.seq.checked_add(1).ok_or_else(|| bad("no number can follow its number"))?;
        self.last_crc = crc;
        if head.is_snapshot {
            self.lines.drain(..start);
            self.offset = offset;
        }
        Ok(true)
    }
}

/// The length of some bytes as files count it.
pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
