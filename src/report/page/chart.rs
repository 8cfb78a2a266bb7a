//! A line over time as plain SVG, with the labels beside the drawing, so that both keep their size on every screen.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::report::page::html::escape;

/// The drawing's own units, each way.
const SIZE: i64 = 10_000;
/// So close to each other signs of a kind would hide each other.
const SIGN_WIDTH: i64 = SIZE / 60;
/// Points of a line: no screen of a phone or a desk tells more apart.
const MAX_POINTS: usize = 180;

pub struct Chart<'a> {
    /// Unique in the page.
    pub id: &'a str,
    pub title: String,
    /// For screen readers.
    pub description: String,
    /// By time.
    pub points: &'a [(DateTime<Utc>, Decimal)],
    /// A second line to compare with, by the same times; may be empty.
    pub other: &'a [(DateTime<Utc>, Decimal)],
    /// What happened on the way, by time.
    pub signs: &'a [(DateTime<Utc>, Sign)],
    /// Labelled heights, lowest first; the first and the last are the chart's edges.
    pub marks: Vec<(Decimal, String)>,
    /// Five texts below the line, at equal distances.
    pub times: Vec<String>,
}

/// What is marked on a line. Each has a shape of its own; [`SHAPES`] has the drawings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    Transfer,
    Buy,
    Sell,
}

impl Sign {
    fn shape(self) -> &'static str {
        match self {
            Sign::Transfer => "sign-transfer",
            Sign::Buy => "sign-buy",
            Sign::Sell => "sign-sell",
        }
    }
}

/// The drawings of the signs, once a page: a buy points at the line from below, a sell from above.
pub const SHAPES: &str = "<svg class=\"shapes\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\
    <path id=\"sign-buy\" class=\"buy\" d=\"M0 4 5 13-5 13z\"/><path id=\"sign-sell\" class=\"sell\" d=\"M0-4 5-13-5-13z\"/>\
    <path id=\"sign-transfer\" class=\"transfer\" d=\"M0-7 7 0 0 7-7 0z\"/></defs></svg>\n";

/// The two lines in a legend.
pub fn legend_of_lines(words: &str, other: &str) -> String {
    let line =
        |class: &str, words: &str| format!("<span><svg><path class=\"{class}\" d=\"M0 7H14\"/></svg>{words}</span>");
    line("line", words) + &line("line other", other)
}

/// A sign in a legend.
pub fn legend(sign: Sign, words: &str) -> String {
    let y = match sign {
        Sign::Transfer => 7,
        Sign::Buy => -2,
        Sign::Sell => 16,
    };
    format!("<span><svg><use href=\"#{}\" x=\"7\" y=\"{y}\"/></svg>{words}</span>", sign.shape())
}

impl Chart<'_> {
    /// The chart as markup; nothing without two points.
    pub fn to_html(&self) -> String {
        let (Some((from, _)), Some((until, _))) = (self.points.first(), self.points.last()) else {
            return String::new();
        };
        let (Some((low, _)), Some((high, _))) = (self.marks.first(), self.marks.last()) else { return String::new() };
        let place =
            |(at, value): &(DateTime<Utc>, Decimal)| (along(*at, *from, *until), SIZE - upward(*value, *low, *high));
        let line_of = |points| -> String {
            let places = thinned(points).map(place).map(|(x, y)| format!("{x},{y}"));
            places.collect::<Vec<_>>().join(" ")
        };
        let line = line_of(self.points);
        let other = match line_of(self.other) {
            points if points.is_empty() => points,
            points => format!("<polyline class=\"line other\" points=\"{points}\"/>"),
        };
        let (mut grid, mut labels) = (String::new(), String::new());
        for (value, label) in &self.marks {
            let y = percent(SIZE - upward(*value, *low, *high));
            grid += &format!("<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>");
            labels += &format!("<span style=\"top:{y}\">{}</span>", escape(label));
        }
        let last = self.points.last().map(place).unwrap_or_default();
        let times: String = once_each(&self.times).map(|label| format!("<span>{label}</span>")).collect();
        format!(
            "<figure class=\"chart\"><div class=\"plot\">\
             <svg role=\"img\" aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">{title}</title>\
             <desc id=\"{id}-desc\">{description}</desc>{grid}\
             <svg viewBox=\"0 0 {SIZE} {SIZE}\" preserveAspectRatio=\"none\">\
             <polygon class=\"area\" points=\"0,{SIZE} {line} {SIZE},{SIZE}\"/>\
             <polyline class=\"line\" points=\"{line}\"/>{other}</svg>\
             <circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"4\"/>{signs}</svg>\
             <div class=\"y\" aria-hidden=\"true\">{labels}</div></div>\
             <div class=\"x\" aria-hidden=\"true\">{times}</div></figure>\n",
            id = self.id,
            title = self.title,
            description = self.description,
            x = percent(last.0),
            y = percent(last.1),
            signs = self.signs_html(place),
        )
    }

    /// Each sign at the line; of those that would hide each other, one.
    fn signs_html(&self, place: impl Fn(&(DateTime<Utc>, Decimal)) -> (i64, i64)) -> String {
        let mut shown: BTreeMap<(i64, Sign), (i64, i64)> = BTreeMap::new();
        for (at, sign) in self.signs {
            let Some(value) = self.value_at(*at) else { continue };
            let (x, y) = place(&(*at, value));
            shown.insert((x / SIGN_WIDTH, *sign), (x, y));
        }
        let html = |((_, sign), (x, y)): ((i64, Sign), (i64, i64))| {
            format!("<use href=\"#{}\" x=\"{}\" y=\"{}\"/>", sign.shape(), percent(x), percent(y))
        };
        shown.into_iter().map(html).collect()
    }

    /// The line's height at an instant between its points; `None` beyond them.
    fn value_at(&self, at: DateTime<Utc>) -> Option<Decimal> {
        let after = self.points.partition_point(|(point, _)| *point < at);
        let (later, next) = *self.points.get(after)?;
        if later == at {
            return Some(next);
        }
        let (earlier, before) = *self.points.get(after.checked_sub(1)?)?;
        let share = Decimal::from(along(at, earlier, later)) / Decimal::from(SIZE);
        Some(before.saturating_add(next.saturating_sub(before).saturating_mul(share)))
    }
}

/// The points, or so many of them at equal distances, the last among them.
fn thinned(points: &[(DateTime<Utc>, Decimal)]) -> impl Iterator<Item = &(DateTime<Utc>, Decimal)> {
    let (count, last) = (points.len().min(MAX_POINTS), points.len().saturating_sub(1));
    (0..count).filter_map(move |n| points.get(n * last / count.saturating_sub(1).max(1)))
}

/// The texts; one that repeats the one before it is blank.
fn once_each(texts: &[String]) -> impl Iterator<Item = &str> {
    texts.iter().enumerate().map(|(n, text)| match n.checked_sub(1).and_then(|before| texts.get(before)) {
        Some(before) if before == text => "",
        _ => text,
    })
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

    fn chart<'a>(points: &'a [(DateTime<Utc>, Decimal)], signs: &'a [(DateTime<Utc>, Sign)]) -> Chart<'a> {
        Chart {
            id: "c",
            title: "T".to_owned(),
            description: "D".to_owned(),
            points,
            other: &[],
            signs,
            marks: vec![(Decimal::ZERO, "<0>".to_owned()), (Decimal::TEN, "10".to_owned())],
            times: ["1", "1", "2", "2", "3"].map(str::to_owned).to_vec(),
        }
    }

    #[test]
    fn one_point_is_no_line() {
        assert_eq!(chart(&[], &[]).to_html(), "");
        let points = [(at("10:00:00"), Decimal::ZERO), (at("11:00:00"), Decimal::TEN)];
        let html = chart(&points, &[]).to_html();
        assert!(html.contains("points=\"0,10000 10000,0\"") && html.contains("&lt;0&gt;"), "{html}");
        let times = "<span>1</span><span></span><span>2</span><span></span><span>3</span>";
        assert!(html.contains(times), "no time twice: {html}");
    }

    #[test]
    fn signs_are_at_the_line_and_hide_each_other_not() {
        let points = [(at("10:00:00"), Decimal::ZERO), (at("11:00:00"), Decimal::TEN)];
        let signs = [
            (at("09:59:59"), Sign::Buy),
            (at("10:30:00"), Sign::Buy),
            (at("10:30:20"), Sign::Buy),
            (at("10:30:20"), Sign::Sell),
            (at("11:00:00"), Sign::Transfer),
            (at("11:00:01"), Sign::Sell),
        ];
        let html = chart(&points, &signs).to_html();
        let shown: Vec<&str> =
            html.split("<use href=\"#sign-").skip(1).map(|rest| rest.split_once('/').unwrap().0).collect();
        assert_eq!(
            shown,
            [
                "buy\" x=\"50.55%\" y=\"49.45%\"",
                "sell\" x=\"50.55%\" y=\"49.45%\"",
                "transfer\" x=\"100.00%\" y=\"0.00%\"",
            ]
        );
    }

    #[test]
    fn a_long_line_is_drawn_from_some_of_its_points() {
        let point = |n: i64| (at("10:00:00") + chrono::TimeDelta::days(n), Decimal::from(n));
        for count in [0, 1, 2, 179, 180, 181, 1_300] {
            let points: Vec<_> = (0..count).map(point).collect();
            let thin: Vec<_> = thinned(&points).collect();
            assert_eq!(thin.len(), points.len().min(MAX_POINTS), "{count}");
            assert_eq!((thin.first(), thin.last()), (points.first().as_ref(), points.last().as_ref()), "{count}");
        }
    }
}
