//! The tables of holdings and of orders.

use chrono::{DateTime, Utc};

use crate::domain::{Exchange, OrderId, Usd};
use crate::language::counts::OwnShares;
use crate::language::{Language, Say, Sentence};
use crate::report::Report;
use crate::report::status::text::{age_cell, part_title};
use crate::report::status::{PositionLine, StatusOrder, StatusReport, words};
use crate::report::table::{pad, pad_left, width};

/// The heading, the least terminal cells, and whether the text ends at the right.
type Column = (fn() -> Sentence, usize, bool);

/// Columns of the holdings before their name.
const COLUMNS: [Column; 7] = [
    (words::symbol, 8, false),
    (words::exchange, 4, false),
    (words::shares, 9, true),
    (words::sellable, 9, true),
    (words::cost, 11, true),
    (words::last, 11, true),
    (words::profit, 9, true),
];

impl StatusReport {
    pub(super) fn positions_text(&self, language: Language) -> String {
        let mut text = part_title(words::positions(), self.positions.as_ref().map(Vec::is_empty), language);
        let Some(positions) = self.positions.as_ref().filter(|lines| !lines.is_empty()) else { return text };
        let headings = COLUMNS.map(|(heading, ..)| heading().in_language(language).to_owned());
        let widths: Vec<usize> =
            COLUMNS.iter().zip(&headings).map(|((_, least, _), heading)| width(heading).max(*least)).collect();
        let row = |cells: [String; 7]| -> String {
            let aligned = cells.iter().zip(COLUMNS).zip(&widths).map(|((cell, (.., is_right)), width)| {
                if is_right { pad_left(cell, *width) } else { pad(cell, *width) }
            });
            format!("  {}", aligned.collect::<Vec<_>>().join(" "))
        };
        text.push_str(&format!("{}\n", row(headings.clone())));
        let widest = positions.iter().map(|line| width(&line.name)).max().unwrap_or(0);
        for line in positions {
            let name = pad(&line.name, widest);
            let line = format!("{}  {name}{}", row(line.cells(language)), line.note().in_language(language));
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// Open orders, then those without a known outcome.
    pub(super) fn orders_text(&self, report: &Report) -> String {
        let parts = [(words::open_orders(), &self.open_orders), (words::unknown_orders(), &self.unknown_orders)];
        let part = |(title, orders): (Sentence, &Option<Vec<StatusOrder>>)| {
            let title = part_title(title, orders.as_ref().map(Vec::is_empty), report.language);
            let lines = orders.iter().flatten().map(|order| format!("{}\n", report.said(&order.words(report.at))));
            title + &lines.collect::<String>()
        };
        parts.map(part).concat()
    }
}

impl PositionLine {
    fn cells(&self, language: Language) -> [String; 7] {
        let price = |price: Option<Usd>| price.map_or_else(|| "?".to_owned(), |price| price.say(language).to_string());
        let percent_sign = if language == Language::Korean { "%" } else { " %" };
        [
            self.symbol.to_string(),
            self.exchange.map_or("?", Exchange::word).to_owned(),
            self.quantity.to_string(),
            self.sellable_quantity.to_string(),
            price(self.average_cost),
            price(self.last),
            self.profit_percent.as_ref().map_or_else(|| "?".to_owned(), |profit| format!("{profit}{percent_sign}")),
        ]
    }

    /// What of it the rules leave alone.
    fn note(&self) -> Sentence {
        match (self.is_managed, self.stop_loss_shares) {
            (true, _) => Sentence::default(),
            (false, None) => words::not_managed(),
            (false, Some(own)) => words::stop_loss_alone(OwnShares(own)),
        }
    }
}

impl StatusOrder {
    fn words(&self, now: DateTime<Utc>) -> Sentence {
        let number = self.order_id.as_ref().map_or_else(|| "?".to_owned(), OrderId::to_string);
        let age = age_cell(self.submitted_at.map(|at| now - at));
        let owner = self.intent_id.as_deref().map_or_else(words::not_ours, Sentence::verbatim);
        let (symbol, price) = (self.symbol.as_str(), self.limit_price);
        let order = words::order(self.side, self.quantity, symbol, price, self.filled_quantity, &age, &number, &owner);
        let ids = self.candidates.iter().flatten().map(OrderId::to_string).collect::<Vec<_>>().join(", ");
        let candidates = if ids.is_empty() { Sentence::default() } else { words::candidates(&ids) };
        let said = self.said.as_ref().map(|said| words::said(&said.to_string())).unwrap_or_default();
        order.and("", &candidates).and("", &said)
    }
}
