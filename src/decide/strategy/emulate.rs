//! Closing orders on a paper account, which takes none: shortly before the close the orders that the last price reaches go as one
//! limit order a side. It is an emulation, and fills at another price than the close.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::domain::market_session::Session;
use crate::domain::{OrderKind, Part, Percent, SheetOrder, Side, Usd};

/// What such an order is called.
pub const ROLE: &str = "emulated_loc";
/// It is sent from so long before the close on, and until so long before it.
const WINDOW: (TimeDelta, TimeDelta) = (TimeDelta::minutes(30), TimeDelta::minutes(10));
/// Over or under the last price, so that it fills.
const OFFSET_PERCENT: Percent = Decimal::from_parts(5, 0, 0, false, 1);

/// The window of a session: its first instant, and the first after it.
pub fn window(session: &Session) -> (DateTime<Utc>, DateTime<Utc>) {
    (session.closes_at - WINDOW.0, session.closes_at - WINDOW.1)
}

/// One limit order in place of all closing orders of a side that the last price reaches; `None` when it reaches none.
pub fn emulated<'a>(side: Side, last: Usd, orders: impl Iterator<Item = &'a SheetOrder>) -> Option<SheetOrder> {
    let is_reached = |order: &&SheetOrder| {
        order.side == side
            && match (order.kind, side) {
                (OrderKind::Limit, _) => false,
                (OrderKind::Moc, _) => true,
                (OrderKind::Loc, Side::Buy) => order.limit_price >= last,
                (OrderKind::Loc, Side::Sell) => order.limit_price <= last,
            }
    };
    let reached: Vec<&SheetOrder> = orders.filter(is_reached).collect();
    let limits = || reached.iter().filter(|order| order.kind == OrderKind::Loc).map(|order| order.limit_price);
    let offset = last.percent(OFFSET_PERCENT);
    let limit_price = match side {
        Side::Buy => limits().chain([(last + offset).up_to_tick()]).min()?,
        Side::Sell => limits().chain([(last - offset).down_to_tick()]).max()?,
    };
    let parts: Vec<Part> = reached.iter().flat_map(|order| order.parts.clone()).collect();
    let quantity = reached.iter().map(|order| order.quantity).sum();
    let first = reached.first()?;
    Some(SheetOrder { kind: OrderKind::Limit, quantity, limit_price, parts, ..(*first).clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{symbol, usd};

    fn order(side: Side, kind: OrderKind, quantity: u64, price: &str) -> SheetOrder {
        let parts = vec![Part { line: 0, role: String::new(), quantity }];
        SheetOrder { symbol: symbol("TQQQ"), side, kind, quantity, limit_price: usd(price), parts }
    }

    /// `buy 3@75.38`, or nothing.
    fn sent(orders: &[SheetOrder], last: &str) -> Vec<String> {
        let sent = [Side::Sell, Side::Buy].into_iter().filter_map(|side| emulated(side, usd(last), orders.iter()));
        sent.map(|order| format!("{} {}@{} {}", order.side, order.quantity, order.limit_price, order.kind)).collect()
    }

    #[test]
    fn one_limit_a_side_stands_for_what_the_last_price_reaches() {
        use OrderKind::{Limit, Loc, Moc};
        let lines = [
            order(Side::Buy, Loc, 3, "77.38"),
            order(Side::Buy, Loc, 4, "71.16"),
            order(Side::Buy, Loc, 1, "68.16"),
            order(Side::Sell, Loc, 7, "77.39"),
            order(Side::Sell, Limit, 22, "81.84"),
        ];
        for (last, orders) in [
            ("75", vec!["buy 3@75.38 limit"]),
            ("77.39", vec!["sell 7@77.39 limit"]),
            ("70", vec!["buy 7@70.35 limit"]),
            ("80", vec!["sell 7@79.60 limit"]),
            ("77.38", vec!["buy 3@77.38 limit"]),
            ("68.16", vec!["buy 8@68.16 limit"]),
            ("90", vec!["sell 7@89.55 limit"]),
        ] {
            assert_eq!(sent(&lines, last), orders, "{last}");
        }
        assert_eq!(sent(&[order(Side::Sell, Moc, 5, "0")], "75"), ["sell 5@74.62 limit"]);
        assert_eq!(sent(&[], "75"), [""; 0]);
    }
}
