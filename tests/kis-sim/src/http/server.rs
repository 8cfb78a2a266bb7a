//! A loopback server: a thread for each connection, keep-alive, and an end when it is dropped.

use crate::http::message::{Reply, Request, Response};
use std::collections::HashMap;
use std::io::{BufReader, Error, Read, Result, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Answers one request.
pub type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// Takes a connection that goes on as a websocket.
pub type Upgraded = dyn Fn(&Request, TcpStream) + Send + Sync;

/// Open connections by a number of their own.
type Connections = Mutex<HashMap<u64, TcpStream>>;

/// A running server. Dropping it closes its port and its connections.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    connections: Arc<Connections>,
}

impl Server {
    /// Binds a loopback port, 0 for any free one, and serves until dropped.
    ///
    /// # Errors
    /// The port is taken.
    pub fn start(port: u16, handler: Arc<Handler>, upgraded: Arc<Upgraded>) -> Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .map_err(|error| Error::new(error.kind(), format!("port {port}: {error}")))?;
        let address = listener.local_addr()?;
        let server = Server { address, stopping: Arc::default(), connections: Arc::default() };
        let (stopping, connections) = (Arc::clone(&server.stopping), Arc::clone(&server.connections));
        thread::Builder::new()
            .name("accept".to_owned())
            .spawn(move || accept(&listener, &stopping, &connections, &handler, &upgraded))?;
        Ok(server)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether every connection that reached the port until now has ended.
    ///
    /// # Errors
    /// The port can't be reached.
    pub fn is_idle(&self) -> Result<bool> {
        // Connections are taken in the order in which they came: once this one was, so were all before it.
        let mut last = TcpStream::connect(self.address)?;
        last.write_all(b"\r\n")?;
        last.read_to_end(&mut Vec::new())?;
        drop(last);
        Ok(lock(&self.connections).is_empty())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the accepting thread, which then sees the flag.
        let _ = TcpStream::connect(self.address);
        for connection in lock(&self.connections).values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

fn accept(
    listener: &TcpListener,
    stopping: &AtomicBool,
    connections: &Arc<Connections>,
    handler: &Arc<Handler>,
    upgraded: &Arc<Upgraded>,
) {
    for (number, stream) in (0..).zip(listener.incoming()) {
        if stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let Ok(copy) = stream.try_clone() else { continue };
        lock(connections).insert(number, copy);
        let (connections, handler, upgraded) = (Arc::clone(connections), Arc::clone(handler), Arc::clone(upgraded));
        let serve = move || {
            // A client that hangs up is no error of the server.
            let _ = serve_connection(&stream, &*handler, &*upgraded);
            // Removed before the shutdown, so that a client that sees the end also sees `is_idle`.
            lock(&connections).remove(&number);
            let _ = stream.shutdown(Shutdown::Both);
        };
        let _ = thread::Builder::new().name(format!("connection {number}")).spawn(serve);
    }
}

fn serve_connection(stream: &TcpStream, handler: &Handler, upgraded: &Upgraded) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let request = match Request::read(&mut reader, &mut writer) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(error) => return bad_request(&error.to_string()).write(&mut writer, usize::MAX, true),
        };
        let close = request.wants_close();
        // Where panics unwind, a defect is answered and blocks no other request; a release build ends at once.
        let reply = catch_unwind(AssertUnwindSafe(|| handler(&request))).unwrap_or_else(|_| Reply::Send(own_failure()));
        match reply {
            Reply::Send(response) => response.write(&mut writer, usize::MAX, close)?,
            Reply::SendHalf(response) => return response.write(&mut writer, response.body.len() / 2, true),
            Reply::Close => return Ok(()),
            Reply::Upgrade => {
                let copy = stream.try_clone()?;
                let _ = catch_unwind(AssertUnwindSafe(|| upgraded(&request, copy)));
                return Ok(());
            }
        }
        if close {
            return Ok(());
        }
    }
}

fn bad_request(text: &str) -> Response {
    Response {
        status: 400,
        headers: vec![("Content-Type".to_owned(), "text/plain".to_owned())],
        body: text.as_bytes().to_vec(),
    }
}

fn own_failure() -> Response {
    Response {
        status: 500,
        headers: vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())],
        body: br#"{"error":"kis-sim itself failed: its stderr says how"}"#.to_vec(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_that_panics_costs_one_answer() {
        let handler: Arc<Handler> = Arc::new(|request| match request.path.as_str() {
            "/defect" => panic!("a defect"),
            _ => Reply::Send(bad_request("well")),
        });
        let server = Server::start(0, handler, Arc::new(|_, _| {})).unwrap();
        let ask = |path: &str| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream
                .write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes())
                .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let answer = ask("/defect");
        assert!(answer.starts_with("HTTP/1.1 500 ") && answer.contains("kis-sim itself failed"), "{answer}");
        assert!(ask("/").ends_with("well"));
        assert!(server.is_idle().unwrap());
    }
}
