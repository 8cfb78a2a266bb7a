//! What keeps orders back at this moment; every run's report shows it.

use crate::config::Trading;
use crate::decide::facts::is_past_loss;
use crate::desk::base::Base;
use crate::domain::DailyLoss;
use crate::domain::market_session::market_at;
use crate::domain::money::percent_change;
use crate::exit::{Failure, Reason};
use crate::store::equity::{Known, Samples};
use crate::store::halt;

/// The stops in force, by state directory and configuration: `halted`, `sell_only`, `daily_loss_limit`.
pub fn in_force(base: &Base, loss: Option<DailyLoss>) -> Vec<Reason> {
    let is_loss_stopped = loss.is_some_and(|loss| loss.is_past_limit);
    [
        (halt::reason(&base.dir).is_some(), Reason::Halted),
        (base.settings.limits.trading == Trading::SellOnly, Reason::SellOnly),
        (is_loss_stopped, Reason::DailyLossLimit),
    ]
    .into_iter()
    .filter_map(|(is_in_force, stop)| is_in_force.then_some(stop))
    .collect()
}

/// How the account's total moved on this trading date, by the samples kept; `None` before the first one. A story that read them has
/// left them at its desk.
pub fn daily_loss(base: &Base, left: Option<&Samples>) -> Result<Option<DailyLoss>, Failure> {
    let trading_date = market_at(base.clock.now()).trading_date;
    let limit = base.settings.limits.max_daily_loss_percent;
    let known =
        left.map_or_else(|| Samples::load(base.dir.path()).known(trading_date), |left| left.known(trading_date));
    let Known { base: first, latest, .. } = known?;
    Ok(first.zip(latest).and_then(|(first, latest)| {
        let first_total = first.as_base_of(&latest);
        let change = percent_change(first_total, latest.total)?;
        let is_past_limit = is_past_loss(change, limit);
        Some(DailyLoss { trading_date, first_total, change, limit, is_past_limit })
    }))
}
