//! The mechanical rules of this project: layers, sizes, what may not stand in the code, packages and their licences, and
//! deliberate bugs that still fit the sources.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_macros,
    reason = "a test fails where it stands, and prints"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use toml::Table;

/// Lines of code a file may have before its tests.
const MAX_LINES: usize = 300;
/// Lines that the program may have without its tests, and with those in `src`.
const MAX_PRODUCT_LINES: usize = 44_500;
const MAX_SRC_LINES: usize = 63_000;
/// What the program prints, as the pages quote it in English and in Korean.
const PRINTED: [(&str, &str); 7] = [
    ("token renewed", "접근토큰 갱신됨"),
    ("telegram: sent", "telegram: 전송했습니다"),
    ("slack: it answers HTTP 404: …", "slack: HTTP 404 응답을 받았습니다: …"),
    ("warning: the token lives for …", "경고: 접근토큰의 남은 시간이 …"),
    ("cleanup [PAPER, halted]: …", "cleanup [모의, halted]: …"),
    ("PAPER", "모의"),
    ("REAL", "실전"),
];
/// Licences that may come in.
const LICENCES: [&str; 12] = [
    "MIT",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Unlicense",
    "Zlib",
    "Unicode-3.0",
    "CDLA-Permissive-2.0",
    "CC0-1.0",
    "Apache-2.0 WITH LLVM-exception",
];
/// The packages that the program may need directly; one more needs a written reason in Cargo.toml.
const PACKAGES: [&str; 20] = [
    "anyhow",
    "chrono",
    "chrono-tz",
    "clap",
    "crc32fast",
    "env_logger",
    "fs2",
    "log",
    "num-traits",
    "rpassword",
    "rust_decimal",
    "rustix",
    "secrecy",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
    "toml",
    "unicode-width",
    "ureq",
];

/// The rooms, each with the rooms that it may import. A room imports only rooms above itself in this table, so that no files
/// of different rooms form a circle. `story` sees neither `kis` nor `store`, and these two do not see each other.
const ROOMS: [(&str, &[&str]); 21] = [
    ("language", &[]),
    ("exit", &["language"]),
    ("program", &["language"]),
    ("visible", &[]),
    ("clock", &[]),
    ("http", &[]),
    ("strict_json", &[]),
    ("domain", &["exit", "language"]),
    ("config", &["domain", "exit", "visible", "language"]),
    ("decide", &["config", "domain", "exit", "strict_json", "visible", "language"]),
    ("kis", &["config", "domain", "exit", "clock", "http", "strict_json", "visible", "language"]),
    ("logging", &["kis", "clock", "visible", "language"]),
    ("store", &["decide", "domain", "exit", "clock", "visible", "language"]),
    ("report", &["decide", "domain", "exit", "visible", "language"]),
    ("cli", &["domain", "language"]),
    ("schedule", &["cli", "report", "domain", "exit", "clock", "visible", "language"]),
    (
        "tell",
        &["store", "report", "decide", "config", "domain", "exit", "clock", "http", "program", "visible", "language"],
    ),
    ("story", &["report", "decide", "config", "domain", "exit", "language"]),
    (
        "desk",
        &[
            "story", "tell", "schedule", "report", "store", "kis", "decide", "config", "domain", "exit", "clock",
            "cli", "logging", "program", "visible", "language",
        ],
    ),
    (
        "rehearse",
        &["desk", "story", "report", "store", "kis", "decide", "config", "domain", "exit", "clock", "cli", "language"],
    ),
    ("setup", &["desk", "schedule", "report", "config", "domain", "exit", "cli", "visible", "language"]),
];

#[test]
fn rooms_depend_one_way() {
    let mut above: Vec<&str> = Vec::new();
    for (room, may_import) in ROOMS {
        let upwards: Vec<&&str> = may_import.iter().filter(|other| !above.contains(other)).collect();
        assert!(upwards.is_empty(), "{room} may import {upwards:?}, which stand below it");
        above.push(room);
    }
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")).into_iter().filter(|file| !is_test_file(file)) {
        let room = room_of(&file);
        // All rooms use `ordered`, which uses none.
        if matches!(room.as_str(), "lib" | "main" | "bin" | "ordered") {
            continue;
        }
        let Some((_, may_import)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{} is in no room of this table", file.display()));
            continue;
        };
        for (other, _) in ROOMS {
            let is_imported = code_of(&file).contains(&format!("crate::{other}::"));
            if is_imported && other != room && !may_import.contains(&other) {
                wrong.push(format!("{} imports {other}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The room of a file below `src`.
fn room_of(file: &Path) -> String {
    let first = file.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn pure_layers_touch_nothing() {
    let mut wrong = Vec::new();
    let pure = ["src/domain", "src/decide", "src/report", "src/schedule", "src/story"];
    let files = pure.into_iter().flat_map(|folder| rust_files(Path::new(folder)));
    // The door of the crontab judge reads the file.
    for file in files.filter(|file| file != Path::new("src/schedule/mod.rs")) {
        let code = code_of(&file);
        for word in
            ["std::fs", "std::net", "std::env", "std::process", "std::thread", "rustix::", "ureq::", "static mut"]
        {
            if code.contains(word) {
                wrong.push(format!("{} uses {word}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_thing_has_its_one_home() {
    let homes: [(&str, &str); 4] = [
        ("fs2::", "src/store/lock.rs"),
        ("Utc::now()", "src/clock.rs"),
        ("thread::sleep", "src/clock.rs"),
        ("set_panic_hook", "src/logging.rs"),
    ];
    let mut wrong = Vec::new();
    for file in rust_files(Path::new("src")) {
        let code = code_of(&file);
        for (word, home) in homes {
            if code.contains(word) && file != Path::new(home) {
                wrong.push(format!("{} uses {word}, whose home is {home}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_fit_a_reader() {
    let folders = ["src", "tests/kis-sim/src"];
    let files = folders.into_iter().flat_map(|folder| rust_files(Path::new(folder)));
    let long: Vec<String> = files
        .filter(|file| !is_test_file(file))
        .map(|file| (code_of(&file).lines().count(), file))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, file)| format!("{}: {lines} lines before its tests", file.display()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// Printed with `--nocapture`: the lines of each room, with and without tests.
#[test]
fn the_house_stays_small() {
    let mut rooms: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for file in rust_files(Path::new("src")) {
        let all = fs::read_to_string(&file).unwrap().lines().count();
        let product = if is_test_file(&file) { 0 } else { code_of(&file).lines().count() };
        let sum = rooms.entry(room_of(&file)).or_default();
        *sum = (sum.0 + product, sum.1 + all);
    }
    let (product, all) = rooms.values().fold((0, 0), |sum, room| (sum.0 + room.0, sum.1 + room.1));
    println!("{:10} {:>8} {:>8}", "room", "product", "all");
    rooms.iter().for_each(|(room, (product, all))| println!("{room:10} {product:8} {all:8}"));
    println!("{:10} {product:8} {all:8}", "src");
    assert!(product <= MAX_PRODUCT_LINES && all <= MAX_SRC_LINES, "{product} product lines, {all} in src");
}

/// A name that only its own file uses is no business of others. A type in the signature of something public must be public.
#[test]
fn what_is_public_has_a_user_outside_its_file() {
    let code: Vec<(PathBuf, String)> = ["src", "tests", "scripts"]
        .into_iter()
        .flat_map(|folder| rust_files(Path::new(folder)))
        .map(|file| (file.clone(), without_comments(&fs::read_to_string(&file).unwrap())))
        .collect();
    let users = |file: &Path, name: &str| {
        let own_tests = format!("{}/", file.with_extension("").display());
        let others =
            code.iter().filter(|(other, _)| other != file && !other.display().to_string().starts_with(&own_tests));
        others.filter(|(_, text)| has_word(text, name)).count()
    };
    let mut idle = Vec::new();
    for file in rust_files(Path::new("src")).into_iter().filter(|file| !is_test_file(file)) {
        let text = without_comments(&code_of(&file));
        let public = text.lines().filter_map(|line| line.trim().strip_prefix("pub ")).filter_map(name_of);
        for name in public {
            let in_signature = ["-> ", "<", ": ", "(", "impl "].map(|before| format!("{before}{name}"));
            let is_of_signature =
                name.starts_with(char::is_uppercase) && in_signature.iter().any(|use_| text.contains(use_));
            if users(&file, name) == 0 && !is_of_signature {
                idle.push(format!("{}: {name}", file.display()));
            }
        }
    }
    assert!(idle.is_empty(), "{idle:#?}");
}

/// The name that a line declares after `pub`.
fn name_of(line: &str) -> Option<&str> {
    const KINDS: [&str; 7] = ["fn", "struct", "enum", "type", "const", "trait", "static"];
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| *word != "async");
    let kind = words.next()?;
    let name = words.find(|word| !word.is_empty())?;
    // `pub const fn name`.
    let name = if name == "fn" { words.next()? } else { name };
    KINDS.contains(&kind).then_some(name)
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word)
        .any(|(at, _)| !is_part(text[..at].chars().next_back()) && !is_part(text[at + word.len()..].chars().next()))
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn modules_open_with_what_they_own() {
    let bare: Vec<PathBuf> = ["src", "tests/kis-sim/src", "tests/cli", "tests/fuzz", "tests/years"]
        .into_iter()
        .flat_map(|folder| rust_files(Path::new(folder)))
        .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//!"))
        .collect();
    assert!(bare.is_empty(), "{bare:#?}");
}

#[test]
fn every_fault_of_the_page_is_held_by_tests_that_exist() {
    let mut tests = BTreeSet::new();
    for file in ["src", "tests/cli", "tests/years"].into_iter().flat_map(|folder| rust_files(Path::new(folder))) {
        let text = fs::read_to_string(&file).unwrap();
        let after_marks = text.split("#[test]\n").skip(1);
        let names = after_marks.filter_map(|after| after.split_once("fn ")?.1.split('(').next());
        tests.extend(names.map(str::to_owned));
    }
    let page = fs::read_to_string("docs/faults.md").unwrap();
    let mut told = Vec::new();
    let is_numbered = |line: &&str| line.starts_with("| ") && line.chars().nth(3).is_some_and(|c| c.is_ascii_digit());
    for row in page.lines().filter(is_numbered) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 6, "{row}");
        if cells[1].starts_with('F') {
            let numbers: Vec<usize> = cells[1].split('–').map(|number| number[1..].parse().unwrap()).collect();
            told.extend(numbers[0]..=numbers[numbers.len() - 1]);
        }
        let named: Vec<&str> = cells[4].split('`').skip(1).step_by(2).collect();
        let missing: Vec<&&str> = named.iter().filter(|name| !tests.contains(**name)).collect();
        assert!(!named.is_empty() && missing.is_empty(), "{}: no test is called {missing:?}", cells[1]);
    }
    assert_eq!(told, (1..=86).collect::<Vec<_>>());
}

#[test]
fn every_korean_page_says_what_its_english_twin_says() {
    let (korean, english): (Vec<String>, Vec<String>) =
        pages_of_people().into_iter().partition(|name| name.ends_with(".ko.md"));
    let twins: Vec<String> = english.iter().map(|name| name.replace(".md", ".ko.md")).collect();
    assert_eq!(korean, twins, "each page has a twin");
    // Both of these are made from src/kis/codes.toml, whose test compares them.
    let pairs = english.iter().zip(&korean).filter(|(name, _)| *name != "docs/troubleshooting.md");
    let mut wrong: Vec<String> =
        pairs.flat_map(|(english, korean)| differences(&Page::read(english), &Page::read(korean))).collect();
    let texts: String = english.iter().map(|name| fs::read_to_string(name).unwrap()).collect();
    let unused = PRINTED.iter().filter(|(en, _)| !texts.contains(&format!("`{en}`")));
    wrong.extend(unused.map(|(en, _)| format!("no English page has `{en}` of PRINTED")));
    let list: String = wrong.iter().map(|words| format!("\n- {words}")).collect();
    assert!(wrong.is_empty(), "a page and its twin must say the same, in two languages:{list}");
}

#[test]
fn a_console_may_differ_in_what_is_printed_for_people_alone() {
    const LOG: &str = "2023-05-24T14:10:00.000Z VMTG9 INFO token: valid";
    let console = |lines: &[&str]| {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        let blocks = vec![Block { line: 1, language: "console".to_owned(), lines }];
        Section { line: 1, heading: String::new(), blocks, rows: Vec::new(), prose: String::new() }
    };
    let english = console(&["$ kis-trade buy", LOG, "buy [PAPER]: done", "", "$ kis-trade --json buy", "{\"a\":1}"]);
    for (korean, is_twin) in [
        (&["$ kis-trade buy", LOG, "buy [모의]: 완료", "", "$ kis-trade --json buy", "{\"a\":1}"][..], true),
        (&["$ kis-trade sell", LOG, "buy [모의]: 완료", "", "$ kis-trade --json buy", "{\"a\":1}"], false),
        (&["$ kis-trade --json buy", "{\"a\":1}", "", "$ kis-trade buy", LOG, "buy [모의]: 완료"], false),
        (&["$ kis-trade buy", "로그", "buy [모의]: 완료", "", "$ kis-trade --json buy", "{\"a\":1}"], false),
        (&["$ kis-trade buy", LOG, "buy [모의]: 완료", "", "$ kis-trade --json buy", "{\"a\":2}"], false),
        (&["$ kis-trade buy", LOG, "", "$ kis-trade --json buy", "{\"a\":1}"], false),
        (&["$ kis-trade buy", LOG, "buy [모의]: 완료", "  AAPL", "", "$ kis-trade --json buy", "{\"a\":1}"], false),
    ] {
        let wrong = section_differences(&english, &console(korean));
        assert_eq!(wrong.is_empty(), is_twin, "{korean:?}: {wrong:?}");
    }
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let others = ["state/README.md", "tests/kis-sim/README.md"].map(str::to_owned);
    let wrong: Vec<String> =
        pages_of_people().iter().chain(&others).flat_map(|name| wrong_links(&Page::read(name))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_readme_is_a_front_door() {
    for name in ["README.md", "README.ko.md"] {
        let lines = fs::read_to_string(name).unwrap().lines().count();
        assert!(lines <= 180, "{name} has {lines} lines; docs has room");
    }
}

/// The pages in two languages: those beside README.md, and docs.
fn pages_of_people() -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["", "docs/"] {
        for entry in fs::read_dir(format!("./{folder}")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") && name != "CHANGELOG.md" {
                names.push(format!("{folder}{name}"));
            }
        }
    }
    // By their English names, so that twins stand in the same order.
    names.sort_by_key(|name| name.replace(".ko.md", ".md"));
    names
}

#[test]
fn nothing_is_left_undone_or_skipped() {
    // Spelled in parts, so that this file does not find itself.
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["#[ig", "nore"].concat(), ["dbg", "!("].concat()];
    let mut found = Vec::new();
    for file in ["src", "tests"].into_iter().flat_map(|folder| rust_files(Path::new(folder))) {
        let text = fs::read_to_string(&file).unwrap();
        found
            .extend(words.iter().filter(|word| text.contains(*word)).map(|word| format!("{}: {word}", file.display())));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn packages_are_the_listed_ones_from_the_registry_under_known_licences() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let source = package["source"].as_str().unwrap_or("ours");
        if source != "ours" && source != "registry+https://github.com/rust-lang/crates.io-index" {
            wrong.push(format!("{name} comes from {source}"));
        }
        let licence = package["license"].as_str().unwrap_or_default();
        if source != "ours" && !is_licence_known(licence) {
            wrong.push(format!("{name} is under {licence:?}"));
        }
        if name == "kis-trade" {
            for dependency in package["dependencies"].as_array().unwrap() {
                let needed = dependency["name"].as_str().unwrap();
                if dependency["kind"].is_null() && !PACKAGES.contains(&needed) {
                    wrong.push(format!("kis-trade needs {needed}, which is not on the list"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_deliberate_bug_fits_the_sources_and_its_tests_exist() {
    let list: Table = fs::read_to_string("tests/mutants.toml").unwrap().parse().unwrap();
    let (mut names, mut wrong) = (BTreeSet::new(), Vec::new());
    for mutant in list["mutant"].as_array().unwrap() {
        let text = |key: &str| mutant[key].as_str().unwrap().to_owned();
        let name = text("name");
        if text("breaks").is_empty() || !names.insert(name.clone()) {
            wrong.push(format!("{name}: says nothing, or its name is taken"));
        }
        for edit in mutant["edit"].as_array().unwrap() {
            let [file, find, put] = ["file", "find", "put"].map(|key| edit[key].as_str().unwrap());
            let times = fs::read_to_string(file).unwrap().matches(find).count();
            if times != 1 || find == put {
                wrong.push(format!("{name}: {file} has its text {times} times: {find}"));
            }
        }
        let tests = mutant["caught_by"].as_array().unwrap();
        let missing = tests.iter().map(|test| test.as_str().unwrap()).filter(|test| !is_test_there(test));
        wrong.extend(missing.map(|test| format!("{name}: there is no test `{test}`")));
        if tests.is_empty() {
            wrong.push(format!("{name}: no test is named"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// `check.sh --quick` leaves out the tests that start more than the Rust toolchain and essential programs.
#[test]
fn the_quick_checks_leave_out_every_test_that_needs_a_tool() {
    const TOOLS: [&str; 5] = ["support::strace::{", "new(\"strace\")", "new(\"python3\")", "\"jq\"", "\"chromium\""];
    let script = fs::read_to_string("scripts/check.sh").unwrap();
    let (_, list) = script.split_once("NEEDS_A_TOOL=(\n").unwrap();
    let left_out: Vec<&str> = list.split_once("\n)").unwrap().0.lines().map(str::trim).collect();
    let mut unused = left_out.clone();
    for file in rust_files(Path::new("tests/cli")).into_iter().filter(|file| !file.starts_with("tests/cli/support")) {
        let text = fs::read_to_string(&file).unwrap();
        let path = file.with_extension("");
        let parts: Vec<&str> = path.iter().skip(2).filter_map(|part| part.to_str()).collect();
        let module = format!("{}::", parts.join("::"));
        // A name leaves out a whole module with all that is below it, or tests that begin so.
        let is_named = left_out.iter().any(|name| module.starts_with(name) || name.starts_with(&module));
        assert!(is_named || !TOOLS.iter().any(|tool| text.contains(tool)), "{}: a test needs a tool", file.display());
        unused.retain(|name| {
            let has_test = |test| text.contains(&format!("fn {test}"));
            !module.starts_with(name) && !name.strip_prefix(&module).is_some_and(has_test)
        });
    }
    assert!(unused.is_empty(), "no such test: {unused:?}");
}

/// `lib some::module::tests::name`, `cli room::file::name`, `years file::name`, or `clippy lint`.
fn is_test_there(test: &str) -> bool {
    let Some((kind, path)) = test.split_once(' ') else { return false };
    let Some((module, name)) = path.rsplit_once("::") else {
        return kind == "clippy" && fs::read_to_string("Cargo.toml").unwrap().contains(&format!("\n{path} = \"deny\""));
    };
    let module = module.replace("::", "/");
    // Tests stand in a file of their own, or at the end of what they test.
    let files = match kind {
        "lib" => vec![format!("src/{module}.rs"), format!("src/{}.rs", module.trim_end_matches("/tests"))],
        "cli" => vec![format!("tests/cli/{module}.rs")],
        "years" => vec![format!("tests/years/{module}.rs"), format!("tests/years/{module}/mod.rs")],
        _ => return false,
    };
    files.iter().filter_map(|file| fs::read_to_string(file).ok()).any(|text| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        lines.windows(2).any(|pair| pair[0] == "#[test]" && pair[1] == format!("fn {name}() {{"))
    })
}

/// One known licence is enough where there is a choice; all of them must be known where they add up.
fn is_licence_known(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], "");
    expression.split(" AND ").all(|part| part.split(" OR ").any(|licence| LICENCES.contains(&licence.trim())))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files.extend(rust_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push(entry);
        }
    }
    files.sort();
    files
}

fn is_test_file(file: &Path) -> bool {
    let name = file.file_name().unwrap().to_str().unwrap();
    let is_below_tests = file.starts_with("src") && file.iter().any(|part| part == "tests");
    is_below_tests || ["tests.rs", "testing.rs", "test_support.rs"].contains(&name)
}

/// A file's text before its unit tests.
fn code_of(file: &Path) -> String {
    if is_test_file(file) {
        return String::new();
    }
    let text = fs::read_to_string(file).unwrap();
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned()
}

/// A page of Markdown: its sections in order, each from a heading to the next.
struct Page {
    name: String,
    sections: Vec<Section>,
}

/// What must not change with the language.
struct Section {
    line: usize,
    /// `## Settings`, for example.
    heading: String,
    blocks: Vec<Block>,
    /// Rows of tables, each with its line.
    rows: Vec<(usize, Vec<String>)>,
    /// Prose outside blocks and tables, its line breaks as spaces.
    prose: String,
}

/// A fenced block.
struct Block {
    line: usize,
    language: String,
    lines: Vec<String>,
}

impl Page {
    fn read(name: &str) -> Page {
        let text = fs::read_to_string(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut page = Page { name: name.to_owned(), sections: Vec::new() };
        let mut is_in_block = false;
        for (index, line) in text.lines().enumerate() {
            let is_fence = line.trim_start().starts_with("```");
            if !is_in_block && line.starts_with('#') {
                let heading = line.trim_end().to_owned();
                let (blocks, rows, prose) = (Vec::new(), Vec::new(), String::new());
                page.sections.push(Section { line: index + 1, heading, blocks, rows, prose });
                continue;
            }
            let section = page.sections.last_mut().unwrap_or_else(|| panic!("{name} opens with no heading"));
            if is_fence && !is_in_block {
                let language = line.trim().trim_start_matches('`').to_owned();
                section.blocks.push(Block { line: index + 1, language, lines: Vec::new() });
            } else if is_in_block && !is_fence {
                section.blocks.last_mut().unwrap().lines.push(line.to_owned());
            } else if line.starts_with('|') {
                let cells = line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
                section.rows.push((index + 1, cells));
            } else if !is_fence {
                section.prose.push_str(line.trim());
                section.prose.push(' ');
            }
            is_in_block ^= is_fence;
        }
        page
    }

    fn anchors(&self) -> BTreeSet<String> {
        let slug = |section: &Section| {
            let text = section.heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            text.chars().filter(|letter| letter.is_alphanumeric() || "-_".contains(*letter)).collect()
        };
        self.sections.iter().map(slug).collect()
    }
}

impl Block {
    /// What must be equal: all of it but comments; of a diagram, and of what a command prints for people, the number of lines.
    /// What it prints in each language is compared by tests/cli/surface/readme.rs.
    fn content(&self) -> Vec<&str> {
        let without_comment = |line: &'_ str| -> usize {
            let at = line.match_indices("# ").map(|(at, _)| at);
            at.filter(|at| line[..*at].chars().next_back().is_none_or(char::is_whitespace)).min().unwrap_or(line.len())
        };
        match self.language.as_str() {
            "diagram" => self.lines.iter().map(|_| "").collect(),
            "console" => self.lines.iter().map(|line| if is_text(line) { "(text)" } else { line.as_str() }).collect(),
            "sh" | "toml" | "cron" | "ini" => {
                self.lines.iter().map(|line| line[..without_comment(line)].trim_end()).collect()
            }
            _ => self.lines.iter().map(String::as_str).collect(),
        }
    }
}

/// Whether a line of a console is what a command printed for people: no command, JSON, log or blank line.
fn is_text(line: &str) -> bool {
    let is_log = line.contains(" INFO ") || line.contains(" WARN ");
    !(line.is_empty() || line.starts_with("$ ") || line.starts_with('{') || is_log)
}

/// Everything that differs. When headings do not pair, all up to the first pair that does not fit.
fn differences(english: &Page, korean: &Page) -> Vec<String> {
    let levels = |page: &Page| -> Vec<usize> { page.sections.iter().map(|section| level(&section.heading)).collect() };
    let do_pair = levels(english) == levels(korean);
    let mut wrong = Vec::new();
    for (one, other) in english.sections.iter().zip(&korean.sections) {
        let place = format!(
            "`{}` ({} line {}) and `{}` ({} line {})",
            one.heading, english.name, one.line, other.heading, korean.name, other.line
        );
        let mut here = section_differences(one, other);
        if level(&one.heading) != level(&other.heading) {
            here.insert(0, "their levels differ".to_owned());
        }
        let is_first = !do_pair && !here.is_empty();
        if is_first {
            here.push(
                "from here on the headings do not pair: one of these may be missing on the other page".to_owned(),
            );
        }
        wrong.extend(here.into_iter().map(|words| format!("{place}: {words}")));
        if is_first {
            return wrong;
        }
    }
    let pairs = english.sections.len().min(korean.sections.len());
    for (page, other) in [(english, korean), (korean, english)] {
        let alone = page.sections.iter().skip(pairs);
        wrong
            .extend(alone.map(|section| format!("`{}` ({}) is missing in {}", section.heading, page.name, other.name)));
    }
    wrong
}

fn section_differences(english: &Section, korean: &Section) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut unequal = |what: &str, one: &str, other: &str| {
        if one != other {
            wrong.push(format!("{what}: `{one}` in English, `{other}` in Korean"));
        }
    };
    unequal("number of fenced blocks", &english.blocks.len().to_string(), &korean.blocks.len().to_string());
    for (one, other) in english.blocks.iter().zip(&korean.blocks) {
        let place = format!("block at line {} / {}", one.line, other.line);
        unequal(&format!("{place}, its language"), &one.language, &other.language);
        let (left, right) = (one.content(), other.content());
        for index in 0..left.len().max(right.len()) {
            let line = |lines: &[&str]| lines.get(index).map_or("(no line)".to_owned(), |line| (*line).to_owned());
            unequal(&format!("{place}, line {} of it", index + 1), &line(&left), &line(&right));
        }
    }
    unequal("number of table rows", &english.rows.len().to_string(), &korean.rows.len().to_string());
    for ((line, cells), (other_line, others)) in english.rows.iter().zip(&korean.rows) {
        let place = format!("table row at line {line} / {other_line}");
        unequal(&format!("{place}, its cells"), &cells.len().to_string(), &others.len().to_string());
        for (index, (one, other)) in cells.iter().zip(others).enumerate() {
            let place = format!("{place}, cell {}", index + 1);
            unequal(&format!("{place}, what is in backticks"), &in_korean(one).join(" "), &spans(other).join(" "));
            unequal(&format!("{place}, its links"), &links(one).join(" "), &links(other).join(" "));
            // A number word of the English text may be a figure in Korean: "thirty days".
            let mut untold = numbers(other);
            for number in numbers(one) {
                match untold.iter().position(|told| *told == number) {
                    Some(at) => drop(untold.remove(at)),
                    None => unequal(&format!("{place}, the number {number}"), one, other),
                }
            }
        }
    }
    for (what, one, other) in [
        ("in backticks", set(in_korean(&english.prose)), set(spans(&korean.prose))),
        ("linked to", set(links(&english.prose)), set(links(&korean.prose))),
    ] {
        wrong.extend(one.difference(&other).map(|word| format!("only the English text has `{word}` {what}")));
        wrong.extend(other.difference(&one).map(|word| format!("only the Korean text has `{word}` {what}")));
    }
    wrong
}

fn level(heading: &str) -> usize {
    heading.chars().take_while(|letter| *letter == '#').count()
}

/// What stands in backticks, sorted: a sentence may turn around in another language.
fn spans(text: &str) -> Vec<String> {
    let mut spans: Vec<String> = text.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    spans.sort();
    spans
}

/// What must stand in backticks on the Korean page: the same, but for what the program prints.
fn in_korean(text: &str) -> Vec<String> {
    let translated = |span: String| PRINTED.iter().find(|(en, _)| *en == span).map_or(span, |(_, ko)| (*ko).to_owned());
    let mut spans: Vec<String> = spans(text).into_iter().map(translated).collect();
    spans.sort();
    spans
}

/// Numbers outside backticks.
fn numbers(text: &str) -> Vec<String> {
    let plain: String = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let parts = plain.split(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',');
    let mut numbers: Vec<String> = parts.map(|part| part.trim_matches(['.', ',']).to_owned()).collect();
    numbers.retain(|part| !part.is_empty());
    numbers
}

/// The files that the text links to, by the English names of those that are translated.
fn links(text: &str) -> Vec<String> {
    let files = targets(text).filter_map(|target| target.split('#').next()).filter(|file| !file.is_empty());
    files.map(|file| file.replace(".ko.md", ".md")).collect()
}

fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// Links to a file or a heading that is not there.
fn wrong_links(page: &Page) -> Vec<String> {
    let folder = Path::new(&page.name).parent().unwrap();
    let texts = page.sections.iter().flat_map(|section| {
        section.rows.iter().flat_map(|(_, cells)| cells.iter()).chain([&section.prose]).map(String::as_str)
    });
    let mut wrong = Vec::new();
    for target in texts.flat_map(targets).filter(|target| !target.contains("://")) {
        let (file, heading) = target.split_once('#').unwrap_or((target, ""));
        let path = if file.is_empty() { PathBuf::from(&page.name) } else { folder.join(file) };
        if !path.exists() || !heading.is_empty() && !Page::read(path.to_str().unwrap()).anchors().contains(heading) {
            wrong.push(format!("{}: {target} leads nowhere", page.name));
        }
    }
    wrong
}

fn set(words: Vec<String>) -> BTreeSet<String> {
    words.into_iter().collect()
}
