//! Medians with their spread, and percentiles. Nothing is averaged: one slow round is shown, not
//! smoothed away.

use std::time::Duration;

/// Rounds of one thing, summed up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The middle one; of an even number, the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
    /// How many there were.
    pub rounds: usize,
}

impl Summary {
    /// Sums up rounds; none is a median of zero over zero rounds.
    pub fn of(rounds: &[f64]) -> Self {
        let mut sorted = rounds.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted.len() {
            0 => 0.0,
            even if even % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
            _ => sorted[middle],
        };
        Self {
            median,
            least: sorted.first().copied().unwrap_or_default(),
            greatest: sorted.last().copied().unwrap_or_default(),
            rounds: sorted.len(),
        }
    }
}

/// How long each of many things took.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    /// In microseconds, sorted when they are read.
    micros: Vec<u32>,
    is_sorted: bool,
}

impl Latencies {
    /// One more.
    pub fn add(&mut self, took: Duration) {
        self.micros
            .push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        self.is_sorted = false;
    }

    /// All of another.
    pub fn extend(&mut self, other: &Self) {
        self.micros.extend_from_slice(&other.micros);
        self.is_sorted = false;
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.micros.len()
    }

    /// Milliseconds that so much of all took at most (`0.99` is the 99th percentile, by the nearest
    /// rank); zero where there is nothing.
    pub fn percentile(&mut self, part: f64) -> f64 {
        if !self.is_sorted {
            self.micros.sort_unstable();
            self.is_sorted = true;
        }
        let rank = nearest_rank(self.micros.len(), part);
        self.micros
            .get(rank)
            .map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
    }

    /// Milliseconds that the slowest took.
    pub fn greatest(&mut self) -> f64 {
        self.percentile(1.0)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "far fewer measurements than a float counts exactly, and none negative"
)]
fn nearest_rank(count: usize, part: f64) -> usize {
    let rank = (count as f64 * part).ceil() as usize;
    rank.clamp(1, count.max(1)) - 1
}

/// So many in that time, per second.
pub fn per_second(count: u64, took: Duration) -> f64 {
    float(count) / took.as_secs_f64().max(f64::EPSILON)
}

/// One by the other; zero where there is nothing to divide by.
pub fn ratio(one: f64, other: f64) -> f64 {
    if other > 0.0 { one / other } else { 0.0 }
}

/// A count as a figure.
#[expect(
    clippy::cast_precision_loss,
    reason = "nothing that is counted here comes near 2^53"
)]
pub fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::figure;

    #[test]
    fn a_median_is_the_middle_one_whatever_the_order() {
        let summary = Summary::of(&[9.0, 1.0, 5.0]);
        let shown = [summary.median, summary.least, summary.greatest].map(|value| figure(value, 1));
        assert_eq!(shown, ["5.0", "1.0", "9.0"]);
        assert_eq!(summary.rounds, 3);
        let even = Summary::of(&[4.0, 1.0, 2.0, 100.0]);
        assert_eq!(figure(even.median, 1), "3.0");
        assert_eq!(Summary::of(&[]).rounds, 0);
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut latencies = Latencies::default();
        assert_eq!(figure(latencies.percentile(0.5), 1), "0.0");
        for millis in (1..=100).rev() {
            latencies.add(Duration::from_millis(millis));
        }
        let read = [0.5, 0.95, 0.99, 1.0].map(|part| figure(latencies.percentile(part), 1));
        assert_eq!(read, ["50.0", "95.0", "99.0", "100.0"]);
        latencies.add(Duration::from_secs(1));
        assert_eq!(figure(latencies.greatest(), 1), "1,000.0");
    }

    #[test]
    fn what_cannot_be_divided_is_zero() {
        let read = [ratio(3.0, 0.0), ratio(3.0, 2.0)].map(|value| figure(value, 1));
        assert_eq!(read, ["0.0", "1.5"]);
        assert_eq!(figure(per_second(10, Duration::from_secs(2)), 1), "5.0");
    }
}
