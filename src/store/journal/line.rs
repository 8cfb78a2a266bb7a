//! One line of the journal: its envelope, its checksum, and the cuts that a crash can leave.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::decide::fold::JournalState;
use crate::domain::{Record, Stamp};
use crate::language::Sentence;
use crate::store::journal::words;
use crate::store::read::json_cause;

const VERSION: u32 = 1;
/// Length of `,"crc":"01234567"}`.
const CRC_TAIL: usize = 18;

/// The `kind` of a snapshot.
const SNAPSHOT: &str = "snapshot";

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
    content: LineContent<'a>,
}

/// What a line says, as it is written.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum LineContent<'a> {
    /// Something that happened.
    Record(&'a Record),
    /// The fold of everything before.
    Snapshot { kind: &'static str, state: &'a JournalState },
}

impl LineContent<'_> {
    /// A snapshot of this state.
    pub(super) fn snapshot(state: &JournalState) -> LineContent<'_> {
        LineContent::Snapshot { kind: SNAPSHOT, state }
    }
}

/// A line's place in the chain.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Grows by one from line to line.
    pub(super) seq: u64,
    /// Checksum of the line before; `None` when it is not written as one.
    pub(super) prev: Option<u32>,
    /// True when it holds the whole state instead of something that happened.
    pub(super) is_snapshot: bool,
}

/// Reads the head of a line whose checksum fits. In the shape that this program writes it is found by position, which is
/// many times faster.
pub(super) fn read_head(line: &[u8]) -> Result<Head, Sentence> {
    find_head(line).map_or_else(|| parse_head(line), Ok)
}

fn find_head(line: &[u8]) -> Option<Head> {
    const KIND: &[u8] = b"\"kind\":\"";
    // A snapshot's last value is an object. Few other lines are searched for their kind.
    let ends_with_object = line.get(..line.len().checked_sub(CRC_TAIL)?)?.ends_with(b"}");
    let (seq, prev, rest) = find_place(line)?;
    let kind = || rest.windows(KIND.len()).position(|key| key == KIND).map(|at| &rest[at + KIND.len()..]);
    let is_snapshot = ends_with_object && kind()?.starts_with(b"snapshot\"");
    Some(Head { seq: parse(seq).ok()?, prev: parse_crc(prev), is_snapshot })
}

/// A line's number, the checksum of the line before, and what follows them.
fn find_place(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let line = line.strip_prefix(b"{\"v\":1,\"seq\":")?;
    let (seq, rest) = line.split_at(line.iter().position(|byte| *byte == b',')?);
    let (prev, rest) = rest.strip_prefix(b",\"prev\":\"")?.split_at_checked(8)?;
    Some((seq, prev, rest.strip_prefix(b"\"")?))
}

/// Parses a head; the version is checked before the rest.
fn parse_head(line: &[u8]) -> Result<Head, Sentence> {
    #[derive(Deserialize)]
    struct VersionOnly {
        v: u32,
    }
    #[derive(Deserialize)]
    struct HeadJson {
        seq: u64,
        prev: String,
        kind: String,
    }
    let VersionOnly { v } = parse(line)?;
    if v != VERSION {
        return Err(words::of_another_version(v, VERSION));
    }
    let HeadJson { seq, prev, kind } = parse(line)?;
    Ok(Head { seq, prev: parse_crc(prev.as_bytes()), is_snapshot: kind == SNAPSHOT })
}

/// Parses the record of a line that the chain has accepted, and its time. As for the head, the shape that this program writes
/// is read faster.
pub(super) fn parse_record(line: &[u8]) -> Result<(Stamp, Record), Sentence> {
    match find_stamp(line) {
        Some((stamp, record)) => Ok((stamp, parse(&[b"{", record].concat())?)),
        None => Ok((parse(line)?, parse(line)?)),
    }
}

/// A line's time, and its record but for the opening brace.
fn find_stamp(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let (.., rest) = find_place(line)?;
    let (at, rest) = split_text(rest.strip_prefix(b",\"at\":\"")?)?;
    let (boot, rest) = split_text(rest.strip_prefix(b",\"boot\":\"")?)?;
    let rest = rest.strip_prefix(b",\"up_ms\":")?;
    let (up_ms, rest) = rest.split_at(rest.iter().position(|byte| *byte == b',')?);
    let (_, rest) = split_text(rest.strip_prefix(b",\"run\":\"")?)?;
    let stamp = Stamp { at: at.parse().ok()?, boot: boot.to_owned(), up_ms: parse(up_ms).ok()? };
    Some((stamp, rest.strip_prefix(b",")?))
}

/// The text up to its closing quote, if it says what it means without an escape, and what follows.
fn split_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (text, rest) = bytes.split_at(bytes.iter().position(|byte| *byte == b'"')?);
    let text = str::from_utf8(text).ok().filter(|text| !text.contains('\\'))?;
    Some((text, &rest[1..]))
}

/// Parses the state of a snapshot.
pub(super) fn parse_snapshot(line: &[u8]) -> Result<JournalState, Sentence> {
    #[derive(Deserialize)]
    struct SnapshotLine {
        at: DateTime<Utc>,
        state: JournalState,
    }
    let line: SnapshotLine = parse(line)?;
    Ok(line.state.restored(line.at))
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, Sentence> {
    serde_json::from_slice(line).map_err(|error| json_cause(&error))
}

/// Makes the whole line with its final newline, and its checksum; `prev` is that of the line before.
pub(super) fn format(
    seq: u64,
    prev: u32,
    stamp: &Stamp,
    run: &str,
    content: LineContent<'_>,
) -> serde_json::Result<(String, u32)> {
    let line = LineOut {
        v: VERSION,
        seq,
        prev: &format!("{prev:08x}"),
        at: stamp.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        boot: &stamp.boot,
        up_ms: stamp.up_ms,
        run,
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

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"v":1,"seq":412,"prev":"9f3c01aa","at":"2027-03-09T14:30:02.118Z","boot":"a6d1e444","up_ms":8,"run":"7K2Q","kind":"unseen","list":{},"crc":"01234567"}"#;

    #[test]
    fn the_order_of_keys_and_their_spelling_do_not_matter() {
        let head = Head { seq: 412, prev: Some(0x9f3c_01aa), is_snapshot: false };
        for (from, to) in [
            ("", ""),
            ("{\"v\":1,", "{ \"v\": 1, "),
            ("\"v\":1,\"seq\":412,", "\"seq\":412,\"v\":1,"),
            ("\"unseen\"", "\"\\u0075nseen\""),
        ] {
            assert_eq!(read_head(LINE.replacen(from, to, 1).as_bytes()).unwrap(), head, "{to}");
        }
        let snapshot = LINE.replace("\"unseen\"", "\"snapshot\"");
        assert!(read_head(snapshot.as_bytes()).unwrap().is_snapshot);
    }

    #[test]
    fn a_record_is_the_same_however_its_line_is_spelled() {
        let line = LINE.replace(
            "\"list\":{}",
            r#""intent":"20270309-0001","list":{"at":"2027-03-09T14:30:00Z","complete":true,"rows":3}"#,
        );
        let read = parse_record(line.as_bytes()).unwrap();
        assert!(find_stamp(line.as_bytes()).is_some());
        assert_eq!((read.0.boot.as_str(), read.0.up_ms), ("a6d1e444", 8));
        for (from, to) in [
            ("{\"v\":1,", "{ \"v\":1,"),
            ("\"boot\":\"a6d1e444\",\"up_ms\":8", "\"up_ms\":8,\"boot\":\"a6d1e444\""),
            ("\"a6d1e444\"", "\"\\u00616d1e444\""),
            (",\"run\":\"7K2Q\"", ""),
        ] {
            let other = line.replacen(from, to, 1);
            assert!(find_stamp(other.as_bytes()).is_none(), "{to}");
            assert_eq!(parse_record(other.as_bytes()).unwrap(), read, "{to}");
        }
    }

    #[test]
    fn what_has_no_place_in_a_chain_is_told() {
        for (from, to, word) in [
            ("\"v\":1", "\"v\":2", "version 2"),
            ("\"v\":1,", "", "missing field `v`"),
            ("412", "0412", "invalid number"),
            ("412", "+412", "expected value"),
            ("412", "-412", "is not what the program writes"),
            ("412", "18446744073709551616", "is not what the program writes"),
            ("\"v\":1,", "\"v\":1,\"v\":1,", "duplicate field"),
            ("kind", "kin", "missing field `kind`"),
        ] {
            let line = LINE.replacen(from, to, 1);
            let told = read_head(line.as_bytes()).unwrap_err();
            assert!(told.contains(word), "{line}: {told}");
        }
        for prev in ["9F3C01AA", "+f3c01aa", " f3c01aa", "9f3c01a", "9f3c01aaa", ""] {
            assert_eq!(read_head(LINE.replace("9f3c01aa", prev).as_bytes()).unwrap().prev, None, "{prev}");
        }
    }
}
