//! Runs killed with -9 at the system calls of a renewal: nothing torn, nothing lost, and KIS is not asked too often.
//!
//! Each kill is followed by a look at what it left and by a normal run 70 s later, on clocks that are moved. By default
//! the calls that change something are covered, and others spread over the run; `KIS_TRADE_KILLS=all` takes every call,
//! `KIS_TRADE_KILLS=150` so many in each test. `cargo test --test cli token::kills -- --no-capture` says how many there were.

use crate::support::harness::World;
use crate::support::renewals::{
    assert_asked_in_time, assert_bad_file_kept, assert_kept, assert_whole, token_of, with_bad_file, with_dead_token,
    with_due_token, with_lost_answer, with_revoked_token, without_token, works_later, works_now,
};
use crate::support::strace::{Amount, Call, kill_everywhere};

/// Kills of one test, unless the environment says otherwise.
const KILLS: usize = 90;
/// Fewer in one test would say that the loop has shrunk.
const KILLS_AT_LEAST: usize = 80;
/// And fewer in all of them, that a test has gone.
const _: () = assert!(6 * KILLS_AT_LEAST >= 300);

fn kill(name: &str, arrange: &dyn Fn() -> World, command: &str, after: &dyn Fn(World, &Call, &str)) {
    let amount = Amount::from_environment(KILLS);
    kill_everywhere(name, (amount, KILLS_AT_LEAST), arrange, &[command], after);
}

#[test]
fn killed_while_there_is_no_token_yet() {
    kill("no token", &without_token, "token-check", &|mut world, _, told| {
        assert_whole(&world, told);
        works_later(&mut world, told);
        assert_eq!(world.sim.tokens(), 2, "{told}: the token that KIS gave to the killed run, and the next renewal's");
    });
}

#[test]
fn killed_while_the_old_token_lives() {
    kill("old live token", &with_due_token, "token-check", &|mut world, call, told| {
        assert_whole(&world, told);
        assert_kept(&world, told);
        // Every other time somebody works with it at once; else the run 70 s later finds what the kill left.
        if call.nth % 2 == 0 {
            works_now(&world, told);
        } else {
            let run = world.run(&["token-check", "--offline"]);
            assert_eq!(run.code, 0, "{told}: {}", run.stderr);
        }
        works_later(&mut world, told);
        assert_eq!(world.sim.tokens(), 3, "{told}: the old one, the killed run's, and the next renewal's");
    });
}

#[test]
fn killed_while_the_old_token_is_dead() {
    kill("old dead token", &with_dead_token, "token-check", &|mut world, call, told| {
        assert_whole(&world, told);
        assert_kept(&world, told);
        // Every other time somebody comes before KIS may be asked again, and finds that out from the files alone.
        if call.nth % 2 == 1 {
            world.advance(30);
            let code = world.run(&["status"]).code;
            assert!([0, 75].contains(&code), "{told}: 30 s later a run ended with {code}");
            assert_asked_in_time(&world, told);
            world.advance(-30);
        }
        works_later(&mut world, told);
        assert_eq!(world.sim.tokens(), 3, "{told}");
    });
}

#[test]
fn killed_while_the_answer_is_lost() {
    kill("lost answer", &with_lost_answer, "token-check", &|mut world, _, told| {
        assert_whole(&world, told);
        works_later(&mut world, told);
        assert_eq!(world.sim.tokens(), 2, "{told}: KIS's six-hour rule gives the lost one again");
    });
}

#[test]
fn killed_while_a_refused_token_is_replaced() {
    kill("refused token", &with_revoked_token, "status", &|mut world, _, told| {
        assert_whole(&world, told);
        assert_kept(&world, told);
        works_later(&mut world, told);
        assert_eq!(world.sim.tokens(), 3, "{told}");
    });
}

#[test]
fn killed_while_a_bad_file_is_set_aside() {
    kill("bad file", &with_bad_file, "token-check", &|mut world, _, told| {
        assert_whole(&world, told);
        assert_bad_file_kept(&world, told);
        works_later(&mut world, told);
        let place = assert_bad_file_kept(&world, told);
        assert!(place.starts_with("api_token.json.bad-"), "{told}: {place}");
        assert_ne!(token_of(&world), "", "{told}");
    });
}
