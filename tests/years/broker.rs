//! The broker: orders, holdings and cash as they really are, and what it shows of them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kis_trade::domain::{BrokerOrder, EndReason, OrderId, OrderKey, OrderKind, Position, Refusal, RowKind, Side, Usd};
use rust_decimal::Decimal;

use crate::chance::Chance;
use crate::habits::{Habits, exchange_of};
use crate::machine::true_time;
use crate::market::Stock;

/// Who placed an order. Nobody but the simulation knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// We, for the intent of this number.
    Ours(u64),
    /// A person with a phone.
    Person,
    /// Another program through the Open API.
    Program,
}

/// How an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Filled,
    Cancelled,
    Replaced,
    Refused,
    Expired,
}

/// The branch of orders through the Open API, and that of orders by phone.
pub const BRANCHES: [&str; 2] = ["01790", "00100"];

/// Shares that filled and are not shown before a time.
#[derive(Clone, Copy, Debug)]
pub struct Hidden {
    pub until_ms: u64,
    pub shares: u64,
    pub paid: Usd,
}

/// One order, or one request to cancel another.
#[derive(Clone, Debug)]
pub struct Order {
    pub day: NaiveDate,
    pub id: OrderId,
    /// Blank where the list does not say.
    pub branch: &'static str,
    pub source: Source,
    /// The order that a cancel is about.
    pub cancels: Option<usize>,
    /// The order whose rest this one is, since somebody changed it.
    pub modifies: Option<usize>,
    pub hidden: Option<Hidden>,
    pub stock: usize,
    pub side: Side,
    /// How it is to be filled, which no list says.
    pub kind: OrderKind,
    pub quantity: u64,
    pub limit: Usd,
    pub placed_ms: u64,
    /// When the list begins to show it.
    pub listed_ms: u64,
    pub filled: u64,
    pub paid: Usd,
    pub remaining: u64,
    pub end: Option<End>,
    pub cancelled_ms: Option<u64>,
    pub refused_ms: Option<u64>,
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub stock: usize,
    pub side: Side,
    pub kind: OrderKind,
    pub quantity: u64,
    pub limit: Usd,
}

/// KIS.
#[derive(Debug)]
pub struct Broker {
    pub habits: Habits,
    pub orders: Vec<Order>,
    /// Orders with something left.
    pub working: Vec<usize>,
    days: BTreeMap<NaiveDate, usize>,
    pub today: NaiveDate,
    pub open_ms: u64,
    pub close_ms: u64,
    pub stocks: Vec<Stock>,
    pub cash: Usd,
    pub moved_ms: u64,
    /// The latest number of each branch.
    numbers: [u64; 2],
}

impl Order {
    /// What tells it from the others of its date.
    pub fn key(&self) -> OrderKey {
        OrderKey::new(self.branch, self.id.clone())
    }

    /// Shares filled, and USD for them, as the list shows them.
    pub fn shown_fills(&self, now_ms: u64) -> (u64, Usd) {
        match self.hidden.filter(|hidden| hidden.until_ms > now_ms) {
            Some(hidden) => (self.filled - hidden.shares, self.paid - hidden.paid),
            None => (self.filled, self.paid),
        }
    }
}

impl Broker {
    pub fn new(habits: Habits, stocks: Vec<Stock>) -> Broker {
        Broker {
            habits,
            orders: Vec::new(),
            working: Vec::new(),
            days: BTreeMap::new(),
            today: NaiveDate::MIN,
            open_ms: 0,
            close_ms: 0,
            stocks,
            cash: Usd(Decimal::from(20_000)),
            moved_ms: 0,
            numbers: [0, 0],
        }
    }

    /// Order numbers start again each day.
    pub fn begin_day(&mut self, day: NaiveDate, chance: &mut Chance) {
        self.today = day;
        self.days.insert(day, self.orders.len());
        self.numbers = [30_000 + chance.below(50), 30_000 + chance.below(50)];
    }

    /// Takes an order, whole or not at all.
    pub fn place(&mut self, wish: Wish, source: Source, now_ms: u64, late_ms: u64) -> Result<usize, Refusal> {
        if !(self.open_ms..self.close_ms).contains(&now_ms) {
            return Err(Refusal::MarketClosed);
        }
        let Wish { stock, side, quantity, limit, kind } = wish;
        if (kind != OrderKind::Limit && self.is_final(now_ms)) || self.would_meet(&wish) {
            return Err(Refusal::Other);
        }
        match side {
            Side::Buy if limit.times(quantity).unwrap() > self.orderable() => return Err(Refusal::Cash),
            Side::Sell if quantity > self.stocks[stock].held.saturating_sub(self.reserved(stock)) => {
                return Err(Refusal::Shares);
            }
            _ => {}
        }
        let index = self.add(wish, source, None, now_ms, late_ms);
        self.working.push(index);
        Ok(index)
    }

    /// Somebody changes an open order: its number is dead, and its rest lives on under another.
    pub fn modify(&mut self, order: usize, source: Source, limit: Usd, now_ms: u64) -> usize {
        let Order { stock, side, kind, remaining: quantity, .. } = self.orders[order];
        self.orders[order].finish(End::Replaced);
        let index = self.add(Wish { stock, side, kind, quantity, limit }, source, None, now_ms, 500);
        self.orders[index].modifies = Some(order);
        self.working.retain(|working| *working != order);
        self.working.push(index);
        index
    }

    /// Takes a request to cancel; it has a number and a row of its own.
    pub fn cancel(&mut self, order: usize, source: Source, now_ms: u64, effect_ms: Option<u64>) {
        let Order { stock, side, kind, remaining: quantity, limit, .. } = self.orders[order];
        let limit = if self.habits.cancels_look_alike { limit } else { Usd::ZERO };
        let index = self.add(Wish { stock, side, kind, quantity, limit }, source, Some(order), now_ms, 1000);
        self.orders[index].remaining = 0;
        self.orders[index].end = Some(End::Filled);
        if let Some(effect_ms) = effect_ms {
            let cancelled_ms = now_ms + effect_ms;
            let known = self.orders[order].cancelled_ms.get_or_insert(cancelled_ms);
            *known = cancelled_ms.min(*known);
        }
    }

    fn add(&mut self, wish: Wish, source: Source, cancels: Option<usize>, now_ms: u64, late_ms: u64) -> usize {
        let place = usize::from(self.habits.has_branches && source == Source::Person);
        self.numbers[place] += 1;
        self.orders.push(Order {
            day: self.today,
            id: self.numbers[place].to_string().parse().unwrap(),
            branch: if self.habits.has_branches { BRANCHES[place] } else { "" },
            source,
            cancels,
            modifies: None,
            hidden: None,
            stock: wish.stock,
            side: wish.side,
            kind: wish.kind,
            quantity: wish.quantity,
            limit: wish.limit,
            placed_ms: now_ms,
            listed_ms: now_ms + late_ms,
            filled: 0,
            paid: Usd::ZERO,
            remaining: wish.quantity,
            end: None,
            cancelled_ms: None,
            refused_ms: None,
        });
        self.orders.len() - 1
    }

    /// Cash less what open buys hold back.
    pub fn orderable(&self) -> Usd {
        let open = self.working.iter().map(|index| &self.orders[*index]).filter(|order| order.side == Side::Buy);
        self.cash - open.map(|order| order.limit.times(order.remaining).unwrap()).sum()
    }

    fn reserved(&self, stock: usize) -> u64 {
        let open = self.working.iter().map(|index| &self.orders[*index]);
        open.filter(|order| order.stock == stock && order.side == Side::Sell).map(|order| order.remaining).sum()
    }

    /// Orders of a day and later.
    pub fn since(&self, day: NaiveDate) -> &[Order] {
        let first = self.days.range(day..).next().map_or(self.orders.len(), |(_, first)| *first);
        &self.orders[first..]
    }

    /// The order that a key names; ours, where it may be another hand's too.
    pub fn find(&self, day: NaiveDate, key: &OrderKey) -> Option<&Order> {
        let of_day = self.since(day).iter().take_while(|order| order.day == day);
        of_day.filter(|order| order.key().may_be(key)).min_by_key(|order| !matches!(order.source, Source::Ours(_)))
    }

    /// Where the order of a row is.
    pub fn index_of(&self, row: &BrokerOrder) -> usize {
        let first = self.days[&row.date];
        first + self.orders[first..].iter().position(|order| order.key() == row.key()).unwrap()
    }

    /// The whole list from a day on.
    pub fn list(&self, from: NaiveDate, now_ms: u64) -> Vec<BrokerOrder> {
        let listed = self.since(from).iter().filter(|order| order.listed_ms <= now_ms);
        let mut rows: Vec<BrokerOrder> = listed.map(|order| self.row(order, now_ms)).collect();
        if self.habits.is_newest_first {
            rows.reverse();
        }
        rows
    }

    /// Reports whether the row of an order may be one that came through the Open API: paper does not say. Whoever changes an
    /// order is a person, unless the medium says otherwise.
    pub fn may_be_open_api(&self, order: &Order) -> bool {
        match order.modifies {
            Some(_) => !self.habits.is_paper && order.source == Source::Program,
            None => self.habits.is_paper || order.source != Source::Person,
        }
    }

    fn row(&self, order: &Order, now_ms: u64) -> BrokerOrder {
        let is_paper = self.habits.is_paper;
        let (filled, paid) = order.shown_fills(now_ms);
        let end_reason = match order.end {
            Some(End::Refused) => EndReason::Other,
            Some(End::Expired) if !self.habits.ends_unsaid => EndReason::SessionEnd,
            _ => EndReason::NotStated,
        };
        let average = paid.0.checked_div(Decimal::from(filled)).unwrap_or_default();
        let original = order.cancels.or(order.modifies);
        BrokerOrder {
            date: order.day,
            branch: order.branch.to_owned(),
            order_id: order.id.clone(),
            original_id: original.map(|original| self.orders[original].id.clone()),
            kind: match (order.cancels, order.modifies) {
                (Some(_), _) => RowKind::Cancel,
                (None, Some(_)) => RowKind::Modify,
                (None, None) => RowKind::Order,
            },
            symbol: self.stocks[order.stock].symbol.clone(),
            exchange: None,
            side: order.side,
            quantity: order.quantity,
            limit_price: order.limit,
            filled_quantity: filled,
            average_price: Usd(average.round_dp(4)),
            remaining_quantity: order.remaining,
            is_refused: !is_paper && matches!(order.end, Some(End::Refused)),
            end_reason,
            note: String::new(),
            ordered_at: Some(true_time(order.placed_ms)),
            may_be_open_api: self.may_be_open_api(order),
        }
    }

    /// Shares of a stock that the balance shows, which lags fills, and those that it calls sellable.
    pub fn shown(&self, stock: usize, now_ms: u64) -> (u64, u64) {
        let Stock { held, lagging, .. } = &self.stocks[stock];
        let unseen: i64 = lagging.iter().filter(|(until_ms, _)| *until_ms > now_ms).map(|(_, shares)| *shares).sum();
        let shown = held.saturating_add_signed(-unseen);
        let most = if self.habits.has_stale_sellable { shown } else { shown.min(*held) };
        (shown, most.saturating_sub(self.reserved(stock)))
    }

    /// The balance.
    pub fn positions(&self, now_ms: u64) -> Vec<Position> {
        // What was held once stays in the list.
        let stocks = self.stocks.iter().enumerate().filter(|(_, stock)| stock.cost.is_positive());
        let rows = stocks.map(|(index, stock)| {
            let (quantity, sellable_quantity) = self.shown(index, now_ms);
            Position {
                symbol: stock.symbol.clone(),
                exchange: (!self.habits.is_paper).then(|| exchange_of(index)),
                quantity,
                sellable_quantity,
                average_cost: stock.cost.is_positive().then_some(stock.cost),
                balance_price: (!self.habits.has_no_prices).then(|| stock.last()),
                balance_value: None,
                name: String::new(),
                on_credit: false,
            }
        });
        rows.collect()
    }
}
