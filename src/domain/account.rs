//! The account: its number, its cash, its fingerprint.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::domain::Usd;

/// An account number, `12345678-01`. Shown as `****5678-01`.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountNumber {
    number: String,
    product: String,
    /// Every lock, mark and intent asks for it.
    fingerprint: String,
}

impl AccountNumber {
    /// Reads 8 digits, a hyphen and 2 digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<AccountNumber> {
        let (number, product) = text.split_once('-')?;
        let digits = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        (digits(number, 8) && digits(product, 2)).then(|| AccountNumber {
            number: number.to_owned(),
            product: product.to_owned(),
            fingerprint: fingerprint(text),
        })
    }

    /// The eight digits that KIS calls CANO.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The two digits that KIS calls ACNT_PRDT_CD.
    pub fn product(&self) -> &str {
        &self.product
    }

    /// A short hash that tells accounts apart in files without naming them.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "****{}-{}", &self.number[4..], self.product)
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The first 32 bits of SHA-256 as 8 hex digits: enough to tell two values apart, too little to give one back.
pub fn fingerprint(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// KIS's answer to "how much can I order" for one symbol at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuyingPower {
    /// USD that KIS lets orders use in foreign-currency mode (`ovrs_ord_psbl_amt`).
    pub orderable: Usd,
    /// USD that KIS lets orders use when it converts won as well (`frcr_ord_psbl_amt1`); not less than `orderable`.
    pub with_won: Usd,
    /// USD cash (`ord_psbl_frcr_amt`).
    pub cash: Usd,
    /// USD of reusable sale proceeds that are not in `cash` (`sll_ruse_psbl_amt`; none on paper).
    pub sale_proceeds: Usd,
    /// Most shares of the asked symbol at the asked price (`max_ord_psbl_qty`).
    pub max_quantity: u64,
}

impl BuyingPower {
    /// USD that buys may use: never what KIS would lend against won.
    pub fn cash_usd(&self) -> Usd {
        self.orderable.min(self.cash + self.sale_proceeds)
    }

    /// USD of the won that KIS would convert for an order and counts as orderable; `None` when it counts none.
    pub fn won(&self) -> Option<Usd> {
        let won = self.with_won.max(self.orderable) - (self.cash + self.sale_proceeds);
        won.is_positive().then(|| won.to_cents())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_only_the_tail_of_an_account_number() {
        let account = AccountNumber::parse("12345678-01").unwrap();
        assert_eq!(format!("{account} {account:?}"), "****5678-01 ****5678-01");
        for bad in ["", "1234567-01", "123456789-01", "1234567801", "12345678-1", "1234567A-01", "12345678-01 "] {
            assert!(AccountNumber::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn won_collateral_never_buys() {
        let usd = |text: &str| text.parse::<Usd>().unwrap();
        let power = |orderable, cash, proceeds| BuyingPower {
            orderable: usd(orderable),
            with_won: usd(orderable),
            cash: usd(cash),
            sale_proceeds: usd(proceeds),
            max_quantity: 0,
        };
        assert_eq!(power("9000", "100", "20").cash_usd(), usd("120"));
        assert_eq!(power("99", "100", "20").cash_usd(), usd("99"));
        assert_eq!(power("99", "100", "20").won(), None);
        assert_eq!(power("9000", "100", "20").won(), Some(usd("8880.00")));
        let beside = BuyingPower { with_won: usd("5000"), ..power("0", "0", "0") };
        assert_eq!(beside.won(), Some(usd("5000.00")), "counted in the field with won alone");
    }
}
