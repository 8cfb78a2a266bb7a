//! The page as text: nothing in it is other people's markup, and its drawings say what the numbers say.

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

#[test]
fn what_became_of_an_order_stands_beside_its_line() {
    let orders = vec![
        order("10:00:00", IntentState::Filled, 10),
        order("10:30:00", IntentState::Cancelled, 4),
        order("11:00:00", IntentState::Rejected, 0),
        order("11:30:00", IntentState::Accepted, 0),
    ];
    let market = market_at(at("11:37:00"));
    let hours = market.opens_at.zip(market.closes_at);
    let status = StatusReport {
        open_orders: Some(Vec::new()),
        day: DayOrders { date: Some(day()), hours, orders },
        ..StatusReport::default()
    };
    let page = report(status).to_html();
    for part in [
        "filled 10 at 180.50<small",
        "cancelled, filled 4 of 10 at",
        "<div>rejected<small",
        "sent 11:30 EST / 01:30 KST",
        "fill seen 10:30 EST / 00:30 KST",
        ">16<br>06<",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let count = |part: &str| page.matches(part).count();
    assert_eq!(count("<use href=\"#fill\" x=\"") - 1, 2, "two orders have fills, besides the legend");
    assert_eq!(count("<use href=\"#end\" x=\"") - 1, 1, "one ended without");
    assert_eq!(count("class=\"life open\" x1=\"30"), 1, "one is open: {page}");
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
fn positions_have_their_profit_weight_and_sum() {
    let known = PositionLine {
        previous_close: Some(usd("108")),
        sellable_quantity: 14,
        ..position("애플", Some("100"), Some("110.125"))
    };
    let loss = PositionLine { previous_close: Some(usd("100")), ..position("", Some("100.5"), Some("95")) };
    let account = AccountLine { total: Some(usd("5743.50")), ..AccountLine::default() };
    let cells = |lines: Vec<PositionLine>| {
        let status = StatusReport { positions: Some(lines), account, ..StatusReport::default() };
        let page = page_in(Language::English, status);
        let table = page.split_once("<table role=\"table\" class=\"stack pairs positions\">").unwrap().1;
        let table = table.split_once("</table>").unwrap().0.replace("</t", " </t");
        let mut is_tag = false;
        let text: String = table
            .chars()
            .filter(|c| {
                is_tag = *c == '<' || (is_tag && *c != '>');
                !is_tag && *c != '>'
            })
            .collect();
        text.replace(['\u{2007}', '\u{a0}'], "_")
    };
    let both = cells(vec![known.clone(), loss.clone()]);
    for part in [
        "14 100.00 110.125 +1.97_% 1,541.75 26.8_% +141.75 ▲_+10.12_%",
        "144 sellable 100.50 95.00_ −5.00_% 1,330.00 23.2_% −77.00 ▼_−5.47_%",
        "Sum    −1.38_% 2,871.75 50.0_% +64.75 ▲_+2.31_%",
    ] {
        assert!(both.contains(part), "{part}: {both}");
    }
    let unpriced = cells(vec![known, position("", None, None)]);
    assert!(unpriced.contains("– – – – – – –") && unpriced.contains("Sum    – – – – –"), "{unpriced}");
}

fn trade(side: Side, wall: &str, profit: Option<&str>) -> Trade {
    let amount = usd("110");
    Trade {
        at: at(wall),
        date: day(),
        symbol: symbol("SOUN"),
        side,
        quantity: 10,
        price: usd("11"),
        amount,
        profit: profit.map(usd),
    }
}

#[test]
fn profit_is_shown_by_month_and_trades_with_theirs() {
    let tally = |realised: &str, sells, wins| Tally { realised: usd(realised), sells, wins };
    let profit = Profit {
        since: Some(date("2026-12-29")),
        total: tally("50", 3, 2),
        sells_without_cost: 1,
        turnover: usd("4000"),
        months: [("2027-02", tally("100", 2, 2)), ("2027-03", tally("-50", 1, 0))]
            .map(|(month, tally)| (month.to_owned(), tally))
            .into(),
        symbols: [(symbol("SOUN"), tally("50", 3, 2))].into(),
    };
    let mut trades: Vec<Trade> = (0..30).map(|_| trade(Side::Sell, "09:40:00", None)).collect();
    trades.extend([trade(Side::Buy, "10:00:00", None), trade(Side::Sell, "10:30:00", Some("10"))]);
    let status = StatusReport {
        recent_profit: Some(ProfitReport { profit, fee_percent: percent("0.250") }),
        trades,
        unrealised: Some(usd("7.50")),
        ..StatusReport::default()
    };
    let page = page_in(Language::English, status.clone());
    for part in [
        "<dt>Realised</dt><dd><span class=\"up\">+50.00</span>",
        "<dt>Fees, estimated</dt><dd>\u{2212}10.00<",
        "<dt>Total</dt><dd><span class=\"up\">+47.50</span>",
        "2 of 3 sells",
        "estimated at 0.25\u{a0}% a side (<code>[fees] percent</code>)",
        "Sells whose cost is not known: 1.",
        "class=\"bar-up\" x=\"50.00%\" y=\"2\" width=\"50.00%\"",
        "class=\"bar-down\" x=\"25.00%\" y=\"2\" width=\"25.00%\"",
        "<span class=\"up\">+10.00</span><small>+10.00\u{a0}%</small>",
        "sell 10 SOUN<small>at 11.00</small>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let table = page.split_once("class=\"stack trades\"").unwrap().1.split_once("</table>").unwrap().0;
    assert_eq!(table.matches("role=\"rowheader\"").count(), 20);
    assert!(table.find("sell 10").unwrap() < table.find("buy 10").unwrap(), "the latest first");
    assert!(page_in(Language::Korean, status).contains("SOUN 10주 매도<small>체결가 11.00</small>"));
    let empty = ProfitReport { profit: Profit::default(), fee_percent: percent("0.25") };
    let fresh = page_in(Language::English, StatusReport { recent_profit: Some(empty), ..StatusReport::default() });
    assert_eq!(fresh.matches("No own order has filled yet.").count(), 2, "{fresh}");
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

#[test]
fn a_strategy_has_its_state_its_money_and_its_sheet() {
    use OrderKind::{Limit, Loc, Moc};
    let lines = vec![
        sheet_line("quarter", Side::Sell, Loc, Some("78.12"), Some(IntentState::Accepted)),
        sheet_line("target", Side::Sell, Limit, Some("80.21"), Some(IntentState::Filled)),
        sheet_line("moc", Side::Sell, Moc, None, None),
        sheet_line("half", Side::Buy, Loc, Some("78.11"), None),
    ];
    let lot = Lot { quantity: 29, average_cost: usd("69.75") };
    let ledger = Ledger { cash: usd("19412.28"), lots: BTreeMap::from([(symbol("TQQQ"), lot)]) };
    let state = r#"{"t":"4","mode":"normal","unit":"539.23","cash":"19412.28","cycles":0}"#;
    let line = |name: &str, kind, state: &str, sheet| {
        StrategyLine::new((name, kind), Some(symbol("TQQQ")), ledger.clone(), Json(state.to_owned()), sheet)
    };
    let sheet = Some(SheetView { date: day(), lines });
    let blocked = Skip::new(&symbol("TQQQ"), Rule::LedgerMismatch, Sentence::verbatim("29 here, 30 there"));
    let strategies = vec![
        line("tqqq", "infinite_v40", state, sheet).with(Sentence::verbatim("T 3 → 4"), Some(blocked)),
        line("dip", "program", "{}", None),
    ];
    let status = || StatusReport { strategies: strategies.clone(), ..StatusReport::default() };
    let page = page_in(Language::English, status());
    let part = page.split_once("id=\"strategies\">").unwrap().1.split_once("</section>").unwrap().0;
    for words in [
        "<h3>tqqq <span class=\"muted\">infinite buying 4.0</span></h3>",
        "<b>Nothing is sent.</b> shares differ from the account: 29 here, 30 there",
        "<dt>State</dt><dd>T 4.00, normal</dd>",
        "<dt>A day&#39;s unit</dt><dd>539.23</dd>",
        "<dt>Own cash</dt><dd>19,412.28</dd>",
        "<dt>Shares</dt><dd>29 TQQQ at 69.75</dd>",
        "sheet of 2027-03-09: 2 of 4 lines at KIS; T 3 → 4",
        ">sell 7 TQQQ<",
        ">LOC<",
        ">limit<",
        ">MOC<",
        ">accepted<small>0000040840</small><",
        ">filled<small>0000040840</small><",
        "Orders for the close are emulated on a paper account",
        "<h3>dip <span class=\"muted\">a program of yours</span></h3>",
        "No sheet yet.",
    ] {
        assert!(part.contains(words), "{words}: {part}");
    }
    assert_eq!(part.matches(">not sent yet<").count(), 2, "{part}");
    let korean = page_in(Language::Korean, status());
    for words in [
        "<h2 id=\"strategies\">전략</h2>",
        "무한매수법 4.0",
        "<dt>1회 매수금</dt><dd>539.23</dd>",
        "2027-03-09 주문표: 4줄 가운데 2줄 접수",
        ">쿼터 매도<",
        ">TQQQ 7주 매도<",
        ">지정가<",
        ">아직 보내지 않음<",
    ] {
        assert!(korean.contains(words), "{words}: {korean}");
    }
    let real = Report { mode: Some(Mode::Real), ..report(status()) }.to_html();
    assert!(!real.contains("emulated"), "{real}");
    assert!(!page_in(Language::English, StatusReport::default()).contains("id=\"strategies\""));
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
