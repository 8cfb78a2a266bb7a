//! One order as a row of the two lists.

use crate::gateway::order::OWN_MEDIUM;
use crate::mode::Mode;
use crate::orders::{Order, OrderState, OrderType, Revision, Side, order_number_text};
use crate::quirks::MocPrice;
use crate::wire::format::{date, fixed, korean_date, korean_time};
use crate::wire::json::{Fields, fields};
use crate::world::World;
use rust_decimal::Decimal;

const EXPIRED: &str = "DFD 장종료로 취소";

/// A row of 주문체결내역. `ord_dt` is New York's date, the times are Korea's.
pub fn list_row(world: &World, mode: Mode, order: &Order) -> Fields {
    let is_bare = mode == Mode::Paper && world.quirks.paper_bare_order_ids;
    let number_text = |number: u64| if is_bare { number.to_string() } else { order_number_text(number) };
    let hides_status = mode == Mode::Paper && world.quirks.paper_blank_status;
    let (reason, reason_name) = reasons(world, mode, order);
    let time = korean_time(order.at);
    fields! {
        "ord_dt" => date(order.date), "ord_gno_brno" => branch(mode, order), "odno" => number_text(order.number),
        "orgn_odno" => order.original.map(number_text).unwrap_or_default(), "sll_buy_dvsn_cd" => order.side.code(),
        "sll_buy_dvsn_cd_name" => side_name(order), "rvse_cncl_dvsn" => revision_code(order),
        "rvse_cncl_dvsn_name" => revision_name(mode, order), "pdno" => order.symbol.as_str(),
        "prdt_name" => world.market.name(&order.symbol), "ft_ord_qty" => order.quantity,
        "ft_ord_unpr3" => fixed(price(world, order), 8), "ft_ccld_qty" => order.filled_quantity,
        "ft_ccld_unpr3" => fixed(order.average_price(), 8), "ft_ccld_amt3" => fixed(order.filled_amount, 5),
        "nccs_qty" => order.remaining_quantity(), "prcs_stat_name" => if hides_status { "" } else { status_word(order) },
        "rjct_rson" => reason, "rjct_rson_name" => reason_name, "ord_tmd" => time.as_str(),
        "tr_mket_name" => order.exchange.korean_name(), "tr_natn" => "840", "tr_natn_name" => "미국",
        "ovrs_excg_cd" => order.exchange.trading_code(), "tr_crcy_cd" => "USD", "dmst_ord_dt" => korean_date(order.at),
        "thco_ord_tmd" => time, "loan_type_cd" => "10", "loan_dt" => "", "mdia_dvsn_name" => medium(world, mode, order),
        "usa_amk_exts_rqst_yn" => extension_word(world, mode), "splt_buy_attr_name" => "",
    }
}

/// A row of 미체결내역.
pub fn open_row(world: &World, mode: Mode, order: &Order) -> Fields {
    fields! {
        "ord_dt" => date(order.date), "ord_gno_brno" => branch(mode, order), "odno" => order_number_text(order.number),
        "orgn_odno" => order.original.map(order_number_text).unwrap_or_default(), "pdno" => order.symbol.as_str(),
        "prdt_name" => world.market.name(&order.symbol), "sll_buy_dvsn_cd" => order.side.code(),
        "sll_buy_dvsn_cd_name" => side_name(order), "rvse_cncl_dvsn_cd" => revision_code(order),
        "rvse_cncl_dvsn_cd_name" => revision_name(mode, order), "rjct_rson" => "", "rjct_rson_name" => "",
        "ord_tmd" => korean_time(order.at), "tr_mket_name" => order.exchange.korean_name(), "tr_crcy_cd" => "USD",
        "natn_cd" => "840", "natn_kor_name" => "미국", "ft_ord_qty" => order.quantity, "ft_ccld_qty" => order.filled_quantity,
        "nccs_qty" => order.remaining_quantity(), "ft_ord_unpr3" => fixed(price(world, order), 8),
        "ft_ccld_unpr3" => fixed(order.average_price(), 8), "ft_ccld_amt3" => fixed(order.filled_amount, 5),
        "ovrs_excg_cd" => order.exchange.trading_code(), "prcs_stat_name" => "", "loan_type_cd" => "10", "loan_dt" => "",
        "usa_amk_exts_rqst_yn" => extension_word(world, mode), "splt_buy_attr_name" => "",
    }
}

/// The row that stands for "nothing found"; not all of it is blank.
pub fn blank_row() -> Fields {
    fields! {
        "ord_dt" => "", "ord_gno_brno" => "", "odno" => "", "orgn_odno" => "", "sll_buy_dvsn_cd" => "",
        "sll_buy_dvsn_cd_name" => "", "rvse_cncl_dvsn" => "", "rvse_cncl_dvsn_name" => "", "pdno" => "", "prdt_name" => "",
        "ft_ord_qty" => "0", "ft_ord_unpr3" => "0.00000000", "ft_ccld_qty" => "0", "ft_ccld_unpr3" => "0.00000000",
        "ft_ccld_amt3" => "0.00000", "nccs_qty" => "0", "prcs_stat_name" => "", "rjct_rson" => "", "rjct_rson_name" => "",
        "ord_tmd" => "", "tr_mket_name" => "", "tr_natn" => "", "tr_natn_name" => "", "ovrs_excg_cd" => "", "tr_crcy_cd" => "",
        "dmst_ord_dt" => "", "thco_ord_tmd" => "", "loan_type_cd" => "", "loan_dt" => "", "mdia_dvsn_name" => "OpenAPI",
        "usa_amk_exts_rqst_yn" => "N", "splt_buy_attr_name" => "00:00~04:00",
    }
}

/// `rjct_rson` and `rjct_rson_name`. What an expired order looks like on paper is not known: blank, or by
/// switch as on real.
fn reasons<'a>(world: &World, mode: Mode, order: &'a Order) -> (&'static str, &'a str) {
    let names_expiry = mode == Mode::Real || world.quirks.paper_expiry_reason || !world.quirks.paper_blank_status;
    match order.state {
        OrderState::Rejected => ("01", order.reject_reason.as_deref().unwrap_or_default()),
        OrderState::Expired if names_expiry => ("", EXPIRED),
        _ => ("", ""),
    }
}

/// `ft_ord_unpr3`. No field says how an order is priced.
fn price(world: &World, order: &Order) -> Decimal {
    match (order.order_type, world.quirks.moc_price) {
        (OrderType::MarketOnClose, MocPrice::Fill) => order.average_price(),
        _ => order.limit_price,
    }
}

/// `ord_gno_brno`.
fn branch(mode: Mode, order: &Order) -> &str {
    order.branch.as_deref().unwrap_or(mode.branch())
}

/// Whether the account applied for the extension of the after-market.
fn extension_word(world: &World, mode: Mode) -> &'static str {
    if mode == Mode::Real && world.quirks.after_market_extension { "Y" } else { "N" }
}

fn revision_code(order: &Order) -> &'static str {
    match order.revision {
        Revision::New => "00",
        Revision::Modify => "01",
        Revision::Cancel => "02",
    }
}

fn revision_name(mode: Mode, order: &Order) -> &'static str {
    match (order.revision, mode) {
        (Revision::New, Mode::Paper) => "보통",
        (Revision::New, Mode::Real) => "",
        (Revision::Modify, _) => "정정",
        (Revision::Cancel, _) => "취소",
    }
}

/// `mdia_dvsn_name`. Blank in every row of paper unless its switch has a word for orders of this port; then
/// another hand's medium shows too.
fn medium<'a>(world: &'a World, mode: Mode, order: &'a Order) -> &'a str {
    let on_paper = world.quirks.medium_on_paper.as_str();
    match mode {
        Mode::Paper if on_paper.is_empty() || order.medium == OWN_MEDIUM => on_paper,
        _ => &order.medium,
    }
}

/// `prcs_stat_name` of a row. 완료 also stands for expired and cancelled orders.
fn status_word(order: &Order) -> &'static str {
    match order.state {
        OrderState::Open => "전송",
        OrderState::Filled | OrderState::Cancelled | OrderState::Expired => "완료",
        OrderState::Rejected => "거부",
    }
}

/// `sll_buy_dvsn_cd_name` of a row.
fn side_name(order: &Order) -> &'static str {
    match (order.side, order.revision) {
        (Side::Buy, Revision::New) => "매수",
        (Side::Buy, Revision::Modify) => "매수정정",
        (Side::Buy, Revision::Cancel) => "매수취소",
        (Side::Sell, Revision::New) => "매도",
        (Side::Sell, Revision::Modify) => "매도정정",
        (Side::Sell, Revision::Cancel) => "매도취소",
    }
}
