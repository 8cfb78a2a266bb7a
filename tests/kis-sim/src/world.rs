//! The whole simulated world behind one lock, and the passage of time in it.
//!
//! Everything that depends on time goes through [`World::catch_up`]: it plays fills, auctions and expiries in
//! the order they happen, up to the clock's now.

use crate::account::Account;
use crate::account_id::AccountId;
use crate::agenda::{self, Agenda};
use crate::calendar::{self, Hours, Session};
use crate::clock::Clock;
use crate::events::{EventLog, Kind};
use crate::faults::Faults;
use crate::limits::{Limits, Windows};
use crate::market::Market;
use crate::matching::{self, Event, FillRules};
use crate::mode::Mode;
use crate::orders::{Order, OrderState, Revision, Side};
use crate::quirks::{DayEnd, Quirks};
use crate::requests::RequestLog;
use crate::rows::Rows;
use crate::ticket::Ticket;
use crate::tokens::Tokens;
use crate::wall_time::WallTime;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

/// When nothing else is said, orders for the close are final from NYSE's own cut-off on; KIS publishes none.
pub const LOC_UNTIL: WallTime = WallTime::new(15, 50);

/// Everything there is.
#[derive(Debug)]
pub struct World {
    /// What time it is.
    pub clock: Clock,
    /// Symbols and prices.
    pub market: Market,
    /// Access tokens.
    pub tokens: Tokens,
    /// Request limits by mode.
    pub limits: [Limits; 2],
    /// What the limits have counted.
    pub windows: Windows,
    /// Scripted faults.
    pub faults: Faults,
    /// Odd rows.
    pub rows: Rows,
    /// Switches; changed by [`World::switch`].
    pub quirks: Quirks,
    /// From when on orders for the close are neither taken nor cancelled; on half days as long before the close.
    pub loc_until: WallTime,
    /// How orders fill.
    pub fill_rules: FillRules,
    /// Accounts, in the order of their ids.
    pub accounts: Vec<Account>,
    /// USD that an account starts with where nothing else is said.
    pub opening_cash: Decimal,
    /// What is to happen later.
    pub agenda: Agenda,
    /// What happened.
    pub events: EventLog,
    /// Requests received.
    pub requests: RequestLog,
    /// Whether anything worth saving has changed.
    pub touched: bool,
    /// Up to when time has been played.
    played_until: DateTime<Utc>,
}

impl World {
    /// A world at the clock's now, with untouched accounts.
    pub fn new(clock: Clock, market: Market, cash: Decimal) -> World {
        let played_until = clock.now();
        World {
            clock,
            market,
            tokens: Tokens::default(),
            limits: Mode::ALL.map(Limits::of),
            windows: Windows::default(),
            faults: Faults::default(),
            rows: Rows::default(),
            quirks: Quirks::default(),
            loc_until: LOC_UNTIL,
            fill_rules: FillRules::default(),
            accounts: AccountId::all(1).map(|id| Account::new(id, cash)).collect(),
            opening_cash: cash,
            agenda: Agenda::default(),
            events: EventLog::default(),
            requests: RequestLog::default(),
            touched: false,
            played_until,
        }
    }

    /// Begins anew at a moment, with untouched accounts and nothing pinned, scripted, switched or received. Limits and the cut-off stay,
    /// and the clock ticks or stands as before.
    pub fn reset(&mut self, start: DateTime<Utc>, cash: Decimal) {
        let clock = Clock::new(start, self.clock.ticking());
        let market = std::mem::take(&mut self.market).bare();
        let (limits, loc_until, of_each) = (self.limits, self.loc_until, self.accounts_of_each());
        let (opening_cash, mut events) = (self.opening_cash, std::mem::take(&mut self.events));
        events.clear();
        *self = World { limits, loc_until, opening_cash, events, touched: true, ..World::new(clock, market, cash) };
        self.open_accounts(of_each, cash);
    }

    /// Goes on by another clock, as if everything before it had been played.
    pub fn resume(&mut self, clock: Clock) {
        self.played_until = clock.now();
        self.clock = clock;
    }

    /// Plays everything up to now and returns now. A clock that went back plays nothing.
    pub fn catch_up(&mut self) -> DateTime<Utc> {
        let now = self.clock.now();
        while let Some((at, happening)) = self.agenda.take_due(now) {
            self.touched = true;
            self.trade_until(at.max(self.played_until.min(now)));
            agenda::carry_out(self, at, happening);
        }
        self.trade_until(now);
        now
    }

    /// Plays fills, auctions and expiries.
    fn trade_until(&mut self, now: DateTime<Utc>) {
        let from = self.played_until.min(now);
        while let Some((account, index, at, event)) = self.next_event(from, now) {
            self.touched = true;
            match event {
                Event::Fill { quantity, price } => {
                    self.account_mut(account).fill(index, at, quantity, price);
                    self.note_order(Kind::OrderFilled, account, index, at, Some((quantity, price)));
                }
                Event::Expiry => {
                    self.account_mut(account).orders[index].state = OrderState::Expired;
                    self.note_order(Kind::OrderExpired, account, index, at, None);
                }
            }
        }
        self.played_until = now;
    }

    /// Moves the clock and plays what lies on the way.
    pub fn set_clock(&mut self, to: DateTime<Utc>) {
        self.catch_up();
        self.clock.set(to);
        self.catch_up();
    }

    /// Sets the switches, also where the market follows one of them.
    pub fn switch(&mut self, quirks: Quirks) {
        self.market.hold_open_until = quirks.hold_open_until;
        self.quirks = quirks;
    }

    /// Opens more accounts, until there are so many in each environment.
    pub fn open_accounts(&mut self, of_each: u8, cash: Decimal) {
        let missing = AccountId::all(of_each).skip(self.accounts.len());
        self.accounts.extend(missing.map(|id| Account::new(id, cash)));
    }

    fn accounts_of_each(&self) -> u8 {
        self.accounts.last().map_or(1, |account| account.id.number())
    }

    /// The account that an app key opens, if there is one.
    pub fn account_of_key(&self, key: &str) -> Option<AccountId> {
        AccountId::of_app_key(key).filter(|id| id.index() < self.accounts.len())
    }

    /// An account that exists.
    pub fn account(&self, id: AccountId) -> &Account {
        &self.accounts[id.index()]
    }

    /// An account that exists, to be changed.
    pub fn account_mut(&mut self, id: AccountId) -> &mut Account {
        &mut self.accounts[id.index()]
    }

    /// Percent held back on top of a buy and kept as cost; a real sell pays it too.
    pub fn hold_percent(&self, mode: Mode) -> Decimal {
        match mode {
            Mode::Paper => self.quirks.paper_hold_percent,
            Mode::Real => self.quirks.real_fee_percent,
        }
    }

    fn bears_cost(&self, mode: Mode, side: Side) -> bool {
        mode == Mode::Real || side == Side::Buy
    }

    /// Accepts an order, lets it meet the market at once, and returns its number.
    pub fn accept(&mut self, account: AccountId, ticket: Ticket) -> u64 {
        let now = self.catch_up();
        let number = self.book(account, ticket, now).number;
        self.note_newest(account, now);
        self.catch_up();
        number
    }

    /// Books an order that has not met the market yet.
    pub fn book(&mut self, account: AccountId, ticket: Ticket, now: DateTime<Utc>) -> &mut Order {
        let mode = account.mode;
        let hold_percent = if self.bears_cost(mode, ticket.side) { self.hold_percent(mode) } else { Decimal::ZERO };
        let date = calendar::new_york_date(now);
        let day_end = self.day_end(mode, ticket.is_day_market, now);
        let books = self.account_mut(account);
        let mut order = Order {
            number: ticket.number.unwrap_or_else(|| books.next_number(date)),
            branch: ticket.branch,
            date,
            at: now,
            symbol: ticket.symbol,
            exchange: ticket.exchange,
            side: ticket.side,
            order_type: ticket.order_type,
            quantity: ticket.quantity,
            limit_price: ticket.limit_price,
            filled_quantity: 0,
            filled_amount: Decimal::ZERO,
            parts: Vec::new(),
            cancelled_quantity: 0,
            state: OrderState::Open,
            medium: ticket.medium,
            revision: Revision::New,
            original: None,
            expires_at: day_end,
            match_from: now,
            hold_percent,
            reject_reason: None,
            is_day_market: ticket.is_day_market,
        };
        order.expires_at = order.auction().unwrap_or(day_end);
        let index = books.orders.len();
        books.orders.push(order);
        &mut books.orders[index]
    }

    /// When an environment takes and matches orders, those of the Korean day market or the others.
    pub fn hours(&self, mode: Mode, is_day_market: bool) -> Hours {
        match mode {
            _ if is_day_market => Hours::DayMarket,
            Mode::Paper => Hours::Regular,
            Mode::Real if self.quirks.after_market_extension => Hours::WithExtension,
            Mode::Real => Hours::WithAfterMarket,
        }
    }

    /// The last date whose settlements are done: the New York date or, by switch, the Korean one from a time of day on.
    pub fn settled_until(&self, now: DateTime<Utc>) -> NaiveDate {
        let Some(time) = self.quirks.settlement_time else { return calendar::new_york_date(now) };
        let korea = calendar::in_korea(now);
        let today = korea.date_naive();
        if korea.time() >= time.0 { today } else { today.pred_opt().unwrap_or(today) }
    }

    /// Whether orders for the close of a date are neither taken nor given up any more.
    pub fn is_close_final(&self, date: NaiveDate, now: DateTime<Utc>) -> bool {
        calendar::session_on(date).is_none_or(|session| session.before_close(self.loc_until) <= now)
    }

    /// When a day order accepted now ends: with the hours of its environment, or by switch with the regular
    /// session; an order of the after-market always lives to its end.
    fn day_end(&self, mode: Mode, is_day_market: bool, now: DateTime<Utc>) -> DateTime<Utc> {
        let hours = self.hours(mode, is_day_market);
        let end_of_hours = |session: &Session| hours.on(session).1;
        let Some(session) = calendar::session_ending_after(now, end_of_hours) else { return now };
        let ends_early = !is_day_market && self.quirks.real_day_orders_end == DayEnd::Close && now < session.close;
        if ends_early { session.close } else { end_of_hours(&session) }
    }

    /// The earliest event of any open order; ties go to the order accepted first.
    fn next_event(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<(AccountId, usize, DateTime<Utc>, Event)> {
        let open = self.accounts.iter().flat_map(|account| {
            let orders = account.orders.iter().enumerate().filter(|(_, order)| order.state == OrderState::Open);
            orders.map(|(index, order)| (account.id, index, order))
        });
        let events = open.filter_map(|(id, index, order)| {
            let (at, event) = matching::next_event(
                order,
                self.hours(id.mode, order.is_day_market),
                &self.market,
                self.fill_rules,
                from,
                to,
            )?;
            Some((id, index, at, event))
        });
        events.min_by_key(|(_, _, at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars;
    use crate::exchange::Exchange;
    use crate::orders::OrderType;

    const PAPER: AccountId = AccountId::first(Mode::Paper);
    const REAL: AccountId = AccountId::first(Mode::Real);

    fn world(start: &str) -> World {
        let clock = Clock::new(start.parse().unwrap(), false);
        World::new(clock, Market::new(bars::built_in().unwrap(), bars::Exchanges::new()), Decimal::from(100_000))
    }

    fn ticket(side: Side, order_type: OrderType, limit: &str) -> Ticket {
        let limit_price = limit.parse().unwrap();
        Ticket {
            symbol: "AAPL".into(),
            exchange: Exchange::Nasdaq,
            side,
            order_type,
            quantity: 10,
            limit_price,
            medium: String::new(),
            branch: None,
            number: None,
            is_day_market: false,
        }
    }

    // AAPL 2022-01-03: open 177.83, low 177.71, high 182.88, close 182.01.

    #[test]
    fn a_limit_order_fills_where_the_path_crosses_it_and_others_expire() {
        let mut world = world("2022-01-03T14:30:00Z");
        world.accept(PAPER, ticket(Side::Buy, OrderType::Limit, "177.75"));
        world.accept(PAPER, ticket(Side::Buy, OrderType::Limit, "177.00"));
        world.accept(REAL, ticket(Side::Buy, OrderType::Limit, "177.00"));
        world.set_clock("2022-01-03T21:00:00Z".parse().unwrap());
        let paper = world.account(PAPER);
        assert_eq!((paper.orders[0].state, paper.orders[1].state), (OrderState::Filled, OrderState::Expired));
        assert_eq!(paper.fills[0].price, "177.75".parse().unwrap());
        assert!(paper.fills[0].at < "2022-01-03T16:40:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(world.account(REAL).orders[0].state, OrderState::Open);
        world.set_clock("2022-01-03T22:00:00Z".parse().unwrap());
        assert_eq!(world.account(REAL).orders[0].state, OrderState::Expired);
    }

    #[test]
    fn auctions_trade_at_open_and_close() {
        let mut world = world("2022-01-03T14:00:00Z");
        for (order_type, limit) in
            [(OrderType::LimitOnOpen, "177.83"), (OrderType::LimitOnOpen, "177.82"), (OrderType::LimitOnClose, "190")]
        {
            world.accept(REAL, ticket(Side::Buy, order_type, limit));
        }
        world.accept(REAL, ticket(Side::Sell, OrderType::MarketOnClose, "0"));
        world.set_clock("2022-01-03T14:30:00Z".parse().unwrap());
        let states = |world: &World| world.account(REAL).orders.iter().map(|order| order.state).collect::<Vec<_>>();
        assert_eq!(states(&world), [OrderState::Filled, OrderState::Expired, OrderState::Open, OrderState::Open]);
        world.set_clock("2022-01-04T14:30:00Z".parse().unwrap());
        assert_eq!(states(&world), [OrderState::Filled, OrderState::Expired, OrderState::Filled, OrderState::Filled]);
        assert!(world.account(REAL).fills[1..].iter().all(|fill| fill.price == "182.01".parse().unwrap()));
    }

    #[test]
    fn the_cap_makes_partial_fills() {
        let mut world = world("2022-01-03T15:00:00Z");
        world.fill_rules.max_quantity_per_minute = Some(4);
        world.accept(PAPER, ticket(Side::Buy, OrderType::Limit, "200"));
        let filled = |world: &World| world.account(PAPER).orders[0].filled_quantity;
        assert_eq!(filled(&world), 4);
        world.set_clock("2022-01-03T15:01:59Z".parse().unwrap());
        assert_eq!(filled(&world), 8);
        world.set_clock("2022-01-03T15:02:00Z".parse().unwrap());
        assert_eq!((filled(&world), world.account(PAPER).fills.len()), (10, 3));
    }

    #[test]
    fn going_back_fills_nothing() {
        let mut world = world("2022-01-03T18:00:00Z");
        world.accept(PAPER, ticket(Side::Buy, OrderType::Limit, "177.75"));
        world.set_clock("2022-01-03T14:30:00Z".parse().unwrap());
        world.set_clock("2022-01-03T18:00:00Z".parse().unwrap());
        assert_eq!(world.account(PAPER).orders[0].filled_quantity, 0);
    }
}
