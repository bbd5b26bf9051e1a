//! Where the document and the sources disagree, one sentence each.

use std::collections::BTreeSet;

use crate::conformance::DOCUMENT;
use crate::conformance::document::{Document, Row, name, names_of};
use crate::conformance::source::Item;

/// Everything that is wrong with the document, or with the comments of the tests.
pub(super) fn findings(document: &Document, items: &[Item]) -> Vec<String> {
    let damaged = document
        .damaged()
        .map(|line| format!("{DOCUMENT}: not `| id | claim | source | tests |`: {line}"));
    let rows: Vec<_> = document.rows().collect();
    let mut found: Vec<_> = damaged.chain(claimed_twice(&rows)).collect();
    for row in &rows {
        found.extend(in_row(row, items));
    }
    let ids: BTreeSet<_> = rows.iter().map(|row| row.id.as_str()).collect();
    for item in items {
        found.extend(in_comment(item, &ids));
    }
    found
}

fn claimed_twice(rows: &[&Row]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let twice = rows.iter().filter(|row| !seen.insert(&row.id));
    twice.map(|row| format!("{}: {DOCUMENT} has two rows of it", row.id)).collect()
}

/// Compares the tests that a row lists with those that name its id.
fn in_row(row: &Row, items: &[Item]) -> Vec<String> {
    let id = &row.id;
    let naming = names_of(id, items);
    if naming.is_empty() {
        return vec![format!("{id}: {DOCUMENT} claims it, and no test names it")];
    }
    let mut found = Vec::new();
    for listed in row.tests.iter().filter(|listed| !naming.contains(listed)) {
        found.push(match items.iter().find(|item| name(item) == **listed) {
            Some(item) => format!("{id}: {DOCUMENT} lists {listed}, which {}", without(id, item)),
            None => format!("{id}: {DOCUMENT} lists {listed}, and there is no such test"),
        });
    }
    for missing in naming.iter().filter(|naming| !row.tests.contains(naming)) {
        let files = items.iter().filter(|item| name(item) == *missing).map(|item| &item.file);
        let files = files.cloned().collect::<Vec<_>>().join(", ");
        found.push(format!(
            "{id}: {DOCUMENT} lacks {missing} ({files}); `cargo xtask conformance --write` adds it"
        ));
    }
    if found.is_empty() && row.tests != naming {
        found.push(format!("{id}: {DOCUMENT} lists its tests in another order, or one twice"));
    }
    found
}

fn without(id: &str, item: &Item) -> String {
    format!("does not name {id} in {}", item.file)
}

/// Complains about ids in a comment that lead nowhere.
fn in_comment(item: &Item, ids: &BTreeSet<&str>) -> Vec<String> {
    let Item { file, path, unreadable, .. } = item;
    if !item.is_test {
        let known = item.ids.iter().filter(|id| ids.contains(id.as_str()));
        return known.map(|id| format!("{id}: {file}: {path} names it and is no test")).collect();
    }
    let unknown = item.ids.iter().filter(|id| !ids.contains(id.as_str()));
    let unknown =
        unknown.map(|id| format!("{id}: {file}: {path} names it, and {DOCUMENT} has no row of it"));
    let unreadable =
        unreadable.iter().map(|part| format!("{part}: {file}: no id, in the comment of {path}"));
    unknown.chain(unreadable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::source;

    /// Compares a document with one file of tests.
    fn compared(document: &str, tests: &str) -> Vec<String> {
        let items = source::items("crates/jeton/tests/it/shape.rs", tests).unwrap();
        findings(&Document::parse(document), &items)
    }

    #[test]
    fn a_document_that_lists_exactly_its_tests_is_true() {
        let document = "| V1 | One. | | `jeton` shape::a<br>`jeton` shape::b |\n| V2 | Two. | | `jeton` shape::b |";
        let tests =
            "/// V1\n#[test]\nfn a() {}\n/// V1, V2\n#[test]\nfn b() {}\n#[test]\nfn c() {}";

        assert_eq!(compared(document, tests), Vec::<String>::new());
    }

    #[test]
    fn every_disagreement_names_the_id_and_the_file() {
        let row = "| V1 | One. | | `jeton` shape::a |";
        let a = "/// V1\n#[test]\nfn a() {}\n";
        let cases = [
            (
                "an id without a row",
                row.to_owned(),
                format!("{a}/// V9\n#[test]\nfn b() {{}}"),
                "V9: crates/jeton/tests/it/shape.rs: shape::b names it, and docs/conformance.md has no row of it",
            ),
            (
                "a test that is not listed",
                row.to_owned(),
                format!("{a}/// V1\n#[test]\nfn b() {{}}"),
                "V1: docs/conformance.md lacks `jeton` shape::b (crates/jeton/tests/it/shape.rs); `cargo xtask conformance --write` adds it",
            ),
            (
                "a test that does not name it",
                row.replace("::a", "::a<br>`jeton` shape::b"),
                format!("{a}#[test]\nfn b() {{}}"),
                "V1: docs/conformance.md lists `jeton` shape::b, which does not name V1 in crates/jeton/tests/it/shape.rs",
            ),
            (
                "a test that is gone",
                row.replace("::a", "::a<br>`jeton` shape::b"),
                a.to_owned(),
                "V1: docs/conformance.md lists `jeton` shape::b, and there is no such test",
            ),
            (
                "a row without a test",
                format!("{row}\n| V2 | Two. | | |"),
                a.to_owned(),
                "V2: docs/conformance.md claims it, and no test names it",
            ),
            (
                "a test listed twice",
                row.replace("::a", "::a<br>`jeton` shape::a"),
                a.to_owned(),
                "V1: docs/conformance.md lists its tests in another order, or one twice",
            ),
            (
                "two rows",
                format!("{row}\n{row}"),
                a.to_owned(),
                "V1: docs/conformance.md has two rows of it",
            ),
            (
                "a row that cannot be read",
                format!("{row}\n| V2 | Two. |"),
                a.to_owned(),
                "docs/conformance.md: not `| id | claim | source | tests |`: | V2 | Two. |",
            ),
            (
                "an id that is none",
                row.to_owned(),
                a.replace("V1", "V1, A18(5)"),
                "A18(5): crates/jeton/tests/it/shape.rs: no id, in the comment of shape::a",
            ),
            (
                "an id of a helper",
                row.to_owned(),
                format!("{a}/// V1: words\nfn b() {{}}"),
                "V1: crates/jeton/tests/it/shape.rs: shape::b names it and is no test",
            ),
        ];
        for (name, document, tests, expected) in cases {
            assert_eq!(compared(&document, &tests), [expected], "{name}");
        }
    }
}
