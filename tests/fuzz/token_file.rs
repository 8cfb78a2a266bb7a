//! A token comes only out of a file that says it.

use kis_trade::domain::{AccessToken, Mode};
use kis_trade::store::token_file::{TokenFile, TokenOwner, load_token, save_token};
use serde_json::Value;

use crate::InputFile;
use crate::driver::{fuzz, shortest};

/// The last second of the year 9999.
const SECONDS_MAX: i64 = 253_402_300_799;
/// As older tools wrote it.
const OLDER: &[u8] = br#"{"access_token": "abcDEF", "expires_at": 1804689000.25, "created_at": 1804602600, "expires_datetime": "2027-03-10 23:30:00"}"#;

#[test]
fn fuzz_token_files() {
    let owner = TokenOwner {
        mode: Mode::Paper,
        base_url: "https://openapivts.koreainvestment.com:29443".to_owned(),
        app_key_fingerprint: "5be1c0de".to_owned(),
    };
    let token = AccessToken::new(
        "eyJ0eXAi.invented-TOKEN_1".to_owned(),
        "2027-03-09T14:30:00Z".parse().unwrap(),
        "2027-03-10T14:30:00Z".parse().unwrap(),
    );
    let file = InputFile::new("api_token.json");
    save_token(&file.path, &token, &owner).unwrap();
    let own = std::fs::read(&file.path).unwrap();
    fuzz("token files", 20, &[&own, OLDER], |bytes, _| {
        file.put(bytes);
        let Ok(TokenFile::Token(token, None)) = load_token(&file.path, &owner) else { return };
        let file: Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(file["access_token"], token.expose(), "what the file says");
        assert!(!token.expose().is_empty() && token.expose().bytes().all(|byte| (0x21..0x7f).contains(&byte)));
        let seconds = token.expires_at.timestamp();
        assert!((0..=SECONDS_MAX).contains(&seconds), "{seconds}");
        assert_eq!(whole_seconds(&file["expires_at"]), Some(seconds), "{}", file["expires_at"]);
        let version = &file["version"];
        assert!(version.is_null() || *version == 1, "{version}");
        for (key, ours) in
            [("env", "paper"), ("base_url", owner.base_url.as_str()), ("appkey_print", &owner.app_key_fingerprint)]
        {
            assert!(file[key] == ours || (version.is_null() && file[key].is_null()), "{key}");
        }
    });
}

/// The seconds of a number without a power of ten.
fn whole_seconds(value: &Value) -> Option<i64> {
    assert!(value.is_number(), "{value}");
    let shortest = shortest(&value.to_string())?;
    shortest.split('.').next()?.parse().ok()
}
