//! Writes a journal of many orders, line by line as the program itself would have written it in one month of trading. For
//! `scripts/make-journal.sh`.

#![allow(clippy::disallowed_macros, reason = "it tells its caller, a script, what went wrong")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use kis_trade::clock::Clock;
use kis_trade::domain::market_session::{new_york_date, previous_trading_date, session_of};
use kis_trade::domain::{
    AccountNumber, Exchange, Intent, IntentId, IntentState, Mode, Observed, OrderId, OrderKind, Outcome, OutcomeClass,
    Purpose, Record, Side, SubmitOutcome, Usd, Witness,
};
use kis_trade::exit::Failure;
use kis_trade::language::Sentence;
use kis_trade::store::journal::{Access, Journal};
use kis_trade::store::state_dir::StateDir;

/// Fewer than a real day has; each reads what the ones before it wrote.
const RUNS_A_DAY: u32 = 3;
/// Shares of each order.
const QUANTITY: u64 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [orders, folder, account, now] = arguments.as_slice() else { return ExitCode::from(2) };
    match make(orders, Path::new(folder), account, now) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("make_journal: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Spreads the orders over the trading dates of the last whole month before `now`.
fn make(orders: &str, folder: &Path, account: &str, now: &str) -> anyhow::Result<()> {
    let orders: usize = orders.parse().context("N is a number of orders")?;
    let account = AccountNumber::parse(account).context("an account is 8 digits, a hyphen and 2 digits")?;
    let now: DateTime<Utc> = now.parse().context("the time is written in RFC 3339")?;
    let days = days_before(new_york_date(now));
    let print = account.fingerprint().to_owned();
    let (dir, _) = StateDir::open(folder).map_err(told)?;
    for (place, day) in days.iter().enumerate() {
        let opens_at = session_of(*day).context("a trading date has a session")?.opens_at;
        let clock = Clock::starting_at(opens_at + TimeDelta::minutes(30));
        dir.bind(&print, Mode::Paper, &clock, true).map_err(told)?;
        let count = u32::try_from(orders * (place + 1) / days.len() - orders * place / days.len())?;
        let (mut journal, _) = Journal::load(folder, &clock, "MAKER", Access::Write).map_err(told)?;
        // The first run of a date reads the last list of the one before it, whose orders are forgotten then.
        if let Some(date) = place.checked_sub(1).map(|before| days[before]) {
            journal.append(&Record::DayClosed { date }).map_err(told)?;
        }
        for number in 1..=count {
            // Snapshots begin runs, so a day needs some.
            if number % (count / RUNS_A_DAY + 1) == 0 {
                (journal, _) = Journal::load(folder, &clock, "MAKER", Access::Write).map_err(told)?;
            }
            for record in story(*day, number, count - number, &print, clock.now())? {
                journal.append(&record).map_err(told)?;
            }
        }
    }
    Ok(())
}

fn told(failure: Failure) -> anyhow::Error {
    anyhow::anyhow!("{failure}")
}

/// The trading dates of the month before the one of `today`.
fn days_before(today: NaiveDate) -> Vec<NaiveDate> {
    let last = previous_trading_date(today.with_day(1).unwrap_or(today));
    let before = |day: &NaiveDate| Some(previous_trading_date(*day));
    let mut days: Vec<NaiveDate> =
        std::iter::successors(Some(last), before).take_while(|day| day.month() == last.month()).collect();
    days.reverse();
    days
}

/// An order from its intent to its fill, one of a date's that so many follow: what one buys the next one sells, so that nothing is
/// held in the end.
fn story(day: NaiveDate, number: u32, follow: u32, print: &str, now: DateTime<Utc>) -> anyhow::Result<[Record; 3]> {
    let side = if follow % 2 == 1 { Side::Buy } else { Side::Sell };
    let symbol = ["AAPL", "MSFT", "AMZN", "TSLA", "NVDA"][(follow as usize / 2) % 5];
    let limit_price = price(number / 10)?;
    let order_id: OrderId = (30_000_000 + number).to_string().parse().map_err(anyhow::Error::msg)?;
    let reserved = limit_price.times(QUANTITY).context("a price in range")?;
    let is_buy = side == Side::Buy;
    let intent = Intent {
        id: IntentId::new(day, number),
        mode: Mode::Paper,
        account_fingerprint: print.to_owned(),
        trading_date: day,
        symbol: symbol.parse().map_err(anyhow::Error::msg)?,
        exchange: Exchange::Nasdaq,
        side,
        quantity: QUANTITY,
        limit_price,
        order_kind: OrderKind::Limit,
        tr_id: if is_buy { "VTTT1002U" } else { "VTTT1001U" }.to_owned(),
        purpose: if is_buy { Purpose::FellMost } else { Purpose::TakeProfit },
        average_cost: (!is_buy).then_some(limit_price),
        baseline: BTreeSet::new(),
        listed_at: now,
        witness: if is_buy {
            Witness { held: 0, sellable: 0, cash: Some(Usd(1_000_000.into())) }
        } else {
            Witness { held: QUANTITY, sellable: QUANTITY, cash: None }
        },
        reserved: if is_buy { reserved } else { Usd::ZERO },
        line: None,
    };
    let outcome = Outcome {
        intent: intent.id.clone(),
        answer: SubmitOutcome {
            order_id: Some(order_id.clone()),
            branch: Some("01790".to_owned()),
            msg_cd: Some("40600000".to_owned()),
            elapsed_ms: 100,
            ..SubmitOutcome::unanswered(
                OutcomeClass::Accepted,
                Some(200),
                Sentence::verbatim("모의투자 매수주문이 완료 되었습니다."),
            )
        },
        attempt: 1,
        is_final: true,
    };
    let observed = Observed {
        intent: intent.id.clone(),
        order_id,
        state: IntentState::Filled,
        filled_quantity: QUANTITY,
        remaining_quantity: 0,
        average_price: limit_price,
        note: String::new(),
    };
    Ok([Record::Intent(intent), Record::Outcome(outcome), Record::Observed(observed)])
}

/// Another price for each number, so that no two intents of a date are alike.
fn price(number: u32) -> anyhow::Result<Usd> {
    let cents = 10_000 + number;
    Ok(format!("{}.{:02}", cents / 100, cents % 100).parse()?)
}
