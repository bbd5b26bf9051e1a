//! Places in a stream: how Redis writes them, and how the port counts them.
//!
//! An id is `ms-seq`. As a [`Place`] that is `ms << 22 | seq`: order is kept, and 42 bits of
//! milliseconds last until the year 2109. Our scripts keep `seq` at four million at most.

use jeton_session::Place;

const SEQ_BITS: u32 = 22;
const SEQ: u64 = (1 << SEQ_BITS) - 1;

/// The place of an id, if it can be one of ours.
pub(super) const fn from_parts(ms: u64, seq: u64) -> Option<Place> {
    if ms > u64::MAX >> SEQ_BITS || seq > SEQ {
        return None;
    }
    Some(Place::at(ms << SEQ_BITS | seq))
}

/// `ms` and `seq` of a place.
pub(super) const fn parts(place: Place) -> (u64, u64) {
    (millis(place), place.position() & SEQ)
}

/// Milliseconds since 1970, by the clock of Redis.
pub(super) const fn millis(place: Place) -> u64 {
    place.position() >> SEQ_BITS
}

/// The id as Redis writes it.
pub(super) fn id(place: Place) -> String {
    let (ms, seq) = parts(place);
    format!("{ms}-{seq}")
}

/// Reads what [`id`] writes.
pub(super) fn parse(id: &[u8]) -> Option<Place> {
    let (ms, seq) = std::str::from_utf8(id).ok()?.split_once('-')?;
    from_parts(ms.parse().ok()?, seq.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        for (ms, seq) in [(0, 0), (1, 0), (1_795_284_924_444, 3_999_999), ((1 << 42) - 1, SEQ)] {
            let place = from_parts(ms, seq).unwrap();

            assert_eq!(parts(place), (ms, seq));
            assert_eq!(id(place), format!("{ms}-{seq}"));
            assert_eq!(parse(id(place).as_bytes()), Some(place));
        }
    }

    #[test]
    fn what_is_no_id_of_ours_is_none() {
        let cases = ["", "1", "-", "1-", "-1", "a-0", "1-4194304", "4398046511104-0", "1-0-0"];
        for id in cases {
            assert_eq!(parse(id.as_bytes()), None, "{id}");
        }
        assert_eq!(parse(&[0xff, b'-', b'1']), None);
    }

    #[test]
    fn later_ids_are_higher_places() {
        let places = [(1, 0), (1, 1), (1, SEQ), (2, 0), (1 << 41, 0)];
        assert!(places.map(|(ms, seq)| from_parts(ms, seq).unwrap()).is_sorted());
    }
}
