//! Tests of the command line in Korean.

use std::collections::BTreeSet;

use super::*;
use crate::cli::{answer, refusal as first_line};
use crate::language::{Language, Sentence, check};

fn arguments(line: &str) -> Vec<OsString> {
    line.split(' ').filter(|word| !word.is_empty()).map(OsString::from).collect()
}

/// All texts of a command and of those below it.
fn texts_of(command: &Command) -> Vec<String> {
    let own = [command.get_about(), command.get_after_help()].into_iter().flatten();
    let helps = command.get_arguments().filter_map(Arg::get_help);
    let below = command.get_subcommands().flat_map(texts_of);
    own.chain(helps).map(ToString::to_string).chain(below).collect()
}

#[test]
fn every_text_of_the_command_line_stands_in_both_languages() {
    let mut program = Cli::command();
    program.build();
    let used: BTreeSet<String> = texts_of(&program).into_iter().collect();
    for english in &used {
        assert_ne!(translated(english), english, "no Korean for this text");
    }
    let idle: Vec<&str> = TEXTS.iter().map(|(en, _)| *en).filter(|en| !used.contains(*en)).collect();
    assert!(idle.is_empty(), "{idle:?}");
    for (en, ko) in TEXTS {
        check("a text of the command line", &Sentence { en: en.to_owned(), ko: ko.to_owned() });
    }
    let codes =
        |text: &str| text.lines().filter_map(|line| line.trim().split_once("  ")?.0.parse::<u8>().ok()).collect();
    let (english, korean): (Vec<u8>, Vec<u8>) = (codes(EXIT_CODES), codes(translated(EXIT_CODES)));
    assert!(english == korean && english.len() == 13, "{english:?} {korean:?}");
}

#[test]
fn what_the_parser_refuses_is_said_in_both_languages() {
    for (line, en, ko) in [
        ("hodl", "unrecognized subcommand 'hodl'", "알 수 없는 명령입니다: 'hodl'"),
        ("buy --fast", "unexpected argument '--fast' found", "알 수 없는 인자입니다: '--fast'"),
        (
            "--json",
            "'kis-trade' requires a subcommand but one was not provided",
            "명령이 없습니다. 쓸 수 있는 명령: `sell`, `buy`, `cleanup`, `status`, `token-check`",
        ),
        ("", "no command", "명령이 없습니다"),
        ("--help", "no command", "명령이 없습니다"),
        (
            "status --since 2027-01-01",
            "the following required arguments were not provided:",
            "함께 써야 하는 인자가 없습니다: --profit",
        ),
        (
            "status --profit --since may",
            "invalid value 'may' for '--since <DATE>': it is not a date such as 2027-01-04",
            "'--since <DATE>'에 쓸 수 없는 값입니다: 'may'. 2027-01-04 같은 날짜를 적으세요",
        ),
        (
            "status --html",
            "a value is required for '--html <FILE>' but none was supplied",
            "값이 없습니다: '--html <FILE>'",
        ),
        (
            "--generate html",
            "invalid value 'html' for '--generate <WHAT>'",
            "'--generate <WHAT>'에 쓸 수 없는 값입니다: 'html'. 쓸 수 있는 값: man, complete-bash, complete-zsh, complete-fish",
        ),
        (
            "sell --json=yes",
            "unexpected value 'yes' for '--json' found; no more were expected",
            "값을 받지 않는 인자입니다: '--json'(적은 값: 'yes')",
        ),
        (
            "token-check --force --offline",
            "the argument '--force' cannot be used with '--offline'",
            "함께 쓸 수 없는 인자입니다: '--force', '--offline'",
        ),
        (
            "--json sell --json",
            "the argument '--json' cannot be used multiple times",
            "한 번만 쓸 수 있는 인자입니다: '--json'",
        ),
        (
            "-v sell -q",
            "the argument '--verbose' cannot be used with '--quiet'",
            "함께 쓸 수 없는 인자입니다: '--verbose', '--quiet'",
        ),
        (
            "--generate man sell",
            "the argument '--generate' cannot be used with 'sell'",
            "함께 쓸 수 없는 인자입니다: '--generate', 'sell'",
        ),
    ] {
        let arguments = arguments(&format!("kis-trade {line}"));
        let error = Cli::from_arguments(&arguments).expect_err(line);
        let Sentence { en: said, ko: korean } = first_line(&error);
        assert_eq!((said.as_str(), korean.as_str()), (en, ko), "{line}");
        let whole = answer(&error, &arguments);
        check(line, &whole);
        assert_eq!(whole.in_language(Language::English), error.render().to_string());
        // The parser shows no usage beside a value that it does not take.
        assert_eq!(whole.ko.contains("\n사용법: kis-trade "), whole.en.contains("\nUsage: kis-trade "), "{}", whole.ko);
        assert!(whole.ko.ends_with('\n'), "{}", whole.ko);
        assert!(!whole.ko.contains("Usage") && !whole.ko.contains("OPTIONS"), "{}", whole.ko);
    }
    let error = Cli::from_arguments(&arguments("kis-trade buy --dry-rum")).unwrap_err();
    assert!(refusal(&error).contains("\n  비슷한 것: --dry-run\n"), "{}", refusal(&error));
}

#[test]
fn help_is_that_of_the_command_that_is_asked_about() {
    for line in ["kis-trade help sell", "kis-trade sell --help", "kis-trade sell -h"] {
        let help = help(&arguments(line));
        assert!(help.starts_with("익절과 손절\n\n사용법: kis-trade sell [옵션]\n\n옵션:\n"), "{help}");
    }
    let help = help(&arguments("kis-trade --help"));
    for words in ["사용법: kis-trade [옵션] <명령>\n\n명령:\n", "\n옵션:\n", "종료 코드:", "complete-fish]"]
    {
        assert!(help.contains(words), "{words}: {help}");
    }
    check("help", &Sentence { en: "help".to_owned(), ko: help });
}
