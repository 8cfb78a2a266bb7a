//! What requests show about the tokens they carried, whoever sent them. Knows nothing of programs, only kis-sim's log.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// Least time between two token requests, by the simulated clock.
const BETWEEN_TOKEN_REQUESTS: TimeDelta = TimeDelta::seconds(65);

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A request carried a token that was dead at that instant, or that KIS never issued, or none.
    DeadToken,
    /// A request carried an older token than the file held when the minute began.
    OlderThanFile,
    /// A request carried an older token than had been issued before it. A run may do so that loaded a token which was
    /// not yet due; in a crontab whose renewals are all due ones, nobody may.
    OlderThanIssued,
    /// A token was asked for within 65 s of the request before.
    AskedTwice,
}

/// One case of it.
#[derive(Clone, Debug)]
pub struct Violation {
    pub wrong: Wrong,
    pub at: DateTime<Utc>,
    /// The request as kis-sim received it.
    pub request: Value,
}

/// The requests of one minute, and what the file held when it began.
pub struct Stretch<'a> {
    pub held: Option<&'a str>,
    /// `requests` of kis-sim's `GET /requests`.
    pub requests: &'a [Value],
    /// `tokens` of kis-sim's `GET /tokens`, in the order of issue.
    pub tokens: &'a [Value],
}

/// Everything seen so far.
#[derive(Default)]
pub struct Evidence {
    pub violations: Vec<Violation>,
    /// When a token request was answered with a token.
    pub issues: Vec<DateTime<Utc>>,
    /// Requests that must carry a token.
    pub requests: usize,
    /// The kinds of them.
    pub tr_ids: BTreeSet<String>,
    last_asked: Option<DateTime<Utc>>,
    /// How many tokens there were after the stretch before.
    tokens_before: usize,
}

impl Evidence {
    /// Looks at the requests that arrived since the last look.
    pub fn add(&mut self, stretch: &Stretch) {
        let held = stretch.held.map_or(0, |token| rank(token, stretch.tokens));
        let mut newest = self.tokens_before;
        for request in stretch.requests {
            match request["path"].as_str() {
                Some("/oauth2/tokenP") => {
                    self.add_token_request(request);
                    if request["status"] == 200 {
                        newest = stretch.tokens.len();
                    }
                }
                Some("/oauth2/revokeP") => {}
                _ => self.add_request(request, stretch.tokens, held, newest),
            }
        }
        self.tokens_before = stretch.tokens.len();
    }

    /// When something first went wrong in this way.
    pub fn first(&self, wrong: Wrong) -> Option<DateTime<Utc>> {
        self.violations.iter().find(|violation| violation.wrong == wrong).map(|violation| violation.at)
    }

    fn add_token_request(&mut self, request: &Value) {
        let at = instant(&request["at"]);
        if self.last_asked.replace(at).is_some_and(|last| at - last < BETWEEN_TOKEN_REQUESTS) {
            self.violate(Wrong::AskedTwice, request);
        }
        if request["status"] == 200 {
            self.issues.push(at);
        }
    }

    fn add_request(&mut self, request: &Value, tokens: &[Value], held: usize, newest: usize) {
        self.requests += 1;
        self.tr_ids.extend(request["tr_id"].as_str().map(str::to_owned));
        let rank = rank(request["token"].as_str().unwrap_or_default(), tokens);
        let is_refused = ["EGW00121", "EGW00123"].iter().any(|code| request["msg_cd"] == *code);
        if is_refused || !tokens.get(rank.wrapping_sub(1)).is_some_and(|token| is_alive(token, &request["at"])) {
            self.violate(Wrong::DeadToken, request);
        }
        if rank < held {
            self.violate(Wrong::OlderThanFile, request);
        }
        if rank < newest {
            self.violate(Wrong::OlderThanIssued, request);
        }
    }

    fn violate(&mut self, wrong: Wrong, request: &Value) {
        self.violations.push(Violation { wrong, at: instant(&request["at"]), request: request.clone() });
    }
}

/// 1 for the first token issued, and so on; 0 for one that was not issued.
fn rank(token: &str, tokens: &[Value]) -> usize {
    tokens.iter().position(|issued| issued["token"] == token).map_or(0, |index| index + 1)
}

fn is_alive(token: &Value, at: &Value) -> bool {
    let is_given_up = ["expired", "revoked", "dead"].iter().any(|flag| token[flag] == true);
    !is_given_up && (instant(&token["issued_at"])..instant(&token["expires_at"])).contains(&instant(at))
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().and_then(|text| text.parse().ok()).expect("an RFC 3339 instant")
}
