//! The table, for people and for programs.

use serde_json::{Value, json as object};

use crate::allocations::Allocations;
use crate::rounds::Timing;
use crate::rows::Row;

/// One contestant of one row.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub row: Row,
    pub contestant: &'static str,
    pub timing: Timing,
    pub allocations: Allocations,
}

const TITLES: [&str; 6] =
    ["", "", "ns/operation", "middle half of the rounds", "ratio", "allocations (bytes)"];

/// A Markdown table whose columns line up.
pub fn print(lines: &[Line]) -> String {
    let mut cells = vec![TITLES.map(str::to_owned)];
    let mut before = "";
    for line in lines {
        let row = if line.row.name == before { "" } else { line.row.name };
        before = line.row.name;
        cells.push(line.cells(row));
    }
    let widths: [usize; 6] =
        std::array::from_fn(|column| cells.iter().map(|row| row[column].len()).max().unwrap_or(0));
    let rule = std::array::from_fn(|column| {
        let dashes = "-".repeat(widths[column]);
        if column < 2 { dashes } else { dashes[1..].to_owned() + ":" }
    });
    cells.insert(1, rule);
    cells.iter().map(|row| aligned(row, &widths)).collect()
}

/// An array of objects.
pub fn json(lines: &[Line]) -> Value {
    lines.iter().map(Line::json).collect()
}

impl Line {
    fn cells(&self, row: &str) -> [String; 6] {
        let Self { timing, allocations, .. } = self;
        let (low, high) = timing.quartiles;
        [
            row.to_owned(),
            self.contestant.to_owned(),
            thousands(timing.median),
            format!("{} to {}", thousands(low), thousands(high)),
            format!("{:.2}", timing.ratio),
            format!("{:.0} ({})", allocations.count, thousands(allocations.bytes)),
        ]
    }

    fn json(&self) -> Value {
        object!({
            "row": self.row.name,
            "operation": self.row.about,
            "contestant": self.contestant,
            "nanoseconds": self.timing.median,
            "quartiles": [self.timing.quartiles.0, self.timing.quartiles.1],
            "ratio": self.timing.ratio,
            "allocations": self.allocations.count,
            "bytes": self.allocations.bytes,
        })
    }
}

/// Words to the left, figures to the right.
fn aligned(row: &[String; 6], widths: &[usize; 6]) -> String {
    let mut line = String::from("|");
    for (column, (cell, &width)) in row.iter().zip(widths).enumerate() {
        let cell =
            if column < 2 { format!(" {cell:<width$} |") } else { format!(" {cell:>width$} |") };
        line.push_str(&cell);
    }
    line + "\n"
}

/// 1234567.8 as 1,234,568.
fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn figures_are_rounded_and_grouped() {
        let cases = [(0.4, "0"), (999.4, "999"), (999.6, "1,000"), (1_234_567.8, "1,234,568")];
        for (figure, text) in cases {
            assert_eq!(thousands(figure), text);
        }
    }
}
