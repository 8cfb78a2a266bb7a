//! A filled LOC order as several rows under one number, where a switch asks for it.

use crate::orders::{Order, OrderState, OrderType};
use crate::quirks::LocRows;
use rust_decimal::Decimal;
use std::borrow::Cow;

/// The parts of a filled order, the smaller one being a third, rounded down.
const PARTS: u64 = 3;

/// The rows of one order: itself, or two that stand for it.
pub fn rows_of(order: Cow<'_, Order>, quirk: LocRows) -> Vec<Cow<'_, Order>> {
    let is_filled_loc = order.order_type == OrderType::LimitOnClose && order.state == OrderState::Filled;
    let smaller = order.quantity / PARTS;
    match quirk {
        _ if !is_filled_loc => vec![order],
        LocRows::Twice => vec![order.clone(), order],
        LocRows::OrderAndFill => vec![Cow::Owned(with_filled(&order, order.quantity, 0)), order],
        LocRows::Parts if smaller > 0 => {
            let larger = order.quantity - smaller;
            [smaller, larger].map(|part| Cow::Owned(with_filled(&order, part, part))).into()
        }
        LocRows::One | LocRows::Parts => vec![order],
    }
}

/// An order of `quantity` shares of which `filled` are, at the same average.
fn with_filled(order: &Order, quantity: u64, filled: u64) -> Order {
    let filled_amount = order.filled_amount * Decimal::from(filled) / Decimal::from(order.quantity);
    Order { quantity, filled_quantity: filled, filled_amount, ..order.clone() }
}
