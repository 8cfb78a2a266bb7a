//! What a run learned that people should hear of.

use chrono::NaiveDate;

use crate::decide::fold::Entry;
use crate::domain::notice::Notice;

/// Collected on the way, told at the end.
#[derive(Default)]
pub struct News {
    /// Events of the run.
    pub notices: Vec<Notice>,
    /// Orders as the run found them; what happened to them before is not its own news.
    pub found: Vec<Entry>,
    /// Orders as it left them, with the end of their cool-down.
    pub left: Option<Vec<Journalled>>,
}

/// An order as a run left it.
#[derive(Clone, Debug)]
pub struct Journalled {
    /// The order.
    pub entry: Entry,
    /// The first date on which its symbol may be bought again after a stop loss.
    pub free_from: Option<NaiveDate>,
}
