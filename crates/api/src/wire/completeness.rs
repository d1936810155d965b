//! How complete what we hold is, as it goes out.

use chrono::{DateTime, NaiveDate, Utc};
use hawker_ports::views::{CompletenessQuery, CompletenessRow};
use serde::Serialize;
use utoipa::ToSchema;

/// The days of a profile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Completeness)]
pub(crate) struct CompletenessWire {
    /// The profile.
    #[schema(example = "prof_live")]
    profile_id: String,
    /// The zone that its days are of.
    #[schema(example = "Asia/Singapore")]
    zone: String,
    /// From this day on.
    from: NaiveDate,
    /// Until this day, with it.
    to: NaiveDate,
    /// Orders of these days that the marketplace lists and we do not hold.
    missing: i64,
    /// The other way round.
    unlisted: i64,
    /// Day by day, oldest first.
    days: Vec<DayWire>,
    /// The first of the days that follow: hand it in as `from`; `null` where these are all.
    #[schema(required)]
    next: Option<NaiveDate>,
}

/// A day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CompletenessDay)]
struct DayWire {
    /// As the shop's calendar says.
    #[schema(example = "2026-11-20")]
    day: NaiveDate,
    /// Orders that the marketplace lists as placed on it; `null` where it was not asked.
    #[schema(required)]
    listed: Option<i64>,
    /// Orders that we hold as placed on it.
    held: i64,
    /// Listed, but not held.
    missing: i64,
    /// Held, but not listed; only where the whole day was asked for.
    unlisted: i64,
    /// Of those held, first heard of by a push.
    by_webhook: i64,
    /// By the queue of lost pushes.
    by_poll: i64,
    /// By comparing lists.
    by_reconcile: i64,
    /// By an operator.
    by_manual: i64,
    /// From being placed to being heard of, in seconds: half of the orders were not later.
    #[schema(required)]
    median_delay_s: Option<i64>,
    /// The latest.
    #[schema(required)]
    longest_delay_s: Option<i64>,
    /// Until when of the day the marketplace was asked.
    #[schema(required)]
    listed_until: Option<DateTime<Utc>>,
    /// When it was asked.
    #[schema(required)]
    checked_at: Option<DateTime<Utc>>,
}

impl CompletenessWire {
    pub(crate) fn of(
        query: &CompletenessQuery,
        rows: Vec<CompletenessRow>,
        next: Option<NaiveDate>,
    ) -> Self {
        Self {
            profile_id: query.profile.as_str().to_owned(),
            zone: query.zone.name().to_owned(),
            from: query.from,
            to: query.to,
            missing: rows.iter().map(|row| row.missing).sum(),
            unlisted: rows.iter().map(|row| row.unlisted).sum(),
            days: rows.into_iter().map(Into::into).collect(),
            next,
        }
    }
}

impl From<CompletenessRow> for DayWire {
    fn from(row: CompletenessRow) -> Self {
        let CompletenessRow {
            day,
            listed,
            held,
            missing,
            unlisted,
            by_webhook,
            by_poll,
            by_reconcile,
            by_manual,
            median_delay_s,
            longest_delay_s,
            listed_until,
            checked_at,
        } = row;
        Self {
            day,
            listed,
            held,
            missing,
            unlisted,
            by_webhook,
            by_poll,
            by_reconcile,
            by_manual,
            median_delay_s,
            longest_delay_s,
            listed_until,
            checked_at,
        }
    }
}
