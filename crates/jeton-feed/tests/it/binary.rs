//! The binary snapshot: to the letter, and damaged in every way.

use aws_lc_rs::digest::{SHA256, digest};
use jeton::{Entry, Fingerprint, KeyId, Reason, Refused, Timestamp};
use jeton_feed::wire::{NotASnapshot, Snapshot, WireEntry};
use proptest::prelude::*;

use crate::entries::{entry, snapshot, wire_entry};

/// Length of the header.
const HEAD: usize = 64;

fn sample() -> Snapshot {
    let id = Fingerprint::from_u64(0x0102_0304_0506_0708);
    let at = Timestamp::from_secs(90);
    let refused = [
        Refused::Session(id, Reason::LoggedOut),
        Refused::Token(id, Reason::Replayed),
        Refused::Versions(id, 4),
        Refused::Issued(id, at),
        Refused::All(at),
        Refused::Key(KeyId::new("2027").unwrap()),
    ];
    let until = Timestamp::from_secs(0x6_1122_3344);
    snapshot(refused.map(|refused| Entry { refused, until }.into()).to_vec())
}

/// With the hash that belongs to it.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let hash = digest(&SHA256, &bytes);
    bytes.extend_from_slice(hash.as_ref());
    bytes
}

fn unsealed(snapshot: &Snapshot) -> Vec<u8> {
    let mut bytes = snapshot.to_binary().unwrap();
    bytes.truncate(bytes.len() - 32);
    bytes
}

#[test]
fn it_is_laid_out_as_the_contract_says() {
    let sample = sample();
    let jwks = sample.jwks.to_string();
    let mut expected = b"JRL1\0\0\0\0".to_vec();
    expected.extend_from_slice(&0x9f3c_51aa_02d7_e6b4_u64.to_be_bytes());
    expected.extend_from_slice(&4_711_u64.to_be_bytes());
    expected.extend_from_slice(&88_123_456_u64.to_be_bytes());
    expected.extend_from_slice(&140_u64.to_be_bytes());
    expected.extend_from_slice(&1_795_284_925_u64.to_be_bytes());
    expected.extend_from_slice(&690_u32.to_be_bytes());
    expected.extend_from_slice(&u32::try_from(jwks.len()).unwrap().to_be_bytes());
    expected.extend_from_slice(&6_u64.to_be_bytes());
    assert_eq!(expected.len(), HEAD);
    expected.extend_from_slice(jwks.as_bytes());
    expected.extend_from_slice(b"s\x06\x11\x22\x33\x44\x01\x02\x03\x04\x05\x06\x07\x08\x01");
    expected.extend_from_slice(b"t\x06\x11\x22\x33\x44\x01\x02\x03\x04\x05\x06\x07\x08\x07");
    for (kind, value) in [(b'v', 4_u64), (b'i', 90)] {
        expected.push(kind);
        expected.extend_from_slice(b"\x06\x11\x22\x33\x44\x01\x02\x03\x04\x05\x06\x07\x08");
        expected.extend_from_slice(&value.to_be_bytes());
    }
    expected.extend_from_slice(b"a\x06\x11\x22\x33\x44");
    expected.extend_from_slice(&90_u64.to_be_bytes());
    expected.extend_from_slice(b"k\x06\x11\x22\x33\x44\x042027");

    let bytes = sample.to_binary().unwrap();

    assert_eq!(bytes, sealed(expected));
    assert_eq!(Snapshot::from_binary(&bytes), Ok(sample));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let bytes = sample().to_binary().unwrap();
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << bit;

            assert!(Snapshot::from_binary(&damaged).is_err(), "bit {bit} of byte {place}");
        }
    }
}

#[test]
fn every_cut_is_noticed() {
    let (bytes, content) = (sample().to_binary().unwrap(), unsealed(&sample()));
    for length in 0..bytes.len() {
        assert!(Snapshot::from_binary(&bytes[..length]).is_err(), "{length}");
    }
    for length in 0..content.len() {
        assert!(Snapshot::from_binary(&sealed(content[..length].to_vec())).is_err(), "{length}");
    }
}

/// INV10: somebody who can make a hash may claim any length.
#[test]
fn a_number_of_entries_that_are_not_there_makes_no_room_for_them() {
    for count in [7, u64::from(u32::MAX), 1 << 40, u64::MAX] {
        let mut bytes = unsealed(&sample());
        bytes[HEAD - 8..HEAD].copy_from_slice(&count.to_be_bytes());

        assert_eq!(Snapshot::from_binary(&sealed(bytes)), Err(NotASnapshot::Malformed), "{count}");
    }
}

#[test]
fn what_is_sealed_and_wrong_is_refused_all_the_same() {
    let jwks = sample().jwks.to_string().len();
    let first = HEAD + jwks;
    let cases: [(&str, usize, u8, NotASnapshot); 7] = [
        ("another version", 3, b'2', NotASnapshot::Version),
        ("bits of a later version", 7, 1, NotASnapshot::Malformed),
        ("a time past its end", 40, 0x80, NotASnapshot::Malformed),
        ("a longer set of keys", 52, 0xff, NotASnapshot::Malformed),
        ("a set that is not JSON", HEAD, b'[', NotASnapshot::Malformed),
        ("another kind", first, b'x', NotASnapshot::UnknownKind),
        ("no reason", first + 14, 0, NotASnapshot::Malformed),
    ];
    for (name, place, byte, expected) in cases {
        let mut bytes = unsealed(&sample());
        bytes[place] = byte;

        assert_eq!(Snapshot::from_binary(&sealed(bytes)), Err(expected), "{name}");
    }
    let mut longer = unsealed(&sample());
    longer.push(0);
    assert_eq!(Snapshot::from_binary(&sealed(longer)), Err(NotASnapshot::Malformed));
}

#[test]
fn a_reason_that_came_later_refuses_as_well_as_any() {
    let sample = sample();
    let place = HEAD + sample.jwks.to_string().len() + 14;
    let mut bytes = unsealed(&sample);
    bytes[place] = 200;

    let read = Snapshot::from_binary(&sealed(bytes)).unwrap();

    let WireEntry::Refused(Entry { refused: Refused::Session(_, reason), .. }) = read.e[0] else {
        panic!("{:?}", read.e[0]);
    };
    assert_eq!(reason, Reason::Revoked);
}

#[test]
fn canaries_stay_behind_and_the_end_of_time_is_the_last_there_is_room_for() {
    let refused = Refused::All(Timestamp::from_secs(u64::MAX));
    let e = vec![
        WireEntry::Canary { until: Timestamp::from_secs(700), t: 5 },
        Entry { refused, until: Timestamp::from_secs(u64::MAX) }.into(),
    ];

    let read = Snapshot::from_binary(&snapshot(e).to_binary().unwrap()).unwrap();

    let refused = Refused::All(Timestamp::from_secs(i64::MAX.unsigned_abs()));
    let until = Timestamp::from_secs((1 << 40) - 1);
    assert_eq!(read.e, [Entry { refused, until }.into()]);
}

proptest! {
    #[test]
    fn any_snapshot_comes_back_as_it_was(e in prop::collection::vec(entry(), 0..50)) {
        let snapshot = snapshot(e.into_iter().map(WireEntry::from).collect());
        let bytes = snapshot.to_binary().unwrap();

        prop_assert_eq!(Snapshot::from_binary(&bytes), Ok(snapshot));
    }

    /// Whatever one hashes, what is read of it takes no more than it is long.
    #[test]
    fn any_bytes_are_read_without_a_panic(
        e in prop::collection::vec(wire_entry(), 0..8),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut bytes = unsealed(&snapshot(e));
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        bytes.extend_from_slice(&noise);
        let length = bytes.len();

        if let Ok(read) = Snapshot::from_binary(&sealed(bytes)) {
            prop_assert!(read.e.capacity() <= length / 8);
        }
    }
}
