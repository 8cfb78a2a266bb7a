//! How refused renewals end, and in what words.

use chrono::TimeDelta;

use crate::domain::access_token::AccessToken;
use crate::domain::kis_error::KisError;
use crate::exit::{Failure, Reason};

const WHAT: &str = "there is no usable token";

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

/// Why something is so, without the words "there is no usable token", which are wrong where an old one is used.
pub fn cause(failure: &Failure) -> String {
    if failure.what == WHAT { failure.because.clone() } else { failure.to_string() }
}

/// Why KIS gave no token, or did not revoke one, in a sentence.
pub fn why_not_issued(error: &KisError) -> String {
    match error {
        KisError::TooSoon { message } => format!("KIS issues one token a minute: {message}"),
        KisError::CredentialsRefused { .. } => format!("KIS refused the credentials: {error}"),
        KisError::WrongMode { .. } => {
            format!("KIS says that the app key and the mode do not belong together: {error}")
        }
        KisError::Unreachable { .. } => format!("KIS can't be reached: {error}"),
        KisError::RateLimited { .. } => format!("KIS limits the rate: {error}"),
        KisError::NotSent(failure) => failure.to_string(),
        // Refusals that make no sense for a token request among them.
        KisError::Nonsense { .. }
        | KisError::TokenRefused { .. }
        | KisError::WrongAccount { .. }
        | KisError::Refused { .. } => format!("KIS answered nonsense: {error}"),
    }
}

/// Reports whether no other attempt of this run can help.
pub fn is_final(error: &KisError) -> bool {
    matches!(error, KisError::CredentialsRefused { .. } | KisError::WrongMode { .. } | KisError::NotSent(_))
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
pub fn not_issued(error: KisError) -> Failure {
    let because = why_not_issued(&error);
    let failure = |reason| Failure::new(reason, WHAT).because(&because);
    match error {
        KisError::TooSoon { .. } => failure(Reason::RateLimited)
            .next("nothing: the next run asks again. Another program may use the same app key"),
        KisError::CredentialsRefused { .. } => failure(Reason::CredentialsRefused)
            .next("check app key, app secret and mode: paper and real have keys of their own"),
        KisError::WrongMode { .. } => failure(Reason::ConfigInvalid)
            .next("make `mode` and the credentials agree: paper and real have keys of their own"),
        KisError::Unreachable { advice, .. } => {
            failure(Reason::GatewayUnreachable).next(advice.unwrap_or("nothing: the next run asks again"))
        }
        KisError::RateLimited { .. } => failure(Reason::RateLimited).next("nothing: the next run asks again"),
        KisError::NotSent(failure) => failure,
        KisError::Nonsense { .. }
        | KisError::TokenRefused { .. }
        | KisError::WrongAccount { .. }
        | KisError::Refused { .. } => failure(Reason::GatewayNonsense).next("nothing: the next run asks again"),
    }
}

/// The end of a run that must not ask yet.
pub fn limited(left: TimeDelta) -> Failure {
    // Rounded up: "0 s" would read like "now".
    let left = left + TimeDelta::milliseconds(999);
    Failure::new(Reason::RateLimited, WHAT)
        .because(format!("a token was asked for a moment ago; the next request is allowed in {}", span(left)))
        .next("nothing: a later run asks again")
}

/// The end of a run that must not ask at all.
pub fn expired_or_missing(last: Option<&AccessToken>) -> Failure {
    let because = match last {
        Some(_) => "the token in api_token.json has expired, was refused by KIS, or claims an impossible life",
        None => "api_token.json holds none",
    };
    Failure::new(Reason::TokenRefused, WHAT).because(because).next("run `kis-trade token-check` to get one")
}

/// A renewal that gained nothing.
pub fn not_moved() -> Failure {
    Failure::new(Reason::RateLimited, WHAT)
        .because("KIS returned a token that lives no longer than the old one")
        .next("nothing: the next run asks again")
}

/// The end of a run that had a dead token revoked.
pub fn revoked() -> Failure {
    Failure::new(Reason::RateLimited, WHAT)
        .because("KIS returned the token that it refuses; it is to be revoked, and another one asked for in a minute")
        .next("nothing: the next run asks again")
}

/// The end of a run that was given the same dead token even after it was revoked, or a second refused one.
pub fn still_dead() -> Failure {
    Failure::new(Reason::TokenRefused, WHAT).because("KIS refuses the token that it issued").next(
        "run `kis-trade token-check --force` six hours after the last issue, when KIS gives a new token; \
             if that is refused too, renew the app key on KIS's site",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let local = Failure::new(Reason::StateUnwritable, "the pacing file can't be written");
        let cases = [
            (KisError::TooSoon { message: text() }, 75, "rate_limited"),
            (KisError::RateLimited { code: text(), message: text() }, 75, "rate_limited"),
            (KisError::CredentialsRefused { code: text(), message: text() }, 77, "credentials_refused"),
            (KisError::WrongMode { code: text(), message: text() }, 78, "config_invalid"),
            (KisError::Unreachable { detail: text(), advice: None }, 69, "gateway_unreachable"),
            (KisError::Nonsense { detail: text() }, 69, "gateway_nonsense"),
            (KisError::Refused { code: text(), message: text() }, 69, "gateway_nonsense"),
            (KisError::NotSent(local), 74, "state_unwritable"),
        ];
        for (error, code, reason) in cases {
            let failure = not_issued(error);
            assert_eq!((failure.exit().code(), failure.reason.word().as_str()), (code, reason));
        }
    }
    #[test]
    fn what_helps_more_than_waiting_is_said() {
        let advised = KisError::Unreachable { detail: String::new(), advice: Some("check the network") };
        assert_eq!(not_issued(advised).next, "check the network");
        let waits = KisError::Unreachable { detail: String::new(), advice: None };
        assert_eq!(not_issued(waits).next, "nothing: the next run asks again");
    }
}
