use jeton_account::AccountError::{PasswordTooLong, WeakPassword};
use jeton_account::{Password, RandomError};

use crate::support::{password, random};

#[test]
fn a_password_has_1_to_1024_bytes_of_anything() {
    let cases = [
        ("nothing", String::new(), Err(WeakPassword("cannot be empty"))),
        ("one byte", "x".to_owned(), Ok(())),
        ("only a space", " ".to_owned(), Ok(())),
        ("only a NUL", "\0".to_owned(), Ok(())),
        ("the longest", "x".repeat(1024), Ok(())),
        ("a byte more", "x".repeat(1025), Err(PasswordTooLong)),
        ("bytes count, not characters", "\u{20ac}".repeat(342), Err(PasswordTooLong)),
        ("a megabyte", "x".repeat(1 << 20), Err(PasswordTooLong)),
    ];
    for (name, text, expected) in cases {
        let password = Password::new(text.clone());

        assert_eq!(password.as_ref().map(|_| ()).map_err(Clone::clone), expected, "{name}");
        assert!(password.is_err() || password.unwrap().expose() == text, "{name}: unchanged");
    }
}

#[test]
fn a_new_password_has_eight_characters_and_is_not_the_name() {
    let short = Err(WeakPassword("needs at least 8 characters"));
    let name = Err(WeakPassword("cannot be the name of the account"));
    let cases = [
        ("seven", "1234567", "ann", short.clone()),
        ("eight", "12345678", "ann", Ok(())),
        (
            "seven characters in 21 bytes",
            "\u{5bc6}\u{7801}\u{5bc6}\u{7801}\u{5bc6}\u{7801}\u{5bc6}",
            "ann",
            short,
        ),
        ("no digits or symbols needed", "aaaa bbbb", "ann", Ok(())),
        ("the name", "annabelle", "annabelle", name.clone()),
        ("the name in capitals", "ANN\u{c4}BELLE", "ann\u{e4}belle", name),
        ("the name and more", "annabelle1", "annabelle", Ok(())),
    ];
    for (case, text, name, expected) in cases {
        let checked = password(text).check_new(name);

        assert_eq!(checked, expected, "{case}");
    }
}

#[test]
fn a_random_password_can_be_read_aloud_and_set() {
    let (first, second) = (Password::random(random).unwrap(), Password::random(random).unwrap());

    let groups: Vec<_> = first.expose().split('-').collect();

    assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [5; 5]);
    assert!(first.expose().chars().all(|symbol| !"ilou".contains(symbol)), "{}", first.expose());
    assert_ne!(first.expose(), second.expose());
    assert_eq!(first.check_new("admin"), Ok(()));
}

#[test]
fn without_randomness_there_is_no_random_password() {
    let failed = Password::random(|_| Err(RandomError));

    assert_eq!(failed.err(), Some(RandomError));
}
