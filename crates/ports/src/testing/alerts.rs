//! A sink that keeps what it is given.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::alert::Alert;

use super::locked;
use crate::alerts::{AlertSink, SinkError};

/// Takes every alert, unless it was told to refuse some or to hang.
#[derive(Debug, Default)]
pub struct RecordingSink {
    delivered: Mutex<Vec<Alert>>,
    failures: Mutex<VecDeque<SinkError>>,
    hangs: AtomicBool,
    asked: AtomicUsize,
    pace: Duration,
}

impl RecordingSink {
    /// Its name: what is for it is enqueued for a sink of this name.
    pub const NAME: &'static str = "recording";

    /// A sink that wants so much time between two alerts.
    pub fn with_pace(pace: Duration) -> Self {
        Self {
            pace,
            ..Self::default()
        }
    }

    /// Answers the next delivery with `error`; several are used up one by one.
    pub fn fail_next(&self, error: SinkError) {
        locked(&self.failures).push_back(error);
    }

    /// From now on it takes every connection and answers nobody.
    pub fn hang(&self) {
        self.hangs.store(true, Ordering::SeqCst);
    }

    /// How often it was asked to take an alert.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// What it took, oldest first.
    pub fn delivered(&self) -> Vec<Alert> {
        locked(&self.delivered).clone()
    }
}

#[async_trait]
impl AlertSink for RecordingSink {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn pace(&self) -> Duration {
        self.pace
    }

    async fn deliver(&self, alert: &Alert) -> Result<(), SinkError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.hangs.load(Ordering::SeqCst) {
            return std::future::pending().await;
        }
        if let Some(error) = locked(&self.failures).pop_front() {
            return Err(error);
        }
        locked(&self.delivered).push(alert.clone());
        Ok(())
    }
}
