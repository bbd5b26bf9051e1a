//! Medians of alternating rounds.

/// Rounds of each comparison.
pub const ROUNDS: usize = 5;

/// The middle of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The figure below which this share of the sorted figures lies.
pub fn at(sorted: &[f64], share: f64) -> f64 {
    let index = (sorted.len().saturating_sub(1) as f64 * share) as usize;
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

/// Smallest, median, largest.
pub fn spread(figures: &[f64]) -> String {
    let smallest = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = figures.iter().copied().fold(0.0, f64::max);
    format!("{:>8.0} ({smallest:.0} to {largest:.0})", median(figures.to_vec()))
}

/// The median of the ratios of pairs.
pub fn ratio(ours: &[f64], theirs: &[f64]) -> f64 {
    median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect())
}
