//! What a `/uapi` request must pass before anything looks at its content: key pair, token, TR id, limits.

use crate::gateway::routes::{self, Endpoint, Route};
use crate::http::message::Request;
use crate::limits::Exceeded;
use crate::mode::Mode;
use crate::tokens::Refusal;
use crate::wire::answer::Answer;
use crate::world::World;
use std::time::Instant;

/// Lets a request in, or says with which error KIS turns it away.
///
/// # Errors
/// The answer that turns it away. The `error_status` switch has been applied.
pub fn admit(world: &mut World, request: &Request, route: Option<&Route>, arrived: Instant) -> Result<Mode, Answer> {
    let checked = check(world, request, route, arrived);
    checked.map_err(|code| {
        let mut answer = Answer::refusal(code);
        if crate::wire::codes::has_switched_status(code) {
            answer.status = world.quirks.error_status;
        }
        answer
    })
}

fn check(world: &mut World, request: &Request, route: Option<&Route>, arrived: Instant) -> Result<Mode, &'static str> {
    let is_hashkey = route.is_some_and(|route| route.endpoint == Endpoint::Hashkey);
    let token = if is_hashkey { None } else { Some(bearer(request)?) };
    let mode = check_key_pair(request)?;
    if let Some(token) = token {
        let now = world.clock.now();
        world.tokens.check(token, mode, now).map_err(|refusal| match refusal {
            Refusal::Invalid => "EGW00121",
            Refusal::Expired => "EGW00123",
        })?;
        let tr_id = request.header("tr_id").filter(|tr_id| !tr_id.is_empty()).ok_or("OPSQ9999")?;
        routes::check_tr_id(route, mode, tr_id, &world.quirks)?;
    }
    check_remaining_headers(request, route)?;
    let is_ledger = route.is_some_and(|route| route.is_ledger);
    let limits = world.limits[mode.index()];
    let refused_count = world.quirks.refused_requests_count;
    world.windows.admit(limits, mode, is_ledger, refused_count, arrived).map_err(|exceeded| match exceeded {
        Exceeded::Gateway => "EGW00201",
        Exceeded::Ledger => "EGW00215",
    })?;
    Ok(mode)
}

fn bearer(request: &Request) -> Result<&str, &'static str> {
    let authorization = request.header("authorization").filter(|value| !value.is_empty()).ok_or("EGW00121")?;
    authorization.strip_prefix("Bearer ").ok_or("EGW00205")
}

fn check_key_pair(request: &Request) -> Result<Mode, &'static str> {
    let key = request.header("appkey").filter(|key| !key.is_empty()).ok_or("EGW00102")?;
    let mode = Mode::of_app_key(key).ok_or("EGW00103")?;
    let secret = request.header("appsecret").filter(|secret| !secret.is_empty()).ok_or("EGW00104")?;
    if secret == mode.app_secret() { Ok(mode) } else { Err("EGW00304") }
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
