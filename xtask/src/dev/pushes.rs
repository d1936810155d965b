//! Pushes as they arrive: a change of an order sends several at once, which are told as one.

use std::time::{Duration, Instant};

use super::log_line::LogLine;
use super::story::{Entry, Tone};

/// Pushes of one change come within this time.
const BURST: Duration = Duration::from_millis(250);

/// Pushes that have arrived and are not told yet.
#[derive(Debug, Default)]
pub struct Pushes {
    bursts: Vec<Burst>,
}

/// The pushes about one order, or about none.
#[derive(Debug)]
struct Burst {
    since: Instant,
    time: String,
    order: Option<String>,
    about: Vec<String>,
}

impl Pushes {
    /// Keeps a push for a moment; says no to a line that is not about a genuine push.
    pub fn take(&mut self, line: &LogLine) -> bool {
        if line.event() != Some("push.received") || is_forged(line) {
            return false;
        }
        let order = line.text("order_sn").map(str::to_owned);
        let about = about(line);
        match self.bursts.iter_mut().find(|burst| burst.order == order) {
            Some(burst) if burst.about.contains(&about) => {}
            Some(burst) => burst.about.push(about),
            None => self.bursts.push(Burst {
                since: Instant::now(),
                time: line.time().to_owned(),
                order,
                about: vec![about],
            }),
        }
        true
    }

    /// Everything that waits, because something else is to be told now.
    pub fn all(&mut self) -> Vec<Entry> {
        self.bursts.drain(..).map(Burst::entry).collect()
    }

    /// What has waited long enough for its like.
    pub fn complete(&mut self) -> Vec<Entry> {
        let complete = self
            .bursts
            .extract_if(.., |burst| burst.since.elapsed() >= BURST);
        complete.map(Burst::entry).collect()
    }
}

impl Burst {
    fn entry(self) -> Entry {
        Entry {
            time: self.time,
            mark: "→",
            tone: Tone::Quiet,
            order: self.order,
            words: format!("push: {}", self.about.join(", ")),
        }
    }
}

/// A push whose signature is wrong, which stands out.
pub fn is_forged(line: &LogLine) -> bool {
    line.shown("signature_ok").as_deref() == Some("false")
}

/// What a push is about, by its code.
pub fn about(line: &LogLine) -> String {
    let about = match line.number("code") {
        Some(0) => "a ping",
        Some(1) => "shop authorised",
        Some(2) => "shop no longer authorised",
        Some(3) => "order status",
        Some(4) => "tracking number",
        Some(12) => "authorisation ends soon",
        Some(15) => "shipping document",
        Some(29) => "return",
        Some(30) => "parcel",
        Some(code) => return format!("code {code}"),
        None => "unreadable",
    };
    if line.is_true("duplicate") {
        format!("{about} again")
    } else {
        about.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(order: &str, code: u64, signature_ok: bool) -> LogLine {
        LogLine::parse(&format!(
            r#"{{"event":"push.received","order_sn":"{order}","code":{code},
                "signature_ok":{signature_ok},"duplicate":false}}"#
        ))
        .unwrap()
    }

    #[test]
    fn pushes_of_one_order_are_told_in_one_line() {
        let mut pushes = Pushes::default();
        for (order, code) in [("A", 3), ("B", 3), ("A", 30), ("A", 3)] {
            assert!(pushes.take(&push(order, code, true)));
        }
        let words: Vec<_> = pushes.all().into_iter().map(|entry| entry.words).collect();
        assert_eq!(words, ["push: order status, parcel", "push: order status"]);
        assert_eq!(pushes.all(), []);
    }

    #[test]
    fn a_forged_push_is_no_part_of_it() {
        assert!(!Pushes::default().take(&push("A", 3, false)));
    }
}
