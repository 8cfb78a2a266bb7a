//! The answer: taken whole or not at all.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Call, RuleError, VERSION, words};
use crate::decide::strategy::rule::{RuleAnswer, RuleFacts};
use crate::domain::{Json, Line, OrderKind, Side, Symbol, Usd};
use crate::exit::Reason;
use crate::language::Sentence;
use crate::strict_json::{self, Flaw, Keys, Object, Strictness, Value};
use crate::visible::{cut, one_line};

/// The longest answer.
pub const MAX_ANSWER_BYTES: usize = 256 << 10;
const MAX_STATE_BYTES: usize = 64 << 10;
const MAX_ORDERS: usize = 40;
const MAX_TAG: usize = 32;
/// As long as a server's text may be, in characters.
const MAX_NOTE: usize = 200;
/// As much of a wrong word as is quoted.
const MAX_QUOTED: usize = 40;
const STRICTNESS: Strictness = Strictness { depth: 16, keys: Keys::AsWritten };
const KEYS: [&str; 4] = ["protocol", "orders", "state", "note"];
const ORDER_KEYS: [&str; 7] = ["tag", "symbol", "side", "quantity", "kind", "limit_price", "note"];

/// Reads what a program wrote on its standard output. An answer without `state` leaves the state as it was.
///
/// # Errors
/// `rule_nonsense` for what is not one JSON object, `rule_version` for another protocol, `rule_invalid` for whatever else is
/// wrong anywhere in it.
pub fn read_answer(bytes: &[u8], facts: &RuleFacts, call: &Call<'_>) -> Result<RuleAnswer, RuleError> {
    let (text, object) = parse(bytes).map_err(|detail| RuleError::new(Reason::RuleNonsense, detail))?;
    match object.get("protocol") {
        Some(Value::Whole(VERSION)) => {}
        Some(_) => return Err(RuleError::new(Reason::RuleVersion, words::other_version(VERSION))),
        None => return Err(RuleError::new(Reason::RuleVersion, words::no_version(VERSION))),
    }
    let invalid = |detail| RuleError::new(Reason::RuleInvalid, detail);
    if let Some(key) = object.keys().find(|key| !KEYS.contains(&key.as_ref())) {
        return Err(invalid(words::unknown_key(&quoted(key))));
    }
    let lines = read_orders(&object, call).map_err(invalid)?;
    let state = read_state(text, &object).map_err(invalid)?;
    let note = read_note(&object).map(Sentence::verbatim).map_err(invalid)?;
    Ok(RuleAnswer { lines, state: state.unwrap_or_else(|| facts.state.clone()), note, blocked: None })
}

fn parse(bytes: &[u8]) -> Result<(&str, Object<'_>), Sentence> {
    if bytes.len() > MAX_ANSWER_BYTES {
        return Err(words::too_large(MAX_ANSWER_BYTES >> 10));
    }
    let text = str::from_utf8(bytes).map_err(|error| {
        let read = bytes.split_at(error.valid_up_to()).0;
        let line = read.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = read.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        words::not_utf8(line, column)
    })?;
    if text.trim().is_empty() {
        return Err(words::nothing_said());
    }
    let object = strict_json::parse(bytes, STRICTNESS).map_err(|flaw| match flaw {
        Flaw::NoObject => words::no_object(),
        Flaw::NoJson { parser, line, column } => words::no_json(&parser, line, column),
    })?;
    Ok((text, object))
}

fn read_orders(object: &Object<'_>, call: &Call<'_>) -> Result<Vec<Line>, Sentence> {
    let Some(Value::List(orders)) = object.get("orders") else { return Err(words::no_orders()) };
    if orders.len() > MAX_ORDERS {
        return Err(words::too_many_orders(orders.len(), MAX_ORDERS));
    }
    let mut tags = BTreeSet::new();
    let mut lines = Vec::with_capacity(orders.len());
    for (index, order) in orders.iter().enumerate() {
        let line = read_order(order, call).and_then(|line| match tags.insert(line.role.clone()) {
            true => Ok(line),
            false => Err(words::tag_twice(&line.role)),
        });
        lines.push(line.map_err(|what| words::in_order(index + 1, &what))?);
    }
    Ok(lines)
}

fn read_order(order: &Value<'_>, call: &Call<'_>) -> Result<Line, Sentence> {
    let Value::Object(order) = order else { return Err(words::no_order_object()) };
    if let Some(key) = order.keys().find(|key| !ORDER_KEYS.contains(&key.as_ref())) {
        return Err(words::unknown_order_key(&quoted(key)));
    }
    let role = read_tag(order)?;
    let symbol = read_symbol(order, call.symbols)?;
    let side = word_of(order, "side", &Side::WORDS)?;
    let kind = word_of(order, "kind", &OrderKind::WORDS)?;
    if !call.kinds.contains(&kind) {
        return Err(words::kind_not_offered(kind));
    }
    if (side, kind) == (Side::Buy, OrderKind::Moc) {
        return Err(words::moc_only_sells());
    }
    let quantity = match order.get("quantity") {
        Some(Value::Whole(quantity)) if *quantity >= 1 => *quantity,
        _ => return Err(words::bad_quantity()),
    };
    let limit_price = match (kind, order.get("limit_price")) {
        (OrderKind::Moc, None) => None,
        (OrderKind::Moc, Some(_)) => return Err(words::price_of_moc()),
        (_, Some(Value::Text(price))) => Some(read_price(price)?),
        (_, _) => return Err(words::price_is_no_text(kind)),
    };
    Ok(Line { role, symbol, side, kind, quantity, limit_price, note: read_note(order)? })
}

fn read_tag(order: &Object<'_>) -> Result<String, Sentence> {
    let tag = text_of(order, "tag")?;
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    if tag.is_empty() || tag.len() > MAX_TAG || !tag.bytes().all(is_part) {
        return Err(words::bad_tag(&quoted(tag), MAX_TAG));
    }
    Ok(tag.to_owned())
}

fn read_symbol(order: &Object<'_>, listed: &[Symbol]) -> Result<Symbol, Sentence> {
    let symbol = text_of(order, "symbol")?;
    let found = listed.iter().find(|listed| listed.as_str() == symbol);
    found.cloned().ok_or_else(|| words::symbol_not_listed(&quoted(symbol)))
}

/// Digits, with a point between or without: no sign, no exponent, no other spelling that a decimal may have.
fn read_price(text: &str) -> Result<Usd, Sentence> {
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = match text.split_once('.') {
        Some((whole, rest)) => are_digits(whole) && are_digits(rest),
        None => are_digits(text),
    };
    let price = text.parse::<Usd>().ok().filter(|price| is_plain && price.is_positive());
    let price = price.ok_or_else(|| words::price_unreadable(&quoted(text)))?;
    if price.down_to_tick() != price {
        return Err(words::price_off_tick(price, price.tick()));
    }
    Ok(price)
}

/// The state as the program spells it; `None` when it says none.
fn read_state(text: &str, object: &Object<'_>) -> Result<Option<Json>, Sentence> {
    #[derive(Deserialize)]
    struct Stateful<'a> {
        // `null` is read as nothing.
        #[serde(borrow)]
        state: Option<&'a RawValue>,
    }
    if !object.contains_key("state") {
        return Ok(None);
    }
    let stateful: Stateful<'_> =
        serde_json::from_str(text).map_err(|error| words::no_json(&error.to_string(), error.line(), error.column()))?;
    let state = stateful.state.map_or("null", RawValue::get);
    if state.len() > MAX_STATE_BYTES {
        return Err(words::state_too_large(state.len(), MAX_STATE_BYTES >> 10));
    }
    Ok(Some(Json(state.to_owned())))
}

/// The words about an order or the whole answer, fit to be shown; blank when there are none.
fn read_note(object: &Object<'_>) -> Result<String, Sentence> {
    if !object.contains_key("note") {
        return Ok(String::new());
    }
    Ok(cut(one_line(text_of(object, "note")?), MAX_NOTE))
}

fn text_of<'o>(object: &'o Object<'_>, key: &str) -> Result<&'o str, Sentence> {
    match object.get(key) {
        Some(Value::Text(text)) => Ok(text),
        Some(_) => Err(words::is_no_text(key)),
        None => Err(words::is_missing(key)),
    }
}

fn word_of<T: Copy>(order: &Object<'_>, key: &str, table: &[(&str, T)]) -> Result<T, Sentence> {
    let word = text_of(order, key)?;
    let found = table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value);
    found.ok_or_else(|| words::unknown_word(key, &quoted(word)))
}

/// A program's word as a message may repeat it.
fn quoted(word: &str) -> String {
    cut(one_line(word), MAX_QUOTED)
}
