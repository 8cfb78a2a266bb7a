//! One line of the journal: its envelope, its checksum, and the cuts that a crash can leave.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::decide::fold::Stamp;
use crate::domain::record::Record;

const VERSION: u32 = 1;
/// Length of `,"crc":"01234567"}`.
const CRC_TAIL: usize = 18;

/// A line with its envelope, as it is written.
#[derive(Serialize)]
struct LineOut<'a> {
    v: u32,
    seq: u64,
    prev: &'a str,
    at: String,
    boot: &'a str,
    up_ms: u64,
    run: &'a str,
    #[serde(flatten)]
    record: &'a Record,
}

/// A line with its envelope, as it is read.
#[derive(Deserialize)]
pub(super) struct Line {
    /// Grows by one from line to line.
    pub(super) seq: u64,
    /// Checksum of the line before.
    pub(super) prev: String,
    at: DateTime<Utc>,
    boot: String,
    up_ms: u64,
    /// What it says.
    #[serde(flatten)]
    pub(super) record: Record,
}

/// Only the version: it is looked at before anything else of the line is understood.
#[derive(Deserialize)]
struct VersionOnly {
    v: u32,
}

impl Line {
    /// Reads a line whose checksum fits.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(super) fn parse(line: &[u8]) -> Result<Line, String> {
        let version: VersionOnly = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        if version.v != VERSION {
            return Err(format!("it has version {}, this program reads version {VERSION}", version.v));
        }
        serde_json::from_slice(line).map_err(|error| error.to_string())
    }

    /// When it was written.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp { at: self.at, boot: self.boot.clone(), up_ms: self.up_ms }
    }
}

/// What a line is made of besides its record.
pub(super) struct Envelope<'a> {
    /// Grows by one from line to line.
    pub(super) seq: u64,
    /// Checksum of the line before.
    pub(super) prev: &'a str,
    /// When it is written.
    pub(super) stamp: &'a Stamp,
    /// The run that writes it.
    pub(super) run: &'a str,
}

/// Makes the whole line with its final newline, and its checksum.
///
/// # Errors
/// When the record can't be written as JSON.
pub(super) fn format(envelope: &Envelope<'_>, record: &Record) -> serde_json::Result<(String, String)> {
    let line = LineOut {
        v: VERSION,
        seq: envelope.seq,
        prev: envelope.prev,
        at: envelope.stamp.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        boot: &envelope.stamp.boot,
        up_ms: envelope.stamp.up_ms,
        run: envelope.run,
        record,
    };
    let mut text = serde_json::to_string(&line)?;
    text.pop();
    let crc = format!("{:08x}", crc32fast::hash(text.as_bytes()));
    text.push_str(&format!(",\"crc\":\"{crc}\"}}\n"));
    Ok((text, crc))
}

/// The line's checksum when it fits its bytes.
pub(super) fn checked_crc(line: &[u8]) -> Option<&str> {
    let body = line.len().checked_sub(CRC_TAIL)?;
    let crc = std::str::from_utf8(line[body..].strip_prefix(b",\"crc\":\"")?.strip_suffix(b"\"}")?).ok()?;
    (crc == format!("{:08x}", crc32fast::hash(&line[..body]))).then_some(crc)
}

/// Reports whether bytes that are no line can be what a crash left of one. It leaves the beginning of one line, at most
/// all but its newline: a whole line with something behind it was damaged otherwise, and must not be cut off.
pub(super) fn can_be_torn(bytes: &[u8]) -> bool {
    let ends = (1..bytes.len()).filter(|end| bytes[..*end].ends_with(b"\"}"));
    ends.map(|end| &bytes[..end]).all(|beginning| checked_crc(beginning).is_none())
}
