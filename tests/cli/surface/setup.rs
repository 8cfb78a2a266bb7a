//! `--setup` as a person sees it: on a terminal, question by question, against the simulated gateway.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use pty_process::blocking;
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::harness::{Mode, Run, World, rfc3339};

/// Longer than the slowest machine needs for anything that is waited for.
const PATIENCE: Duration = Duration::from_secs(120);
const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";
const ENGLISH: &str = "en_US.UTF-8";
const KOREAN: &str = "ko_KR.UTF-8";

/// The other end of the terminal on which setup runs.
struct Person {
    terminal: File,
    child: Child,
    /// What the program wrote, chunk by chunk, until it closed the terminal.
    chunks: Receiver<Vec<u8>>,
    screen: Vec<u8>,
    /// How much of the screen was read already.
    read: usize,
}

impl Person {
    /// Starts setup with a home directory in the world's folder.
    fn start(world: &World, locale: &str, arguments: &[&str]) -> Person {
        let (pty, pts) = blocking::open().unwrap();
        let command = blocking::Command::new(env!("CARGO_BIN_EXE_kis-trade")).env_clear().env("LANG", locale);
        let command =
            command.env("HOME", world.files.path("")).env("TZ", "UTC").env("KIS_TRADE_NOW", rfc3339(world.now));
        let child = command.current_dir(world.files.path("")).arg("--setup").args(arguments).spawn(pts).unwrap();
        let terminal = File::from(OwnedFd::from(pty));
        let mut reader = terminal.try_clone().unwrap();
        let (sender, chunks) = mpsc::channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            // A terminal that nobody has open any more gives an error (EIO).
            while let Ok(count) = reader.read(&mut chunk).or_else(|error| match error.kind() {
                ErrorKind::Interrupted => Ok(usize::MAX),
                _ => Err(error),
            }) {
                if count != usize::MAX && sender.send(chunk[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Person { terminal, child, chunks, screen: Vec::new(), read: 0 }
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen).replace("\r\n", "\n")
    }

    /// Reads on until the words stand on the screen.
    fn sees(&mut self, words: &str) -> &mut Person {
        loop {
            let rest = &self.screen[self.read..];
            if let Some(at) = rest.windows(words.len()).position(|window| window == words.as_bytes()) {
                self.read += at + words.len();
                return self;
            }
            match self.chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => self.screen.extend(chunk),
                Err(error) => panic!("no {words:?} on the screen ({error}):\n{}", self.screen()),
            }
        }
    }

    fn types(&mut self, text: &str) -> &mut Person {
        self.terminal.write_all(text.as_bytes()).unwrap();
        self
    }

    /// Answers a question, with Enter.
    fn answers(&mut self, question: &str, answer: &str) -> &mut Person {
        self.sees(question).types(answer).types("\n")
    }

    /// Reads to the end; gives how it ended and all that stood on the screen. One that waits for more answers is killed.
    fn ends(mut self) -> (ExitStatus, String) {
        loop {
            match self.chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => self.screen.extend(chunk),
                Err(RecvTimeoutError::Timeout) => break self.child.kill().unwrap(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        (self.child.wait().unwrap(), self.screen())
    }

    fn shows_what_is_typed(&self) -> bool {
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }
}

/// All five answers, in English, with a key of the simulated gateway or another one.
fn answer_all(person: &mut Person, world: &World, app_key: &str) {
    person.answers("Mode, paper or real [paper]: ", &world.sim.gateway_url());
    person.sees("Nothing will go to KIS, all to the simulated gateway at 127.0.0.1:");
    person.answers("App key (hidden): ", app_key).sees("36 characters read.");
    person.answers("App secret (hidden): ", &kis_sim::paper_secret()).sees("180 characters read.");
    person.answers("Account number: ", kis_sim::PAPER_ACCOUNT);
    person.answers("Tickers, separated by spaces: ", "aapl, NASD:TSLA");
}

fn mode_of(path: impl AsRef<Path>) -> u32 {
    std::fs::metadata(path).unwrap().mode() & 0o7777
}

/// Nothing is left of a setup that ended before its last answer.
fn assert_nothing_written(world: &World) {
    let entries = std::fs::read_dir(world.files.path("")).unwrap();
    let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).filter(|name| name != "config.toml").collect();
    assert!(names.is_empty(), "{names:?}");
}

/// A run as cron starts it: with the configuration that setup wrote and nothing in the environment.
fn as_cron(world: &World, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kis-trade"));
    command.env_clear().env("KIS_TRADE_NOW", rfc3339(world.now)).current_dir("/");
    Run::of(command.args(arguments).output().unwrap())
}

#[test]
fn five_answers_lead_to_a_token_and_a_schedule() {
    let world = World::paper();
    let mut person = Person::start(&world, ENGLISH, &["kis"]);
    answer_all(&mut person, &world, kis_sim::PAPER_KEY);
    let (status, screen) = person.ends();
    assert_eq!(status.code(), Some(0), "{screen}");
    for secret in [kis_sim::PAPER_KEY, &kis_sim::paper_secret(), &kis_sim::paper_secret()[..24]] {
        assert!(!screen.contains(secret), "{screen}");
    }
    let kis = world.files.path("kis");
    let path = |name: &str| kis.join(name).to_str().unwrap().to_owned();
    assert_eq!(
        ["", "config.toml", "credentials.toml", "crontab", "state"].map(|name| mode_of(path(name))),
        [0o700, 0o600, 0o600, 0o600, 0o700]
    );
    let contact = screen.split("First contact: ").nth(1).unwrap();
    assert!(contact.contains("PAPER  account ****0001-01\n"), "{contact}");
    assert!(contact.contains("\nThe first contact succeeded: "), "{contact}");
    // The lines are those of the file, and they are judged.
    let crontab = std::fs::read_to_string(path("crontab")).unwrap();
    assert!(contact.contains(&crontab), "{contact}");
    assert_eq!(crontab.matches(env!("CARGO_BIN_EXE_kis-trade")).count(), 5, "{crontab}");
    assert!(contact.contains(&format!("{}: nothing is wrong; 5 starts of kis-trade\n", path("crontab"))), "{contact}");
    let judged = as_cron(&world, &["status", "--check-schedule", &path("crontab")]);
    assert_eq!(judged.code, 0, "{}", judged.stdout);
    // The next run finds the token and the account's mark.
    let run = as_cron(&world, &["--config", &path("config.toml"), "token-check"]);
    assert!(
        run.code == 0 && run.line().starts_with("token-check [PAPER]: token valid, "),
        "{}{}",
        run.stdout,
        run.stderr
    );
    assert_eq!(world.sim.issues(), 1);
    let written = std::fs::read_to_string(path("config.toml")).unwrap();
    assert!(
        written.contains("\nwatch = [\"AAPL\", \"NASD:TSLA\"]\n") && written.contains("\nlanguage = \"en\"\n"),
        "{written}"
    );
}

#[test]
fn in_a_korean_locale_it_asks_and_writes_in_korean() {
    let world = World::paper();
    let mut person = Person::start(&world, KOREAN, &[]);
    person.answers("모드(paper 또는 real) [paper]: ", &world.sim.gateway_url());
    person.answers("앱키(화면에 보이지 않음): ", kis_sim::PAPER_KEY).sees("36자를 읽었습니다.");
    person.answers("앱시크릿(화면에 보이지 않음): ", &kis_sim::paper_secret()).sees("180자를 읽었습니다.");
    person.answers("계좌번호: ", "5000000101");
    person.answers("티커(공백으로 구분): ", "AAPL");
    let (status, screen) = person.ends();
    assert_eq!(status.code(), Some(0), "{screen}");
    assert!(!screen.contains(kis_sim::PAPER_KEY) && !screen.contains(&kis_sim::paper_secret()[..24]), "{screen}");
    let kis = world.files.path("kis-trade");
    for words in [
        "kis-trade 설정: 다섯 가지를 묻고 KIS에 처음 접속합니다.\n",
        &format!("\n{}에 config.toml, credentials.toml, crontab을 만들었습니다.\n", kis.display()),
        "\n첫 접속에 성공했습니다. KIS가 앱키와 계좌를 확인했습니다.\n",
        "\n다음 할 일:\n",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    let written = std::fs::read_to_string(kis.join("config.toml")).unwrap();
    assert!(written.contains("\nlanguage = \"ko\"\n") && written.contains("# 매수할 수 있는 종목\n"), "{written}");
    assert_eq!(mode_of(kis.join("credentials.toml")), 0o600);
}

#[test]
fn a_wrong_answer_is_asked_again_with_what_is_wrong() {
    let world = World::light(Mode::Paper);
    let mut person = Person::start(&world, ENGLISH, &["kis"]);
    person.answers("[paper]: ", "rea").sees("Answer paper or real.");
    person.answers("[paper]: ", "http://10.0.0.1:9443").sees("A simulated gateway must be on this machine");
    person.answers("[paper]: ", "real").sees("https://apiportal.koreainvestment.com");
    person.answers("App key (hidden): ", &kis_sim::real_secret()).sees("That looks like the app secret.");
    person.answers("App key (hidden): ", kis_sim::REAL_KEY).sees("36 characters read.");
    person.answers("App secret (hidden): ", "").sees("Nothing was typed.");
    person
        .answers("App secret (hidden): ", &kis_sim::real_secret()[1..])
        .sees("An app secret has 180 characters, not 179");
    // Mistyped and taken back, letter by letter and as a whole.
    let corrected = format!("xyz\u{15}{}x\u{7f}", kis_sim::real_secret());
    person.answers("App secret (hidden): ", &corrected).sees("180 characters read.");
    person.answers("Account number: ", "60000001").sees("The two digits of the product are missing");
    for _ in 0..4 {
        person.answers("Account number: ", "6").sees("An account number is 8 digits");
    }
    let (status, screen) = person.ends();
    assert_eq!(status.code(), Some(2), "{screen}");
    let end = "kis-trade --setup: 5 answers in a row could not be used; nothing was written\n  next: run `kis-trade --setup` again\n";
    assert!(screen.ends_with(end), "{screen}");
    assert!(!screen.contains(kis_sim::REAL_KEY) && !screen.contains(&kis_sim::real_secret()[1..24]), "{screen}");
    assert_nothing_written(&world);
}

#[test]
fn keys_that_kis_refuses_are_said_in_words_and_the_files_stay() {
    let world = World::light(Mode::Paper);
    let unknown = "PSnosuchkey0000000000000000000000000";
    let mut person = Person::start(&world, ENGLISH, &["kis"]);
    answer_all(&mut person, &world, unknown);
    let (status, screen) = person.ends();
    assert_eq!(status.code(), Some(77), "{screen}");
    let path = |name: &str| world.files.path("kis").join(name).to_str().unwrap().to_owned();
    for words in [
        "EGW00103",
        "With mode = \"paper\" only the app key of a paper account",
        "\nThe first contact failed, for the reason above. The files stay.\n",
        &format!("edit {},\n", path("credentials.toml")),
        &format!("--config {} status`", path("config.toml")),
        "nothing is wrong; 5 starts of kis-trade\n",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert!(!screen.contains(unknown) && !screen.contains(&kis_sim::paper_secret()[..24]), "{screen}");
    assert_eq!(world.sim.requests(), ["/oauth2/tokenP"]);
    assert!(Path::new(&path("config.toml")).exists());
}

#[test]
fn an_end_before_the_last_answer_leaves_nothing_behind() {
    let world = World::light(Mode::Paper);
    let to_the_key = |person: &mut Person| {
        person.answers("[paper]: ", "");
    };
    let to_the_account = |person: &mut Person| {
        person.answers("[paper]: ", "").answers("App key (hidden): ", kis_sim::PAPER_KEY);
        person.answers("App secret (hidden): ", &kis_sim::paper_secret());
    };
    type Lead<'a> = &'a dyn Fn(&mut Person);
    let prompts: [(&str, Lead<'_>); 4] = [
        ("[paper]: ", &|_| ()),
        ("App key (hidden): ", &to_the_key),
        ("Account number: ", &to_the_account),
        ("Tickers, separated by spaces: ", &|person| {
            to_the_account(person);
            person.answers("Account number: ", kis_sim::PAPER_ACCOUNT);
        }),
    ];
    for (prompt, lead) in prompts {
        for (key, code, signal) in [(CTRL_D, Some(2), None), (CTRL_C, None, Some(2))] {
            let mut person = Person::start(&world, ENGLISH, &["kis"]);
            lead(&mut person);
            person.sees(prompt);
            assert_eq!(person.shows_what_is_typed(), !prompt.contains("hidden"), "{prompt}");
            person.types(key);
            // Another holder of the terminal, as the shell is, finds it as it was.
            let terminal = person.terminal.try_clone().unwrap();
            let (status, screen) = person.ends();
            assert_eq!((status.code(), status.signal()), (code, signal), "{prompt}: {screen}");
            if code.is_some() {
                assert!(screen.contains("the input ended before the last answer; nothing was written"), "{screen}");
            }
            assert!(tcgetattr(&terminal).unwrap().local_modes.contains(LocalModes::ECHO), "{prompt}: {screen}");
            assert_nothing_written(&world);
        }
    }
    assert_eq!(world.sim.requests(), <[&str; 0]>::default());
}

#[test]
fn what_exists_is_refused_before_the_first_question() {
    let world = World::light(Mode::Paper);
    let refused = |locale: &str, arguments: &[&str]| {
        let (status, screen) = Person::start(&world, locale, arguments).ends();
        assert_eq!(status.code(), Some(78), "{screen}");
        assert!(!screen.contains("1/5"), "{screen}");
        screen
    };
    std::fs::create_dir_all(world.files.path("kis-trade")).unwrap();
    let home = world.files.path("kis-trade");
    let screen = refused(ENGLISH, &[]);
    let words = "it exists already, and setup changes nothing that exists";
    assert!(screen.contains(&format!("make the directory {}\n  because: {words}\n", home.display())), "{screen}");
    File::create_new(home.join("config.toml")).unwrap();
    let screen = refused(ENGLISH, &[]);
    assert!(screen.contains("a configuration is there already, and setup never overwrites one"), "{screen}");
    assert!(screen.contains(&format!("`kis-trade --config {}/config.toml status`", home.display())), "{screen}");
    let screen = refused(KOREAN, &["kis-trade"]);
    assert!(screen.contains("이미 설정 파일이 있고, 있는 설정은 덮어쓰지 않습니다"), "{screen}");
    assert_eq!(std::fs::read_dir(&home).unwrap().count(), 1);
    assert_eq!(std::fs::metadata(home.join("config.toml")).unwrap().len(), 0);
}

#[test]
fn where_no_person_can_answer_it_says_what_to_do() {
    let world = World::light(Mode::Paper);
    for (locale, words) in [
        (ENGLISH, "kis-trade --setup: standard input or standard output is not a terminal"),
        (KOREAN, "kis-trade --setup: 표준 입력이나 표준 출력이 터미널이 아닙니다"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kis-trade"));
        command.env_clear().env("LANG", locale).env("HOME", world.files.path("")).stdin(Stdio::null());
        let run = Run::of(command.args(["--setup"]).output().unwrap());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(
            run.stderr.starts_with(words) && run.stderr.contains("`ssh -t HOST kis-trade --setup`"),
            "{}",
            run.stderr
        );
    }
    assert_nothing_written(&world);
}

#[test]
fn setup_stands_alone_on_the_command_line() {
    let world = World::light(Mode::Paper);
    for arguments in [
        &["--setup", "a", "b"][..],
        &["--setup", "--json"],
        &["--setup", "kis", "status"],
        &["status", "--setup"],
        &["--setup=kis", "--config", "x"],
    ] {
        let run = world.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?} {}", run.stderr);
    }
    std::fs::remove_file(world.files.path("config.toml")).unwrap();
    assert_nothing_written(&world);
}

#[test]
fn credentials_in_the_environment_are_refused() {
    let world = World::light(Mode::Paper);
    let (mut pty, pts) = blocking::open().unwrap();
    // Were there a question after all, it would find the end of its input.
    pty.write_all(CTRL_D.as_bytes()).unwrap();
    let command =
        blocking::Command::new(env!("CARGO_BIN_EXE_kis-trade")).env_clear().env("KIS_APP_KEY", kis_sim::PAPER_KEY);
    let mut child = command.env("HOME", world.files.path("")).arg("--setup").stderr(Stdio::piped()).spawn(pts).unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(78), "{said}");
    assert!(said.contains("the environment has credentials already: KIS_APP_KEY\n"), "{said}");
    assert!(said.contains("next: run `unset KIS_APP_KEY`, then setup again\n"), "{said}");
    drop(pty);
}
