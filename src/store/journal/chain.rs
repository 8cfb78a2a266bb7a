//! Reads a month's file and checks every line's checksum, number and `prev`. Only the lines from the last snapshot on are
//! kept: what is parsed as JSON and held in memory does not grow with the month.

use std::io::{self, ErrorKind, Read};

use super::head::Head;
use super::line;

/// Few reads, and still in the cache when a line's checksum is computed.
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

/// A line that can't be believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    /// Where it begins in the file.
    pub(super) offset: u64,
    /// Why.
    pub(super) cause: String,
}

impl Chain {
    /// Reads a month's file to its end.
    ///
    /// # Errors
    /// The first line that does not fit its checksum or the line before it.
    pub(super) fn read(reader: impl Read) -> Result<Chain, BadLine> {
        let mut reading = Reading { reader, chain: Chain::default(), snapshot: 0, taken: 0 };
        while reading.take_line()? {}
        let Reading { mut chain, snapshot, taken, .. } = reading;
        if taken == 0 {
            return Err(BadLine { offset: 0, cause: "its opening line is missing".to_owned() });
        }
        chain.lines.truncate(taken);
        chain.forget(snapshot);
        Ok(chain)
    }

    /// Where the good lines end in the file.
    pub(super) fn end(&self) -> u64 {
        self.offset + length(&self.lines)
    }

    /// Drops the first bytes.
    fn forget(&mut self, count: usize) {
        self.offset += length(&self.lines[..count]);
        self.lines.drain(..count);
    }
}

/// A file being read. Lines are checked where they were read to, and dropped from there: most are never copied.
struct Reading<R> {
    reader: R,
    /// Its `lines` hold what is kept, what is about to be dropped, and what was read ahead.
    chain: Chain,
    /// Where the last snapshot begins among them.
    snapshot: usize,
    /// Where the last good line ends among them.
    taken: usize,
}

impl<R: Read> Reading<R> {
    /// Takes one more line; false when there is none.
    fn take_line(&mut self) -> Result<bool, BadLine> {
        let end = self.find_end()?;
        let (start, is_whole) = (self.taken, end.is_some());
        let end = end.unwrap_or(self.chain.lines.len());
        if start == end {
            return Ok(false);
        }
        let line = &self.chain.lines[start..end];
        let Some((line, crc)) = line.strip_suffix(b"\n").and_then(|line| Some((line, line::checked_crc(line)?))) else {
            let is_last = !is_whole || (end == self.chain.lines.len() && !self.read_more()?);
            return self.tear(is_last);
        };
        let head = Head::read(line).map_err(|cause| self.bad(cause))?;
        if start == 0 && self.chain.offset == 0 {
            if !head.is_snapshot {
                return Err(self.bad("a month opens with a snapshot: lines are missing or mixed"));
            }
        } else if head.prev != Some(self.chain.last_crc) || head.seq != self.chain.next_seq {
            return Err(self.bad("it does not follow the line before it: a line was removed or edited"));
        }
        self.chain.next_seq = head.seq.checked_add(1).ok_or_else(|| self.bad("no number can follow its number"))?;
        self.chain.last_crc = crc;
        if head.is_snapshot {
            self.snapshot = start;
        }
        self.taken = end;
        Ok(true)
    }

    /// Sets a bad last line aside when a crash can have left it; reading ends there.
    fn tear(&mut self, is_last: bool) -> Result<bool, BadLine> {
        // A month is made whole before it gets its name: a crash can't tear its opening line.
        if is_last && self.taken > 0 && line::can_be_torn(&self.chain.lines[self.taken..]) {
            self.chain.torn = Some(self.chain.lines.split_off(self.taken));
            return Ok(false);
        }
        Err(self.bad("its checksum does not fit"))
    }

    /// Finds the end of the next line, behind its newline; `None` when the file ends before.
    fn find_end(&mut self) -> Result<Option<usize>, BadLine> {
        let mut searched = 0;
        loop {
            let rest = &self.chain.lines[self.taken + searched..];
            if let Some(place) = find_newline(rest) {
                return Ok(Some(self.taken + searched + place + 1));
            }
            searched += rest.len();
            if !self.read_more()? {
                return Ok(None);
            }
        }
    }

    /// Reads more bytes; false at the end of the file. Drops the lines before the last snapshot.
    fn read_more(&mut self) -> Result<bool, BadLine> {
        let dropped = std::mem::take(&mut self.snapshot);
        self.chain.forget(dropped);
        self.taken -= dropped;
        let length = self.chain.lines.len();
        self.chain.lines.resize(length + CHUNK_BYTES, 0);
        let read = read_some(&mut self.reader, &mut self.chain.lines[length..]);
        self.chain.lines.truncate(length + *read.as_ref().unwrap_or(&0));
        read.map(|count| count > 0).map_err(|error| self.bad(error.to_string()))
    }

    /// The line after the last good one can't be believed.
    fn bad(&self, cause: impl Into<String>) -> BadLine {
        BadLine { offset: self.chain.offset + length(&self.chain.lines[..self.taken]), cause: cause.into() }
    }
}

fn read_some(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// The place of the first newline. Whole blocks are scanned first, which vectorizes.
fn find_newline(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 64;
    let has_newline = |block: &[u8]| block.iter().fold(false, |found, byte| found | (*byte == b'\n'));
    let blocks = bytes.chunks(BLOCK).position(has_newline)? * BLOCK;
    let place = bytes[blocks..].iter().position(|byte| *byte == b'\n')?;
    Some(blocks + place)
}

/// The first line with its newline, and what follows it.
pub(super) fn split_line(lines: &[u8]) -> Option<(&[u8], &[u8])> {
    find_newline(lines).map(|place| lines.split_at(place + 1))
}

/// The length of some bytes as files count it.
pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_newline_is_found_anywhere() {
        for length in [0, 1, 63, 64, 65, 127, 128, 200] {
            let mut bytes = vec![b'x'; length];
            assert_eq!(find_newline(&bytes), None);
            for place in (0..length).rev() {
                bytes[place] = b'\n';
                assert_eq!(find_newline(&bytes), Some(place), "{length}");
            }
        }
    }
}
