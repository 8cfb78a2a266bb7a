//! What users read when a renewal fails, and how the run ends.

use chrono::TimeDelta;

use crate::domain::{AccessToken, KisError};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;

const WHAT: &str = "there is no usable token";
const ASK_AGAIN: &str = "no action needed; the next run asks again";

/// A stretch of time for people, such as `3 h 59 min`; never less than nothing.
pub fn span(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {minutes} min"),
    }
}

/// The cause alone where an old token is used: "there is no usable token" would be wrong.
pub fn cause(failure: &Failure) -> Sentence {
    if failure.what.en == WHAT { failure.because.clone() } else { failure.sentence() }
}

/// Why KIS gave no token, or did not revoke one, in a sentence.
pub fn why_not_issued(error: &KisError) -> String {
    match error {
        // The sentence says what the code means.
        KisError::TooSoon { message } => format!("KIS issues one token a minute: {message}"),
        KisError::NotSent(failure) => failure.to_string(),
        _ => format!("{}: {error}", meaning(error).0),
    }
}

/// What the error means, how it ends a run that needs a token, and what to do next.
fn meaning(error: &KisError) -> (&'static str, Reason, &str) {
    match error {
        KisError::TooSoon { .. } => (
            "KIS issues one token a minute",
            Reason::RateLimited,
            "no action needed; the next run asks again. Another program may use the same app key",
        ),
        KisError::CredentialsRefused(_) => (
            "KIS refused the credentials",
            Reason::CredentialsRefused,
            "check app key, app secret and mode: paper and real have keys of their own",
        ),
        KisError::WrongMode(_) => (
            "KIS says that the app key and the mode do not belong together",
            Reason::ConfigInvalid,
            "make `mode` and the credentials agree: paper and real have keys of their own",
        ),
        KisError::Unreachable { advice, .. } => {
            ("KIS can't be reached", Reason::GatewayUnreachable, advice.as_deref().unwrap_or(ASK_AGAIN))
        }
        KisError::RateLimited(_) => ("KIS limits the rate", Reason::RateLimited, ASK_AGAIN),
        _ => ("KIS answered nonsense", Reason::GatewayNonsense, ASK_AGAIN),
    }
}

/// Reports whether no other attempt of this run can help.
pub fn is_final(error: &KisError) -> bool {
    matches!(error, KisError::CredentialsRefused(_) | KisError::WrongMode(_) | KisError::NotSent(_))
}

/// Reports whether a revocation is over and done with. A refusal to revoke is as final as a yes: there is nothing else to
/// try.
pub fn is_settled(revocation: &Result<(), KisError>) -> bool {
    !matches!(
        revocation,
        Err(KisError::TooSoon { .. }
            | KisError::RateLimited { .. }
            | KisError::WrongMode { .. }
            | KisError::Unreachable { .. }
            | KisError::NotSent(_))
    )
}

/// The end of a run to which KIS gave no token.
pub fn not_issued(error: &KisError) -> Failure {
    let (_, reason, next) = meaning(error);
    match error {
        KisError::NotSent(failure) => failure.clone(),
        _ => no_token(reason, why_not_issued(error), next),
    }
}

/// The end of a run that must not ask yet.
pub fn limited(left: TimeDelta) -> Failure {
    // Rounded up: "0 s" would read like "now".
    let left = span(left + TimeDelta::milliseconds(999));
    let because = format!("a token was asked for a moment ago; the next request is allowed in {left}");
    no_token(Reason::RateLimited, because, "no action needed; a later run asks again")
}

/// The end of a run that must not ask at all.
pub fn expired_or_missing(last: Option<&AccessToken>) -> Failure {
    let because = match last {
        Some(_) => "the token in api_token.json has expired, was refused by KIS, or claims an impossible life",
        None => "api_token.json holds none",
    };
    no_token(Reason::TokenRefused, because, "run `kis-trade token-check` to get one")
}

/// A renewal that gained nothing.
pub fn not_moved() -> Failure {
    no_token(Reason::RateLimited, "KIS returned a token that lives no longer than the old one", ASK_AGAIN)
}

/// The end of a run that revoked a dead token.
pub fn revoked() -> Failure {
    let because = "KIS returned the token that it refuses; it is to be revoked, and another one asked for in a minute";
    no_token(Reason::RateLimited, because, ASK_AGAIN)
}

/// The end of a run that got the same dead token even after it was revoked, or a second refused one.
pub fn still_dead() -> Failure {
    let next = "run `kis-trade token-check --force` six hours after the last issue, when KIS gives a new token; \
                if that is refused too, renew the app key on KIS's site";
    no_token(Reason::TokenRefused, "KIS refuses the token that it issued", next)
}

fn no_token(reason: Reason, because: impl Into<Sentence>, next: &str) -> Failure {
    Failure::new(reason, WHAT).because(because).next(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::KisWords;

    #[test]
    fn spans_are_for_people() {
        let cases = [(-5, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (14_400, "4 h 0 min")];
        for (seconds, text) in cases {
            assert_eq!(span(TimeDelta::seconds(seconds)), text);
        }
    }

    #[test]
    fn a_wait_is_rounded_up() {
        assert!(limited(TimeDelta::milliseconds(1)).because.ends_with("in 1 s"));
        assert!(limited(TimeDelta::seconds(65)).because.ends_with("in 1 min 5 s"));
    }

    #[test]
    fn exit_codes() {
        let text = || "x".to_owned();
        let said = || KisWords { code: text(), message: text() };
        let local = Failure::new(Reason::StateUnwritable, "the pacing file can't be written");
        let other_mode = "KIS says that the app key and the mode do not belong together: x x";
        let advised = KisError::Unreachable { detail: text(), advice: Some("check the network".to_owned()) };
        let cases = [
            (KisError::TooSoon { message: text() }, 75, "rate_limited", "KIS issues one token a minute: x"),
            (KisError::RateLimited(said()), 75, "rate_limited", "KIS limits the rate: x x"),
            (KisError::CredentialsRefused(said()), 77, "credentials_refused", "KIS refused the credentials: x x"),
            (KisError::WrongMode(said()), 78, "config_invalid", other_mode),
            (advised, 69, "gateway_unreachable", "KIS can't be reached: x"),
            (KisError::Nonsense { detail: text() }, 69, "gateway_nonsense", "KIS answered nonsense: x"),
            (KisError::Refused(said()), 69, "gateway_nonsense", "KIS answered nonsense: x x"),
            (KisError::NotSent(local), 74, "state_unwritable", ""),
        ];
        for (error, code, reason, because) in cases {
            let failure = not_issued(&error);
            assert_eq!((failure.exit().code(), failure.reason.word().as_str()), (code, reason));
            assert_eq!(failure.because, because);
        }
    }

    #[test]
    fn what_helps_more_than_waiting_is_said() {
        let advised = KisError::Unreachable { detail: String::new(), advice: Some("check the network".to_owned()) };
        assert_eq!(not_issued(&advised).next, "check the network");
        let waits = KisError::Unreachable { detail: String::new(), advice: None };
        assert_eq!(not_issued(&waits).next, "no action needed; the next run asks again");
    }
}
