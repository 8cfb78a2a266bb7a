//! One HTTP request and its answer, before anybody judges it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::values::text;

/// No list of these tests has more pages.
const PAGE_LIMIT: usize = 40;

/// One request, changed at will before it is sent.
#[derive(Clone)]
pub struct Call {
    method: &'static str,
    url: String,
    headers: BTreeMap<String, String>,
    query: Vec<(String, String)>,
    body: Option<String>,
}

impl Call {
    pub fn new(method: &'static str, url: &str, path: &str) -> Self {
        Self { method, url: format!("{url}{path}"), headers: BTreeMap::new(), query: Vec::new(), body: None }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn without_header(mut self, name: &str) -> Self {
        assert!(self.headers.remove(name).is_some(), "no header {name}");
        self
    }

    /// Sets a query parameter, replacing an earlier one of that name.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        match self.query.iter_mut().find(|(key, _)| key == name) {
            Some(pair) => pair.1 = value.to_owned(),
            None => self.query.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    pub fn without_query(mut self, name: &str) -> Self {
        let before = self.query.len();
        self.query.retain(|(key, _)| key != name);
        assert!(self.query.len() < before, "no parameter {name}");
        self
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string());
        self
    }

    /// Sends `text` for a body, JSON or not.
    pub fn raw_body(mut self, text: &str) -> Self {
        self.body = Some(text.to_owned());
        self
    }

    /// Sends it.
    #[track_caller]
    pub fn send(&self) -> Answer {
        self.try_send().expect("an answer arrives")
    }

    /// Sends it.
    ///
    /// # Errors
    ///
    /// The connection was lost before the answer was complete.
    pub fn try_send(&self) -> Result<Answer, ureq::Error> {
        let pairs: Vec<String> = self
            .query
            .iter()
            .map(|(key, value)| format!("{}={}", percent_encoded(key), percent_encoded(value)))
            .collect();
        let url = if pairs.is_empty() { self.url.clone() } else { format!("{}?{}", self.url, pairs.join("&")) };
        let mut request = ureq::http::Request::builder().method(self.method).uri(url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut response = match &self.body {
            Some(body) => agent().run(request.body(body.clone())?)?,
            None => agent().run(request.body(())?)?,
        };
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let bytes = response.body_mut().read_to_vec()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer {
            status: response.status().as_u16(),
            headers,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        })
    }

    /// Reads a list to its last page, the way KIS's samples do.
    #[track_caller]
    pub fn pages(&self) -> Vec<Answer> {
        let mut pages = vec![self.send()];
        while pages.len() < PAGE_LIMIT {
            let last = &pages[pages.len() - 1];
            assert_eq!(text(&last.body, "rt_cd"), "0", "{}", last.text);
            if !last.has_more() {
                return pages;
            }
            let next = self
                .clone()
                .header("tr_cont", "N")
                .query("CTX_AREA_FK200", text(&last.body, "ctx_area_fk200"))
                .query("CTX_AREA_NK200", text(&last.body, "ctx_area_nk200"));
            pages.push(next.send());
        }
        panic!("more than {PAGE_LIMIT} pages");
    }
}

/// Every request has a connection of its own, so that a dropped one disturbs no other.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(0)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(20)))
        .build()
        .new_agent()
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// An answer as it came over the wire; `body` is null when it is not JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub text: String,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn is_success(&self) -> bool {
        self.status == 200 && self.body["rt_cd"] == "0"
    }

    /// Tells whether `tr_cont` announces more pages.
    pub fn has_more(&self) -> bool {
        matches!(self.header("tr_cont").map(str::trim), Some("F" | "M"))
    }

    #[track_caller]
    pub fn code(&self) -> &str {
        assert!(self.body.is_object(), "not JSON: {}", self.text);
        text(&self.body, "msg_cd")
    }

    /// Returns the message without its padding.
    #[track_caller]
    pub fn message(&self) -> &str {
        text(&self.body, "msg1").trim_end()
    }

    #[track_caller]
    pub fn output(&self, field: &str) -> &str {
        text(&self.body["output"], field)
    }

    /// Returns a list, also when it came as one object or not at all.
    pub fn rows(&self, name: &str) -> Vec<Value> {
        match &self.body[name] {
            Value::Array(rows) => rows.clone(),
            Value::Object(row) => vec![Value::Object(row.clone())],
            _ => Vec::new(),
        }
    }

    /// Asserts an accepted order and returns its ten-digit number.
    #[track_caller]
    pub fn order_id(&self) -> String {
        assert!(self.is_success(), "{} {}", self.status, self.text);
        self.output("ODNO").to_owned()
    }

    /// Asserts a failure with this HTTP status and code.
    #[track_caller]
    pub fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        assert_ne!(text(&self.body, "rt_cd"), "0", "{}", self.text);
    }

    /// Asserts a success with this code and message, padding apart.
    #[track_caller]
    pub fn assert_success(&self, code: &str, message: &str) {
        assert!(self.is_success(), "{} {}", self.status, self.text);
        assert_eq!((self.code(), self.message()), (code, message));
    }
}
