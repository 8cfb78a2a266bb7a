//! Control of pinned quotes.

use super::{Outcome, read};
use crate::overrides::Override;
use crate::world::World;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// `POST /prices`. Values not given stay as an earlier request set them; a new `last` ends a blank.
///
/// # Errors
/// No symbol, or a price that is none.
pub fn pin(world: &mut World, mut changes: Map<String, Value>) -> Outcome {
    let symbol = changes.get("symbol").and_then(Value::as_str).unwrap_or_default().to_owned();
    if symbol.is_empty() {
        return Err("symbol is missing".to_owned());
    }
    if changes.contains_key("last") {
        changes.entry("blank").or_insert(Value::Bool(false));
    }
    let earlier = world.market.overrides.get(&symbol).cloned().unwrap_or_default();
    let mut all = serde_json::to_value(earlier).map_err(|error| error.to_string())?;
    if let Value::Object(all) = &mut all {
        all.extend(changes);
    }
    let pinned: Override = read(all)?;
    if [pinned.last, pinned.base].into_iter().flatten().any(|price| price <= Decimal::ZERO) {
        return Err("prices must be above zero; blank takes one away".to_owned());
    }
    world.market.overrides.insert(symbol, pinned.clone());
    Ok(json!(pinned))
}

/// `DELETE /prices`: one symbol, or all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhichSymbol {
    symbol: Option<String>,
}

/// `DELETE /prices`.
///
/// # Errors
/// A symbol that is not pinned.
pub fn unpin(world: &mut World, which: WhichSymbol) -> Outcome {
    match which.symbol {
        None => world.market.overrides.clear(),
        Some(symbol) if world.market.overrides.remove(&symbol).is_none() => {
            return Err(format!("{symbol} is not overridden"));
        }
        Some(_) => {}
    }
    Ok(json!({}))
}
