//! Which commands start in which minute: a crontab that is not staggered, so that many start in the same one.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};

/// What starts together at :00.
pub const ALL: [&str; 5] = ["sell", "buy", "cleanup", "status", "token-check"];

/// Minutes between two starts of a command, as [`ALL`] lists them.
const EVERY_MINUTES: [u32; 5] = [30, 60, 10, 5, 30];

/// One minute in which something starts.
#[derive(Clone, Debug)]
pub struct Minute {
    pub at: DateTime<Utc>,
    pub commands: Vec<&'static str>,
}

/// Every minute from `start` to `start` + `days`, both included, in which something starts: the crontab while New York
/// trades (or would, but for a holiday), else each command once an hour; and all at the given minutes since the start.
pub fn crontab(start: DateTime<Utc>, days: i64, all_at: &[i64]) -> Vec<Minute> {
    let commands = |minute: i64| {
        if all_at.contains(&minute) { ALL.to_vec() } else { commands_at(start + TimeDelta::minutes(minute)) }
    };
    let minutes = (0..=days * 24 * 60)
        .map(|minute| Minute { at: start + TimeDelta::minutes(minute), commands: commands(minute) });
    minutes.filter(|minute| !minute.commands.is_empty()).collect()
}

/// The minutes in which a token is due: the first one, and each time the first one that comes 20 hours or more later.
pub fn renewals(minutes: &[Minute]) -> Vec<DateTime<Utc>> {
    let mut due: Vec<DateTime<Utc>> = Vec::new();
    for minute in minutes {
        if due.last().is_none_or(|last| minute.at - last >= TimeDelta::hours(20)) {
            due.push(minute.at);
        }
    }
    due
}

fn commands_at(at: DateTime<Utc>) -> Vec<&'static str> {
    if is_trading_time(at) {
        let is_due = |command: &usize| at.minute().is_multiple_of(EVERY_MINUTES[*command]);
        return (0..ALL.len()).filter(is_due).map(|command| ALL[command]).collect();
    }
    // Those that wait for each other's lock cost most, so that in most closed hours they start apart.
    match (at.hour() % 4, at.minute()) {
        (2, 0) => ALL.to_vec(),
        (0 | 1 | 3, 0) => vec!["sell", "status", "token-check"],
        (0 | 1 | 3, 20) => vec!["buy"],
        (0 | 1 | 3, 40) => vec!["cleanup"],
        _ => Vec::new(),
    }
}

/// 09:30 to 16:00 in New York's summer, Monday to Friday.
fn is_trading_time(at: DateTime<Utc>) -> bool {
    let minute = at.hour() * 60 + at.minute();
    !matches!(at.weekday(), Weekday::Sat | Weekday::Sun) && (13 * 60 + 30..20 * 60).contains(&minute)
}
