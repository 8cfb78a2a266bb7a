//! The ratio of a stock split.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::Usd;

/// How many new shares replace how many old ones: `3:1` makes three of one, `1:2` one of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ratio {
    /// Shares afterwards, positive.
    pub new: u32,
    /// Shares before, positive.
    pub old: u32,
}

impl Ratio {
    /// A price from before the split, in units of after it. Not rounded.
    pub fn price_after(self, before: Usd) -> Option<Usd> {
        before.0.checked_mul(self.old.into())?.checked_div(self.new.into()).map(Usd)
    }

    /// Shares from before the split, in units of after it, rounded down: KIS pays for fractions.
    pub fn shares_after(self, before: u64) -> u64 {
        let after = u128::from(before) * u128::from(self.new) / u128::from(self.old.max(1));
        u64::try_from(after).unwrap_or(u64::MAX)
    }

    /// Reports whether two or more shares come of one, or one of two or more: no market moves that far overnight without
    /// news.
    pub fn is_large(self) -> bool {
        self.new.max(self.old) >= self.new.min(self.old).saturating_mul(2)
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.new, self.old)
    }
}

impl FromStr for Ratio {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let positive = |text: &str| text.parse().ok().filter(|number| *number > 0);
        let both = text.split_once(':').and_then(|(new, old)| Some((positive(new)?, positive(old)?)));
        both.map(|(new, old)| Ratio { new, old }).ok_or("a ratio is two positive numbers, such as 3:1")
    }
}

impl TryFrom<String> for Ratio {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Ratio> for String {
    fn from(ratio: Ratio) -> String {
        ratio.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_and_shares_go_opposite_ways() {
        for (ratio, price, shares, large) in [
            ("3:1", "33.4", 90, true),
            ("1:2", "200.4", 15, true),
            ("3:2", "66.8", 45, false),
            ("6:5", "83.5", 36, false),
        ] {
            let ratio: Ratio = ratio.parse().unwrap();
            assert_eq!(ratio.price_after("100.2".parse().unwrap()), Some(price.parse().unwrap()), "{ratio}");
            assert_eq!((ratio.shares_after(30), ratio.is_large()), (shares, large), "{ratio}");
        }
        assert_eq!("1:2".parse::<Ratio>().unwrap().shares_after(3), 1, "a fraction is paid for");
        for bad in ["", "3", "3:0", "0:1", "-3:1", "3:1:1", "a:b"] {
            assert!(bad.parse::<Ratio>().is_err(), "{bad}");
        }
    }
}
