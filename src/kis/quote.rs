//! Quotes: last price, yesterday's close, and whether anything was traded today. A quote never fails for a price
//! that is missing or unreadable: the price is unknown then, and decides nothing.

use std::time::Duration;

use crate::domain::quote::QUOTES_AT_ONCE;
use crate::domain::{AccountNumber, Exchange, Mode, Quote, Symbol, Usd};
use crate::kis::endpoint::{Answer, Endpoint, Fields, Payload, Query};
use crate::kis::error::Nonsense;
use crate::kis::json::Object;
use crate::kis::rate_slot::SlotKind;
use crate::kis::wire::{self, MayBeAbsent};
use crate::kis::words;

/// 해외주식 현재체결가, GET `/uapi/overseas-price/v1/quotations/price`, HHDFS00000300 on real and paper (portal
/// workbook of 2026-06-03).
///
/// Oddities: a symbol that the asked exchange does not list is answered with success and blanks. `last` serves the
/// pre- and after-market too and carries no time. `ordy` says 매도불가 for ordinary symbols and means nothing.
pub(crate) struct OneQuote<'a> {
    pub(crate) exchange: Exchange,
    pub(crate) symbol: &'a Symbol,
}

impl Endpoint for OneQuote<'_> {
    const PATH: &'static str = "/uapi/overseas-price/v1/quotations/price";

    fn tr_id(&self, _: Mode) -> &'static str {
        "HHDFS00000300"
    }

    fn payload(&self, _: Mode, _: &AccountNumber) -> Payload {
        Payload::Query(vec![
            ("AUTH", String::new()),
            ("EXCD", wire::quote_code(self.exchange).to_owned()),
            ("SYMB", self.symbol.as_str().to_owned()),
        ])
    }
}

impl Query for OneQuote<'_> {
    type Answer = Quote;
    const SLOT: SlotKind = SlotKind::Read;

    fn read(&self, answer: &Answer<'_>) -> Result<Quote, Nonsense> {
        let rows = wire::rows(answer.body, "output", MayBeAbsent::No)?;
        let [row] = rows[..] else { return Err(Nonsense(words::quote_not_one_row())) };
        let is_ours = names(wire::description(row, "rsym"), self.exchange, self.symbol);
        Ok(quote(is_ours.then_some(row), self.exchange, self.symbol, answer.arrived_at))
    }
}

/// 해외주식 복수종목 시세조회, GET `/uapi/overseas-price/v1/quotations/multprice`, real HHDFS76220000, not offered on
/// paper (portal workbook of 2026-06-03).
///
/// Oddities: at most ten symbols, in numbered fields of which the unused ones are sent blank. Rows are matched by
/// symbol and exchange, not by position. There is no official sample.
pub(crate) struct ManyQuotes<'a> {
    pub(crate) wanted: &'a [(Exchange, Symbol)],
}

const EXCHANGE_FIELDS: [&str; QUOTES_AT_ONCE] =
    ["EXCD_01", "EXCD_02", "EXCD_03", "EXCD_04", "EXCD_05", "EXCD_06", "EXCD_07", "EXCD_08", "EXCD_09", "EXCD_10"];
const SYMBOL_FIELDS: [&str; QUOTES_AT_ONCE] =
    ["SYMB_01", "SYMB_02", "SYMB_03", "SYMB_04", "SYMB_05", "SYMB_06", "SYMB_07", "SYMB_08", "SYMB_09", "SYMB_10"];

impl Endpoint for ManyQuotes<'_> {
    const PATH: &'static str = "/uapi/overseas-price/v1/quotations/multprice";

    /// Paper does not offer it; the gateway asks paper for one symbol at a time.
    fn tr_id(&self, _: Mode) -> &'static str {
        "HHDFS76220000"
    }

    fn payload(&self, _: Mode, _: &AccountNumber) -> Payload {
        let mut fields: Fields = vec![("AUTH", String::new()), ("NREC", self.wanted.len().to_string())];
        for (slot, (exchange_field, symbol_field)) in EXCHANGE_FIELDS.into_iter().zip(SYMBOL_FIELDS).enumerate() {
            let wanted = self.wanted.get(slot);
            let exchange = wanted.map(|(exchange, _)| wire::quote_code(*exchange)).unwrap_or_default();
            let symbol = wanted.map(|(_, symbol)| symbol.as_str()).unwrap_or_default();
            fields.push((exchange_field, exchange.to_owned()));
            fields.push((symbol_field, symbol.to_owned()));
        }
        Payload::Query(fields)
    }
}

impl Query for ManyQuotes<'_> {
    type Answer = Vec<Quote>;
    const SLOT: SlotKind = SlotKind::Read;

    fn read(&self, answer: &Answer<'_>) -> Result<Vec<Quote>, Nonsense> {
        let rows = wire::rows(answer.body, "output2", MayBeAbsent::No)?;
        let quotes = self.wanted.iter().map(|(exchange, symbol)| {
            let row = rows.iter().find(|row| is_row_of(row, *exchange, symbol));
            quote(row.copied(), *exchange, symbol, answer.arrived_at)
        });
        Ok(quotes.collect())
    }
}

fn is_row_of(row: &Object<'_>, exchange: Exchange, symbol: &Symbol) -> bool {
    let code = wire::description(row, "excd");
    wire::description(row, "symb") == symbol.as_str()
        && (code.is_empty() || code == wire::quote_code(exchange))
        && names(wire::description(row, "rsym"), exchange, symbol)
}

/// Reports whether KIS's full name of a listing (`DNASNVDA`: delay, exchange, symbol) is this one. A blank name fits all.
fn names(rsym: &str, exchange: Exchange, symbol: &Symbol) -> bool {
    let named = rsym.get(1..4).zip(rsym.get(4..));
    rsym.is_empty() || named == Some((wire::quote_code(exchange), symbol.as_str()))
}

fn quote(row: Option<&Object<'_>>, exchange: Exchange, symbol: &Symbol, read_at: Duration) -> Quote {
    // A number in another currency is no price; not every answer names one.
    let row = row.filter(|row| matches!(wire::description(row, "curr"), "" | "USD"));
    Quote {
        symbol: symbol.clone(),
        exchange,
        last: row.and_then(|row| positive(row, "last")),
        base: row.and_then(|row| positive(row, "base")),
        traded_today: row.is_none_or(is_traded),
        read_at,
    }
}

fn positive(row: &Object<'_>, key: &str) -> Option<Usd> {
    wire::read_decimal(wire::description(row, key)).map(Usd).filter(|price| price.is_positive())
}

/// Volume zero, or sign 0, means: no trade of this session yet. A missing volume decides nothing.
fn is_traded(row: &Object<'_>) -> bool {
    let volume = wire::read_decimal(wire::description(row, "tvol"));
    let nothing_sold = volume.is_some_and(|volume| volume.is_zero());
    !nothing_sold && wire::description(row, "sign") != "0"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kis::testing::{self, symbol, usd};

    const TRADING: &str = include_str!("../../tests/fixtures/HHDFS00000300_trading.json");
    const BEFORE: &str = include_str!("../../tests/fixtures/HHDFS00000300_before_first_trade.json");
    const NOT_LISTED: &str = include_str!("../../tests/fixtures/HHDFS00000300_not_listed.json");
    const TWO: &str = include_str!("../../tests/fixtures/HHDFS76220000_two.json");

    fn read(body: &str) -> Quote {
        let symbol = symbol("ZZZQ");
        testing::read(&OneQuote { exchange: Exchange::Nasdaq, symbol: &symbol }, Mode::Paper, "", body).unwrap()
    }

    #[test]
    fn reads_a_price_and_when_it_came() {
        let quote = read(TRADING);
        assert_eq!((quote.last, quote.base), (Some(usd("103.22")), Some(usd("101.5"))));
        assert_eq!((quote.traded_today, quote.read_at), (true, Duration::from_secs(7)));
        assert!(quote.price().is_some());
    }

    #[test]
    fn before_the_first_trade_nothing_is_known() {
        assert_eq!(read(BEFORE).price(), None);
        assert!(read(BEFORE).is_listed());
        for (from, to, traded) in [
            ("\"tvol\": \"833120\"", "\"tvol\": \"0\"", false),
            ("\"tvol\": \"833120\"", "\"tvol\": \"0.0000\"", false),
            ("\"tvol\": \"833120\"", "\"tvol\": \"\"", true),
            ("\"tvol\": \"833120\"", "\"tvol\": 0", true),
            ("\"tvol\": \"833120\",", "", true),
            ("\"sign\": \"2\"", "\"sign\": \"0\"", false),
            ("\"sign\": \"2\"", "\"sign\": \"\"", true),
        ] {
            let body = TRADING.replace("\":\"", "\": \"").replace("\", \"", "\",\"");
            assert!(body.contains(from), "{from}");
            assert_eq!(read(&body.replace(from, to)).traded_today, traded, "{to}");
        }
    }

    #[test]
    fn a_price_that_is_none_is_unknown_and_no_failure() {
        assert!(!read(NOT_LISTED).is_listed());
        for odd in ["\"\"", "\"0\"", "\"0.0000\"", "\"-1\"", "\"1,000\"", "\"abc\"", "103.22", "null", "[]"] {
            let quote = read(&TRADING.replace("\"103.2200\"", odd));
            assert_eq!((quote.last, quote.base), (None, Some(usd("101.5"))), "{odd}");
        }
    }

    #[test]
    fn a_row_about_another_listing_is_not_believed() {
        for other in ["DNASYYYN", "DNYSZZZQ", "DNASZZZ", "NASZZZQ", "지", "D"] {
            let quote = read(&TRADING.replace("DNASZZZQ", other));
            assert_eq!((quote.last, quote.base, quote.traded_today), (None, None, true), "{other}");
        }
    }

    #[test]
    fn matches_rows_by_name_and_keeps_the_wanted_order() {
        let wanted = [
            (Exchange::Nyse, symbol("YYYN")),
            (Exchange::Amex, symbol("ZZZQ")),
            (Exchange::Nasdaq, symbol("ZZZQ")),
            (Exchange::Nasdaq, symbol("GONE")),
        ];
        let quotes = testing::read(&ManyQuotes { wanted: &wanted }, Mode::Real, "", TWO).unwrap();
        let found: Vec<_> = quotes.iter().map(|quote| (quote.symbol.as_str(), quote.last)).collect();
        let price = Some(usd("103.22"));
        assert_eq!(found, [("YYYN", None), ("ZZZQ", None), ("ZZZQ", price), ("GONE", None)]);
    }

    #[test]
    fn a_price_in_another_currency_is_unknown() {
        let wanted = [(Exchange::Nasdaq, symbol("ZZZQ"))];
        for (currency, last) in [("USD", Some(usd("103.22"))), ("", Some(usd("103.22"))), ("HKD", None), ("usd", None)]
        {
            let body = TWO.replace("\"curr\": \"USD\"", &format!("\"curr\": \"{currency}\""));
            assert!(body.contains(&format!("\"curr\": \"{currency}\"")), "{body}");
            let quotes = testing::read(&ManyQuotes { wanted: &wanted }, Mode::Real, "", &body).unwrap();
            assert_eq!(quotes[0].last, last, "{currency}");
        }
    }

    #[test]
    fn ten_slots_are_sent_and_the_unused_are_blank() {
        let wanted = [(Exchange::Amex, symbol("SOXL"))];
        let query = ManyQuotes { wanted: &wanted };
        let account = AccountNumber::parse("99999999-01").unwrap();
        let Payload::Query(fields) = query.payload(Mode::Real, &account) else { panic!("a query") };
        assert_eq!(fields.len(), 22);
        for (key, value) in [("NREC", "1"), ("EXCD_01", "AMS"), ("SYMB_01", "SOXL"), ("EXCD_10", ""), ("SYMB_10", "")] {
            assert!(fields.contains(&(key, value.to_owned())), "{key}");
        }
    }
}
