//! What KIS's answers are made of: JSON with keys in document order, number formats, codes and texts.

pub mod answer;
pub mod codes;
pub mod format;
pub mod json;
