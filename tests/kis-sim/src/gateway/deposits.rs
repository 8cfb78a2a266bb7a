//! An account's money by currency and by settlement: 해외증거금 통화별조회, `GET …/trading/foreign-margin`, TTTC2101R, and 해외주식
//! 결제기준잔고, `GET …/trading/inquire-paymt-stdr-balance`, CTRP6010R (both real only).

use crate::calendar;
use crate::gateway::balance::{self, Holding};
use crate::gateway::buying_power;
use crate::gateway::call::{Call, Outcome};
use crate::gateway::quotes::WON_PER_DOLLAR;
use crate::orders::{Fill, Side};
use crate::wire::answer::{Answer, Completeness};
use crate::wire::format::{date, fixed, long_quantity, percent};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// 해외증거금 통화별조회: a row a currency. Hong Kong has three; only dollars are anything but zero.
///
/// # Errors
/// A missing query field or a foreign account.
pub fn by_currency(world: &World, call: &Call) -> Outcome {
    call.check_query_account()?;
    let account = world.account(call.account);
    let today = world.settled_until(call.now);
    let (sold, bought) = (account.unsettled_sales(today), account.unsettled_purchases(today));
    let power = buying_power::of_account(world, call.account, call.now);
    let dollars = [account.cash - sold + bought, bought, sold, power.usable, power.integrated];
    let nothing = [Decimal::ZERO; 5];
    let rows = [
        ("미국", "USD", dollars),
        ("홍콩", "HKD", nothing),
        ("홍콩", "CNY", nothing),
        ("홍콩", "USD", nothing),
        ("일본", "JPY", nothing),
    ];
    let rows: Vec<Node> = rows
        .into_iter()
        .map(|(nation, currency, amounts)| Node::from(currency_row(nation, currency, amounts)))
        .collect();
    let padding = (0..world.quirks.balance_padding_rows).map(|_| Node::from(currency_row("", "", nothing)));
    let rows: Vec<Node> = rows.into_iter().chain(padding).collect();
    Ok(Answer::ledger(call.mode(), Completeness::Complete, fields! { "output" => rows }))
}

fn currency_row(nation: &str, currency: &str, [deposit, bought, sold, orderable, integrated]: [Decimal; 5]) -> Fields {
    let rate = if currency == "USD" { WON_PER_DOLLAR } else { Decimal::ZERO };
    fields! {
        "natn_name" => nation, "crcy_cd" => currency, "frcr_dncl_amt1" => fixed(deposit, 2), "ustl_buy_amt" => fixed(bought, 2),
        "ustl_sll_amt" => fixed(sold, 2), "frcr_rcvb_amt" => "0.00", "frcr_mgn_amt" => "0.00", "frcr_gnrl_ord_psbl_amt" => fixed(orderable, 2),
        "frcr_ord_psbl_amt1" => fixed(integrated - orderable, 2), "itgr_ord_psbl_amt" => fixed(integrated, 2), "bass_exrt" => fixed(rate, 2),
    }
}

/// 결제기준잔고: holdings and money as they will have settled.
///
/// # Errors
/// A missing query field, a foreign account, a date that is none, or a division code that means nothing.
pub fn settled(world: &World, call: &Call) -> Outcome {
    call.check_query_account()?;
    let day = call.query_date("BASS_DT")?;
    let factor = match call.filled_query("WCRC_FRCR_DVSN_CD")? {
        "01" => WON_PER_DOLLAR,
        "02" => Decimal::ONE,
        _ => return Err(Answer::refusal("OPSQ2002")),
    };
    call.filled_query("INQR_DVSN_CD")?;
    let mut holdings = balance::holdings(world, call);
    let (mut cash, late) = (world.account(call.account).cash, settling_after(world, call, day));
    // The latest first: what was sold had been bought before.
    for fill in late.into_iter().rev() {
        let Some(holding) = holdings.iter_mut().find(|holding| holding.symbol == fill.symbol) else { continue };
        let amount = fill.price * Decimal::from(fill.quantity);
        match fill.side {
            Side::Buy => (holding.quantity, cash) = (holding.quantity.saturating_sub(fill.quantity), cash + amount),
            Side::Sell => (holding.quantity, cash) = (holding.quantity + fill.quantity, cash - amount),
        }
    }
    holdings.retain(|holding| holding.quantity > 0);
    let rows: Vec<Node> = holdings.iter().map(|holding| Node::from(row(holding, factor, &date(day)))).collect();
    let money: Fields = fields! {
        "crcy_cd" => "USD", "crcy_cd_name" => "미국 달러", "frcr_dncl_amt_2" => fixed(cash, 6),
        "frst_bltn_exrt" => fixed(WON_PER_DOLLAR, 8), "frcr_evlu_amt2" => fixed(cash * WON_PER_DOLLAR, 6),
    };
    let outputs =
        fields! { "output1" => rows, "output2" => vec![Node::from(money)], "output3" => totals(&holdings, cash) };
    Ok(Answer::ledger(call.mode(), Completeness::Complete, outputs))
}

/// The fills that have not settled on a date.
fn settling_after<'a>(world: &'a World, call: &Call, day: NaiveDate) -> Vec<&'a Fill> {
    let settles = |fill: &Fill| calendar::trading_days_after(calendar::new_york_date(fill.at), 1);
    world.account(call.account).fills.iter().filter(|fill| settles(fill) > day).collect()
}

fn row(holding: &Holding, factor: Decimal, day: &str) -> Fields {
    let profit = holding.value() - holding.cost();
    fields! {
        "pdno" => holding.symbol.as_str(), "prdt_name" => holding.name.as_str(), "cblc_qty13" => long_quantity(holding.quantity),
        "ord_psbl_qty1" => long_quantity(holding.sellable), "avg_unpr3" => fixed(holding.average_cost * factor, 4),
        "ovrs_now_pric1" => fixed(holding.now_price * factor, 5), "frcr_pchs_amt" => fixed(holding.cost() * factor, 5),
        "frcr_evlu_amt2" => fixed(holding.value() * factor, 6), "evlu_pfls_amt2" => fixed(profit * factor, 5),
        "evlu_pfls_rt1" => fixed(percent(profit, holding.cost()), 8), "bass_exrt" => fixed(WON_PER_DOLLAR, 8),
        "oprt_dtl_dtime" => day, "buy_crcy_cd" => "USD", "mgge_qty" => "0", "ldng_cblc_qty" => "0",
        "tr_mket_name" => holding.exchange.korean_name(), "natn_kor_name" => "미국", "prdt_type_cd" => holding.exchange.product_type(),
        "ovrs_excg_cd" => holding.exchange.trading_code(), "loan_rmnd" => "0", "loan_dt" => "", "loan_expd_dt" => "",
    }
}

fn totals(holdings: &[Holding], cash: Decimal) -> Fields {
    let cost: Decimal = holdings.iter().map(Holding::cost).sum();
    let value: Decimal = holdings.iter().map(Holding::value).sum();
    let won = |dollars: Decimal| fixed(dollars * WON_PER_DOLLAR, 0);
    fields! {
        "pchs_amt_smtl_amt" => won(cost), "tot_evlu_pfls_amt" => won(value - cost), "evlu_erng_rt1" => fixed(percent(value - cost, cost), 10),
        "tot_dncl_amt" => "0", "wcrc_evlu_amt_smtl" => won(value), "tot_asst_amt2" => won(cash + value),
        "frcr_cblc_wcrc_evlu_amt_smtl" => won(cash), "tot_loan_amt" => "0", "tot_ldng_evlu_amt" => "0",
    }
}
