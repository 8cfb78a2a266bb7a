//! The commands: one story each, the opening they share, and how a run ends.

pub mod base;
pub mod broker;
pub mod buy;
pub mod cleanup;
pub mod line;
pub mod notes;
pub mod open;
pub mod pacing;
pub mod page;
pub mod priority;
pub mod quotes;
pub mod schedule;
pub mod sell;
pub mod settle;
pub mod status;
pub mod stops;
pub mod submit;
#[cfg(test)]
mod testing;
pub mod token;
pub mod token_check;
pub mod trade;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;

use crate::cli::{Cli, Command};
use crate::clock::Clock;
use crate::config::Environment;
use crate::domain::access_token::AccessToken;
use crate::domain::history::TokenSeen;
use crate::domain::market_session::new_york_date;
use crate::exit::{Ending, Exit, Failure, Reason};
use crate::kis::advice::{self, Words};
use crate::logging;
use crate::report::{Body, Report};
use crate::store::last_run::{self, LastRun};
use crate::store::lock::{FileLock, Holder, LockMode};
use crate::tell::{self, Teller};
use base::{Base, Prepared, make_run_id};
use cleanup::Settlement;
use line::{Issuer, Line};
use notes::Notes;
use open::Opened;

/// A repeated failure is told again after this time, also with `-q`.
const TELL_AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
/// Longest wait for another run to write down how it ended.
const LAST_RUN_WAIT: Duration = Duration::from_secs(2);

/// Runs one command from its arguments to its report.
pub fn run(cli: &Cli) -> Report {
    let run_id = make_run_id(&Clock::system());
    let mut report = run_to_report(cli, run_id.clone());
    report.run = Some(run_id);
    if report.has_failed() {
        let advice = advice::of_text(&format!("{} {}", report.ending.detail, report.ending.because));
        let sentence = |words: &Words| format!("{} {}", words.means, words.todo);
        report.kis_code = advice.map(|advice| [sentence(&advice.en), sentence(&advice.ko)]);
    }
    report.made_visible()
}

fn run_to_report(cli: &Cli, run_id: String) -> Report {
    if let Command::Status { check_schedule: Some(crontab), .. } = &cli.command {
        return schedule::run(cli, crontab);
    }
    let name = cli.command.name();
    let Prepared { mode, pings, warnings, base } = base::prepare(cli, &Environment::from_process(), run_id);
    let base = match base {
        Ok(base) => base,
        Err(failure) => {
            let mut report = Report { warnings, ..Report::new(Some(name), mode, Clock::system().now(), failure) };
            report.warnings.extend(pings.map(|pings| pings.end_early(report.exit())).unwrap_or_default());
            return report;
        }
    };
    logging::start(&base.clock, &base.run_id, cli.verbose, cli.quiet);
    let teller = teller(&base, &cli.command);
    let mut notes = Notes { warnings, body: Body::of(Some(name)), ..Notes::default() };
    let mut account_lock = None;
    let ended = run_story(&base, &cli.command, &mut notes, &mut account_lock);
    let mut news = std::mem::take(&mut notes.news);
    let has_decided = notes.has_decided;
    let mut report = make_report(&base, &cli.command, ended, notes);
    if let Command::Status { html, .. } = &cli.command {
        report.warnings.extend(teller.long_waits());
        if let Some(file) = html {
            page::write(file, &mut report);
        }
    }
    if cli.command.is_dry_run() {
        report.is_muted = cli.quiet && !cli.json && !report.has_failed();
    } else {
        remember(&base, cli, &mut report, has_decided);
    }
    // Only now: the next run must find how this one ended.
    drop(account_lock);
    let loss = stops::daily_loss(&base).ok().flatten();
    let of_end = tell::of_report(&report, new_york_date(base.clock.now()), loss, &news.notices);
    news.notices.extend(of_end);
    report.warnings.extend(teller.tell(news, pings, report.exit()));
    report
}

fn teller<'a>(base: &'a Base, command: &Command) -> Teller<'a> {
    let Base { settings, clock, dir, run_id, .. } = base;
    Teller { settings, clock, dir, run_id, command: command.name(), is_silent: command.is_offline() }
}

/// The report of a command line that was not understood.
pub fn usage_report(message: &str) -> Report {
    let message = message.trim().trim_start_matches("error: ");
    let (what, rest) = message.split_once('\n').unwrap_or((message, ""));
    let rest = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    let failure = Failure::new(Reason::Usage, what).because(rest).next("run `kis-trade --help`");
    let clock = Clock::system();
    Report { run: Some(make_run_id(&clock)), ..Report::new(None, None, clock.now(), failure) }
}

fn run_story(
    base: &Base,
    command: &Command,
    notes: &mut Notes,
    account_lock: &mut Option<FileLock>,
) -> Result<Ending, Failure> {
    let settlement = match command {
        Command::Cleanup { settle: Some(text), .. } => Some(Settlement::parse(text)?),
        _ => None,
    };
    if let Command::Status { html, .. } = command {
        notes.body = Body::Status(Box::new(status::from_state(base, notes, html.is_some())));
    }
    let line = Line::new(base, command)?;
    let (issue, revoke) = (|| line.issue(), |token: &AccessToken| line.revoke(token));
    let issuer = Issuer { issue: &issue, revoke: &revoke };
    let mut open = open::open(base, command, &line, &issuer, notes)?;
    if !open.is_read_only() {
        teller(base, command).begin(open.journal.state(), open.market.trading_date, &mut notes.news);
    }
    let mut ended = tell_story(&mut open, command, notes, settlement.as_ref());
    if open.broker.safe_point.makes_way() {
        close(base, command, &mut open, notes);
        priority::make_way(base, open.account_lock.take());
        open = open::open(base, command, &line, &issuer, notes)?;
        open.broker.safe_point.stay();
        ended = tell_story(&mut open, command, notes, settlement.as_ref());
    }
    close(base, command, &mut open, notes);
    *account_lock = open.account_lock.take();
    if command.may_trade() { ended.map(|ending| unknown_orders_first(&open, ending)) } else { ended }
}

fn tell_story(
    open: &mut Opened,
    command: &Command,
    notes: &mut Notes,
    settlement: Option<&Settlement>,
) -> Result<Ending, Failure> {
    match command {
        Command::Buy { .. } => buy::run(open, notes),
        Command::Sell { .. } => sell::run(open, notes),
        Command::Cleanup { .. } => cleanup::run(open, notes, settlement),
        Command::Status { .. } => status::run(open, notes),
        Command::TokenCheck { .. } => Ok(token_check::run(open, notes)),
    }
}

/// Writes down what a story learned, while its locks are still held.
fn close(base: &Base, command: &Command, open: &mut Opened, notes: &mut Notes) {
    open.save_symbols(notes);
    notes.news.notices.extend(open.broker.take_notices());
    if !open.is_read_only() {
        teller(base, command).note_orders(open.journal.state(), open.market.trading_date, &mut notes.news);
    }
    if let Some(renewal) = open.broker.take_renewal() {
        // Without a token the run has failed already; here the report learns what became of the token.
        let _ = notes.take_token(renewal, open.clock.now());
    }
    notes.live_orders = open.live_orders();
}

/// As long as an unknown order is left, a run that would end well, or with a rejected order, ends with 81.
fn unknown_orders_first(open: &Opened, ending: Ending) -> Ending {
    let unknown: Vec<String> = open
        .journal
        .state()
        .unknown()
        .map(|entry| {
            format!("{} ({} {} {})", entry.intent.id, entry.intent.side, entry.intent.quantity, entry.intent.symbol)
        })
        .collect();
    if unknown.is_empty() || !matches!(ending.exit(), Exit::Done | Exit::Unexpected) {
        return ending;
    }
    let detail = format!("no known outcome: {}", unknown.join(", "));
    let next = "run `kis-trade status`; the next runs look for it; do not order by hand before it is settled";
    Ending::failed(Reason::OrderUnknown, detail, next)
}

fn make_report(base: &Base, command: &Command, ended: Result<Ending, Failure>, notes: Notes) -> Report {
    let ending = match (ended, notes.write_failure) {
        // What could not be written on the way ends a run that went well otherwise.
        (Ok(ending), Some(failure)) if ending.exit() == Exit::Done => failure.into(),
        (Ok(ending), _) => ending,
        (Err(failure), _) => failure.into(),
    };
    let mut report = Report::new(Some(command.name()), Some(base.settings.mode), base.clock.now(), ending);
    report.is_dry_run = command.is_dry_run();
    report.warnings = notes.warnings;
    // A run that started over may have found the same twice.
    let mut told = BTreeSet::new();
    report.warnings.retain(|warning| told.insert(warning.clone()));
    report.market = notes.market;
    report.token = notes.token;
    report.stops = Some(stops::in_force(base));
    report.body = notes.body;
    report.names = notes.names;
    if let Body::Status(status) = &mut report.body {
        // The look that just ended may have taken the sample that tells.
        status.daily_loss = stops::daily_loss(base).ok().flatten();
    }
    if report.exit() != Exit::Done {
        report.live_orders = notes.live_orders;
    }
    report
}

/// Keeps how the run ended, and decides whether `-q` keeps it silent: a success after a success, and a failure that was
/// told less than an hour ago.
fn remember(base: &Base, cli: &Cli, report: &mut Report, has_decided: bool) {
    let name = cli.command.name();
    // Runs that never got the account lock write here too: no update may be lost between reading and replacing. A wait
    // in vain only risks that, and must not cost the run its report.
    let holder = Holder::this_process(name, &base.clock);
    let path = base.dir.file("last_run.lock");
    let _lock = FileLock::acquire(&path, LockMode::Exclusive, LAST_RUN_WAIT, &base.clock, &holder);
    let last = match last_run::load(base.dir.path(), name) {
        Ok(last) => last,
        Err(failure) => {
            // Kept for a person to look at, hence not replaced; buy and sell end with it.
            report.warnings.push(format!("how this run ended is not written down: {failure}"));
            return;
        }
    };
    let code = report.exit().code();
    let reason = report.ending.reason.map(Reason::word);
    let is_equal = last.as_ref().is_some_and(|last| last.exit_code == code && last.reason == reason);
    let told_at = last.as_ref().and_then(|last| last.told_at);
    let was_told = is_equal && told_at.is_some_and(|told| (report.at - told).abs() < TELL_AGAIN_AFTER);
    let is_recovery = last.as_ref().is_some_and(|last| last.exit_code != 0);
    let is_news = if report.has_failed() { !was_told } else { is_recovery };
    report.is_muted = cli.quiet && !cli.json && !is_news;
    let mut run = LastRun::new(report.at, code, report.ending.result.word(), reason);
    run.told_at = if report.is_muted { told_at } else { Some(report.at) };
    // Whatever may have sent orders counts, and every run that ended well; one that only waited or failed early does not.
    let counts = has_decided || (report.exit() == Exit::Done && report.ending.reason != Some(Reason::RanJustNow));
    run.decided_at = if counts { Some(report.at) } else { last.as_ref().and_then(|last| last.decided_at) };
    let token = report.token.as_ref().filter(|token| token.seconds_left.is_some_and(|left| left > 0));
    let token = token.and_then(|token| Some(TokenSeen { at: report.at, expires_at: token.expires_at? }));
    let run = run.following(last, token, report.reasons());
    if let Err(error) = last_run::save(base.dir.path(), name, &run) {
        let what = "how this run ended could not be written down";
        report.warnings.push(format!("{what}: {error}"));
        if cli.command.may_trade() && report.exit() == Exit::Done {
            report.fail(Failure::new(Reason::StateUnwritable, what).because(error).next(
                "free space or mend the permissions of the state directory: a duplicate start is told by this file",
            ));
        }
    }
}
