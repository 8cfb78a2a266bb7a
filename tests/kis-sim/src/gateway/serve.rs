//! The gateway port: notes each request, carries out the fault that strikes it, and turns answers into HTTP.

use crate::faults::{Fault, FaultKind};
use crate::gateway::{self, routes};
use crate::http::message::{Reply, Request, Response};
use crate::mode::Mode;
use crate::requests::Received;
use crate::shared::Shared;
use crate::tokens::noise;
use crate::wire::answer::Answer;
use crate::wire::codes;
use crate::world::World;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::thread;
use std::time::{Duration, Instant};

const HTML: &str = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Service Unavailable</h1></body></html>";
const GARBAGE: &[u8] = b"\x00\x01{\"rt_cd\": not json \xff\xfe";
const TOO_LARGE_BYTES: usize = 2 * 1024 * 1024;

/// Answers one request of the gateway port.
pub fn handle(shared: &Shared, request: &Request) -> Reply {
    let arrived = Instant::now();
    let (number, fault) = shared.with(|world| {
        let word = routes::find(&request.method, &request.path).map_or("", |route| route.word);
        let fault = world.faults.strike(word, &symbols_of(request));
        (note(world, request, fault.as_ref(), shared.real_milliseconds()), fault)
    });
    let delay = fault.as_ref().map_or(Duration::ZERO, delay_of);
    if fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::DelayBefore) {
        thread::sleep(delay);
    }
    let (reply, code) = match fault.as_ref().and_then(instead_of_processing) {
        Some((reply, code)) => (reply, code),
        None => process(shared, request, arrived, fault.as_ref()),
    };
    let status = match &reply {
        Reply::Send(response) | Reply::SendHalf(response) => Some(response.status),
        Reply::Close => None,
    };
    shared.with(|world| world.requests.answered(number, status, Some(code).filter(|code| !code.is_empty())));
    if fault.is_some_and(|fault| fault.kind == FaultKind::Delay) {
        thread::sleep(delay);
    }
    match reply {
        Reply::Send(response) => Reply::Send(shared.with(|world| dated(response, world.clock.now()))),
        other => other,
    }
}
