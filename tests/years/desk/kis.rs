//! KIS, as a run hears it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use kis_trade::domain::{
    AccessToken, Balance, BalanceScope, BrokerOrder, BuyingPower, CancelPhase, CloseUnits, Exchange, KisError, Mode,
    OrderList, OrderRequest, OutcomeClass, Quote, Refusal, Side, SubmitOutcome, Symbol, TrId, Usd,
};
use kis_trade::exit::{Failure, Reason};
use kis_trade::language::Sentence;
use kis_trade::story::desk::{Kis, Machine};

use super::SimDesk;
use crate::border::Spot;
use crate::conduct::Reading;
use crate::habits::exchange_of;
use crate::office::number_of;

/// Rows of one page.
const PAGE: usize = 15;
/// Quotes of one request, where one can ask for several.
const QUOTES: usize = 10;

impl Kis for SimDesk {
    fn connect(&mut self, token: &AccessToken) {
        if !self.is_explored() {
            self.run.world().judge_token(&mut self.watch, token);
        }
        self.token = Some(token.clone());
        self.client_skew = None;
    }

    async fn order_list(&mut self, from: NaiveDate, to: NaiveDate) -> Result<OrderList, KisError> {
        self.begin_read(Reading::Orders);
        let read_at = self.run.world().wall();
        self.conduct.list_began_ms = Some(self.run.world().now_ms);
        if to < self.run.world().broker.today {
            // Dates that are over: nothing is decided from them about today.
            self.ask().await?;
            let world = self.run.world();
            let rows: Vec<BrokerOrder> =
                world.broker.list(from, world.now_ms).into_iter().filter(|row| row.date <= to).collect();
            drop(world);
            self.run.tell(&rows);
            self.settle();
            return Ok(OrderList { read_at, rows, odd: Vec::new() });
        }
        let is_early = self.run.world().chance.one_in(2);
        let mut rows = self.run.world().show_list(self.run.number, from);
        for _ in 0..=rows.len() / PAGE {
            self.ask().await?;
        }
        let mut world = self.run.world();
        if !is_early {
            rows = world.show_list(self.run.number, from);
        }
        world.see_list(&mut self.conduct, &self.journal.state);
        let odd = world.odd_orders();
        self.conduct.odd.extend(odd.iter().filter_map(|row| row.symbol.clone()));
        drop(world);
        self.run.tell(&(&rows, &odd, self.conduct.list_learned()));
        self.settle();
        Ok(OrderList { read_at, rows, odd })
    }

    async fn balance(&mut self, _scope: BalanceScope) -> Result<Balance, KisError> {
        self.begin_read(Reading::Other);
        self.ask().await?;
        let mut world = self.run.world();
        let positions = world.broker.positions(world.now_ms);
        let odd = world.odd_holdings();
        drop(world);
        self.run.tell(&(&positions, &odd));
        let held = positions.iter().filter(|position| position.quantity > 0);
        self.conduct.positions = held.map(|position| position.symbol.clone()).collect();
        self.settle();
        Ok(Balance { scope: BalanceScope::Unknown, positions, odd })
    }

    async fn buying_power(&mut self, _: Exchange, _: &Symbol, price: Usd) -> Result<BuyingPower, KisError> {
        self.begin_read(Reading::Other);
        self.ask().await?;
        let cash = self.run.world().broker.orderable();
        self.run.tell(&cash);
        self.settle();
        Ok(BuyingPower {
            orderable: cash,
            with_won: cash,
            cash,
            sale_proceeds: Usd::ZERO,
            max_quantity: cash.shares_at(price),
        })
    }

    fn quotes_per_request(&self) -> usize {
        if self.settings.mode == Mode::Paper { 1 } else { QUOTES }
    }

    async fn quotes(&mut self, asked: &[(Exchange, Symbol)]) -> Result<Vec<Quote>, KisError> {
        self.begin_read(Reading::Other);
        self.ask().await?;
        if let Some(error) = self.run.world().quote_error(asked) {
            return Err(error);
        }
        let mut world = self.run.world();
        let quotes: Vec<Quote> = asked.iter().map(|(exchange, symbol)| world.quote(*exchange, symbol)).collect();
        drop(world);
        self.run.tell(&quotes);
        self.conduct.see_quotes(&quotes);
        Ok(quotes)
    }

    async fn close_of(
        &mut self,
        exchange: Exchange,
        symbol: &Symbol,
        date: NaiveDate,
        units: CloseUnits,
    ) -> Result<Option<Usd>, KisError> {
        self.begin_read(Reading::Other);
        self.ask().await?;
        let world = self.run.world();
        let place = world.stock_of(symbol);
        let (stock, is_of_tokens) = (&world.broker.stocks[place], world.is_of_tokens);
        let close = if exchange == exchange_of(place) { stock.close(date, units) } else { None };
        drop(world);
        self.run.tell(&close);
        let word = if units == CloseUnits::Raw { "a close asked for" } else { "a close asked for in today's units" };
        // What a run asks for depends on the runs that looked before.
        if !is_of_tokens {
            self.run.note(word, 0);
        }
        self.settle();
        Ok(close)
    }

    async fn closes(
        &mut self,
        exchange: Exchange,
        symbol: &Symbol,
        until: NaiveDate,
        least: usize,
    ) -> Result<BTreeMap<NaiveDate, Usd>, KisError> {
        self.begin_read(Reading::Other);
        self.ask().await?;
        let world = self.run.world();
        let place = world.stock_of(symbol);
        let known = if exchange == exchange_of(place) {
            world.broker.stocks[place].closes_until(until, least)
        } else {
            BTreeMap::new()
        };
        drop(world);
        self.run.tell(&known);
        self.settle();
        Ok(known)
    }

    async fn acquire_order_slot(&mut self) -> Result<(), Failure> {
        if self.run.world().has_no_slot() {
            return Err(no_slot());
        }
        let ms = self.run.world().draw_slot_ms();
        if ms > 0 {
            self.run.border(Spot::Looked, ms).await;
            self.settle();
        }
        Ok(())
    }

    async fn post(&mut self, order: &OrderRequest) -> Result<SubmitOutcome, Failure> {
        self.run.world().judge_turn(&self.conduct);
        self.run.border(Spot::Checked, 5).await;
        let skew = self.clock_skew();
        let (outcome, ms) = {
            let mut world = self.run.world();
            let (number, intent) = world.judge_post(&self.conduct, order, skew);
            let is_token_good = world.takes(self.token.as_ref());
            let (outcome, ms) = world.post(number, &intent, is_token_good);
            world.truth.get(&intent.id).last = Some(outcome.class);
            (outcome, ms)
        };
        self.run.tell(&outcome);
        self.conduct.is_refused_for_all |=
            outcome.class == OutcomeClass::Rejected && outcome.refusal.is_some_and(Refusal::is_everybodys);
        self.run.border(Spot::Posted, ms).await;
        if !matches!(outcome.class, OutcomeClass::NotSent | OutcomeClass::Unknown) {
            self.client_skew = Some(self.skew());
        }
        self.settle();
        Ok(outcome)
    }

    async fn cancel(&mut self, order: &BrokerOrder, _: Exchange) -> Result<SubmitOutcome, Failure> {
        if self.run.world().has_no_slot() {
            return Err(no_slot());
        }
        let (phase, ms) = {
            let mut world = self.run.world();
            world.judge_cancel(&self.conduct, order);
            let index = world.broker.index_of(order);
            world.judge_cancel_in_time(index);
            world.post_cancel(index)
        };
        self.run.tell(&phase);
        self.run.border(Spot::Cancelled, ms).await;
        if phase != CancelPhase::Unknown {
            self.client_skew = Some(self.skew());
        }
        self.settle();
        Ok(SubmitOutcome {
            class: match phase {
                CancelPhase::Done => OutcomeClass::Accepted,
                CancelPhase::Refused => OutcomeClass::TurnedAway,
                CancelPhase::Planned | CancelPhase::Unknown => OutcomeClass::Unknown,
            },
            ..SubmitOutcome::default()
        })
    }

    fn order_tr_id(&self, side: Side) -> TrId {
        let mode = self.settings.mode;
        let id = match (mode, side) {
            (Mode::Paper, Side::Buy) => "VTTT1002U",
            (Mode::Paper, Side::Sell) => "VTTT1001U",
            (Mode::Real, Side::Buy) => "TTTT1002U",
            (Mode::Real, Side::Sell) => "TTTT1006U",
        };
        TrId { id, mode }
    }
}

impl SimDesk {
    /// The server's clock minus ours.
    pub(super) fn skew(&self) -> TimeDelta {
        TimeDelta::milliseconds(-self.run.world().machine.off_ms)
    }

    fn begin_read(&mut self, reading: Reading) {
        self.run.world().judge_read(&self.conduct, reading);
        self.conduct.is_token_refused = false;
    }

    /// One request that reads something.
    async fn ask(&mut self) -> Result<(), KisError> {
        let drawn = {
            let mut world = self.run.world();
            let is_token_good = world.takes(self.token.as_ref());
            world.draw_read(is_token_good)
        };
        self.run.border(Spot::Looked, drawn.ms).await;
        if drawn.is_answered {
            self.client_skew = Some(self.skew());
        }
        self.conduct.is_token_refused = matches!(drawn.error, Some(KisError::TokenRefused { .. }));
        if self.conduct.is_token_refused && !self.is_explored() {
            let number = self.token.as_ref().map(number_of).unwrap();
            self.run.world().judge_refusal(&self.watch, number);
        }
        drawn.error.map_or(Ok(()), Err)
    }
}

fn no_slot() -> Failure {
    Failure::new(Reason::RateLimited, Sentence::verbatim("no rate slot could be had"))
}
