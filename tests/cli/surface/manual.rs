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
}

#[test]
fn the_man_page_says_what_people_look_for() {
    let world = World::light(crate::support::harness::Mode::Paper);
    let page = world.run(&["--generate", "man"]).stdout;
    for section in ["NAME", "SYNOPSIS", "OPTIONS", "COMMANDS", "EXAMPLES", "FILES", "ENVIRONMENT", "EXIT STATUS"] {
        assert!(page.contains(&format!("\n.SH {section}\n")), "{section}: {page}");
    }
    for words in ["test\\-notify", "KIS_TRADE_STATE_DIR", ".B 81\n", "state/HALT"] {
        assert!(page.contains(words), "{words}: {page}");
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
