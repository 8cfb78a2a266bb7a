//! Pages of a list: how many rows, where the next page starts, and the words that say so.
//!
//! The first page of several says F, the ones between M, the last E; an only page says D.

use crate::gateway::call::Call;
use crate::wire::answer::{Answer, Completeness};
use crate::wire::format::padded_context;

/// One page of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// `tr_cont`.
    pub continuation: &'static str,
    /// `ctx_area_nk200`, padded; blank on the last page.
    pub next_key: String,
    /// What it is within the list.
    pub completeness: Completeness,
}

/// The names of a list's two paging keys.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    /// Of the condition.
    pub context: &'static str,
    /// Of the place.
    pub place: &'static str,
}

/// Those of most lists.
pub const KEYS_OF_200: Keys = Keys { context: "CTX_AREA_FK200", place: "CTX_AREA_NK200" };
/// Those of transactions.
pub const KEYS_OF_100: Keys = Keys { context: "CTX_AREA_FK100", place: "CTX_AREA_NK100" };

/// Cuts the page a call asks for, by the usual keys.
///
/// # Errors
/// As [`page_by`].
pub fn page_of<T>(
    call: &Call,
    rows: Vec<T>,
    page_rows: usize,
    context: &str,
    key_of: impl Fn(&T) -> String,
) -> Result<Page<T>, Answer> {
    page_by(KEYS_OF_200, call, rows, page_rows, context, key_of)
}

/// Cuts the page a call asks for. `key_of` names a row; a next page starts behind the row named by the key
/// that came with the page before.
///
/// # Errors
/// Missing paging keys, or a key that names no row: OPSQ2002.
pub fn page_by<T>(
    keys: Keys,
    call: &Call,
    rows: Vec<T>,
    page_rows: usize,
    context: &str,
    key_of: impl Fn(&T) -> String,
) -> Result<Page<T>, Answer> {
    let (asked_context, asked_key) = (call.paging_key(keys.context)?, call.paging_key(keys.place)?);
    let is_next = call.is_continuation && !asked_key.is_empty();
    let start = if is_next {
        let known =
            rows.iter().position(|row| key_of(row) == asked_key).filter(|_| asked_context == context.trim_end());
        known.ok_or_else(|| Answer::refusal("OPSQ2002"))? + 1
    } else {
        0
    };
    let end = rows.len().min(start + page_rows);
    let has_more = end < rows.len();
    let continuation = match (is_next, has_more) {
        (false, true) => "F",
        (true, true) => "M",
        (true, false) => "E",
        (false, false) => "D",
    };
    let next_key = if has_more { key_of(&rows[end - 1]) } else { String::new() };
    let completeness = match (rows.is_empty(), has_more) {
        (true, _) => Completeness::Empty,
        (false, true) => Completeness::More,
        (false, false) => Completeness::LastPage,
    };
    let rows = rows.into_iter().skip(start).take(page_rows).collect();
    Ok(Page { rows, continuation, next_key: padded_context(&next_key), completeness })
}
