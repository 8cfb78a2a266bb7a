//! What an account traded: 해외주식 기간손익, `GET …/trading/inquire-period-profit`, TTTS3039R, and 해외주식 일별거래내역, `GET
//! …/trading/inquire-period-trans`, CTOS4001R (both real only).
//!
//! Costs are replayed from the fills; shares that no fill bought cost what the account says today. Both show a fill from the day after.

use crate::calendar;
use crate::exchange::Exchange;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::paging::{self, KEYS_OF_100};
use crate::gateway::quotes::WON_PER_DOLLAR;
use crate::mode::Mode;
use crate::orders::{Fill, Side, cost_of};
use crate::wire::answer::Answer;
use crate::wire::format::{date, fixed, padded_context, percent};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const PAGE_ROWS: usize = 50;
/// Trades settle a session later in New York.
const SETTLES_AFTER: usize = 1;

/// A sale with what its shares had cost.
struct Sale<'a> {
    fill: &'a Fill,
    day: NaiveDate,
    cost: Decimal,
}

impl Sale<'_> {
    fn bought(&self) -> Decimal {
        self.cost * Decimal::from(self.fill.quantity)
    }

    fn sold(&self) -> Decimal {
        value(self.fill)
    }

    fn profit(&self) -> Decimal {
        self.sold() - self.bought()
    }
}

/// 기간손익.
///
/// # Errors
/// A missing query field, a foreign account, a date that is none, or a division code that means nothing.
pub fn period_profit(world: &World, call: &Call) -> Outcome {
    call.check_query_account()?;
    for name in ["NATN_CD", "CRCY_CD"] {
        call.query(name)?;
    }
    let (exchange, symbol) = (call.query("OVRS_EXCG_CD")?, call.query("PDNO")?);
    let (from, to) = (call.query_date("INQR_STRT_DT")?, call.query_date("INQR_END_DT")?);
    let factor = match call.filled_query("WCRC_FRCR_DVSN_CD")? {
        "01" => Decimal::ONE,
        "02" => WON_PER_DOLLAR,
        _ => return Err(Answer::refusal("OPSQ2002")),
    };
    let mut sales = sales(world, call);
    sales.retain(|sale| (from..=to).contains(&sale.day) && is_asked(world, exchange, symbol, sale.fill));
    let totals = totals(world, &sales, factor, to);
    let rows: Vec<(String, Fields)> =
        sales.iter().map(|sale| (key_of(sale.fill), sale_row(world, sale, factor))).collect();
    let (number, product) = call.account.parts();
    let context = format!("{number}^{product}^{exchange}^{symbol}^{}^{}^", date(from), date(to));
    let page = paging::page_of(call, rows, page_rows(world), &context, |row| row.0.clone())?;
    let rows: Vec<Node> = page.rows.into_iter().map(|row| row.1.into()).collect();
    let outputs = fields! {
        "ctx_area_fk200" => padded_context(&context), "ctx_area_nk200" => page.next_key, "output1" => rows, "output2" => totals,
    };
    Ok(Answer::ledger(call.mode(), page.completeness, outputs).continued(page.continuation))
}

/// 일별거래내역.
///
/// # Errors
/// A missing query field, a foreign account, or a date that is none.
pub fn period_transactions(world: &World, call: &Call) -> Outcome {
    call.check_query_account()?;
    let (from, to) = (call.query_date("ERLM_STRT_DT")?, call.query_date("ERLM_END_DT")?);
    let (exchange, symbol, side) = (call.query("OVRS_EXCG_CD")?, call.query("PDNO")?, call.query("SLL_BUY_DVSN_CD")?);
    call.query("LOAN_DVSN_CD")?;
    let is_side = |fill: &&Fill| ["", "00", fill.side.code()].contains(&side);
    let fills = settled_fills(world, call).filter(is_side);
    let fills = fills.filter(|fill| (from..=to).contains(&day_of(fill)) && is_asked(world, exchange, symbol, fill));
    let fills: Vec<&Fill> = fills.collect();
    let sum = |side: Side| fills.iter().filter(|fill| fill.side == side).map(|fill| value(fill)).sum::<Decimal>();
    let fees: Decimal = fills.iter().map(|fill| fee(world, fill)).sum();
    let totals = fields! {
        "frcr_buy_amt_smtl" => fixed(sum(Side::Buy), 6), "frcr_sll_amt_smtl" => fixed(sum(Side::Sell), 6),
        "dmst_fee_smtl" => fixed(fees, 5), "ovrs_fee_smtl" => "0.00000",
    };
    let (number, product) = call.account.parts();
    let context = format!("{number}!^{product}!^{}!^{}!^", date(from), date(to));
    let page = paging::page_by(KEYS_OF_100, call, fills, page_rows(world), &context, |fill| key_of(fill))?;
    let rows: Vec<Node> = page.rows.iter().map(|fill| Node::from(transaction(world, fill))).collect();
    let outputs = fields! {
        "ctx_area_fk100" => context.as_str(), "ctx_area_nk100" => page.next_key.trim_end(), "output1" => rows, "output2" => totals,
    };
    Ok(Answer::ledger(call.mode(), page.completeness, outputs).continued(page.continuation))
}

fn settled_fills<'a>(world: &'a World, call: &Call) -> impl Iterator<Item = &'a Fill> {
    let today = calendar::new_york_date(call.now);
    world.account(call.account).fills.iter().filter(move |fill| day_of(fill) < today)
}

fn sales<'a>(world: &'a World, call: &Call) -> Vec<Sale<'a>> {
    let mut lots: BTreeMap<&str, (u64, Decimal)> = BTreeMap::new();
    let mut sales = Vec::new();
    for fill in settled_fills(world, call) {
        let (held, cost) = lots.entry(&fill.symbol).or_default();
        match fill.side {
            Side::Buy => {
                let spent = *cost * Decimal::from(*held) + value(fill);
                *held += fill.quantity;
                *cost = spent.checked_div(Decimal::from(*held)).unwrap_or_default();
            }
            Side::Sell => {
                let known = if *held > 0 { Some(*cost) } else { None };
                let today =
                    || world.account(call.account).positions.get(&fill.symbol).map(|position| position.average_cost);
                let cost = known.or_else(today).unwrap_or(fill.price);
                *held = held.saturating_sub(fill.quantity);
                sales.push(Sale { fill, day: day_of(fill), cost });
            }
        }
    }
    sales
}

fn sale_row(world: &World, sale: &Sale, factor: Decimal) -> Fields {
    let fill = sale.fill;
    fields! {
        "trad_day" => date(sale.day), "ovrs_pdno" => fill.symbol.as_str(), "ovrs_item_name" => world.market.name(&fill.symbol),
        "slcl_qty" => fill.quantity, "pchs_avg_pric" => fixed(sale.cost * factor, 8), "frcr_pchs_amt1" => fixed(sale.bought() * factor, 5),
        "avg_sll_unpr" => fixed(fill.price * factor, 8), "frcr_sll_amt_smtl1" => fixed(sale.sold() * factor, 6), "stck_sll_tlex" => fixed(fee(world, fill) * factor, 8),
        "ovrs_rlzt_pfls_amt" => fixed(sale.profit() * factor, 5), "pftrt" => fixed(percent(sale.profit(), sale.bought()), 8),
        "exrt" => fixed(WON_PER_DOLLAR, 8), "ovrs_excg_cd" => exchange_of(world, fill).trading_code(), "frst_bltn_exrt" => fixed(WON_PER_DOLLAR, 8),
    }
}

fn totals(world: &World, sales: &[Sale], factor: Decimal, to: NaiveDate) -> Fields {
    let sold: Decimal = sales.iter().map(Sale::sold).sum();
    let bought: Decimal = sales.iter().map(Sale::bought).sum();
    let fees: Decimal = sales.iter().map(|sale| fee(world, sale.fill)).sum();
    fields! {
        "stck_sll_amt_smtl" => fixed(sold * factor, 5), "stck_buy_amt_smtl" => fixed(bought * factor, 5), "smtl_fee1" => fixed(fees * factor, 6),
        "excc_dfrm_amt" => fixed(sold * factor, 5), "ovrs_rlzt_pfls_tot_amt" => fixed((sold - bought) * factor, 5),
        "tot_pftrt" => fixed(percent(sold - bought, bought), 8), "bass_dt" => date(to), "exrt" => fixed(WON_PER_DOLLAR, 8),
    }
}

fn transaction(world: &World, fill: &Fill) -> Fields {
    let day = day_of(fill);
    let fee = fee(world, fill);
    let moved = if fill.side == Side::Buy { value(fill) + fee } else { value(fill) - fee };
    let name = if fill.side == Side::Buy { "매수" } else { "매도" };
    fields! {
        "trad_dt" => date(day), "sttl_dt" => date(calendar::trading_days_after(day, SETTLES_AFTER)), "sll_buy_dvsn_cd" => fill.side.code(),
        "sll_buy_dvsn_name" => name, "pdno" => fill.symbol.as_str(), "ovrs_item_name" => world.market.name(&fill.symbol),
        "ccld_qty" => fill.quantity, "amt_unit_ccld_qty" => fixed(Decimal::from(fill.quantity), 6), "ft_ccld_unpr2" => fixed(fill.price, 8),
        "ovrs_stck_ccld_unpr" => fixed(fill.price, 8), "tr_frcr_amt2" => fixed(value(fill), 6), "tr_amt" => fixed(value(fill) * WON_PER_DOLLAR, 0),
        "frcr_excc_amt_1" => fixed(moved, 6), "wcrc_excc_amt" => fixed(moved * WON_PER_DOLLAR, 0), "dmst_frcr_fee1" => fixed(fee, 5),
        "frcr_fee1" => "0.00000", "dmst_wcrc_fee" => fixed(fee * WON_PER_DOLLAR, 0), "ovrs_wcrc_fee" => "0", "crcy_cd" => "USD", "std_pdno" => "",
        "erlm_exrt" => fixed(WON_PER_DOLLAR, 6), "loan_dvsn_cd" => "00", "loan_dvsn_name" => "",
    }
}

fn is_asked(world: &World, exchange: &str, symbol: &str, fill: &Fill) -> bool {
    let is_exchange = ["", "%", "NASD", exchange_of(world, fill).trading_code()].contains(&exchange);
    is_exchange && ["", "%", fill.symbol.as_str()].contains(&symbol)
}

fn exchange_of(world: &World, fill: &Fill) -> Exchange {
    world.market.exchange(&fill.symbol).unwrap_or(Exchange::Nasdaq)
}

fn day_of(fill: &Fill) -> NaiveDate {
    calendar::new_york_date(fill.at)
}

/// What the account pays for it today.
fn fee(world: &World, fill: &Fill) -> Decimal {
    cost_of(value(fill), world.hold_percent(Mode::Real))
}

fn page_rows(world: &World) -> usize {
    world.quirks.page_rows.map_or(PAGE_ROWS, usize::from)
}

fn value(fill: &Fill) -> Decimal {
    fill.price * Decimal::from(fill.quantity)
}

fn key_of(fill: &Fill) -> String {
    format!("{}{}", fill.at.timestamp_millis(), fill.number)
}
