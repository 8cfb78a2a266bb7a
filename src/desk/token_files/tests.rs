//! The whole story on real files, with closures in place of KIS.

mod files;
mod renewals;
mod waits;

use std::cell::{Cell, Ref, RefCell};
use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::rc::Rc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use rustix::fs::{CWD, FileType, Mode as Bits, mknodat};
use serde_json::{Value, json};

use super::*;
use crate::config::{Environment, ProgramSettings, Settings, TokenSettings};
use crate::decide::invariants::Binding;
use crate::decide::strategy::protocol::RuleError;
use crate::desk::block_on;
use crate::domain::{Job, KisError, KisWords, Mode, Stamp, TokenState};
use crate::exit::Exit;
use crate::store::atomic::replace;
use crate::story::desk::{Locks, Machine, TokenOffice};
use crate::story::token::{TokenNotes, TokenReport, TokenRun};

const SECRET: &str = "eyJ0b2tlbi1jYW5hcnk";

/// 2027-03-09T14:30:00Z
const NOW: i64 = 1_804_602_600;

fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn too_soon() -> KisError {
    KisError::TooSoon { message: "EGW00133".to_owned() }
}

/// A state directory, a clock, and a gateway that answers from a script.
struct Stage {
    _folder: tempfile::TempDir,
    dir: StateDir,
    clock: Clock,
    settings: TokenSettings,
    lock_wait: Duration,
    answers: RefCell<Vec<Result<AccessToken, KisError>>>,
    requests: Cell<usize>,
    revoked: RefCell<Vec<String>>,
    /// What people heard of the last run's token.
    heard: RefCell<TokenNotes>,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let (dir, _) = StateDir::open(&folder.path().join("state")).unwrap();
    Stage {
        _folder: folder,
        dir,
        clock: Clock::starting_at(instant(NOW)),
        settings: TokenSettings {
            renew_at_left: Duration::from_secs(4 * 3600),
            warn_at_left: Duration::from_secs(2 * 3600),
            attempts: 3,
            retry_delay: Duration::ZERO,
        },
        lock_wait: Duration::ZERO,
        answers: RefCell::new(Vec::new()),
        requests: Cell::new(0),
        revoked: RefCell::new(Vec::new()),
        heard: RefCell::default(),
    }
}

impl Stage {
    /// The next answer of KIS that is not scripted yet.
    fn answering(self, answer: Result<AccessToken, KisError>) -> Stage {
        self.answers.borrow_mut().insert(0, answer);
        self
    }

    fn issuing(self, text: &str) -> Stage {
        let now = self.clock.now();
        self.answering(Ok(AccessToken::new(text.to_owned(), now, now + TimeDelta::hours(24))))
    }

    fn at(mut self, seconds: i64) -> Stage {
        self.clock = Clock::starting_at(instant(seconds));
        self
    }

    fn with_file(self, text: &str) -> Stage {
        replace(&self.dir.token(), text.as_bytes()).unwrap();
        self
    }

    fn with_token(self, text: &str, seconds_left: i64) -> Stage {
        let four_keys = json!({"access_token": text, "expires_at": NOW + seconds_left, "created_at": NOW - 9,
            "expires_datetime": "x"});
        self.with_file(&four_keys.to_string())
    }

    fn ask(&self) -> Result<AccessToken, KisError> {
        self.requests.set(self.requests.get() + 1);
        self.answers.borrow_mut().pop().expect("an answer of KIS")
    }

    fn desk(&self, purpose: TokenPurpose) -> FileDesk<'_> {
        let task = Task { token: purpose, ..Task::of(Job::Buy) };
        FileDesk {
            clock: &self.clock,
            files: TokenFiles::new(&self.dir, &self.clock, owner(), self.lock_wait, task),
            task,
            issue: Box::new(|| self.ask()),
            revoke: Box::new(|token| self.revoked.borrow_mut().push(token.expose().to_owned())),
            during_wait: Box::new(|_| {}),
            account: Ok(()),
        }
    }

    fn story(&self, purpose: TokenPurpose) -> TokenRun {
        TokenRun::new(purpose, &self.settings)
    }

    fn run(&self, purpose: TokenPurpose) -> Result<TokenReport, Failure> {
        let mut story = self.story(purpose);
        let end = block_on(story.acquire(&mut self.desk(purpose)));
        self.heard.replace(story.notes);
        end
    }

    fn heard(&self) -> Ref<'_, TokenNotes> {
        self.heard.borrow()
    }

    /// Works with a token, hears that KIS refuses it, and works with another one, in one run.
    fn refuse(&self) -> (TokenReport, Result<TokenReport, Failure>) {
        let (mut desk, mut story) = (self.desk(TokenPurpose::Work), self.story(TokenPurpose::Work));
        let report = block_on(story.acquire(&mut desk)).unwrap();
        self.heard.replace(std::mem::take(&mut story.notes));
        let after = block_on(story.after_refusal(&mut desk, &report.token, "EGW00123"));
        (report, after)
    }

    fn work(&self) -> Result<TokenReport, Failure> {
        self.run(TokenPurpose::Work)
    }

    /// Writes a token as another run does, which finds the lock free.
    fn another_run_renews(&self) {
        let path = self.dir.token_lock();
        let _lock = FileLock::acquire(&path, LockMode::Exclusive, Duration::ZERO, &self.clock, "other").expect("free");
        let token = json!({"access_token": "theirs", "expires_at": NOW + 86_000});
        replace(&self.dir.token(), token.to_string().as_bytes()).unwrap();
    }

    /// Every name in the directory, with the content of files.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.dir.path()).unwrap().map(Result::unwrap);
        let content = |path: &Path| if path.is_file() { fs::read(path).unwrap() } else { Vec::new() };
        entries.map(|entry| (entry.file_name().into_string().unwrap(), content(&entry.path()))).collect()
    }

    fn set_aside(&self) -> Vec<String> {
        self.files().into_keys().filter(|name| name.contains(".bad-")).collect()
    }

    fn attempt(&self) -> Value {
        serde_json::from_slice(&fs::read(self.dir.attempt()).unwrap()).unwrap()
    }

    /// Makes a file impossible to replace, even for root: a directory stands where its temp file must go.
    fn block(&self, name: &str) {
        fs::create_dir(self.dir.file(&format!(".tmp-{name}-{}", std::process::id()))).unwrap();
    }
}

/// The real files at a desk that is made up for the rest.
struct FileDesk<'a> {
    clock: &'a Clock,
    files: TokenFiles,
    task: Task,
    issue: Box<dyn Fn() -> Result<AccessToken, KisError> + 'a>,
    revoke: Box<dyn Fn(&AccessToken) + 'a>,
    during_wait: Box<dyn Fn(Duration) + 'a>,
    account: Result<(), Failure>,
}

impl Machine for FileDesk<'_> {
    fn task(&self) -> Task {
        self.task
    }

    fn settings(&self) -> Rc<Settings> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        replace(&path, b"[buy]\nwatch = [\"SOUN\"]\n").unwrap();
        Rc::new(crate::config::load(&path, None, &Environment::default()).unwrap())
    }

    fn binding(&self) -> Binding {
        panic!("no order is sent")
    }

    /// Without a boot, as in a rehearsal.
    fn now(&self) -> Stamp {
        Stamp { at: self.clock.now(), boot: String::new(), up_ms: 0 }
    }

    fn clock_skew(&self) -> Option<TimeDelta> {
        None
    }

    async fn ask_program(&mut self, _: &str, _: &ProgramSettings, _: &str) -> Result<Vec<u8>, RuleError> {
        panic!("no strategy has a program of its own")
    }

    async fn wait(&mut self, time: Duration) {
        (self.during_wait)(time);
    }
}

impl Locks for FileDesk<'_> {
    async fn lock_account(&mut self, _wait: Duration) -> Result<(), Failure> {
        self.account.clone()
    }

    fn unlock_account(&mut self) {}

    fn holds_account(&self) -> bool {
        self.account.is_ok()
    }

    fn is_account_held(&self) -> bool {
        true
    }

    async fn announce_sell(&mut self) {}

    fn withdraw_sell(&mut self) {}

    fn sell_waits(&self) -> bool {
        false
    }
}

impl TokenOffice for FileDesk<'_> {
    async fn load_token(&mut self) -> Result<TokenOnDisk, Failure> {
        self.files.load()
    }

    async fn lock_token(&mut self) -> Result<TokenLock, Failure> {
        self.files.lock()
    }

    fn unlock_token(&mut self) {
        self.files.unlock();
    }

    async fn save_attempt(&mut self, attempt: &Attempt) -> Result<(), Failure> {
        self.files.save_attempt(attempt)
    }

    async fn save_token(&mut self, token: &AccessToken) -> Result<(), Failure> {
        self.files.save_token(token)
    }

    async fn issue_token(&mut self) -> Result<AccessToken, KisError> {
        (self.issue)()
    }

    async fn revoke_token(&mut self, token: &AccessToken) -> Result<(), KisError> {
        (self.revoke)(token);
        Ok(())
    }
}

fn owner() -> TokenOwner {
    TokenOwner {
        mode: Mode::Paper,
        base_url: "http://127.0.0.1:9443".to_owned(),
        app_key_fingerprint: "0a1b2c3d".to_owned(),
    }
}

fn exit(result: Result<TokenReport, Failure>) -> (Exit, Reason) {
    let failure = result.unwrap_err();
    (failure.exit(), failure.reason)
}

#[test]
fn clock_jumps() {
    // Back by three days: the token claims too much life, is renewed, and used if that fails.
    let back = stage().with_token("old", 80_000).at(NOW - 3 * 86_400).answering(Err(too_soon()));
    let report = back.work().unwrap();
    assert_eq!(report.token.expose(), "old");
    assert!(back.heard().warnings.iter().any(|warning| warning.contains("more than KIS gives")), "{:?}", back.heard());
    // Forward by three days: it looks dead and is renewed.
    let forward = stage().with_token("old", 80_000).at(NOW + 3 * 86_400).issuing("new");
    assert_eq!(forward.work().unwrap().token.expose(), "new");
    // Back again: the record of that attempt lies in the future and holds nobody up.
    let back = forward.at(NOW).issuing("newer");
    assert_eq!(back.work().unwrap().token.expose(), "newer");
    assert_eq!(back.requests.get(), 2);
}

#[test]
fn little_life_is_a_warning() {
    for (left, warns) in [(7201, false), (7199, true)] {
        let stage = stage().with_token("old", left).answering(Err(too_soon()));
        stage.work().unwrap();
        assert_eq!(stage.heard().warnings.iter().any(|warning| warning.ends_with(" only")), warns, "{left}");
    }
}

#[test]
fn offline_writes_nothing() {
    let cases = [
        (stage().with_token("old", 60), true),
        (stage().with_token("old", 0), false),
        (stage().with_file("{"), false),
        (stage(), false),
    ];
    for (stage, is_live) in cases {
        let before = stage.files();
        let result = stage.run(TokenPurpose::OfflineLook);
        assert_eq!(stage.files(), before);
        match result {
            Ok(report) => assert!(is_live && !report.renewed),
            Err(none) => {
                assert!(!is_live);
                assert_eq!((none.exit(), none.reason), (Exit::Credentials, Reason::TokenRefused));
            }
        }
    }
}

#[test]
fn the_token_is_written_to_its_file_and_nowhere_else() {
    let stage = stage().issuing(SECRET);
    let report = stage.work().unwrap();
    assert!(!format!("{report:?}").contains(SECRET));
    for (name, bytes) in stage.files() {
        let holds_it = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert_eq!(holds_it, name == "api_token.json", "{name}");
    }
}

/// Threads open the lock file each for themselves, so `flock(2)` stands between them as between processes.
#[test]
fn of_many_runs_one_asks() {
    let folder = tempfile::tempdir().unwrap();
    let (dir, _) = StateDir::open(&folder.path().join("state")).unwrap();
    let (requests, barrier) = (AtomicUsize::new(0), Barrier::new(32));
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..32)
            .map(|number| {
                scope.spawn({
                    let (dir, requests, barrier) = (&dir, &requests, &barrier);
                    move || one_of_many(number, dir, requests, barrier)
                })
            })
            .collect();
        assert_eq!(runs.into_iter().map(|run| u32::from(run.join().unwrap())).sum::<u32>(), 1);
    });
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

/// Reports whether this run renewed the token.
fn one_of_many(number: usize, dir: &StateDir, requests: &AtomicUsize, barrier: &Barrier) -> bool {
    let clock = Clock::system();
    let task = Task::of(Job::Buy);
    let mut desk = FileDesk {
        clock: &clock,
        files: TokenFiles::new(dir, &clock, owner(), Duration::from_secs(15), task),
        task,
        issue: Box::new(|| {
            requests.fetch_add(1, Ordering::SeqCst);
            let now = clock.now();
            Ok(AccessToken::new(format!("token-{number}"), now, now + TimeDelta::hours(24)))
        }),
        revoke: Box::new(|_| {}),
        during_wait: Box::new(|_| {}),
        account: Ok(()),
    };
    barrier.wait();
    let report = block_on(stage().story(TokenPurpose::Work).acquire(&mut desk)).unwrap();
    assert!(dir.token().exists() && report.token.is_live(clock.now()));
    report.renewed
}
