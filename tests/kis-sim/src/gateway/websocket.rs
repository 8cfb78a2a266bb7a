//! The websocket: trades of symbols, HDFSCNT0, and an account's orders and fills, H0GSCNI0 (real) and H0GSCNI9 (paper), as they happen
//! in the simulated world.
//!
//! It is served on the gateway's port, under any path. A client shows the key of `/oauth2/Approval` and subscribes in JSON; what
//! happens comes as fields between carets, notices encrypted with the key of their subscription.

use crate::gateway::notices::{self, Notices};
use crate::gateway::oauth::approval_key;
use crate::gateway::ticks;
use crate::http::message::Request;
use crate::market::Quote;
use crate::shared::Shared;
use crate::wire::format::korean_clock;
use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::protocol::Role;
use tungstenite::{Error, Message, WebSocket};

/// How long a look at the connection waits before the world is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How often a client is asked whether it is there, by the simulated clock.
const PING_EVERY: TimeDelta = TimeDelta::seconds(10);
/// KIS takes no more subscriptions on one connection.
const MOST_SUBSCRIPTIONS: usize = 41;
const TRADES: &str = "HDFSCNT0";
/// Notices of Korean orders, of paper and of real: clients subscribe to them beside those of US orders.
const KOREAN_NOTICES: [&str; 2] = ["H0STCNI9", "H0STCNI0"];

/// Serves one connection until either side ends it.
pub fn serve(shared: &Shared, request: &Request, mut stream: TcpStream) {
    // Before the client hears that it is connected, and may move the clock.
    let pinged = shared.with(|world| world.clock.now());
    let key = accept_key(request.header("sec-websocket-key").unwrap_or_default());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {key}\r\n\r\n"
    );
    let is_ready = stream.write_all(head.as_bytes()).and_then(|()| stream.set_read_timeout(Some(LOOK_EVERY)));
    if is_ready.is_err() {
        return;
    }
    let mut socket = WebSocket::from_raw_socket(stream, Role::Server, None);
    let mut session = Session { subscriptions: BTreeMap::new(), pinged };
    while go_on(shared, &mut socket, &mut session).is_ok() {}
}

/// What a server answers to a client's key, to show that it knows the protocol.
fn accept_key(key: &str) -> String {
    const OF_EVERY_SERVER: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(OF_EVERY_SERVER).finalize())
}

/// Takes what came and sends what happened.
fn go_on(shared: &Shared, socket: &mut WebSocket<TcpStream>, session: &mut Session) -> Result<(), Error> {
    match socket.read() {
        Ok(Message::Text(text)) => {
            if let Some(answer) = shared.with(|world| session.take(world, &text)) {
                socket.send(Message::text(answer.to_string()))?;
            }
        }
        Ok(Message::Close(_)) => return Err(Error::ConnectionClosed),
        Ok(_) => {}
        Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
        Err(error) => return Err(error),
    }
    for message in shared.with(|world| session.news(world)) {
        socket.send(Message::text(message))?;
    }
    Ok(())
}

/// One connection: what it subscribed to, by TR id and key.
struct Session {
    subscriptions: BTreeMap<(String, String), Subscription>,
    pinged: DateTime<Utc>,
}

/// One subscription, with what was sent of it already.
enum Subscription {
    /// Trades of a symbol; the second of the last message, and how many shares had changed hands by then.
    Trades { symbol: String, seen: Option<(i64, u64)> },
    /// Orders and fills of an account.
    Notices(Notices),
    /// Korean orders and fills, of which there are none.
    Nothing,
}

/// What a client says.
#[derive(Deserialize)]
struct Said {
    header: SaidHeader,
    #[serde(default)]
    body: SaidBody,
}

#[derive(Deserialize)]
struct SaidHeader {
    #[serde(default)]
    approval_key: String,
    #[serde(default)]
    tr_type: String,
}

#[derive(Default, Deserialize)]
struct SaidBody {
    #[serde(default)]
    input: SaidInput,
}

#[derive(Default, Deserialize)]
struct SaidInput {
    #[serde(default)]
    tr_id: String,
    #[serde(default)]
    tr_key: String,
}

impl Session {
    /// Takes a message; the echo of a ping needs no answer.
    fn take(&mut self, world: &mut World, text: &str) -> Option<Value> {
        let Ok(said) = serde_json::from_str::<Said>(text) else {
            return Some(answer("(null)", "", "9", "OPSP9993", "JSON PARSING ERROR", None));
        };
        let Said { header, body: SaidBody { input: SaidInput { tr_id, tr_key } } } = said;
        if tr_id.is_empty() {
            return None;
        }
        let refuse = |code: &str, words: &str| Some(answer(&tr_id, &tr_key, "9", code, words, None));
        let mut accounts = world.accounts.iter().map(|account| account.id);
        let Some(account) = accounts.find(|account| approval_key(*account) == header.approval_key) else {
            return refuse("OPSP0011", "invalid approval : NOT FOUND");
        };
        let id = (tr_id.clone(), tr_key.clone());
        if header.tr_type == "2" {
            return match self.subscriptions.remove(&id) {
                Some(_) => Some(answer(&tr_id, &tr_key, "0", "OPSP0001", "UNSUBSCRIBE SUCCESS", None)),
                None => refuse("OPSP0003", "UNSUBSCRIBE ERROR(not found!)"),
            };
        }
        if self.subscriptions.contains_key(&id) {
            return refuse("OPSP0002", "ALREADY IN SUBSCRIBE");
        }
        if self.subscriptions.len() >= MOST_SUBSCRIPTIONS {
            return refuse("OPSP0008", "MAX SUBSCRIBE OVER");
        }
        let subscription = match tr_id.as_str() {
            TRADES => ticks::read_key(world, &tr_key).map(|symbol| Subscription::Trades { symbol, seen: None }),
            id if id == KOREAN_NOTICES[account.mode.index()] => Some(Subscription::Nothing),
            id if id == notices::tr_id(account.mode) => Some(Subscription::Notices(Notices::new(world, account))),
            _ => None,
        };
        let Some(subscription) = subscription else { return refuse("OPSP0007", "SUBSCRIBE INTERNAL ERROR") };
        let keys = (!matches!(subscription, Subscription::Trades { .. })).then(|| notices::keys(account));
        self.subscriptions.insert(id, subscription);
        Some(answer(&tr_id, &tr_key, "0", "OPSP0000", "SUBSCRIBE SUCCESS", keys))
    }

    /// What happened since the last look, as messages.
    fn news(&mut self, world: &mut World) -> Vec<String> {
        let now = world.catch_up();
        let mut messages = Vec::new();
        for ((tr_id, tr_key), subscription) in &mut self.subscriptions {
            match subscription {
                Subscription::Trades { symbol, seen } => {
                    let is_told = |quote: &Quote| {
                        seen.is_some_and(|(second, volume)| second == now.timestamp() || volume == quote.volume)
                    };
                    let quote = world.market.quote(symbol, now).filter(|quote| !is_told(quote));
                    let Some(quote) = quote else { continue };
                    let traded = seen.map_or(0, |(_, volume)| quote.volume.saturating_sub(volume));
                    *seen = Some((now.timestamp(), quote.volume));
                    let fields = ticks::fields(tr_key, symbol, &quote, traded, now);
                    messages.push(format!("0|{tr_id}|001|{}", fields.join("^")));
                }
                Subscription::Nothing => {}
                Subscription::Notices(notices) => {
                    let sealed = notices.news(world);
                    messages.extend(sealed.into_iter().map(|text| format!("1|{tr_id}|001|{text}")));
                }
            }
        }
        // A clock that was set back pings, too.
        if (now - self.pinged).abs() >= PING_EVERY {
            self.pinged = now;
            let ping = json!({ "header": { "tr_id": "PINGPONG", "datetime": korean_clock(now) } });
            messages.push(ping.to_string());
        }
        messages
    }
}

fn answer(tr_id: &str, tr_key: &str, code: &str, msg_cd: &str, words: &str, keys: Option<[String; 2]>) -> Value {
    let mut body = json!({ "rt_cd": code, "msg_cd": msg_cd, "msg1": words });
    // KIS's sample client decrypts only what was announced as encrypted.
    let encrypt = if keys.is_some() { "Y" } else { "N" };
    if let Some([key, iv]) = keys {
        body["output"] = json!({ "iv": iv, "key": key });
    }
    json!({ "header": { "tr_id": tr_id, "tr_key": tr_key, "encrypt": encrypt }, "body": body })
}
