//! How refused renewals end, and in what words.

use super::IssueError;
use crate::exit::{Failure, Reason};

pub use crate::decide::token_life::{expired_or_missing, limited, not_moved, revoked, still_dead};

const WHAT: &str = "there is no usable token";

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

/// A mistake of the program: an event that does not answer the last effect.
pub fn out_of_step() -> Failure {
    Failure::new(Reason::Unexpected, "the token stage lost its step")
        .next("run again, and report this with the output of `-v`")
}
