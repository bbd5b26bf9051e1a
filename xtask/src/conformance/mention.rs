//! Documents in prose that name tests.
//!
//! A code span that is nothing but words in lower case with `::` between them is the name of a test:
//! `` `shape::a_part_too_many_is_malformed` ``. A function is written with its parentheses,
//! `` `jws::sign()` ``, a type with its capital.

use std::collections::BTreeSet;

use crate::conformance::source::Item;

/// Every test that the document names and that is not there, one sentence each.
pub(super) fn findings(document: &str, text: &str, items: &[Item]) -> Vec<String> {
    let tests: BTreeSet<_> =
        items.iter().filter(|item| item.is_test).map(|item| item.path.as_str()).collect();
    let named = text.lines().zip(1..).flat_map(|(line, number)| {
        names(line).filter(|name| !tests.contains(name)).map(move |name| (number, name))
    });
    named
        .map(|(number, name)| {
            format!("{document}:{number}: names {name}, and there is no such test")
        })
        .collect()
}

/// The tests that a line names.
fn names(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).filter(|span| is_test_name(span))
}

fn is_test_name(span: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    span.contains("::") && span.split("::").all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::source;

    fn found(text: &str) -> Vec<String> {
        let tests = "#[test] fn a() {} /// V1\n fn no_test() {} mod tests { #[test] fn b() {} }";
        let items = source::items("crates/jeton/tests/it/shape.rs", tests).unwrap();
        findings("docs/x.md", text, &items)
    }

    #[test]
    fn a_document_that_names_tests_that_are_there_is_true() {
        let text = "`shape::a`, `shape::tests::b`, `jws::sign()`, `Policy::jwt`, `jws/header.rs`, \
                    `exp`, shape::c, `1::`, `::a`";

        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn a_test_that_is_gone_is_named_with_its_line() {
        let cases = [("`shape::c`", "shape::c"), ("`shape::no_test`", "shape::no_test")];
        for (text, name) in cases {
            let expected = format!("docs/x.md:2: names {name}, and there is no such test");

            assert_eq!(found(&format!("`shape::a`\n| {text} |\n")), [expected]);
        }
    }
}
