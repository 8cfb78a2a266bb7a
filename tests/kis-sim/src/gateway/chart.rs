//! 해외주식 종목/지수/환율기간별시세, `GET …/quotations/inquire-daily-chartprice`, FHKST03030100 (both).
//!
//! Serves the won's exchange rate, which never changes, and stocks that have bars. Indices and ETFs have no rows.

use crate::bars::Bar;
use crate::calendar;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::daily_price::{self, Period};
use crate::gateway::quotes::WON_PER_DOLLAR;
use crate::wire::answer::Answer;
use crate::wire::format::{date, fixed, movement};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use chrono::NaiveDate;
use rust_decimal::Decimal;

const ROWS: usize = 100;
/// Won for a dollar, among the symbols of exchange rates.
const DOLLAR: &str = "FX@KRW";

/// The answer: newest first. Without a row it is blank.
///
/// # Errors
/// A missing query field, a date that is none, or a market or period that is not served.
pub fn chart(world: &World, call: &Call) -> Outcome {
    let (market, symbol) = (call.filled_query("FID_COND_MRKT_DIV_CODE")?, call.filled_query("FID_INPUT_ISCD")?);
    let (from, to) = (call.query_date("FID_INPUT_DATE_1")?, call.query_date("FID_INPUT_DATE_2")?);
    let period = match call.filled_query("FID_PERIOD_DIV_CODE")? {
        "D" => Period::Day,
        "W" => Period::Week,
        "M" => Period::Month,
        "Y" => Period::Year,
        _ => return Err(Answer::refusal("OPSQ2002")),
    };
    let mut bars = match market {
        "X" if symbol == DOLLAR => rates(from, to.min(calendar::new_york_date(call.now))),
        "N" if !world.market.is_fund(symbol) => world.market.adjusted_bars(symbol, call.now),
        _ => Vec::new(),
    };
    bars.retain(|bar| (from..=to).contains(&bar.date));
    let mut bars = daily_price::merged(bars, period);
    bars.truncate(ROWS);
    let places = if market == "X" { 2 } else { 4 };
    let head = bars.first().map_or_else(Fields::new, |newest| head(world, symbol, newest, bars.get(1), places));
    let rows: Vec<Node> = bars.iter().map(|bar| Node::from(row(bar, places))).collect();
    Ok(Answer::quote(fields! { "output1" => head, "output2" => rows }))
}

/// A day of the one rate for each weekday, the newest first.
fn rates(from: NaiveDate, to: NaiveDate) -> Vec<Bar> {
    let days = std::iter::successors(Some(to), NaiveDate::pred_opt).take_while(|day| *day >= from);
    let rate = WON_PER_DOLLAR;
    let bar = |date| Bar { date, open: rate, high: rate, low: rate, close: rate, volume: 0 };
    days.filter(|day| calendar::session_on(*day).is_some()).map(bar).collect()
}

fn head(world: &World, symbol: &str, newest: &Bar, before: Option<&Bar>, places: u32) -> Fields {
    let base = before.map_or(newest.open, |bar| bar.close);
    let (sign, diff, rate) = movement(newest.close, base, newest.volume.max(1));
    let name = if symbol == DOLLAR { "원/달러".to_owned() } else { world.market.name(symbol) };
    fields! {
        "ovrs_nmix_prdy_vrss" => diff, "prdy_vrss_sign" => sign, "prdy_ctrt" => rate.trim(), "ovrs_nmix_prdy_clpr" => fixed(base, places),
        "acml_vol" => newest.volume, "hts_kor_isnm" => name, "ovrs_nmix_prpr" => fixed(newest.close, places), "stck_shrn_iscd" => symbol,
        "prdy_vol" => before.map_or(0, |bar| bar.volume), "ovrs_prod_oprc" => fixed(newest.open, places),
        "ovrs_prod_hgpr" => fixed(newest.high, places), "ovrs_prod_lwpr" => fixed(newest.low, places),
    }
}

fn row(bar: &Bar, places: u32) -> Fields {
    let price = |price: Decimal| fixed(price, places);
    fields! {
        "stck_bsop_date" => date(bar.date), "ovrs_nmix_prpr" => price(bar.close), "ovrs_nmix_oprc" => price(bar.open),
        "ovrs_nmix_hgpr" => price(bar.high), "ovrs_nmix_lwpr" => price(bar.low), "acml_vol" => bar.volume, "mod_yn" => "N",
    }
}
