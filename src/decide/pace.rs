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
    ///
    /// The ledger lane gets a tenth on top: KIS counts arrivals within a sliding second, and requests that leave exactly
    /// one second apart arrive a few milliseconds closer now and then. The other lane's default has that spare built in.
    pub fn per_second(requests: Decimal, ledger_requests: Decimal) -> Intervals {
        let ledger = interval(ledger_requests);
        Intervals { request: interval(requests), ledger: (ledger + ledger / 10).min(FURTHEST_SLOT) }
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

/// Whether a request may reserve a later slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Takes the next free slot, now or later.
    Reserve,
    /// Takes a slot only if one is free now, so that it never delays a reservation.
    Polite,
}

/// Whether a request may leave. Times are since boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotAnswer {
    /// The slot at this time is taken: wait until then, and go.
    Go(Duration),
    /// Nothing is taken: ask again at this time.
    TryAgain(Duration),
}

/// Takes a slot, or says when to ask again.
pub fn pace(
    state: RateState,
    now: Duration,
    want: Want,
    ledger: bool,
    intervals: Intervals,
) -> (RateState, SlotAnswer) {
    let free = now.max(state.next);
    let slot = if ledger { free.max(state.ledger_next) } else { free };
    let takes = match want {
        Want::Polite => slot == now,
        // A slot that only the ledger lane delays is not reserved far ahead: that would delay all other requests too.
        // Within one interval it delays none.
        Want::Reserve => slot == free || slot - free < intervals.request,
    };
    if takes {
        let ledger_next = if ledger { slot + intervals.ledger } else { state.ledger_next };
        return (RateState { next: slot + intervals.request, ledger_next, ..state }, SlotAnswer::Go(slot));
    }
    // A reservation comes back half an interval early, before the polite ones wake up.
    let lead = if want == Want::Reserve { intervals.request / 2 } else { Duration::ZERO };
    (state, SlotAnswer::TryAgain(slot.saturating_sub(lead)))
}

/// Slows every process down after KIS said "too fast": 1 s, then 2 s, then 4 s while it goes on.
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

/// Reports whether a stored state can be of this boot: no slot lies further ahead than can be reserved.
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

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: Intervals = Intervals { request: millis(67), ledger: millis(1000) };

    const fn millis(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn free_at(next: u64, ledger_next: u64) -> RateState {
        RateState { next: millis(next), ledger_next: millis(ledger_next), ..RateState::default() }
    }

    #[test]
    fn rates_become_intervals_rounded_up() {
        for (rate, micros) in [
            ("0.9", 1_111_112),
            ("1", 1_000_000),
            ("15", 66_667),
            ("18", 55_556),
            ("10000", 100),
            ("0.1", 10_000_000),
            ("0", 60_000_000),
            ("-1", 60_000_000),
        ] {
            let rate: Decimal = rate.parse().unwrap();
            assert_eq!(Intervals::per_second(rate, rate).request, Duration::from_micros(micros), "{rate}");
        }
    }

    #[test]
    fn a_reservation_takes_the_next_slot_and_a_polite_request_only_a_free_one() {
        let now = millis(1000);
        for (next, want, expected) in [
            (0, Want::Reserve, SlotAnswer::Go(now)),
            (0, Want::Polite, SlotAnswer::Go(now)),
            (1000, Want::Polite, SlotAnswer::Go(now)),
            (1001, Want::Reserve, SlotAnswer::Go(millis(1001))),
            (1001, Want::Polite, SlotAnswer::TryAgain(millis(1001))),
            (9000, Want::Reserve, SlotAnswer::Go(millis(9000))),
        ] {
            let (state, verdict) = pace(free_at(next, 0), now, want, false, REAL);
            assert_eq!(verdict, expected, "{next} {want:?}");
            let taken = match verdict {
                SlotAnswer::Go(at) => at + REAL.request,
                SlotAnswer::TryAgain(_) => millis(next),
            };
            assert_eq!((state.next, state.ledger_next), (taken, Duration::ZERO));
        }
    }

    #[test]
    fn a_ledger_request_waits_for_both_lanes_and_delays_no_other() {
        let now = millis(1000);
        let (state, verdict) = pace(free_at(0, 0), now, Want::Polite, true, REAL);
        assert_eq!((state.next, state.ledger_next), (millis(1067), millis(2000)));
        assert_eq!(verdict, SlotAnswer::Go(now));
        // The next one asks again shortly before the ledger is free; quotes go on meanwhile.
        let (waiting, verdict) = pace(state, now, Want::Reserve, true, REAL);
        assert_eq!((waiting, verdict), (state, SlotAnswer::TryAgain(millis(2000) - REAL.request / 2)));
        assert_eq!(pace(waiting, now, Want::Reserve, false, REAL).1, SlotAnswer::Go(millis(1067)));
        let early = millis(2000) - REAL.request / 2;
        assert_eq!(pace(state, early, Want::Reserve, true, REAL).1, SlotAnswer::Go(millis(2000)));
        assert_eq!(pace(state, early, Want::Polite, true, REAL).1, SlotAnswer::TryAgain(millis(2000)));
        // On paper the first lane is the slower one: nothing but slots.
        let paper = Intervals { request: millis(1112), ledger: millis(1000) };
        let (state, _) = pace(free_at(0, 0), now, Want::Reserve, true, paper);
        assert_eq!(pace(state, now, Want::Reserve, true, paper).1, SlotAnswer::Go(millis(2112)));
    }

    #[test]
    fn penalties_double_while_refusals_go_on() {
        let start = RateState::default();
        let first = penalize(start, millis(1000));
        assert_eq!((first.next, first.ledger_next, first.penalties), (millis(2000), millis(2000), 1));
        let second = penalize(first, millis(2100));
        assert_eq!((second.next, second.penalties), (millis(4100), 2));
        let third = penalize(second, millis(4200));
        assert_eq!((third.next, third.penalties), (millis(8200), 3));
        let fourth = penalize(third, millis(8300));
        assert_eq!((fourth.next, fourth.penalties), (millis(12_300), 4));
        // Exactly ten seconds without a refusal: it starts over.
        let later = penalize(fourth, millis(18_300));
        assert_eq!((later.next, later.penalties), (millis(19_300), 1));
        let many = (0..300).fold(start, |state, _| penalize(state, millis(50)));
        assert_eq!((many.next, many.penalties), (millis(4050), u8::MAX));
        // A reservation further ahead is not shortened.
        assert_eq!(penalize(free_at(9000, 0), millis(1000)).next, millis(9000));
    }

    #[test]
    fn a_state_of_another_time_is_not_believed() {
        let now = millis(100_000);
        assert!(is_believable(free_at(160_000, 160_000), now));
        assert!(!is_believable(free_at(160_001, 0), now));
        assert!(!is_believable(free_at(0, 160_001), now));
        let state = reset(now, REAL);
        assert_eq!((state.next, state.ledger_next), (millis(100_067), millis(101_000)));
    }

    #[test]
    fn jitter_stays_under_a_twentieth() {
        let waits: std::collections::BTreeSet<_> = (0..1000).map(|seed| jitter(seed, REAL)).collect();
        assert!(waits.iter().all(|wait| *wait <= REAL.request / 20));
        assert!(waits.len() > 100, "{}", waits.len());
    }

    /// Seven processes at random against one state: whatever they want, neither lane is ever faster than allowed.
    #[test]
    fn no_window_ever_holds_more_than_the_rate() {
        let mut seed = 0x5eed_u64;
        let mut random = move |below: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed % below
        };
        let mut state = RateState::default();
        let mut wakes = [Duration::ZERO; 7];
        let (mut sent, mut ledger_sent) = (Vec::new(), Vec::new());
        for step in 0..10_000 {
            // The process that wakes first acts; it may wake late.
            let (process, at) = wakes.iter().copied().enumerate().min_by_key(|(_, at)| *at).unwrap();
            let now = at + Duration::from_micros(random(3000));
            if random(500) == 0 {
                state = penalize(state, now);
            }
            let want = if random(3) == 0 { Want::Reserve } else { Want::Polite };
            let ledger = random(4) == 0;
            let (next, verdict) = pace(state, now, want, ledger, REAL);
            assert!(is_believable(next, now), "step {step}");
            state = next;
            wakes[process] = match verdict {
                SlotAnswer::Go(at) => {
                    assert!(at >= now, "step {step}");
                    sent.push(at);
                    if ledger {
                        ledger_sent.push(at);
                    }
                    at + Duration::from_micros(random(200_000))
                }
                SlotAnswer::TryAgain(at) => {
                    assert!(at > now, "step {step}: asking again must take time");
                    at + jitter(random(u64::MAX), REAL)
                }
            };
        }
        assert!(sent.len() > 3000 && ledger_sent.len() > 200, "{} {}", sent.len(), ledger_sent.len());
        for (times, interval) in [(&mut sent, REAL.request), (&mut ledger_sent, REAL.ledger)] {
            times.sort();
            assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= interval));
        }
    }
}
