//! What a human should hear of, in words fit to be sent as they are.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::mode::Mode;
use crate::domain::symbol::Symbol;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeKind {
    /// KIS took an order.
    OrderAccepted,
    /// Shares of an order filled.
    OrderFilled,
    /// KIS refused an order, at once or later.
    OrderRejected,
    /// Nobody knows what became of an order.
    OrderUnknown,
    /// An order ended by a cancel.
    OrderCancelled,
    /// An order ended with the session.
    OrderExpired,
    /// An order that was unknown never reached KIS.
    OrderAbsent,
    /// A stop loss filled, and its cool-down began.
    StopLoss,
    /// The account lost more on this date than it may: no more buys.
    DailyLossLimit,
    /// The `HALT` file kept a run from trading.
    Halted,
    /// A price that can't be believed held an order back.
    PriceSuspicious,
    /// Two refusals on this date hold further orders back.
    RefusedToday,
    /// A symbol with a price on two exchanges got no order.
    ExchangeAmbiguous,
    /// An order of another program stands in the account: no buys.
    ForeignOrder,
    /// A run failed in a way that no other event tells.
    RunFailed,
    /// KIS gave a token, and it is on disk.
    TokenRenewed,
    /// A token was due or needed, and none was had.
    TokenRenewalFailed,
    /// The token lives for less than `[token] warn_at_hours_left`.
    TokenExpiring,
    /// KIS refused a token in use (EGW00121, EGW00122, EGW00123).
    TokenRefused,
}

/// How much an event matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    #[default]
    Info,
    /// Something was held back, or will need a person.
    Warning,
    /// A person should look now.
    Error,
}

impl NoticeKind {
    /// All of them.
    pub const ALL: [NoticeKind; 19] = [
        NoticeKind::OrderAccepted,
        NoticeKind::OrderFilled,
        NoticeKind::OrderRejected,
        NoticeKind::OrderUnknown,
        NoticeKind::OrderCancelled,
        NoticeKind::OrderExpired,
        NoticeKind::OrderAbsent,
        NoticeKind::StopLoss,
        NoticeKind::DailyLossLimit,
        NoticeKind::Halted,
        NoticeKind::PriceSuspicious,
        NoticeKind::RefusedToday,
        NoticeKind::ExchangeAmbiguous,
        NoticeKind::ForeignOrder,
        NoticeKind::RunFailed,
        NoticeKind::TokenRenewed,
        NoticeKind::TokenRenewalFailed,
        NoticeKind::TokenExpiring,
        NoticeKind::TokenRefused,
    ];

    /// The word that users match on.
    pub fn word(self) -> &'static str {
        match self {
            NoticeKind::OrderAccepted => "order_accepted",
            NoticeKind::OrderFilled => "order_filled",
            NoticeKind::OrderRejected => "order_rejected",
            NoticeKind::OrderUnknown => "order_unknown",
            NoticeKind::OrderCancelled => "order_cancelled",
            NoticeKind::OrderExpired => "order_expired",
            NoticeKind::OrderAbsent => "order_absent",
            NoticeKind::StopLoss => "stop_loss",
            NoticeKind::DailyLossLimit => "daily_loss_limit",
            NoticeKind::Halted => "halted",
            NoticeKind::PriceSuspicious => "price_suspicious",
            NoticeKind::RefusedToday => "refused_today",
            NoticeKind::ExchangeAmbiguous => "exchange_ambiguous",
            NoticeKind::ForeignOrder => "foreign_order",
            NoticeKind::RunFailed => "run_failed",
            NoticeKind::TokenRenewed => "token_renewed",
            NoticeKind::TokenRenewalFailed => "token_renewal_failed",
            NoticeKind::TokenExpiring => "token_expiring",
            NoticeKind::TokenRefused => "token_refused",
        }
    }

    /// How much it matters.
    pub fn level(self) -> Level {
        match self {
            NoticeKind::OrderAccepted
            | NoticeKind::OrderFilled
            | NoticeKind::OrderCancelled
            | NoticeKind::OrderExpired
            | NoticeKind::OrderAbsent
            | NoticeKind::TokenRenewed => Level::Info,
            NoticeKind::OrderRejected
            | NoticeKind::StopLoss
            | NoticeKind::DailyLossLimit
            | NoticeKind::Halted
            | NoticeKind::PriceSuspicious
            | NoticeKind::RefusedToday
            | NoticeKind::ExchangeAmbiguous
            | NoticeKind::ForeignOrder
            | NoticeKind::TokenRenewalFailed
            | NoticeKind::TokenExpiring
            | NoticeKind::TokenRefused => Level::Warning,
            NoticeKind::OrderUnknown | NoticeKind::RunFailed => Level::Error,
        }
    }
}

/// One sentence in each language, without the mode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: String,
    /// Korean.
    pub ko: String,
}

/// The language of messages to people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Korean.
    #[default]
    Korean,
    /// English.
    English,
}

impl Words {
    /// The sentence in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Korean => &self.ko,
            Language::English => &self.en,
        }
    }
}

/// How often an event is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Often {
    /// Equal ones once an hour, by this key.
    Hourly(String),
    /// Equal ones once a date, by this key.
    OfDate(NaiveDate, String),
}

/// Something that happened in a run: one event, as users call it. Events of orders come from the journal instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// In a sentence.
    pub words: Words,
    /// How often.
    pub often: Often,
    /// Seconds of life left in the token; `None` when there is none.
    pub seconds_left: Option<i64>,
    /// The symbol it is about.
    pub symbol: Option<Symbol>,
}

impl Notice {
    /// An event told at most once an hour.
    pub fn hourly(kind: NoticeKind, words: Words) -> Notice {
        Notice { kind, words, often: Often::Hourly(kind.word().to_owned()), seconds_left: None, symbol: None }
    }

    /// An event told once on a date; `about` tells equal ones apart from others of the kind.
    pub fn of_date(kind: NoticeKind, date: NaiveDate, about: &str, words: Words) -> Notice {
        let often = Often::OfDate(date, format!("{} {about}", kind.word()));
        Notice { kind, words, often, seconds_left: None, symbol: None }
    }
}

/// One event as it is sent, and kept until it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The event's own name: the same however often it is sent.
    pub id: String,
    /// The event's word.
    pub event: String,
    /// How much it matters.
    pub level: Level,
    /// Paper or real.
    pub mode: Mode,
    /// When the run saw it.
    pub at: DateTime<Utc>,
    /// The run that saw it.
    pub run_id: String,
    /// That run's command.
    pub command: String,
    /// What people read, in their language.
    pub text: String,
    /// The same in English.
    pub detail: String,
    /// Seconds of life left in the token, for events of the token.
    pub seconds_left: Option<i64>,
    /// The symbol it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<Symbol>,
    /// The order it is about.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub order: Option<MessageOrder>,
}

/// The numbers of an order's event, as texts where they are decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageOrder {
    /// Name in the journal.
    pub intent_id: String,
    /// The broker's number, once known.
    pub order_id: Option<String>,
    /// `buy` or `sell`.
    pub side: String,
    /// Shares ordered.
    pub quantity: u64,
    /// Shares filled so far.
    pub filled_quantity: u64,
    /// Limit price in USD.
    pub limit_price: String,
    /// Price in USD of the shares that this event is about, when they filled.
    pub price: Option<String>,
    /// Their profit in USD; sells only.
    pub profit_usd: Option<String>,
    /// Their profit in percent of cost; sells only.
    pub profit_percent: Option<String>,
    /// Why it was ordered.
    pub reason: String,
}
