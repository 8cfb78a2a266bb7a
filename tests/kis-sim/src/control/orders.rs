//! Control of orders: another hand's orders, changes and cancels, and what the exchange does to open ones.

use super::Outcome;
use crate::account::Heard;
use crate::account_id::AccountId;
use crate::calendar;
use crate::events::Kind;
use crate::orders::{Order, OrderState, OrderType, Revision, Side, order_number_text};
use crate::quirks;
use crate::ticket::Ticket;
use crate::world::World;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;

/// Who an order comes from when nothing is said.
pub const ANOTHER_HAND: &str = "모바일";

/// `POST /orders/foreign`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignOrder {
    #[serde(default)]
    account: AccountId,
    symbol: String,
    side: Side,
    quantity: u64,
    #[serde(default)]
    limit_price: Decimal,
    #[serde(default = "limit", rename = "type")]
    order_type: OrderType,
    medium: Option<String>,
    branch: Option<String>,
    order_id: Option<String>,
}

/// Places an order by another hand, without any of the checks of the gateway, at any time. A number may be given:
/// each branch has its own.
///
/// # Errors
/// An unknown symbol, no shares, no price, no branch, or a number that the branch has given already.
pub fn place_foreign(world: &mut World, order: ForeignOrder) -> Outcome {
    let exchange = world.market.exchange(&order.symbol).ok_or_else(|| format!("no such symbol: {}", order.symbol))?;
    let is_priced = order.limit_price > Decimal::ZERO;
    if order.quantity == 0 || (!is_priced && !order.order_type.is_market()) {
        return Err("quantity and limit_price must be above zero".to_owned());
    }
    if order.order_type.is_market() && (is_priced || order.side == Side::Buy) {
        return Err("31 and 33 are sells without a limit_price".to_owned());
    }
    let number = order.order_id.as_deref().map(number_of).transpose()?;
    check_branch(order.branch.as_deref())?;
    let today = calendar::new_york_date(world.clock.now());
    let is_same = |other: &Order| other.date == today && Some(other.number) == number && other.branch == order.branch;
    if world.account(order.account).orders.iter().any(is_same) {
        return Err("the branch has given that number today".to_owned());
    }
    let ticket = Ticket {
        symbol: order.symbol,
        exchange,
        side: order.side,
        order_type: order.order_type,
        quantity: order.quantity,
        limit_price: order.limit_price,
        medium: order.medium.unwrap_or_else(|| ANOTHER_HAND.to_owned()),
        branch: order.branch,
        number,
        is_day_market: false,
    };
    let number = world.accept(order.account, ticket);
    Ok(json!({ "order_id": order_number_text(number) }))
}

/// `POST /orders/fill`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForcedFill {
    account: Option<AccountId>,
    order_id: String,
    branch: Option<String>,
    quantity: Option<u64>,
    price: Option<Decimal>,
    #[serde(default)]
    late: bool,
    listed_at: Option<DateTime<Utc>>,
    balance_at: Option<DateTime<Utc>>,
}

/// Fills an open order now, by default all that remains at its limit; a late fill also one that had ended. Lists
/// and balance may hear of it later.
///
/// # Errors
/// No such order, or more shares than remain.
pub fn fill(world: &mut World, fill: ForcedFill) -> Outcome {
    let only = Wanted { account: fill.account, order_id: &fill.order_id, branch: fill.branch.as_deref() };
    let (account_id, index) = if fill.late { only.find_plain(world)? } else { only.find_open(world)? };
    let now = world.clock.now();
    let market_price = world.market.last(&world.account(account_id).orders[index].symbol, now);
    let account = world.account_mut(account_id);
    let order = &account.orders[index];
    let remaining = if fill.late { order.quantity - order.filled_quantity } else { order.remaining_quantity() };
    let quantity = fill.quantity.unwrap_or(remaining);
    if quantity == 0 || quantity > remaining {
        return Err(format!("{remaining} shares remain"));
    }
    let limit = if order.order_type.is_market() { market_price.ok_or("price is missing")? } else { order.limit_price };
    let heard = Heard { listed_at: fill.listed_at, balance_at: fill.balance_at };
    let price = fill.price.unwrap_or(limit);
    account.fill_heard(index, now, quantity, price, heard);
    world.note_order(Kind::OrderFilled, account_id, index, now, Some((quantity, price)));
    let order = &world.account(account_id).orders[index];
    Ok(json!({ "order_id": order_number_text(order.number), "remaining_quantity": order.remaining_quantity() }))
}

/// `POST /orders/reject`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    account: Option<AccountId>,
    order_id: String,
    branch: Option<String>,
    reason: Option<String>,
}

/// The exchange refuses an accepted order.
///
/// # Errors
/// No such open order.
pub fn reject(world: &mut World, rejection: Rejection) -> Outcome {
    let wanted =
        Wanted { account: rejection.account, order_id: &rejection.order_id, branch: rejection.branch.as_deref() };
    let (account_id, index) = wanted.find_open(world)?;
    let order = &mut world.account_mut(account_id).orders[index];
    order.state = OrderState::Rejected;
    order.reject_reason = Some(rejection.reason.unwrap_or_else(|| "거래소 거부".to_owned()));
    let number = order.number;
    world.note_order(Kind::OrderRejected, account_id, index, world.clock.now(), None);
    Ok(json!({ "order_id": order_number_text(number) }))
}

/// `POST /orders/cancel`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignCancel {
    account: Option<AccountId>,
    order_id: String,
    branch: Option<String>,
    medium: Option<String>,
}

/// Another hand cancels an open order; answers the number of the cancel's own row.
///
/// # Errors
/// No such open order.
pub fn cancel(world: &mut World, cancel: ForeignCancel) -> Outcome {
    let wanted = Wanted { account: cancel.account, order_id: &cancel.order_id, branch: cancel.branch.as_deref() };
    let (account_id, index) = wanted.find_open(world)?;
    let now = world.clock.now();
    let account = world.account_mut(account_id);
    let remaining = account.orders[index].remaining_quantity();
    let number = account.cancel(index, now, remaining, cancel.medium.as_deref().unwrap_or(ANOTHER_HAND));
    world.note_revision(account_id, index, now);
    Ok(json!({ "order_id": order_number_text(number) }))
}

/// `POST /orders/modify`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignModify {
    account: Option<AccountId>,
    order_id: String,
    branch: Option<String>,
    quantity: Option<u64>,
    limit_price: Option<Decimal>,
    medium: Option<String>,
}

/// Another hand modifies an open order (정정): the old number is dead, what remained goes on under the number
/// answered, in a row of its own that names the old one.
///
/// # Errors
/// No such open order, nothing to change, more shares than remain, or no price.
pub fn modify(world: &mut World, change: ForeignModify) -> Outcome {
    let wanted = Wanted { account: change.account, order_id: &change.order_id, branch: change.branch.as_deref() };
    let (account_id, index) = wanted.find_open(world)?;
    if change.quantity.is_none() && change.limit_price.is_none() {
        return Err("quantity or limit_price is missing".to_owned());
    }
    let now = world.clock.now();
    let account = world.account_mut(account_id);
    let order = &account.orders[index];
    let remaining = order.remaining_quantity();
    let quantity = change.quantity.unwrap_or(remaining);
    if quantity == 0 || quantity > remaining {
        return Err(format!("{remaining} shares remain"));
    }
    let limit_price = change.limit_price.unwrap_or(order.limit_price);
    if limit_price <= Decimal::ZERO && !order.order_type.is_market() {
        return Err("limit_price must be above zero".to_owned());
    }
    let medium = change.medium.as_deref().unwrap_or(ANOTHER_HAND);
    let number = account.modify(index, now, quantity, limit_price, medium);
    world.note_revision(account_id, index, now);
    Ok(json!({ "order_id": order_number_text(number) }))
}

/// Which order is meant: the newest of a number, padded or bare, in the account and at the branch named or in any.
pub struct Wanted<'a> {
    /// Whose; none means anybody's, paper first.
    pub account: Option<AccountId>,
    /// ODNO.
    pub order_id: &'a str,
    /// Branch; none means any.
    pub branch: Option<&'a str>,
}

impl Wanted<'_> {
    /// An order of which something is still to fill.
    ///
    /// # Errors
    /// There is none.
    pub fn find_open(&self, world: &World) -> Result<(AccountId, usize), String> {
        let found = self.find(world, |order| order.remaining_quantity() > 0)?;
        found.ok_or_else(|| format!("no open order {}", self.order_id))
    }

    /// An order that is no cancel's row, open or not.
    ///
    /// # Errors
    /// There is none.
    pub fn find_plain(&self, world: &World) -> Result<(AccountId, usize), String> {
        let found = self.find(world, |order| order.revision != Revision::Cancel)?;
        found.ok_or_else(|| format!("no order {}", self.order_id))
    }

    fn find(&self, world: &World, is_fit: fn(&Order) -> bool) -> Result<Option<(AccountId, usize)>, String> {
        let number = number_of(self.order_id)?;
        let accounts = world.accounts.iter().filter(|account| self.account.is_none_or(|only| only == account.id));
        let mut found = accounts.filter_map(|account| {
            let is_meant = |order: &Order| order.number == number && self.is_at_branch(account.id, order);
            let index = account.orders.iter().rposition(is_meant)?;
            is_fit(&account.orders[index]).then_some((account.id, index))
        });
        Ok(found.next())
    }

    fn is_at_branch(&self, account: AccountId, order: &Order) -> bool {
        self.branch.is_none_or(|branch| order.branch.as_deref().unwrap_or(account.mode.branch()) == branch)
    }
}

fn limit() -> OrderType {
    OrderType::Limit
}

fn number_of(order_id: &str) -> Result<u64, String> {
    order_id.trim().parse().map_err(|_| format!("not an order number: {order_id}"))
}

fn check_branch(branch: Option<&str>) -> Result<(), String> {
    match branch {
        Some(branch) if !quirks::is_branch(branch) => Err("a branch has five digits".to_owned()),
        _ => Ok(()),
    }
}
