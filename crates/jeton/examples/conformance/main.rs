//! Judges recorded cases: one JSON object a line in, one verdict a line out.
//!
//! ```text
//! cargo run --release -p jeton --example conformance -- FILE.jsonl
//! ```
//!
//! A case names a token, a key, the algorithms that its verifier allows, a clock, what it asks of
//! the claims, and what should come out. The score, over the cases in which implementations have no
//! choice, goes to standard error, and so does each case that was judged otherwise. `docs/conformance.md`
//! describes the format.
//!
//! Two more kinds of file are recognised by their content: signing vectors (`expect_token`), whose
//! tokens are made again, and a JSON array of thumbprints (RFC 7638).

mod case;
mod judge;
mod keys;
mod score;
mod vectors;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::{env, fs};

use serde_json::Value;

use crate::case::Case;
use crate::score::Score;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<ExitCode> {
    let path = env::args().nth(1).ok_or("usage: conformance FILE.jsonl")?;
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut score = Score::default();

    if text.trim_start().starts_with('[') {
        for vector in serde_json::from_str::<Vec<Value>>(&text)? {
            score.count(vectors::thumbprint(&vector));
        }
    } else {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let value = parse(line)?;
            if value.get("expect_token").is_some() {
                score.count(vectors::signing(&value));
                continue;
            }
            let name = ["source", "id"].map(|part| value.get(part).cloned().unwrap_or_default());
            let verdict = match serde_json::from_value::<Case>(value) {
                Ok(case) => {
                    let verdict = judge::judge(&case);
                    score.add(&case, &verdict);
                    verdict
                }
                Err(error) => score.unreadable(error.to_string()),
            };
            writeln!(out, "{}", verdict.to_json(name))?;
        }
    }
    out.flush()?;
    score.print(&mut io::stderr().lock())?;
    Ok(if score.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads a line. A text that holds half a character of UTF-16 is no text in Rust, nor in any token
/// that could be good: what is not a character is read as the sign for that.
fn parse(line: &str) -> Result<Value> {
    let halves = |escape: &str| escape.starts_with(['d', 'D']) && escape.get(1..2) > Some("7");
    Ok(serde_json::from_str(line).or_else(|_| {
        let mut readable = String::with_capacity(line.len());
        let mut pieces = line.split(r"\u");
        readable.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            readable.push_str(r"\u");
            match piece.split_at_checked(4) {
                Some((escape, rest)) if halves(escape) => readable.extend(["fffd", rest]),
                _ => readable.push_str(piece),
            }
        }
        serde_json::from_str(&readable)
    })?)
}
