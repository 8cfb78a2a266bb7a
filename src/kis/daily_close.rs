//! The close of one past session.

use chrono::NaiveDate;

use crate::domain::{AccountNumber, CloseUnits, Exchange, Mode, Symbol, Usd};
use crate::kis::endpoint::{Answer, Endpoint, Payload, Query};
use crate::kis::error::Nonsense;
use crate::kis::rate_slot::SlotKind;
use crate::kis::wire::{self, MayBeAbsent};

/// 해외주식 기간별시세, GET `/uapi/overseas-price/v1/quotations/dailyprice`, HHDFS76240000 on real and paper (portal
/// workbook of 2026-06-03).
///
/// Oddities: newest first, the running session included; rows of blanks may follow. A symbol that the asked exchange does
/// not list is answered with success and no rows. An adjusted price (`MODP` 1) hides a split, but beside the raw one (0) it
/// shows one.
pub(crate) struct DailyClose<'a> {
    pub(crate) exchange: Exchange,
    pub(crate) symbol: &'a Symbol,
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
    type Answer = Option<Usd>;
    const SLOT: SlotKind = SlotKind::Read;

    fn read(&self, answer: &Answer<'_>) -> Result<Option<Usd>, Nonsense> {
        let date = wire::date_text(self.date);
        let rows = wire::rows(answer.body, "output2", MayBeAbsent::No)?;
        let row = rows.into_iter().find(|row| wire::description(row, "xymd") == date);
        let close = row.and_then(|row| wire::read_decimal(wire::description(row, "clos")));
        Ok(close.map(Usd).filter(|close| close.is_positive()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kis::testing::{self, symbol, usd};

    const TWO_DAYS: &str = include_str!("../../tests/fixtures/HHDFS76240000_two_days.json");

    fn close(date: &str, body: &str) -> Result<Option<Usd>, Nonsense> {
        let (symbol, date, units) = (symbol("ZZZQ"), date.parse().unwrap(), CloseUnits::Raw);
        testing::read(&DailyClose { exchange: Exchange::Nasdaq, symbol: &symbol, date, units }, Mode::Real, "", body)
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
}
