//! 해외결제일자조회, `GET …/overseas-stock/v1/quotations/countries-holiday`, CTOS5011R (real only).
//!
//! When trades of a date settle, a row an exchange; a date without trading in New York has none.

use crate::calendar;
use crate::exchange::Exchange;
use crate::gateway::call::{Call, Outcome};
use crate::wire::answer::{Answer, Completeness};
use crate::wire::format::date;
use crate::wire::json::{Fields, Node, fields};
use chrono::{Datelike, NaiveDate, Weekday};

/// The answer.
///
/// # Errors
/// A missing query field, or a date that is none.
pub fn settlement_days(call: &Call) -> Outcome {
    let day = call.query_date("TRAD_DT")?;
    for name in ["CTX_AREA_NK", "CTX_AREA_FK"] {
        call.query(name)?;
    }
    let exchanges = calendar::session_on(day).map(|_| [Exchange::Nasdaq, Exchange::Nyse, Exchange::Amex]);
    let rows: Vec<Node> = exchanges.into_iter().flatten().map(|exchange| Node::from(row(exchange, day))).collect();
    let completeness = if rows.is_empty() { Completeness::Empty } else { Completeness::Complete };
    let outputs = fields! { "ctx_area_nk" => "", "ctx_area_fk" => "", "output" => rows };
    Ok(Answer::ledger(call.mode(), completeness, outputs))
}

fn row(exchange: Exchange, day: NaiveDate) -> Fields {
    // A session later in New York, and in Korea the weekday after that.
    let local = calendar::trading_days_after(day, 1);
    let is_weekday = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let korean = local.iter_days().skip(1).find(is_weekday).unwrap_or(local);
    fields! {
        "prdt_type_cd" => exchange.product_type(), "tr_natn_cd" => "840", "tr_natn_name" => "미국", "natn_eng_abrv_cd" => "US",
        "tr_mket_cd" => exchange.market_code(), "tr_mket_name" => exchange.korean_name(), "acpl_sttl_dt" => date(local),
        "dmst_sttl_dt" => date(korean),
    }
}
