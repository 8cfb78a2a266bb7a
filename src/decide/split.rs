//! Stock splits. A quote is adjusted on the morning of a split, the account hours or days later, or the other way round; in
//! between, a price by one and a cost by the other make a loss or a profit that is none. So the two are held against what was
//! remembered of them, and a symbol of which one moved alone is set aside.

mod words;

pub use words::{ending_of, words_of};

use chrono::{Days, NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use crate::decide::fold::{Entry, JournalState, SetAside};
use crate::decide::rule::{Rule, Skip};
use crate::domain::market_session::previous_trading_date;
use crate::domain::money::percent_change;
use crate::domain::{Holding, Percent, Ratio, Record, SeenHolding, Side, SplitSign, SplitSuspicion, Symbol, Unit, Usd};

/// How far a price step may be off a usual ratio, in percent.
const PRICE_TOLERANCE: Percent = Decimal::from_parts(15, 0, 0, false, 1);
/// How far quantity and average cost may be off it.
const ACCOUNT_TOLERANCE: Percent = Decimal::from_parts(2, 0, 0, false, 0);
/// A symbol is set aside for so many trading dates at most: a real crash looks the same.
const MAX_DATES: usize = 6;
/// So long after the one side the other may still follow it.
const LATEST: TimeDelta = TimeDelta::days(14);

/// The ratios of forward splits, new shares for old ones; each is usual the other way round too (a reverse split).
const USUAL: [(u32, u32); 23] = [
    (2, 1),
    (3, 1),
    (4, 1),
    (5, 1),
    (6, 1),
    (7, 1),
    (8, 1),
    (9, 1),
    (10, 1),
    (12, 1),
    (15, 1),
    (20, 1),
    (25, 1),
    (30, 1),
    (40, 1),
    (50, 1),
    (100, 1),
    (3, 2),
    (4, 3),
    (5, 2),
    (5, 3),
    (5, 4),
    (6, 5),
];

/// The usual split ratio that turns a price of `from` into `to`, when one lies within `tolerance` percent of `to`.
pub fn usual_ratio(from: Usd, to: Usd, tolerance: Percent) -> Option<Ratio> {
    let apart = |ratio: &Ratio| Some(percent_change(ratio.price_after(from)?, to)?.abs());
    let both_ways = USUAL.iter().flat_map(|&(new, old)| [Ratio { new, old }, Ratio { new: old, old: new }]);
    let near = both_ways.filter_map(|ratio| Some((apart(&ratio)?, ratio))).filter(|(apart, _)| *apart <= tolerance);
    near.min_by_key(|(apart, _): &(Decimal, Ratio)| *apart).map(|(_, ratio)| ratio)
}

/// Everything by which a split is judged.
#[derive(Clone, Copy, Debug)]
pub struct SplitFacts<'a> {
    /// Ticker.
    pub symbol: &'a Symbol,
    /// The running session's New York date.
    pub trading_date: NaiveDate,
    /// The fold of the journal.
    pub journal: &'a JournalState,
    /// Last price in USD.
    pub last: Option<Usd>,
    /// Yesterday's close in USD as the quote has it now.
    pub base: Option<Usd>,
    /// The same as it was remembered, or asked for.
    pub close: Option<Usd>,
    /// What the balance showed before.
    pub seen: Option<SeenHolding>,
    /// What it shows now; `None` when the symbol is not held.
    pub held: Option<Holding>,
    /// True when the holding appeared in sessions without a look at the balance, which `close` and `base` span: it may have been
    /// bought before the split or after it.
    pub appeared_unseen: bool,
}

/// Holds price and account against what was remembered; returns the line to write, if anything is new.
pub fn judge_split(facts: &SplitFacts<'_>) -> Option<Record> {
    let (price, account) = (price_step(facts), account_step(facts));
    if let Some(set_aside) = facts.journal.set_aside(facts.symbol) {
        return judge_set_aside(facts, &set_aside.suspicion, price);
    }
    // One that ended, and that the other side follows late. A later move by the same ratio is another split's.
    let ended = |sign, ratio| {
        let split = facts.journal.splits.get(facts.symbol)?;
        let SplitSuspicion { from, .. } = split.suspicion;
        let fits = split.is_over && split.suspicion.sign == sign && split.suspicion.ratio == ratio;
        (fits && facts.trading_date - from <= LATEST).then_some(from)
    };
    match (price, account) {
        (Some(ratio), Some(other)) if ratio == other => Some(unit(facts, ratio, facts.trading_date)),
        (Some(ratio), _) if ended(SplitSign::Account, ratio).is_some() => Some(unit(facts, ratio, facts.trading_date)),
        (Some(ratio), _) if facts.appeared_unseen && is_in_new_units(facts, ratio) => {
            Some(unit(facts, ratio, facts.trading_date))
        }
        (Some(ratio), _) if ratio.is_large() && !may_be_held(facts) => Some(unit(facts, ratio, facts.trading_date)),
        (Some(ratio), _) => Some(suspicion(facts, ratio, SplitSign::Price)),
        (None, Some(ratio)) => Some(match ended(SplitSign::Price, ratio) {
            Some(from) => unit(facts, ratio, from),
            None if has_quote_moved_unseen(facts) => unit(facts, ratio, facts.trading_date),
            None => suspicion(facts, ratio, SplitSign::Account),
        }),
        (None, None) => None,
    }
}

/// A symbol is set aside: has the other side followed, or has nothing for too long?
fn judge_set_aside(facts: &SplitFacts<'_>, suspicion: &SplitSuspicion, price: Option<Ratio>) -> Option<Record> {
    let ratio = suspicion.ratio;
    let has_followed = match suspicion.sign {
        SplitSign::Account => price == Some(ratio),
        SplitSign::Price => match (suspicion.held, facts.held) {
            (Some(before), Some(now)) => fits(before, now, ratio),
            (_, None) => ratio.is_large() && !may_be_held(facts),
            (None, Some(_)) => false,
        },
    };
    if has_followed {
        let from = if suspicion.sign == SplitSign::Price { suspicion.from } else { facts.trading_date };
        return Some(unit(facts, ratio, from));
    }
    let mut dates = std::iter::successors(Some(facts.trading_date), |date| Some(previous_trading_date(*date)));
    let is_old = dates.nth(MAX_DATES).is_some_and(|date| suspicion.from <= date);
    is_old.then(|| Record::SplitOver { symbol: facts.symbol.clone() })
}

/// What a person's word that the price is right means for what is kept in old units: a step this large is no crash.
pub fn settled_unit(set_aside: &SetAside) -> Option<Unit> {
    let SplitSuspicion { symbol, ratio, from, sign, .. } = &set_aside.suspicion;
    let is_split = ratio.is_large() && *sign == SplitSign::Price;
    is_split.then(|| Unit { symbol: symbol.clone(), factor: *ratio, from: *from })
}

/// Reports whether the remembered close can't be compared with the quote's, so that KIS is to be asked for it: a symbol
/// that was seen before has none of the last session, or one so far off that the last hour of trading hardly explains it.
pub fn wants_close(close: Option<Option<Usd>>, base: Option<Usd>, is_known: bool) -> bool {
    match (close, base) {
        (None, _) => is_known,
        (Some(Some(close)), Some(base)) => percent_change(close, base).is_none_or(|apart| apart.abs() > Decimal::TEN),
        (Some(_), _) => false,
    }
}

/// Refuses a symbol whose quote and balance may be in different units.
///
/// # Errors
/// `split_suspected`.
pub fn check_set_aside(journal: &JournalState, symbol: &Symbol) -> Result<(), Skip> {
    let Some(set_aside) = journal.set_aside(symbol) else { return Ok(()) };
    Err(Skip::new(symbol, Rule::SplitSuspected, words_of(&set_aside.suspicion)).notified())
}

/// The step from the price of the session before to yesterday's close as it is now, when it looks like a split that no
/// line explains yet.
fn price_step(facts: &SplitFacts<'_>) -> Option<Ratio> {
    let is_told = is_step_told(facts.journal, facts.symbol, facts.trading_date);
    if is_told { None } else { usual_ratio(facts.close?, facts.base?, PRICE_TOLERANCE) }
}

/// Reports whether a line says already what a step of this date's quote means.
pub fn is_step_told(journal: &JournalState, symbol: &Symbol, trading_date: NaiveDate) -> bool {
    let suspected = |split: &SetAside| {
        split.is_over && split.suspicion.sign == SplitSign::Price && split.suspicion.from == trading_date
    };
    journal.units.get(symbol).is_some_and(|unit| unit.from == trading_date)
        || journal.splits.get(symbol).is_some_and(suspected)
}

/// Reports whether a line tells of a split after a date.
pub fn is_told_since(journal: &JournalState, symbol: &Symbol, date: NaiveDate) -> bool {
    journal.units.get(symbol).is_some_and(|unit| unit.from > date)
        || journal.splits.get(symbol).is_some_and(|split| split.suspicion.from > date)
}

/// The step of quantity and average cost by inverse factors since the balance was seen on an earlier date.
fn account_step(facts: &SplitFacts<'_>) -> Option<Ratio> {
    let (seen, now) = (facts.seen?, facts.held?);
    let is_told = facts.journal.units.get(facts.symbol).is_some_and(|unit| seen.since < unit.from);
    if is_told || seen.since >= facts.trading_date {
        return None;
    }
    let filled = |side: Side, after: NaiveDate| -> u64 {
        let is_meant = |entry: &&Entry| entry.intent.symbol == *facts.symbol && entry.intent.side == side;
        let entries = facts.journal.entries.values().filter(is_meant);
        entries.filter(|entry| entry.intent.trading_date >= after).map(|entry| entry.filled_quantity).sum()
    };
    // All that was seen is sold since: whatever is held now was bought later, at prices of its own.
    let is_sold = filled(Side::Sell, seen.since + Days::new(1)) >= seen.holding.quantity;
    // Of few shares a small split leaves as many; so do a sale and a buy at another price.
    let may_be_trade = seen.holding.quantity == now.quantity
        && [Side::Buy, Side::Sell].iter().all(|side| filled(*side, seen.since) > 0);
    if is_sold || may_be_trade {
        return None;
    }
    let ratio = usual_ratio(seen.holding.average_cost?, now.average_cost?, ACCOUNT_TOLERANCE)?;
    fits(seen.holding, now, ratio).then_some(ratio)
}

/// The account moved, and no step of the quote was seen. Reports whether it was there all the same: the price is close to the
/// new average cost, and was far from the old one, where a rule would have sold long before.
fn has_quote_moved_unseen(facts: &SplitFacts<'_>) -> bool {
    let [old, new] = [facts.seen.map(|seen| seen.holding), facts.held].map(|held| {
        let (last, cost) = (facts.last?, held?.average_cost?);
        last.0.checked_div(cost.0)
    });
    let is_within = |share: Decimal, low: (i64, u32), high: (i64, u32)| {
        (Decimal::new(low.0, low.1)..=Decimal::new(high.0, high.1)).contains(&share)
    };
    let (Some(old), Some(new)) = (old, new) else { return false };
    is_within(new, (8, 1), (125, 2)) && !is_within(old, (625, 3), (16, 1))
}

/// Reports whether a holding that was bought a few sessions ago is in the units after a split: its cost is close to the last price, and
/// was far from it in the units before.
fn is_in_new_units(facts: &SplitFacts<'_>, ratio: Ratio) -> bool {
    let cost = facts.held.and_then(|held| held.average_cost);
    let (Some(last), Some(cost)) = (facts.last, cost) else { return false };
    let before = last.0 * Decimal::from(ratio.new) / Decimal::from(ratio.old.max(1));
    let [now, before] = [last.0, before].map(|price| price.checked_div(cost.0));
    let is_close = now.is_some_and(|now| (Decimal::new(92, 2)..=Decimal::new(110, 2)).contains(&now));
    let was_far = before.is_some_and(|before| !(Decimal::new(7, 1)..=Decimal::new(14, 1)).contains(&before));
    is_close && was_far
}

/// Reports whether one holding is the other after a split.
fn fits(before: Holding, now: Holding, ratio: Ratio) -> bool {
    let near = |expected: Usd, found: Usd| {
        percent_change(expected, found).is_some_and(|apart| apart.abs() <= ACCOUNT_TOLERANCE)
    };
    let cost_fits = match (before.average_cost, now.average_cost) {
        (Some(before), Some(now)) => ratio.price_after(before).is_some_and(|expected| near(expected, now)),
        (None, None) => true,
        _ => false,
    };
    let [old, new] = [before.quantity, now.quantity].map(Decimal::from);
    let expected = old * Decimal::from(ratio.new) / Decimal::from(ratio.old.max(1));
    let slack = expected * ACCOUNT_TOLERANCE / Decimal::ONE_HUNDRED;
    // KIS pays for fractions of a share.
    cost_fits && ((expected - slack).floor()..=(expected + slack).ceil()).contains(&new)
}

/// Reports whether the symbol is held, by the balance or by the journal, which the balance may lag.
fn may_be_held(facts: &SplitFacts<'_>) -> bool {
    facts.held.is_some() || facts.journal.own_shares(facts.symbol) > 0
}

fn unit(facts: &SplitFacts<'_>, factor: Ratio, from: NaiveDate) -> Record {
    Record::Unit(Unit { symbol: facts.symbol.clone(), factor, from })
}

fn suspicion(facts: &SplitFacts<'_>, ratio: Ratio, sign: SplitSign) -> Record {
    let held = match sign {
        SplitSign::Price => facts.held,
        SplitSign::Account => facts.seen.map(|seen| seen.holding),
    };
    Record::SplitSuspected(SplitSuspicion {
        symbol: facts.symbol.clone(),
        ratio,
        from: facts.trading_date,
        sign,
        before: facts.close.or(facts.base),
        base: facts.base,
        held,
    })
}

#[cfg(test)]
mod tests;
