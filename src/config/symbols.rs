//! Lists of symbols.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use crate::config::document::Found;
use crate::config::reader::Reader;
use crate::domain::Symbol;

/// More symbols than this could not be quoted within a session.
const MOST_SYMBOLS: usize = 1000;

/// Reads a list of symbols without doubles; `None` when it is absent or anything in it was refused. Two entries with the
/// same `ticker` are the same holding.
pub(super) fn read_symbols<T: FromStr<Err: Display>>(
    reader: &mut Reader<'_>,
    key: &str,
    ticker: fn(&T) -> &Symbol,
) -> Option<Vec<T>> {
    let entries = reader.list(key)?;
    if entries.len() > MOST_SYMBOLS {
        reader.object(key, format_args!("has {} symbols: it may have {MOST_SYMBOLS} at most", entries.len()));
        return None;
    }
    let mut lines = BTreeMap::new();
    let mut symbols = Vec::with_capacity(entries.len());
    for entry in &entries {
        let Some(symbol) = read_symbol::<T>(reader, entry) else { continue };
        match lines.get(ticker(&symbol)) {
            Some(line) => reader.refuse(entry, format_args!("is in the list already (line {line})")),
            None => {
                lines.insert(ticker(&symbol).clone(), entry.line);
                symbols.push(symbol);
            }
        }
    }
    (symbols.len() == entries.len()).then_some(symbols)
}

fn read_symbol<T: FromStr<Err: Display>>(reader: &mut Reader<'_>, entry: &Found<'_>) -> Option<T> {
    let Some(text) = entry.value.as_str() else {
        reader.refuse(entry, "must be a symbol in quotes");
        return None;
    };
    match text.parse::<T>() {
        Ok(symbol) => return Some(symbol),
        Err(_) if text.to_ascii_uppercase().parse::<T>().is_ok() => {
            reader.refuse(entry, format_args!("must be in upper case: \"{}\"", text.to_ascii_uppercase()));
        }
        Err(error) => reader.refuse(entry, error),
    }
    None
}
