//! Times every row, and prints the table.

use anyhow::Result;
use clap::Parser;
use jeton_peers::{Counts, Line, Row, json, matching, print, time};

/// jeton beside other JWT libraries and the raw operation
#[derive(Parser)]
#[command(name = "peers")]
struct Arguments {
    /// Rows whose names contain this; all of them unless given
    #[arg(value_name = "ROW")]
    rows: Vec<String>,
    /// Rounds of each row
    #[arg(long, default_value_t = 201, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Prints JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Prints the names of the rows, and what one operation is
    #[arg(long)]
    list: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let rows = matching(&arguments.rows)?;
    if arguments.list {
        for row in &rows {
            println!("{:<14} {}", row.name, row.about);
        }
        return Ok(());
    }
    let counts = Counts::from_program(&rows)?;
    let mut lines = Vec::new();
    for row in &rows {
        eprintln!("{} …", row.name);
        lines.extend(compare(row, &counts, arguments.rounds.into())?);
    }
    if arguments.json {
        println!("{}", json(&lines));
    } else {
        print!("{}", print(&lines));
    }
    Ok(())
}

fn compare(row: &Row, counts: &Counts, rounds: usize) -> Result<Vec<Line>> {
    let mut contest = row.prepare()?;
    let timings = time(&mut contest, rounds)?;
    let (_, contestants) = contest.parts();
    let lines = contestants.iter().zip(timings).enumerate();
    let line = |(place, (contestant, timing)): (usize, (&jeton_peers::Contestant, _))| Line {
        row: *row,
        contestant: contestant.name,
        timing,
        allocations: counts.of(row, place),
    };
    Ok(lines.map(line).collect())
}
