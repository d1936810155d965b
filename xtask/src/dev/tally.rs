//! How much has happened, for the line that is shown from time to time.

use std::fmt;

use super::log_line::LogLine;
use super::metrics::Metrics;

/// Counts since this command has started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pushes: u64,
    orders: u64,
    completed: u64,
    cancelled: u64,
    exceptions: u64,
    /// Orders that wait for a SKU.
    held: usize,
    /// Events that are due, if the service says.
    backlog: Option<u64>,
    /// Orders that the marketplace lists and nobody has here, if they were compared.
    missing: Option<u64>,
}

impl Tally {
    pub fn count(&mut self, line: &LogLine) {
        match line.event() {
            Some("push.received") => self.pushes += 1,
            Some("order.created") => self.orders += 1,
            Some("order.completed") => self.completed += 1,
            Some("order.cancelled" | "order.canceled") => self.cancelled += 1,
            Some("exception.opened") => self.exceptions += 1,
            Some("exception.resolved") => {
                let resolved = line.number("count").unwrap_or(1);
                self.exceptions = self.exceptions.saturating_sub(resolved);
            }
            _ => {}
        }
    }

    pub fn set_held(&mut self, held: usize) {
        self.held = held;
    }

    /// Takes over what the service counts itself: it knows of the time before this command.
    pub fn take(&mut self, metrics: &Metrics) {
        self.backlog = metrics.sum("hawker_backlog_events", r#"state="due""#);
        self.missing = metrics.sum("hawker_orders_missing", "");
        self.exceptions = metrics
            .sum("hawker_exceptions_open", "")
            .unwrap_or(self.exceptions);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pushes,
            orders,
            completed,
            cancelled,
            exceptions,
            held,
            backlog,
            missing,
        } = self;
        write!(
            f,
            "{pushes} pushes · {orders} orders · {completed} completed · {cancelled} cancelled · \
             {held} held · {exceptions} exceptions open"
        )?;
        if let Some(missing) = missing {
            write!(f, " · {missing} missing")?;
        }
        match backlog {
            Some(backlog) => write!(f, " · backlog {backlog}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_counted_open_until_they_are_resolved() {
        let mut tally = Tally::default();
        for text in [
            r#"{"event":"exception.opened"}"#,
            r#"{"event":"exception.opened"}"#,
            r#"{"event":"exception.resolved","count":1}"#,
            r#"{"event":"order.created"}"#,
        ] {
            tally.count(&LogLine::parse(text).unwrap());
        }
        assert_eq!(
            tally.to_string(),
            "0 pushes · 1 orders · 0 completed · 0 cancelled · 0 held · 1 exceptions open"
        );
    }
}
