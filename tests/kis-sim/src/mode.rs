//! Paper or real: which environment something belongs to.

use serde::{Deserialize, Serialize};

/// An environment of KIS, which has keys, accounts and tokens of its own.
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

    /// Branch number in order answers and lists.
    pub fn branch(self) -> &'static str {
        match self {
            Mode::Paper => "00950",
            Mode::Real => "01790",
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
