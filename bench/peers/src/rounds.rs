//! Contestants in turns, and what is left of the noise.

use std::time::Duration;

use anyhow::{Result, ensure};
use rustix::time::{ClockId, clock_gettime};

use crate::contest::{Contest, Contestant};
use crate::pool::Entry;

/// How long a turn of the slowest may take: long against the clock, short against whatever else
/// this machine does.
const TURN: Duration = Duration::from_millis(8);

/// Rounds before those that count: caches, branch predictors and the clock of the processor settle.
const WARM_UP: usize = 5;

/// What one contestant took, in nanoseconds an operation.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The median of the rounds.
    pub median: f64,
    /// The quarter of the rounds that was faster, and the quarter that was slower.
    pub quartiles: (f64, f64),
    /// To the first contestant: the median of the ratios within a round.
    pub ratio: f64,
}

/// Times all contestants of a row in turns, each round with other tokens.
pub fn time(contest: &mut Contest, rounds: usize) -> Result<Vec<Timing>> {
    let (pool, contestants) = contest.parts();
    let turn = turn(pool, contestants)?;
    let turns: Vec<_> = pool.chunks_exact(turn).collect();
    let mut figures = vec![Vec::with_capacity(rounds); contestants.len()];
    for round in 0..WARM_UP + rounds {
        let batch = turns[round % turns.len()];
        for turn in 0..contestants.len() {
            let who = whose(turn, round, contestants.len());
            settle(&mut contestants[who], batch);
            let figure = measure(&mut contestants[who], batch)?;
            if round >= WARM_UP {
                figures[who].push(figure);
            }
        }
    }
    Ok(figures.iter().map(|figure| summary(figure, &figures[0])).collect())
}

/// Tokens in one turn: the same for all, a power of two so that turns divide the pool.
fn turn(pool: &[Entry], contestants: &mut [Contestant]) -> Result<usize> {
    let sample = &pool[..pool.len().min(16)];
    let mut slowest: f64 = 1.0;
    for contestant in contestants {
        measure(contestant, sample)?;
        slowest = slowest.max(measure(contestant, sample)?);
    }
    let mut turn = pool.len();
    while turn > 32 && turn as f64 * slowest > TURN.as_nanos() as f64 {
        turn /= 2;
    }
    Ok(turn)
}

/// A B C D, A D C B, B C D A, B A D C, …: everybody goes first as often as the others, and follows
/// more than one of them.
const fn whose(turn: usize, round: usize, contestants: usize) -> usize {
    let turn = if round.is_multiple_of(2) { turn } else { contestants - turn };
    (round / 2 + turn) % contestants
}

/// A quarter of the tokens once without the clock, so that nobody pays for whoever came before: the
/// same code right after another P-256 was 5 % slower for its first dozen signatures.
fn settle(contestant: &mut Contestant, batch: &[Entry]) {
    contestant.run(&batch[..batch.len() / 4]);
}

fn measure(contestant: &mut Contestant, batch: &[Entry]) -> Result<f64> {
    let start = on_processor();
    let accepted = contestant.run(batch);
    let taken = on_processor().saturating_sub(start);
    ensure!(accepted, "{} refuses a good token", contestant.name);
    Ok(taken.as_nanos() as f64 / batch.len() as f64)
}

/// How long this thread has run. Unlike the time of day it stands still while somebody else has the
/// processor, which would hit those with the longest turns most.
fn on_processor() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn summary(figures: &[f64], first: &[f64]) -> Timing {
    let ratios = figures.iter().zip(first).map(|(figure, first)| figure / first).collect();
    let figures = sorted(figures.to_vec());
    Timing {
        median: figures[figures.len() / 2],
        quartiles: (figures[figures.len() / 4], figures[figures.len() * 3 / 4]),
        ratio: middle(ratios),
    }
}

fn middle(figures: Vec<f64>) -> f64 {
    let figures = sorted(figures);
    figures[figures.len() / 2]
}

fn sorted(mut figures: Vec<f64>) -> Vec<f64> {
    figures.sort_by(f64::total_cmp);
    figures
}
