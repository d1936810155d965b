//! Whether what was acknowledged is what the inbox holds: a rate without this would be worth nothing.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::Context as _;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::measure::dataset::SCHEMA;
use crate::measure::load::Outcome;
use crate::measure::pushes::Prepared;

/// How often the journal is looked at: what is waited for takes a hundred times as long, or nothing.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Longer than filing whatever a round puts down.
const FILED_WITHIN: Duration = Duration::from_mins(2);

/// Waits until what was acknowledged is in the inbox: a push that came in a crowd is put down first.
pub async fn until_filed(connection: &mut PgConnection) -> anyhow::Result<()> {
    until_filed_in(connection, &[SCHEMA.to_owned()]).await
}

/// The same for these tenants.
pub async fn until_filed_in(
    connection: &mut PgConnection,
    schemas: &[String],
) -> anyhow::Result<()> {
    // By the index: whoever looked at all that was there before would be what is measured.
    let first = schemas
        .iter()
        .map(|schema| format!("(SELECT min(seq) FROM {schema}.connector_event_journal)"));
    let first = first.collect::<Vec<_>>().join(", ");
    let look = format!("SELECT coalesce({first}) IS NOT NULL");
    let filed = async {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        let is_anything = || sqlx::query_scalar(AssertSqlSafe(look.as_str()));
        while is_anything().fetch_one(&mut *connection).await? {
            tick.tick().await;
        }
        anyhow::Ok(())
    };
    let filed = tokio::time::timeout(FILED_WITHIN, filed).await;
    filed.context("the journal is not filed")?
}

/// Fails unless every genuine push that was acknowledged is in the inbox exactly once, and no forged
/// one counts there; answers how many distinct ones there are.
pub async fn every_one_once(
    connection: &mut PgConnection,
    prepared: &[Prepared],
    outcome: &Outcome,
) -> anyhow::Result<u64> {
    let acknowledged = outcome.acknowledged.iter().map(|place| &prepared[*place]);
    let (genuine, forged): (Vec<_>, Vec<_>) = acknowledged.partition(|push| push.is_genuine);
    let (orders, times) = keys(&genuine);
    let (once, other): (i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE rows = 1), count(*) FILTER (WHERE rows <> 1)
         FROM (
             SELECT told.order_sn, told.seconds, count(event.id) AS rows
             FROM UNNEST($1::text[], $2::bigint[]) AS told (order_sn, seconds)
             LEFT JOIN tenant_default.connector_event AS event
                 ON event.order_sn = told.order_sn AND event.trusted
                 AND event.marketplace_updated_at = to_timestamp(told.seconds)
             GROUP BY told.order_sn, told.seconds
         ) AS pushes",
    )
    .bind(&orders)
    .bind(&times)
    .fetch_one(&mut *connection)
    .await?;
    anyhow::ensure!(
        other == 0,
        "{other} pushes that were acknowledged are not in the inbox exactly once"
    );
    let (orders, _) = keys(&forged);
    let believed: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM tenant_default.connector_event
         WHERE trusted AND order_sn = ANY ($1)",
    )
    .bind(&orders)
    .fetch_one(connection)
    .await?;
    anyhow::ensure!(believed == 0, "{believed} forged pushes count in the inbox");
    Ok(u64::try_from(once)?)
}

/// Orders and times of pushes, each once.
fn keys(pushes: &[&Prepared]) -> (Vec<String>, Vec<i64>) {
    let distinct: HashSet<(&str, i64)> = pushes
        .iter()
        .map(|push| (push.order_sn.as_str(), push.update_time))
        .collect();
    let pairs = distinct.into_iter();
    pairs
        .map(|(order, seconds)| (order.to_owned(), seconds))
        .unzip()
}
