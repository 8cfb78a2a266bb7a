//! Where a state directory must not be: on a network mount, where locks can be lost.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{major, minor};

use super::{refused, words};
use crate::exit::Failure;
use crate::language::Sentence;

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

/// Refuses a directory on a network mount, and warns of one in memory.
pub fn refuse_network_mount(path: &Path, warnings: &mut Vec<Sentence>) -> Result<(), Failure> {
    let Some(kind) = kind_of(path) else { return Ok(()) };
    let name_in =
        |types: &[(u32, &'static str)]| types.iter().find(|(number, _)| *number == kind).map(|(_, name)| *name);
    let network = if kind == FUSE { is_sshfs(path).then_some("fuse.sshfs") } else { name_in(&NETWORK_TYPES) };
    if let Some(name) = network {
        return Err(refused(words::on_network(path, name)));
    }
    if let Some(name) = name_in(&MEMORY_TYPES) {
        warnings.push(words::in_memory(path, name));
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
