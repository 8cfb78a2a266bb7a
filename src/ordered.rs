//! Collects into the standard library's ordered maps and sets by inserting.
//!
//! `collect` sorts first, and every type gets a copy of that sort: about 4 KiB each, for thirty types. Every run would load them
//! all to sort a handful of items.

/// Inserts one item after the other.
pub trait Ordered: Iterator + Sized {
    /// A map or a set of all items. Of two with the same key the later one stays, as with `collect`.
    fn ordered<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }
}

impl<I: Iterator> Ordered for I {}
