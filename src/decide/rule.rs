//! The rules by which a symbol or an order is passed over, each a stable word.

use serde::Serialize;

use crate::domain::Symbol;
use crate::domain::words;
use crate::language::Sentence;

words! {
    /// Why a symbol got no order, or why an open order was left alone.
    #[allow(missing_docs, reason = "each word is its own description; the detail beside it has the numbers")]
    pub enum Rule {
        PriceUnknown = "price_unknown",
        DeclineTooSmall = "decline_too_small",
        Cooldown = "cooldown",
        RebuyRule = "rebuy_rule",
        OrderOpen = "order_open",
        OrderUnknown = "order_unknown",
        MaxPositions = "max_positions",
        NotPicked = "not_picked",
        TooExpensive = "too_expensive",
        DayLimit = "day_limit",
        PositionLimit = "position_limit",
        NothingSellable = "nothing_sellable",
        NotManaged = "not_managed",
        Keep = "keep",
        LoanHolding = "loan_holding",
        Hold = "hold",
        Foreign = "foreign",
        TooYoung = "too_young",
        PriceSuspicious = "price_suspicious",
        SplitSuspected = "split_suspected",
        Untradable = "untradable",
        RefusedToday = "refused_today",
        ExchangeAmbiguous = "exchange_ambiguous",
        Halted = "halted",
        MarketClosed = "market_closed",
        AfterBuyUntil = "after_buy_until",
        RowSetAside = "row_set_aside",
        CapitalTooSmall = "capital_too_small",
        StateUnknown = "state_unknown",
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
    pub detail: Sentence,
    /// A guard held an order back, or nothing can protect a holding: a notification is sent.
    #[serde(skip)]
    pub is_notified: bool,
    /// A limit that a person set has been reached by what was bought: it does what it is for.
    #[serde(skip)]
    pub is_reached_limit: bool,
}

/// What passed its check; the rest is skipped.
pub fn passed<T>(checked: impl Iterator<Item = Result<T, Skip>>, skipped: &mut Vec<Skip>) -> Vec<T> {
    checked.filter_map(|result| result.map_err(|skip| skipped.push(skip)).ok()).collect()
}

impl Skip {
    /// Passes a symbol over.
    pub fn new(symbol: &Symbol, rule: Rule, detail: Sentence) -> Skip {
        Skip { symbol: symbol.clone(), rule, detail, is_notified: false, is_reached_limit: false }
    }

    /// Has people notified.
    #[must_use]
    pub fn notified(self) -> Skip {
        Skip { is_notified: true, ..self }
    }

    /// By a limit that what was bought has reached.
    #[must_use]
    pub(super) fn of_reached_limit(self) -> Skip {
        Skip { is_reached_limit: true, ..self }
    }
}
