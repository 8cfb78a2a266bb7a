//! The way to KIS before there is a token: address, credentials, pacing, and the token stage's two requests.

use std::cell::Cell;
use std::rc::Rc;

use chrono::TimeDelta;
use secrecy::ExposeSecret;

use crate::cli::Command;
use crate::cmd::base::Base;
use crate::cmd::pacing::make_pace;
use crate::cmd::token::TokenTools;
use crate::decide::refresh::Purpose;
use crate::domain::access_token::AccessToken;
use crate::domain::account::short_print;
use crate::domain::kis_error::KisError;
use crate::exit::{Failure, Reason};
use crate::kis::gateway_config::GatewayConfig;
use crate::kis::rate_slot::Pace;
use crate::kis::token::{issue_token, revoke_token};
use crate::store::lock::Holder;
use crate::store::token_file::TokenOwner;

/// Address, credentials and pacing of one run.
pub struct Line {
    /// How to reach KIS.
    pub config: GatewayConfig,
    /// The shared pacing.
    pub pace: Rc<Pace>,
    /// The server's clock minus ours, by the answer to a token request.
    pub skew: Cell<Option<TimeDelta>>,
    /// What to do about the last token request that failed, when more than waiting helps.
    advice: Cell<Option<&'static str>>,
}

impl Line {
    /// Makes the line of one run.
    ///
    /// # Errors
    /// 74 when the pacing file can't be opened.
    pub fn new(base: &Base, command: &Command) -> Result<Line, Failure> {
        let gateway = &base.settings.gateway;
        let config = GatewayConfig {
            mode: base.settings.mode,
            base_url: gateway.base_url.clone(),
            is_loopback: gateway.is_loopback,
            timeout: gateway.timeout,
            credentials: base.credentials.clone(),
            clock: base.clock.clone(),
        };
        let pace = make_pace(&base.dir, gateway, &base.clock, command.name())?;
        Ok(Line { config, pace, skew: Cell::new(None), advice: Cell::new(None) })
    }

    /// Asks KIS for a token, once.
    ///
    /// # Errors
    /// What KIS said, or why it was not asked.
    pub fn issue(&self) -> Result<AccessToken, KisError> {
        let issued = issue_token(&self.config, &*self.pace).inspect_err(|error| self.advice.set(error.advice()))?;
        self.skew.set(issued.clock_skew);
        Ok(issued.token)
    }

    /// Adds to the end of a run without a token what can be done about it.
    pub fn advise(&self, failure: Failure) -> Failure {
        let is_of_network = failure.reason == Reason::GatewayUnreachable;
        match self.advice.get().filter(|_| is_of_network) {
            Some(advice) => failure.next(advice),
            None => failure,
        }
    }

    /// Asks KIS to revoke a token.
    ///
    /// # Errors
    /// What KIS said, or why it was not asked.
    pub fn revoke(&self, token: &AccessToken) -> Result<(), KisError> {
        revoke_token(&self.config, token, &*self.pace)
    }
}

/// The two requests of the token stage.
pub struct Issuer<'a> {
    /// Asks KIS for a token.
    pub issue: &'a dyn Fn() -> Result<AccessToken, KisError>,
    /// Asks KIS to revoke one.
    pub revoke: &'a dyn Fn(&AccessToken) -> Result<(), KisError>,
}

impl<'a> Issuer<'a> {
    /// What the token stage of this run works with.
    pub fn tools(&self, base: &'a Base, line: &Line, command: &Command) -> TokenTools<'a> {
        TokenTools {
            state_dir: &base.dir,
            clock: &base.clock,
            owner: TokenOwner {
                mode: base.settings.mode,
                base_url: line.config.base_url.clone(),
                app_key_print: short_print(base.credentials.app_key.expose_secret()),
            },
            settings: base.settings.token.clone(),
            lock_wait: base.settings.lock.wait,
            holder: Holder::this_process(command.name(), &base.clock),
            issue: self.issue,
            revoke: self.revoke,
        }
    }
}

/// What a command wants the token for.
pub fn token_purpose(command: &Command) -> Purpose {
    match command {
        Command::TokenCheck { offline: true, .. } => Purpose::OfflineLook,
        Command::TokenCheck { force: true, .. } => Purpose::ForcedCheck,
        Command::TokenCheck { .. } => Purpose::Check,
        _ => Purpose::Work,
    }
}
