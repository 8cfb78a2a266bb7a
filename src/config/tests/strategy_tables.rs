//! `[[strategy]]` beside other sections and files. Single keys are in `lines.txt`.

use super::*;

const V40: &str = "[[strategy]]\nname = \"tqqq\"\nkind = \"infinite_v40\"\nsymbol = \"TQQQ\"\n";
const PROGRAM: &str = "[[strategy]]\nname = \"dip\"\nkind = \"program\"\nsymbols = [\"SOXL\"]\nprincipal_usd = 9000\n";

fn program_of(settings: &Settings) -> &ProgramSettings {
    match &settings.strategies[0].rule {
        RuleSettings::Program(program) => program,
        other => panic!("{other:?}"),
    }
}

#[test]
fn limits_that_would_stop_infinite_buying_half_way_are_named() {
    for (principal, limits, named) in [
        (5000, "", vec![]),
        (20_000, "", vec!["max_position_usd is 5000.00, less than its principal of 20000.00 USD"]),
        (20_000, "max_position_usd = 0", vec![]),
        (20_000, "max_position_usd = 20000", vec![]),
        (
            120_000,
            "max_position_usd = 0",
            vec!["max_order_usd is 2000.00, less than a day's unit of 3000.00 USD (principal_usd / splits)"],
        ),
        (120_000, "max_position_usd = 0\nmax_order_usd = 3000", vec![]),
        (
            240_000,
            "",
            vec![
                "max_buy_usd_per_day is 5000.00, less than a day's unit of 6000.00 USD (principal_usd / splits)",
                "max_order_usd is 2000.00, less than a day's unit of 6000.00 USD (principal_usd / splits)",
                "max_position_usd is 5000.00, less than its principal of 240000.00 USD",
            ],
        ),
    ] {
        let file = format!("{MINIMAL}[limits]\n{limits}\n{V40}principal_usd = {principal}\n");
        let line = if limits.is_empty() { 5 } else { 4 + limits.lines().count() };
        let expected =
            named.iter().map(|named| format!("line {line}: strategy \"tqqq\": [limits] {named}; raise it\n"));
        let told = load_text(&file).map_or_else(|failure| format!("{}\n", failure.said.because.en), |_| String::new());
        assert_eq!(told, expected.collect::<String>(), "{file}");
        // The orders of a program are checked one by one.
        let program = format!("{MINIMAL}[limits]\n{limits}\n{PROGRAM}command = [\"x\"]\n");
        load_text(program.replace("9000", &principal.to_string())).unwrap();
    }
}

#[test]
fn with_a_strategy_there_may_be_nothing_to_watch() {
    let v40 = format!("{V40}principal_usd = 5000\n");
    let settings = load_text(&v40).unwrap();
    assert!(settings.buy.watch.is_empty());
    assert_eq!(settings.strategies[0].symbols.len(), 1);
    assert!(problems("strategy = []\n[buy]\nwatch = []\n").contains("[buy] watch"));
    assert!(problems(format!("[buy]\nwatch = []\n{v40}")).contains("[buy] watch"));
    assert!(problems("").contains("[buy] watch"));
}

#[test]
fn a_strategys_symbol_may_be_in_the_filter_but_neither_watched_nor_kept() {
    let v40 = format!("{V40}principal_usd = 5000\n");
    load_text(format!("[buy]\nfilter = [\"TQQQ\"]\nwatch = [\"SOUN\"]\n[sell]\npositions = \"all\"\n{v40}")).unwrap();
    let because = problems(format!("[buy]\nwatch = [\"NASD:TQQQ\"]\n[sell]\nkeep = [\"TQQQ\"]\n{v40}"));
    assert_eq!(
        because,
        "line 5: strategy \"tqqq\": TQQQ is in [buy] watch, too; take it out of one of them\n\
         line 5: strategy \"tqqq\": TQQQ is in [sell] keep, too; take it out of one of them"
    );
}

#[test]
fn a_programs_settings_are_handed_over_as_json() {
    let load_settings = |lines: &str| {
        let settings = load_text(format!("{PROGRAM}command = [\"x\"]\n{lines}")).unwrap();
        program_of(&settings).settings.0.clone()
    };
    for (lines, json) in [
        ("", "{}"),
        ("settings = {}", "{}"),
        (
            "settings = { symbol = \"SOXL\", days = [1, 2], is_on = true }",
            r#"{"symbol":"SOXL","days":[1,2],"is_on":true}"#,
        ),
        (
            "[strategy.settings]\nweight = 0.50\n[strategy.settings.of]\nSOXL = 1_000",
            r#"{"weight":0.50,"of":{"SOXL":1000}}"#,
        ),
    ] {
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&load_settings(lines)), value(json), "{lines}");
    }
    assert!(load_settings("settings = { weight = 0.50 }").contains("0.50"), "exactly as written");
}

#[test]
fn a_program_is_looked_for_beside_the_file_and_must_be_its_users_alone() {
    let (folder, path) =
        folder_with(format!("{PROGRAM}command = [\"rules/dip.py\", \"--more\", \"rules/words.txt\"]\n"));
    let load = || load(&path, None, &Environment::default());
    fs::create_dir(folder.path().join("rules")).unwrap();
    let at = |name: &str| folder.path().join("rules").join(name);
    put_secret(&at("dip.py"), "#!/bin/sh\n", 0o755);
    put_secret(&at("words.txt"), "x", 0o644);
    let whole = |name: &str| at(name).display().to_string();
    assert_eq!(program_of(&load().unwrap()).command, [whole("dip.py"), "--more".to_owned(), whole("words.txt")]);
    for name in ["dip.py", "words.txt"] {
        fs::set_permissions(at(name), Permissions::from_mode(0o775)).unwrap();
        let because = load().unwrap_err().said.because.en;
        assert!(
            because.starts_with("line 1: ") && because.contains(&format!("others can change {}", whole(name))),
            "{because}"
        );
        fs::set_permissions(at(name), Permissions::from_mode(0o755)).unwrap();
    }
    // Only root can give a file away.
    if std::os::unix::fs::chown(at("words.txt"), Some(12_345), None).is_ok() {
        let because = load().unwrap_err().said.because;
        assert!(because.en.contains("belongs to user 12345"), "{because}");
    }
}
