//! The 64 parts that subjects are spread over, the same for ever.
//!
//! A bucket is what one primary changes atomically: its subjects, its index and its stream share a
//! hash tag. The first six bits of a subject's key choose it, so the order of keys is the order of
//! buckets.

use jeton::SubjectKey;

/// How many buckets there are.
pub(super) const BUCKETS: usize = 64;

/// Tag `i` hashes into the slots from 256·i on, so whatever part of a Cluster's slots a node has, it
/// has that part of the buckets.
const TAGS: [&str; BUCKETS] = [
    "10", "18", "cc", "03", "29", "21", "3", "f1", "69", "0b", "1a", "b1", "b", "58", "a0",
    "2d", //
    "11", "19", "cb", "02", "28", "20", "2", "f0", "68", "0c", "1d", "b0", "c", "59", "a1",
    "2a", //
    "12", "bb", "09", "01", "ac", "23", "1", "9", "c0", "0d", "1c", "78", "d", "fb", "49",
    "2b", //
    "13", "bc", "08", "00", "ab", "22", "0", "8", "c1", "0a", "1b", "79", "a", "fc", "48",
    "2c", //
];

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Bucket(u8);

impl Bucket {
    /// Where a subject is.
    pub(super) const fn of(subject: SubjectKey) -> Self {
        let [first, ..] = *subject.as_bytes();
        Self(first >> 2)
    }

    /// All, in order.
    pub(super) fn all() -> impl Iterator<Item = Self> + Clone {
        (0..64).map(Self)
    }

    /// Which one, from 0.
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The one of this number; there are no more than 64.
    pub(super) const fn at(number: u8) -> Self {
        Self(number % 64)
    }

    /// Its number.
    pub(super) const fn number(self) -> u8 {
        self.0
    }

    /// The first of all subjects that it could have.
    pub(super) const fn first_subject(self) -> SubjectKey {
        let mut bytes = [0; 16];
        bytes[0] = self.0 << 2;
        SubjectKey::from_bytes(bytes)
    }

    /// What its keys have between braces.
    pub(super) fn tag(self) -> &'static str {
        TAGS.get(self.index()).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// CRC16 (XMODEM) modulo 16384, as the Cluster specification has it.
    fn slot(tag: &str) -> usize {
        let crc = tag.bytes().fold(0_u16, |crc, byte| {
            (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
            })
        });
        usize::from(crc) % 16_384
    }

    #[test]
    fn slots_are_counted_as_the_specification_says() {
        assert_eq!(slot("123456789"), 0x31C3);
    }

    #[test]
    fn each_tag_is_in_its_own_part_of_the_slots() {
        for bucket in Bucket::all() {
            assert_eq!(slot(bucket.tag()) / 256, bucket.index(), "{bucket:?}");
        }
        let tags: BTreeSet<_> = Bucket::all().map(Bucket::tag).collect();
        assert_eq!(tags.len(), BUCKETS);
    }

    #[test]
    fn the_order_of_subjects_is_the_order_of_buckets() {
        let mut subjects: Vec<_> =
            (0..1_000).map(|n: u32| SubjectKey::of(&n.to_string())).collect();
        subjects.sort_unstable();

        assert!(subjects.iter().map(|subject| Bucket::of(*subject)).is_sorted());
        assert!(Bucket::all().all(|bucket| Bucket::of(bucket.first_subject()) == bucket));
        assert_eq!(Bucket::of(SubjectKey::ISSUER), Bucket(0));
        assert_eq!(Bucket::of(SubjectKey::from_bytes([0xff; 16])), Bucket(63));
    }
}
