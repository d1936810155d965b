//! Alerts: messages to a person, kept as rows until a sink has taken them.

mod flood;
mod notice;
mod quiet_hours;
#[cfg(test)]
mod tests;
mod thread;

use serde::{Deserialize, Serialize};

use self::thread::group_key;
use crate::exception::{Cause, ErrorClass, Subject};
use crate::ids::{AlertId, AlertThreadId, ExceptionId};
use crate::{ConnectorName, IdSource, Timestamp};

pub use flood::{Manner, ToldLately, manner};
pub use notice::Notice;
pub use quiet_hours::QuietHours;
pub use thread::{AlertPolicy, AlertThread, Decision, NoticeKind, Topic, TopicGroup, decide};

/// The documented payload, as it is stored and as the n8n webhook receives it. Optional fields are
/// left out where they are not known, never sent as null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertPayload {
    /// The connector, for example `shopee`.
    pub connector: ConnectorName,
    /// The kind of exception.
    pub error_class: ErrorClass,
    /// The marketplace's order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordersn: Option<String>,
    /// The marketplace's shop number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop_id: Option<i64>,
    /// One sentence for the operator.
    pub message: String,
    /// The exception row.
    pub exception_id: String,
    /// The event that showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_event_id: Option<String>,
    /// ISO 8601, UTC: when it showed; of a reminder, when it was still so; of a recovery, when it was
    /// over.
    pub occurred_at: Timestamp,
    /// What else helps: environment, profile, deadline.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub details: serde_json::Map<String, serde_json::Value>,
}

/// An alert on its way to a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its id; a sink may use it to recognise a repeat.
    pub id: AlertId,
    /// The sink that it is for, for example `n8n`.
    pub sink: String,
    /// What is said.
    pub payload: AlertPayload,
    /// The threads that a message about many tells of; none of a message about one, which names it.
    pub threads: Vec<AlertThreadId>,
}

impl AlertPayload {
    /// What a message of a thread says of it; none in a test, and where it is not known.
    pub fn kind(&self) -> Option<NoticeKind> {
        self.details.get("kind")?.as_str()?.parse().ok()
    }

    /// The thread of which it tells, or the group where it is about many. Messages of one are handed
    /// over in the order of their making.
    pub fn thread(&self) -> Option<&str> {
        self.details.get("thread_id")?.as_str()
    }

    /// What a message about many of its group has in the place of a thread's id; none where it does not
    /// say of which environment it is.
    pub fn group(&self) -> Option<String> {
        let detail = |name| self.details.get(name).and_then(serde_json::Value::as_str);
        let environment = detail("environment")?;
        let profile = detail("profile_id");
        Some(group_key(
            self.connector,
            environment,
            profile,
            self.error_class,
        ))
    }

    /// What is said of one exception. `id` is that of its row.
    pub fn of_exception(
        id: ExceptionId,
        subject: &Subject,
        cause: &Cause,
        occurrences: u64,
        occurred_at: Timestamp,
    ) -> Self {
        let mut details = serde_json::Map::new();
        details.insert("environment".into(), subject.environment.as_str().into());
        if let Some(profile) = &subject.profile {
            details.insert("profile_id".into(), profile.as_str().into());
        }
        if let Some(due_at) = cause.due_at {
            details.insert("due_at".into(), due_at.to_rfc3339().into());
        }
        if occurrences > 1 {
            details.insert("occurrences".into(), occurrences.into());
        }
        Self {
            connector: subject.connector,
            error_class: cause.class,
            ordersn: subject.order_sn.as_ref().map(ToString::to_string),
            shop_id: subject.shop.map(|shop| shop.0),
            message: cause.message.clone(),
            exception_id: id.to_string(),
            raw_event_id: subject.event.map(|event| event.to_string()),
            occurred_at,
            details,
        }
    }
}

impl Alert {
    /// A message that tries whether a sink takes messages. It is about nothing: the exception that it
    /// names does not exist.
    pub fn of_trial(sink: &str, now: Timestamp, ids: &dyn IdSource) -> Self {
        let mut details = serde_json::Map::new();
        details.insert("kind".into(), "test".into());
        let payload = AlertPayload {
            connector: ConnectorName::Shopee,
            error_class: ErrorClass::Unknown,
            ordersn: None,
            shop_id: None,
            message: "This is a test: alerts of Hawker arrive here. Nothing is wrong.".to_owned(),
            exception_id: "test".to_owned(),
            raw_event_id: None,
            occurred_at: now,
            details,
        };
        Self {
            id: AlertId::fresh(ids),
            sink: sink.to_owned(),
            payload,
            threads: Vec::new(),
        }
    }
}
