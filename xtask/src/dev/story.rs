//! From log lines to sentences: what a person at the terminal is told.
//!
//! Each event has a mark, a colour and words of its own; an event that this file does not know is
//! told with its name and fields, so that nothing the product says is lost.

use std::collections::BTreeSet;

use super::log_line::LogLine;

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
        if is_told_already(line) {
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
        let mut told = Vec::new();
        if self.is_released_by(event, line) {
            told.push(entry(
                "▶",
                Tone::Good,
                "released: every SKU is known now".to_owned(),
            ));
        }
        if event != "order.released" {
            let (mark, tone, words) = sentence(event, line);
            told.push(entry(mark, tone, words));
        }
        told
    }

    /// Orders that wait for a SKU at this moment, as far as this account knows.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// A held order that moves on was released, whether or not the log has a word for it.
    fn is_released_by(&mut self, event: &str, line: &LogLine) -> bool {
        let Some(order) = line.text("order_sn") else {
            return false;
        };
        match event {
            "order.held" => {
                self.held.insert(order.to_owned());
                false
            }
            "order.released" => {
                self.held.remove(order);
                true
            }
            moved if moved.starts_with("order.") => self.held.remove(order),
            _ => false,
        }
    }
}

/// An alert in the log is an event of its own; that the log has taken it is no news.
fn is_told_already(line: &LogLine) -> bool {
    line.event() == Some("alert.delivered") && line.text("sink") == Some("log")
}

/// Mark, tone and words of an event.
fn sentence(event: &str, line: &LogLine) -> (&'static str, Tone, String) {
    match event {
        "push.received" => push(line),
        "order.created" => ("●", Tone::Fresh, new_order(line)),
        "order.payment_captured" => ("$", Tone::Moving, with("paid", money(line))),
        "order.shipment_created" => ("▣", Tone::Moving, "shipment arranged".to_owned()),
        "order.fulfilled" => (
            "➤",
            Tone::Moving,
            "shipped: the pieces leave the stock".to_owned(),
        ),
        "order.completed" => ("✓", Tone::Good, "completed".to_owned()),
        "order.cancelled" | "order.canceled" => (
            "✗",
            Tone::Waiting,
            "cancelled: its reservations are free again".to_owned(),
        ),
        "order.reopened" => ("↺", Tone::Waiting, with("reopened", line.shown("status"))),
        "order.status_recorded" => ("·", Tone::Plain, with("now", line.shown("status"))),
        "order.shipment_updated" => ("▣", Tone::Plain, "its parcel has news".to_owned()),
        "order.address_changed" => ("·", Tone::Plain, "its address has changed".to_owned()),
        "order.lines_changed" => ("±", Tone::Plain, "its lines have changed".to_owned()),
        "order.held" => {
            let skus = line
                .shown("skus")
                .or_else(|| line.shown("sku"))
                .unwrap_or_default();
            (
                "‖",
                Tone::Waiting,
                format!("held: nobody here knows the SKU {}", spaced(&skus)),
            )
        }
        "exception.opened" => {
            let words = line.shown("message").unwrap_or_default();
            let class = line.shown("error_class").or_else(|| line.shown("class"));
            (
                "!",
                Tone::Bad,
                with(
                    "needs a person",
                    class.map(|class| format!("{class}: {words}")),
                ),
            )
        }
        "exception.resolved" => match line.number("count") {
            Some(count) if count > 1 => ("✓", Tone::Good, format!("{count} exceptions resolved")),
            _ => ("✓", Tone::Good, "exception resolved".to_owned()),
        },
        "alert" => ("✉", Tone::Quiet, with("alert", line.shown("details"))),
        "alert.delivered" => (
            "✉",
            Tone::Quiet,
            with("alert handed over", line.shown("sink")),
        ),
        "alert.failed" => (
            "✉",
            Tone::Bad,
            with("alert not handed over", line.shown("error")),
        ),
        "service.started" => (
            "▲",
            Tone::Good,
            with("the service listens", line.shown("address")),
        ),
        _ => {
            let tone = if line.is_trouble() {
                Tone::Bad
            } else {
                Tone::Quiet
            };
            let words = match line.text("message") {
                Some(message) => with_rest(&format!("{event}: {message}"), line),
                None => with_rest(event, line),
            };
            (if line.is_trouble() { "!" } else { "·" }, tone, words)
        }
    }
}

fn push(line: &LogLine) -> (&'static str, Tone, String) {
    let about = match line.number("code") {
        Some(0) => "a ping".to_owned(),
        Some(3) => "order status".to_owned(),
        Some(4) => "tracking number".to_owned(),
        Some(12) => "authorisation ends soon".to_owned(),
        Some(code) => format!("code {code}"),
        None => "unreadable".to_owned(),
    };
    if line.shown("signature_ok").as_deref() == Some("false") {
        return (
            "→",
            Tone::Bad,
            format!("push ({about}) with a wrong signature: kept, not believed"),
        );
    }
    let again = if line.is_true("duplicate") {
        ", again"
    } else {
        ""
    };
    ("→", Tone::Quiet, format!("push: {about}{again}"))
}

fn new_order(line: &LogLine) -> String {
    let lines = line.number("lines").map(|lines| match lines {
        1 => "1 line".to_owned(),
        _ => format!("{lines} lines"),
    });
    let cash = line
        .is_true("cash_on_delivery")
        .then(|| "cash on delivery".to_owned());
    let parts = [Some("new order".to_owned()), lines, money(line), cash];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn money(line: &LogLine) -> Option<String> {
    let total = line.shown("total")?;
    Some(match line.text("currency") {
        Some(currency) if !total.contains(currency) => format!("{total} {currency}"),
        _ => total,
    })
}

fn with(words: &str, more: Option<String>) -> String {
    match more {
        Some(more) => format!("{words}: {more}"),
        None => words.to_owned(),
    }
}

fn with_rest(words: &str, line: &LogLine) -> String {
    let rest = line.rest();
    if rest.is_empty() {
        words.to_owned()
    } else {
        format!("{words}  {rest}")
    }
}

fn spaced(list: &str) -> String {
    list.split(',')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(", ")
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
