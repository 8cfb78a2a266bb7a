//! File locks: the one place that calls fs2.

use std::fs::File;
use std::io;

/// Waits for the exclusive lock of a file; the kernel frees it when the file closes or the process dies.
///
/// # Errors
/// When the file system cannot lock.
pub fn lock_exclusive(file: &File) -> io::Result<()> {
    fs2::FileExt::lock_exclusive(file)
}

/// Gives the lock up early.
///
/// # Errors
/// When the file system cannot lock.
pub fn unlock(file: &File) -> io::Result<()> {
    fs2::FileExt::unlock(file)
}
