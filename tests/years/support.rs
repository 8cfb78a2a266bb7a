//! Values written as text.

use kis_trade::domain::money::{Percent, Usd};
use kis_trade::domain::symbol::Symbol;

pub fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

pub fn percent(text: &str) -> Percent {
    text.parse().unwrap()
}

pub fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}
