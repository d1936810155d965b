//! A thread as it is stored, with the exception that stands for it.

use hawker_domain::alert::{AlertPayload, AlertThread, Topic};
use hawker_domain::exception::{Cause, Subject};
use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, ShopId, Timestamp};

use super::THREAD;
use crate::exceptions::known;
use crate::fault::{Fault, read};

/// A row of `connector_alert_thread`, and of its sample what the thread itself does not say.
pub(super) struct ThreadRow {
    pub(super) id: String,
    pub(super) connector: String,
    pub(super) environment: String,
    pub(super) profile_id: Option<String>,
    pub(super) error_class: String,
    pub(super) cause: String,
    pub(super) opened_at: Timestamp,
    pub(super) open: i64,
    pub(super) total: i64,
    pub(super) untold: i64,
    pub(super) orders: Vec<String>,
    pub(super) due_by: Option<Timestamp>,
    pub(super) recovered_at: Option<Timestamp>,
    pub(super) told: i64,
    pub(super) told_at: Option<Timestamp>,
    pub(super) recovery_told: bool,
    pub(super) sample_id: String,
    pub(super) shop_id: Option<i64>,
    pub(super) order_sn: Option<String>,
    pub(super) raw_event_id: Option<String>,
    pub(super) error_message: String,
    pub(super) due_at: Option<Timestamp>,
    pub(super) retry_count: i64,
    pub(super) last_seen_at: Timestamp,
}

impl ThreadRow {
    fn topic(&self) -> Result<Topic, Fault> {
        Ok(Topic {
            connector: read(THREAD, &self.id, &self.connector)?,
            environment: read(THREAD, &self.id, &self.environment)?,
            // What was written by hand may name what cannot be there: then it names nothing.
            profile: self.profile_id.as_deref().and_then(ProfileId::parse),
            class: known::class(&self.error_class),
            cause: self.cause.clone(),
        })
    }

    /// What is said of the exception that stands for all.
    fn sample(&self, topic: &Topic) -> Result<AlertPayload, Fault> {
        let subject = Subject {
            connector: topic.connector,
            environment: topic.environment,
            profile: topic.profile.clone(),
            shop: self.shop_id.map(ShopId),
            order_sn: self.order_sn.as_deref().and_then(OrderSn::parse),
            event: self
                .raw_event_id
                .as_deref()
                .and_then(|text| text.parse().ok()),
        };
        let cause = Cause {
            class: topic.class,
            key: topic.cause.clone(),
            message: self.error_message.clone(),
            due_at: self.due_at,
        };
        let id = read("exception", &self.sample_id, &self.sample_id)?;
        let occurrences = counted(self.retry_count) + 1;
        Ok(AlertPayload::of_exception(
            id,
            &subject,
            &cause,
            occurrences,
            self.last_seen_at,
        ))
    }
}

impl TryFrom<ThreadRow> for AlertThread {
    type Error = Fault;

    fn try_from(row: ThreadRow) -> Result<Self, Fault> {
        let topic = row.topic()?;
        Ok(Self {
            id: read(THREAD, &row.id, &row.id)?,
            sample: row.sample(&topic)?,
            topic,
            opened_at: row.opened_at,
            open: counted(row.open),
            total: counted(row.total),
            untold: counted(row.untold),
            orders: row.orders,
            due_by: row.due_by,
            recovered_at: row.recovered_at,
            told_at: row.told_at,
            told: u32::try_from(row.told).unwrap_or(u32::MAX),
            recovery_told: row.recovery_told,
        })
    }
}

/// A count is never negative.
fn counted(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
