//! One line of the journal: its envelope, its checksum, and how it is read back.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::decide::fold::Stamp;
use crate::domain::record::Record;

const VERSION: u32 = 1;
/// Length of `,"crc":"01234567"}`.
const CRC_TAIL: usize = 18;

/// Where a line stands: its number, the checksum before it, and the run that writes it.
pub struct Place<'a> {
    /// One more than the line before.
    pub seq: u64,
    /// Checksum of the line before.
    pub prev: &'a str,
    /// The run.
    pub run: &'a str,
}

/// A line read back.
pub struct Line {
    /// Its number.
    pub seq: u64,
    /// Checksum of the line before it.
    pub prev: String,
    /// When it was written.
    pub stamp: Stamp,
    /// What it says.
    pub record: Record,
}

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

#[derive(Deserialize)]
struct LineIn {
    seq: u64,
    prev: String,
    at: DateTime<Utc>,
    boot: String,
    up_ms: u64,
    #[serde(flatten)]
    record: Record,
}

/// Only the version: it is looked at before anything else of the line is understood.
#[derive(Deserialize)]
struct VersionOnly {
    v: u32,
}

/// Writes a line with its newline, and gives its checksum.
///
/// # Errors
/// When the record can't be written as JSON.
pub fn format(place: &Place<'_>, stamp: &Stamp, record: &Record) -> Result<(String, String), serde_json::Error> {
    let line = LineOut {
        v: VERSION,
        seq: place.seq,
        prev: place.prev,
        at: stamp.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        boot: &stamp.boot,
        up_ms: stamp.up_ms,
        run: place.run,
        record,
    };
    let mut text = serde_json::to_string(&line)?;
    text.pop();
    let crc = format!("{:08x}", crc32fast::hash(text.as_bytes()));
    text.push_str(&format!(",\"crc\":\"{crc}\"}}\n"));
    Ok((text, crc))
}

/// Understands a line whose checksum fits.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn parse(line: &[u8]) -> Result<Line, String> {
    let version: VersionOnly = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if version.v != VERSION {
        return Err(format!("it has version {}, this program reads version {VERSION}", version.v));
    }
    let parsed: LineIn = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let stamp = Stamp { at: parsed.at, boot: parsed.boot, up_ms: parsed.up_ms };
    Ok(Line { seq: parsed.seq, prev: parsed.prev, stamp, record: parsed.record })
}

/// The line's checksum when it fits its bytes.
pub fn checked_crc(line: &[u8]) -> Option<&str> {
    let body = line.len().checked_sub(CRC_TAIL)?;
    let crc = std::str::from_utf8(line[body..].strip_prefix(b",\"crc\":\"")?.strip_suffix(b"\"}")?).ok()?;
    (crc == format!("{:08x}", crc32fast::hash(&line[..body]))).then_some(crc)
}

/// Reports whether bytes that are no line can be what a crash left of one. It leaves the beginning of one line, at most
/// all but its newline: a whole line with something behind it was damaged otherwise, and must not be cut off.
pub fn can_be_torn(bytes: &[u8]) -> bool {
    let ends = (1..bytes.len()).filter(|end| bytes[..*end].ends_with(b"\"}"));
    ends.map(|end| &bytes[..end]).all(|beginning| checked_crc(beginning).is_none())
}
