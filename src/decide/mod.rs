//! Facts and time in, plans out: pure.
