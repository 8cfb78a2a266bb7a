//! How long a token lives, when KIS may be asked for another one, what a run knows from the files, and what users read when
//! a renewal fails. Pure; `story/token.rs` acts on it.

mod attempt;
mod failures;
mod known;
mod life;
mod words;

use crate::domain::AccessToken;
use crate::exit::Failure;
use crate::language::Sentence;

pub use attempt::{Attempt, AttemptResult, LIMIT};
pub use failures::{
    cause, expired_or_missing, is_final, is_settled, limited, not_issued, not_moved, revoked, span, still_dead,
    why_not_issued,
};
pub use known::Known;
pub use life::{LIFE_MAX, Life, implausible, in_whole_seconds};

/// What the files say at one moment.
#[derive(Clone, Debug)]
pub struct TokenOnDisk {
    /// The token, dead or alive.
    pub token: Option<AccessToken>,
    /// The record of the last request.
    pub attempt: AttemptLook,
    /// Why one of them must not be touched: newer than this program, a symlink, another user's. The run ends then.
    pub unusable: Option<Failure>,
    /// Sentences for people, found while reading.
    pub warnings: Vec<Sentence>,
}

impl TokenOnDisk {
    /// Files that were read without trouble.
    pub fn new(token: Option<AccessToken>, attempt: AttemptLook) -> TokenOnDisk {
        TokenOnDisk { token, attempt, unusable: None, warnings: Vec::new() }
    }
}

/// What the record's file says: the record, nothing when no token was ever asked for, or why it can't be read. Then no run
/// may ask for a token until a person has repaired it.
pub type AttemptLook = Result<Option<Attempt>, Failure>;
