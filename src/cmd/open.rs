//! The opening all commands share: config, state directory, lock, token, journal, fresh client. And the first gates.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use chrono::{Datelike, TimeDelta};

use crate::cli::Command;
use crate::clock::Clock;
use crate::cmd::base::Base;
use crate::cmd::broker::Broker;
use crate::cmd::line::{Issuer, Line, token_purpose};
use crate::cmd::notes::Notes;
use crate::cmd::priority::{SafePoint, lock_account};
use crate::cmd::token::TokenStage;
use crate::config::Settings;
use crate::decide::invariants::Binding;
use crate::domain::account::AccountNumber;
use crate::domain::market_session::{MarketNow, Phase, market_at};
use crate::domain::money::Usd;
use crate::domain::nyse_calendar::last_known_year;
use crate::domain::past::Sample;
use crate::exit::{Ending, Exit, Failure, Reason};
use crate::store::equity;
use crate::store::journal::{Access, Journal, copy_fresh};
use crate::store::last_run::LastRun;
use crate::store::lock::FileLock;
use crate::store::state_dir::StateDir;
use crate::store::symbols::Symbols;
use crate::store::{halt, last_run};

/// Farthest that the clock may be behind the newest journal line.
const MAX_BEHIND_JOURNAL: TimeDelta = TimeDelta::seconds(120);

/// A run in progress.
pub struct Opened<'a> {
    /// The configuration.
    pub settings: Rc<Settings>,
    /// The clock.
    pub clock: Clock,
    /// The state directory.
    pub dir: StateDir,
    /// The account.
    pub account: AccountNumber,
    /// The command's name.
    pub command: &'static str,
    /// True when nothing may be sent or written.
    pub is_dry_run: bool,
    /// The market when the lock was had.
    pub market: MarketNow,
    /// The order journal.
    pub journal: Journal,
    /// KIS.
    pub broker: Broker<'a>,
    /// Where symbols are listed.
    pub symbols: Symbols,
    /// How long `token-check --force` has to wait because it came within the issue limit.
    pub forced_too_soon: Option<Duration>,
    may_trade: bool,
    /// True once a state file could not be written in this run: no order is sent after that.
    pub has_write_failed: Cell<bool>,
    /// Held by trading commands until the end of the run is written down.
    pub account_lock: Option<FileLock>,
}

/// Takes the lock, keeps the token fresh, reads the journal and builds the client.
///
/// # Errors
/// 75 when another run holds the lock past the wait, 77, 75 or 69 without a usable token, 65 when the journal can't be
/// read, 71 when the clock is behind it, 74 when the state directory can't be written.
pub fn open<'a>(
    base: &'a Base,
    command: &Command,
    line: &'a Line,
    issuer: &'a Issuer<'a>,
    notes: &mut Notes,
) -> Result<Opened<'a>, Failure> {
    let Base { settings, clock, dir, .. } = base;
    let account_lock = RefCell::new(None);
    if command.may_trade() {
        account_lock.replace(Some(lock_account(base, command.name())?));
    }
    let safe_point = SafePoint::new(base, command.name());
    let mut stage = TokenStage::new(issuer.tools(base, line, command), token_purpose(command));
    // While a run waits to ask for a token again it holds no lock, so that no other job waits with it.
    let mut wait = |time: Duration| {
        account_lock.take();
        clock.sleep(time);
        if command.may_trade() {
            account_lock.replace(Some(lock_account(base, command.name())?));
        }
        Ok(())
    };
    let had = stage.run(&mut wait);
    notes.news.notices.extend(stage.take_notices());
    let market = market_at(clock.now());
    notes.market = Some(market);
    let had = notes.take_token(had, clock.now()).map_err(|failure| line.advise(failure))?;
    warn_of_calendar(&market, notes);
    let journal = open_journal(base, command, notes)?;
    let mut symbols = Symbols::load(dir.path())?;
    notes.warnings.extend(symbols.take_warning());
    let broker = Broker::new(line, had.token, stage, safe_point);
    Ok(Opened {
        settings: Rc::clone(settings),
        clock: clock.clone(),
        dir: dir.clone(),
        account: base.credentials.account.clone(),
        command: command.name(),
        is_dry_run: command.is_dry_run(),
        market,
        journal,
        broker,
        symbols,
        forced_too_soon: had.too_soon,
        may_trade: command.may_trade(),
        has_write_failed: Cell::new(had.save_failed.is_some()),
        account_lock: account_lock.into_inner(),
    })
}

impl Opened<'_> {
    /// Reports whether the journal and the files derived from it stay as they are: `status` and dry runs.
    pub fn is_read_only(&self) -> bool {
        self.is_dry_run || !self.may_trade
    }

    /// Account and mode of this run.
    pub fn binding(&self) -> Binding {
        Binding { mode: self.settings.mode, account_print: self.account.fingerprint() }
    }

    /// Keeps a sample of the account's total. A dry run keeps none.
    ///
    /// # Errors
    /// 65 when the samples can't be read.
    pub fn save_sample(&self, notes: &mut Notes, total: Usd) -> Result<(), Failure> {
        if self.is_dry_run {
            return Ok(());
        }
        let sample = Sample { at: self.clock.now(), total };
        let added = equity::add(self.dir.path(), self.command, self.market.trading_date, sample)?;
        notes.warnings.extend(added.warning);
        if let Err(error) = added.written {
            self.note_write_failure(notes, "the account's total could not be kept", &error);
        }
        Ok(())
    }

    /// Keeps what was learned about listings. Only under the account lock; a failure only warns.
    pub fn save_symbols(&mut self, notes: &mut Notes) {
        if self.is_read_only() {
            return;
        }
        if let Err(error) = self.symbols.save() {
            self.note_write_failure(notes, "symbols.json could not be written", &error);
        }
    }

    /// Notes that a state file could not be written. A run that may trade sends no order after that, and ends with 74.
    pub fn note_write_failure(&self, notes: &mut Notes, what: &str, error: &std::io::Error) {
        notes.warnings.push(format!("{what}: {error}"));
        self.has_write_failed.set(true);
        if self.may_trade {
            let failure = Failure::new(Reason::StateUnwritable, what)
                .because(error)
                .next("free space or mend the permissions of the state directory; no order is sent before");
            notes.write_failure.get_or_insert(failure);
        }
    }

    /// Names the own orders that may live at KIS.
    pub fn live_orders(&self) -> Vec<String> {
        let live = self.journal.state().live();
        live.map(|entry| {
            let intent = &entry.intent;
            let number = entry.order_id.as_ref().map_or_else(|| "no number".to_owned(), ToString::to_string);
            format!(
                "{} {} {} {} @ {} ({number}, {})",
                intent.id,
                intent.side,
                intent.quantity,
                intent.symbol,
                intent.limit_price,
                entry.state.word()
            )
        })
        .collect()
    }
}

/// The first gates of buy and sell: halted, then a duplicate start.
///
/// # Errors
/// 65 or 78 when it can't be told how long ago the last run was.
pub fn gate_first(open: &Opened) -> Result<Option<Ending>, Failure> {
    if let Some(why) = halt::reason(&open.dir) {
        let next = format!("remove {} to trade again", open.dir.halt().display());
        return Ok(Some(Ending::failed(Reason::Halted, why, next)));
    }
    if open.is_dry_run {
        return Ok(None);
    }
    let last = last_run::load(open.dir.path(), open.command)?;
    let Some(decided_at) = last.and_then(|last| last.decided_at) else { return Ok(None) };
    let age = open.clock.now() - decided_at;
    let least = TimeDelta::from_std(open.settings.lock.min_interval).unwrap_or(TimeDelta::zero());
    // A little ahead of us counts as just now: rehearsals from one start time, and clocks set back, differ by as much.
    Ok((age.abs() < least).then(|| {
        let ago = age.num_seconds().max(0);
        let detail = format!("the last {} ended {ago} s ago, less than {} s", open.command, least.num_seconds());
        Ending::nothing(Reason::RanJustNow, detail)
    }))
}

/// Outside the regular session nothing is bought or sold.
pub fn gate_closed(open: &Opened) -> Option<Ending> {
    let MarketNow { is_open, phase, trading_date, .. } = open.market;
    let detail = match phase {
        Phase::Regular => return None,
        Phase::Pre => format!("the session of {trading_date} has not opened yet"),
        Phase::After => format!("the session of {trading_date} is over"),
        Phase::Closed => format!("the next trading date is {trading_date}"),
    };
    (!is_open).then(|| Ending::nothing(Reason::MarketClosed, detail))
}

/// Reads the journal. Only trading commands write it, and only they stop when it can't be believed; `status` must say so
/// too, and `token-check` keeps the token alive whatever the journal says.
fn open_journal(base: &Base, command: &Command, notes: &mut Notes) -> Result<Journal, Failure> {
    let access = if command.may_trade() && !command.is_dry_run() { Access::Write } else { Access::InMemory };
    let mut journal = match Journal::load(base.dir.path(), &base.clock, &base.run_id, access) {
        Err(failure) if matches!(command, Command::TokenCheck { .. }) => {
            notes.warnings.push(failure.to_string());
            Journal::empty(base.dir.path(), &base.clock, &base.run_id)
        }
        loaded => loaded?,
    };
    if access == Access::Write && may_have_failed(base, &journal) {
        copy_fresh(base.dir.path())?;
    }
    let behind = journal.state().newest_at.map(|newest| newest - base.clock.now());
    if let Some(behind) = behind.filter(|behind| *behind > MAX_BEHIND_JOURNAL) {
        let failure = Failure::new(Reason::ClockUntrusted, "this machine's clock can't be trusted")
            .because(format!("it is {} s behind the newest line of the order journal", behind.num_seconds()))
            .next("set the clock (for example with `timedatectl set-ntp true`); no order was sent");
        if command.may_trade() {
            return Err(failure);
        }
        notes.warnings.push(failure.to_string());
    }
    notes.warnings.extend(journal.take_warning());
    notes.warnings.extend(journal.repair()?);
    Ok(journal)
}

/// Reports whether a run may have failed to bring a line to the disk that is read all the same: the last run of a command
/// that may trade says so, or the newest line's run did not live, or had no room, to write down how it ended.
fn may_have_failed(base: &Base, journal: &Journal) -> bool {
    let last = |command| last_run::load(base.dir.path(), command).ok().flatten();
    let runs: Vec<LastRun> = ["sell", "buy", "cleanup"].into_iter().filter_map(last).collect();
    let failed = runs.iter().any(|run| run.exit_code == Exit::StateUnwritable.code());
    failed || journal.state().newest_at > runs.iter().filter_map(|run| run.decided_at).max()
}

fn warn_of_calendar(market: &MarketNow, notes: &mut Notes) {
    if !market.calendar_known {
        // Before its first year no release helps.
        let is_past_its_end = market.trading_date.year() > last_known_year();
        notes.warnings.push(format!(
            "the market calendar of this release ends with {} and does not know {}; nothing is traded: {}",
            last_known_year(),
            market.trading_date,
            if is_past_its_end { "install a newer release" } else { "check the clock" }
        ));
    }
}
