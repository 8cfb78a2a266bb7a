//! A line's place in the chain, and whether it is a snapshot. Found by position, without parsing JSON; a line of another shape
//! is parsed.

use serde::Deserialize;

use super::line::{CRC_TAIL, SNAPSHOT, VERSION, parse_crc};

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

/// The version, which is checked before the rest is parsed.
#[derive(Deserialize)]
struct VersionOnly {
    v: u32,
}

/// The same as [`Head`], as JSON.
#[derive(Deserialize)]
struct HeadJson {
    seq: u64,
    prev: String,
    kind: String,
}

impl Head {
    /// Reads the head of a line whose checksum fits.
    pub(super) fn read(line: &[u8]) -> Result<Head, String> {
        Head::find(line).map_or_else(|| Head::parse(line), Ok)
    }

    /// Finds the keys by position; `kind` only in a line that ends like a snapshot.
    fn find(line: &[u8]) -> Option<Head> {
        let (seq, prev, _) = find_place(line)?;
        let is_snapshot = ends_with_brace(line) && Middle::find(line)?.kind == SNAPSHOT.as_bytes();
        Some(Head { seq, prev: parse_crc(prev), is_snapshot })
    }

    fn parse(line: &[u8]) -> Result<Head, String> {
        let version: VersionOnly = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        if version.v != VERSION {
            return Err(format!("it has version {}, this program reads version {VERSION}", version.v));
        }
        let head: HeadJson = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        Ok(Head { seq: head.seq, prev: parse_crc(head.prev.as_bytes()), is_snapshot: head.kind == SNAPSHOT })
    }
}

/// Reports whether the last value before the checksum is an object, as the state of a snapshot is.
fn ends_with_brace(line: &[u8]) -> bool {
    line.len().checked_sub(CRC_TAIL + 1).is_some_and(|place| line[place] == b'}')
}

/// Number and `prev` of a line, and what follows them from inside its `at`.
fn find_place(line: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let rest = line.strip_prefix(b"{\"v\":1,\"seq\":")?;
    let (seq, rest) = number(rest)?;
    let (prev, rest) = rest.strip_prefix(b",\"prev\":\"")?.split_at_checked(8)?;
    Some((seq, prev, rest.strip_prefix(b"\",\"at\":\"")?))
}

/// When a line was written, and its `kind`.
pub(super) struct Middle<'a> {
    pub(super) at: &'a [u8],
    pub(super) boot: &'a [u8],
    pub(super) up_ms: u64,
    pub(super) kind: &'a [u8],
}

impl Middle<'_> {
    /// Finds it; `None` when the line is of another shape than this program writes.
    pub(super) fn find(line: &[u8]) -> Option<Middle<'_>> {
        let (_, _, rest) = find_place(line)?;
        let (at, rest) = text(rest)?;
        let (boot, rest) = text(rest.strip_prefix(b",\"boot\":\"")?)?;
        let (up_ms, rest) = number(rest.strip_prefix(b",\"up_ms\":")?)?;
        let (_, rest) = text(rest.strip_prefix(b",\"run\":\"")?)?;
        let (kind, _) = text(rest.strip_prefix(b",\"kind\":\"")?)?;
        Some(Middle { at, boot, up_ms, kind })
    }
}

/// A whole number as JSON writes it, and what follows it.
fn number(line: &[u8]) -> Option<(u64, &[u8])> {
    let mut value: u64 = 0;
    let mut length = 0;
    while let Some(digit) = line.get(length).filter(|byte| byte.is_ascii_digit()) {
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        length += 1;
    }
    let is_json = length == 1 || (length > 1 && line[0] != b'0');
    is_json.then(|| (value, &line[length..]))
}

/// The rest of a string that needs no escapes, and what follows its quote.
fn text(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = line.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    let (value, rest) = line.split_at(length);
    Some((value, rest.strip_prefix(b"\"")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"v":1,"seq":412,"prev":"9f3c01aa","at":"2027-03-09T14:30:02.118Z","boot":"a6d1e444","up_ms":8,"run":"7K2Q","kind":"unseen","list":{},"crc":"01234567"}"#;

    #[test]
    fn a_head_is_found_without_json() {
        let head = Head { seq: 412, prev: Some(0x9f3c_01aa), is_snapshot: false };
        assert_eq!(Head::find(LINE.as_bytes()), Some(head));
        let snapshot = LINE.replace("\"unseen\"", "\"snapshot\"");
        assert!(Head::find(snapshot.as_bytes()).unwrap().is_snapshot);
    }

    #[test]
    fn another_shape_is_read_as_json_and_says_the_same() {
        for (from, to) in [
            ("{\"v\":1,", "{ \"v\": 1, "),
            ("\"v\":1,\"seq\":412,", "\"seq\":412,\"v\":1,"),
            ("\"7K2Q\"", "\"7\\u004b2Q\""),
            ("\"up_ms\":8", "\"up_ms\":8.5"),
            (",\"up_ms\":8", ""),
        ] {
            let line = LINE.replacen(from, to, 1);
            assert_eq!(Head::find(line.as_bytes()), None, "{line}");
            assert_eq!(Head::read(line.as_bytes()).unwrap(), Head::read(LINE.as_bytes()).unwrap(), "{line}");
        }
    }

    #[test]
    fn what_has_no_place_in_a_chain_is_told() {
        for (from, to, word) in [
            ("\"v\":1", "\"v\":2", "version 2"),
            ("\"v\":1,", "", "missing field `v`"),
            ("412", "0412", "invalid number"),
            ("412", "+412", "expected value"),
            ("412", "-412", "invalid value"),
            ("412", "18446744073709551616", "invalid"),
            ("\"v\":1,", "\"v\":1,\"v\":1,", "duplicate field"),
            ("kind", "kin", "missing field `kind`"),
        ] {
            let line = LINE.replacen(from, to, 1);
            let told = Head::read(line.as_bytes()).unwrap_err();
            assert!(told.contains(word), "{line}: {told}");
        }
        for prev in ["9F3C01AA", "+f3c01aa", " f3c01aa", "9f3c01a", "9f3c01aaa", ""] {
            assert_eq!(Head::read(LINE.replace("9f3c01aa", prev).as_bytes()).unwrap().prev, None, "{prev}");
        }
    }
}
