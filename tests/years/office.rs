//! Where KIS issues tokens. Here it is calm: every request for a token gives a new one.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use kis_trade::domain::access_token::AccessToken;

use crate::machine::true_time;

/// The tokens of one app key.
#[derive(Debug, Default)]
pub struct Office {
    issued: u64,
    /// Texts of tokens that died before their time.
    dead: BTreeSet<String>,
}

impl Office {
    /// A new token of 24 hours.
    pub fn issue(&mut self, now_ms: u64) -> AccessToken {
        self.issued += 1;
        let now = true_time(now_ms);
        AccessToken::new(text_of(self.issued), now, now + TimeDelta::hours(24))
    }

    /// Reports whether KIS takes a token.
    pub fn takes(&self, token: &AccessToken, now_ms: u64) -> bool {
        token.is_live(true_time(now_ms)) && !self.dead.contains(token.expose())
    }

    /// The newest token dies.
    pub fn kill(&mut self) {
        self.dead.insert(text_of(self.issued));
    }
}

fn text_of(number: u64) -> String {
    format!("token{number:060}")
}
