//! Storing events: one statement, however many there are; those that are there already take more.
//!
//! What tells a duplicate is its content. A delivery id that comes with another content loses nothing:
//! the event is stored without it.

use std::collections::{HashMap, HashSet};

use hawker_domain::Timestamp;
use hawker_domain::event::{Disposition, EventOutcome, NewEvent, Verdict};
use hawker_domain::ids::ProfileId;
use hawker_ports::inbox::StoredAs;
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::text::{stored, stored_opt, truncated};

/// A genuine signature has 64 to 71 characters; more than this of a forged one helps nobody.
const SIGNATURE_CHARS_MAX: usize = 512;

/// The header with the delivery id is not signed, so anything may be in it. One that is longer than
/// any real id is not kept: the content still tells a duplicate.
const DELIVERY_ID_CHARS_MAX: usize = 200;

/// Events as columns.
#[derive(Default)]
pub(super) struct Events {
    pub(super) id: Vec<String>,
    pub(super) connector: Vec<&'static str>,
    pub(super) environment: Vec<&'static str>,
    pub(super) profile_id: Vec<Option<String>>,
    pub(super) source: Vec<&'static str>,
    pub(super) event_type: Vec<i32>,
    pub(super) shop_id: Vec<Option<i64>>,
    pub(super) order_sn: Vec<Option<String>>,
    pub(super) package_number: Vec<Option<String>>,
    pub(super) tracking_number: Vec<Option<String>>,
    pub(super) marketplace_updated_at: Vec<Option<Timestamp>>,
    pub(super) delivery_id: Vec<Option<String>>,
    pub(super) content_key: Vec<String>,
    pub(super) trusted: Vec<bool>,
    pub(super) signature: Vec<Option<String>>,
    pub(super) signature_ok: Vec<Option<bool>>,
    pub(super) signature_scheme: Vec<Option<&'static str>>,
    pub(super) signature_key: Vec<Option<&'static str>>,
    pub(super) body: Vec<Vec<u8>>,
    pub(super) body_is_json: Vec<bool>,
    pub(super) outcome: Vec<Option<&'static str>>,
    pub(super) parked: Vec<bool>,
    pub(super) received_at: Vec<Timestamp>,
}

impl Events {
    pub(super) fn of<'a>(events: impl IntoIterator<Item = &'a NewEvent>) -> Self {
        let mut columns = Self::default();
        for event in events {
            columns.push(event);
        }
        columns
    }

    fn push(&mut self, event: &NewEvent) {
        let NewEvent {
            id,
            connector,
            environment,
            profile,
            source,
            received_at,
            body,
            signature,
            verdict,
            delivery_id,
            content,
            disposition,
        } = event;
        let (scheme, key) = match verdict {
            Some(Verdict::Genuine { scheme, key }) => (Some(scheme.as_str()), Some(key.as_str())),
            Some(Verdict::Mismatch | Verdict::NoKey) | None => (None, None),
        };
        let (outcome, parked) = match disposition {
            Disposition::Due => (None, false),
            Disposition::Finished(outcome) => (Some(outcome.as_str()), false),
            Disposition::Parked => (None, true),
        };
        self.id.push(id.to_string());
        self.connector.push(connector.as_str());
        self.environment.push(environment.as_str());
        self.profile_id
            .push(profile.as_ref().map(ToString::to_string));
        self.source.push(source.as_str());
        self.event_type.push(content.code);
        self.shop_id.push(content.shop.map(|shop| shop.0));
        self.order_sn
            .push(content.order_sn.as_ref().map(ToString::to_string));
        let tracking = content.tracking.as_ref();
        self.package_number.push(stored_opt(
            tracking.map(|tracking| &tracking.package_number),
        ));
        self.tracking_number.push(stored_opt(
            tracking.map(|tracking| &tracking.tracking_number),
        ));
        self.marketplace_updated_at.push(content.updated_at);
        self.delivery_id.push(
            delivery_id
                .as_ref()
                .filter(|id| id.chars().count() <= DELIVERY_ID_CHARS_MAX)
                .map(stored),
        );
        self.content_key.push(stored(&content.content_key));
        self.trusted.push(event.is_trusted());
        self.signature.push(stored_opt(
            signature
                .as_ref()
                .map(|text| truncated(text, SIGNATURE_CHARS_MAX)),
        ));
        self.signature_ok.push(verdict.map(Verdict::is_genuine));
        self.signature_scheme.push(scheme);
        self.signature_key.push(key);
        self.body.push(body.clone());
        self.body_is_json.push(content.is_json);
        self.outcome.push(outcome);
        self.parked.push(parked);
        self.received_at.push(*received_at);
    }
}

pub(super) async fn store(
    connection: &mut PgConnection,
    events: &[NewEvent],
) -> Result<Vec<StoredAs>, Fault> {
    let columns = Events::of(events);
    let mut stored = insert(connection, &columns).await?;
    let is_refused = |event: &&NewEvent| !stored.contains(&event.id.to_string());
    let refused: Vec<&NewEvent> = events.iter().filter(is_refused).collect();
    if !refused.is_empty() {
        let known = known(connection, &refused).await?;
        let (known, unknown): (Vec<_>, Vec<_>) = refused
            .into_iter()
            .map(|event| (event, known.get(&event.id.to_string())))
            .partition(|(_, known)| known.is_some());
        let unknown: Vec<_> = unknown.into_iter().map(|(event, _)| event).collect();
        stored.extend(without_delivery_id(connection, &unknown).await?);
        let put_aside = known
            .into_iter()
            .filter(|(_, is_put_aside)| *is_put_aside == Some(&true));
        let put_aside: Vec<_> = put_aside.map(|(event, _)| event).collect();
        stored.extend(take_over(connection, &put_aside).await?);
    }
    let answer = |id| {
        if stored.contains(id) {
            StoredAs::New
        } else {
            StoredAs::Duplicate
        }
    };
    Ok(columns.id.iter().map(answer).collect())
}

/// Of events that were refused, those whose content is known, and whether it was put aside. Asked after
/// the refusal, because only then what others have just committed is seen for certain.
async fn known(
    connection: &mut PgConnection,
    refused: &[&NewEvent],
) -> Result<HashMap<String, bool>, Fault> {
    let columns = Events::of(refused.iter().copied());
    let known = sqlx::query!(
        r#"
        SELECT
            told.id AS "id!",
            coalesce(
                event.processed AND event.outcome = $5 AND event.order_sn IS NOT NULL, false
            ) AS "is_put_aside!"
        FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[])
            AS told (id, connector, environment, content_key)
        JOIN connector_event AS event USING (content_key, connector, environment)
        WHERE event.trusted
        "#,
        &columns.id,
        &columns.connector as _,
        &columns.environment as _,
        &columns.content_key,
        EventOutcome::Skipped.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(known
        .into_iter()
        .map(|row| (row.id, row.is_put_aside))
        .collect())
}

/// Stores events that were refused for their delivery id alone.
async fn without_delivery_id(
    connection: &mut PgConnection,
    refused: &[&NewEvent],
) -> Result<HashSet<String>, Fault> {
    let with_id = |event: &&NewEvent| event.delivery_id.is_some();
    let mut columns = Events::of(refused.iter().copied().filter(with_id));
    if columns.id.is_empty() {
        return Ok(HashSet::new());
    }
    columns.delivery_id.fill(None);
    insert(connection, &columns).await
}

/// A push that one profile put aside, because it was not in force, is work for another that is: the
/// profiles of one app share what is pushed. Answers the events whose content was taken over so.
async fn take_over(
    connection: &mut PgConnection,
    refused: &[&NewEvent],
) -> Result<HashSet<String>, Fault> {
    let may_take_over = |event: &&NewEvent| {
        let is_due = event.is_trusted() && event.disposition == Disposition::Due;
        is_due && event.profile.is_some() && event.content.order_sn.is_some()
    };
    let columns = Events::of(refused.iter().copied().filter(may_take_over));
    if columns.id.is_empty() {
        return Ok(HashSet::new());
    }
    // Due like any event that is asked for again: the trigger sees to it.
    let taken = sqlx::query_scalar!(
        r#"
        WITH told AS (
            SELECT DISTINCT ON (content_key, connector, environment) *
            FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
                AS told (id, connector, environment, profile_id, content_key)
            ORDER BY content_key, connector, environment, id
        ), put_aside AS (
            SELECT event.id, told.id AS told_id, told.profile_id
            FROM told
            JOIN connector_event AS event USING (content_key, connector, environment)
            WHERE event.trusted
              AND event.processed
              AND event.outcome = $6
              AND event.order_sn IS NOT NULL
            ORDER BY event.id
            FOR UPDATE OF event
        )
        UPDATE connector_event AS event
        SET processed = false, profile_id = put_aside.profile_id
        FROM put_aside
        WHERE event.id = put_aside.id
        RETURNING put_aside.told_id AS "told_id!"
        "#,
        &columns.id,
        &columns.connector as _,
        &columns.environment as _,
        &columns.profile_id as _,
        &columns.content_key,
        EventOutcome::Skipped.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(taken.into_iter().collect())
}

/// Inserts what is not there yet; answers the ids of what was inserted.
async fn insert(connection: &mut PgConnection, columns: &Events) -> Result<HashSet<String>, Fault> {
    // In one order for everybody, so that two batches with the same duplicates do not wait for
    // each other in a circle.
    let stored = sqlx::query_scalar!(
        r#"
        INSERT INTO connector_event (
            id, connector, environment, profile_id, source, event_type, shop_id, order_sn,
            package_number, tracking_number, marketplace_updated_at, delivery_id, content_key,
            trusted, signature, signature_ok, signature_scheme, signature_key, body, body_is_json,
            processed, processed_at, outcome, next_attempt_at, received_at
        )
        SELECT
            id, connector, environment, profile_id, source, event_type, shop_id, order_sn,
            package_number, tracking_number, marketplace_updated_at, delivery_id, content_key,
            trusted, signature, signature_ok, signature_scheme, signature_key, body, body_is_json,
            outcome IS NOT NULL,
            CASE WHEN outcome IS NOT NULL THEN received_at END,
            outcome,
            CASE WHEN parked THEN 'infinity' ELSE received_at END,
            received_at
        FROM UNNEST(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::bigint[],
            $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::text[], $13::text[],
            $14::bool[], $15::text[], $16::bool[], $17::text[], $18::text[], $19::bytea[],
            $20::bool[], $21::text[], $22::bool[], $23::timestamptz[]
        ) AS event (
            id, connector, environment, profile_id, source, event_type, shop_id, order_sn,
            package_number, tracking_number, marketplace_updated_at, delivery_id, content_key,
            trusted, signature, signature_ok, signature_scheme, signature_key, body, body_is_json,
            outcome, parked, received_at
        )
        ORDER BY content_key, id
        ON CONFLICT DO NOTHING
        RETURNING id
        "#,
        &columns.id,
        &columns.connector as _,
        &columns.environment as _,
        &columns.profile_id as _,
        &columns.source as _,
        &columns.event_type,
        &columns.shop_id as _,
        &columns.order_sn as _,
        &columns.package_number as _,
        &columns.tracking_number as _,
        &columns.marketplace_updated_at as _,
        &columns.delivery_id as _,
        &columns.content_key,
        &columns.trusted,
        &columns.signature as _,
        &columns.signature_ok as _,
        &columns.signature_scheme as _,
        &columns.signature_key as _,
        &columns.body,
        &columns.body_is_json,
        &columns.outcome as _,
        &columns.parked,
        &columns.received_at,
    )
    .fetch_all(connection)
    .await?;
    Ok(stored.into_iter().collect())
}

/// Where there is room left, nobody else fills it before the transaction ends: two writers that count
/// at the same time would keep twice as many.
pub(super) async fn unverified_rows(
    connection: &mut PgConnection,
    profile: Option<&ProfileId>,
    at_most: u32,
) -> Result<u32, Fault> {
    let kept = count_unverified(connection, profile, at_most).await?;
    if kept == at_most {
        return Ok(kept);
    }
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(
             hashtextextended(current_schema() || '.connector_event.unverified', 0)
         )",
    )
    .execute(&mut *connection)
    .await?;
    count_unverified(connection, profile, at_most).await
}

async fn count_unverified(
    connection: &mut PgConnection,
    profile: Option<&ProfileId>,
    at_most: u32,
) -> Result<u32, Fault> {
    let rows = sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!"
        FROM (
            SELECT FROM connector_event
            WHERE NOT trusted AND coalesce(profile_id, '') = $1
            LIMIT $2
        ) AS kept
        "#,
        profile.map_or("", ProfileId::as_str),
        i64::from(at_most),
    )
    .fetch_one(connection)
    .await?;
    Ok(u32::try_from(rows).unwrap_or(at_most))
}
