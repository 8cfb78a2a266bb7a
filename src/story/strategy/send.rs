//! What of a sheet is still to be sent, and sending it. On disk is which orders were: a run that died leaves the rest to the next.

use std::collections::{BTreeMap, BTreeSet};

use super::money::{Money, own_cash_left};
use super::{Turn, symbols_of};
use crate::config::Trading;
use crate::decide::facts::Quoted;
use crate::decide::fold::Entry;
use crate::decide::refusals::cash_refused;
use crate::decide::rule::{OfStrategy, Rule, Skip};
use crate::decide::strategy::emulate::{self, emulated, window};
use crate::decide::strategy::fills::line_of;
use crate::decide::strategy::lines::{Stage, cost_of, is_nowhere, price_to_send, spendable_of, stage_of, within_money};
use crate::decide::strategy::{infinite, words};
use crate::decide::submit::{Decided, LastCall};
use crate::domain::market_session::{new_york_as, session_of};
use crate::domain::{
    Exchange, Mode, OrderKind, OrderRequest, Purpose, Sheet, SheetLine, SheetOrder, Side, Symbol, Usd, Witness,
};
use crate::exit::Failure;
use crate::language::Sentence;
use crate::report::kind_word;
use crate::story::desk::Desk;
use crate::story::run::Run;
use crate::story::trade::Progress;

/// An order that is still to be sent, and what its intent says of it.
struct Open {
    /// Its place in the sheet; `None` where it stands for deferred orders.
    place: Option<usize>,
    order: SheetOrder,
    line: SheetLine,
}

/// Sends all orders of this side that are still to be sent. An inner error says why none is.
pub(super) async fn send_all<D: Desk>(
    run: &mut Run<'_, D>,
    turn: &mut Turn<'_>,
    sheet: &Sheet,
    money: &mut Money,
    progress: &mut Progress,
) -> Result<Result<(), Vec<Skip>>, Failure> {
    let wanted = still_open(run, turn, sheet);
    if wanted.is_empty() {
        return Ok(Ok(()));
    }
    if let Some((rule, detail)) = forbidden(run, turn) {
        return Ok(Err(turn.skip_all(rule, &detail)));
    }
    turn.fetch_quotes(run, &symbols_of(sheet)).await?;
    let open = match run.settings.mode {
        Mode::Real => wanted,
        Mode::Paper => emulate_closing(run, turn, sheet, wanted, progress),
    };
    let open = match within(run, turn, sheet, open, money, progress).await? {
        Ok(open) => open,
        Err(skips) => return Ok(Err(skips)),
    };
    run.notes.check_writes()?;
    run.notes.has_decided = true;
    let mut held_up: Vec<(Symbol, Rule, Sentence)> = Vec::new();
    for one in open {
        let stops = |rule| rule == Rule::OrderUnknown || one.order.kind != OrderKind::Limit;
        let stopped = held_up.iter().find(|(symbol, rule, _)| *symbol == one.order.symbol && stops(*rule));
        if let Some((_, rule, detail)) = stopped {
            progress.skip(turn.skip(&one.order, *rule, detail.clone()));
            continue;
        }
        send_one(run, turn, sheet, &one, money, progress).await?;
        if let Some((rule, detail)) = progress.resume() {
            held_up.push((one.order.symbol, rule, detail));
        }
        if progress.has_stopped() {
            break;
        }
    }
    Ok(Ok(()))
}

/// The orders of the sheet's side of which KIS has nothing, and which may go.
fn still_open<D: Desk>(run: &Run<'_, D>, turn: &Turn<'_>, sheet: &Sheet) -> Vec<Open> {
    let journal = run.desk.journal();
    let entries: Vec<&Entry> = journal.orders_of(&sheet.strategy, sheet.date).collect();
    let places = sheet.orders.iter().enumerate().filter(|(_, order)| order.side == turn.side);
    let mut open: Vec<Open> = Vec::new();
    for (place, order) in places {
        let mut order = order.clone();
        match stage_of(sheet, place, &entries) {
            Stage::Unsent => {}
            Stage::Again => {
                let others = sheet.orders.iter().enumerate().filter(|(other, _)| *other != place);
                let beside = others.map(|(_, other)| other).chain(open.iter().map(|one| &one.order));
                order.limit_price = price_to_send(journal, sheet.date, &order, beside);
            }
            Stage::Sent(_) | Stage::GivenUp(_) => continue,
        }
        let line = line_of(sheet, place, &order);
        open.push(Open { place: Some(place), order, line });
    }
    open
}

/// What forbids all buys of strategies now.
fn forbidden<D: Desk>(run: &Run<'_, D>, turn: &Turn<'_>) -> Option<(Rule, Sentence)> {
    if turn.side == Side::Sell {
        return None;
    }
    if run.settings.limits.trading == Trading::SellOnly {
        return Some((Rule::SellOnly, words::sell_only()));
    }
    let foreign = turn.seen.reconciled.findings.foreign.first();
    foreign.map(|row| (Rule::Foreign, words::foreign_orders(&row.order_id)))
}

/// On paper: closing orders wait, and in their window one limit order stands for those that the last price reaches.
fn emulate_closing<D: Desk>(
    run: &Run<'_, D>,
    turn: &Turn<'_>,
    sheet: &Sheet,
    wanted: Vec<Open>,
    progress: &mut Progress,
) -> Vec<Open> {
    let (mut open, closing): (Vec<Open>, Vec<Open>) =
        wanted.into_iter().partition(|one| one.order.kind == OrderKind::Limit);
    let Some(session) = session_of(run.market.trading_date) else { return open };
    let (from, to) = window(&session);
    let is_open = (from..to).contains(&run.desk.now().at);
    let symbols: BTreeSet<Symbol> = closing.iter().map(|one| one.order.symbol.clone()).collect();
    for symbol in symbols {
        let of_symbol = || closing.iter().filter(|one| one.order.symbol == symbol);
        let has_gone = run.desk.journal().orders_of(&sheet.strategy, sheet.date).any(|entry| {
            let its = entry.intent.line.as_ref().is_some_and(|line| line.order.is_none());
            its && !is_nowhere(entry) && entry.intent.side == turn.side && entry.intent.symbol == symbol
        });
        let last = turn.quotes.get(&symbol).and_then(|quoted| quoted.usable(&symbol).ok()).map(|(_, price)| price.last);
        let reached = last.filter(|_| is_open && !has_gone);
        let reached = reached.and_then(|last| emulated(turn.side, last, of_symbol().map(|one| &one.order)));
        let is_part = |one: &&Open| {
            reached.as_ref().is_some_and(|order| one.order.parts.iter().all(|part| order.parts.contains(part)))
        };
        let detail = words::deferred(&new_york_as(from, "%H:%M"), &new_york_as(to, "%H:%M"));
        for one in of_symbol().filter(|one| !is_part(one)) {
            progress.skip(turn.skip(&one.order, Rule::LocDeferred, detail.clone()));
        }
        if let Some(mut order) = reached {
            let limits = sheet.orders.iter().filter(|other| other.kind == OrderKind::Limit);
            let beside = limits.chain(open.iter().map(|one| &one.order));
            order.limit_price = price_to_send(run.desk.journal(), sheet.date, &order, beside);
            let line = SheetLine { strategy: sheet.strategy.clone(), order: None, parts: order.parts.clone() };
            open.push(Open { place: None, order, line });
        }
    }
    open
}

/// Leaves out the buys that the money does not reach.
async fn within<D: Desk>(
    run: &mut Run<'_, D>,
    turn: &Turn<'_>,
    sheet: &Sheet,
    open: Vec<Open>,
    money: &mut Money,
    progress: &mut Progress,
) -> Result<Result<Vec<Open>, Vec<Skip>>, Failure> {
    if open.is_empty() || turn.side == Side::Sell {
        return Ok(Ok(open));
    }
    let checked = |one: &Open| turn.check(run, sheet, &one.order.symbol, None);
    let Some((first, (exchange, _))) = open.iter().find_map(|one| Some((one, checked(one).ok()?))) else {
        let skips: BTreeMap<&Symbol, Skip> =
            open.iter().filter_map(|one| Some((&one.order.symbol, checked(one).err()?))).collect();
        return Ok(Err(skips.into_values().collect()));
    };
    let (symbol, price) = (first.order.symbol.clone(), first.order.limit_price);
    let orderable = match money.orderable(run, exchange, &symbol, price).await? {
        Ok(orderable) => orderable,
        Err(detail) => return Ok(Err(turn.skip_all(Rule::PriceUnknown, &detail))),
    };
    let said = money.said().unwrap_or(orderable);
    if let Some(detail) = cash_refused(run.desk.journal(), run.market.trading_date, said) {
        return Ok(Err(turn.skip_all(Rule::CashTooLow, &detail)));
    }
    let most = spendable_of(orderable).min(own_cash_left(run.desk.journal(), sheet));
    let orders: Vec<SheetOrder> = open.iter().map(|one| one.order.clone()).collect();
    let left = within_money(&orders, infinite::Role::Rung.word(), most);
    let needed: Usd = orders.iter().map(cost_of).sum();
    let mut kept = Vec::new();
    for (place, one) in open.into_iter().enumerate() {
        if left.contains(&place) {
            kept.push(one);
        } else {
            let detail = words::too_little_money(needed, most.to_cents());
            progress.skip(turn.skip(&one.order, Rule::CashTooLow, detail));
        }
    }
    Ok(Ok(kept))
}

/// Looks at everything once more and sends one order.
async fn send_one<D: Desk>(
    run: &mut Run<'_, D>,
    turn: &mut Turn<'_>,
    sheet: &Sheet,
    one: &Open,
    money: &mut Money,
    progress: &mut Progress,
) -> Result<(), Failure> {
    run.safe_point.check(run.desk)?;
    let symbol = one.order.symbol.clone();
    if run.is_old(turn.quotes.get(&symbol)) {
        turn.quotes.remove(&symbol);
        turn.fetch_quotes(run, &BTreeSet::from([symbol.clone()])).await?;
    }
    let exchange = match turn.judge(run, sheet, &one.order) {
        Ok(exchange) => exchange,
        Err(skip) => {
            progress.skip(skip.of_strategy(turn.strategy, Some(&one.order)));
            return Ok(());
        }
    };
    let last_call = if one.order.kind == OrderKind::Limit { LastCall::Close } else { LastCall::LocUntil };
    if !progress.may_send_or(run, last_call, |rule, detail| turn.skip(&one.order, rule, detail)) {
        return Ok(());
    }
    let lot = sheet.ledger.lot(&symbol);
    let position = turn.seen.positions.get(&symbol);
    let witness = Witness {
        held: position.map_or(0, |position| position.quantity),
        sellable: position.map_or(0, |position| position.sellable_quantity),
        cash: money.said().filter(|_| turn.side == Side::Buy),
    };
    let decided = Decided {
        order: request(&one.order, exchange),
        purpose: Purpose::Sheet,
        witness,
        average_cost: (turn.side == Side::Sell).then_some(lot.average_cost),
        list: &turn.seen.reconciled.list,
        last: lot.average_cost,
        quoted_at: turn.quotes.get(&symbol).map(Quoted::read_at).unwrap_or_default(),
        line: Some(one.line.clone()),
    };
    money.spend(cost_of(&one.order));
    let mut of_strategy = OfStrategy::new(turn.strategy, Some(&one.order));
    if one.place.is_none() {
        of_strategy = OfStrategy { role: Some(emulate::ROLE.to_owned()), tag: None, ..of_strategy };
    }
    let numbers = match one.place {
        Some(_) => Sentence::verbatim(&*turn.strategy.name).and(" ", &kind_word(one.order.kind)),
        None => words::emulated(&turn.strategy.name),
    };
    progress.send_line(run, decided, numbers, of_strategy).await
}

fn request(order: &SheetOrder, exchange: Exchange) -> OrderRequest {
    OrderRequest {
        exchange,
        symbol: order.symbol.clone(),
        side: order.side,
        quantity: order.quantity,
        limit_price: order.limit_price,
        kind: order.kind,
    }
}
