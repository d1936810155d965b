//! One line of the service's log, in its JSON form.

use serde_json::{Map, Value};

/// A parsed line. Fields that are missing are simply not there: the log grows with the product,
/// and this account of it must not break over a new or an absent field.
#[derive(Debug, Clone)]
pub struct LogLine {
    fields: Map<String, Value>,
}

/// The fields that every line has, whatever it is about.
const FRAME: [&str; 7] = [
    "timestamp",
    "level",
    "target",
    "event",
    "message",
    "span",
    "spans",
];

impl LogLine {
    /// Parses a line; none if it is not one of the service's.
    pub fn parse(text: &str) -> Option<Self> {
        match serde_json::from_str(text).ok()? {
            Value::Object(fields) => Some(Self { fields }),
            _ => None,
        }
    }

    /// What happened, such as `order.created`; none for lines that are only for readers of logs.
    pub fn event(&self) -> Option<&str> {
        self.text("event")
    }

    /// Whether the line is a warning or an error.
    pub fn is_trouble(&self) -> bool {
        matches!(self.text("level"), Some("WARN" | "ERROR"))
    }

    /// The time of day, to the second.
    pub fn time(&self) -> &str {
        let time = self
            .text("timestamp")
            .and_then(|text| text.split_once('T'))
            .map(|(_, time)| time);
        time.and_then(|time| time.get(..8)).unwrap_or("        ")
    }

    /// A field that is text and not empty.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields
            .get(field)?
            .as_str()
            .filter(|text| !text.is_empty())
    }

    /// A field as it would be read aloud: text without quotes, numbers, booleans.
    pub fn shown(&self, field: &str) -> Option<String> {
        match self.fields.get(field)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    pub fn number(&self, field: &str) -> Option<u64> {
        self.fields.get(field)?.as_u64()
    }

    pub fn is_true(&self, field: &str) -> bool {
        self.fields.get(field).and_then(Value::as_bool) == Some(true)
    }

    /// Everything that belongs to this line alone, as `name=value`.
    pub fn rest(&self) -> String {
        let own = self
            .fields
            .keys()
            .filter(|name| !FRAME.contains(&name.as_str()));
        let pairs = own.filter_map(|name| Some(format!("{name}={}", self.shown(name)?)));
        pairs.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_is_read() {
        let line = LogLine::parse(
            r#"{"timestamp":"2026-01-02T03:04:05.678901Z","level":"INFO","event":"order.created",
               "order_sn":"2601020A","lines":2,"total":null,"cod":true,"target":"x"}"#,
        )
        .unwrap();
        assert_eq!(line.event(), Some("order.created"));
        assert_eq!(line.time(), "03:04:05");
        assert_eq!(line.number("lines"), Some(2));
        assert_eq!(line.shown("total"), None);
        assert!(!line.is_trouble());
        assert_eq!(line.rest(), "cod=true lines=2 order_sn=2601020A");
    }

    #[test]
    fn what_is_no_line_of_the_log_is_left_alone() {
        assert!(LogLine::parse("thread main panicked").is_none());
        assert!(LogLine::parse("7").is_none());
    }
}
