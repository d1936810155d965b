//! An order's timeline: what happened to it, step by step, in words that can be filtered.

use crate::channel::named;
use crate::ids::{EventId, TimelineId};
use crate::{IdSource, Timestamp};

named! {
    /// A step in an order's life with us.
    Step: "order step" {
        /// The order was created.
        Created = "created",
        /// The payment was captured.
        PaymentCaptured = "payment_captured",
        /// A shipment was created.
        ShipmentCreated = "shipment_created",
        /// The goods left; stock was deducted.
        Fulfilled = "fulfilled",
        /// The order was cancelled; what was reserved is free again.
        Cancelled = "canceled",
        /// The order was completed; its payout is due.
        Completed = "completed",
        /// The marketplace took back a cancellation or completion.
        Reopened = "reopened",
        /// The marketplace's status changed without any other step.
        StatusRecorded = "status_recorded",
        /// Quantities changed: part of the order was cancelled.
        LinesChanged = "lines_changed",
        /// A parcel changed or got its tracking number.
        ShipmentUpdated = "shipment_updated",
        /// The recipient's address changed.
        AddressChanged = "address_changed",
    }
}

/// An entry of an order's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Its id.
    pub id: TimelineId,
    /// What happened.
    pub step: Step,
    /// When we did it.
    pub at: Timestamp,
    /// The marketplace's status at that moment.
    pub marketplace_status: String,
    /// The event that led to it.
    pub event: Option<EventId>,
    /// In words, where the step alone does not say it.
    pub note: Option<String>,
}

impl TimelineEntry {
    /// An entry without a note.
    pub fn new(
        step: Step,
        at: Timestamp,
        marketplace_status: &str,
        event: Option<EventId>,
        ids: &dyn IdSource,
    ) -> Self {
        Self {
            id: TimelineId::fresh(ids),
            step,
            at,
            marketplace_status: marketplace_status.to_owned(),
            event,
            note: None,
        }
    }
}
