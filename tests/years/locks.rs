//! `account.lock`, `sell.want` and the token's lock, by the numbers of the runs that hold them.

use std::collections::BTreeMap;

use crate::world::World;

/// Who holds what.
#[derive(Debug, Default)]
pub struct Locks {
    pub account: Option<u64>,
    /// The sells that wait for the account, and since when.
    pub want: BTreeMap<u64, u64>,
    pub token: Option<u64>,
}

impl Locks {
    /// Takes the account's lock if it is free.
    pub fn try_account(&mut self, run: u64) -> bool {
        self.account.get_or_insert(run) == &run
    }

    /// Takes the token's lock if it is free.
    pub fn try_token(&mut self, run: u64) -> bool {
        self.token.get_or_insert(run) == &run
    }

    pub fn unlock_account(&mut self, run: u64) {
        self.account.take_if(|holder| *holder == run);
    }

    pub fn unlock_token(&mut self, run: u64) {
        self.token.take_if(|holder| *holder == run);
    }

    /// Reports whether a sell has waited for the account since before a moment.
    pub fn has_sell_waited_since(&self, at_ms: u64) -> bool {
        self.want.values().any(|since_ms| *since_ms < at_ms)
    }
}

impl World {
    /// What the kernel does when a process is gone.
    pub fn let_go(&mut self, run: u64) {
        self.locks.unlock_account(run);
        self.locks.unlock_token(run);
        self.locks.want.remove(&run);
    }
}
