//! Bars from the middle: to the right for a profit, to the left for a loss.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::report::page::chart::percent;

/// A bar; half of the width is `longest`.
pub fn bar(value: Decimal, longest: Decimal) -> String {
    let share = value.abs().checked_div(longest).unwrap_or_default() * Decimal::from(5_000);
    let length = share.round().to_i64().unwrap_or(0).clamp(0, 5_000);
    let from = if value.is_sign_negative() { 5_000 - length } else { 5_000 };
    format!(
        "<svg class=\"bar\" aria-hidden=\"true\"><rect class=\"bar-{}\" x=\"{}\" y=\"2\" width=\"{}\" height=\"10\" rx=\"2\"/>\
         <line class=\"zero\" x1=\"50%\" x2=\"50%\" y1=\"0\" y2=\"14\"/></svg>",
        direction(value).0,
        percent(from),
        percent(length)
    )
}

/// The class of a change, and its arrow.
pub fn direction(change: Decimal) -> (&'static str, &'static str) {
    match change {
        change if change.is_zero() => ("same", ""),
        change if change.is_sign_negative() => ("down", "\u{25bc}\u{a0}"),
        _ => ("up", "\u{25b2}\u{a0}"),
    }
}

/// A number in the colour of its direction; `shown` is markup.
pub fn coloured(change: Decimal, shown: &str) -> String {
    format!("<span class=\"{}\">{shown}</span>", direction(change).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_go_left_for_a_loss_and_right_for_a_profit() {
        let of = |value: i64| bar(Decimal::from(value), Decimal::TEN);
        assert!(of(10).contains("class=\"bar-up\" x=\"50.00%\" y=\"2\" width=\"50.00%\""));
        assert!(of(-5).contains("class=\"bar-down\" x=\"25.00%\" y=\"2\" width=\"25.00%\""));
        assert!(of(0).contains("class=\"bar-same\" x=\"50.00%\" y=\"2\" width=\"0.00%\""));
        assert!(bar(Decimal::ZERO, Decimal::ZERO).contains("width=\"0.00%\""), "all are nothing");
    }
}
