//! What the marketplace lists for a day, part by part.
//!
//! Invariant: `connector_day.listed` counts each order once, as marked in its own record where it is
//! held as placed on that day, else as a row of `connector_day_order`. Whoever changes either holds the
//! row of the day.

use hawker_domain::completeness::{Day, Window};
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::reconciliation::{DayDifference, OrdersOf};
use sqlx::PgConnection;

use crate::fault::Fault;

/// A part of a day of which the marketplace was asked.
struct Part<'a> {
    orders: &'a OrdersOf,
    day: &'a Day,
    compared: Window,
    listed: &'a [&'a str],
    now: Timestamp,
}

pub(super) async fn note(
    connection: &mut PgConnection,
    orders: &OrdersOf,
    day: &Day,
    compared: Window,
    listed: &[OrderSn],
    now: Timestamp,
) -> Result<DayDifference, Fault> {
    let mut listed: Vec<&str> = listed.iter().map(OrderSn::as_str).collect();
    listed.sort_unstable();
    listed.dedup();
    let part = Part {
        orders,
        day,
        compared: within(compared, day.window),
        listed: &listed,
        now,
    };
    part.lock_day(connection).await?;
    part.mark(connection).await?;
    part.replace_listed(connection).await?;
    let unlisted = part.replace_unlisted(connection).await?;
    part.count(connection).await?;
    let missing = part.missing(connection).await?;
    Ok(DayDifference {
        missing: numbers(&missing)?,
        unlisted: numbers(&unlisted)?,
    })
}

/// What of a window lies within a day.
fn within(window: Window, day: Window) -> Window {
    let from = window.from.clamp(day.from, day.to);
    Window {
        from,
        to: window.to.clamp(from, day.to),
    }
}

impl Part<'_> {
    /// The zone of a shop may have been corrected: the day is what it is told to be now.
    async fn lock_day(&self, connection: &mut PgConnection) -> Result<(), Fault> {
        sqlx::query!(
            "INSERT INTO connector_day AS known (
                 profile_id, day, connector, environment, begins_at, ends_at, compared, checked_at
             )
             VALUES ($1, $2, $3, $4, $5, $6, tstzmultirange(tstzrange($7, $8)), $9)
             ON CONFLICT (profile_id, day) DO UPDATE
             SET connector = excluded.connector,
                 environment = excluded.environment,
                 begins_at = excluded.begins_at,
                 ends_at = excluded.ends_at,
                 compared = known.compared + excluded.compared,
                 checked_at = greatest(known.checked_at, excluded.checked_at)",
            self.orders.profile.as_str(),
            self.day.date,
            self.orders.connector.as_str(),
            self.orders.environment.as_str(),
            self.day.window.from,
            self.day.window.to,
            self.compared.from,
            self.compared.to,
            self.now,
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Marks held orders that were placed in this part as listed or not. Locked in the order of their
    /// numbers, as whoever writes orders does.
    async fn mark(&self, connection: &mut PgConnection) -> Result<(), Fault> {
        sqlx::query!(
            r#"
            UPDATE connector_order AS known
            SET is_listed = NOT known.is_listed
            FROM (
                SELECT held.id
                FROM connector_order AS held
                WHERE held.placed_at >= $4
                  AND held.placed_at < $5
                  AND held.profile_id = $1
                  AND held.connector = $2
                  AND held.environment = $3
                  AND held.shopee_status IS NOT NULL
                  AND held.is_listed <> (held.order_sn IN (SELECT UNNEST($6::text[])))
                ORDER BY held.order_sn
                FOR UPDATE
            ) AS changed
            WHERE known.id = changed.id
            "#,
            self.orders.profile.as_str(),
            self.orders.connector.as_str(),
            self.orders.environment.as_str(),
            self.compared.from,
            self.compared.to,
            self.listed as _,
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Rows of listed orders: those that are marked by now need none, those of this part that are not
    /// listed any more are gone, and those that are not held as placed on the day are added.
    async fn replace_listed(&self, connection: &mut PgConnection) -> Result<(), Fault> {
        sqlx::query_file!(
            "src/reconciliation/forget_listed.sql",
            self.orders.profile.as_str(),
            self.day.date,
            self.orders.connector.as_str(),
            self.orders.environment.as_str(),
            self.day.window.from,
            self.day.window.to,
            self.compared.from,
            self.compared.to,
            self.listed as _,
        )
        .execute(&mut *connection)
        .await?;
        sqlx::query_file!(
            "src/reconciliation/add_listed.sql",
            self.orders.profile.as_str(),
            self.day.date,
            self.orders.connector.as_str(),
            self.orders.environment.as_str(),
            self.day.window.from,
            self.day.window.to,
            self.compared.from,
            self.compared.to,
            self.listed as _,
            self.now,
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Rows of orders that are held as placed in this part and not listed; answers which these are.
    async fn replace_unlisted(&self, connection: &mut PgConnection) -> Result<Vec<String>, Fault> {
        let unlisted = sqlx::query_scalar!(
            r#"
            SELECT order_sn FROM connector_order
            WHERE placed_at >= $4
              AND placed_at < $5
              AND profile_id = $1
              AND connector = $2
              AND environment = $3
              AND shopee_status IS NOT NULL
              AND NOT is_listed
            ORDER BY order_sn
            "#,
            self.orders.profile.as_str(),
            self.orders.connector.as_str(),
            self.orders.environment.as_str(),
            self.compared.from,
            self.compared.to,
        )
        .fetch_all(&mut *connection)
        .await?;
        // Of the other parts of the day, those that are still held there stay.
        sqlx::query!(
            r#"
            DELETE FROM connector_day_order AS noted
            WHERE noted.profile_id = $1
              AND noted.day = $2
              AND noted.side = 'held'
              AND noted.order_sn NOT IN (SELECT UNNEST($5::text[]))
              AND NOT EXISTS (
                  SELECT FROM connector_order AS held
                  WHERE held.order_sn = noted.order_sn
                    AND held.connector = $3
                    AND held.environment = $4
                    AND held.shopee_status IS NOT NULL
                    AND NOT held.is_listed
              )
            "#,
            self.orders.profile.as_str(),
            self.day.date,
            self.orders.connector.as_str(),
            self.orders.environment.as_str(),
            &unlisted,
        )
        .execute(&mut *connection)
        .await?;
        sqlx::query!(
            "INSERT INTO connector_day_order (profile_id, day, order_sn, side, found_at)
             SELECT $1, $2, order_sn, 'held', $4 FROM UNNEST($3::text[]) AS told (order_sn)
             ON CONFLICT (profile_id, day, order_sn) DO NOTHING",
            self.orders.profile.as_str(),
            self.day.date,
            &unlisted,
            self.now,
        )
        .execute(connection)
        .await?;
        Ok(unlisted)
    }

    async fn count(&self, connection: &mut PgConnection) -> Result<(), Fault> {
        sqlx::query!(
            r#"
            UPDATE connector_day
            SET listed = (
                SELECT count(*) FROM connector_order AS held
                WHERE held.placed_at >= $5
                  AND held.placed_at < $6
                  AND held.profile_id = $1
                  AND held.connector = $3
                  AND held.environment = $4
                  AND held.shopee_status IS NOT NULL
                  AND held.is_listed
            ) + (
                SELECT count(*) FROM connector_day_order AS noted
                WHERE noted.profile_id = $1 AND noted.day = $2 AND noted.side = 'listed'
            )
            WHERE profile_id = $1 AND day = $2
            "#,
            self.orders.profile.as_str(),
            self.day.date,
            self.orders.connector.as_str(),
            self.orders.environment.as_str(),
            self.day.window.from,
            self.day.window.to,
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn missing(&self, connection: &mut PgConnection) -> Result<Vec<String>, Fault> {
        let missing = sqlx::query_scalar!(
            r#"
            SELECT told.order_sn AS "order_sn!"
            FROM UNNEST($3::text[]) AS told (order_sn)
            WHERE NOT EXISTS (
                SELECT FROM connector_order AS held
                WHERE held.order_sn = told.order_sn
                  AND held.connector = $1
                  AND held.environment = $2
                  AND held.profile_id = $4
                  AND held.shopee_status IS NOT NULL
            )
            ORDER BY told.order_sn
            "#,
            self.orders.connector.as_str(),
            self.orders.environment.as_str(),
            self.listed as _,
            self.orders.profile.as_str(),
        )
        .fetch_all(connection)
        .await?;
        Ok(missing)
    }
}

fn numbers(texts: &[String]) -> Result<Vec<OrderSn>, Fault> {
    texts
        .iter()
        .map(|text| {
            OrderSn::parse(text)
                .ok_or_else(|| Fault::corrupt("order", text, "the order number is malformed"))
        })
        .collect()
}
