//! What the page of `status --html` shows beyond `status` itself, and its last step: the file.

use std::path::Path;

use chrono::NaiveDate;

use crate::cmd::base::Base;
use crate::cmd::notes::Notes;
use crate::cmd::open::Opened;
use crate::decide::fold::Entry;
use crate::domain::market_session::{Phase, previous_trading_date, session_of};
use crate::domain::order::BrokerOrder;
use crate::domain::past::Sample;
use crate::exit::{Failure, Reason};
use crate::report::Report;
use crate::report::status::{DayOrder, DayOrders, OpenOrderLine};
use crate::store::equity;
use crate::store::page_file::save_page;

/// Loads the account's total over time: one sample a date, and those of the latest dates.
pub fn load_history(base: &Base, notes: &mut Notes) -> Vec<Sample> {
    let (history, warnings) = equity::history(base.dir.path());
    notes.warnings.extend(warnings);
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

/// The orders of the session that runs or was the last: our own, by the journal, and those of other hands.
pub fn day_orders(open: &Opened, others: &[BrokerOrder]) -> DayOrders {
    let date = match open.market.phase {
        Phase::Regular | Phase::After => open.market.trading_date,
        Phase::Pre | Phase::Closed => previous_trading_date(open.market.trading_date),
    };
    let own = open.journal.state().of_day(date).map(own_order);
    let others = others.iter().filter(|row| row.date == date && row.is_plain_order()).map(other_order);
    let mut orders: Vec<DayOrder> = own.chain(others).collect();
    orders.sort_by_key(|line| line.order.submitted_at);
    let hours = session_of(date).map(|session| (session.opens_at, session.closes_at));
    DayOrders { date: Some(date), hours, orders }
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

fn own_order(entry: &Entry) -> DayOrder {
    DayOrder {
        order: OpenOrderLine::own(entry),
        state: entry.state.word(),
        is_live: entry.state.is_live(),
        average_price: entry.average_price,
        filled_at: entry.filled_at,
        note: entry.note.clone(),
    }
}

fn other_order(row: &BrokerOrder) -> DayOrder {
    let state = match row.remaining_quantity {
        0 if row.filled_quantity == row.quantity => "filled",
        0 => "ended",
        _ => "accepted",
    };
    DayOrder {
        order: OpenOrderLine::foreign(row),
        state,
        is_live: row.remaining_quantity > 0,
        average_price: row.average_price,
        filled_at: None,
        note: row.note.clone(),
    }
}
