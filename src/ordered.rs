//! Collects into the standard library's ordered maps and sets by inserting.
//!
//! Their own `collect` sorts first, by code that is compiled anew for each type: 4 KiB for each of thirty, which every run, over in
//! milliseconds, would have in memory for a handful of items.

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
