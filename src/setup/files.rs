//! The directory that setup makes, and what stands in it. All of it appears at once: it is written beside its place under another
//! name and renamed, which never replaces anything that holds something.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::Access;
use secrecy::{ExposeSecret, SecretString};

use crate::config::Environment;
use crate::exit::{Failure, Reason};
use crate::language::{Language, Sentence};
use crate::setup::answers::Answers;
use crate::setup::crontab::quoted;
use crate::setup::words;
use crate::visible::is_hidden;

/// In the home directory, when no directory is named.
const DEFAULT_NAME: &str = "kis-trade";

/// Where the files will be: a directory that does not exist yet, by its absolute path.
pub struct Place {
    directory: String,
}

impl Place {
    /// The directory that was named, else `~/kis-trade`.
    ///
    /// # Errors
    /// 2 when there is no home to put it in, 78 when something is there already or nothing can be made there.
    pub fn find(named: Option<&Path>, environment: &Environment) -> Result<Place, Failure> {
        let path = match (named, environment.text("HOME")) {
            (Some(named), _) => named.to_owned(),
            (None, Ok(Some(home))) => Path::new(home).join(DEFAULT_NAME),
            (None, _) => return Err(Failure::new(Reason::Usage, words::no_home()).next(words::name_a_directory())),
        };
        let path = std::path::absolute(&path).unwrap_or(path);
        let no_place = |why: Sentence| {
            let path = crate::visible::visible(&path.display().to_string());
            Failure::new(Reason::ConfigInvalid, words::no_place(&path)).because(why).next(words::name_a_new_directory())
        };
        // The crontab names it in a line.
        let Some(directory) = path.to_str().filter(|text| !text.contains(is_hidden)) else {
            return Err(no_place(words::path_not_plain()));
        };
        let place = Place { directory: directory.to_owned() };
        if path.join("config.toml").exists() {
            let next = words::use_what_is_there(&place.shell_path("config.toml"));
            return Err(no_place(words::configured_already()).next(next));
        }
        if path.symlink_metadata().is_ok() {
            return Err(no_place(words::exists_already()));
        }
        let parent = path.parent().filter(|parent| parent.is_dir()).ok_or_else(|| no_place(words::no_parent()))?;
        rustix::fs::access(parent, Access::WRITE_OK | Access::EXEC_OK)
            .map_err(|error| no_place(Sentence::from(io::Error::from(error))))?;
        Ok(place)
    }

    /// The directory as people read it.
    pub fn show(&self) -> String {
        self.directory.clone()
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.directory.trim_end_matches('/'))
    }

    /// The path of a file in it, as a shell takes it.
    pub fn shell_path(&self, name: &str) -> String {
        quoted(self.path(name).trim_end_matches('/'))
    }
}

/// Makes the directory with configuration, credentials and crontab in it.
///
/// # Errors
/// 74 when it can't be written; then nothing of it is left, or it is named.
pub fn write(place: &Place, answers: &Answers, crontab: &str, language: Language) -> Result<(), Failure> {
    let target = PathBuf::from(place.path("").trim_end_matches('/'));
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let made = target.with_file_name(format!(".{name}.setup-{}", std::process::id()));
    let credentials = credentials_text(answers, language);
    let files = [
        ("config.toml", config_text(answers, language)),
        ("credentials.toml", credentials.expose_secret().to_owned()),
        ("crontab", crontab.to_owned()),
    ];
    let written = write_all(&made, &files).and_then(|()| std::fs::rename(&made, &target));
    let failed = |error: io::Error| {
        // It is this run's own, and may hold the credentials.
        let left = std::fs::remove_dir_all(&made).is_err() && made.exists();
        let next = if left { words::remove_what_is_left(&made) } else { words::start_again() };
        Failure::new(Reason::StateUnwritable, words::not_written(&target)).because(error).next(next)
    };
    written.and_then(|()| sync_directory(target.parent().unwrap_or(&target))).map_err(failed)
}

fn write_all(directory: &Path, files: &[(&str, String)]) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(directory)?;
    for (name, text) in files {
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(directory.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    sync_directory(directory)
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn config_text(answers: &Answers, language: Language) -> String {
    let symbols: Vec<String> = answers.watch.iter().map(|symbol| format!("\"{symbol}\"")).collect();
    let simulator = answers.venue.simulator.map(|address| words::file_simulator(&address.to_string()));
    let parts = [
        words::file_head(answers.venue.mode.word(), language.word()),
        words::file_account(),
        simulator.unwrap_or_default(),
        words::file_rules(&symbols.join(", ")),
    ];
    Sentence::joined(&parts, "\n").in_language(language).to_owned()
}

/// Keys and account hold nothing that a TOML text in quotes would read differently.
fn credentials_text(answers: &Answers, language: Language) -> SecretString {
    let (key, secret) = (answers.app_key.expose_secret(), answers.app_secret.expose_secret());
    let head = words::file_credentials();
    let head = head.in_language(language);
    let account = &answers.account;
    SecretString::from(format!("{head}app_key = \"{key}\"\napp_secret = \"{secret}\"\naccount_no = \"{account}\"\n"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use tempfile::TempDir;

    use super::*;
    use crate::config;
    use crate::domain::Mode;
    use crate::setup::answers::Venue;

    fn answers(mode: Mode) -> Answers {
        let simulator = (mode == Mode::Paper).then(|| "127.0.0.1:9443".parse().unwrap());
        Answers {
            venue: Venue { mode, simulator },
            app_key: SecretString::from("K".repeat(36)),
            app_secret: SecretString::from("s".repeat(179) + "="),
            account: "12345678-01".to_owned(),
            watch: ["SOUN", "NYSE:SES"].map(str::to_owned).to_vec(),
        }
    }

    fn place(folder: &TempDir, name: &str) -> Place {
        Place::find(Some(&folder.path().join(name)), &Environment::default())
            .unwrap_or_else(|failure| panic!("{failure}"))
    }

    #[test]
    fn what_is_written_is_what_the_program_reads() {
        for (mode, language) in [(Mode::Paper, Language::English), (Mode::Real, Language::Korean)] {
            let folder = TempDir::new().unwrap();
            let place = place(&folder, "kis");
            write(&place, &answers(mode), "# lines\n", language).unwrap();
            let environment = Environment::default();
            let settings = config::load(Path::new(&place.path("config.toml")), None, &environment).unwrap();
            let credentials = config::load_credentials(&settings, &environment).unwrap();
            assert_eq!((settings.mode, settings.language), (mode, language));
            assert_eq!(settings.gateway.is_loopback, mode == Mode::Paper);
            assert_eq!(settings.state_dir, Path::new(&place.path("state")));
            assert_eq!(
                settings.buy.watch.iter().map(|listed| listed.symbol.as_str()).collect::<Vec<_>>(),
                ["SOUN", "SES"]
            );
            assert_eq!(credentials.account.to_string(), "****5678-01");
            assert_eq!(credentials.app_secret.expose_secret().len(), 180);
            let modes = ["", "config.toml", "credentials.toml", "crontab"]
                .map(|name| std::fs::metadata(place.path(name)).unwrap().mode() & 0o7777);
            assert_eq!(modes, [0o700, 0o600, 0o600, 0o600]);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
        }
    }

    #[test]
    fn the_written_values_are_the_defaults_where_nobody_was_asked() {
        let text = |answers: &Answers| config_text(answers, Language::English);
        let folder = TempDir::new().unwrap();
        let read = |name: &str, text: &str| {
            let path = folder.path().join(name);
            File::create_new(&path).unwrap().write_all(text.as_bytes()).unwrap();
            config::load(&path, None, &Environment::default()).unwrap()
        };
        let written = read("written.toml", &text(&answers(Mode::Real)));
        let bare = read(
            "bare.toml",
            "mode = \"real\"\nlanguage = \"en\"\n[account]\ncredentials_file = \"credentials.toml\"\n[buy]\nwatch = [\"SOUN\", \"NYSE:SES\"]\n",
        );
        assert_eq!(format!("{written:?}"), format!("{bare:?}"));
    }

    #[test]
    fn nothing_that_exists_is_touched() {
        let folder = TempDir::new().unwrap();
        let find = |name: &str| {
            let found = Place::find(Some(&folder.path().join(name)), &Environment::default());
            found.map(|_| ()).map_err(|failure| (failure.reason, failure.said.because.en))
        };
        assert_eq!(find("new"), Ok(()));
        std::fs::create_dir(folder.path().join("empty")).unwrap();
        std::fs::create_dir(folder.path().join("full")).unwrap();
        File::create_new(folder.path().join("full/config.toml")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("link")).unwrap();
        let refused = |why: Sentence| Err((Reason::ConfigInvalid, why.en));
        assert_eq!(find("empty"), refused(words::exists_already()));
        assert_eq!(find("link"), refused(words::exists_already()));
        assert_eq!(find("full"), refused(words::configured_already()));
        assert_eq!(find("missing/new"), refused(words::no_parent()));
        assert_eq!(find("two\nlines"), refused(words::path_not_plain()));
    }

    #[test]
    fn what_appears_meanwhile_stays_and_nothing_of_ours_is_left() {
        let folder = TempDir::new().unwrap();
        let place = place(&folder, "kis");
        std::fs::create_dir(place.path("")).unwrap();
        File::create_new(place.path("mine")).unwrap();
        let failure = write(&place, &answers(Mode::Real), "", Language::English).unwrap_err();
        assert_eq!(failure.reason, Reason::StateUnwritable);
        assert!(std::fs::metadata(place.path("mine")).is_ok() && std::fs::metadata(place.path("config.toml")).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn without_a_name_it_is_in_the_home_directory() {
        let folder = TempDir::new().unwrap();
        let home = |home: &str| Place::find(None, &Environment::from_pairs([("HOME", home)]));
        let found = home(folder.path().to_str().unwrap()).unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(found.show(), folder.path().join("kis-trade").to_str().unwrap());
        for nowhere in [home(""), Place::find(None, &Environment::default())] {
            assert_eq!(nowhere.map(|_| ()).unwrap_err().reason, Reason::Usage);
        }
    }
}
