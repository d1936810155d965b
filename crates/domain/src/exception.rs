//! Exceptions: what did not go by itself, why, and whether it still matters.
//!
//! One open exception per cause and order, with a count. It is resolved by the same code path that
//! raised it, as soon as the cause is gone.

use serde::{Deserialize, Serialize};

use crate::channel::{ConnectorName, Environment, OrderKey, named};
use crate::ids::{EventId, ExceptionId, OrderSn, ProfileId, ShopId};
use crate::{IdSource, Timestamp};

named! {
    /// The kind of an exception. The names are persisted, operators filter by them; the set may
    /// only grow.
    ErrorClass: "error class" {
        /// A push whose signature matched none of the profile's keys.
        SignatureMismatch = "signature_mismatch",
        /// An order line whose SKU the catalogue does not have: the order is held.
        SkuNotFound = "sku_not_found",
        /// A SKU that several variants carry: the order is held.
        AmbiguousSku = "ambiguous_sku",
        /// The marketplace's data could not be understood.
        NormalizationFailed = "normalization_failed",
        /// Our own order could not be brought up to date.
        MedusaWorkflowFailed = "medusa_workflow_failed",
        /// The payout details could not be fetched.
        EscrowFetchFailed = "escrow_fetch_failed",
        /// The marketplace did not answer, or not usefully; it is tried again.
        SdkTransient = "sdk_transient",
        /// The shop's token or authorisation is at its end.
        TokenExpired = "token_expired",
        /// All attempts were used up.
        RetryExhausted = "retry_exhausted",
        /// None of the others.
        Unknown = "unknown",
        /// The marketplace sold what is not there. The order stands; a person finds the stock.
        Oversold = "oversold",
        /// The marketplace waits for a person: a cancellation to answer, a parcel to arrange again.
        ActionRequired = "action_required",
        /// The marketplace lists orders of a day that we do not hold, or the other way round.
        OrdersMissing = "orders_missing",
        /// A scheduled job failed as often as it is tried.
        JobFailed = "job_failed",
    }
}

named! {
    /// Whether an exception still waits for somebody.
    ExceptionStatus: "exception status" {
        /// It does.
        Open = "open",
        /// The cause is gone.
        Resolved = "resolved",
        /// An operator decided to leave it.
        WontFix = "wont_fix",
    }
}

/// What an exception is about; together with its class and cause it says which open row it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The connector it came through.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile, where one was recognised.
    pub profile: Option<ProfileId>,
    /// The marketplace's shop, where known.
    pub shop: Option<ShopId>,
    /// The order, unless it is about the profile as a whole.
    pub order_sn: Option<OrderSn>,
    /// The event that showed it last.
    pub event: Option<EventId>,
}

impl Subject {
    /// The order that it is about, if it is about one.
    pub fn order_key(&self) -> Option<OrderKey> {
        self.order_sn.clone().map(|order_sn| OrderKey {
            connector: self.connector,
            environment: self.environment,
            order_sn,
        })
    }
}

/// A cause, told by the rules. It has no identity yet: the store either opens a row for it or
/// counts it on the row that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The kind.
    pub class: ErrorClass,
    /// Tells two causes of one class and order apart, for example `sku:POK-OBF-223-NM-EN`.
    pub key: String,
    /// One sentence for the operator: the thing, the cause, the next step.
    pub message: String,
    /// When somebody must have acted, where the marketplace sets a deadline.
    pub due_at: Option<Timestamp>,
}

/// A cause and what it is about, as it is handed to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaisedException {
    /// The id that the row gets if it is opened.
    pub id: ExceptionId,
    /// What it is about.
    pub subject: Subject,
    /// Why.
    pub cause: Cause,
    /// How many occurrences this stands for; at least 1.
    pub occurrences: u32,
}

impl RaisedException {
    /// One occurrence of `cause`.
    pub fn once(subject: Subject, cause: Cause, ids: &dyn IdSource) -> Self {
        Self {
            id: ExceptionId::fresh(ids),
            subject,
            cause,
            occurrences: 1,
        }
    }
}

/// An operator's or Hawker's own decision on an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// When.
    pub at: Timestamp,
    /// Who: an operator's name, or `hawker` where the cause went away.
    pub by: String,
}
