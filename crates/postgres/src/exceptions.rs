//! Exceptions: one open row per cause and subject, which a unique index guarantees.

use std::collections::{BTreeMap, HashSet};

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::exception::{ErrorClass, RaisedException};
use hawker_ports::StoreError;
use hawker_ports::exceptions::{Clearance, ExceptionRepository, OpenException, ProfileClearance};
use sqlx::PgConnection;

use crate::fault::{Fault, read};
use crate::text::stored;
use crate::unit_of_work::PgUnitOfWork;

const EXCEPTIONS: &str = "exceptions";

#[async_trait]
impl ExceptionRepository for PgUnitOfWork {
    async fn raise(
        &mut self,
        raised: &[RaisedException],
        now: Timestamp,
    ) -> Result<Vec<OpenException>, StoreError> {
        let done = raise(self.enter()?, raised, now).await;
        self.leave(EXCEPTIONS, done)
    }

    async fn clear(&mut self, clearances: &[Clearance], now: Timestamp) -> Result<u64, StoreError> {
        let done = clear(self.enter()?, clearances, now).await;
        self.leave(EXCEPTIONS, done)
    }

    async fn clear_profile(
        &mut self,
        clearance: &ProfileClearance,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let done = clear_profile(self.enter()?, clearance, now).await;
        self.leave(EXCEPTIONS, done)
    }

    async fn clear_restocked(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let done = clear_restocked(self.enter()?, now).await;
        self.leave(EXCEPTIONS, done)
    }
}

/// Which open row a cause belongs to: what the unique index says, as the row's columns.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    connector: &'static str,
    environment: &'static str,
    subject: String,
    class: &'static str,
    cause: String,
}

impl Identity {
    fn of(raised: &RaisedException) -> Self {
        let RaisedException { subject, cause, .. } = raised;
        let profile = || {
            subject
                .profile
                .as_ref()
                .map_or("", |profile| profile.as_str())
        };
        Self {
            connector: subject.connector.as_str(),
            environment: subject.environment.as_str(),
            subject: match &subject.order_sn {
                Some(order_sn) => format!("order:{order_sn}"),
                None => format!("profile:{}", profile()),
            },
            class: cause.class.as_str(),
            cause: stored(&cause.key),
        }
    }
}

/// Exceptions to be opened or counted.
#[derive(Default)]
struct Raised {
    id: Vec<String>,
    connector: Vec<&'static str>,
    environment: Vec<&'static str>,
    profile_id: Vec<Option<String>>,
    shop_id: Vec<Option<i64>>,
    order_sn: Vec<Option<String>>,
    raw_event_id: Vec<Option<String>>,
    error_class: Vec<&'static str>,
    cause: Vec<String>,
    error_message: Vec<String>,
    due_at: Vec<Option<Timestamp>>,
    occurrences: Vec<i64>,
}

impl Raised {
    fn push(
        &mut self,
        identity: &Identity,
        first: &RaisedException,
        last: &RaisedException,
        occurrences: i64,
    ) {
        let RaisedException { subject, cause, .. } = last;
        self.id.push(first.id.to_string());
        self.connector.push(identity.connector);
        self.environment.push(identity.environment);
        self.profile_id
            .push(subject.profile.as_ref().map(ToString::to_string));
        self.shop_id.push(subject.shop.map(|shop| shop.0));
        self.order_sn
            .push(subject.order_sn.as_ref().map(ToString::to_string));
        self.raw_event_id
            .push(subject.event.map(|event| event.to_string()));
        self.error_class.push(identity.class);
        self.cause.push(identity.cause.clone());
        self.error_message.push(stored(&cause.message));
        self.due_at.push(cause.due_at);
        self.occurrences.push(occurrences);
    }
}

async fn raise(
    connection: &mut PgConnection,
    raised: &[RaisedException],
    now: Timestamp,
) -> Result<Vec<OpenException>, Fault> {
    if raised.is_empty() {
        return Ok(Vec::new());
    }
    // Equal causes are one row; in one order for everybody.
    let mut by_identity = BTreeMap::<Identity, Vec<&RaisedException>>::new();
    for one in raised {
        by_identity.entry(Identity::of(one)).or_default().push(one);
    }
    let mut columns = Raised::default();
    for (identity, same) in &by_identity {
        if let (Some(first), Some(last)) = (same.first(), same.last()) {
            let occurrences = same.iter().map(|one| i64::from(one.occurrences)).sum();
            columns.push(identity, first, last, occurrences);
        }
    }
    let rows = sqlx::query!(
        r#"
        INSERT INTO connector_exception AS known (
            id, connector, environment, profile_id, shop_id, order_sn, raw_event_id, error_class,
            cause, error_message, due_at, retry_count, created_at, last_seen_at
        )
        SELECT
            id, connector, environment, profile_id, shop_id, order_sn, raw_event_id, error_class,
            cause, error_message, due_at, greatest(occurrences - 1, 0), $13, $13
        FROM UNNEST(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::bigint[]
        ) AS raised (
            id, connector, environment, profile_id, shop_id, order_sn, raw_event_id, error_class,
            cause, error_message, due_at, occurrences
        )
        ON CONFLICT (connector, environment, subject, error_class, cause) WHERE status = 'open'
        DO UPDATE
        SET retry_count = known.retry_count + excluded.retry_count + 1,
            error_message = excluded.error_message,
            due_at = excluded.due_at,
            raw_event_id = coalesce(excluded.raw_event_id, known.raw_event_id),
            last_seen_at = excluded.last_seen_at
        RETURNING id, connector, environment, subject, error_class, cause
        "#,
        &columns.id,
        &columns.connector as _,
        &columns.environment as _,
        &columns.profile_id as _,
        &columns.shop_id as _,
        &columns.order_sn as _,
        &columns.raw_event_id as _,
        &columns.error_class as _,
        &columns.cause,
        &columns.error_message,
        &columns.due_at as _,
        &columns.occurrences,
        now,
    )
    .fetch_all(connection)
    .await?;
    let open: BTreeMap<_, _> = rows
        .into_iter()
        .map(|row| {
            let key = (
                row.connector,
                row.environment,
                row.subject,
                row.error_class,
                row.cause,
            );
            (key, row.id)
        })
        .collect();

    let mut told = HashSet::new();
    raised
        .iter()
        .map(|one| {
            let Identity {
                connector,
                environment,
                subject,
                class,
                cause,
            } = Identity::of(one);
            let key = (
                connector.to_owned(),
                environment.to_owned(),
                subject,
                class.to_owned(),
                cause,
            );
            let id = open
                .get(&key)
                .ok_or_else(|| Fault::corrupt("exception", one.id, "it was not stored"))?;
            let is_new = *id == one.id.to_string() && told.insert(id);
            Ok(OpenException {
                id: read("exception", id, id)?,
                is_new,
            })
        })
        .collect()
}

/// Orders whose exceptions are looked through.
#[derive(Default)]
struct Orders {
    connector: Vec<&'static str>,
    environment: Vec<&'static str>,
    order_sn: Vec<String>,
}

/// What remains open of them: a cause, or a whole class where the cause is absent.
#[derive(Default)]
struct Standing {
    order: Vec<i64>,
    error_class: Vec<&'static str>,
    cause: Vec<Option<String>>,
}

async fn clear(
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
        orders.connector.push(order.connector.as_str());
        orders.environment.push(order.environment.as_str());
        orders.order_sn.push(order.order_sn.to_string());
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
        WHERE known.status = 'open'
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
    .execute(connection)
    .await?;
    Ok(cleared.rows_affected())
}

async fn clear_profile(
    connection: &mut PgConnection,
    clearance: &ProfileClearance,
    now: Timestamp,
) -> Result<u64, Fault> {
    let ProfileClearance {
        connector,
        environment,
        profile,
        class,
        cause,
        quiet_since,
    } = clearance;
    let subject = format!(
        "profile:{}",
        profile.as_ref().map_or("", |profile| profile.as_str())
    );
    let cleared = sqlx::query!(
        r#"
        UPDATE connector_exception
        SET status = 'resolved', resolved_at = $7, resolved_by = 'hawker'
        WHERE status = 'open'
          AND connector = $1
          AND environment = $2
          AND subject = $3
          AND error_class = $4
          AND cause = coalesce($5, cause)
          AND last_seen_at < $6
        "#,
        connector.as_str(),
        environment.as_str(),
        subject,
        class.as_str(),
        cause.as_ref().map(stored),
        quiet_since,
        now,
    )
    .execute(connection)
    .await?;
    Ok(cleared.rows_affected())
}

/// An oversold exception stands while a line of its order, mapped by the SKU that the cause names,
/// holds pieces of a variant of which more is promised than there is.
async fn clear_restocked(connection: &mut PgConnection, now: Timestamp) -> Result<u64, Fault> {
    let cleared = sqlx::query!(
        r#"
        UPDATE connector_exception AS known
        SET status = 'resolved', resolved_at = $2, resolved_by = 'hawker'
        WHERE known.status = 'open'
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
