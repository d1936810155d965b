//! A sink that loses alerts, gives them twice, or takes its time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::alert::Alert;
use hawker_ports::alerts::{AlertSink, SinkError};

use super::{PlantedFault, Turns};

/// Longer than a process takes to look for alerts again, so that two meet at the same one.
const HELD_FOR: Duration = Duration::from_millis(1_500);

/// A sink with a fault.
pub(super) struct SpoiltSink {
    pub(super) sink: Arc<dyn AlertSink>,
    pub(super) fault: PlantedFault,
    pub(super) turns: Turns,
}

#[async_trait]
impl AlertSink for SpoiltSink {
    fn name(&self) -> &'static str {
        self.sink.name()
    }

    fn pace(&self) -> Duration {
        self.sink.pace()
    }

    async fn deliver(&self, alert: &Alert) -> Result<(), SinkError> {
        match self.fault {
            PlantedFault::LoseAlert if self.turns.is_every(3) => return Ok(()),
            PlantedFault::DoubleAlert => self.sink.deliver(alert).await?,
            PlantedFault::DropLease => tokio::time::sleep(HELD_FOR).await,
            _ => {}
        }
        self.sink.deliver(alert).await
    }
}
