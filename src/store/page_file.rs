//! The page that `status --html` writes, wherever the user wants it. It replaces nothing but a page.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::language::Sentence;
use crate::store::{atomic, words};

/// How every page of ours begins, by its language. All are of the same length.
pub const BEGINNINGS: [&str; 2] = ["<!doctype html>\n<html lang=\"en\">", "<!doctype html>\n<html lang=\"ko\">"];

/// Replaces the page at `path`, or creates it for its owner alone. A mode that the user gave it stays.
///
/// # Errors
/// What the system says, or that the file there is no page: a wrong name must not overwrite a file.
pub fn save_page(path: &Path, page: &str) -> Result<(), Sentence> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(atomic::replace(path, page.as_bytes())?);
        }
        found => found?,
    };
    if !metadata.is_file() {
        return Err(words::other_than_file());
    }
    let mut beginning = Vec::new();
    File::open(path)?.take(BEGINNINGS[0].len() as u64).read_to_end(&mut beginning)?;
    if !beginning.is_empty() && BEGINNINGS.iter().all(|page| beginning != page.as_bytes()) {
        return Err(words::other_than_page());
    }
    Ok(atomic::replace_with(path, page.as_bytes(), Some(metadata.permissions()))?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const BEGINNING: &str = BEGINNINGS[0];

    #[test]
    fn a_page_is_its_owners_until_he_says_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("status.html");
        let mode = || path.metadata().unwrap().permissions().mode() & 0o777;
        save_page(&path, &format!("{BEGINNING}one")).unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        save_page(&path, &format!("{BEGINNING}two")).unwrap();
        assert_eq!((mode(), fs::read_to_string(&path).unwrap()), (0o644, format!("{BEGINNING}two")));
        for page in BEGINNINGS.map(|beginning| format!("{beginning}three")) {
            save_page(&path, &page).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), page, "whatever the language of the one before");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left there");
    }

    #[test]
    fn what_is_no_page_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        atomic::replace(&at("config.toml"), b"mode = \"real\"").unwrap();
        atomic::replace(&at("empty"), b"").unwrap();
        fs::create_dir(at("folder")).unwrap();
        std::os::unix::fs::symlink(at("empty"), at("link")).unwrap();
        for name in ["config.toml", "folder", "link", "missing/status.html", "config.toml/status.html"] {
            assert!(save_page(&at(name), BEGINNING).is_err(), "{name}");
        }
        assert!(save_page(Path::new("/dev/null"), BEGINNING).is_err());
        assert_eq!(fs::read(at("config.toml")).unwrap(), b"mode = \"real\"");
        save_page(&at("empty"), BEGINNING).unwrap();
    }
}
