//! The one JSON object of `--json`.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::domain::{IntentState, Job, Usd};
use crate::report::{Body, Report};

impl Report {
    /// The one JSON object of `--json`.
    pub fn to_json(&self) -> Value {
        let mut object = json!({
            "command": self.command.map(Job::word),
            "mode": self.mode,
            "run": self.run,
            "at": rfc3339(self.at),
            "result": self.ending.result.word(),
            "exit_code": self.exit().code(),
            "reason": self.ending.reason,
            "detail": self.detail(),
            "next": Some(&self.ending.next).filter(|next| !next.is_empty()),
            "warnings": self.warnings,
            "dry_run": self.is_dry_run,
            "market": self.market,
            "token": self.token,
            "stops": self.stops,
            "live_orders": self.live_orders,
        });
        let body = match &self.body {
            Body::Status(status) => status.to_json(),
            Body::Check { keys, .. } => keys.clone(),
            body => json!(body),
        };
        if let (Some(object), Value::Object(body)) = (object.as_object_mut(), body) {
            object.extend(body);
        }
        speak_english(&mut object);
        object
    }
}

/// Leaves the English side of each sentence: scripts and people who help each other read JSON. Only a [`Sentence`] is an object of
/// these two texts; KIS's words and people's are texts, and keys that come from outside are symbols, in capitals.
///
/// [`Sentence`]: crate::language::Sentence
fn speak_english(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(speak_english),
        Value::Object(fields) => match (fields.len(), fields.get("en"), fields.get("ko")) {
            (2, Some(Value::String(en)), Some(Value::String(_))) => *value = Value::String(en.clone()),
            _ => fields.values_mut().for_each(speak_english),
        },
        _ => {}
    }
}

/// An instant as every file and JSON object writes it.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Serializes an amount as the text that people read.
pub fn as_text<S: Serializer>(amount: &(impl Copy + Into<Option<Usd>>), serializer: S) -> Result<S::Ok, S::Error> {
    (*amount).into().map(|amount| amount.to_string()).serialize(serializer)
}

/// Serializes an instant to the second.
pub fn as_rfc3339<S: Serializer>(
    at: &(impl Copy + Into<Option<DateTime<Utc>>>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    (*at).into().map(rfc3339).serialize(serializer)
}

/// Serializes an order's state; one of a dry run is planned.
pub fn as_word<S: Serializer>(state: &Option<IntentState>, serializer: S) -> Result<S::Ok, S::Error> {
    state.map_or("planned", IntentState::word).serialize(serializer)
}
