//! A request that passed the doors: its environment, its fields, and the checks every handler shares.

use crate::account_id::AccountId;
use crate::http::message::Request;
use crate::mode::Mode;
use crate::wire::answer::Answer;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};

/// What a handler returns: both sides are answers.
pub type Outcome = Result<Answer, Answer>;

/// An authenticated request.
#[derive(Debug)]
pub struct Call<'a> {
    /// The account that its key opens.
    pub account: AccountId,
    /// Simulated instant.
    pub now: DateTime<Utc>,
    /// Its `tr_id`.
    pub tr_id: &'a str,
    /// Whether it asks for a next page, `tr_cont: N`.
    pub is_continuation: bool,
    query: &'a [(String, String)],
    body: Map<String, Value>,
}

impl<'a> Call<'a> {
    /// Reads a request's fields.
    ///
    /// # Errors
    /// A POST body that is no JSON object.
    pub fn read(request: &'a Request, account: AccountId, now: DateTime<Utc>) -> Result<Call<'a>, Answer> {
        let is_continuation = request.header("tr_cont") == Some("N");
        let tr_id = request.header("tr_id").unwrap_or_default();
        let body = if request.method == "POST" { read_body(request)? } else { Map::new() };
        Ok(Call { account, now, tr_id, is_continuation, query: &request.query, body })
    }

    /// The environment of its account.
    pub fn mode(&self) -> Mode {
        self.account.mode
    }

    /// Whether it is about an order of the Korean day market, which has TR ids of its own.
    pub fn is_day_market(&self) -> bool {
        ["TTTS6036U", "TTTS6037U", "TTTS6038U"].contains(&self.tr_id)
    }

    /// A query field that must be there, though it may be empty.
    ///
    /// # Errors
    /// OPSQ2001.
    pub fn query(&self, name: &str) -> Result<&'a str, Answer> {
        self.optional_query(name).ok_or_else(|| Answer::missing_query_field(name))
    }

    /// A query field that must hold something.
    ///
    /// # Errors
    /// OPSQ2001.
    pub fn filled_query(&self, name: &str) -> Result<&'a str, Answer> {
        self.optional_query(name).filter(|value| !value.is_empty()).ok_or_else(|| Answer::missing_query_field(name))
    }

    /// A query field that may be absent.
    pub fn optional_query(&self, name: &str) -> Option<&'a str> {
        self.query.iter().find(|pair| pair.0 == name).map(|pair| pair.1.as_str())
    }

    /// A paging key; KIS takes its name in either case.
    ///
    /// # Errors
    /// OPSQ2001.
    pub fn paging_key(&self, name: &str) -> Result<&'a str, Answer> {
        let found = self.query.iter().find(|pair| pair.0.eq_ignore_ascii_case(name));
        found.map(|pair| pair.1.trim_end()).ok_or_else(|| Answer::missing_query_field(name))
    }

    /// A `YYYYMMDD` query field.
    ///
    /// # Errors
    /// OPSQ2001 when absent, OPSQ2002 when it is no date.
    pub fn query_date(&self, name: &str) -> Result<NaiveDate, Answer> {
        let text = self.query(name)?;
        let date = NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|_| text.len() == 8);
        date.ok_or_else(|| Answer::refusal("OPSQ2002"))
    }

    /// Checks the account of a query.
    ///
    /// # Errors
    /// OPSQ2001 when absent, OPSQ2000 when it is not the key's account.
    pub fn check_query_account(&self) -> Result<(), Answer> {
        self.check_account(self.query("CANO")?, self.query("ACNT_PRDT_CD")?)
    }

    /// Checks the account of an order.
    ///
    /// # Errors
    /// HTTP 500 when absent, OPSQ2000 when it is not the key's account.
    pub fn check_body_account(&self) -> Result<(), Answer> {
        self.check_account(self.body("CANO", "계좌번호를")?, self.body("ACNT_PRDT_CD", "계좌상품코드를")?)
    }

    /// An upper-case body field that must hold something; its Korean name goes into the refusal.
    ///
    /// # Errors
    /// HTTP 500 and a sentence.
    pub fn body(&self, name: &str, korean_object: &str) -> Result<&str, Answer> {
        let value = self.optional_body(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| Answer::bad_body_field(korean_object))
    }

    /// A body field that may be absent.
    pub fn optional_body(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// The whole body.
    pub fn whole_body(&self) -> &Map<String, Value> {
        &self.body
    }

    fn check_account(&self, number: &str, product: &str) -> Result<(), Answer> {
        if self.account.parts() == (number.to_owned(), product) { Ok(()) } else { Err(Answer::refusal("OPSQ2000")) }
    }
}

/// All values of a POST are strings; a JSON number is a format error.
fn read_body(request: &Request) -> Result<Map<String, Value>, Answer> {
    if request.body.is_empty() {
        return Err(Answer::refusal("OPSQ9995"));
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(fields)) if fields.values().all(Value::is_string) => Ok(fields),
        _ => Err(Answer::refusal("OPSQ9997")),
    }
}
