//! One call: headers, rate slots, tries, and the envelope opened. The endpoints know what the parameters mean.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use ureq::http::HeaderValue;

use crate::config::Credentials;
use crate::domain::{AccessToken, KisError, KisWords, SubmitOutcome};
use crate::exit::{Failure, Reason};
use crate::kis::GatewayConfig;
use crate::kis::clean::Cleaner;
use crate::kis::endpoint::{Answer, Endpoint, Envelope, Query};
use crate::kis::error::{Nonsense, refusal_of_request, unreadable};
use crate::kis::order;
use crate::kis::pages::{self, Cursor, Page};
use crate::kis::rate_slot::{Pace, SlotEvent, SlotKind};
use crate::kis::transport::{Reply, SendError, SendProgress, Wire};
use crate::kis::words;

/// How often a read is tried in all.
const READ_TRIES: u32 = 3;

type Headers = Vec<(&'static str, HeaderValue)>;

/// The authenticated client.
pub struct Gateway {
    pub(super) config: GatewayConfig,
    pace: Rc<Pace>,
    wire: Wire,
    /// Made once: each of these is checked byte by byte. Or why they can't be sent.
    secrets: Result<Headers, KisError>,
    cleaner: Cleaner,
    clock_skew: Cell<Option<TimeDelta>>,
}

impl Gateway {
    /// Builds a client around one token; connects to nothing yet.
    pub fn new(config: &GatewayConfig, token: AccessToken, pace: Rc<Pace>) -> Gateway {
        let wire = Wire::new(&config.base_url, config.is_loopback, config.timeout);
        let cleaner = Cleaner::new(&config.credentials, Some(&token));
        let secrets = secret_headers(&config.credentials, &token);
        Gateway { config: config.clone(), pace, wire, secrets, cleaner, clock_skew: Cell::new(None) }
    }

    /// The server's clock minus ours, by the `Date` of the latest answer that stated one.
    pub fn clock_skew(&self) -> Option<TimeDelta> {
        self.clock_skew.get()
    }

    /// Reads a list to its last page. KIS says when it changed between two pages; then it is read again from the first.
    pub(crate) fn fetch_pages<Row: PartialEq, Q: Query<Answer = Page<Row>>>(
        &self,
        request: impl Fn(Cursor) -> Q,
    ) -> Result<Vec<Row>, KisError> {
        let longest = self.config.timeout.saturating_mul(pages::MAX_TIMEOUTS);
        let give_up_at = self.config.clock.since_boot() + longest;
        let mut restarts = 0;
        loop {
            match self.fetch_pages_once(&request, longest, give_up_at) {
                Err(KisError::ListChanged(said)) if restarts < pages::MAX_RESTARTS => {
                    log::info!("{said}; reading the list again from its first page");
                    restarts += 1;
                }
                ended => return ended,
            }
        }
    }

    fn fetch_pages_once<Row: PartialEq, Q: Query<Answer = Page<Row>>>(
        &self,
        request: &impl Fn(Cursor) -> Q,
        longest: Duration,
        give_up_at: Duration,
    ) -> Result<Vec<Row>, KisError> {
        let mut rows = Vec::new();
        let mut last_page_from = 0;
        let mut cursor = Cursor::default();
        loop {
            let page = self.query(&request(cursor))?;
            if !page.rows.is_empty() && rows[last_page_from..] == page.rows {
                return Err(KisError::Nonsense { detail: words::same_page_twice() });
            }
            last_page_from = rows.len();
            rows.extend(page.rows);
            let Some(next) = page.next else { return Ok(rows) };
            cursor = next;
            pages::check_time(self.config.clock.since_boot(), give_up_at, longest, rows.len())?;
        }
    }

    /// Asks until there is an answer, a refusal, or the last try has failed.
    pub(crate) fn query<Q: Query>(&self, query: &Q) -> Result<Q::Answer, KisError> {
        let mut tries_left = READ_TRIES;
        loop {
            self.acquire_slot(Q::SLOT).map_err(KisError::NotSent)?;
            tries_left -= 1;
            let error = match self.try_query(query) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if matches!(error, KisError::RateLimited { .. }) {
                (self.pace)(SlotEvent::RateLimited).map_err(KisError::NotSent)?;
            }
            if tries_left == 0 || !error.may_pass() {
                return Err(error);
            }
            log::info!("{}: {error}; trying again", query.tr_id(self.config.mode));
        }
    }

    fn try_query<Q: Query>(&self, query: &Q) -> Result<Q::Answer, KisError> {
        let nonsense = |nonsense: Nonsense| unreadable(&nonsense, &self.cleaner);
        let headers = self.headers(query.tr_id(self.config.mode), query.tr_cont())?;
        let reply = self.send(query, &headers).map_err(|error| error.into_kis_error(&self.cleaner, None))?;
        if (300..400).contains(&reply.status) {
            return Err(KisError::Nonsense { detail: words::redirected_with(reply.status) });
        }
        let envelope = match Envelope::open(&reply.body, &self.cleaner) {
            Ok(envelope) => envelope,
            Err(_) if reply.status == 429 => {
                // HTTP's own words for it.
                let message = "Too Many Requests".to_owned();
                return Err(KisError::RateLimited(KisWords { code: "HTTP 429".to_owned(), message }));
            }
            Err(problem) if reply.status >= 400 => return Err(nonsense(problem.with_status(reply.status))),
            Err(problem) => return Err(nonsense(problem)),
        };
        if !envelope.is_success {
            return Err(refusal_of_request(&envelope.code, &envelope.message));
        }
        let answer = Answer {
            body: &envelope.body,
            code: &envelope.code,
            tr_cont: &reply.tr_cont,
            mode: self.config.mode,
            arrived_at: self.config.clock.since_boot(),
            cleaner: &self.cleaner,
        };
        query.read(&answer).map_err(nonsense)
    }

    /// Waits for a rate slot.
    pub(crate) fn acquire_slot(&self, kind: SlotKind) -> Result<(), Failure> {
        (self.pace)(SlotEvent::Wanted(kind))
    }

    /// Sends one POST once, in a slot that was acquired for it, and judges its outcome.
    pub(crate) fn post<E: Endpoint>(&self, endpoint: &E) -> SubmitOutcome {
        let started = self.config.clock.since_boot();
        let sent = match self.headers(endpoint.tr_id(self.config.mode), "") {
            Ok(headers) => self.send(endpoint, &headers),
            Err(error) => {
                Err(SendError { progress: SendProgress::NotSent, status: None, detail: error.words(), trouble: None })
            }
        };
        let elapsed = self.config.clock.since_boot().saturating_sub(started);
        let mut outcome = order::judge(&sent, &self.cleaner);
        outcome.elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        if outcome.rate_limited {
            // The outcome is what counts now: a pacing file that cannot be written shows at the next slot.
            let _ = (self.pace)(SlotEvent::RateLimited);
        }
        outcome
    }

    /// Sends a request once, and notes the clock of the answer.
    fn send<E: Endpoint>(&self, endpoint: &E, headers: &Headers) -> Result<Reply, SendError> {
        let payload = endpoint.payload(self.config.mode, &self.config.credentials.account);
        let tr_id = endpoint.tr_id(self.config.mode);
        log::debug!("{tr_id} {}", E::PATH);
        let sent = self.wire.send(E::PATH, headers, &payload);
        match &sent {
            Ok(reply) => {
                log::debug!("{tr_id}: HTTP {}, {} bytes", reply.status, reply.body.len());
                if let Some(date) = reply.date {
                    self.clock_skew.set(Some(date - self.config.clock.now()));
                }
            }
            Err(error) => log::debug!("{tr_id}: {}", self.cleaner.clean(&error.detail.en)),
        }
        sent
    }

    /// The headers of every call. `custtype` is always sent: some calls fail without it.
    fn headers(&self, tr_id: &'static str, tr_cont: &'static str) -> Result<Headers, KisError> {
        let mut headers = self.secrets.clone()?;
        headers.extend([
            ("content-type", HeaderValue::from_static("application/json; charset=utf-8")),
            ("tr_id", HeaderValue::from_static(tr_id)),
            ("tr_cont", HeaderValue::from_static(tr_cont)),
            ("custtype", HeaderValue::from_static("P")),
        ]);
        Ok(headers)
    }
}

fn secret_headers(credentials: &Credentials, token: &AccessToken) -> Result<Headers, KisError> {
    let secret = |text: &str| {
        let mut value = HeaderValue::from_str(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    };
    let unsendable = |reason, what, next| KisError::NotSent(Failure::new(reason, what).next(next));
    let Some(token) = secret(&format!("Bearer {}", token.expose())) else {
        return Err(unsendable(Reason::TokenRefused, words::token_unsendable(), words::get_new_token()));
    };
    let keys = [&credentials.app_key, &credentials.app_secret].map(|key| secret(key.expose_secret()));
    let [Some(app_key), Some(app_secret)] = keys else {
        return Err(unsendable(Reason::CredentialsRefused, words::key_unsendable(), words::check_key()));
    };
    Ok(vec![("authorization", token), ("appkey", app_key), ("appsecret", app_secret)])
}
