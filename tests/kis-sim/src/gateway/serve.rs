//! The gateway port: notes each request, carries out the fault that strikes it, and turns answers into HTTP.

use crate::clock;
use crate::faults::{Fault, FaultKind};
use crate::gateway::{self, aim};
use crate::http::message::{Reply, Request, Response};
use crate::limits::Limits;
use crate::requests::Received;
use crate::shared::Shared;
use crate::tokens::noise;
use crate::wire::answer::Answer;
use crate::wire::codes;
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use std::time::{Duration, Instant};

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str =
    "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Service Unavailable</h1></body></html>";
const GARBAGE: &[u8] = b"\x00\x01{\"rt_cd\": not json \xff\xfe";
const TOO_LARGE_BYTES: usize = 2 * 1024 * 1024;

/// How soon a delay sees that its fault is gone.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A reply, and the `msg_cd` or `error_code` it carries.
struct Outcome {
    reply: Reply,
    code: String,
}

/// Answers one request of the gateway port.
pub fn handle(shared: &Shared, request: &Request) -> Reply {
    if request.wants_websocket() {
        return Reply::Upgrade;
    }
    let arrived = clock::real_instant();
    let (number, struck) = shared.with(|world| {
        let target = aim::target_of(request, world.clock.now());
        let struck = world.faults.strike(&target);
        world.touched |= struck.is_some();
        (note(world, request, struck.as_ref().map(|(_, fault)| fault), shared.real_milliseconds()), struck)
    });
    let Some((id, fault)) = struck else {
        return finish(shared, number, process(shared, request, arrived));
    };
    let delay = Duration::try_from_secs_f64(fault.seconds.unwrap_or_default()).unwrap_or_default();
    if fault.kind == FaultKind::DelayBefore {
        wait_out(shared, id, delay);
    }
    let outcome = match instead_of_processing(shared, request, &fault) {
        Some(outcome) => outcome,
        None => spoil(&fault, process_with(shared, request, arrived, &fault)),
    };
    let reply = finish(shared, number, outcome);
    if fault.kind == FaultKind::Delay {
        wait_out(shared, id, delay);
    }
    reply
}

/// Lets the time of a delay pass, or what is left of it when its fault is removed.
fn wait_out(shared: &Shared, id: u64, delay: Duration) {
    let mut left = delay;
    while !left.is_zero() && shared.with(|world| world.faults.holds(id)) {
        let step = left.min(LOOK_EVERY);
        clock::sleep(step);
        left -= step;
    }
}

fn finish(shared: &Shared, number: u64, outcome: Outcome) -> Reply {
    let status = match &outcome.reply {
        Reply::Send(response) | Reply::SendHalf(response) => Some(response.status),
        Reply::Close | Reply::Upgrade => None,
    };
    let code = Some(outcome.code).filter(|code| !code.is_empty());
    shared.with(|world| world.requests.answered(number, status, code));
    outcome.reply
}

fn process(shared: &Shared, request: &Request, arrived: Instant) -> Outcome {
    shared.with(|world| {
        world.touched |= request.method != "GET";
        let is_unknown =
            gateway::routes::find(&request.method, &request.path).is_none() && !request.path.starts_with("/uapi/");
        if is_unknown {
            let response = respond(world, request, 404, "text/html", Vec::new());
            return Outcome { reply: Reply::Send(response), code: String::new() };
        }
        let answer = gateway::answer(world, request, arrived);
        outcome_of(world, request, answer)
    })
}

/// A duplicate reaches the broker twice; the client sees the first answer.
fn process_with(shared: &Shared, request: &Request, arrived: Instant, fault: &Fault) -> Outcome {
    let outcome = process(shared, request, arrived);
    if fault.kind == FaultKind::Duplicate {
        shared.with(|world| {
            // The doors count the second arrival too, which must not stop it.
            let lifted =
                world.limits.map(|limits| Limits { token_per_minute: limits.token_per_minute, ..Limits::LIFTED });
            let limits = std::mem::replace(&mut world.limits, lifted);
            gateway::answer(world, request, arrived);
            world.limits = limits;
        });
    }
    outcome
}

fn outcome_of(world: &World, request: &Request, answer: Answer) -> Outcome {
    let mut response = respond(world, request, answer.status, JSON, answer.body.to_bytes());
    response.headers.push(("tr_cont".to_owned(), answer.continuation.to_owned()));
    if answer.is_canned {
        // Capitalised, because KIS's sample client makes a variable of each name in lower case.
        response.headers.push(("X-Kis-Sim".to_owned(), "canned".to_owned()));
    }
    Outcome { reply: Reply::Send(response), code: answer.code }
}

/// A response with the headers all of KIS's have; `Date` follows the simulated clock. HTTP's own names are capitalised, KIS's are in
/// lower case: its sample client makes a variable of each that is.
fn respond(world: &World, request: &Request, status: u16, content_type: &str, body: Vec<u8>) -> Response {
    let now = world.clock.now();
    let high = noise(world.requests.count());
    let mut headers = vec![
        ("Date".to_owned(), http_date(now + TimeDelta::seconds(i64::from(world.quirks.date_offset_seconds)))),
        ("Content-Type".to_owned(), content_type.to_owned()),
        ("gt_uid".to_owned(), format!("{high:016x}{:016x}", noise(high))),
    ];
    if let Some(tr_id) = request.header("tr_id").filter(|tr_id| !tr_id.contains(['\r', '\n'])) {
        headers.push(("tr_id".to_owned(), tr_id.to_owned()));
    }
    Response { status, headers, body }
}

/// Faults that keep a request from being processed.
fn instead_of_processing(shared: &Shared, request: &Request, fault: &Fault) -> Option<Outcome> {
    let send = |status: u16, content_type: &str, body: Vec<u8>| {
        shared.with(|world| respond(world, request, status, content_type, body))
    };
    let code = fault.code.clone().unwrap_or_default();
    match fault.kind {
        FaultKind::DropBefore => Some(Outcome { reply: Reply::Close, code: String::new() }),
        FaultKind::StatusBefore => {
            let response = send(fault.status.unwrap_or(500), "text/html", body_bytes(fault, HTML));
            Some(Outcome { reply: Reply::Send(response), code: String::new() })
        }
        FaultKind::Redirect => {
            let mut response = send(302, "text/html", Vec::new());
            response.headers.push(("Location".to_owned(), fault.location.clone().unwrap_or_default()));
            Some(Outcome { reply: Reply::Send(response), code: String::new() })
        }
        FaultKind::Code => Some(shared.with(|world| {
            let answer = scripted_error(world, request, &code, fault);
            outcome_of(world, request, answer)
        })),
        FaultKind::Reject => {
            let message = fault.message.as_deref().unwrap_or(codes::text_of(&code));
            let answer =
                Answer::error(fault.status.unwrap_or(200), fault.rt_cd.as_deref().unwrap_or("7"), &code, message);
            Some(shared.with(|world| outcome_of(world, request, answer)))
        }
        _ => None,
    }
}

/// One of KIS's errors as the endpoint would give it.
fn scripted_error(world: &World, request: &Request, code: &str, fault: &Fault) -> Answer {
    if request.path.starts_with("/oauth2/") {
        return Answer::oauth_refusal(code);
    }
    let mut answer = match &fault.message {
        Some(message) => Answer::refusal_with(code, message),
        None => Answer::refusal(code),
    };
    if codes::has_switched_status(code) {
        answer.status = world.quirks.error_status;
    }
    answer.status = fault.status.unwrap_or(answer.status);
    answer
}

/// Faults that strike the answer of a processed request.
fn spoil(fault: &Fault, outcome: Outcome) -> Outcome {
    let Reply::Send(mut response) = outcome.reply else { return outcome };
    let mut html_status = None;
    match fault.kind {
        FaultKind::DropAfter => return Outcome { reply: Reply::Close, code: outcome.code },
        FaultKind::Truncated => return Outcome { reply: Reply::SendHalf(response), code: outcome.code },
        FaultKind::StatusAfter => {
            (html_status, response.body) = (Some(fault.status.unwrap_or(500)), body_bytes(fault, HTML))
        }
        FaultKind::Garbage => (response.status, response.body) = (200, GARBAGE.to_vec()),
        FaultKind::Html => (html_status, response.body) = (Some(200), HTML.as_bytes().to_vec()),
        FaultKind::Empty => (response.status, response.body) = (200, Vec::new()),
        FaultKind::TooLarge => response.body = too_large(),
        FaultKind::Replace => {
            response.body = fault.body.as_ref().map_or(response.body, text_of);
            response.status = fault.status.unwrap_or(response.status);
        }
        _ => {}
    }
    if let Some(status) = html_status {
        response.status = status;
        set_header(&mut response, "Content-Type", &Value::from("text/html"));
    }
    for (name, value) in fault.headers.iter().flatten() {
        set_header(&mut response, name, value);
    }
    Outcome { reply: Reply::Send(response), code: outcome.code }
}

/// Sets a header; null removes it.
fn set_header(response: &mut Response, name: &str, value: &Value) {
    response.headers.retain(|header| !header.0.eq_ignore_ascii_case(name));
    if !value.is_null() {
        response.headers.push((name.to_owned(), String::from_utf8_lossy(&text_of(value)).into_owned()));
    }
}

fn body_bytes(fault: &Fault, default: &str) -> Vec<u8> {
    fault.body.as_ref().map_or_else(|| default.as_bytes().to_vec(), text_of)
}

/// Text as it is, other JSON printed.
fn text_of(value: &Value) -> Vec<u8> {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).into_bytes()
}

fn too_large() -> Vec<u8> {
    let mut body = br#"{"rt_cd":"0","msg1":""#.to_vec();
    body.resize(TOO_LARGE_BYTES - 2, b' ');
    body.extend(br#""}"#);
    body
}

fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn note(world: &mut World, request: &Request, fault: Option<&Fault>, real_ms: u64) -> u64 {
    let pairs = |pairs: &[(String, String)]| {
        pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect::<Map<_, _>>()
    };
    let account = aim::account_of(request);
    let received = Received {
        n: 0,
        at: world.clock.now(),
        real_ms,
        method: request.method.clone(),
        path: request.path.clone(),
        tr_id: request.header("tr_id").map(str::to_owned),
        mode: account.map(|account| account.mode),
        account,
        token: request.header("authorization").map(|value| value.trim_start_matches("Bearer ").to_owned()),
        headers: pairs(&request.headers),
        query: pairs(&request.query),
        body: aim::body_of(request),
        status: None,
        msg_cd: None,
        fault: fault.and_then(|fault| serde_json::to_value(fault.kind).ok()),
    };
    world.requests.add(received)
}
