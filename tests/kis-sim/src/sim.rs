//! A running simulator: start, and control without HTTP.

use crate::clock::Clock;
use crate::control;
use crate::gateway::{serve, websocket};
use crate::http::server::Server;
use crate::limits::Limits;
use crate::market::Market;
use crate::options::{Options, Prices, naming};
use crate::shared::Shared;
use crate::state;
use crate::world::World;
use serde_json::Value;
use std::io::Result;
use std::sync::Arc;

/// A running simulator. Dropping it stops serving.
#[derive(Debug)]
pub struct Sim {
    shared: Arc<Shared>,
    gateway: Server,
    control: Server,
}

impl Sim {
    /// Loads data and state, and serves both ports on loopback.
    ///
    /// # Errors
    /// An option out of bounds, unreadable data or state, a state file that cannot be written, or a port that is taken.
    pub fn start(options: Options) -> Result<Sim> {
        let prices = options.load_prices()?;
        Sim::start_with(options, prices)
    }

    /// The same with prices that were loaded by these options.
    ///
    /// # Errors
    /// Unreadable state, a state file that cannot be written, or a port that is taken.
    pub fn start_with(options: Options, prices: Prices) -> Result<Sim> {
        let clock = Clock::new(options.start_or_now(), true);
        let mut world = World::new(clock, Market::new(prices.bars, prices.exchanges), options.cash);
        if let Some(path) = &options.state {
            state::load(&mut world, path, options.start).map_err(|error| naming(path, &error))?;
        }
        world.open_accounts(options.accounts, options.cash);
        world.loc_until = options.loc_until;
        if !options.has_limits {
            world.limits = [Limits::LIFTED; 2];
        }
        if let Some(path) = &options.state {
            state::save(&world, path).map_err(|error| naming(path, &error))?;
        }
        let shared = Arc::new(Shared::new(world, options.state));
        let [for_gateway, for_control, for_websocket] = [(); 3].map(|()| Arc::clone(&shared));
        let gateway = Server::start(
            options.port,
            Arc::new(move |request| serve::handle(&for_gateway, request)),
            Arc::new(move |request, stream| websocket::serve(&for_websocket, request, stream)),
        )?;
        let control = Server::start(
            options.control_port,
            Arc::new(move |request| control::handle(&for_control, request)),
            Arc::new(|_, _| {}),
        )?;
        Ok(Sim { shared, gateway, control })
    }

    /// Base URL of the gateway.
    pub fn gateway_url(&self) -> String {
        self.gateway.url()
    }

    /// Base URL of the control port.
    pub fn control_url(&self) -> String {
        self.control.url()
    }

    /// Whether the gateway has done with every connection that reached it until now: a client that was killed leaves
    /// its request behind.
    ///
    /// # Errors
    /// The port can't be reached.
    pub fn is_idle(&self) -> Result<bool> {
        self.gateway.is_idle()
    }

    /// One control request without HTTP.
    ///
    /// # Errors
    /// What the control port would answer with 400.
    pub fn try_control(&self, method: &str, path: &str, body: Value) -> std::result::Result<Value, String> {
        self.shared.with(|world| control::control(world, method, path, body))
    }

    /// One control request without HTTP, for tests that only want success.
    ///
    /// # Panics
    /// When the control port would answer 400.
    #[expect(clippy::panic, reason = "a test that steers wrongly has to fail where it does")]
    pub fn control(&self, method: &str, path: &str, body: Value) -> Value {
        self.try_control(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }
}
