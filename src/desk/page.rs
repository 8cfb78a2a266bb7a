//! The page of `status --html`: the account's history that only it draws, and the file.

use std::path::Path;

use chrono::NaiveDate;

use crate::desk::base::Base;
use crate::domain::Sample;
use crate::domain::market_session::session_of;
use crate::exit::{Failure, Reason};
use crate::report::Report;
use crate::store::equity;
use crate::store::page_file::save_page;

/// Loads the account's total over time: one sample a date, and those of the latest dates.
pub fn load_history(base: &Base, warnings: &mut Vec<String>) -> Vec<Sample> {
    let (history, unread) = equity::history(base.dir.path());
    warnings.extend(unread);
    let close = |date: NaiveDate| match session_of(date) {
        Some(session) => Some(session.closes_at),
        // Beyond the calendar's years.
        None => Some(date.and_hms_opt(20, 0, 0)?.and_utc()),
    };
    let days = history.days.into_iter().filter_map(|(date, total)| Some(Sample { at: close(date)?, total }));
    let first_recent = history.recent.first().map(|sample| sample.at);
    let mut samples: Vec<Sample> = days.filter(|day| first_recent.is_none_or(|first| day.at < first)).collect();
    samples.extend(history.recent);
    samples
}

/// Writes the page. One that can't be written makes a run that went well end with 74.
pub fn write(file: &Path, report: &mut Report) {
    let page = report.clone().made_visible().to_html();
    let Err(error) = save_page(file, &page) else { return };
    let what = format!("the page {} could not be written", file.display());
    if report.has_failed() {
        report.warnings.push(format!("{what}: {error}"));
    } else {
        report.fail(
            Failure::new(Reason::StateUnwritable, what)
                .because(error)
                .next("name a file in a folder that you may write to; everything else was done"),
        );
    }
}
