//! Files that are bad, unsafe, left over, or can't be written.

use super::*;

#[test]
fn bad_files_are_set_aside_with_one_warning() {
    let foreign = json!({"version": 1, "env": "paper", "base_url": owner().base_url, "appkey_print": "ffffffff",
        "access_token": "t", "expires_at": NOW + 80_000});
    let cases = [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        r#"{"access_token":7,"expires_at":"soon"}"#.to_owned(),
        r#"{"access_token":"t"}"#.to_owned(),
        "x".repeat(10 << 20),
        r#"{"access_token":"t","expires_at":NaN}"#.to_owned(),
        r#"{"access_token":"t","expires_at":1e400}"#.to_owned(),
        foreign.to_string(),
    ];
    for text in cases {
        let stage = stage().with_file(&text).issuing("new");
        let report = stage.work().unwrap();
        let name = text.chars().take(60).collect::<String>();
        assert_eq!(report.token.expose(), "new", "{name}");
        assert_eq!(stage.heard().warnings.len(), 1, "{name}: {:?}", stage.heard());
        assert_eq!(stage.set_aside(), ["api_token.json.bad-20270309T143000Z"], "{name}");
        assert!(stage.heard().warnings[0].ends_with("it is kept as api_token.json.bad-20270309T143000Z"), "{name}");
        assert_eq!(stage.files()["api_token.json.bad-20270309T143000Z"], text.as_bytes(), "{name}");
    }
    let directory = stage().issuing("new");
    fs::create_dir(directory.dir.token()).unwrap();
    assert_eq!(directory.work().unwrap().token.expose(), "new");
    assert_eq!(directory.set_aside().len(), 1);
}

#[test]
fn a_bad_file_that_cannot_be_set_aside_is_not_overwritten() {
    let stage = stage().with_file("precious").issuing("new");
    // All names are taken, for as long as this test may run.
    for (second, number) in (0..9).flat_map(|second| (1..100).map(move |number| (second, number))) {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        File::create(stage.dir.file(&format!("api_token.json.bad-20270309T14300{second}Z{suffix}"))).unwrap();
    }
    let report = stage.work().unwrap();
    let failure = stage.heard().save_failed.clone().unwrap();
    assert_eq!((report.token.expose(), failure.exit()), ("new", Exit::StateUnwritable));
    assert_eq!(stage.files()["api_token.json"], b"precious");
}

#[test]
fn unsafe_and_newer_files_are_refused_and_stay() {
    let link = stage();
    symlink(link.dir.file("elsewhere"), link.dir.token()).unwrap();
    let fifo = stage();
    mknodat(CWD, fifo.dir.token(), FileType::Fifo, Bits::RUSR | Bits::WUSR, 0).unwrap();
    let lock = stage().with_token("old", 80_000);
    symlink(lock.dir.file("elsewhere"), lock.dir.token_lock()).unwrap();
    for stage in [link, fifo, lock] {
        assert_eq!(exit(stage.work()), (Exit::Config, Reason::ConfigInvalid));
        assert!(fs::symlink_metadata(stage.dir.token()).is_ok());
        assert_eq!((stage.requests.get(), stage.set_aside().len()), (0, 0));
    }
    let newer = stage().with_file(r#"{"version":2}"#);
    assert_eq!(exit(newer.work()), (Exit::StateUnreadable, Reason::StateUnreadable));
    assert_eq!(newer.files()["api_token.json"], br#"{"version":2}"#);
}

#[test]
fn a_file_that_others_could_read_is_tightened_and_used() {
    let stage = stage().with_token("old", 80_000);
    fs::set_permissions(stage.dir.token(), Permissions::from_mode(0o644)).unwrap();
    let report = stage.work().unwrap();
    assert_eq!((report.renewed, stage.heard().warnings.len()), (false, 1));
    assert!(stage.heard().warnings[0].contains("was open to other users"), "{:?}", stage.heard());
    assert_eq!(stage.dir.token().metadata().unwrap().mode() & 0o777, 0o600);
    stage.work().unwrap();
    assert!(stage.heard().warnings.is_empty());
}

#[test]
fn a_token_that_cannot_be_saved_serves_this_run_and_ends_it_with_74() {
    let mut stage = stage().with_token("old", -60).issuing("new");
    stage.settings.retry_delay = Duration::from_secs(65);
    stage.block("api_token.json");
    let before = stage.files()["api_token.json"].clone();
    let (report, after) = stage.refuse();
    assert_eq!((report.token.expose(), report.renewed), ("new", false));
    let failure = stage.heard().save_failed.clone().unwrap();
    assert_eq!((failure.exit(), failure.reason), (Exit::StateUnwritable, Reason::StateUnwritable));
    assert_eq!(stage.files()["api_token.json"], before);
    assert_eq!(exit(after), (Exit::TryAgain, Reason::RateLimited));
    assert_eq!(stage.requests.get(), 1);
}

#[test]
fn with_nothing_writable_a_live_token_is_used_without_a_request() {
    let live = stage().with_token("old", 3600);
    live.block("token_attempt.json");
    let report = live.work().unwrap();
    assert_eq!((report.token.expose(), live.heard().save_failed.is_none()), ("old", true));
    assert_eq!(live.requests.get(), 0);

    let dead = stage().with_token("old", 0).issuing("new");
    dead.block("token_attempt.json");
    dead.block("api_token.json");
    let report = dead.work().unwrap();
    let failure = dead.heard().save_failed.clone().unwrap();
    assert_eq!((report.token.expose(), failure.exit()), ("new", Exit::StateUnwritable));
}

#[test]
fn leftovers_of_killed_runs_are_removed() {
    let stage = stage().issuing("new");
    for name in [".tmp-api_token.json-4194304", ".tmp-token_attempt.json-4194304"] {
        File::create(stage.dir.file(name)).unwrap();
    }
    stage.work().unwrap();
    assert!(stage.files().keys().all(|name| !name.starts_with(".tmp-")), "{:?}", stage.files().keys());
}

#[test]
fn a_damaged_record_is_kept_and_named() {
    for left in [80_000, 3600, 0] {
        let stage = stage().with_token("old", left);
        replace(&stage.dir.attempt(), b"{").unwrap();
        match stage.work() {
            Ok(_) => {
                assert!(left > 0);
                let heard = stage.heard();
                assert!(heard.warnings[0].contains("token_attempt.json can't be read"), "{heard:?}");
            }
            Err(none) => assert_eq!((left, none.exit()), (0, Exit::StateUnreadable)),
        }
        assert_eq!(fs::read(stage.dir.attempt()).unwrap(), b"{");
        assert_eq!(stage.requests.get(), 0);
    }
    let newer = stage().with_token("old", 80_000);
    replace(&newer.dir.attempt(), br#"{"version":2}"#).unwrap();
    assert_eq!(exit(newer.work()), (Exit::StateUnreadable, Reason::StateUnreadable));
}

/// What was set aside is said even where the run ends at the next file.
#[test]
fn nothing_that_was_found_is_lost_when_the_files_cannot_be_used() {
    let stage = stage().with_file("{");
    replace(&stage.dir.attempt(), br#"{"version":2}"#).unwrap();
    let none = stage.work().unwrap_err();
    assert_eq!((stage.heard().state, none.exit()), (None, Exit::StateUnreadable));
    assert_eq!(stage.requests.get(), 0);

    let open = self::stage().with_token("old", 80_000);
    fs::set_permissions(open.dir.token(), Permissions::from_mode(0o644)).unwrap();
    replace(&open.dir.attempt(), br#"{"version":2}"#).unwrap();
    open.work().unwrap_err();
    assert!(open.heard().warnings[0].contains("was open to other users"), "{:?}", open.heard());
}
