//! Quotes. A wrong exchange or an unknown symbol is no error: the answer is a success full of blanks.

use crate::calendar;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::odd_rows;
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

/// 해외주식 현재가상세, `GET …/quotations/price-detail`, HHDFS76200200 (real only).
///
/// # Errors
/// A missing query field.
pub fn price_detail(world: &World, call: &Call) -> Outcome {
    let (exchange, symbol) = asked(call)?;
    let output = match find(world, call, exchange, symbol) {
        None => blank(&["rsym", "pvol", "open", "high", "low", "last", "base"], None),
        Some(quote) => {
            let mut output = detail_prices(exchange, symbol, &quote);
            output.extend(detail_rest(world, symbol, &quote));
            output
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

fn asked<'a>(call: &Call<'a>) -> Result<(&'a str, &'a str), Answer> {
    call.query("AUTH")?;
    Ok((call.filled_query("EXCD")?, call.filled_query("SYMB")?))
}

fn find(world: &World, call: &Call, exchange: &str, symbol: &str) -> Option<Quote> {
    let listed = world.market.exchange(symbol)?;
    world.market.quote(symbol, call.now).filter(|_| listed.quote_code() == exchange)
}

/// A blanked symbol keeps a base that was pinned with it.
fn base_of_blank(world: &World, exchange: &str, symbol: &str) -> Option<Decimal> {
    let pinned = world.market.overrides.get(symbol)?;
    let listed = world.market.exchange(symbol)?;
    pinned.base.filter(|_| listed.quote_code() == exchange)
}

fn blank(keys: &[&'static str], base: Option<Decimal>) -> Fields {
    let base = base.map(|base| fixed(base, 4)).unwrap_or_default();
    keys.iter().map(|key| (*key, if *key == "base" { base.as_str().into() } else { "".into() })).collect()
}

fn detail_prices(exchange: &str, symbol: &str, quote: &Quote) -> Fields {
    let previous_amount = traded_amount(quote.base, quote.base, quote.previous_volume);
    let year_high = quote.high.max(quote.base);
    let year_low = quote.low.min(quote.base);
    fields! {
        "rsym" => format!("D{exchange}{symbol}"), "pvol" => quote.previous_volume, "open" => fixed(quote.open, 4),
        "high" => fixed(quote.high, 4), "low" => fixed(quote.low, 4), "last" => fixed(quote.last, 4),
        "base" => fixed(quote.base, 4), "tomv" => "", "pamt" => previous_amount, "uplp" => "0.0000", "dnlp" => "0.0000",
        "h52p" => fixed(year_high, 4), "h52d" => "", "l52p" => fixed(year_low, 4), "l52d" => "",
        "perx" => "0.00", "pbrx" => "0.00", "epsx" => "0.00", "bpsx" => "0.00", "shar" => "", "mcap" => "",
        "curr" => "USD", "zdiv" => "4", "vnit" => "1",
    }
}

/// Won prices, rates, tradability and tick. Halted symbols are not `매매 가능`.
fn detail_rest(world: &World, symbol: &str, quote: &Quote) -> Fields {
    let (sign, diff, rate) = movement(quote.last, quote.base, quote.volume);
    let won = |price: Decimal| fixed(price * WON_PER_DOLLAR, 0);
    let won_difference = won((quote.last - quote.base).abs());
    let tradable = if world.market.is_halted(symbol) { "매매 불가" } else { "매매 가능" };
    fields! {
        "t_xprc" => won(quote.last), "t_xdif" => won_difference, "t_xrat" => rate.as_str(), "p_xprc" => won(quote.base),
        "p_xdif" => diff, "p_xrat" => rate, "t_rate" => fixed(WON_PER_DOLLAR, 2), "p_rate" => fixed(WON_PER_DOLLAR, 2),
        "t_xsgn" => sign, "p_xsng" => sign, "e_ordyn" => tradable, "e_hogau" => fixed(tick_size(quote.last), 4),
        "e_icod" => "", "e_parp" => "0.0000", "tvol" => quote.volume,
        "tamt" => traded_amount(quote.high, quote.low, quote.volume), "etyp_nm" => "",
    }
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
    fields! {
        "rsym" => format!("D{exchange}{symbol}"), "excd" => exchange, "symb" => symbol, "knam" => world.market.name(symbol),
        "exnm" => listed, "nnam" => "미국", "stat1" => "실", "stat2" => "실시간", "zdiv" => "4", "last" => fixed(quote.last, 4),
        "sign" => sign, "diff" => diff, "rate" => rate, "open" => fixed(quote.open, 4), "high" => fixed(quote.high, 4),
        "low" => fixed(quote.low, 4), "pbid" => fixed(quote.last - tick, 4), "pask" => fixed(quote.last + tick, 4),
        "vbid" => "100", "vask" => "200", "bvol" => "100", "avol" => "200", "evol" => "10", "tvol" => quote.volume,
        "tamt" => traded_amount(quote.high, quote.low, quote.volume), "xhms" => local, "khms" => korean, "curr" => "USD",
        "base" => fixed(quote.base, 4),
    }
}
