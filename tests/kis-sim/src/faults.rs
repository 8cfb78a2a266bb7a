//! Scripted faults: which request they strike, and what they do to it.
//!
//! Pure bookkeeping; the gateway carries them out.

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
    /// How many in a row.
    #[serde(default = "one")]
    pub times: u64,
    /// What it does.
    pub kind: FaultKind,
    /// Only requests about this symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
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
    pub fn strike(&mut self, endpoint: &str, symbols: &[String]) -> Option<(u64, Fault)> {
        let mut struck = None;
        for script in self.scripts.iter_mut().filter(|script| script.fault.matches(endpoint, symbols)) {
            script.seen += 1;
            let last = script.fault.nth.saturating_add(script.fault.times);
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
            _ if self.nth == 0 || self.times == 0 => Some("nth and times start at 1"),
            FaultKind::Delay | FaultKind::DelayBefore
                if !(0.0..=3600.0).contains(&seconds) || self.seconds.is_none() =>
            {
                Some("seconds must be 0 to 3600")
            }
            FaultKind::Code if self.code.is_none() => Some("code is missing"),
            FaultKind::Reject if self.code.is_none() && self.message.is_none() => Some("code or message is missing"),
            FaultKind::Redirect if self.location.is_none() => Some("location is missing"),
            FaultKind::Header if self.headers.is_none() => Some("headers is missing"),
            _ if self.status.is_some_and(|status| !(200..=599).contains(&status)) => Some("status must be 200 to 599"),
            _ => None,
        }
    }

    fn matches(&self, endpoint: &str, symbols: &[String]) -> bool {
        let right_endpoint = self.endpoint == "*" || self.endpoint == endpoint;
        right_endpoint && self.symbol.as_ref().is_none_or(|symbol| symbols.contains(symbol))
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
        let aapl = ["AAPL".to_owned()];
        let requests = [
            ("price", &aapl[..]),
            ("order", &aapl),
            ("price", &[]),
            ("price", &aapl),
            ("price", &aapl),
            ("price", &aapl),
        ];
        let struck: Vec<bool> =
            requests.iter().map(|(endpoint, symbols)| faults.strike(endpoint, symbols).is_some()).collect();
        assert_eq!(struck, [false, false, false, true, true, false]);
        assert_eq!((faults.scripts[0].seen, faults.scripts[0].hits), (4, 2));
    }

    #[test]
    fn incomplete_faults_are_named() {
        for text in [
            r#"{"endpoint":"*","kind":"code"}"#,
            r#"{"endpoint":"*","kind":"delay"}"#,
            r#"{"endpoint":"*","kind":"empty","nth":0}"#,
        ] {
            assert!(fault(text).problem().is_some(), "{text}");
        }
        assert_eq!(fault(r#"{"endpoint":"*","kind":"status_after","status":503}"#).problem(), None);
    }
}
