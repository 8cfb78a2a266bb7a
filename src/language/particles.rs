//! Korean particles, which have two forms: one after a consonant, one after a vowel. A text with values in it can't know which; it
//! states both, `을(를)`, and one is chosen by how the word before is read aloud.

/// Both forms as they are written, the one after a consonant, the one after a vowel.
const PARTICLES: [(&str, &str, &str); 6] = [
    ("을(를)", "을", "를"),
    ("이(가)", "이", "가"),
    ("은(는)", "은", "는"),
    ("과(와)", "과", "와"),
    ("(으)로", "으로", "로"),
    ("(이)", "이", ""),
];
/// What may stand between a word and its particle, and is not read aloud.
const SILENT: [char; 7] = ['`', '\'', '"', ')', ']', '}', '>'];

/// How a word ends when it is read aloud.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Vowel,
    /// The consonant ㄹ, after which 로 follows as after a vowel.
    Rieul,
    Consonant,
}

/// Chooses the form of each particle that is written in both.
pub fn fit(text: String) -> String {
    if !text.contains('(') {
        return text;
    }
    let mut fitted = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(next) = rest.chars().next() {
        match PARTICLES.iter().find(|(both, ..)| rest.starts_with(both)) {
            Some((both, after_consonant, after_vowel))
                if fitted.chars().next_back().is_some_and(|before| !before.is_whitespace()) =>
            {
                let is_vowel = match ending(&fitted) {
                    Ending::Vowel => true,
                    Ending::Rieul => *both == "(으)로",
                    Ending::Consonant => false,
                };
                fitted.push_str(if is_vowel { after_vowel } else { after_consonant });
                rest = &rest[both.len()..];
            }
            _ => {
                fitted.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    fitted
}

fn ending(text: &str) -> Ending {
    match text.chars().rev().find(|letter| !SILENT.contains(letter)) {
        // A syllable's number counts its 28 endings last: none, and ㄹ as the ninth.
        Some(syllable @ '가'..='힣') => match (u32::from(syllable) - u32::from('가')) % 28 {
            0 => Ending::Vowel,
            8 => Ending::Rieul,
            _ => Ending::Consonant,
        },
        // 일, 칠, 팔.
        Some('1' | '7' | '8') => Ending::Rieul,
        // 영, 삼, 육.
        Some('0' | '3' | '6') => Ending::Consonant,
        // 엘 and 알, in a ticker; a file's name ends in 엘 as well, but in 어.
        Some('L' | 'R' | 'l') => Ending::Rieul,
        // 엠, 엔.
        Some('M' | 'N' | 'm' | 'n') => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_particle_fits_the_word_before_it() {
        for (both, fitted) in [
            ("일지을(를) 읽을 수 없습니다", "일지를 읽을 수 없습니다"),
            ("토큰을(를)", "토큰을"),
            ("AAPL이(가)", "AAPL이"),
            ("TSLA은(는)", "TSLA는"),
            ("`config.toml`(으)로", "`config.toml`로"),
            ("3(으)로", "3으로"),
            ("서울(으)로", "서울로"),
            ("1,000과(와) 5,002과(와)", "1,000과 5,002와"),
            ("AMZN(으)로", "AMZN으로"),
            ("주문(0040)을(를)", "주문(0040)을"),
            ("/tmp/rate(이)", "/tmp/rate"),
            ("(이) 앞에 말이 없으면 그대로", "(이) 앞에 말이 없으면 그대로"),
            ("괄호(설명)", "괄호(설명)"),
        ] {
            assert_eq!(fit(both.to_owned()), fitted);
        }
    }
}
