//! Runs killed with -9 at the system calls of a buy, a sell and a cleanup, once and twice, whatever the gateway answers:
//! no order is there twice, none is lost, and every fill stands in `trades.csv` once.
//!
//! Each kill is followed by a look at what it left and by at most four normal runs, on clocks that are moved. By default
//! the calls that change something are covered where the gateway answers or its answer gets lost, and others spread over
//! the run; `KIS_TRADE_KILLS=all` takes every call, `KIS_TRADE_KILLS=300` so many for each script.
//! `cargo test --test cli orders::kills -- --no-capture` says how many there were.

use std::sync::Mutex;

use crate::support::books::assert_nothing_twice;
use crate::support::scenes::{Scene, Script};
use crate::support::strace::{Amount, Call, kill_at, trace};

/// Runs at the same time where each of them waits for most of its life.
const WAITING: usize = 6;

/// One kill, or one in the run and one in the next.
type Kills = Vec<Call>;

/// Kills the scene's run at the chosen calls, each in a fresh world, and then a second run when a second call is named.
fn kill(scene: Scene, script: Script, kills: Vec<Kills>) -> usize {
    let queue = Mutex::new(kills.into_iter());
    let killed = Mutex::new(0);
    let next = || queue.lock().unwrap().next();
    let work = || {
        while let Some(kills) = next() {
            *killed.lock().unwrap() += kill_one(scene, script, &kills);
        }
    };
    std::thread::scope(|scope| {
        let workers = if script.waits() { WAITING } else { 1 };
        (0..workers).for_each(|_| drop(scope.spawn(work)));
    });
    killed.into_inner().unwrap()
}

/// Returns how many runs were killed.
fn kill_one(scene: Scene, script: Script, kills: &Kills) -> usize {
    let mut world = scene.arrange(script);
    let mut told = format!("{scene:?} {script:?}");
    let mut killed = 0;
    for (index, call) in kills.iter().enumerate() {
        if index > 0 {
            world.advance(70);
        }
        killed += usize::from(kill_at(&world, &[scene.command()], call));
        told = format!("{told}, {}", call.told("killed"));
        assert_nothing_twice(&world, &told);
    }
    scene.recover(&mut world, &told);
    killed
}

/// The calls at which a script makes a difference, or nearly: from a little before the first request that changes
/// something at KIS. All of a run that only looks.
fn from_the_first_post(calls: Vec<Call>) -> Vec<Call> {
    let post = calls.iter().position(|call| call.shown.contains("\"POST ")).unwrap_or_default();
    calls[post.saturating_sub(20)..].to_vec()
}

/// Where to kill by default.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Points {
    /// At each call that changes something.
    EachChange,
    /// At so many calls from the first request on that changes something at KIS.
    Spread(usize),
}

impl Points {
    fn choose(self, calls: Vec<Call>) -> Vec<Call> {
        match (self, Amount::from_environment(0)) {
            (_, Amount::All) => calls,
            (Points::EachChange, Amount::AtMost(_)) => calls.into_iter().filter(Call::changes_something).collect(),
            (Points::Spread(most), Amount::AtMost(wanted)) => {
                Amount::AtMost(most.max(wanted)).choose(from_the_first_post(calls))
            }
        }
    }
}

/// Kills at the chosen calls with each of the scripts, once a run.
fn kill_once(scene: Scene, scripts: &[Script], points: Points, at_least: usize) {
    let mut killed = 0;
    for script in scripts {
        let calls = points.choose(trace(&scene.arrange(*script), &[scene.command()]));
        killed += kill(scene, *script, calls.into_iter().map(|call| vec![call]).collect());
    }
    say(&format!("{scene:?} {scripts:?}: {killed} kills"));
    assert!(killed >= at_least, "{scene:?} {scripts:?}: only {killed} kills");
}

/// Kills at some calls, and each time the run after it at some of its own calls.
fn kill_twice(scene: Scene, script: Script) {
    let (most, most_again) = match Amount::from_environment(0) {
        Amount::All => (40, 20),
        Amount::AtMost(wanted) => ((wanted / 20).max(6), 5),
    };
    let calls = from_the_first_post(trace(&scene.arrange(script), &[scene.command()]));
    let mut kills = Vec::new();
    for call in Amount::AtMost(most).choose(calls) {
        let mut world = scene.arrange(script);
        kill_at(&world, &[scene.command()], &call);
        world.advance(70);
        let again = trace(&world, &[scene.command()]);
        scene.recover(&mut world, &format!("{scene:?} {script:?}, {}, then traced", call.told("killed")));
        let again = Amount::AtMost(most_again).choose(again);
        kills.extend(again.into_iter().map(|second| vec![call.clone(), second]));
    }
    let killed = kill(scene, script, kills);
    say(&format!("{scene:?} {script:?}, twice: {killed} kills"));
    assert!(killed >= TWICE_AT_LEAST, "{scene:?} {script:?}, twice: only {killed} kills");
}

/// For `--no-capture`.
#[allow(clippy::disallowed_macros, reason = "the test runner takes it")]
fn say(text: &str) {
    println!("{text}");
}

/// Kills with each script that is not covered call by call.
const SPREAD: Points = Points::Spread(32);
/// Fewer would say that a loop has shrunk: at each change of a buy, a sell, a cleanup and a run that only looks,
const EACH_AT_LEAST: [usize; 4] = [110, 100, 70, 35];
/// spread with one script,
const SPREAD_AT_LEAST: usize = 30;
/// and twice with one script.
const TWICE_AT_LEAST: usize = 56;
/// And fewer in all of them, that a test has gone.
const _: () = {
    let [buy, sell, cleanup, record] = EACH_AT_LEAST;
    assert!(2 * (buy + sell + cleanup) + record + (3 * 10 + 2) * SPREAD_AT_LEAST + 10 * TWICE_AT_LEAST >= 2000);
};

#[test]
fn a_buy_killed_while_kis_answers() {
    kill_once(Scene::Buy, &[Script::Ok], Points::EachChange, EACH_AT_LEAST[0]);
}

#[test]
fn a_buy_killed_while_an_answer_is_lost() {
    kill_once(Scene::Buy, &[Script::AnswerLost], Points::EachChange, EACH_AT_LEAST[0]);
}

#[test]
fn a_buy_killed_while_an_answer_is_unreadable() {
    kill_once(
        Scene::Buy,
        &[Script::ErrorAfterAccept, Script::Html, Script::HalfABody, Script::Empty],
        SPREAD,
        4 * SPREAD_AT_LEAST,
    );
}

#[test]
fn a_buy_killed_while_a_request_is_lost_or_refused() {
    kill_once(Scene::Buy, &[Script::RequestLost, Script::Rejection, Script::TokenRefused], SPREAD, 3 * SPREAD_AT_LEAST);
}

#[test]
fn a_buy_killed_while_its_order_is_listed_late() {
    kill_once(Scene::Buy, &[Script::ListedLate], SPREAD, SPREAD_AT_LEAST);
}

#[test]
fn a_buy_killed_while_kis_is_slow_or_busy() {
    kill_once(Scene::Buy, &[Script::Slow, Script::GateBusy, Script::LedgerBusy], SPREAD, 3 * SPREAD_AT_LEAST);
}

#[test]
fn a_buy_killed_twice() {
    kill_twice(Scene::Buy, Script::Ok);
}

#[test]
fn a_buy_killed_twice_while_an_answer_is_lost() {
    kill_twice(Scene::Buy, Script::AnswerLost);
}

#[test]
fn a_buy_killed_twice_while_a_request_is_lost() {
    kill_twice(Scene::Buy, Script::RequestLost);
}

#[test]
fn a_sell_killed_while_kis_answers() {
    kill_once(Scene::Sell, &[Script::Ok], Points::EachChange, EACH_AT_LEAST[1]);
}

#[test]
fn a_sell_killed_while_an_answer_is_lost() {
    kill_once(Scene::Sell, &[Script::AnswerLost], Points::EachChange, EACH_AT_LEAST[1]);
}

#[test]
fn a_sell_killed_while_an_answer_is_unreadable() {
    kill_once(
        Scene::Sell,
        &[Script::ErrorAfterAccept, Script::Html, Script::HalfABody, Script::Empty],
        SPREAD,
        4 * SPREAD_AT_LEAST,
    );
}

#[test]
fn a_sell_killed_while_a_request_is_lost_or_refused() {
    kill_once(
        Scene::Sell,
        &[Script::RequestLost, Script::Rejection, Script::TokenRefused],
        SPREAD,
        3 * SPREAD_AT_LEAST,
    );
}

#[test]
fn a_sell_killed_while_its_order_is_listed_late() {
    kill_once(Scene::Sell, &[Script::ListedLate], SPREAD, SPREAD_AT_LEAST);
}

#[test]
fn a_sell_killed_while_kis_is_slow_or_busy() {
    kill_once(Scene::Sell, &[Script::Slow, Script::GateBusy, Script::LedgerBusy], SPREAD, 3 * SPREAD_AT_LEAST);
}

#[test]
fn a_sell_killed_twice() {
    kill_twice(Scene::Sell, Script::Ok);
}

#[test]
fn a_sell_killed_twice_while_an_answer_is_lost() {
    kill_twice(Scene::Sell, Script::AnswerLost);
}

#[test]
fn a_sell_killed_twice_while_a_request_is_lost() {
    kill_twice(Scene::Sell, Script::RequestLost);
}

#[test]
fn a_cleanup_killed_while_kis_answers() {
    kill_once(Scene::Cleanup, &[Script::Ok], Points::EachChange, EACH_AT_LEAST[2]);
}

#[test]
fn a_cleanup_killed_while_an_answer_is_lost() {
    kill_once(Scene::Cleanup, &[Script::AnswerLost], Points::EachChange, EACH_AT_LEAST[2]);
}

#[test]
fn a_cleanup_killed_while_an_answer_is_unreadable() {
    kill_once(
        Scene::Cleanup,
        &[Script::ErrorAfterAccept, Script::Html, Script::HalfABody, Script::Empty],
        SPREAD,
        4 * SPREAD_AT_LEAST,
    );
}

#[test]
fn a_cleanup_killed_while_a_request_is_lost_or_refused() {
    kill_once(
        Scene::Cleanup,
        &[Script::RequestLost, Script::Rejection, Script::TokenRefused],
        SPREAD,
        3 * SPREAD_AT_LEAST,
    );
}

#[test]
fn a_cleanup_killed_while_kis_is_slow_or_busy() {
    kill_once(Scene::Cleanup, &[Script::Slow, Script::GateBusy, Script::LedgerBusy], SPREAD, 3 * SPREAD_AT_LEAST);
}

#[test]
fn a_cleanup_killed_twice() {
    kill_twice(Scene::Cleanup, Script::Ok);
}

#[test]
fn a_cleanup_killed_twice_while_an_answer_is_lost() {
    kill_twice(Scene::Cleanup, Script::AnswerLost);
}

#[test]
fn a_cleanup_killed_twice_while_a_request_is_lost() {
    kill_twice(Scene::Cleanup, Script::RequestLost);
}

#[test]
fn a_run_killed_while_it_writes_fills_down() {
    kill_once(Scene::Record, &[Script::Ok], Points::EachChange, EACH_AT_LEAST[3]);
}

#[test]
fn a_run_killed_twice_while_it_writes_fills_down() {
    kill_twice(Scene::Record, Script::Ok);
}
