//! The man page and the completions that the program prints of itself.

use crate::support::harness::World;

#[path = "../../../scripts/dist/pages.rs"]
mod pages;

const NAMES: [(&str, &str); 4] = [
    ("man", "kis-trade.1"),
    ("complete-bash", "kis-trade.bash"),
    ("complete-zsh", "_kis-trade"),
    ("complete-fish", "kis-trade.fish"),
];

#[test]
fn the_program_prints_the_manual_of_its_own_command_line() {
    let world = World::light(crate::support::harness::Mode::Paper);
    let made = pages::all().unwrap();
    for (what, name) in NAMES {
        let expected =
            made.iter().find(|(made, _)| made == name).map(|(_, text)| String::from_utf8_lossy(text)).unwrap();
        for arguments in [&["--generate", what][..], &[&format!("--generate={what}")]] {
            let run = world.run(arguments);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{what}");
            let told = "run `cargo run --example manual -- dist/manual --for-the-program`, and build again";
            assert!(run.stdout == expected, "dist/manual/{name} is not what the command line says: {told}");
        }
    }
    let mut world = world;
    world.env("LANG", "ko_KR.UTF-8");
    for (what, name) in NAMES {
        let korean = made.iter().find(|(made, _)| *made == format!("ko/{name}"));
        // Completions for bash say nothing about what they complete.
        let (_, korean) = korean.or_else(|| made.iter().find(|(made, _)| made == name)).unwrap();
        let printed = world.run(&["--generate", what]).stdout;
        assert!(printed == String::from_utf8_lossy(korean), "dist/manual/ko/{name} is not what the command line says");
        assert_eq!(printed.contains("설정 파일"), what != "complete-bash", "{what}: {printed}");
        assert!(!printed.contains("Print exactly"), "{what}: {printed}");
    }
}

#[test]
fn every_page_has_a_korean_twin() {
    let made = pages::all().unwrap();
    let text_of =
        |name: &str| made.iter().find(|(made, _)| made == name).map(|(_, text)| String::from_utf8_lossy(text));
    let english: Vec<&String> = made.iter().map(|(name, _)| name).filter(|name| !name.starts_with("ko/")).collect();
    let pages: Vec<&&String> = english.iter().filter(|name| name.ends_with(".1")).collect();
    assert_eq!(pages.len(), 7, "the two programs' and one a command: {pages:?}");
    for name in pages {
        let (english, korean) = (text_of(name).unwrap(), text_of(&format!("ko/{name}")).unwrap_or_default());
        for mark in ["\n.SH ", "\n.TP\n", "\\-\\-"] {
            assert_eq!(korean.matches(mark).count(), english.matches(mark).count(), "{name} {mark:?}: {korean}");
        }
        for word in ["SYNOPSIS", "OPTIONS", "Print ", "Possible"] {
            assert!(!korean.contains(word), "{name}: {word}: {korean}");
        }
        assert!(korean.contains("\n.SH 옵션\n"), "{name}: {korean}");
    }
}

#[test]
fn the_man_page_says_what_people_look_for() {
    let world = World::light(crate::support::harness::Mode::Paper);
    let page = world.run(&["--generate", "man"]).stdout;
    for section in ["NAME", "SYNOPSIS", "OPTIONS", "COMMANDS", "EXAMPLES", "FILES", "ENVIRONMENT", "EXIT STATUS"] {
        assert!(page.contains(&format!("\n.SH {section}\n")), "{section}: {page}");
    }
    let korean =
        World::light(crate::support::harness::Mode::Paper).env("LANG", "ko").run(&["--generate", "man"]).stdout;
    for section in ["이름", "사용법", "설명", "옵션", "명령", "예제", "파일", "환경 변수", "종료 코드"]
    {
        assert!(korean.contains(&format!("\n.SH {section}\n")), "{section}: {korean}");
    }
    assert_eq!(korean.matches("\n.SH ").count(), page.matches("\n.SH ").count());
    assert_eq!(korean.matches("\n.TP\n").count(), page.matches("\n.TP\n").count());
    for words in ["test\\-notify", "KIS_TRADE_STATE_DIR", ".B 81\n", "state/HALT"] {
        assert!(page.contains(words) && korean.contains(words), "{words}: {page}{korean}");
    }
}

#[test]
fn what_cannot_be_generated_is_a_wrong_usage() {
    let world = World::light(crate::support::harness::Mode::Paper);
    for arguments in
        [&["--generate", "html"][..], &["--generate"], &["--generate", "man", "sell"], &["sell", "--generate", "man"]]
    {
        let run = world.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?} {}", run.stderr);
    }
}
