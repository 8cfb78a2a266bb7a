//! What `status --profit` shows: the profit of own fills, as JSON and as a table.

use serde_json::{Value, json};

use crate::decide::profit::{Profit, Tally};
use crate::domain::{Percent, Usd};
use crate::language::counts::Sells;
use crate::language::{Language, Say, Sentence};
use crate::report::status::words;
use crate::report::table::{pad, pad_left, width};

/// The least terminal cells of a column of counts.
const COUNT_CELLS: usize = 6;

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
    pub(super) fn to_text(&self, unrealised: Option<Usd>, language: Language) -> String {
        let Profit { months, symbols, .. } = &self.profit;
        let line = |sentence: Sentence| format!("{}\n", sentence.in_language(language));
        let mut text = line(self.title());
        if self.profit.total.sells > 0 {
            let months = months.iter().map(|(month, tally)| (month.as_str(), tally));
            let symbols = symbols.iter().map(|(name, tally)| (name.as_str(), tally));
            text.push_str(&table_text(&words::month(), months, language));
            text.push_str(&table_text(&words::symbol(), symbols, language));
        }
        match self.profit.sells_without_cost {
            0 => {}
            1 => text.push_str(&line(words::cost_of_one_unknown())),
            sells => text.push_str(&line(words::cost_unknown(Sells(sells)))),
        }
        text.push_str(&line(self.sum(unrealised)));
        text
    }

    fn sum(&self, unrealised: Option<Usd>) -> Sentence {
        let (realised, minus_fees) = (self.profit.total.realised, Usd::ZERO - self.fees());
        let shown = |usd: Option<Usd>| usd.map_or_else(words::unknown, |usd| Sentence::of(&usd));
        let total = unrealised.map(|unrealised| realised + minus_fees + unrealised);
        words::profit_sum(realised, minus_fees, &shown(unrealised), &shown(total))
    }

    pub fn fees(&self) -> Usd {
        self.profit.fees(self.fee_percent)
    }

    fn title(&self) -> Sentence {
        let percent = self.fee_percent.normalize().to_string();
        self.profit.since.map_or_else(words::nothing_filled, |since| words::profit_since(since, &percent))
    }
}

fn line_json(key: &str, name: &str, tally: &Tally) -> Value {
    json!({ key: name, "realised_usd": tally.realised.to_string(), "sells": tally.sells, "wins": tally.wins })
}

fn table_text<'a>(first: &Sentence, lines: impl Iterator<Item = (&'a str, &'a Tally)>, language: Language) -> String {
    let headings = [first.clone(), words::realised(), words::sells(), words::wins()];
    let headings = headings.map(|heading| heading.in_language(language).to_owned());
    let row = |[name, realised, sells, wins]: [String; 4]| {
        let [sells, wins] = [(&sells, &headings[2]), (&wins, &headings[3])]
            .map(|(count, heading)| pad_left(count, COUNT_CELLS.max(width(heading) + 1)));
        format!("  {} {} {sells} {wins}\n", pad(&name, 8), pad_left(&realised, 11))
    };
    let line = |(name, Tally { realised, sells, wins }): (&str, &Tally)| {
        row([name.to_owned(), realised.say(language).to_string(), sells.to_string(), wins.to_string()])
    };
    std::iter::once(row(headings.clone())).chain(lines.map(line)).collect()
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
            report.to_text(Some(usd("34.56")), Language::English),
            "Profit since 2027-01-04 (own fills; wins before fees; fees estimated at 0.25 % a side)\n  \
             month       realised  sells   wins\n  \
             2027-01       123.45      2      1\n  \
             2027-02       -12.95      1      0\n  \
             symbol      realised  sells   wins\n  \
             SOUN          110.50      3      1\n  \
             realised 110.50  fees -12.34  unrealised 34.56  total 132.72 USD\n"
        );
        assert_eq!(
            report.to_text(Some(usd("1234.56")), Language::Korean),
            "2027-01-04 이후 손익(kis-trade 주문의 체결 기준, 이익 건수는 수수료 차감 전, 수수료는 편도 0.25%로 추정)\n  \
             월          실현손익  매도 건수  이익 건수\n  \
             2027-01      $123.45          2          1\n  \
             2027-02      -$12.95          1          0\n  \
             종목        실현손익  매도 건수  이익 건수\n  \
             SOUN         $110.50          3          1\n  \
             실현손익 $110.50  수수료 -$12.34  평가손익 $1,234.56  합계 $1,332.72\n"
        );
        for (sells, line) in [
            (1, "\n  The cost of 1 sell is not known; it counts as no profit and no loss\n  realised"),
            (3, "\n  The cost of 3 sells is not known; they count as no profit and no loss\n  realised"),
        ] {
            report.profit.sells_without_cost = sells;
            let text = report.to_text(None, Language::English);
            assert!(text.contains(line), "{text}");
            assert!(text.ends_with("  fees -12.34  unrealised unknown  total unknown USD\n"), "{text}");
        }
    }

    #[test]
    fn without_fills_there_are_no_lines() {
        let mut empty = ProfitReport { profit: Profit::default(), fee_percent: percent("0.25") };
        let sum = "  realised 0.00  fees 0.00  unrealised 0.00  total 0.00 USD\n";
        assert_eq!(empty.to_text(Some(Usd::ZERO), Language::English), format!("Profit: nothing has filled yet\n{sum}"));
        empty.profit.since = Some(date("2027-03-01"));
        let title = "Profit since 2027-03-01 (own fills; wins before fees; fees estimated at 0.25 % a side)\n";
        assert_eq!(empty.to_text(Some(Usd::ZERO), Language::English), format!("{title}{sum}"));
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
