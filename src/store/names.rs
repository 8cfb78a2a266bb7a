//! The names in a folder, without a copy of each: after ten years a state directory has a hundred of them, and every run reads
//! them more than once.

use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags, RawDir, open};

/// Room for some hundred names at a time.
const BUFFER_BYTES: usize = 8 << 10;

/// Hands each name in a folder to `take`, in no order; `.` and `..` are among them.
///
/// # Errors
/// What the system says of the folder.
pub(super) fn each_name(folder: &Path, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let folder = open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut buffer = Vec::with_capacity(BUFFER_BYTES);
    let mut entries = RawDir::new(folder, buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        take(entry?.file_name().to_bytes());
    }
    Ok(())
}
