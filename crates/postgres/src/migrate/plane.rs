//! One schema with its migrations and its bookkeeping.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::migrate::{Migrate, Migration, Migrator};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::{BOOKKEEPING, MigrateError, half_done};

/// The schema of the control plane.
pub(super) const CONTROL_SCHEMA: &str = "public";

/// How often somebody who waits for a migration outside a transaction looks again.
const LOCK_POLL: Duration = Duration::from_millis(100);

/// A schema that is brought up to date as a whole.
pub(super) struct Plane {
    schema: String,
}

impl Plane {
    pub(super) fn control() -> Self {
        Self {
            schema: CONTROL_SCHEMA.to_owned(),
        }
    }

    /// The name must come from a validated slug.
    pub(super) const fn of_schema(schema: String) -> Self {
        Self { schema }
    }

    /// Applies what is missing; answers how many migrations that were.
    pub(super) async fn bring_up(
        &self,
        connection: &mut PgConnection,
        migrations: &Migrator,
    ) -> Result<u64, MigrateError> {
        let failed = |cause| self.setup_error(cause);
        let mut applied = 0;
        loop {
            let mut transaction = connection.begin().await.map_err(failed)?;
            self.enter(&mut transaction).await.map_err(failed)?;
            let step = self.apply(&mut transaction, migrations).await?;
            transaction.commit().await.map_err(failed)?;
            applied += step.applied;
            let Some(alone) = step.stopped_before else {
                return Ok(applied);
            };
            applied += self.apply_alone(connection, alone).await?;
        }
    }

    /// Takes the lock of this plane for the rest of the transaction and makes its schema the only
    /// one that is written to. Temporary tables come last: no function that is made here can be
    /// led astray by one.
    pub(super) async fn enter(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(format!("hawker.migrate:{}", self.schema))
            .execute(&mut *connection)
            .await?;
        connection
            .execute(AssertSqlSafe(format!(
                "SET LOCAL search_path TO \"{}\", pg_temp",
                self.schema
            )))
            .await?;
        Ok(())
    }

    /// Applies what is missing up to the first migration that cannot run in a transaction.
    pub(super) async fn apply<'m>(
        &self,
        connection: &mut PgConnection,
        migrations: &'m Migrator,
    ) -> Result<Step<'m>, MigrateError> {
        let applied = async {
            connection.ensure_migrations_table(BOOKKEEPING).await?;
            connection.list_applied_migrations(BOOKKEEPING).await
        };
        let applied = applied.await.map_err(|cause| self.migration_error(cause))?;
        let is_applied = |migration: &Migration| {
            applied
                .iter()
                .any(|known| known.version == migration.version)
        };
        let pending: Vec<&Migration> = migrations
            .iter()
            .filter(|migration| !is_applied(migration))
            .collect();
        let stopped_before = pending.iter().find(|migration| migration.no_tx).copied();

        let mut migrator = Migrator::with_migrations(migrations.iter().cloned().collect());
        migrator.set_locking(false);
        migrator.dangerous_set_table_name(BOOKKEEPING);
        let done = match stopped_before {
            None => migrator.run(&mut *connection).await,
            Some(alone) => migrator.run_to(alone.version - 1, &mut *connection).await,
        };
        done.map_err(|cause| self.migration_error(cause))?;
        let now_applied = pending.iter().filter(|migration| {
            stopped_before.is_none_or(|alone| migration.version < alone.version)
        });
        Ok(Step {
            applied: now_applied.map(|_| 1).sum(),
            is_new: applied.is_empty(),
            stopped_before,
        })
    }

    /// Applies a migration outside a transaction, such as an index that is built concurrently. Its
    /// lock is tried for and not waited for: whoever waits holds a snapshot, and such an index
    /// waits for every snapshot. What an earlier try left half done is taken up. Answers how many
    /// migrations it applied: none where somebody else was first.
    pub(super) async fn apply_alone(
        &self,
        connection: &mut PgConnection,
        migration: &Migration,
    ) -> Result<u64, MigrateError> {
        let key = format!("hawker.migrate.alone:{}", self.schema);
        let locked = async {
            loop {
                let is_ours: bool =
                    sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
                        .bind(&key)
                        .fetch_one(&mut *connection)
                        .await?;
                if is_ours {
                    return Ok(());
                }
                tokio::time::sleep(LOCK_POLL).await;
            }
        };
        locked.await.map_err(|cause| self.setup_error(cause))?;
        let set = format!("SET search_path TO \"{}\", pg_temp", self.schema);
        connection
            .execute(AssertSqlSafe(set))
            .await
            .map_err(|cause| self.setup_error(cause))?;
        let known = connection
            .list_applied_migrations(BOOKKEEPING)
            .await
            .map_err(|cause| self.migration_error(cause))?;
        let is_missing = !known.iter().any(|known| known.version == migration.version);
        if is_missing {
            let is_done = half_done::is_done(connection, migration, &self.schema)
                .await
                .map_err(|cause| self.setup_error(cause))?;
            let noted = if is_done {
                connection.skip(BOOKKEEPING, migration).await
            } else {
                let applied = connection.apply(BOOKKEEPING, migration).await;
                applied.map(|_| ())
            };
            noted.map_err(|cause| self.migration_error(cause))?;
        }
        // The connection is the migrator's own; lock and path end with it at the latest.
        let unlocked = async {
            connection.execute("RESET search_path").await?;
            sqlx::query("SELECT pg_advisory_unlock(hashtextextended($1, 0))")
                .bind(&key)
                .execute(&mut *connection)
                .await
        };
        unlocked.await.map_err(|cause| self.setup_error(cause))?;
        Ok(u64::from(is_missing))
    }

    pub(super) fn setup_error(&self, cause: sqlx::Error) -> MigrateError {
        MigrateError::Setup {
            schema: self.schema.clone(),
            cause,
        }
    }

    fn migration_error(&self, cause: sqlx::migrate::MigrateError) -> MigrateError {
        MigrateError::Migration {
            schema: self.schema.clone(),
            cause: Box::new(cause),
        }
    }
}

/// What one transaction of a plane came to.
pub(super) struct Step<'m> {
    pub(super) applied: u64,
    pub(super) is_new: bool,
    /// The migration that has to run outside a transaction next.
    pub(super) stopped_before: Option<&'m Migration>,
}

/// The versions that each schema with bookkeeping has.
pub(super) async fn applied_by_schema(
    connection: &mut PgConnection,
) -> Result<HashMap<String, Vec<i64>>, sqlx::Error> {
    let schemas: Vec<String> = sqlx::query_scalar(
        "SELECT schema.nspname::text
         FROM pg_catalog.pg_class AS book
         JOIN pg_catalog.pg_namespace AS schema ON schema.oid = book.relnamespace
         WHERE book.relname = $1 AND book.relkind = 'r'
           AND (schema.nspname = $2 OR schema.nspname ~ '^tenant_[a-z][a-z0-9_]*$')",
    )
    .bind(BOOKKEEPING)
    .bind(CONTROL_SCHEMA)
    .fetch_all(&mut *connection)
    .await?;
    let mut applied: HashMap<String, Vec<i64>> = schemas
        .iter()
        .map(|schema| (schema.clone(), Vec::new()))
        .collect();
    if schemas.is_empty() {
        return Ok(applied);
    }
    let parts: Vec<String> = schemas
        .iter()
        .map(|schema| {
            format!("SELECT '{schema}', version FROM \"{schema}\".{BOOKKEEPING} WHERE success")
        })
        .collect();
    let rows: Vec<(String, i64)> = sqlx::query_as(AssertSqlSafe(parts.join(" UNION ALL ")))
        .persistent(false)
        .fetch_all(connection)
        .await?;
    for (schema, version) in rows {
        applied.entry(schema).or_default().push(version);
    }
    Ok(applied)
}
