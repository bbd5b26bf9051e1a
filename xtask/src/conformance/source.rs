//! The tests of a source file, and the ids they name.
//!
//! A doc comment names ids if its first paragraph begins with a list of them: `V12, A11: words`,
//! or nothing but the list. Numbers and sections of RFCs may stand among the ids. Comments of
//! modules and mentions within a sentence name nothing.
//!
//! Files are split into tokens, not parsed: that is all it takes to find a `fn` and what stands
//! before it, inside `proptest! { … }` as well, and it cannot be misled by a string.

use std::path::Path;
use std::str::FromStr as _;

use anyhow::{Context as _, Result, anyhow};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A test, or another function whose comment begins like that of a test.
///
/// The order is that of the lists in the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    pub(super) package: String,
    /// The function with its modules, as nextest names it: `shape::a_part_too_many_is_malformed`.
    pub(super) path: String,
    pub(super) file: String,
    pub(super) ids: Vec<String>,
    /// What stands among the ids and is none.
    pub(super) unreadable: Vec<String>,
    pub(super) is_test: bool,
}

/// Finds all tests of a file, and other functions as far as their comments name ids.
pub(super) fn items(file: &str, text: &str) -> Result<Vec<Item>> {
    let tokens = TokenStream::from_str(text)
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| format!("{file}: not Rust"))?;
    let (package, modules) =
        place(file).with_context(|| format!("{file}: neither in `src` nor in `tests/it`"))?;
    let mut finder = Finder { file, package, found: Vec::new() };
    finder.search(tokens, &modules, false);
    Ok(finder.found)
}

/// The package a file belongs to, and the modules that its path stands for.
fn place(file: &str) -> Option<(&str, Vec<String>)> {
    let (package, path) = file.split_once("/tests/it/").or_else(|| file.split_once("/src/"))?;
    let package = Path::new(package).file_name()?.to_str()?;
    let mut modules: Vec<_> = path.strip_suffix(".rs")?.split('/').map(String::from).collect();
    if modules.last().is_some_and(|last| last == "main" || last == "lib") {
        modules.pop();
    }
    Some((package, modules))
}

struct Finder<'a> {
    file: &'a str,
    package: &'a str,
    found: Vec<Item>,
}

impl Finder<'_> {
    /// Walks through the tokens of a file or of what stands inside braces.
    fn search(&mut self, tokens: TokenStream, modules: &[String], in_proptest: bool) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        let mut before = Attributes::default();
        while let [first, behind @ ..] = rest {
            rest = behind;
            match (first, behind) {
                (TokenTree::Punct(sign), [TokenTree::Group(attribute), ..])
                    if sign.as_char() == '#' =>
                {
                    before.take(attribute);
                    continue;
                }
                (TokenTree::Ident(word), [TokenTree::Ident(name), ..]) if word == "fn" => {
                    self.keep(&name.to_string(), modules, &before, in_proptest);
                }
                (
                    TokenTree::Ident(word),
                    [TokenTree::Ident(name), TokenTree::Group(body), after @ ..],
                ) if word == "mod" => {
                    let modules = [modules, &[name.to_string()]].concat();
                    self.search(body.stream(), &modules, false);
                    rest = after;
                }
                (TokenTree::Ident(word), [_, TokenTree::Group(body), after @ ..])
                    if word == "proptest" =>
                {
                    self.search(body.stream(), modules, true);
                    rest = after;
                }
                // Inside `proptest!` these are the bodies of its tests.
                (TokenTree::Group(body), _) if ends_item(first) && !in_proptest => {
                    self.search(body.stream(), modules, false);
                }
                _ if ends_item(first) => {}
                _ => continue,
            }
            before = Attributes::default();
        }
    }

    fn keep(&mut self, name: &str, modules: &[String], before: &Attributes, in_proptest: bool) {
        let (ids, unreadable) = named_ids(&before.comment);
        let is_test = in_proptest || before.is_test;
        if is_test || !ids.is_empty() {
            let path: Vec<_> = modules.iter().map(String::as_str).chain([name]).collect();
            self.found.push(Item {
                package: self.package.to_owned(),
                path: path.join("::"),
                file: self.file.to_owned(),
                ids,
                unreadable,
                is_test,
            });
        }
    }
}

/// Whether what stood before this token does not belong to what comes behind it.
fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    }
}

/// What stands before an item.
#[derive(Default)]
struct Attributes {
    comment: String,
    is_test: bool,
}

impl Attributes {
    /// Takes `[doc = "…"]`, which is what a doc comment is to the compiler, or `[tokio::test(…)]`.
    fn take(&mut self, attribute: &Group) {
        let tokens: Vec<_> = attribute.stream().into_iter().collect();
        if let [TokenTree::Ident(word), _, TokenTree::Literal(text)] = tokens.as_slice()
            && word == "doc"
        {
            self.comment.push_str(text.to_string().trim_matches('"').trim());
            self.comment.push('\n');
            return;
        }
        let path = tokens.iter().take_while(|token| !matches!(token, TokenTree::Group(_)));
        self.is_test |= matches!(path.last(), Some(TokenTree::Ident(word)) if word == "test");
    }
}

/// The ids at the head of a doc comment, and what stands among them and is none.
fn named_ids(comment: &str) -> (Vec<String>, Vec<String>) {
    let paragraph: Vec<_> = comment.lines().take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ");
    let head = paragraph.split_once(": ").map_or(paragraph.as_str(), |(head, _)| head);
    let parts: Vec<_> = head.split(',').map(str::trim).collect();
    let (ids, others): (Vec<&str>, Vec<&str>) = parts.into_iter().partition(|part| is_id(part));
    if ids.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let unreadable = others.into_iter().filter(|part| !may_stand_among_ids(part));
    (ids.into_iter().map(String::from).collect(), unreadable.map(String::from).collect())
}

/// One to three capital letters and a number.
pub(super) fn is_id(word: &str) -> bool {
    let number = word.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    let letters = word.len() - number.len();
    (1..=3).contains(&letters) && is_number(number)
}

fn may_stand_among_ids(part: &str) -> bool {
    is_number(part) || part.starts_with("RFC ")
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items of a file of the package `jeton`, as `path [ids]`.
    fn found(text: &str) -> Vec<String> {
        let items = items("crates/jeton/tests/it/shape.rs", text).unwrap();
        let shown = items.iter().map(|item| format!("{} {:?}", item.path, item.ids));
        shown.collect()
    }

    #[test]
    fn a_test_is_found_with_the_ids_at_the_head_of_its_comment() {
        let cases = [
            ("/// V12, A11: words, V9: more", r#"shape::t ["V12", "A11"]"#),
            ("/// V12", r#"shape::t ["V12"]"#),
            ("/// V12, RFC 9068 section 2", r#"shape::t ["V12"]"#),
            ("/// 1, INV2: words", r#"shape::t ["INV2"]"#),
            ("/// V12, V13,\n/// V14: words", r#"shape::t ["V12", "V13", "V14"]"#),
            ("/// Words about V12: nothing.", "shape::t []"),
            ("/// Words.\n///\n/// V12: later.", "shape::t []"),
            ("/// P-256, RS256 keys", "shape::t []"),
            ("// V12: no doc comment", "shape::t []"),
        ];
        for (comment, expected) in cases {
            assert_eq!(found(&format!("{comment}\n#[test]\nfn t() {{}}")), [expected]);
        }
    }

    #[test]
    fn what_stands_among_ids_and_is_none_is_kept_to_complain_about() {
        let text = "/// T6, A18(5), v12: words\n#[test]\nfn t() {}";

        let items = items("crates/jeton/src/lib.rs", text).unwrap();

        assert_eq!(items[0].ids, ["T6"]);
        assert_eq!(items[0].unreadable, ["A18(5)", "v12"]);
    }

    #[test]
    fn every_way_to_write_a_test_is_known() {
        let tests = [
            "#[test] fn t() {}",
            "#[tokio::test(flavor = \"multi_thread\")] async fn t() {}",
            "#[test] #[should_panic] fn t() {}",
            "proptest! { #![proptest_config(many())] fn t(text in any::<String>()) { read(text); } }",
        ];
        for text in tests {
            assert_eq!(found(text), ["shape::t []"], "{text}");
        }
    }

    #[test]
    fn a_test_is_named_by_its_file_and_its_modules() {
        let inner = "mod tests { use super::*; /// V1\n #[test] fn t() {} }";
        let cases = [
            ("crates/jeton/src/jws/header.rs", "jeton", "jws::header::tests::t"),
            ("crates/jeton/src/lib.rs", "jeton", "tests::t"),
            (
                "crates/jeton-server/tests/it/crash/check.rs",
                "jeton-server",
                "crash::check::tests::t",
            ),
            ("xtask/src/main.rs", "xtask", "tests::t"),
        ];
        for (file, package, path) in cases {
            let items = items(file, inner).unwrap();

            assert_eq!((items[0].package.as_str(), items[0].path.as_str()), (package, path));
        }
    }

    #[test]
    fn strings_bodies_and_other_items_are_no_tests() {
        let text = r##"
            /// V1: an answer, not a test.
            struct V1;
            fn sample() -> &'static str { "/// V2\n#[test]\nfn t() {}" }
            fn raw() -> &'static str { r#"#[test] fn t() {}"# }
            macro_rules! many { ($name:ident) => { #[test] fn $name() {} }; }
            /// V3
            const LIMIT: usize = 3;
            fn helper() {}
            proptest! { fn p(x in 0..9) { fn inside() {} inside(); } }
        "##;

        assert_eq!(found(text), ["shape::p []"]);
    }

    #[test]
    fn a_function_that_is_no_test_and_names_an_id_is_found_too() {
        let text = "impl Person { /// R5: words\n fn check(&self) {} }";

        let items = items("crates/jeton/src/lib.rs", text).unwrap();

        assert!(!items[0].is_test && items[0].ids == ["R5"]);
    }
}
