//! Tests of credentials and where they come from.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;
use crate::exit::{Exit, Reason};

const ACCOUNT: &str = "87654321-01";

fn key() -> String {
    format!("PS{}", "k3".repeat(17))
}

fn secret() -> String {
    format!("{}==", "s+/4".repeat(44)) + "a="
}

fn settings(credentials_file: Option<&Path>) -> Settings {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    put(&path, "[buy]\nwatch = [\"SOUN\"]\n", 0o644);
    let mut settings = crate::config::load(&path, None, &Environment::default()).unwrap();
    settings.credentials_file = credentials_file.map(Path::to_owned);
    settings
}

fn put(path: &Path, text: impl AsRef<[u8]>, mode: u32) {
    File::create(path).unwrap().write_all(text.as_ref()).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn toml(key: &str, secret: &str, account: &str) -> String {
    format!("app_key = '{key}'\napp_secret = '{secret}'\naccount_no = '{account}'\n")
}

fn variables(key: &str, secret: &str, account: &str) -> Environment {
    Environment::from_pairs([("KIS_APP_KEY", key), ("KIS_APP_SECRET", secret), ("KIS_ACCOUNT_NO", account)])
}

/// A folder with a credentials file of this content and mode.
fn file(text: impl AsRef<[u8]>, mode: u32) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.toml");
    put(&path, text, mode);
    (folder, path)
}

/// A directory as systemd makes it, and the environment that names it.
fn directory(files: &[(&str, &str)]) -> (TempDir, Environment) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        put(&folder.path().join(name), text, 0o644);
    }
    let env = Environment::from_pairs([("CREDENTIALS_DIRECTORY", folder.path().as_os_str().to_owned())]);
    (folder, env)
}

fn refusal(settings: &Settings, env: &Environment) -> Failure {
    let failure = load_credentials(settings, env).expect_err("must be refused");
    assert_eq!((failure.exit(), failure.reason), (Exit::Config, Reason::ConfigInvalid));
    assert!(!failure.said.because.is_empty() && !failure.said.next.is_empty(), "{failure:?}");
    failure
}

fn account_of(loaded: Result<Credentials, Failure>) -> String {
    loaded.unwrap().account.number().to_owned()
}

#[test]
fn the_first_source_that_exists_counts() {
    let (_file, path) = file(toml(&key(), &secret(), "22222222-01"), 0o600);
    let third = [("KIS_APP_KEY", key()), ("KIS_APP_SECRET", secret()), ("KIS_ACCOUNT_NO", "33333333-01".to_owned())];
    let third = third.each_ref().map(|(name, text)| (*name, text.as_str()));
    let (_folder, systemd) = directory(&third);
    let all = variables(&key(), &secret(), "11111111-01");
    let (none, named, gone) = (settings(None), settings(Some(&path)), settings(Some(&path.with_extension("gone"))));
    assert_eq!(account_of(load_credentials(&named, &all)), "11111111");
    assert_eq!(account_of(load_credentials(&named, &systemd)), "22222222");
    assert_eq!(account_of(load_credentials(&none, &systemd)), "33333333");
    assert_eq!(account_of(load_credentials(&gone, &systemd)), "33333333");

    let nothing = refusal(&none, &Environment::default());
    assert!(
        nothing.said.what.contains("no credentials are set") && nothing.said.next.contains("KIS_APP_KEY"),
        "{nothing:?}"
    );
    assert!(nothing.said.because.contains("credentials.toml counts only when"), "{nothing:?}");
    let missing = refusal(&gone, &Environment::default());
    assert!(
        missing.said.what.contains("credentials.gone") && missing.said.next.contains("install -m 600"),
        "{missing:?}"
    );
    // A directory for other programs' secrets is no source.
    let (_folder, others) = directory(&[("database", "x")]);
    assert!(refusal(&none, &others).said.what.contains("no credentials are set"));
    assert!(refusal(&gone, &others).said.what.contains("there is no credentials file"));
}

#[test]
fn values_arrive_whole_and_are_not_shown() {
    let (_file, path) = file(toml(&key(), &secret(), ACCOUNT), 0o600);
    let files = [
        ("KIS_APP_KEY", key() + "\n"),
        ("KIS_APP_SECRET", secret() + " \r\n"),
        ("KIS_ACCOUNT_NO", format!("{ACCOUNT}\n\n")),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let (_folder, systemd) = directory(&files);
    for (settings, env) in [
        (settings(None), variables(&key(), &secret(), ACCOUNT)),
        (settings(Some(&path)), Environment::default()),
        (settings(None), systemd),
    ] {
        let credentials = load_credentials(&settings, &env).unwrap();
        assert_eq!(credentials.app_key.expose_secret(), key());
        assert_eq!(credentials.app_secret.expose_secret(), secret());
        assert_eq!(credentials.account, AccountNumber::parse(ACCOUNT).unwrap());
        let shown = format!("{credentials:?}");
        assert!(!shown.contains(&key()) && !shown.contains(&secret()) && !shown.contains("87654321"), "{shown}");
    }
    let (_file, path) =
        file(format!("\u{feff}# mine\r\n{}", toml(&key(), &secret(), ACCOUNT).replace('\n', "\r\n")), 0o400);
    assert!(load_credentials(&settings(Some(&path)), &Environment::default()).is_ok());
}

#[test]
fn a_half_set_source_is_refused_by_what_is_missing() {
    let (key, secret) = (key(), secret());
    let complete = [
        ("KIS_APP_KEY", "app_key", key.as_str()),
        ("KIS_APP_SECRET", "app_secret", &secret),
        ("KIS_ACCOUNT_NO", "account_no", ACCOUNT),
    ];
    for kept in 1..7_u32 {
        let part = complete.iter().enumerate().filter(|(bit, _)| kept & (1 << bit) != 0).map(|(_, entry)| entry);
        let part = part.collect::<Vec<_>>();
        let missing =
            complete.iter().filter(|(name, ..)| !part.iter().any(|(other, ..)| other == name)).collect::<Vec<_>>();

        let env = Environment::from_pairs(part.iter().map(|(name, _, value)| (*name, *value)));
        let (_folder, systemd) = directory(&part.iter().map(|(name, _, value)| (*name, *value)).collect::<Vec<_>>());
        let (_file, path) =
            file(part.iter().map(|(_, name, value)| format!("{name} = \"{value}\"\n")).collect::<String>(), 0o600);
        // A later source that is complete does not help.
        let (_file, whole) = file(toml(&key, &secret, ACCOUNT), 0o600);
        for (failure, names) in [
            (refusal(&settings(Some(&whole)), &env), missing.iter().map(|(name, ..)| *name).collect::<Vec<_>>()),
            (refusal(&settings(None), &systemd), missing.iter().map(|(name, ..)| *name).collect()),
            (
                refusal(&settings(Some(&path)), &Environment::default()),
                missing.iter().map(|(_, name, _)| *name).collect(),
            ),
        ] {
            assert_eq!(failure.said.because, format!("missing: {}", names.join(", ")));
        }
    }
    let (_file, empty) = file("", 0o600);
    assert_eq!(
        refusal(&settings(Some(&empty)), &Environment::default()).said.because,
        "missing: app_key, app_secret, account_no"
    );
}

#[test]
fn values_of_the_wrong_form_are_refused_by_their_length() {
    let (key, secret) = (key(), secret());
    let good = [key.as_str(), secret.as_str(), ACCOUNT];
    let names = ["app_key", "app_secret", "account_no"];
    let variables_of = |values: [&str; 3]| variables(values[0], values[1], values[2]);
    let (short, long) = (&key[1..], format!("{key}x"));
    let padded = |text: &str, pad: &str| format!("{}{pad}", &text[..text.len() - pad.len()]);
    let rows: Vec<(usize, String, &str)> = vec![
        (0, short.to_owned(), "has 35 characters; a KIS app key has 36"),
        (0, long, "has 37 characters"),
        (0, "x".to_owned(), "has 1 character;"),
        (0, secret.clone(), "has 180 characters"),
        (0, "YOUR_APP_KEY".to_owned(), "placeholder text (12 characters)"),
        (0, "<36 characters of your KIS app key >".to_owned(), "placeholder text (36 characters)"),
        (0, "changeme".to_owned(), "placeholder text"),
        (0, padded(&key, "\n"), "contains a line break (36 characters)"),
        (0, format!("{key}\n"), "contains a line break (37 characters)"),
        (0, padded(&key, "\r"), "contains a line break"),
        (0, format!(" {}", &key[1..]), "contains a space"),
        (0, padded(&key, "\t"), "contains a space"),
        (0, padded(&key, "\u{a0}").chars().collect(), "contains a space"),
        (0, format!("\"{}\"", &key[2..]), "contains a quote (36 characters)"),
        (0, padded(&key, "\u{7f}"), "contains a control character"),
        (0, padded(&key, "ａ"), "contains a character outside ASCII"),
        (1, secret[..179].to_owned(), "has 179 characters; a KIS app secret has 180"),
        (1, format!("{secret}="), "has 181 characters"),
        (1, key.clone(), "has 36 characters; a KIS app secret has 180"),
        (1, "your_app_secret".to_owned(), "placeholder text"),
        (1, format!("{}\n", &secret[..179]), "contains a line break"),
        (1, format!("'{}'", &secret[..178]), "contains a quote"),
        (2, "8765432-01".to_owned(), "has 10 characters; an account number is 8 digits, a hyphen and 2 digits"),
        (2, "876543210-01".to_owned(), "has 12 characters"),
        (2, "8765432101".to_owned(), "has 10 characters"),
        (2, "87654321".to_owned(), "has 8 characters"),
        (2, "87654321-1".to_owned(), "8 digits, a hyphen and 2 digits"),
        (2, "87654321-0A".to_owned(), "8 digits, a hyphen and 2 digits"),
        (2, "87654321–01".to_owned(), "contains a character outside ASCII"),
        (2, "８７６５４３２１-01".to_owned(), "contains a character outside ASCII"),
        (2, "87654321-01 ".to_owned(), "contains a space (12 characters)"),
        (2, "<account>".to_owned(), "placeholder text"),
    ];
    for (index, value, expected) in &rows {
        let mut values = good;
        values[*index] = value;
        let by_variable = refusal(&settings(None), &variables_of(values));
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let (_file, path) = file(
            names.iter().zip(values).map(|(name, value)| format!("{name} = {}\n", quoted(value))).collect::<String>(),
            0o600,
        );
        let by_file = refusal(&settings(Some(&path)), &Environment::default());
        assert!(by_variable.said.because.starts_with(NAMES[*index]), "{value:?}: {by_variable:?}");
        assert!(by_file.said.because.starts_with(names[*index]), "{value:?}: {by_file:?}");
        for failure in [by_variable, by_file] {
            assert!(failure.said.because.contains(expected), "{value:?}: {failure:?}");
            let is_short = value.chars().count() < 5;
            assert!(is_short || !format!("{failure:?}").contains(value.trim()), "{failure:?}");
            assert!(good.iter().all(|good| !format!("{failure:?}").contains(good)), "{failure:?}");
        }
    }
    // Set to nothing is not unset.
    for name in NAMES {
        let pairs = NAMES.into_iter().zip(good).map(|(other, value)| (other, if other == name { "" } else { value }));
        let failure = load_credentials(&settings(None), &Environment::from_pairs(pairs)).unwrap_err();
        assert_eq!(
            (failure.exit(), failure.said.what.en),
            (Exit::Config, format!("environment variable {name} is empty"))
        );
    }
    // Several problems are listed together.
    assert_eq!(refusal(&settings(None), &variables("a", "b", "c")).said.because.lines().count(), 3);
}

#[test]
fn values_that_are_no_text_are_refused_without_being_shown() {
    for (text, expected) in [
        ("app_key = 123456789\napp_secret = 's'\naccount_no = 'a'\n", "line 1: app_key must be a text in quotes"),
        ("app_key = 'sesame'\napp_secret = ['sesame']\naccount_no = 'sesame'\n", "line 2: app_secret must be"),
        ("app_key = 'sesame'\nappsecret = 'sesame'\n", "line 2: unknown key `appsecret`; did you mean app_secret?"),
        ("app_key = 'sesame'\n[paper]\napp_secret = 'sesame'\n", "line 2: unknown section [`paper`]"),
        ("app_key = 'sesame'\napp_key = 'sesame'\n", "line 2: app_key: not TOML: duplicate key"),
        ("app_key = sesame\n", "line 1: app_key: not TOML"),
        ("sesame sesame\n", "line 1: not TOML"),
        ("app_key = 'sesame\n", "line 1: app_key: not TOML"),
    ] {
        let (_file, path) = file(text, 0o600);
        let failure = refusal(&settings(Some(&path)), &Environment::default());
        assert!(failure.said.because.contains(expected), "{text}: {failure:?}");
        assert!(
            !format!("{failure:?}").contains("sesame") && !failure.said.because.contains("123456789"),
            "{failure:?}"
        );
    }
    use std::os::unix::ffi::OsStringExt;
    let bytes = std::ffi::OsString::from_vec(vec![0xff; 36]);
    let env = Environment::from_pairs([
        ("KIS_APP_KEY", bytes),
        ("KIS_APP_SECRET", secret().into()),
        ("KIS_ACCOUNT_NO", ACCOUNT.into()),
    ]);
    assert!(refusal(&settings(None), &env).said.what.contains("KIS_APP_KEY is not UTF-8"));
}

#[test]
fn a_file_that_others_can_reach_is_refused() {
    for mode in [0o644, 0o640, 0o604, 0o660, 0o606, 0o620, 0o602, 0o610, 0o601, 0o666, 0o777, 0o1644] {
        let (_file, path) = file(toml(&key(), &secret(), ACCOUNT), mode);
        let failure = refusal(&settings(Some(&path)), &Environment::default());
        assert!(failure.said.because.contains(&format!("(mode {mode:04o})")), "{failure:?}");
        assert!(
            failure.said.what.contains("credentials.toml") && failure.said.next.contains("chmod 600"),
            "{failure:?}"
        );
    }
    for mode in [0o600, 0o400, 0o700, 0o500] {
        let (_file, path) = file(toml(&key(), &secret(), ACCOUNT), mode);
        assert!(load_credentials(&settings(Some(&path)), &Environment::default()).is_ok(), "{mode:o}");
    }
}

#[test]
fn what_is_no_regular_file_of_text_is_refused() {
    let (folder, path) = file(toml(&key(), &secret(), ACCOUNT), 0o600);
    let at = |name: &str| folder.path().join(name);
    symlink(&path, at("link")).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    fs::create_dir(at("directory")).unwrap();
    let owner = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), rustix::fs::FileType::Fifo, owner, 0).unwrap();
    put(&at("large"), vec![b'#'; 64 * 1024 + 1], 0o600);
    put(&at("latin1"), b"# caf\xe9\n", 0o600);
    put(&at("nul"), b"app_key = '\0'\n", 0o600);
    put(&at("utf16"), b"\xff\xfea\0", 0o600);
    for (name, expected) in [
        ("link", "symbolic link"),
        ("dangling", "symbolic link"),
        ("directory", "is a directory"),
        ("fifo", "named pipe"),
        ("large", "larger than 64 KiB"),
        ("latin1", "line 1: it is not UTF-8"),
        ("nul", "line 1: it has a NUL byte"),
        ("utf16", "UTF-16"),
    ] {
        let failure = refusal(&settings(Some(&at(name))), &Environment::default());
        assert!(failure.said.what.contains(name) && failure.said.because.contains(expected), "{name}: {failure:?}");
    }
    // The same in systemd's directory, where links and modes are systemd's affair.
    let (folder, env) = directory(&[("KIS_APP_SECRET", &secret()), ("KIS_ACCOUNT_NO", ACCOUNT)]);
    let key_path = folder.path().join("KIS_APP_KEY");
    fs::create_dir(&key_path).unwrap();
    assert!(refusal(&settings(None), &env).said.because.contains("is a directory"));
    fs::remove_dir(&key_path).unwrap();
    put(&folder.path().join("real"), key(), 0o644);
    symlink(folder.path().join("real"), &key_path).unwrap();
    assert!(load_credentials(&settings(None), &env).is_ok());
    assert!(
        refusal(&settings(None), &Environment::from_pairs([("CREDENTIALS_DIRECTORY", "/nowhere/at/all")]))
            .said
            .what
            .contains("no credentials")
    );
}

#[test]
fn a_file_of_another_user_is_refused_and_one_of_root_is_not() {
    use crate::config::file::check_owner;
    let (_file, path) = file("", 0o600);
    let me = rustix::process::geteuid().as_raw();
    let owned_by_me = fs::metadata(&path).unwrap();
    assert_eq!(check_owner(&owned_by_me, me), Ok(()));
    // As another user sees it: refused, unless it is root's.
    assert_eq!(check_owner(&owned_by_me, me + 1).is_ok(), me == 0);
    if me == 0 {
        rustix::fs::chown(&path, Some(rustix::fs::Uid::from_raw(1)), None).unwrap();
        let failure = refusal(&settings(Some(&path)), &Environment::default());
        assert!(failure.said.because.contains("belongs to user 1, not to user 0"), "{failure:?}");
    }
}
