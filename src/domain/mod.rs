//! The nouns of trading: values without files, network, clock or printing. The types are imported from here, functions from
//! their module.

/// An enum whose words in files and for users come from this one table.
macro_rules! words {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$about])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every one, in the order of the table.
            pub const ALL: [$name; [$($word),+].len()] = [$($name::$variant),+];

            /// The table.
            pub const WORDS: [(&str, $name); $name::ALL.len()] = [$(($word, $name::$variant)),+];

            /// The word that users read.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}
pub(crate) use words;

mod access_token;
pub mod account;
mod event;
mod history;
mod intent;
mod job;
mod kis_error;
mod listing;
pub mod market_session;
mod mode;
pub mod money;
mod notice;
pub mod nyse_calendar;
mod order;
mod outcome;
pub mod position;
pub mod quote;
mod ratio;
mod record;
mod refusal;
mod said;
mod sheet;
mod split;
pub mod stamp;
mod symbol;

pub use access_token::{AccessToken, TokenState};
pub use account::{AccountNumber, BuyingPower};
pub use event::Event;
pub use history::{Books, DailyLoss, Doubt, ReasonLine, Reasons, RunEnd, Sample, Transfer};
pub use intent::{Intent, IntentId, IntentState, OrderRequest, Part, Purpose, SheetLine, TrId, Witness};
pub use job::{Job, Task, TokenPurpose};
pub use kis_error::{KisError, KisWords};
pub use listing::{Listing, Listings, SeenHolding};
pub use market_session::{MarketNow, Phase, Session};
pub use mode::Mode;
pub use money::{Percent, Usd};
pub use notice::{Level, Notice, NoticeKind, Often};
pub use nyse_calendar::TradingDay;
pub use order::{BrokerOrder, EndReason, OddOrder, OrderId, OrderKey, OrderKind, OrderList, RowKind, Side};
pub use outcome::{OutcomeClass, SubmitOutcome};
pub use position::{Balance, BalanceScope, OddHolding, Position};
pub use quote::{CloseUnits, DailyBar, Price, Quote};
pub use ratio::Ratio;
pub use record::{
    CancelPhase, Corrected, Filled, HumanVerdict, ListSeen, Observed, Outcome, Record, Resolved, Verdict,
};
pub use refusal::{Concern, Refusal};
pub use sheet::{Adopted, Json, Ledger, Line, LineFill, Lot, RefusedLine, Sheet, SheetOrder};
pub use split::{Holding, SplitSign, SplitSuspicion, Unit};
pub use stamp::{ClockOffset, Stamp};
pub use symbol::{Exchange, ListedSymbol, Symbol};

crate::language::say_alike!(Symbol, Percent, OrderId, OrderKey, OrderKind, IntentId, Ratio, Exchange);

#[cfg(test)]
mod samples {
    use super::{Exchange, IntentId, OrderId, OrderKey, OrderKind, Percent, Ratio, Side, Symbol, Usd};

    crate::language::samples! {
        Symbol => "AAPL".parse().unwrap(),
        Usd => Usd("123.45".parse().unwrap()),
        Percent => "5.0".parse().unwrap(),
        OrderId => "30012345".parse().unwrap(),
        IntentId => IntentId::new(chrono::NaiveDate::from_ymd_opt(2027, 3, 9).unwrap(), 4),
        Ratio => "2:1".parse().unwrap(),
        Exchange => Exchange::Nasdaq,
        Side => Side::Sell,
        OrderKind => OrderKind::Loc,
        &'static Symbol => Box::leak(Box::new("AAPL".parse().unwrap())),
        &'static OrderKey => Box::leak(Box::new("00950-0000042031".parse().unwrap())),
        &'static OrderId => Box::leak(Box::new("30012345".parse().unwrap())),
        &'static IntentId => Box::leak(Box::new(IntentId::new(chrono::NaiveDate::from_ymd_opt(2027, 3, 9).unwrap(), 4))),
    }
}
