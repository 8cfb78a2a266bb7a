//! Quotes. A wrong exchange or an unknown symbol is no error: the answer is a success full of blanks.

use crate::calendar;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::odd_rows;
use crate::gateway::price_detail;
use crate::market::Quote;
use crate::path::tick_size;
use crate::wire::answer::Answer;
use crate::wire::format::{fixed, movement, traded_amount};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use rust_decimal::Decimal;

/// Won for a dollar; the simulator has one rate for all times.
pub const WON_PER_DOLLAR: Decimal = Decimal::from_parts(139_120, 0, 0, false, 2);

const MOST_SYMBOLS: usize = 10;

/// 해외주식 현재체결가, `GET …/quotations/price`, HHDFS00000300 (both).
///
/// # Errors
/// A missing query field.
pub fn price(world: &World, call: &Call) -> Outcome {
    let (exchange, symbol) = asked(call)?;
    let output = match find(world, call, exchange, symbol) {
        None => blank(
            &["rsym", "zdiv", "base", "pvol", "last", "sign", "diff", "rate", "tvol", "tamt", "ordy"],
            base_of_blank(world, exchange, symbol),
        ),
        Some(quote) => {
            let (sign, diff, rate) = movement(quote.last, quote.base, quote.volume);
            fields! {
                "rsym" => format!("D{exchange}{symbol}"),
                "zdiv" => "4",
                "base" => fixed(quote.base, 4),
                "pvol" => quote.previous_volume,
                "last" => fixed(quote.last, 4),
                "sign" => sign,
                "diff" => diff,
                "rate" => rate,
                "tvol" => quote.volume,
                "tamt" => traded_amount(quote.high, quote.low, quote.volume),
                "ordy" => "매도불가",
            }
        }
    };
    Ok(Answer::quote(fields! { "output" => output }))
}

/// 해외주식 복수종목 시세조회, `GET …/quotations/multprice`, HHDFS76220000 (real only). Needs `custtype`.
///
/// # Errors
/// A missing query field, or an `NREC` that is not 1 to 10.
pub fn multi_price(world: &World, call: &Call) -> Outcome {
    call.query("AUTH")?;
    let count = call.filled_query("NREC")?.parse::<usize>().ok().filter(|count| (1..=MOST_SYMBOLS).contains(count));
    let count = count.ok_or_else(|| Answer::refusal("OPSQ2002"))?;
    let mut rows = Vec::new();
    for slot in 1..=count {
        let (exchange, symbol) = (call.query(&format!("EXCD_{slot:02}"))?, call.query(&format!("SYMB_{slot:02}"))?);
        if !symbol.is_empty() {
            let row = odd_rows::shown(world, call, "multprice", multi_row(world, call, exchange, symbol));
            rows.extend(row.map(Node::from));
        }
    }
    let output: Fields = fields! { "nrec" => rows.len() as u64 };
    Ok(Answer::quote(fields! { "output" => output, "output2" => rows }))
}

/// The exchange and the symbol that a query of quotes names.
///
/// # Errors
/// A missing query field.
pub fn asked<'a>(call: &Call<'a>) -> Result<(&'a str, &'a str), Answer> {
    call.query("AUTH")?;
    Ok((call.filled_query("EXCD")?, call.filled_query("SYMB")?))
}

/// The quote of a symbol under its own exchange.
pub fn find(world: &World, call: &Call, exchange: &str, symbol: &str) -> Option<Quote> {
    let listed = world.market.exchange(symbol)?;
    let codes = [listed.quote_code(), listed.day_quote_code()];
    world.market.quote(symbol, call.now).filter(|_| codes.contains(&exchange))
}

/// A blanked symbol keeps a base that was pinned with it.
fn base_of_blank(world: &World, exchange: &str, symbol: &str) -> Option<Decimal> {
    let pinned = world.market.overrides.get(symbol)?;
    let listed = world.market.exchange(symbol)?;
    pinned.base.filter(|_| listed.quote_code() == exchange)
}

/// These fields without a value.
pub fn blank(keys: &[&'static str], base: Option<Decimal>) -> Fields {
    let base = base.map(|base| fixed(base, 4)).unwrap_or_default();
    keys.iter().map(|key| (*key, if *key == "base" { base.as_str().into() } else { "".into() })).collect()
}

fn multi_row(world: &World, call: &Call, exchange: &str, symbol: &str) -> Fields {
    let Some(quote) = find(world, call, exchange, symbol) else {
        return fields! { "rsym" => format!("D{exchange}{symbol}"), "excd" => exchange, "symb" => symbol, "last" => "", "base" => "" };
    };
    let (sign, diff, rate) = movement(quote.last, quote.base, quote.volume);
    let tick = tick_size(quote.last);
    let listed = world.market.exchange(symbol).map_or("", |listed| listed.korean_name());
    let local = calendar::new_york_time(call.now).format("%H%M%S").to_string();
    let korean = calendar::in_korea(call.now).format("%H%M%S").to_string();
    let mut row = fields! {
        "rsym" => format!("D{exchange}{symbol}"), "excd" => exchange, "symb" => symbol, "knam" => world.market.name(symbol),
        "exnm" => listed, "nnam" => "미국", "stat1" => "실", "stat2" => "실시간", "zdiv" => "4", "last" => fixed(quote.last, 4),
        "sign" => sign, "diff" => diff, "rate" => rate, "open" => fixed(quote.open, 4), "high" => fixed(quote.high, 4),
        "low" => fixed(quote.low, 4), "pbid" => fixed(quote.last - tick, 4), "pask" => fixed(quote.last + tick, 4),
        "vbid" => "100", "vask" => "200", "bvol" => "100", "avol" => "200", "evol" => "10", "tvol" => quote.volume,
        "tamt" => traded_amount(quote.high, quote.low, quote.volume), "powx" => "100.00", "xhms" => local, "khms" => korean,
        "curr" => "USD", "base" => fixed(quote.base, 4),
    };
    row.extend(multi_rest(world, call, symbol, &quote));
    row
}

/// The session before, the size of the company, the range of the year, and prices in won.
fn multi_rest(world: &World, call: &Call, symbol: &str, quote: &Quote) -> Fields {
    let base = fixed(quote.base, 4);
    let mut rest = fields! {
        "pvol" => quote.previous_volume, "pamt" => traded_amount(quote.base, quote.base, quote.previous_volume),
        "popen" => base.as_str(), "phigh" => base.as_str(), "plow" => base,
    };
    rest.extend(price_detail::company(quote));
    rest.extend(price_detail::year(world, call, symbol, quote));
    rest.extend(fields! {
        "hanp" => "0.0000", "lanp" => "0.0000", "hand" => "0", "land" => "0", "bnit" => "1",
        "t_xprc" => fixed(quote.last * WON_PER_DOLLAR, 0),
    });
    rest
}
