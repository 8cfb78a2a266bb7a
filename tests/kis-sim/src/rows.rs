//! Odd rows: single rows of an answer that are changed, hidden or added, whatever the world behind them says.
//!
//! Pure bookkeeping; the gateway lays them over its rows. Nothing else follows them: cash, holdings and totals
//! stay what they are.

use crate::account_id::AccountId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What becomes of which rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Endpoint word of the list or quote.
    pub list: String,
    /// Only in this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Fields a row must have; none means every row.
    #[serde(default, rename = "where", skip_serializing_if = "Map::is_empty")]
    pub condition: Map<String, Value>,
    /// Fields merged into such rows; null takes one away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Map<String, Value>>,
    /// Such rows are not shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hide: bool,
    /// A row more, made of these fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add: Option<Map<String, Value>>,
    /// Simulated instant from which on it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Simulated instant at which it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// A rule, its number, and when it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Given when it was added.
    pub id: u64,
    /// When it was added.
    pub since: DateTime<Utc>,
    /// What it does.
    #[serde(flatten)]
    pub rule: Rule,
}

/// All rules.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Rows {
    /// In the order they were added; a later one has the last word.
    pub entries: Vec<Entry>,
    last_id: u64,
}

impl Rows {
    /// Adds a rule and returns its number.
    pub fn add(&mut self, rule: Rule, since: DateTime<Utc>) -> u64 {
        self.last_id += 1;
        self.entries.push(Entry { id: self.last_id, since, rule });
        self.last_id
    }

    /// Removes a rule, or all; whether there was one.
    pub fn remove(&mut self, only: Option<u64>) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| only.is_some_and(|id| id != entry.id));
        only.is_none() || self.entries.len() < before
    }

    /// The rules for a list that hold at an instant.
    pub fn of<'a>(&'a self, list: &'a str, account: AccountId, at: DateTime<Utc>) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| {
            let rule = &entry.rule;
            rule.list == list
                && rule.account.is_none_or(|only| only == account)
                && rule.from.is_none_or(|from| from <= at)
                && rule.until.is_none_or(|until| at < until)
        })
    }
}

impl Rule {
    /// What is wrong with it, in words for the one who makes it; the names of fields are looked at elsewhere.
    pub fn problem(&self) -> Option<&'static str> {
        let kinds = [self.set.is_some(), self.hide, self.add.is_some()];
        match kinds.iter().filter(|kind| **kind).count() {
            1 => {}
            _ => return Some("one of set, hide and add is needed"),
        }
        match (self.from, self.until) {
            _ if self.add.is_some() && !self.condition.is_empty() => Some("add takes no where"),
            (Some(from), Some(until)) if until <= from => Some("until must be later than from"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_rule_holds_for_its_list_account_and_time() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let noon = at("2026-03-10T12:00:00Z");
        let mut rows = Rows::default();
        rows.add(rule(r#"{"list":"balance","hide":true,"account":"real","until":"2026-03-10T12:00:01Z"}"#), noon);
        let real = "real".parse().unwrap();
        let count = |list, account, time| rows.of(list, account, time).count();
        assert_eq!(count("balance", real, noon), 1);
        assert_eq!(count("balance", AccountId::default(), noon), 0);
        assert_eq!(count("ccnl", real, noon), 0);
        assert_eq!(count("balance", real, at("2026-03-10T12:00:01Z")), 0);
        assert!(!rows.remove(Some(9)) && rows.remove(Some(1)) && rows.entries.is_empty());
    }

    #[test]
    fn rules_that_say_nothing_or_too_much_are_named() {
        for text in [
            r#"{"list":"balance"}"#,
            r#"{"list":"balance","hide":true,"set":{}}"#,
            r#"{"list":"balance","add":{},"where":{"a":"b"}}"#,
            r#"{"list":"balance","hide":true,"from":"2026-03-10T12:00:00Z","until":"2026-03-10T12:00:00Z"}"#,
        ] {
            assert!(rule(text).problem().is_some(), "{text}");
        }
        assert_eq!(rule(r#"{"list":"balance","hide":true}"#).problem(), None);
    }
}
