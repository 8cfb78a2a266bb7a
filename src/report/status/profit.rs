//! What `status --profit` shows: the profit of own fills, as JSON and as a table.

use serde_json::{Value, json};

use crate::decide::profit::{Profit, Tally};
use crate::domain::{Percent, Usd};

/// The profit, and the rate at which its fees are estimated.
#[derive(Clone, Debug)]
pub struct ProfitReport {
    pub profit: Profit,
    /// `[fees] percent`, a side.
    pub fee_percent: Percent,
}

impl ProfitReport {
    pub(super) fn to_json(&self, unrealised: Option<Usd>) -> Value {
        let Profit { since, total, sells_without_cost, months, symbols, .. } = &self.profit;
        json!({
            "since": since,
            "realised_usd": total.realised.to_string(),
            "fees_estimated_usd": self.fees().to_string(),
            "unrealised_usd": unrealised.map(|usd| usd.to_string()),
            "sells": total.sells,
            "wins": total.wins,
            "sells_without_cost": sells_without_cost,
            "months": months.iter().map(|(month, tally)| line_json("month", month, tally)).collect::<Value>(),
            "symbols": symbols.iter().map(|(name, tally)| line_json("symbol", name.as_str(), tally)).collect::<Value>(),
        })
    }

    /// The block of the status table.
    pub(super) fn to_text(&self, unrealised: Option<Usd>) -> String {
        let Profit { months, symbols, .. } = &self.profit;
        let mut text = self.title();
        if self.profit.total.sells > 0 {
            text.push_str(&table_text(MONTH, months.iter().map(|(month, tally)| (month.as_str(), tally))));
            text.push_str(&table_text(SYMBOL, symbols.iter().map(|(name, tally)| (name.as_str(), tally))));
        }
        text.push_str(&without_cost_text(self.profit.sells_without_cost));
        let realised = self.profit.total.realised;
        text.push_str(&sum_text(realised, self.fees(), unrealised));
        text
    }

    fn fees(&self) -> Usd {
        self.profit.fees(self.fee_percent)
    }

    fn title(&self) -> String {
        let percent = self.fee_percent.normalize();
        match self.profit.since {
            Some(since) => {
                format!("Profit since {since} (own fills; wins before fees; fees estimated at {percent} % a side)\n")
            }
            None => "Profit: nothing has filled yet\n".to_owned(),
        }
    }
}

fn line_json(key: &str, name: &str, tally: &Tally) -> Value {
    json!({ key: name, "realised_usd": tally.realised.to_string(), "sells": tally.sells, "wins": tally.wins })
}

// All words of the block beside its title.

const MONTH: &str = "month";
const SYMBOL: &str = "symbol";

fn table_text<'a>(first: &str, lines: impl Iterator<Item = (&'a str, &'a Tally)>) -> String {
    let head = format!("  {first:<8} {:>11} {:>6} {:>6}\n", "realised", "sells", "wins");
    let line = |(name, tally): (&str, &Tally)| {
        format!("  {name:<8} {:>11} {:>6} {:>6}\n", tally.realised.to_string(), tally.sells, tally.wins)
    };
    std::iter::once(head).chain(lines.map(line)).collect()
}

fn without_cost_text(sells: u64) -> String {
    match sells {
        0 => String::new(),
        1 => "  The cost of 1 sell is not known; it counts as no profit and no loss\n".to_owned(),
        _ => format!("  The cost of {sells} sells is not known; they count as no profit and no loss\n"),
    }
}

fn sum_text(realised: Usd, fees: Usd, unrealised: Option<Usd>) -> String {
    let minus_fees = Usd::ZERO - fees;
    let shown = |usd: Option<Usd>| usd.map_or_else(|| "unknown".to_owned(), |usd| usd.to_string());
    let total = unrealised.map(|unrealised| realised + minus_fees + unrealised);
    format!("  realised {realised}  fees {minus_fees}  unrealised {}  total {} USD\n", shown(unrealised), shown(total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{date, percent, symbol, usd};

    fn report() -> ProfitReport {
        let tally = |realised: &str, sells, wins| Tally { realised: usd(realised), sells, wins };
        let profit = Profit {
            since: Some(date("2027-01-04")),
            total: tally("110.5", 3, 1),
            sells_without_cost: 0,
            turnover: usd("4936"),
            months: [("2027-01", tally("123.45", 2, 1)), ("2027-02", tally("-12.95", 1, 0))]
                .map(|(month, tally)| (month.to_owned(), tally))
                .into(),
            symbols: [(symbol("SOUN"), tally("110.5", 3, 1))].into(),
        };
        ProfitReport { profit, fee_percent: percent("0.250") }
    }

    #[test]
    fn the_block_lists_months_and_symbols_below_each_other() {
        let mut report = report();
        assert_eq!(
            report.to_text(Some(usd("34.56"))),
            "Profit since 2027-01-04 (own fills; wins before fees; fees estimated at 0.25 % a side)\n  \
             month       realised  sells   wins\n  \
             2027-01       123.45      2      1\n  \
             2027-02       -12.95      1      0\n  \
             symbol      realised  sells   wins\n  \
             SOUN          110.50      3      1\n  \
             realised 110.50  fees -12.34  unrealised 34.56  total 132.72 USD\n"
        );
        for (sells, line) in [
            (1, "\n  The cost of 1 sell is not known; it counts as no profit and no loss\n  realised"),
            (3, "\n  The cost of 3 sells is not known; they count as no profit and no loss\n  realised"),
        ] {
            report.profit.sells_without_cost = sells;
            let text = report.to_text(None);
            assert!(text.contains(line), "{text}");
            assert!(text.ends_with("  fees -12.34  unrealised unknown  total unknown USD\n"), "{text}");
        }
    }

    #[test]
    fn without_fills_there_are_no_lines() {
        let mut empty = ProfitReport { profit: Profit::default(), fee_percent: percent("0.25") };
        let sum = "  realised 0.00  fees 0.00  unrealised 0.00  total 0.00 USD\n";
        assert_eq!(empty.to_text(Some(Usd::ZERO)), format!("Profit: nothing has filled yet\n{sum}"));
        empty.profit.since = Some(date("2027-03-01"));
        let title = "Profit since 2027-03-01 (own fills; wins before fees; fees estimated at 0.25 % a side)\n";
        assert_eq!(empty.to_text(Some(Usd::ZERO)), format!("{title}{sum}"));
    }

    #[test]
    fn json_has_amounts_as_text_and_null_for_what_is_unknown() {
        let object = report().to_json(None);
        assert_eq!(
            object,
            json!({
                "since": "2027-01-04", "realised_usd": "110.50", "fees_estimated_usd": "12.34", "unrealised_usd": null,
                "sells": 3, "wins": 1, "sells_without_cost": 0,
                "months": [
                    { "month": "2027-01", "realised_usd": "123.45", "sells": 2, "wins": 1 },
                    { "month": "2027-02", "realised_usd": "-12.95", "sells": 1, "wins": 0 },
                ],
                "symbols": [{ "symbol": "SOUN", "realised_usd": "110.50", "sells": 3, "wins": 1 }],
            })
        );
        assert_eq!(report().to_json(Some(usd("34.56")))["unrealised_usd"], "34.56");
    }
}
