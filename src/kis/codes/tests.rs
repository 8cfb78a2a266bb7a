//! The list is whole, and the pages are made of it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::{env, fs};

use super::*;

const SECTIONS: [(&str, &str, &str); 6] = [
    ("token", "The token", "접근토큰"),
    ("keys", "App key and app secret", "앱키와 앱시크릿"),
    ("mode", "Paper or real, and the account", "모의투자와 실전투자, 계좌"),
    ("pace", "Too fast", "요청 속도"),
    ("service", "KIS itself", "KIS 서비스"),
    ("order", "Refused orders", "거부된 주문"),
];

/// A page's beginning, in English and in Korean.
const HEADS: [&str; 2] = [
    "# Troubleshooting: what KIS's codes mean\n\n[한국어](troubleshooting.ko.md)\n\nThe program prints the same with each error. A code that is not here has \
     no certain meaning: an order refused\nwith it counts as unknown and is looked up, never resent. `…` is the rest of KIS's message.\n\n\
     *Concerns* says where the cause of a refusal lies. Market and account: the run sends nothing more, no symbol is blamed, and each\nlater run tries \
     one order. Symbol and order: after two refusals the symbol is not bought, or not sold, for the rest of the day; a stop\nloss is tried again once an hour.\n",
    "# 문제 해결: KIS 응답 코드의 뜻\n\n[English](troubleshooting.md)\n\n오류가 나면 프로그램도 같은 설명을 보여 줍니다. 여기 없는 코드는 뜻이 확실하지 않은 것입니다. 그런 코드로 거부된 \
     주문은\n결과가 확정되지 않은 주문으로 보고 조회하며, 다시 보내지 않습니다. `…`는 줄인 부분입니다.\n\n\
     *대상*은 거부된 원인이 어디에 있는지입니다. 시장과 계좌: 그 실행에서는 더 보내지 않고, 특정 종목의 문제로 보지 않으며, 다음\n실행마다 주문 \
     하나로 다시 시도합니다. 종목과 주문: 두 번 거부되면 그 종목을 그날은 더 사지(매도라면 팔지) 않습니다. 손절은 한 시간에\n한 번 다시 시도합니다.\n",
];

fn page(language: usize) -> String {
    let mut text = HEADS[language].to_owned();
    let heads = ["| code | concerns | what it means | what to do |", "| 코드 | 대상 | 뜻 | 할 일 |"];
    for (section, en, ko) in SECTIONS {
        write!(text, "\n## {}\n\n{}\n|---|---|---|---|\n", [en, ko][language], heads[language]).unwrap();
        for advice in LIST.iter().filter(|advice| advice.section == section) {
            let codes = advice.codes.values().flatten().map(|code| format!("`{code}`"));
            let words = advice.words.values().flatten().map(|words| format!("`…{words}…`"));
            let names: Vec<String> = codes.chain(words).collect();
            let Words { means, todo } = [&advice.en, &advice.ko][language];
            writeln!(text, "| {} | {} | {means} | {todo} |", names.join(", "), concerns(advice, language)).unwrap();
        }
    }
    text
}

/// Whom an entry concerns, each once.
fn concerns(advice: &Advice, language: usize) -> String {
    let classes: BTreeSet<Class> = advice.codes.keys().chain(advice.words.keys()).copied().collect();
    let concerns: BTreeSet<Concern> = classes.into_iter().map(Class::concern).collect();
    let word = |concern: Concern| match (language, concern) {
        (0, _) => concern.word(),
        (_, Concern::Market) => "시장",
        (_, Concern::Account) => "계좌",
        (_, Concern::Symbol) => "종목",
        (_, Concern::Order) => "주문",
        (_, Concern::Token) => "접근토큰",
        (_, Concern::Pacing) => "요청 속도",
        (_, Concern::Unknown) => "알 수 없음",
    };
    // Nothing certain is said only where nothing else is.
    let known = concerns.iter().filter(|concern| **concern != Concern::Unknown || concerns.len() == 1);
    known.map(|concern| word(*concern)).collect::<Vec<_>>().join(", ")
}

/// `WRITE_PAGES=1 cargo test --lib kis::codes` writes them anew.
#[test]
#[allow(clippy::disallowed_methods, reason = "pages of the repository, no state")]
fn the_troubleshooting_pages_say_what_the_errors_say() {
    for (language, path) in ["docs/troubleshooting.md", "docs/troubleshooting.ko.md"].into_iter().enumerate() {
        let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
        if env::var_os("WRITE_PAGES").is_some() {
            fs::write(&path, page(language)).unwrap();
        }
        assert!(fs::read_to_string(&path).unwrap() == page(language), "{path}: write it anew with WRITE_PAGES=1");
    }
}

#[test]
fn the_list_is_read_whole_and_no_code_has_two_meanings() {
    let mut seen = BTreeSet::new();
    for advice in LIST.iter() {
        assert!(SECTIONS.iter().any(|(section, ..)| *section == advice.section), "{advice:?}");
        assert!(!advice.codes.is_empty() || !advice.words.is_empty(), "{advice:?}");
        for code in advice.codes.values().flatten() {
            assert!(seen.insert(code.clone()), "{code} twice");
        }
        for words in [&advice.en, &advice.ko] {
            assert!(words.means.ends_with('.') && words.todo.ends_with('.'), "{words:?}");
            assert!(!format!("{words:?}").contains('|'), "a table's bar in {words:?}");
        }
    }
    // `token.rs` judges EGW00133 by itself; of the others any request can meet, KIS publishes the words.
    for code in "EGW00115 EGW00116 EGW00133 EGW00204 EGW00303 OPSQ0001 OPSQ0004 OPSQ0005 OPSQ0006 OPSQ0007 OPSQ2003 \
                 OPSQ3001 OPSQ3002 OPSQ9995 OPSQ9996 OPSQ9997 OPSQ9998 OPSQ9999"
        .split(' ')
    {
        assert!(seen.contains(code) && class_of(code) == Class::Nothing, "{code}");
    }
    assert!(seen.len() > 80 && class_of("EGW99999") == Class::Nothing, "{}", seen.len());
}

#[test]
fn words_win_over_codes() {
    let means =
        |code: &str, message: &str| of_text(&format!("KIS said: {code} ({message})")).map(|advice| &advice.en.means);
    assert_eq!(means("EGW00123", "").unwrap(), "The token has expired.");
    assert!(means("EGW00213", "모의투자 TR  이 아닙니다.").unwrap().contains("paper host"));
    assert!(means("EGW00213", "제휴사명(corpname)은 필수 입니다.").unwrap().contains("partner company"));
    assert!(means("", "모의투자 주문처리가 안되었습니다(매매불가 종목)").unwrap().contains("halted"));
    assert_eq!(means("EGW99999", "모르는 말"), None);
}
