//! The holdings: what they cost, are worth, have won or lost, today and in all, and a row of sums.

use rust_decimal::Decimal;

use crate::domain::money::{percent_change, show_percent};
use crate::domain::{Percent, Usd};
use crate::language::Sentence;
use crate::report::page::Page;
use crate::report::page::bars::{bar, coloured, direction};
use crate::report::page::html::{Column, NOT_KNOWN, aligned, escape, grouped, grouped_signed, note, section, table};
use crate::report::page::words::account as words;
use crate::report::status::PositionLine;

impl Page<'_> {
    pub fn positions(&self) -> String {
        let body = match self.status.positions.as_deref() {
            None => format!("<p>{}</p>\n", self.say(&words::no_balance())),
            Some([]) => note(&self.say(&words::no_positions())),
            Some(lines) => self.position_table(lines),
        };
        section("wide", "positions", &self.say(&words::positions_title()), &body)
    }

    fn position_table(&self, lines: &[PositionLine]) -> String {
        let longest = lines.iter().filter_map(profit_percent).map(|profit| profit.abs()).max().unwrap_or_default();
        let costs = aligned(&lines.iter().map(|line| line.average_cost).collect::<Vec<_>>());
        let lasts = aligned(&lines.iter().map(|line| line.last).collect::<Vec<_>>());
        let values: Option<Usd> = lines.iter().map(value).sum::<Option<Usd>>();
        // The account's total has cash in it; without it the weight is that among the holdings.
        let whole = self.status.account.total.filter(|total| total.is_positive()).or(values);
        let name = |sentence: Sentence| self.text(&sentence);
        let columns = [
            Column::text(name(words::symbol())),
            Column::number(name(words::shares())),
            Column::number(name(words::average_cost())),
            Column::number(name(words::last())),
            Column::number(name(words::day_change())),
            Column::number(name(words::value())),
            Column::number(name(words::weight())),
            Column::number(name(words::profit())),
            Column::number(name(words::profit_percent())),
        ];
        let row = |((line, cost), last): ((&PositionLine, String), String)| {
            vec![
                self.about(line),
                self.shares(line),
                cost,
                last,
                percent_cell(day_change(line)),
                money_cell(value(line)),
                weight_cell(value(line), whole),
                profit_cell(profit(line)),
                return_cell(profit_percent(line), longest),
            ]
        };
        let rows: Vec<Vec<String>> = lines.iter().zip(costs).zip(lasts).map(row).collect();
        let (cost, profit) =
            (lines.iter().map(cost).sum::<Option<Usd>>(), lines.iter().map(profit).sum::<Option<Usd>>());
        let before = lines.iter().map(value_before).sum::<Option<Usd>>();
        let change = |from: Option<Usd>, to: Option<Usd>| percent_change(from?, to?);
        let sums = [
            self.say(&words::sum()),
            String::new(),
            String::new(),
            String::new(),
            percent_cell(change(before, values)),
            money_cell(values),
            weight_cell(values, whole),
            profit_cell(profit),
            return_cell(change(cost, values), longest),
        ];
        table("stack pairs positions", &self.text(&words::positions_title()), &columns, &rows, Some(&sums))
    }

    /// The symbol, its name, its exchange, and whether the rules leave it alone.
    fn about(&self, line: &PositionLine) -> String {
        let mut about: Vec<String> = Vec::new();
        if !line.name.is_empty() && line.name != line.symbol.as_str() {
            // With `lang`, screen readers switch to a Korean voice.
            let is_korean = line.name.contains(|c: char| ('가'..='힣').contains(&c));
            let lang = if is_korean { " lang=\"ko\"" } else { "" };
            about.push(format!("<span{lang}>{}</span>", escape(&line.name)));
        }
        about.extend(line.exchange.map(|exchange| exchange.word().to_owned()));
        if !line.is_managed {
            about.push(self.say(&words::not_managed()));
            about.extend(line.stop_loss_shares.map(|own| self.say(&words::stop_loss_goes_on(own))));
        }
        format!("{}<small>{}</small>", escape(line.symbol.as_str()), about.join(" &middot; "))
    }

    fn shares(&self, line: &PositionLine) -> String {
        let PositionLine { quantity, sellable_quantity, .. } = *line;
        match quantity == sellable_quantity {
            true => quantity.to_string(),
            false => format!("{quantity}<small>{}</small>", self.say(&words::sellable(sellable_quantity))),
        }
    }
}

fn value(line: &PositionLine) -> Option<Usd> {
    line.last?.times(line.quantity)
}

/// What it was worth at the close before.
fn value_before(line: &PositionLine) -> Option<Usd> {
    line.previous_close?.times(line.quantity)
}

fn cost(line: &PositionLine) -> Option<Usd> {
    line.average_cost?.times(line.quantity)
}

fn profit(line: &PositionLine) -> Option<Usd> {
    Some(value(line)? - cost(line)?)
}

fn profit_percent(line: &PositionLine) -> Option<Percent> {
    percent_change(line.average_cost?, line.last?)
}

fn day_change(line: &PositionLine) -> Option<Percent> {
    percent_change(line.previous_close?, line.last?)
}

fn money_cell(amount: Option<Usd>) -> String {
    amount.map_or_else(|| NOT_KNOWN.to_owned(), grouped)
}

fn profit_cell(profit: Option<Usd>) -> String {
    profit.map_or_else(|| NOT_KNOWN.to_owned(), |profit| coloured(profit.to_cents().0, &grouped_signed(profit)))
}

fn percent_cell(change: Option<Percent>) -> String {
    change.map_or_else(|| NOT_KNOWN.to_owned(), |change| coloured(change.round_dp(2), &signed(change)))
}

fn weight_cell(value: Option<Usd>, whole: Option<Usd>) -> String {
    let share = value.zip(whole).and_then(|(value, whole)| {
        value.0.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole.0).map(|share| share.round_dp(1))
    });
    share.map_or_else(|| NOT_KNOWN.to_owned(), |share| format!("{share:.1}\u{a0}%"))
}

/// The return in percent beside its bar.
fn return_cell(change: Option<Percent>, longest: Percent) -> String {
    let shown = change.map_or_else(
        || NOT_KNOWN.to_owned(),
        |change| {
            let change = change.round_dp(2);
            coloured(change, &format!("{}{}", direction(change).1, signed(change)))
        },
    );
    format!("<span class=\"profit\">{}{shown}</span>", bar(change.unwrap_or_default(), longest))
}

/// `+7.50 %`, with a true minus sign.
pub fn signed(change: Percent) -> String {
    let text = show_percent(change);
    match text.strip_prefix('-') {
        Some(rest) => format!("\u{2212}{rest}\u{a0}%"),
        None if text == "0.00" => format!("{text}\u{a0}%"),
        None => format!("+{text}\u{a0}%"),
    }
}
