//! How pushes behave: in order and reliable, or not.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;

use super::signing::PushSigning;

#[derive(Clone, Debug)]
pub struct PushSettings {
    pub signing: PushSigning,
    pub message_ids: MessageIds,
    /// `completed_scenario` of an order that is not completed: `null` instead of `""`.
    pub scenario_is_null: bool,
    /// Also send the header `x-shopee-event-id`.
    pub event_id_header: bool,
    /// Codes that arise by themselves, from changes of orders and of authorisations.
    pub automatic_codes: BTreeSet<i64>,
    /// Waits before the second, third… attempt, on the shop clock. After the last attempt a
    /// message goes to the lost queue.
    pub retry_after: Vec<Duration>,
    /// Real time that the receiver has for its answer.
    pub answer_within: Duration,
    /// Most deliveries at one time.
    pub concurrency: usize,
    pub policy: PushPolicy,
}

impl Default for PushSettings {
    fn default() -> Self {
        Self {
            signing: PushSigning::default(),
            message_ids: MessageIds::default(),
            scenario_is_null: false,
            event_id_header: false,
            automatic_codes: BTreeSet::from([1, 2, 3, 4, 29, 30]),
            retry_after: [300, 1800, 10_800].map(Duration::from_secs).to_vec(),
            answer_within: Duration::from_secs(3),
            concurrency: 16,
            policy: PushPolicy::default(),
        }
    }
}

impl PushSettings {
    /// At least one, or nothing would ever be sent.
    pub(super) fn hands(&self) -> usize {
        self.concurrency.max(1)
    }
}

/// Where the undocumented `msg_id` of an envelope comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageIds {
    /// The same on every attempt.
    #[default]
    Stable,
    /// Another one on every attempt.
    PerAttempt,
    Empty,
    Absent,
}

/// Unreliability, from the emulator's seed. Chances are from 0 to 1; times are shop time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushPolicy {
    /// Chance that a push is never sent.
    pub drop: f64,
    /// A dropped push at least reaches the lost queue.
    pub dropped_are_lost: bool,
    /// Chance that a push is sent a second time, with a new envelope timestamp.
    pub duplicate: f64,
    /// Every push waits a random part of this, so that pushes within it change places.
    #[serde(with = "millis", rename = "shuffle_window_ms")]
    pub shuffle_window: Duration,
    /// Every push waits this long.
    #[serde(with = "millis", rename = "delay_ms")]
    pub delay: Duration,
}

/// Durations in milliseconds.
pub(crate) mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer};

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}
