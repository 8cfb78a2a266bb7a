//! One account: cash, holdings, orders and fills, and the arithmetic between them.

use crate::account_id::AccountId;
use crate::calendar;
use crate::orders::{Fill, Order, OrderState, Part, Revision, Side, cost_of};
use crate::position::{LateTrade, Position};
use crate::reservations::Reservation;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Trading days until proceeds are settled on the Korean side: one in the US, one more in Korea.
const SETTLEMENT_DAYS: usize = 2;

/// When others get to know a fill; at once where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Heard {
    /// From when the order lists show it.
    pub listed_at: Option<DateTime<Utc>>,
    /// From when the balance shows its shares.
    pub balance_at: Option<DateTime<Utc>>,
}

/// An amount traded but not settled: positive for sales, negative for purchases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsettled {
    /// New York date from which it counts as settled.
    pub settles_on: NaiveDate,
    /// USD.
    pub amount: Decimal,
}

/// An account and everything booked in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Which one it is.
    pub id: AccountId,
    /// USD, unsettled trades included, reservations not deducted.
    pub cash: Decimal,
    /// Won collateral that integrated margin would lend against, in USD.
    pub won_collateral_usd: Decimal,
    /// Holdings by symbol; sold-out ones stay with quantity 0.
    pub positions: BTreeMap<String, Position>,
    /// Trades on their way to settlement.
    pub unsettled: Vec<Unsettled>,
    /// Cash that came or went and that the present balance does not show until then.
    pub late_cash: Vec<(DateTime<Utc>, Decimal)>,
    /// Every order in the order of acceptance.
    pub orders: Vec<Order>,
    /// Every fill in time order.
    pub fills: Vec<Fill>,
    /// Reserved orders, in the order in which they were taken.
    pub reservations: Vec<Reservation>,
    /// Trading date and number of the newest order.
    pub newest_number: Option<(NaiveDate, u64)>,
}

impl Account {
    /// An account with cash and nothing else.
    pub fn new(id: AccountId, cash: Decimal) -> Account {
        Account {
            id,
            cash,
            won_collateral_usd: Decimal::ZERO,
            positions: BTreeMap::new(),
            unsettled: Vec::new(),
            late_cash: Vec::new(),
            orders: Vec::new(),
            fills: Vec::new(),
            reservations: Vec::new(),
            newest_number: None,
        }
    }

    /// The next order number of a date; numbering restarts each date.
    pub fn next_number(&mut self, date: NaiveDate) -> u64 {
        let used = self.orders.iter().filter(|order| order.date == date).map(|order| order.number).max();
        let number = match self.newest_number {
            Some((newest_date, newest)) if newest_date == date => newest + 1,
            _ => used.map_or(self.id.first_order_number(), |used| used + 1),
        };
        self.newest_number = Some((date, number));
        number
    }

    /// Cash open buys hold.
    pub fn reserved(&self) -> Decimal {
        self.orders.iter().map(Order::reserved).sum()
    }

    /// Cash free for new orders, unsettled proceeds included, never negative.
    pub fn available(&self) -> Decimal {
        (self.cash - self.reserved()).max(Decimal::ZERO)
    }

    /// Sale proceeds on their way.
    pub fn unsettled_sales(&self, today: NaiveDate) -> Decimal {
        self.unsettled_where(today, |amount| amount > Decimal::ZERO)
    }

    /// Purchases not yet paid from the deposit.
    pub fn unsettled_purchases(&self, today: NaiveDate) -> Decimal {
        -self.unsettled_where(today, |amount| amount < Decimal::ZERO)
    }

    /// Shares free for new sells.
    pub fn sellable(&self, symbol: &str) -> u64 {
        self.positions.get(symbol).map_or(0, |position| self.sellable_of(symbol, position, position.quantity))
    }

    /// Shares of a displayed quantity that are free for new sells.
    pub fn sellable_of(&self, symbol: &str, position: &Position, quantity: u64) -> u64 {
        let on_sale = self.orders.iter().filter(|order| order.side == Side::Sell && order.symbol == symbol);
        let on_sale: u64 = on_sale.map(Order::remaining_quantity).sum();
        quantity.saturating_sub(position.locked + on_sale)
    }

    /// Books a fill of an open order.
    pub fn fill(&mut self, index: usize, at: DateTime<Utc>, quantity: u64, price: Decimal) {
        self.fill_heard(index, at, quantity, price, Heard::default());
    }

    /// Books a fill, also of an order that had ended, of which lists and balance hear late.
    pub fn fill_heard(&mut self, index: usize, at: DateTime<Utc>, quantity: u64, price: Decimal, heard: Heard) {
        let order = &mut self.orders[index];
        let amount = Decimal::from(quantity) * price;
        let cost = cost_of(amount, order.hold_percent);
        order.filled_quantity += quantity;
        order.filled_amount += amount;
        order.parts.push(Part { at, listed_at: heard.listed_at, quantity, amount });
        order.match_from = at + TimeDelta::minutes(1);
        order.cancelled_quantity = order.cancelled_quantity.min(order.quantity.saturating_sub(order.filled_quantity));
        let is_done = order.state == OrderState::Open && order.remaining_quantity() == 0;
        if is_done || order.filled_quantity == order.quantity {
            order.state = OrderState::Filled;
        }
        let (number, symbol, side, exchange) = (order.number, order.symbol.clone(), order.side, order.exchange);
        let branch = order.branch.clone();
        let change = if side == Side::Buy { -(amount + cost) } else { amount - cost };
        self.cash += change;
        let settles_on = calendar::trading_days_after(calendar::new_york_date(at), SETTLEMENT_DAYS);
        self.unsettled.push(Unsettled { settles_on, amount: change });
        let position = self.positions.entry(symbol.clone()).or_insert_with(|| Position::empty(exchange));
        position.trade(side, at, quantity, amount);
        position.late.extend(heard.balance_at.map(|balance_at| LateTrade { balance_at, side, quantity, amount }));
        self.fills.push(Fill { number, branch, at, symbol, side, quantity, price });
    }

    /// Takes `quantity` shares of an open order out and books the row of the request that did it.
    pub fn cancel(&mut self, index: usize, at: DateTime<Utc>, quantity: u64, medium: &str) -> u64 {
        let date = calendar::new_york_date(at);
        let number = self.next_number(date);
        let order = &mut self.orders[index];
        let (medium, parts) = (medium.to_owned(), Vec::new());
        let mut row = Order { number, date, at, quantity, medium, parts, ..order.clone() };
        row.original = Some(order.number);
        row.revision = Revision::Cancel;
        row.state = OrderState::Cancelled;
        row.limit_price = Decimal::ZERO;
        (row.filled_quantity, row.filled_amount, row.cancelled_quantity) = (0, Decimal::ZERO, 0);
        order.cancelled_quantity += quantity;
        if order.remaining_quantity() == 0 {
            order.state = OrderState::Cancelled;
        }
        self.orders.push(row);
        number
    }

    /// Replaces the remainder of an open order by a new one; the old number is dead afterwards.
    pub fn modify(
        &mut self,
        index: usize,
        at: DateTime<Utc>,
        quantity: u64,
        limit_price: Decimal,
        medium: &str,
    ) -> u64 {
        let date = calendar::new_york_date(at);
        let number = self.next_number(date);
        let order = &mut self.orders[index];
        let (medium, parts) = (medium.to_owned(), Vec::new());
        let mut row = Order { number, date, at, quantity, limit_price, medium, parts, match_from: at, ..order.clone() };
        row.original = Some(order.number);
        row.revision = Revision::Modify;
        (row.filled_quantity, row.filled_amount, row.cancelled_quantity) = (0, Decimal::ZERO, 0);
        order.cancelled_quantity += order.remaining_quantity();
        order.state = OrderState::Cancelled;
        self.orders.push(row);
        number
    }

    /// Takes cash in, or out when negative; an exchange changes it from won collateral, or into it.
    pub fn transfer(&mut self, usd: Decimal, is_exchange: bool, balance_at: DateTime<Utc>) {
        self.cash += usd;
        if is_exchange {
            self.won_collateral_usd = (self.won_collateral_usd - usd).max(Decimal::ZERO);
        }
        self.late_cash.push((balance_at, usd));
    }

    /// Cash that a correction gives back, or takes when negative.
    pub fn correct_cash(&mut self, at: DateTime<Utc>, usd: Decimal) {
        self.cash += usd;
        let settles_on = calendar::trading_days_after(calendar::new_york_date(at), SETTLEMENT_DAYS);
        self.unsettled.push(Unsettled { settles_on, amount: usd });
    }

    /// What the present balance does not show yet of cash that came, less what it still shows of cash that went.
    pub fn unseen_cash(&self, at: DateTime<Utc>) -> Decimal {
        self.late_cash.iter().filter(|entry| entry.0 > at).map(|entry| entry.1).sum()
    }

    fn unsettled_where(&self, today: NaiveDate, keep: fn(Decimal) -> bool) -> Decimal {
        let pending = self.unsettled.iter().filter(|entry| entry.settles_on > today && keep(entry.amount));
        pending.map(|entry| entry.amount).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Exchange;
    use crate::orders::OrderType;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn account_with_order(side: Side, quantity: u64, limit: &str) -> Account {
        let mut account = Account::new(AccountId::default(), decimal("1000"));
        let at: DateTime<Utc> = "2026-03-10T14:00:00Z".parse().unwrap();
        let date = calendar::new_york_date(at);
        let number = account.next_number(date);
        account.orders.push(Order {
            number,
            branch: None,
            date,
            at,
            symbol: "ZZZQ".into(),
            exchange: Exchange::Nasdaq,
            side,
            order_type: OrderType::Limit,
            quantity,
            limit_price: decimal(limit),
            filled_quantity: 0,
            filled_amount: Decimal::ZERO,
            parts: Vec::new(),
            cancelled_quantity: 0,
            state: OrderState::Open,
            medium: String::new(),
            revision: Revision::New,
            original: None,
            expires_at: at + TimeDelta::hours(6),
            match_from: at,
            hold_percent: if side == Side::Buy { Decimal::ONE } else { Decimal::ZERO },
            reject_reason: None,
            is_day_market: false,
        });
        account
    }

    #[test]
    fn a_buy_reserves_then_pays_with_cost() {
        let mut account = account_with_order(Side::Buy, 5, "100");
        let at = account.orders[0].at;
        assert_eq!(account.available(), decimal("495.00"));
        account.fill(0, at, 2, decimal("99"));
        assert_eq!(account.cash, decimal("800.02"));
        assert_eq!(account.reserved(), decimal("303.00"));
        account.cancel(0, at, 3, "OpenAPI");
        assert_eq!((account.available(), account.orders[0].state), (decimal("800.02"), OrderState::Cancelled));
        assert_eq!((account.orders[1].original, account.orders[1].revision), (Some(40_840), Revision::Cancel));
        assert_eq!(account.positions["ZZZQ"].as_of(at), (2, decimal("99.0000")));
        assert_eq!(account.positions["ZZZQ"].as_of(at - TimeDelta::seconds(1)).0, 0);
    }

    #[test]
    fn a_sell_takes_shares_out_of_what_is_sellable() {
        let mut account = account_with_order(Side::Sell, 3, "100");
        let mut position = Position::empty(Exchange::Nasdaq);
        (position.quantity, position.locked) = (10, 1);
        account.positions.insert("ZZZQ".into(), position);
        let at = account.orders[0].at;
        assert_eq!(account.sellable("ZZZQ"), 6);
        account.fill(0, at, 3, decimal("101"));
        assert_eq!((account.cash, account.sellable("ZZZQ")), (decimal("1303"), 6));
        assert_eq!(account.unsettled_sales("2026-03-11".parse().unwrap()), decimal("303"));
        assert_eq!(account.unsettled_sales("2026-03-12".parse().unwrap()), Decimal::ZERO);
    }

    #[test]
    fn a_modify_kills_the_old_number() {
        let mut account = account_with_order(Side::Buy, 5, "100");
        let at = account.orders[0].at;
        let number = account.modify(0, at, 5, decimal("90"), "OpenAPI");
        assert_eq!((account.orders[0].remaining_quantity(), number), (0, 40_841));
        assert_eq!(account.orders[1].remaining_quantity(), 5);
    }
}
