//! The simulated gateway as a process, and its control port.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::Usd;
use crate::exit::{Failure, Reason};
use crate::rehearse::slow::rfc3339;
use crate::rehearse::words;

/// One request to the control port. The clock may walk through a day meanwhile.
const TIMEOUT: Duration = Duration::from_secs(60);
const SECRET_LENGTH: usize = 180;

/// What kis-sim takes for its real account; invented there.
pub(super) fn credentials() -> [(&'static str, String); 3] {
    let secret: String = "simRealSecretX/+".chars().cycle().take(SECRET_LENGTH - 1).chain(['=']).collect();
    [
        ("KIS_APP_KEY", "PSKISSIMREALKEY000000000000000000001".to_owned()),
        ("KIS_APP_SECRET", secret),
        ("KIS_ACCOUNT_NO", "60000001-01".to_owned()),
    ]
}

/// It ends with this value.
pub(super) struct SimulatedGateway {
    process: Child,
    gateway: String,
    control: String,
}

impl SimulatedGateway {
    pub(super) fn start(
        program: &Path,
        bars: &Path,
        at: DateTime<Utc>,
        cash: Usd,
    ) -> Result<SimulatedGateway, Failure> {
        let failed = || Failure::new(Reason::GatewayUnreachable, words::gateway_not_started(program));
        let mut process = Command::new(program)
            .args(["--start", &rfc3339(at), "--cash", &cash.0.to_string(), "--market-data"])
            .arg(bars)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed().caused_by(error))?;
        let mut line = String::new();
        let said = process.stdout.take().map(|out| BufReader::new(out).read_line(&mut line));
        let mut gateway = SimulatedGateway { process, gateway: String::new(), control: String::new() };
        let addresses: Value = serde_json::from_str(&line).unwrap_or_default();
        let address = |key: &str| addresses[key].as_str().map(str::to_owned);
        match (said, address("gateway"), address("control")) {
            (Some(Ok(_)), Some(of_gateway), Some(of_control)) => {
                (gateway.gateway, gateway.control) = (of_gateway, of_control);
                Ok(gateway)
            }
            _ => Err(failed()),
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.gateway
    }

    /// One request to the control port.
    pub(super) fn control(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        let failed = || Failure::new(Reason::GatewayUnreachable, words::gateway_does_not_answer(path));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.exchange(method, path, &body).map_err(|error| failed().caused_by(error))?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(failed)?;
        let is_good = head.split(' ').nth(1) == Some("200");
        match serde_json::from_str(body) {
            Ok(value) if is_good => Ok(value),
            _ => Err(failed().because(crate::language::Sentence::verbatim(body))),
        }
    }

    fn exchange(&self, method: &str, path: &str, body: &str) -> std::io::Result<String> {
        let host = self.control.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for SimulatedGateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
