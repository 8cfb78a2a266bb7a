//! Switches between the readings of KIS that its sources leave open.

use crate::wall_time::WallTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::ops::Range;

/// Half days end at 13:00.
const WITHIN_EVERY_SESSION: Range<WallTime> = WallTime::new(9, 30)..WallTime::new(13, 0);

/// Which rows paper's balance shows for one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BalanceScope {
    /// The same rows for every exchange.
    All,
    /// Each exchange its own.
    Nasdaq,
}

/// What an order list without rows looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmptyList {
    /// One object of blanks.
    Object,
    /// `[]`.
    Array,
}

/// What paper answers to the unfilled-orders list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaperNccs {
    /// 90000000.
    Refused,
    /// Success without rows.
    Empty,
    /// HTTP 500.
    #[serde(rename = "500")]
    ServerError,
}

/// Which end of the order list comes first under `DS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListOrder {
    /// Oldest first.
    OldestFirst,
    /// Newest first.
    NewestFirst,
}

/// When real day orders end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayEnd {
    /// With the after-market.
    After,
    /// With the regular session.
    Close,
}

/// Where an order that could meet an own open one is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SelfTrade {
    /// On real.
    #[default]
    Real,
    /// On real and on paper.
    Both,
    /// Nowhere.
    Never,
}

/// What ccnl makes of a filled LOC order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocRows {
    /// One row.
    #[default]
    One,
    /// The same row twice.
    Twice,
    /// A row of the order, in which nothing is filled, and one of the fill.
    OrderAndFill,
    /// Two rows of different quantities that add up to the order.
    Parts,
}

/// What the lists show as the price of a MOC order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MocPrice {
    /// Zero.
    #[default]
    Zero,
    /// What it filled at, zero until then.
    Fill,
}

/// All switches; the README describes each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quirks {
    pub paper_bare_order_ids: bool,
    pub paper_blank_status: bool,
    pub paper_hold_percent: Decimal,
    pub balance_lag_seconds: u32,
    pub list_lag_seconds: u32,
    pub fill_lag_seconds: u32,
    pub real_fee_percent: Decimal,
    pub date_offset_seconds: i32,
    pub own_branch: Option<String>,
    pub answer_without_branch: bool,
    pub paper_balance_scope: BalanceScope,
    pub empty_ccnl: EmptyList,
    pub balance_padding_rows: u16,
    pub paper_nccs: PaperNccs,
    pub ccnl_order: ListOrder,
    pub page_rows: Option<u16>,
    pub psamount_includes_collateral: bool,
    pub medium_on_paper: String,
    pub error_status: u16,
    pub partial_cancel: bool,
    pub duplicate_holding: bool,
    pub loan_type_blank: bool,
    pub paper_expiry_reason: bool,
    pub real_day_orders_end: DayEnd,
    pub after_market_extension: bool,
    pub self_trade_refused: SelfTrade,
    pub close_lag_seconds: u32,
    pub loc_rows: LocRows,
    pub moc_price: MocPrice,
    pub hold_open_until: Option<WallTime>,
    pub legacy_tr_ids: bool,
    pub paper_sell_1006: bool,
    pub short_notices: bool,
    pub refused_requests_count: bool,
    /// In Korea.
    pub settlement_time: Option<WallTime>,
    pub price_band: bool,
}

impl Default for Quirks {
    fn default() -> Quirks {
        Quirks {
            paper_bare_order_ids: true,
            paper_blank_status: true,
            paper_hold_percent: Decimal::ONE,
            balance_lag_seconds: 0,
            list_lag_seconds: 0,
            fill_lag_seconds: 0,
            real_fee_percent: Decimal::ZERO,
            date_offset_seconds: 0,
            own_branch: None,
            answer_without_branch: false,
            paper_balance_scope: BalanceScope::All,
            empty_ccnl: EmptyList::Object,
            balance_padding_rows: 0,
            paper_nccs: PaperNccs::Refused,
            ccnl_order: ListOrder::OldestFirst,
            page_rows: None,
            psamount_includes_collateral: false,
            medium_on_paper: String::new(),
            error_status: 500,
            partial_cancel: false,
            duplicate_holding: false,
            loan_type_blank: false,
            paper_expiry_reason: false,
            real_day_orders_end: DayEnd::After,
            after_market_extension: false,
            self_trade_refused: SelfTrade::Real,
            close_lag_seconds: 0,
            loc_rows: LocRows::One,
            moc_price: MocPrice::Zero,
            hold_open_until: None,
            legacy_tr_ids: false,
            paper_sell_1006: false,
            short_notices: false,
            refused_requests_count: false,
            settlement_time: None,
            price_band: false,
        }
    }
}

impl Quirks {
    /// These switches with some of them changed.
    ///
    /// # Errors
    /// An unknown name or a value the switch does not take.
    pub fn changed(&self, changes: Map<String, Value>) -> Result<Quirks, String> {
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        if let Value::Object(all) = &mut all {
            all.extend(changes);
        }
        let quirks: Quirks = serde_json::from_value(all).map_err(|error| error.to_string())?;
        match quirks {
            _ if ![200, 401, 500].contains(&quirks.error_status) => Err("error_status is 200, 401 or 500".to_owned()),
            _ if quirks.page_rows == Some(0) => Err("page_rows starts at 1".to_owned()),
            _ if !(Decimal::ZERO..Decimal::ONE_HUNDRED).contains(&quirks.paper_hold_percent) => {
                Err("paper_hold_percent is 0 to 100".to_owned())
            }
            _ if !(Decimal::ZERO..Decimal::ONE_HUNDRED).contains(&quirks.real_fee_percent) => {
                Err("real_fee_percent is 0 to 100".to_owned())
            }
            _ if quirks.own_branch.as_deref().is_some_and(|branch| !is_branch(branch)) => {
                Err("own_branch has five digits".to_owned())
            }
            _ if quirks.hold_open_until.is_some_and(|time| !WITHIN_EVERY_SESSION.contains(&time)) => {
                Err("hold_open_until is 09:30 to 12:59".to_owned())
            }
            _ => Ok(quirks),
        }
    }
}

/// `ord_gno_brno`: five digits.
pub fn is_branch(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn changes_are_checked() {
        let change = |value: Value| Quirks::default().changed(value.as_object().unwrap().clone());
        assert_eq!(change(json!({})).unwrap(), Quirks::default());
        assert_eq!(change(json!({"paper_nccs": "500"})).unwrap().paper_nccs, PaperNccs::ServerError);
        assert_eq!(change(json!({"paper_hold_percent": "0.5"})).unwrap().paper_hold_percent, Decimal::new(5, 1));
        for wrong in [
            json!({"nonsense": 1}),
            json!({"error_status": 302}),
            json!({"page_rows": 0}),
            json!({"real_fee_percent": "-1"}),
            json!({"own_branch": "1790"}),
            json!({"ccnl_order": "random"}),
            json!({"hold_open_until": "9:45"}),
            json!({"hold_open_until": "09:29"}),
            json!({"hold_open_until": "13:00"}),
        ] {
            assert!(change(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
