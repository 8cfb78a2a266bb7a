//! What is said of a configuration in Korean: each refused line, without English in it.

use super::lines::refused_lines;
use super::*;

/// Words that are names in both languages.
const NAMES: [&str; 1] = ["KIS Developers"];

/// Two English words one after the other, outside of quotes of any kind.
fn english(text: &str) -> Option<String> {
    let prose: String = text.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let prose: String = prose.split('"').step_by(2).collect::<Vec<_>>().join("\"");
    let is_word = |word: &str| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'\'');
    let words: Vec<&str> = prose.split_whitespace().collect();
    let pairs = words.windows(2).map(|pair| (pair[0], pair[1].trim_end_matches(['.', ',', ':', ';', '?', ')'])));
    let found = pairs.filter(|(first, second)| is_word(first) && is_word(second));
    found.map(|(first, second)| format!("{first} {second}")).find(|pair| !NAMES.contains(&pair.as_str()))
}

/// Whether a text is fit to be read by somebody who reads Korean only.
#[track_caller]
fn reads_korean(text: &str) {
    assert!(text.contains(|letter| matches!(letter, '가'..='힣')), "{text}");
    assert_eq!(english(text), None, "{text}");
    assert!(
        !["을(를)", "이(가)", "은(는)", "과(와)", "(으)로", "(이)"].iter().any(|both| text.contains(both)),
        "{text}"
    );
}

fn failure_reads_korean(failure: &Failure) {
    for sentence in [&failure.said.what, &failure.said.because, &failure.said.next] {
        sentence.ko.lines().for_each(reads_korean);
        assert_eq!(sentence.en.lines().count(), sentence.ko.lines().count(), "{sentence:?}");
    }
}

#[test]
fn every_refused_line_is_named_in_korean() {
    for (section, line) in refused_lines() {
        let failure = load_text(with_line(section, line)).expect_err(line);
        failure_reads_korean(&failure);
        assert!(failure.said.because.ko.starts_with("2번째 줄: "), "{}", failure.said.because.ko);
        assert!(!failure.said.because.ko.contains("sesame"), "{}", failure.said.because.ko);
    }
}

#[test]
fn so_is_what_the_whole_file_lacks_or_has_too_much_of() {
    for text in [
        "",
        "buy = 1\n",
        "[pong]\nx = 1\n[buy]\nwatch = [\"A\"]\n",
        "[[buy]]\nwatch = [\"A\"]\n",
        "[limits]\nmax_order_usd = 900\nmax_buy_usd_per_day = 800\n[buy]\nwatch = [\"A\"]\n",
        "a = 1\na = 2\n",
    ] {
        failure_reads_korean(&load_text(text).expect_err(text));
    }
    let unknown = (0..200).map(|index| format!("key{index} = 1\n")).collect::<String>();
    let because = load_text(unknown).unwrap_err().said.because.ko;
    assert!(because.lines().last().unwrap().starts_with("그 밖에 ") && because.ends_with("건 더"), "{because}");
}

#[test]
fn so_are_files_variables_and_credentials() {
    let none = Environment::default();
    let of = |pairs: &[(&str, &str)]| Environment::from_pairs(pairs.iter().copied());
    let (folder, path) = folder_with(MINIMAL);
    failure_reads_korean(&load(&folder.path().join("nowhere.toml"), None, &none).unwrap_err());
    failure_reads_korean(&load(folder.path(), None, &none).unwrap_err());
    failure_reads_korean(&load(&path, Some(Path::new("")), &none).unwrap_err());
    let settings = load(&path, None, &none).unwrap();
    let now = rehearsal_now(&settings, &of(&[("KIS_TRADE_NOW", "2027-03-09T14:30:00Z")])).unwrap_err();
    failure_reads_korean(&now);
    for pairs in [
        &[][..],
        &[("KIS_APP_KEY", "x")],
        &[("KIS_APP_KEY", "x y"), ("KIS_APP_SECRET", "CHANGEME"), ("KIS_ACCOUNT_NO", "12345678")],
        &[("KIS_APP_KEY", ""), ("KIS_APP_SECRET", "x"), ("KIS_ACCOUNT_NO", "1234567801")],
    ] {
        failure_reads_korean(&load_credentials(&settings, &of(pairs)).unwrap_err());
    }
    let said = load_credentials(&settings, &of(&[("KIS_APP_KEY", "x")])).unwrap_err();
    assert_eq!(said.said.what.ko, "환경 변수의 인증 정보가 일부 빠져 있습니다");
}

#[test]
fn english_is_found_where_it_should_not_be() {
    for (text, found) in [
        ("must be 1에서 120 사이", None),
        ("the value must be right", Some("the value")),
        ("`no such file` 파일이 \"not there\"", None),
        ("KIS Developers에서", None),
        ("kind, url, level", None),
    ] {
        assert_eq!(english(text).as_deref(), found, "{text}");
    }
}
