//! The closes of past sessions, and their whole bars.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{AccountNumber, CloseUnits, DailyBar, Exchange, Mode, Symbol, Usd};
use crate::kis::endpoint::{Answer, Endpoint, Payload, Query};
use crate::kis::error::Nonsense;
use crate::kis::json::Object;
use crate::kis::rate_slot::SlotKind;
use crate::kis::wire::{self, MayBeAbsent};
use crate::ordered::Ordered;

/// 해외주식 기간별시세, GET `/uapi/overseas-price/v1/quotations/dailyprice`, HHDFS76240000 on real and paper (portal
/// workbook of 2026-06-03).
///
/// Oddities: newest first, the running session included; rows of blanks may follow. A symbol that the asked exchange does
/// not list is answered with success and no rows. An adjusted price (`MODP` 1) hides a split, but beside the raw one (0) it
/// shows one.
pub(crate) struct DailyClose<'a> {
    pub(crate) exchange: Exchange,
    pub(crate) symbol: &'a Symbol,
    /// The latest date wanted.
    pub(crate) date: NaiveDate,
    pub(crate) units: CloseUnits,
}

impl Endpoint for DailyClose<'_> {
    const PATH: &'static str = "/uapi/overseas-price/v1/quotations/dailyprice";

    fn tr_id(&self, _: Mode) -> &'static str {
        "HHDFS76240000"
    }

    fn payload(&self, _: Mode, _: &AccountNumber) -> Payload {
        let adjusted = match self.units {
            CloseUnits::Raw => "0",
            CloseUnits::Adjusted => "1",
        };
        Payload::Query(vec![
            ("AUTH", String::new()),
            ("EXCD", wire::quote_code(self.exchange).to_owned()),
            ("SYMB", self.symbol.as_str().to_owned()),
            ("GUBN", "0".to_owned()),
            ("BYMD", wire::date_text(self.date)),
            ("MODP", adjusted.to_owned()),
            ("KEYB", String::new()),
        ])
    }
}

impl Query for DailyClose<'_> {
    /// By date, as far as this answer goes back: up to 100 sessions.
    type Answer = BTreeMap<NaiveDate, Usd>;
    const SLOT: SlotKind = SlotKind::Read;

    fn read(&self, answer: &Answer<'_>) -> Result<BTreeMap<NaiveDate, Usd>, Nonsense> {
        let rows = wire::rows(answer.body, "output2", MayBeAbsent::No)?;
        // A row without a readable close is left out: whoever needs its date sees that it is missing.
        let close = |row: &Object<'_>| {
            let close = wire::read_decimal(wire::description(row, "clos")).map(Usd).filter(|close| close.is_positive());
            wire::date(row, "xymd").ok().filter(|date| *date <= self.date).zip(close)
        };
        Ok(rows.into_iter().filter_map(close).ordered())
    }
}

/// The same request, of whose answer the whole bars are read.
pub(crate) struct DailyBars<'a>(pub(crate) DailyClose<'a>);

impl Endpoint for DailyBars<'_> {
    const PATH: &'static str = DailyClose::PATH;

    fn tr_id(&self, mode: Mode) -> &'static str {
        self.0.tr_id(mode)
    }

    fn payload(&self, mode: Mode, account: &AccountNumber) -> Payload {
        self.0.payload(mode, account)
    }
}

impl Query for DailyBars<'_> {
    /// By date, as far as this answer goes back: up to 100 sessions.
    type Answer = BTreeMap<NaiveDate, DailyBar>;
    const SLOT: SlotKind = SlotKind::Read;

    fn read(&self, answer: &Answer<'_>) -> Result<BTreeMap<NaiveDate, DailyBar>, Nonsense> {
        let rows = wire::rows(answer.body, "output2", MayBeAbsent::No)?;
        // A row that can't be read is left out: its session shows as missing.
        let bar = |row: &Object<'_>| {
            let number = |name| wire::read_decimal(wire::description(row, name));
            let price = |name| number(name).map(|price| Usd(price.normalize())).filter(|price| price.is_positive());
            let date = wire::date(row, "xymd").ok().filter(|date| *date <= self.0.date)?;
            let (open, high, low, close) = (price("open")?, price("high")?, price("low")?, price("clos")?);
            let volume = number("tvol").and_then(|shares| shares.to_u64()).unwrap_or(0);
            Some((date, DailyBar { date, open, high, low, close, volume }))
        };
        Ok(rows.into_iter().filter_map(bar).ordered())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kis::testing::{self, symbol, usd};

    const TWO_DAYS: &str = include_str!("../../tests/fixtures/HHDFS76240000_two_days.json");

    fn close(date: &str, body: &str) -> Result<Option<Usd>, Nonsense> {
        let (symbol, date, units) = (symbol("ZZZQ"), date.parse().unwrap(), CloseUnits::Raw);
        let asked = DailyClose { exchange: Exchange::Nasdaq, symbol: &symbol, date, units };
        testing::read(&asked, Mode::Real, "", body).map(|closes| closes.get(&date).copied())
    }

    #[test]
    fn reads_the_close_of_its_date_and_no_other() {
        assert_eq!(close("2026-03-09", TWO_DAYS), Ok(Some(usd("101.5"))));
        assert_eq!(close("2026-03-10", TWO_DAYS), Ok(Some(usd("103.22"))));
        assert_eq!(close("2026-03-06", TWO_DAYS), Ok(None));
        for odd in ["", "0.0000", "-1", "abc"] {
            assert_eq!(close("2026-03-09", &TWO_DAYS.replace("101.5000", odd)), Ok(None), "{odd}");
        }
    }

    #[test]
    fn a_symbol_without_rows_has_no_close_and_an_answer_without_its_list_is_none() {
        let nothing = r#"{"rt_cd":"0","msg_cd":"MCA00000","output1":{"rsym":"","zdiv":"","nrec":""},"output2":[]}"#;
        assert_eq!(close("2026-03-09", nothing), Ok(None));
        assert!(close("2026-03-09", r#"{"rt_cd":"0","msg_cd":"MCA00000","output1":{}}"#).is_err());
    }

    #[test]
    fn reads_whole_bars_and_leaves_out_what_is_none() {
        let (symbol, date) = (symbol("ZZZQ"), "2026-03-10".parse().unwrap());
        let read = |body: &str| {
            let close = DailyClose { exchange: Exchange::Nasdaq, symbol: &symbol, date, units: CloseUnits::Adjusted };
            testing::read(&DailyBars(close), Mode::Real, "", body).unwrap()
        };
        let bars = read(TWO_DAYS);
        let [open, high, low, close] = ["101.9", "103.88", "101.2", "103.22"].map(usd);
        assert_eq!(bars[&date], DailyBar { date, open, high, low, close, volume: 833_120 });
        assert_eq!(bars.len(), 2);
        assert_eq!(read(&TWO_DAYS.replace("103.8800", "")).len(), 1);
    }
}
