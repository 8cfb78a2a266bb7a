//! The two files, each as programs see it and as a power cut would leave it.

use super::random::Random;
use crate::decide::refresh::{AttemptLook, Look};
use crate::domain::access_token::AccessToken;

/// A file that is only ever replaced whole.
#[derive(Clone, Debug)]
pub struct Replaced<T> {
    /// What programs read.
    pub cached: T,
    /// What is on the disk if the rename of `cached` is not.
    durable: T,
    /// True when both are the same.
    pub is_synced: bool,
}

/// The token's folder.
#[derive(Debug)]
pub struct Disk {
    pub token: Replaced<Option<AccessToken>>,
    pub attempt: Replaced<AttemptLook>,
}

impl<T: Clone> Replaced<T> {
    fn new(content: T) -> Replaced<T> {
        Replaced { durable: content.clone(), cached: content, is_synced: true }
    }

    /// The rename of a synced temp file: everybody sees the new content, which a power cut may yet undo.
    pub fn rename(&mut self, content: T) {
        self.cached = content;
        self.is_synced = false;
    }

    fn sync(&mut self) {
        if !self.is_synced {
            self.durable = self.cached.clone();
            self.is_synced = true;
        }
    }

    /// Either the rename came to the disk in time or it did not. True when it was undone.
    fn cut_power(&mut self, random: &mut Random) -> bool {
        let is_undone = !self.is_synced && random.one_in(2);
        if is_undone {
            self.cached = self.durable.clone();
            self.is_synced = true;
        }
        self.sync();
        is_undone
    }
}

impl Disk {
    pub fn new() -> Disk {
        Disk { token: Replaced::new(None), attempt: Replaced::new(AttemptLook::None) }
    }

    pub fn look(&self) -> Look {
        Look::new(self.token.cached.clone(), self.attempt.cached.clone())
    }

    /// The sync of the folder, which holds both names.
    pub fn sync(&mut self) {
        self.token.sync();
        self.attempt.sync();
    }

    /// Drops what was not synced, or does not. Returns how many renames were undone.
    pub fn cut_power(&mut self, random: &mut Random) -> u64 {
        u64::from(self.token.cut_power(random)) + u64::from(self.attempt.cut_power(random))
    }
}
