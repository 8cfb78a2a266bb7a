//! A line over time as plain SVG, with the labels beside the drawing, so that both keep their size on every screen.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::market_session::new_york_as;
use crate::report::page::html::escape;

/// The drawing's own units, each way.
const SIZE: i64 = 10_000;

pub struct Chart<'a> {
    /// Unique in the page.
    pub id: &'a str,
    pub title: &'a str,
    /// For screen readers.
    pub description: String,
    /// By time.
    pub points: &'a [(DateTime<Utc>, Decimal)],
    /// The part of the line in the future.
    pub ahead: &'a [(DateTime<Utc>, Decimal)],
    /// Labelled heights, lowest first; the first and the last are the chart's edges.
    pub marks: Vec<(Decimal, String)>,
}

impl Chart<'_> {
    /// The chart as markup; nothing without two points.
    pub fn to_html(&self) -> String {
        let (Some((from, _)), Some((until, _))) = (self.points.first(), self.ahead.last().or(self.points.last()))
        else {
            return String::new();
        };
        let (Some((low, _)), Some((high, _))) = (self.marks.first(), self.marks.last()) else { return String::new() };
        let place =
            |(at, value): &(DateTime<Utc>, Decimal)| (along(*at, *from, *until), SIZE - upward(*value, *low, *high));
        let path = |points: &[(DateTime<Utc>, Decimal)]| {
            points.iter().map(place).map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
        };
        let last = self.points.last().map(place).unwrap_or_default();
        let area = format!("0,{SIZE} {} {},{SIZE}", path(self.points), last.0);
        let (mut grid, mut labels) = (String::new(), String::new());
        for (value, label) in &self.marks {
            let y = percent(SIZE - upward(*value, *low, *high));
            grid += &format!("<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>");
            labels += &format!("<span style=\"top:{y}\">{}</span>", escape(label));
        }
        let ahead = match self.ahead {
            [] => String::new(),
            ahead => format!("<polyline class=\"ahead\" points=\"{}\"/>", path(ahead)),
        };
        format!(
            "<figure class=\"chart\"><div class=\"plot\">\
             <svg role=\"img\" aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">{title}</title>\
             <desc id=\"{id}-desc\">{description}</desc>{grid}\
             <svg viewBox=\"0 0 {SIZE} {SIZE}\" preserveAspectRatio=\"none\"><polygon class=\"area\" points=\"{area}\"/>\
             <polyline class=\"line\" points=\"{line}\"/>{ahead}</svg>\
             <circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"4\"/></svg>\
             <div class=\"y\" aria-hidden=\"true\">{labels}</div></div>\
             <div class=\"x\" aria-hidden=\"true\">{times}</div></figure>\n",
            id = self.id,
            title = escape(self.title),
            description = escape(&self.description),
            line = path(self.points),
            x = percent(last.0),
            y = percent(last.1),
            times = time_labels(*from, *until),
        )
    }
}

/// Round heights around the values: three to six of them, the first at or below all, the last at or above.
pub fn round_marks(values: impl Iterator<Item = Decimal> + Clone) -> Vec<Decimal> {
    let (Some(low), Some(high)) = (values.clone().min(), values.max()) else { return Vec::new() };
    let span = high.saturating_sub(low).max(high.abs() / Decimal::ONE_THOUSAND).max(Decimal::ONE);
    // One, two, five, ten, twenty, fifty …: the first that covers the span in four steps.
    let mut steps = (0..60).filter_map(|turn: u32| {
        let cents = 10_u64.checked_pow(turn / 3)?.checked_mul([1, 2, 5][(turn % 3) as usize])?;
        Some(Decimal::from(cents) / Decimal::ONE_HUNDRED)
    });
    let Some(step) = steps.find(|step| *step * Decimal::from(4) >= span) else { return vec![low, high] };
    let first = (low / step).floor() * step;
    let marks = std::iter::successors(Some(first), |mark| mark.checked_add(step).filter(|_| *mark < high));
    let mut marks: Vec<Decimal> = marks.take(8).collect();
    if let [only] = marks[..] {
        marks.push(only.saturating_add(step));
    }
    marks
}

/// The place of an instant between two others, in the drawing's units.
pub fn along(at: DateTime<Utc>, from: DateTime<Utc>, until: DateTime<Utc>) -> i64 {
    let span = (until - from).num_seconds().max(1);
    ((at - from).num_seconds().saturating_mul(SIZE) / span).clamp(0, SIZE)
}

fn upward(value: Decimal, low: Decimal, high: Decimal) -> i64 {
    let span = high.saturating_sub(low).max(Decimal::new(1, 6));
    let share = value.saturating_sub(low).checked_div(span).and_then(|share| share.checked_mul(Decimal::from(SIZE)));
    share.and_then(|share| share.round().to_i64()).unwrap_or(0).clamp(0, SIZE)
}

/// The drawing's units as CSS and SVG take them.
pub fn percent(units: i64) -> String {
    format!("{}.{:02}%", units / 100, units % 100)
}

/// Five times below the line, none of them twice; a narrow screen shows the first, the middle and the last.
fn time_labels(from: DateTime<Utc>, until: DateTime<Utc>) -> String {
    let span = until - from;
    let format = match span {
        span if span <= TimeDelta::hours(30) => "%H:%M %Z",
        span if span <= TimeDelta::days(4) => "%-d %b %H:%M",
        span if span <= TimeDelta::days(300) => "%-d %b",
        _ => "%b %Y",
    };
    let mut labels: Vec<String> = (0..=4).map(|part| new_york_as(from + span * part / 4, format)).collect();
    for part in (1..=4).rev() {
        if labels[part] == labels[part - 1] {
            labels[part].clear();
        }
    }
    labels.iter().map(|label| format!("<span>{label}</span>")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::at;

    fn decimals(values: &[&str]) -> Vec<Decimal> {
        values.iter().map(|value| value.parse().unwrap()).collect()
    }

    #[test]
    fn marks_are_round_and_enclose_the_values() {
        for (values, marks) in [
            (&["9900.10", "10203.44"][..], &["9900", "10000", "10100", "10200", "10300"][..]),
            (&["10000", "10000"], &["10000", "10005"]),
            (&["0", "0"], &["0", "0.5"]),
            (&["-50", "120"], &["-50", "0", "50", "100", "150"]),
            (&["0.2", "0.3"], &["0", "0.5"]),
            (&["1000000", "9000000"], &["0", "2000000", "4000000", "6000000", "8000000", "10000000"]),
        ] {
            assert_eq!(round_marks(decimals(values).into_iter()), decimals(marks), "{values:?}");
        }
        assert_eq!(round_marks(std::iter::empty()), []);
        assert!(!round_marks([Decimal::MIN, Decimal::MAX].into_iter()).is_empty());
        assert!(!round_marks([Decimal::MAX, Decimal::MAX].into_iter()).is_empty());
    }

    #[test]
    fn places_keep_inside_the_drawing() {
        let (from, until) = (at("10:00:00"), at("12:00:00"));
        for (wall, units) in
            [("09:00:00", 0), ("10:00:00", 0), ("10:30:00", 2_500), ("12:00:00", SIZE), ("13:00:00", SIZE)]
        {
            assert_eq!(along(at(wall), from, until), units, "{wall}");
        }
        assert_eq!(along(from, from, from), 0);
        assert_eq!((percent(0), percent(2_505), percent(SIZE)), ("0.00%".into(), "25.05%".into(), "100.00%".into()));
        let [low, half, high] = [0, 5, 10].map(Decimal::from);
        assert_eq!([low, half, high].map(|value| upward(value, low, high)), [0, 5_000, SIZE]);
        assert_eq!(upward(half, low, low), SIZE, "no span");
    }

    #[test]
    fn one_point_is_no_line() {
        let chart = |points| Chart {
            id: "c",
            title: "T",
            description: "<D>".to_owned(),
            points,
            ahead: &[],
            marks: vec![(Decimal::ZERO, "0".to_owned()), (Decimal::TEN, "10".to_owned())],
        };
        assert_eq!(chart(&[]).to_html(), "");
        let points = [(at("10:00:00"), Decimal::ZERO), (at("11:00:00"), Decimal::TEN)];
        let html = chart(&points).to_html();
        assert!(html.contains("points=\"0,10000 10000,0\"") && html.contains("&lt;D&gt;"), "{html}");
    }
}
