//! How complete what we hold is, day by day.

use async_trait::async_trait;
use chrono::NaiveDate;
use hawker_domain::ids::ProfileId;
use hawker_domain::{TenantSlug, Timestamp, Zone};
use serde::Serialize;

use crate::StoreError;

/// Which days are wanted.
#[derive(Clone, Debug)]
pub struct CompletenessQuery {
    /// Of this profile.
    pub profile: ProfileId,
    /// Its shop's zone.
    pub zone: Zone,
    /// From this day on.
    pub from: NaiveDate,
    /// Until this day, with it; at most 400 days.
    pub to: NaiveDate,
}

/// A day of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CompletenessRow {
    /// The day, as the shop's calendar says.
    pub day: NaiveDate,
    /// Orders that the marketplace lists as placed on it; absent where it was not asked.
    pub listed: Option<i64>,
    /// Orders that we hold as placed on it.
    pub held: i64,
    /// Listed, but not held.
    pub missing: i64,
    /// Held, but not listed; only where the whole day was asked for.
    pub unlisted: i64,
    /// Of those held, first heard of by a push.
    pub by_webhook: i64,
    /// By the queue of lost pushes.
    pub by_poll: i64,
    /// By a reconcile run.
    pub by_reconcile: i64,
    /// By an operator.
    pub by_manual: i64,
    /// From being placed to being heard of, in seconds: half of the orders were not later.
    pub median_delay_s: Option<i64>,
    /// The latest.
    pub longest_delay_s: Option<i64>,
    /// Until when of the day the marketplace was asked.
    pub listed_until: Option<Timestamp>,
    /// When it was asked.
    pub checked_at: Option<Timestamp>,
}

/// How many orders of a profile are missing altogether, for metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingOrders {
    /// The profile.
    pub profile: ProfileId,
    /// Listed, but not held.
    pub missing: i64,
    /// Until when its orders were compared.
    pub compared_until: Option<Timestamp>,
}

/// Completeness.
#[async_trait]
pub trait CompletenessViews: Send + Sync {
    /// Every day that was asked for, oldest first.
    async fn completeness(
        &self,
        tenant: &TenantSlug,
        query: &CompletenessQuery,
    ) -> Result<Vec<CompletenessRow>, StoreError>;

    /// For every profile that was ever compared.
    async fn missing_orders(&self, tenant: &TenantSlug) -> Result<Vec<MissingOrders>, StoreError>;
}
