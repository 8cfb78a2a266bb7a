//! Issuing and revoking the access token.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use ureq::http::HeaderValue;

use crate::domain::{AccessToken, KisError};
use crate::kis::GatewayConfig;
use crate::kis::clean::Cleaner;
use crate::kis::endpoint::{Envelope, Fields, Payload};
use crate::kis::error::{Nonsense, refusal_of_request, unreadable};
use crate::kis::json::{self, Object, Value};
use crate::kis::rate_slot::{Pace, SlotEvent, SlotKind};
use crate::kis::transport::{Reply, SendProgress, Wire};
use crate::kis::{wire, words};

/// KIS's answer to a request for a token.
#[derive(Debug)]
pub struct IssueAnswer {
    /// The token and its life: the smaller of what `expires_in` and the Korean date say. Within six hours of the last issue
    /// it is the same again.
    pub token: Result<AccessToken, KisError>,
    /// The server's clock minus ours, when there was an answer that stated a date.
    pub clock_skew: Option<TimeDelta>,
}

/// 접근토큰발급(P), POST `/oauth2/tokenP`, no TR id, the same on real and paper (portal workbook of 2026-06-03).
///
/// Oddities: one token a minute; within six hours KIS answers with the same token again. `expires_in` is a number,
/// the only one beside revokeP's `code`; `access_token_token_expired` is Korean wall clock without a zone. Errors come
/// as HTTP 403 with `error_code` and `error_description`.
const ISSUE_PATH: &str = "/oauth2/tokenP";

/// 접근토큰폐기(P), POST `/oauth2/revokeP`, no TR id, the same on real and paper (portal workbook of 2026-06-03).
///
/// Oddities: success is `code` 200 in the body, a number though the portal's table says text.
const REVOKE_PATH: &str = "/oauth2/revokeP";

/// The longest token that is believed; KIS states 350 characters.
const MAX_TOKEN_LENGTH: usize = 1000;

/// Asks for a token: one try; only a connection that never came up is tried a second time.
pub fn issue_token(config: &GatewayConfig, pace: &Pace) -> IssueAnswer {
    let cleaner = Cleaner::new(&config.credentials, None);
    let mut fields = key_fields(config);
    fields.push(("grant_type", "client_credentials".to_owned()));
    let asked_at = config.clock.now();
    let reply = match post(config, pace, ISSUE_PATH, &Payload::Body(fields), &cleaner) {
        Ok(reply) => reply,
        Err(error) => return IssueAnswer { token: Err(error), clock_skew: None },
    };
    let clock_skew = reply.date.map(|date| date - config.clock.now());
    let body = success(&reply, pace, &cleaner, |body| body.get("access_token").is_some());
    let read = |body| read_token(&body, asked_at).map_err(|nonsense| unreadable(&nonsense, &cleaner));
    IssueAnswer { token: body.and_then(read), clock_skew }
}

/// Revokes a token.
///
/// # Errors
/// See [`KisError`].
pub fn revoke_token(config: &GatewayConfig, token: &AccessToken, pace: &Pace) -> Result<(), KisError> {
    let cleaner = Cleaner::new(&config.credentials, Some(token));
    let mut fields = key_fields(config);
    fields.push(("token", token.expose().to_owned()));
    let reply = post(config, pace, REVOKE_PATH, &Payload::Body(fields), &cleaner)?;
    success(&reply, pace, &cleaner, |body| match body.get("code") {
        Some(Value::Whole(code)) => *code == 200,
        Some(Value::Text(code)) => code.trim() == "200",
        _ => false,
    })?;
    Ok(())
}

fn key_fields(config: &GatewayConfig) -> Fields {
    let credentials = &config.credentials;
    vec![
        ("appkey", credentials.app_key.expose_secret().to_owned()),
        ("appsecret", credentials.app_secret.expose_secret().to_owned()),
    ]
}

fn post(
    config: &GatewayConfig,
    pace: &Pace,
    path: &str,
    payload: &Payload,
    cleaner: &Cleaner,
) -> Result<Reply, KisError> {
    let wire = Wire::new(&config.base_url, config.is_loopback, config.timeout);
    let headers = vec![("content-type", HeaderValue::from_static("application/json; charset=utf-8"))];
    let mut may_repeat = true;
    loop {
        pace(SlotEvent::Wanted(SlotKind::Read)).map_err(KisError::NotSent)?;
        match wire.send(path, &headers, payload) {
            Ok(reply) => return Ok(reply),
            Err(error) if error.progress == SendProgress::NotSent && may_repeat => may_repeat = false,
            Err(error) => return Err(error.into_kis_error(cleaner, Some(config.mode))),
        }
    }
}

/// The body of an answer that `is_good`; anything else is judged by KIS's code, if it has one.
fn success<'a>(
    reply: &'a Reply,
    pace: &Pace,
    cleaner: &Cleaner,
    is_good: impl Fn(&Object<'_>) -> bool,
) -> Result<Object<'a>, KisError> {
    let status = reply.status;
    let unreadable = |nonsense: Nonsense| unreadable(&nonsense.with_status(status), cleaner);
    if (300..400).contains(&status) {
        return Err(unreadable(Nonsense(words::redirected())));
    }
    let body = json::parse(&reply.body).map_err(unreadable)?;
    // Success has no envelope here, an error has one of two.
    match Envelope::open(&reply.body, cleaner) {
        Ok(refusal) if !refusal.is_success => Err(refused(&refusal.code, refusal.message, pace)),
        _ if (200..300).contains(&status) && is_good(&body) => Ok(body),
        _ => Err(unreadable(Nonsense(words::neither_documented()))),
    }
}

fn refused(code: &str, message: String, pace: &Pace) -> KisError {
    if code == "EGW00133" {
        return KisError::TooSoon { message };
    }
    match refusal_of_request(code, &message) {
        error @ KisError::RateLimited { .. } => pace(SlotEvent::RateLimited).map_or_else(KisError::NotSent, |()| error),
        error @ (KisError::TokenRefused { .. } | KisError::WrongAccount { .. } | KisError::Refused { .. }) => {
            // KIS documents no such refusal of a token request.
            KisError::Nonsense { detail: error.words() }
        }
        error @ KisError::Unavailable(_) => KisError::Unreachable { detail: error.words(), advice: None },
        error => error,
    }
}

/// Reads a token and its life. Nothing of the body is quoted in an error: it is the token.
pub(super) fn read_token(body: &Object<'_>, asked_at: DateTime<Utc>) -> Result<AccessToken, Nonsense> {
    let text = wire::text(body, "access_token")?;
    if text.is_empty() || text.len() > MAX_TOKEN_LENGTH || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Nonsense(words::no_token()));
    }
    let kind = wire::optional(body, "token_type")?;
    if !kind.is_empty() && !kind.eq_ignore_ascii_case("bearer") {
        return Err(Nonsense(words::no_bearer()));
    }
    let seconds = match body.get("expires_in") {
        Some(Value::Whole(seconds)) => i64::try_from(*seconds).ok(),
        Some(Value::Text(seconds)) => seconds.trim().parse().ok(),
        _ => None,
    };
    let by_seconds = seconds.and_then(TimeDelta::try_seconds).and_then(|life| asked_at.checked_add_signed(life));
    let by_date = wire::korean_timestamp(wire::description(body, "access_token_token_expired"));
    // Both were seen off by an hour; the smaller one can only renew too early.
    let expires_at = by_seconds.into_iter().chain(by_date).min();
    let expires_at = expires_at.ok_or_else(|| Nonsense(words::no_life()))?;
    Ok(AccessToken::new(text.to_owned(), asked_at, expires_at))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::Mode;
    use crate::kis::testing::{APP_SECRET, Act, READ, Server, config, kind_of, recording_pace, token};

    const ISSUED: &str = include_str!("../../tests/fixtures/tokenP_issued.json");
    const TOO_SOON: &str = include_str!("../../tests/fixtures/tokenP_too_soon.json");
    const BAD_KEY: &str = include_str!("../../tests/fixtures/tokenP_bad_key.json");
    const REVOKED: &str = include_str!("../../tests/fixtures/revokeP_done.json");

    fn issue(script: Vec<Act>) -> (Result<AccessToken, KisError>, Server, Vec<SlotEvent>) {
        let server = Server::start(script);
        let (pace, paced) = recording_pace();
        let issued = issue_token(&config(&server.url, Mode::Paper), &*pace).token;
        let paced = paced.borrow().clone();
        (issued, server, paced)
    }

    fn issued_from(body: &str) -> Result<AccessToken, KisError> {
        issue(vec![Act::answer(200, body)]).0
    }

    #[test]
    fn asks_once_and_believes_the_shorter_life() {
        // The clock stands at 14:30; the Korean date says 23:59:58 of the same day, `expires_in` a day later.
        let (issued, server, paced) = issue(vec![Act::answer(200, ISSUED)]);
        let token = issued.unwrap();
        assert_eq!(token.expose(), "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.INVENTED.INVENTED");
        assert_eq!(token.expires_at.to_rfc3339(), "2026-03-10T23:59:58+00:00");
        let seen = server.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].line, "POST /oauth2/tokenP HTTP/1.1");
        let body: serde_json::Value = serde_json::from_str(&seen[0].body).unwrap();
        assert_eq!(
            (body["grant_type"].as_str(), body["appsecret"].as_str()),
            (Some("client_credentials"), Some(APP_SECRET))
        );
        assert_eq!(body.as_object().unwrap().len(), 3);
        assert_eq!(paced, [READ]);

        let shorter = ISSUED.replace("86400", "3600");
        let life = issued_from(&shorter).unwrap().time_left("2026-03-10T14:30:00Z".parse().unwrap());
        assert!((3600..3602).contains(&life.num_seconds()), "{life}");
    }

    #[test]
    fn one_statement_of_the_life_is_enough_and_none_is_not() {
        let by_seconds = ISSUED.replace("2026-03-11 08:59:58", "soon");
        assert!(
            issued_from(&by_seconds).unwrap().expires_at > "2026-03-11T14:29:00Z".parse::<DateTime<Utc>>().unwrap()
        );
        let by_date = ISSUED.replace("86400", "-1");
        assert_eq!(issued_from(&by_date).unwrap().expires_at.to_rfc3339(), "2026-03-10T23:59:58+00:00");
        let by_none = by_date.replace("2026-03-11 08:59:58", "");
        assert!(matches!(issued_from(&by_none), Err(KisError::Nonsense { .. })));
    }

    #[test]
    fn refusals_are_told_apart() {
        let code = |code: &str| format!(r#"{{"error_code":"{code}","error_description":"말"}}"#);
        let owned = str::to_owned;
        for (status, body, expected) in [
            (403, owned(TOO_SOON), "soon"),
            (200, owned(r#"{"rt_cd":"1","msg_cd":"EGW00133","msg1":"x"}"#), "soon"),
            (403, owned(BAD_KEY), "credentials"),
            (403, code("EGW00105"), "credentials"),
            (403, code("EGW00002"), "unreachable"),
            (500, code("EGW00201"), "rate"),
            (403, code("EGW77777"), "nonsense"),
            (403, owned("<html>"), "nonsense"),
            (302, owned(ISSUED), "nonsense"),
            (500, owned(ISSUED), "nonsense"),
            (200, owned(""), "nonsense"),
            (200, owned("{}"), "nonsense"),
            (200, ISSUED.replace("eyJ0", "ey\\nJ0"), "nonsense"),
            (200, ISSUED.replace("Bearer", "Basic"), "nonsense"),
            (200, owned(r#"{"access_token":"","expires_in":86400}"#), "nonsense"),
            (200, owned(r#"{"access_token":17,"expires_in":86400}"#), "nonsense"),
        ] {
            let (issued, server, _) = issue(vec![Act::answer(status, &body)]);
            let error = issued.unwrap_err();
            assert_eq!(kind_of(&error), expected, "{status} {body}: {error:?}");
            assert!(!error.to_string().contains("eyJ"), "{error}");
            assert_eq!(server.seen().len(), 1, "one try");
        }
    }

    #[test]
    fn a_lost_answer_is_not_asked_for_again_but_a_missing_connection_is() {
        let (issued, server, _) = issue(vec![]);
        assert!(matches!(issued, Err(KisError::Unreachable { .. })));
        assert_eq!(server.seen().len(), 1);

        let (pace, paced) = recording_pace();
        let mut nobody = config("http://127.0.0.1:1", Mode::Paper);
        nobody.timeout = Duration::from_secs(1);
        let refused = issue_token(&nobody, &*pace).token.unwrap_err();
        assert!(matches!(refused, KisError::Unreachable { .. }));
        assert!(
            matches!(&refused, KisError::Unreachable { advice: Some(advice), .. } if advice.contains("port 29443")),
            "{refused:?}"
        );
        assert_eq!(*paced.borrow(), [READ, READ]);
    }

    #[test]
    fn revokes() {
        for (status, body, is_done) in [
            (200, REVOKED, true),
            (200, r#"{"code":"200","message":"x"}"#, true),
            (200, r#"{"code":500,"message":"x"}"#, false),
            (200, "{}", false),
            (403, BAD_KEY, false),
        ] {
            let server = Server::start(vec![Act::answer(status, body)]);
            let (pace, _) = recording_pace();
            let revoked = revoke_token(&config(&server.url, Mode::Paper), &token(), &*pace);
            assert_eq!(revoked.is_ok(), is_done, "{body}");
            assert_eq!(server.seen()[0].line, "POST /oauth2/revokeP HTTP/1.1");
        }
    }
}
