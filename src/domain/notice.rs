//! What a human should hear of, in words fit to be sent as they are.

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeKind {
    /// KIS gave a token, and it is on disk.
    TokenRenewed,
    /// A token was due or needed, and none was had.
    TokenRenewalFailed,
    /// The token lives for less than `[token] warn_at_hours_left`.
    TokenExpiring,
    /// KIS refused a token in use (EGW00121, EGW00122, EGW00123).
    TokenRefused,
}

impl NoticeKind {
    /// The word that users match on.
    pub fn word(self) -> &'static str {
        match self {
            NoticeKind::TokenRenewed => "token_renewed",
            NoticeKind::TokenRenewalFailed => "token_renewal_failed",
            NoticeKind::TokenExpiring => "token_expiring",
            NoticeKind::TokenRefused => "token_refused",
        }
    }
}

/// Something that happened in a run: one event, as users call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// A sentence.
    pub detail: String,
    /// Seconds of life left in the token; `None` when there is none.
    pub seconds_left: Option<i64>,
}
