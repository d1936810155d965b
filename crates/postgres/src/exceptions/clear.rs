//! Clearing: rows whose cause is gone are resolved, those that an operator left as they are too; so the
//! cause opens a new row when it comes back.

use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::exception::ErrorClass;
use hawker_ports::exceptions::{Clearance, ProfileClearance};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::stored;

/// Orders whose exceptions are looked through.
#[derive(Default)]
struct Orders {
    connector: Vec<&'static str>,
    environment: Vec<&'static str>,
    order_sn: Vec<String>,
}

impl Orders {
    fn push(&mut self, order: &OrderKey) {
        self.connector.push(order.connector.as_str());
        self.environment.push(order.environment.as_str());
        self.order_sn.push(order.order_sn.to_string());
    }
}

/// What remains open of them: a cause, or a whole class where the cause is absent.
#[derive(Default)]
struct Standing {
    order: Vec<i64>,
    error_class: Vec<&'static str>,
    cause: Vec<Option<String>>,
}

pub(super) async fn clear(
    connection: &mut PgConnection,
    clearances: &[Clearance],
    now: Timestamp,
) -> Result<u64, Fault> {
    if clearances.is_empty() {
        return Ok(0);
    }
    let mut orders = Orders::default();
    let mut standing = Standing::default();
    for (number, Clearance { order, remaining }) in (1_i64..).zip(clearances) {
        orders.push(order);
        for (class, key) in &remaining.causes {
            standing.order.push(number);
            standing.error_class.push(class.as_str());
            standing.cause.push(Some(stored(key)));
        }
        for class in &remaining.classes {
            standing.order.push(number);
            standing.error_class.push(class.as_str());
            standing.cause.push(None);
        }
    }
    let cleared = sqlx::query!(
        r#"
        UPDATE connector_exception AS known
        SET status = 'resolved', resolved_at = $7, resolved_by = 'hawker'
        FROM UNNEST($1::text[], $2::text[], $3::text[])
            WITH ORDINALITY AS worked (connector, environment, order_sn, number)
        WHERE known.status IN ('open', 'wont_fix')
          AND known.connector = worked.connector
          AND known.environment = worked.environment
          AND known.subject = 'order:' || worked.order_sn
          AND NOT EXISTS (
              SELECT FROM UNNEST($4::bigint[], $5::text[], $6::text[])
                  AS standing (number, error_class, cause)
              WHERE standing.number = worked.number
                AND standing.error_class = known.error_class
                AND coalesce(standing.cause, known.cause) = known.cause
          )
        "#,
        &orders.connector as _,
        &orders.environment as _,
        &orders.order_sn,
        &standing.order,
        &standing.error_class as _,
        &standing.cause as _,
        now,
    )
    .execute(&mut *connection)
    .await?;
    date(connection, clearances).await?;
    Ok(cleared.rows_affected())
}

/// What stands of an order is due when its cause is due now.
async fn date(connection: &mut PgConnection, clearances: &[Clearance]) -> Result<(), Fault> {
    let mut orders = Orders::default();
    let (mut classes, mut causes, mut due_at) = (Vec::new(), Vec::new(), Vec::new());
    for Clearance { order, remaining } in clearances {
        for (class, key, due) in &remaining.deadlines {
            orders.push(order);
            classes.push(class.as_str());
            causes.push(stored(key));
            due_at.push(*due);
        }
    }
    if due_at.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        r#"
        UPDATE connector_exception AS known
        SET due_at = standing.due_at
        FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
            AS standing (connector, environment, order_sn, error_class, cause, due_at)
        WHERE known.status IN ('open', 'wont_fix')
          AND known.connector = standing.connector
          AND known.environment = standing.environment
          AND known.subject = 'order:' || standing.order_sn
          AND known.error_class = standing.error_class
          AND known.cause = standing.cause
          AND known.due_at IS DISTINCT FROM standing.due_at
        "#,
        &orders.connector as _,
        &orders.environment as _,
        &orders.order_sn,
        &classes as _,
        &causes,
        &due_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Profiles whose exceptions are looked through.
#[derive(Default)]
struct Profiles {
    connector: Vec<&'static str>,
    environment: Vec<&'static str>,
    subject: Vec<String>,
    error_class: Vec<&'static str>,
    cause: Vec<Option<String>>,
    quiet_since: Vec<Timestamp>,
}

impl Profiles {
    fn push(&mut self, clearance: &ProfileClearance) {
        let ProfileClearance {
            connector,
            environment,
            profile,
            class,
            cause,
            quiet_since,
        } = clearance;
        let profile = profile.as_ref().map_or("", |profile| profile.as_str());
        self.connector.push(connector.as_str());
        self.environment.push(environment.as_str());
        self.subject.push(format!("profile:{profile}"));
        self.error_class.push(class.as_str());
        self.cause.push(cause.as_ref().map(stored));
        self.quiet_since.push(*quiet_since);
    }
}

pub(super) async fn clear_profiles(
    connection: &mut PgConnection,
    clearances: &[ProfileClearance],
    now: Timestamp,
) -> Result<u64, Fault> {
    let mut profiles = Profiles::default();
    for clearance in clearances {
        profiles.push(clearance);
    }
    let cleared = sqlx::query!(
        r#"
        UPDATE connector_exception AS known
        SET status = 'resolved', resolved_at = $7, resolved_by = 'hawker'
        FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
            AS over (connector, environment, subject, error_class, cause, quiet_since)
        WHERE known.status IN ('open', 'wont_fix')
          AND known.connector = over.connector
          AND known.environment = over.environment
          AND known.subject = over.subject
          AND known.error_class = over.error_class
          AND known.cause = coalesce(over.cause, known.cause)
          AND known.last_seen_at < over.quiet_since
        "#,
        &profiles.connector as _,
        &profiles.environment as _,
        &profiles.subject,
        &profiles.error_class as _,
        &profiles.cause as _,
        &profiles.quiet_since,
        now,
    )
    .execute(connection)
    .await?;
    Ok(cleared.rows_affected())
}

/// An oversold exception stands while a line of its order, mapped by the SKU that the cause names,
/// holds pieces of a variant of which more is promised than there is.
pub(super) async fn clear_restocked(
    connection: &mut PgConnection,
    now: Timestamp,
) -> Result<u64, Fault> {
    let cleared = sqlx::query!(
        r#"
        UPDATE connector_exception AS known
        SET status = 'resolved', resolved_at = $2, resolved_by = 'hawker'
        WHERE known.status IN ('open', 'wont_fix')
          AND known.error_class = $1
          AND NOT EXISTS (
              SELECT
              FROM sales_order AS sold
              JOIN sales_order_line AS line ON line.order_id = sold.id
              WHERE sold.connector = known.connector
                AND sold.environment = known.environment
                AND sold.order_sn = known.order_sn
                AND line.stock = 'reserved'
                AND 'sku:' || coalesce(line.sku, '') = known.cause
                AND (
                    SELECT sum(level.on_hand - level.reserved)
                    FROM stock_level AS level
                    WHERE level.variant_id = line.variant_id
                ) < 0
          )
        "#,
        ErrorClass::Oversold.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(cleared.rows_affected())
}
