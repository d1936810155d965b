//! What the receiver heard, in the order in which it did.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::listener::Heard;

/// A message as it was heard first; a repetition after a kill says nothing new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// `opened`, `more`, `reminder` or `recovered`.
    pub(super) kind: String,
    /// The thread, or `many:…` for the group of many.
    pub(super) about: String,
    /// Threads that a message about many names.
    pub(super) named: Vec<String>,
    /// Since when something has been wrong, as the message says.
    pub(super) since: String,
}

impl Message {
    fn read(heard: &Heard) -> Self {
        let body: Value = serde_json::from_str(&heard.body).unwrap_or_default();
        let details = &body["details"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let named = details["worst"].as_array().into_iter().flatten();
        Self {
            kind: text(&details["kind"]),
            about: text(&details["thread_id"]),
            named: named.map(|thread| text(&thread["thread_id"])).collect(),
            since: text(&details["opened_at"]),
        }
    }

    /// Whether it says that something is wrong, and not that it is over.
    pub(super) fn is_trouble(&self) -> bool {
        matches!(&*self.kind, "opened" | "more" | "reminder")
    }

    /// Whether it says that something is over.
    pub(super) fn is_over(&self) -> bool {
        self.kind == "recovered"
    }

    /// Whether it is certainly about a thread.
    pub(super) fn is_of(&self, thread: &str) -> bool {
        self.about == thread || self.named.iter().any(|named| named == thread)
    }
}

/// Everything that was heard, each message once.
pub(super) fn messages(heard: &[Heard]) -> Vec<Message> {
    let mut seen = BTreeSet::new();
    let first = heard.iter().filter(|message| {
        let id = message.header("x-hawker-alert-id").unwrap_or_default();
        seen.insert(id.to_owned())
    });
    first.map(Message::read).collect()
}
