//! Every request the gateway received, for tests to look at.

use crate::account_id::AccountId;
use crate::mode::Mode;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::VecDeque;

/// Older requests are forgotten beyond this many.
const MOST_KEPT: usize = 10_000;

/// One request and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// Counts from 1.
    pub n: u64,
    /// Simulated instant.
    pub at: DateTime<Utc>,
    /// Real, monotonic milliseconds since the simulator started.
    pub real_ms: u64,
    /// HTTP method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// `tr_id` header.
    pub tr_id: Option<String>,
    /// Environment of its app key.
    pub mode: Option<Mode>,
    /// Account of its app key.
    pub account: Option<AccountId>,
    /// Bearer string.
    pub token: Option<String>,
    /// Headers, lower-case names.
    pub headers: Map<String, Value>,
    /// Decoded query.
    pub query: Map<String, Value>,
    /// Parsed when it is JSON, else text; null when empty.
    pub body: Value,
    /// HTTP status sent, if one was.
    pub status: Option<u16>,
    /// `msg_cd` or `error_code` of the answer.
    pub msg_cd: Option<String>,
    /// Kind of the fault that struck it.
    pub fault: Option<Value>,
}

/// Requests in the order they arrived.
#[derive(Debug, Default)]
pub struct RequestLog {
    entries: VecDeque<Received>,
    count: u64,
}

impl RequestLog {
    /// Notes a request and returns its number.
    pub fn add(&mut self, mut received: Received) -> u64 {
        self.count += 1;
        received.n = self.count;
        if self.entries.len() >= MOST_KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(received);
        self.count
    }

    /// Notes what was answered; a request forgotten meanwhile stays forgotten.
    pub fn answered(&mut self, n: u64, status: Option<u16>, msg_cd: Option<String>) {
        if let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.n == n) {
            entry.status = status;
            entry.msg_cd = msg_cd;
        }
    }

    /// How many have arrived since the start.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// All that are kept.
    pub fn entries(&self) -> &VecDeque<Received> {
        &self.entries
    }

    /// Forgets all; numbers go on.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_are_kept() {
        let received = Received {
            n: 0,
            at: DateTime::UNIX_EPOCH,
            real_ms: 0,
            method: String::new(),
            path: String::new(),
            tr_id: None,
            mode: None,
            account: None,
            token: None,
            headers: Map::new(),
            query: Map::new(),
            body: Value::Null,
            status: None,
            msg_cd: None,
            fault: None,
        };
        let mut log = RequestLog::default();
        for _ in 0..MOST_KEPT + 2 {
            log.add(received.clone());
        }
        log.answered(1, Some(200), None);
        log.answered(3, Some(200), None);
        assert_eq!((log.count(), log.entries().len()), (MOST_KEPT as u64 + 2, MOST_KEPT));
        let first = &log.entries()[0];
        assert_eq!((first.n, first.status), (3, Some(200)));
    }
}
