//! The rules by which a symbol or an order is passed over, each a stable word.

use serde::Serialize;

use crate::config::{RuleSettings, StrategySettings};
use crate::domain::{OrderKind, SheetOrder, Symbol, words};
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
        StrategySymbol = "strategy_symbol",
        StrategyOrder = "strategy_order",
        AfterLocCutoff = "after_loc_cutoff",
        LocDeferred = "loc_deferred",
        SelfTrade = "self_trade",
        LedgerMismatch = "ledger_mismatch",
        YesterdayUnsettled = "yesterday_unsettled",
        CashTooLow = "cash_too_low",
        CapitalTooSmall = "capital_too_small",
        PriceBand = "price_band",
        NotSentAgain = "not_sent_again",
        Withdrawn = "withdrawn",
        SellOnly = "sell_only",
        StateUnknown = "state_unknown",
        SecondMoc = "second_moc",
        TagReused = "tag_reused",
        RuleFailed = "rule_failed",
        RuleTimeout = "rule_timeout",
        RuleNonsense = "rule_nonsense",
        RuleVersion = "rule_version",
        RuleInvalid = "rule_invalid",
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
    /// Whose it would have been, for a strategy's line.
    #[serde(flatten)]
    pub of_strategy: Option<Box<OfStrategy>>,
    /// A guard held an order back, or nothing can protect a holding: a notification is sent.
    #[serde(skip)]
    pub is_notified: bool,
    /// A limit that a person set has been reached by what was bought: it does what it is for.
    #[serde(skip)]
    pub is_reached_limit: bool,
}

/// Whose an order is, for those of strategies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfStrategy {
    /// The strategy's name.
    pub strategy: String,
    /// The line's role, of a built-in rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The line's tag, of a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// How it is to be filled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<OrderKind>,
}

impl OfStrategy {
    /// Of a strategy as a whole, or of one of its orders.
    pub fn new(strategy: &StrategySettings, order: Option<&SheetOrder>) -> OfStrategy {
        let line = order.map(|order| order.role().to_owned());
        let (role, tag) = match strategy.rule {
            RuleSettings::Infinite(_) => (line, None),
            RuleSettings::Program(_) => (None, line),
        };
        OfStrategy { strategy: strategy.name.clone(), role, tag, kind: order.map(|order| order.kind) }
    }

    /// The line's role or tag.
    pub fn name(&self) -> &str {
        self.role.as_deref().or(self.tag.as_deref()).unwrap_or_default()
    }
}

/// What passed its check; the rest is skipped.
pub fn passed<T>(checked: impl Iterator<Item = Result<T, Skip>>, skipped: &mut Vec<Skip>) -> Vec<T> {
    checked.filter_map(|result| result.map_err(|skip| skipped.push(skip)).ok()).collect()
}

impl Skip {
    /// Passes a symbol over.
    pub fn new(symbol: &Symbol, rule: Rule, detail: Sentence) -> Skip {
        Skip { symbol: symbol.clone(), rule, detail, of_strategy: None, is_notified: false, is_reached_limit: false }
    }

    /// As one of a strategy, or of one of its orders; what it says of itself already stays.
    #[must_use]
    pub fn of_strategy(self, strategy: &StrategySettings, order: Option<&SheetOrder>) -> Skip {
        let its_own = self.of_strategy.clone();
        Skip { of_strategy: its_own.or_else(|| Some(Box::new(OfStrategy::new(strategy, order)))), ..self }
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
