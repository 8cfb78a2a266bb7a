//! The frame around a story: from the arguments to the report.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::cli::{self, Cli, Command};
use crate::clock::Clock;
use crate::config::{self, Environment};
use crate::desk::base::{self, Base, Prepared, make_run_id};
use crate::desk::remember::remember;
use crate::desk::{RealDesk, block_on, page, status, stops};
use crate::domain::market_session::new_york_date;
use crate::domain::{DailyLoss, Job, Mode};
use crate::exit::{Ending, Exit, Failure, Reason};
use crate::kis::codes::{self, Words};
use crate::language::Sentence;
use crate::logging;
use crate::report::{Body, Report};
use crate::schedule;
use crate::story::cleanup::Settlement;
use crate::story::notes::Notes;
use crate::story::run::{self as story, RunOutcome};
use crate::story::strategy::Adopt;
use crate::tell::{self, Told};

/// Runs one command from its arguments to its report.
pub fn run(cli: &Cli) -> Report {
    let run_id = make_run_id(&Clock::system());
    let mut report = run_to_report(cli, run_id.clone());
    report.run = Some(run_id);
    if report.has_failed() {
        let advice = codes::of_text(&format!("{} {}", report.ending.detail, report.ending.because));
        let text = |words: &Words| format!("{} {}", words.means, words.todo);
        report.kis_code =
            advice.map(|advice| Sentence { en: text(&advice.en), ko: text(&advice.ko) }).unwrap_or_default();
    }
    report.made_visible()
}

/// Whether a configuration has strategies whose orders for the close are emulated.
fn emulates_the_close(config: &Path, environment: &Environment) -> bool {
    let settings = config::load(config, None, environment);
    settings.is_ok_and(|settings| settings.mode == Mode::Paper && !settings.strategies.is_empty())
}

/// The report of a command line that was not understood.
pub fn usage_report(message: &Sentence) -> Report {
    let message = message.clone().map(|text| text.trim().trim_start_matches("error: ").to_owned());
    let what = message.clone().map(|text| text.lines().next().unwrap_or_default().to_owned());
    let rest = message.map(|text| text.lines().skip(1).flat_map(str::split_whitespace).collect::<Vec<_>>().join(" "));
    let failure = Failure::new(Reason::Usage, what).because(rest).next(cli::see_help());
    let clock = Clock::system();
    let language = Environment::from_process().language();
    Report { run: Some(make_run_id(&clock)), language, ..Report::new(None, None, clock.now(), failure) }
}

fn run_to_report(cli: &Cli, run_id: String) -> Report {
    if let Command::Status { check_schedule: Some(crontab), .. } = &cli.command {
        let environment = Environment::from_process();
        let emulates = |config: &Path| emulates_the_close(config, &environment);
        let report = schedule::check(crontab, environment.language(), &emulates);
        return Report { is_muted: cli.quiet && !cli.json && !report.has_failed(), ..report };
    }
    if let Command::Status { test_notify: true, .. } = &cli.command {
        let report = test_notify(cli, &run_id);
        return Report { is_muted: cli.quiet && !cli.json && !report.has_failed(), ..report };
    }
    let task = cli.command.task();
    let Prepared { mode, language, pings, warnings, base } = base::prepare(cli, &Environment::from_process(), run_id);
    let base = match base {
        Ok(base) => base,
        Err(failure) => {
            let mut report =
                Report { language, warnings, ..Report::new(Some(task.job), mode, Clock::system().now(), failure) };
            report.warnings.extend(pings.map(|pings| pings.end(report.exit(), Duration::MAX)).unwrap_or_default());
            return report;
        }
    };
    logging::start(&base.clock, &base.run_id, cli.verbose, cli.quiet);
    let notifier = base.notifier(task);
    let mut notes = Notes { warnings, body: Body::of(Some(task.job)), ..Notes::default() };
    let mut desk = None;
    let ended = run_story(&base, &cli.command, &mut notes, &mut desk);
    let RunOutcome { ending, counts } =
        ended.unwrap_or_else(|failure| RunOutcome { ending: failure.into(), counts: false });
    let mut news = desk.as_mut().map(|desk| std::mem::take(&mut desk.news)).unwrap_or_default();
    news.notices.extend(notes.events.iter().map(tell::notice_of));
    // After the story, which may have kept the sample that decides it.
    let samples = desk.as_ref().and_then(|desk| desk.samples.as_ref());
    let loss = stops::daily_loss(&base, samples).ok().flatten();
    let mut report = make_report(&base, &cli.command, ending, notes, loss);
    let mut page_failure = None;
    if let Command::Status { html, .. } = &cli.command {
        report.warnings.extend(notifier.long_waits());
        page_failure = html.as_ref().and_then(|file| page::write(file, &mut report));
    }
    let standing = if task.is_dry_run {
        report.is_muted = cli.quiet && !cli.json && !report.has_failed();
        Vec::new()
    } else {
        remember(&base, cli, &mut report, counts, page_failure)
    };
    // The account's lock is released only now: the next run must find how this one ended.
    drop(desk);
    let of_end = tell::of_report(&report, new_york_date(base.clock.now()), loss, &news.notices);
    news.notices.extend(of_end);
    news.notices.extend(tell::of_standing(&report, &standing));
    let Told { warnings, lines } = notifier.notify(news, pings, &report);
    report.warnings.extend(warnings);
    report.lines = lines;
    report
}

/// Sends the test message; needs the configuration only, so that it works before credentials and state directory do.
fn test_notify(cli: &Cli, run_id: &str) -> Report {
    let environment = Environment::from_process();
    match base::load_settings(cli, &environment) {
        Ok((settings, clock)) => tell::test_channels(&settings, &clock, run_id),
        Err(failure) => {
            let language = environment.language();
            Report { language, ..Report::new(Some(Job::Status), None, Clock::system().now(), failure) }
        }
    }
}

/// A person's decisions, as the command line gives them.
fn settlements_of(command: &Command) -> Result<Vec<Settlement>, Failure> {
    let Command::Cleanup { settle, adopt, set, yes, withdraw, .. } = command else { return Ok(Vec::new()) };
    let mut all: Vec<Settlement> = settle.iter().map(|text| Settlement::parse(text)).collect::<Result<_, _>>()?;
    if let Some(name) = adopt {
        all.push(Settlement::Adopt(Adopt::parse(name, set, *yes)?));
    }
    all.extend(withdraw.clone().map(Settlement::Withdraw));
    Ok(all)
}

/// Runs the command's story at a desk of its own, which is left in `left` with the locks that it holds.
fn run_story<'a>(
    base: &'a Base,
    command: &Command,
    notes: &mut Notes,
    left: &mut Option<RealDesk<'a>>,
) -> Result<RunOutcome, Failure> {
    let settlements = settlements_of(command)?;
    let mut fills = None;
    if let Command::Status { html, profit, since, .. } = command {
        let status = status::status_from_disk(base, &mut notes.warnings, html.is_some());
        notes.body = Body::Status(Box::new(status));
        // Before the story, whose journal is then at least as new.
        fills = profit.then(|| (status::own_fills(base, &mut notes.warnings), *since));
    }
    let desk = left.insert(RealDesk::new(base, command.task())?);
    let ended = block_on(story::run(desk, notes, &settlements));
    notes.warnings.append(&mut desk.warnings);
    if let (Body::Status(status), Some((fills, since))) = (&mut notes.body, fills) {
        status.profit = Some(desk.profit(fills, since));
    }
    // Only a story that read the journal knows what filled, and which files are still needed.
    if let Body::Status(status) = &mut notes.body
        && status.cooldowns.is_some()
    {
        if let Command::Status { html: Some(_), .. } = command {
            desk.recent_profit(status, &mut notes.warnings);
        }
        status.old_journals = desk.old_journals()?;
    }
    Ok(ended)
}

fn make_report(base: &Base, command: &Command, ending: Ending, notes: Notes, loss: Option<DailyLoss>) -> Report {
    let task = command.task();
    let mut report = Report::new(Some(task.job), Some(base.settings.mode), base.clock.now(), ending);
    report.is_dry_run = task.is_dry_run;
    report.language = base.settings.language;
    report.is_invested = notes.is_invested;
    report.warnings = notes.warnings;
    // A run that started over may have found the same twice.
    let mut seen = BTreeSet::new();
    report.warnings.retain(|warning| seen.insert(warning.clone()));
    report.market = notes.market;
    report.token = notes.token;
    report.stops = Some(stops::in_force(base, loss));
    report.body = notes.body;
    report.names = notes.names;
    if let Body::Status(status) = &mut report.body {
        status.daily_loss = loss;
    }
    if report.exit() != Exit::Done {
        report.live_orders = notes.live_orders;
    }
    report
}
