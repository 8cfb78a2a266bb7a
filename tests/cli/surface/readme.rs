//! Follows README.md, docs and the other pages as a reader would: runs the commands of each in order against kis-sim, in a home
//! directory of its own, and compares exit codes and what was printed. A Korean page is followed in Korean: its locale and its
//! configuration speak it. tests/tidy.rs sees that both pages of a pair have the same commands.
//!
//! A page that makes its own credentials starts in an empty home; any other with what docs/setup.md makes by hand, an hour after
//! the first contact.

mod page;
mod reader;
mod sheets;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use self::page::{Item, Step, programs, read_page};
use self::reader::Reader;

/// Programs that are run; scripts of the project besides.
const RUN: [&str; 14] = [
    "cat",
    "cd",
    "chmod",
    "cp",
    "echo",
    "export",
    "install",
    "jq",
    "kis-rehearse",
    "kis-trade",
    "mkdir",
    "mv",
    "python3",
    "sed",
];

/// Programs that are not, and why.
const NEVER_RUN: [(&str, &str); 9] = [
    ("apt", "changes the machine"),
    ("apt-get", "changes the machine"),
    ("crontab", "changes the crontab of whoever runs the tests"),
    ("dpkg", "changes the machine"),
    ("git", "needs a network"),
    ("loginctl", "changes the machine"),
    ("rustup", "changes the toolchain"),
    ("sudo", "changes the machine"),
    ("systemctl", "changes the machine"),
];

/// Commands of the pages that are not run, and why.
const NOT_RUN: [(&str, &str); 25] = [
    ("kis-trade --setup", "tests/cli/surface/setup.rs answers its questions on a terminal"),
    ("kis-trade cleanup --settle price=AAPL", "tests/cli/commands/splits.rs does it after a split"),
    (
        "kis-rehearse --config docs/examples/rehearsal.toml --bars tests/kis-sim/market-data --slow --to 2025-01-31",
        "needs kis-sim as a program; tests/rehearse compares the ways",
    ),
    ("scripts/fetch-bars.sh TQQQ 2022-01-03", "asks KIS; tests/rehearse gets bars from kis-sim"),
    ("./scripts/check.sh", "it runs this test"),
    ("./scripts/check.sh --quick", "it runs most of the tests beside this one"),
    ("./scripts/demo.sh", "scripts/check.sh runs it"),
    ("./scripts/rehearse-renewal.sh", "scripts/check.sh runs it"),
    ("./scripts/draw-token-day.sh", "scripts/check.sh runs it"),
    ("./scripts/draw-status-page.sh", "needs a browser; tests/cli/surface/status_page/browser.rs looks at the page"),
    ("./scripts/cron-rehearsal.sh", "scripts/check.sh runs it"),
    ("./scripts/check-units.sh", "scripts/check.sh runs it"),
    (
        "./scripts/build-deb.sh && sudo apt install ./target/debian/kis-trade_*.deb",
        "scripts/check-deb.sh does it in a root of its own",
    ),
    ("./scripts/build-static.sh", "scripts/check-static.sh runs it"),
    ("./scripts/mutants.py", "ten minutes; tests/tidy.rs sees that its bugs fit the sources"),
    ("./scripts/mutants.py \"no account lock\"", "builds for minutes"),
    ("grep VMTG9", "reads a log that is not there"),
    ("./scripts/bench.sh", "measures for minutes and asserts nothing"),
    ("./scripts/bench/https.sh", "measures for minutes and asserts nothing"),
    ("./scripts/bench/peers.sh", "measures for minutes and installs other clients"),
    ("scripts/make-journal.sh 33333 DIR", "scripts/bench.sh makes the same"),
    ("cargo build --locked", "scripts/check.sh builds the same"),
    ("cargo build --release --workspace", "builds for minutes"),
    ("cargo install --path . --locked", "writes into ~/.cargo; scripts/check.sh builds the same"),
    ("grep token: kis-trade.log", "reads the log of a crontab that is not installed here"),
];

/// What a reader's page, terminal and configuration speak.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Language {
    English,
    Korean,
}

impl Language {
    /// The value of `language` in the configuration.
    fn word(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Korean => "ko",
        }
    }

    fn locale(self) -> &'static str {
        match self {
            Language::English => "C",
            Language::Korean => "ko_KR.UTF-8",
        }
    }

    /// The page's name in this language.
    fn twin(self, page: &str) -> String {
        match self {
            Language::English => page.to_owned(),
            Language::Korean => page.replace(".md", ".ko.md"),
        }
    }
}

/// A test for each page and language, so that they run side by side.
macro_rules! pages {
    ($($test:ident: $page:literal,)*) => {
        const PAGES: &[&str] = &[$($page),*];
        $(
            mod $test {
                use super::{Language, follow};

                #[test]
                fn in_english() {
                    follow($page, Language::English);
                }

                #[test]
                fn in_korean() {
                    follow($page, Language::Korean);
                }
            }
        )*
    };
}

pages! {
    the_readme_does_what_it_says: "README.md",
    contributing_does_what_it_says: "CONTRIBUTING.md",
    security_does_what_it_says: "SECURITY.md",
    the_index_does_what_it_says: "docs/README.md",
    commands_do_what_they_say: "docs/commands.md",
    costs_do_what_they_say: "docs/costs.md",
    development_does_what_it_says: "docs/development.md",
    faults_do_what_they_say: "docs/faults.md",
    notifications_do_what_they_say: "docs/notifications.md",
    orders_do_what_they_say: "docs/orders.md",
    rehearsal_does_what_it_says: "docs/rehearsal.md",
    rules_do_what_they_say: "docs/rules.md",
    scheduling_does_what_it_says: "docs/scheduling.md",
    settings_do_what_they_say: "docs/settings.md",
    setup_does_what_it_says: "docs/setup.md",
    state_files_do_what_they_say: "docs/state-files.md",
    sheets_do_what_they_say: "docs/sheets.md",
    strategies_do_what_they_say: "docs/strategies.md",
    token_does_what_it_says: "docs/token.md",
    troubleshooting_does_what_it_says: "docs/troubleshooting.md",
}

#[test]
fn every_page_is_followed_and_every_exception_is_on_one() {
    let is_page = |name: &&String| name.ends_with(".md") && !name.ends_with(".ko.md") && *name != "CHANGELOG.md";
    let names = ["", "docs/"].into_iter().flat_map(|folder| {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        entries.map(move |entry| format!("{folder}{}", entry.unwrap().file_name().to_str().unwrap()))
    });
    let names: BTreeSet<String> = names.collect();
    assert_eq!(
        names.iter().filter(is_page).collect::<Vec<_>>(),
        PAGES.iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    );
    let steps: Vec<String> = PAGES
        .iter()
        .flat_map(|page| read(page))
        .filter_map(|item| match item {
            Item::Command(step) => Some(step.text),
            _ => None,
        })
        .collect();
    let gone: Vec<&str> = NOT_RUN
        .iter()
        .map(|(command, _)| *command)
        .filter(|command| !steps.iter().any(|text| text == command))
        .collect();
    assert!(gone.is_empty(), "no page has these, which are in NOT_RUN of {}: {gone:#?}", file!());
}

fn read(page: &str) -> Vec<Item> {
    read_page(&fs::read_to_string(root().join(page)).unwrap())
}

/// Does what a page says, from its top to its bottom.
fn follow(page: &str, language: Language) {
    let page = &language.twin(page);
    let items = read(page);
    let makes_its_own = items.iter().any(|item| matches!(item, Item::Credentials(_)));
    let mut reader = if makes_its_own { Reader::new(language) } else { Reader::set_up(language) };
    let (mut wrong, mut left, mut count) = (Vec::new(), BTreeSet::new(), 0);
    for item in &items {
        match item {
            Item::Block(words) => reader.go_where_the_files_are(words),
            Item::Credentials(text) => reader.write_credentials(text),
            Item::Config(line, text) => {
                wrong.extend(reader.try_config(text).err().map(|words| format!("line {line}: {words}")));
            }
            Item::Json(line, text) => {
                let objects = text.lines().map(serde_json::from_str::<Map<String, Value>>);
                wrong.extend(objects.filter_map(Result::err).map(|error| format!("line {line}: {error}")));
            }
            Item::Unlabelled(line) => {
                wrong.push(format!("line {line}: the block has no language: {}", page::LANGUAGES))
            }
            Item::Command(step) => {
                let problems = match way(step) {
                    Way::Run => {
                        count += 1;
                        reader.follow(step).err().into_iter().collect()
                    }
                    Way::NotRun => {
                        left.insert(step.text.as_str());
                        Vec::new()
                    }
                    Way::IsTest => wrong_test(step),
                    Way::Unknown(program) => vec![format!(
                        "`{}` is neither run nor listed: {program} is not in RUN, NEVER_RUN or NOT_RUN of {}",
                        step.text,
                        file!()
                    )],
                };
                wrong.extend(problems.into_iter().map(|words| format!("line {}: {words}", step.line)));
            }
        }
    }
    assert!(wrong.is_empty(), "{page}, {}", wrong.join(&format!("\n{page}, ")));
    println!("{page}: {count} commands run, {} not", left.len());
}

enum Way {
    Run,
    NotRun,
    IsTest,
    Unknown(String),
}

fn way(step: &Step) -> Way {
    if NOT_RUN.iter().any(|(command, _)| *command == step.text) {
        return Way::NotRun;
    }
    let programs = programs(&step.text);
    if programs.iter().any(|program| NEVER_RUN.iter().any(|(name, _)| name == program)) {
        return Way::NotRun;
    }
    if programs == ["cargo"] && step.text.contains("cargo test") {
        return Way::IsTest;
    }
    let is_known = |program: &&String| {
        let is_script = program.trim_start_matches("./").starts_with("scripts/") && root().join(program).is_file();
        is_script || RUN.contains(&program.as_str())
    };
    match programs.iter().find(|program| !is_known(program)) {
        Some(program) => Way::Unknown(program.clone()),
        None => Way::Run,
    }
}

/// Why a `cargo test` command of the page would not run what it says: no such package, target, profile, variable or test.
fn wrong_test(step: &Step) -> Vec<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let has = |text: String| manifest.contains(&text);
    let (mut wrong, mut filters, mut folder) = (Vec::new(), Vec::new(), "src".to_owned());
    let mut words = step.text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let is_there = match word {
            "cargo" | "test" | "--" | "--no-capture" | "--workspace" | "--lib" => true,
            "-p" | "--package" => has(format!("[package]\nname = \"{}\"", words.next().unwrap_or_default())),
            "--test" => {
                folder = format!("tests/{}", words.next().unwrap_or_default());
                root().join(&folder).join("main.rs").is_file()
            }
            _ if word.contains('=') => {
                let name = word.split('=').next().unwrap_or_default();
                let files = ["src", "tests"].into_iter().flat_map(|of| rust_files(&root().join(of)));
                files.into_iter().any(|file| fs::read_to_string(file).unwrap().contains(&format!("\"{name}\"")))
            }
            _ => {
                filters.push(word);
                !word.starts_with('-')
            }
        };
        if !is_there {
            wrong.push(format!("`{}`: nothing is known of {word}", step.text));
        }
    }
    let tests = tests_below(&folder);
    let empty = filters.iter().filter(|filter| !tests.iter().any(|name| name.contains(**filter)));
    wrong.extend(empty.map(|filter| format!("`{}`: no test of {folder} has {filter} in its name", step.text)));
    wrong
}

/// The names of all tests below a folder, as `cargo test` shows them.
fn tests_below(folder: &str) -> Vec<String> {
    let folder = root().join(folder);
    let mut names = Vec::new();
    for file in rust_files(&folder) {
        let path = file.strip_prefix(&folder).unwrap().with_extension("");
        let parts =
            path.iter().map(|part| part.to_str().unwrap()).filter(|part| !["mod", "lib", "main"].contains(part));
        let mut module = parts.collect::<Vec<_>>().join("::");
        let text = fs::read_to_string(&file).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("mod tests {") {
                module.push_str("::tests");
            }
            if let Some((name, _)) = line.strip_prefix("fn ").and_then(|rest| rest.split_once('(')).filter(|_| is_test)
            {
                names.push(format!("{module}::{name}"));
            }
            is_test = line == "#[test]" || is_test && line.starts_with('#');
        }
    }
    names
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
