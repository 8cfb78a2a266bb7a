//! The journal compared with the broker's list: what became of each order of ours, and which orders are external.

mod external;
mod observe;
mod witness;
mod words;

pub use observe::state_of;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::decide::fold::{Entry, JournalState};
use crate::domain::market_session::{previous_trading_date, session_of};
use crate::domain::{
    BrokerOrder, Intent, IntentId, IntentState, ListSeen, OrderKey, OrderList, Record, Resolved, RowKind, Side, Stamp,
    Symbol, Verdict, Witness,
};
use crate::language::Sentence;
use crate::ordered::Ordered;

/// A buy may be called absent this long after its intent: orders have been listed up to 40 minutes late.
const ABSENT_BUY_AFTER: TimeDelta = TimeDelta::minutes(45);
/// A sell may be called absent sooner: a blocked stop loss is a risk itself, and the sellable quantity is a strong witness.
const ABSENT_SELL_AFTER: TimeDelta = TimeDelta::minutes(10);
/// The two lists without a candidate lie at least this far apart.
const ABSENT_LISTS_APART: TimeDelta = TimeDelta::seconds(60);
/// A complete list this long after the close is final for a day's orders.
const FINAL_AFTER_CLOSE: TimeDelta = TimeDelta::hours(1);
/// A row that still shows a remainder may fill until the after-market ends, four hours after the close; one more hour
/// later it is final too, and so is every word about the date.
const REMAINDER_DEAD_AFTER_CLOSE: TimeDelta = TimeDelta::hours(5);
/// Dates before this many days ago are not asked for again on account of ended orders.
const WATCHED_DAYS: TimeDelta = TimeDelta::days(9);

/// What the broker's list says about the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Journal lines to write, in this order.
    pub records: Vec<Record>,
    /// Sentences for people.
    pub warnings: Vec<Sentence>,
    /// Orders of the trading date that came through the Open API and are not ours.
    pub foreign: Vec<BrokerOrder>,
    /// Every order of the trading date that is not ours, whoever placed it.
    pub external: Vec<BrokerOrder>,
    /// Symbols whose unknown orders may be called absent only after a check of the account.
    pub wants_witness: BTreeSet<Symbol>,
    /// True when the list shows fewer shares of an order filled than the journal.
    pub shows_fewer_fills: bool,
}

/// A complete list and the account around it.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// The broker's orders, read to the last page.
    pub list: &'a OrderList,
    /// When it was read.
    pub stamp: &'a Stamp,
    /// The trading date that counts as today.
    pub today: NaiveDate,
    /// The account now, for the symbols that it was fetched for.
    pub witnesses: &'a BTreeMap<Symbol, Witness>,
}

/// Compares the journal with a complete list.
pub fn reconcile(state: &JournalState, evidence: &Evidence<'_>) -> Findings {
    let candidates = find_candidates(state, evidence);
    let mut comparison = Comparison { state, evidence, candidates, findings: Findings::default() };
    for entry in state.entries.values() {
        match &entry.order_id {
            Some(order_id) if entry.state.is_live() || state.is_watched(entry) => {
                comparison.observe(entry, order_id, row_of(entry, evidence.list));
            }
            Some(_) => {}
            None => comparison.find_order(entry),
        }
    }
    comparison.find_external_orders();
    comparison.close_days();
    comparison.findings
}

/// The spans of dates for which the broker's list must be read, so that it tells of every order of ours of which it can, and
/// of today's others: everything from the trading date before today on, for the fills since that date's last look at the cash,
/// and the dates of orders that may still change. KIS's dates are New York's; each span reaches a day further, for an order
/// after midnight in Korea.
pub fn list_spans(state: &JournalState, today: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
    let day = TimeDelta::days(1);
    let is_wanted = |entry: &&Entry| {
        let is_recent = entry.intent.trading_date >= today - WATCHED_DAYS;
        // What no list of its date showed no later one will show.
        let is_live = entry.state.is_live() && (is_recent || !entry.is_unlisted());
        is_live || (is_recent && state.is_watched(entry))
    };
    let days = state.entries.values().filter(is_wanted).map(|entry| entry.intent.trading_date);
    let days: BTreeSet<NaiveDate> = days.filter(|wanted| *wanted < today).ordered();
    let mut spans: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for (from, to) in days.into_iter().map(|wanted| (wanted, wanted + day)).chain([(listed_from(today), today + day)]) {
        match spans.last_mut() {
            // A long weekend between is cheaper asked for than left out.
            Some((start, end)) if from <= *end + day * 3 => (*start, *end) = (from.min(*start), to),
            _ => spans.push((from, to)),
        }
    }
    spans
}

/// The first date of which every list has every order.
pub fn listed_from(today: NaiveDate) -> NaiveDate {
    previous_trading_date(today).min(today - TimeDelta::days(1))
}

/// The row of an order of ours. A number without a branch may fit an external order too: then quantity and price tell.
pub fn row_of<'a>(entry: &Entry, list: &'a OrderList) -> Option<&'a BrokerOrder> {
    let (intent, key) = (&entry.intent, entry.key()?);
    let may_be_its_row = |row: &&BrokerOrder| {
        row.date == intent.trading_date
            && row.kind == RowKind::Order
            && row.symbol == intent.symbol
            && row.side == intent.side
            && key.may_be(&row.key())
            && !intent.baseline.contains(&row.key())
    };
    let is_unlike = |row: &&BrokerOrder| row.quantity != intent.quantity || row.limit_price != intent.limit_price;
    list.rows.iter().filter(may_be_its_row).min_by_key(is_unlike)
}

/// Reports whether a list read at `at` is final for the orders of `day`.
pub fn is_final(day: NaiveDate, at: DateTime<Utc>) -> bool {
    is_past_close(day, at, FINAL_AFTER_CLOSE)
}

fn is_past_close(day: NaiveDate, at: DateTime<Utc>, by: TimeDelta) -> bool {
    session_of(day).is_none_or(|session| at >= session.closes_at + by)
}

/// Rows that could be the order of an intent without a number. A row that fits two intents is a candidate of both.
type Candidates<'a> = BTreeMap<IntentId, Vec<&'a BrokerOrder>>;

fn find_candidates<'a>(state: &JournalState, evidence: &Evidence<'a>) -> Candidates<'a> {
    let mut found = Candidates::new();
    for entry in state.entries.values().filter(|entry| entry.order_id.is_none()) {
        let day = entry.intent.trading_date;
        // Rows that a person saw before saying "absent" are not the order.
        let is_seen = |key: &OrderKey| entry.candidates.iter().any(|seen| seen.may_be(key));
        let is_ruled_out = |key: &OrderKey| entry.state == IntentState::Absent && is_seen(key);
        let is_claimed = |key: &OrderKey| state.is_claimed(day, key) || state.is_fine(day, key) || is_ruled_out(key);
        let rows = evidence.list.rows.iter().filter(|row| entry.intent.matches(row, is_claimed)).collect::<Vec<_>>();
        if !rows.is_empty() {
            found.insert(entry.intent.id.clone(), rows);
        }
    }
    found
}

/// The journal, the list, and what has been found so far.
struct Comparison<'a> {
    state: &'a JournalState,
    evidence: &'a Evidence<'a>,
    candidates: Candidates<'a>,
    findings: Findings,
}

impl Comparison<'_> {
    /// An intent without an order number: found, still missing, absent, or for a person to decide.
    fn find_order(&mut self, entry: &Entry) {
        let intent = &entry.intent;
        if entry.state.is_unknown() && self.is_obscured(intent) {
            return;
        }
        let seen = self.list_seen();
        let rows = self.candidates.get(&intent.id).cloned().unwrap_or_default();
        match rows.as_slice() {
            [] if entry.state.is_unknown() => self.judge_missing(entry, seen),
            [] => {}
            [row] if entry.state != IntentState::Ambiguous && !self.is_contested(row) => {
                if !entry.state.is_unknown() {
                    let Intent { id, side, quantity, symbol, .. } = intent;
                    let words = words::turned_up(&row.order_id, *side, *quantity, symbol, id, entry.state);
                    self.findings.warnings.push(words);
                }
                self.resolve(entry, Verdict::Accepted, Some(row.key()), vec![], vec![seen]);
                self.observe(entry, &row.order_id, Some(row));
            }
            several => {
                let keys: Vec<OrderKey> = several.iter().map(|row| row.key()).collect();
                if entry.state.is_unknown() && (entry.candidates != keys || entry.state != IntentState::Ambiguous) {
                    self.resolve(entry, Verdict::Ambiguous, None, keys, vec![seen]);
                }
            }
        }
    }

    /// Reports whether a row that can't be read may be the order of an unknown intent, which then stays unknown.
    fn is_obscured(&self, intent: &Intent) -> bool {
        let (state, day) = (self.state, intent.trading_date);
        let is_taken = |key: &OrderKey| state.is_claimed(day, key) || state.is_fine(day, key);
        self.evidence.list.odd.iter().any(|odd| intent.may_be(odd, is_taken))
    }

    /// Reports whether a row that can't be read may be the order of an intent with a number.
    fn has_odd_row(&self, entry: &Entry) -> bool {
        let mut odd = self.evidence.list.odd.iter();
        entry.key().is_some_and(|key| odd.any(|odd| odd.may_be(entry.intent.trading_date, &key)))
    }

    /// The list that was compared.
    fn list_seen(&self) -> ListSeen {
        ListSeen { at: self.evidence.list.read_at, complete: true, rows: self.evidence.list.rows.len() }
    }

    /// An unknown order that the list does not show: absent once it is late, twice missed, and without a trace. One that KIS
    /// refused in words need not be late: it was rejected.
    fn judge_missing(&mut self, entry: &Entry, seen: ListSeen) {
        let intent = &entry.intent;
        let lists: Vec<ListSeen> = entry.first_unseen.iter().chain([&seen]).cloned().collect();
        let is_refused = entry.is_refused_in_words();
        let verdict = if is_refused { Verdict::Rejected } else { Verdict::Absent };
        if is_final(intent.trading_date, seen.at) {
            self.resolve(entry, verdict, None, vec![], lists);
            return;
        }
        let Some(first) = &entry.first_unseen else {
            self.findings.records.push(Record::Unseen { intent: intent.id.clone(), list: seen });
            return;
        };
        let least_age = if intent.side == Side::Buy { ABSENT_BUY_AFTER } else { ABSENT_SELL_AFTER };
        let is_late = is_refused || entry.submitted.age_at(self.evidence.stamp) >= least_age;
        if !is_late || seen.at - first.at < ABSENT_LISTS_APART {
            return;
        }
        match self.evidence.witnesses.get(&intent.symbol) {
            None => {
                self.findings.wants_witness.insert(intent.symbol.clone());
            }
            Some(now) if witness::is_unchanged(entry, now, self.state, self.evidence) => {
                self.resolve(entry, verdict, None, vec![], lists);
            }
            Some(_) => {}
        }
    }

    fn resolve(
        &mut self,
        entry: &Entry,
        verdict: Verdict,
        key: Option<OrderKey>,
        candidates: Vec<OrderKey>,
        lists: Vec<ListSeen>,
    ) {
        let intent = entry.intent.id.clone();
        let (branch, order_id) = key.map_or_else(Default::default, |key| (key.branch, Some(key.order_id)));
        let resolved = Resolved { intent, verdict, order_id, branch, candidates, lists };
        self.findings.records.push(Record::Resolved(resolved));
    }

    /// Reports whether a row fits several intents: then a person says whose it is.
    fn is_contested(&self, row: &BrokerOrder) -> bool {
        self.candidates.values().filter(|rows| rows.contains(&row)).count() > 1
    }

    /// The latest date whose last list this is changes no more. Orders that are live, whose fills are in doubt, or whose row
    /// can't be read keep theirs open.
    fn close_days(&mut self) {
        let (state, read_at) = (self.state, self.evidence.list.read_at);
        let is_open = |entry: &&Entry| {
            let is_live = entry.state.is_live() && !entry.is_unlisted();
            is_live || entry.correction.is_some() || (state.is_watched(entry) && self.has_odd_row(entry))
        };
        let first_open = state.entries.values().filter(is_open).map(|entry| entry.intent.trading_date).min();
        let days =
            state.entries.values().filter(|entry| state.is_watched(entry)).map(|entry| entry.intent.trading_date);
        let is_over = |day: &NaiveDate| {
            is_past_close(*day, read_at, REMAINDER_DEAD_AFTER_CLOSE) && first_open.is_none_or(|open| *day < open)
        };
        let latest = days.filter(is_over).max().filter(|_| !self.findings.shows_fewer_fills);
        self.findings.records.extend(latest.map(|date| Record::DayClosed { date }));
    }
}

#[cfg(test)]
mod tests;
