//! Why people may not have been told.

/// Why a message may not have arrived: for people, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotDelivered {
    /// True when it may have arrived all the same.
    pub is_doubtful: bool,
    /// What happened.
    pub why: String,
}

impl NotDelivered {
    pub(super) fn surely(why: impl Into<String>) -> NotDelivered {
        NotDelivered { is_doubtful: false, why: why.into() }
    }

    pub(super) fn perhaps(why: impl Into<String>) -> NotDelivered {
        NotDelivered { is_doubtful: true, why: why.into() }
    }
}
