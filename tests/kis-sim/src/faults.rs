//! Scripted faults: which request they strike, and what they do to it.
//!
//! Pure bookkeeping; the gateway carries them out.

use crate::account_id::AccountId;
use crate::orders::Side;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Connection closed, nothing processed.
    DropBefore,
    /// Processed, then closed without an answer.
    DropAfter,
    /// Processed, answered late: after a time, or when the fault is removed.
    Delay,
    /// Processed and answered late, as above.
    DelayBefore,
    /// An HTTP status instead of processing.
    StatusBefore,
    /// An HTTP status after processing.
    StatusAfter,
    /// Bytes that are not JSON.
    Garbage,
    /// An HTML page.
    Html,
    /// No body.
    Empty,
    /// Half a body.
    Truncated,
    /// A body of two mebibytes.
    TooLarge,
    /// Another body, status or headers.
    Replace,
    /// One of KIS's errors instead of processing.
    Code,
    /// A redirect instead of processing.
    Redirect,
    /// Headers set or removed.
    Header,
    /// Processed twice, answered once.
    Duplicate,
    /// An order refused.
    Reject,
}

/// A scripted fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Endpoint word, or `*`.
    pub endpoint: String,
    /// First matching request it strikes, counted from its creation.
    #[serde(default = "one")]
    pub nth: u64,
    /// How many in a row; 1 when not given, all of them when the fault lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Goes on until it is removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lasting: bool,
    /// Simulated instant from which on it strikes; it lasts then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Simulated instant at which it ends; it lasts until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// What it does.
    pub kind: FaultKind,
    /// Only requests about this symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// Only orders of this side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// Only requests of this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Only requests for the next page of a list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub next_page: bool,
    /// Real seconds of a delay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Text, or JSON to be printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Headers by name; null removes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Map<String, Value>>,
    /// KIS's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// KIS's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// `rt_cd` of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rt_cd: Option<String>,
    /// Where a redirect points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// What a fault can be aimed at.
#[derive(Debug, Clone)]
pub struct Target {
    /// Endpoint word.
    pub endpoint: &'static str,
    /// Symbols in the query or the body.
    pub symbols: Vec<String>,
    /// Side of an order.
    pub side: Option<Side>,
    /// Account of the app key.
    pub account: Option<AccountId>,
    /// Whether it asks for a next page.
    pub is_next_page: bool,
    /// Simulated instant.
    pub at: DateTime<Utc>,
}

/// A fault with its counters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Script {
    /// Given when it was added.
    pub id: u64,
    /// What it does and when.
    pub fault: Fault,
    /// Matching requests seen.
    pub seen: u64,
    /// Requests struck.
    pub hits: u64,
}

/// All scripts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Faults {
    /// In the order they were added.
    pub scripts: Vec<Script>,
    last_id: u64,
}

fn one() -> u64 {
    1
}

impl Faults {
    /// Adds a script and returns its id.
    pub fn add(&mut self, fault: Fault) -> u64 {
        self.last_id += 1;
        self.scripts.push(Script { id: self.last_id, fault, seen: 0, hits: 0 });
        self.last_id
    }

    /// Reports whether a script is still there: the delay that it made goes on as long.
    pub fn holds(&self, id: u64) -> bool {
        self.scripts.iter().any(|script| script.id == id)
    }

    /// Counts a request in every script that matches and returns the first fault due, with its script's id.
    pub fn strike(&mut self, target: &Target) -> Option<(u64, Fault)> {
        let mut struck = None;
        for script in self.scripts.iter_mut().filter(|script| script.fault.matches(target)) {
            script.seen += 1;
            let last = script.fault.nth.saturating_add(script.fault.times());
            let is_due = (script.fault.nth..last).contains(&script.seen);
            if is_due && struck.is_none() {
                script.hits += 1;
                struck = Some((script.id, script.fault.clone()));
            }
        }
        struck
    }
}

impl Fault {
    /// What is missing for its kind, in words for the one who scripts it.
    pub fn problem(&self) -> Option<&'static str> {
        let seconds = self.seconds.unwrap_or(0.0);
        match self.kind {
            _ if self.nth == 0 || self.times == Some(0) => Some("nth and times start at 1"),
            _ if self.lasting && self.times.is_some() => Some("times and lasting exclude each other"),
            _ if self.is_never() => Some("until must be later than from"),
            _ if self.side.is_some() && !["order", "daytime-order"].contains(&self.endpoint.as_str()) => {
                Some("only an order has a side")
            }
            FaultKind::Delay | FaultKind::DelayBefore
                if !(0.0..=3600.0).contains(&seconds) || self.seconds.is_none() =>
            {
                Some("seconds must be 0 to 3600")
            }
            FaultKind::Code if self.code.is_none() => Some("code is missing"),
            FaultKind::Reject if self.code.is_none() && self.message.is_none() => Some("code or message is missing"),
            FaultKind::Redirect if self.location.is_none() => Some("location is missing"),
            FaultKind::Header if self.headers.is_none() => Some("headers is missing"),
            _ if self.breaks_headers() => Some("a header must be a single line"),
            _ if self.status.is_some_and(|status| !(200..=599).contains(&status)) => Some("status must be 200 to 599"),
            _ => None,
        }
    }

    fn breaks_headers(&self) -> bool {
        let has_end = |text: &str| text.contains(['\r', '\n']);
        let fields = self.headers.iter().flatten();
        let breaks = |(name, value): (&String, &Value)| has_end(name) || value.as_str().is_some_and(has_end);
        self.location.as_deref().is_some_and(has_end) || fields.into_iter().any(breaks)
    }

    fn is_never(&self) -> bool {
        self.from.zip(self.until).is_some_and(|(from, until)| until <= from)
    }

    fn times(&self) -> u64 {
        let lasts = self.lasting || self.from.is_some() || self.until.is_some();
        self.times.unwrap_or(if lasts { u64::MAX } else { 1 })
    }

    fn matches(&self, target: &Target) -> bool {
        (self.endpoint == "*" || self.endpoint == target.endpoint)
            && self.symbol.as_ref().is_none_or(|symbol| target.symbols.contains(symbol))
            && self.side.is_none_or(|side| target.side == Some(side))
            && self.account.is_none_or(|account| target.account == Some(account))
            && (!self.next_page || target.is_next_page)
            && self.from.is_none_or(|from| from <= target.at)
            && self.until.is_none_or(|until| target.at < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn strikes_from_the_nth_on() {
        let mut faults = Faults::default();
        faults.add(fault(r#"{"endpoint":"price","nth":2,"times":2,"kind":"empty","symbol":"AAPL"}"#));
        let requests = [
            ("price", "AAPL"),
            ("order", "AAPL"),
            ("price", "MSFT"),
            ("price", "AAPL"),
            ("price", "AAPL"),
            ("price", "AAPL"),
        ];
        let struck: Vec<bool> =
            requests.iter().map(|(endpoint, symbol)| faults.strike(&target(endpoint, symbol)).is_some()).collect();
        assert_eq!(struck, [false, false, false, true, true, false]);
        assert_eq!((faults.scripts[0].seen, faults.scripts[0].hits), (4, 2));
    }

    fn target(endpoint: &'static str, symbol: &str) -> Target {
        Target {
            endpoint,
            symbols: vec![symbol.to_owned()],
            side: None,
            account: Some(AccountId::default()),
            is_next_page: false,
            at: "2026-03-10T14:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_window_lasts_and_counts_nothing_outside_itself() {
        let mut faults = Faults::default();
        faults.add(fault(
            r#"{"endpoint":"order","kind":"reject","code":"APBK0918","side":"sell",
                "from":"2026-03-10T14:30:00Z","until":"2026-03-10T15:10:00Z"}"#,
        ));
        let mut is_struck = |time: &str, side| {
            let at = format!("2026-03-10T{time}Z").parse().unwrap();
            faults.strike(&Target { side: Some(side), at, ..target("order", "AAPL") }).is_some()
        };
        for (time, side, wanted) in [
            ("14:29:59", Side::Sell, false),
            ("14:30:00", Side::Sell, true),
            ("14:40:00", Side::Buy, false),
            ("15:09:59", Side::Sell, true),
            ("15:10:00", Side::Sell, false),
        ] {
            assert_eq!(is_struck(time, side), wanted, "{time} {side:?}");
        }
    }

    #[test]
    fn incomplete_faults_are_named() {
        for text in [
            r#"{"endpoint":"*","kind":"code"}"#,
            r#"{"endpoint":"*","kind":"delay"}"#,
            r#"{"endpoint":"*","kind":"empty","nth":0}"#,
            r#"{"endpoint":"*","kind":"empty","times":2,"lasting":true}"#,
            r#"{"endpoint":"*","kind":"empty","from":"2026-03-10T14:00:00Z","until":"2026-03-10T14:00:00Z"}"#,
            r#"{"endpoint":"price","kind":"empty","side":"buy"}"#,
        ] {
            assert!(fault(text).problem().is_some(), "{text}");
        }
        assert_eq!(fault(r#"{"endpoint":"*","kind":"status_after","status":503}"#).problem(), None);
    }
}
