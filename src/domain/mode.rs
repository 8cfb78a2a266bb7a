//! Paper or real money: the one distinction that nothing may blur.

use crate::domain::quote::QUOTES_AT_ONCE;

words! {
    /// Which of KIS's two environments an account, key, host, TR id and token belong to.
    pub enum Mode {
        /// Simulated investing (모의투자); no money moves.
        Paper = "paper",
        /// A live account (실전투자).
        Real = "real",
    }
}

impl Mode {
    /// `PAPER` or `REAL`, as in every line that people read.
    pub fn banner(self) -> &'static str {
        match self {
            Mode::Paper => "PAPER",
            Mode::Real => "REAL",
        }
    }

    /// How many symbols one quote request takes.
    pub fn quotes_per_request(self) -> usize {
        match self {
            Mode::Paper => 1,
            Mode::Real => QUOTES_AT_ONCE,
        }
    }
}
