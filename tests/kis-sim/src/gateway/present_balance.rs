//! 해외주식 체결기준현재잔고, `GET …/trading/inquire-present-balance`, CTRP6504R / VTRP6504R.
//!
//! On paper only `output3` is valid; the two lists are empty there. With `WCRC_FRCR_DVSN_CD` 01 prices and
//! amounts of `output1` are won, whatever their names say.

use crate::gateway::balance::{self, Holding};
use crate::gateway::call::{Call, Outcome};
use crate::gateway::odd_rows;
use crate::gateway::quotes::WON_PER_DOLLAR;
use crate::mode::Mode;
use crate::wire::answer::{Answer, Completeness};
use crate::wire::format::{fixed, long_quantity, percent};
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use rust_decimal::Decimal;

/// The answer.
///
/// # Errors
/// A missing query field, a foreign account, or a division code that means nothing.
pub fn present_balance(world: &World, call: &Call) -> Outcome {
    call.check_query_account()?;
    let factor = match call.filled_query("WCRC_FRCR_DVSN_CD")? {
        "01" => WON_PER_DOLLAR,
        "02" => Decimal::ONE,
        _ => return Err(Answer::refusal("OPSQ2002")),
    };
    let nation = call.query("NATN_CD")?;
    call.query("TR_MKET_CD")?;
    call.filled_query("INQR_DVSN_CD")?;
    let mut holdings = balance::holdings(world, call);
    holdings.retain(|_| ["", "000", "840"].contains(&nation));
    let totals = won_totals(world, call, &holdings);
    let (rows, currencies) = match call.mode() {
        Mode::Paper => (Vec::new(), Vec::new()),
        Mode::Real => (
            holdings
                .iter()
                .filter_map(|holding| odd_rows::shown(world, call, "present-balance", row(holding, factor)))
                .map(Node::from)
                .collect(),
            vec![Node::from(dollars(world, call))],
        ),
    };
    let outputs = fields! { "output1" => rows, "output2" => currencies, "output3" => totals };
    Ok(Answer::ledger(call.mode(), Completeness::Complete, outputs))
}

fn row(holding: &Holding, factor: Decimal) -> Fields {
    let profit = holding.value() - holding.cost();
    let quantity = long_quantity(holding.quantity);
    fields! {
        "prdt_name" => holding.name.as_str(), "cblc_qty13" => quantity.as_str(), "thdt_buy_ccld_qty1" => "0.00000000",
        "thdt_sll_ccld_qty1" => "0.00000000", "ccld_qty_smtl1" => quantity, "ord_psbl_qty1" => long_quantity(holding.sellable),
        "frcr_pchs_amt" => fixed(holding.cost() * factor, 5), "frcr_evlu_amt2" => fixed(holding.value() * factor, 6),
        "evlu_pfls_amt2" => fixed(profit * factor, 5), "evlu_pfls_rt1" => fixed(percent(profit, holding.cost()), 8),
        "pdno" => holding.symbol.as_str(), "bass_exrt" => fixed(WON_PER_DOLLAR, 8), "buy_crcy_cd" => "USD",
        "ovrs_now_pric1" => fixed(holding.now_price * factor, 5), "avg_unpr3" => fixed(holding.average_cost * factor, 4),
        "tr_mket_name" => holding.exchange.korean_name(), "natn_kor_name" => "미국",
        "pchs_rmnd_wcrc_amt" => fixed(holding.cost() * WON_PER_DOLLAR, 0), "thdt_buy_ccld_frcr_amt" => "0.00000",
        "thdt_sll_ccld_frcr_amt" => "0.00000", "unit_amt" => "1", "std_pdno" => "",
        "prdt_type_cd" => holding.exchange.product_type(), "scts_dvsn_name" => "현금", "loan_rmnd" => "0", "loan_dt" => "",
        "loan_expd_dt" => "", "ovrs_excg_cd" => holding.exchange.trading_code(), "item_lnkg_excg_cd" => holding.exchange.quote_code(),
    }
}

/// The deposit is settled cash; trades on their way stand beside it.
fn dollars(world: &World, call: &Call) -> Fields {
    let account = world.account(call.account);
    let today = world.settled_until(call.now);
    let (sold, bought) = (account.unsettled_sales(today), account.unsettled_purchases(today));
    let cash = account.cash - account.unseen_cash(call.now);
    let deposit = cash - sold + bought;
    fields! {
        "crcy_cd" => "USD", "crcy_cd_name" => "미국 달러", "frcr_buy_amt_smtl" => fixed(bought, 6), "frcr_sll_amt_smtl" => fixed(sold, 6),
        "frcr_dncl_amt_2" => fixed(deposit, 6), "frst_bltn_exrt" => fixed(WON_PER_DOLLAR, 8),
        "frcr_buy_mgn_amt" => fixed(account.reserved(), 8), "frcr_etc_mgna" => "0.000000",
        "frcr_drwg_psbl_amt_1" => fixed(deposit, 6), "frcr_evlu_amt2" => fixed(deposit * WON_PER_DOLLAR, 6),
        "acpl_cstd_crcy_yn" => "Y", "nxdy_frcr_drwg_psbl_amt" => fixed(deposit, 6),
    }
}

fn won_totals(world: &World, call: &Call, holdings: &[Holding]) -> Fields {
    let account = world.account(call.account);
    let today = world.settled_until(call.now);
    let won = |dollars: Decimal| fixed(dollars * WON_PER_DOLLAR, 0);
    let cost: Decimal = holdings.iter().map(Holding::cost).sum();
    let value: Decimal = holdings.iter().map(Holding::value).sum();
    let (sold, bought) = (account.unsettled_sales(today), account.unsettled_purchases(today));
    let cash = account.cash - account.unseen_cash(call.now);
    let deposit = cash - sold + bought;
    fields! {
        "pchs_amt_smtl" => won(cost), "evlu_amt_smtl" => won(value), "evlu_pfls_amt_smtl" => won(value - cost), "dncl_amt" => "0",
        "cma_evlu_amt" => "0", "tot_dncl_amt" => "0", "etc_mgna" => "0", "wdrw_psbl_tot_amt" => "0", "frcr_evlu_tota" => won(deposit),
        "evlu_erng_rt1" => fixed(percent(value - cost, cost), 10), "pchs_amt_smtl_amt" => won(cost), "evlu_amt_smtl_amt" => won(value),
        "tot_evlu_pfls_amt" => fixed((value - cost) * WON_PER_DOLLAR, 8), "tot_asst_amt" => won(cash + value),
        "buy_mgn_amt" => won(account.reserved()), "mgna_tota" => "0", "frcr_use_psbl_amt" => fixed(account.available() * WON_PER_DOLLAR, 2),
        "ustl_sll_amt_smtl" => won(sold), "ustl_buy_amt_smtl" => won(bought), "tot_frcr_cblc_smtl" => won(cash), "tot_loan_amt" => "0",
    }
}
