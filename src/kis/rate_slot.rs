//! Rate slots: each request waits for one that all runs share. Who waits, and where the slots are kept, is the caller's.

use crate::exit::Failure;

/// What a request needs its slot for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// A read that the gate alone counts.
    Read,
    /// A read that KIS's ledger counts too (balance, order list, buying power).
    LedgerRead,
    /// An order or cancel POST.
    Order,
}

/// What the pacing hook is called with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotEvent {
    /// A request is about to leave: wait for its slot.
    Wanted(SlotKind),
    /// KIS said that requests come too fast (EGW00201, EGW00215): slow every run down.
    RateLimited,
}

/// Waits for the shared slot; its failure (state unwritable, request budget used up) ends the request unsent.
pub type Pace = dyn Fn(SlotEvent) -> Result<(), Failure>;
