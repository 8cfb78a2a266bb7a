//! The gateway: one authenticated client of KIS's Open API.

use std::rc::Rc;
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};

use crate::clock::Clock;
use crate::config::Credentials;
use crate::domain::access_token::AccessToken;
use crate::domain::account::BuyingPower;
use crate::domain::intent::{OrderRequest, SubmitOutcome};
use crate::domain::mode::Mode;
use crate::domain::money::Usd;
use crate::domain::order::{BrokerOrder, OrderList, Side};
use crate::domain::position::Position;
use crate::domain::quote::Quote;
use crate::domain::record::CancelPhase;
use crate::domain::symbol::{Exchange, Symbol};
use crate::exit::{Exit, Failure, Reason};
use crate::kis::error::CallError;

/// How a request takes its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A read waits politely.
    Read,
    /// An order or cancel POST reserves the next slot.
    Order,
}

/// What the pacing hook is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaceEvent {
    /// A request wants to leave: wait for its slot.
    Turn {
        /// How it takes its turn.
        turn: Turn,
        /// True for requests that KIS's ledger counts by itself (balance, order list, buying power).
        ledger: bool,
    },
    /// KIS said that requests come too fast (EGW00201, EGW00215): slow everybody down.
    RateLimited,
}

/// Waits for the shared slot; its failure (state unwritable, request budget used up) ends the request unsent.
pub type Pace = dyn Fn(PaceEvent) -> Result<(), Failure>;

/// What a gateway is built from.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// Paper or real.
    pub mode: Mode,
    /// Origin without a trailing slash.
    pub base_url: String,
    /// True when `base_url` is a literal loopback address: only then plain http is allowed.
    pub is_loopback: bool,
    /// Limit of one request, from name lookup to the last byte.
    pub timeout: Duration,
    /// Keys and account.
    pub credentials: Credentials,
    /// Time.
    pub clock: Clock,
}

/// What became of a cancel request. Only the order list tells what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelOutcome {
    /// `Done`, `Refused` or `Unknown`.
    pub class: CancelPhase,
    /// True when the gate refused the token: renew before another attempt.
    pub token_refused: bool,
    /// KIS's words (cleaned, cut), or ours when there was no answer.
    pub msg: String,
    /// HTTP status, when an answer came.
    pub http: Option<u16>,
    /// KIS's code, when it came.
    pub msg_cd: Option<String>,
}

/// The authenticated client.
pub struct Gateway {
    pace: Rc<Pace>,
    mode: Mode,
}

impl Gateway {
    /// Builds a client around one token.
    pub fn new(config: &GatewayConfig, _token: AccessToken, pace: Rc<Pace>) -> Gateway {
        Gateway { pace, mode: config.mode }
    }

    /// Reads the order list of a span of New York dates, to its last page.
    ///
    /// # Errors
    /// Any page that fails or contradicts another fails the whole: an incomplete list is never returned.
    pub fn fetch_order_list(&self, _from: NaiveDate, _to: NaiveDate) -> Result<OrderList, CallError> {
        Err(not_built())
    }

    /// Reads all holdings, each symbol once.
    ///
    /// # Errors
    /// Any page that fails or contradicts another fails the whole.
    pub fn fetch_positions(&self) -> Result<Vec<Position>, CallError> {
        Err(not_built())
    }

    /// Asks how much can be ordered of `symbol` at `price`.
    ///
    /// # Errors
    /// As any read.
    pub fn fetch_buying_power(&self, _: Exchange, _: &Symbol, _: Usd) -> Result<BuyingPower, CallError> {
        Err(not_built())
    }

    /// How many symbols one quote request takes: ten on real, one on paper.
    pub fn quotes_per_request(&self) -> usize {
        match self.mode {
            Mode::Real => 10,
            Mode::Paper => 1,
        }
    }

    /// Reads quotes in one request: as many as wanted, in the same order. A symbol without a price has `None`s.
    ///
    /// # Errors
    /// As any read.
    pub fn fetch_quotes(&self, _wanted: &[(Exchange, Symbol)]) -> Result<Vec<Quote>, CallError> {
        Err(not_built())
    }

    /// Sends one order once, on a connection of its own. Never repeated here, whatever happens.
    ///
    /// # Errors
    /// Only when the turn could not be taken: then nothing was sent.
    pub fn submit_order(&self, _order: &OrderRequest) -> Result<SubmitOutcome, Failure> {
        (self.pace)(PaceEvent::Turn { turn: Turn::Order, ledger: false })?;
        Err(Failure::new(Exit::Unexpected, Reason::Unexpected, "not built"))
    }

    /// Asks KIS once to cancel what remains of an order.
    ///
    /// # Errors
    /// Only when the turn could not be taken: then nothing was sent.
    pub fn cancel_order(&self, _order: &BrokerOrder, _exchange: Exchange) -> Result<CancelOutcome, Failure> {
        Err(Failure::new(Exit::Unexpected, Reason::Unexpected, "not built"))
    }

    /// The TR id that an order of this side carries.
    pub fn order_tr_id(&self, side: Side) -> &'static str {
        match (self.mode, side) {
            (Mode::Real, Side::Buy) => "TTTT1002U",
            (Mode::Real, Side::Sell) => "TTTT1006U",
            (Mode::Paper, Side::Buy) => "VTTT1002U",
            (Mode::Paper, Side::Sell) => "VTTT1001U",
        }
    }

    /// The server's clock minus ours, by the `Date` of the latest answer that stated one.
    pub fn clock_skew(&self) -> Option<TimeDelta> {
        None
    }
}

fn not_built() -> CallError {
    CallError::Unreachable { detail: "not built".to_owned() }
}
