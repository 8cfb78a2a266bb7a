//! A day's bar as a path through the session.
//!
//! Four vertices, straight lines between them: the open at 0, the near extreme at 1/3, the far one at 2/3,
//! the close at 1. A day that closes at or above its open visits its low first, any other its high first:
//!
//! ```text
//! price(t) = p[i] + (p[i+1] − p[i]) × (3t − i),  i = floor(3t),  t = elapsed / length of the session
//! ```
//!
//! A path may stand at the open for a while and walk its three legs in the time that is left.
//!
//! Vertices lie on the tick and within the day's range; a quote is the path rounded to the nearest tick, and an order is marketable
//! exactly while that rounded price is within its limit.

use crate::bars::Bar;
use crate::calendar::Session;
use crate::orders::Side;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

/// A session's path.
#[derive(Debug, Clone)]
pub struct Path {
    vertices: [(DateTime<Utc>, Decimal); 5],
}

impl Path {
    /// Lays the bar over the session, of which it stands at the open until `start`.
    pub fn new(bar: &Bar, session: &Session, start: DateTime<Utc>) -> Path {
        let [open, high, low, close] = prices_on_tick(bar);
        let (near, far) = if bar.close >= bar.open { (low, high) } else { (high, low) };
        let third = (session.close - start) / 3;
        let at = [session.open, start, start + third, start + third * 2, session.close];
        let prices = [open, open, near, far, close];
        Path { vertices: [0, 1, 2, 3, 4].map(|i| (at[i], prices[i])) }
    }

    /// The price at an instant, on the tick; before the open the open, after the close the close.
    pub fn price_at(&self, at: DateTime<Utc>) -> Decimal {
        round_to_tick(self.exact_at(at))
    }

    /// Highest and lowest price up to an instant.
    pub fn range_until(&self, at: DateTime<Utc>) -> (Decimal, Decimal) {
        let now = self.price_at(at);
        let passed = self.vertices.iter().filter(|vertex| vertex.0 <= at).map(|vertex| vertex.1);
        passed.fold((now, now), |(high, low), price| (high.max(price), low.min(price)))
    }

    /// When, within `from..=to`, an order at `limit` first becomes marketable.
    pub fn first_within(
        &self,
        side: Side,
        limit: Decimal,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let (open, close) = (self.vertices[0].0, self.vertices[4].0);
        let (from, to) = (from.max(open), to.min(close));
        if from > to {
            return None;
        }
        if side.accepts(limit, self.price_at(from)) {
            return Some(from);
        }
        let reach = reach_of(side, limit);
        let crossings = self.vertices.windows(2).filter_map(|leg| crossing(side, reach, leg[0], leg[1]));
        crossings.filter(|at| (from..=to).contains(at)).min()
    }

    fn exact_at(&self, at: DateTime<Utc>) -> Decimal {
        if at <= self.vertices[0].0 {
            return self.vertices[0].1;
        }
        let leg = self.vertices.windows(2).find(|leg| at <= leg[1].0);
        leg.map_or(self.vertices[4].1, |leg| {
            let share = milliseconds(at - leg[0].0) / milliseconds(leg[1].0 - leg[0].0);
            leg[0].1 + (leg[1].1 - leg[0].1) * share
        })
    }
}

/// The smallest price step: a cent from one dollar on, a hundredth of a cent below.
pub fn tick_size(price: Decimal) -> Decimal {
    if price >= Decimal::ONE { Decimal::new(1, 2) } else { Decimal::new(1, 4) }
}

/// Rounds to the nearest tick, half a tick up.
pub fn round_to_tick(price: Decimal) -> Decimal {
    price.round_dp_with_strategy(tick_size(price).scale(), RoundingStrategy::MidpointAwayFromZero)
}

/// A bar's four prices on the tick. Bars adjusted for splits are finer; their extremes are rounded inwards.
fn prices_on_tick(bar: &Bar) -> [Decimal; 4] {
    let inwards = |price: Decimal, strategy| price.round_dp_with_strategy(tick_size(price).scale(), strategy);
    let high = inwards(bar.high, RoundingStrategy::ToZero);
    let low = inwards(bar.low, RoundingStrategy::AwayFromZero).min(high);
    [round_to_tick(bar.open).clamp(low, high), high, low, round_to_tick(bar.close).clamp(low, high)]
}

/// The exact price from which rounding brings the path within the limit.
fn reach_of(side: Side, limit: Decimal) -> Decimal {
    let half = tick_size(limit) / Decimal::TWO;
    match side {
        Side::Buy => limit + half,
        Side::Sell => limit - half,
    }
}

/// Where a leg enters the limit, rounded up to the next millisecond.
fn crossing(
    side: Side,
    reach: Decimal,
    start: (DateTime<Utc>, Decimal),
    end: (DateTime<Utc>, Decimal),
) -> Option<DateTime<Utc>> {
    let enters = match side {
        Side::Buy => start.1 > reach && end.1 <= reach,
        Side::Sell => start.1 < reach && end.1 >= reach,
    };
    if !enters {
        return None;
    }
    let share = (reach - start.1) / (end.1 - start.1);
    let offset = (share * milliseconds(end.0 - start.0)).ceil();
    let offset = TimeDelta::milliseconds(i64::try_from(offset).ok()?);
    Some((start.0 + offset).min(end.0))
}

fn milliseconds(span: TimeDelta) -> Decimal {
    Decimal::from(span.num_milliseconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::session_on;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn path(open: &str, high: &str, low: &str, close: &str) -> (Path, Session) {
        let date = "2026-03-10".parse().unwrap();
        let bar =
            Bar { date, open: decimal(open), high: decimal(high), low: decimal(low), close: decimal(close), volume: 1 };
        let session = session_on(date).unwrap();
        (Path::new(&bar, &session, session.open), session)
    }

    #[test]
    fn visits_open_extremes_and_close() {
        let cases = [
            ("100", "110", "90", "105", ["100", "90", "110", "105"]),
            ("105", "110", "90", "100", ["105", "110", "90", "100"]),
        ];
        for (open, high, low, close, expected) in cases {
            let (path, session) = path(open, high, low, close);
            for (minutes, price) in [0, 130, 260, 390].into_iter().zip(expected) {
                assert_eq!(path.price_at(session.open + TimeDelta::minutes(minutes)), decimal(price));
            }
        }
    }

    #[test]
    fn stands_at_the_open_until_its_start() {
        let (_, session) = path("100", "110", "90", "105");
        let date = session.date;
        let [open, high, low, close] = ["100", "110", "90", "105"].map(decimal);
        let bar = Bar { date, open, high, low, close, volume: 1 };
        let path = Path::new(&bar, &session, session.open + TimeDelta::minutes(90));
        let prices =
            [0, 45, 90, 190, 290, 390].map(|minutes| path.price_at(session.open + TimeDelta::minutes(minutes)));
        assert_eq!(prices, [open, open, open, low, high, close]);
    }

    #[test]
    fn finer_prices_stay_within_the_range() {
        let (path, session) = path("10.004", "10.026", "9.996", "10.0255");
        let prices = [0, 130, 260, 390].map(|minutes| path.price_at(session.open + TimeDelta::minutes(minutes)));
        assert_eq!(prices, ["10.00", "10.00", "10.02", "10.02"].map(decimal));
    }

    #[test]
    fn finds_the_first_marketable_instant() {
        let (path, session) = path("100", "110", "90", "105");
        let minute = |minutes| session.open + TimeDelta::minutes(minutes);
        let find = |side, limit: &str, from, to| path.first_within(side, decimal(limit), from, to);
        // Falling from 100 to 90 within 130 minutes: 95.005 is reached after 64 min 56.1 s.
        let buy = find(Side::Buy, "95", minute(0), minute(390)).unwrap();
        assert_eq!((buy - session.open).num_milliseconds(), 3_896_100);
        assert!(path.price_at(buy - TimeDelta::milliseconds(1)) > decimal("95"));
        assert_eq!(find(Side::Buy, "95", minute(0), minute(60)), None);
        assert_eq!(find(Side::Buy, "95", minute(140), minute(390)), Some(minute(140)));
        assert_eq!(find(Side::Buy, "89.99", minute(0), minute(390)), None);
        assert_eq!(find(Side::Buy, "90", minute(0), minute(390)).map(|at| at <= minute(130)), Some(true));
        assert_eq!(find(Side::Sell, "110", minute(131), minute(390)).map(|at| at <= minute(260)), Some(true));
        assert_eq!(find(Side::Sell, "110.01", minute(0), minute(390)), None);
        assert_eq!(find(Side::Buy, "200", minute(-60), minute(390)), Some(session.open));
    }
}
