//! A broker made of daily bars: takes every order, fills limits along the day's range and closing orders at the close. Idealised:
//! no slippage, and the closing auction fills whole.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::domain::{
    BrokerOrder, DailyBar, EndReason, Exchange, OrderId, OrderKind, OrderRequest, Percent, Position, Quote, RowKind,
    Side, Symbol, Usd,
};
use crate::rehearse::bars::Market;
use crate::rehearse::rows::DayOrder;

/// How long ended orders stay in the lists: longer than any story asks.
const LISTED: TimeDelta = TimeDelta::days(15);
/// Places of an average cost in the balance.
const COST_PLACES: u32 = 4;

/// An order as the broker has it.
#[derive(Clone, Debug)]
struct Order {
    id: OrderId,
    date: NaiveDate,
    at: DateTime<Utc>,
    request: OrderRequest,
    filled: u64,
    price: Usd,
    is_open: bool,
}

/// Shares of one symbol.
#[derive(Clone, Copy, Debug, Default)]
struct Holding {
    quantity: u64,
    /// USD that they cost.
    cost: Usd,
}

/// The account and the market of one moment.
pub(super) struct Broker {
    pub(super) market: Market,
    exchanges: BTreeMap<Symbol, Exchange>,
    date: NaiveDate,
    orders: Vec<Order>,
    /// Numbers given on this date.
    given: u32,
    /// USD without fees: what these cost changes no decision.
    pub(super) cash: Usd,
    /// USD of fees paid so far.
    pub(super) fees: Usd,
    fee_percent: Percent,
    holdings: BTreeMap<Symbol, Holding>,
}

impl Broker {
    pub(super) fn new(
        market: Market,
        exchanges: BTreeMap<Symbol, Exchange>,
        cash: Usd,
        fee_percent: Percent,
    ) -> Broker {
        Broker {
            market,
            exchanges,
            date: NaiveDate::MIN,
            orders: Vec::new(),
            given: 0,
            cash,
            fees: Usd::ZERO,
            fee_percent,
            holdings: BTreeMap::new(),
        }
    }

    /// The morning of a session.
    pub(super) fn open(&mut self, date: NaiveDate) {
        (self.date, self.given) = (date, 0);
        self.orders.retain(|order| order.is_open || order.date >= date - LISTED);
    }

    fn bar(&self, symbol: &Symbol) -> Option<&DailyBar> {
        self.market.get(symbol)?.on(self.date)
    }

    fn exchange_of(&self, symbol: &Symbol) -> Exchange {
        self.exchanges.get(symbol).copied().unwrap_or(Exchange::Nasdaq)
    }

    /// The quote soon after the open: it still stands there. Before its first bar a symbol has none.
    pub(super) fn quote(&self, exchange: Exchange, symbol: &Symbol, read_at: std::time::Duration) -> Quote {
        let base = self.market.get(symbol).and_then(|series| series.before(self.date)).map(|bar| bar.close);
        let [open, ..] = self.bar(symbol).map(|bar| bar.on_tick().map(Some)).unwrap_or_default();
        let is_here = exchange == self.exchange_of(symbol);
        let last = open.or(base).filter(|_| is_here);
        let base = base.filter(|_| is_here);
        Quote { symbol: symbol.clone(), exchange, last, base, traded_today: open.is_some(), read_at }
    }

    /// Takes an order, and fills a limit that the price at the open reaches.
    pub(super) fn take(&mut self, request: &OrderRequest, at: DateTime<Utc>) -> Option<OrderId> {
        self.given += 1;
        let id: OrderId = self.given.to_string().parse().ok()?;
        let request = request.clone();
        let open = self.bar(&request.symbol).map(|bar| bar.on_tick()[0]);
        let price = open.filter(|open| request.kind == OrderKind::Limit && reaches(&request, *open));
        self.orders.push(Order {
            id: id.clone(),
            date: self.date,
            at,
            request,
            filled: 0,
            price: Usd::ZERO,
            is_open: true,
        });
        if let Some(price) = price {
            self.fill(self.orders.len() - 1, price);
        }
        Some(id)
    }

    /// The rest of the day: what its range and its close reach is filled, the rest ends.
    pub(super) fn close(&mut self) {
        for place in 0..self.orders.len() {
            let order = &self.orders[place];
            if !order.is_open {
                continue;
            }
            let price = self.bar(&order.request.symbol).and_then(|bar| price_by_the_close(&order.request, bar));
            if let Some(price) = price {
                self.fill(place, price);
            }
            self.orders[place].is_open = false;
        }
    }

    fn fill(&mut self, place: usize, price: Usd) {
        let order = &mut self.orders[place];
        let (side, quantity) = (order.request.side, order.request.quantity);
        (order.filled, order.price, order.is_open) = (quantity, price, false);
        let amount = price.times(quantity).unwrap_or_default();
        self.fees = self.fees + amount.percent(self.fee_percent).to_cents();
        let held = self.holdings.entry(order.request.symbol.clone()).or_default();
        match side {
            Side::Buy => {
                self.cash = self.cash - amount;
                *held = Holding { quantity: held.quantity + quantity, cost: held.cost + amount };
            }
            Side::Sell => {
                self.cash = self.cash + amount;
                let sold = held.average().times(quantity).unwrap_or_default();
                *held = Holding { quantity: held.quantity.saturating_sub(quantity), cost: held.cost - sold };
            }
        }
    }

    /// USD that buys may use.
    pub(super) fn orderable(&self) -> Usd {
        let open = self.orders.iter().filter(|order| order.is_open && order.request.side == Side::Buy);
        let reserved: Usd = open.filter_map(|order| order.request.limit_price.times(order.request.quantity)).sum();
        self.cash - reserved
    }

    /// Shares of a symbol.
    pub(super) fn shares(&self, symbol: &Symbol) -> u64 {
        self.holdings.get(symbol).map_or(0, |held| held.quantity)
    }

    pub(super) fn positions(&self) -> Vec<Position> {
        let held = self.holdings.iter().filter(|(_, held)| held.quantity > 0);
        held.map(|(symbol, held)| self.position(symbol, held)).collect()
    }

    fn position(&self, symbol: &Symbol, held: &Holding) -> Position {
        let is_sell =
            |order: &&Order| order.is_open && order.request.side == Side::Sell && order.request.symbol == *symbol;
        let on_sale: u64 = self.orders.iter().filter(is_sell).map(|order| order.request.quantity).sum();
        Position {
            symbol: symbol.clone(),
            name: String::new(),
            exchange: Some(self.exchange_of(symbol)),
            quantity: held.quantity,
            sellable_quantity: held.quantity.saturating_sub(on_sale),
            average_cost: Some(Usd(held.average().0.round_dp(COST_PLACES))),
            balance_price: None,
            balance_value: None,
            on_credit: false,
        }
    }

    /// The rows of a span of dates.
    pub(super) fn rows(&self, from: NaiveDate, to: NaiveDate) -> Vec<BrokerOrder> {
        let within = self.orders.iter().filter(|order| (from..=to).contains(&order.date));
        within.map(|order| self.row(order)).collect()
    }

    fn row(&self, order: &Order) -> BrokerOrder {
        let Order { id, date, at, request, filled, price, is_open } = order;
        let has_ended = !is_open && *filled == 0;
        BrokerOrder {
            date: *date,
            branch: String::new(),
            order_id: id.clone(),
            original_id: None,
            kind: RowKind::Order,
            symbol: request.symbol.clone(),
            exchange: Some(self.exchange_of(&request.symbol)),
            side: request.side,
            quantity: request.quantity,
            limit_price: request.limit_price,
            filled_quantity: *filled,
            average_price: *price,
            remaining_quantity: if *is_open { request.quantity } else { 0 },
            is_refused: false,
            end_reason: if has_ended { EndReason::SessionEnd } else { EndReason::NotStated },
            note: String::new(),
            ordered_at: Some(*at),
            may_be_open_api: true,
        }
    }

    /// The orders of this date.
    pub(super) fn orders_of_date(&self) -> Vec<DayOrder> {
        let of_date = self.orders.iter().filter(|order| order.date == self.date);
        let shown = |order: &Order| DayOrder {
            side: order.request.side,
            symbol: order.request.symbol.clone(),
            kind: order.request.kind,
            quantity: order.request.quantity,
            limit_price: order.request.limit_price,
            filled: order.filled,
            price: order.price,
        };
        of_date.map(shown).collect()
    }
}

impl Holding {
    fn average(&self) -> Usd {
        Usd(self.cost.0.checked_div(Decimal::from(self.quantity)).unwrap_or_default())
    }
}

/// Reports whether a price is within an order's limit.
fn reaches(request: &OrderRequest, price: Usd) -> bool {
    match request.side {
        Side::Buy => price <= request.limit_price,
        Side::Sell => price >= request.limit_price,
    }
}

/// What a bar fills an order at that its open did not fill.
fn price_by_the_close(request: &OrderRequest, bar: &DailyBar) -> Option<Usd> {
    let [open, high, low, close] = bar.on_tick();
    match (request.kind, request.side) {
        (OrderKind::Moc, _) => Some(close),
        (OrderKind::Loc, _) => Some(close).filter(|close| reaches(request, *close)),
        (OrderKind::Limit, Side::Buy) => Some(request.limit_price.min(open)).filter(|_| reaches(request, low)),
        (OrderKind::Limit, Side::Sell) => Some(request.limit_price.max(open)).filter(|_| reaches(request, high)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{date, symbol, usd};
    use crate::rehearse::bars::{HEADER, parse};

    /// Open 100, high 104, low 96, close 102; the day before closed at 99.
    fn broker() -> Broker {
        let bars = parse(&format!("{HEADER}\n2025-01-02,99,99,99,99,5\n2025-01-03,100,104,96,102,5\n")).unwrap();
        let market = Market::from([(symbol("TQQQ"), bars)]);
        let mut broker = Broker::new(market, BTreeMap::new(), usd("10000"), usd("0.25").0);
        broker.open(date("2025-01-03"));
        broker
    }

    fn order(side: Side, kind: OrderKind, limit: &str) -> OrderRequest {
        let (exchange, symbol, limit_price) = (Exchange::Nasdaq, symbol("TQQQ"), usd(limit));
        OrderRequest { exchange, symbol, side, quantity: 10, limit_price, kind }
    }

    fn price_of(side: Side, kind: OrderKind, limit: &str) -> Option<Usd> {
        let mut broker = broker();
        broker.holdings.insert(symbol("TQQQ"), Holding { quantity: 10, cost: usd("900") });
        broker.take(&order(side, kind, limit), DateTime::UNIX_EPOCH);
        broker.close();
        let row = broker.rows(date("2025-01-03"), date("2025-01-03")).remove(0);
        assert_eq!((row.remaining_quantity, row.filled_quantity == 0), (0, row.end_reason == EndReason::SessionEnd));
        (row.filled_quantity == 10).then_some(row.average_price)
    }

    #[test]
    fn a_day_fills_what_it_reaches() {
        use OrderKind::{Limit, Loc, Moc};
        for (side, kind, limit, price) in [
            (Side::Buy, Limit, "101", Some("100")),
            (Side::Buy, Limit, "100", Some("100")),
            (Side::Buy, Limit, "96", Some("96")),
            (Side::Buy, Limit, "95.99", None),
            (Side::Sell, Limit, "99", Some("100")),
            (Side::Sell, Limit, "104", Some("104")),
            (Side::Sell, Limit, "104.01", None),
            (Side::Buy, Loc, "102", Some("102")),
            (Side::Buy, Loc, "103", Some("102")),
            (Side::Buy, Loc, "101.99", None),
            (Side::Sell, Loc, "102", Some("102")),
            (Side::Sell, Loc, "102.01", None),
            (Side::Sell, Moc, "0", Some("102")),
        ] {
            assert_eq!(price_of(side, kind, limit), price.map(usd), "{side} {kind} {limit}");
        }
    }

    #[test]
    fn money_and_shares_move_with_fills_and_fees_stand_beside() {
        let mut broker = broker();
        broker.take(&order(Side::Buy, OrderKind::Limit, "101"), DateTime::UNIX_EPOCH);
        broker.take(&order(Side::Buy, OrderKind::Loc, "90"), DateTime::UNIX_EPOCH);
        assert_eq!((broker.cash, broker.orderable(), broker.fees), (usd("9000"), usd("8100"), usd("2.50")));
        broker.take(&order(Side::Sell, OrderKind::Loc, "101"), DateTime::UNIX_EPOCH);
        assert_eq!(broker.positions()[0].sellable_quantity, 0);
        broker.close();
        assert_eq!((broker.cash, broker.orderable(), broker.fees), (usd("10020"), usd("10020"), usd("5.05")));
        assert!(broker.positions().is_empty());
    }

    #[test]
    fn a_quote_stands_at_the_open_over_the_close_before() {
        let mut broker = broker();
        let quote = |broker: &Broker| broker.quote(Exchange::Nasdaq, &symbol("TQQQ"), std::time::Duration::ZERO);
        let now = quote(&broker);
        assert_eq!((now.last, now.base, now.traded_today), (Some(usd("100")), Some(usd("99")), true));
        broker.open(date("2025-01-06"));
        let halted = quote(&broker);
        assert_eq!((halted.last, halted.price()), (Some(usd("102")), None), "no bar, no trade");
        assert!(!broker.quote(Exchange::Nyse, &symbol("TQQQ"), std::time::Duration::ZERO).is_listed());
    }
}
