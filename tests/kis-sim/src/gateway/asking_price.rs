//! 해외주식 현재가 10호가, `GET …/quotations/inquire-asking-price`, HHDFS76200100 (real only).
//!
//! The book is invented around the last price: a level a tick, the same shares on both sides.

use crate::calendar;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::quotes::find;
use crate::market::Quote;
use crate::path::tick_size;
use crate::wire::answer::Answer;
use crate::wire::format::{date, fixed};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use rust_decimal::Decimal;

/// The names of a level's six fields.
const LEVELS: [[&str; 6]; 10] = [
    ["pbid1", "pask1", "vbid1", "vask1", "dbid1", "dask1"],
    ["pbid2", "pask2", "vbid2", "vask2", "dbid2", "dask2"],
    ["pbid3", "pask3", "vbid3", "vask3", "dbid3", "dask3"],
    ["pbid4", "pask4", "vbid4", "vask4", "dbid4", "dask4"],
    ["pbid5", "pask5", "vbid5", "vask5", "dbid5", "dask5"],
    ["pbid6", "pask6", "vbid6", "vask6", "dbid6", "dask6"],
    ["pbid7", "pask7", "vbid7", "vask7", "dbid7", "dask7"],
    ["pbid8", "pask8", "vbid8", "vask8", "dbid8", "dask8"],
    ["pbid9", "pask9", "vbid9", "vask9", "dbid9", "dask9"],
    ["pbid10", "pask10", "vbid10", "vask10", "dbid10", "dask10"],
];
/// Shares of the nearest level; each further one has as many more.
const SHARES: u64 = 100;

/// The answer.
///
/// # Errors
/// A missing query field.
pub fn asking_price(world: &World, call: &Call) -> Outcome {
    let (exchange, symbol) = (call.filled_query("EXCD")?, call.filled_query("SYMB")?);
    let quote = find(world, call, exchange, symbol);
    let (head, levels) = match &quote {
        None => (nothing(), LEVELS.iter().flatten().map(|name| (*name, Node::from(empty(name)))).collect()),
        Some(quote) => (head(call, exchange, symbol, quote), levels(quote.last)),
    };
    let auction: Fields = fields! {
        "vstm" => "", "vetm" => "", "csbp" => "0.0000", "cshi" => "0.0000", "cslo" => "0.0000", "iep" => "0.0000", "iev" => "0",
    };
    Ok(Answer::quote(fields! { "output1" => head, "output2" => levels, "output3" => auction }))
}

/// A price or a number of an empty side.
fn empty(name: &str) -> &'static str {
    if name.starts_with('p') { "0.0000" } else { "0" }
}

fn nothing() -> Fields {
    let names = ["rsym", "zdiv", "curr", "base", "open", "high", "low", "last", "dymd", "dhms"];
    names.into_iter().map(|name| (name, Node::from(""))).collect()
}

fn head(call: &Call, exchange: &str, symbol: &str, quote: &Quote) -> Fields {
    let all: u64 = (1..=LEVELS.len() as u64).map(|level| level * SHARES).sum();
    fields! {
        "rsym" => format!("D{exchange}{symbol}"), "zdiv" => "4", "curr" => "USD", "base" => fixed(quote.base, 4),
        "open" => fixed(quote.open, 4), "high" => fixed(quote.high, 4), "low" => fixed(quote.low, 4), "last" => fixed(quote.last, 4),
        "dymd" => date(calendar::new_york_date(call.now)), "dhms" => calendar::new_york_time(call.now).format("%H%M%S").to_string(),
        "bvol" => all, "avol" => all, "bdvl" => "0", "advl" => "0", "code" => symbol, "ropen" => "0.00", "rhigh" => "0.00",
        "rlow" => "0.00", "rclose" => "0.00",
    }
}

fn levels(last: Decimal) -> Fields {
    let tick = tick_size(last);
    let level = |(number, names): (u64, &[&'static str; 6])| {
        let away = tick * Decimal::from(number);
        let (bid, ask) = ((last - away).max(Decimal::ZERO), last + away);
        let (shares, none) = (number * SHARES, "0".to_owned());
        let values = [fixed(bid, 4), fixed(ask, 4), shares.to_string(), shares.to_string(), none.clone(), none];
        names.iter().copied().zip(values.map(Node::from)).collect::<Fields>()
    };
    (1..).zip(&LEVELS).flat_map(level).collect()
}
