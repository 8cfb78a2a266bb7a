//! The one way to read a state file: never through a symlink, never blocked by a FIFO, never without a size limit,
//! never another user's.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;
use serde_json::error::Category;

use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::store::foreign::foreign;
use crate::store::words::{self, Subject};

/// The most of a small JSON state file that is read.
const JSON_BYTES_MAX: u64 = 1 << 20;

/// All of a state file.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// True when others could read or write it. Its mode is 0600 now, where the file system allows.
    pub(super) tightened: bool,
}

/// Why a state file was not read.
#[derive(Debug)]
pub(super) enum Oddity {
    Directory,
    /// A file that no program of ours put there.
    NotOurs(Kind),
    TooLarge,
    Io(io::Error),
}

/// What is there instead of a plain file of ours.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Symlink,
    Fifo,
    Device,
    Foreign,
}

impl Oddity {
    /// What is odd about a file.
    pub(super) fn words(&self, what: Subject<'_>) -> Sentence {
        match self {
            Oddity::Directory => words::is_directory(what),
            Oddity::NotOurs(Kind::Symlink) => words::is_symlink(what),
            Oddity::NotOurs(Kind::Fifo) => words::is_fifo(what),
            Oddity::NotOurs(Kind::Device) => words::is_device(what),
            Oddity::NotOurs(Kind::Foreign) => words::is_foreign(what),
            Oddity::TooLarge => words::is_too_large(what),
            Oddity::Io(error) => Sentence::from(error),
        }
    }
}

/// Reads the state file at `path`, at most `bytes_max` of it; `None` when there is none.
pub(super) fn read_state_file(path: &Path, bytes_max: u64) -> Result<Option<Content>, Oddity> {
    let Some(OpenStateFile { file, tightened, length }) = open_state_file(path, bytes_max)? else { return Ok(None) };
    let mut bytes = room_for(length);
    file.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes).map_err(Oddity::Io)?;
    if bytes.len() as u64 > bytes_max { Err(Oddity::TooLarge) } else { Ok(Some(Content { bytes, tightened })) }
}

/// A plain file of ours, open for reading.
#[derive(Debug)]
pub(super) struct OpenStateFile {
    /// The file, at its beginning.
    pub(super) file: File,
    /// As of [`Content`].
    pub(super) tightened: bool,
    pub(super) length: u64,
}

/// Opens the state file at `path`, to be read piece by piece; `None` when there is none. It may grow past `bytes_max` later.
pub(super) fn open_state_file(path: &Path, bytes_max: u64) -> Result<Option<OpenStateFile>, Oddity> {
    let file = match open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(fs::symlink_metadata(path).ok().and_then(|it| oddity(&it)).unwrap_or(Oddity::Io(error)));
        }
        Ok(file) => file,
    };
    let metadata = file.metadata().map_err(Oddity::Io)?;
    if let Some(oddity) = oddity(&metadata) {
        return Err(oddity);
    }
    let tightened = metadata.mode() & 0o077 != 0;
    if tightened {
        let _ = file.set_permissions(Permissions::from_mode(0o600));
    }
    if metadata.len() > bytes_max {
        return Err(Oddity::TooLarge);
    }
    Ok(Some(OpenStateFile { file, tightened, length: metadata.len() }))
}

/// Reads the first bytes of a plain file of ours, at most `bytes_max`; nothing of anything else.
pub(super) fn read_beginning(path: &Path, bytes_max: u64) -> Vec<u8> {
    let Ok(file) = open(path) else { return Vec::new() };
    let length = match file.metadata() {
        Ok(metadata) if oddity(&metadata).is_none() => metadata.len(),
        _ => return Vec::new(),
    };
    let mut bytes = room_for(length.min(bytes_max));
    if file.take(bytes_max).read_to_end(&mut bytes).is_err() {
        bytes.clear();
    }
    bytes
}

/// Room for a file of `length` and a little more, so that one call reads all of it and the next finds its end.
pub(super) fn room_for(length: u64) -> Vec<u8> {
    Vec::with_capacity(usize::try_from(length.saturating_add(32)).unwrap_or_default())
}

/// Opens what is there for reading, without following a symlink or waiting at a FIFO.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

fn oddity(metadata: &fs::Metadata) -> Option<Oddity> {
    let file_type = metadata.file_type();
    if file_type.is_dir() {
        return Some(Oddity::Directory);
    }
    let kind = if file_type.is_symlink() {
        Kind::Symlink
    } else if file_type.is_fifo() {
        Kind::Fifo
    } else if !file_type.is_file() {
        Kind::Device
    } else if metadata.uid() != rustix::process::geteuid().as_raw() {
        Kind::Foreign
    } else {
        return None;
    };
    Some(Oddity::NotOurs(kind))
}

/// Why a versioned JSON file says nothing.
#[derive(Debug)]
pub enum Unreadable {
    /// It is not what the program wrote.
    Damaged(Failure),
    /// A newer program wrote it, or it is no plain file of ours.
    Refused(Failure),
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Failure {
        match unreadable {
            Unreadable::Damaged(failure) | Unreadable::Refused(failure) => failure,
        }
    }
}

/// What a versioned JSON file says.
#[derive(Debug)]
pub struct Versioned<T> {
    /// Its content, without the version.
    pub value: T,
    /// That others could read it, when they could.
    pub warning: Option<Sentence>,
}

/// Reads a small JSON object that carries a `version`; `None` when there is no file.
///
/// # Errors
/// [`Unreadable`]; the file stays as it is.
pub fn load_versioned<T: DeserializeOwned>(path: &Path, version: u64) -> Result<Option<Versioned<T>>, Unreadable> {
    let Some(Content { bytes, tightened }) = read_small(path)? else { return Ok(None) };
    let value = parse_versioned(path, &bytes, version)?;
    Ok(Some(Versioned { value, warning: tightened.then(|| tightened_warning(path)) }))
}

fn read_small(path: &Path) -> Result<Option<Content>, Unreadable> {
    read_state_file(path, JSON_BYTES_MAX).map_err(|oddity| match oddity {
        Oddity::Directory | Oddity::NotOurs(_) => Unreadable::Refused(foreign(path).unwrap_or_else(|| {
            Failure::new(Reason::ConfigInvalid, oddity.words(Subject::At(path))).next(words::look_and_remove())
        })),
        Oddity::TooLarge | Oddity::Io(_) => damaged(path, oddity.words(Subject::It)),
    })
}

/// What a derived file says.
#[derive(Debug, PartialEq, Eq)]
pub struct Derived<T> {
    /// Its content, without the version; `None` when there is no file, or only what a power cut left of it.
    pub value: Option<T>,
    /// That it was torn, for whoever replaces it.
    pub warning: Option<Sentence>,
}

/// Reads a file that [`replace_derived`](super::atomic::replace_derived) writes, as [`load_versioned`] does; but one that is empty
/// or torn, as a power cut may leave it, counts as missing.
///
/// # Errors
/// [`Unreadable`]; the file stays as it is.
pub fn load_derived<T: DeserializeOwned>(path: &Path, version: u64) -> Result<Derived<T>, Unreadable> {
    let Some(Content { bytes, .. }) = read_small(path)? else { return Ok(Derived { value: None, warning: None }) };
    match parse_versioned(path, &bytes, version) {
        Err(Unreadable::Damaged(_)) if is_torn(&bytes) => Ok(Derived { value: None, warning: Some(words::torn(path)) }),
        parsed => parsed.map(|value| Derived { value: Some(value), warning: None }),
    }
}

/// Reports whether a JSON text ends too early: some file systems fill up with zeros what did not reach the disk.
fn is_torn(bytes: &[u8]) -> bool {
    let written = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    serde_json::from_slice::<IgnoredAny>(written).is_err_and(|error| error.is_eof())
}

/// The warning about a file that others could read.
pub fn tightened_warning(path: &Path) -> Sentence {
    words::tightened(path)
}

fn parse_versioned<T: DeserializeOwned>(path: &Path, bytes: &[u8], version: u64) -> Result<T, Unreadable> {
    let parse = || serde_json::from_slice(bytes).map_err(|error| damaged(path, json_cause(&error)));
    if written_version(bytes) == Some(version) {
        return parse();
    }
    #[derive(Deserialize)]
    struct Stated {
        #[serde(default)]
        version: Value,
    }
    // A list would do for a structure as well.
    let is_object = bytes.trim_ascii_start().first() == Some(&b'{');
    let stated: Stated = serde_json::from_slice(bytes).map_err(|error| damaged(path, json_cause(&error)))?;
    match stated.version.as_u64().filter(|_| is_object) {
        Some(stated) if stated > version => Err(Unreadable::Refused(
            Failure::new(Reason::StateUnreadable, words::unreadable(path))
                .because(words::of_newer_version(stated, version))
                .next(words::use_its_program()),
        )),
        Some(stated) if stated == version => parse(),
        _ => Err(damaged(path, words::no_version())),
    }
}

/// The version of a file that begins as this program begins one: found by position, so that the file is parsed once.
fn written_version(bytes: &[u8]) -> Option<u64> {
    let rest = bytes.strip_prefix(b"{\n  \"version\": ")?;
    let digits = rest.split(|byte| matches!(byte, b',' | b'\n')).next()?;
    serde_json::from_slice(digits).ok()
}

/// What is wrong with a JSON text, without a word of the text itself: nobody knows what was put there.
pub(super) fn json_cause(error: &serde_json::Error) -> Sentence {
    let (parser, line, column) = (error.to_string(), error.line(), error.column());
    // Only these name a field, which is one of ours.
    let field_of = |beginning: &str| parser.strip_prefix(beginning)?.split('`').nth(1);
    match error.classify() {
        Category::Eof => words::json_ends_early(&parser, line, column),
        Category::Syntax | Category::Io => words::json_is_wrong(&parser, line, column),
        Category::Data => match (field_of("missing field "), field_of("duplicate field ")) {
            (Some(field), _) => words::json_lacks(&parser, field),
            (_, Some(field)) => words::json_repeats(&parser, field),
            _ => words::json_is_not_ours(line, column),
        },
    }
}

fn damaged(path: &Path, cause: Sentence) -> Unreadable {
    let failure = Failure::new(Reason::StateUnreadable, words::unreadable(path));
    Unreadable::Damaged(failure.because(cause).next(words::look_and_restore()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::net::UnixListener;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;
    use crate::exit::Exit;
    use crate::store::atomic::{self, replace};

    #[test]
    fn reads_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        assert!(read_state_file(&path, 4).unwrap().is_none());
        replace(&path, b"four").unwrap();
        let content = read_state_file(&path, 4).unwrap().unwrap();
        assert_eq!((content.bytes.as_slice(), content.tightened), (b"four".as_slice(), false));
        assert!(matches!(read_state_file(&path, 3), Err(Oddity::TooLarge)));
        assert_eq!(read_beginning(&path, 3), b"fou");
        assert_eq!(read_beginning(folder.path(), 3), b"");
    }

    #[test]
    fn tightens_what_others_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        for mode in [0o644, 0o640, 0o602, 0o777] {
            replace(&path, b"{}").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert!(read_state_file(&path, 10).unwrap().unwrap().tightened, "{mode:o}");
            assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn tells_what_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        replace(&at("target"), b"{}").unwrap();
        std::os::unix::fs::symlink(at("target"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("nowhere"), at("dangling")).unwrap();
        fs::create_dir(at("directory")).unwrap();
        mknodat(CWD, at("fifo"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        for (name, words) in [
            ("link", "it is a symlink"),
            ("dangling", "it is a symlink"),
            ("directory", "it is a directory"),
            ("fifo", "it is a FIFO"),
            ("socket", "it is a socket or device"),
        ] {
            assert_eq!(read_state_file(&at(name), 9).unwrap_err().words(Subject::It), words, "{name}");
        }
        assert!(matches!(read_state_file(&at("target/below"), 9), Err(Oddity::Io(_))));
        // Only root can give a file away.
        if std::os::unix::fs::chown(at("target"), Some(12345), None).is_ok() {
            let oddity = read_state_file(&at("target"), 9).unwrap_err();
            assert_eq!(oddity.words(Subject::It), "it belongs to another user");
        }
    }

    #[test]
    fn tells_damaged_from_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let load = |path: &Path| load_versioned::<BTreeMap<String, Value>>(path, 2);
        assert!(load(&path).unwrap().is_none());
        atomic::replace_versioned(&path, 2, &BTreeMap::from([("key", "value")])).unwrap();
        let versioned = load(&path).unwrap().unwrap();
        assert_eq!((versioned.value["key"].as_str(), versioned.warning), (Some("value"), None));
        for text in ["", "{", "null", "[]", "{}", r#"{"version":"2"}"#, r#"{"version":1}"#, r#"{"version":-1}"#] {
            replace(&path, text.as_bytes()).unwrap();
            assert!(matches!(load(&path), Err(Unreadable::Damaged(_))), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        replace(&path, br#"{"version":3}"#).unwrap();
        assert!(matches!(load(&path), Err(Unreadable::Refused(_))));
        let failure = Failure::from(load(folder.path()).unwrap_err());
        assert_eq!(failure.exit(), Exit::Config);
    }

    #[test]
    fn only_a_torn_derived_file_counts_as_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let load = || load_derived::<BTreeMap<String, u64>>(&path, 2);
        assert_eq!(load().unwrap(), Derived { value: None, warning: None });
        let whole = br#"{"version":2,"key":7}"#;
        atomic::replace_derived(&path, 2, &BTreeMap::from([("key", 7)])).unwrap();
        assert_eq!(load().unwrap().value.unwrap()["key"], 7);
        for length in 0..whole.len() {
            for zeros in [0, 9] {
                let torn = [&whole[..length], &vec![0; zeros]].concat();
                replace(&path, &torn).unwrap();
                let Derived { value, warning } = load().unwrap();
                assert!(value.is_none() && warning.unwrap().contains("a.json was torn"), "{length} {zeros}");
                assert!(matches!(load_versioned::<BTreeMap<String, u64>>(&path, 2), Err(Unreadable::Damaged(_))));
            }
        }
        for damaged in [r#"{"version":2,"key":"7"}"#, r#"{"version":2,"key":7}}"#, r#"{"version":2;"key":7}"#, "[]"] {
            replace(&path, damaged.as_bytes()).unwrap();
            assert!(matches!(load(), Err(Unreadable::Damaged(_))), "{damaged}");
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
        }
    }

    #[test]
    fn what_stands_in_a_damaged_file_is_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        for text in
            [r#"{"version":2,"key":"a secret"}"#, r#"{"version":2,"key":{"a secret":1}}"#, r#"{"version":"a secret"}"#]
        {
            replace(&path, text.as_bytes()).unwrap();
            let failure = Failure::from(load_versioned::<BTreeMap<String, u64>>(&path, 2).unwrap_err());
            assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
        }
    }
}
