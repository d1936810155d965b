//! Events as they go out.

use chrono::{DateTime, Utc};
use hawker_ports::views::{BoundedCount, EventDetail, EventSummary, Page};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An event in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventWire {
    /// Its id.
    #[schema(example = "srev_01JD0Z5V7Q8W9X0Y1Z2A3B4C5D")]
    id: String,
    /// When it came.
    received_at: DateTime<Utc>,
    /// Sandbox or live.
    env_type: String,
    /// By which road: `webhook`, `poll`, `reconcile`, `manual`.
    source: String,
    /// The marketplace's push code.
    code: i32,
    /// The order, if it names one.
    #[schema(required)]
    order_sn: Option<String>,
    /// The shop, if it names one.
    #[schema(required)]
    shop_id: Option<i64>,
    /// Whether its signature matched; `null` where none is expected.
    #[schema(required)]
    signature_ok: Option<bool>,
    /// Whether nothing more is to be done.
    processed: bool,
    /// What became of it, once processed.
    #[schema(required)]
    outcome: Option<String>,
    /// When it is tried (again), while it is pending and not parked.
    #[schema(required)]
    next_attempt_at: Option<DateTime<Utc>>,
}

/// A part of the list of events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventPage)]
pub(crate) struct EventPageWire {
    /// The events of this page, newest first.
    items: Vec<EventWire>,
    /// Events on all pages, counted up to 1 000.
    total: u64,
    /// Whether `total` is all of them; `false` where there are more than are counted.
    total_is_exact: bool,
    /// Hand this in as `after` for the next page; `null` on the last.
    #[schema(required)]
    next: Option<String>,
}

/// An event with everything about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventDetail)]
pub(crate) struct EventDetailWire {
    #[serde(flatten)]
    summary: EventWire,
    /// The profile, if one was recognised.
    #[schema(required)]
    profile_id: Option<String>,
    /// Which scheme matched.
    #[schema(required)]
    signature_scheme: Option<String>,
    /// Which key matched.
    #[schema(required)]
    signature_key: Option<String>,
    /// The marketplace's id of the delivery.
    #[schema(required)]
    delivery_id: Option<String>,
    /// When it was processed.
    #[schema(required)]
    processed_at: Option<DateTime<Utc>>,
    /// The body: as JSON where it is JSON, else as text.
    payload: Value,
}

impl From<EventSummary> for EventWire {
    fn from(summary: EventSummary) -> Self {
        let EventSummary {
            id,
            received_at,
            environment,
            source,
            code,
            order_sn,
            shop_id,
            signature_ok,
            processed,
            outcome,
            next_attempt_at,
        } = summary;
        Self {
            id,
            received_at,
            env_type: environment,
            source,
            code,
            order_sn,
            shop_id,
            signature_ok,
            processed,
            outcome,
            next_attempt_at,
        }
    }
}

impl EventPageWire {
    /// A page, with how many there are on all.
    pub(crate) fn of(page: Page<EventSummary>, count: BoundedCount) -> Self {
        let Page { rows, next } = page;
        let BoundedCount { total, is_exact } = count;
        Self {
            items: rows.into_iter().map(Into::into).collect(),
            total,
            total_is_exact: is_exact,
            next,
        }
    }
}

impl From<EventDetail> for EventDetailWire {
    fn from(detail: EventDetail) -> Self {
        let EventDetail {
            summary,
            profile_id,
            signature_scheme,
            signature_key,
            delivery_id,
            processed_at,
            payload,
        } = detail;
        Self {
            summary: summary.into(),
            profile_id,
            signature_scheme,
            signature_key,
            delivery_id,
            processed_at,
            payload,
        }
    }
}
