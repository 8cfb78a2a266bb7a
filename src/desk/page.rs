//! The file of `status --html`.

use std::path::Path;

use crate::desk::words;
use crate::exit::{Failure, Reason};
use crate::report::Report;
use crate::store::page_file::save_page;

/// Writes the page. One that can't be written makes a run that went well end with 74. Returns why, in English, as the
/// last run's file keeps it.
pub fn write(file: &Path, report: &mut Report) -> Option<String> {
    let page = report.clone().made_visible().to_html();
    let error = save_page(file, &page).err()?;
    let failure = Failure::new(Reason::StateUnwritable, words::page_not_written(file)).because(error);
    let why = failure.sentence();
    if report.has_failed() {
        report.warnings.push(why.clone());
    } else {
        report.fail(failure.next(words::name_other_page()));
    }
    Some(why.en)
}
