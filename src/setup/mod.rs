//! `kis-trade --setup`: five questions on the terminal, then a directory with configuration and credentials, the first contact
//! with KIS, and the crontab lines of this machine.
//!
//! Nothing is written before the last question is answered, and nothing that exists is changed. What is typed as a secret goes
//! into the credentials file and nowhere else. The first contact is an ordinary `status`: its token and its state stay.

mod answers;
mod crontab;
mod files;
mod terminal;
mod words;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use crate::cli::Cli;
use crate::config::Environment;
use crate::desk::run;
use crate::domain::Mode;
use crate::exit::{Exit, Failure, Reason};
use crate::language::{Language, Sentence};
use crate::report::{Report, Screen};
use crate::schedule;
use answers::{Answers, Secret};
use files::Place;
use terminal::Terminal;

/// Variables that come before the credentials file, so that setup would try out something else than it writes.
const CREDENTIALS: [&str; 3] = ["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO"];

/// Asks, writes, tries, and says what to do next. Returns how the process ends.
pub fn run(directory: Option<&Path>) -> Exit {
    let environment = Environment::from_process();
    let language = environment.language();
    walk(directory, &environment, language).unwrap_or_else(|failure| {
        // Standard error may be closed: the exit code still says it.
        let _ = std::io::stderr().write_all(show_failure(&failure, language).as_bytes());
        failure.exit()
    })
}

fn walk(directory: Option<&Path>, environment: &Environment, language: Language) -> Result<Exit, Failure> {
    let terminal = Terminal::open(language)?;
    check_environment(environment)?;
    let place = Place::find(directory, environment)?;
    terminal.say(&words::welcome(&place.show()))?;
    let answers = ask_all(&terminal)?;
    let program = std::env::current_exe().map_or_else(|_| "kis-trade".to_owned(), |path| path.display().to_string());
    let schedule = crontab::text(&program, &place, language);
    files::write(&place, &answers, &schedule, language)?;
    terminal.say(&words::written(&place.show()))?;
    terminal.say(&words::contacting())?;
    let screen = Screen { is_terminal: true, can_draw: environment.is_utf8(), ..Screen::default() };
    let contact = first_contact(&place)?;
    show_report(&terminal, &contact, screen)?;
    let contact = contact.exit();
    let (config, credentials) = (place.shell_path("config.toml"), place.path("credentials.toml"));
    let check = crontab::quoted(&program);
    terminal.say(&match contact {
        Exit::Done => words::contact_made(),
        _ => words::contact_failed(&check, &config, &credentials, &place.shell_path("")),
    })?;
    terminal.say(&words::schedule(&place.path("crontab")))?;
    terminal.say(&Sentence::verbatim(format!("{schedule}\n")))?;
    let verdict = schedule::check(Path::new(&place.path("crontab")), language, &|_| false);
    show_report(&terminal, &verdict, screen)?;
    terminal.say(&words::next_steps(&check, &config, &place.shell_path("crontab"), &place.path("kis-trade.log")))?;
    Ok(if contact == Exit::Done { verdict.exit() } else { contact })
}

/// The account's credentials must come from what setup writes, as they will for cron.
fn check_environment(environment: &Environment) -> Result<(), Failure> {
    let set: Vec<&str> = CREDENTIALS.into_iter().filter(|name| environment.is_set(name)).collect();
    if set.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Reason::ConfigInvalid, words::environment_has_credentials(&set.join(", ")))
        .because(words::environment_comes_first())
        .next(words::unset(&set.join(" "))))
}

fn ask_all(terminal: &Terminal) -> Result<Answers, Failure> {
    terminal.say(&words::about_mode())?;
    let venue = terminal.ask(&words::ask_mode(), answers::read_venue)?;
    if let Some(simulator) = venue.simulator {
        terminal.say(&words::simulated(&simulator.to_string()))?;
    }
    terminal.say(&match venue.mode {
        Mode::Paper => words::about_paper_key(Secret::AppKey.length()),
        Mode::Real => words::about_real_key(Secret::AppKey.length()),
    })?;
    let app_key = terminal.ask_hidden(&words::ask_app_key(), |text| answers::read_secret(text, Secret::AppKey))?;
    terminal.say(&words::about_secret(Secret::AppSecret.length()))?;
    let app_secret = terminal.ask_hidden(&words::ask_secret(), |text| answers::read_secret(text, Secret::AppSecret))?;
    terminal.say(&words::about_account())?;
    let account = terminal.ask(&words::ask_account(), answers::read_account)?;
    terminal.say(&words::about_watch())?;
    let watch = terminal.ask(&words::ask_watch(), answers::read_watch)?;
    Ok(Answers { venue, app_key, app_secret, account, watch })
}

/// A `status` of what was written, as the user would type it.
fn first_contact(place: &Place) -> Result<Report, Failure> {
    let words = ["kis-trade", "--config", &place.path("config.toml"), "--state-dir", &place.path("state"), "status"];
    let cli = Cli::from_arguments(&words.map(OsString::from))
        .map_err(|error| Failure::new(Reason::Unexpected, words::no_first_contact()).caused_by(error))?;
    Ok(run::run(&cli))
}

/// What a report says; of a failure only what failed.
fn show_report(terminal: &Terminal, report: &Report, screen: Screen) -> Result<(), Failure> {
    let text = if report.exit() == Exit::Done { report.to_text(screen) } else { String::new() };
    terminal.say(&Sentence::verbatim(text + &report.to_errors()))
}

fn show_failure(failure: &Failure, language: Language) -> String {
    let lines = [
        Some(words::failed(&failure.said.what)),
        (!failure.said.because.is_empty()).then(|| words::because(&failure.said.because)),
        (!failure.said.next.is_empty()).then(|| words::next(&failure.said.next)),
    ];
    lines.iter().flatten().map(|line| format!("{}\n", line.in_language(language))).collect()
}
