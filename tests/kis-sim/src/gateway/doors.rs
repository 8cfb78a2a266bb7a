//! What a `/uapi` request must pass before anything looks at its content: key pair, token, TR id, limits.

use crate::account_id::AccountId;
use crate::gateway::routes::{self, Endpoint, Route};
use crate::http::message::Request;
use crate::limits::Exceeded;
use crate::tokens::Refusal;
use crate::wire::answer::Answer;
use crate::world::World;
use std::time::Instant;

/// Lets a request in, or says with which error KIS turns it away.
///
/// # Errors
/// The answer that turns it away. The `error_status` switch has been applied.
pub fn admit(
    world: &mut World,
    request: &Request,
    route: Option<&Route>,
    arrived: Instant,
) -> Result<AccountId, Answer> {
    let checked = check(world, request, route, arrived);
    checked.map_err(|code| {
        let mut answer = Answer::refusal(code);
        if crate::wire::codes::has_switched_status(code) {
            answer.status = world.quirks.error_status;
        }
        answer
    })
}

fn check(
    world: &mut World,
    request: &Request,
    route: Option<&Route>,
    arrived: Instant,
) -> Result<AccountId, &'static str> {
    let is_hashkey = route.is_some_and(|route| route.endpoint == Endpoint::Hashkey);
    let token = if is_hashkey { None } else { Some(bearer(request)?) };
    let account = check_key_pair(world, request)?;
    if let Some(token) = token {
        let now = world.clock.now();
        world.tokens.check(token, account, now).map_err(|refusal| match refusal {
            Refusal::Invalid => "EGW00121",
            Refusal::Expired => "EGW00123",
        })?;
        let tr_id = request.header("tr_id").filter(|tr_id| !tr_id.is_empty()).ok_or("OPSQ9999")?;
        routes::check_tr_id(route, account.mode, tr_id, &world.quirks)?;
    }
    check_remaining_headers(request, route)?;
    let is_ledger = route.is_some_and(|route| route.is_ledger);
    let limits = world.limits[account.mode.index()];
    let refused_count = world.quirks.refused_requests_count;
    world.windows.admit(limits, account, is_ledger, refused_count, arrived).map_err(|exceeded| match exceeded {
        Exceeded::Gateway => "EGW00201",
        Exceeded::Ledger => "EGW00215",
    })?;
    Ok(account)
}

fn bearer(request: &Request) -> Result<&str, &'static str> {
    let authorization = request.header("authorization").filter(|value| !value.is_empty()).ok_or("EGW00121")?;
    authorization.strip_prefix("Bearer ").ok_or("EGW00205")
}

fn check_key_pair(world: &World, request: &Request) -> Result<AccountId, &'static str> {
    let key = request.header("appkey").filter(|key| !key.is_empty()).ok_or("EGW00102")?;
    let account = world.account_of_key(key).ok_or("EGW00103")?;
    let secret = request.header("appsecret").filter(|secret| !secret.is_empty()).ok_or("EGW00104")?;
    if secret == account.app_secret() { Ok(account) } else { Err("EGW00304") }
}

/// `custtype` is only asked for by multprice; a wrong one is refused everywhere.
fn check_remaining_headers(request: &Request, route: Option<&Route>) -> Result<(), &'static str> {
    let needs_customer_type = route.is_some_and(|route| route.endpoint == Endpoint::MultiPrice);
    match request.header("custtype") {
        Some("P" | "B") => {}
        None if !needs_customer_type => {}
        _ => return Err("EGW00208"),
    }
    let content_type = request.header("content-type").unwrap_or("application/json");
    if request.method == "POST" && !content_type.to_lowercase().starts_with("application/json") {
        return Err("EGW00132");
    }
    Ok(())
}
