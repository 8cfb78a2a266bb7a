//! `[gateway]`: where requests go, how many, and how long they may take.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::config::base_url::{self, Origin};
use crate::config::numbers::times;
use crate::config::reader::{Reader, from_to};
use crate::config::settings::{SECOND, seconds};
use crate::config::words::values::{self, Note, Range};
use crate::domain::Mode;
use crate::language::counts::Entries;

pub(super) const TENTH: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

/// Which ranges rates and times must keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    /// Those that KIS needs.
    Kis,
    /// The wider ones of a simulated gateway; also for a refused address, since which of the two was meant is unknown.
    Loopback,
}

impl Bounds {
    /// The lower end of a range that is wider with a gateway on loopback.
    pub(super) fn least<T>(self, loopback: T, kis: T) -> T {
        if self == Bounds::Loopback { loopback } else { kis }
    }
}

section! {
    /// `[gateway]`
    GatewaySettings(reader, mode: Option<Mode>, origin: Origin, bounds: Bounds) {
        /// Origin without a trailing slash: KIS's own of the mode, or plain http to loopback.
        base_url: String = origin.url,
        /// True when `base_url` is a literal loopback address.
        is_loopback: bool = origin.is_loopback,
        /// Limit of one request.
        timeout: Duration =
            seconds(reader, "gateway.timeout_seconds", from_to(bounds.least(TENTH, Decimal::ONE), 120), 10),
        /// Requests a second, shared by all processes on the state directory.
        requests_per_second: Decimal = reader
            .number("gateway.requests_per_second", rate_range(mode, bounds))
            .unwrap_or(if mode == Some(Mode::Real) { Decimal::from(15) } else { Decimal::new(9, 1) }),
        /// Ledger requests a second.
        ledger_requests_per_second: Decimal = reader
            .number("gateway.ledger_requests_per_second", rate_range(mode, bounds))
            .unwrap_or(Decimal::ONE),
        /// When a lost order answer is looked up in the same run, counted from the loss.
        settle_after: Vec<Duration> = read_settle(reader, bounds).unwrap_or_else(|| vec![2 * SECOND, 10 * SECOND]),
    }
}

/// Reads `base_url`. `mode` is `None` when what the file says can't be understood.
pub(super) fn read_origin(reader: &mut Reader<'_>, mode: Option<Mode>) -> (Origin, Bounds) {
    let written = reader.text("gateway.base_url").and_then(|(found, url)| {
        let checked = base_url::check(url, mode);
        checked.map_err(|must| reader.refuse_as(&found, &base_url::show(url), must)).ok()
    });
    let is_refused = written.is_none() && (reader.has("gateway.base_url") || reader.is_broken());
    let origin = written.unwrap_or_else(|| base_url::own_origin(mode.unwrap_or(Mode::Paper)));
    let bounds = if origin.is_loopback || is_refused { Bounds::Loopback } else { Bounds::Kis };
    (origin, bounds)
}

/// KIS allows 18 requests a second with real accounts, 1 with paper ones.
fn rate_range(mode: Option<Mode>, bounds: Bounds) -> Range {
    match mode {
        _ if bounds == Bounds::Loopback => from_to(TENTH, 10_000).note(Note::WithLoopback),
        Some(Mode::Paper) => from_to(TENTH, 1).note(Note::PaperLimit),
        _ => from_to(TENTH, 18).note(Note::RealLimit),
    }
}

fn read_settle(reader: &mut Reader<'_>, bounds: Bounds) -> Option<Vec<Duration>> {
    let key = "gateway.settle_seconds";
    let note = bounds.least(Note::Nothing, Note::LessWithLoopback);
    let seconds = reader.numbers(key, from_to(bounds.least(0, 2), 300).note(note))?;
    if !(1..=5).contains(&seconds.len()) {
        reader.object(key, |label| values::settle_count(label, Entries::from(seconds.len())));
    } else if !seconds.is_sorted() {
        reader.object(key, values::settle_out_of_order);
    }
    seconds.into_iter().map(|amount| times(SECOND, amount)).collect()
}
