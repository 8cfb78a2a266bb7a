//! One line of the journal: its envelope, its checksum, and the cuts that a crash can leave.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::head::Middle;
use crate::decide::fold::JournalState;
use crate::domain::{Record, Stamp};

pub(super) const VERSION: u32 = 1;
/// Length of `,"crc":"01234567"}`.
pub(super) const CRC_TAIL: usize = 18;

/// The `kind` of a snapshot.
pub(super) const SNAPSHOT: &str = "snapshot";

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
    content: Content<'a>,
}

/// What a line says, as it is written.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    /// Something that happened.
    Record(&'a Record),
    /// The fold of everything before.
    Snapshot { kind: &'static str, state: &'a JournalState },
}

impl Content<'_> {
    /// A snapshot of this state.
    pub(super) fn snapshot(state: &JournalState) -> Content<'_> {
        Content::Snapshot { kind: SNAPSHOT, state }
    }
}

/// Parses the record of a line that the chain has accepted, and its time.
pub(super) fn parse_record(line: &[u8]) -> Result<(Stamp, Record), String> {
    let Some(middle) = Middle::find(line) else { return Ok((parse(line)?, parse(line)?)) };
    let text = |bytes| std::str::from_utf8(bytes).map_err(|error| error.to_string());
    let at = text(middle.at)?.parse::<DateTime<Utc>>().map_err(|error| format!("its time is none: {error}"))?;
    let stamp = Stamp { at, boot: text(middle.boot)?.to_owned(), up_ms: middle.up_ms };
    // Serde buffers the whole line for a tagged enum; the most frequent kinds avoid that.
    let record = match middle.kind {
        b"intent" => Record::Intent(parse(line)?),
        b"outcome" => Record::Outcome(parse(line)?),
        b"observed" => Record::Observed(parse(line)?),
        _ => parse(line)?,
    };
    Ok((stamp, record))
}

/// Parses the state of a snapshot.
pub(super) fn parse_snapshot(line: &[u8]) -> Result<JournalState, String> {
    #[derive(Deserialize)]
    struct SnapshotLine {
        at: DateTime<Utc>,
        state: JournalState,
    }
    let line: SnapshotLine = parse(line)?;
    Ok(line.state.restored(line.at))
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| error.to_string())
}

/// A line's fields besides its record.
pub(super) struct Envelope<'a> {
    /// Grows by one from line to line.
    pub(super) seq: u64,
    /// Checksum of the line before.
    pub(super) prev: u32,
    /// When it is written.
    pub(super) stamp: &'a Stamp,
    /// The run that writes it.
    pub(super) run: &'a str,
}

/// Makes the whole line with its final newline, and its checksum.
pub(super) fn format(envelope: &Envelope<'_>, content: Content<'_>) -> serde_json::Result<(String, u32)> {
    let line = LineOut {
        v: VERSION,
        seq: envelope.seq,
        prev: &format!("{:08x}", envelope.prev),
        at: envelope.stamp.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        boot: &envelope.stamp.boot,
        up_ms: envelope.stamp.up_ms,
        run: envelope.run,
        content,
    };
    let mut text = serde_json::to_string(&line)?;
    text.pop();
    let crc = crc32fast::hash(text.as_bytes());
    text.push_str(&format!(",\"crc\":\"{crc:08x}\"}}\n"));
    Ok((text, crc))
}

/// The line's checksum when it fits its bytes.
pub(super) fn checked_crc(line: &[u8]) -> Option<u32> {
    let body = line.len().checked_sub(CRC_TAIL)?;
    let crc = parse_crc(line[body..].strip_prefix(b",\"crc\":\"")?.strip_suffix(b"\"}")?)?;
    (crc == crc32fast::hash(&line[..body])).then_some(crc)
}

/// Reads a checksum as the program writes it: eight lower-case hex digits.
pub(super) fn parse_crc(text: &[u8]) -> Option<u32> {
    if text.len() != 8 {
        return None;
    }
    text.iter().try_fold(0, |value: u32, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        Some(value << 4 | u32::from(digit))
    })
}

/// Reports whether a crash can have left these bytes: the beginning of one line, at most all but its newline. A whole line
/// with something behind it was damaged in another way and must not be cut off.
pub(super) fn can_be_torn(bytes: &[u8]) -> bool {
    let ends = (1..bytes.len()).filter(|end| bytes[..*end].ends_with(b"\"}"));
    ends.map(|end| &bytes[..end]).all(|beginning| checked_crc(beginning).is_none())
}
