//! `status`: read everything, reconcile in memory, report. Sends no orders and takes no account lock.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::NaiveDate;

use crate::config::Settings;
use crate::decide::buy::cooldown_until;
use crate::decide::facts::{Quoted, held_quantities};
use crate::decide::fold::{JournalState, SetAside};
use crate::decide::profit::unrealised;
use crate::decide::rule::Rule;
use crate::decide::sell::{Care, care_of};
use crate::decide::split::words_of;
use crate::domain::market_session::{previous_trading_date, session_of};
use crate::domain::{BrokerOrder, BuyingPower, Exchange, Listings, MarketNow, Phase, Position, Sample, Symbol, Usd};
use crate::exit::{Ending, Failure};
use crate::ordered::Ordered;
use crate::report::Body;
use crate::report::status::{DayOrders, PositionLine, SetAsideLine, StatusOrder, StatusReport, profit_text};
use crate::story::balance::Holdings;
use crate::story::desk::Desk;
use crate::story::endings;
use crate::story::run::Run;
use crate::story::strategy::look;
use crate::story::total::Assets;
use crate::story::words;

/// Runs the command. What KIS is not needed for is shown even when KIS can't be read.
pub(super) async fn status<D: Desk>(run: &mut Run<'_, D>) -> Result<Ending, Failure> {
    // The desk has put in what it read from the state directory: that part is shown even when KIS can't be read.
    let mut status = match std::mem::take(&mut run.notes.body) {
        Body::Status(status) => status,
        _ => Box::default(),
    };
    let (mut external, mut moved) = (Vec::new(), Usd::ZERO);
    let observed = observe(run, &mut status, &mut external, &mut moved).await;
    let journal = run.desk.journal();
    status.cooldowns = Some(cooldowns(run));
    status.transfers.splice(0..0, journal.transfers.iter().copied());
    status.set_aside = Some(set_aside(journal));
    if status.strategies.is_empty() {
        status.strategies = look(run, None);
    }
    let journal = run.desk.journal();
    status.day = day_orders(journal, &run.market, &external);
    status.unknown_orders = Some(journal.unknown().map(StatusOrder::own).collect());
    if let (Some(history), Some(total)) = (&mut status.history, status.account.total) {
        history.push(Sample { at: run.desk.now().at, total, transfers: moved, ..Sample::default() });
    }
    run.notes.body = Body::Status(status);
    run.warn_of_clock();
    run.warn_of_unpriced();
    observed?;
    Ok(Ending::done(endings::looked()))
}

/// Symbols that may not be bought again yet.
fn cooldowns<D: Desk>(run: &Run<'_, D>) -> Vec<(Symbol, NaiveDate)> {
    let journal = run.desk.journal();
    let running = journal.stop_losses.keys().filter_map(|symbol| {
        let until = cooldown_until(journal, &run.settings.sell, symbol)?;
        (run.market.trading_date < until).then(|| (symbol.clone(), until))
    });
    running.collect()
}

/// Symbols that get no order until it is clear whether they were split.
fn set_aside(journal: &JournalState) -> Vec<SetAsideLine> {
    let open = journal.splits.values().filter(|split| !split.is_over);
    let line = |split: &SetAside| SetAsideLine {
        symbol: split.suspicion.symbol.clone(),
        reason: Rule::SplitSuspected.word(),
        since: split.since,
        detail: words_of(&split.suspicion),
    };
    open.map(line).collect()
}

/// Reads KIS: three requests, and a search for a price when none is remembered.
async fn observe<D: Desk>(
    run: &mut Run<'_, D>,
    status: &mut StatusReport,
    external_today: &mut Vec<BrokerOrder>,
    moved: &mut Usd,
) -> Result<(), Failure> {
    let was_busy = run.desk.is_account_held();
    let reconciled = run.reconcile().await?;
    external_today.clone_from(&reconciled.findings.external);
    let own = run.desk.journal().live().filter(|entry| !entry.state.is_unknown()).map(StatusOrder::own);
    let external = external_today.iter().filter(|row| row.remaining_quantity > 0).map(StatusOrder::external);
    status.open_orders = Some(own.chain(external).collect());
    for BrokerOrder { order_id, side, quantity, symbol, .. } in &reconciled.findings.foreign {
        run.notes.warnings.push(words::foreign(order_id, *side, *quantity, symbol));
    }
    let Holdings { positions, odd_rows, is_doubted } = run.fetch_holdings(&reconciled).await?;
    status.strategies = look(run, Some((&positions, &odd_rows)));
    let held = held_quantities(&positions, run.desk.journal(), run.market.trading_date, external_today);
    let listings = run.desk.listings().clone();
    let journal = run.desk.journal();
    let price_of = |symbol: &Symbol| {
        let shown = positions.get(symbol).and_then(|position| position.balance_price);
        journal.counted_price(symbol).or(shown).or_else(|| listings.get(symbol).and_then(|known| known.last))
    };
    let date = session_date(&run.market);
    status.positions = Some(position_lines(&run.settings, journal, &listings, &positions, &held, date, price_of));
    if is_doubted {
        return Ok(());
    }
    status.unrealised = unrealised_of(status.positions.as_deref());
    let prices = held.keys().filter_map(|symbol| Some((symbol.clone(), price_of(symbol)?)));
    let prices: BTreeMap<Symbol, Usd> = prices.ordered();
    let Some(worth) = run.worth_of(&held, &positions, |symbol| prices.get(symbol).copied()) else { return Ok(()) };
    status.account.positions = worth.usd.plus(odd_rows.value());
    let Some(power) = fetch_power(run, &positions).await? else { return Ok(()) };
    let (cash, account) = (power.cash_usd(), &mut status.account);
    (account.cash, account.buying_power) = (Some(cash), Some(power.orderable));
    run.notes.warnings.extend(power.won().map(endings::won_not_counted));
    let is_between_orders = was_busy || run.desk.is_account_held();
    let assets = Assets { cash, worth: &worth, odd_rows: &odd_rows, list: &reconciled.list, is_between_orders };
    if let Some(total) = run.take_total(&assets).await? {
        (account.total, account.pending) = (Some(total.usd), total.pending);
        *moved = total.moved;
        status.transfers.extend(total.transfer);
    }
    Ok(())
}

fn unrealised_of(positions: Option<&[PositionLine]>) -> Option<Usd> {
    unrealised(positions?.iter().map(|line| (line.quantity, line.average_cost, line.last)))
}

fn position_lines(
    settings: &Settings,
    journal: &JournalState,
    listings: &Listings,
    positions: &BTreeMap<Symbol, Position>,
    held: &BTreeMap<Symbol, u64>,
    date: NaiveDate,
    price_of: impl Fn(&Symbol) -> Option<Usd>,
) -> Vec<PositionLine> {
    let (watch, sell) = (&settings.buy.watch, &settings.sell);
    let line = |(symbol, quantity): (&Symbol, &u64)| {
        let (position, remembered) = (positions.get(symbol), listings.get(symbol));
        let average_cost = position.and_then(|position| position.average_cost);
        let last = price_of(symbol);
        let exchange = position.and_then(|position| position.exchange);
        let is_watched = watch.iter().any(|listed| listed.symbol == *symbol);
        let is_of_strategy = settings.strategies.iter().any(|strategy| strategy.trades(symbol));
        PositionLine {
            symbol: symbol.clone(),
            name: position.map(|position| position.name.clone()).unwrap_or_default(),
            exchange: exchange.or_else(|| remembered.map(|known| known.exchange)),
            quantity: *quantity,
            sellable_quantity: position.map_or(0, |position| position.sellable_quantity),
            average_cost,
            last,
            previous_close: close_before(journal, listings, symbol, date),
            profit_percent: profit_text(average_cost, last),
            is_managed: sell.keep.contains(symbol)
                || is_watched
                || is_of_strategy
                || (sell.sells_all_positions && !journal.is_of_strategy(symbol)),
            stop_loss_shares: position.filter(|_| !sell.keep.contains(symbol) && !is_of_strategy).and_then(
                |position| match care_of(sell, is_watched, journal, position) {
                    Care::StopLossOf(own) => Some(own),
                    Care::Managed | Care::NotManaged => None,
                },
            ),
        }
    };
    held.iter().map(line).collect()
}

/// Fetches the buying power for the first watch symbol whose exchange and price are known, remembered ones first. A
/// remembered exchange that KIS refuses (a moved listing) is forgotten, and the symbol is searched for.
async fn fetch_power<D: Desk>(
    run: &mut Run<'_, D>,
    positions: &BTreeMap<Symbol, Position>,
) -> Result<Option<BuyingPower>, Failure> {
    if let Some((exchange, symbol, price)) = find_remembered(run, positions) {
        let ask = async |desk: &mut D| desk.buying_power(exchange, &symbol, price).await;
        let power = run.read_optional(&words::buying_power(), ask).await?;
        if power.is_some() {
            return Ok(power);
        }
        run.desk.listings().forget(&symbol);
    }
    let Some((exchange, symbol, price)) = find_quoted(run).await? else { return Ok(None) };
    run.fetch_buying_power(exchange, &symbol, price).await.map(Some)
}

fn find_remembered<D: Desk>(
    run: &mut Run<'_, D>,
    positions: &BTreeMap<Symbol, Position>,
) -> Option<(Exchange, Symbol, Usd)> {
    let listings = run.desk.listings();
    let of_strategies = run.settings.strategies.iter().flat_map(|strategy| &strategy.symbols);
    run.settings.buy.watch.iter().chain(of_strategies).find_map(|listed| {
        let position = positions.get(&listed.symbol);
        let known = listings.get(&listed.symbol);
        let exchange =
            listed.exchange.or(known.map(|known| known.exchange)).or(position.and_then(|position| position.exchange))?;
        let price = known.and_then(|known| known.last).or(position.and_then(|position| position.balance_price))?;
        Some((exchange, listed.symbol.clone(), price.up_to_tick()))
    })
}

async fn find_quoted<D: Desk>(run: &mut Run<'_, D>) -> Result<Option<(Exchange, Symbol, Usd)>, Failure> {
    let settings = Rc::clone(&run.settings);
    let of_strategies = settings.strategies.iter().flat_map(|strategy| &strategy.symbols);
    for listed in settings.buy.watch.iter().chain(of_strategies) {
        let quotes = run.fetch_quotes(std::slice::from_ref(listed)).await?;
        if let Some(Quoted::Found(quote)) = quotes.get(&listed.symbol)
            && let Some(last) = quote.last
        {
            return Ok(Some((quote.exchange, listed.symbol.clone(), last.up_to_tick())));
        }
    }
    Ok(None)
}

/// The date of the current or the last session.
fn session_date(market: &MarketNow) -> NaiveDate {
    match market.phase {
        Phase::Regular | Phase::After => market.trading_date,
        Phase::Pre | Phase::Closed => previous_trading_date(market.trading_date),
    }
}

/// The close of the session before that of `date`, as far as a run has seen or asked for it; none that was before a split.
fn close_before(journal: &JournalState, listings: &Listings, symbol: &Symbol, date: NaiveDate) -> Option<Usd> {
    let is_split = journal.units.get(symbol).is_some_and(|unit| unit.from >= date);
    if is_split { None } else { listings.close_of(symbol, previous_trading_date(date)).flatten() }
}

/// The orders of the current or the last session: our own, by the journal, and external ones.
fn day_orders(journal: &JournalState, market: &MarketNow, external: &[BrokerOrder]) -> DayOrders {
    let date = session_date(market);
    let own = journal.of_day(date).map(StatusOrder::own);
    let external = external.iter().filter(|row| row.date == date && row.is_plain_order()).map(StatusOrder::external);
    let mut orders: Vec<StatusOrder> = own.chain(external).collect();
    orders.sort_by_key(|line| line.submitted_at);
    let hours = session_of(date).map(|session| (session.opens_at, session.closes_at));
    DayOrders { date: Some(date), hours, orders }
}
