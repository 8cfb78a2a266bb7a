//! `rules/NAME`: the working directory of a strategy's own program, for whatever it keeps.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::exit::{Failure, Reason};
use crate::store::foreign::foreign;
use crate::store::state_dir::StateDir;
use crate::store::words;

/// Makes the directory, 0700, where it is missing, and the one above it.
///
/// # Errors
/// 74 when it can't be made, 78 when something else has its name or another user owns it.
pub fn prepare(dir: &StateDir, strategy: &str) -> Result<PathBuf, Failure> {
    let rules = dir.file("rules");
    make(&rules)?;
    let path = rules.join(strategy);
    make(&path)?;
    Ok(path)
}

fn make(path: &Path) -> Result<(), Failure> {
    let unwritable = |error: io::Error| {
        let failure = Failure::new(Reason::StateUnwritable, words::no_rule_dir(path)).because(error);
        failure.next(words::make_writable())
    };
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(unwritable(error)),
        _ => {}
    }
    let metadata = fs::symlink_metadata(path).map_err(unwritable)?;
    if !metadata.is_dir() {
        let failure = Failure::new(Reason::ConfigInvalid, words::rule_dir_is_none(path));
        return Err(failure.next(words::move_it_away()));
    }
    foreign(path).map_or(Ok(()), Err)?;
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(unwritable)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn each_program_has_a_directory_that_only_its_user_enters() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, _) = StateDir::open(&folder.path().join("state")).unwrap();
        let path = prepare(&dir, "dip").unwrap();
        assert_eq!(path, dir.path().join("rules/dip"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!([mode(&path), mode(&dir.file("rules"))], [0o700; 2]);
        // What the program keeps there stays, and others are kept out again.
        drop(fs::File::create(path.join("cache")).unwrap());
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        assert_eq!((prepare(&dir, "dip"), mode(&path)), (Ok(path.clone()), 0o700));
        assert!(path.join("cache").exists());
        symlink(folder.path(), dir.file("rules/link")).unwrap();
        drop(fs::File::create(dir.file("rules/file")).unwrap());
        for name in ["link", "file"] {
            let failure = prepare(&dir, name).unwrap_err();
            assert_eq!(failure.reason, Reason::ConfigInvalid, "{failure}");
        }
        fs::remove_dir_all(dir.file("rules")).unwrap();
        drop(fs::File::create(dir.file("rules")).unwrap());
        assert_eq!(prepare(&dir, "dip").unwrap_err().reason, Reason::ConfigInvalid);
    }
}
