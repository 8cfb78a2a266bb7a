//! When the next request may leave: a rate limit shared by every process on one state directory (GCRA), pure.
//!
//! Two lanes: every request keeps `request` apart from the one before; requests that KIS's ledger counts keep
//! `ledger` apart from each other besides.

use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// First wait after KIS said "too fast"; doubled on repeats.
const FIRST_PENALTY: Duration = Duration::from_secs(1);
/// Longest wait after KIS said "too fast".
const LONGEST_PENALTY: Duration = Duration::from_secs(4);
/// A refusal this soon after the one before counts as a repeat.
const REPEAT_WINDOW: Duration = Duration::from_secs(10);
/// A slot further ahead than this cannot be ours: the file is damaged, or of another time.
const FURTHEST_SLOT: Duration = Duration::from_secs(60);

/// The least time between requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// Between any two requests.
    pub request: Duration,
    /// Between two ledger requests.
    pub ledger: Duration,
}

impl Intervals {
    /// Turns rates into intervals, rounded up to the microsecond; a rate that is not positive counts as one a minute.
    pub fn per_second(requests: Decimal, ledger_requests: Decimal) -> Intervals {
        Intervals { request: interval(requests), ledger: interval(ledger_requests) }
    }
}

fn interval(per_second: Decimal) -> Duration {
    let micros = Decimal::from(1_000_000).checked_div(per_second).map(|micros| micros.ceil());
    let micros = micros.and_then(|micros| micros.to_u64()).filter(|micros| *micros > 0);
    micros.map_or(FURTHEST_SLOT, |micros| Duration::from_micros(micros).min(FURTHEST_SLOT))
}

/// What all processes share: times since boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateState {
    /// When the next request may leave.
    pub next: Duration,
    /// When the next ledger request may leave.
    pub ledger_next: Duration,
    /// How many refusals came in a row.
    pub penalties: u8,
    /// When the last refusal came; zero for never.
    pub penalized_at: Duration,
}

/// How much a request insists on its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Takes the next free slot, now or later.
    Reserve,
    /// Takes a slot only if one is free now, so that it never stands in front of a reservation.
    Polite,
}

/// Whether a request may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The slot at `at` is taken: wait until then, and go.
    Go {
        /// Time since boot.
        at: Duration,
    },
    /// Nothing is taken: ask again at `at`.
    TryAgain {
        /// Time since boot.
        at: Duration,
    },
}

/// Takes a slot, or says when to ask again.
pub fn pace(state: RateState, now: Duration, want: Want, ledger: bool, intervals: Intervals) -> (RateState, Verdict) {
    let free = now.max(state.next);
    let slot = if ledger { free.max(state.ledger_next) } else { free };
    let takes = match want {
        Want::Polite => slot == now,
        // A slot that only the ledger lane keeps waiting is not reserved far ahead: that would keep the requests of
        // everybody else waiting too. Closer than one interval it costs nobody anything.
        Want::Reserve => slot == free || slot - free < intervals.request,
    };
    if takes {
        let ledger_next = if ledger { slot + intervals.ledger } else { state.ledger_next };
        return (RateState { next: slot + intervals.request, ledger_next, ..state }, Verdict::Go { at: slot });
    }
    // A reservation comes back half an interval early, before the polite ones wake up.
    let lead = if want == Want::Reserve { intervals.request / 2 } else { Duration::ZERO };
    (state, Verdict::TryAgain { at: slot.saturating_sub(lead) })
}

/// Slows everybody down after KIS said "too fast": 1 s, then 2 s, then 4 s while it goes on.
pub fn penalize(state: RateState, now: Duration) -> RateState {
    let repeats = state.penalties > 0 && now.saturating_sub(state.penalized_at) < REPEAT_WINDOW;
    let penalties = if repeats { state.penalties.saturating_add(1) } else { 1 };
    let wait = (FIRST_PENALTY * 2u32.pow(u32::from(penalties.min(8)) - 1)).min(LONGEST_PENALTY);
    let until = now + wait;
    RateState { next: state.next.max(until), ledger_next: state.ledger_next.max(until), penalties, penalized_at: now }
}

/// The state to go on with when the stored one cannot be believed: one interval from now, since the last request may
/// just have left.
pub fn reset(now: Duration, intervals: Intervals) -> RateState {
    RateState { next: now + intervals.request, ledger_next: now + intervals.ledger, ..RateState::default() }
}

/// Reports whether a stored state can be of this boot: no slot lies further ahead than anybody could have reserved.
pub fn is_believable(state: RateState, now: Duration) -> bool {
    let limit = now + FURTHEST_SLOT;
    state.next <= limit && state.ledger_next <= limit && state.penalized_at <= limit
}

/// Spreads polite requests that wait for the same slot: up to 5 % of the interval, from any changing number.
pub fn jitter(seed: u64, intervals: Intervals) -> Duration {
    // Two rounds of xorshift: neighbouring seeds (process ids, nanoseconds) must not give neighbouring waits.
    let mut mixed = seed | 1;
    for _ in 0..2 {
        mixed ^= mixed << 13;
        mixed ^= mixed >> 7;
        mixed ^= mixed << 17;
    }
    let parts = u32::try_from(mixed % 1000).unwrap_or_default();
    intervals.request / 20 * parts / 1000
}
