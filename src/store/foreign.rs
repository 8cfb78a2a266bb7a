//! Files of another user, as a first run by root leaves them: whose they are, and the way out that loses nothing.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::exit::{Failure, Reason};
use crate::store::words;

/// The most of the user database that is read.
const PASSWD_BYTES_MAX: u64 = 1 << 20;

/// The failure for what is at `path` when it is another user's.
pub fn foreign(path: &Path) -> Option<Failure> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let (owner, me) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if owner == me {
        return None;
    }
    let folder = if metadata.is_dir() { path.to_owned() } else { path.parent().map(PathBuf::from).unwrap_or_default() };
    let (owner, me) = (name_of(owner), name_of(me));
    let take = format!("`sudo chown -R {me} {}`", folder.display());
    let next = match me.as_str() {
        "root" => words::run_as_owner(&owner, &take),
        _ => words::take_over(&take),
    };
    let failure = Failure::new(Reason::ConfigInvalid, words::belongs_to(path, &owner));
    Some(failure.because(words::run_by(&me)).next(next))
}

/// The user's name; the number where there is none.
fn name_of(uid: u32) -> String {
    let mut users = String::new();
    let read = File::open("/etc/passwd").and_then(|file| file.take(PASSWD_BYTES_MAX).read_to_string(&mut users));
    let name = read.ok().and_then(|_| find_name(&users, uid).map(str::to_owned));
    name.unwrap_or_else(|| uid.to_string())
}

fn find_name(users: &str, uid: u32) -> Option<&str> {
    let uid = uid.to_string();
    let named = users.lines().filter_map(|line| {
        let mut fields = line.split(':');
        Some((fields.next()?, fields.nth(1)?))
    });
    let is_word = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    named.filter(|(name, _)| is_word(name)).find(|(_, number)| *number == uid).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_called_by_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\nodd\nann:x:1000:1000::/home/ann:/bin/sh\nbob::12:\n:x:13:\n";
        for (uid, name) in [(0, Some("root")), (1000, Some("ann")), (12, Some("bob")), (13, None), (100, None)] {
            assert_eq!(find_name(users, uid), name, "{uid}");
        }
    }

    #[test]
    fn the_way_out_is_to_take_the_files_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orders-2027-03.jsonl");
        drop(File::create(&file).unwrap());
        assert_eq!(foreign(&file), None);
        assert_eq!(foreign(&folder.path().join("nothing")), None);
        // Only root can give a file away.
        if std::os::unix::fs::chown(&file, Some(12_345), None).is_ok() {
            let failure = foreign(&file).unwrap();
            assert!(failure.said.what.ends_with("orders-2027-03.jsonl belongs to another user, 12345"), "{failure}");
            let chown = format!("sudo chown -R root {}`", folder.path().display());
            assert!(
                failure.said.next.contains("run kis-trade as 12345") && failure.said.next.contains(&chown),
                "{}",
                failure.said.next
            );
        }
    }
}
