//! Numbers that follow from a seed (`SplitMix64`).

pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of the numbers below this.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A place in something of this length.
    pub(super) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length.max(1) as u64)).unwrap_or_default()
    }

    pub(super) fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    /// How long a message is under way: mostly next to nothing.
    pub(super) fn way(&mut self) -> u64 {
        let most = match self.below(300) {
            0 => 6_000,
            1..=20 => 150,
            _ => 5,
        };
        1 + self.below(most)
    }

    /// How far a clock is off: mostly a little, sometimes by minutes. (By more than R, and a failover
    /// looks like an old backup: closed until somebody says otherwise.)
    pub(super) fn skew(&mut self) -> u64 {
        match self.below(4) {
            0 => 300_000,
            1 => self.below(20_000),
            _ => self.below(50),
        }
    }
}
