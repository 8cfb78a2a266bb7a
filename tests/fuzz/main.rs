//! Bent inputs for the rooms that read them through a public function: configurations, token files, journals, answers of rules. A
//! parser may refuse what it likes; what it accepts is compared with an independent look at the same bytes.
//!
//! `answers.rs` and `crontabs.rs` are modules of the library instead: they need its private parsers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test fails where it stands"
)]

mod configuration;
mod driver;
mod journal;
mod rule_answers;
mod token_file;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A file of a folder of its own, written anew for each input; in memory where the machine has such a place.
struct InputFile {
    folder: TempDir,
    path: PathBuf,
}

impl InputFile {
    fn new(name: &str) -> InputFile {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let path = folder.path().join(name);
        fs::write(&path, b"").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        InputFile { folder, path }
    }

    fn put(&self, bytes: &[u8]) {
        fs::write(&self.path, bytes).unwrap();
    }
}
