//! Try whether alerts arrive: a message that says that it is a test, to every sink, at once and past
//! the outbox.

use std::sync::Arc;

use hawker_domain::IdSource;
use hawker_domain::alert::Alert;
use hawker_ports::Clock;
use hawker_ports::alerts::{AlertSink, SinkError};

/// Tries sinks.
pub struct TryAlerts {
    /// Where alerts go.
    pub sinks: Vec<Arc<dyn AlertSink>>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

impl TryAlerts {
    /// Answers for each sink whether it took the message.
    pub async fn run(&self) -> Vec<(String, Result<(), SinkError>)> {
        let mut results = Vec::new();
        for sink in &self.sinks {
            let alert = Alert::of_trial(sink.name(), self.clock.now(), &*self.ids);
            let result = sink.deliver(&alert).await;
            if let Err(error) = &result {
                tracing::warn!(event = "alert.trial_failed", sink = sink.name(), %error);
            }
            results.push((sink.name().to_owned(), result));
        }
        results
    }
}
