//! What people should hear of, and how much each event matters.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::domain::Symbol;
use crate::language::Sentence;
use crate::ordered::Ordered;

words! {
    /// The kinds of events that people hear of.
    pub enum NoticeKind {
        /// KIS took an order.
        OrderAccepted = "order_accepted",
        /// Shares of an order filled, and it goes on.
        OrderPartlyFilled = "order_partly_filled",
        /// An order that filled, wholly or in part, ended. One that cuts a loss is a `stop_loss`.
        OrderFilled = "order_filled",
        /// KIS refused an order, at once or later.
        OrderRejected = "order_rejected",
        /// The outcome of an order is unknown.
        OrderUnknown = "order_unknown",
        /// An order ended by a cancel, and nothing filled.
        OrderCancelled = "order_cancelled",
        /// An order ended with the session, and nothing filled.
        OrderExpired = "order_expired",
        /// An order that was unknown never reached KIS.
        OrderAbsent = "order_absent",
        /// A stop loss that filled ended: its profit, and its cool-down.
        StopLoss = "stop_loss",
        /// A stop loss is due, and an external order holds the shares.
        StopLossHeld = "stop_loss_held",
        /// The account lost more on this date than it may: no more buys.
        DailyLossLimit = "daily_loss_limit",
        /// The `HALT` file kept a run from trading.
        Halted = "halted",
        /// A price that can't be believed held an order back.
        PriceSuspicious = "price_suspicious",
        /// A symbol of filter or watch has no price (it may be renamed, delisted or mistyped), or a holding has none.
        PriceUnknown = "price_unknown",
        /// A symbol is set aside, for quote and balance may be in different units; or it is traded again.
        SplitSuspected = "split_suspected",
        /// A holding of ours left `[buy] watch`: only its stop loss goes on.
        NotManaged = "not_managed",
        /// Two refusals on this date stop further orders.
        RefusedToday = "refused_today",
        /// A symbol with a price on two exchanges got no order.
        ExchangeAmbiguous = "exchange_ambiguous",
        /// The account has an order of another program: no buys.
        ForeignOrder = "foreign_order",
        /// This machine's clock is too far from KIS's to trade by.
        ClockWrong = "clock_wrong",
        /// A reason has kept a command from its work for more than one run.
        Standing = "standing",
        /// A row of the balance or of the order list can't be read and is set aside.
        RowSetAside = "row_set_aside",
        /// Money came from outside, or went there.
        Transfer = "transfer",
        /// The balance is empty although own shares were not sold.
        BalanceEmpty = "balance_empty",
        /// A strategy sends nothing until a person has looked.
        StrategyBlocked = "strategy_blocked",
        /// A strategy's own program gave no sheet.
        RuleFailed = "rule_failed",
        /// A run failed in a way that no other event covers.
        RunFailed = "run_failed",
        /// KIS gave a token, and it is on disk.
        TokenRenewed = "token_renewed",
        /// A token was due or needed, and KIS gave none.
        TokenRenewalFailed = "token_renewal_failed",
        /// The token lives for less than `[token] warn_at_hours_left`.
        TokenExpiring = "token_expiring",
        /// KIS refused a token in use (EGW00121, EGW00122, EGW00123).
        TokenRefused = "token_refused",
    }
}

impl NoticeKind {
    /// The kinds that people hear of unless they choose: an order is one message, at its end, and a renewed token none.
    pub fn by_default() -> BTreeSet<NoticeKind> {
        let is_chosen_only = |kind: &NoticeKind| {
            matches!(kind, NoticeKind::OrderAccepted | NoticeKind::OrderPartlyFilled | NoticeKind::TokenRenewed)
        };
        NoticeKind::ALL.into_iter().filter(|kind| !is_chosen_only(kind)).ordered()
    }

    /// How much it matters.
    pub fn level(self) -> Level {
        match self {
            NoticeKind::OrderUnknown | NoticeKind::RunFailed => Level::Error,
            NoticeKind::OrderAccepted
            | NoticeKind::OrderPartlyFilled
            | NoticeKind::OrderFilled
            | NoticeKind::OrderCancelled
            | NoticeKind::OrderExpired
            | NoticeKind::OrderAbsent
            | NoticeKind::TokenRenewed => Level::Info,
            _ => Level::Warning,
        }
    }
}

words! {
    /// How much an event matters.
    #[derive(Default)]
    pub enum Level {
        /// Good to know.
        #[default]
        Info = "info",
        /// Something was held back, or will need a person.
        Warning = "warning",
        /// A person should act now.
        Error = "error",
    }
}

/// How often an event is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Often {
    /// Equal ones once an hour, by this key.
    Hourly(String),
    /// Equal ones once a date, by this key.
    OfDate(NaiveDate, String),
}

/// An event that people should hear of, in words. Events of orders come from the journal instead (`tell::order_events`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// In a sentence.
    pub words: Sentence,
    /// How often.
    pub often: Often,
    /// Seconds of life left in the token; `None` when there is none.
    pub seconds_left: Option<i64>,
    /// The symbol it is about.
    pub symbol: Option<Symbol>,
}

impl Notice {
    /// An event sent at most once an hour.
    pub fn hourly(kind: NoticeKind, words: Sentence) -> Notice {
        Notice { kind, words, often: Often::Hourly(kind.word().to_owned()), seconds_left: None, symbol: None }
    }

    /// An event sent once on a date; `about` names which of its kind.
    pub fn of_date(kind: NoticeKind, date: NaiveDate, about: &str, words: Sentence) -> Notice {
        let often = Often::OfDate(date, format!("{} {about}", kind.word()));
        Notice { kind, words, often, seconds_left: None, symbol: None }
    }
}
