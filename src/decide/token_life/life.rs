//! How much life is left in a token, and what that means.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::words;
use crate::domain::AccessToken;
use crate::language::Sentence;

/// KIS gives 24 hours. A token that claims more than this was written under a wrong clock, or edited.
pub const LIFE_MAX: TimeDelta = TimeDelta::hours(25);

/// The four ages of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// More life than the renewal asks for.
    Fresh,
    /// Alive, and to be renewed.
    Due,
    /// Claims more life than KIS gives: to be renewed as if it were expiring now. If that fails it may still be tried,
    /// for KIS alone knows.
    Suspect,
    /// Its time is over.
    Dead,
}

impl Life {
    /// Judges a token. Exactly `renew_at_left` left is due; exactly nothing left is dead.
    pub fn of(token: &AccessToken, now: DateTime<Utc>, renew_at_left: TimeDelta) -> Life {
        let left = token.time_left(now);
        if left <= TimeDelta::zero() {
            Life::Dead
        } else if left > LIFE_MAX {
            Life::Suspect
        } else if left <= renew_at_left {
            Life::Due
        } else {
            Life::Fresh
        }
    }
}

/// What is wrong with a token that KIS just issued, if anything.
pub fn implausible(token: &AccessToken, now: DateTime<Utc>) -> Option<Sentence> {
    match Life::of(token, now, TimeDelta::zero()) {
        Life::Dead => Some(words::expired_already()),
        Life::Suspect => Some(words::lives_too_long()),
        Life::Fresh | Life::Due => None,
    }
}

/// Rounds down to whole seconds, as the file keeps them: this run shows the same time as the next.
pub fn in_whole_seconds(mut token: AccessToken) -> AccessToken {
    token.expires_at = token.expires_at.trunc_subsecs(0);
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token_with(seconds_left: i64, now: DateTime<Utc>) -> AccessToken {
        AccessToken::new("t".to_owned(), now, now + TimeDelta::seconds(seconds_left))
    }

    #[test]
    fn boundaries() {
        let now = "2027-03-09T14:30:00Z".parse().unwrap();
        let cases = [
            (-1, Life::Dead),
            (0, Life::Dead),
            (1, Life::Due),
            (14_399, Life::Due),
            (14_400, Life::Due),
            (14_401, Life::Fresh),
            (25 * 3600, Life::Fresh),
            (25 * 3600 + 1, Life::Suspect),
        ];
        for (seconds, life) in cases {
            assert_eq!(Life::of(&token_with(seconds, now), now, TimeDelta::hours(4)), life, "{seconds}");
        }
    }

    #[test]
    fn an_issued_token_must_be_believable() {
        let now = "2027-03-09T14:30:00Z".parse().unwrap();
        for (seconds, is_believable) in
            [(0, false), (1, true), (86_400, true), (25 * 3600, true), (25 * 3600 + 1, false)]
        {
            assert_eq!(implausible(&token_with(seconds, now), now).is_none(), is_believable, "{seconds}");
        }
    }
}
