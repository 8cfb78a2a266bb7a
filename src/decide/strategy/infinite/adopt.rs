//! The state of a position that is taken over.

use rust_decimal::Decimal;

use crate::config::{InfiniteSettings, InfiniteVersion};
use crate::decide::strategy::infinite::cycle::Cycle;
use crate::decide::strategy::infinite::{to_json, v22, v40, words};
use crate::domain::{Json, Lot, Usd};
use crate::language::Sentence;

/// What a person sets of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adoption {
    /// T; V4.0 only.
    pub t: Option<Decimal>,
    /// The cycle's cash in USD; V4.0 only.
    pub cash: Option<Usd>,
}

/// Makes the state that goes with shares which exist. Without `cash` it is what the principal leaves after their cost; without
/// `t` it is what the cash says, as if each unit had been an equal part of the principal.
///
/// # Errors
/// For what can't be so: a T beyond the splits, cash below nothing, shares that cost more than the principal.
pub fn adopted(settings: &InfiniteSettings, lot: Lot, set: &Adoption) -> Result<Json, Sentence> {
    if settings.version == InfiniteVersion::V22 && (set.t.is_some() || set.cash.is_some()) {
        return Err(words::takes_nothing());
    }
    let cost = lot.average_cost.times(lot.quantity).unwrap_or(Usd(Decimal::MAX)).to_cents();
    let cash = match set.cash {
        Some(cash) if cash < Usd::ZERO => return Err(words::cash_negative(cash)),
        Some(cash) => cash.down_to_cents(),
        None if cost > settings.principal && settings.version == InfiniteVersion::V22 => {
            return Err(words::costs_more(cost, settings.principal));
        }
        None if cost > settings.principal => return Err(words::costs_more_set_cash(cost, settings.principal)),
        None => settings.principal - cost,
    };
    let cycle = Cycle { cash, ..Cycle::new(settings) };
    match settings.version {
        InfiniteVersion::V22 => Ok(to_json(&v22::State::adopted(cycle, lot))),
        InfiniteVersion::V40 => Ok(to_json(&v40::State::of(t_of(settings, lot, set.t, cash)?, cycle))),
    }
}

/// T as it is set, or by the cash.
fn t_of(settings: &InfiniteSettings, lot: Lot, set: Option<Decimal>, cash: Usd) -> Result<Decimal, Sentence> {
    let splits = Decimal::from(settings.splits);
    if lot.quantity == 0 {
        return if set.is_none_or(|t| t.is_zero()) { Ok(Decimal::ZERO) } else { Err(words::t_without_shares()) };
    }
    let Some(t) = set else {
        if cash > settings.principal {
            return Err(words::more_cash_than_principal(cash, settings.principal));
        }
        let left = cash.0.checked_div(settings.principal.0).unwrap_or(Decimal::ZERO);
        return Ok(splits * (Decimal::ONE - left));
    };
    if t < Decimal::ZERO || t > splits {
        return Err(words::t_out_of_range(t, settings.splits));
    }
    Ok(t)
}
