//! The events of the token.

use chrono::TimeDelta;

use super::ko_reason;
use crate::decide::token_life::{cause, span};
use crate::domain::notice::Words;
use crate::exit::Failure;

/// KIS gave a token.
pub fn renewed(left: TimeDelta) -> Words {
    Words {
        en: format!("the token was renewed and lives for {}", span(left)),
        ko: format!("접근토큰 갱신: 남은 시간 {}", ko_span(left)),
    }
}

/// A token was due and none was had; `then` says which one is used.
pub fn not_renewed(failure: &Failure, then: &str, left: TimeDelta) -> Words {
    Words {
        en: format!("the token was not renewed{then}: {}; it lives for {}", cause(failure), span(left)),
        ko: format!("접근토큰 갱신 실패: 남은 시간 {} · {}", ko_span(left), ko_reason(failure.reason)),
    }
}

/// A run without a token.
pub fn no_token(failure: &Failure) -> Words {
    Words {
        en: format!("there is no usable token: {}", cause(failure)),
        ko: format!("쓸 수 있는 접근토큰이 없습니다 · {}", ko_reason(failure.reason)),
    }
}

/// A token near its end.
pub fn expiring(left: TimeDelta) -> Words {
    Words {
        en: format!("the token lives for {} only", span(left)),
        ko: format!("접근토큰 만료 임박: 남은 시간 {}", ko_span(left)),
    }
}

/// KIS refused a token, with its words.
pub fn refused(words: &str, left: TimeDelta) -> Words {
    Words {
        en: format!("KIS refused the token ({words}), {} before its time", span(left)),
        ko: format!("접근토큰 거부: {words} · 만료까지 {} 남아 있었습니다", ko_span(left)),
    }
}

fn ko_span(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}초"),
        (0, _) => format!("{minutes}분 {}초", seconds % 60),
        _ => format!("{hours}시간 {minutes}분"),
    }
}
