//! The strategies: what is their own, how their cycle stands, and their latest sheet, a row an order.

use crate::decide::strategy::infinite::{Role, shown};
use crate::domain::{Mode, OrderKind};
use crate::language::Sentence;
use crate::report::kind_word;
use crate::report::page::Page;
use crate::report::page::html::{Column, aligned, escape, fact, grouped, note, section, table};
use crate::report::page::orders::state_word;
use crate::report::page::words::{names, orders, strategies as words};
use crate::report::strategy::{SheetLineView, SheetView, StrategyLine, strategies};

impl Page<'_> {
    /// Nothing where there are none.
    pub fn strategies(&self) -> String {
        if self.status.strategies.is_empty() {
            return String::new();
        }
        let parts: String = self.status.strategies.iter().map(|strategy| self.strategy(strategy)).collect();
        section("wide", "strategies", &self.say(&strategies()), &parts)
    }

    fn strategy(&self, strategy: &StrategyLine) -> String {
        let kind = self.say(&words::kind_of(strategy.kind));
        let mut part = format!("<h3>{} <span class=\"muted\">{kind}</span></h3>\n", escape(&strategy.name));
        if let Some(rule) = strategy.blocked {
            let why = names::name_of(rule.word()).and(": ", &strategy.why);
            part += &format!("<p><b>{}</b> {}</p>\n", self.say(&words::nothing_is_sent()), self.say(&why));
        }
        part += &self.strategy_facts(strategy);
        part += &match &strategy.sheet {
            Some(sheet) => self.sheet(sheet, &strategy.note),
            None => note(&self.say(&words::no_sheet())),
        };
        part
    }

    fn strategy_facts(&self, strategy: &StrategyLine) -> String {
        let state = shown(&strategy.state);
        let facts = [
            state.as_ref().map(|state| (words::state(), words::cycle(&state.t, &state.mode))),
            state.as_ref().map(|state| (words::unit(), Sentence::verbatim(grouped(state.unit)))),
            Some((words::own_cash(), Sentence::verbatim(grouped(strategy.own_cash)))),
            Some((words::shares(), strategy.held())),
        ];
        let facts = facts.into_iter().flatten();
        let facts: String = facts.map(|(name, value)| fact(&self.say(&name), &self.say(&value))).collect();
        format!("<dl class=\"first\">\n{facts}</dl>\n")
    }

    fn sheet(&self, sheet: &SheetView, words_of_rule: &Sentence) -> String {
        let caption = sheet.sentence();
        let mut part = note(&self.say(&caption.clone().and("; ", words_of_rule)));
        if sheet.lines.is_empty() {
            return part;
        }
        let columns = [
            Column::text(self.text(&words::role())),
            Column::text(self.text(&orders::order_column())),
            Column::text(self.text(&words::kind())),
            Column::number(self.text(&orders::limit())),
            Column::text(self.text(&words::order_state())),
        ];
        let prices = aligned(&sheet.lines.iter().map(|line| line.limit_price).collect::<Vec<_>>());
        let rows = sheet.lines.iter().zip(prices).map(|(line, price)| self.sheet_row(line, price));
        part += &table("stack pairs", &self.text(&caption), &columns, &rows.collect::<Vec<_>>(), None);
        let closes = |line: &SheetLineView| line.of_strategy.kind.is_some_and(|kind| kind != OrderKind::Limit);
        if self.report.mode == Some(Mode::Paper) && sheet.lines.iter().any(closes) {
            part += &note(&self.say(&words::emulated()));
        }
        part
    }

    fn sheet_row(&self, line: &SheetLineView, price: String) -> Vec<String> {
        let name = line.of_strategy.name();
        let role = line.of_strategy.role.as_deref().and_then(Role::of);
        let role = role.map_or_else(|| Sentence::verbatim(name), |role| Sentence::of(&role));
        let state = line.stage.map_or_else(words::planned, |stage| state_word(Some(stage)));
        let number = line.order_id.as_ref().map(|id| format!("<small>{}</small>", escape(&id.to_string())));
        vec![
            self.say(&role),
            self.say(&orders::order(line.side, line.quantity, &line.symbol)),
            line.of_strategy.kind.map(|kind| self.say(&kind_word(kind))).unwrap_or_default(),
            price,
            format!("{}{}", self.say(&state), number.unwrap_or_default()),
        ]
    }
}
