//! From log lines to entries: what a person at the terminal is told, and in which order.

use std::collections::BTreeSet;

use super::jobs;
use super::log_line::LogLine;
use super::sentence::{sentence, with_rest};

/// How an entry is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Background: it arrived.
    Quiet,
    #[default]
    Plain,
    /// Something new.
    Fresh,
    /// On its way.
    Moving,
    Good,
    /// It waits, or it is over without success.
    Waiting,
    /// A person has to look.
    Bad,
}

/// One line of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    pub time: String,
    pub mark: &'static str,
    pub tone: Tone,
    /// The order it is about, if it is about one.
    pub order: Option<String>,
    pub words: String,
}

/// Tells the story; remembers which orders are held.
#[derive(Debug, Default)]
pub struct Story {
    held: BTreeSet<String>,
}

impl Story {
    /// What a line of the log means to a person; nothing if it means nothing.
    pub fn tell(&mut self, line: &LogLine) -> Vec<Entry> {
        let entry = |mark, tone, words: String| Entry {
            time: line.time().to_owned(),
            mark,
            tone,
            order: line.text("order_sn").map(str::to_owned),
            words,
        };
        if is_no_news(line) {
            return Vec::new();
        }
        let Some(event) = line.event() else {
            return match line.text("message") {
                Some(message) if line.is_trouble() => {
                    vec![entry("!", Tone::Bad, with_rest(message, line))]
                }
                _ => Vec::new(),
            };
        };
        let released = "released: every SKU is known now";
        let (mark, tone, words) = sentence(event, line);
        match self.change_by(event, line) {
            Change::None => vec![entry(mark, tone, words)],
            Change::StillHeld => vec![entry("‖", Tone::Quiet, "still held".to_owned())],
            Change::Released if event == "order.released" => {
                vec![entry("▶", Tone::Good, released.to_owned())]
            }
            Change::Released => vec![
                entry("▶", Tone::Good, released.to_owned()),
                entry(mark, tone, words),
            ],
        }
    }

    /// Orders that wait for a SKU at this moment, as far as this account knows.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// A held order that moves on was released, whether or not the log has a word for it.
    fn change_by(&mut self, event: &str, line: &LogLine) -> Change {
        let Some(order) = line.text("order_sn") else {
            return Change::None;
        };
        match event {
            // Nothing of these moves the order itself.
            "order.differs" | "order.refresh_asked" => Change::None,
            "order.held" if self.held.insert(order.to_owned()) => Change::None,
            "order.held" => Change::StillHeld,
            "order.released" => {
                self.held.remove(order);
                Change::Released
            }
            moved if moved.starts_with("order.") && self.held.remove(order) => Change::Released,
            _ => Change::None,
        }
    }
}

/// What an event means for an order that is held.
enum Change {
    None,
    StillHeld,
    Released,
}

/// An alert in the log is an event of its own; that the log has taken it, and that it was composed, is
/// no news. Nor is it that the live profile, which is there to be filled in, is not looked at, that
/// somebody asked for an order, and that a push that was listed as lost had come all the same.
fn is_no_news(line: &LogLine) -> bool {
    let is_taken_by_log = line.text("sink") == Some("log");
    match line.event() {
        Some("alert.delivered") => is_taken_by_log,
        Some("alert.told" | "order.refresh_asked") => true,
        Some("connection.not_looked_at") => !line.is_trouble(),
        // It is fetched again to be sure.
        Some("order.differs") => line.text("difference") == Some("older"),
        // The sum of all is told with the run; of an order it is enough that its status came back.
        Some("push.recovered") => line.is_true("duplicate") || line.number("code") != Some(3),
        _ => jobs::is_no_news(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(fields: &str) -> LogLine {
        let text = format!(
            r#"{{"timestamp":"2026-01-02T03:04:05Z","level":"INFO","target":"t",{fields}}}"#
        );
        LogLine::parse(&text).unwrap()
    }

    fn words(fields: &str) -> Vec<String> {
        Story::default()
            .tell(&line(fields))
            .into_iter()
            .map(|entry| entry.words)
            .collect()
    }

    #[test]
    fn a_new_order_is_told_with_its_size_and_value() {
        let fields = r#""event":"order.created","order_sn":"26A","lines":2,"total":"41.7",
                        "currency":"SGD","cash_on_delivery":true"#;
        assert_eq!(
            words(fields),
            ["new order, 2 lines, 41.7 SGD, cash on delivery"]
        );
    }

    #[test]
    fn an_order_that_is_held_again_is_not_news() {
        let mut story = Story::default();
        let held = line(r#""event":"order.held","order_sn":"26A","skus":"A""#);
        assert_eq!(story.tell(&held)[0].tone, Tone::Waiting);
        assert_eq!(story.tell(&held)[0].tone, Tone::Quiet);
        assert_eq!(story.held(), 1);
    }

    #[test]
    fn a_held_order_is_released_when_it_moves_on() {
        let mut story = Story::default();
        let held = story.tell(&line(
            r#""event":"order.held","order_sn":"26A","skus":"A,B""#,
        ));
        assert_eq!(held[0].words, "held: nobody here knows the SKU A, B");
        assert_eq!(story.held(), 1);

        let moved = story.tell(&line(r#""event":"order.created","order_sn":"26A""#));
        assert_eq!(moved.len(), 2);
        assert!(moved[0].words.starts_with("released"));
        assert_eq!(story.held(), 0);
    }

    #[test]
    fn an_order_whose_release_is_logged_is_told_once() {
        let mut story = Story::default();
        story.tell(&line(r#""event":"order.held","order_sn":"26A","skus":"A""#));
        assert_eq!(
            story
                .tell(&line(r#""event":"order.released","order_sn":"26A""#))
                .len(),
            1
        );
        assert_eq!(
            story
                .tell(&line(r#""event":"order.created","order_sn":"26A""#))
                .len(),
            1
        );
    }

    #[test]
    fn a_forged_push_stands_out() {
        let fields = r#""event":"push.received","code":3,"signature_ok":false,"duplicate":false"#;
        let told = Story::default().tell(&line(fields));
        assert_eq!(told[0].tone, Tone::Bad);
    }

    #[test]
    fn what_was_lost_and_comes_back_is_told_once() {
        let push = r#""event":"push.recovered","code":3,"order_sn":"26A","duplicate":"#;
        assert_eq!(
            words(&format!("{push}false")),
            ["lost push recovered: order status"]
        );
        assert_eq!(words(&format!("{push}true")), [""; 0]);
        let parcel = r#""event":"push.recovered","code":15,"order_sn":"26A","duplicate":false"#;
        assert_eq!(words(parcel), [""; 0]);
        let differs = r#""event":"order.differs","order_sn":"26A","difference":"#;
        assert_eq!(words(&format!(r#"{differs}"missing""#)).len(), 1);
        assert_eq!(words(&format!(r#"{differs}"older""#)), [""; 0]);
        assert_eq!(
            words(r#""event":"job.began","job":"reconcile-daily""#),
            [""; 0]
        );
    }

    #[test]
    fn a_new_version_of_a_payout_says_why() {
        let fields = r#""event":"escrow.changed","order_sn":"26A","amount":"84.37",
                        "currency":"SGD","cause":"adjustment","adjusted":"-2""#;
        let told = "payout has a new version (adjustment): 84.37 SGD, adjusted by -2";
        assert_eq!(words(fields), [told]);
    }

    #[test]
    fn an_exception_does_not_repeat_the_order_number() {
        let fields = r#""event":"exception.opened","order_sn":"26A","error_class":"oversold",
                        "message":"Order 26A needs 2 more. Look at order 26A.""#;
        let expected = "exception oversold: This order needs 2 more. Look at this order.";
        assert_eq!(words(fields), [expected]);
    }

    #[test]
    fn an_unknown_event_is_told_with_its_fields() {
        assert_eq!(
            words(r#""event":"moon.full","phase":4"#),
            ["moon.full  phase=4"]
        );
    }

    #[test]
    fn lines_without_an_event_are_told_only_when_they_are_trouble() {
        assert_eq!(words(r#""message":"listening""#), [""; 0]);
        let trouble = r#"{"level":"WARN","message":"slow statement"}"#;
        let told = Story::default().tell(&LogLine::parse(trouble).unwrap());
        assert_eq!(told[0].words, "slow statement");
    }
}
