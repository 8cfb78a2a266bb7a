//! 해외주식 잔고, `GET …/trading/inquire-balance`, TTTS3012R / VTTS3012R.
//!
//! No cash here. Rows may lag fills, end in blank rows, and say little about the listing exchange on paper.

use crate::account_id::AccountId;
use crate::exchange::Exchange;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::odd_rows;
use crate::gateway::paging;
use crate::mode::Mode;
use crate::position::Position;
use crate::quirks::BalanceScope;
use crate::wire::answer::{Answer, Completeness};
use crate::wire::format::{fixed, padded_context, percent};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use chrono::TimeDelta;
use rust_decimal::Decimal;

const PAGE_ROWS: usize = 100;

/// A holding as a balance shows it.
#[derive(Debug, Clone)]
pub struct Holding {
    /// Ticker.
    pub symbol: String,
    /// Korean name.
    pub name: String,
    /// Exchange it is shown under.
    pub exchange: Exchange,
    /// Shares.
    pub quantity: u64,
    /// Shares free to sell.
    pub sellable: u64,
    /// USD a share.
    pub average_cost: Decimal,
    /// USD a share; the average cost when nothing better is known.
    pub now_price: Decimal,
    /// `loan_type_cd`.
    pub loan_type: String,
}

impl Holding {
    /// USD paid.
    pub fn cost(&self) -> Decimal {
        Decimal::from(self.quantity) * self.average_cost
    }

    /// USD it is worth.
    pub fn value(&self) -> Decimal {
        Decimal::from(self.quantity) * self.now_price
    }
}

/// The answer.
///
/// # Errors
/// A missing query field or a foreign account.
pub fn balance(world: &World, call: &Call) -> Outcome {
    call.check_query_account()?;
    let (exchange, currency) = (call.query("OVRS_EXCG_CD")?, call.query("TR_CRCY_CD")?);
    let mut rows = holdings(world, call);
    rows.retain(|row| ["", "USD"].contains(&currency) && is_in_scope(world, call.mode(), exchange, row.exchange));
    if world.quirks.duplicate_holding {
        rows =
            rows.into_iter().flat_map(|row| [row.clone(), Holding { exchange: row.exchange.other(), ..row }]).collect();
    }
    let (number, product) = call.account.parts();
    let context = format!("{number}^{product}^{exchange}^{currency}^");
    let page_rows = world.quirks.page_rows.map_or(PAGE_ROWS, usize::from);
    let totals = totals(&rows);
    let rows = with_odd_rows(world, call, exchange, &rows);
    let page = paging::page_of(call, rows, page_rows, &context, |row| row.0.clone())?;
    let has_more = page.completeness == Completeness::More;
    let padding = if has_more { 0 } else { world.quirks.balance_padding_rows };
    let mut output: Vec<Node> = page.rows.into_iter().map(|row| row.1.into()).collect();
    output.extend((0..padding).map(|_| Node::from(blank_row())));
    let outputs = fields! {
        "ctx_area_fk200" => padded_context(if has_more { &context } else { "" }),
        "ctx_area_nk200" => page.next_key,
        "output1" => output,
        "output2" => totals,
    };
    let completeness =
        if page.completeness == Completeness::LastPage { Completeness::Complete } else { page.completeness };
    Ok(Answer::ledger(call.mode(), completeness, outputs).continued(page.continuation))
}

/// Rows with their paging keys. What is added shows under its exchange, or with `NASD` when it names no US one.
fn with_odd_rows(world: &World, call: &Call, asked: &str, holdings: &[Holding]) -> Vec<(String, Fields)> {
    let key_of = |row: &Holding| format!("{}^{}", row.exchange.trading_code(), row.symbol);
    let shown =
        |row: &Holding| Some((key_of(row), odd_rows::shown(world, call, "balance", row_fields(call.account, row))?));
    let mut rows: Vec<(String, Fields)> = holdings.iter().filter_map(shown).collect();
    rows.extend(odd_rows::added(world, call, "balance").into_iter().filter(|(_, row)| {
        let listed = Exchange::from_trading_code(odd_rows::text(row, "ovrs_excg_cd"));
        listed.map_or(["", "NASD"].contains(&asked), |listed| is_in_scope(world, call.mode(), asked, listed))
    }));
    rows
}

/// What the account holds as the balance shows it, by symbol.
pub fn holdings(world: &World, call: &Call) -> Vec<Holding> {
    let account = world.account(call.account);
    let seen_at = call.now - TimeDelta::seconds(i64::from(world.quirks.balance_lag_seconds));
    let positions = account.positions.iter().map(|(symbol, position)| {
        let (quantity, average_cost) = if world.quirks.balance_lag_seconds == 0 {
            position.without_late(call.now, position.quantity, position.average_cost)
        } else {
            position.as_of(seen_at)
        };
        let price = position.now_price.or_else(|| world.market.last(symbol, call.now));
        let price = price.or_else(|| world.market.known_price(symbol, call.now));
        Holding {
            symbol: symbol.clone(),
            name: world.market.name(symbol),
            exchange: position.exchange,
            quantity,
            sellable: account.sellable_of(symbol, position, quantity),
            average_cost,
            now_price: price.unwrap_or(average_cost),
            loan_type: loan_type(world, position),
        }
    });
    positions.filter(|holding| holding.quantity > 0).collect()
}

fn loan_type(world: &World, position: &Position) -> String {
    if world.quirks.loan_type_blank { String::new() } else { position.loan_type.clone() }
}

/// Blank is all. Real: `NASD` is all of the US and `NAS` NASDAQ alone. Paper shows every row under each of the three codes,
/// or by switch what its portal page says: each code its own.
fn is_in_scope(world: &World, mode: Mode, asked: &str, listed: Exchange) -> bool {
    let is_us = asked == "NAS" || Exchange::from_trading_code(asked).is_some();
    let is_own = listed.trading_code() == asked;
    match mode {
        _ if asked.is_empty() => true,
        Mode::Paper if world.quirks.paper_balance_scope == BalanceScope::All => is_us,
        Mode::Paper => is_own,
        Mode::Real if asked == "NAS" => listed == Exchange::Nasdaq,
        Mode::Real => is_own || asked == "NASD",
    }
}

fn row_fields(account: AccountId, row: &Holding) -> Fields {
    let (number, product) = account.parts();
    let profit = row.value() - row.cost();
    fields! {
        "cano" => number, "acnt_prdt_cd" => product, "prdt_type_cd" => row.exchange.product_type(),
        "ovrs_pdno" => row.symbol.as_str(), "ovrs_item_name" => row.name.as_str(),
        "frcr_evlu_pfls_amt" => fixed(profit, 6), "evlu_pfls_rt" => fixed(percent(profit, row.cost()), 2),
        "pchs_avg_pric" => fixed(row.average_cost, 4), "ovrs_cblc_qty" => row.quantity, "ord_psbl_qty" => row.sellable,
        "frcr_pchs_amt1" => fixed(row.cost(), 5), "ovrs_stck_evlu_amt" => fixed(row.value(), 8),
        "now_pric2" => fixed(row.now_price, 6), "tr_crcy_cd" => "USD", "ovrs_excg_cd" => row.exchange.trading_code(),
        "loan_type_cd" => row.loan_type.as_str(), "loan_dt" => "", "expd_dt" => "",
    }
}

fn blank_row() -> Fields {
    fields! {
        "cano" => "", "acnt_prdt_cd" => "", "prdt_type_cd" => "", "ovrs_pdno" => "", "ovrs_item_name" => "",
        "frcr_evlu_pfls_amt" => "0.000000", "evlu_pfls_rt" => "0.00", "pchs_avg_pric" => "0.0000", "ovrs_cblc_qty" => "0",
        "ord_psbl_qty" => "0", "frcr_pchs_amt1" => "0.00000", "ovrs_stck_evlu_amt" => "0.00000000",
        "now_pric2" => "0.000000", "tr_crcy_cd" => "", "ovrs_excg_cd" => "", "loan_type_cd" => "", "loan_dt" => "", "expd_dt" => "",
    }
}

/// `tot_evlu_pfls_amt` is the valuation, whatever its name says.
fn totals(rows: &[Holding]) -> Fields {
    let cost: Decimal = rows.iter().map(Holding::cost).sum();
    let value: Decimal = rows.iter().map(Holding::value).sum();
    fields! {
        "frcr_pchs_amt1" => fixed(cost, 5), "ovrs_rlzt_pfls_amt" => "0.00000", "ovrs_tot_pfls" => fixed(value - cost, 5),
        "rlzt_erng_rt" => "0.00000000", "tot_evlu_pfls_amt" => fixed(value, 8), "tot_pftrt" => fixed(percent(value - cost, cost), 8),
        "frcr_buy_amt_smtl1" => "0.000000", "ovrs_rlzt_pfls_amt2" => "0.00000", "frcr_buy_amt_smtl2" => "0.000000",
    }
}
