//! Money that came or went without a trade: a change of cash that the fills in the order list do not explain.
//!
//! Each look at cash is compared with the look before. What is left over moves the day's base at once; it is a transfer when a
//! second look finds it still gone, for cash and list may be of different moments.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::config::Settings;
use crate::decide::facts::Worth;
use crate::decide::fold::{Entry, JournalState};
use crate::decide::odd_rows::keep_advice;
use crate::decide::reconcile::row_of;
use crate::decide::words::notices;
use crate::domain::{Books, Doubt, Notice, NoticeKind, OrderList, Percent, Side, Symbol, Transfer, Usd};

/// Less than this is no transfer.
const LEAST: Usd = Usd(Decimal::from_parts(50, 0, 0, false, 0));
/// Nor is less than so many percent of the total, and of what was traded since: fees, and what KIS holds back.
const LEAST_OF_TOTAL: Percent = Decimal::ONE;
const LEAST_OF_TRADED: Percent = Decimal::TWO;
/// Proceeds show in cash when they have settled, two trading days later, or a long weekend.
const SETTLED_AFTER: TimeDelta = TimeDelta::days(7);

/// One look at the account.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// The trading date.
    pub date: NaiveDate,
    /// USD that buys may use.
    pub cash: Usd,
    /// USD of everything.
    pub total: Usd,
    /// The order list, read just before.
    pub list: &'a OrderList,
    /// The first date of which the list has every order.
    pub listed_from: NaiveDate,
}

/// What a look at cash shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What the next look is compared with. A transfer is still in doubt here, for whoever writes it down to book.
    pub books: Books,
    /// USD that came from outside, by all that is known now.
    pub moved: Usd,
    /// Found twice.
    pub transfer: Option<Transfer>,
}

/// Compares a look with the books of the latest one.
pub fn judge(before: Option<&Books>, journal: &JournalState, look: &Look<'_>) -> Judged {
    // One that was written down by a run that died before it kept the books is in doubt no more.
    let is_written = |doubt: Doubt| journal.transfers.iter().any(|known| known.seen == doubt.seen);
    let booked = before.filter(|before| before.doubt.is_some_and(is_written)).map(|before| before.clone().booked());
    let before = booked.as_ref().or(before);
    let hidden = |side| hidden_value(journal, look.list, side);
    let lacks = [Side::Buy, Side::Sell].into_iter().any(|side| hidden(side).is_some());
    let fresh = Books { transfers: before.map_or(Usd::ZERO, |before| before.transfers), ..Books::of(look) };
    // Fills since earlier books may be on no list that was read.
    let Some(before) = before.filter(|before| before.date >= look.listed_from) else {
        let moved = before.map_or(Usd::ZERO, Books::moved);
        // A look that is not certain explains nothing later: the next one begins anew.
        let date = if lacks { DateTime::UNIX_EPOCH.date_naive() } else { fresh.date };
        return Judged { books: Books { date, transfers: moved, ..fresh }, moved, transfer: None };
    };
    let since = Flows::since(before.date, look.list).less(before);
    let tolerance = LEAST.max(look.total.percent(LEAST_OF_TOTAL) + since.traded.percent(LEAST_OF_TRADED));
    let is_small = |amount: Usd| amount.0.abs() <= tolerance.0;
    let unexplained = fresh.cash - before.cash - since.net - unlisted_fills(journal, look.list, before.at);
    // What takes back a difference that was just small enough may be just too large.
    let takes_back = before.doubt.is_none() && is_small(unexplained + before.let_pass);
    let unexplained = if takes_back && !is_small(unexplained) { unexplained + before.let_pass } else { unexplained };
    // The books go on with every look, so that a later one has little to explain; what is in doubt goes along.
    let is_listed = |side| hidden(side).is_none();
    let (pending, usd) = settle(before, look, &since, (unexplained, tolerance), is_listed);
    let seen = before.doubt.map(|doubt| doubt.seen).filter(|_| is_small(unexplained));
    // Beside a hidden order a small difference counts too: the list may take it back, and that may be more than small.
    let doubt =
        Some(Doubt { usd, seen: seen.unwrap_or(look.at) }).filter(|_| !is_small(usd) || (lacks && usd != Usd::ZERO));
    let side = if usd.is_positive() { Side::Sell } else { Side::Buy };
    let is_ours = |doubt: &Doubt| usd.0.abs() <= (tolerance + may_have_moved(journal, look.date, side, doubt.seen)).0;
    let found = doubt.filter(|doubt| seen.is_some() && !lacks && !is_ours(doubt));
    let transfer = found.map(|Doubt { usd, seen }| Transfer { usd: usd.to_cents(), seen });
    // What was sold later comes later.
    let pending_since = if pending > before.pending { Some(look.at) } else { before.pending_since };
    let pending_since = pending_since.filter(|_| pending.is_positive());
    let let_pass = match doubt {
        None if is_small(unexplained) && unexplained.0.abs() > LEAST.0 => unexplained,
        None => before.let_pass,
        Some(_) => Usd::ZERO,
    };
    let books = Books { pending, pending_since, doubt, let_pass, ..fresh };
    // What an order that the list does not show may have moved has not come from outside.
    let ours = hidden(side).unwrap_or_default().0.min(usd.0.abs());
    let ours = doubt.map_or(Usd::ZERO, |_| Usd(if side == Side::Sell { ours } else { -ours }));
    Judged { moved: books.moved() - ours, books, transfer }
}

/// What is to come of proceeds, and what is in doubt, when so much of the cash is unexplained.
fn settle(
    before: &Books,
    look: &Look<'_>,
    since: &Flows,
    (unexplained, tolerance): (Usd, Usd),
    is_listed: impl Fn(Side) -> bool,
) -> (Usd, Usd) {
    let pending = before.pending;
    // Fees never come.
    let rest = |usd: Usd| Some(pending - usd).filter(|rest| *rest > tolerance).unwrap_or_default();
    let have_come =
        |usd: Usd| usd.is_positive() && pending.is_positive() && usd <= pending + tolerance && is_listed(Side::Sell);
    if let Some(doubt) = before.doubt {
        // What joins a doubt may take it back: a matter of a moment, such as a list from before a fill.
        let doubt = doubt.usd + unexplained;
        return if have_come(doubt) { (rest(doubt), Usd::ZERO) } else { (pending, doubt) };
    }
    let lacking = Usd::ZERO - unexplained;
    if unexplained.0.abs() <= tolerance.0 {
        // What never came is gone.
        let is_over = before.pending_since.is_some_and(|since| look.at - since > SETTLED_AFTER);
        let gone = if is_over { pending } else { Usd::ZERO };
        (pending - gone, unexplained - gone)
    } else if is_listed(Side::Buy) && lacking.is_positive() && lacking <= since.sold + tolerance {
        // Proceeds that cash does not show yet are not gone, and those that it shows now have not come from outside.
        (pending + lacking.min(since.sold), Usd::ZERO)
    } else if have_come(unexplained) {
        (rest(unexplained), Usd::ZERO)
    } else {
        (pending, unexplained)
    }
}

impl Books {
    fn of(look: &Look<'_>) -> Books {
        let listed = Flows::since(look.date, look.list);
        Books {
            at: look.at,
            date: look.date,
            cash: look.cash + held_back(look),
            pending: Usd::ZERO,
            pending_since: None,
            net: listed.net,
            traded: listed.traded,
            sold: listed.sold,
            transfers: Usd::ZERO,
            doubt: None,
            let_pass: Usd::ZERO,
        }
    }
}

/// USD that open buys hold back, whoever placed them. What a row of an earlier date has left is dead.
fn held_back(look: &Look<'_>) -> Usd {
    let open = look.list.rows.iter().filter(|row| row.side == Side::Buy && row.date >= look.date);
    open.map(|row| row.limit_price.times(row.remaining_quantity).unwrap_or_default()).sum()
}

/// USD of orders of ours that the list does not show, or whose fills are in doubt; `None` when there are none. Another hand's row
/// that can't be read may stay for days, and hides no more than what it moved itself.
fn hidden_value(journal: &JournalState, list: &OrderList, side: Side) -> Option<Usd> {
    let is_hidden =
        |entry: &&Entry| entry.correction.is_some() || (entry.state.is_live() && row_of(entry, list).is_none());
    let of_side = journal.entries.values().filter(|entry| entry.intent.side == side);
    let mut hidden = of_side.filter(is_hidden).map(value_of).peekable();
    hidden.peek().is_some().then(|| hidden.sum())
}

/// Net USD of fills that a person settled since the last look and that the list does not show. Every other fill was counted from the
/// list, even if it reached the journal only later, after its date had left the list.
fn unlisted_fills(journal: &JournalState, list: &OrderList, since: DateTime<Utc>) -> Usd {
    let value = |entry: &Entry| {
        let settled = entry.settled.filter(|settled| settled.at > since && row_of(entry, list).is_none())?;
        let value = entry.average_price.times(settled.quantity).unwrap_or_default();
        Some(if entry.intent.side == Side::Sell { value } else { Usd::ZERO - value })
    };
    journal.entries.values().filter_map(value).sum()
}

/// USD that orders of ours may have moved beyond what the list shows, as long as their date's last list is not read: one that
/// ended may have filled, and one may have been taken twice.
fn may_have_moved(journal: &JournalState, date: NaiveDate, side: Side, until: DateTime<Utc>) -> Usd {
    let is_open = |entry: &&Entry| entry.intent.trading_date == date || journal.is_watched(entry);
    let sent = journal.entries.values().filter(|entry| entry.submitted.at <= until && entry.intent.side == side);
    sent.filter(is_open).map(value_of).sum()
}

fn value_of(entry: &Entry) -> Usd {
    entry.intent.limit_price.times(entry.intent.quantity).unwrap_or_default()
}

/// USD of the fills of some dates.
#[derive(Clone, Copy, Debug, Default)]
struct Flows {
    /// What sells brought less what buys took.
    net: Usd,
    /// Both together.
    traded: Usd,
    /// What sells brought.
    sold: Usd,
}

impl Flows {
    fn since(date: NaiveDate, list: &OrderList) -> Flows {
        let mut flows = Flows::default();
        for row in list.rows.iter().filter(|row| row.date >= date) {
            let value = row.average_price.times(row.filled_quantity).unwrap_or_default();
            flows.traded = flows.traded + value;
            match row.side {
                Side::Buy => flows.net = flows.net - value,
                Side::Sell => (flows.net, flows.sold) = (flows.net + value, flows.sold + value),
            }
        }
        flows
    }

    fn less(self, before: &Books) -> Flows {
        Flows { net: self.net - before.net, traded: self.traded - before.traded, sold: self.sold - before.sold }
    }
}

/// What people hear of a transfer.
pub fn transfer_notice(transfer: &Transfer, date: NaiveDate) -> Notice {
    let Transfer { usd, seen } = transfer;
    let words = if usd.is_positive() { notices::came_in(*usd) } else { notices::went_out(Usd::ZERO - *usd) };
    Notice::of_date(NoticeKind::Transfer, date, &seen.to_rfc3339(), words)
}

/// What people hear of holdings without a price, unless `[sell] keep` names them.
pub fn unpriced_notices(worth: &Worth, settings: &Settings, date: NaiveDate) -> Vec<Notice> {
    let loud = worth.unpriced.iter().filter(|(symbol, _)| !settings.sell.keep.contains(symbol));
    let notice = |(symbol, price): (&Symbol, &Option<Usd>)| {
        let words = notices::no_price(symbol, price.unwrap_or_default());
        let words = words.and("", &keep_advice(settings, Some(symbol)));
        let notice = Notice::of_date(NoticeKind::PriceUnknown, date, symbol.as_str(), words);
        Notice { symbol: Some(symbol.clone()), ..notice }
    };
    loud.map(notice).collect()
}

#[cfg(test)]
mod tests;
