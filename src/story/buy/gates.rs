//! What a buy needs to know once there is something to buy: the cash, the account's total, and what they forbid.

use std::collections::BTreeMap;

use super::{View, fetch_more_quotes};
use crate::decide::buy::{Candidate, limit_price};
use crate::decide::refusals::cash_refused;
use crate::decide::rule::{Rule, Skip};
use crate::domain::{BrokerOrder, KisError, Symbol, Usd};
use crate::exit::{Ending, Failure, Reason};
use crate::language::Sentence;
use crate::ordered::Ordered;
use crate::story::desk::Desk;
use crate::story::endings;
use crate::story::reconcile::Reconciled;
use crate::story::run::Run;
use crate::story::total::Assets;
use crate::story::trade::Progress;
use crate::story::words;

/// Asks what there is to order with, at the first pick's limit price. A pick for which KIS refuses to say is passed over, and
/// the next one asked for.
pub(super) async fn fetch_cash<D: Desk>(
    run: &mut Run<'_, D>,
    view: &mut View,
    picks: &mut Vec<Candidate>,
    progress: &mut Progress,
) -> Result<(), Failure> {
    let mut refused = None;
    while let Some(Candidate { symbol, exchange, price, .. }) = picks.first().cloned() {
        let limit = limit_price(&run.settings.buy, price.last);
        match run.call(async |desk: &mut D| desk.buying_power(exchange, &symbol, limit).await).await {
            Ok(power) => {
                view.power = Some((symbol, power));
                return Ok(());
            }
            Err(KisError::Refused(said)) => {
                run.desk.listings().forget(&symbol);
                let detail = endings::buying_power_refused(&said.to_string());
                progress.skip(Skip::new(&symbol, Rule::PriceUnknown, detail));
                refused = Some(KisError::Refused(said));
                picks.remove(0);
            }
            Err(error) => return Err(error.into_failure(&words::buying_power())),
        }
    }
    refused.map_or(Ok(()), |error| Err(error.into_failure(&words::buying_power())))
}

/// The account's total: without it, or with too much of it lost today, nothing is bought.
pub(super) async fn gate_total<D: Desk>(run: &mut Run<'_, D>, view: &mut View) -> Result<Option<Ending>, Failure> {
    // Without a pick there was nothing to ask the cash for; what was passed over says why nothing is bought.
    let Some((_, power)) = view.power.clone() else { return Ok(None) };
    let unpriced = view.unpriced(run.desk.journal());
    fetch_more_quotes(run, view, |symbol| unpriced.contains(symbol)).await?;
    run.look_for_splits(&view.quotes, &view.positions, &view.odd_rows).await?;
    let unknown = || Some(Ending::nothing(Reason::TotalUnknown, endings::total_unknown()));
    let journal = run.desk.journal();
    let prices = view.held.keys().filter_map(|symbol| Some((symbol.clone(), view.price_of(journal, symbol)?)));
    let prices: BTreeMap<Symbol, Usd> = prices.ordered();
    let worth = run.worth_of(&view.held, &view.positions, |symbol| prices.get(symbol).copied());
    let Some(worth) = worth else { return Ok(unknown()) };
    run.notes.is_invested = worth.usd > power.cash_usd();
    let (odd_rows, list) = (&view.odd_rows, &view.reconciled.list);
    let assets = Assets { cash: power.cash_usd(), worth: &worth, odd_rows, list, is_between_orders: false };
    let total = run.take_total(&assets).await?;
    Ok(total.map_or_else(unknown, |total| run.gate_loss(&total)))
}

/// The cash: too little of it, or still as much as when KIS refused buys for want of it, buys nothing.
pub(super) fn gate_cash<D: Desk>(run: &Run<'_, D>, view: &View) -> Option<Ending> {
    let (_, power) = view.power.as_ref()?;
    let (cash, min_cash) = (view.cash(), run.settings.buy.min_cash);
    let detail = if cash < min_cash {
        let won = power.won().map(endings::won_not_counted).unwrap_or_default();
        endings::cash_too_low(cash.to_cents(), min_cash).and("; ", &won)
    } else {
        cash_refused(run.desk.journal(), run.market.trading_date, cash)?
    };
    Some(Ending::nothing(Reason::CashTooLow, detail))
}

/// With an order of another program in the account nothing is bought.
pub(super) fn foreign_orders<D>(run: &mut Run<'_, D>, reconciled: &Reconciled) -> Ending {
    let foreign = &reconciled.findings.foreign;
    let name = |row: &BrokerOrder| endings::one_foreign_order(&row.order_id, row.side, row.quantity, &row.symbol);
    let orders: Vec<Sentence> = foreign.iter().map(name).collect();
    let detail = endings::foreign_orders(&Sentence::joined(&orders, ", "));
    let advice = foreign.first().map(|row| endings::if_known(&row.order_id)).unwrap_or_default();
    run.notes.warnings.push(detail.clone().and("; ", &advice));
    Ending::nothing(Reason::ForeignOrder, detail)
}
