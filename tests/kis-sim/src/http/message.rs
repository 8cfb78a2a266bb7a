//! Requests and responses as bytes.

use std::io::{BufRead, Error, ErrorKind, Read, Result, Write};

const MOST_HEADER_BYTES: u64 = 64 * 1024;
const MOST_BODY_BYTES: usize = 1024 * 1024;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Upper-case as sent.
    pub method: String,
    /// Decoded, without the query; slashes at its beginning are one.
    pub path: String,
    /// Decoded names and values in the order sent.
    pub query: Vec<(String, String)>,
    /// Lower-case names, trimmed values.
    pub headers: Vec<(String, String)>,
    /// As many bytes as `content-length` says.
    pub body: Vec<u8>,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Without `content-length` and `connection`, which writing adds.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// What happens on the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Send it and go on.
    Send(Response),
    /// Send half of the body and hang up.
    SendHalf(Response),
    /// Hang up.
    Close,
    /// Go on as a websocket.
    Upgrade,
}

impl Request {
    /// The first header of this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.0 == name).map(|header| header.1.as_str())
    }

    /// Whether the client wants to go on as a websocket.
    pub fn wants_websocket(&self) -> bool {
        self.header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
    }

    /// Whether the client wants the connection closed afterwards.
    pub fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// Reads one request; nothing at the end of the stream. A client that waits with its body is told on `back` to go on.
    ///
    /// # Errors
    /// A broken connection, or bytes that are no acceptable request.
    pub fn read(stream: &mut impl BufRead, back: &mut impl Write) -> Result<Option<Request>> {
        let mut head = stream.by_ref().take(MOST_HEADER_BYTES);
        let first = read_line(&mut head)?;
        if first.is_empty() {
            return Ok(None);
        }
        let mut words = first.split(' ');
        let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next()) else {
            return Err(malformed("request line"));
        };
        if !version.starts_with("HTTP/1.") {
            return Err(malformed("version"));
        }
        let mut headers = Vec::new();
        loop {
            let line = read_line(&mut head)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| malformed("header"))?;
            headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
        if head.limit() == 0 {
            return Err(malformed("header: too long"));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query) = (decode(path, false), decode_query(query));
        // Many a client joins a host that ends with a slash and a path that begins with one, and KIS serves them.
        let path = if path.starts_with("//") { format!("/{}", path.trim_start_matches('/')) } else { path };
        let mut request = Request { method: method.to_owned(), path, query, headers, body: Vec::new() };
        if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            back.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            back.flush()?;
        }
        request.body = match request.header("transfer-encoding") {
            None => read_exactly(stream, request.body_length()?)?,
            Some(value) if value.eq_ignore_ascii_case("chunked") => read_chunks(stream)?,
            Some(_) => return Err(malformed("transfer-encoding")),
        };
        Ok(Some(request))
    }

    fn body_length(&self) -> Result<usize> {
        let length = self.header("content-length").unwrap_or("0").parse().map_err(|_| malformed("content-length"))?;
        if length > MOST_BODY_BYTES { Err(malformed("body: too long")) } else { Ok(length) }
    }
}

impl Response {
    /// Writes it; `body_bytes` may be fewer than its stated length, for broken answers.
    ///
    /// # Errors
    /// A broken connection.
    pub fn write(&self, stream: &mut impl Write, body_bytes: usize, close: bool) -> Result<()> {
        let mut bytes = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status)).into_bytes();
        for (name, value) in &self.headers {
            write!(bytes, "{name}: {value}\r\n")?;
        }
        let connection = if close { "close" } else { "keep-alive" };
        write!(bytes, "Content-Length: {}\r\nConnection: {connection}\r\n\r\n", self.body.len())?;
        bytes.extend(&self.body[..body_bytes.min(self.body.len())]);
        stream.write_all(&bytes)?;
        stream.flush()
    }
}

fn read_exactly(stream: &mut impl BufRead, length: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A body in chunks, each behind its length in hexadecimal, the last of length 0.
fn read_chunks(stream: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(&mut stream.by_ref().take(MOST_HEADER_BYTES))?;
        let length = line.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(length, 16).map_err(|_| malformed("chunk"))?;
        if body.len().saturating_add(length) > MOST_BODY_BYTES {
            return Err(malformed("body: too long"));
        }
        body.extend(read_exactly(stream, length)?);
        // Behind each chunk an empty line; behind the last one maybe headers, too.
        while !read_line(&mut stream.by_ref().take(MOST_HEADER_BYTES))?.is_empty() {}
        if length == 0 {
            return Ok(body);
        }
    }
}

fn read_line(stream: &mut impl BufRead) -> Result<String> {
    let mut bytes = Vec::new();
    stream.read_until(b'\n', &mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn malformed(part: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("malformed {part}"))
}

fn decode_query(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name, true), decode(value, true)))
        .collect()
}

/// Percent-decoding; a plus is a blank in queries only. A stray percent sign stays.
fn decode(text: &str, plus_is_blank: bool) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let escaped = pair.filter(|_| bytes[at] == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        decoded.push(match (escaped, bytes[at]) {
            (Some(byte), _) => byte,
            (None, b'+') if plus_is_blank => b' ',
            (None, byte) => byte,
        });
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Request>> {
        Request::read(&mut text.as_bytes(), &mut Vec::new())
    }

    #[test]
    fn a_body_may_come_in_chunks_and_wait_to_be_asked_for() {
        let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n";
        let text = format!("{head}3\r\n{{\"a\r\n9;x=y\r\n\":\"bcdefg\r\n2\r\n\"}}\r\n0\r\nTrailer: 1\r\n\r\n");
        let mut back = Vec::new();
        let request = Request::read(&mut text.as_bytes(), &mut back).unwrap().unwrap();
        assert_eq!(request.body, br#"{"a":"bcdefg"}"#);
        assert_eq!(back, b"HTTP/1.1 100 Continue\r\n\r\n");
        for wrong in ["x\r\n", "5\r\nab", "fffffff\r\n"] {
            assert!(read(&format!("{head}{wrong}")).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn reads_a_request() {
        let text = "POST //a%20b?K=1%5E2&E=&P=%25+x HTTP/1.1\r\nAppKey:  k \r\nContent-Length: 2\r\n\r\n{}GET";
        let request = read(text).unwrap().unwrap();
        assert_eq!(
            (request.method.as_str(), request.path.as_str(), request.header("appkey")),
            ("POST", "/a b", Some("k"))
        );
        let pairs: Vec<_> = request.query.iter().map(|pair| (pair.0.as_str(), pair.1.as_str())).collect();
        assert_eq!(pairs, [("K", "1^2"), ("E", ""), ("P", "% x")]);
        assert_eq!(request.body, b"{}");
    }

    #[test]
    fn refuses_what_it_does_not_take() {
        let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "x".repeat(70_000));
        let texts = [
            "GET\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
            "GET / HTTP/1.1\r\nnonsense\r\n\r\n",
            "GET / HTTP/1.1\r\ncontent-length: 9999999\r\n\r\n",
            &long,
        ];
        for text in texts {
            assert!(read(text).is_err(), "{}", &text[..20.min(text.len())]);
        }
        assert_eq!(read("").unwrap(), None);
    }
}
