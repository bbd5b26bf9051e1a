//! How many verdicts agree.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::case::Case;
use crate::judge::Verdict;

#[derive(Default)]
pub(crate) struct Score {
    agreed: usize,
    /// What was accepted and should not have been, or the reverse, one line each.
    disagreed: Vec<String>,
    /// The same where implementations may differ.
    soft_agreed: usize,
    soft_disagreed: Vec<String>,
    not_applicable: BTreeMap<String, usize>,
    unreadable: usize,
}

impl Score {
    pub(crate) fn add(&mut self, case: &Case, verdict: &Verdict) {
        if let Verdict::NotApplicable(why) = verdict {
            *self.not_applicable.entry(why.clone()).or_default() += 1;
            return;
        }
        let agrees = verdict.outcome() == case.expect;
        let line = || {
            let Case { source, id, expect, .. } = case;
            format!(
                "{source} {id}: expected {expect}, is {}: {}",
                verdict.outcome(),
                verdict.text()
            )
        };
        match (case.is_scored(), agrees) {
            (true, true) => self.agreed += 1,
            (true, false) => self.disagreed.push(line()),
            (false, true) => self.soft_agreed += 1,
            (false, false) => self.soft_disagreed.push(format!("{} {:?}", line(), case.flags)),
        }
    }

    /// A case that asks for something this program does not know.
    pub(crate) fn unreadable(&mut self, why: String) -> Verdict {
        self.unreadable += 1;
        *self.not_applicable.entry(why.clone()).or_default() += 1;
        Verdict::NotApplicable(why)
    }

    pub(crate) fn count(&mut self, result: Result<(), String>) {
        match result {
            Ok(()) => self.agreed += 1,
            Err(why) => self.disagreed.push(why),
        }
    }

    /// Whether something was judged, everything could be, and all of it agrees.
    pub(crate) fn is_clean(&self) -> bool {
        self.agreed > 0 && self.disagreed.is_empty() && self.unreadable == 0
    }

    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        for line in &self.soft_disagreed {
            writeln!(out, "differs by choice: {line}")?;
        }
        for line in &self.disagreed {
            writeln!(out, "DISAGREES: {line}")?;
        }
        let (agreed, all) = (self.agreed, self.agreed + self.disagreed.len());
        let soft = self.soft_agreed + self.soft_disagreed.len();
        writeln!(
            out,
            "{agreed} of {all} agree; of {soft} where implementations may differ, {} do; \
             not applicable: {:?}",
            self.soft_agreed, self.not_applicable
        )
    }
}
