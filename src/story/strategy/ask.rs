//! Asking a rule: a built-in one is a function, a user's own is a program.

use super::Turn;
use crate::config::{ProgramSettings, RuleSettings};
use crate::decide::rule::{Rule, Skip};
use crate::decide::strategy::protocol::{Call, CallPurpose, RuleError, question, read_answer};
use crate::decide::strategy::rule::{RuleAnswer, RuleFacts};
use crate::decide::strategy::{infinite, words};
use crate::domain::{Event, Mode, Notice, NoticeKind, OrderKind, Symbol};
use crate::exit::{Ending, Reason};
use crate::story::desk::Desk;
use crate::story::run::Run;

impl Turn<'_> {
    /// Asks the strategy's rule. An inner error says why there are no orders.
    pub(super) async fn ask<D: Desk>(
        &self,
        run: &mut Run<'_, D>,
        facts: &RuleFacts,
        purpose: CallPurpose,
    ) -> Result<RuleAnswer, Vec<Skip>> {
        let answer = match &self.strategy.rule {
            RuleSettings::Infinite(settings) => infinite::plan(settings, facts),
            RuleSettings::Program(program) => {
                let asked = self.ask_program(run, program, facts, purpose).await;
                asked.map_err(|error| self.failed(run, &error))?
            }
        };
        match answer.blocked {
            Some(rule) => Err(self.skip_all(rule, &answer.note)),
            None => Ok(answer),
        }
    }

    async fn ask_program<D: Desk>(
        &self,
        run: &mut Run<'_, D>,
        program: &ProgramSettings,
        facts: &RuleFacts,
        purpose: CallPurpose,
    ) -> Result<RuleAnswer, RuleError> {
        let emulated: &[OrderKind] = match run.settings.mode {
            Mode::Paper => &[OrderKind::Loc, OrderKind::Moc],
            Mode::Real => &[],
        };
        let symbols: Vec<Symbol> = self.strategy.symbols.iter().map(|listed| listed.symbol.clone()).collect();
        let id = format!("{}-{}", facts.clock.trading_date.format("%Y%m%d"), self.strategy.name);
        let call = Call {
            id: &id,
            purpose: purpose_of(run, purpose),
            settings: &program.settings,
            symbols: &symbols,
            kinds: &OrderKind::ALL,
            emulated_kinds: emulated,
        };
        let question = question(facts, &call)?;
        let answer = run.desk.ask_program(&self.strategy.name, program, &question).await?;
        read_answer(&answer, facts, &call)
    }

    /// A rule that failed: the run ends with its word once everything else is done, and people hear of it once a date.
    fn failed<D: Desk>(&self, run: &mut Run<'_, D>, error: &RuleError) -> Vec<Skip> {
        let name = &self.strategy.name;
        let detail = words::rule_of(name).and(": ", &error.detail);
        run.notes
            .rule_failure
            .get_or_insert_with(|| Ending::failed(error.reason, detail.clone(), words::asked_again()));
        if !run.task.is_dry_run {
            let notice = Notice::of_date(NoticeKind::RuleFailed, run.market.trading_date, name, detail);
            run.notes.events.push(Event::Notice(notice));
        }
        let rule = match error.reason {
            Reason::RuleTimeout => Rule::RuleTimeout,
            Reason::RuleNonsense => Rule::RuleNonsense,
            Reason::RuleVersion => Rule::RuleVersion,
            Reason::RuleInvalid => Rule::RuleInvalid,
            _ => Rule::RuleFailed,
        };
        self.skip_all(rule, &error.detail)
    }
}

/// What a program is asked for: nothing that a dry run is told is stored, and a rehearsal is of days that are over.
fn purpose_of<D: Desk>(run: &Run<'_, D>, purpose: CallPurpose) -> CallPurpose {
    match purpose {
        _ if run.task.is_dry_run => CallPurpose::DryRun,
        CallPurpose::Plan if D::IS_REHEARSAL => CallPurpose::Rehearsal,
        purpose => purpose,
    }
}
