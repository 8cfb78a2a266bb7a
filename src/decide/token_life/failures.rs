//! What users read when a renewal fails, and how the run ends.

use chrono::TimeDelta;

use crate::domain::{AccessToken, KisError};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;

use super::words;

/// A stretch of time for people, such as `3 h 59 min`; never less than nothing.
pub fn span(time: TimeDelta) -> Sentence {
    let seconds = time.num_seconds().max(0);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => words::seconds(seconds),
        (0, _) => words::minutes(minutes, seconds % 60),
        _ => words::hours(hours, minutes),
    }
}

/// The cause alone where an old token is used: "there is no usable token" would be wrong.
pub fn cause(failure: &Failure) -> Sentence {
    if failure.said.what == words::no_usable_token() { failure.said.because.clone() } else { failure.sentence() }
}

/// Why KIS gave no token, or did not revoke one, in a sentence.
pub fn why_not_issued(error: &KisError) -> Sentence {
    let said = error.words();
    match error {
        // The sentence says what the code means.
        KisError::TooSoon { message } => words::one_a_minute(message),
        KisError::NotSent(_) => said,
        KisError::CredentialsRefused(_) => words::credentials_refused(&said),
        KisError::WrongMode(_) => words::wrong_mode(&said),
        KisError::Unreachable { .. } => words::unreachable(&said),
        KisError::RateLimited(_) => words::rate_limited(&said),
        _ => words::nonsense(&said),
    }
}

/// How the error ends a run that needs a token, and what to do next.
fn consequence(error: &KisError) -> (Reason, Sentence) {
    match error {
        KisError::TooSoon { .. } => (Reason::RateLimited, words::same_key_elsewhere()),
        KisError::CredentialsRefused(_) => (Reason::CredentialsRefused, words::check_credentials()),
        KisError::WrongMode(_) => (Reason::ConfigInvalid, words::make_mode_agree()),
        KisError::Unreachable { advice, .. } => {
            (Reason::GatewayUnreachable, advice.clone().unwrap_or_else(words::asks_again))
        }
        KisError::RateLimited(_) => (Reason::RateLimited, words::asks_again()),
        _ => (Reason::GatewayNonsense, words::asks_again()),
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
    let (reason, next) = consequence(error);
    match error {
        KisError::NotSent(failure) => failure.clone(),
        _ => no_token(reason, why_not_issued(error), next),
    }
}

/// The end of a run that must not ask yet.
pub fn limited(left: TimeDelta) -> Failure {
    // Rounded up: "0 s" would read like "now".
    let left = span(left + TimeDelta::milliseconds(999));
    no_token(Reason::RateLimited, words::limited(&left), words::later_run_asks())
}

/// The end of a run that must not ask at all.
pub fn expired_or_missing(last: Option<&AccessToken>) -> Failure {
    let because = match last {
        Some(_) => words::token_dead(),
        None => words::token_missing(),
    };
    no_token(Reason::TokenRefused, because, words::get_one())
}

/// A renewal that gained nothing.
pub fn not_moved() -> Failure {
    no_token(Reason::RateLimited, words::not_moved(), words::asks_again())
}

/// The end of a run that revoked a dead token.
pub fn revoked() -> Failure {
    no_token(Reason::RateLimited, words::revoked(), words::asks_again())
}

/// The end of a run that got the same dead token even after it was revoked, or a second refused one.
pub fn still_dead() -> Failure {
    no_token(Reason::TokenRefused, words::still_dead(), words::force_later())
}

fn no_token(reason: Reason, because: Sentence, next: Sentence) -> Failure {
    Failure::new(reason, words::no_usable_token()).because(because).next(next)
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
        assert!(limited(TimeDelta::milliseconds(1)).said.because.ends_with("in 1 s"));
        assert!(limited(TimeDelta::seconds(65)).said.because.ends_with("in 1 min 5 s"));
    }

    #[test]
    fn exit_codes() {
        let text = || "x".to_owned();
        let said = || KisWords { code: text(), message: text() };
        let local = Failure::new(Reason::StateUnwritable, Sentence::verbatim("the pacing file can't be written"));
        let other_mode = "KIS says that the app key and the mode do not belong together: x x";
        let advised = KisError::Unreachable {
            detail: Sentence::verbatim("x"),
            advice: Some(Sentence::verbatim("check the network")),
        };
        let cases = [
            (KisError::TooSoon { message: text() }, 75, "rate_limited", "KIS issues one token a minute: x"),
            (KisError::RateLimited(said()), 75, "rate_limited", "KIS limits the rate: x x"),
            (KisError::CredentialsRefused(said()), 77, "credentials_refused", "KIS refused the credentials: x x"),
            (KisError::WrongMode(said()), 78, "config_invalid", other_mode),
            (advised, 69, "gateway_unreachable", "KIS can't be reached: x"),
            (
                KisError::Nonsense { detail: Sentence::verbatim("x") },
                69,
                "gateway_nonsense",
                "KIS answered nonsense: x",
            ),
            (KisError::Refused(said()), 69, "gateway_nonsense", "KIS answered nonsense: x x"),
            (KisError::NotSent(local), 74, "state_unwritable", ""),
        ];
        for (error, code, reason, because) in cases {
            let failure = not_issued(&error);
            assert_eq!((failure.exit().code(), failure.reason.word().as_str()), (code, reason));
            assert_eq!(failure.said.because, because);
        }
    }

    #[test]
    fn what_helps_more_than_waiting_is_said() {
        let advised = KisError::Unreachable {
            detail: Sentence::default(),
            advice: Some(Sentence::verbatim("check the network")),
        };
        assert_eq!(not_issued(&advised).said.next, "check the network");
        let waits = KisError::Unreachable { detail: Sentence::default(), advice: None };
        assert_eq!(not_issued(&waits).said.next, "no action needed; the next run asks again");
    }
}
