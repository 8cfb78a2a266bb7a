//! Which account is meant, and the key pair that opens it: at KIS each account has its own.
//!
//! Everything here is invented; no value works at KIS.

use crate::mode::Mode;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// App key of the first paper account.
pub const PAPER_KEY: &str = "PSVTKISSIMPAPERKEY000000000000000001";
/// App key of the first real account.
pub const REAL_KEY: &str = "PSKISSIMREALKEY000000000000000000001";
/// The first paper account, as people write it.
pub const PAPER_ACCOUNT: &str = "50000001-01";
/// The first real account, as people write it.
pub const REAL_ACCOUNT: &str = "60000001-01";
/// One digit distinguishes the accounts of an environment.
pub const MOST_ACCOUNTS: u8 = 9;

/// Length of an app secret at KIS.
const SECRET_LENGTH: usize = 180;
/// More orders than an account gets in a day.
const ORDERS_A_DAY: u64 = 100_000;
/// Product code of every account.
const PRODUCT: &str = "01";

/// An account: its environment, and which one it is there. As text `paper`, `real`, `paper-2`, `real-2` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AccountId {
    /// Its environment.
    pub mode: Mode,
    number: u8,
}

impl AccountId {
    /// The first account of an environment.
    pub const fn first(mode: Mode) -> AccountId {
        AccountId { mode, number: 1 }
    }

    /// So many accounts of each environment, in the order of [`AccountId::index`].
    pub fn all(of_each: u8) -> impl Iterator<Item = AccountId> {
        (1..=of_each).flat_map(|number| Mode::ALL.map(|mode| AccountId { mode, number }))
    }

    /// The account that an app key opens.
    pub fn of_app_key(key: &str) -> Option<AccountId> {
        AccountId::all(MOST_ACCOUNTS).find(|account| account.app_key() == key)
    }

    /// Which one it is in its environment, from 1 on.
    pub fn number(self) -> u8 {
        self.number
    }

    /// Position among all accounts.
    pub fn index(self) -> usize {
        Mode::ALL.len() * usize::from(self.number - 1) + self.mode.index()
    }

    /// The app key.
    pub fn app_key(self) -> String {
        let first = match self.mode {
            Mode::Paper => PAPER_KEY,
            Mode::Real => REAL_KEY,
        };
        format!("{}{}", &first[..first.len() - 1], self.number)
    }

    /// The app secret.
    pub fn app_secret(self) -> String {
        let word = match self.mode {
            Mode::Paper => "simPaperSecret/",
            Mode::Real => "simRealSecretX/",
        };
        let mark = if self.number == 1 { '+' } else { char::from(b'0' + self.number) };
        let mut secret: String = word.chars().chain([mark]).cycle().take(SECRET_LENGTH - 1).collect();
        secret.push('=');
        secret
    }

    /// `CANO` and `ACNT_PRDT_CD`.
    pub fn parts(self) -> (String, &'static str) {
        let first = match self.mode {
            Mode::Paper => 50_000_000,
            Mode::Real => 60_000_000,
        };
        ((first + u32::from(self.number)).to_string(), PRODUCT)
    }

    /// First order number of a trading date: real numbers share one large counter, paper's are small. Each account gets its own
    /// range: a branch never issues a number twice.
    pub fn first_order_number(self) -> u64 {
        let first = match self.mode {
            Mode::Paper => 40_840,
            Mode::Real => 30_000_001,
        };
        first + u64::from(self.number - 1) * ORDERS_A_DAY
    }
}

impl Default for AccountId {
    /// The first paper account.
    fn default() -> AccountId {
        AccountId::first(Mode::default())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.mode.word())?;
        if self.number > 1 { write!(formatter, "-{}", self.number) } else { Ok(()) }
    }
}

impl FromStr for AccountId {
    type Err = String;

    fn from_str(text: &str) -> Result<AccountId, String> {
        let found = AccountId::all(MOST_ACCOUNTS).find(|account| account.to_string() == text);
        found.ok_or_else(|| format!("no such account: {text}"))
    }
}

impl From<AccountId> for String {
    fn from(account: AccountId) -> String {
        account.to_string()
    }
}

impl TryFrom<String> for AccountId {
    type Error = String;

    fn try_from(text: String) -> Result<AccountId, String> {
        text.parse()
    }
}

/// App secret of the first paper account.
pub fn paper_secret() -> String {
    AccountId::first(Mode::Paper).app_secret()
}

/// App secret of the first real account.
pub fn real_secret() -> String {
    AccountId::first(Mode::Real).app_secret()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_account_has_a_key_pair_of_its_own_with_the_lengths_of_kis() {
        let accounts: Vec<AccountId> = AccountId::all(MOST_ACCOUNTS).collect();
        for (index, account) in accounts.iter().enumerate() {
            assert_eq!((account.app_key().len(), account.app_secret().len(), account.parts().0.len()), (36, 180, 8));
            assert_eq!(AccountId::of_app_key(&account.app_key()), Some(*account));
            assert_eq!((account.index(), account.to_string().parse()), (index, Ok(*account)));
        }
        let different =
            |of: fn(AccountId) -> String| accounts.iter().map(|each| of(*each)).collect::<BTreeSet<_>>().len();
        let number = |account: AccountId| account.parts().0;
        assert_eq!([different(AccountId::app_key), different(AccountId::app_secret), different(number)], [18; 3]);
        assert_eq!(AccountId::of_app_key("PS"), None);
    }

    #[test]
    fn the_first_accounts_are_those_of_the_constants() {
        for (mode, key, account) in [(Mode::Paper, PAPER_KEY, PAPER_ACCOUNT), (Mode::Real, REAL_KEY, REAL_ACCOUNT)] {
            let first = AccountId::first(mode);
            let (number, product) = first.parts();
            assert_eq!((first.app_key().as_str(), format!("{number}-{product}").as_str()), (key, account));
            assert_eq!(first.to_string(), mode.word());
        }
    }
}
