//! `cleanup --withdraw`: nothing more of a strategy's sheet is sent on this date, and its open orders are cancelled.

use super::adopt::find;
use crate::decide::fold::Entry;
use crate::decide::strategy::lines::last_cancel;
use crate::decide::strategy::words;
use crate::domain::market_session::{new_york_as, session_of};
use crate::domain::{OrderKind, Record};
use crate::exit::Failure;
use crate::story::desk::Desk;
use crate::story::run::Run;

/// Ends the sheet of the date; on disk before the first cancel. Returns the orders to cancel.
pub(in crate::story) async fn withdraw<D: Desk>(run: &mut Run<'_, D>, name: &str) -> Result<Vec<Entry>, Failure> {
    let settings = std::rc::Rc::clone(&run.settings);
    let strategy = find(&settings.strategies, name)?;
    let date = run.market.trading_date;
    if !run.task.is_dry_run {
        let record = Record::SheetWithdrawn { strategy: strategy.name.clone(), date };
        run.desk.append(&record).await?;
    }
    let until = session_of(date).map(|session| last_cancel(&session));
    let is_final = until.is_some_and(|until| run.desk.now().at >= until);
    let open = run.desk.journal().orders_of(name, date);
    let open = open.filter(|entry| entry.state.is_live() && entry.order_id.is_some() && entry.remaining_quantity > 0);
    let (closing, cancel): (Vec<Entry>, Vec<Entry>) =
        open.cloned().partition(|entry| is_final && entry.intent.order_kind != OrderKind::Limit);
    if let (false, Some(until)) = (closing.is_empty(), until) {
        run.notes.warnings.push(words::closing_orders_stay(closing.len(), &new_york_as(until, "%H:%M")));
    }
    Ok(cancel)
}
