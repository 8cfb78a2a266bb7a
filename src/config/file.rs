//! Reads a settings or secrets file without hanging on a pipe, following a link it must not, or reading too much.

use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::config::words::files;
use crate::language::Sentence;

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
    Refused(Sentence),
}

/// Reads a whole file as UTF-8, without a byte order mark.
pub(super) fn read_text(path: &Path, purpose: FileKind) -> Result<String, NoText> {
    let file = open(path, purpose)?;
    let metadata = file.metadata().map_err(|error| NoText::Refused(error.into()))?;
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
        Errno::LOOP => NoText::Refused(files::is_link()),
        Errno::ACCESS | Errno::PERM => NoText::Refused(files::may_not_read()),
        Errno::NXIO => NoText::Refused(files::is_no_file()),
        other => NoText::Refused(std::io::Error::from(other).into()),
    })
}

fn check_kind(metadata: &Metadata) -> Result<(), NoText> {
    let kind = metadata.file_type();
    if kind.is_file() {
        Ok(())
    } else if kind.is_dir() {
        Err(NoText::Refused(files::is_directory()))
    } else if kind.is_fifo() {
        Err(NoText::Refused(files::is_pipe()))
    } else {
        Err(NoText::Refused(files::is_no_file()))
    }
}

pub(super) fn check_owner(metadata: &Metadata, user: u32) -> Result<(), NoText> {
    if metadata.uid() != user && metadata.uid() != 0 {
        return Err(NoText::Refused(files::of_another_user(metadata.uid(), user)));
    }
    if metadata.mode() & 0o077 != 0 {
        let mode = format!("{:04o}", metadata.mode() & 0o7777);
        return Err(NoText::Refused(files::others_can_reach(&mode)));
    }
    Ok(())
}

fn read_capped(file: &File, metadata: &Metadata, purpose: FileKind) -> Result<Vec<u8>, NoText> {
    let limit = if purpose == FileKind::Settings { 1024 * KIB } else { 64 * KIB };
    let too_large = || NoText::Refused(files::too_large(limit / KIB));
    if metadata.len() > limit {
        return Err(too_large());
    }
    // Room for all of it and a little more: one call reads it, the next finds its end.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len() + 32).unwrap_or_default());
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| NoText::Refused(error.into()))?;
    // A file may have grown since its length was read, and some report no length.
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

fn decode(bytes: Vec<u8>) -> Result<String, NoText> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(NoText::Refused(files::is_utf16()));
    }
    let line_of = |bytes: &[u8], offset: usize| bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(NoText::Refused(files::has_nul(line_of(&bytes, offset))));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        NoText::Refused(files::is_not_utf8(line_of(error.as_bytes(), error.utf8_error().valid_up_to())))
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}
