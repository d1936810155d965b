//! Completeness as a person sees it: for each day what the marketplace lists, what is held, and by which
//! road and how late it came.

use async_trait::async_trait;
use chrono::NaiveDate;
use hawker_domain::completeness::Day;
use hawker_domain::event::EventSource;
use hawker_domain::ids::ProfileId;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::views::{CompletenessQuery, CompletenessRow, CompletenessViews, MissingOrders};
use sqlx::PgConnection;

use super::told;
use crate::fault::Fault;
use crate::store::{Access, PgStore};

/// The most days that are told at once.
const DAYS_MAX: usize = 400;

#[async_trait]
impl CompletenessViews for PgStore {
    async fn completeness(
        &self,
        tenant: &TenantSlug,
        query: &CompletenessQuery,
    ) -> Result<Vec<CompletenessRow>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = days(session.connection()?, query).await;
        found.map_err(told("completeness"))
    }

    async fn missing_orders(&self, tenant: &TenantSlug) -> Result<Vec<MissingOrders>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = missing_orders(session.connection()?).await;
        found.map_err(told("completeness"))
    }
}

async fn days(
    connection: &mut PgConnection,
    query: &CompletenessQuery,
) -> Result<Vec<CompletenessRow>, Fault> {
    let dates = query.from.iter_days().take_while(|date| *date <= query.to);
    let days: Vec<Day> = dates
        .take(DAYS_MAX)
        .filter_map(|date| Day::of(date, query.zone))
        .collect();
    let dates: Vec<NaiveDate> = days.iter().map(|day| day.date).collect();
    let (from, to): (Vec<Timestamp>, Vec<Timestamp>) = days
        .iter()
        .map(|day| (day.window.from, day.window.to))
        .unzip();
    let rows = sqlx::query_file_as!(
        CompletenessRow,
        "src/views/completeness.sql",
        query.profile.as_str(),
        &dates,
        &from,
        &to,
        EventSource::Webhook.as_str(),
        EventSource::Poll.as_str(),
        EventSource::Reconcile.as_str(),
        EventSource::Manual.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

async fn missing_orders(connection: &mut PgConnection) -> Result<Vec<MissingOrders>, Fault> {
    let rows = sqlx::query!(
        r#"
        SELECT
            profile_id AS "profile_id!",
            mark.updated_until AS "updated_until?",
            (
                SELECT count(*)
                FROM connector_day_order AS told
                JOIN connector_day AS day USING (profile_id, day)
                WHERE told.profile_id = compared.profile_id
                  AND told.side = 'listed'
                  AND NOT EXISTS (
                      SELECT FROM connector_order AS held
                      WHERE held.order_sn = told.order_sn
                        AND held.connector = day.connector
                        AND held.environment = day.environment
                        AND held.shopee_status IS NOT NULL
                  )
            ) AS "missing!"
        FROM (
            SELECT profile_id FROM connector_reconciliation
            UNION
            SELECT profile_id FROM connector_day
        ) AS compared
        LEFT JOIN connector_reconciliation AS mark USING (profile_id)
        ORDER BY profile_id
        "#,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(MissingOrders {
                profile: ProfileId::parse(&row.profile_id).ok_or_else(|| {
                    Fault::corrupt("day", &row.profile_id, "the profile's id is malformed")
                })?,
                missing: row.missing,
                compared_until: row.updated_until,
            })
        })
        .collect()
}
