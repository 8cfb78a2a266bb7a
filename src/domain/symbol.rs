//! Ticker symbols and the three US exchanges.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A US ticker in upper case; class shares carry a slash as KIS writes them (`BRK/B`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Symbol(String);

impl Symbol {
    /// The ticker as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Symbol {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = text.bytes();
        let starts_with_letter = bytes.next().is_some_and(|byte| byte.is_ascii_uppercase());
        let rest_fits = bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'/');
        let slashes = text.bytes().filter(|byte| *byte == b'/').count();
        if starts_with_letter && rest_fits && text.len() <= 12 && slashes <= 1 && !text.ends_with('/') {
            Ok(Symbol(text.to_owned()))
        } else {
            Err("a symbol is 1 to 12 upper-case letters and digits, with one slash at most, such as NVDA or BRK/B")
        }
    }
}

impl TryFrom<String> for Symbol {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

words! {
    /// A US exchange, by KIS's trading code.
    pub enum Exchange {
        /// NASDAQ.
        Nasdaq = "NASD",
        /// New York Stock Exchange.
        Nyse = "NYSE",
        /// NYSE American and NYSE Arca (KIS files both under AMEX).
        Amex = "AMEX",
    }
}

impl Exchange {
    /// Reads `NASD`, `NYSE` or `AMEX`.
    pub fn from_code(code: &str) -> Option<Exchange> {
        Exchange::ALL.into_iter().find(|exchange| exchange.word() == code)
    }
}

/// A symbol as the configuration names it: alone (`SES`), or with its exchange (`NYSE:SES`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListedSymbol {
    /// The exchange when the user wrote it; otherwise it is found by asking.
    pub exchange: Option<Exchange>,
    /// The ticker.
    pub symbol: Symbol,
}

impl FromStr for ListedSymbol {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((code, symbol)) = text.split_once(':') else {
            return Ok(ListedSymbol { exchange: None, symbol: text.parse()? });
        };
        let exchange = Exchange::from_code(code).ok_or("the exchange before the colon is NASD, NYSE or AMEX")?;
        Ok(ListedSymbol { exchange: Some(exchange), symbol: symbol.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_tickers_and_nothing_else() {
        for good in ["A", "NVDA", "BRK/B", "X1", "ABCDEFGHIJKL"] {
            assert!(good.parse::<Symbol>().is_ok(), "{good}");
        }
        let long = ["ABCDEFGHIJKLM", "ＮＶＤＡ", "\u{202e}ADVN"];
        let short = [
            "", "nvda", "NVDA ", " NVDA", "../X", "A;RM", "--HELP", "BRK.B", "A/B/C", "A/", "/A", "1A", "NV\nDA",
            "NV\0",
        ];
        for bad in long.into_iter().chain(short) {
            assert!(bad.parse::<Symbol>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_listed_symbol_may_name_its_exchange() {
        let listed: ListedSymbol = "NYSE:SES".parse().unwrap();
        assert_eq!((listed.exchange, listed.symbol.as_str()), (Some(Exchange::Nyse), "SES"));
        assert_eq!("SES".parse::<ListedSymbol>().unwrap().exchange, None);
        for bad in ["NYS:SES", "NYSE:", ":SES", "NYSE:SES:X", "nyse:SES"] {
            assert!(bad.parse::<ListedSymbol>().is_err(), "{bad}");
        }
    }
}
