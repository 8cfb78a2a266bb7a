//! What happened in a run that people may want to hear of. Words are made of it elsewhere.

use chrono::TimeDelta;

use crate::domain::{BrokerOrder, Notice, Symbol};
use crate::exit::Failure;
use crate::language::Sentence;

/// One event of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The token was renewed.
    TokenRenewed {
        /// The new one's life.
        left: TimeDelta,
    },
    /// A renewal was due and did not happen, or gained nothing; the run goes on with a live token.
    TokenNotRenewed {
        /// Why.
        failure: Failure,
        /// True when a new token came that lives no longer than the old one.
        is_renewed: bool,
        /// The life of the token in use.
        left: TimeDelta,
    },
    /// The token's life is below the warning's limit.
    TokenExpiring {
        /// Its life.
        left: TimeDelta,
    },
    /// KIS refused a token whose time was not over.
    TokenRefused {
        /// KIS's code and words.
        words: String,
        /// Its life by its own account.
        left: TimeDelta,
    },
    /// The run ends without a token.
    NoToken {
        /// Why.
        failure: Failure,
        /// The dead token's life, negative; `None` when there was none.
        left: Option<TimeDelta>,
    },
    /// This machine's clock is too far from KIS's to trade by.
    ClockWrong {
        /// Our clock minus KIS's.
        ahead: TimeDelta,
    },
    /// An order that came through the Open API and that no intent of ours owns.
    ForeignOrder(BrokerOrder),
    /// Something with words of its own.
    Notice(Notice),
    /// A symbol that was set aside for a suspected split is traded again, or a split is certain.
    SplitOver {
        /// Ticker.
        symbol: Symbol,
        /// How it ended.
        words: Sentence,
    },
}
