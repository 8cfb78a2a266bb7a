//! Two rows of the order list that have one number.

use rust_decimal::Decimal;

use crate::domain::{BrokerOrder, RowKind, Usd};

/// KIS writes average prices with so many places.
const AVERAGE_PLACES: u32 = 8;

/// One row of two with the same number. KIS may list an order that filled at the close twice, whole or in parts: parts add up. Else a
/// new order has moved the row to the next page, where it is listed again: the later one is newer, and of an order and its fill the
/// fill tells more.
pub(crate) fn united(listed: BrokerOrder, later: BrokerOrder) -> BrokerOrder {
    if listed.quantity == later.quantity || listed.kind != RowKind::Order || later.kind != RowKind::Order {
        return if listed.filled_quantity > later.filled_quantity { listed } else { later };
    }
    let paid = |row: &BrokerOrder| row.average_price.times(row.filled_quantity).unwrap_or_default();
    let filled_quantity = listed.filled_quantity.saturating_add(later.filled_quantity);
    let average = (paid(&listed) + paid(&later)).0.checked_div(Decimal::from(filled_quantity)).unwrap_or_default();
    BrokerOrder {
        quantity: listed.quantity.saturating_add(later.quantity),
        filled_quantity,
        average_price: Usd(average.round_dp(AVERAGE_PLACES)),
        remaining_quantity: listed.remaining_quantity.saturating_add(later.remaining_quantity),
        ..later
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{row, usd};
    use crate::domain::Side;

    #[test]
    fn of_two_rows_with_one_number_parts_add_up_and_repeats_do_not() {
        let order = |quantity, filled, price: &str, left| BrokerOrder {
            filled_quantity: filled,
            average_price: usd(price),
            remaining_quantity: left,
            ..row("1140", Side::Buy, "AA", quantity, "61.23")
        };
        for (one, two, both) in [
            // Listed again as it was, or as it is by now.
            (order(9, 0, "0", 9), order(9, 0, "0", 9), order(9, 0, "0", 9)),
            (order(9, 0, "0", 9), order(9, 4, "61", 5), order(9, 4, "61", 5)),
            // The order and its fill, in either order.
            (order(9, 0, "0", 0), order(9, 9, "61", 0), order(9, 9, "61", 0)),
            (order(9, 9, "61", 0), order(9, 0, "0", 0), order(9, 9, "61", 0)),
            // Parts.
            (order(3, 3, "61", 0), order(6, 6, "61", 0), order(9, 9, "61", 0)),
            (order(3, 3, "60", 0), order(6, 0, "0", 6), order(9, 3, "60", 6)),
        ] {
            assert_eq!(super::united(one.clone(), two), both, "{one:?}");
        }
    }
}
