//! A month alone: the crontab with the real binary, prices that rise and fall, and everything going wrong that can be made
//! to from outside: at KIS, on the machine, in the user's app, at the target of the notifications. Fifteen days by default,
//! in which each trouble strikes; `KIS_TRADE_MONTH_DAYS=30` is the whole month.
//!
//! One seed decides all of it but where exactly a kill hits. At the end nothing is doubled, lost or hidden: kis-sim's books,
//! the journal, `trades.csv` and what people heard agree, and the page of each day was whole.

mod heard;
mod market;
mod runs;
mod troubles;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use serde_json::{Value, json};

use crate::support::books::{assert_all_told, assert_nothing_twice, journal};
use crate::support::harness::{Mode, World, rfc3339};
use crate::support::post_box::{Manner, PostBox, every_event};
use market::{Dice, Prices, SYMBOLS, Schedule};
use troubles::{Kis, Troubles};

const SEED: u64 = 20;
const START: &str = "2023-05-01T00:00:00Z";
const DAYS: i64 = 15;
/// On the last days, one without a session and one with, nothing goes wrong any more.
const CALM_DAYS: i64 = 2;
/// Minutes in which the prices move: New York opens at 13:30 and closes at 20:00 in May.
const MARKET: std::ops::Range<i64> = 780..1290;
/// Minutes between two of their moves.
const STEP: i64 = 5;
/// Minutes from midnight in UTC in which troubles may stand, and how long one at KIS, here and at the target stands.
const TROUBLE: std::ops::Range<i64> = 810..1135;
const KIS_MINUTES: i64 = 65;
const HERE_MINUTES: i64 = 45;
const TARGET_MINUTES: i64 = 35;
/// From here on each day is calm: an hour after the close KIS's last word on paper's orders is final.
const CALM: i64 = 1270;
/// The state directory stays below this many bytes.
const MOST_BYTES: u64 = 1 << 20;

/// How a run was let run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Left,
    Killed,
    /// It could not write, or not beyond a file size.
    Unwritable,
}

impl How {
    /// Reports whether a yes of the target was written down.
    fn writes(self) -> bool {
        self == How::Left
    }
}

/// One run, and how it ended.
#[derive(Debug)]
pub struct Ran {
    how: How,
    code: i32,
    id: String,
}

struct Month {
    days: i64,
    world: World,
    schedule: Schedule,
    dice: Dice,
    prices: Prices,
    troubles: Troubles,
    post_box: PostBox,
    /// Nobody listens where the target should be.
    is_gone: bool,
    posts: Vec<heard::Post>,
    runs: Vec<Ran>,
    codes: BTreeMap<i32, usize>,
    pages: usize,
    most_bytes: u64,
}

#[test]
fn days_alone_double_lose_and_hide_nothing() {
    let seed = std::env::var("KIS_TRADE_MONTH_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    let days = std::env::var("KIS_TRADE_MONTH_DAYS").map_or(DAYS, |days| days.parse().unwrap());
    let mut month = Month::start(seed, days);
    for day in 0..days {
        month.day(START.parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(day), day);
    }
    month.end(seed);
}

impl Month {
    fn start(seed: u64, days: i64) -> Month {
        let mut world = World::light(Mode::Paper);
        let mut dice = Dice(seed);
        let watch = SYMBOLS.map(|symbol| format!("\"NASD:{symbol}\"")).join(", ");
        world
            .set("buy.watch", &format!("[{watch}]"))
            .set("buy.picks", "2")
            .set("buy.rebuy", "\"any\"")
            .set("sell.take_profit_percent", "3")
            .set("sell.stop_loss_percent", "4")
            .set("sell.cooldown_days", "2")
            .set("sell.fallback_take_profit_percent", "1")
            .set("limits.max_order_usd", "900")
            .set("limits.max_buy_usd_per_day", "4000")
            .set("limits.max_position_usd", "2500")
            .set("gateway.timeout_seconds", "30");
        // What comes through the Open API says so, so that other hands show.
        world.sim.control("POST", "/quirks", json!({ "medium_on_paper": "OpenAPI" }));
        Month {
            days,
            prices: Prices::new(&mut dice),
            world,
            schedule: Schedule::read(),
            dice,
            troubles: Troubles::new(),
            post_box: PostBox::start(),
            is_gone: false,
            posts: Vec::new(),
            runs: Vec::new(),
            codes: BTreeMap::new(),
            pages: 0,
            most_bytes: 0,
        }
    }

    fn day(&mut self, midnight: DateTime<Utc>, day: i64) {
        let is_weekend = matches!(midnight.weekday(), Weekday::Sat | Weekday::Sun);
        let is_over = day >= self.days - CALM_DAYS;
        let is_quiet = is_weekend || day % 5 == 4 || is_over;
        self.prices.open(&mut self.dice);
        for minute in 0..24 * 60 {
            let at = midnight + TimeDelta::minutes(minute);
            let commands = self.schedule.commands(at);
            if commands.is_empty() && minute % STEP != 0 {
                continue;
            }
            self.world.set_clock(at);
            if minute % STEP == 0 && !is_weekend && MARKET.contains(&minute) {
                self.prices.step(&self.world, &mut self.dice);
            }
            self.turn(minute, is_quiet);
            if !is_over {
                self.turn_target(minute);
            }
            for command in commands {
                self.run(command, is_quiet || !(TROUBLE.start..CALM).contains(&minute));
            }
        }
        let told = format!("on {}", midnight.date_naive());
        assert_all_told(&self.world, &told);
        self.world.sim.forget_requests();
        self.posts.extend(heard::drain(&self.post_box));
        self.measure(&told);
    }

    /// Ends and begins troubles.
    fn turn(&mut self, minute: i64, is_quiet: bool) {
        let since = minute - TROUBLE.start;
        let is_over = minute >= TROUBLE.end;
        if is_over || since % KIS_MINUTES == 0 {
            self.troubles.end_kis(&mut self.world);
            self.forget_penalty();
        }
        if is_over || since % HERE_MINUTES == 0 {
            self.troubles.end_here(&self.world);
        }
        if is_quiet || !TROUBLE.contains(&minute) {
            return;
        }
        if since % KIS_MINUTES == 0 {
            self.troubles.begin_kis(&mut self.world, &mut self.dice);
        }
        if since % HERE_MINUTES == 0 {
            self.troubles.begin_here(&self.world, &self.prices, &mut self.dice);
        }
        self.troubles.minute(&self.world);
    }

    /// The target of the notifications has moods of its own; after a bad one comes a good one.
    fn turn_target(&mut self, minute: i64) {
        let since = minute - TROUBLE.start;
        if since % TARGET_MINUTES != 0 && TROUBLE.contains(&minute) {
            return;
        }
        let is_bad = TROUBLE.contains(&minute) && (since / TARGET_MINUTES) % 2 == 1 && self.dice.below(2) == 0;
        let moods = [Manner::Hangs, Manner::Status(500), Manner::Garbage, Manner::HangsUp, Manner::Takes];
        let manner = if is_bad { self.dice.pick(&moods) } else { Manner::Takes };
        self.is_gone = is_bad && manner == Manner::Takes;
        self.post_box.set(manner);
        self.post_box.let_go();
        // Where an answer comes, it comes in time however busy the machine is.
        self.world.set("notify.timeout_seconds", if manner == Manner::Hangs { "0.2" } else { "10" });
    }

    fn run(&mut self, command: &'static str, is_calm: bool) {
        let number = self.runs.len();
        let host = if self.is_gone { "http://127.0.0.1:1" } else { &self.post_box.url };
        let hook = format!("[{{ kind = \"webhook\", url = \"{host}/hook/{number}\", {} }}]", every_event());
        self.world.set("notify.target", &hook);
        let foreign = self.troubles.foreign.last().map(|id| format!("foreign={id}"));
        let arguments = match (command, &foreign) {
            ("status", _) => vec!["--json", "status", "--html", "page.html"],
            ("cleanup", Some(foreign)) => vec!["--json", "cleanup", "--settle", foreign],
            _ => vec!["--json", command],
        };
        let (how, run) = self.start_run(&arguments);
        if matches!(self.troubles.kis, Some(Kis::GateBusy | Kis::LedgerBusy)) {
            self.forget_penalty();
        }
        let told = format!("at {}, {arguments:?}, {how:?}", rfc3339(self.world.now));
        assert!(!run.stderr.contains("panicked") && !run.stderr.contains("internal error"), "{told}: {}", run.stderr);
        let object = if how == How::Killed { Value::Null } else { run.object() };
        if how == How::Killed {
            assert_nothing_twice(&self.world, &told);
        } else {
            self.judge_ending(&run, &object, is_calm, &told);
            if foreign.is_some() && command == "cleanup" && run.code == 0 {
                self.troubles.foreign.pop();
            }
        }
        if command == "status" {
            self.look_at_page(&object, &told);
        }
        *self.codes.entry(run.code).or_default() += 1;
        let id = object["run"].as_str().unwrap_or_default().to_owned();
        self.runs.push(Ran { how, code: run.code, id });
    }

    /// A penalty for speed counts real seconds, and here minutes pass between two runs.
    fn forget_penalty(&self) {
        let _ = std::fs::remove_file(self.world.files.state("rate"));
    }

    fn measure(&mut self, told: &str) {
        let entries = std::fs::read_dir(self.world.files.state("")).unwrap();
        let bytes: u64 = entries.map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
        assert!(bytes < MOST_BYTES, "{told}: {bytes} bytes of state");
        self.most_bytes = self.most_bytes.max(bytes);
    }

    fn end(self, seed: u64) {
        let journal = journal(&self.world, "at the end");
        let (events, twice) = heard::assert_each_once(&self.posts, &self.runs);
        let of_token = heard::assert_token_hourly(&events, &self.runs);
        heard::assert_complete(&events, &self.runs, &self.world, &journal);
        let notified: Value =
            serde_json::from_slice(&std::fs::read(self.world.files.state("notified.json")).unwrap()).unwrap();
        assert_eq!(notified["waiting"], json!([]), "something still waits to be told");
        let orders = self.world.sim.own_orders();
        say(&format!(
            "seed {seed}: {} runs ended {:?}, {} orders, {} events ({of_token} of the token) in {} messages, {twice} told \
             again after a yes, {} whole pages, at most {} bytes of state",
            self.runs.len(),
            self.codes,
            orders.len(),
            events.len(),
            self.posts.len(),
            self.pages,
            self.most_bytes,
        ));
        say(&format!("struck: {:?}", self.troubles.struck));
        say(&format!("told of: {:?}", heard::kinds(&events)));
        self.troubles.assert_all_struck();
        let days = usize::try_from(self.days).unwrap();
        assert!(orders.len() >= 3 * days && self.pages >= 240 * days, "the month has shrunk");
    }
}

/// For `--no-capture`.
#[allow(clippy::disallowed_macros, reason = "the test runner takes it")]
fn say(text: &str) {
    println!("{text}");
}
