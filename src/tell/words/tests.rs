//! What people read, word for word.

use super::*;
use crate::decide::test_support::{TestJournal, at, date, intent, key, outcome, percent, symbol, usd};
use crate::domain::{Intent, IntentId, IntentState, OutcomeClass, Purpose, Record, Resolved, Verdict};
use crate::exit::Failure;
use crate::language::Sentence;
use crate::tell::order_events::{Announced, events_of};

/// A journal with one order.
fn past_of(purpose: Purpose, side: Side, quantity: u64, price: &str) -> (TestJournal, IntentId) {
    let mut past = TestJournal::default();
    let intent = Intent { purpose, average_cost: Some(usd("200")), ..intent(1, side, "TSLA", quantity, price) };
    let id = intent.id.clone();
    past.tell(Record::Intent(intent));
    (past, id)
}

fn accept(past: &mut TestJournal, id: &IntentId) {
    past.tell(Record::Outcome(outcome(id, OutcomeClass::Accepted, Some("40840"))));
}

/// What is new of the order, in both languages.
fn news(past: &TestJournal, id: &IntentId, announced: &mut Announced) -> Vec<(String, String)> {
    let (events, now) = events_of(past.entry(id), announced);
    *announced = now;
    let words = |event| order_words(past.entry(id), event, Some(date("2027-06-17")));
    events.iter().map(words).map(|words| (words.ko, words.en)).collect()
}

#[track_caller]
fn assert_news(news: &[(String, String)], expected: &[(&str, &str)]) {
    let news: Vec<(&str, &str)> = news.iter().map(|(ko, en)| (ko.as_str(), en.as_str())).collect();
    assert_eq!(news, expected);
}

#[test]
fn a_buy_in_a_brokers_words() {
    let (mut past, id) = past_of(Purpose::FellMost, Side::Buy, 11, "1810.5");
    accept(&mut past, &id);
    let mut so_far = Announced::default();
    assert_news(
        &news(&past, &id, &mut so_far),
        &[(
            "매수 접수: TSLA 11주 · 지정가 $1,810.50 · 주문번호 0000040840",
            "buy accepted: 11 TSLA, limit $1,810.50, order 0000040840",
        )],
    );
    past.sees(&id, IntentState::Accepted, 5, 6, "1810.25");
    assert_news(
        &news(&past, &id, &mut so_far),
        &[("매수 일부 체결: TSLA 5주 (5/11) · 체결가 $1,810.25", "buy partly filled: 5 TSLA (5/11) at $1,810.25")],
    );
    let mut filled = past.clone();
    filled.sees(&id, IntentState::Filled, 11, 0, "1810.25");
    assert_news(
        &news(&filled, &id, &mut so_far.clone()),
        &[("매수 체결: TSLA 11주 · 체결가 $1,810.25", "buy filled: 11 TSLA at $1,810.25")],
    );
    for (end, ko, en) in [
        (IntentState::Cancelled, "취소", "cancelled"),
        (IntentState::Expired, "미체결 종료(장 마감)", "expired with the session"),
        (IntentState::Replaced, "외부 정정", "changed outside kis-trade"),
        (IntentState::Rejected, "거부", "rejected"),
    ] {
        let mut ended = past.clone();
        ended.sees(&id, end, 5, 0, "1810.25");
        let ko = format!("매수 일부 체결: TSLA 5주 (5/11) · 체결가 $1,810.25 · 나머지 6주 {ko}");
        let en = format!("buy partly filled: 5 TSLA (5/11) at $1,810.25; 6 {en}");
        assert_news(&news(&ended, &id, &mut so_far.clone()), &[(&ko, &en)]);
    }
    let (mut past, id) = past_of(Purpose::FellMost, Side::Buy, 11, "1810.5");
    accept(&mut past, &id);
    past.sees(&id, IntentState::Cancelled, 0, 0, "0");
    assert_news(
        &news(&past, &id, &mut Announced::default())[1..],
        &[("매수 취소: TSLA 11주 · 지정가 $1,810.50", "buy cancelled: 11 TSLA, limit $1,810.50")],
    );
}

#[test]
fn a_sell_with_its_profit_and_a_stop_loss_with_its_cool_down() {
    let (mut past, id) = past_of(Purpose::TakeProfit, Side::Sell, 2, "213.5");
    accept(&mut past, &id);
    past.sees(&id, IntentState::Filled, 2, 0, "213.88");
    assert_news(
        &news(&past, &id, &mut Announced::default()),
        &[
            (
                "익절 매도 접수: TSLA 2주 · 지정가 $213.50 · 예상 손익 +$27.00 (+6.75%) · 주문번호 0000040840",
                "take-profit sell accepted: 2 TSLA, limit $213.50, +$27.00 (+6.75%) expected, order 0000040840",
            ),
            (
                "익절 매도 체결: TSLA 2주 · 체결가 $213.88 · 실현손익 +$27.76 (+6.94%)",
                "take-profit sell filled: 2 TSLA at $213.88, profit +$27.76 (+6.94%)",
            ),
        ],
    );
    let (mut past, id) = past_of(Purpose::StopLoss, Side::Sell, 2, "168");
    accept(&mut past, &id);
    past.sees(&id, IntentState::Filled, 2, 0, "169");
    assert_news(
        &news(&past, &id, &mut Announced::default())[1..],
        &[(
            "손절: TSLA 2주 · 체결가 $169.00 · 실현손익 -$62.00 (-15.50%) · 재매수 대기: 2027-06-17부터 매수 가능",
            "stop loss filled: 2 TSLA at $169.00, profit -$62.00 (-15.50%); not bought again before 2027-06-17",
        )],
    );
    let (mut past, id) = past_of(Purpose::StopLoss, Side::Sell, 2, "168");
    accept(&mut past, &id);
    past.sees(&id, IntentState::Accepted, 1, 1, "169");
    let mut so_far = Announced::default();
    assert_news(
        &news(&past, &id, &mut so_far)[1..],
        &[(
            "손절 매도 일부 체결: TSLA 1주 (1/2) · 체결가 $169.00 · 실현손익 -$31.00 (-15.50%)",
            "stop-loss sell partly filled: 1 TSLA (1/2) at $169.00, profit -$31.00 (-15.50%)",
        )],
    );
    past.sees(&id, IntentState::Expired, 1, 0, "169");
    assert_news(
        &news(&past, &id, &mut so_far),
        &[(
            "손절: TSLA 1주 (1/2) · 체결가 $169.00 · 실현손익 -$31.00 (-15.50%) · 나머지 1주 미체결 종료(장 마감) · 재매수 대기: \
             2027-06-17부터 매수 가능",
            "stop loss filled: 1 TSLA (1/2) at $169.00, profit -$31.00 (-15.50%); 1 expired with the session; not bought again before \
             2027-06-17",
        )],
    );
}

#[test]
fn an_order_that_came_to_nothing() {
    let (mut past, id) = past_of(Purpose::FellMost, Side::Buy, 3, "10");
    let mut so_far = Announced::default();
    let (ko, en) = news(&past, &id, &mut so_far).remove(0);
    assert!(ko.starts_with("매수 결과 미확정: TSLA 3주 · 지정가 $10.00 · 접수 여부를 확인할 때까지 "), "{ko}");
    assert!(en.starts_with("buy without a known outcome: 3 TSLA, limit $10.00; no further orders for TSLA"), "{en}");
    let resolve = |past: &mut TestJournal, verdict, candidates| {
        past.tell(Record::Resolved(Resolved {
            branch: String::new(),
            intent: id.clone(),
            verdict,
            order_id: None,
            candidates,
            lists: vec![],
        }));
    };
    resolve(&mut past, Verdict::Ambiguous, vec![key("1"), key("2")]);
    let (ko, en) = news(&past, &id, &mut so_far).remove(0);
    assert!(ko.contains("매수 직접 확인 필요") && ko.contains("후보 주문번호 0000000001, 0000000002"), "{ko}");
    assert!(en.contains("cleanup --settle 20270309-0001=ORDER_ID"), "{en}");
    resolve(&mut past, Verdict::Absent, vec![]);
    assert_news(
        &news(&past, &id, &mut so_far),
        &[(
            "매수 미접수 확인: TSLA 3주 · 지정가 $10.00 · 다음 실행에서 다시 판단합니다",
            "buy never reached KIS: 3 TSLA, limit $10.00; the next run decides afresh",
        )],
    );
    let (mut past, id) = past_of(Purpose::FellMost, Side::Buy, 3, "10");
    let mut rejected = outcome(&id, OutcomeClass::Rejected, None);
    rejected.answer.msg = "APBK0952 주문가능금액을 초과".to_owned();
    past.tell(Record::Outcome(rejected));
    assert_news(
        &news(&past, &id, &mut Announced::default()),
        &[(
            "매수 거부: TSLA 3주 · 지정가 $10.00 · 사유: APBK0952 주문가능금액을 초과",
            "buy rejected: 3 TSLA, limit $10.00: APBK0952 주문가능금액을 초과",
        )],
    );
    let (mut past, id) = past_of(Purpose::FellMost, Side::Buy, 3, "10");
    accept(&mut past, &id);
    past.sees(&id, IntentState::Expired, 0, 0, "0");
    assert_news(
        &news(&past, &id, &mut Announced { accepted: true, ..Announced::default() }),
        &[(
            "매수 미체결 종료(장 마감): TSLA 3주 · 지정가 $10.00",
            "buy expired with the session: 3 TSLA, limit $10.00",
        )],
    );
}

#[test]
fn stops_guards_and_failed_runs() {
    let detail = Sentence { en: "KIS refused this buy 2 times today".to_owned(), ko: "오늘 2번 거부".to_owned() };
    let skip = Skip::new(&symbol("SOUN"), Rule::RefusedToday, detail).notified();
    let what =
        Sentence { en: "the balance can't be read".to_owned(), ko: "잔고를 조회할 수 없습니다".to_owned() };
    let failure = Failure::new(Reason::GatewayUnreachable, what);
    for (words, ko, en) in [
        (
            halted(&Sentence::verbatim("earnings tonight")),
            "매매 중지: earnings tonight · HALT 파일을 지울 때까지 주문을 보내지 않습니다",
            "trading is halted: earnings tonight; no order is sent until the HALT file is removed",
        ),
        (
            daily_loss(percent("-8.042"), percent("5.0")),
            "일일 손실 한도 도달: 오늘 첫 조회 대비 -8.04% (한도 5%) · 오늘은 더 사지 않고, 매도는 계속합니다",
            "daily loss limit reached: -8.04 % since the first look, limit 5 %; no more buys today",
        ),
        (
            guard(&skip),
            "주문 보류(반복 거부): SOUN · 오늘 2번 거부",
            "order held back, refused_today: SOUN: KIS refused this buy 2 times today",
        ),
        (
            run_failed(&Report::new(Some(Job::Sell), None, at("10:00:00"), failure)),
            "실행 실패: sell · 종료 코드 69 (gateway_unreachable) · 잔고를 조회할 수 없습니다",
            "sell failed: exit 69 (gateway_unreachable), the balance can't be read",
        ),
    ] {
        assert_eq!((words.ko.as_str(), words.en.as_str()), (ko, en));
    }
}

#[test]
fn a_profit_of_nothing_is_no_loss() {
    assert_eq!(profit(usd("0"), percent("0")), "+$0.00 (+0.00%)");
}
