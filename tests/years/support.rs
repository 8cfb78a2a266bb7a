//! Values written as text.

use kis_trade::domain::{Percent, Symbol, Usd};

pub fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

pub fn percent(text: &str) -> Percent {
    text.parse().unwrap()
}

pub fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}
