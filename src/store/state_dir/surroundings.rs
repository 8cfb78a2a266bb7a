//! Where a state directory must not be: on a network mount, where locks can be lost, and in a git work tree that tracks its
//! files, which would push tokens.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{major, minor};

use super::{refused, refused_place};
use crate::exit::Failure;
use crate::store::read::read_beginning;

/// Where `flock(2)` is emulated or missing, so that a server restart may lose it; by the kernel's number.
const NETWORK_TYPES: [(u32, &str); 6] = [
    (0x6969, "nfs"),
    (0xff53_4d42, "cifs"),
    (0xfe53_4d42, "cifs"),
    (0x517b, "smbfs"),
    (0x564c, "ncpfs"),
    (0x5346_414f, "afs"),
];

/// Gone with the next reboot.
const MEMORY_TYPES: [(u32, &str); 2] = [(0x0102_1994, "tmpfs"), (0x8584_58f6, "ramfs")];

/// A program's file system: a local disk, a virtual machine's share, or a network.
const FUSE: u32 = 0x6573_5546;

/// The most of a git index that is searched; some 500,000 files.
const INDEX_BYTES_MAX: u64 = 64 << 20;

/// Names of files, or their beginnings, that git must not know.
const PRIVATE_NAMES: [&str; 4] = ["api_token.json", "account.json", "token_attempt.json", "orders-"];

/// Refuses a directory on a network mount, and warns of one in memory.
pub fn refuse_network_mount(path: &Path, warnings: &mut Vec<String>) -> Result<(), Failure> {
    let Some(kind) = kind_of(path) else { return Ok(()) };
    let name_in =
        |types: &[(u32, &'static str)]| types.iter().find(|(number, _)| *number == kind).map(|(_, name)| *name);
    let network = if kind == FUSE { is_sshfs(path).then_some("fuse.sshfs") } else { name_in(&NETWORK_TYPES) };
    if let Some(name) = network {
        return Err(refused(path, &format!("lies on {name}, where file locks can't be trusted")));
    }
    if let Some(name) = name_in(&MEMORY_TYPES) {
        warnings.push(format!("state directory {} lies on {name}: a reboot erases it", path.display()));
    }
    Ok(())
}

fn kind_of(path: &Path) -> Option<u32> {
    u32::try_from(rustix::fs::statfs(path).ok()?.f_type.cast_unsigned()).ok()
}

/// All of FUSE has one number; the table of mounts says which program it is.
fn is_sshfs(path: &Path) -> bool {
    let Ok(device) = fs::metadata(path).map(|metadata| metadata.dev()) else { return false };
    let mounts = fs::read("/proc/self/mountinfo").unwrap_or_default();
    has_sshfs(&String::from_utf8_lossy(&mounts), &format!("{}:{}", major(device), minor(device)))
}

fn has_sshfs(mounts: &str, device: &str) -> bool {
    mounts.lines().any(|line| line.split(' ').nth(2) == Some(device) && line.contains(" - fuse.sshfs "))
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
        if tracks(&index, name.as_os_str().as_bytes()) {
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

/// Reads an index, of whatever owner.
fn read_index(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
        && let Ok(file) = fs::File::open(path)
    {
        let _ = file.take(INDEX_BYTES_MAX).read_to_end(&mut bytes);
    }
    bytes
}

/// Reports whether the index holds a path that begins with `name`. A path ends with a zero byte, and the byte before it is
/// the last one of its length; that tells `state/…` from `other/state/…`.
fn tracks(index: &[u8], name: &[u8]) -> bool {
    index.split(|byte| *byte == 0).any(|chunk| {
        let start = chunk.windows(name.len()).position(|window| window == name);
        start.is_some_and(|start| {
            let [low, ..] = (chunk.len() - start).min(0x0fff).to_le_bytes();
            // A length that ends with a zero byte ended the chunk before.
            start.checked_sub(1).and_then(|before| chunk.get(before)).copied().unwrap_or(0) == low
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::store::atomic::replace;

    const MOUNTS: &str = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
        45 22 0:52 / /mnt/my\\040nas rw,nosuid - fuse.sshfs ann@nas:/x rw\n\
        46 22 0:53 / /mnt/plain rw - fuse.gocryptfs /x rw\n\
        broken\n";

    #[test]
    fn of_fuse_only_sshfs_is_a_network() {
        for (device, expected) in [("8:1", false), ("0:52", true), ("0:53", false), ("0:5", false), ("1", false)] {
            assert_eq!(has_sshfs(MOUNTS, device), expected, "{device}");
        }
        assert!(!is_sshfs(Path::new("/")));
    }

    #[test]
    fn a_file_system_in_memory_earns_a_warning() {
        let mut warnings = Vec::new();
        refuse_network_mount(Path::new("/proc"), &mut warnings).unwrap();
        refuse_network_mount(Path::new("/nowhere"), &mut warnings).unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        let shared = Path::new("/dev/shm");
        if kind_of(shared) == Some(MEMORY_TYPES[0].0) {
            refuse_network_mount(shared, &mut warnings).unwrap();
            assert_eq!(warnings, ["state directory /dev/shm lies on tmpfs: a reboot erases it"]);
        }
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
        // Their lengths have zero bytes of their own.
        let long = |length: usize| format!("state/orders-{}", "x".repeat(length - "state/orders-".len()));
        for length in [255, 256, 257, 4094, 4095] {
            assert!(verdict(&[&long(length)], "state").is_some(), "{length}");
            assert_eq!(verdict(&[&format!("other/{}", long(length))], "state"), None, "{length}");
        }
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
