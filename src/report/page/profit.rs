//! What own trades have won and lost: by month, by symbol, and the latest of them.

use crate::decide::profit::{Tally, Trade};
use crate::domain::money::percent_change;
use crate::domain::{Side, Usd};
use crate::report::page::Page;
use crate::report::page::bars::{bar, coloured};
use crate::report::page::html::{
    Column, NOT_KNOWN, escape, fact, folded, grouped, grouped_signed, money, note, price, section, table,
};
use crate::report::page::positions::signed;
use crate::report::page::words::{account as words, orders};
use crate::report::status::ProfitReport;

/// Trades listed.
const MAX_TRADES: usize = 20;
/// Symbols listed: those that moved the sum most.
const MAX_SYMBOLS: usize = 30;

impl Page<'_> {
    /// Nothing where the journal was not read for it.
    pub fn profit(&self) -> String {
        let Some(report) = &self.status.recent_profit else { return String::new() };
        let body = match report.profit.since {
            None => note(&self.say(&words::nothing_filled())),
            Some(since) => {
                let about = words::profit_about(since, report.fee_percent.normalize());
                let not_counted = Some(report.profit.sells_without_cost).filter(|sells| *sells > 0);
                let not_counted = not_counted.map(|sells| note(&self.say(&words::not_counted(sells))));
                [
                    self.profit_facts(report),
                    self.months(report),
                    self.symbols(report),
                    note(&self.say(&about)),
                    not_counted.unwrap_or_default(),
                ]
                .concat()
            }
        };
        section("", "profit", &self.say(&words::profit_title()), &body)
    }

    fn profit_facts(&self, report: &ProfitReport) -> String {
        let Tally { realised, sells, wins } = report.profit.total;
        let (minus_fees, unrealised) = (Usd::ZERO - report.fees(), self.status.unrealised);
        let in_colour = |amount: Usd| coloured(amount.to_cents().0, &grouped_signed(amount));
        let unknown = || self.say(&words::unknown());
        let total = unrealised.map(|unrealised| realised + minus_fees + unrealised);
        let facts = [
            fact(&self.say(&words::realised()), &in_colour(realised)),
            fact(&self.say(&words::fees()), &grouped(minus_fees)),
            fact(&self.say(&words::unrealised()), &unrealised.map_or_else(unknown, in_colour)),
            fact(&self.say(&words::profit_total()), &total.map_or_else(unknown, in_colour)),
            fact(&self.say(&words::wins()), &self.say(&words::wins_of(wins, sells))),
        ];
        format!("<dl class=\"first\">\n{}</dl>\n", facts.concat())
    }

    fn months(&self, report: &ProfitReport) -> String {
        let months: Vec<(&str, &Tally)> =
            report.profit.months.iter().map(|(month, tally)| (month.as_str(), tally)).collect();
        self.tallies("months", &self.text(&words::months_caption()), &self.text(&words::month()), &months)
    }

    fn symbols(&self, report: &ProfitReport) -> String {
        let mut symbols: Vec<(&str, &Tally)> =
            report.profit.symbols.iter().map(|(symbol, tally)| (symbol.as_str(), tally)).collect();
        if symbols.is_empty() {
            return String::new();
        }
        symbols.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.realised.0.abs()));
        symbols.truncate(MAX_SYMBOLS);
        symbols.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.realised));
        let caption = self.text(&words::symbols_caption());
        folded(&caption, &caption, &self.tallies("months", &caption, &self.text(&words::symbol()), &symbols))
    }

    /// A row a month or symbol, with its bar.
    fn tallies(&self, class: &str, caption: &str, first: &str, lines: &[(&str, &Tally)]) -> String {
        if lines.is_empty() {
            return String::new();
        }
        let longest = lines.iter().map(|(_, tally)| tally.realised.0.abs()).max().unwrap_or_default();
        let columns = [
            Column::text(first.to_owned()),
            Column::number(self.text(&words::realised())),
            Column::number(self.text(&words::wins())),
        ];
        let row = |(name, tally): &(&str, &Tally)| {
            let amount = coloured(tally.realised.0, &grouped_signed(tally.realised));
            vec![
                escape(name),
                format!("<span class=\"profit\">{}{amount}</span>", bar(tally.realised.0, longest)),
                format!("{}/{}", tally.wins, tally.sells),
            ]
        };
        table(class, caption, &columns, &lines.iter().map(row).collect::<Vec<_>>(), None)
    }

    /// The latest trades with what they won or lost.
    pub fn trades(&self) -> String {
        if self.status.recent_profit.is_none() {
            return String::new();
        }
        let title = words::trades_title();
        let latest: Vec<&Trade> = self.status.trades.iter().rev().take(MAX_TRADES).collect();
        if latest.is_empty() {
            return section("", "trades", &self.say(&title), &note(&self.say(&words::nothing_filled())));
        }
        let columns = [
            Column::text(self.text(&words::when_filled())),
            Column::text(self.text(&words::trade())),
            Column::number(self.text(&words::amount())),
            Column::number(self.text(&words::trade_profit())),
        ];
        let rows: Vec<Vec<String>> = latest.into_iter().map(|trade| self.trade_row(trade)).collect();
        section("", "trades", &self.say(&title), &table("stack trades", &self.text(&title), &columns, &rows, None))
    }

    fn trade_row(&self, trade: &Trade) -> Vec<String> {
        let profit = match (trade.side, trade.profit) {
            (Side::Buy, _) => String::new(),
            (Side::Sell, None) => NOT_KNOWN.to_owned(),
            (Side::Sell, Some(profit)) => {
                let cost = trade.amount - profit;
                let percent = percent_change(cost, trade.amount);
                let percent = percent.map(|percent| format!("<small>{}</small>", signed(percent)));
                format!("{}{}", coloured(profit.0, &grouped_signed(profit)), percent.unwrap_or_default())
            }
        };
        let order = self.say(&orders::order(trade.side, trade.quantity, &trade.symbol));
        let each = self.say(&orders::each(&price(trade.price)));
        vec![self.time(trade.at), format!("{order}<small>{each}</small>"), money(trade.amount), profit]
    }
}
