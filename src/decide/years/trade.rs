//! `buy` and `sell`, as `cmd::buy`, `cmd::sell` and `cmd::trade`: the same steps in the same order around the same plans.
//!
//! Left out are what only reports, the filter, the account's total, and looking for a symbol's exchange.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::habits::Rules;
use super::open::Opened;
use super::process::Failed;
use super::settle::{Settled, fetch_positions, settle};
use super::submit::submit;
use super::world::World;
use crate::decide::buy::{BuyFacts, Candidate, check_candidate, plan_picks, share_of_cash, size_order};
use crate::decide::facts::{Quoted, held_quantities};
use crate::decide::rule::{Rule, Skip};
use crate::decide::sell::{Pick, SellFacts, check_holding, plan_sells, price_order, sellable_positions, still_holds};
use crate::decide::submit::Decided;
use crate::domain::intent::{OrderRequest, OutcomeClass, Purpose, Witness};
use crate::domain::market_session::{buy_cutoff, market_at};
use crate::domain::money::Usd;
use crate::domain::order::Side;
use crate::domain::position::Position;
use crate::domain::quote::Quote;
use crate::domain::symbol::{Exchange, Symbol};

/// A quote older than this is read again.
const MAX_QUOTE_AGE: Duration = Duration::from_secs(60);

/// Everything looked at before deciding.
struct View {
    rules: Rc<Rules>,
    settled: Settled,
    positions: BTreeMap<Symbol, Position>,
    held: BTreeMap<Symbol, u64>,
    quotes: BTreeMap<Symbol, Quoted>,
    others_open: BTreeMap<Symbol, Usd>,
}

/// Runs `buy`.
pub async fn buy(open: &mut Opened) -> Result<(), Failed> {
    let rules = Rc::clone(&open.run.world().rules);
    if open.is_at_gate() || is_after_cutoff(open) {
        return Ok(());
    }
    let settled = settle(open).await?;
    if !settled.findings.foreign.is_empty() {
        open.run.note("nothing is bought: foreign order", 0);
        return Ok(());
    }
    let positions = fetch_positions(open).await?;
    let held = held_quantities(&positions, &open.journal.state, open.market.trading_date);
    let quotes =
        fetch_quotes(open, &rules.buy.watch.iter().map(|listed| listed.symbol.clone()).collect::<Vec<_>>()).await?;
    open.read().await?;
    let cash = open.run.world().broker.orderable();
    let others_open = settled.findings.open_buys_of_others();
    open.check_clock()?;
    let mut view = View { rules, settled, positions, held, quotes, others_open };
    let (picks, skipped) = plan_picks(&buy_facts(open, &view), 0);
    count_skips(open, &skipped);
    open.run.world().judge_plan(view.rules.watch.len(), picks.len() + skipped.len());
    if cash < view.rules.buy.min_cash {
        return Ok(());
    }
    open.has_decided = true;
    let share = share_of_cash(cash, view.rules.buy.picks);
    let mut stopped = None;
    for pick in picks {
        if stopped.is_none() {
            stopped = gate_before_order(open, Side::Buy);
        }
        if stopped.is_some() {
            continue;
        }
        open.check_safe_point()?;
        let (order, last) = match look_again_to_buy(open, &mut view, &pick, share).await? {
            Ok(sized) => sized,
            Err(skip) => {
                count_skips(open, &[skip]);
                continue;
            }
        };
        let witness = Witness {
            held: view.held.get(&order.symbol).copied().unwrap_or(0),
            sellable: view.positions.get(&order.symbol).map_or(0, |position| position.sellable_quantity),
            cash: Some(cash),
        };
        let list = &view.settled.list;
        let decided = Decided { order, purpose: Purpose::FellMost, witness, average_cost: None, list, last };
        stopped = send(open, decided).await?.or(stopped);
    }
    Ok(())
}

/// Runs `sell`.
pub async fn sell(open: &mut Opened) -> Result<(), Failed> {
    let rules = Rc::clone(&open.run.world().rules);
    if open.is_at_gate() {
        return Ok(());
    }
    let settled = settle(open).await?;
    let positions = fetch_positions(open).await?;
    let (held, others_open) = (BTreeMap::new(), BTreeMap::new());
    let mut view = View { rules, settled, positions, held, quotes: BTreeMap::new(), others_open };
    let wanted = sellable_positions(&sell_facts(open, &view)).0;
    let wanted: Vec<Symbol> = wanted.into_iter().map(|position| position.symbol.clone()).collect();
    if !wanted.is_empty() {
        view.quotes = fetch_quotes(open, &wanted).await?;
    }
    open.check_clock()?;
    let (picks, skipped) = plan_sells(&sell_facts(open, &view));
    count_skips(open, &skipped);
    open.run.world().judge_plan(view.positions.len(), picks.len() + skipped.len());
    open.has_decided = true;
    let mut stopped = None;
    for pick in picks {
        if stopped.is_none() {
            stopped = gate_before_order(open, Side::Sell);
        }
        if stopped.is_some() {
            continue;
        }
        open.check_safe_point()?;
        let Ok(order) = look_again_to_sell(open, &mut view, &pick).await? else { continue };
        let held = held_quantities(&view.positions, &open.journal.state, open.market.trading_date);
        let held = held.get(&pick.symbol).copied().unwrap_or(0);
        let witness = Witness { held, sellable: pick.quantity, cash: None };
        let (list, last) = (&view.settled.list, order.limit_price);
        let (purpose, average_cost) = (pick.purpose, Some(pick.average_cost));
        stopped = send(open, Decided { order, purpose, witness, average_cost, list, last }).await?.or(stopped);
    }
    Ok(())
}

/// Sends one order; no run makes way between an intent and its outcome.
async fn send(open: &mut Opened, decided: Decided<'_>) -> Result<Option<Rule>, Failed> {
    open.check_clock()?;
    open.safe_point.is_held_off = true;
    let submitted = submit(open, decided).await;
    open.safe_point.is_held_off = false;
    let submitted = submitted?;
    open.run.world().judge_sending(submitted.class);
    Ok(submitted.ends_sending())
}

fn gate_before_order(open: &Opened, side: Side) -> Option<Rule> {
    let market = market_at(open.run.world().wall());
    if !market.is_open || market.trading_date != open.market.trading_date {
        return Some(Rule::MarketClosed);
    }
    (side == Side::Buy && is_after_cutoff(open)).then_some(Rule::AfterBuyUntil)
}

/// `[buy] until`, 15:30.
fn is_after_cutoff(open: &Opened) -> bool {
    let until = chrono::NaiveTime::from_hms_opt(15, 30, 0).unwrap();
    buy_cutoff(open.market.trading_date, until).is_some_and(|cutoff| open.run.world().wall() >= cutoff)
}

/// Sizes a pick; a quote that grew old is read again.
async fn look_again_to_buy(
    open: &mut Opened,
    view: &mut View,
    pick: &Candidate,
    share: Usd,
) -> Result<Result<(OrderRequest, Usd), Skip>, Failed> {
    let mut pick = pick.clone();
    if is_old(open, view, &pick.symbol) {
        view.quotes.extend(fetch_quotes(open, std::slice::from_ref(&pick.symbol)).await?);
        match check_candidate(&buy_facts(open, view), &pick.symbol) {
            Ok(again) => pick = again,
            Err(skip) => return Ok(Err(skip)),
        }
    }
    let sized = size_order(&buy_facts(open, view), &pick, share, Usd::ZERO, None);
    Ok(sized.map(|order| (order, pick.price.last)))
}

/// Prices a pick; a quote that grew old is read again.
async fn look_again_to_sell(
    open: &mut Opened,
    view: &mut View,
    pick: &Pick,
) -> Result<Result<OrderRequest, Skip>, Failed> {
    let mut pick = pick.clone();
    if is_old(open, view, &pick.symbol) {
        view.quotes.extend(fetch_quotes(open, std::slice::from_ref(&pick.symbol)).await?);
        let facts = sell_facts(open, view);
        match check_holding(&facts, &facts.positions[&pick.symbol]) {
            Err(skip) => return Ok(Err(skip)),
            Ok(again) if !still_holds(&facts, pick.purpose, again.profit) => {
                return Ok(Err(Skip::new(&pick.symbol, Rule::Hold, "")));
            }
            Ok(again) => pick = Pick { purpose: pick.purpose, ..again },
        }
    }
    Ok(price_order(&sell_facts(open, view), &pick))
}

fn is_old(open: &Opened, view: &View, symbol: &Symbol) -> bool {
    let now = Duration::from_millis(open.run.world().now_ms);
    matches!(view.quotes.get(symbol), Some(Quoted::Found(quote)) if now.saturating_sub(quote.read_at) > MAX_QUOTE_AGE)
}

/// Asks for quotes, ten at a time; what can't be had is passed over.
async fn fetch_quotes(open: &mut Opened, wanted: &[Symbol]) -> Result<BTreeMap<Symbol, Quoted>, Failed> {
    let answered = open.read().await;
    if answered == Err(Failed::Gateway) {
        return Ok(wanted.iter().map(|symbol| (symbol.clone(), Quoted::Unanswered)).collect());
    }
    answered?;
    let world = open.run.world();
    Ok(wanted.iter().map(|symbol| (symbol.clone(), world.quote(symbol))).collect())
}

fn count_skips(open: &Opened, skipped: &[Skip]) {
    for skip in skipped {
        open.run.world().count_skip(skip.rule);
    }
}

fn buy_facts<'a>(open: &'a Opened, view: &'a View) -> BuyFacts<'a> {
    BuyFacts {
        buy: &view.rules.buy,
        sell: &view.rules.sell,
        limits: &view.rules.limits,
        journal: &open.journal.state,
        trading_date: open.market.trading_date,
        positions: &view.positions,
        held: &view.held,
        quotes: &view.quotes,
        others_open: &view.others_open,
    }
}

fn sell_facts<'a>(open: &'a Opened, view: &'a View) -> SellFacts<'a> {
    SellFacts {
        sell: &view.rules.sell,
        limits: &view.rules.limits,
        watch: &view.rules.watch,
        journal: &open.journal.state,
        trading_date: open.market.trading_date,
        positions: &view.positions,
        quotes: &view.quotes,
    }
}

impl World {
    fn quote(&self, symbol: &Symbol) -> Quoted {
        let stock = &self.broker.stocks[self.stock_of(symbol)];
        Quoted::Found(Quote {
            symbol: symbol.clone(),
            exchange: Exchange::Nasdaq,
            last: Some(stock.last()),
            base: Some(stock.base()),
            traded_today: true,
            read_at: Duration::from_millis(self.now_ms),
        })
    }

    /// Each symbol is picked, or passed over with a rule.
    fn judge_plan(&self, symbols: usize, named: usize) {
        self.holds(symbols == named, "liveness: a symbol is neither picked nor passed over");
    }

    /// In calm, what is wanted is done.
    fn judge_sending(&self, class: OutcomeClass) {
        let is_done = matches!(class, OutcomeClass::Accepted | OutcomeClass::Rejected);
        self.holds(is_done || !self.weather.is_calm, "liveness: in calm, a wanted order is not done");
    }

    fn count_skip(&mut self, rule: Rule) {
        *self.trace.counts.entry(rule.word()).or_default() += 1;
    }
}
