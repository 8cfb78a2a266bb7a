//! The three US exchanges and KIS's several codes for each.

use serde::{Deserialize, Serialize};

/// A US listing venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Exchange {
    /// NASDAQ.
    #[serde(rename = "NASD")]
    Nasdaq,
    /// New York Stock Exchange.
    #[serde(rename = "NYSE")]
    Nyse,
    /// NYSE American and Arca.
    #[serde(rename = "AMEX")]
    Amex,
}

impl Exchange {
    const ALL: [Exchange; 3] = [Exchange::Nasdaq, Exchange::Nyse, Exchange::Amex];

    /// Reads `OVRS_EXCG_CD`.
    pub fn from_trading_code(code: &str) -> Option<Exchange> {
        Exchange::ALL.into_iter().find(|exchange| exchange.trading_code() == code)
    }

    /// `OVRS_EXCG_CD`.
    pub fn trading_code(self) -> &'static str {
        match self {
            Exchange::Nasdaq => "NASD",
            Exchange::Nyse => "NYSE",
            Exchange::Amex => "AMEX",
        }
    }

    /// `EXCD`.
    pub fn quote_code(self) -> &'static str {
        match self {
            Exchange::Nasdaq => "NAS",
            Exchange::Nyse => "NYS",
            Exchange::Amex => "AMS",
        }
    }

    /// `EXCD` of the day market, whose quotes are the regular ones here.
    pub fn day_quote_code(self) -> &'static str {
        match self {
            Exchange::Nasdaq => "BAQ",
            Exchange::Nyse => "BAY",
            Exchange::Amex => "BAA",
        }
    }

    /// `PRDT_TYPE_CD`.
    pub fn product_type(self) -> &'static str {
        match self {
            Exchange::Nasdaq => "512",
            Exchange::Nyse => "513",
            Exchange::Amex => "529",
        }
    }

    /// `tr_mket_cd`.
    pub fn market_code(self) -> &'static str {
        match self {
            Exchange::Nasdaq => "01",
            Exchange::Nyse => "02",
            Exchange::Amex => "05",
        }
    }

    /// `tr_mket_name`.
    pub fn korean_name(self) -> &'static str {
        match self {
            Exchange::Nasdaq => "나스닥",
            Exchange::Nyse => "뉴욕거래소",
            Exchange::Amex => "아멕스",
        }
    }

    /// The second exchange a holding is listed under when the broker shows it twice.
    pub fn other(self) -> Exchange {
        match self {
            Exchange::Nasdaq => Exchange::Nyse,
            Exchange::Nyse | Exchange::Amex => Exchange::Nasdaq,
        }
    }
}
