//! The examples of `docs/rules.md`, asked as a run asks them: by the question that the program writes, as a child with the program's
//! limits, and judged by the program's own reader. They need python3, jq and bwrap; `scripts/check.sh` installs what is missing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use kis_trade::clock::Clock;
use kis_trade::decide::strategy::protocol::{Call, CallPurpose, RuleError, question, read_answer};
use kis_trade::decide::strategy::rule::{RuleAnswer, RuleClock, RuleFacts, RulePosition, RuleQuote};
use kis_trade::desk::rule_child::ask;
use kis_trade::domain::{Json, LineFill, Mode, OrderKind, Side, Symbol, Usd};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What a strategy may do and wants to be asked with.
struct Strategy {
    command: Vec<String>,
    settings: &'static str,
    facts: RuleFacts,
}

impl Strategy {
    fn new(example: &str, settings: &'static str) -> Strategy {
        let path = root().join("docs/examples/rules").join(example);
        let clock = RuleClock {
            now: instant("2027-03-09T14:35:02Z"),
            trading_date: date("2027-03-09"),
            previous_trading_date: date("2027-03-08"),
            opens_at: instant("2027-03-09T14:30:00Z"),
            closes_at: instant("2027-03-09T21:00:00Z"),
            is_half_day: false,
            session_number: 41,
        };
        let facts = RuleFacts {
            mode: Mode::Paper,
            clock,
            strategy: "dip".to_owned(),
            own_cash: usd("9400"),
            spendable: usd("9306.93"),
            positions: Vec::new(),
            quotes: Vec::new(),
            closes: BTreeMap::new(),
            fills: Vec::new(),
            orders: Vec::new(),
            state: Json::default(),
        };
        Strategy { command: vec![path.display().to_string()], settings, facts }
    }

    /// The question of the page.
    fn of_the_page(example: &str) -> Strategy {
        let mut strategy = Strategy::new(example, r#"{"symbol":"TQQQ"}"#);
        strategy.hold("TQQQ", 12, "78.1234").quote("TQQQ", "76.10", "75.93");
        let closes = [("2027-03-05", "77.02"), ("2027-03-08", "75.93")];
        let closes = closes.map(|(day, close)| (date(day), usd(close))).to_vec();
        strategy.facts.closes.insert(symbol("TQQQ"), closes);
        strategy.facts.fills.push(LineFill {
            role: "dip".to_owned(),
            trading_date: date("2027-03-08"),
            symbol: symbol("TQQQ"),
            side: Side::Buy,
            quantity: 6,
            price: usd("75.93"),
            ordered: 6,
        });
        strategy.facts.state = Json(r#"{"buys":6}"#.to_owned());
        strategy
    }

    fn hold(&mut self, ticker: &str, quantity: u64, cost: &str) -> &mut Strategy {
        let position = RulePosition { symbol: symbol(ticker), quantity, sellable: quantity, average_cost: usd(cost) };
        self.facts.positions.push(position);
        self
    }

    fn quote(&mut self, ticker: &str, last: &str, previous_close: &str) -> &mut Strategy {
        let quote = RuleQuote {
            symbol: symbol(ticker),
            last: Some(usd(last)),
            previous_close: Some(usd(previous_close)),
            at: instant("2027-03-09T14:35:01Z"),
        };
        self.facts.quotes.push(quote);
        self
    }

    fn call<T>(&self, use_it: impl FnOnce(&Call<'_>) -> T) -> T {
        let quoted = self.facts.quotes.iter().map(|quote| quote.symbol.clone());
        let symbols: Vec<Symbol> = quoted.chain(self.facts.closes.keys().cloned()).collect();
        use_it(&Call {
            id: "20270309-dip",
            purpose: CallPurpose::Plan,
            settings: &Json(self.settings.to_owned()),
            symbols: &symbols,
            kinds: &OrderKind::ALL,
            emulated_kinds: &[OrderKind::Loc, OrderKind::Moc],
        })
    }

    fn question(&self) -> String {
        self.call(|call| question(&self.facts, call)).unwrap()
    }

    fn try_to_answer(&self) -> Result<RuleAnswer, RuleError> {
        let workdir = tempfile::tempdir().unwrap();
        let (question, timeout) = (self.question(), Duration::from_secs(60));
        let answer = ask(&self.command, workdir.path(), &question, timeout, &Clock::system())?;
        self.call(|call| read_answer(&answer, &self.facts, call))
    }

    /// The orders, each in words, and the state that is handed back with the next question.
    fn answer(&mut self) -> Vec<String> {
        let answer = self.try_to_answer().unwrap();
        self.facts.state = answer.state;
        let lines = answer.lines.iter().map(|line| {
            let price = line.limit_price.map(|price| format!(" @ {price}")).unwrap_or_default();
            format!("{}: {} {} {} {}{price}", line.role, line.side, line.quantity, line.symbol, line.kind)
        });
        lines.collect()
    }
}

fn examples() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/examples/rules")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A fenced block of the page: the first with a word in it.
fn block_of_the_page(word: &str) -> String {
    let page = fs::read_to_string(root().join("docs/rules.md")).unwrap();
    let blocks = page.split("```").skip(1).step_by(2);
    let block = blocks.filter_map(|block| block.split_once('\n')).find(|(_, block)| block.contains(word));
    block.unwrap_or_else(|| panic!("docs/rules.md has no block with {word}")).1.to_owned()
}

#[test]
fn each_example_is_a_program_of_less_than_25_lines() {
    let examples = examples();
    assert_eq!(examples.len(), 5, "{examples:?}");
    for path in examples {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("#!/") && text.lines().count() < 25, "{}", path.display());
        assert!(text.lines().all(|line| line.len() <= 120), "{}: a line is too long", path.display());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o111, 0o111, "{}", path.display());
    }
}

#[test]
fn the_page_shows_the_question_and_the_answer_of_its_example() {
    let strategy = Strategy::of_the_page("dip.py");
    let shown: Value = serde_json::from_str(&block_of_the_page("\"clock\"")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&strategy.question()).unwrap(), shown);
    let shown = block_of_the_page("{\"protocol\":1,\"orders\"");
    let shown = strategy.call(|call| read_answer(shown.as_bytes(), &strategy.facts, call)).unwrap();
    // Python writes a blank after a colon.
    let answer = strategy.try_to_answer().unwrap();
    assert_eq!(RuleAnswer { state: Json(answer.state.0.replace(": ", ":")), ..answer }, shown);
    assert_eq!(block_of_the_page("#!/usr/bin/env python3"), fs::read_to_string(&strategy.command[0]).unwrap());
}

#[test]
fn the_dip_is_bought_alike_by_python_and_by_the_shell() {
    for example in ["dip.py", "dip.sh"] {
        let mut strategy = Strategy::of_the_page(example);
        assert_eq!(strategy.answer(), ["dip: buy 6 TQQQ loc @ 75.17"], "{example}");
        assert_eq!(serde_json::from_str::<Value>(&strategy.facts.state.0).unwrap()["buys"], 12, "{example}");
        strategy.facts.fills.clear();
        for (close, spendable, orders) in [
            (Some("100"), "9306.93", &["dip: buy 5 TQQQ loc @ 99.00"][..]),
            (Some("3.01"), "9306.93", &["dip: buy 168 TQQQ loc @ 2.97"]),
            (Some("75.93"), "150.34", &["dip: buy 2 TQQQ loc @ 75.17"]),
            (Some("75.93"), "75.16", &[]),
            (None, "9306.93", &[]),
        ] {
            strategy.facts.quotes[0].previous_close = close.map(usd);
            strategy.facts.spendable = usd(spendable);
            assert_eq!(strategy.answer(), orders, "{example} {close:?} {spendable}");
        }
        assert_eq!(serde_json::from_str::<Value>(&strategy.facts.state.0).unwrap()["buys"], 12, "{example}");
    }
}

#[test]
fn a_fixed_sum_is_bought_on_every_fifth_day() {
    let mut strategy = Strategy::new("dca.py", r#"{"symbol":"SPY","usd":2000,"every":5}"#);
    strategy.quote("SPY", "500.00", "500.00");
    for (session, orders) in [
        (1, &["dca: buy 3 SPY loc @ 515.00"][..]),
        (2, &[]),
        (5, &[]),
        // A day on which nothing ran is made up for.
        (7, &["dca: buy 3 SPY loc @ 515.00"]),
        (11, &[]),
        (12, &["dca: buy 3 SPY loc @ 515.00"]),
    ] {
        strategy.facts.clock.session_number = session;
        assert_eq!(strategy.answer(), orders, "session {session}");
    }
    // Too little cash: it stays due.
    strategy.facts.clock.session_number = 17;
    strategy.facts.spendable = usd("100");
    assert_eq!(strategy.answer(), [""; 0]);
    strategy.facts.spendable = usd("600");
    assert_eq!(strategy.answer(), ["dca: buy 1 SPY loc @ 515.00"]);
}

#[test]
fn weights_are_restored_once_a_month_in_two_days() {
    let mut strategy = Strategy::new("monthly_weights.py", r#"{"weights":{"SPY":"0.6","TLT":"0.4"}}"#);
    strategy.quote("SPY", "500", "500").quote("TLT", "100", "100").hold("SPY", 16, "450");
    strategy.facts.own_cash = usd("2000");
    // 10,000 in all: 97 % of it are 5,820 for SPY and 3,880 for TLT.
    assert_eq!(strategy.answer(), ["spy: sell 5 SPY loc @ 485.00"]);
    strategy.facts.positions[0].quantity = 11;
    strategy.facts.own_cash = usd("4500");
    assert_eq!(strategy.answer(), ["tlt: buy 38 TLT loc @ 102.00"]);
    assert_eq!(strategy.answer(), [""; 0], "it is done for this month");
    strategy.facts.clock.trading_date = date("2027-04-01");
    strategy.facts.quotes[0].previous_close = None;
    assert_eq!(strategy.answer(), [""; 0], "a price is unknown");
    strategy.facts.quotes[0].previous_close = Some(usd("500"));
    assert_eq!(strategy.answer(), ["tlt: buy 38 TLT loc @ 102.00"], "nothing to sell: it buys at once");
}

/// Month, first session after it, scores in percent as https://quantist.co.kr/vaa_pages publishes them, and what is held then: SPY,
/// VEA, VWO, BND, SHY. Those of LQD and IEF are ours: lower, so that SHY is the strongest of the three.
const PUBLISHED: [(&str, &str, [&str; 5], &str); 3] = [
    ("2022-10", "2022-11-01", ["12.1", "-3.8", "-36.8", "-18.6", "-4.6"], "SHY"),
    ("2022-11", "2022-12-01", ["17.8", "41.3", "36.5", "4.0", "-0.4"], "VEA"),
    ("2023-06", "2023-07-03", ["41.4", "26.3", "18.3", "-0.5", "-1.6"], "SHY"),
];

/// A year of closes whose score is as given: 100 in each month before the last. All four returns of the score are then the same, and
/// their weights add up to 19.
fn closes_with_score(month: &str, percent: &str) -> Vec<(NaiveDate, Usd)> {
    let first = date(&format!("{month}-01"));
    let of_month = |back: u32| first.checked_sub_months(chrono::Months::new(back)).unwrap();
    let mut closes = Vec::new();
    for back in (1..=13).rev() {
        // In mid-month it was elsewhere: only the last close counts.
        closes.push((of_month(back) + chrono::TimeDelta::days(9), usd("250")));
        closes.push((of_month(back) + chrono::TimeDelta::days(26), usd("100")));
    }
    let score: rust_decimal::Decimal = percent.parse().unwrap();
    let last = rust_decimal::Decimal::ONE_HUNDRED + score / rust_decimal::Decimal::from(19);
    closes.push((first + chrono::TimeDelta::days(26), Usd(last.round_dp(6))));
    closes
}

#[test]
fn vaa_g4_finds_its_published_months() {
    for (month, today, scores, pick) in PUBLISHED {
        let mut strategy = Strategy::new("vaa_g4.py", "{}");
        let tickers = ["SPY", "VEA", "VWO", "BND", "SHY", "LQD", "IEF"];
        for (ticker, score) in tickers.into_iter().zip(scores.into_iter().chain(["-80.0", "-90.0"])) {
            strategy.facts.closes.insert(symbol(ticker), closes_with_score(month, score));
        }
        strategy.facts.clock.trading_date = date(today);
        let answer = strategy.try_to_answer().unwrap();
        let score = scores[if pick == "VEA" { 1 } else { 4 }];
        assert_eq!(
            (answer.note.en.as_str(), answer.lines[0].symbol.as_str()),
            (&*format!("{pick} {score}"), pick),
            "{month}"
        );
        // What is held of another one goes first, at the close; the money buys on the next day.
        strategy.hold("TLT", 7, "100").hold(pick, 2, "100");
        strategy.quote("TLT", "100", "100");
        assert_eq!(strategy.answer(), ["out-tlt: sell 7 TLT moc"], "{month}");
        // Later in the month its closes change nothing.
        strategy.facts.positions.remove(0);
        let later = date(today) + chrono::TimeDelta::days(2);
        for closes in strategy.facts.closes.values_mut() {
            closes.push((later, usd("50")));
        }
        strategy.facts.clock.trading_date = later + chrono::TimeDelta::days(1);
        assert_eq!(strategy.answer(), [format!("in: buy 180 {pick} loc @ 51.50")], "{month}");
    }
}

#[test]
fn a_history_that_is_too_short_is_told_by_the_programs_last_line() {
    let mut strategy = Strategy::new("vaa_g4.py", "{}");
    for ticker in ["SPY", "VEA", "VWO", "BND", "SHY", "LQD", "IEF"] {
        strategy.facts.closes.insert(symbol(ticker), vec![(date("2027-02-26"), usd("100"))]);
    }
    let error = strategy.try_to_answer().unwrap_err();
    assert_eq!(error.detail.en, "it ended with exit status: 1: IndexError: list index out of range");
}

/// The command of the page's sandbox, with the folder of the examples in place of the reader's.
fn sandbox(program: &str) -> Vec<String> {
    let block = block_of_the_page("bwrap");
    let list = block.split_once("command = ").unwrap().1;
    let list = list.split_once("]\n").unwrap().0.to_owned() + "]";
    let words: Vec<String> = serde_json::from_str(&list).unwrap();
    let replaced = words.into_iter().map(|word| match word.as_str() {
        "/home/you/kis-trade/rules" => root().join("docs/examples/rules").display().to_string(),
        "/rules/dip.py" => program.to_owned(),
        _ => word,
    });
    replaced.collect()
}

#[test]
fn the_sandbox_of_the_page_hides_everything_but_the_rule_and_its_directory() {
    let mut strategy = Strategy::of_the_page("dip.py");
    strategy.command = sandbox("/rules/dip.py");
    assert_eq!(strategy.answer(), ["dip: buy 6 TQQQ loc @ 75.17"]);
    let workdir = tempfile::tempdir().unwrap();
    let mut command = sandbox("/bin/sh");
    let secret = workdir.path().parent().unwrap().join("credentials.toml");
    let script = format!(
        "cat {} {}; ls /; pwd; echo kept > kept; cat /proc/net/dev | grep -c :",
        secret.display(),
        root().join("Cargo.toml").display()
    );
    command.extend(["-c".to_owned(), script]);
    let told = ask(&command, workdir.path(), "", Duration::from_secs(60), &Clock::system()).unwrap();
    let told = String::from_utf8(told).unwrap();
    assert_eq!(
        told, "bin\ndev\nlib\nlib64\nproc\nrules\nusr\nwork\n/work\n1\n",
        "nothing else, and no network but its own"
    );
    assert_eq!(fs::read_to_string(workdir.path().join("kept")).unwrap(), "kept\n");
}
