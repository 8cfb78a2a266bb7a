//! `kis-rehearse`: the strategies of a configuration over daily bars. Owns a desk made of bars, at which the program's own stories run,
//! and what is said of how they went. It reads the configuration and the bars, and writes only what it is asked to write.

mod args;
mod bars;
mod broker;
mod desk;
mod fast;
mod fetch;
mod place;
mod rows;
mod slow;
mod told;
mod words;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::rc::Rc;

use chrono::NaiveDate;
use clap::Parser;

use crate::config::{self, Environment, Settings};
use crate::domain::market_session::session_of;
use crate::domain::nyse_calendar::trading_day;
use crate::domain::{Mode, Symbol};
use crate::exit::{Exit, Failure, Reason};
use crate::language::Sentence;
use crate::store::atomic;
use crate::store::page_file::save_page;
pub use args::command_line;
use args::{Arguments, answer};
use bars::Market;
use fast::Play;
use place::Place;
use rows::{rows_of, to_csv};
use slow::Programs;
pub use told::Answer;
use told::{Played, refusal};

/// Runs the program from its arguments to what it prints.
pub fn run(arguments: &[OsString]) -> Answer {
    let environment = Environment::from_process();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = answer(&error, arguments).in_language(environment.language()).to_owned();
            return match error.use_stderr() {
                true => Answer { out: String::new(), errors: text, code: Exit::Usage.code() },
                false => Answer { out: text, errors: String::new(), code: Exit::Done.code() },
            };
        }
    };
    let loaded = config::config_path(arguments.config.as_deref(), &environment)
        .and_then(|path| Ok((config::load(&path, None, &environment)?, path)));
    let (settings, path) = match loaded {
        Ok(loaded) => loaded,
        Err(failure) => return refusal(&failure, arguments.json, environment.language()),
    };
    let language = settings.language;
    if let Some((symbol, from)) = arguments.fetch.as_ref().zip(arguments.from) {
        return match fetch::fetch(settings, &environment, symbol, from, &arguments.bars) {
            Ok(said) => Answer::done(&said, arguments.json, language),
            Err(failure) => refusal(&failure, arguments.json, language),
        };
    }
    match play(&arguments, settings, &path) {
        Ok(played) => played.answer(arguments.json),
        Err(failure) => refusal(&failure, arguments.json, language),
    }
}

/// Reads everything, plays it and writes the files that were asked for.
fn play(arguments: &Arguments, settings: Settings, path: &Path) -> Result<Played, Failure> {
    let mut warnings = Vec::new();
    let play = prepare(settings, arguments, &mut warnings)?;
    let place = Place::create()
        .map_err(|error| Failure::new(Reason::StateUnwritable, words::no_place()).because(Sentence::from(error)))?;
    let days = match arguments.slow {
        true => slow::days(&play, &place, &Programs::find(arguments.kis_sim.as_deref())?, path)?,
        false => play.days(place),
    };
    let rows = rows_of(days, play.principal());
    if let Some(file) = &arguments.csv {
        let written = atomic::replace(file, to_csv(&rows).as_bytes());
        written.map_err(|error| not_written(file).because(Sentence::from(error)))?;
    }
    let played = Played::new(&play, rows, warnings);
    if let Some(file) = &arguments.html {
        save_page(file, &played.page().to_html()).map_err(|why| not_written(file).because(why))?;
    }
    Ok(played)
}

fn not_written(file: &Path) -> Failure {
    Failure::new(Reason::StateUnwritable, words::not_written(file))
}

/// Checks what there is to rehearse, and reads its bars.
fn prepare(mut settings: Settings, arguments: &Arguments, warnings: &mut Vec<Sentence>) -> Result<Play, Failure> {
    if settings.strategies.is_empty() {
        return Err(Failure::new(Reason::ConfigInvalid, words::nothing_to_rehearse()).next(words::add_a_strategy()));
    }
    if settings.mode == Mode::Paper {
        warnings.push(words::as_real(settings.mode.word()));
    }
    if !settings.buy.watch.is_empty() {
        warnings.push(words::strategies_alone());
    }
    settings.mode = Mode::Real;
    settings.buy.watch.clear();
    settings.buy.filter.clear();
    let symbols: BTreeSet<Symbol> =
        settings.strategies.iter().flat_map(|strategy| &strategy.symbols).map(|listed| listed.symbol.clone()).collect();
    let market = bars::load(&arguments.bars, symbols.into_iter(), warnings)?;
    let dates = sessions(&market, arguments.from, arguments.to, warnings);
    if dates.is_empty() {
        return Err(Failure::new(Reason::Usage, words::no_sessions_to_rehearse()).next(words::ask_for_other_dates()));
    }
    let fee_percent = arguments.fee_percent.unwrap_or(settings.fees.percent);
    Ok(Play { settings: Rc::new(settings), market, dates, fee_percent })
}

/// The sessions that have a bar, each symbol having one before the first.
fn sessions(
    market: &Market,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    warnings: &mut Vec<Sentence>,
) -> Vec<NaiveDate> {
    let firsts = market.values().map(|series| series.all().first().map(|bar| bar.date));
    let Some(first) = firsts.collect::<Option<Vec<_>>>().and_then(|firsts| firsts.into_iter().max()) else {
        return Vec::new();
    };
    let dates: BTreeSet<NaiveDate> = market.values().flat_map(|series| series.all()).map(|bar| bar.date).collect();
    let wanted =
        |date: &NaiveDate| *date > first && from.is_none_or(|from| *date >= from) && to.is_none_or(|to| *date <= to);
    let wanted: Vec<NaiveDate> = dates.into_iter().filter(wanted).collect();
    let sessions: Vec<NaiveDate> = wanted.iter().copied().filter(|date| session_of(*date).is_some()).collect();
    let is_cut = wanted.first().is_some_and(|date| trading_day(*date).is_none());
    warnings.extend(sessions.first().filter(|_| is_cut).map(|from| words::calendar_begins(*from)));
    sessions
}
