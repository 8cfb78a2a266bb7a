//! What is printed before a configuration says which language: in Korean where the locale is Korean.

use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::support::harness::Run;
use crate::support::korean::english_in;

/// A run in an empty folder, with nothing but a locale in its environment.
fn run(folder: &TempDir, locale: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kis-trade"));
    command.env_clear().env("TZ", "UTC").envs(locale.iter().copied());
    Run::of(command.current_dir(folder.path()).args(arguments).output().unwrap())
}

fn korean(arguments: &[&str]) -> Run {
    run(&TempDir::new().unwrap(), &[("LANG", "ko_KR.UTF-8")], arguments)
}

#[track_caller]
fn reads_korean(text: &str) {
    assert!(text.contains(|letter| matches!(letter, '가'..='힣')), "{text}");
    assert_eq!(english_in(text), Vec::<String>::new(), "{text}");
}

#[test]
fn help_is_korean_where_the_locale_is() {
    for arguments in [&["--help"][..], &["help"], &["-h"]] {
        let help = korean(arguments);
        assert_eq!((help.code, help.stderr.as_str()), (0, ""));
        reads_korean(&help.stdout);
        for words in ["\n사용법: kis-trade [옵션] <명령>\n", "\n명령:\n", "\n옵션:\n", "  -h, --help", "종료 코드:\n"]
        {
            assert!(help.stdout.contains(words), "{words}: {}", help.stdout);
        }
    }
    for command in ["sell", "buy", "cleanup", "status", "token-check"] {
        let help = korean(&["help", command]);
        assert_eq!((help.code, &help.stdout), (0, &korean(&[command, "--help"]).stdout));
        assert!(help.stdout.contains(&format!("\n사용법: kis-trade {command} [옵션]\n")), "{}", help.stdout);
        reads_korean(&help.stdout);
    }
}

#[test]
fn the_first_variable_of_the_locale_that_is_set_decides() {
    let folder = TempDir::new().unwrap();
    for (locale, is_korean) in [
        (&[][..], false),
        (&[("LANG", "en_US.UTF-8")], false),
        (&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C.UTF-8")], false),
        (&[("LANG", "ko_KR.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")], false),
        (&[("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "ko_KR.UTF-8")], true),
        (&[("LANG", "ko")], true),
    ] {
        let help = run(&folder, locale, &["--help"]).stdout;
        assert_eq!((help.contains("사용법:"), help.contains("Usage:")), (is_korean, !is_korean), "{locale:?}");
        let page = run(&folder, locale, &["--generate", "man"]).stdout;
        assert_eq!((page.contains(".SH 이름\n"), page.contains(".SH NAME\n")), (is_korean, !is_korean), "{locale:?}");
    }
}

#[test]
fn a_usage_error_is_korean_and_its_json_english() {
    for (arguments, said) in [
        (&["hodl"][..], "오류: 알 수 없는 명령입니다: 'hodl'\n"),
        (&["buy", "--fast"], "오류: 알 수 없는 인자입니다: '--fast'\n"),
        (&["-v", "-q", "sell"], "오류: 함께 쓸 수 없는 인자입니다: '--verbose', '--quiet'\n"),
    ] {
        let refused = korean(arguments);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(refused.stderr.starts_with(said), "{}", refused.stderr);
        reads_korean(&refused.stderr);
        let object = korean(&[arguments, &["--json"]].concat()).object();
        assert_eq!((&object["exit_code"], &object["reason"]), (&json!(2), &json!("usage")));
        assert_eq!(object["next"], "run `kis-trade --help`");
        assert!(object.to_string().is_ascii(), "{object:#}");
    }
    let nothing = korean(&[]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (2, ""));
    assert!(nothing.stderr.contains("\n사용법: kis-trade "), "{}", nothing.stderr);
}

#[test]
fn a_broken_configuration_is_korean_where_the_locale_is_and_its_json_english() {
    let folder = TempDir::new().unwrap();
    let locale = [("LANG", "ko_KR.UTF-8")];
    let missing = run(&folder, &locale, &["status"]);
    assert_eq!((missing.code, missing.stdout.as_str()), (78, ""));
    reads_korean(&missing.stderr);
    let text = "language = \"en\"\nmode = \"papr\"\n[buy]\nwatch = []\npicks = 0\nspeed = 1\n";
    std::fs::write(folder.path().join("config.toml"), text).unwrap();
    let broken = run(&folder, &locale, &["status"]);
    assert_eq!(broken.code, 78);
    for words in [
        "config.toml에 잘못된 곳이 4건 있습니다\n",
        "2번째 줄: mode = \"papr\": 쓸 수 있는 값은 \"paper\", \"real\"입니다\n",
        "5번째 줄: [buy] picks = 0: 1에서 1000 사이의 값이어야 합니다\n",
    ] {
        assert!(broken.stderr.contains(words), "{words}: {}", broken.stderr);
    }
    reads_korean(&broken.stderr);
    let object = run(&folder, &locale, &["--json", "status"]).object();
    let detail = object["detail"].as_str().unwrap();
    assert!(detail.contains("line 2: mode = \"papr\": must be \"paper\" or \"real\"\n"), "{detail}");
    let english = run(&folder, &[("LANG", "C")], &["status"]).stderr;
    assert!(english.contains("config.toml has 4 problems\n"), "{english}");
}

#[test]
fn a_configuration_that_was_read_decides_whatever_the_locale_says() {
    let folder = TempDir::new().unwrap();
    let stderr = |language: &str, locale| {
        std::fs::write(folder.path().join("config.toml"), format!("{language}[buy]\nwatch = [\"SOUN\"]\n")).unwrap();
        let refused = run(&folder, &[("LANG", locale)], &["status"]);
        assert_eq!(refused.code, 78, "{}", refused.stderr);
        refused.stderr
    };
    let by_default = stderr("", "C");
    assert!(by_default.contains("인증 정보가 없습니다\n"), "{by_default}");
    reads_korean(&by_default);
    let english = stderr("language = \"en\"\n", "ko_KR.UTF-8");
    assert!(english.contains("no credentials are set\n"), "{english}");
}

#[test]
fn a_crontab_is_judged_in_korean_and_its_json_english() {
    let folder = TempDir::new().unwrap();
    let text = "CRON_TZ=America/New_York\r\n*/30 9-15 * * 1-5 trader ./kis-trade sell\n61 * * * * x\n\
        0 * * * * KIS_APP_KEY=x kis-trade buy\n0 * * * * kis-trade -q buy\n@hourly kis-trade hodl 2> /dev/null\n\
        5/10 * * * * kis-trade cleanup";
    std::fs::write(folder.path().join("mine"), text).unwrap();
    let locale = [("LANG", "ko_KR.UTF-8")];
    let judged = run(&folder, &locale, &["status", "--check-schedule", "mine"]);
    assert_eq!(judged.code, 78);
    reads_korean(&judged.stdout);
    reads_korean(&judged.stderr);
    for words in [
        "mine:3: bad_line: cron이 실행할 수 없는 줄입니다. 분 칸에 \"61\"을 쓸 수 없습니다\n",
        "mine:6: unknown_command: kis-trade가 받지 않는 인자입니다. 알 수 없는 명령입니다: 'hodl'\n",
        "mine:7: bad_line: cron이 실행할 수 없는 줄입니다. 분 칸에 범위 없이 간격만 있습니다. 5-59/10으로 적으세요\n",
        "mine:2: misses_market: sell이 20",
    ] {
        assert!(judged.stdout.contains(words), "{words}: {}", judged.stdout);
    }
    let object = run(&folder, &locale, &["--json", "status", "--check-schedule", "mine"]).object();
    assert!(object.to_string().is_ascii(), "{object:#}");
    assert!(object["findings"].as_array().unwrap().len() > 8, "{object:#}");
    let clean = run(&folder, &locale, &["status", "--check-schedule", "nowhere"]);
    assert_eq!(clean.code, 78);
    reads_korean(&clean.stderr);
}
