//! The page as text: nothing in it is other people's markup, and its drawings say what the numbers say.

use crate::exit::Ending;
use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::*;
use crate::decide::test_support::{at, day, symbol, usd};
use crate::domain::market_session::market_at;
use crate::domain::{
    DailyLoss, Exchange, IntentState, Job, Percent, ReasonLine, Reasons, RunEnd, Sample, Side, TokenSeen, TokenState,
    Usd,
};
use crate::report::TokenView;
use crate::report::status::{AccountLine, DayOrders, LastRunLine, PositionLine, StatusOrder};

const NASTY: &str = "<script>x</script>\"'&\u{202e}";

fn report(status: StatusReport) -> Report {
    let mut report = Report::new(Some(Job::Status), Some(Mode::Paper), at("11:37:00"), Ending::done(""));
    report.market = Some(market_at(at("11:37:00")));
    report.body = Body::Status(Box::new(status));
    report
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
        profit_percent: None,
        is_managed: true,
        stop_loss_shares: None,
    }
}

/// A report whose every text from outside is nasty.
fn nasty() -> Report {
    let text = NASTY.to_owned();
    let lines = vec![ReasonLine { symbol: symbol("AAPL"), rule: text.clone(), detail: text.clone().into() }];
    let reasons = Reasons { at: at("10:00:00"), reason: Some(text.clone()), detail: text.clone().into(), lines };
    let recent = vec![RunEnd { at: at("10:00:00"), exit_code: 0, reason: None }; 3];
    let run =
        LastRunLine { at: at("10:00:00"), exit_code: 1, result: text.clone(), reason: Some(text.clone()), recent };
    let mut rejected = order("10:00:00", IntentState::Rejected, 0);
    rejected.note.clone_from(&text);
    let mut unknown = order("10:00:00", IntentState::Unknown, 0);
    unknown.intent_id = Some(text.clone());
    let mut report = report(StatusReport {
        account_number: text.clone(),
        positions: Some(vec![position(NASTY, None, None)]),
        open_orders: Some(Vec::new()),
        unknown_orders: Some(vec![unknown]),
        last_runs: Some(BTreeMap::from([(text.clone(), run)])),
        reasons: Some(BTreeMap::from([("buy".to_owned(), reasons)])),
        halt_reason: Some(text.clone().into()),
        day: DayOrders { date: Some(day()), hours: None, orders: vec![rejected] },
        ..StatusReport::default()
    });
    report.ending.result = RunResult::Failed;
    report.warnings = vec![text.clone().into()];
    (report.ending.detail, report.ending.because, report.ending.next) =
        (text.clone().into(), text.clone().into(), text.into());
    report
}

#[test]
fn nothing_from_outside_is_markup() {
    let page = nasty().to_html();
    assert!(!page.contains("<script") && !page.contains('\u{202e}'), "{page}");
    let escaped = page.matches("&lt;script&gt;x&lt;/script&gt;&quot;&#39;&amp;\\u{202e}").count();
    assert!(escaped >= 15, "{escaped}: {page}");
}

#[test]
fn a_page_can_be_made_of_nothing() {
    let page = report(StatusReport::default()).to_html();
    for part in [
        "The line begins with the next look",
        "The balance could not be read",
        "The journal could not be read",
        "No run yet",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
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
        "filled 10 at <data value=\"180.50\">180.50</data><small",
        "cancelled, filled 4 of 10 at",
        "<div>rejected<small",
        "sent 11:30 EST / 01:30 KST",
        "fill seen 10:30 EST / 00:30 KST",
        ">16:00<br>06:00<",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(page.matches("<path class=\"fill\" d=\"M0-6").count(), 2, "two orders have fills");
    assert_eq!(page.matches("<path class=\"end\" d=\"M9-4").count(), 1, "one ended without");
    assert_eq!(page.matches("class=\"life open\" x1=\"30").count(), 1, "one is open: {page}");
}

#[test]
fn bars_go_left_for_a_loss_and_right_for_a_profit() {
    let positions = vec![
        position("", Some("100"), Some("110")),
        position("", Some("100"), Some("95")),
        position("", Some("100"), Some("100")),
        position("", None, Some("100")),
    ];
    let page = account::positions(&StatusReport { positions: Some(positions), ..StatusReport::default() });
    for part in [
        "class=\"bar-up\" x=\"50.00%\" y=\"2\" width=\"50.00%\"",
        "\u{25b2}\u{a0}+10.00\u{a0}%",
        "class=\"bar-down\" x=\"25.00%\" y=\"2\" width=\"25.00%\"",
        "\u{25bc}\u{a0}\u{2212}5.00\u{a0}%",
        "<span class=\"same\">0.00\u{a0}%</span>",
        "<span class=\"muted\">?</span>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn a_long_line_gets_a_second_one_of_its_latest_days() {
    let sample = |hours: i64| Sample {
        at: at("11:00:00") - TimeDelta::hours(hours),
        total: Usd((10_000 + hours).into()),
        ..Sample::default()
    };
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
        let status = StatusReport { history, account, daily_loss, ..StatusReport::default() };
        account::total(&report(StatusReport::default()), &status)
    };
    assert!(page(&[0, 1]).contains("total-line-title") && !page(&[0, 1]).contains("latest-line"));
    assert!(page(&[0, 1, 500]).contains("latest-line-title"));
    assert!(!page(&[0, 500, 600]).contains("latest-line"), "one look is no line");
    assert!(page(&[0, 0]).contains("The line begins with the next look"), "two looks at once are no line");
    let history = Some(vec![sample(1)]);
    let unknown =
        account::total(&report(StatusReport::default()), &StatusReport { history, ..StatusReport::default() });
    assert!(unknown.contains("last known: <data value=\"10001.00\">10,001.00</data> USD on <time"), "{unknown}");
    assert!(page(&[0, 1]).contains("\u{2212}1.00 (\u{2212}0.01\u{a0}%)"), "{}", page(&[0, 1]));
}

#[test]
fn the_tokens_line_falls_an_hour_an_hour_and_rises_when_it_is_renewed() {
    let seen = |hours_ago: i64| {
        let at = at("11:37:00") - TimeDelta::hours(hours_ago);
        TokenSeen { at, expires_at: at + TimeDelta::hours(24) }
    };
    let mut report = report(StatusReport::default());
    let expires_at = Some(seen(4).expires_at);
    report.token =
        Some(TokenView { state: TokenState::Valid, expires_at, seconds_left: Some(20 * 3_600), renewed: false });
    let status =
        StatusReport { tokens: vec![seen(24), seen(4)], renew_at_seconds: 4 * 3_600, ..StatusReport::default() };
    let html = token::life(&report, &status);
    // From 24 hours left to 4, up again, down to 20; the rest of its life lies ahead.
    assert!(html.contains("<polyline class=\"line\" points=\"0,0 4545,8333 4545,0 5454,1667\"/>"), "{html}");
    assert!(html.contains("<polyline class=\"ahead\" points=\"5454,1667 10000,10000\"/>"), "{html}");
    assert!(html.contains("<td role=\"cell\" data-label=\"The one before had left\" class=\"n\">4h00m</td>"), "{html}");
    report.token = None;
    assert!(token::life(&report, &status).contains("Unknown"));
}
