//! Reporting what became of claimed orders. The lease decides: an order that another worker has
//! taken over in the meantime is left alone.
//!
//! Whoever finishes has variants locked, and a catalogue change may be after the same ones: so nothing
//! here waits for what a catalogue change or a retry holds.

use std::collections::HashMap;

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_domain::ids::LeaseId;
use hawker_ports::inbox::{ClaimedBatch, OrderReport, SeenOrder, WorkResult};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::stored_opt;

/// When an order is looked at again that was held while the catalogue was being changed: soon, and
/// not so soon that a long import makes it a busy loop.
const LOOK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(5);

/// What becomes of the synchronisation records.
#[derive(Default)]
struct Records {
    order_sn: Vec<String>,
    result: Vec<&'static str>,
    last_event_id: Vec<Option<String>>,
    shopee_status: Vec<Option<String>>,
    marketplace_updated_at: Vec<Option<Timestamp>>,
    placed_at: Vec<Option<Timestamp>>,
    ship_by: Vec<Option<Timestamp>>,
    currency: Vec<Option<String>>,
    total: Vec<Option<Decimal>>,
    made: Vec<Option<String>>,
    escrow_due: Vec<bool>,
}

/// Events that are processed.
#[derive(Default)]
struct Processed {
    id: Vec<String>,
    outcome: Vec<&'static str>,
}

/// Events that wait; without a time for a person, a SKU or a new event.
#[derive(Default)]
struct Waiting {
    id: Vec<String>,
    until: Vec<Option<Timestamp>>,
}

/// SKUs that orders wait for.
#[derive(Default)]
struct Holds {
    connector_order_id: Vec<String>,
    sku: Vec<String>,
}

impl Records {
    fn push(&mut self, report: &OrderReport) {
        let OrderReport {
            order_sn,
            events,
            result,
            seen,
            made,
        } = report;
        self.order_sn.push(order_sn.to_string());
        self.result.push(match result {
            WorkResult::Done(_) => "done",
            WorkResult::TryAgain { .. } => "try_again",
            WorkResult::Postponed { .. } => "postponed",
            WorkResult::Held { .. } => "held",
            WorkResult::GaveUp => "gave_up",
        });
        self.last_event_id
            .push(events.last().map(ToString::to_string));
        let seen = seen.as_ref();
        let text = |of: fn(&SeenOrder) -> &str| stored_opt(seen.map(of));
        self.shopee_status.push(text(|seen| seen.status.as_str()));
        self.currency.push(text(|seen| seen.currency.as_str()));
        self.marketplace_updated_at
            .push(seen.map(|seen| seen.updated_at));
        self.placed_at.push(seen.map(|seen| seen.placed_at));
        self.ship_by.push(seen.and_then(|seen| seen.ship_by));
        self.total.push(seen.and_then(|seen| seen.total));
        self.made.push(made.map(|made| made.order.to_string()));
        self.escrow_due
            .push(made.is_some_and(|made| made.escrow_due));
    }
}

pub(super) async fn finish(
    connection: &mut PgConnection,
    batch: &ClaimedBatch,
    reports: &[OrderReport],
    now: Timestamp,
) -> Result<(), Fault> {
    if reports.is_empty() {
        return Ok(());
    }
    let records = release(connection, batch, reports, now).await?;
    let reports: Vec<_> = reports
        .iter()
        .filter_map(|report| Some((records.get(report.order_sn.as_str())?.as_str(), report)))
        .collect();
    let again = hold(connection, &reports, now).await?;

    let mut processed = Processed::default();
    let mut waiting = Waiting::default();
    for (record, report) in &reports {
        let ids = report.events.iter().map(ToString::to_string);
        let until = match &report.result {
            WorkResult::Done(outcome) => {
                processed
                    .outcome
                    .resize(processed.outcome.len() + ids.len(), outcome.as_str());
                processed.id.extend(ids);
                continue;
            }
            WorkResult::TryAgain { at } => Some(*at),
            WorkResult::Postponed { until } => Some(*until),
            WorkResult::Held { .. } => again.get(*record).copied(),
            WorkResult::GaveUp => None,
        };
        waiting.until.resize(waiting.until.len() + ids.len(), until);
        waiting.id.extend(ids);
    }
    settle(connection, &processed, &waiting, now).await
}

/// Writes the synchronisation records, links them with the orders that were made of them, and ends their
/// lease; answers the ids of those that the lease
/// still held, by order number.
async fn release(
    connection: &mut PgConnection,
    batch: &ClaimedBatch,
    reports: &[OrderReport],
    now: Timestamp,
) -> Result<HashMap<String, String>, Fault> {
    let mut columns = Records::default();
    for report in reports {
        columns.push(report);
    }
    let records = sqlx::query!(
        r#"
        UPDATE connector_order AS known
        SET lease = NULL,
            lease_until = NULL,
            attempts = CASE report.result
                WHEN 'done' THEN 0
                WHEN 'try_again' THEN known.attempts + 1
                ELSE known.attempts
            END,
            order_id = coalesce(known.order_id, report.made),
            status = CASE
                WHEN report.result = 'gave_up' THEN 'failed'
                WHEN report.made IS NOT NULL THEN 'created'
                WHEN report.result = 'done' AND known.order_id IS NULL THEN 'pending'
                WHEN report.result = 'done' THEN 'created'
                ELSE known.status
            END,
            escrow_due_at = CASE WHEN report.escrow_due THEN $4 ELSE known.escrow_due_at END,
            hold = CASE report.result
                WHEN 'held' THEN 'mapping'
                WHEN 'done' THEN NULL
                ELSE known.hold
            END,
            last_event_id = coalesce(report.last_event_id, known.last_event_id),
            shopee_status = CASE WHEN report.is_newer THEN report.shopee_status ELSE known.shopee_status END,
            placed_at = CASE WHEN report.is_newer THEN report.placed_at ELSE known.placed_at END,
            ship_by = CASE WHEN report.is_newer THEN report.ship_by ELSE known.ship_by END,
            currency = CASE WHEN report.is_newer THEN report.currency ELSE known.currency END,
            total = CASE WHEN report.is_newer THEN report.total ELSE known.total END,
            marketplace_updated_at = CASE
                WHEN report.is_newer THEN report.marketplace_updated_at
                ELSE known.marketplace_updated_at
            END,
            seen_at = CASE WHEN report.is_newer THEN $4 ELSE known.seen_at END,
            updated_at = $4
        FROM (
            SELECT
                told.*,
                leased.id,
                told.marketplace_updated_at IS NOT NULL
                    AND told.marketplace_updated_at
                        >= coalesce(leased.marketplace_updated_at, '-infinity') AS is_newer
            FROM UNNEST(
                $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
                $10::timestamptz[], $11::timestamptz[], $12::text[], $13::numeric[], $14::text[],
                $15::bool[]
            ) AS told (
                order_sn, result, last_event_id, shopee_status, marketplace_updated_at, placed_at,
                ship_by, currency, total, made, escrow_due
            )
            JOIN connector_order AS leased
              ON leased.connector = $1
             AND leased.environment = $2
             AND leased.order_sn = told.order_sn
        ) AS report
        WHERE known.id = report.id
          AND known.lease = $3
          AND (known.order_id = report.made OR known.order_id IS NULL OR report.made IS NULL)
        RETURNING known.id, known.order_sn
        "#,
        batch.connector.as_str(),
        batch.environment.as_str(),
        batch.lease.to_string(),
        now,
        &columns.order_sn,
        &columns.result as _,
        &columns.last_event_id as _,
        &columns.shopee_status as _,
        &columns.marketplace_updated_at as _,
        &columns.placed_at as _,
        &columns.ship_by as _,
        &columns.currency as _,
        &columns.total as _,
        &columns.made as _,
        &columns.escrow_due,
    )
    .fetch_all(connection)
    .await?;
    let records: HashMap<String, String> = records
        .into_iter()
        .map(|record| (record.order_sn, record.id))
        .collect();
    // Whoever has made an order has its record locked, and the lease with it.
    let mut made = reports.iter().filter(|report| report.made.is_some());
    if made.all(|report| records.contains_key(report.order_sn.as_str())) {
        Ok(records)
    } else {
        Err(Fault::Refused(
            "a synchronisation record is missing or belongs to another order".to_owned(),
        ))
    }
}

/// Writes down what held orders wait for and forgets it where the work is done. Answers when to look
/// again at held orders, by their records: at once where a SKU has appeared while they were being
/// worked on, soon where one may be about to.
async fn hold(
    connection: &mut PgConnection,
    reports: &[(&str, &OrderReport)],
    now: Timestamp,
) -> Result<HashMap<String, Timestamp>, Fault> {
    let mut settled = Vec::new();
    let mut holds = Holds::default();
    for (record, report) in reports {
        match &report.result {
            WorkResult::Done(_) => settled.push((*record).to_owned()),
            WorkResult::Held { missing_skus } => {
                settled.push((*record).to_owned());
                for sku in missing_skus {
                    holds.connector_order_id.push((*record).to_owned());
                    holds.sku.push(sku.to_string());
                }
            }
            WorkResult::TryAgain { .. } | WorkResult::Postponed { .. } | WorkResult::GaveUp => {}
        }
    }
    if !settled.is_empty() {
        sqlx::query!(
            "DELETE FROM connector_order_hold WHERE connector_order_id = ANY ($1)",
            &settled,
        )
        .execute(&mut *connection)
        .await?;
    }
    if holds.sku.is_empty() {
        return Ok(HashMap::new());
    }
    // Lets later catalogue changes wait: the trigger on product_variant takes the same lock. One that
    // is under way may add what is missing here, and would not see that it is waited for.
    let nobody_adds = sqlx::query_scalar!(
        r#"
        SELECT pg_try_advisory_xact_lock(
            hashtextextended(current_schema() || '.connector_order_hold', 0)
        ) AS "locked!"
        "#,
    )
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO connector_order_hold (connector_order_id, sku)
         SELECT * FROM UNNEST($1::text[], $2::text[])
         ON CONFLICT DO NOTHING",
        &holds.connector_order_id,
        &holds.sku,
    )
    .execute(&mut *connection)
    .await?;
    let addable = sqlx::query_scalar!(
        "SELECT DISTINCT hold.connector_order_id
         FROM connector_order_hold AS hold
         JOIN product_variant AS variant ON variant.sku = hold.sku
         WHERE hold.connector_order_id = ANY ($1)",
        &holds.connector_order_id,
    )
    .fetch_all(connection)
    .await?;
    let mut again = HashMap::new();
    if !nobody_adds {
        let records = holds.connector_order_id.into_iter();
        again.extend(records.map(|record| (record, now + LOOK_AGAIN_AFTER)));
    }
    again.extend(addable.into_iter().map(|record| (record, now)));
    Ok(again)
}

/// Writes what becomes of the events. One that somebody asked for again during the work, or is just
/// asking for, is left as it is: due.
async fn settle(
    connection: &mut PgConnection,
    processed: &Processed,
    waiting: &Waiting,
    now: Timestamp,
) -> Result<(), Fault> {
    // While the order is leased, nobody locks them but a SKU that appears and an operator's retry.
    if !processed.id.is_empty() {
        sqlx::query!(
            r#"
            WITH free AS (
                SELECT id FROM connector_event
                WHERE id = ANY ($1)
                ORDER BY id
                FOR UPDATE SKIP LOCKED
            )
            UPDATE connector_event AS event
            SET processed = true, processed_at = $3, outcome = done.outcome
            FROM UNNEST($1::text[], $2::text[]) AS done (id, outcome)
            JOIN free ON free.id = done.id
            WHERE event.id = done.id AND NOT event.processed AND NOT event.asked_again
            "#,
            &processed.id,
            &processed.outcome as _,
            now,
        )
        .execute(&mut *connection)
        .await?;
    }
    if !waiting.id.is_empty() {
        sqlx::query!(
            r#"
            WITH free AS (
                SELECT id FROM connector_event
                WHERE id = ANY ($1)
                ORDER BY id
                FOR UPDATE SKIP LOCKED
            )
            UPDATE connector_event AS event
            SET next_attempt_at = coalesce(waiting.until, 'infinity')
            FROM UNNEST($1::text[], $2::timestamptz[]) AS waiting (id, until)
            JOIN free ON free.id = waiting.id
            WHERE event.id = waiting.id AND NOT event.processed AND NOT event.asked_again
            "#,
            &waiting.id,
            &waiting.until as _,
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}

pub(super) async fn give_back(connection: &mut PgConnection, lease: LeaseId) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_order SET lease = NULL, lease_until = NULL WHERE lease = $1",
        lease.to_string(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
