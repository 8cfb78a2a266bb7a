//! `--fetch`: a symbol's bars from KIS, written as the rehearsal reads them.

use std::fs;
use std::path::Path;

use chrono::NaiveDate;

use crate::config::{Environment, Settings};
use crate::desk::fetch::fetch_bars;
use crate::domain::Symbol;
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::rehearse::bars::{file_of, to_text};
use crate::rehearse::{not_written, words};
use crate::store::atomic;

/// Writes the file anew: a split since has changed every price of it.
pub(super) fn fetch(
    settings: Settings,
    environment: &Environment,
    symbol: &Symbol,
    from: NaiveDate,
    folder: &Path,
) -> Result<Sentence, Failure> {
    let bars = fetch_bars(settings, environment, symbol, from, &words::bars_of(symbol))?;
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else {
        return Err(Failure::new(Reason::GatewayNonsense, words::kis_has_no_bars(symbol, from)));
    };
    let file = file_of(folder, symbol);
    let written = fs::create_dir_all(folder).and_then(|()| atomic::replace(&file, to_text(&bars).as_bytes()));
    written.map_err(|error| not_written(&file).because(Sentence::from(error)))?;
    Ok(words::fetched(bars.len(), symbol, first.date, last.date, &file))
}
