//! A last line that a crash cut short.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::domain::Record;
use crate::exit::Failure;
use crate::language::Sentence;
use crate::store::atomic;
use crate::store::journal::failure::unwritable;
use crate::store::journal::words;

/// How many torn ends of the journal are kept, the newest ones.
const MAX_TORN: usize = 100;

/// The end of a file that is no whole line.
pub(super) struct TornTail {
    pub(super) path: PathBuf,
    pub(super) good_bytes: u64,
    pub(super) cut: Vec<u8>,
}

impl TornTail {
    /// Cuts it off once a copy is on disk. Returns the line about it, which has to follow, and the warning for people.
    ///
    /// # Errors
    /// 74 when the state directory can't be written.
    pub(super) fn cut_off(&self, dir: &Path, now: DateTime<Utc>) -> Result<(Record, Sentence), Failure> {
        let name = format!("journal.torn-{}", now.format("%Y%m%dT%H%M%S%3fZ"));
        atomic::replace(&dir.join(&name), &self.cut).map_err(|error| unwritable(dir, &error))?;
        atomic::keep_newest(dir, "journal.torn-", MAX_TORN);
        let cut = OpenOptions::new().write(true).open(&self.path).and_then(|file| {
            file.set_len(self.good_bytes)?;
            file.sync_all()
        });
        cut.map_err(|error| unwritable(&self.path, &error))?;
        let bytes = self.cut.len();
        let warning = words::torn(bytes, &name);
        Ok((Record::Repair { bytes, cut_crc: format!("{:08x}", crc32fast::hash(&self.cut)) }, warning))
    }
}
