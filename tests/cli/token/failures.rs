//! Each system call of a renewal fails once, as a disk, a network or a limit can make it fail: no panic, no second
//! request for a token, whole files, and the next run works, with the old token or a newer one.
//!
//! By default one error in turn is tried at each call, and each of them where something changes while the old token
//! lives; `KIS_TRADE_KILLS=all` tries each error at every call.

use crate::support::harness::{Run, World};
use crate::support::renewals::{
    assert_asked_in_time, assert_bad_file_kept, assert_kept, assert_whole, token_requests, with_bad_file,
    with_due_token, with_revoked_token, without_token, works_later, works_now,
};
use crate::support::strace::{Extent, Failing, fail_everywhere};

/// What fails without the program's fault.
pub const ERRORS: [&str; 5] = ["EIO", "ENOSPC", "EROFS", "EACCES", "EMFILE"];
/// The calls that ask the kernel for something it can refuse. Not `close` after a sync, which can't fail and of which
/// the standard library says so; nor memory and signals, without which nothing runs.
pub const CALLS: [&str; 30] = [
    "access",
    "connect",
    "fchmod",
    "fdatasync",
    "flock",
    "fsync",
    "ftruncate",
    "getcwd",
    "getdents64",
    "getpeername",
    "getsockopt",
    "ioctl",
    "lseek",
    "mkdir",
    "newfstatat",
    "open",
    "openat",
    "poll",
    "pread64",
    "pwrite64",
    "read",
    "readlink",
    "recvfrom",
    "rename",
    "sendto",
    "setsockopt",
    "socket",
    "statx",
    "unlink",
    "write",
];
/// The documented exit codes but 1 and 2, which would be a panic or a slip, and those that tell of orders.
const CODES: [i32; 8] = [0, 65, 69, 71, 74, 75, 77, 78];

fn fail(
    name: &str,
    (extent, at_least): (Extent, usize),
    arrange: &dyn Fn() -> World,
    command: &str,
    after: &dyn Fn(World, &str),
) {
    let failing = Failing { calls: &CALLS, errors: &ERRORS, extent: Extent::from_environment(extent) };
    fail_everywhere(name, (&failing, at_least), arrange, &[command], &|world, run, told| {
        assert_orderly(&world, run, told);
        after(world, told);
    });
}

/// The run told what it had to tell, asked KIS once at most, and left whole files.
fn assert_orderly(world: &World, run: &Run, told: &str) {
    assert!(!run.stderr.contains("internal error"), "{told}: {}", run.stderr);
    assert!(CODES.contains(&run.code), "{told}: ended with {}\n{}{}", run.code, run.stdout, run.stderr);
    assert!(token_requests(world) <= 1, "{told}: asked again");
    assert_whole(world, told);
}

#[test]
fn a_failing_call_while_there_is_no_token_yet() {
    let extent = (Extent::InTurn, 100);
    fail("no token", extent, &without_token, "token-check", &|mut world, told| works_later(&mut world, told));
}

#[test]
fn a_failing_call_while_the_old_token_lives() {
    fail("old live token", (Extent::EachThatChanges, 250), &with_due_token, "token-check", &|mut world, told| {
        assert_kept(&world, told);
        works_now(&world, told);
        assert_asked_in_time(&world, told);
        works_later(&mut world, told);
    });
}

#[test]
fn a_failing_call_while_a_refused_token_is_replaced() {
    fail("refused token", (Extent::InTurn, 150), &with_revoked_token, "status", &|mut world, told| {
        assert_kept(&world, told);
        works_later(&mut world, told);
    });
}

#[test]
fn a_failing_call_while_a_bad_file_is_set_aside() {
    fail("bad file", (Extent::InTurn, 100), &with_bad_file, "token-check", &|mut world, told| {
        assert_bad_file_kept(&world, told);
        works_later(&mut world, told);
        assert_bad_file_kept(&world, told);
    });
}
