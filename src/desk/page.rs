//! The file of `status --html`.

use std::path::Path;

use crate::exit::{Failure, Reason};
use crate::report::Report;
use crate::store::page_file::save_page;

/// Writes the page. One that can't be written makes a run that went well end with 74. Returns why.
pub fn write(file: &Path, report: &mut Report) -> Option<String> {
    let page = report.clone().made_visible().to_html();
    let error = save_page(file, &page).err()?;
    let what = format!("the page {} could not be written", file.display());
    let words = format!("{what}: {error}");
    if report.has_failed() {
        report.warnings.push(words.clone().into());
    } else {
        report.fail(
            Failure::new(Reason::StateUnwritable, what)
                .because(error)
                .next("name a file in a folder that you may write to; everything else was done"),
        );
    }
    Some(words)
}
