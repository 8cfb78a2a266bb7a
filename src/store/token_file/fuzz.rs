//! Bent token files: a token comes only out of a file that says it, by an independent look at the same bytes.

use serde_json::Value;

use super::{SECONDS_MAX, TokenDocument, TokenOwner, parse};
use crate::domain::access_token::AccessToken;
use crate::domain::mode::Mode;
use crate::testing::{fuzz, shortest};

#[test]
fn fuzz_token_files() {
    let owner = TokenOwner {
        mode: Mode::Paper,
        base_url: "https://openapivts.koreainvestment.com:29443".to_owned(),
        app_key_print: "5be1c0de".to_owned(),
    };
    let token = AccessToken::new(
        "eyJ0eXAi.invented-TOKEN_1".to_owned(),
        "2027-03-09T14:30:00Z".parse().unwrap(),
        "2027-03-10T14:30:00Z".parse().unwrap(),
    );
    let own = serde_json::to_vec_pretty(&TokenDocument::new(&token, &owner)).unwrap();
    let older = br#"{"access_token": "abcDEF", "expires_at": 1804689000.25, "created_at": 1804602600, "expires_datetime": "2027-03-10 23:30:00"}"#;
    fuzz("token files", 20, &[&own, older], |bytes, _| {
        let Ok(token) = parse(bytes, &owner) else { return };
        let file: Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(file["access_token"], token.expose(), "what the file says");
        assert!(!token.expose().is_empty() && token.expose().bytes().all(|byte| (0x21..0x7f).contains(&byte)));
        let seconds = token.expires_at.timestamp();
        assert!((0..=SECONDS_MAX).contains(&seconds), "{seconds}");
        assert_eq!(whole_seconds(&file["expires_at"]), Some(seconds), "{}", file["expires_at"]);
        let version = &file["version"];
        assert!(version.is_null() || *version == 1, "{version}");
        for (key, ours) in
            [("env", "paper"), ("base_url", owner.base_url.as_str()), ("appkey_print", &owner.app_key_print)]
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
