//! The status table for people.

use chrono::{DateTime, TimeDelta, Utc};
use unicode_width::UnicodeWidthStr;

use crate::domain::history::{ReasonLine, Reasons};
use crate::domain::market_session::{korea, new_york};
use crate::domain::money::{Usd, show_percent};
use crate::domain::order::OrderId;
use crate::domain::symbol::Exchange;
use crate::report::status::{OpenOrderLine, StatusReport};
use crate::report::table::{columns, pad};
use crate::report::trend::trend;
use crate::report::{Report, Screen};

impl StatusReport {
    /// The table for people, mode first.
    pub fn to_text(&self, report: &Report, screen: Screen) -> String {
        let mut text = format!("{}  account {}\n", report.banner(), self.account_number);
        if let Some(reason) = &self.halt_reason {
            text.push_str(&format!("HALTED: {reason}\n"));
        }
        if self.trading == Some("sell_only") {
            text.push_str("SELL ONLY: [limits] trading = \"sell_only\", nothing is bought\n");
        }
        if let Some(loss) = self.daily_loss.filter(|loss| loss.is_past_limit) {
            text.push_str(&format!(
                "DAILY LOSS: {} % since the first look of {}, more than {} %: no more buys that day\n",
                show_percent(loss.change),
                loss.trading_date,
                loss.limit.normalize()
            ));
        }
        text.push_str(&format!("New York  {}\nKorea     {}\n", new_york(report.at), korea(report.at)));
        if let Some(market) = report.market {
            text.push_str(&format!("Market    {}, trading date {}\n", market.phase, market.trading_date));
        }
        text.push_str(&format!("Token     {}\n", token_text(report)));
        let amount =
            |amount: Option<Usd>| amount.map_or_else(|| "unknown".to_owned(), |amount| amount.to_cents().to_string());
        text.push_str(&format!(
            "Account   cash {}  orderable {}  positions {}{}  total {} USD\n",
            amount(self.account.cash),
            amount(self.account.buying_power),
            amount(self.account.positions),
            self.account.reserved().map(|usd| format!("  open buys {}", usd.to_cents())).unwrap_or_default(),
            amount(self.account.total)
        ));
        if let Some(trend) = self.history.as_deref().filter(|_| screen.can_draw).and_then(trend) {
            text.push_str(&format!("Trend     {trend}\n"));
        }
        text.push_str(&self.positions_text());
        text.push_str(&orders_text("Open orders", self.open_orders.as_deref(), report.at));
        text.push_str(&orders_text("Unknown orders", self.unknown_orders.as_deref(), report.at));
        let cooldowns: Vec<String> =
            self.cooldowns.iter().flatten().map(|(symbol, until)| format!("{symbol} until {until}")).collect();
        if !cooldowns.is_empty() {
            text.push_str(&format!("Cool-downs: {}\n", cooldowns.join(", ")));
        }
        text.push_str(match &self.last_runs {
            None => "Last runs: could not be read\n",
            Some(runs) if runs.is_empty() => "Last runs: none\n",
            Some(_) => "Last runs\n",
        });
        for (command, run) in self.last_runs.iter().flatten() {
            let reason = run.reason.as_deref().unwrap_or("");
            let line = format!(
                "  {command:<12} {}  {:>7} ago  exit {:<3} {} {reason}",
                new_york(run.at),
                show_age(report.at - run.at),
                run.exit_code,
                run.result
            );
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.extend(self.reasons.iter().flatten().map(|(command, reasons)| reasons_text(command, reasons)));
        text.push_str(&self.old_journals_text());
        text
    }

    fn old_journals_text(&self) -> String {
        match self.old_journals.as_slice() {
            [] => String::new(),
            [only] => format!("Old journal: {only}; nothing reads it any more, archive or delete it as you like\n"),
            [first, .., last] => format!(
                "Old journals: {first} to {last}; nothing reads these {} any more, archive or delete them as you like\n",
                self.old_journals.len()
            ),
        }
    }

    fn positions_text(&self) -> String {
        let Some(positions) = &self.positions else { return "Positions: could not be read\n".to_owned() };
        if positions.is_empty() {
            return "Positions: none\n".to_owned();
        }
        let mut text = "Positions\n  symbol   exch    shares  sellable        cost        last    profit\n".to_owned();
        let widest = positions.iter().map(|line| line.name.width()).max().unwrap_or(0);
        for line in positions {
            let note = if line.is_managed { "" } else { "  not managed" };
            let price = |price: Option<Usd>| price.map_or_else(|| "?".to_owned(), |price| price.to_string());
            let profit = line.profit_percent.as_ref().map_or_else(|| "?".to_owned(), |profit| format!("{profit} %"));
            let row = format!(
                "  {:<8} {:<4} {:>9} {:>9} {:>11} {:>11} {:>9}  {}{note}",
                line.symbol,
                line.exchange.map_or("?", Exchange::code),
                line.quantity,
                line.sellable_quantity,
                price(line.average_cost),
                price(line.last),
                profit,
                pad(&line.name, widest)
            );
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }
}

impl OpenOrderLine {
    fn to_text(&self, now: DateTime<Utc>) -> String {
        let number = self.order_id.as_ref().map_or_else(|| "?".to_owned(), OrderId::to_string);
        let age = self.submitted_at.map_or_else(|| "?".to_owned(), |at| show_age(now - at));
        let owner = self.intent_id.as_deref().unwrap_or("not ours");
        let candidates = match &self.candidates {
            Some(ids) if !ids.is_empty() => {
                let ids: Vec<String> = ids.iter().map(OrderId::to_string).collect();
                format!("  candidates: {}", ids.join(", "))
            }
            _ => String::new(),
        };
        format!(
            "  {:<4} {:>6} {:<8} @ {:>10}  filled {:>5}  age {:>7}  {number:>10}  {owner}{candidates}\n",
            self.side,
            self.quantity,
            self.symbol,
            self.limit_price.to_string(),
            self.filled_quantity,
            age
        )
    }
}

fn orders_text(title: &str, orders: Option<&[OpenOrderLine]>, now: DateTime<Utc>) -> String {
    match orders {
        None => format!("{title}: could not be read\n"),
        Some([]) => format!("{title}: none\n"),
        Some(orders) => {
            std::iter::once(format!("{title}\n")).chain(orders.iter().map(|order| order.to_text(now))).collect()
        }
    }
}

/// What the last buy or sell that decided said of each symbol.
fn reasons_text(command: &str, reasons: &Reasons) -> String {
    let reason = reasons.reason.as_deref().map(|reason| format!("{reason}: ")).unwrap_or_default();
    let row = |line: &ReasonLine| vec![line.symbol.to_string(), line.rule.clone(), line.detail.clone()];
    let rows: Vec<Vec<String>> = reasons.lines.iter().map(row).collect();
    format!("Reasons of the {command} of {}: {reason}{}\n{}", new_york(reasons.at), reasons.detail, columns(&rows))
}

fn token_text(report: &Report) -> String {
    match &report.token {
        None => "unknown".to_owned(),
        Some(token) => match (token.seconds_left, token.expires_at) {
            (Some(left), Some(until)) => {
                let left = show_age(TimeDelta::seconds(left.max(0)));
                format!("{}, {left} left (until {})", token.state.word(), korea(until))
            }
            _ => token.state.word().to_owned(),
        },
    }
}

/// `23 h 59 m`, `59 m 3 s`, `3 s`.
pub fn show_age(age: TimeDelta) -> String {
    let seconds = age.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m{:02}s", seconds % 60),
        (0, hours, minutes) => format!("{hours}h{minutes:02}m"),
        (days, hours, _) => format!("{days}d{hours:02}h"),
    }
}
