//! A gateway between the program and kis-sim that passes everything on and lies about one endpoint.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// What kis-sim answered, to be spoilt.
pub struct Answer {
    /// Such as `200 OK`.
    pub status: String,
    /// Without those that frame the body.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The lines that frame the body; made from it when none.
    pub framing: Option<String>,
    /// The first line and the headers as they are sent, when they break all rules.
    pub head: Option<Vec<u8>>,
    /// The body of the first answer of this lie, as kis-sim gave it.
    pub first: Vec<u8>,
    /// Counts the answers of this lie from 1.
    pub count: usize,
}

type Change = Box<dyn FnMut(&mut Answer) + Send>;

struct Lie {
    path: &'static str,
    count: usize,
    first: Vec<u8>,
    change: Change,
}

/// The gateway; it serves until the process ends.
pub struct Liar {
    url: String,
    lie: Arc<Mutex<Option<Lie>>>,
}

impl Liar {
    /// Stands in front of the gateway at `behind` (`http://127.0.0.1:PORT`).
    pub fn start(behind: &str) -> Liar {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let lie = Arc::new(Mutex::new(None));
        let (shared, behind) = (Arc::clone(&lie), behind.trim_start_matches("http://").to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up early is one that had enough.
                let _ = serve(stream, &behind, &shared);
            }
        });
        Liar { url, lie }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Spoils every answer of the paths that end like this, until the next lie.
    pub fn lie(&self, path: &'static str, change: impl FnMut(&mut Answer) + Send + 'static) {
        *self.lie.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Lie { path, count: 0, first: Vec::new(), change: Box::new(change) });
    }

    /// Tells the truth again.
    pub fn stop(&self) {
        *self.lie.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Answer {
    /// Sets a header, or adds it.
    pub fn header(&mut self, name: &str, value: &str) {
        self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a header.
    pub fn without(&mut self, name: &str) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Replaces the body.
    pub fn set_json(&mut self, body: &Value) {
        self.body = body.to_string().into_bytes();
    }

    /// Sets a value of the body by its JSON pointer; null removes nothing, it is null.
    pub fn set(&mut self, pointer: &str, value: Value) {
        let mut body = self.json();
        let (above, key) = pointer.rsplit_once('/').unwrap();
        match body.pointer_mut(above) {
            Some(Value::Object(object)) => {
                object.insert(key.to_owned(), value);
            }
            Some(Value::Array(list)) => list[key.parse::<usize>().unwrap()] = value,
            _ => panic!("no {above} in {body}"),
        }
        self.set_json(&body);
    }

    /// Removes a key of the body by its JSON pointer.
    pub fn remove(&mut self, pointer: &str) {
        let mut body = self.json();
        let (above, key) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(above).and_then(Value::as_object_mut).unwrap().remove(key);
        self.set_json(&body);
    }
}

fn serve(stream: TcpStream, behind: &str, lie: &Mutex<Option<Lie>>) -> std::io::Result<()> {
    let mut client = BufReader::new(stream.try_clone()?);
    let (first, headers, body) = read_message(&mut client)?;
    if first.is_empty() {
        return Ok(());
    }
    let mut onward = TcpStream::connect(behind)?;
    let mut request = format!("{first}\r\n");
    for (name, value) in headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("connection")) {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("connection: close\r\n\r\n");
    onward.write_all(&[request.as_bytes(), &body].concat())?;
    let (status, headers, body) = read_message(&mut BufReader::new(onward))?;
    let is_framing = |name: &str| ["content-length", "connection"].iter().any(|known| name.eq_ignore_ascii_case(known));
    let headers = headers.into_iter().filter(|(name, _)| !is_framing(name)).collect();
    let status = status.split_once(' ').map_or(status.clone(), |(_, status)| status.to_owned());
    let mut answer = Answer { status, headers, body, framing: None, head: None, first: Vec::new(), count: 0 };
    let path = first.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    if let Some(lie) =
        lie.lock().unwrap_or_else(PoisonError::into_inner).as_mut().filter(|lie| path.ends_with(lie.path))
    {
        lie.count += 1;
        if lie.count == 1 {
            lie.first.clone_from(&answer.body);
        }
        answer.count = lie.count;
        answer.first.clone_from(&lie.first);
        (lie.change)(&mut answer);
    }
    write_answer(stream, &answer)
}

fn write_answer(mut stream: TcpStream, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {}\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match &answer.framing {
        None => head.push_str(&format!("content-length: {}\r\n", answer.body.len())),
        Some(lines) => head.push_str(lines),
    }
    head.push_str("connection: close\r\n\r\n");
    let head = answer.head.clone().unwrap_or(head.into_bytes());
    stream.write_all(&[head, answer.body.clone()].concat())?;
    stream.flush()
}

type Message = (String, Vec<(String, String)>, Vec<u8>);

fn read_message(stream: &mut impl BufRead) -> std::io::Result<Message> {
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).map(|_| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0_u8; length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0)];
    stream.read_exact(&mut body)?;
    Ok((first, headers, body))
}
