//! How refused renewals end, and in what words.

use chrono::TimeDelta;

use super::IssueError;
use crate::domain::access_token::AccessToken;
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

/// The end of a run to which KIS gave no token.
pub fn not_issued(error: IssueError) -> Failure {
    let because = error.to_string();
    let failure = |reason| Failure::new(reason, WHAT).because(&because);
    match error {
        IssueError::TooSoon { .. } => failure(Reason::RateLimited)
            .next("nothing: the next run asks again. Another program may use the same app key"),
        IssueError::CredentialsRefused { .. } => failure(Reason::CredentialsRefused)
            .next("check app key, app secret and mode: paper and real have keys of their own"),
        IssueError::WrongMode { .. } => failure(Reason::ConfigInvalid)
            .next("make `mode` and the credentials agree: paper and real have keys of their own"),
        IssueError::Unreachable { .. } => failure(Reason::GatewayUnreachable).next("nothing: the next run asks again"),
        IssueError::Nonsense { .. } => failure(Reason::GatewayNonsense).next("nothing: the next run asks again"),
        IssueError::RateLimited { .. } => failure(Reason::RateLimited).next("nothing: the next run asks again"),
        IssueError::Local(failure) => failure,
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

/// A mistake of the program: an event that does not answer the last effect.
pub fn out_of_step() -> Failure {
    Failure::new(Reason::Unexpected, "the token stage lost its step")
        .next("run again, and report this with the output of `-v`")
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
        let cases = [
            (IssueError::TooSoon { message: text() }, 75, "rate_limited"),
            (IssueError::RateLimited { detail: text() }, 75, "rate_limited"),
            (IssueError::CredentialsRefused { code: text(), message: text() }, 77, "credentials_refused"),
            (IssueError::WrongMode { code: text(), message: text() }, 78, "config_invalid"),
            (IssueError::Unreachable { detail: text() }, 69, "gateway_unreachable"),
            (IssueError::Nonsense { detail: text() }, 69, "gateway_nonsense"),
            (IssueError::Local(out_of_step()), 1, "unexpected"),
        ];
        for (error, code, reason) in cases {
            let failure = not_issued(error);
            assert_eq!((failure.exit().code(), failure.reason.word().as_str()), (code, reason));
        }
    }
}
