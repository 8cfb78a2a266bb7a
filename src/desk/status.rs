//! The part of `status` that needs no KIS, read from the state directory; and journals past their retention.

mod words;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;

use chrono::NaiveDate;

use crate::decide::fold::JournalState;
use crate::decide::profit::{OwnFills, Recent};
use crate::decide::standing::Standing;
use crate::desk::RealDesk;
use crate::desk::base::Base;
use crate::domain::Job;
use crate::domain::market_session::new_york_date;
use crate::exit::Failure;
use crate::language::Sentence;
use crate::report::status::{LastRunLine, ProfitReport, StandingLine, StatusReport};
use crate::store::fills::{self, Fills};
use crate::store::journal::Place;
use crate::store::last_run::{self, LastRun};
use crate::store::{equity, halt, journal};

/// Facts from disk, shown even when KIS is unreachable.
pub fn status_from_disk(base: &Base, warnings: &mut Vec<Sentence>, wants_history: bool) -> StatusReport {
    let (mut last_runs, mut reasons) = (BTreeMap::new(), BTreeMap::new());
    let mut standing = Vec::new();
    for command in Job::ALL.map(Job::word) {
        match last_run::load(base.dir.path(), command).map(|loaded| loaded.value) {
            Ok(Some(run)) => {
                let LastRun { at, exit_code, result, reason, recent, .. } = run;
                last_runs.insert(command.to_owned(), LastRunLine { at, exit_code, result, reason, recent });
                reasons.extend(run.reasons.map(|reasons| (command.to_owned(), reasons)));
                standing.extend(run.standing.into_iter().filter(Standing::stands).map(|standing| {
                    let Standing { reason, detail, since, sessions, is_reached_limit, .. } = standing;
                    StandingLine { command, reason, since, sessions, detail, is_reached_limit }
                }));
            }
            Ok(None) => {}
            Err(failure) => warnings.push(failure.sentence()),
        }
    }
    let halt_reason = halt::reason(&base.dir);
    if let Some(name) = halt::lookalike(&base.dir).filter(|_| halt_reason.is_none()) {
        warnings.push(words::halts_nothing(&name));
    }
    let history = (wants_history || std::io::stdout().is_terminal()).then(|| {
        let (history, unread) = equity::history(base.dir.path());
        warnings.extend(unread);
        history
    });
    StatusReport {
        account_number: base.credentials.account.to_string(),
        last_runs: Some(last_runs),
        standing: Some(standing),
        reasons: Some(reasons),
        history,
        renew_at_seconds: i64::try_from(base.settings.token.renew_at_left.as_secs()).unwrap_or(i64::MAX),
        halted: Some(halt_reason.is_some()),
        halt_reason,
        trading: Some(base.settings.limits.trading.word()),
        ..StatusReport::default()
    }
}

/// Own fills of all months that have a file. A month that can't be read is named in a warning, and the fills that only its file
/// holds are missing.
pub fn own_fills(base: &Base, warnings: &mut Vec<Sentence>) -> OwnFills {
    let (dir, mut all) = (base.dir.path(), OwnFills::default());
    // The story fails where the directory can't be read.
    for month in journal::months(dir).unwrap_or_default() {
        let mut fills = OwnFills::default();
        match journal::fold_month(dir, &month, |state| fills.take(state)) {
            Ok(warning) => {
                warnings.extend(warning);
                all.merge(fills);
            }
            Err(failure) => warnings.push(words::lost_month(&failure.sentence())),
        }
    }
    all
}

/// The sums up to a snapshot, and the warnings of reading.
fn read_on(dir: &Path, fills: &Fills, to: &Place, today: NaiveDate) -> Result<(Fills, Vec<Sentence>), Failure> {
    let mut settled = fills.settled.clone();
    let count = |before: &JournalState, after: &JournalState| settled.count_dropped(before, after);
    let warnings = journal::fold_between(dir, fills.place.as_ref(), to, count)?;
    Ok((Fills { place: Some(to.clone()), settled: settled.pruned(today) }, warnings))
}

impl RealDesk<'_> {
    /// The profit of own fills, those that this run found included.
    pub(super) fn profit(&self, mut fills: OwnFills, since: Option<NaiveDate>) -> ProfitReport {
        fills.take(self.journal.state());
        ProfitReport { profit: fills.profit_since(since), fee_percent: self.base.settings.fees.percent }
    }

    /// The same of the latest months, for the page. The journal is read on from where the page before this one got to; where
    /// that fails, what is missing is named.
    pub(super) fn recent_profit(&self, status: &mut StatusReport, warnings: &mut Vec<Sentence>) {
        let (dir, today) = (self.base.dir.path(), new_york_date(self.base.clock.now()));
        let loaded = fills::load(dir).map(|loaded| {
            warnings.extend(loaded.warning);
            loaded.value.unwrap_or_default()
        });
        let is_readable = loaded.is_ok();
        let mut fills = loaded.unwrap_or_else(|failure| {
            warnings.push(failure.sentence());
            Fills::default()
        });
        if let Some(place) = self.journal.place().filter(|place| fills.place.as_ref() != Some(place)) {
            match read_on(dir, &fills, &place, today).or_else(|_| read_on(dir, &Fills::default(), &place, today)) {
                Ok((read, others_could_read)) => {
                    warnings.extend(others_could_read);
                    if is_readable {
                        fills::save(dir, &read);
                    }
                    fills = read;
                }
                Err(failure) => {
                    warnings.push(words::no_months(&failure.sentence()));
                    fills = Fills::default();
                }
            }
        }
        let Recent { profit, trades, traded } = fills.settled.recent(self.journal.state(), today);
        status.recent_profit = Some(ProfitReport { profit, fee_percent: self.base.settings.fees.percent });
        (status.trades, status.traded) = (trades, traded);
    }

    /// Journals that nothing needs any more.
    pub(super) fn old_journals(&self) -> Result<Vec<String>, Failure> {
        let oldest_live = self.journal.state().live().map(|entry| entry.intent.trading_date).min();
        journal::past_retention(self.base.dir.path(), self.base.clock.now(), oldest_live)
    }
}
