//! How a journal that can't be read, written or believed ends a run.

use std::path::Path;

use crate::decide::fold::FoldError;
use crate::exit::{Failure, Reason};

/// A new line that does not fit the lines before it: a bug.
pub(super) fn contradiction(error: FoldError) -> Failure {
    Failure::new(Reason::Unexpected, "a journal line would contradict the journal").caused_by(error)
}

/// A line that can't be believed.
pub(super) fn damaged(path: &Path, offset: u64, cause: &str) -> Failure {
    unreadable(path, &format!("the line at byte {offset} can't be believed: {cause}"))
}

/// A journal that can't be read: nothing is traded.
pub(super) fn unreadable(path: &Path, cause: &str) -> Failure {
    Failure::new(Reason::StateUnreadable, format!("the order journal {} can't be read", path.display()))
        .because(cause)
        .next("nothing was traded and the file was left as it is; compare it with your orders at KIS, then restore it or move it away")
}

/// A journal that can't be written.
pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Reason::StateUnwritable, format!("{} can't be written", path.display()))
        .because(error)
        .next("free space, or make the state directory writable for this user; no further order was sent")
}
