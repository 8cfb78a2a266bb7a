//! The page as text: nothing in it is other people's markup, and its drawings say what the numbers say.

mod tables;

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::*;
use crate::decide::profit::{Profit, Tally, Trade};
use crate::decide::rule::{OfStrategy, Rule, Skip};
use crate::decide::test_support::{at, date, day, percent, symbol, usd};
use crate::domain::market_session::market_at;
use crate::domain::{
    DailyLoss, Exchange, IntentState, Json, Ledger, Lot, OrderKind, Percent, Purpose, ReasonLine, Reasons, RunEnd,
    Sample, Side, TokenState, Usd,
};
use crate::exit::{Ending, RunResult};
use crate::language::Sentence;
use crate::report::status::{AccountLine, DayOrders, LastRunLine, PositionLine, ProfitReport, StatusOrder};
use crate::report::{SheetLineView, SheetView, StrategyLine, TokenView};

const NASTY: &str = "<script>x</script>\"'&\u{202e}";

fn report(status: StatusReport) -> Report {
    let mut report =
        Report::new(Some(Job::Status), Some(Mode::Paper), at("11:37:00"), Ending::done(Sentence::default()));
    report.market = Some(market_at(at("11:37:00")));
    report.body = Body::Status(Box::new(status));
    report.language = Language::English;
    report
}

/// The page in a language.
fn page_in(language: Language, status: StatusReport) -> String {
    Report { language, ..report(status) }.to_html()
}

fn order(wall: &str, state: IntentState, filled: u64) -> StatusOrder {
    StatusOrder {
        intent_id: Some("20270309-0001".to_owned()),
        order_id: Some("0000040840".parse().unwrap()),
        symbol: symbol("TSLA"),
        exchange: Some(Exchange::Nasdaq),
        side: Side::Buy,
        quantity: 10,
        filled_quantity: filled,
        limit_price: usd("181"),
        submitted_at: Some(at(wall)),
        is_own: true,
        candidates: None,
        state: Some(state),
        average_price: usd("180.5"),
        filled_at: (filled > 0).then(|| at(wall) + TimeDelta::minutes(30)),
        said: None,
        note: String::new(),
    }
}

fn position(name: &str, cost: Option<&str>, last: Option<&str>) -> PositionLine {
    PositionLine {
        symbol: symbol("AAPL"),
        name: name.to_owned(),
        exchange: None,
        quantity: 14,
        sellable_quantity: 4,
        average_cost: cost.map(usd),
        last: last.map(usd),
        previous_close: None,
        profit_percent: None,
        is_managed: true,
        stop_loss_shares: None,
    }
}

fn sheet_line(
    role: &str,
    side: Side,
    kind: OrderKind,
    price: Option<&str>,
    stage: Option<IntentState>,
) -> SheetLineView {
    SheetLineView {
        of_strategy: OfStrategy {
            strategy: "tqqq".to_owned(),
            role: Some(role.to_owned()),
            tag: None,
            kind: Some(kind),
        },
        symbol: symbol("TQQQ"),
        side,
        quantity: 7,
        limit_price: price.map(usd),
        state: stage.map_or("planned", IntentState::word),
        order_id: stage.map(|_| "0000040840".parse().unwrap()),
        is_sent: stage.is_some(),
        stage,
    }
}

/// A report whose every text from outside is nasty.
fn nasty() -> Report {
    let text = NASTY.to_owned();
    let said = Sentence::verbatim(NASTY);
    let lines = vec![ReasonLine { symbol: symbol("AAPL"), rule: text.clone(), detail: said.clone() }];
    let reasons = Reasons { at: at("10:00:00"), reason: Some(text.clone()), detail: said.clone(), lines };
    let recent = vec![RunEnd { at: at("10:00:00"), exit_code: 0, reason: None }; 3];
    let run =
        LastRunLine { at: at("10:00:00"), exit_code: 1, result: text.clone(), reason: Some(text.clone()), recent };
    let mut rejected = order("10:00:00", IntentState::Rejected, 0);
    rejected.note.clone_from(&text);
    let mut unknown = order("10:00:00", IntentState::Unknown, 0);
    unknown.intent_id = Some(text.clone());
    let its_line = sheet_line("x", Side::Buy, OrderKind::Loc, Some("9"), Some(IntentState::Accepted));
    // A program's own words, and a tag that no program could give.
    let of_program = OfStrategy { role: None, tag: Some(text.clone()), ..its_line.of_strategy.clone() };
    let lines = vec![SheetLineView { of_strategy: of_program, ..its_line }];
    let sheet = Some(SheetView { date: day(), lines });
    let strategy = StrategyLine::new((NASTY, "program"), None, Ledger::default(), Json::default(), sheet);
    let strategy = strategy.with(said.clone(), Some(Skip::new(&symbol("AAPL"), Rule::RuleFailed, said.clone())));
    let mut report = report(StatusReport {
        account_number: text.clone(),
        positions: Some(vec![position(NASTY, None, None)]),
        open_orders: Some(Vec::new()),
        unknown_orders: Some(vec![unknown]),
        last_runs: Some(BTreeMap::from([(text.clone(), run)])),
        reasons: Some(BTreeMap::from([("buy".to_owned(), reasons)])),
        halt_reason: Some(said.clone()),
        strategies: vec![strategy],
        day: DayOrders { date: Some(day()), hours: None, orders: vec![rejected] },
        ..StatusReport::default()
    });
    report.ending.result = RunResult::Failed;
    report.warnings = vec![said.clone()];
    (report.ending.detail, report.ending.because, report.ending.next) = (said.clone(), said.clone(), said);
    report
}

#[test]
fn nothing_from_outside_is_markup() {
    let page = nasty().to_html();
    assert!(!page.contains("<script") && !page.contains('\u{202e}'), "{page}");
    let escaped = page.matches("&lt;script&gt;x&lt;/script&gt;&quot;&#39;&amp;\\u{202e}").count();
    assert!(escaped >= 19, "{escaped}: {page}");
}

#[test]
fn a_page_can_be_made_of_nothing() {
    let page = report(StatusReport::default()).to_html();
    for part in [
        "The line begins with the next run",
        "The balance could not be read",
        "The journal could not be read",
        "No run yet",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page_in(Language::Korean, StatusReport::default()).contains("잔고를 조회하지 못했습니다"));
    assert_eq!(page.matches("<section").count(), page.matches("</section>").count());
}

fn sample(hours: i64) -> Sample {
    let total = Usd((10_000 + hours).into());
    Sample { at: at("11:00:00") - TimeDelta::hours(hours), total, ..Sample::default() }
}

#[test]
fn each_range_has_a_chart_and_a_button_without_script() {
    let page = |hours: &[i64]| {
        let history = Some(hours.iter().rev().map(|hours| sample(*hours)).collect());
        let account = AccountLine { total: Some(usd("10000")), ..AccountLine::default() };
        let daily_loss = Some(DailyLoss {
            trading_date: day(),
            first_total: usd("10001"),
            change: Percent::ZERO,
            limit: Percent::ZERO,
            is_past_limit: false,
        });
        page_in(Language::English, StatusReport { history, account, daily_loss, ..StatusReport::default() })
    };
    let short = page(&[0, 1]);
    assert!(short.contains("chart-all-title") && !short.contains("<nav"), "{short}");
    assert!(short.contains("\u{2212}1.00 (\u{2212}0.01\u{a0}%)"), "{short}");
    let long = page(&[0, 1, 500, 9_000]);
    for (id, others) in [("days", "months all"), ("months", "days all"), ("all", "days months")] {
        let pane = long.split_once(&format!("id=\"range-{id}\">")).unwrap().1.split_once("</nav>").unwrap().0;
        assert!(pane.contains(&format!("<a href=\"#range-{id}\" aria-current=\"true\">")), "{pane}");
        assert!(others.split(' ').all(|other| pane.contains(&format!("<a href=\"#range-{other}\">"))), "{pane}");
    }
    let last = long.rfind("class=\"range").unwrap();
    assert!(long[last..].starts_with("class=\"range default\" id=\"range-months\""), "it hides when another is chosen");
    assert!(page(&[0, 0]).contains("The line begins with the next run"), "two looks at once are no line");
    let unknown =
        page_in(Language::English, StatusReport { history: Some(vec![sample(1)]), ..StatusReport::default() });
    assert!(unknown.contains("last known: 10,001.00 USD at 10:00 EST"), "{unknown}");
}

#[test]
fn todays_date_is_not_repeated_and_the_readers_clock_comes_first() {
    let of = |language: Language, instant: &str| {
        let report = Report { language, ..report(StatusReport::default()) };
        let status = StatusReport::default();
        let page = Page { report: &report, status: &status, language };
        let time = page.time(instant.parse().unwrap());
        time.split_once("\">")
            .unwrap()
            .1
            .replace("<span>", "")
            .replace("<span class=\"muted\">", "")
            .replace("</span>", "")
            .replace("</time>", "")
    };
    // The report is of 2027-03-09 11:37 in New York, 01:37 on the 10th in Korea.
    for (instant, english, korean) in [
        ("2027-03-09T15:14:00Z", "10:14 EST 03-10 00:14 KST", "00:14 현지 03-09 10:14"),
        ("2027-03-09T14:31:00Z", "09:31 EST 23:31 KST", "03-09 23:31 현지 09:31"),
        ("2027-03-08T14:31:00Z", "03-08 09:31 EST 23:31 KST", "03-08 23:31 현지 09:31"),
        ("2026-12-31T14:31:00Z", "2026-12-31 09:31 EST 23:31 KST", "2026-12-31 23:31 현지 09:31"),
    ] {
        assert_eq!(of(Language::English, instant), english);
        assert_eq!(of(Language::Korean, instant), korean);
    }
}

#[test]
fn the_page_reloads_when_the_next_one_is_due() {
    let page = |minutes_ago: Option<i64>| {
        let run = |minutes: i64| LastRunLine {
            at: at("11:37:00") - TimeDelta::minutes(minutes),
            exit_code: 0,
            result: "done".to_owned(),
            reason: None,
            recent: Vec::new(),
        };
        let last_runs = minutes_ago.map(|minutes| BTreeMap::from([("status".to_owned(), run(minutes))]));
        page_in(Language::English, StatusReport { last_runs, ..StatusReport::default() })
    };
    for (minutes_ago, seconds, due) in [
        (None, 300, "11:42"),
        (Some(30), 1_800, "12:07"),
        (Some(900), 3_600, "12:37"),
        (Some(0), 300, "11:42"),
        (Some(-9), 300, "11:42"),
    ] {
        let page = page(minutes_ago);
        assert!(page.contains(&format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">")), "{minutes_ago:?}");
        assert!(page.contains(&format!("Next update expected at {due} EST")), "{minutes_ago:?}");
    }
}

#[test]
fn runs_are_folded_unless_one_failed_and_the_token_is_one_line() {
    let run = |exit_code: u8, reason: Option<&str>| LastRunLine {
        at: at("11:30:00"),
        exit_code,
        result: String::new(),
        reason: reason.map(str::to_owned),
        recent: Vec::new(),
    };
    let page = |run: LastRunLine| {
        let last_runs = Some(BTreeMap::from([("buy".to_owned(), run)]));
        let mut report = report(StatusReport { last_runs, renew_at_seconds: 14_400, ..StatusReport::default() });
        let expires_at = Some(at("11:37:00") + TimeDelta::hours(20));
        report.token =
            Some(TokenView { state: TokenState::Valid, expires_at, seconds_left: Some(72_000), renewed: false });
        report.to_html()
    };
    let well = page(run(0, Some("filter_not_met")));
    assert!(well.contains("<details><summary>Last runs: none failed, the latest 11:30 EST<"), "{well}");
    assert!(well.contains("nothing to do<small>filter not met</small>"), "{well}");
    assert!(
        well.contains("Access token: 20 h left, until 03-10 07:37 EST; renewed once 4 h or less are left."),
        "{well}"
    );
    let failed = page(run(69, Some("gateway_unreachable")));
    assert!(failed.contains("<details open><summary>Last runs: failed: buy<"), "{failed}");
    assert!(failed.contains("failed<small>KIS unreachable</small>") && !failed.contains("exit 69"), "{failed}");
}

#[test]
fn every_stable_word_has_a_name() {
    let rules = Rule::ALL.map(Rule::word).map(str::to_owned).to_vec();
    let purposes = Purpose::ALL.map(Purpose::word).map(str::to_owned).to_vec();
    let nameless: Vec<String> = [rules, purposes]
        .concat()
        .into_iter()
        .filter(|word| words::names::name_of(word).ko == word.replace('_', " "))
        .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
    assert_eq!(words::names::name_of("of_tomorrow"), Sentence::verbatim("of tomorrow"));
}
