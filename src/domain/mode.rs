//! Paper or real money: the one distinction that nothing may blur.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which of KIS's two environments an account, key, host, TR id and token belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Simulated investing (모의투자); no money moves.
    Paper,
    /// A live account (실전투자).
    Real,
}

impl Mode {
    /// `PAPER` or `REAL`, as it stands in every line that people read.
    pub fn banner(self) -> &'static str {
        match self {
            Mode::Paper => "PAPER",
            Mode::Real => "REAL",
        }
    }
}

impl fmt::Display for Mode {
    /// `paper` or `real`, as in the configuration and in JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mode::Paper => "paper",
            Mode::Real => "real",
        })
    }
}
