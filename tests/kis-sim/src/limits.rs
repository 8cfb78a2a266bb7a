//! Request limits in real time: a sliding window of one second for each app key.

use crate::account_id::AccountId;
use crate::mode::Mode;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(1);

/// Requests a second; none means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// All `/uapi` requests, EGW00201.
    pub gateway_per_second: Option<u32>,
    /// Requests to the ledger, EGW00215.
    pub ledger_per_second: Option<u32>,
    /// One token issue a minute, EGW00133; this one follows the simulated clock.
    pub token_per_minute: bool,
}

/// Which limit stopped a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// EGW00201.
    Gateway,
    /// EGW00215.
    Ledger,
}

/// Requests let through in the last second, of every app key.
#[derive(Debug, Default)]
pub struct Windows {
    by_account: BTreeMap<AccountId, Window>,
}

#[derive(Debug, Default)]
struct Window {
    gateway: VecDeque<Instant>,
    ledger: VecDeque<Instant>,
}

impl Limits {
    /// No limits.
    pub const LIFTED: Limits = Limits { gateway_per_second: None, ledger_per_second: None, token_per_minute: false };

    /// KIS's limits since April 2026. That of the ledger has no measured source, so that it is a matter of choice.
    pub fn of(mode: Mode) -> Limits {
        let gateway = match mode {
            Mode::Paper => 1,
            Mode::Real => 18,
        };
        Limits { gateway_per_second: Some(gateway), ledger_per_second: None, token_per_minute: true }
    }
}

impl Windows {
    /// Counts a request, or says which limit it breaks. A refused one counts if `refused_count` says so.
    ///
    /// # Errors
    /// The limit exceeded.
    pub fn admit(
        &mut self,
        limits: Limits,
        account: AccountId,
        is_ledger: bool,
        refused_count: bool,
        now: Instant,
    ) -> Result<(), Exceeded> {
        let Window { gateway, ledger } = self.by_account.entry(account).or_default();
        let verdict = if is_full(gateway, limits.gateway_per_second, now) {
            Err(Exceeded::Gateway)
        } else if is_ledger && is_full(ledger, limits.ledger_per_second, now) {
            Err(Exceeded::Ledger)
        } else {
            Ok(())
        };
        if verdict.is_ok() || refused_count {
            gateway.push_back(now);
            ledger.extend(is_ledger.then_some(now));
        }
        verdict
    }
}

fn is_full(window: &mut VecDeque<Instant>, limit: Option<u32>, now: Instant) -> bool {
    while window.front().is_some_and(|seen| now.saturating_duration_since(*seen) >= WINDOW) {
        window.pop_front();
    }
    limit.is_some_and(|limit| window.len() >= limit as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_slides() {
        let start = crate::clock::real_instant();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut windows = Windows::default();
        let limits = Limits { gateway_per_second: Some(2), ledger_per_second: Some(1), token_per_minute: true };
        let cases = [
            (0, true, Ok(())),
            (100, true, Err(Exceeded::Ledger)),
            (200, false, Ok(())),
            (999, false, Err(Exceeded::Gateway)),
            (1000, true, Ok(())),
            (1199, false, Err(Exceeded::Gateway)),
            (1200, false, Ok(())),
        ];
        for (time, is_ledger, expected) in cases {
            assert_eq!(windows.admit(limits, AccountId::default(), is_ledger, false, at(time)), expected, "{time}");
        }
        assert!((0..100).all(|_| windows.admit(Limits::LIFTED, AccountId::default(), true, false, at(1200)).is_ok()));
    }

    #[test]
    fn by_switch_who_keeps_knocking_stays_out() {
        let start = crate::clock::real_instant();
        let limits = Limits { gateway_per_second: Some(1), ..Limits::LIFTED };
        for (refused_count, expected) in [(false, Ok(())), (true, Err(Exceeded::Gateway))] {
            let mut windows = Windows::default();
            let mut admit = |milliseconds| {
                let at = start + Duration::from_millis(milliseconds);
                windows.admit(limits, AccountId::default(), false, refused_count, at)
            };
            assert_eq!([admit(0), admit(500)], [Ok(()), Err(Exceeded::Gateway)]);
            assert_eq!(admit(1001), expected, "{refused_count}");
        }
    }
}
