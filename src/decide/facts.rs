//! Facts that buy and sell share (holdings united with own fills, the account's total, quotes that may be missing), and the
//! guards that both apply to a symbol.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::config::Limits;
use crate::decide::fold::{Entry, JournalState};
use crate::decide::rule::{Rule, Skip};
use crate::decide::split::usual_ratio;
use crate::decide::words;
use crate::domain::money::{percent_change, show_percent};
use crate::domain::{
    BrokerOrder, Exchange, Intent, KisWords, OrderRequest, Percent, Position, Price, Quote, Side, Symbol, Usd,
};
use crate::language::counts::Shares;
use crate::ordered::Ordered;

/// Quote and balance further apart than this are not believed.
const MAX_QUOTE_TO_BALANCE_PERCENT: Percent = Decimal::from_parts(5, 0, 0, false, 0);

/// A fall this deep, in percent, may be a split of which yesterday's close does not know.
const LEAST_SPLIT_FALL_PERCENT: Percent = Decimal::from_parts(20, 0, 0, false, 0);
/// How close, in percent, a price must be to the one after a split to look like it.
const SPLIT_TOLERANCE_PERCENT: Percent = Decimal::ONE;
/// The least price that an order may have.
pub const CENT: Usd = Usd(Decimal::from_parts(1, 0, 0, false, 2));

/// What asking for a symbol's quote gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// One exchange lists it.
    Found(Quote),
    /// Several exchanges give a price; the user must say which.
    Ambiguous(Vec<Exchange>),
    /// No exchange gives a price.
    Nothing,
    /// The question failed, or not every exchange was asked yet: the next run asks on.
    Unanswered,
    /// KIS answered the question with an error.
    Refused(KisWords),
}

impl Quoted {
    /// Monotonic reading at which the quote arrived; zero, which is old, where there is none.
    pub fn read_at(&self) -> Duration {
        match self {
            Quoted::Found(quote) => quote.read_at,
            _ => Duration::ZERO,
        }
    }

    /// The usable price with its exchange, or the rule that forbids one.
    ///
    /// # Errors
    /// `price_unknown` or `exchange_ambiguous`.
    pub fn usable(&self, symbol: &Symbol) -> Result<(Exchange, Price), Skip> {
        match self {
            Quoted::Found(quote) => match quote.price() {
                Some(price) => Ok((quote.exchange, price)),
                None if !quote.traded_today => Err(Skip::new(symbol, Rule::PriceUnknown, words::not_traded_yet())),
                None => Err(Skip::new(symbol, Rule::PriceUnknown, words::no_price_given())),
            },
            Quoted::Ambiguous(exchanges) => {
                let codes: Vec<&str> = exchanges.iter().map(|exchange| exchange.word()).collect();
                let first = exchanges.first().copied().unwrap_or(Exchange::Nasdaq);
                let detail = words::ambiguous(first, &codes.join(", "), &codes.join("|"), symbol);
                Err(Skip::new(symbol, Rule::ExchangeAmbiguous, detail).notified())
            }
            Quoted::Nothing => Err(Skip::new(symbol, Rule::PriceUnknown, words::no_exchange())),
            Quoted::Unanswered => Err(Skip::new(symbol, Rule::PriceUnknown, words::not_answered())),
            Quoted::Refused(said) => {
                Err(Skip::new(symbol, Rule::PriceUnknown, words::price_refused(&said.to_string())))
            }
        }
    }
}

/// Reports whether a day's change of the account's total, in percent, is a loss that stops buying.
pub fn is_past_loss(change: Percent, most: Percent) -> bool {
    -change > most
}

/// Refuses a price that moved further from yesterday's close than is believable, or has no close to compare with.
///
/// # Errors
/// `price_suspicious`.
pub fn check_move(symbol: &Symbol, price: &Price, most: Option<Percent>) -> Result<(), Skip> {
    let Some(most) = most else { return Ok(()) };
    match price.change_percent() {
        None => Err(no_base(symbol)),
        Some(change) if change.abs() > most => {
            let detail = words::moved_too_far(price.last, &show_percent(change), most);
            Err(Skip::new(symbol, Rule::PriceSuspicious, detail).notified())
        }
        Some(_) => Ok(()),
    }
}

/// Refuses a fall that is as deep as a usual split makes it: yesterday's close may be one from before a split.
///
/// # Errors
/// `price_suspicious`.
pub fn check_split(symbol: &Symbol, price: &Price) -> Result<(), Skip> {
    let deep = price.change_percent().filter(|change| *change <= -LEAST_SPLIT_FALL_PERCENT);
    let looks_like = |change| Some((change, usual_ratio(price.base?, price.last, SPLIT_TOLERANCE_PERCENT)?));
    let Some((change, ratio)) = deep.and_then(looks_like) else { return Ok(()) };
    let detail = words::fell_like_a_split(price.last, &show_percent(-change), ratio);
    Err(Skip::new(symbol, Rule::PriceSuspicious, detail).notified())
}

/// Refuses a price under a cent, at which KIS takes no order online.
///
/// # Errors
/// `untradable`.
pub fn check_cent(symbol: &Symbol, last: Usd) -> Result<(), Skip> {
    if last >= CENT {
        return Ok(());
    }
    Err(Skip::new(symbol, Rule::Untradable, words::under_a_cent(last, CENT)).notified())
}

/// Refuses a symbol whose position does not fit its quote: the balance's own price is far from it, or the profit is not
/// believable. After a split shares and cost are adjusted days later than the quote.
///
/// # Errors
/// `price_suspicious`.
pub fn check_believable(position: &Position, last: Usd, limits: &Limits) -> Result<(), Skip> {
    let suspicious = |detail| Err(Skip::new(&position.symbol, Rule::PriceSuspicious, detail).notified());
    if let Some(balance) = position.balance_price
        && let Some(apart) = percent_change(balance, last)
        && apart.abs() > MAX_QUOTE_TO_BALANCE_PERCENT
    {
        return suspicious(words::quote_far_from_balance(last, balance, &show_percent(apart.abs())));
    }
    if let Some((low, high)) = limits.plausible_profit_percent
        && let Some(profit) = position.profit_percent(last)
        && (profit < low || profit > high)
    {
        return suspicious(words::profit_implausible(&show_percent(profit), low, high));
    }
    Ok(())
}

/// A price without yesterday's close.
pub fn no_base(symbol: &Symbol) -> Skip {
    Skip::new(symbol, Rule::PriceSuspicious, words::no_close()).notified()
}

/// Refuses a symbol that has orders of ours in the way, unknown ones first.
///
/// # Errors
/// `order_unknown` or `order_open`.
pub fn check_own_orders<'a>(own: impl Iterator<Item = &'a Entry>) -> Result<(), Skip> {
    let is_in_doubt = |entry: &Entry| entry.state.is_unknown() || entry.correction.is_some();
    let Some(entry) = own.min_by_key(|entry| !is_in_doubt(entry)) else { return Ok(()) };
    let Intent { id, symbol, side, quantity, limit_price, .. } = &entry.intent;
    Err(if let Some(correction) = &entry.correction {
        let (before, now) = (entry.filled_quantity, correction.filled_quantity);
        Skip::new(symbol, Rule::OrderUnknown, words::fills_in_doubt(*side, id, Shares(before), now))
    } else if entry.state.is_unknown() {
        Skip::new(symbol, Rule::OrderUnknown, words::outcome_unknown(*side, id))
    } else {
        Skip::new(symbol, Rule::OrderOpen, words::own_order_open(*side, *quantity, *limit_price))
    })
}

/// Reports whether an intent of the day has the same symbol, side, quantity and price.
pub fn has_twin(journal: &JournalState, day: NaiveDate, order: &OrderRequest) -> bool {
    journal.of_day(day).map(|entry| &entry.intent).any(|intent| {
        intent.symbol == order.symbol
            && intent.side == order.side
            && intent.quantity == order.quantity
            && intent.limit_price == order.limit_price
    })
}

/// Shares held: the balance united with own fills of the trading date that it does not show yet.
///
/// The balance can lag a fill by minutes. What the first intent of the date saw, plus own buys, less own sells, is
/// what must be there; the larger number counts, since it only limits buying. `external` are the date's orders of other
/// hands: what they sold since is not held any more, and what they bought may be what they sold.
pub fn held_quantities(
    positions: &BTreeMap<Symbol, Position>,
    journal: &JournalState,
    day: NaiveDate,
    external: &[BrokerOrder],
) -> BTreeMap<Symbol, u64> {
    let mut held: BTreeMap<Symbol, u64> =
        positions.values().map(|position| (position.symbol.clone(), position.quantity)).ordered();
    let mut first: BTreeMap<&Symbol, (&Intent, u64, u64)> = BTreeMap::new();
    for entry in journal.of_day(day) {
        let (_, bought, sold) = first.entry(&entry.intent.symbol).or_insert((&entry.intent, 0, 0));
        match entry.intent.side {
            Side::Buy => *bought += entry.filled_quantity,
            Side::Sell => *sold += entry.filled_quantity,
        }
    }
    for (symbol, (intent, bought, sold)) in first.into_iter().filter(|(_, (_, bought, _))| *bought > 0) {
        let (bought_elsewhere, sold_elsewhere) = external_since(intent, external);
        let must_be = (intent.witness.held + bought + bought_elsewhere).saturating_sub(sold + sold_elsewhere);
        let shown = held.entry(symbol.clone()).or_insert(0);
        *shown = (*shown).max(must_be);
    }
    held.retain(|_, quantity| *quantity > 0);
    held
}

/// Shares of an intent's symbol that other hands bought and sold after it was decided. How much of an order listed before then
/// had already filled is unknown: assume all of a buy and nothing of a sell, so that shares already gone never count as held.
fn external_since(intent: &Intent, external: &[BrokerOrder]) -> (u64, u64) {
    let of_symbol = || external.iter().filter(|row| row.symbol == intent.symbol && row.date == intent.trading_date);
    let filled = |side, is_wanted: &dyn Fn(&BrokerOrder) -> bool| -> u64 {
        of_symbol().filter(|row| row.side == side && is_wanted(row)).map(|row| row.filled_quantity).sum()
    };
    (filled(Side::Buy, &|row| !intent.was_listed(&row.key())), filled(Side::Sell, &|_| true))
}

/// What the holdings are worth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worth {
    /// All of them together.
    pub usd: Usd,
    /// Those that have no price, and what a share of them counts as: by the value that the balance states, at the last known
    /// price, or nothing.
    pub unpriced: BTreeMap<Symbol, Option<Usd>>,
}

/// What the holdings are worth; `None` beyond all numbers. `price_of` knows today's prices, `last_known` older ones.
pub fn worth_of(
    held: &BTreeMap<Symbol, u64>,
    positions: &BTreeMap<Symbol, Position>,
    price_of: impl Fn(&Symbol) -> Option<Usd>,
    last_known: impl Fn(&Symbol) -> Option<Usd>,
) -> Option<Worth> {
    let mut worth = Worth::default();
    for (symbol, quantity) in held {
        let price = price_of(symbol).or_else(|| {
            let otherwise = positions.get(symbol).and_then(Position::value_of_share).or_else(|| last_known(symbol));
            worth.unpriced.insert(symbol.clone(), otherwise);
            otherwise
        });
        let value = price.unwrap_or_default().times(*quantity)?;
        worth.usd = worth.usd.plus(value)?;
    }
    Some(worth)
}

/// USD of the account as far as it can be known: cash, holdings, and what open and unknown buys reserve.
pub fn total_usd(cash: Usd, holdings: Usd, journal: &JournalState) -> Option<Usd> {
    let reserved: Usd = journal.live().map(|entry| entry.open_value()).sum();
    cash.plus(holdings)?.plus(reserved)
}

#[cfg(test)]
mod tests;
