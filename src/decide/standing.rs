//! Standing reasons: what keeps a command from its work in run after run and does not pass by itself. People are told of each
//! once a session, and `status` says how long it has lasted.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::decide::rule::{Rule, Skip};
use crate::exit::Reason;
use crate::language::Sentence;
use crate::ordered::Ordered;

/// Reasons that may last in silence. `docs/faults.md` lists them for people.
pub const SILENT_REASONS: [Reason; 8] = [
    Reason::MarketClosed,
    Reason::AfterBuyUntil,
    Reason::RanJustNow,
    Reason::TooSoon,
    Reason::NothingToSell,
    Reason::NothingToCancel,
    Reason::NoPosition,
    Reason::FilterNotMet,
];

/// Rules that may pass a symbol over in silence: they say what a person asked for.
pub const SILENT_RULES: [Rule; 15] = [
    Rule::DeclineTooSmall,
    Rule::Hold,
    Rule::Keep,
    Rule::Cooldown,
    Rule::RebuyRule,
    Rule::NotPicked,
    Rule::OrderOpen,
    Rule::MaxPositions,
    // The run's own reason, said of each symbol that was left.
    Rule::Halted,
    Rule::MarketClosed,
    Rule::AfterBuyUntil,
    Rule::TooYoung,
    Rule::StrategySymbol,
    Rule::LocDeferred,
    Rule::Withdrawn,
];

/// How far a run got, and hence which reasons it ends by not meeting them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It looked at nothing.
    Nothing,
    /// It ended at a gate, or failed: another gate's reason is over.
    Gates,
    /// It judged every symbol.
    Symbols,
}

/// How far a run got that ended like this.
pub fn reach(reason: Option<Reason>) -> Reach {
    match reason {
        Some(
            Reason::MarketClosed | Reason::AfterBuyUntil | Reason::RanJustNow | Reason::TooSoon | Reason::LockBusy,
        ) => Reach::Nothing,
        None
        | Some(
            Reason::NoCandidate
            | Reason::CashTooLow
            | Reason::NothingToSell
            | Reason::NoPosition
            | Reason::OrderRejected,
        ) => Reach::Symbols,
        Some(_) => Reach::Gates,
    }
}

/// What was met in none of a command's runs for so long has ended: the command no longer runs, or its runs never got there.
const MAX_GAP: TimeDelta = TimeDelta::days(7);

/// A reason that a run met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// Its word: the run's, or the rule's by which symbols were passed over.
    pub reason: String,
    /// Its numbers, or the symbols.
    pub detail: Sentence,
    /// True for a rule's word.
    pub is_rule: bool,
    /// True when each of the symbols has reached its limit.
    pub is_reached_limit: bool,
}

/// A reason that one or more runs of a command met, the latest among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its word.
    pub reason: String,
    /// True for a rule's word.
    pub is_rule: bool,
    /// The numbers or symbols of the latest run that met it.
    pub detail: Sentence,
    /// When it was first met.
    pub since: DateTime<Utc>,
    /// Trading dates on which it was met.
    pub sessions: u32,
    /// The latest of them.
    pub session: NaiveDate,
    /// Runs of that date that met it.
    pub runs: u32,
    /// True when each of the symbols has reached its limit: reported like any other reason, but not as an alarm.
    #[serde(default)]
    pub is_reached_limit: bool,
}

impl Standing {
    /// Reports whether it lasts: a reason met only once may be gone with the next run.
    pub fn stands(&self) -> bool {
        self.sessions > 1 || self.runs > 1
    }
}

/// The reasons that a run met and that may not last in silence. `is_invested`: more than half of the account is in shares, so
/// that little cash is what the rules are meant to leave.
pub fn met(reason: Option<Reason>, detail: &Sentence, skipped: &[Skip], is_invested: bool) -> Vec<Met> {
    let loud = || skipped.iter().filter(|skip| !SILENT_RULES.contains(&skip.rule));
    let is_loud = |reason: &Reason| match reason {
        Reason::CashTooLow => !is_invested,
        // What kept the symbols from being bought is named by itself.
        Reason::NoCandidate => false,
        reason => !SILENT_REASONS.contains(reason),
    };
    let of_run = reason.filter(is_loud);
    let of_run = of_run.map(|reason| Met {
        reason: reason.word(),
        detail: detail.clone(),
        is_rule: false,
        is_reached_limit: false,
    });
    let mut by_rule: BTreeMap<&str, Vec<&Skip>> = BTreeMap::new();
    // Without the cash for it each pick is too expensive.
    for skip in loud().filter(|_| reason != Some(Reason::CashTooLow)) {
        by_rule.entry(skip.rule.word()).or_default().push(skip);
    }
    let of_rules = by_rule.into_iter().map(|(rule, skips)| Met {
        reason: rule.to_owned(),
        detail: Sentence::verbatim(skips.iter().map(|skip| skip.symbol.as_str()).collect::<Vec<_>>().join(", ")),
        is_rule: true,
        is_reached_limit: skips.iter().all(|skip| skip.is_reached_limit),
    });
    of_run.into_iter().chain(of_rules).collect()
}

/// The standing reasons of a command after one more run of it, at `at` in `session`, that got as far as `reach`.
pub fn follow(
    before: Vec<Standing>,
    met: Vec<Met>,
    reach: Reach,
    at: DateTime<Utc>,
    session: NaiveDate,
) -> Vec<Standing> {
    let is_recent = |standing: &Standing| session - standing.session <= MAX_GAP;
    let recent = before.into_iter().filter(is_recent);
    let mut known: BTreeMap<_, _> = recent.map(|standing| (standing.reason.clone(), standing)).ordered();
    let mut after: Vec<Standing> = Vec::new();
    for Met { reason, detail, is_rule, is_reached_limit } in met {
        let mut standing = known.remove(&reason).unwrap_or_else(|| Standing {
            reason,
            is_rule,
            detail: Sentence::default(),
            since: at,
            sessions: 0,
            session,
            runs: 0,
            is_reached_limit,
        });
        if standing.sessions == 0 || standing.session != session {
            standing.sessions += 1;
            standing.runs = 0;
        }
        after.push(Standing { detail, session, runs: standing.runs + 1, is_reached_limit, ..standing });
    }
    after.extend(known.into_values().filter(|standing| match reach {
        Reach::Nothing => true,
        Reach::Gates => standing.is_rule,
        Reach::Symbols => false,
    }));
    after.sort_by(|one, other| (one.since, &one.reason).cmp(&(other.since, &other.reason)));
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::test_support::{at, symbol};

    const MONDAY: &str = "2027-03-08";

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn one(reason: &str) -> Vec<Met> {
        vec![Met {
            reason: reason.to_owned(),
            detail: Sentence::verbatim("AA"),
            is_rule: true,
            is_reached_limit: false,
        }]
    }

    #[test]
    fn a_reason_stands_from_its_second_run_and_ends_with_a_run_that_did_not_meet_it() {
        let first = follow(Vec::new(), one("price_unknown"), Reach::Symbols, at("10:00:00"), day(MONDAY));
        assert!(!first[0].stands());
        let second = follow(first, one("price_unknown"), Reach::Symbols, at("11:00:00"), day(MONDAY));
        assert!(second[0].stands());
        assert_eq!((second[0].sessions, second[0].runs, second[0].since), (1, 2, at("10:00:00")));
        let next = follow(second.clone(), one("price_unknown"), Reach::Symbols, at("10:00:00"), day("2027-03-09"));
        assert_eq!((next[0].sessions, next[0].runs, next[0].stands()), (2, 1, true));
        assert_eq!(follow(second.clone(), Vec::new(), Reach::Gates, at("12:00:00"), day(MONDAY)), second);
        assert_eq!(follow(second.clone(), Vec::new(), Reach::Symbols, at("12:00:00"), day(MONDAY)), Vec::new());
        assert_eq!(follow(second, Vec::new(), Reach::Gates, at("12:00:00"), day("2027-03-16")), Vec::new());
    }

    #[test]
    fn what_a_person_asked_for_stands_in_silence() {
        let skip = |rule| Skip::new(&symbol("AA"), rule, Sentence::default());
        for rule in SILENT_RULES {
            assert_eq!(
                met(Some(Reason::NoCandidate), &Sentence::default(), &[skip(rule)], false),
                Vec::new(),
                "{}",
                rule.word()
            );
        }
        let loud =
            met(Some(Reason::NoCandidate), &Sentence::default(), &[skip(Rule::PriceUnknown), skip(Rule::Hold)], false);
        assert_eq!(loud, one("price_unknown"));
        for reason in SILENT_REASONS {
            assert_eq!(met(Some(reason), &Sentence::default(), &[], false), Vec::new(), "{reason:?}");
        }
        assert_eq!(met(Some(Reason::CashTooLow), &Sentence::default(), &[], true), Vec::new());
        let poor = met(Some(Reason::CashTooLow), &Sentence::verbatim("12 USD"), &[skip(Rule::TooExpensive)], false);
        assert_eq!(
            poor,
            vec![Met {
                reason: "cash_too_low".to_owned(),
                detail: Sentence::verbatim("12 USD"),
                is_rule: false,
                is_reached_limit: false
            }]
        );
        assert_eq!(met(None, &Sentence::default(), &[], false), Vec::new());
    }
}
