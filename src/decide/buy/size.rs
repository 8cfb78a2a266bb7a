//! How many shares, at which price, within which limits.

use rust_decimal::Decimal;

use crate::config::BuySettings;
use crate::decide::buy::{BuyFacts, Candidate};
use crate::decide::facts::has_twin;
use crate::decide::fold::Entry;
use crate::decide::rule::{Rule, Skip};
use crate::decide::words;
use crate::domain::{OrderKind, OrderRequest, Percent, Side, Symbol, Usd};

/// KIS holds about one per cent of an order back; this share of the cash is spread over the picks.
const USABLE_CASH_PERCENT: Percent = Decimal::from_parts(98, 0, 0, false, 0);

/// The limit price of a buy: over last by the offset, rounded up to the tick.
pub fn limit_price(buy: &BuySettings, last: Usd) -> Usd {
    (last + last.percent(buy.limit_offset_percent)).up_to_tick()
}

/// USD that each pick may use, also when fewer than `picks` pass.
pub fn share_of_cash(cash: Usd, picks: u32) -> Usd {
    Usd(cash.percent(USABLE_CASH_PERCENT).0 / Decimal::from(picks.max(1)))
}

/// Sizes the order for a pick. `planned` is what this run already decided to buy but did not journal (dry runs);
/// `most_for_symbol` is KIS's own limit when it was asked for this very symbol.
///
/// # Errors
/// `too_expensive`, `day_limit` or `position_limit` when not even one share fits.
pub fn size_order(
    facts: &BuyFacts<'_>,
    pick: &Candidate,
    share: Usd,
    planned: Usd,
    most_for_symbol: Option<u64>,
) -> Result<OrderRequest, Skip> {
    let mut limit_price = limit_price(facts.buy, pick.price.last);
    // No two intents of one day may be equal, or a lost order could be mistaken for an older one: the later one moves by
    // a tick. Each round passes one existing intent of the day, so the loop ends.
    for _ in 0..=facts.journal.of_day(facts.trading_date).count() {
        let quantity = quantity_at(facts, pick, limit_price, share, planned, most_for_symbol)?;
        let order = OrderRequest {
            exchange: pick.exchange,
            symbol: pick.symbol.clone(),
            side: Side::Buy,
            quantity,
            limit_price,
            kind: OrderKind::Limit,
        };
        if !has_twin(facts.journal, facts.trading_date, &order) {
            return Ok(order);
        }
        limit_price = limit_price + limit_price.tick();
    }
    Err(Skip::new(&pick.symbol, Rule::OrderOpen, words::looks_like_another()))
}

fn quantity_at(
    facts: &BuyFacts<'_>,
    pick: &Candidate,
    price: Usd,
    share: Usd,
    planned: Usd,
    most_for_symbol: Option<u64>,
) -> Result<u64, Skip> {
    let symbol = &pick.symbol;
    let affordable = share
        .shares_at(price)
        .min(facts.limits.max_order.shares_at(price))
        .min(facts.buy.max_quantity)
        .min(most_for_symbol.unwrap_or(u64::MAX));
    if affordable == 0 {
        let detail = if price > facts.limits.max_order {
            words::share_above_limit(price, facts.limits.max_order, "max_order_usd")
        } else if price > share {
            words::share_too_dear(price, share.to_cents())
        } else {
            words::none_allowed(price)
        };
        return Err(Skip::new(symbol, Rule::TooExpensive, detail));
    }
    let external: Usd = facts.external_open.values().copied().sum();
    let spent = facts.journal.bought_on(facts.trading_date) + external + planned;
    let left_today = facts.limits.max_buy_per_day - spent;
    let in_day = left_today.shares_at(price);
    if in_day == 0 {
        let most = facts.limits.max_buy_per_day;
        return Err(if price > most {
            Skip::new(symbol, Rule::DayLimit, words::share_above_limit(price, most, "max_buy_usd_per_day"))
        } else {
            Skip::new(symbol, Rule::DayLimit, words::day_limit(spent.to_cents(), most)).of_reached_limit()
        });
    }
    let Some(most) = facts.limits.max_position else { return Ok(affordable.min(in_day)) };
    let invested = invested_in(facts, symbol, pick.price.last);
    let in_position = (most - invested).shares_at(price);
    if in_position == 0 {
        // What is held may have risen until one share costs more than the limit.
        return Err(if invested.is_positive() {
            Skip::new(symbol, Rule::PositionLimit, words::position_limit(invested.to_cents(), most)).of_reached_limit()
        } else {
            Skip::new(symbol, Rule::PositionLimit, words::share_above_limit(price, most, "max_position_usd"))
        });
    }
    Ok(affordable.min(in_day).min(in_position))
}

/// USD in one symbol: held at last, plus open and unknown buys.
fn invested_in(facts: &BuyFacts<'_>, symbol: &Symbol, last: Usd) -> Usd {
    let held = facts.held.get(symbol).copied().unwrap_or(0);
    let open: Usd = facts.journal.live_in(symbol).map(Entry::open_value).sum();
    let external = facts.external_open.get(symbol).copied().unwrap_or_default();
    last.times(held).unwrap_or(Usd(Decimal::MAX)) + open + external
}
