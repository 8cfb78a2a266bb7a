//! What a rule is told: where its strategy stands this morning, or at this hour, and what the market says.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Turn;
use super::money::own_cash_left;
use crate::config::{RuleSettings, StrategySettings};
use crate::decide::rule::{Rule, Skip};
use crate::decide::strategy::fills::{fills_of, ledger_after};
use crate::decide::strategy::lines::{spendable_of, stage_of, state_word};
use crate::decide::strategy::rule::{RuleClock, RuleFacts, RuleOrder, RulePosition, RuleQuote};
use crate::decide::strategy::words;
use crate::domain::market_session::{previous_trading_date, session_of, sessions_between};
use crate::domain::{
    Exchange, Json, KisError, Ledger, Line, LineFill, ListedSymbol, Lot, RefusedLine, Sheet, Symbol, Usd,
};
use crate::exit::Failure;
use crate::story::desk::Desk;
use crate::story::run::Run;
use crate::story::words as say;

/// Closes that infinite buying looks at.
const CLOSES_OF_INFINITE: usize = 5;

/// Closes by symbol and date.
pub(super) type Closes = BTreeMap<Symbol, BTreeMap<NaiveDate, Usd>>;

/// Where a strategy stands when its rule is asked.
#[derive(Default)]
pub(super) struct Standing {
    pub(super) ledger: Ledger,
    pub(super) own_cash: Usd,
    pub(super) fills: Vec<LineFill>,
    pub(super) orders: Vec<RuleOrder>,
    pub(super) state: Json,
}

impl Standing {
    /// With nothing but these shares, this cash and this state.
    pub(super) fn of(ledger: Ledger, state: Json) -> Standing {
        Standing { own_cash: ledger.cash, ledger, state, ..Standing::default() }
    }
}

impl Turn<'_> {
    /// Before any fill of this date: what the latest sheet began with and its fills since, or what a person said.
    pub(super) fn morning<D: Desk>(&self, run: &Run<'_, D>, closes: &Closes) -> Standing {
        let fresh = || Standing::of(Ledger { cash: self.strategy.principal, ..Ledger::default() }, Json::default());
        let journal = run.desk.journal();
        let Some(book) = journal.strategy(&self.strategy.name) else { return fresh() };
        if let Some(adopted) = &book.adopted {
            return Standing::of(adopted.ledger.clone(), adopted.state.clone());
        }
        let Some(sheet) = &book.sheet else { return fresh() };
        let fills = booked(run, sheet, closes);
        let ledger = ledger_after(&sheet.ledger, &fills);
        let orders = sheet.refused.iter().map(refused_order).collect();
        Standing { fills: beyond(&fills, &sheet.told), orders, ..Standing::of(ledger, sheet.state.clone()) }
    }

    /// In the middle of the date, for a rule that is asked again.
    pub(super) fn by_now<D: Desk>(&self, run: &Run<'_, D>, sheet: &Sheet) -> (Standing, Vec<LineFill>) {
        let journal = run.desk.journal();
        let fills = booked(run, sheet, &Closes::new());
        let entries: Vec<_> = journal.orders_of(&sheet.strategy, sheet.date).collect();
        let place_of =
            |line: usize| sheet.orders.iter().position(|order| order.parts.iter().any(|part| part.line == line));
        let so_far = sheet.lines.iter().enumerate().map(|(number, line)| {
            let stage = place_of(number).map(|place| stage_of(sheet, place, &entries));
            order_of(line, stage.map_or("planned", state_word), None)
        });
        let orders = so_far.chain(sheet.refused.iter().map(refused_order)).collect();
        let standing = Standing {
            ledger: ledger_after(&sheet.ledger, &fills),
            own_cash: own_cash_left(journal, sheet),
            fills: beyond(&fills, &sheet.told),
            orders,
            state: sheet.state.clone(),
        };
        (standing, fills)
    }

    /// Everything that the rule decides by. `orderable` is the account's, where it was asked for.
    pub(super) fn facts<D: Desk>(
        &self,
        run: &Run<'_, D>,
        standing: Standing,
        closes: Closes,
        orderable: Option<Usd>,
    ) -> RuleFacts {
        let (now, date) = (run.desk.now().at, run.market.trading_date);
        let session = session_of(date);
        let since = run.desk.journal().strategy(&self.strategy.name).and_then(|book| book.since).unwrap_or(date);
        let positions = standing.ledger.lots.iter().map(|(symbol, lot)| self.position(symbol, *lot)).collect();
        let spendable = orderable.map_or(standing.own_cash, |orderable| spendable_of(orderable).min(standing.own_cash));
        RuleFacts {
            mode: run.settings.mode,
            clock: RuleClock {
                now,
                trading_date: date,
                previous_trading_date: previous_trading_date(date),
                opens_at: session.map_or(now, |session| session.opens_at),
                closes_at: session.map_or(now, |session| session.closes_at),
                is_half_day: session.is_some_and(|session| session.is_half_day),
                session_number: sessions_between(since, date) + 1,
            },
            strategy: self.strategy.name.clone(),
            own_cash: standing.own_cash,
            spendable: spendable.max(Usd::ZERO),
            positions,
            quotes: self.strategy.symbols.iter().map(|listed| self.quote(run, listed)).collect(),
            closes: closes.into_iter().map(|(symbol, known)| (symbol, known.into_iter().collect())).collect(),
            fills: standing.fills,
            orders: standing.orders,
            state: standing.state,
        }
    }

    fn position(&self, symbol: &Symbol, lot: Lot) -> RulePosition {
        let sellable = self.seen.positions.get(symbol).map_or(0, |position| position.sellable_quantity);
        RulePosition {
            symbol: symbol.clone(),
            quantity: lot.quantity,
            sellable: lot.quantity.min(sellable),
            average_cost: lot.average_cost,
        }
    }

    fn quote<D: Desk>(&self, run: &Run<'_, D>, listed: &ListedSymbol) -> RuleQuote {
        let quoted = self.quotes.get(&listed.symbol).and_then(|quoted| quoted.usable(&listed.symbol).ok());
        let (last, previous_close) = quoted.map_or((None, None), |(_, price)| (Some(price.last), price.base));
        RuleQuote { symbol: listed.symbol.clone(), last, previous_close, at: run.desk.now().at }
    }

    /// Judges each symbol by its quote, and asks KIS for the closes of the sessions before; yesterday's must be the quote's.
    /// A program is told of a symbol without a price, and decides on the others: only when none has one, it is not asked.
    pub(super) async fn check_and_ask<D: Desk>(
        &self,
        run: &mut Run<'_, D>,
    ) -> Result<Result<(Closes, BTreeMap<Symbol, Exchange>), Vec<Skip>>, Failure> {
        let yesterday = previous_trading_date(run.market.trading_date);
        let (mut closes, mut exchanges, mut skips) = (Closes::new(), BTreeMap::new(), Vec::new());
        for ListedSymbol { symbol, .. } in &self.strategy.symbols {
            let exchange = match self.account(run).check_symbol(symbol, None) {
                Ok((exchange, _)) => exchange,
                Err(skip) => {
                    closes.insert(symbol.clone(), BTreeMap::new());
                    skips.push(skip);
                    continue;
                }
            };
            let Some(known) = run.read_closes(exchange, symbol, yesterday, self.strategy).await? else {
                closes.insert(symbol.clone(), BTreeMap::new());
                skips.push(Skip::new(symbol, Rule::PriceUnknown, words::closes_unknown(symbol)));
                continue;
            };
            match self.account(run).check_symbol(symbol, known.get(&yesterday).copied()) {
                Ok(_) => drop(exchanges.insert(symbol.clone(), exchange)),
                Err(skip) => skips.push(skip),
            }
            closes.insert(symbol.clone(), known);
        }
        let is_program = matches!(self.strategy.rule, RuleSettings::Program(_));
        let goes_on = |skip: &Skip| is_program && !exchanges.is_empty() && skip.rule == Rule::PriceUnknown;
        Ok(if skips.iter().all(goes_on) { Ok((closes, exchanges)) } else { Err(skips) })
    }
}

/// What a sheet's orders came to.
fn booked<D: Desk>(run: &Run<'_, D>, sheet: &Sheet, closes: &Closes) -> Vec<LineFill> {
    let of_date = closes.iter().filter_map(|(symbol, known)| Some((symbol.clone(), *known.get(&sheet.date)?)));
    fills_of(sheet, run.desk.journal().orders_of(&sheet.strategy, sheet.date), &of_date.collect())
}

/// What fills came to beyond those that were told already.
fn beyond(fills: &[LineFill], told: &[LineFill]) -> Vec<LineFill> {
    let amount = |fill: &LineFill| fill.price.times(fill.quantity).unwrap_or_default();
    let rest = |fill: &LineFill| {
        let Some(before) = told.iter().find(|before| before.role == fill.role) else { return Some(fill.clone()) };
        let quantity = fill.quantity.checked_sub(before.quantity).filter(|more| *more > 0)?;
        let price = (amount(fill) - amount(before)).0.checked_div(Decimal::from(quantity)).unwrap_or_default();
        Some(LineFill { quantity, price: Usd(price.round_dp(4).normalize()), ..fill.clone() })
    };
    fills.iter().filter_map(rest).collect()
}

fn refused_order(refused: &RefusedLine) -> RuleOrder {
    let reason = Rule::WORDS.into_iter().find(|(word, _)| *word == refused.reason).map(|(_, rule)| rule);
    order_of(&refused.line, "refused", reason)
}

fn order_of(line: &Line, state: &'static str, reason: Option<Rule>) -> RuleOrder {
    RuleOrder {
        role: line.role.clone(),
        symbol: line.symbol.clone(),
        side: line.side,
        kind: line.kind,
        quantity: line.quantity,
        limit_price: line.limit_price,
        state,
        reason,
    }
}

impl<D: Desk> Run<'_, D> {
    /// Asks for the closes that a strategy's rule looks at; `None` when KIS does not say.
    pub(super) async fn read_closes(
        &mut self,
        exchange: Exchange,
        symbol: &Symbol,
        until: NaiveDate,
        strategy: &StrategySettings,
    ) -> Result<Option<BTreeMap<NaiveDate, Usd>>, Failure> {
        let wanted = match &strategy.rule {
            RuleSettings::Infinite(_) => CLOSES_OF_INFINITE,
            RuleSettings::Program(program) => program.history_days as usize,
        };
        match self.call(async |desk: &mut D| desk.closes(exchange, symbol, until, wanted.max(1)).await).await {
            Ok(known) => {
                let spare = known.len().saturating_sub(wanted.max(1));
                Ok(Some(known.into_iter().skip(spare).collect()))
            }
            Err(error @ (KisError::Refused(_) | KisError::Unavailable(_) | KisError::Nonsense { .. })) => {
                log::warn!("{}: {error}", say::close_of(symbol, until));
                Ok(None)
            }
            Err(error) => Err(error.into_failure(&say::close_of(symbol, until))),
        }
    }
}
