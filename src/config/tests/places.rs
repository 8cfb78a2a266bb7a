//! Which file is read, which directory is meant, and what the environment adds.

use super::*;
use crate::exit::Exit;

#[test]
fn files_that_are_no_settings_are_refused_by_what_they_are() {
    let utf16 = "[buy]\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let utf16_marked = [&[0xff, 0xfe][..], &utf16].concat();
    for (content, expected) in [
        (&b""[..], "[buy] watch is missing"),
        (b"# only a comment", "[buy] watch is missing"),
        (b"\xef\xbb\xbf", "[buy] watch is missing"),
        (&utf16, "line 1: it has a NUL byte"),
        (&utf16_marked, "UTF-16"),
        (b"\xfe\xff\0[", "UTF-16"),
        (b"mode = \"paper\"\n# caf\xe9\n", "line 2: it is not UTF-8"),
        (b"mode = \"paper\"\n\n\0", "line 3: it has a NUL byte"),
        (&[b'#'; 1024 * 1024 + 1], "larger than 1024 KiB"),
    ] {
        let because = problems(content);
        assert!(because.contains(expected), "{expected}: {because}");
    }
    let padded = format!("{MINIMAL}{}", "#".repeat(1024 * 1024 - MINIMAL.len()));
    assert!(load_text(padded).is_ok());
    assert!(load_text(format!("\u{feff}{MINIMAL}")).is_ok());
    assert!(load_text(MINIMAL.replace('\n', "\r\n")).is_ok());
    assert_eq!(problems(format!("\u{feff}x = 1\n{MINIMAL}")).lines().count(), 1);
}

#[test]
fn paths_that_are_no_files_are_refused_without_waiting() {
    let (folder, path) = folder_with(MINIMAL);
    let at = |name: &str| folder.path().join(name);
    let refused = |path: &Path| load(path, None, &Environment::default()).unwrap_err();
    fs::create_dir(at("directory")).unwrap();
    assert!(refused(&at("directory")).said.because.contains("is a directory"));
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    assert!(refused(&at("fifo")).said.because.contains("named pipe"));
    assert!(refused(Path::new("/dev/zero")).said.because.contains("not a regular file"));
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    assert!(refused(&at("socket")).said.because.contains("not a regular file"));
    let missing = refused(&at("missing.toml"));
    assert!(missing.said.what.contains("missing.toml"), "{missing:?}");
    for step in ["copy config.example.toml", "credentials", "kis-trade token-check"] {
        assert!(missing.said.next.contains(step), "{missing:?}");
    }
    assert!(refused(&path.join("below-a-file")).said.because.contains("directory"));
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    // Root reads everything.
    let is_root = rustix::process::geteuid().is_root();
    assert!(is_root || refused(&path).said.because.contains("this user may not read it"));
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    assert!(refused(&at("dangling")).said.what.contains("there is no configuration file"));
    symlink(&path, at("link")).unwrap();
    assert!(load(&at("link"), None, &Environment::default()).is_ok());
    assert!(refused(Path::new("a\nb\u{202e}.toml")).said.what.contains("a\\u{a}b\\u{202e}.toml"));
}

#[test]
fn the_state_directory_is_the_flags_then_the_environments_then_the_files() {
    let (folder, path) = folder_with(format!("state_dir = \"mine\"\n{MINIMAL}"));
    let env = Environment::from_pairs([("KIS_TRADE_STATE_DIR", "from-env")]);
    let state_dir = |flag: Option<&Path>, env: &Environment| load(&path, flag, env).map(|settings| settings.state_dir);
    assert_eq!(state_dir(Some(Path::new("flag")), &env).unwrap(), Path::new("flag"));
    assert_eq!(state_dir(None, &env).unwrap(), Path::new("from-env"));
    assert_eq!(state_dir(None, &Environment::default()).unwrap(), folder.path().join("mine"));
    assert!(state_dir(Some(Path::new("")), &env).is_err());
    assert!(state_dir(None, &Environment::from_pairs([("KIS_TRADE_STATE_DIR", "")])).is_err());
    let absolute = load_text(format!("state_dir = \"/var/lib/kis\"\n{MINIMAL}")).unwrap();
    assert_eq!(absolute.state_dir, Path::new("/var/lib/kis"));
}

#[test]
fn the_configuration_is_the_flags_then_the_environments_then_here() {
    let env = Environment::from_pairs([("KIS_TRADE_CONFIG", "from-env.toml")]);
    assert_eq!(config_path(Some(Path::new("flag.toml")), &env).unwrap(), Path::new("flag.toml"));
    assert_eq!(config_path(None, &env).unwrap(), Path::new("from-env.toml"));
    assert_eq!(config_path(None, &Environment::default()).unwrap(), Path::new("config.toml"));
    assert!(config_path(None, &Environment::from_pairs([("KIS_TRADE_CONFIG", "")])).is_err());
}

#[test]
fn a_rehearsal_needs_an_instant_and_a_loopback_gateway() {
    let loopback = load_text("[gateway]\nbase_url = \"http://127.0.0.1:1\"\n[buy]\nwatch = [\"A\"]\n").unwrap();
    let kis = load_text(MINIMAL).unwrap();
    let now =
        |settings: &Settings, text: &str| rehearsal_now(settings, &Environment::from_pairs([("KIS_TRADE_NOW", text)]));
    assert_eq!(rehearsal_now(&kis, &Environment::default()), Ok(None));
    for (text, utc) in [
        ("2026-03-09T14:30:00Z", "2026-03-09T14:30:00+00:00"),
        ("2026-03-09T10:30:00-04:00", "2026-03-09T14:30:00+00:00"),
        ("2026-03-09T23:30:00.5+09:00", "2026-03-09T14:30:00.500+00:00"),
    ] {
        assert_eq!(now(&loopback, text).unwrap().unwrap().to_rfc3339(), utc);
        assert!(now(&kis, text).unwrap_err().said.what.contains("KIS_TRADE_NOW"));
    }
    for bad in [
        "",
        "now",
        "2026-03-09",
        "2026-03-09T14:30:00",
        "1773066600",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "2026-03-09T14:30:00Z ",
    ] {
        let failure = now(&loopback, bad).unwrap_err();
        assert!(failure.exit() == Exit::Config && failure.said.what.contains("KIS_TRADE_NOW"), "{bad}: {failure:?}");
        assert!(now(&kis, bad).is_err(), "{bad}");
    }
}

#[test]
fn the_environment_shows_no_values_and_takes_only_utf8() {
    use std::os::unix::ffi::OsStringExt;
    let latin1 = std::ffi::OsString::from_vec(vec![b'k', 0xe9]);
    let env = Environment::from_pairs([("KIS_APP_KEY", latin1)]);
    assert_eq!(format!("{env:?}"), "{\"KIS_APP_KEY\"}");
    let failure = env.text("KIS_APP_KEY").unwrap_err();
    assert!(
        failure.said.what.contains("KIS_APP_KEY is not UTF-8") && failure.said.because.contains("2 bytes"),
        "{failure:?}"
    );
    assert_eq!(env.text("UNSET"), Ok(None));
    assert!(Environment::from_process().is_set("PATH") || !Environment::default().is_set("PATH"));
}
