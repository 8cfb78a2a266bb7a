//! From the lines of a sheet to the orders that are sent for them.
//!
//! KIS's lists show no order type, so of one date no two orders of one side of a symbol may have the same price: equal prices are
//! merged, and a closing order beside a limit order moves a tick away from the market. KIS refuses a buy that could meet an own
//! sell, so closing orders that cross are netted first: what is sent fills, at every closing price, as the lines would.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Line, OrderKind, Part, SheetOrder, Side, Symbol, Usd};

/// The orders for the lines of a sheet, in the order of sending: sells before buys, each side as its lines stand.
pub fn orders_for(lines: &[Line]) -> Vec<SheetOrder> {
    let mut orders = Vec::new();
    for side in [Side::Sell, Side::Buy] {
        let fixed = |line: &&(usize, &Line)| line.1.side == side && line.1.kind != OrderKind::Loc;
        let numbered: Vec<(usize, &Line)> = lines.iter().enumerate().collect();
        orders.extend(merged(numbered.iter().filter(fixed).map(|(place, line)| order_of(*place, line))));
    }
    let symbols: BTreeSet<&Symbol> = lines.iter().map(|line| &line.symbol).collect();
    for symbol in symbols {
        let at_close = lines.iter().enumerate();
        let at_close = at_close.filter(|(_, line)| line.kind == OrderKind::Loc && line.symbol == *symbol);
        let at_close: Vec<SheetOrder> = at_close.map(|(place, line)| order_of(place, line)).collect();
        let at_close = if crosses(&at_close) { netted(&at_close) } else { at_close };
        for order in merged(at_close.into_iter()) {
            let order = beside_limits(order, &orders);
            match orders.iter_mut().find(|known| known.kind == OrderKind::Loc && is_same_price(known, &order)) {
                Some(known) => merge(known, order),
                None => orders.push(order),
            }
        }
    }
    let place = |order: &SheetOrder| order.parts.iter().map(|part| part.line).min();
    // What netting left has no place of its own: a sell goes from the lowest price up, a buy from the highest down.
    orders.sort_by(|one, other| {
        let by_price = match one.side {
            Side::Sell => one.limit_price.cmp(&other.limit_price),
            Side::Buy => other.limit_price.cmp(&one.limit_price),
        };
        (one.side != Side::Sell).cmp(&(other.side != Side::Sell)).then(place(one).cmp(&place(other))).then(by_price)
    });
    orders
}

/// The orders for lines that are added to a sheet: each moves away from the market while an order of the sheet has its price, which
/// may have been sent by now.
pub fn orders_beside(lines: &[Line], before: &[SheetOrder]) -> Vec<SheetOrder> {
    let mut orders = orders_for(lines);
    for place in 0..orders.len() {
        let order = &orders[place];
        let others = orders.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, other)| other);
        let of_its_side = |other: &&SheetOrder| other.symbol == order.symbol && other.side == order.side;
        let price = |other: &SheetOrder| other.limit_price;
        let sent: BTreeSet<Usd> = before.iter().filter(of_its_side).map(price).collect();
        let taken: BTreeSet<Usd> = before.iter().chain(others).filter(of_its_side).map(price).collect();
        let mut limit_price = order.limit_price;
        if order.kind != OrderKind::Moc && sent.contains(&limit_price) {
            for _ in 0..=taken.len() {
                if !taken.contains(&limit_price) {
                    break;
                }
                limit_price = a_tick_away(order.side, limit_price);
            }
        }
        orders[place].limit_price = limit_price;
    }
    orders
}

/// Reports whether some closing price would fill lines of both sides.
fn crosses(at_close: &[SheetOrder]) -> bool {
    let prices = |side| at_close.iter().filter(move |order| order.side == side).map(|order| order.limit_price);
    let (highest_buy, lowest_sell) = (prices(Side::Buy).max(), prices(Side::Sell).min());
    highest_buy.zip(lowest_sell).is_some_and(|(buy, sell)| buy >= sell)
}

/// The orders that fill, at every closing price, as these would. The net is what is bought at a price less what is sold; wherever
/// it steps, one order stands for the step.
fn netted(at_close: &[SheetOrder]) -> Vec<SheetOrder> {
    let mut steps: BTreeMap<Usd, i128> = BTreeMap::new();
    let mut net: i128 = 0;
    for order in at_close {
        let quantity = i128::from(order.quantity);
        let from = match order.side {
            Side::Sell => order.limit_price,
            Side::Buy => {
                net += quantity;
                order.limit_price + order.limit_price.tick()
            }
        };
        *steps.entry(from).or_default() -= quantity;
    }
    let mut orders = Vec::new();
    for (price, step) in steps {
        let (before, after) = (net, net + step);
        net = after;
        let bought = before.max(0) - after.max(0);
        let sold = (-after).max(0) - (-before).max(0);
        let below = (price - (price - price.tick()).tick()).down_to_tick();
        for (side, quantity, limit_price) in [(Side::Buy, bought, below), (Side::Sell, sold, price)] {
            if let (Ok(quantity), Some(any)) = (u64::try_from(quantity), at_close.first())
                && quantity > 0
            {
                orders.push(SheetOrder { side, quantity, limit_price, parts: Vec::new(), ..any.clone() });
            }
        }
    }
    orders
}

fn order_of(place: usize, line: &Line) -> SheetOrder {
    SheetOrder {
        symbol: line.symbol.clone(),
        side: line.side,
        kind: line.kind,
        quantity: line.quantity,
        limit_price: line.limit_price.unwrap_or_default(),
        parts: vec![Part { line: place, role: line.role.clone(), quantity: line.quantity }],
    }
}

fn is_same_price(one: &SheetOrder, other: &SheetOrder) -> bool {
    one.symbol == other.symbol && one.side == other.side && one.limit_price == other.limit_price
}

/// Makes one order of those of one kind that have the same price.
fn merged(orders: impl Iterator<Item = SheetOrder>) -> Vec<SheetOrder> {
    let mut all: Vec<SheetOrder> = Vec::new();
    for order in orders {
        match all.iter_mut().find(|known| known.kind == order.kind && is_same_price(known, &order)) {
            Some(known) => merge(known, order),
            None => all.push(order),
        }
    }
    all
}

fn merge(known: &mut SheetOrder, order: SheetOrder) {
    known.quantity = known.quantity.saturating_add(order.quantity);
    known.parts.extend(order.parts);
}

/// Moves a closing order away from the market, tick by tick, while a limit order of its side has its price.
fn beside_limits(mut order: SheetOrder, orders: &[SheetOrder]) -> SheetOrder {
    for _ in 0..=orders.len() {
        let is_taken = |known: &SheetOrder| known.kind == OrderKind::Limit && is_same_price(known, &order);
        if !orders.iter().any(is_taken) {
            break;
        }
        order.limit_price = a_tick_away(order.side, order.limit_price);
    }
    order
}

/// The next price that is harder to reach: lower for a buy, higher for a sell.
pub fn a_tick_away(side: Side, price: Usd) -> Usd {
    match side {
        Side::Sell => price + price.tick(),
        Side::Buy => (price - (price - price.tick()).tick()).down_to_tick(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::strategy::test_support::lines;

    fn shown(orders: &[SheetOrder]) -> Vec<String> {
        let show = |order: &SheetOrder| {
            let roles: Vec<&str> = order.parts.iter().map(|part| part.role.as_str()).collect();
            format!("{} {}@{} {} {}", order.side, order.quantity, order.limit_price, order.kind, roles.join("+"))
        };
        orders.iter().map(|order| show(order).trim_end().to_owned()).collect()
    }

    #[track_caller]
    fn check(sheet: &[&str], orders: &[&str]) {
        assert_eq!(shown(&orders_for(&lines(sheet))), orders, "{sheet:?}");
    }

    #[test]
    fn sells_go_before_buys_and_each_side_as_its_lines_stand() {
        check(
            &["buy 3@78.11 loc", "sell 7@78.12 loc", "buy 4@69.75 loc", "sell 22@80.21 limit"],
            &["sell 7@78.12 loc l1", "sell 22@80.21 limit l3", "buy 3@78.11 loc l0", "buy 4@69.75 loc l2"],
        );
    }

    #[test]
    fn equal_prices_of_one_side_are_one_order() {
        check(
            &[
                "buy 3@78.11 loc half",
                "buy 4@78.11 loc half",
                "buy 1@60 loc rung",
                "sell 4@80 limit",
                "sell 5@80 limit",
            ],
            &["sell 9@80.00 limit l3+l4", "buy 7@78.11 loc half+half", "buy 1@60.00 loc rung"],
        );
    }

    #[test]
    fn a_closing_order_beside_a_limit_order_moves_a_tick_away_from_the_market() {
        check(&["buy 3@78.11 loc", "buy 2@78.11 limit"], &["buy 3@78.10 loc l0", "buy 2@78.11 limit l1"]);
        check(&["sell 3@78.11 loc", "sell 2@78.11 limit"], &["sell 3@78.12 loc l0", "sell 2@78.11 limit l1"]);
        // Onto another closing order's price: then they are one.
        check(
            &["buy 3@78.11 loc", "buy 2@78.11 limit", "buy 4@78.10 loc"],
            &["buy 7@78.10 loc l0+l2", "buy 2@78.11 limit l1"],
        );
        check(
            &["buy 3@1.00 loc", "buy 2@1.00 limit", "buy 4@0.9999 limit"],
            &["buy 3@0.9998 loc l0", "buy 2@1.00 limit l1", "buy 4@0.9999 limit l2"],
        );
    }

    #[test]
    fn closing_orders_that_cross_are_netted() {
        check(
            &["buy 28@65.11 loc", "sell 29@63.73 loc"],
            &["sell 1@63.73 loc", "sell 28@65.12 loc", "buy 28@63.72 loc"],
        );
        check(&["buy 5@10 loc", "sell 5@10 loc"], &["sell 5@10.01 loc", "buy 5@9.99 loc"]);
        // They touch: at 10 both would fill. A tick apart they do not.
        check(&["buy 5@9.99 loc", "sell 5@10 loc"], &["sell 5@10.00 loc l1", "buy 5@9.99 loc l0"]);
        check(
            &["sell 9@11 limit", "sell 5 moc", "buy 5@12 loc"],
            &["sell 9@11.00 limit l0", "sell 5@0.00 moc l1", "buy 5@12.00 loc l2"],
        );
    }

    #[test]
    fn what_is_added_to_a_sheet_takes_no_price_of_it() {
        for (before, added, orders) in [
            (vec!["buy 2@75 loc"], vec!["buy 3@75 loc"], vec!["buy 3@74.99 loc l0"]),
            (vec!["buy 2@75 loc"], vec!["buy 3@75 limit"], vec!["buy 3@74.99 limit l0"]),
            (vec!["sell 2@75 limit"], vec!["sell 3@75 loc"], vec!["sell 3@75.01 loc l0"]),
            (vec!["sell 2@75 limit"], vec!["buy 3@74 loc"], vec!["buy 3@74.00 loc l0"]),
            // Not onto another order, old or new.
            (vec!["buy 2@75 loc", "buy 1@74.99 loc"], vec!["buy 3@75 loc"], vec!["buy 3@74.98 loc l0"]),
            (
                vec!["buy 2@75 loc"],
                vec!["buy 3@75 loc", "buy 4@74.99 loc"],
                vec!["buy 3@74.98 loc l0", "buy 4@74.99 loc l1"],
            ),
            (vec!["sell 2 moc"], vec!["sell 3 moc"], vec!["sell 3@0.00 moc l0"]),
            (vec![], vec!["buy 3@75 loc"], vec!["buy 3@75.00 loc l0"]),
        ] {
            let before = orders_for(&lines(&before));
            assert_eq!(shown(&orders_beside(&lines(&added), &before)), orders, "{added:?}");
        }
    }

    /// What a set of closing orders buys, less what it sells, at a closing price.
    fn net_at(orders: &[SheetOrder], close: Usd) -> i128 {
        let fill = |order: &SheetOrder| match order.side {
            Side::Buy if order.limit_price >= close => i128::from(order.quantity),
            Side::Sell if order.limit_price <= close => -i128::from(order.quantity),
            _ => 0,
        };
        orders.iter().map(fill).sum()
    }

    #[test]
    fn a_netted_sheet_fills_at_every_closing_price_as_the_lines_would() {
        let sheets: [&[&str]; 5] = [
            &["buy 28@65.11 loc", "sell 29@63.73 loc"],
            &["buy 3@10.05 loc", "buy 4@10.02 loc", "sell 5@10.01 loc", "sell 9@10.04 loc", "buy 1@9.90 loc"],
            &["buy 3@1.02 loc", "sell 2@0.9998 loc", "buy 7@0.9999 loc", "sell 4@1.00 loc"],
            &["sell 7@10.00 loc", "sell 7@10.03 loc", "buy 7@10.03 loc", "buy 7@10.00 loc"],
            &["buy 1@10.00 loc", "sell 100@10.00 loc", "buy 99@10.01 loc"],
        ];
        for sheet in sheets {
            let lines = lines(sheet);
            let own: Vec<SheetOrder> = lines.iter().enumerate().map(|(place, line)| order_of(place, line)).collect();
            let orders = orders_for(&lines);
            assert!(!crosses(&orders), "{sheet:?}");
            for order in &own {
                let mut close = order.limit_price;
                for _ in 0..5 {
                    close = a_tick_away(Side::Buy, close);
                }
                for _ in 0..10 {
                    assert_eq!(net_at(&orders, close), net_at(&own, close), "{sheet:?} at {close}");
                    close = a_tick_away(Side::Sell, close);
                }
            }
        }
    }
}
