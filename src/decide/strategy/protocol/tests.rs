//! The question as the page has it, and every way in which an answer can be wrong.

use std::collections::BTreeMap;

use super::*;
use crate::decide::strategy::rule::{RuleAnswer, RuleClock, RuleFacts, RuleOrder, RulePosition, RuleQuote};
use crate::decide::test_support::{symbol, usd};
use crate::domain::{LineFill, Mode, Side};
use crate::language::Language;

fn instant(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

/// The facts of the page's example.
fn facts() -> RuleFacts {
    let tqqq = symbol("TQQQ");
    RuleFacts {
        mode: Mode::Paper,
        clock: RuleClock {
            now: instant("2027-03-09T14:35:02.9Z"),
            trading_date: date("2027-03-09"),
            previous_trading_date: date("2027-03-08"),
            opens_at: instant("2027-03-09T14:30:00Z"),
            closes_at: instant("2027-03-09T21:00:00Z"),
            is_half_day: false,
            session_number: 41,
        },
        strategy: "dip".to_owned(),
        own_cash: usd("9400"),
        spendable: usd("9306.93"),
        positions: vec![RulePosition {
            symbol: tqqq.clone(),
            quantity: 12,
            sellable: 12,
            average_cost: usd("78.1234"),
        }],
        quotes: vec![RuleQuote {
            symbol: tqqq.clone(),
            last: Some(usd("76.1")),
            previous_close: Some(usd("75.93")),
            at: instant("2027-03-09T14:35:01Z"),
        }],
        closes: BTreeMap::from([(
            tqqq.clone(),
            vec![(date("2027-03-05"), usd("77.02")), (date("2027-03-08"), usd("75.93"))],
        )]),
        fills: vec![LineFill {
            role: "dip".to_owned(),
            trading_date: date("2027-03-08"),
            symbol: tqqq,
            side: Side::Buy,
            quantity: 6,
            price: usd("75.93"),
            ordered: 6,
        }],
        orders: Vec::new(),
        state: Json(r#"{"buys":6}"#.to_owned()),
    }
}

const KINDS: [OrderKind; 3] = OrderKind::ALL;
const EMULATED: [OrderKind; 2] = [OrderKind::Loc, OrderKind::Moc];

/// Calls for the page's example.
fn with_call<T>(settings: &str, kinds: &[OrderKind], use_it: impl FnOnce(&Call<'_>) -> T) -> T {
    use_it(&Call {
        id: "20270309-dip",
        purpose: CallPurpose::Plan,
        settings: &Json(settings.to_owned()),
        symbols: &[symbol("TQQQ"), symbol("BRK/B")],
        kinds,
        emulated_kinds: &EMULATED,
    })
}

fn ask(facts: &RuleFacts, settings: &str) -> Result<String, RuleError> {
    with_call(settings, &KINDS, |call| question(facts, call))
}

fn read(answer: impl AsRef<[u8]>) -> Result<RuleAnswer, RuleError> {
    with_call("{}", &KINDS, |call| read_answer(answer.as_ref(), &facts(), call))
}

#[test]
fn the_question_is_spelled_as_the_page_has_it() {
    let page = concat!(
        r#"{"protocol":1,"call":{"id":"20270309-dip","purpose":"plan"},"mode":"paper","#,
        r#""clock":{"now":"2027-03-09T14:35:02Z","trading_date":"2027-03-09","previous_trading_date":"2027-03-08","open":"2027-03-09T14:30:00Z","close":"2027-03-09T21:00:00Z","half_day":false,"session_no":41},"#,
        r#""strategy":"dip","settings":{"symbol":"TQQQ"},"order_kinds":["limit","loc","moc"],"emulated_kinds":["loc","moc"],"#,
        r#""money":{"own_cash_usd":"9400.00","spendable_usd":"9306.93"},"#,
        r#""positions":[{"symbol":"TQQQ","quantity":12,"sellable":12,"average_cost":"78.1234"}],"#,
        r#""quotes":[{"symbol":"TQQQ","last":"76.10","previous_close":"75.93","at":"2027-03-09T14:35:01Z"}],"#,
        r#""closes":{"TQQQ":[["2027-03-05","77.02"],["2027-03-08","75.93"]]},"#,
        r#""fills":[{"tag":"dip","trading_date":"2027-03-08","symbol":"TQQQ","side":"buy","quantity":6,"price":"75.93"}],"#,
        r#""orders":[],"state":{"buys":6}}"#,
        "\n"
    );
    assert_eq!(ask(&facts(), r#"{"symbol":"TQQQ"}"#).unwrap(), page);
}

#[test]
fn what_is_unknown_is_null_and_an_order_is_told_with_its_reason() {
    let mut facts = facts();
    facts.quotes[0].last = None;
    facts.quotes[0].previous_close = None;
    facts.orders.push(RuleOrder {
        role: "out".to_owned(),
        symbol: symbol("TQQQ"),
        side: Side::Sell,
        kind: OrderKind::Moc,
        quantity: 3,
        limit_price: None,
        state: "refused",
        reason: Some(crate::decide::rule::Rule::NothingSellable),
    });
    let question = ask(&facts, "{}").unwrap();
    let quote = r#"{"symbol":"TQQQ","last":null,"previous_close":null,"at":"2027-03-09T14:35:01Z"}"#;
    let order = r#"{"tag":"out","symbol":"TQQQ","side":"sell","quantity":3,"kind":"moc","limit_price":null,"state":"refused","reason":"nothing_sellable"}"#;
    assert!(question.contains(quote) && question.contains(order), "{question}");
}

#[test]
fn settings_and_state_are_handed_over_as_they_stand_on_one_line() {
    let mut facts = facts();
    facts.state = Json("{\"쉼\" :\r\n 0.10, \"n\": 12345678901234567890123, \"t\": \"a\\nb\"}".to_owned());
    let question = ask(&facts, "{ \"x\" : 1.50 }").unwrap();
    assert!(question.contains(r#""settings":{ "x" : 1.50 },"#), "{question}");
    let state = "\"state\":{\"쉼\" :   0.10, \"n\": 12345678901234567890123, \"t\": \"a\\nb\"}}\n";
    assert!(question.ends_with(state) && question.matches('\n').count() == 1, "{question}");
    facts.state = Json("{".to_owned());
    assert_eq!(ask(&facts, "{}").unwrap_err().reason, Reason::RuleFailed);
}

#[test]
fn a_question_longer_than_programs_read_is_not_asked() {
    let room = (1 << 20) - ask(&facts(), "\"\"").unwrap().len();
    let settings = |more: usize| format!("\"{}\"", "x".repeat(room + more));
    assert_eq!(ask(&facts(), &settings(0)).unwrap().len(), 1 << 20);
    let error = ask(&facts(), &settings(1)).unwrap_err();
    assert!(error.reason == Reason::RuleFailed && error.detail.contains("history_days"), "{error:?}");
}

const ORDER: &str =
    r#"{"tag":"dip","symbol":"TQQQ","side":"buy","quantity":6,"kind":"loc","limit_price":"75.17","note":"1 % under"}"#;

fn answer_of(orders: &str) -> String {
    format!(r#"{{"protocol":1,"orders":[{orders}],"state":{{"buys":12}},"note":"T 4.17"}}"#)
}

#[test]
fn the_pages_answer_is_read() {
    let answer = read(answer_of(ORDER) + " \r\n").unwrap();
    let line = crate::domain::Line {
        role: "dip".to_owned(),
        symbol: symbol("TQQQ"),
        side: Side::Buy,
        kind: OrderKind::Loc,
        quantity: 6,
        limit_price: Some(usd("75.17")),
        note: "1 % under".to_owned(),
    };
    let whole = RuleAnswer {
        lines: vec![line],
        state: Json(r#"{"buys":12}"#.to_owned()),
        note: Sentence::verbatim("T 4.17"),
        blocked: None,
    };
    assert_eq!(answer, whole);
}

#[test]
fn a_state_is_kept_to_the_digit_and_as_it_was_when_none_is_said() {
    for (state, kept) in [
        (
            r#""state":{ "x" : 1.50e0, "n":12345678901234567890123 },"#,
            r#"{ "x" : 1.50e0, "n":12345678901234567890123 }"#,
        ),
        (r#""state": null ,"#, "null"),
        (r#""state":"말","#, r#""말""#),
        ("", r#"{"buys":6}"#),
    ] {
        let answer = read(format!(r#"{{"protocol":1,{state}"orders":[]}}"#)).unwrap();
        assert_eq!((answer.lines.len(), answer.state.0.as_str()), (0, kept));
    }
}

#[test]
fn notes_are_cleaned_and_cut() {
    let note = "\\u001b[2J\\u202e two\\n lines ".to_owned() + &"가".repeat(300);
    let order = ORDER.replace("1 % under", &note);
    let answer = read(answer_of(&order).replace("T 4.17", &note)).unwrap();
    assert_eq!(answer.lines[0].note, format!("[2J two lines {}", "가".repeat(200 - 14)));
    assert_eq!(answer.note.in_language(Language::Korean), answer.lines[0].note);
}

fn nested(levels: usize) -> String {
    // The answer itself is one level.
    let lists = levels - 1;
    format!(r#"{{"protocol":1,"orders":[],"state":{}{}}}"#, "[".repeat(lists), "]".repeat(lists))
}

#[test]
fn nonsense_is_refused_with_its_place() {
    for (answer, place) in [
        (b"".as_slice(), "nothing on standard output"),
        (b" \n", "nothing on standard output"),
        (b"None", "line 1 column 1"),
        (b"[]", "no object"),
        (b"{\"protocol\":1,\n\"orders\":[]", "line 2 column 11"),
        (b"{\"protocol\":1,\"orders\":[]}{}", "line 1 column 27"),
        (b"{\"protocol\":1,\"orders\":[]}\nok", "line 2 column 1"),
        (b"hello\n{\"protocol\":1,\"orders\":[]}", "line 1 column 1"),
        (b"{\"protocol\":1,\"orders\":[],\"state\":NaN}", "line 1 column 35"),
        (b"{\"protocol\":1,\"orders\":[],\"state\":-Infinity}", "line 1 column 36"),
        (b"{\"protocol\":1,\"protocol\":1,\"orders\":[]}", "the same key twice at line 1 column 26"),
        (b"{\"protocol\":1,\"orders\":[],\"state\":{\"a\":1,\"a\":2}}", "the same key twice at line 1 column 47"),
        (b"\xef\xbb\xbf{\"protocol\":1,\"orders\":[]}", "line 1 column 1"),
        (b"{\"protocol\":1,\"orders\":[],\n\"note\":\"\xbb\xea\"}", "not UTF-8 at line 2 column 9"),
        (b"{\"protocol\":1,\"orders\":[],\"note\":\"\x1b\"}", "line 1 column 35"),
        (nested(17).as_bytes(), "nested too deeply at line 1 column"),
        (" ".repeat((256 << 10) + 1).as_bytes(), "larger than 256 KiB"),
    ] {
        let error = read(answer).unwrap_err();
        let said = (error.reason, error.detail.contains(place));
        assert_eq!(said, (Reason::RuleNonsense, true), "{:?}: {}", String::from_utf8_lossy(answer), error.detail);
    }
    assert!(read(nested(16)).is_ok());
    let whole = answer_of(ORDER);
    assert!(read(whole.clone() + &" ".repeat((256 << 10) - whole.len())).is_ok());
}

#[test]
fn another_protocol_is_named_before_anything_else_is_judged() {
    for answer in [
        "{}",
        r#"{"protocol":2,"plan":[]}"#,
        r#"{"protocol":"1","orders":[]}"#,
        r#"{"protocol":1.0,"orders":[]}"#,
        r#"{"protocol":null,"orders":[]}"#,
        r#"{"Protocol":1,"orders":[]}"#,
    ] {
        assert_eq!(read(answer).unwrap_err().reason, Reason::RuleVersion, "{answer}");
    }
}

#[test]
fn one_wrong_order_refuses_the_whole_answer() {
    let swapped = |from: &str, to: &str| {
        assert!(ORDER.contains(from), "{from}");
        ORDER.replace(from, to)
    };
    for (order, what) in [
        (swapped("{", r#"{"stop":1,"#), "unknown key `stop`"),
        (swapped(r#""symbol":"TQQQ","#, ""), "`symbol` is missing"),
        (swapped("TQQQ", "SOXL"), "`SOXL` is not among"),
        (swapped("TQQQ", "tqqq"), "`tqqq` is not among"),
        (swapped("\"dip\"", "\"Dip\""), "not `Dip`"),
        (swapped("\"dip\"", "\"\""), "`tag` must be"),
        (swapped("\"dip\"", &format!("{:?}", "x".repeat(33))), "`tag` must be"),
        (swapped("\"dip\"", "7"), "`tag` must be a text"),
        (swapped("buy", "hold"), "`side` can't be `hold`"),
        (swapped("loc", "loo"), "`kind` can't be `loo`"),
        (swapped(":6", ":0"), "`quantity` must be"),
        (swapped(":6", ":-6"), "`quantity` must be"),
        (swapped(":6", ":6.0"), "`quantity` must be"),
        (swapped(":6", ":6e0"), "`quantity` must be"),
        (swapped(":6", ":\"6\""), "`quantity` must be"),
        (swapped(":6", ":true"), "`quantity` must be"),
        (swapped(":6", ":18446744073709551616"), "`quantity` must be"),
        (swapped("\"75.17\"", "75.17"), "`limit_price` as a text"),
        (swapped("\"75.17\"", "null"), "`limit_price` as a text"),
        (swapped(r#""limit_price":"75.17","#, ""), "`limit_price` as a text"),
        (swapped("75.17", "75.175"), "75.175 is not a multiple of the tick 0.01"),
        (swapped("75.17", "0.51234"), "0.51234 is not a multiple of the tick 0.0001"),
        (swapped("75.17", "0"), "must be a positive decimal"),
        (swapped("75.17", "-75.17"), "must be a positive decimal"),
        (swapped("75.17", "+75.17"), "must be a positive decimal"),
        (swapped("75.17", "7_5.17"), "must be a positive decimal"),
        (swapped("75.17", "7.5e1"), "must be a positive decimal"),
        (swapped("75.17", ".5"), "must be a positive decimal"),
        (swapped("75.17", "75."), "must be a positive decimal"),
        (swapped("75.17", " 75.17"), "must be a positive decimal"),
        (swapped("75.17", "NaN"), "must be a positive decimal"),
        (swapped("75.17", "99999999999999999999999999999999"), "must be a positive decimal"),
        (swapped("loc", "moc"), "`moc` order can only sell"),
        (swapped("buy", "sell").replace("loc", "moc"), "leave the key out"),
        (swapped("buy", "sell").replace("loc", "moc").replace("\"75.17\"", "null"), "leave the key out"),
        (swapped("\"1 % under\"", "null"), "`note` must be a text"),
        (format!("{ORDER},{ORDER}"), "`dip` is used twice"),
        ("7".to_owned(), "it is no object"),
    ] {
        let good = ORDER.replace("dip", "first");
        let error = read(answer_of(&format!("{good},{order}"))).unwrap_err();
        let is_named = error.detail.contains(what) && error.detail.starts_with("order ");
        assert_eq!((error.reason, is_named), (Reason::RuleInvalid, true), "{order}: {}", error.detail);
    }
    for (order, price) in [
        (ORDER.to_owned(), Some("75.17")),
        (swapped("75.17", "75.170"), Some("75.17")),
        (swapped("75.17", "1"), Some("1")),
        (swapped("75.17", "0.9999"), Some("0.9999")),
        (swapped("buy", "sell").replace("loc", "moc").replace(r#""limit_price":"75.17","#, ""), None),
        (swapped("TQQQ", "BRK/B").replace("loc", "limit"), Some("75.17")),
        (swapped("dip", "a.b_c-9"), Some("75.17")),
    ] {
        let answer = read(answer_of(&order)).unwrap();
        assert_eq!(answer.lines[0].limit_price, price.map(usd), "{order}");
    }
}

#[test]
fn what_is_wrong_outside_an_order_refuses_the_whole_answer_too() {
    let orders = |count: usize| {
        let orders: Vec<String> = (0..count).map(|tag| ORDER.replace("dip", &tag.to_string())).collect();
        answer_of(&orders.join(","))
    };
    assert_eq!(read(orders(40)).unwrap().lines.len(), 40);
    let state = |bytes: usize| format!(r#"{{"protocol":1,"orders":[],"state":"{}"}}"#, "x".repeat(bytes - 2));
    assert!(read(state(64 << 10)).is_ok());
    for (answer, what) in [
        (orders(41), "41 orders, more than 40"),
        (state((64 << 10) + 1), "more than 64 KiB"),
        (r#"{"protocol":1,"orders":[],"order":[]}"#.to_owned(), "unknown key `order`"),
        (r#"{"protocol":1,"orders":{}}"#.to_owned(), "`orders` must be a list"),
        (r#"{"protocol":1,"orders":null}"#.to_owned(), "`orders` must be a list"),
        (r#"{"protocol":1}"#.to_owned(), "`orders` must be a list"),
        (r#"{"protocol":1,"orders":[],"note":7}"#.to_owned(), "`note` must be a text"),
        ("{\"protocol\":1,\"orders\":[],\"\\u001b[2J\\n\\u202eodd\":1}".to_owned(), "unknown key `[2J odd`"),
    ] {
        let error = read(answer).unwrap_err();
        assert!(error.reason == Reason::RuleInvalid && error.detail.contains(what), "{what}: {}", error.detail);
    }
    let only_limits = |call: &Call<'_>| read_answer(answer_of(ORDER).as_bytes(), &facts(), call);
    let error = with_call("{}", &[OrderKind::Limit], only_limits).unwrap_err();
    assert!(error.reason == Reason::RuleInvalid && error.detail.contains("`loc` are not offered"), "{error:?}");
}
