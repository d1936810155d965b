//! The merchant of the demo: some seconds after an order was held for a SKU that nobody knows, the
//! SKU is added to the catalogue, with the command that a merchant would type.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use super::log_line::LogLine;
use super::story::{Entry, Tone};
use crate::process;

/// Long enough to see that the order waits, short enough to wait for it.
const READING_TIME: Duration = Duration::from_secs(6);

/// The card that the demo shop sells before its catalogue has it.
const EXPECTED: (&str, &str, &str) = (
    "POK-PRE-161-NM-JP",
    "Umbreon ex 161/131, Prismatic Evolutions, NM, Japanese",
    "1280.00",
);

/// SKUs that wait to be added, and how to call `hawker`.
pub struct Newcomers<F> {
    hawker: F,
    seen: BTreeMap<String, State>,
}

enum State {
    Waits { since: Instant },
    Added,
}

impl<F: Fn() -> Command> Newcomers<F> {
    pub fn new(hawker: F) -> Self {
        Self {
            hawker,
            seen: BTreeMap::new(),
        }
    }

    /// Remembers the SKUs that an order waits for.
    pub fn notice(&mut self, line: &LogLine) {
        if line.event() != Some("order.held") {
            return;
        }
        let skus = line
            .text("skus")
            .or_else(|| line.text("sku"))
            .unwrap_or_default();
        for sku in skus.split(',').map(str::trim).filter(|sku| !sku.is_empty()) {
            let waits = || State::Waits {
                since: Instant::now(),
            };
            self.seen.entry(sku.to_owned()).or_insert_with(waits);
        }
    }

    /// Adds a SKU that has waited long enough, if there is one, and says so.
    pub fn add_due(&mut self) -> anyhow::Result<Option<Entry>> {
        let due = self.seen.iter_mut().find(
            |(_, state)| matches!(state, State::Waits { since } if since.elapsed() >= READING_TIME),
        );
        let Some((sku, state)) = due else {
            return Ok(None);
        };
        *state = State::Added;
        let (title, price) = match EXPECTED {
            (expected, title, price) if sku == expected => (title, price),
            _ => ("A card that was missing from the catalogue", "10.00"),
        };
        let mut command = (self.hawker)();
        command.args([
            "catalogue",
            "add",
            "--sku",
            sku,
            "--title",
            title,
            "--price",
            price,
        ]);
        process::output(command.args(["--currency", "SGD", "--stock", "3"]))?;
        Ok(Some(Entry {
            mark: "+",
            tone: Tone::Good,
            words: format!("{sku} added to the catalogue, as with `hawker catalogue add --sku …`"),
            ..Entry::default()
        }))
    }
}
