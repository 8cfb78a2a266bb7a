//! Head and tail of `trades.csv`: whether rows can be added to it, whatever a person's spreadsheet made of it.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::{HEADER, words};
use crate::language::Sentence;
use crate::store::read::{self, Oddity, OpenStateFile, open_state_file};
use crate::store::words::Subject;

/// So much of each end is looked at.
const END_BYTES: u64 = 4 << 10;
/// So much of the end is searched for rows that a killed run may have written.
const TAIL_BYTES: u64 = 64 << 10;

/// A file that takes rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sheet {
    /// Its bytes.
    pub(super) length: u64,
    /// True when its last line lacks its end.
    is_cut: bool,
}

impl Sheet {
    /// The rows with what has to stand before them.
    pub(super) fn led_in(&self, rows: &str) -> String {
        let lead = match (self.length, self.is_cut) {
            (0, _) => HEADER,
            (_, true) => "\r\n",
            (_, false) => "",
        };
        format!("{lead}{rows}")
    }
}

/// Why a file takes no rows.
#[derive(Debug)]
pub(super) enum Unfit {
    Odd(Oddity),
    Unwritable(io::Error),
    Unreadable(io::Error),
    NoText,
    Cp949,
    UnknownEncoding,
    Semicolons,
    Tabs,
    OtherColumns,
}

impl Unfit {
    /// What is wrong with a file.
    pub(super) fn words(&self, what: Subject<'_>) -> Sentence {
        match self {
            Unfit::Odd(oddity) => oddity.words(what),
            Unfit::Unwritable(error) => words::unwritable(what, error),
            Unfit::Unreadable(error) => words::unreadable(what, error),
            Unfit::NoText => words::no_text(what),
            Unfit::Cp949 => words::cp949(what),
            Unfit::UnknownEncoding => words::unknown_encoding(what),
            Unfit::Semicolons => words::semicolons(what),
            Unfit::Tabs => words::tabs(what),
            Unfit::OtherColumns => words::other_columns(what),
        }
    }
}

/// Looks at the file; one that is missing or empty takes rows.
pub(super) fn look(path: &Path) -> Result<Sheet, Unfit> {
    let opened = open_state_file(path, u64::MAX).map_err(Unfit::Odd)?;
    let Some(OpenStateFile { mut file, length, .. }) = opened else { return Ok(Sheet::default()) };
    OpenOptions::new().append(true).open(path).map_err(Unfit::Unwritable)?;
    let mut end_from = |from: u64| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        (&file).take(END_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let head = end_from(0).map_err(Unfit::Unreadable)?;
    let tail = end_from(length.saturating_sub(END_BYTES)).map_err(Unfit::Unreadable)?;
    judge_encoding(&head)?;
    let is_cut = length > END_BYTES;
    judge_encoding(if is_cut { from_a_character_on(&tail) } else { &tail })?;
    judge_columns(&head)?;
    Ok(Sheet { length, is_cut: tail.last().is_some_and(|byte| *byte != b'\n') })
}

/// Text of another encoding takes no rows of ours. A character may be cut at the end of the piece.
fn judge_encoding(piece: &[u8]) -> Result<(), Unfit> {
    if piece.starts_with(b"\xff\xfe") || piece.starts_with(b"\xfe\xff") || piece.contains(&0) {
        return Err(Unfit::NoText);
    }
    match std::str::from_utf8(piece) {
        Err(error) if error.error_len().is_some() => {
            Err(if is_cp949(&piece[error.valid_up_to()..]) { Unfit::Cp949 } else { Unfit::UnknownEncoding })
        }
        _ => Ok(()),
    }
}

/// A piece without the rest of a character at its beginning.
fn from_a_character_on(piece: &[u8]) -> &[u8] {
    let from = piece.iter().take(4).position(|byte| byte & 0xc0 != 0x80).unwrap_or_default();
    &piece[from..]
}

/// Reports whether bytes beyond ASCII come in pairs, as Korean Excel writes them.
fn is_cp949(piece: &[u8]) -> bool {
    let mut bytes = piece.iter();
    while let Some(byte) = bytes.next() {
        if byte.is_ascii() {
            continue;
        }
        let ends_pair = bytes.next().is_none_or(|next| next.is_ascii_alphabetic() || *next >= 0x81);
        if !(0x81..0xff).contains(byte) || !ends_pair {
            return false;
        }
    }
    true
}

/// Other columns, or other signs between them, would put our cells into the wrong ones. More columns at the end do no harm.
fn judge_columns(head: &[u8]) -> Result<(), Unfit> {
    let text = String::from_utf8_lossy(head);
    let plain = |text: &str| text.trim_start_matches('\u{feff}').replace('"', "");
    let (first, columns) = (plain(text.lines().next().unwrap_or_default()), plain(HEADER.trim_end()));
    let fits =
        |line: &str| line.strip_prefix(columns.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(','));
    if head.is_empty() || fits(&first) {
        return Ok(());
    }
    Err(match fits(&first.replace(';', ",")) {
        true => Unfit::Semicolons,
        false if fits(&first.replace('\t', ",")) => Unfit::Tabs,
        false => Unfit::OtherColumns,
    })
}

/// Reads `length` bytes from a place on, or as many as there are.
pub(super) fn read_from(path: &Path, from: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut file = match read::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound && from == 0 => return Ok(Vec::new()),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    if file.metadata()?.len() < from {
        return Err(io::Error::other("it is shorter than it was"));
    }
    file.seek(SeekFrom::Start(from))?;
    file.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The end of the file as far as it can be read, without the zero bytes of UTF-16.
pub(super) fn tail(path: &Path) -> String {
    let mut bytes = Vec::new();
    if let Ok(Some(OpenStateFile { mut file, length, .. })) = open_state_file(path, u64::MAX)
        && file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES))).is_ok()
    {
        let _ = file.take(TAIL_BYTES).read_to_end(&mut bytes);
    }
    as_ascii(bytes)
}

/// What is ASCII in a text of whatever encoding.
pub(super) fn as_ascii(mut bytes: Vec<u8>) -> String {
    bytes.retain(|byte| *byte != 0);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheets_ways_are_told_apart() {
        let columns = HEADER.trim_start_matches('\u{feff}');
        let with_note = columns.replace("\r\n", ",메모\r\n") + "2027-03-09,,,,,1,,,,,,,좋음\r\n";
        let quoted = columns.trim_end().split(',').map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",");
        let korean: &[u8] = b"\xb8\xde\xb8\xf0";
        for (text, expected) in [
            (HEADER.as_bytes().to_vec(), Ok(())),
            (columns.as_bytes().to_vec(), Ok(())),
            (with_note.clone().into_bytes(), Ok(())),
            (format!("{quoted}\n").into_bytes(), Ok(())),
            ([columns.as_bytes(), korean, b",1\r\n"].concat(), Err("is CP949 (EUC-KR), not UTF-8")),
            ([columns.as_bytes(), b"caf\xe9 \xff\r\n"].concat(), Err("is in an unknown encoding, not UTF-8")),
            (columns.replace(',', ";").into_bytes(), Err("has semicolons between its columns")),
            (columns.replace(',', "\t").into_bytes(), Err("has tabs between its columns")),
            (columns.replace("symbol", "note,symbol").into_bytes(), Err("has other columns")),
            (b"2027-03-09,AA\r\n".to_vec(), Err("has other columns")),
            (columns.encode_utf16().flat_map(u16::to_le_bytes).collect(), Err("is UTF-16, or no text")),
        ] {
            let judged = judge_encoding(&text).and_then(|()| judge_columns(&text));
            let judged = judged.map_err(|unfit| unfit.words(Subject::It).en);
            assert_eq!(judged, expected.map_err(|words| format!("it {words}")), "{}", String::from_utf8_lossy(&text));
        }
        // Characters cut by the ends of a piece are no other encoding.
        let cut = &with_note.as_bytes()[with_note.len() - 7..with_note.len() - 3];
        assert!(judge_encoding(from_a_character_on(cut)).is_ok());
    }
}
