//! Differences of days that have stood for some time.

use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_ports::reconciliation::{OrdersOf, StandingDifference};
use sqlx::PgConnection;

use crate::fault::{Fault, read};

/// So many orders of a difference are named.
const EXAMPLES: i32 = 5;

/// So many orders that arrived are forgotten at once; the rest is no difference all the same.
const FORGOTTEN_AT_ONCE: i64 = 5_000;

pub(super) async fn standing(
    connection: &mut PgConnection,
    found_before: Timestamp,
) -> Result<Vec<StandingDifference>, Fault> {
    forget_what_arrived(connection).await?;
    let rows = sqlx::query!(
        r#"
        SELECT
            day.profile_id, day.day, day.connector, day.environment,
            profile.shop_id AS "shop_id?",
            count(*) FILTER (WHERE noted.side = 'listed') AS "missing!",
            count(*) FILTER (WHERE noted.side = 'held') AS "unlisted!",
            (array_agg(noted.order_sn ORDER BY noted.side DESC, noted.order_sn))[1:$2] AS "examples!"
        FROM connector_day_order AS noted
        JOIN connector_day AS day USING (profile_id, day)
        LEFT JOIN connector_profile AS profile ON profile.id = day.profile_id
        LEFT JOIN connector_order AS held
          ON held.order_sn = noted.order_sn
         AND held.connector = day.connector
         AND held.environment = day.environment
         AND held.shopee_status IS NOT NULL
        WHERE noted.found_at < $1
          AND (noted.side = 'held' OR held.id IS NULL)
          -- Nobody compares the orders of a deleted profile again.
          AND profile.deleted_at IS NULL
        GROUP BY day.profile_id, day.day, profile.shop_id
        ORDER BY day.profile_id, day.day
        "#,
        found_before,
        EXAMPLES,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let malformed = |what: &str| Fault::corrupt("day", &row.profile_id, what);
            let examples = row.examples.iter().map(|text| {
                OrderSn::parse(text).ok_or_else(|| malformed("an order number is malformed"))
            });
            Ok(StandingDifference {
                examples: examples.collect::<Result<_, _>>()?,
                orders: OrdersOf {
                    connector: read("day", &row.profile_id, &row.connector)?,
                    environment: read("day", &row.profile_id, &row.environment)?,
                    profile: ProfileId::parse(&row.profile_id)
                        .ok_or_else(|| malformed("the profile's id is malformed"))?,
                },
                shop: row.shop_id.map(ShopId),
                day: row.day,
                missing: row.missing.unsigned_abs(),
                unlisted: row.unlisted.unsigned_abs(),
            })
        })
        .collect()
}

/// Missing orders that are held by now are marked in their own records instead. What somebody is just
/// working on waits for the next time: whoever notes a day holds its row.
async fn forget_what_arrived(connection: &mut PgConnection) -> Result<(), Fault> {
    sqlx::query!(
        r#"
        WITH arrived AS MATERIALIZED (
            SELECT noted.profile_id, noted.day, noted.order_sn, held.id
            FROM connector_day_order AS noted
            JOIN connector_day AS day USING (profile_id, day)
            JOIN connector_order AS held
              ON held.order_sn = noted.order_sn
             AND held.connector = day.connector
             AND held.environment = day.environment
             AND held.profile_id = noted.profile_id
             AND held.shopee_status IS NOT NULL
             AND held.placed_at >= day.begins_at
             AND held.placed_at < day.ends_at
            WHERE noted.side = 'listed'
            ORDER BY held.order_sn
            LIMIT $1
            FOR UPDATE OF day, held SKIP LOCKED
        ), marked AS (
            UPDATE connector_order AS known SET is_listed = true
            FROM arrived WHERE known.id = arrived.id
        )
        DELETE FROM connector_day_order AS noted
        USING arrived
        WHERE noted.profile_id = arrived.profile_id
          AND noted.day = arrived.day
          AND noted.order_sn = arrived.order_sn
          AND noted.side = 'listed'
        "#,
        FORGOTTEN_AT_ONCE,
    )
    .execute(connection)
    .await?;
    Ok(())
}
