//! What the tests of this folder share: a scripted server on loopback, a recording pace, and invented credentials.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

use crate::clock::Clock;
use crate::config::Credentials;
use crate::domain::{AccessToken, AccountNumber, Exchange, KisError, Mode, OrderKind, OrderRequest, Side, Symbol, Usd};
use crate::kis::GatewayConfig;
use crate::kis::clean::Cleaner;
use crate::kis::client::Gateway;
use crate::kis::endpoint::{Answer, Query};
use crate::kis::error::Nonsense;
use crate::kis::json;
use crate::kis::rate_slot::{Pace, SlotEvent, SlotKind};

pub(crate) const APP_KEY: &str = "PSinventedINVENTEDinventedINVENTED36";
pub(crate) const APP_SECRET: &str = "inventedSECRET/with+signs==";
pub(crate) const TOKEN: &str = "eyJinvented.INVENTED.token";

pub(crate) fn credentials() -> Credentials {
    Credentials {
        app_key: SecretString::from(APP_KEY),
        app_secret: SecretString::from(APP_SECRET),
        account: AccountNumber::parse("99999999-01").unwrap(),
    }
}

pub(crate) fn token() -> AccessToken {
    let born: DateTime<Utc> = DateTime::UNIX_EPOCH;
    AccessToken::new(TOKEN.to_owned(), born, born + TimeDelta::days(1))
}

pub(crate) fn cleaner() -> Cleaner {
    Cleaner::new(&credentials(), Some(&token()))
}

pub(crate) fn config(base_url: &str, mode: Mode) -> GatewayConfig {
    GatewayConfig {
        mode,
        base_url: base_url.to_owned(),
        is_loopback: true,
        timeout: Duration::from_secs(5),
        credentials: credentials(),
        clock: Clock::starting_at("2026-03-10T14:30:00Z".parse().unwrap()),
    }
}

pub(crate) fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}

pub(crate) fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// An order for three shares.
pub(crate) fn order_request(side: Side) -> OrderRequest {
    OrderRequest {
        exchange: Exchange::Amex,
        symbol: symbol("SOXL"),
        side,
        quantity: 3,
        limit_price: usd("61.2300"),
        kind: OrderKind::Limit,
    }
}

/// An error's kind in one word.
pub(crate) fn kind_of(error: &KisError) -> &'static str {
    match error {
        KisError::TooSoon { .. } => "soon",
        KisError::Unreachable { .. } => "unreachable",
        KisError::Unavailable(_) => "unavailable",
        KisError::Nonsense { .. } => "nonsense",
        KisError::RateLimited { .. } => "rate",
        KisError::TokenRefused { .. } => "token",
        KisError::CredentialsRefused { .. } => "credentials",
        KisError::WrongAccount { .. } => "account",
        KisError::WrongMode { .. } => "mode",
        KisError::ListChanged { .. } => "changed",
        KisError::Refused { .. } => "refused",
        KisError::NotSent(_) => "not sent",
    }
}

/// Reads a body as the successful answer to a query.
pub(crate) fn read<Q: Query>(query: &Q, mode: Mode, tr_cont: &str, body: &str) -> Result<Q::Answer, Nonsense> {
    let body = json::parse(body.as_bytes()).unwrap();
    let code = crate::kis::wire::description(&body, "msg_cd").to_owned();
    let arrived_at = Duration::from_secs(7);
    query.read(&Answer { body: &body, code: &code, tr_cont, mode, arrived_at, cleaner: &cleaner() })
}

/// What the pace hook was called with.
pub(crate) type Paced = Rc<RefCell<Vec<SlotEvent>>>;

pub(crate) const READ: SlotEvent = SlotEvent::Wanted(SlotKind::Read);
pub(crate) const LEDGER: SlotEvent = SlotEvent::Wanted(SlotKind::LedgerRead);
pub(crate) const ORDER: SlotEvent = SlotEvent::Wanted(SlotKind::Order);

/// A pace that lets everything go at once and remembers it.
pub(crate) fn recording_pace() -> (Rc<Pace>, Paced) {
    let paced = Paced::default();
    let memory = Rc::clone(&paced);
    let pace = move |event| {
        memory.borrow_mut().push(event);
        Ok(())
    };
    (Rc::new(pace), paced)
}

pub(crate) fn gateway(server: &Server, mode: Mode) -> (Gateway, Paced) {
    gateway_with(&config(&server.url, mode))
}

pub(crate) fn gateway_with(config: &GatewayConfig) -> (Gateway, Paced) {
    let (pace, paced) = recording_pace();
    (Gateway::new(config, token(), pace), paced)
}

/// What the server does with one request.
pub(crate) enum Act {
    /// Writes these bytes and keeps the connection.
    Say(Vec<u8>),
    /// Writes these bytes and closes the connection.
    SayAndClose(Vec<u8>),
    /// Never answers, but keeps the connection.
    KeepSilent,
}

impl Act {
    /// A whole answer with this status and body.
    pub(crate) fn answer(status: u16, body: &str) -> Act {
        Act::with_headers(status, "", body)
    }

    /// The same with more header lines, each with its line end.
    pub(crate) fn with_headers(status: u16, headers: &str, body: &str) -> Act {
        let head = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
        Act::Say([head.as_bytes(), body.as_bytes()].concat())
    }
}

/// One request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) connection: usize,
    pub(crate) line: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

/// A server that answers one request after the other from its script; without a script left it closes.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) fn start(script: Vec<Act>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(script.into_iter()));
        let memory = Arc::clone(&seen);
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (script, memory) = (Arc::clone(&script), Arc::clone(&memory));
                std::thread::spawn(move || serve(stream.unwrap(), connection, &script, &memory));
            }
        });
        Server { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, connection: usize, script: &Mutex<std::vec::IntoIter<Act>>, seen: &Mutex<Vec<Seen>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(request) = read_request(&mut reader, connection) {
        seen.lock().unwrap().push(request);
        let act = script.lock().unwrap().next();
        match act {
            Some(Act::Say(bytes)) => {
                // The client may have hung up on purpose (body cap); that is no concern of the server's.
                let _ = writer.write_all(&bytes);
            }
            Some(Act::KeepSilent) => {}
            Some(Act::SayAndClose(bytes)) => {
                let _ = writer.write_all(&bytes);
                let _ = writer.shutdown(Shutdown::Both);
                return;
            }
            None => {
                let _ = writer.shutdown(Shutdown::Both);
                return;
            }
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>, connection: usize) -> Option<Seen> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let length = lines.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = lines.remove(0);
    lines.sort();
    Some(Seen { connection, line, headers: lines, body: String::from_utf8(body).unwrap() })
}
