//! 해외주식 실시간지연체결가, HDFSCNT0: a symbol's trades, as the websocket tells them.

use crate::calendar;
use crate::market::Quote;
use crate::path::tick_size;
use crate::wire::format::{date, fixed, korean_date, korean_time, movement, traded_amount};
use crate::world::World;
use chrono::{DateTime, Utc};

/// The symbol of a key such as `DNASAAPL`: D or R, its exchange, itself.
pub fn read_key(world: &World, key: &str) -> Option<String> {
    let rest = key.strip_prefix(['D', 'R'])?;
    let (code, symbol) = rest.split_at_checked(3)?;
    let listed = world.market.exchange(symbol)?;
    [listed.quote_code(), listed.day_quote_code()].contains(&code).then(|| symbol.to_owned())
}

/// The fields of what was traded since the last message.
pub fn fields(key: &str, symbol: &str, quote: &Quote, traded: u64, now: DateTime<Utc>) -> [String; 26] {
    let (sign, diff, rate) = movement(quote.last, quote.base, quote.volume);
    let (local, tick) = (calendar::new_york_time(now).format("%H%M%S").to_string(), tick_size(quote.last));
    let today = date(calendar::new_york_date(now));
    let session = calendar::session_on(calendar::new_york_date(now));
    let market = match session {
        Some(session) if now < session.open => "2",
        Some(session) if now >= session.close => "3",
        _ => "1",
    };
    let half = (quote.volume / 2).to_string();
    let price = |price| fixed(price, 4);
    [
        key.to_owned(),
        symbol.to_owned(),
        "4".to_owned(),
        today.clone(),
        today,
        local,
        korean_date(now),
        korean_time(now),
        price(quote.open),
        price(quote.high),
        price(quote.low),
        price(quote.last),
        sign.to_owned(),
        diff,
        rate.trim().to_owned(),
        price(quote.last - tick),
        price(quote.last + tick),
        "100".to_owned(),
        "200".to_owned(),
        traded.to_string(),
        quote.volume.to_string(),
        traded_amount(quote.high, quote.low, quote.volume),
        half.clone(),
        half,
        "100.00".to_owned(),
        market.to_owned(),
    ]
}
