//! The rules by which a symbol or an order is passed over, each a stable word with its numbers.

use serde::Serialize;

use crate::domain::symbol::Symbol;

/// Why a symbol got no order, or why an open order was left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each word is its own description; README.md explains them to users")]
pub enum Rule {
    PriceUnknown,
    DeclineTooSmall,
    Cooldown,
    RebuyRule,
    OrderOpen,
    OrderUnknown,
    MaxPositions,
    NotPicked,
    TooExpensive,
    DayLimit,
    PositionLimit,
    NothingSellable,
    NotManaged,
    Keep,
    LoanHolding,
    Hold,
    Foreign,
    TooYoung,
    PriceSuspicious,
    RefusedToday,
    ExchangeAmbiguous,
    Halted,
    MarketClosed,
    AfterBuyUntil,
}

impl Rule {
    /// The word as users read it.
    pub fn word(self) -> &'static str {
        match self {
            Rule::PriceUnknown => "price_unknown",
            Rule::DeclineTooSmall => "decline_too_small",
            Rule::Cooldown => "cooldown",
            Rule::RebuyRule => "rebuy_rule",
            Rule::OrderOpen => "order_open",
            Rule::OrderUnknown => "order_unknown",
            Rule::MaxPositions => "max_positions",
            Rule::NotPicked => "not_picked",
            Rule::TooExpensive => "too_expensive",
            Rule::DayLimit => "day_limit",
            Rule::PositionLimit => "position_limit",
            Rule::NothingSellable => "nothing_sellable",
            Rule::NotManaged => "not_managed",
            Rule::Keep => "keep",
            Rule::LoanHolding => "loan_holding",
            Rule::Hold => "hold",
            Rule::Foreign => "foreign",
            Rule::TooYoung => "too_young",
            Rule::PriceSuspicious => "price_suspicious",
            Rule::RefusedToday => "refused_today",
            Rule::ExchangeAmbiguous => "exchange_ambiguous",
            Rule::Halted => "halted",
            Rule::MarketClosed => "market_closed",
            Rule::AfterBuyUntil => "after_buy_until",
        }
    }
}

/// A symbol passed over, with the rule and the numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skip {
    /// Ticker.
    pub symbol: Symbol,
    /// The rule.
    pub rule: Rule,
    /// The numbers, for people.
    pub detail: String,
    /// The same in Korean, where people are told at once; else empty.
    #[serde(skip)]
    pub ko: String,
}

impl Skip {
    /// Passes a symbol over.
    pub fn new(symbol: &Symbol, rule: Rule, detail: impl Into<String>) -> Skip {
        Skip { symbol: symbol.clone(), rule, detail: detail.into(), ko: String::new() }
    }

    /// Reports whether people are told at once: a guard held an order back, or nothing can protect a holding.
    pub fn is_told(&self) -> bool {
        !self.ko.is_empty()
    }

    /// Adds the Korean words, which makes it something that people are told at once.
    #[must_use]
    pub fn ko(mut self, words: impl Into<String>) -> Skip {
        self.ko = words.into();
        self
    }
}
