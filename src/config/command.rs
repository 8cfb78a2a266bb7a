//! A program that trades may be writable by its user and root only.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::config::show_path;
use crate::config::words::files;
use crate::language::Sentence;

const WRITABLE_BY_OTHERS: u32 = 0o022;
/// In a directory with this bit only its owner replaces a file.
const STICKY: u32 = 0o1000;

/// Checks each word of a command that names an existing file, seen from `folder`: the file, what it links to, and the directories above
/// both.
///
/// # Errors
/// The first of them that another user owns or may write.
pub fn check_command(command: &[String], folder: &Path) -> Result<(), Sentence> {
    let user = rustix::process::geteuid().as_raw();
    for word in command {
        let Ok(path) = std::path::absolute(folder.join(word)) else { continue };
        // What is no file can't be a program; what is not there can't be started.
        if !fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            continue;
        }
        for path in [fs::canonicalize(&path).ok(), Some(path)].into_iter().flatten() {
            check_path(path, user)?;
        }
    }
    Ok(())
}

fn check_path(path: PathBuf, user: u32) -> Result<(), Sentence> {
    for path in path.ancestors() {
        let metadata = fs::metadata(path).map_err(Sentence::from)?;
        if metadata.uid() != user && metadata.uid() != 0 {
            return Err(files::program_of_another(&show_path(path), metadata.uid(), user));
        }
        let is_guarded = metadata.is_dir() && metadata.mode() & STICKY != 0;
        if metadata.mode() & WRITABLE_BY_OTHERS != 0 && !is_guarded {
            let mode = format!("{:04o}", metadata.mode() & 0o7777);
            return Err(files::program_writable(&show_path(path), &mode));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_program_is_changed_by_its_user_and_root_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (inner, file) = (folder.path().join("rules"), folder.path().join("rules/dip.py"));
        fs::create_dir(&inner).unwrap();
        drop(fs::File::create(&file).unwrap());
        let links = folder.path().join("links");
        fs::create_dir(&links).unwrap();
        symlink(&file, links.join("dip.py")).unwrap();
        let check = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            check_command(&words, folder.path())
        };
        for (mode, folder_mode, links_mode, refused) in [
            (0o755, 0o755, 0o755, None),
            (0o700, 0o700, 0o1777, None),
            (0o755, 0o1777, 0o755, None),
            (0o775, 0o755, 0o755, Some("rules/dip.py")),
            (0o757, 0o755, 0o755, Some("rules/dip.py")),
            (0o755, 0o777, 0o755, Some("rules")),
            (0o755, 0o775, 0o755, Some("rules")),
            (0o755, 0o755, 0o777, Some("links")),
        ] {
            set_mode(&file, mode);
            set_mode(&inner, folder_mode);
            set_mode(&links, links_mode);
            let told = check(&["python3", "--x", "links/dip.py"]);
            let path = refused.map(|name| folder.path().join(name).display().to_string());
            let is_told = match (&told, &path) {
                (Ok(()), None) => true,
                (Err(said), Some(path)) => said.starts_with(&format!("others can change {path} (mode ")),
                _ => false,
            };
            assert!(is_told, "{mode:o} {folder_mode:o} {links_mode:o}: {told:?}");
        }
        // Neither a folder nor what is not there is a program.
        set_mode(&inner, 0o777);
        assert_eq!(check(&["rules", "nowhere/at-all", "/bin/sh"]), Ok(()));
        set_mode(&inner, 0o755);
        // Only root can give a file away.
        if chown(&file, Some(12_345), None).is_ok() {
            let error = check(&["/bin/sh", &file.display().to_string()]).unwrap_err();
            assert!(error.contains("belongs to user 12345"), "{error}");
        }
    }
}
