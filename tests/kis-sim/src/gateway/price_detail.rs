//! 해외주식 현재가상세, `GET …/quotations/price-detail`, HHDFS76200200 (real only).
//!
//! What the bars don't tell is invented and the same for every symbol: shares, sector, ratios.

use crate::calendar;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::quotes::{WON_PER_DOLLAR, asked, blank, find};
use crate::market::Quote;
use crate::path::tick_size;
use crate::wire::answer::Answer;
use crate::wire::format::{date, fixed, movement, traded_amount};
use crate::wire::json::{Fields, fields};
use crate::world::World;
use rust_decimal::Decimal;

/// Shares of every company.
const SHARES: u64 = 1_000_000_000;

/// The answer.
///
/// # Errors
/// A missing query field.
pub fn price_detail(world: &World, call: &Call) -> Outcome {
    let (exchange, symbol) = asked(call)?;
    let output = match find(world, call, exchange, symbol) {
        None => blank(&["rsym", "pvol", "open", "high", "low", "last", "base"], None),
        Some(quote) => {
            let mut output = prices(exchange, symbol, &quote);
            output.extend(company(&quote));
            output.extend(year(world, call, symbol, &quote));
            output.extend(rest(world, symbol, &quote));
            output
        }
    };
    Ok(Answer::quote(fields! { "output" => output }))
}

fn prices(exchange: &str, symbol: &str, quote: &Quote) -> Fields {
    let previous_amount = traded_amount(quote.base, quote.base, quote.previous_volume);
    fields! {
        "rsym" => format!("D{exchange}{symbol}"), "pvol" => quote.previous_volume, "open" => fixed(quote.open, 4),
        "high" => fixed(quote.high, 4), "low" => fixed(quote.low, 4), "last" => fixed(quote.last, 4),
        "base" => fixed(quote.base, 4), "pamt" => previous_amount, "uplp" => "0.0000", "dnlp" => "0.0000",
        "perx" => "0.00", "pbrx" => "0.00", "epsx" => "0.00", "bpsx" => "0.00",
        "curr" => "USD", "zdiv" => "4", "vnit" => "1",
    }
}

/// Shares, and what all of them are worth.
pub fn company(quote: &Quote) -> Fields {
    let worth = fixed(quote.last * Decimal::from(SHARES), 0);
    fields! { "shar" => SHARES, "mcap" => worth.as_str(), "tomv" => worth }
}

/// The range of 52 weeks with its days; a pinned symbol without bars has today's alone.
pub fn year(world: &World, call: &Call, symbol: &str, quote: &Quote) -> Fields {
    let today = calendar::new_york_date(call.now);
    let of_bars = world.market.year_range(symbol, call.now);
    let [high, low] = of_bars.unwrap_or([(quote.high, today), (quote.low, today)]);
    let high = if quote.high > high.0 { (quote.high, today) } else { high };
    let low = if quote.low < low.0 { (quote.low, today) } else { low };
    fields! { "h52p" => fixed(high.0, 4), "h52d" => date(high.1), "l52p" => fixed(low.0, 4), "l52d" => date(low.1) }
}

/// Won prices, rates, tradability and tick. Halted symbols are not `매매 가능`.
fn rest(world: &World, symbol: &str, quote: &Quote) -> Fields {
    let (sign, diff, rate) = movement(quote.last, quote.base, quote.volume);
    let won = |price: Decimal| fixed(price * WON_PER_DOLLAR, 0);
    let won_difference = won((quote.last - quote.base).abs());
    let tradable = if world.market.is_halted(symbol) { "매매 불가" } else { "매매 가능" };
    fields! {
        "t_xprc" => won(quote.last), "t_xdif" => won_difference, "t_xrat" => rate.as_str(), "p_xprc" => won(quote.base),
        "p_xdif" => diff, "p_xrat" => rate, "t_rate" => fixed(WON_PER_DOLLAR, 2), "p_rate" => fixed(WON_PER_DOLLAR, 2),
        "t_xsgn" => sign, "p_xsng" => sign, "e_ordyn" => tradable, "e_hogau" => fixed(tick_size(quote.last), 4),
        "e_icod" => "기타", "e_parp" => "0.0000", "tvol" => quote.volume,
        "tamt" => traded_amount(quote.high, quote.low, quote.volume), "etyp_nm" => "주식",
    }
}
