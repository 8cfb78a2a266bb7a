//! How a journal that can't be read, written or believed ends a run.

use std::path::Path;

use super::words;
use crate::decide::fold::FoldError;
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::store::words::unwritable as unwritable_file;

/// A new line that does not fit the lines before it: a bug.
pub(super) fn contradiction(error: &FoldError) -> Failure {
    Failure::new(Reason::Unexpected, words::contradicted()).because(error.words())
}

/// A line that can't be believed.
pub(super) fn damaged(path: &Path, offset: u64, cause: &Sentence) -> Failure {
    unreadable(path, words::not_believed(offset, cause))
}

/// A journal that can't be read: nothing is traded.
pub(super) fn unreadable(path: &Path, cause: impl Into<Sentence>) -> Failure {
    Failure::new(Reason::StateUnreadable, words::unreadable(path)).because(cause).next(words::compare_with_kis())
}

/// A journal that can't be written.
pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Reason::StateUnwritable, unwritable_file(path)).because(error).next(words::no_more_orders())
}
