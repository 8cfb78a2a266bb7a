//! Starts one run.
fn main() {}
