//! Differences of days that have stood for some time, and which of them somebody was told of.

use chrono::NaiveDate;
use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_ports::reconciliation::{OrdersOf, StandingDifference};
use sqlx::PgConnection;

use crate::fault::{Fault, read};

/// So many orders of a difference are named.
const EXAMPLES: i32 = 5;

/// So many orders that arrived are forgotten at once; the rest is no difference all the same.
const FORGOTTEN_AT_ONCE: i64 = 5_000;

/// A difference as it is found.
struct StandingRow {
    profile_id: String,
    day: NaiveDate,
    connector: String,
    environment: String,
    shop_id: Option<i64>,
    missing: i64,
    unlisted: i64,
    examples: Vec<String>,
    state: String,
    is_told: bool,
}

pub(super) async fn standing(
    connection: &mut PgConnection,
    found_before: Timestamp,
) -> Result<Vec<StandingDifference>, Fault> {
    forget_what_arrived(connection).await?;
    let rows = sqlx::query_file_as!(
        StandingRow,
        "src/reconciliation/standing.sql",
        found_before,
        EXAMPLES,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

impl TryFrom<StandingRow> for StandingDifference {
    type Error = Fault;

    fn try_from(row: StandingRow) -> Result<Self, Fault> {
        let malformed = |what: &str| Fault::corrupt("day", &row.profile_id, what);
        let examples = row.examples.iter().map(|text| {
            OrderSn::parse(text).ok_or_else(|| malformed("an order number is malformed"))
        });
        Ok(Self {
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
            state: row.state,
            is_told: row.is_told,
        })
    }
}

pub(super) async fn told(
    connection: &mut PgConnection,
    differences: &[StandingDifference],
) -> Result<(), Fault> {
    if differences.is_empty() {
        return Ok(());
    }
    let profiles = differences.iter().map(|one| one.orders.profile.as_str());
    let profiles: Vec<&str> = profiles.collect();
    let days: Vec<NaiveDate> = differences.iter().map(|one| one.day).collect();
    let states = differences.iter().map(|one| one.state.as_str());
    let states: Vec<&str> = states.collect();
    // A day that is just being compared is told of once more the next time: whoever compares it holds its
    // row and goes on to orders, which may be marked here already.
    sqlx::query!(
        "UPDATE connector_day AS known
         SET told = nullif(told.state, '')
         FROM (
             SELECT day.profile_id, day.day, told.state
             FROM UNNEST($1::text[], $2::date[], $3::text[]) AS told (profile_id, day, state)
             JOIN connector_day AS day USING (profile_id, day)
             ORDER BY day.profile_id, day.day
             FOR UPDATE OF day SKIP LOCKED
         ) AS told
         WHERE known.profile_id = told.profile_id AND known.day = told.day",
        &profiles as _,
        &days,
        &states as _,
    )
    .execute(connection)
    .await?;
    Ok(())
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
