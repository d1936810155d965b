//! Alerts: messages to a person, kept as rows until a sink has taken them.

use serde::{Deserialize, Serialize};

use crate::exception::{ErrorClass, RaisedException};
use crate::ids::AlertId;
use crate::{ConnectorName, IdSource, Timestamp};

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
    /// ISO 8601, UTC.
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
    /// What is said.
    pub payload: AlertPayload,
}

impl Alert {
    /// The alert for an exception that has just been opened.
    pub fn for_exception(raised: &RaisedException, now: Timestamp, ids: &dyn IdSource) -> Self {
        let RaisedException {
            id,
            subject,
            cause,
            occurrences,
        } = raised;
        let mut details = serde_json::Map::new();
        details.insert("environment".into(), subject.environment.as_str().into());
        if let Some(profile) = &subject.profile {
            details.insert("profile_id".into(), profile.as_str().into());
        }
        if let Some(due_at) = cause.due_at {
            details.insert("due_at".into(), due_at.to_rfc3339().into());
        }
        if *occurrences > 1 {
            details.insert("occurrences".into(), (*occurrences).into());
        }
        Self {
            id: AlertId::fresh(ids),
            payload: AlertPayload {
                connector: subject.connector,
                error_class: cause.class,
                ordersn: subject.order_sn.as_ref().map(ToString::to_string),
                shop_id: subject.shop.map(|shop| shop.0),
                message: cause.message.clone(),
                exception_id: id.to_string(),
                raw_event_id: subject.event.map(|event| event.to_string()),
                occurred_at: now,
                details,
            },
        }
    }
}
