//! HTTP/1.1 in plain std: reading requests, writing answers, serving loopback.
//!
//! Knows nothing of KIS. Chunked request bodies are refused; no KIS client sends them.

pub mod message;
pub mod server;
