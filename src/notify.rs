//! Tells a human: through the user's own program, or through a service. One try each, within a time limit.
//!
//! Whatever the other side does, the run that told it goes on. It must not touch files or decide what is told.

mod hook;
mod http;
mod target;

pub use hook::run_hook;
pub use http::ping;
pub use target::send;

/// Why a message may not have arrived: for people, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTold {
    /// True when it may have arrived all the same.
    pub is_doubtful: bool,
    /// What happened.
    pub why: String,
}

impl NotTold {
    fn surely(why: impl Into<String>) -> NotTold {
        NotTold { is_doubtful: false, why: why.into() }
    }

    fn perhaps(why: impl Into<String>) -> NotTold {
        NotTold { is_doubtful: true, why: why.into() }
    }
}
