//! What is looked at now and then for each profile. A profile without a row was never looked at.

use async_trait::async_trait;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::push_console::PushStatus;
use hawker_ports::watches::{SeenPushSettings, Watch, Watches};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::profiles::profile_id;
use crate::text::{stored, stored_opt};
use crate::unit_of_work::PgUnitOfWork;

const WATCH: &str = "watch";

#[async_trait]
impl Watches for PgUnitOfWork {
    async fn find(&mut self, profile: &ProfileId) -> Result<Option<Watch>, StoreError> {
        let done = find(self.enter()?, profile).await;
        self.leave(WATCH, done)
    }

    async fn claim_due(
        &mut self,
        connector: ConnectorName,
        now: Timestamp,
        next: Timestamp,
        limit: u32,
    ) -> Result<Vec<ProfileId>, StoreError> {
        let done = claim_due(self.enter()?, connector, now, next, limit).await;
        self.leave(WATCH, done)
    }

    async fn look_soon(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = look_soon(self.enter()?, connector, environment, now).await;
        self.leave(WATCH, done)
    }

    async fn note_look(
        &mut self,
        profile: &ProfileId,
        next: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = note_look(self.enter()?, profile, next, now).await;
        self.leave(WATCH, done)
    }

    async fn note_push_settings(
        &mut self,
        profile: &ProfileId,
        seen: &SeenPushSettings,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = note_push_settings(self.enter()?, profile, seen, now).await;
        self.leave(WATCH, done)
    }

    async fn note_locations(
        &mut self,
        profile: &ProfileId,
        is_single: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let done = note_locations(self.enter()?, profile, is_single, now).await;
        self.leave(WATCH, done)
    }

    async fn forget_locations(&mut self, profile: &ProfileId) -> Result<(), StoreError> {
        let done = forget_locations(self.enter()?, profile).await;
        self.leave(WATCH, done)
    }
}

async fn find(connection: &mut PgConnection, profile: &ProfileId) -> Result<Option<Watch>, Fault> {
    let row = sqlx::query!(
        r#"
        SELECT
            looked_at, due_at, push_status, push_callback_url, push_suspended_at,
            locations_fetched_at, is_single_location
        FROM connector_watch
        WHERE profile_id = $1
        "#,
        profile.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Watch {
        looked_at: row.looked_at,
        due_at: row.due_at,
        push_status: row.push_status.as_deref().map(PushStatus::parse),
        push_callback_url: row.push_callback_url,
        push_suspended_at: row.push_suspended_at,
        locations_fetched_at: row.locations_fetched_at,
        is_single_location: row.is_single_location,
    }))
}

/// Those that wait longest, these first; the rows are written in one order for everybody who claims. Somebody who claimed the
/// same in between has made them due later, which the last condition sees.
async fn claim_due(
    connection: &mut PgConnection,
    connector: ConnectorName,
    now: Timestamp,
    next: Timestamp,
    limit: u32,
) -> Result<Vec<ProfileId>, Fault> {
    sqlx::query_scalar!(
        r#"
        WITH due AS MATERIALIZED (
            SELECT profile.id, watch.due_at
            FROM connector_profile AS profile
            LEFT JOIN connector_watch AS watch ON watch.profile_id = profile.id
            WHERE profile.connector = $1
              AND profile.deleted_at IS NULL
              AND (watch.profile_id IS NULL OR watch.due_at <= $2)
            ORDER BY watch.due_at NULLS FIRST, profile.id
            LIMIT $4
        ),
        claimed AS (
            INSERT INTO connector_watch AS known (profile_id, due_at)
            SELECT id, $3 FROM due ORDER BY id
            ON CONFLICT (profile_id) DO UPDATE
            SET due_at = excluded.due_at
            WHERE known.due_at <= $2
            RETURNING profile_id
        )
        SELECT claimed.profile_id
        FROM claimed
        JOIN due ON due.id = claimed.profile_id
        ORDER BY due.due_at NULLS FIRST, due.id
        "#,
        connector.as_str(),
        now,
        next,
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?
    .iter()
    .map(|id| profile_id(id))
    .collect()
}

async fn look_soon(
    connection: &mut PgConnection,
    connector: ConnectorName,
    environment: Environment,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"
        UPDATE connector_watch AS watch
        SET due_at = least(watch.due_at, $3)
        FROM connector_profile AS profile
        WHERE profile.id = watch.profile_id
          AND profile.connector = $1
          AND profile.environment = $2
        "#,
        connector.as_str(),
        environment.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn note_look(
    connection: &mut PgConnection,
    profile: &ProfileId,
    next: Timestamp,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"
        INSERT INTO connector_watch AS known (profile_id, looked_at, due_at)
        VALUES ($1, $3, $2)
        ON CONFLICT (profile_id) DO UPDATE
        SET looked_at = excluded.looked_at,
            due_at = CASE WHEN known.due_at > $3 THEN excluded.due_at ELSE known.due_at END
        "#,
        profile.as_str(),
        next,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn note_push_settings(
    connection: &mut PgConnection,
    profile: &ProfileId,
    seen: &SeenPushSettings,
    now: Timestamp,
) -> Result<(), Fault> {
    let SeenPushSettings {
        status,
        callback_url,
        suspended_at,
    } = seen;
    sqlx::query!(
        r#"
        INSERT INTO connector_watch (
            profile_id, due_at, push_status, push_callback_url, push_suspended_at
        )
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (profile_id) DO UPDATE
        SET push_status = excluded.push_status,
            push_callback_url = excluded.push_callback_url,
            push_suspended_at = excluded.push_suspended_at
        "#,
        profile.as_str(),
        now,
        stored(status.as_str()),
        stored_opt(callback_url.as_ref()),
        *suspended_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn note_locations(
    connection: &mut PgConnection,
    profile: &ProfileId,
    is_single: bool,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query!(
        r#"
        INSERT INTO connector_watch (profile_id, due_at, locations_fetched_at, is_single_location)
        VALUES ($1, $2, $2, $3)
        ON CONFLICT (profile_id) DO UPDATE
        SET locations_fetched_at = excluded.locations_fetched_at,
            is_single_location = excluded.is_single_location
        "#,
        profile.as_str(),
        now,
        is_single,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn forget_locations(connection: &mut PgConnection, profile: &ProfileId) -> Result<(), Fault> {
    sqlx::query!(
        "UPDATE connector_watch SET locations_fetched_at = NULL, is_single_location = NULL
         WHERE profile_id = $1",
        profile.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
