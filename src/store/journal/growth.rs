//! When another snapshot is worth its bytes.

/// Parsing this much JSON takes a quarter of a millisecond; an ordinary account writes twice as much in a month.
const LEAST_BYTES: u64 = 32 << 10;
/// Snapshots lie at least this many times their size apart, so that they add no more than half to a file.
const SNAPSHOTS_APART: u64 = 2;

/// The size of the last snapshot and of what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Growth {
    snapshot: u64,
    since: u64,
    least: u64,
}

impl Default for Growth {
    fn default() -> Growth {
        Growth::from_bytes(LEAST_BYTES)
    }
}

impl Growth {
    /// Snapshots that lie at least this many bytes apart.
    pub(super) fn from_bytes(least: u64) -> Growth {
        Growth { snapshot: 0, since: 0, least }
    }

    /// A snapshot was written or read.
    pub(super) fn restart(&mut self, bytes: u64) {
        (self.snapshot, self.since) = (bytes, 0);
    }

    /// The size of the last snapshot, and of what follows it.
    #[cfg(test)]
    pub(super) fn bytes(self) -> (u64, u64) {
        (self.snapshot, self.since)
    }

    /// Another line was written or read.
    pub(super) fn add(&mut self, bytes: u64) {
        self.since = self.since.saturating_add(bytes);
    }

    /// Reports whether the next line is better preceded by a snapshot.
    pub(super) fn wants_snapshot(&self) -> bool {
        self.since >= self.least.max(self.snapshot.saturating_mul(SNAPSHOTS_APART))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_wanted_after_the_least_and_after_twice_its_size() {
        for (snapshot, since, is_wanted) in
            [(0, 99, false), (0, 100, true), (50, 99, false), (50, 100, true), (51, 101, false), (51, 102, true)]
        {
            let mut growth = Growth::from_bytes(100);
            growth.add(1000);
            growth.restart(snapshot);
            growth.add(since);
            assert_eq!(growth.wants_snapshot(), is_wanted, "{growth:?}");
        }
    }
}
