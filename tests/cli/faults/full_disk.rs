//! The state directory is full, becomes full half way, or can't be written: no order is sent that is not written down
//! before, the run ends with 74, and once there is space again the next one is right. The same where memory ends.
//!
//! On a small file system of its own where the tests may mount one (root), and under strace everywhere.
//! `cargo test --test cli full_disk -- --no-capture` says which of them ran.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::orders::failures::assert_orderly;
use crate::support::books::assert_nothing_twice;
use crate::support::harness::{Run, World};
use crate::support::scenes::{Scene, Script};
use crate::support::strace::{Failed, fail_from, fail_when, trace, wait_until_served};

const SCENES: [Scene; 3] = [Scene::Buy, Scene::Sell, Scene::Cleanup];
/// The file system's unit.
const PAGE: usize = 4096;
/// In units: more than any state directory here needs.
const PAGES: usize = 64;
/// Takes up the space; people may keep a file of this name there.
const FILLER: &str = "README.md";

/// A file system of its own under the state directory, unmounted when it goes out of scope.
struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Moves the state directory onto a small file system; none when this process may not mount one.
    fn under(world: &World) -> Option<Disk> {
        let (at, before) = (world.files.state(""), world.files.path("state.before"));
        std::fs::rename(&at, &before).unwrap();
        std::fs::create_dir(&at).unwrap();
        let options = format!("size={},mode=0700", PAGES * PAGE);
        let is_mounted = mount(&["-t", "tmpfs", "-o", &options, "tmpfs"], &at);
        let disk = is_mounted.then(|| Disk { at: at.clone() });
        let from = format!("{}/.", before.display());
        assert!(Command::new("cp").arg("-a").arg(from).arg(&at).status().unwrap().success());
        std::fs::set_permissions(&at, PermissionsExt::from_mode(0o700)).unwrap();
        disk
    }

    /// Leaves so many units free.
    fn fill_but(&self, free: usize) {
        let mut filler = File::create(self.at.join(FILLER)).unwrap();
        filler.set_permissions(PermissionsExt::from_mode(0o600)).unwrap();
        while filler.write_all(&[b'.'; PAGE]).is_ok() {}
        let length = usize::try_from(filler.metadata().unwrap().len()).unwrap();
        filler.set_len((length / PAGE - free).max(1) as u64 * PAGE as u64).unwrap();
    }

    fn free(&self) {
        std::fs::remove_file(self.at.join(FILLER)).unwrap();
    }

    fn make(&self, how: &str) {
        assert!(mount(&["-o", &format!("remount,{how}")], &self.at), "remount,{how} of {}", self.at.display());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // At once out of sight, and gone with the last file that is open.
        let _ = Command::new("umount").arg("-l").arg(&self.at).stderr(Stdio::null()).status();
    }
}

fn mount(arguments: &[&str], at: &Path) -> bool {
    let mut command = Command::new("mount");
    let status = command.args(arguments).arg(at).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Requests that change something at KIS.
fn posts(world: &World) -> usize {
    world.sim.request_records().into_iter().filter(|request| request["method"] == "POST").count()
}

fn say(text: &str) {
    println!("{text}");
}

fn assert_nothing_sent(world: &World, run: &Run, told: &str) {
    assert_all_written(world, run, told);
    assert_eq!(posts(world), 0, "{told}: sent although nothing could be written down: {}", run.stderr);
}

/// Every request that changed something stood in the journal before; `trades.csv` and the like don't matter.
fn assert_all_written(world: &World, run: &Run, told: &str) {
    assert_orderly(run, told);
    assert_eq!(run.code, 74, "{told}: {}{}", run.stdout, run.stderr);
    let is_new = |line: &&serde_json::Value| line["phase"] == "planned";
    let planned = world.files.journal_of("cancel").iter().filter(is_new).count();
    let intents = world.files.journal_of("intent").len();
    assert!(posts(world) <= planned + intents, "{told}: sent although it was not written down: {}", run.stderr);
    assert_nothing_twice(world, told);
}

#[test]
fn on_a_full_disk_nothing_is_sent() {
    for scene in SCENES {
        let mut world = scene.arrange(Script::Ok);
        let Some(disk) = Disk::under(&world) else { return say("a full disk: this user may not mount; strace it is") };
        disk.fill_but(0);
        let told = format!("{scene:?} on a full disk");
        let run = world.run(&[scene.command()]);
        // What is left of the journal's last page may still take the lines of a cancel.
        match scene {
            Scene::Cleanup => assert_all_written(&world, &run, &told),
            _ => assert_nothing_sent(&world, &run, &told),
        }
        disk.free();
        scene.recover(&mut world, &told);
    }
    say("a full disk: on a file system that was");
}

#[test]
fn a_disk_that_becomes_full_half_way_stops_the_orders() {
    let mut failed = 0;
    for scene in [Scene::Buy, Scene::Sell, Scene::Cleanup, Scene::Record] {
        for free in 0..PAGES / 2 {
            let mut world = scene.arrange(Script::Ok);
            let Some(disk) = Disk::under(&world) else { return say("half way: this user may not mount; strace it is") };
            disk.fill_but(free);
            let told = format!("{scene:?} with {free} units free");
            let run = world.run(&[scene.command()]);
            assert_orderly(&run, &told);
            assert!(matches!(run.code, 0 | 74), "{told}: {}{}", run.stdout, run.stderr);
            assert_nothing_twice(&world, &told);
            disk.free();
            scene.recover(&mut world, &told);
            if run.code == 0 {
                break;
            }
            failed += 1;
        }
    }
    say(&format!("half way: {failed} runs on a file system that became full"));
    assert!(failed >= 8, "only {failed}");
}

#[test]
fn in_a_directory_that_cannot_be_written_nothing_is_sent() {
    for scene in SCENES {
        let mut world = scene.arrange(Script::Ok);
        let disk = Disk::under(&world);
        let told = format!("{scene:?} in a directory that can't be written");
        if let Some(disk) = &disk {
            disk.make("ro");
        } else {
            std::fs::set_permissions(world.files.state(""), PermissionsExt::from_mode(0o500)).unwrap();
            if File::create(world.files.state(FILLER)).is_ok() {
                return say("read-only: this user may write everywhere and not mount; strace it is");
            }
        }
        let run = world.run(&[scene.command()]);
        if let Some(disk) = &disk {
            disk.make("rw");
        } else {
            std::fs::set_permissions(world.files.state(""), PermissionsExt::from_mode(0o700)).unwrap();
        }
        assert_nothing_sent(&world, &run, &told);
        scene.recover(&mut world, &told);
        say(&format!("{told}: {}", if disk.is_some() { "a file system mounted read-only" } else { "by its mode" }));
    }
}

/// Runs the scene's command with a limit for the size of files: what goes beyond is cut off, and the next write kills the
/// run or, when the signal is ignored, fails as on a full disk.
fn run_limited(world: &World, scene: Scene, bytes: usize, signal: &str) -> Run {
    let script = match signal {
        "ignored" => r#"trap "" XFSZ; exec "$@""#,
        _ => r#"exec "$@""#,
    };
    run_under(world, &[scene.command()], &format!("--fsize={bytes}"), script)
}

/// Runs a command from a shell, under a limit of the kernel's as `prlimit` takes it.
pub fn run_under(world: &World, arguments: &[&str], limit: &str, script: &str) -> Run {
    let inner = world.command(arguments);
    let mut outer = Command::new("prlimit");
    outer.arg(limit).args(["sh", "-c", script, "sh"]);
    outer.arg(inner.get_program()).args(inner.get_args());
    outer.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    outer.env("PATH", "/usr/bin:/bin").current_dir(inner.get_current_dir().unwrap());
    let run = Run::of(outer.output().expect("prlimit of util-linux is there"));
    wait_until_served(world);
    run
}

/// `ulimit -v`: a run that gets no more memory dies where it is, like a killed one, and the next one is right.
#[test]
fn with_too_little_memory_a_run_dies_and_the_next_one_is_right() {
    const STEP: usize = 16;
    for scene in [Scene::Buy, Scene::Cleanup] {
        let run_with = |world: &World, kib: usize| {
            run_under(world, &[scene.command()], &format!("--as={}", kib << 10), r#"exec "$@""#)
        };
        let (mut too_little, mut enough) = (1 << 10, 1 << 20);
        while enough - too_little > STEP {
            let kib = too_little.midpoint(enough);
            let is_enough = run_with(&scene.arrange(Script::Ok), kib).code == 0;
            *(if is_enough { &mut enough } else { &mut too_little }) = kib;
        }
        let mut died = 0;
        for kib in (too_little.saturating_sub(20 * STEP)..=too_little).step_by(STEP) {
            let mut world = scene.arrange(Script::Ok);
            let run = run_with(&world, kib);
            let told = format!("{scene:?} with {kib} KiB: {} {}", run.code, run.stderr);
            // Aborted, or not even loaded, or well after all, for not every run needs the same; nobody panics.
            assert!(!run.stderr.contains("internal error"), "{told}");
            died += usize::from(run.code == -1);
            assert_nothing_twice(&world, &told);
            scene.recover(&mut world, &told);
        }
        say(&format!("memory: {scene:?} needs {enough} KiB, {died} runs died with less"));
        assert!(died > 0, "{scene:?}: none got as far as the program itself");
    }
}

#[test]
fn a_line_cut_short_anywhere_is_kept_aside_and_its_order_found() {
    let (mut runs, mut torn) = (0, 0);
    for (scene, signal) in [(Scene::Buy, "deadly"), (Scene::Buy, "ignored"), (Scene::Cleanup, "deadly")] {
        let whole = scene.arrange(Script::Ok);
        let before = journal_bytes(&whole);
        assert_eq!(whole.run(&[scene.command()]).code, 0);
        for bytes in (before.max(700) + 1..journal_bytes(&whole)).step_by(37) {
            let mut world = scene.arrange(Script::Ok);
            let run = run_limited(&world, scene, bytes, signal);
            let told = format!("{scene:?}, files of at most {bytes} bytes, the signal {signal}");
            let is_killed = run.code == -1;
            assert_eq!(is_killed, signal == "deadly", "{told}: {} {}{}", run.code, run.stdout, run.stderr);
            assert!(is_killed || run.code == 74, "{told}: {} {}{}", run.code, run.stdout, run.stderr);
            assert_nothing_twice(&world, &told);
            scene.recover(&mut world, &told);
            torn += world.files.state_files().keys().filter(|name| name.starts_with("journal.torn-")).count();
            runs += 1;
        }
    }
    say(&format!("cut short: {runs} runs, {torn} lines were kept aside"));
    assert!(runs >= 80 && torn >= 70, "only {runs} runs and {torn} torn lines");
}

#[test]
fn a_row_of_trades_csv_cut_short_anywhere_is_completed() {
    let world = Scene::Record.arrange(Script::Ok);
    assert_eq!(world.run(&["cleanup"]).code, 0);
    let path = world.files.state("trades.csv");
    let whole = std::fs::read_to_string(&path).unwrap();
    let record = world.files.state("trades.json");
    let mut written: serde_json::Value = serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
    let from = whole.len() - whole.split_inclusive('\n').rev().take(2).map(str::len).sum::<usize>();
    // As it is on the disk from before the rows are appended until they are.
    written["pending"] = serde_json::json!({ "file": "trades.csv", "from": from, "text": &whole[from..] });
    for kept in (from..whole.len()).step_by(7) {
        std::fs::write(&record, written.to_string()).unwrap();
        std::fs::write(&path, &whole[..kept]).unwrap();
        assert_eq!(world.run(&["cleanup"]).code, 0);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole, "{kept} bytes were left");
    }
}

fn journal_bytes(world: &World) -> usize {
    let names = world.files.state_files();
    names.into_iter().filter(|(name, _)| name.starts_with("orders-")).map(|(_, bytes)| bytes.len()).sum()
}

/// From each write on, every one fails: the orders stop there.
#[test]
fn under_strace_a_disk_that_becomes_full_at_each_write_stops_the_orders() {
    let mut failed = 0;
    for scene in SCENES {
        let calls = trace(&scene.arrange(Script::Ok), &[scene.command()]);
        let is_file = |shown: &str| !shown.starts_with("write(1,") && !shown.starts_with("write(2,");
        for call in calls.iter().filter(|call| call.name == "write" && is_file(&call.shown)) {
            let mut world = scene.arrange(Script::Ok);
            // A user's quota ends as a disk does.
            let error = if failed % 2 == 0 { "ENOSPC" } else { "EDQUOT" };
            let Failed { run, calls } = fail_from(&world, &[scene.command()], call, error).expect("it came there");
            let first = calls.last().unwrap();
            let told = format!("{scene:?}, {error} from write {} on: {}", first.nth, first.shown);
            assert!(is_file(&first.shown), "{told}: another write failed than {}", call.shown);
            let sent_before = calls.iter().filter(|call| call.shown.contains("\"POST /")).count();
            assert_orderly(&run, &told);
            assert_eq!((run.code, posts(&world)), (74, sent_before), "{told}: {}", run.stderr);
            assert_nothing_twice(&world, &told);
            scene.recover(&mut world, &told);
            failed += 1;
        }
    }
    say(&format!("full at each write: {failed} runs under strace"));
    assert!(failed >= 20, "only {failed}");
}

#[test]
fn under_strace_on_a_read_only_disk_nothing_is_sent() {
    for scene in SCENES {
        let mut world = scene.arrange(Script::Ok);
        let changing = "write,pwrite64,ftruncate,fchmod,mkdir,rename,unlink,fsync,fdatasync";
        let told = format!("{scene:?} on a disk that is read-only");
        let run = fail_when(&world, &[scene.command()], changing, "EROFS", "1+").expect("it wanted to write").run;
        assert_orderly(&run, &told);
        assert!(matches!(run.code, 74 | 75), "{told}: {}", run.stderr);
        assert_eq!(posts(&world), 0, "{told}");
        scene.recover(&mut world, &told);
    }
    say("read-only: under strace");
}
