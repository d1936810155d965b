//! A sink that keeps what it is given.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use hawker_domain::alert::Alert;

use super::locked;
use crate::alerts::{AlertSink, SinkError};

/// Takes every alert, or refuses as often as it is told to.
#[derive(Debug, Default)]
pub struct RecordingSink {
    delivered: Mutex<Vec<Alert>>,
    failures: Mutex<VecDeque<SinkError>>,
}

impl RecordingSink {
    /// Answers the next delivery with `error`; several are used up one by one.
    pub fn fail_next(&self, error: SinkError) {
        locked(&self.failures).push_back(error);
    }

    /// What it took, oldest first.
    pub fn delivered(&self) -> Vec<Alert> {
        locked(&self.delivered).clone()
    }
}

#[async_trait]
impl AlertSink for RecordingSink {
    fn name(&self) -> &'static str {
        "recording"
    }

    async fn deliver(&self, alert: &Alert) -> Result<(), SinkError> {
        if let Some(error) = locked(&self.failures).pop_front() {
            return Err(error);
        }
        locked(&self.delivered).push(alert.clone());
        Ok(())
    }
}
