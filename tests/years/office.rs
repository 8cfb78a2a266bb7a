//! Where KIS issues tokens, and its rules: 24 hours, the same token within six, one issue a minute, revocation.

use chrono::{DateTime, TimeDelta, Utc};

use kis_trade::domain::AccessToken;

use crate::chance::Chance;
use crate::machine::{DAY_MS, HOUR_MS, MINUTE_MS, true_time};

const SAME_TOKEN_MS: u64 = 6 * HOUR_MS;
/// How far `expires_in` and the Korean date were seen apart.
const SLIP: TimeDelta = TimeDelta::seconds(4000);

/// How KIS makes a token unusable before its time.
#[derive(Clone, Copy, Debug)]
pub enum Death {
    /// The next request gives another token.
    Gone,
    /// The next request within six hours gives the dead one, until it is revoked.
    StillReturned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Good,
    Gone,
    StillReturned,
}

#[derive(Debug)]
struct Issued {
    at_ms: u64,
    standing: Standing,
    print: String,
}

/// What a year's answers say of a token's life; one of both is always right.
#[derive(Debug)]
struct Stated {
    expires_in: TimeDelta,
    date_slip: TimeDelta,
}

/// The tokens of one app key, numbered in the order of their issue.
#[derive(Debug)]
pub struct Office {
    issued: Vec<Issued>,
    last_issue_ms: Option<u64>,
    stated: Stated,
    /// Whether a token dies when a newer one is issued.
    pub older_dies: bool,
}

impl Office {
    /// Draws the habits of one year.
    pub fn new(chance: &mut Chance) -> Office {
        let (slip_of_seconds, date_slip) = chance.pick(&[(0, 0), (0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]);
        let stated = Stated { expires_in: TimeDelta::hours(24) + SLIP * slip_of_seconds, date_slip: SLIP * date_slip };
        Office { issued: Vec::new(), last_issue_ms: None, stated, older_dies: chance.one_in(2) }
    }

    /// Answers a token request: the number of the token, or `None` for EGW00133.
    pub fn issue(&mut self, now_ms: u64) -> Option<u64> {
        if self.last_issue_ms.is_some_and(|last_ms| now_ms - last_ms < MINUTE_MS) {
            return None;
        }
        self.last_issue_ms = Some(now_ms);
        let newest = self.issued.last();
        let is_same =
            newest.is_some_and(|token| token.standing != Standing::Gone && now_ms - token.at_ms < SAME_TOKEN_MS);
        if !is_same {
            if self.older_dies {
                self.issued.iter_mut().rev().take(9).for_each(|token| token.standing = Standing::Gone);
            }
            self.add(now_ms);
        }
        self.newest()
    }

    fn add(&mut self, now_ms: u64) -> u64 {
        let number = self.issued.len();
        let print = AccessToken::new(text_of(number), true_time(0), true_time(0)).fingerprint();
        self.issued.push(Issued { at_ms: now_ms, standing: Standing::Good, print });
        number as u64
    }

    /// Another token, whatever the minute and the hour, for a world whose choices are made one after the other.
    pub fn issue_anew(&mut self, now_ms: u64) -> AccessToken {
        let number = self.add(now_ms);
        self.read(number, true_time(now_ms))
    }

    /// Another program with the same key asks, whatever the minute.
    pub fn issue_to_another(&mut self, now_ms: u64) {
        self.forget_last_issue();
        self.issue(now_ms);
    }

    pub fn forget_last_issue(&mut self) {
        self.last_issue_ms = None;
    }

    /// A token as the client reads it from an answer: the smaller of both lives, in whole seconds.
    pub fn read(&self, number: u64, asked_at: DateTime<Utc>) -> AccessToken {
        let by_date = self.death(number) + self.stated.date_slip;
        let expires_at = by_date.min(asked_at + self.stated.expires_in);
        let whole = DateTime::from_timestamp(expires_at.timestamp(), 0).unwrap();
        AccessToken::new(text_of(usize::try_from(number).unwrap()), asked_at, whole)
    }

    /// The life that a client reads from the issue of a new token.
    pub fn read_life(&self) -> TimeDelta {
        let least = self.stated.expires_in.min(TimeDelta::hours(24) + self.stated.date_slip);
        least.min(TimeDelta::hours(24))
    }

    /// Reports whether requests with the token are answered.
    pub fn takes(&self, number: u64, now_ms: u64) -> bool {
        let token = self.token(number);
        token.standing == Standing::Good && now_ms < token.at_ms + DAY_MS
    }

    /// Makes the newest token unusable, if it is not.
    pub fn kill(&mut self, death: Death) {
        if let Some(newest) = self.issued.last_mut().filter(|token| token.standing == Standing::Good) {
            newest.standing = match death {
                Death::Gone => Standing::Gone,
                Death::StillReturned => Standing::StillReturned,
            };
        }
    }

    pub fn revoke(&mut self, number: u64) {
        self.issued[usize::try_from(number).unwrap()].standing = Standing::Gone;
    }

    /// When the token was issued first.
    pub fn issued_ms(&self, number: u64) -> u64 {
        self.token(number).at_ms
    }

    pub fn print(&self, number: u64) -> &str {
        &self.token(number).print
    }

    pub fn newest(&self) -> Option<u64> {
        (self.issued.len() as u64).checked_sub(1)
    }

    fn death(&self, number: u64) -> DateTime<Utc> {
        true_time(self.token(number).at_ms + DAY_MS)
    }

    fn token(&self, number: u64) -> &Issued {
        &self.issued[usize::try_from(number).unwrap()]
    }
}

/// The number of a token, from its text.
pub fn number_of(token: &AccessToken) -> u64 {
    token.expose()["token-".len()..].parse().unwrap()
}

fn text_of(number: usize) -> String {
    format!("token-{number}")
}
