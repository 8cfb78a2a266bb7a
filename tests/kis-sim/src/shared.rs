//! The world behind its one lock, saved after every change.

use crate::clock;
use crate::state;
use crate::world::World;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A ticking clock is saved this often even when nothing else changes.
const CLOCK_SAVE: Duration = Duration::from_secs(1);

/// What both ports share.
#[derive(Debug)]
pub struct Shared {
    inner: Mutex<Inner>,
    state_file: Option<PathBuf>,
    started: Instant,
}

#[derive(Debug)]
struct Inner {
    world: World,
    saved_at: Instant,
}

impl Shared {
    /// Shares a world; with a state file its changes are saved there.
    pub fn new(world: World, state_file: Option<PathBuf>) -> Shared {
        let now = clock::real_instant();
        Shared { inner: Mutex::new(Inner { world, saved_at: now }), state_file, started: now }
    }

    /// Real milliseconds since the start.
    pub fn real_milliseconds(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Does something in the world, alone, and saves it if that changed anything.
    pub fn with<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let result = work(&mut inner.world);
        if let Some(path) = &self.state_file
            && (inner.world.touched || inner.saved_at.elapsed() >= CLOCK_SAVE)
        {
            // A world that cannot be saved goes on; the next change tries again.
            match state::save(&inner.world, path) {
                Ok(()) => inner.world.touched = false,
                Err(error) => report(path, &error),
            }
            inner.saved_at = clock::real_instant();
        }
        result
    }
}

/// Nobody can be told when stderr is closed too.
fn report(path: &Path, error: &std::io::Error) {
    let _ = writeln!(std::io::stderr(), "kis-sim: cannot save {}: {error}", path.display());
}
