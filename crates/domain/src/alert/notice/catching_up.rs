//! What a sink is told that has not taken what it was to be told before.

use serde_json::Value;

use super::super::{AlertPayload, AlertThread, NoticeKind};

impl AlertThread {
    /// The thread and the kind of its message in the place of what was told of it before and the sink
    /// has not taken, oldest first: it hears of more only when it heard of the first, and of as many as
    /// it does not know.
    #[must_use]
    pub fn caught_up(&self, kind: NoticeKind, waiting: &[&AlertPayload]) -> (Self, NoticeKind) {
        let mut thread = self.clone();
        if kind != NoticeKind::More {
            return (thread, kind);
        }
        let mut kinds = waiting.iter().map(|waiting| waiting.kind());
        if kinds.any(|kind| kind == Some(NoticeKind::Opened)) {
            return (thread, NoticeKind::Opened);
        }
        let of_it = |waiting: &&&AlertPayload| waiting.thread() == Some(&*self.id.to_string());
        let new = waiting.iter().filter(of_it).filter_map(|waiting| {
            let new = waiting.details.get("new").and_then(Value::as_u64);
            new.filter(|_| waiting.kind() == Some(NoticeKind::More))
        });
        thread.untold = new.fold(thread.untold, u64::saturating_add);
        (thread, kind)
    }

    /// The thread and the kind of its message where nothing is to be told of it now, and what was told
    /// before is taken back from a sink, oldest first: that is said with how it stands now. None where
    /// there is nothing left to say: it is over, and the sink hears so elsewhere, or it has begun anew,
    /// and is told in its time.
    #[must_use]
    pub fn retold(&self, waiting: &[&AlertPayload]) -> Option<(Self, NoticeKind)> {
        let last = waiting.last()?.kind()?;
        let is_over = self.recovery_told && last != NoticeKind::Recovered;
        if is_over || self.told == 0 {
            return None;
        }
        // What was not told yet is told in its time.
        let thread = Self {
            untold: 0,
            ..self.clone()
        };
        Some(match thread.caught_up(last, waiting) {
            (thread, NoticeKind::More) if thread.untold == 0 => (thread, NoticeKind::Reminder),
            caught_up => caught_up,
        })
    }
}
