//! What a state directory must not lie in: a network mount, where locks can be lost, and a git work tree that tracks
//! its files, where tokens would be pushed.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::{refused, refused_place};
use crate::exit::Failure;
use crate::store::read::read_beginning;

/// `flock(2)` over these is emulated or missing: a server restart may lose it.
const NETWORK_TYPES: [&str; 8] = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "fuse.sshfs"];

/// Gone with the next reboot.
const MEMORY_TYPES: [&str; 2] = ["tmpfs", "ramfs"];

/// The most of a git index that is searched; some 500,000 files.
const INDEX_BYTES_MAX: u64 = 64 << 20;

/// Names of files, or their beginnings, that git must not know.
const PRIVATE_NAMES: [&str; 4] = ["api_token.json", "account.json", "token_attempt.json", "orders-"];

/// Refuses a directory on a network mount, and warns of one in memory.
pub fn refuse_network_mount(path: &Path, warnings: &mut Vec<String>) -> Result<(), Failure> {
    let mounts = fs::read("/proc/self/mounts").unwrap_or_default();
    let Some(kind) = mount_type(path, &mounts) else { return Ok(()) };
    if NETWORK_TYPES.contains(&kind.as_str()) {
        return Err(refused(path, &format!("lies on {kind}, where file locks can't be trusted")));
    }
    if MEMORY_TYPES.contains(&kind.as_str()) {
        warnings.push(format!("state directory {} lies on {kind}: a reboot erases it", path.display()));
    }
    Ok(())
}

/// The file system type at an absolute path: of the longest mount point above it, the last one mounted there.
fn mount_type(path: &Path, mounts: &[u8]) -> Option<String> {
    let mut found: Option<(PathBuf, String)> = None;
    for line in mounts.split(|byte| *byte == b'\n') {
        let mut fields = line.split(|byte| *byte == b' ').skip(1);
        let (Some(point), Some(kind)) = (fields.next(), fields.next()) else { continue };
        let point = PathBuf::from(std::ffi::OsString::from_vec(unescaped(point)));
        let is_nearer = found.as_ref().is_none_or(|(best, _)| point.starts_with(best));
        if path.starts_with(&point) && is_nearer {
            found = Some((point, String::from_utf8_lossy(kind).into_owned()));
        }
    }
    found.map(|(_, kind)| kind)
}

/// Undoes the kernel's `\040` for a space.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail.get(..3).filter(|_| first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                plain.push(byte);
                rest = tail.get(3..).unwrap_or_default();
            }
            None => {
                plain.push(first);
                rest = tail;
            }
        }
    }
    plain
}

/// Refuses a directory some of whose files are in the index of the git work tree around it. A `README.md` or
/// `.gitignore` there is fine.
///
/// The index is searched as bytes. One in format 4 shortens its paths and hides them from this check.
pub fn refuse_tracked_by_git(path: &Path) -> Result<(), Failure> {
    let Some((work_tree, git_dir)) = path.ancestors().find_map(|above| git_dir(above).map(|dir| (above, dir))) else {
        return Ok(());
    };
    let index = read_index(&git_dir.join("index"));
    let below = path.strip_prefix(work_tree).unwrap_or(Path::new(""));
    for private in PRIVATE_NAMES {
        let name = below.join(private);
        if tracks(&index, name.as_os_str()) {
            let what = format!("{} has files under git's control ({}…)", path.display(), name.display());
            return Err(refused_place(&what).next(format!("git rm --cached -r {}, and ignore it", path.display())));
        }
    }
    Ok(())
}

/// The git directory of a work tree whose top is `folder`: `.git`, or where the file of that name points.
fn git_dir(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    let metadata = fs::metadata(&git).ok()?;
    if metadata.is_dir() {
        return Some(git);
    }
    let text = read_beginning(&git, 4096);
    let target = text.strip_prefix(b"gitdir:")?.trim_ascii();
    Some(folder.join(OsStr::from_bytes(target)))
}

/// Reads an index, whoever owns it.
fn read_index(path: &Path) -> Vec<u8> {
    use std::io::Read;
    let mut bytes = Vec::new();
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
        && let Ok(file) = fs::File::open(path)
    {
        let _ = file.take(INDEX_BYTES_MAX).read_to_end(&mut bytes);
    }
    bytes
}

/// Reports whether the index holds a path that begins with `name`. Before each path stands its length, in the low 12
/// bits of a big-endian word; that tells `state/…` from `other/state/…`.
fn tracks(index: &[u8], name: &OsStr) -> bool {
    let name = name.as_bytes();
    let mut places = index.windows(name.len()).enumerate().filter(|(_, window)| *window == name);
    places.any(|(start, _)| {
        let length = index.get(start..).and_then(|rest| rest.iter().position(|byte| *byte == 0));
        let stated = start.checked_sub(2).and_then(|flags| index.get(flags..start));
        match (length, stated) {
            (Some(length), Some(&[high, low])) => {
                usize::from(u16::from_be_bytes([high, low]) & 0x0fff) == length.min(0x0fff)
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::store::atomic::replace;

    const MOUNTS: &[u8] = b"/dev/sda1 / ext4 rw 0 0\n\
        tmpfs /run tmpfs rw 0 0\n\
        server:/home /home nfs4 rw 0 0\n\
        /dev/sdb1 /home/ann/my\\040disk ext4 rw 0 0\n\
        //nas/x /mnt/nas ext4 rw 0 0\n\
        //nas/x /mnt/nas cifs rw 0 0\n\
        broken\n";

    #[test]
    fn the_nearest_and_last_mount_counts() {
        let cases = [
            ("/var/lib/state", "ext4"),
            ("/run/state", "tmpfs"),
            ("/runner/state", "ext4"),
            ("/home/ann/state", "nfs4"),
            ("/home/ann/my disk/state", "ext4"),
            ("/mnt/nas", "cifs"),
        ];
        for (path, kind) in cases {
            assert_eq!(mount_type(Path::new(path), MOUNTS).as_deref(), Some(kind), "{path}");
        }
        assert_eq!(mount_type(Path::new("/a"), b""), None);
        assert_eq!(unescaped(br"a\134b\9"), br"a\b\9");
    }

    /// An index entry as git writes it: 60 bytes of facts, the flags, the path, at least one zero.
    fn entry(path: &str) -> Vec<u8> {
        let mut bytes = vec![7; 60];
        bytes.extend(u16::try_from(path.len()).unwrap().to_be_bytes());
        bytes.extend(path.as_bytes());
        bytes.extend([0; 3]);
        bytes
    }

    fn verdict(paths: &[&str], state: &str) -> Option<Failure> {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        fs::create_dir_all(top.join(".git")).unwrap();
        fs::create_dir_all(top.join(state)).unwrap();
        let mut index = b"DIRC\0\0\0\x02\0\0\0\x01".to_vec();
        index.extend(paths.iter().flat_map(|path| entry(path)));
        replace(&top.join(".git/index"), &index).unwrap();
        refuse_tracked_by_git(&top.join(state)).err()
    }

    #[test]
    fn files_under_git_are_refused() {
        for tracked in ["state/api_token.json", "state/orders-2027-03.jsonl", "state/account.json"] {
            let failure = verdict(&["README.md", tracked], "state").unwrap();
            assert_eq!(failure.exit(), Exit::Config, "{tracked}");
            assert!(failure.what.contains("git"), "{failure}");
        }
        assert!(verdict(&["deep/state/api_token.json"], "deep/state").is_some());
        assert!(verdict(&["api_token.json"], "").is_some());
    }

    #[test]
    fn neighbours_and_the_read_me_are_fine() {
        let fine = ["state/README.md", "state/.gitignore", "other/state/api_token.json", "docs/api_token.json"];
        assert_eq!(verdict(&fine, "state"), None);
        assert_eq!(verdict(&[], "state"), None);
    }

    #[test]
    fn follows_the_pointer_of_a_linked_work_tree() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        fs::create_dir_all(top.join("work/state")).unwrap();
        fs::create_dir_all(top.join("git")).unwrap();
        replace(&top.join("work/.git"), b"gitdir: ../git\n").unwrap();
        replace(&top.join("git/index"), &entry("state/account.json")).unwrap();
        assert!(refuse_tracked_by_git(&top.join("work/state")).is_err());
        assert!(refuse_tracked_by_git(&top.join("git")).is_ok());
    }
}
