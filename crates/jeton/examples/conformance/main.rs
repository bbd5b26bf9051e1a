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
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let value: Value = serde_json::from_str(line)
                .map_err(|error| format!("{path}:{}: {error}", number + 1))?;
            if value.get("expect_token").is_some() {
                score.count(vectors::signing(&value));
            } else {
                let case: Case = serde_json::from_value(value)
                    .map_err(|error| format!("{path}:{}: {error}", number + 1))?;
                let verdict = judge::judge(&case);
                writeln!(out, "{}", verdict.to_json(&case))?;
                score.add(&case, &verdict);
            }
        }
    }
    out.flush()?;
    score.print(&mut io::stderr().lock())?;
    Ok(if score.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
