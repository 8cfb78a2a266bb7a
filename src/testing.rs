//! What unit tests of several rooms share: bent inputs for the parsers, and stories driven step by step.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

#[path = "../tests/fuzz/driver.rs"]
mod driver;

pub(crate) use driver::{Random, fuzz, shortest};

/// Drives a story to its end.
pub(crate) fn block_on<T>(story: impl Future<Output = T>) -> T {
    poll_times(story, u32::MAX).expect("an end")
}

/// Drives a story through its first `count - 1` borders, and kills it there.
pub(crate) fn poll_times<T>(story: impl Future<Output = T>, count: u32) -> Option<T> {
    let mut story = pin!(story);
    let mut context = Context::from_waker(Waker::noop());
    (0..count).find_map(|_| match story.as_mut().poll(&mut context) {
        Poll::Ready(end) => Some(end),
        Poll::Pending => None,
    })
}

/// A border of a desk made up for a test: a story stops here once, and may be killed.
pub(crate) async fn border() {
    let mut has_stopped = false;
    poll_fn(|_| if mem::replace(&mut has_stopped, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}
