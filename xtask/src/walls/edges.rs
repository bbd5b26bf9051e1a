//! Which crate may depend on which.
//!
//! Only what reaches a user's program counts: normal and build dependencies. Tests may use what
//! they like.

use crate::walls::graph::Edge;

/// What one crate may use.
#[derive(Debug)]
struct Wall {
    name: &'static str,
    /// The crates of this workspace it may depend on.
    may_use: &'static [&'static str],
    /// The crates of anybody that it must not reach, not even through another.
    never_reaches: &'static [&'static [&'static str]],
}

/// A runtime, a socket, a protocol, a database.
const INPUT_AND_OUTPUT: &[&str] = &[
    "async-std",
    "axum",
    "axum-core",
    "futures-executor",
    "h2",
    "http",
    "hyper",
    "hyper-util",
    "mio",
    "redis",
    "reqwest",
    "rusqlite",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "tower",
    "tower-http",
    "ureq",
];

/// What may not decide about tokens either: a regular expression over hostile text has no bound.
const PATTERNS: &[&str] = &["fancy-regex", "regex", "regex-automata", "regex-lite"];

/// The table: a crate that is not in it may not exist.
const WALLS: [Wall; 7] = [
    Wall { name: "jeton", may_use: &[], never_reaches: &[INPUT_AND_OUTPUT, PATTERNS] },
    Wall { name: "jeton-session", may_use: &["jeton"], never_reaches: &[&["http", "rusqlite"]] },
    Wall { name: "jeton-store", may_use: &["jeton", "jeton-session"], never_reaches: &[&["http"]] },
    Wall {
        name: "jeton-tower",
        may_use: &["jeton"],
        never_reaches: &[&["axum", "hyper", "tokio"]],
    },
    Wall { name: "jeton-feed", may_use: &["jeton"], never_reaches: &[&["axum", "rusqlite"]] },
    Wall { name: "jeton-account", may_use: &[], never_reaches: &[&["http"]] },
    Wall {
        name: "jeton-server",
        may_use: &[
            "jeton",
            "jeton-session",
            "jeton-store",
            "jeton-feed",
            "jeton-tower",
            "jeton-account",
        ],
        never_reaches: &[],
    },
];

/// What is wrong with these edges, one sentence each.
pub(super) fn violations(direct: &[Edge], reached: &[Edge]) -> Vec<String> {
    let wall = |name: &str| WALLS.iter().find(|wall| wall.name == name);
    let forbidden = direct.iter().filter_map(|Edge { from, to }| match wall(from) {
        Some(wall) if wall.may_use.contains(&to.as_str()) => None,
        Some(_) => Some(format!("{from} must not depend on {to}")),
        None => Some(format!("{from} depends on {to} and is not in the table of walls")),
    });
    let beyond = reached.iter().filter_map(|Edge { from, to }| {
        let found = wall(from)?.never_reaches.iter().any(|crates| crates.contains(&to.as_str()));
        found
            .then(|| format!("{from} must not reach {to}; `cargo tree -p {from} -i {to}` says how"))
    });
    forbidden.chain(beyond).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(pairs: &[(&str, &str)]) -> Vec<Edge> {
        let edge = |(from, to): &(&str, &str)| Edge { from: (*from).into(), to: (*to).into() };
        pairs.iter().map(edge).collect()
    }

    #[test]
    fn the_edges_of_the_table_break_no_rule() {
        let direct = edges(&[
            ("jeton-session", "jeton"),
            ("jeton-store", "jeton-session"),
            ("jeton-tower", "jeton"),
            ("jeton-server", "jeton-account"),
        ]);
        let reached =
            edges(&[("jeton", "serde"), ("jeton-store", "tokio"), ("jeton-tower", "http")]);

        assert_eq!(violations(&direct, &reached), Vec::<String>::new());
    }

    #[test]
    fn an_edge_that_is_not_in_the_table_is_named() {
        let cases = [
            (("jeton", "jeton-session"), "jeton must not depend on jeton-session"),
            (("jeton-session", "jeton-store"), "jeton-session must not depend on jeton-store"),
            (("jeton-account", "jeton"), "jeton-account must not depend on jeton"),
            (("jeton-tower", "xtask"), "jeton-tower must not depend on xtask"),
            (("jeton-new", "jeton"), "jeton-new depends on jeton and is not in the table of walls"),
        ];
        for (edge, sentence) in cases {
            assert_eq!(violations(&edges(&[edge]), &[]), [sentence]);
        }
    }

    #[test]
    fn a_runtime_below_the_verifier_is_named_with_the_way_to_find_it() {
        let reached = edges(&[("jeton", "serde"), ("jeton", "tokio")]);

        assert_eq!(
            violations(&[], &reached),
            ["jeton must not reach tokio; `cargo tree -p jeton -i tokio` says how"]
        );
    }

    /// A10
    #[test]
    fn no_regular_expression_decides_about_a_token() {
        for name in ["regex", "regex-automata", "regex-lite", "fancy-regex"] {
            let violations = violations(&[], &edges(&[("jeton", name)]));

            assert_eq!(violations.len(), 1, "{name}");
        }
    }
}
