//! `api_token.json`: the access token and its owner. It is the one state file that heals itself: what can't be used is set aside, never deleted, and a new
//! token takes its place. Older tools wrote four keys (`access_token`, `expires_at`, `created_at`, `expires_datetime`);
//! their files are accepted. `expires_at` alone decides how long the token lives, even when a person edited it and the
//! other keys are stale.

mod words;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use rustix::io::Errno;
use serde::Serialize;
use serde_json::Value;

use crate::domain::market_session::korea;
use crate::domain::{AccessToken, Mode};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::store::atomic::{keep_newest, replace_json, sync_folder};
use crate::store::foreign::foreign;
use crate::store::read::{Content, Oddity, read_state_file, tightened_warning};
use crate::store::words::{Subject, not_as_written, of_newer_version, unreadable as unreadable_file};

const VERSION: u64 = 1;

/// How many unusable token files are kept, the newest ones.
const MAX_BAD: usize = 10;

/// A token is some 350 characters, the rest of the file as many.
const BYTES_MAX: u64 = 64 << 10;

/// Far over the 350 characters that KIS states.
const TOKEN_CHARACTERS_MAX: usize = 4096;

/// 9999-12-31T23:59:59Z; beyond it are only mistakes, such as milliseconds.
const SECONDS_MAX: i64 = 253_402_300_799;

/// The life that KIS gives a token, for files that do not say when it began.
const LIFE: TimeDelta = TimeDelta::hours(24);

/// Whose tokens a run may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenOwner {
    /// Paper or real.
    pub mode: Mode,
    /// Origin of the gateway that issued it.
    pub base_url: String,
    /// Short hash of the app key.
    pub app_key_fingerprint: String,
}

/// What the file says.
#[derive(Debug)]
pub enum TokenFile {
    /// There is none.
    Missing,
    /// A token of ours, dead or alive, and the warning that others could read it.
    Token(AccessToken, Option<Sentence>),
    /// Nothing of use, and why: to be set aside.
    Bad(Sentence),
}

/// Reads the token file.
///
/// # Errors
/// 65 for a file of a newer program and for one that the system can't read, 78 for a symlink, a FIFO or a file of
/// another user. The file stays as it is.
pub fn load_token(path: &Path, owner: &TokenOwner) -> Result<TokenFile, Failure> {
    let bad = |why: Sentence| Ok(TokenFile::Bad(why));
    let Content { bytes, tightened } = match read_state_file(path, BYTES_MAX) {
        Ok(Some(content)) => content,
        Ok(None) => return Ok(TokenFile::Missing),
        Err(oddity @ (Oddity::Directory | Oddity::TooLarge)) => return bad(oddity.words(Subject::It)),
        Err(Oddity::Io(error)) if error.kind() == io::ErrorKind::PermissionDenied => return bad(words::not_openable()),
        Err(Oddity::Io(error)) => return Err(unreadable(path).because(error)),
        Err(oddity @ Oddity::NotOurs(_)) => {
            let what = oddity.words(Subject::At(path));
            let failure = || Failure::new(Reason::ConfigInvalid, what).next(words::remove_it());
            return Err(foreign(path).unwrap_or_else(failure));
        }
    };
    match parse(&bytes, owner) {
        Ok(token) => Ok(TokenFile::Token(token, tightened.then(|| tightened_warning(path)))),
        Err(Unusable::Bad(why)) => bad(why),
        Err(Unusable::Newer(version)) => {
            Err(unreadable(path).because(of_newer_version(version, VERSION)).next(words::use_its_program()))
        }
    }
}

/// Renames what can't be used to `api_token.json.bad-<time>`. The caller holds the token's lock exclusively.
///
/// # Errors
/// The file stays where it is.
pub fn set_token_aside(path: &Path, now: DateTime<Utc>) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = format!("{name}.bad-{}", now.format("%Y%m%dT%H%M%SZ"));
    let names = std::iter::once(stem.clone()).chain((2..100).map(|number| format!("{stem}-{number}")));
    let free = names.map(|name| path.with_file_name(name)).find(|path| fs::symlink_metadata(path).is_err());
    let aside = free.ok_or(Errno::EXIST)?;
    fs::rename(path, &aside)?;
    keep_newest(path.parent().unwrap_or(Path::new("")), &format!("{name}.bad-"), MAX_BAD);
    sync_folder(path)?;
    Ok(aside)
}

/// Replaces the token file and reads it back. The caller holds the token's lock exclusively.
///
/// # Errors
/// What the system says, and a read-back that differs.
pub fn save_token(path: &Path, token: &AccessToken, owner: &TokenOwner) -> Result<(), Sentence> {
    replace_json(path, &TokenDocument::new(token, owner))?;
    match load_token(path, owner) {
        Ok(TokenFile::Token(back, _))
            if back.fingerprint() == token.fingerprint()
                && back.expires_at.timestamp() == token.expires_at.timestamp() =>
        {
            Ok(())
        }
        _ => Err(not_as_written()),
    }
}

#[derive(Serialize)]
struct TokenDocument<'a> {
    version: u64,
    env: Mode,
    base_url: &'a str,
    appkey_print: &'a str,
    token_print: String,
    access_token: &'a str,
    expires_at: i64,
    created_at: i64,
    expires_datetime: String,
    issued_at_utc: String,
    expires_at_utc: String,
}

impl<'a> TokenDocument<'a> {
    fn new(token: &'a AccessToken, owner: &'a TokenOwner) -> TokenDocument<'a> {
        let utc = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::Secs, true);
        TokenDocument {
            version: VERSION,
            env: owner.mode,
            base_url: &owner.base_url,
            appkey_print: &owner.app_key_fingerprint,
            token_print: token.fingerprint(),
            access_token: token.expose(),
            expires_at: token.expires_at.timestamp(),
            created_at: token.created_at.timestamp(),
            // Older tools read the wall clock in Seoul, without its zone.
            expires_datetime: korea(token.expires_at).trim_end_matches(" KST").to_owned(),
            issued_at_utc: utc(token.created_at),
            expires_at_utc: utc(token.expires_at),
        }
    }
}

enum Unusable {
    Bad(Sentence),
    Newer(u64),
}

fn parse(bytes: &[u8], owner: &TokenOwner) -> Result<AccessToken, Unusable> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| Unusable::Bad(words::no_json()))?;
    let object = value.as_object().ok_or_else(|| Unusable::Bad(words::no_object()))?;
    let version = match object.get("version") {
        None => None,
        Some(version) => Some(version.as_u64().ok_or_else(|| Unusable::Bad(words::version_no_number()))?),
    };
    match version {
        Some(newer) if newer > VERSION => return Err(Unusable::Newer(newer)),
        Some(0) => return Err(Unusable::Bad(words::version_unknown())),
        _ => {}
    }
    let mode = owner.mode.to_string();
    let facts = [("env", &mode), ("base_url", &owner.base_url), ("appkey_print", &owner.app_key_fingerprint)];
    for (key, ours) in facts {
        match object.get(key) {
            Some(value) if value.as_str() == Some(ours) => {}
            None if version.is_none() => {}
            None => return Err(Unusable::Bad(words::of_nobody())),
            Some(_) => return Err(Unusable::Bad(words::of_another())),
        }
    }
    let text = object.get("access_token").and_then(Value::as_str).filter(|text| is_token_text(text));
    let text = text.ok_or_else(|| Unusable::Bad(words::no_token()))?;
    let expires_at = object.get("expires_at").and_then(instant).ok_or_else(|| Unusable::Bad(words::no_expiry()))?;
    let created_at = object.get("created_at").and_then(instant).unwrap_or(expires_at - LIFE);
    Ok(AccessToken::new(text.to_owned(), created_at, expires_at))
}

/// Reports whether a text can be a token: visible ASCII, hence harmless in a header.
fn is_token_text(text: &str) -> bool {
    (1..=TOKEN_CHARACTERS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Reads Unix seconds, whole or with a fraction, which is dropped. Works on the number's digits, not on a float.
fn instant(value: &Value) -> Option<DateTime<Utc>> {
    let digits = value.as_number()?.to_string();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, "0"));
    if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = whole.parse().ok().filter(|seconds| *seconds <= SECONDS_MAX)?;
    DateTime::from_timestamp(seconds, 0)
}

fn unreadable(path: &Path) -> Failure {
    Failure::new(Reason::StateUnreadable, unreadable_file(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::store::atomic::replace;

    fn owner() -> TokenOwner {
        TokenOwner {
            mode: Mode::Paper,
            base_url: "http://127.0.0.1:9443".to_owned(),
            app_key_fingerprint: "0a1b2c3d".to_owned(),
        }
    }

    fn load(text: &str) -> Result<TokenFile, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api_token.json");
        replace(&path, text.as_bytes()).unwrap();
        let loaded = load_token(&path, &owner());
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        loaded
    }

    fn expires_at(text: &str) -> Option<i64> {
        match load(text).unwrap() {
            TokenFile::Token(token, _) => Some(token.expires_at.timestamp()),
            _ => None,
        }
    }

    #[test]
    fn what_is_saved_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api_token.json");
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let token = AccessToken::new("eyJ.abc".to_owned(), at("2027-03-09T01:00:00Z"), at("2027-03-10T01:00:00.7Z"));
        save_token(&path, &token, &owner()).unwrap();
        let TokenFile::Token(back, None) = load_token(&path, &owner()).unwrap() else { panic!("not loaded") };
        assert_eq!(back.expose(), "eyJ.abc");
        assert_eq!(back.created_at, token.created_at);
        assert_eq!(back.expires_at, at("2027-03-10T01:00:00Z"));
        let written: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let expected = serde_json::json!({
            "version": 1, "env": "paper", "base_url": "http://127.0.0.1:9443", "appkey_print": "0a1b2c3d",
            "token_print": token.fingerprint(), "access_token": "eyJ.abc", "expires_at": 1_804_640_400,
            "created_at": 1_804_554_000, "expires_datetime": "2027-03-10 10:00:00",
            "issued_at_utc": "2027-03-09T01:00:00Z", "expires_at_utc": "2027-03-10T01:00:00Z",
        });
        assert_eq!(written, expected);
    }

    #[test]
    fn files_of_older_tools_are_accepted() {
        for (number, seconds) in [
            ("1804640400", 1_804_640_400),
            ("1804640400.0", 1_804_640_400),
            ("1804640400.9876543", 1_804_640_400),
            ("0", 0),
            ("1.8046404e9", 1_804_640_400),
        ] {
            let text = format!(
                r#"{{"access_token":"t","expires_at":{number},"created_at":1804554000.25,"expires_datetime":"x"}}"#
            );
            assert_eq!(expires_at(&text), Some(seconds), "{number}");
        }
        assert_eq!(expires_at(r#"{"access_token":"t","expires_at":86400,"created_at":"yesterday"}"#), Some(86400));
        assert_eq!(expires_at(r#"{"access_token":"t","expires_at":86400}"#), Some(86400));
    }

    #[test]
    fn expires_at_is_the_one_truth() {
        let text = r#"{"version":1,"env":"paper","base_url":"http://127.0.0.1:9443","appkey_print":"0a1b2c3d",
            "token_print":"stale","access_token":"t","expires_at":7,"created_at":9,"expires_datetime":"2099-01-01",
            "expires_at_utc":"2099-01-01T00:00:00Z"}"#;
        assert_eq!(expires_at(text), Some(7));
    }

    #[test]
    fn bad_files_are_told_apart_from_tokens() {
        let numbers =
            ["NaN", "1e400", "-1", "-0.5", "1e30", "1804640400000", "253402300800", "\"9\"", "null", "[]", "true"];
        let of_number = numbers.map(|number| format!(r#"{{"access_token":"t","expires_at":{number}}}"#));
        let tokens = ["\"\"", "\" t\"", "\"t\\n\"", "\"토큰\"", "7", "null"];
        let of_token = tokens.map(|token| format!(r#"{{"access_token":{token},"expires_at":9}}"#));
        let others = ["", "{", "[]", "null", "7", "{}", r#"{"access_token":"t"}"#, r#"{"expires_at":9}"#, "\u{feff}{}"];
        let versions = [r#"{"version":0}"#, r#"{"version":"1"}"#, r#"{"version":1,"access_token":"t","expires_at":9}"#];
        let all = of_number.iter().chain(&of_token).map(String::as_str).chain(others).chain(versions);
        for text in all {
            assert!(matches!(load(text).unwrap(), TokenFile::Bad(_)), "{text}");
        }
        assert!(matches!(load(&"x".repeat(10 << 20)).unwrap(), TokenFile::Bad(_)));
        let long = format!(r#"{{"access_token":"{}","expires_at":9}}"#, "t".repeat(TOKEN_CHARACTERS_MAX + 1));
        assert!(matches!(load(&long).unwrap(), TokenFile::Bad(_)));
    }

    #[test]
    fn tokens_of_others_are_never_used() {
        let text = |env: &str, base_url: &str, print: &str| {
            format!(
                r#"{{"version":1,"env":"{env}","base_url":"{base_url}","appkey_print":"{print}","access_token":"t","expires_at":9}}"#
            )
        };
        let url = owner().base_url;
        assert_eq!(expires_at(&text("paper", &url, "0a1b2c3d")), Some(9));
        let foreign =
            [("real", url.as_str(), "0a1b2c3d"), ("paper", "http://127.0.0.1:1", "0a1b2c3d"), ("paper", &url, "0")];
        for (env, url, print) in foreign {
            assert!(matches!(load(&text(env, url, print)).unwrap(), TokenFile::Bad(_)), "{env} {url} {print}");
        }
    }

    #[test]
    fn a_newer_version_and_odd_files_are_refused() {
        let failure = load(r#"{"version":2,"token":"t"}"#).unwrap_err();
        assert_eq!((failure.exit(), failure.reason), (Exit::StateUnreadable, Reason::StateUnreadable));
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        assert_eq!(load_token(&link, &owner()).unwrap_err().exit(), Exit::Config);
        assert!(matches!(load_token(folder.path(), &owner()).unwrap(), TokenFile::Bad(_)));
        assert!(matches!(load_token(&folder.path().join("none"), &owner()).unwrap(), TokenFile::Missing));
    }

    #[test]
    fn bad_files_set_aside_never_overwrite_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api_token.json");
        let now = "2027-03-09T14:30:02Z".parse().unwrap();
        let mut names = Vec::new();
        for text in ["one", "two"] {
            replace(&path, text.as_bytes()).unwrap();
            let aside = set_token_aside(&path, now).unwrap();
            assert_eq!(fs::read_to_string(&aside).unwrap(), text);
            names.push(aside.file_name().unwrap().to_str().unwrap().to_owned());
        }
        assert_eq!(names, ["api_token.json.bad-20270309T143002Z", "api_token.json.bad-20270309T143002Z-2"]);
        fs::create_dir(&path).unwrap();
        assert!(set_token_aside(&path, now).unwrap().is_dir());
        assert!(set_token_aside(&path, now).is_err());
    }

    #[test]
    fn of_bad_files_only_the_newest_ten_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api_token.json");
        let first: DateTime<Utc> = "2027-03-09T14:30:02Z".parse().unwrap();
        for days in 0..25 {
            replace(&path, format!("{days}").as_bytes()).unwrap();
            set_token_aside(&path, first + TimeDelta::days(days)).unwrap();
        }
        let kept = fs::read_dir(folder.path()).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
        let mut kept: Vec<u32> = kept.map(|text| text.parse().unwrap()).collect();
        kept.sort_unstable();
        assert_eq!(kept, (15..25).collect::<Vec<_>>());
    }
}
