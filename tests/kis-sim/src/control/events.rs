//! Control of what happens to prices and accounts without an order: splits and transfers.

use super::Outcome;
use crate::account_id::AccountId;
use crate::agenda::Happening;
use crate::control::view;
use crate::splits::{Ratio, Split};
use crate::world::World;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

/// Shares of either side of a split; nothing real is above.
const MOST_SHARES: u32 = 1000;

/// `POST /split`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitOrder {
    account: Option<AccountId>,
    symbol: String,
    from: u32,
    to: u32,
    quote_at: Option<DateTime<Utc>>,
    base_at: Option<DateTime<Utc>>,
    account_at: Option<DateTime<Utc>>,
}

/// `from` shares become `to`: quotes follow at one moment, holdings at another; a moment not given never comes.
///
/// # Errors
/// An unknown symbol, a ratio that is none, or no moment at all.
pub fn split(world: &mut World, order: SplitOrder) -> Outcome {
    let is_ratio = order.from != order.to && [order.from, order.to].iter().all(|n| (1..=MOST_SHARES).contains(n));
    if !is_ratio {
        return Err(format!("from and to must differ and be 1 to {MOST_SHARES}"));
    }
    if order.quote_at.is_none() && order.account_at.is_none() {
        return Err("quote_at or account_at is needed".to_owned());
    }
    if order.base_at.is_some_and(|base_at| order.quote_at.is_none_or(|quote_at| base_at < quote_at)) {
        return Err("base_at needs a quote_at that is not later".to_owned());
    }
    if world.market.exchange(&order.symbol).is_none() {
        return Err(format!("no such symbol: {}", order.symbol));
    }
    let ratio = Ratio { from: order.from, to: order.to };
    if let Some(quote_at) = order.quote_at {
        let base_at = order.base_at.unwrap_or(quote_at);
        world.market.splits.push(Split { symbol: order.symbol.clone(), ratio, quote_at, base_at });
        world.agenda.add(quote_at, Happening::SplitLast { symbol: order.symbol.clone(), ratio });
        world.agenda.add(base_at, Happening::SplitBase { symbol: order.symbol.clone(), ratio });
    }
    if let Some(account_at) = order.account_at {
        world.agenda.add(account_at, Happening::SplitHolding { account: order.account, symbol: order.symbol, ratio });
    }
    Ok(json!({}))
}

/// `POST /transfer`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferOrder {
    #[serde(default)]
    account: AccountId,
    usd: Decimal,
    #[serde(default)]
    exchange: bool,
    at: Option<DateTime<Utc>>,
    balance_at: Option<DateTime<Utc>>,
}

/// Cash comes in, or goes out when negative, now or at a moment.
///
/// # Errors
/// Nothing to transfer, or more than there is now.
pub fn transfer(world: &mut World, order: TransferOrder) -> Outcome {
    let now = world.clock.now();
    let cash = world.account(order.account).cash;
    if order.usd.is_zero() {
        return Err("usd must not be zero".to_owned());
    }
    if (cash + order.usd).is_sign_negative() {
        return Err(format!("there are {} USD", view::money(cash)));
    }
    let at = order.at.unwrap_or(now);
    let balance_at = order.balance_at.unwrap_or(at);
    let happening =
        Happening::Transfer { account: order.account, usd: order.usd, is_exchange: order.exchange, balance_at };
    world.agenda.add(at, happening);
    Ok(json!({}))
}
