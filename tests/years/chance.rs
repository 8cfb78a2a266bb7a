//! The one source of chance, SplitMix64: whatever is not certain in a world is drawn here. In a world whose choices are made
//! one after the other ([`crate::explorer`]) nothing is drawn.

/// Where numbers come from.
#[derive(Clone, Debug)]
pub enum Chance {
    /// A stream that its seed decides.
    Drawn(u64),
    /// Nothing is left to chance.
    Fixed(Luck),
}

/// What comes instead of a draw.
#[derive(Clone, Copy, Debug)]
pub struct Luck {
    /// Which number is drawn of so many.
    pub below: fn(u64) -> u64,
    /// Whether it happens, be it ever so rare.
    pub happens: bool,
}

impl Luck {
    /// Nothing rare happens, and what goes up and down stands still.
    pub const EVEN: Luck = Luck { below: |bound| bound / 2, happens: false };
}

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Chance {
        Chance::Drawn(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        match self {
            Chance::Drawn(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                mixed(*state) % bound
            }
            Chance::Fixed(luck) => (luck.below)(bound),
        }
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        match self {
            Chance::Drawn(_) => least + self.below(most - least + 1),
            Chance::Fixed(_) => least,
        }
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: u64) -> bool {
        match self {
            Chance::Drawn(_) => self.below(times) == 0,
            Chance::Fixed(luck) => luck.happens,
        }
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        match self {
            Chance::Drawn(_) => among[usize::try_from(self.below(among.len() as u64)).unwrap()],
            Chance::Fixed(_) => among[0],
        }
    }
}

/// Well-mixed bits of a number.
pub fn mixed(number: u64) -> u64 {
    let mut bits = number;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
