//! What a request is about, as far as faults are aimed and the request log tells it, before anything checks it.

use crate::account_id::AccountId;
use crate::faults::Target;
use crate::gateway::routes;
use crate::http::message::Request;
use crate::orders::Side;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// What a fault can be aimed at in a request.
pub fn target_of(request: &Request, at: DateTime<Utc>) -> Target {
    Target {
        endpoint: routes::find(&request.method, &request.path).map_or("", |route| route.word),
        symbols: symbols_of(request),
        side: request.header("tr_id").and_then(side_of),
        account: account_of(request),
        is_next_page: request.header("tr_cont") == Some("N"),
        at,
    }
}

/// The account of its app key, in a header or, for tokens, in the body.
pub fn account_of(request: &Request) -> Option<AccountId> {
    let body = body_of(request);
    let key = request.header("appkey").or_else(|| body.get("appkey").and_then(Value::as_str));
    key.and_then(AccountId::of_app_key)
}

/// The body as JSON, as text when it is none, null when there is none.
pub fn body_of(request: &Request) -> Value {
    if request.body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(&request.body)
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&request.body).into_owned()))
}

/// The side that a TR id orders.
pub fn side_of(tr_id: &str) -> Option<Side> {
    match tr_id {
        "TTTT1002U" | "VTTT1002U" | "JTTT1002U" | "TTTT3014U" | "VTTT3014U" | "TTTS6036U" => Some(Side::Buy),
        "TTTT1006U" | "VTTT1001U" | "JTTT1006U" | "VTTT1006U" | "TTTS6037U" => Some(Side::Sell),
        _ => None,
    }
}

/// Symbols in its query or its body.
fn symbols_of(request: &Request) -> Vec<String> {
    let is_symbol = |name: &str| name == "PDNO" || name == "ITEM_CD" || name.starts_with("SYMB");
    let in_query = request.query.iter().filter(|pair| is_symbol(&pair.0)).map(|pair| pair.1.clone());
    let in_body = body_of(request).get("PDNO").and_then(Value::as_str).map(str::to_owned);
    in_query.chain(in_body).collect()
}
