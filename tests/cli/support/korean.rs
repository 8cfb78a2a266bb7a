//! Finds English prose in what a run says in Korean.

/// The fewest letters of a word; shorter ones stand in units and names, as words in capitals are tickers and time zones.
const LEAST_LETTERS: usize = 3;

/// Returns every run of two or more plain English words, without repeats. English that docs/settings.md ("What stays English")
/// allows does not look like prose, so it is not found: commands are in backquotes, keys in brackets, file names contain a dot,
/// reasons an underscore, and tickers and codes are in capitals.
pub fn english_in(text: &str) -> Vec<String> {
    let mut phrases: Vec<String> = text.lines().flat_map(phrases_of).collect();
    phrases.sort();
    phrases.dedup();
    phrases
}

fn phrases_of(line: &str) -> Vec<String> {
    let prose = line.split('`').step_by(2).collect::<Vec<_>>().join(" | ");
    let is_mark = |letter: char| matches!(letter, '.' | ',' | ':' | ';' | '?' | '!' | '(' | ')' | '"' | '\'');
    let is_word = |word: &&str| {
        let bare = word.trim_matches(is_mark).trim_end_matches("'s");
        bare.len() >= LEAST_LETTERS
            && bare.bytes().all(|byte| byte.is_ascii_alphabetic())
            && bare.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    // A comma ends a phrase: lists of names are no prose.
    let prose = prose.replace(", ", " | ");
    let words: Vec<&str> = prose.split_whitespace().collect();
    let runs = words.split(|word| !is_word(word)).filter(|run| run.len() > 1);
    runs.map(|run| run.join(" ")).collect()
}

#[test]
fn prose_is_told_from_names() {
    for (text, phrases) in [
        ("주문 일지 /home/kim/state/orders-2027-03.jsonl을 읽을 수 없습니다", &[][..]),
        ("`kis-trade cleanup --settle foreign=all-of-today`를 실행하세요", &[]),
        ("경고: EOF at 1행", &[]),
        ("경고: the cause was found", &["the cause was found"]),
        ("원인: Connection refused (os error 111)", &["Connection refused"]),
        ("KIS's gateway answers\n다음 줄", &["gateway answers"]),
        ("2023-05-24 10:30 EDT KIS AAPL buy 21주", &[]),
        ("쓸 수 있는 이름: filter, watch, picks", &[]),
        ("  AAPL  too_young  [buy] watch --settle", &[]),
    ] {
        assert_eq!(english_in(text), phrases, "{text}");
    }
}
