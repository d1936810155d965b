//! The bad luck of the demo: pushes that nobody gets, and payouts that change later.
//!
//! Of the pushes that are lost, some reach the marketplace's queue of lost pushes and some are gone for
//! good, so that both roads back can be watched.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;

use super::http;
use super::log_line::LogLine;

/// Of a hundred pushes, so many go to the queue of lost ones, and so many nowhere.
const LOST: f64 = 0.05;
const GONE: f64 = 0.03;

/// Of the payouts, every so many is adjusted.
const ADJUSTED: usize = 3;

/// Long enough to see the payout before it changes.
const READING_TIME: Duration = Duration::from_secs(8);

/// Payouts that are going to change.
#[derive(Debug)]
pub struct BadLuck {
    emulator_port: u16,
    captured: usize,
    waiting: Vec<(Instant, String)>,
}

/// Loses pushes from now on.
pub fn lose_pushes(emulator_port: u16) -> anyhow::Result<()> {
    let chaos = json!({ "seed": 1, "pushes": { "lose": LOST, "vanish": GONE } });
    let answer = http::post(emulator_port, "/_control/chaos", &chaos)?;
    answer
        .json()
        .context("the emulator refuses /_control/chaos")
        .map(drop)
}

impl BadLuck {
    pub fn new(emulator_port: u16) -> Self {
        Self {
            emulator_port,
            captured: 0,
            waiting: Vec::new(),
        }
    }

    /// Remembers payouts that were captured.
    pub fn notice(&mut self, line: &LogLine) {
        if line.event() != Some("escrow.captured") {
            return;
        }
        self.captured += 1;
        if let Some(order) = line.text("order_sn").filter(|_| self.is_struck()) {
            self.waiting.push((Instant::now(), order.to_owned()));
        }
    }

    fn is_struck(&self) -> bool {
        self.captured % ADJUSTED == 1
    }

    /// Adjusts those that were captured long enough ago. An emulator that refuses is no reason to end:
    /// somebody may have moved the order by hand.
    pub fn strike(&mut self) {
        let port = self.emulator_port;
        let due = |captured: &Instant| captured.elapsed() >= READING_TIME;
        for (_, order) in self.waiting.extract_if(.., |(captured, _)| due(captured)) {
            let change = json!({ "adjust": { "amount": -2, "reason": "Shipping fee correction" } });
            http::post(port, &format!("/_control/escrows/{order}"), &change).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_third_payout_changes_and_the_first_is_among_them() {
        let mut luck = BadLuck::new(0);
        for number in 1..=4 {
            let text = format!(r#"{{"event":"escrow.captured","order_sn":"26A{number}"}}"#);
            luck.notice(&LogLine::parse(&text).unwrap());
        }
        let struck: Vec<_> = luck.waiting.iter().map(|(_, order)| order).collect();
        assert_eq!(struck, ["26A1", "26A4"]);
    }
}
