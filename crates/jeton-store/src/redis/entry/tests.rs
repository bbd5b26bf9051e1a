use proptest::prelude::*;

use super::*;

fn reason() -> impl Strategy<Value = Reason> {
    prop::sample::select(Reason::ALL.to_vec())
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        (any::<([u8; 16], [u8; 8])>(), reason()).prop_map(|((subject, random), reason)| {
            let subject = SubjectKey::from_bytes(subject);
            Target::Session(SessionId::new(subject, random), reason)
        }),
        (".{0,300}", reason()).prop_map(|(id, reason)| Target::Token(id, reason)),
        any::<([u8; 16], u64)>().prop_map(|(subject, version)| {
            Target::Subject(SubjectKey::from_bytes(subject), version)
        }),
        "[a-zA-Z0-9_-]{1,64}".prop_map(|id| Target::Key(KeyId::new(&id).unwrap())),
    ]
}

fn revocations() -> impl Strategy<Value = Vec<Revocation>> {
    let revocation = (target(), any::<u64>())
        .prop_map(|(target, until)| Revocation { target, until: Timestamp::from_secs(until) });
    prop::collection::vec(revocation, 0..20)
}

proptest! {
    #[test]
    fn an_entry_is_read_as_it_was_written(revocations in revocations()) {
        let bytes = encode(&revocations).unwrap();

        prop_assert_eq!(decode(&bytes).unwrap(), revocations);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(revocations) = decode(&bytes) {
            // What was read can be written; only numbers may have been written in more bytes.
            let again = encode(&revocations).unwrap();
            prop_assert_eq!(decode(&again).unwrap(), revocations);
        }
    }

    #[test]
    fn an_entry_cut_off_is_refused_or_ends_between_revocations(
        revocations in revocations(),
        cut in any::<prop::sample::Index>(),
    ) {
        let bytes = encode(&revocations).unwrap();
        prop_assume!(!bytes.is_empty());

        if let Ok(read) = decode(&bytes[..cut.index(bytes.len())]) {
            prop_assert!(read.len() < revocations.len());
            prop_assert_eq!(&read[..], &revocations[..read.len()]);
        }
    }
}

/// Other nodes, and other versions, read these very bytes.
#[test]
fn entries_are_written_in_these_bytes() {
    let subject = SubjectKey::from_bytes([0x11; 16]);
    let until = Timestamp::from_secs(1_800_000_690);
    let cases: [(Target, &str); 4] = [
        (
            Target::Session(SessionId::new(subject, [0x22; 8]), Reason::LoggedOut),
            "01b2a9a7da0600111111111111111111111111111111112222222222222222",
        ),
        (Target::Token("t1".to_owned(), Reason::Revoked), "02b2a9a7da0601027431"),
        (Target::Subject(subject, 300), "03b2a9a7da06ac0211111111111111111111111111111111"),
        (Target::Key(KeyId::new("2027").unwrap()), "04b2a9a7da060432303237"),
    ];
    for (target, expected) in cases {
        let bytes = encode(&[Revocation { target, until }]).unwrap();

        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex.concat(), expected);
    }
}

#[test]
fn what_is_no_entry_is_refused() {
    let cases: [(&str, &[u8]); 8] = [
        ("no such kind", &[0, 1]),
        ("a kind alone", &[1]),
        ("no such reason", &[2, 1, 7, 0]),
        ("a text that is longer than the rest", &[2, 1, 0, 5, b'a']),
        (
            "a text that is longer than memory",
            &[2, 1, 0, 255, 255, 255, 255, 255, 255, 255, 255, 127],
        ),
        ("a text that is no UTF-8", &[2, 1, 0, 1, 0xff]),
        ("a key without a name", &[4, 1, 0]),
        ("a number beyond 64 bits", &[4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 1, b'k']),
    ];
    for (name, bytes) in cases {
        assert!(decode(bytes).is_err(), "{name}");
    }
}

#[test]
fn every_reason_has_its_number() {
    assert!(Reason::ALL.iter().all(|reason| code(*reason).is_ok()));
}
