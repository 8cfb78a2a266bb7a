//! The slow way: `kis-trade` itself against a simulated gateway, run by run, over the same bars. Owns both processes, and leaves none
//! behind.

mod gateway;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::domain::market_session::session_of;
use crate::domain::{Job, OrderKind, Side, Usd};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::rehearse::fast::{JOBS, Play};
use crate::rehearse::place::Place;
use crate::rehearse::rows::{Day, DayOrder, Unsent, states_of};
use crate::rehearse::words;
use crate::store::journal::{Access, Journal};
use gateway::SimulatedGateway;

/// Until then, in New York, the price stands at the open: what is ordered at 09:35 and 09:40 finds it there.
const OPEN_STANDS_UNTIL: &str = "09:45";

/// The two programs.
pub(super) struct Programs {
    kis_trade: PathBuf,
    kis_sim: PathBuf,
}

impl Programs {
    /// Those beside this program, or the gateway that was named.
    ///
    /// # Errors
    /// 78 when one is not there.
    pub(super) fn find(kis_sim: Option<&Path>) -> Result<Programs, Failure> {
        let folder = std::env::current_exe().ok().and_then(|path| Some(path.parent()?.to_owned())).unwrap_or_default();
        let kis_sim = kis_sim.map_or_else(|| folder.join("kis-sim"), Path::to_owned);
        let programs = Programs { kis_trade: folder.join("kis-trade"), kis_sim };
        for program in [&programs.kis_trade, &programs.kis_sim] {
            if !program.is_file() {
                let failure = Failure::new(Reason::ConfigInvalid, words::program_missing(program));
                return Err(failure.next(words::build_both()));
            }
        }
        Ok(programs)
    }
}

/// Runs every session.
///
/// # Errors
/// 74 when the directory can't be made, 69 when the gateway does not start or answer, 1 when the program can't be run.
pub(super) fn days(play: &Play, place: &Place, programs: &Programs, config: &Path) -> Result<Vec<Day>, Failure> {
    place.put_bars(&play.market).map_err(|error| broken(&words::no_place(), error))?;
    let first = play.dates.first().and_then(|date| session_of(*date)).map(|session| session.opens_at);
    let cash = play.principal() + play.reserve();
    let gateway = SimulatedGateway::start(&programs.kis_sim, &place.bars(), first.unwrap_or_default(), cash)?;
    gateway.control("POST", "/limits", &json!({ "gateway_per_second": null, "ledger_per_second": null }))?;
    let quirks = json!({ "hold_open_until": OPEN_STANDS_UNTIL, "real_fee_percent": play.fee_percent.to_string() });
    gateway.control("POST", "/quirks", &quirks)?;
    place.put_config(config, gateway.url()).map_err(|error| broken(&words::config_not_copied(config), error))?;
    let world = World { play, program: &programs.kis_trade, place, gateway: &gateway };
    play.dates.iter().map(|date| world.day(*date)).collect()
}

fn broken(what: &Sentence, error: impl Into<anyhow::Error>) -> Failure {
    Failure::new(Reason::StateUnwritable, what.clone()).caused_by(error)
}

struct World<'a> {
    play: &'a Play,
    program: &'a Path,
    place: &'a Place,
    gateway: &'a SimulatedGateway,
}

impl World<'_> {
    fn day(&self, date: NaiveDate) -> Result<Day, Failure> {
        let mut day = Day { date, closes: self.play.closes_on(date), ..Day::default() };
        let opens_at = session_of(date).map(|session| session.opens_at).unwrap_or_default();
        for (job, minutes) in JOBS {
            let now = opens_at + TimeDelta::minutes(minutes);
            self.gateway.control("POST", "/clock", &json!({ "set": rfc3339(now), "ticking": false }))?;
            self.run(job, now, &mut day)?;
        }
        self.take_ledger(&mut day)?;
        let (journal, _) = Journal::load(&self.place.state(), &Clock::system(), "", Access::InMemory)?;
        day.states = states_of(journal.state(), &self.play.names(), date);
        Ok(day)
    }

    fn run(&self, job: Job, now: DateTime<Utc>, day: &mut Day) -> Result<(), Failure> {
        let output = Command::new(self.program)
            .args(["--json", "--config"])
            .arg(self.place.config())
            .arg(job.word())
            .env_clear()
            .envs(gateway::credentials())
            .env("KIS_TRADE_NOW", rfc3339(now))
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Failure::new(Reason::Unexpected, words::program_not_run(self.program)).caused_by(error))?;
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if !output.status.success() {
            let why = Sentence::verbatim(report["detail"].as_str().unwrap_or_default());
            day.failures.push(words::run_failed(day.date, job.word(), &why));
        }
        day.take_unsent(report["skipped"].as_array().into_iter().flatten().filter_map(unsent));
        Ok(())
    }

    /// Orders, cash and shares as the broker has them.
    fn take_ledger(&self, day: &mut Day) -> Result<(), Failure> {
        let ledger = self.gateway.control("GET", "/ledger", &Value::Null)?;
        let account = &ledger["accounts"]["real"];
        let date = day.date.to_string();
        let of_date = account["orders"].as_array().into_iter().flatten();
        let of_date = of_date.filter(|order| order["date"] == date && order["original_id"].is_null());
        let nonsense = || Failure::new(Reason::GatewayNonsense, words::ledger_unreadable());
        day.orders = of_date.map(order).collect::<Option<Vec<_>>>().ok_or_else(nonsense)?;
        day.cash = usd(&account["cash"]).ok_or_else(nonsense)? - self.play.reserve();
        let shares = |symbol: &str| {
            let mut held = account["positions"].as_array().into_iter().flatten();
            held.find(|position| position["symbol"] == symbol).and_then(|held| held["quantity"].as_u64()).unwrap_or(0)
        };
        day.shares = self.play.symbols().into_iter().map(|symbol| (symbol.clone(), shares(symbol.as_str()))).collect();
        Ok(())
    }
}

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn usd(value: &Value) -> Option<Usd> {
    let usd: Usd = value.as_str()?.parse().ok()?;
    Some(Usd(usd.0.normalize()))
}

fn order(order: &Value) -> Option<DayOrder> {
    Some(DayOrder {
        side: if order["side"] == "buy" { Side::Buy } else { Side::Sell },
        symbol: order["symbol"].as_str()?.parse().ok()?,
        kind: match order["type"].as_str()? {
            "00" => OrderKind::Limit,
            "34" => OrderKind::Loc,
            "33" => OrderKind::Moc,
            _ => return None,
        },
        quantity: order["quantity"].as_u64()?,
        limit_price: usd(&order["limit_price"])?,
        filled: order["filled_quantity"].as_u64()?,
        price: usd(&order["average_price"])?,
    })
}

fn unsent(skip: &Value) -> Option<Unsent> {
    let name = skip["role"].as_str().or(skip["tag"].as_str()).unwrap_or_default();
    Some((skip["strategy"].as_str()?.to_owned(), name.to_owned(), skip["rule"].as_str()?.to_owned()))
}
