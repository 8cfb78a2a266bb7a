//! Each system call of a buy, a sell and a cleanup fails once: no panic, no order at KIS whose intent is not whole and
//! synced in the journal, a documented end, and the next run is right.
//!
//! By default one error in turn is tried at each call; `KIS_TRADE_KILLS=all` tries each error at every call.

use crate::support::books::assert_nothing_twice;
use crate::support::harness::Run;
use crate::support::scenes::{Scene, Script};
use crate::support::strace::{Call, Extent, Failed, Failing, fail_at, fail_everywhere, fail_from, trace};
use crate::token::failures::{CALLS, ERRORS};

/// The documented exit codes but 1 and 2: nothing here is rejected, and the rest would be a panic or a slip. 80 is among
/// them, as where nobody can tell whether `HALT` is there.
pub const CODES: [i32; 10] = [0, 65, 69, 71, 74, 75, 77, 78, 80, 81];

/// The run told what it had to tell.
pub fn assert_orderly(run: &Run, told: &str) {
    assert!(!run.stderr.contains("internal error"), "{told}: {}", run.stderr);
    assert!(CODES.contains(&run.code), "{told}: ended with {}\n{}{}", run.code, run.stdout, run.stderr);
}

fn fail(scene: Scene, script: Script, at_least: usize) {
    let failing = Failing { calls: &CALLS, errors: &ERRORS, extent: Extent::from_environment(Extent::InTurn) };
    let name = format!("{scene:?} {script:?}");
    let arrange = || scene.arrange(script);
    fail_everywhere(&name, (&failing, at_least), &arrange, &[scene.command()], &|mut world, run, told| {
        let told = format!("{name}, {told}");
        assert_orderly(run, &told);
        assert_nothing_twice(&world, &told);
        scene.recover(&mut world, &told);
    });
}

#[test]
fn a_failing_call_of_a_buy() {
    fail(Scene::Buy, Script::Ok, 200);
}

#[test]
fn a_failing_call_of_a_buy_whose_answer_is_lost() {
    fail(Scene::Buy, Script::AnswerLost, 200);
}

#[test]
fn a_failing_call_of_a_sell() {
    fail(Scene::Sell, Script::Ok, 200);
}

#[test]
fn a_failing_call_of_a_cleanup() {
    fail(Scene::Cleanup, Script::Ok, 150);
}

#[test]
fn a_failing_call_while_fills_are_written_down() {
    fail(Scene::Record, Script::Ok, 100);
}

/// Whether it sends KIS something that changes an order or the account.
fn is_sent(call: &Call) -> bool {
    call.name == "sendto" && call.shown.contains("\"POST /uapi/overseas-stock/")
}

/// What a run does to the journal and at KIS, in order.
pub fn steps(calls: &[Call]) -> Vec<(&'static str, &Call)> {
    let mut steps = Vec::new();
    // The file descriptor of a line that is not synced yet.
    let mut unsynced = None;
    for call in calls {
        let descriptor = call.shown.split(['(', ',', ')']).nth(1).map(str::to_owned);
        match call.name.as_str() {
            "write" if call.shown.contains(", \"{\\\"v\\\":1,\\\"seq\\\":") => {
                steps.push(("written", call));
                unsynced = descriptor;
            }
            "fdatasync" | "fsync" if unsynced.is_some() && descriptor == unsynced => {
                steps.push(("synced", call));
                unsynced = None;
            }
            _ if is_sent(call) => steps.push(("sent", call)),
            _ => {}
        }
    }
    steps
}

#[test]
fn every_line_of_the_journal_is_synced_before_anything_else_is_sent() {
    for (scene, requests) in [(Scene::Buy, 2), (Scene::Sell, 2), (Scene::Cleanup, 2)] {
        let world = scene.arrange(Script::Ok);
        let calls = trace(&world, &[scene.command()]);
        let steps: Vec<&str> = steps(&calls).into_iter().map(|(step, _)| step).collect();
        assert_eq!(steps.iter().filter(|step| **step == "sent").count(), requests, "{scene:?}: {steps:?}");
        for (place, step) in steps.iter().enumerate() {
            let before = place.checked_sub(1).map_or("", |before| steps[before]);
            match *step {
                "sent" => {
                    assert_eq!(before, "synced", "{scene:?}: a request left before its line was synced: {steps:?}")
                }
                "synced" => assert_eq!(before, "written", "{scene:?}: {steps:?}"),
                _ => assert_ne!(before, "written", "{scene:?}: a line was not synced: {steps:?}"),
            }
        }
        let lines: Vec<&str> = steps.iter().copied().filter(|step| *step != "synced").collect();
        let expected = ["written", "sent", "written", "written", "sent", "written"];
        assert!(lines.windows(6).any(|six| six == expected), "{scene:?}: before and after each request: {steps:?}");
    }
}

#[test]
fn the_name_of_a_months_file_is_synced_before_the_first_line_of_a_run() {
    let world = Scene::Cleanup.arrange(Script::Ok);
    let calls = trace(&world, &[Scene::Cleanup.command()]);
    let opened = calls.iter().position(|call| call.shown.contains("/orders-") && call.shown.contains("O_APPEND"));
    let first = steps(&calls)[0].1;
    let written = calls.iter().position(|call| std::ptr::eq(call, first)).unwrap();
    let between = &calls[opened.expect("the journal is opened for more lines")..written];
    assert!(between.iter().any(|call| call.name == "fsync"), "whoever made it may have died before: {between:?}");
}

/// Else a power cut could leave a name with nothing behind it, or take a name back that others were told of.
#[test]
fn a_replaced_file_is_synced_before_it_gets_its_name_and_the_folder_after() {
    let (mut renamed, mut derived) = (0, 0);
    for (scene, script) in [(Scene::Buy, Script::Ok), (Scene::Cleanup, Script::Ok), (Scene::Buy, Script::TokenRefused)]
    {
        let calls = trace(&scene.arrange(script), &[scene.command()]);
        for (place, call) in calls.iter().enumerate().filter(|(_, call)| call.name.starts_with("rename")) {
            let temporary = call.shown.split('"').nth(1).unwrap();
            let opened = calls[..place].iter().rposition(|call| call.shown.contains(temporary)).unwrap();
            let descriptor = calls[opened].shown.rsplit("= ").next().unwrap();
            let of_file = |call: &&Call| {
                call.shown.contains(&format!("({descriptor}")) && !matches!(&*call.name, "close" | "fcntl")
            };
            let last = calls[opened + 1..place].iter().rfind(of_file).unwrap();
            // Derived from other files and written by every run: what a power cut leaves of them counts as missing.
            let is_derived = ["last_run_", "equity_buy."].iter().any(|name| call.shown.contains(name));
            let expected = if is_derived { "write" } else { "fsync" };
            assert_eq!(last.name, expected, "{scene:?} {script:?}: {} before {}", last.shown, call.shown);
            if is_derived {
                derived += 1;
                continue;
            }
            let after = calls[place..].iter().skip(1).find(|call| ["fsync", "sendto", "rename"].contains(&&*call.name));
            assert_eq!(after.map(|call| &*call.name), Some("fsync"), "{scene:?} {script:?}: after {}", call.shown);
            renamed += 1;
        }
    }
    assert!(renamed >= 5 && derived >= 4, "only {renamed} and {derived} files were replaced");
}

/// An unroutable network, a port that nobody listens on: nothing left, and the same order may be tried again.
#[test]
fn an_order_whose_connection_never_came_up_was_not_sent() {
    for scene in [Scene::Buy, Scene::Sell] {
        let calls = trace(&scene.arrange(Script::Ok), &[scene.command()]);
        let sent = calls.iter().position(|call| call.shown.contains("\"POST /uapi/")).unwrap();
        let place = calls[..sent].iter().rposition(|call| call.name == "connect").unwrap();
        let connect = &calls[place];
        let requests = |calls: &[Call]| calls.iter().filter(|call| call.name == "sendto").count();
        // The order's connection, and none before it: the run made all its other requests, and no more.
        let assert_found = |failed: &Failed, told: &str| {
            let before = (&*failed.call().name, requests(&failed.calls));
            assert_eq!(before, ("connect", requests(&calls[..place])), "{told}: another call failed");
        };
        for error in ["ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT", "ECONNREFUSED"] {
            let told = format!("{scene:?}, {error}");
            let mut world = scene.arrange(Script::Ok);
            let failed = fail_at(&world, &[scene.command()], connect, error).expect("it came there");
            assert_found(&failed, &told);
            let run = failed.run;
            assert_eq!((run.code, world.sim.order_posts()), (0, 2), "{told}, once: {}{}", run.stdout, run.stderr);
            assert_nothing_twice(&world, &told);
            scene.recover(&mut world, &told);
            let mut world = scene.arrange(Script::Ok);
            let failed = fail_from(&world, &[scene.command()], connect, error).expect("it came there");
            assert_found(&failed, &told);
            let run = failed.run;
            assert_eq!((run.code, world.sim.order_posts()), (69, 0), "{told}, for good: {}{}", run.stdout, run.stderr);
            assert!(run.stderr.contains("nothing was sent for it"), "{told}: {}", run.stderr);
            scene.recover(&mut world, &told);
        }
    }
}

#[test]
fn a_line_that_could_not_be_written_or_synced_is_not_followed_by_a_request() {
    for scene in [Scene::Buy, Scene::Sell, Scene::Cleanup] {
        let calls = trace(&scene.arrange(Script::Ok), &[scene.command()]);
        let expected = steps(&calls);
        for (place, (step, call)) in expected.iter().enumerate().filter(|(_, (step, _))| *step != "sent") {
            for error in ["EIO", "ENOSPC"] {
                let mut world = scene.arrange(Script::Ok);
                let told = format!("{scene:?}, {error} when it was {step} ({})", call.nth);
                let failed = fail_at(&world, &[scene.command()], call, error).expect("it came there");
                let names = |steps: &[(&'static str, &Call)]| steps.iter().map(|(step, _)| *step).collect::<Vec<_>>();
                let seen = steps(&failed.calls);
                assert_eq!(names(&seen), names(&expected[..=place]), "{told}: another call failed");
                assert!(std::ptr::eq(seen[place].1, failed.call()), "{told}: it was {}", failed.call().shown);
                let run = &failed.run;
                assert_orderly(run, &told);
                assert_eq!(run.code, 74, "{told}: {}{}", run.stdout, run.stderr);
                let sent =
                    world.sim.request_records().into_iter().filter(|request| request["method"] == "POST").count();
                let sent_before = failed.calls.iter().filter(|call| is_sent(call)).count();
                assert_eq!(sent, sent_before, "{told}: sent after all");
                assert_nothing_twice(&world, &told);
                scene.recover(&mut world, &told);
            }
        }
    }
}

/// The rule goes for every state file, not for the journal alone: who can't write the one may lose the other.
#[test]
fn a_file_that_could_not_be_written_is_not_followed_by_a_request() {
    let mut stopped = 0;
    for scene in [Scene::Buy, Scene::Sell, Scene::Cleanup] {
        let calls = trace(&scene.arrange(Script::Ok), &[scene.command()]);
        let is_output = |call: &Call| call.shown.starts_with("write(1,") || call.shown.starts_with("write(2,");
        let writing = ["write", "fsync", "fdatasync", "rename", "pwrite64"];
        let failing = calls.iter().enumerate().filter(|(_, call)| writing.contains(&call.name.as_str()));
        for (place, call) in failing.filter(|(_, call)| !is_output(call)) {
            let world = scene.arrange(Script::Ok);
            let error = if place % 2 == 0 { "EIO" } else { "ENOSPC" };
            // Which call failed, and what had been sent by then, this run alone can tell.
            let failed = fail_at(&world, &[scene.command()], call, error).expect("it came there");
            let sent = world.sim.request_records().into_iter().filter(|request| request["method"] == "POST").count();
            let sent_before = failed.calls.iter().filter(|call| is_sent(call)).count();
            // What is only derived from the journal stops nothing.
            let derived = ["the account's total could not be kept", "trades.csv could not be written"];
            let is_derived = derived.iter().any(|words| failed.run.stderr.contains(words));
            if failed.run.code == 74 && !is_derived {
                stopped += 1;
                let told = format!("{scene:?}, {}", failed.call().told(error));
                assert_eq!(sent, sent_before, "{told}: sent after all: {}", failed.run.stderr);
            }
        }
    }
    assert!(stopped >= 60, "only {stopped} failures stopped a run");
}
