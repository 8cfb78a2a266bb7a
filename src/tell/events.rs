//! The news of a run's end and of the orders it leaves, as messages.

use chrono::{NaiveDate, SubsecRound};

use crate::decide::fold::Entry;
use crate::decide::rule::{Rule, Skip};
use crate::decide::standing::Standing;
use crate::domain::market_session::{market_at, new_york_date};
use crate::domain::money::show_percent;
use crate::domain::{DailyLoss, Job, Notice, NoticeKind, Often, OrderId, Refusal};
use crate::exit::{Exit, Reason};
use crate::language::{Language, Say, Sentence};
use crate::report::{Body, Report};
use crate::tell::message::{Message, MessageOrder};
use crate::tell::order_events::OrderEvent;
use crate::tell::outbox::Outbox;
use crate::tell::{News, Notifier, words};
use crate::visible::visible;

/// Longest text of a message: every service takes as much.
const MAX_TEXT: usize = 600;

/// The notices of a run's end; none for a dry run, which a person watches. `today` is New York's date, `loss` that of the
/// trading date, and `earlier` are the notices of the run before its end.
pub fn of_report(report: &Report, today: NaiveDate, loss: Option<DailyLoss>, earlier: &[Notice]) -> Vec<Notice> {
    if report.is_dry_run {
        return Vec::new();
    }
    let mut notices = Vec::new();
    if let Body::Trade { skipped, .. } = &report.body {
        notices.extend(skipped.iter().filter(|skip| skip.is_notified).map(|skip| guard(skip, today)));
    }
    match report.ending.reason {
        Some(Reason::Halted) => {
            let words = words::halted(&report.ending.detail);
            notices.push(Notice::of_date(NoticeKind::Halted, today, &report.ending.detail.en, words));
        }
        Some(Reason::DailyLossLimit) => {
            if let Some(loss) = loss {
                let words = words::daily_loss(loss.change, loss.limit);
                notices.push(Notice::of_date(NoticeKind::DailyLossLimit, loss.trading_date, "", words));
            }
        }
        Some(Reason::ClockUntrusted) if earlier.iter().any(|notice| notice.kind == NoticeKind::ClockWrong) => {}
        Some(Reason::ClockUntrusted) => {
            notices.push(Notice::hourly(NoticeKind::ClockWrong, words::clock_untrusted(report)));
        }
        _ if is_news(report, earlier) => notices.push(run_failed(report)),
        _ => {}
    }
    notices
}

/// The words by which a strategy is passed over whose program failed.
const PROGRAM_RULES: [Rule; 5] =
    [Rule::RuleFailed, Rule::RuleTimeout, Rule::RuleNonsense, Rule::RuleVersion, Rule::RuleInvalid];

/// The notices of reasons that last, once a session each, but for those of which people hear by other notices.
pub fn of_standing(report: &Report, standing: &[Standing]) -> Vec<Notice> {
    let (session, met) = (market_at(report.at).trading_date, report.met());
    let is_met = |standing: &&Standing| met.iter().any(|met| met.reason == standing.reason);
    let has_own_notice = |standing: &Standing| match (&report.body, standing.is_rule) {
        (Body::Trade { skipped, .. }, true) => {
            skipped.iter().filter(|skip| skip.rule.word() == standing.reason).all(|skip| skip.is_notified)
        }
        _ => report.has_failed() || matches!(report.ending.reason, Some(Reason::DailyLossLimit | Reason::ForeignOrder)),
    };
    // A rule that fails has a message of its own each date.
    let is_of_program = |standing: &&Standing| PROGRAM_RULES.iter().any(|rule| rule.word() == standing.reason);
    let due = standing.iter().filter(|standing| standing.stands() && !is_of_program(standing)).filter(is_met);
    due.filter(|standing| !has_own_notice(standing))
        .map(|standing| {
            let about = format!("{} {}", report.command.map_or("", Job::word), standing.reason);
            Notice::of_date(NoticeKind::Standing, session, &about, words::standing(standing, report.command))
        })
        .collect()
}

fn guard(skip: &Skip, today: NaiveDate) -> Notice {
    let kind = match skip.rule {
        Rule::RefusedToday => NoticeKind::RefusedToday,
        Rule::ExchangeAmbiguous => NoticeKind::ExchangeAmbiguous,
        Rule::SplitSuspected => NoticeKind::SplitSuspected,
        Rule::NotManaged => NoticeKind::NotManaged,
        Rule::NothingSellable => NoticeKind::StopLossHeld,
        Rule::LedgerMismatch | Rule::YesterdayUnsettled | Rule::LoanHolding => NoticeKind::StrategyBlocked,
        Rule::TagReused => NoticeKind::RuleFailed,
        _ => NoticeKind::PriceSuspicious,
    };
    let notice = Notice::of_date(kind, today, skip.symbol.as_str(), words::guard(skip));
    Notice { symbol: Some(skip.symbol.clone()), ..notice }
}

/// Reports whether a run failed in a way that no other event covers.
fn is_news(report: &Report, earlier: &[Notice]) -> bool {
    let is_covered = match report.ending.reason {
        // Orders have events of their own, and a wrong argument is read on the terminal.
        Some(Reason::OrderUnknown | Reason::Usage) => true,
        Some(reason) if reason.exit() == Exit::RuleProgram => true,
        Some(Reason::OrderRejected) => matches!(report.body, Body::Trade { .. }),
        _ => {
            let has_token = report.token.as_ref().is_some_and(|token| token.state.is_usable());
            !has_token && earlier.iter().any(|notice| notice.kind == NoticeKind::TokenRenewalFailed)
        }
    };
    // A balance that can't be true has a message of its own, once a date.
    let is_doubt = report.ending.reason == Some(Reason::GatewayNonsense);
    let is_told = is_doubt && earlier.iter().any(|notice| notice.kind == NoticeKind::BalanceEmpty);
    report.has_failed() && !is_covered && !is_told
}

fn run_failed(report: &Report) -> Notice {
    let command = report.command.map_or("", Job::word);
    let reason = report.ending.reason.map(Reason::word).unwrap_or_default();
    let often = Often::Hourly(format!("run_failed {command} {reason}"));
    Notice { often, ..Notice::hourly(NoticeKind::RunFailed, words::run_failed(report)) }
}

/// The messages of what is new, in the order in which things happened; it counts as announced from now on.
pub(super) fn messages(notifier: &Notifier<'_>, news: &News, outbox: &mut Outbox) -> Vec<Message> {
    let mut messages = Vec::new();
    if let Some(left) = &news.left {
        for (entry, event) in outbox.new_events(left, new_york_date(notifier.clock.now())) {
            if event.kind == NoticeKind::OrderRejected && !is_first_refusal(&entry, outbox) {
                continue;
            }
            let free_from = news.free_from.get(&entry.intent.symbol).copied();
            let id = format!("{}/{}", entry.intent.id, event.name);
            let message = message(notifier, event.kind, &id, &words::order_words(&entry, &event, free_from));
            let symbol = Some(entry.intent.symbol.clone());
            messages.push(Message { symbol, order: Some(order_of(&entry, &event)), ..message });
        }
    }
    for (number, notice) in outbox.repeats.keep_due(news.notices.clone(), notifier.clock.now()).into_iter().enumerate()
    {
        let id = match &notice.often {
            Often::OfDate(date, key) => format!("{date}/{}", key.trim()),
            Often::Hourly(_) => format!("{}/{}/{number}", notifier.run_id, notice.kind.word()),
        };
        let message = message(notifier, notice.kind, &id, &notice.words);
        messages.push(Message { seconds_left: notice.seconds_left, symbol: notice.symbol, ..message });
    }
    messages
}

/// A refusal is told once a date for the same words and symbol; one of market or account for the same words alone.
fn is_first_refusal(entry: &Entry, outbox: &mut Outbox) -> bool {
    let is_everybodys = entry.refusal.is_some_and(Refusal::is_everybodys);
    let symbol = if is_everybodys { "" } else { entry.intent.symbol.as_str() };
    let said = entry.refused_with().map_or_else(|| entry.note.clone(), |said| said.to_string());
    outbox.repeats.is_first_of(entry.intent.trading_date, &format!("order_rejected {symbol} {said}"))
}

fn message(notifier: &Notifier<'_>, kind: NoticeKind, id: &str, words: &Sentence) -> Message {
    let mode = notifier.settings.mode;
    let text = |language| {
        let text = visible(&format!("[{}] {}", mode.say(language), words.in_language(language)));
        if text.chars().count() > MAX_TEXT { text.chars().take(MAX_TEXT).chain(['…']).collect() } else { text }
    };
    Message {
        id: visible(id),
        event: kind.word().to_owned(),
        level: kind.level(),
        mode,
        at: notifier.clock.now().trunc_subsecs(0),
        run_id: notifier.run_id.to_owned(),
        command: notifier.job.word().to_owned(),
        text: text(notifier.settings.language),
        detail: text(Language::English),
        seconds_left: None,
        symbol: None,
        order: None,
    }
}

fn order_of(entry: &Entry, event: &OrderEvent) -> MessageOrder {
    let intent = &entry.intent;
    let profit = event.filled.as_ref().and_then(|filled| filled.profit.zip(filled.profit_percent));
    MessageOrder {
        intent_id: intent.id.to_string(),
        order_id: entry.order_id.as_ref().map(OrderId::to_string),
        side: intent.side.to_string(),
        quantity: intent.quantity,
        filled_quantity: entry.filled_quantity,
        limit_price: intent.limit_price.to_string(),
        price: event.filled.as_ref().map(|filled| filled.price.to_string()),
        profit_usd: profit.map(|(won, _)| won.to_string()),
        profit_percent: profit.map(|(_, percent)| show_percent(percent)),
        reason: intent.purpose.word().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{at, day, symbol};
    use crate::domain::Symbol;
    use crate::exit::Ending;

    /// Of two holdings without a price only one could be told of by itself.
    #[test]
    fn a_reason_that_lasts_is_told_unless_each_of_its_symbols_was() {
        let ending = || Ending::nothing(Reason::NothingToSell, Sentence::verbatim("no holding meets a sell rule"));
        let told = |symbol: &Symbol| Skip::new(symbol, Rule::PriceUnknown, Sentence::verbatim("no price")).notified();
        let plain = |symbol: &Symbol| Skip::new(symbol, Rule::PriceUnknown, Sentence::verbatim("no price"));
        let [first, second] = ["AA", "BB"].map(symbol);
        for (skipped, notices) in [
            (vec![told(&first), told(&second)], 0),
            (vec![told(&first), plain(&second)], 1),
            (vec![plain(&first), plain(&second)], 1),
            (vec![], 0),
        ] {
            let mut report = Report::new(Some(Job::Sell), None, at("12:00:00"), ending());
            report.body = Body::Trade { orders: Vec::new(), skipped };
            let standing = Standing {
                reason: Rule::PriceUnknown.word().to_owned(),
                is_rule: true,
                detail: Sentence::default(),
                since: at("10:00:00"),
                sessions: 1,
                session: day(),
                runs: 2,
                is_reached_limit: false,
            };
            assert_eq!(of_standing(&report, &[standing]).len(), notices, "{:?}", report.body);
        }
    }
}
