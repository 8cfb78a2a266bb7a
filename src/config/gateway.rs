//! `[gateway]`: where requests go, and how many and how patiently.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::config::GatewaySettings;
use crate::config::base_url::{self, Origin};
use crate::config::reader::{Range, Reader, from_to, times};
use crate::config::settings::SECOND;
use crate::domain::mode::Mode;

/// Which ranges rates and times must keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    /// Those that KIS needs.
    Kis,
    /// The wider ones of a simulated gateway; also while the address is refused, for nobody knows which was meant.
    Loopback,
}

/// Reads `[gateway]`. `mode` is `None` when the file does not say it in a way that can be understood.
pub(super) fn read_gateway(reader: &mut Reader<'_>, mode: Option<Mode>) -> (GatewaySettings, Bounds) {
    let written = read_origin(reader, mode);
    let is_refused = written.is_none() && (reader.has("gateway.base_url") || reader.is_broken());
    let origin = written.unwrap_or_else(|| base_url::own_origin(mode.unwrap_or(Mode::Paper)));
    let bounds = if origin.is_loopback || is_refused { Bounds::Loopback } else { Bounds::Kis };
    let rate = rate_range(mode, bounds);
    let least_timeout = if bounds == Bounds::Loopback { Decimal::new(1, 1) } else { Decimal::ONE };
    let default_rate = if mode == Some(Mode::Real) { Decimal::from(15) } else { Decimal::new(9, 1) };
    let gateway = GatewaySettings {
        timeout: reader.time("gateway.timeout_seconds", SECOND, from_to(least_timeout, 120)).unwrap_or(10 * SECOND),
        requests_per_second: reader.number("gateway.requests_per_second", rate).unwrap_or(default_rate),
        ledger_requests_per_second: reader.number("gateway.ledger_requests_per_second", rate).unwrap_or(Decimal::ONE),
        settle_after: read_settle(reader, bounds).unwrap_or_else(|| vec![2 * SECOND, 10 * SECOND]),
        base_url: origin.url,
        is_loopback: origin.is_loopback,
    };
    (gateway, bounds)
}

fn read_origin(reader: &mut Reader<'_>, mode: Option<Mode>) -> Option<Origin> {
    let (found, url) = reader.text("gateway.base_url")?;
    let checked = base_url::check(url, mode);
    if let Err(must) = &checked {
        reader.refuse_as(&found, &base_url::show(url), must);
    }
    checked.ok()
}

/// KIS allows 18 requests a second with real accounts, 1 with paper ones.
fn rate_range(mode: Option<Mode>, bounds: Bounds) -> Range {
    let least = Decimal::new(1, 1);
    match mode {
        _ if bounds == Bounds::Loopback => from_to(least, 10_000).note(" with a loopback gateway"),
        Some(Mode::Paper) => from_to(least, 1).note(", KIS's limit with mode \"paper\""),
        _ => from_to(least, 18).note(", KIS's limit with mode \"real\""),
    }
}

fn read_settle(reader: &mut Reader<'_>, bounds: Bounds) -> Option<Vec<Duration>> {
    let key = "gateway.settle_seconds";
    let range = match bounds {
        Bounds::Loopback => from_to(0, 300),
        Bounds::Kis => from_to(2, 300).note(" (less only with a loopback gateway)"),
    };
    let seconds = reader.numbers(key, range)?;
    if !(1..=5).contains(&seconds.len()) {
        reader.object(key, format_args!("has {} entries: it must have from 1 to 5", seconds.len()));
    } else if !seconds.is_sorted() {
        reader.object(key, "must ascend, such as [2, 10]: every entry counts from the loss of the answer");
    }
    seconds.into_iter().map(|amount| times(SECOND, amount)).collect()
}
