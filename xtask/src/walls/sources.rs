//! The rules for source files: a name that says what is inside, and a length one can read.

use std::path::Path;

/// Names that say nothing, so that everything ends up in them.
const SAYS_NOTHING: [&str; 8] =
    ["utils", "util", "common", "helpers", "helper", "types", "manager", "misc"];

/// Names are checked for these extensions; a picture may be called what it likes.
const SOURCES: [&str; 7] = ["rs", "py", "js", "mjs", "ts", "sh", "sql"];

/// Longer than this is worth a thought, tests not counted.
const LONG: usize = 300;
/// Longer than this is refused.
const TOO_LONG: usize = 400;

/// How long a source is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Length {
    Fine,
    Long(String),
    TooLong(String),
}

/// Complains about a source file, or a folder above it, whose name says nothing.
pub(super) fn forbidden_name(path: &str) -> Option<String> {
    let file = Path::new(path);
    if !SOURCES.iter().any(|source| file.extension().is_some_and(|found| found == *source)) {
        return None;
    }
    let stem = file.with_extension("");
    let name = stem.iter().find(|part| SAYS_NOTHING.iter().any(|nothing| part == nothing))?;
    Some(format!("{path}: `{}` says nothing about what is inside", name.display()))
}

/// Measures a Rust source without its tests: files of tests may be as long as they need.
pub(super) fn length(path: &str, text: &str) -> Length {
    if Path::new(path).iter().any(|part| part == "tests" || part == "tests.rs") {
        return Length::Fine;
    }
    let lines = lines_before_tests(text);
    let sentence = || format!("{path}: {lines} lines");
    if lines > TOO_LONG {
        Length::TooLong(format!("{}, more than {TOO_LONG}", sentence()))
    } else if lines > LONG {
        Length::Long(format!("{}, more than {LONG}", sentence()))
    } else {
        Length::Fine
    }
}

fn lines_before_tests(text: &str) -> usize {
    let lines: Vec<_> = text.lines().collect();
    lines
        .windows(2)
        .position(|pair| matches!(pair, ["#[cfg(test)]", next] if next.starts_with("mod ")))
        .unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_nothing_are_refused_for_files_and_folders() {
        let cases = [
            ("crates/jeton/src/utils.rs", true),
            ("crates/jeton/src/common/clock.rs", true),
            ("interop/helpers.py", true),
            ("crates/jeton/tests/it/common/mod.rs", true),
            ("crates/jeton/src/session_types.rs", false),
            ("crates/jeton/src/jws.rs", false),
            ("docs/types.md", false),
        ];
        for (path, refused) in cases {
            assert_eq!(forbidden_name(path).is_some(), refused, "{path}");
        }
    }

    #[test]
    fn a_source_is_measured_without_its_tests() {
        let code = |lines: usize| "let x = 1;\n".repeat(lines);
        let tested = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", code(300), code(500));

        assert_eq!(length("src/jws.rs", &code(300)), Length::Fine);
        assert_eq!(length("src/jws.rs", &tested), Length::Fine);
        assert_eq!(length("tests/it/jws.rs", &code(900)), Length::Fine);
        assert!(matches!(length("src/jws.rs", &code(301)), Length::Long(_)));
        assert!(matches!(length("src/jws.rs", &code(400)), Length::Long(_)));
        assert!(matches!(length("src/jws.rs", &code(401)), Length::TooLong(_)));
    }
}
