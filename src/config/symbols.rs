//! Lists of symbols.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::config::document::Found;
use crate::config::reader::Reader;
use crate::config::words::values;
use crate::domain::Symbol;

/// More symbols than this could not be quoted within a session.
const MOST_SYMBOLS: usize = 1000;
/// Digits that such a code begins with at least; fewer are a mistyped symbol.
const LEAST_DIGITS: usize = 6;

/// Reads a list of symbols without doubles; `None` when it is absent or anything in it was refused. Two entries with the
/// same `ticker` are the same holding. Texts that `is_no_symbol` are left to somebody else.
pub(super) fn read_symbols<T: FromStr<Err = &'static str>>(
    reader: &mut Reader<'_>,
    key: &str,
    ticker: fn(&T) -> &Symbol,
    is_no_symbol: fn(&str) -> bool,
) -> Option<Vec<T>> {
    let mut entries = reader.list(key)?;
    entries.retain(|entry| !entry.value.as_str().is_some_and(is_no_symbol));
    if entries.len() > MOST_SYMBOLS {
        let count = entries.len();
        reader.object(key, |label| values::too_many_symbols(label, count, MOST_SYMBOLS));
        return None;
    }
    let mut lines = BTreeMap::new();
    let mut symbols = Vec::with_capacity(entries.len());
    for entry in &entries {
        let Some(symbol) = read_symbol::<T>(reader, entry) else { continue };
        match lines.get(ticker(&symbol)) {
            Some(line) => reader.refuse(entry, values::listed_already(*line)),
            None => {
                lines.insert(ticker(&symbol).clone(), entry.line);
                symbols.push(symbol);
            }
        }
    }
    (symbols.len() == entries.len()).then_some(symbols)
}

/// Reports whether a text is a code that KIS gives to what has no ticker, such as `1234567R1`.
pub(super) fn is_code(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (LEAST_DIGITS..=12).contains(&text.len()) && digits >= LEAST_DIGITS && text.bytes().all(is_part)
}

/// The entries of a list of symbols that are such codes.
pub(super) fn read_codes(reader: &mut Reader<'_>, key: &str) -> Vec<String> {
    let entries = reader.entries(key);
    entries.iter().filter_map(|entry| entry.value.as_str()).filter(|text| is_code(text)).map(str::to_owned).collect()
}

/// Reads one symbol.
pub(super) fn read_symbol<T: FromStr<Err = &'static str>>(reader: &mut Reader<'_>, entry: &Found<'_>) -> Option<T> {
    let Some(text) = entry.value.as_str() else {
        reader.refuse(entry, values::must_be_symbol());
        return None;
    };
    match text.parse::<T>() {
        Ok(symbol) => return Some(symbol),
        Err(_) if text.to_ascii_uppercase().parse::<T>().is_ok() => {
            reader.refuse(entry, values::must_be_upper_case(&text.to_ascii_uppercase()));
        }
        Err(error) => {
            let said = [values::no_symbol(), values::no_exchange()].into_iter().find(|said| said.en == error);
            reader.refuse(entry, said.unwrap_or_else(values::no_symbol));
        }
    }
    None
}
