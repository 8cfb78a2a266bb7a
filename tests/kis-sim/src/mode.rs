//! Paper or real: which environment a key pair belongs to, and the key pairs themselves.
//!
//! Everything here is invented; no value works at KIS.

use serde::{Deserialize, Serialize};

/// App key of the paper environment.
pub const PAPER_KEY: &str = "PSVTKISSIMPAPERKEY000000000000000001";
/// App key of the real environment.
pub const REAL_KEY: &str = "PSKISSIMREALKEY000000000000000000001";
/// Account of the paper key, as people write it.
pub const PAPER_ACCOUNT: &str = "50000001-01";
/// Account of the real key, as people write it.
pub const REAL_ACCOUNT: &str = "60000001-01";

/// Length of an app secret at KIS.
const SECRET_LENGTH: usize = 180;

/// The environment a request belongs to. One account exists in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// 모의투자.
    #[default]
    Paper,
    /// 실전투자.
    Real,
}

impl Mode {
    /// Both environments, paper first.
    pub const ALL: [Mode; 2] = [Mode::Paper, Mode::Real];

    /// The environment of an app key.
    pub fn of_app_key(key: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.app_key() == key)
    }

    /// The app key of this environment.
    pub fn app_key(self) -> &'static str {
        match self {
            Mode::Paper => PAPER_KEY,
            Mode::Real => REAL_KEY,
        }
    }

    /// The app secret of this environment.
    pub fn app_secret(self) -> String {
        match self {
            Mode::Paper => paper_secret(),
            Mode::Real => real_secret(),
        }
    }

    /// The account as `12345678-01`.
    pub fn account(self) -> &'static str {
        match self {
            Mode::Paper => PAPER_ACCOUNT,
            Mode::Real => REAL_ACCOUNT,
        }
    }

    /// `CANO` and `ACNT_PRDT_CD`.
    pub fn account_parts(self) -> (&'static str, &'static str) {
        self.account().split_once('-').unwrap_or((self.account(), ""))
    }

    /// Branch number in order answers and lists.
    pub fn branch(self) -> &'static str {
        match self {
            Mode::Paper => "00950",
            Mode::Real => "01790",
        }
    }

    /// First order number of a trading date: real numbers share one large counter, paper's are small.
    pub fn first_order_number(self) -> u64 {
        match self {
            Mode::Paper => 40_840,
            Mode::Real => 30_000_001,
        }
    }

    /// `paper` or `real`.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Paper => "paper",
            Mode::Real => "real",
        }
    }

    /// Position in two-element arrays.
    pub fn index(self) -> usize {
        match self {
            Mode::Paper => 0,
            Mode::Real => 1,
        }
    }
}

/// App secret of the paper environment.
pub fn paper_secret() -> String {
    repeated_secret("simPaperSecret/+")
}

/// App secret of the real environment.
pub fn real_secret() -> String {
    repeated_secret("simRealSecretX/+")
}

fn repeated_secret(pattern: &str) -> String {
    let mut secret: String = pattern.chars().cycle().take(SECRET_LENGTH - 1).collect();
    secret.push('=');
    secret
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_secrets_have_the_lengths_of_kis() {
        for mode in Mode::ALL {
            assert_eq!(mode.app_key().len(), 36);
            assert_eq!(mode.app_secret().len(), 180);
            assert_eq!(Mode::of_app_key(mode.app_key()), Some(mode));
        }
        assert_eq!(Mode::of_app_key("PS"), None);
        assert_eq!(Mode::Paper.account_parts(), ("50000001", "01"));
    }
}
