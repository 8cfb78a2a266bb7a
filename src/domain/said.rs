//! States and modes as people read them: their words in English, a broker's words in Korean.

use std::fmt;

use crate::domain::{IntentState, Mode, Phase, TokenState};
use crate::language::{Language, Say};

impl Say for Mode {
    fn say(&self, language: Language) -> impl fmt::Display {
        match (language, self) {
            (Language::English, mode) => mode.banner(),
            (Language::Korean, Mode::Paper) => "모의",
            (Language::Korean, Mode::Real) => "실전",
        }
    }
}

impl Say for Phase {
    fn say(&self, language: Language) -> impl fmt::Display {
        match (language, self) {
            (Language::English, phase) => phase.word(),
            (Language::Korean, Phase::Regular) => "정규장",
            (Language::Korean, Phase::Pre) => "프리마켓",
            (Language::Korean, Phase::After) => "애프터마켓",
            (Language::Korean, Phase::Closed) => "휴장",
        }
    }
}

impl Say for TokenState {
    fn say(&self, language: Language) -> impl fmt::Display {
        match (language, self) {
            (Language::English, state) => state.word(),
            (Language::Korean, TokenState::Valid) => "유효",
            (Language::Korean, TokenState::Renewed) => "갱신됨",
            (Language::Korean, TokenState::Expired) => "만료",
            (Language::Korean, TokenState::Missing) => "없음",
        }
    }
}

impl Say for IntentState {
    fn say(&self, language: Language) -> impl fmt::Display {
        match (language, self) {
            (Language::English, state) => state.word(),
            (Language::Korean, IntentState::Unknown) => "결과 미확정",
            (Language::Korean, IntentState::Ambiguous) => "직접 확인 필요",
            (Language::Korean, IntentState::Accepted) => "접수",
            (Language::Korean, IntentState::Filled) => "체결",
            (Language::Korean, IntentState::Cancelled) => "취소",
            (Language::Korean, IntentState::Replaced) => "외부 정정",
            (Language::Korean, IntentState::Rejected) => "거부",
            (Language::Korean, IntentState::Expired) => "장 마감으로 종료",
            (Language::Korean, IntentState::Absent) => "미접수",
            (Language::Korean, IntentState::NotSent) => "미전송",
        }
    }
}

#[cfg(test)]
crate::language::samples! {
    Mode => Mode::Paper,
    Phase => Phase::Regular,
    TokenState => TokenState::Valid,
    IntentState => IntentState::Accepted,
}
