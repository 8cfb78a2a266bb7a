//! The sheet of a date: yesterday's fills are booked, the rule is asked, and its answer is on disk before any order. It is never
//! computed again that date; a program that is asked at each run adds to it.

use super::Turn;
use super::money::Money;
use crate::config::RuleSettings;
use crate::decide::rule::{Rule, Skip};
use crate::decide::strategy::checks::check_settled;
use crate::decide::strategy::orders::{orders_beside, orders_for};
use crate::decide::strategy::protocol::CallPurpose;
use crate::decide::strategy::refuse::sift;
use crate::decide::strategy::rule::{RuleAnswer, RuleFacts};
use crate::decide::strategy::words;
use crate::domain::{Line, LineFill, ListedSymbol, Record, RefusedLine, Sheet, Symbol, Usd};
use crate::exit::Failure;
use crate::story::desk::Desk;
use crate::story::run::Run;
use crate::story::trade::Progress;

/// Makes the sheet of the date and writes it down. An inner error says, symbol by symbol, why there is none yet; the next run tries
/// again.
pub(super) async fn make<D: Desk>(
    run: &mut Run<'_, D>,
    turn: &mut Turn<'_>,
    money: &mut Money,
    progress: &mut Progress,
) -> Result<Result<Sheet, Vec<Skip>>, Failure> {
    let (date, name) = (run.market.trading_date, turn.strategy.name.clone());
    if let Some(until) = run.loc_cutoff_passed() {
        return Ok(Err(turn.skip_all(Rule::AfterLocCutoff, &words::no_sheet_in_time(&until))));
    }
    if let Err(skip) = check_settled(run.desk.journal(), &name, date) {
        return Ok(Err(vec![skip]));
    }
    turn.fetch_all_quotes(run).await?;
    let (closes, exchanges) = match turn.check_and_ask(run).await? {
        Ok(known) => known,
        Err(skips) => return Ok(Err(skips)),
    };
    let morning = turn.morning(run, &closes);
    let ledger = morning.ledger.clone();
    let account = turn.account(run);
    let check = |symbol: &Symbol| account.check_ledger(symbol, ledger.lot(symbol).quantity, &ledger);
    let skips: Vec<Skip> = exchanges.keys().filter_map(|symbol| check(symbol).err()).collect();
    if !skips.is_empty() {
        return Ok(Err(skips));
    }
    let orderable = match turn.orderable(run, money).await? {
        Ok(orderable) => orderable,
        Err(skips) => return Ok(Err(skips)),
    };
    let facts = turn.facts(run, morning, closes, orderable);
    let answer = match turn.ask(run, &facts, CallPurpose::Plan).await {
        Ok(answer) => answer,
        Err(skips) => return Ok(Err(skips)),
    };
    let (lines, refused) = turn.taken(answer.lines, &[], &facts, progress);
    let sheet = Sheet {
        strategy: name,
        date,
        facts: digest(&facts),
        orders: orders_for(&lines),
        lines,
        state: answer.state,
        note: answer.note,
        ledger,
        refused,
        told: Vec::new(),
    };
    write_down(run, sheet).await.map(Ok)
}

/// Asks a program once more, and adds what is new to its sheet. Where it fails, what stands in the sheet goes on.
pub(super) async fn extend<D: Desk>(
    run: &mut Run<'_, D>,
    turn: &mut Turn<'_>,
    sheet: Sheet,
    money: &mut Money,
    progress: &mut Progress,
) -> Result<Sheet, Failure> {
    turn.fetch_all_quotes(run).await?;
    let asked = match turn.check_and_ask(run).await? {
        Ok((closes, _)) => match turn.orderable(run, money).await? {
            Ok(orderable) => {
                let (standing, told) = turn.by_now(run, &sheet);
                let facts = turn.facts(run, standing, closes, orderable);
                turn.ask(run, &facts, CallPurpose::Plan).await.map(|answer| (answer, facts, told))
            }
            Err(skips) => Err(skips),
        },
        Err(skips) => Err(skips),
    };
    let (answer, facts, told) = match asked {
        Ok(asked) => asked,
        Err(skips) => {
            skips.into_iter().for_each(|skip| progress.skip(skip.of_strategy(turn.strategy, None)));
            return Ok(sheet);
        }
    };
    match added(turn, &sheet, answer, &facts, told, progress) {
        Some(more) if more != sheet => write_down(run, more).await,
        _ => Ok(sheet),
    }
}

/// The sheet with what an answer adds to it; `None` when a tag is used again for another order: nothing of that answer is sent.
fn added(
    turn: &Turn<'_>,
    sheet: &Sheet,
    answer: RuleAnswer,
    facts: &RuleFacts,
    told: Vec<LineFill>,
    progress: &mut Progress,
) -> Option<Sheet> {
    let known = |line: &Line| {
        let refused = sheet.refused.iter().map(|refused| &refused.line);
        sheet.lines.iter().chain(refused).find(|known| known.role == line.role).cloned()
    };
    let is_same = |line: &Line, known: &Line| {
        Line { note: String::new(), ..line.clone() } == Line { note: String::new(), ..known.clone() }
    };
    if let Some(line) = answer.lines.iter().find(|line| known(line).is_some_and(|known| !is_same(line, &known))) {
        let skip = Skip::new(&line.symbol, Rule::TagReused, words::tag_reused(&line.role)).notified();
        progress.skip(skip.of_strategy(turn.strategy, None));
        return None;
    }
    let new: Vec<Line> = answer.lines.into_iter().filter(|line| known(line).is_none()).collect();
    let (lines, refused) = turn.taken(new, &sheet.lines, facts, progress);
    let first = sheet.lines.len();
    let mut more = Sheet { state: answer.state, note: answer.note, told, ..sheet.clone() };
    let mut orders = orders_beside(&lines, &sheet.orders);
    orders.iter_mut().flat_map(|order| &mut order.parts).for_each(|part| part.line += first);
    more.orders.extend(orders);
    more.lines.extend(lines);
    more.refused.extend(refused);
    Some(more)
}

impl Turn<'_> {
    /// What of a program's lines is taken; the rest is said. A built-in rule knows its own shares and cash.
    fn taken(
        &self,
        lines: Vec<Line>,
        before: &[Line],
        facts: &RuleFacts,
        progress: &mut Progress,
    ) -> (Vec<Line>, Vec<RefusedLine>) {
        if let RuleSettings::Infinite(_) = self.strategy.rule {
            return (lines, Vec::new());
        }
        let (lines, refused) = sift(lines, before, facts);
        for RefusedLine { line, reason } in &refused {
            let rule =
                Rule::WORDS.into_iter().find(|(word, _)| word == reason).map_or(Rule::RuleInvalid, |(_, rule)| rule);
            let detail = words::line_refused(&line.role, line.side, line.quantity, &line.symbol);
            progress.skip(Skip::new(&line.symbol, rule, detail).of_strategy(self.strategy, None));
        }
        (lines, refused)
    }

    /// What the account has to order with, for a program; a built-in rule does not ask.
    async fn orderable<D: Desk>(
        &self,
        run: &mut Run<'_, D>,
        money: &mut Money,
    ) -> Result<Result<Option<Usd>, Vec<Skip>>, Failure> {
        let RuleSettings::Program(_) = self.strategy.rule else { return Ok(Ok(None)) };
        let mut skips = Vec::new();
        for ListedSymbol { symbol, .. } in &self.strategy.symbols {
            match self.account(run).check_symbol(symbol, None) {
                Err(skip) => skips.push(skip),
                Ok((exchange, price)) => {
                    let asked = money.orderable(run, exchange, symbol, price.last).await?;
                    return Ok(asked.map(Some).map_err(|detail| self.skip_all(Rule::PriceUnknown, &detail)));
                }
            }
        }
        Ok(Err(skips))
    }
}

async fn write_down<D: Desk>(run: &mut Run<'_, D>, sheet: Sheet) -> Result<Sheet, Failure> {
    run.notes.check_writes()?;
    run.notes.has_decided = true;
    run.desk.append(&Record::Sheet(sheet.clone())).await?;
    Ok(sheet)
}

/// A short name of what the rule was asked with.
fn digest(facts: &RuleFacts) -> String {
    let closes = facts.closes.values().filter_map(|closes| closes.last());
    let mut text = format!("{} {} {}", facts.clock.trading_date, facts.own_cash, facts.state.0);
    closes.for_each(|(date, close)| text.push_str(&format!(" {date} {close}")));
    for held in &facts.positions {
        text.push_str(&format!(" {} {} {}", held.symbol, held.quantity, held.average_cost));
    }
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}
