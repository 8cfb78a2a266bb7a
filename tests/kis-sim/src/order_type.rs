//! The kinds of orders, by their `ORD_DVSN`.

use crate::orders::Side;
use serde::{Deserialize, Serialize};

/// How an order is priced, `ORD_DVSN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderType {
    /// 00.
    #[serde(rename = "00")]
    Limit,
    /// 32, LOO.
    #[serde(rename = "32")]
    LimitOnOpen,
    /// 34, LOC.
    #[serde(rename = "34")]
    LimitOnClose,
    /// 31, MOO; sells only.
    #[serde(rename = "31")]
    MarketOnOpen,
    /// 33, MOC; sells only.
    #[serde(rename = "33")]
    MarketOnClose,
    /// 35, TWAP: here it fills like a limit order.
    #[serde(rename = "35")]
    TimeWeighted,
    /// 36, VWAP: here it fills like a limit order.
    #[serde(rename = "36")]
    VolumeWeighted,
}

impl OrderType {
    /// Reads `ORD_DVSN` as the real environment allows it for a side.
    pub fn from_code(code: &str, side: Side) -> Option<OrderType> {
        match (code, side) {
            ("00", _) => Some(OrderType::Limit),
            ("32", _) => Some(OrderType::LimitOnOpen),
            ("34", _) => Some(OrderType::LimitOnClose),
            ("31", Side::Sell) => Some(OrderType::MarketOnOpen),
            ("33", Side::Sell) => Some(OrderType::MarketOnClose),
            ("35", _) => Some(OrderType::TimeWeighted),
            ("36", _) => Some(OrderType::VolumeWeighted),
            _ => None,
        }
    }

    /// `ORD_DVSN`.
    pub fn code(self) -> &'static str {
        match self {
            OrderType::Limit => "00",
            OrderType::LimitOnOpen => "32",
            OrderType::LimitOnClose => "34",
            OrderType::MarketOnOpen => "31",
            OrderType::MarketOnClose => "33",
            OrderType::TimeWeighted => "35",
            OrderType::VolumeWeighted => "36",
        }
    }

    /// Whether it takes any price.
    pub fn is_market(self) -> bool {
        matches!(self, OrderType::MarketOnOpen | OrderType::MarketOnClose)
    }

    /// Whether it is cut into pieces over the day: KIS cancels it, and does not amend it.
    pub fn is_sliced(self) -> bool {
        matches!(self, OrderType::TimeWeighted | OrderType::VolumeWeighted)
    }

    /// Whether it waits for the close: LOC or MOC.
    pub fn is_on_close(self) -> bool {
        matches!(self, OrderType::LimitOnClose | OrderType::MarketOnClose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_types_by_side() {
        for (code, buy, sell) in [
            ("00", true, true),
            ("31", false, true),
            ("32", true, true),
            ("33", false, true),
            ("34", true, true),
            ("35", true, true),
            ("36", true, true),
            ("37", false, false),
        ] {
            assert_eq!(OrderType::from_code(code, Side::Buy).is_some(), buy, "{code}");
            assert_eq!(OrderType::from_code(code, Side::Sell).is_some(), sell, "{code}");
        }
    }
}
