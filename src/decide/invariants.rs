//! What must hold before an order leaves, asserted in the shipped program: a broken one stops the run, nothing is sent.

use crate::decide::fold::JournalState;
use crate::domain::intent::Intent;
use crate::domain::mode::Mode;
use crate::domain::order::Side;
use crate::exit::{Exit, Failure, Reason};

/// The account and mode of this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Paper or real, from the configuration.
    pub mode: Mode,
    /// Short hash of the account.
    pub account_print: String,
}

/// Checks an intent against the journal just before it is written and sent.
///
/// # Errors
/// 1, naming the invariant, when one would break.
pub fn check_before_post(journal: &JournalState, intent: &Intent, binding: &Binding) -> Result<(), Failure> {
    let twin = journal.live().map(|entry| &entry.intent).any(|other| {
        other.trading_day == intent.trading_day
            && other.symbol == intent.symbol
            && other.side == intent.side
            && other.quantity == intent.quantity
            && other.limit_price == intent.limit_price
    });
    ensure(!twin, "I2", intent, "another order of today that may be live looks exactly like it")?;
    let fits_binding = intent.env == binding.mode && intent.account_print == binding.account_print;
    ensure(fits_binding, "I11", intent, "it is for another account or mode")?;
    let paper_tr = intent.tr_id.starts_with('V');
    ensure(paper_tr == (binding.mode == Mode::Paper), "I11", intent, "its TR id belongs to the other mode")?;
    let blocked = journal.unknown().any(|entry| {
        entry.intent.symbol == intent.symbol && (intent.side == Side::Buy || entry.intent.side == Side::Sell)
    });
    ensure(!blocked, "I13", intent, "an order of its symbol has no known outcome")?;
    let own_sells =
        journal.live().filter(|entry| entry.intent.symbol == intent.symbol && entry.intent.side == Side::Sell);
    let reserved: u64 = own_sells.map(|entry| entry.intent.quantity.saturating_sub(entry.filled_quantity)).sum();
    let fits_sellable = intent.side == Side::Buy || (reserved == 0 && intent.quantity <= intent.witness.sellable);
    ensure(fits_sellable, "I6", intent, "it would sell more than can be sold")?;
    ensure(intent.quantity > 0 && intent.limit_price.is_positive(), "I7", intent, "its quantity or price is zero")
}

fn ensure(holds: bool, name: &str, intent: &Intent, cause: &str) -> Result<(), Failure> {
    if holds {
        return Ok(());
    }
    let what = format!("invariant {name} stopped the {} of {} {}", intent.side, intent.quantity, intent.symbol);
    Err(Failure::new(Exit::Unexpected, Reason::Unexpected, what)
        .because(cause)
        .next("nothing was sent; please report this with the journal's last lines"))
}

#[cfg(test)]
mod tests;
