//! How one line changes the fold. It is checked first: a line that contradicts the lines before it changes nothing.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Correction, Entry, FoldError, JournalState, LastSell, SettledFill};
use crate::domain::{
    Corrected, HumanVerdict, IntentId, IntentState, Observed, OrderKey, Outcome, OutcomeClass, Purpose, Record,
    Resolved, Side, Stamp, Symbol, Verdict,
};

/// Sales this close together may have taken the shares of one buy.
const SOLD_WITHIN: TimeDelta = TimeDelta::hours(12);

impl JournalState {
    /// Takes one journal line into account.
    ///
    /// # Errors
    /// When the line contradicts the lines before it; then nothing has changed.
    pub fn apply(&mut self, stamp: &Stamp, record: &Record) -> Result<(), FoldError> {
        self.check(record)?;
        self.newest_at = self.newest_at.max(Some(stamp.at));
        match record {
            Record::Intent(intent) => {
                self.entries.insert(intent.id.clone(), Entry::declared(stamp, intent));
            }
            Record::Outcome(outcome) => self.apply_outcome(outcome)?,
            Record::Unseen { intent, list } => {
                self.entry_mut(intent)?.first_unseen.get_or_insert_with(|| list.clone());
            }
            Record::Resolved(resolved) => self.apply_resolved(resolved)?,
            Record::Observed(observed) => self.apply_observed(stamp, observed)?,
            Record::Corrected(corrected) => self.apply_corrected(corrected)?,
            Record::DayClosed { date } => self.closed = self.closed.max(Some(*date)),
            Record::Cancel { intent, phase, .. } => self.entry_mut(intent)?.cancel = Some(*phase),
            Record::Human(verdict) => self.apply_human(stamp, verdict)?,
            Record::Transfer(transfer) => self.transfers.push(*transfer),
            Record::BalanceEmpty { is_over: true } => self.balance_empty_since = None,
            Record::BalanceEmpty { is_over: false } => drop(self.balance_empty_since.get_or_insert(stamp.at)),
            Record::OwnShares { symbol, shares } => {
                let own = self.own_shares.get_or_insert_default();
                own.insert(symbol.clone(), *shares);
                own.retain(|_, shares| *shares > 0);
            }
            Record::SplitSuspected(suspicion) => self.suspect_split(stamp, suspicion),
            Record::SplitOver { symbol } => self.end_split(symbol),
            Record::Unit(unit) => self.take_unit(unit),
            Record::Sheet(sheet) => self.take_sheet(sheet),
            Record::SheetWithdrawn { strategy, date } => self.withdraw_sheet(strategy, *date),
            Record::Adopted(adopted) => self.take_adoption(adopted),
            Record::Repair { .. } => {}
        }
        Ok(())
    }

    /// Reports whether a line would fit the lines before it.
    ///
    /// # Errors
    /// What it contradicts.
    pub fn check(&self, record: &Record) -> Result<(), FoldError> {
        match record {
            Record::Intent(intent) if self.entries.contains_key(&intent.id) => {
                Err(FoldError::DeclaredTwice(intent.id.clone()))
            }
            Record::Sheet(sheet) => self.check_sheet(sheet),
            Record::Intent(_)
            | Record::SheetWithdrawn { .. }
            | Record::Adopted(_)
            | Record::Transfer(_)
            | Record::BalanceEmpty { .. }
            | Record::OwnShares { .. }
            | Record::SplitSuspected(_)
            | Record::SplitOver { .. }
            | Record::Unit(_)
            | Record::Repair { .. }
            | Record::DayClosed { .. }
            | Record::Human(HumanVerdict::ForeignIsFine { .. } | HumanVerdict::PriceIsRight { .. }) => Ok(()),
            Record::Observed(Observed { intent, order_id, .. })
            | Record::Corrected(Corrected { intent, order_id, .. }) => match &self.entry(intent)?.order_id {
                Some(its_own) if its_own == order_id => Ok(()),
                _ => Err(FoldError::Renumbered(order_id.clone(), intent.clone())),
            },
            Record::Outcome(Outcome { intent, answer, .. }) => match answer.key() {
                Some(key) if answer.class == OutcomeClass::Accepted => self.check_claim(intent, &key),
                _ => self.entry(intent).map(|_| ()),
            },
            Record::Resolved(resolved) => match resolved.key() {
                Some(key) if resolved.verdict == Verdict::Accepted => self.check_claim(&resolved.intent, &key),
                _ => self.entry(&resolved.intent).map(|_| ()),
            },
            Record::Human(HumanVerdict::IsOrder { intent, order_id, branch }) => {
                self.check_claim(intent, &OrderKey::new(branch, order_id.clone()))
            }
            Record::Unseen { intent, .. }
            | Record::Cancel { intent, .. }
            | Record::Human(HumanVerdict::IsAbsent { intent } | HumanVerdict::IsFilled { intent, .. }) => {
                self.entry(intent).map(|_| ())
            }
        }
    }

    fn check_claim(&self, intent: &IntentId, key: &OrderKey) -> Result<(), FoldError> {
        let entry = self.entry(intent)?;
        let is_its_own = entry.key().is_some_and(|own| own.may_be(key));
        if !is_its_own && self.is_claimed(entry.intent.trading_date, key) {
            return Err(FoldError::ClaimedTwice(key.order_id.clone(), intent.clone()));
        }
        if !is_its_own && entry.order_id.is_some() {
            return Err(FoldError::Renumbered(key.order_id.clone(), intent.clone()));
        }
        Ok(())
    }

    fn apply_outcome(&mut self, outcome: &Outcome) -> Result<(), FoldError> {
        let (entry, answer) = (self.entry_mut(&outcome.intent)?, &outcome.answer);
        entry.posts = outcome.attempt;
        entry.refusal = answer.refusal;
        entry.code.clone_from(&answer.msg_cd);
        entry.note.clone_from(&answer.msg);
        match answer.class {
            OutcomeClass::Rejected => entry.state = IntentState::Rejected,
            OutcomeClass::TurnedAway | OutcomeClass::NotSent if outcome.is_final => entry.state = IntentState::NotSent,
            OutcomeClass::TurnedAway | OutcomeClass::NotSent | OutcomeClass::Unknown => {
                entry.state = IntentState::Unknown;
            }
            OutcomeClass::Accepted => {
                if let Some(key) = answer.key() {
                    self.claim(&outcome.intent, &key)?;
                }
            }
        }
        Ok(())
    }

    fn apply_resolved(&mut self, resolved: &Resolved) -> Result<(), FoldError> {
        let entry = self.entry_mut(&resolved.intent)?;
        entry.candidates.clone_from(&resolved.candidates);
        match (resolved.verdict, resolved.key()) {
            (Verdict::Accepted, Some(key)) => self.claim(&resolved.intent, &key)?,
            (Verdict::Absent, _) => entry.state = IntentState::Absent,
            (Verdict::Rejected, _) => entry.state = IntentState::Rejected,
            (Verdict::Ambiguous | Verdict::Accepted, _) => entry.state = IntentState::Ambiguous,
        }
        Ok(())
    }

    fn apply_observed(&mut self, stamp: &Stamp, observed: &Observed) -> Result<(), FoldError> {
        let entry = self.entry_mut(&observed.intent)?;
        let grown_by = observed.filled_quantity.saturating_sub(entry.filled_quantity);
        entry.state = observed.state;
        entry.filled_quantity = entry.filled_quantity.max(observed.filled_quantity);
        entry.remaining_quantity = observed.remaining_quantity;
        entry.average_price = observed.average_price;
        // The list gives a reason without a code.
        entry.code = (!observed.note.is_empty()).then(String::new);
        entry.note.clone_from(&observed.note);
        self.book_fill(stamp, &observed.intent, grown_by)
    }

    /// What follows from so many more shares of an order filled.
    fn book_fill(&mut self, stamp: &Stamp, intent: &IntentId, grown_by: u64) -> Result<(), FoldError> {
        if grown_by == 0 {
            return Ok(());
        }
        let entry = self.entry_mut(intent)?;
        entry.filled_at = Some(stamp.at);
        let (side, symbol, day) = (entry.intent.side, entry.intent.symbol.clone(), entry.intent.trading_date);
        let submitted_at = entry.submitted.at;
        // A fill of a date before a split that is seen after it.
        let unit = self.units.get(&symbol).filter(|unit| day < unit.from).map(|unit| unit.factor);
        let shares = unit.map_or(grown_by, |factor| factor.shares_after(grown_by));
        self.count_fill(stamp, side, &symbol, shares, submitted_at);
        let entry = self.entry_mut(intent)?;
        if side == Side::Sell {
            let (purpose, price) = (entry.intent.purpose, entry.average_price);
            let price = unit.and_then(|factor| factor.price_after(price)).unwrap_or(price);
            let last_sell = LastSell { price, at: stamp.at, day: Some(day) };
            self.last_sells.insert(symbol.clone(), last_sell);
            if purpose == Purpose::StopLoss {
                // One of an earlier day may be seen later; it must not end the newer one's cool-down sooner.
                let latest = self.stop_losses.entry(symbol).or_insert(day);
                *latest = day.max(*latest);
            }
        }
        Ok(())
    }

    /// Counts a fill of an order that was written down at a time. The shares of a buy may have been sold before its fill showed.
    fn count_fill(&mut self, stamp: &Stamp, side: Side, symbol: &Symbol, shares: u64, submitted_at: DateTime<Utc>) {
        let beyond = self.sold_beyond.get(symbol).copied();
        let shares = match (side, beyond) {
            (Side::Buy, Some((at, beyond))) if submitted_at < at => {
                self.sold_beyond.insert(symbol.clone(), (at, beyond.saturating_sub(shares)));
                shares.saturating_sub(beyond)
            }
            (Side::Buy, _) => shares,
            (Side::Sell, _) => {
                let more = shares.saturating_sub(self.own_shares(symbol));
                if more > 0 {
                    let (_, before) = beyond.filter(|(at, _)| stamp.at - *at < SOLD_WITHIN).unwrap_or_default();
                    self.sold_beyond.insert(symbol.clone(), (stamp.at, before + more));
                }
                shares
            }
        };
        self.count_own(side, symbol, shares);
    }

    /// Counts shares that came or went. What a sale takes beyond our own shares was somebody else's.
    pub(super) fn count_own(&mut self, side: Side, symbol: &Symbol, shares: u64) {
        let own = self.own_shares.get_or_insert_default();
        let before = own.get(symbol).copied().unwrap_or(0);
        let after = match side {
            Side::Buy => before.saturating_add(shares),
            Side::Sell => before.saturating_sub(shares),
        };
        own.insert(symbol.clone(), after);
        own.retain(|_, shares| *shares > 0);
    }

    fn apply_corrected(&mut self, corrected: &Corrected) -> Result<(), FoldError> {
        let Corrected { filled_quantity, average_price, list, .. } = corrected.clone();
        let entry = self.entry_mut(&corrected.intent)?;
        entry.correction = match entry.correction.take() {
            _ if filled_quantity >= entry.filled_quantity => None,
            Some(known) if known.filled_quantity == filled_quantity => Some(Correction { is_confirmed: true, ..known }),
            _ => Some(Correction { filled_quantity, average_price, seen: list, is_confirmed: false }),
        };
        Ok(())
    }

    fn apply_human(&mut self, stamp: &Stamp, verdict: &HumanVerdict) -> Result<(), FoldError> {
        match verdict {
            HumanVerdict::IsOrder { intent, order_id, branch } => {
                return self.claim(intent, &OrderKey::new(branch, order_id.clone()));
            }
            HumanVerdict::IsAbsent { intent } => self.entry_mut(intent)?.state = IntentState::Absent,
            HumanVerdict::IsFilled { intent, filled_quantity, average_price, state } => {
                let entry = self.entry_mut(intent)?;
                let (before, now) = (entry.filled_quantity, *filled_quantity);
                entry.overruled = entry.correction.take().map(|correction| correction.filled_quantity);
                (entry.state, entry.remaining_quantity) = (*state, 0);
                (entry.filled_quantity, entry.average_price) = (now, *average_price);
                let grown_by = now.saturating_sub(before);
                entry.settled = (grown_by > 0).then_some(SettledFill { quantity: grown_by, at: stamp.at });
                let (side, symbol) = (entry.intent.side, entry.intent.symbol.clone());
                if now < before {
                    // Shares that were counted never filled.
                    let back = if side == Side::Buy { Side::Sell } else { Side::Buy };
                    self.count_own(back, &symbol, before - now);
                }
                return self.book_fill(stamp, intent, grown_by);
            }
            HumanVerdict::ForeignIsFine { date, order_id, branch } => {
                self.fine_foreign.insert((*date, OrderKey::new(branch, order_id.clone())));
            }
            HumanVerdict::PriceIsRight { symbol } => self.end_split(symbol),
        }
        Ok(())
    }

    fn claim(&mut self, intent: &IntentId, key: &OrderKey) -> Result<(), FoldError> {
        let entry = self.entry_mut(intent)?;
        (entry.order_id, entry.branch) = (Some(key.order_id.clone()), key.branch.clone());
        entry.state = IntentState::Accepted;
        entry.candidates.clear();
        let day = entry.intent.trading_date;
        self.claims.entry(day).or_default().insert(key.clone());
        Ok(())
    }

    fn entry(&self, id: &IntentId) -> Result<&Entry, FoldError> {
        self.entries.get(id).ok_or_else(|| FoldError::UnknownIntent(id.clone()))
    }

    fn entry_mut(&mut self, id: &IntentId) -> Result<&mut Entry, FoldError> {
        self.entries.get_mut(id).ok_or_else(|| FoldError::UnknownIntent(id.clone()))
    }
}
