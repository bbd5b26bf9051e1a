//! The document: prose, and tables of claims whose last column is not written by people.
//!
//! A row is `| id | claim | source | tests |`. Everything else, the heads of the tables included,
//! is carried along as it stands.

use std::fmt;

use crate::conformance::source::{Item, is_id};

/// What separates the tests of a row.
const BREAK: &str = "<br>";

/// The lines of the document, in order.
#[derive(Debug)]
pub(super) struct Document {
    lines: Vec<Line>,
}

#[derive(Debug)]
enum Line {
    Prose(String),
    Row(Row),
    /// Begins like a row and has not its four cells.
    Damaged(String),
}

/// One claim.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: String,
    claim: String,
    source: String,
    /// As [`name`] writes them.
    pub(super) tests: Vec<String>,
}

impl Document {
    pub(super) fn parse(text: &str) -> Self {
        Self { lines: text.lines().map(Line::parse).collect() }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.lines.iter().filter_map(|line| match line {
            Line::Row(row) => Some(row),
            Line::Prose(_) | Line::Damaged(_) => None,
        })
    }

    /// The lines that nobody can read.
    pub(super) fn damaged(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| match line {
            Line::Damaged(text) => Some(text.as_str()),
            Line::Prose(_) | Line::Row(_) => None,
        })
    }

    /// Lists behind each claim the tests that name it, and changes nothing else.
    pub(super) fn list(&mut self, items: &[Item]) {
        for line in &mut self.lines {
            if let Line::Row(row) = line {
                row.tests = names_of(&row.id, items);
            }
        }
    }
}

impl Line {
    fn parse(line: &str) -> Self {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        match cells.as_slice() {
            ["", id, claim, source, tests, ""] if is_id(id) => {
                let tests = tests.split(BREAK).filter(|test| !test.is_empty());
                Self::Row(Row {
                    id: (*id).to_owned(),
                    claim: (*claim).to_owned(),
                    source: (*source).to_owned(),
                    tests: tests.map(String::from).collect(),
                })
            }
            ["", id, ..] if is_id(id) => Self::Damaged(line.to_owned()),
            _ => Self::Prose(line.to_owned()),
        }
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            match line {
                Line::Prose(text) | Line::Damaged(text) => writeln!(f, "{text}")?,
                Line::Row(row) => writeln!(f, "{row}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, claim, source, tests } = self;
        let cells = [id, claim, source, &tests.join(BREAK)];
        for cell in cells {
            f.write_str(if cell.is_empty() { "|" } else { "| " })?;
            f.write_str(cell)?;
            f.write_str(" ")?;
        }
        f.write_str("|")
    }
}

/// The tests that name this id, as the document lists them.
pub(super) fn names_of(id: &str, items: &[Item]) -> Vec<String> {
    let naming = items.iter().filter(|item| item.is_test && item.ids.iter().any(|own| own == id));
    naming.map(name).collect()
}

/// How the document names a test.
pub(super) fn name(item: &Item) -> String {
    format!("`{}` {}", item.package, item.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(path: &str, ids: &[&str]) -> Item {
        Item {
            package: "jeton".to_owned(),
            path: path.to_owned(),
            file: "crates/jeton/tests/it/shape.rs".to_owned(),
            ids: ids.iter().map(|id| String::from(*id)).collect(),
            unreadable: Vec::new(),
            is_test: true,
        }
    }

    #[test]
    fn what_is_read_is_written_as_it_was() {
        let text = "# Conformance\n\nWords.\n\n| | holds | from | tests |\n| --- | --- | --- | --- |\n\
                    | V1 | One. | RFC 7515 | `jeton` a::b<br>`jeton` a::c |\n| V2 | Two. | | |\n";

        assert_eq!(Document::parse(text).to_string(), text);
    }

    #[test]
    fn only_the_lists_of_tests_are_written_anew() {
        let mut document = Document::parse("| V1 | One. | | `jeton` gone |\nWords of V1.\n");

        document.list(&[test("a", &["V1", "V2"]), test("b", &["V2"]), test("c", &["V1"])]);

        let expected = "| V1 | One. | | `jeton` a<br>`jeton` c |\nWords of V1.\n";
        assert_eq!(document.to_string(), expected);
    }

    #[test]
    fn a_row_with_a_cell_too_many_or_too_few_is_damaged() {
        for line in ["| V1 | One. | `jeton` a |", "| V1 | a | b | c | d |", "| V1 | One. | | a"] {
            let document = Document::parse(line);

            assert_eq!(document.damaged().collect::<Vec<_>>(), [line]);
            assert_eq!(document.rows().count(), 0);
        }
    }
}
