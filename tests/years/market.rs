//! Prices that move, and what they do to open orders.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kis_trade::domain::market_session::previous_trading_date;
use kis_trade::domain::{CloseUnits, OrderKind, Ratio, Side, Symbol, Usd};

use crate::broker::{Broker, End, Hidden, Order, Source};
use crate::chance::Chance;
use crate::machine::{HOUR_MS, MINUTE_MS};
use crate::splits::TrueSplit;

/// Prices move this often.
const MOVES_EVERY_MS: u64 = 5 * MINUTE_MS;
/// Where they may lie, in cents.
const CENTS: (u64, u64) = (600, 30_000);
/// The after-market ends this long after the close.
const AFTER_MARKET_MS: u64 = 240 * MINUTE_MS;

/// A stock and what the account has of it.
#[derive(Debug)]
pub struct Stock {
    pub symbol: Symbol,
    pub cents: u64,
    pub base_cents: u64,
    /// The closes of past sessions in cents, as they were then, and in today's units.
    closes: BTreeMap<NaiveDate, (u64, u64)>,
    /// Its latest split.
    pub split: Option<TrueSplit>,
    pub held: u64,
    /// Average cost a share in USD; zero before the first.
    pub cost: Usd,
    /// Changes of what is held that the balance does not show before a time.
    pub lagging: Vec<(u64, i64)>,
    /// When another hand last had to do with it.
    pub touched_ms: u64,
    /// When the balance shows its latest fill.
    pub shown_ms: u64,
}

impl Stock {
    pub fn new(symbol: Symbol, cents: u64) -> Stock {
        let (cost, lagging) = (Usd::ZERO, Vec::new());
        Stock {
            symbol,
            cents,
            base_cents: cents,
            closes: BTreeMap::new(),
            split: None,
            held: 0,
            cost,
            lagging,
            touched_ms: 0,
            shown_ms: 0,
        }
    }

    /// A stock that closed higher yesterday.
    pub fn fallen(symbol: Symbol, base_cents: u64, cents: u64) -> Stock {
        Stock { base_cents, ..Stock::new(symbol, cents) }
    }

    pub fn last(&self) -> Usd {
        Usd(rust_decimal::Decimal::new(self.cents.cast_signed(), 2))
    }

    pub fn base(&self) -> Usd {
        Usd(rust_decimal::Decimal::new(self.base_cents.cast_signed(), 2))
    }

    /// The close of a past session.
    pub fn close(&self, date: NaiveDate, units: CloseUnits) -> Option<Usd> {
        let (raw, adjusted) = self.closes.get(&date)?;
        let cents = if units == CloseUnits::Raw { raw } else { adjusted };
        Some(Usd(rust_decimal::Decimal::new(cents.cast_signed(), 2)))
    }

    /// So many closes up to a past session, as they were traded.
    pub fn closes_until(&self, until: NaiveDate, most: usize) -> BTreeMap<NaiveDate, Usd> {
        let known = self.closes.range(..=until).rev().take(most);
        known.map(|(date, (raw, _))| (*date, Usd(rust_decimal::Decimal::new(raw.cast_signed(), 2)))).collect()
    }

    /// The quote goes over into other units.
    pub fn scale_quote(&mut self, Ratio { new, old }: Ratio) {
        let scaled = |cents: u64| (cents * u64::from(old) + u64::from(new) / 2) / u64::from(new);
        (self.cents, self.base_cents) = (scaled(self.cents), scaled(self.base_cents));
        for (_, adjusted) in self.closes.values_mut() {
            *adjusted = scaled(*adjusted);
        }
    }

    /// Moves by up to some thousandths.
    fn step(&mut self, thousandths: u64, chance: &mut Chance) {
        let by = self.cents * chance.below(2 * thousandths + 1) / 1000;
        let most = self.cents * thousandths / 1000;
        self.cents = (self.cents + by - most).clamp(CENTS.0, CENTS.1);
    }
}

impl Broker {
    /// The night between two days.
    pub fn open_prices(&mut self, chance: &mut Chance) {
        let yesterday = previous_trading_date(self.today);
        for stock in &mut self.stocks {
            stock.base_cents = stock.cents;
            stock.closes.insert(yesterday, (stock.cents, stock.cents));
            stock.step(30, chance);
        }
    }

    /// Lets the market go on until now.
    pub fn advance(&mut self, now_ms: u64, chance: &mut Chance) {
        let dead_ms = self.close_ms + if self.habits.outlives_close { AFTER_MARKET_MS } else { 0 };
        while self.moved_ms < now_ms {
            // Without open orders only the moves of prices count.
            let step_ms = if self.working.is_empty() { MOVES_EVERY_MS } else { MINUTE_MS };
            let next_ms = (self.moved_ms / step_ms + 1) * step_ms;
            if next_ms > now_ms {
                return;
            }
            self.moved_ms = next_ms;
            if next_ms.is_multiple_of(MOVES_EVERY_MS) && (self.open_ms..self.close_ms).contains(&next_ms) {
                self.stocks.iter_mut().for_each(|stock| stock.step(7, chance));
            }
            self.go_through_orders(dead_ms, chance);
        }
    }

    fn go_through_orders(&mut self, dead_ms: u64, chance: &mut Chance) {
        let now_ms = self.moved_ms;
        for index in self.working.clone() {
            let order = &mut self.orders[index];
            if order.refused_ms.is_some_and(|refused_ms| refused_ms <= now_ms) && order.filled == 0 {
                order.finish(End::Refused);
            } else if order.cancelled_ms.is_some_and(|cancelled_ms| cancelled_ms <= now_ms) {
                self.cancel_at_last(index, chance);
            } else if order.kind != OrderKind::Limit {
                self.fill_at_close(index, chance);
            } else if now_ms >= dead_ms {
                order.finish(End::Expired);
            } else if now_ms < self.close_ms || chance.one_in(30) {
                self.match_order(index, chance);
            }
        }
        self.working.retain(|index| self.orders[*index].remaining > 0);
    }

    /// An order's cancel takes effect. A buy may have filled right before, which its row shows only minutes later.
    fn cancel_at_last(&mut self, index: usize, chance: &mut Chance) {
        let (now_ms, order) = (self.moved_ms, &self.orders[index]);
        let until_ms = now_ms + chance.between(MINUTE_MS, 20 * MINUTE_MS);
        let is_buy = order.side == Side::Buy && matches!(order.source, Source::Ours(_)) && order.cancels.is_none();
        let fills = self.habits.fills_show_late && is_buy && order.remaining > 0 && until_ms + HOUR_MS < self.close_ms;
        if fills && chance.one_in(3) {
            let (shares, limit) = (chance.between(1, order.remaining), order.limit);
            let shown_ms = now_ms + chance.below(self.habits.lag_ms + 1);
            self.fill(index, shares, limit, shown_ms);
            let order = &mut self.orders[index];
            order.hidden = Some(Hidden { until_ms, shares, paid: limit.times(shares).unwrap() });
            self.stocks[order.stock].touched_ms = until_ms;
        }
        self.orders[index].finish(End::Cancelled);
    }

    /// Ends what is cancelled by now.
    pub fn end_cancelled(&mut self, now_ms: u64) {
        for index in &self.working {
            let order = &mut self.orders[*index];
            if order.cancelled_ms.is_some_and(|cancelled_ms| cancelled_ms <= now_ms) && order.remaining > 0 {
                order.finish(End::Cancelled);
            }
        }
        self.working.retain(|index| self.orders[*index].remaining > 0);
    }

    fn match_order(&mut self, index: usize, chance: &mut Chance) {
        let order = &mut self.orders[index];
        let last = self.stocks[order.stock].last();
        let is_good = if order.side == Side::Buy { last <= order.limit } else { last >= order.limit };
        if !is_good || order.refused_ms.is_some() || !chance.one_in(self.habits.fills_one_in) {
            return;
        }
        let shares = if chance.one_in(3) { chance.between(1, order.remaining) } else { order.remaining };
        let price = if chance.one_in(2) { last } else { order.limit };
        let until_ms = self.moved_ms + chance.below(self.habits.lag_ms + 1);
        self.fill(index, shares, price, until_ms);
    }

    /// Shares of an order change hands; the balance shows it at `until_ms`.
    pub fn fill(&mut self, index: usize, shares: u64, price: Usd, until_ms: u64) {
        let order = &mut self.orders[index];
        order.fill(shares, price);
        let (side, number, worth) = (order.side, order.stock, price.times(shares).unwrap());
        let is_ours = matches!(order.source, Source::Ours(_));
        let stock = &mut self.stocks[number];
        stock.lagging.retain(|(until_ms, _)| *until_ms > self.moved_ms);
        stock.shown_ms = stock.shown_ms.max(until_ms);
        if !is_ours {
            stock.touched_ms = self.moved_ms;
        }
        match side {
            Side::Buy => {
                self.cash = self.cash - worth;
                let paid = stock.cost.times(stock.held).unwrap() + worth;
                stock.held += shares;
                stock.cost = Usd((paid.0 / rust_decimal::Decimal::from(stock.held)).round_dp(4));
                stock.lagging.push((until_ms, shares.cast_signed()));
            }
            Side::Sell => {
                self.cash = self.cash + worth;
                stock.held -= shares;
                stock.lagging.push((until_ms, -shares.cast_signed()));
            }
        }
    }
}

impl Order {
    pub fn finish(&mut self, end: End) {
        self.end = Some(end);
        self.remaining = 0;
    }

    fn fill(&mut self, shares: u64, price: Usd) {
        self.filled += shares;
        self.remaining -= shares;
        self.paid = self.paid + price.times(shares).unwrap();
        if self.remaining == 0 {
            self.end = Some(End::Filled);
        }
    }
}
