//! Rows of the order list that have one number.

use rust_decimal::Decimal;

use crate::domain::{BrokerOrder, RowKind, Usd};

/// KIS writes average prices with so many places.
const AVERAGE_PLACES: u32 = 8;

/// The rows of one number. KIS may list an order that filled at the close twice, whole or in parts: parts of different quantities add up.
/// Else a new order has moved the row to the next page, where it is listed again: the later one is newer, and of an order and its
/// fill the fill tells more.
#[derive(Default)]
pub(crate) struct RowsOfOne {
    parts: Vec<BrokerOrder>,
}

impl RowsOfOne {
    /// Adds a row.
    pub(crate) fn add(&mut self, row: BrokerOrder) {
        let is_part = |known: &BrokerOrder| known.kind == RowKind::Order && row.kind == RowKind::Order;
        let is_same = |known: &&mut BrokerOrder| known.quantity == row.quantity || !is_part(known);
        match self.parts.iter_mut().find(is_same) {
            Some(known) if known.filled_quantity > row.filled_quantity => {}
            Some(known) => *known = row,
            None => self.parts.push(row),
        }
    }

    /// The order that they are; `None` without a row.
    pub(crate) fn into_order(self) -> Option<BrokerOrder> {
        self.parts.into_iter().reduce(joined)
    }
}

fn joined(one: BrokerOrder, other: BrokerOrder) -> BrokerOrder {
    let paid = |row: &BrokerOrder| row.average_price.times(row.filled_quantity).unwrap_or_default();
    let filled_quantity = one.filled_quantity.saturating_add(other.filled_quantity);
    let average = (paid(&one) + paid(&other)).0.checked_div(Decimal::from(filled_quantity)).unwrap_or_default();
    BrokerOrder {
        quantity: one.quantity.saturating_add(other.quantity),
        filled_quantity,
        average_price: Usd(average.round_dp(AVERAGE_PLACES)),
        remaining_quantity: one.remaining_quantity.saturating_add(other.remaining_quantity),
        ..other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{row, usd};
    use crate::domain::Side;

    #[test]
    fn of_rows_with_one_number_parts_add_up_and_repeats_do_not() {
        let order = |(quantity, filled, price, left): (u64, u64, &str, u64)| BrokerOrder {
            filled_quantity: filled,
            average_price: usd(price),
            remaining_quantity: left,
            ..row("1140", Side::Buy, "AA", quantity, "61.23")
        };
        for (rows, whole) in [
            // Listed again as it was, or as it is by now.
            (vec![(9, 0, "0", 9), (9, 0, "0", 9)], (9, 0, "0", 9)),
            (vec![(9, 0, "0", 9), (9, 4, "61", 5)], (9, 4, "61", 5)),
            // The order and its fill, in either order.
            (vec![(9, 0, "0", 0), (9, 9, "61", 0)], (9, 9, "61", 0)),
            (vec![(9, 9, "61", 0), (9, 0, "0", 0)], (9, 9, "61", 0)),
            // Parts.
            (vec![(3, 3, "61", 0), (6, 6, "61", 0)], (9, 9, "61", 0)),
            (vec![(3, 3, "60", 0), (6, 0, "0", 6)], (9, 3, "60", 6)),
            (vec![(1, 1, "60", 0), (3, 3, "60.40", 0)], (4, 4, "60.3", 0)),
            // Parts of which the next page lists one again, or both.
            (vec![(3, 3, "61", 0), (6, 6, "61", 0), (6, 6, "61", 0)], (9, 9, "61", 0)),
            (vec![(3, 3, "61", 0), (6, 6, "61", 0), (3, 3, "61", 0), (6, 6, "61", 0)], (9, 9, "61", 0)),
        ] {
            let mut all = RowsOfOne::default();
            rows.iter().for_each(|one| all.add(order(*one)));
            assert_eq!(all.into_order(), Some(order(whole)), "{rows:?}");
        }
    }
}
