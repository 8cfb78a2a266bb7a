//! What a listed product is: 해외주식 상품기본정보, `GET …/overseas-price/…/search-info`, CTPF1702R, and 상품기본조회, `GET
//! …/domestic-stock/…/search-info`, CTPF1604R, which has US products, too (both real only); and that no Korean stock is listed.

use crate::calendar;
use crate::exchange::Exchange;
use crate::gateway::call::{Call, Outcome};
use crate::wire::answer::{Answer, Completeness};
use crate::wire::format::{date, fixed};
use crate::wire::json::{Fields, fields};
use crate::world::World;

/// 해외주식 상품기본정보.
///
/// # Errors
/// A missing query field, or a product that is not listed there: HTTP 200 with `rt_cd` 7.
pub fn overseas(world: &World, call: &Call) -> Outcome {
    let (symbol, exchange) = asked(world, call)?;
    let name = world.market.name(symbol);
    let price = world.market.known_price(symbol, call.now).unwrap_or_default();
    let mut output: Fields = fields! {
        "std_pdno" => isin(symbol), "prdt_eng_name" => symbol, "natn_cd" => "840", "natn_name" => "미국",
        "tr_mket_cd" => exchange.market_code(), "tr_mket_name" => exchange.korean_name(), "ovrs_excg_cd" => exchange.trading_code(),
        "ovrs_excg_name" => exchange.korean_name(), "tr_crcy_cd" => "USD", "ovrs_papr" => "0.00000", "crcy_name" => "미국 달러",
        "ovrs_stck_dvsn_cd" => if world.market.is_fund(symbol) { "03" } else { "01" }, "prdt_clsf_cd" => "101210", "prdt_clsf_name" => "해외주식", "sll_unit_qty" => "1",
        "buy_unit_qty" => "1", "tr_unit_amt" => "0", "lstg_stck_num" => "1000000000", "lstg_dt" => "19900101",
    };
    let stop = if world.market.is_halted(symbol) { "02" } else { "01" };
    output.extend(fields! {
        "ovrs_stck_tr_stop_dvsn_cd" => stop, "lstg_abol_item_yn" => "N", "lstg_yn" => "Y", "tax_levy_yn" => "N",
        "etp_chas_erng_rt_dbnb" => "0", "prdt_name" => name, "ovrs_stck_stop_rson_cd" => "", "lstg_abol_dt" => "", "ptp_item_yn" => "N",
        "ptp_item_trfx_exmt_yn" => "N", "dtm_tr_psbl_yn" => "Y", "ovrs_now_pric1" => fixed(price, 5), "sgle_item_lvrg_etp_yn" => "N",
        "last_rcvg_dtime" => date(calendar::new_york_date(call.now)),
    });
    Ok(Answer::ledger(call.mode(), Completeness::Complete, fields! { "output" => output }))
}

/// 상품기본조회.
///
/// # Errors
/// As [`overseas`].
pub fn any(world: &World, call: &Call) -> Outcome {
    let (symbol, exchange) = asked(world, call)?;
    let name = world.market.name(symbol);
    let output: Fields = fields! {
        "pdno" => symbol, "prdt_type_cd" => exchange.product_type(), "prdt_name" => name.as_str(), "prdt_name120" => name.as_str(),
        "prdt_abrv_name" => name.as_str(), "prdt_eng_name" => symbol, "prdt_eng_name120" => symbol, "prdt_eng_abrv_name" => symbol,
        "std_pdno" => isin(symbol), "shtn_pdno" => symbol, "prdt_sale_stat_cd" => "", "prdt_risk_grad_cd" => "", "prdt_clsf_cd" => "101210",
        "prdt_clsf_name" => "해외주식", "sale_strt_dt" => "", "sale_end_dt" => "", "wrap_asst_type_cd" => "06", "ivst_prdt_type_cd" => "1012",
        "ivst_prdt_type_cd_name" => "해외주식", "frst_erlm_dt" => "19900101",
    };
    Ok(Answer::ledger(call.mode(), Completeness::Complete, fields! { "output" => output }))
}

/// 주식현재가 시세, `GET /uapi/domestic-stock/v1/quotations/inquire-price`, FHKST01010100. No Korean stock is listed here, and
/// KIS answers price 0 for an unknown one: clients that look for any symbol among Korean stocks first go on from there.
///
/// # Errors
/// A missing query field.
pub fn korean_price(call: &Call) -> Outcome {
    call.filled_query("FID_COND_MRKT_DIV_CODE")?;
    let symbol = call.filled_query("FID_INPUT_ISCD")?;
    let output: Fields = fields! {
        "stck_prpr" => "0", "prdy_vrss" => "0", "prdy_vrss_sign" => "3", "prdy_ctrt" => "0.00", "acml_vol" => "0", "acml_tr_pbmn" => "0",
        "stck_oprc" => "0", "stck_hgpr" => "0", "stck_lwpr" => "0", "stck_sdpr" => "0", "stck_shrn_iscd" => symbol,
    };
    Ok(Answer::quote(fields! { "output" => output }))
}

fn asked<'a>(world: &World, call: &Call<'a>) -> Result<(&'a str, Exchange), Answer> {
    let (kind, symbol) = (call.filled_query("PRDT_TYPE_CD")?, call.filled_query("PDNO")?);
    let listed = world.market.exchange(symbol).filter(|listed| listed.product_type() == kind);
    let nothing = || Answer::error(200, "7", "KIOK0560", "조회할 내용이 없습니다");
    Ok((symbol, listed.ok_or_else(nothing)?))
}

/// A made-up ISIN of the right length.
fn isin(symbol: &str) -> String {
    format!("US{symbol:0>9}0")
}
