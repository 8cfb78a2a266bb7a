//! Which file a path names: a file that was removed or replaced while it is open is not the one that others will open.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::exit::{Failure, Reason};
use crate::store::words;

/// Device and inode of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId(u64, u64);

impl FileId {
    pub(super) fn of(metadata: &Metadata) -> FileId {
        FileId(metadata.dev(), metadata.ino())
    }

    /// The file that a path names now, a symlink not followed; `None` when there is none.
    pub(super) fn at(path: &Path) -> Option<FileId> {
        fs::symlink_metadata(path).ok().map(|metadata| FileId::of(&metadata))
    }
}

/// How a run ends whose lock or journal is no longer the file that it opened.
pub(super) fn replaced(path: &Path) -> Failure {
    Failure::new(Reason::StateUnwritable, words::replaced(path))
        .because(words::other_run_may_trade())
        .next(words::leave_files_alone())
}
