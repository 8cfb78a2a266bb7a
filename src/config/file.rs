//! Reads a settings or secrets file without hanging on a pipe, following a link it must not, or reading too much.

use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

const KIB: u64 = 1024;

/// What a file is for, which decides how strictly it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    /// Anybody may read it; links are followed.
    Settings,
    /// A regular file of ours or root's that only its owner can read, reached without a link.
    OwnerOnlySecret,
    /// In a directory that systemd guards.
    GuardedSecret,
}

/// Why a file gave no text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoText {
    Missing,
    /// It is not what it must be; the text says why, without its content.
    Refused(String),
}

/// Reads a whole file as UTF-8, without a byte order mark.
pub(super) fn read_text(path: &Path, purpose: FileKind) -> Result<String, NoText> {
    let file = open(path, purpose)?;
    let metadata = file.metadata().map_err(|error| NoText::Refused(error.to_string()))?;
    check_kind(&metadata)?;
    if purpose == FileKind::OwnerOnlySecret {
        check_owner(&metadata, rustix::process::geteuid().as_raw())?;
    }
    decode(read_capped(&file, &metadata, purpose)?)
}

fn open(path: &Path, purpose: FileKind) -> Result<File, NoText> {
    let mut flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    if purpose == FileKind::OwnerOnlySecret {
        flags |= OFlags::NOFOLLOW;
    }
    rustix::fs::open(path, flags, Mode::empty()).map(File::from).map_err(|errno| match errno {
        Errno::NOENT => NoText::Missing,
        Errno::LOOP => refused("it is a symbolic link, or the way to it leads in circles; name the file itself"),
        Errno::ACCESS | Errno::PERM => refused("this user may not read it"),
        Errno::NXIO => refused("it is not a regular file"),
        other => NoText::Refused(other.to_string()),
    })
}

fn check_kind(metadata: &Metadata) -> Result<(), NoText> {
    let kind = metadata.file_type();
    if kind.is_file() {
        Ok(())
    } else if kind.is_dir() {
        Err(refused("it is a directory"))
    } else if kind.is_fifo() {
        Err(refused("it is a named pipe, not a regular file"))
    } else {
        Err(refused("it is not a regular file"))
    }
}

pub(super) fn check_owner(metadata: &Metadata, user: u32) -> Result<(), NoText> {
    if metadata.uid() != user && metadata.uid() != 0 {
        return Err(NoText::Refused(format!("it belongs to user {}, not to user {user} or root", metadata.uid())));
    }
    if metadata.mode() & 0o077 != 0 {
        let mode = metadata.mode() & 0o7777;
        return Err(NoText::Refused(format!("others can reach it (mode {mode:04o}); run `chmod 600` on it")));
    }
    Ok(())
}

fn read_capped(file: &File, metadata: &Metadata, purpose: FileKind) -> Result<Vec<u8>, NoText> {
    let limit = if purpose == FileKind::Settings { 1024 * KIB } else { 64 * KIB };
    let too_large = || NoText::Refused(format!("it is larger than {} KiB", limit / KIB));
    if metadata.len() > limit {
        return Err(too_large());
    }
    // Room for all of it and a little more: one call reads it, the next finds its end.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len() + 32).unwrap_or_default());
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| NoText::Refused(error.to_string()))?;
    // A file may have grown since its length was read, and some report no length.
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

fn decode(bytes: Vec<u8>) -> Result<String, NoText> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(refused("it is UTF-16 text; save it as UTF-8"));
    }
    let of_line = |bytes: &[u8], offset: usize, what: &str| {
        let line = bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
        NoText::Refused(format!("line {line}: it {what}"))
    };
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(of_line(&bytes, offset, "has a NUL byte; save it as UTF-8 text"));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        of_line(error.as_bytes(), error.utf8_error().valid_up_to(), "is not UTF-8 text; save it as UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

fn refused(why: &str) -> NoText {
    NoText::Refused(why.to_owned())
}
