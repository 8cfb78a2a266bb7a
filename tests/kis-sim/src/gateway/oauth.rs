//! `/oauth2` and hashkey.

use crate::account_id::AccountId;
use crate::events::{About, Kind};
use crate::gateway::call::{Call, Outcome};
use crate::http::message::Request;
use crate::tokens::noise;
use crate::wire::answer::Answer;
use crate::wire::json::{Fields, Node, fields};
use crate::world::World;
use serde_json::{Map, Value};

/// 접근토큰발급(P), `POST /oauth2/tokenP`. One issue a minute; the same token within six hours, with the
/// life and the expiry text of its first issue.
///
/// # Errors
/// HTTP 403 with `error_code`.
pub fn issue_token(world: &mut World, request: &Request) -> Outcome {
    let body = read(request)?;
    match text(&body, "grant_type") {
        None => return Err(Answer::oauth_refusal("EGW00115")),
        Some("client_credentials") => {}
        Some(_) => return Err(Answer::oauth_refusal("EGW00116")),
    }
    let account = check_key(world, &body)?;
    let now = world.clock.now();
    let once_a_minute = world.limits[account.mode.index()].token_per_minute;
    let token = world.tokens.issue(account, now, once_a_minute).ok_or_else(|| Answer::oauth_refusal("EGW00133"))?;
    world.events.add(now, Kind::TokenIssued, Some(account), About::default());
    let mut answer: Fields = fields! {
        "access_token" => token.token,
        "access_token_token_expired" => token.expiry_text,
        "token_type" => "Bearer",
    };
    answer.push(("expires_in", Node::Number(token.expires_in)));
    Ok(Answer::plain(answer))
}

/// 접근토큰폐기(P), `POST /oauth2/revokeP`.
///
/// # Errors
/// HTTP 403 with `error_code`; EGW00122 for a token this key does not have.
pub fn revoke_token(world: &mut World, request: &Request) -> Outcome {
    let body = read(request)?;
    let account = check_key(world, &body)?;
    let token = text(&body, "token").ok_or_else(|| Answer::oauth_refusal("EGW00122"))?;
    let is_known = world.tokens.tokens.iter().any(|known| known.token == token && known.account == account);
    if !is_known {
        return Err(Answer::oauth_refusal("EGW00122"));
    }
    world.tokens.change(Some(token), |token| token.revoked = true);
    Ok(Answer::plain(vec![("code", Node::Number(200)), ("message", "접근토큰 폐기에 성공하였습니다".into())]))
}

/// 실시간 (웹소켓) 접속키 발급, `POST /oauth2/Approval`. The key follows from the app key.
///
/// # Errors
/// HTTP 403 with `error_code`.
pub fn approve(world: &World, request: &Request) -> Outcome {
    let body = read(request)?;
    if text(&body, "grant_type") != Some("client_credentials") {
        return Err(Answer::oauth_refusal("EGW00116"));
    }
    let key = text(&body, "appkey").ok_or_else(|| Answer::oauth_refusal("EGW00102"))?;
    let account = world.account_of_key(key).ok_or_else(|| Answer::oauth_refusal("EGW00103"))?;
    // Here the secret goes by another name.
    let secret = text(&body, "secretkey").ok_or_else(|| Answer::oauth_refusal("EGW00104"))?;
    if secret != account.app_secret() {
        return Err(Answer::oauth_refusal("EGW00105"));
    }
    Ok(Answer::plain(fields! { "approval_key" => approval_key(account) }))
}

/// The key that opens the websocket for an app key.
pub fn approval_key(account: AccountId) -> String {
    let [high, low] = [0, 100].map(|salt| noise(account.index() as u64 + salt));
    let parts = [high >> 32, (high >> 16) & 0xffff, high & 0xffff, low >> 48, low & 0xffff_ffff_ffff];
    format!("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", parts[0], parts[1], parts[2], parts[3], parts[4])
}

/// Hashkey, `POST /uapi/hashkey`: echoes the body with its hash. Needs the key pair but no token.
///
/// # Errors
/// A body that is no object of strings.
pub fn hash_body(call: &Call) -> Outcome {
    let body = Value::Object(call.whole_body().clone());
    Ok(Answer::plain(vec![("BODY", Node::Raw(body)), ("HASH", hash_of(call.whole_body()).into())]))
}

/// The hash of an order body. It depends on keys and values, not on their order.
pub fn hash_of(body: &Map<String, Value>) -> String {
    let mut pairs: Vec<String> = body.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.sort_unstable();
    let seed = pairs.join("&").bytes().fold(0_u64, |hash, byte| noise(hash ^ u64::from(byte)));
    (0..4).map(|step| format!("{:016x}", noise(seed.wrapping_add(step)))).collect()
}

fn read(request: &Request) -> Result<Map<String, Value>, Answer> {
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(Answer::oauth_refusal("EGW00101")),
    }
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn check_key(world: &World, body: &Map<String, Value>) -> Result<AccountId, Answer> {
    let key = text(body, "appkey").ok_or_else(|| Answer::oauth_refusal("EGW00102"))?;
    let account = world.account_of_key(key).ok_or_else(|| Answer::oauth_refusal("EGW00103"))?;
    let secret = text(body, "appsecret").ok_or_else(|| Answer::oauth_refusal("EGW00104"))?;
    if secret == account.app_secret() { Ok(account) } else { Err(Answer::oauth_refusal("EGW00105")) }
}
