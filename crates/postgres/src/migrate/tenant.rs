//! Tenants: their entry in the control plane, their schema, their role and its rights.

use hawker_domain::TenantSlug;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::plane::Plane;
use super::{BOOKKEEPING, MigrateError, MigrationProgress, TENANT, publish};

/// The tenants of the control plane, in the order of their names.
pub(super) async fn list(connection: &mut PgConnection) -> Result<Vec<TenantSlug>, sqlx::Error> {
    let slugs: Vec<String> = sqlx::query_scalar("SELECT slug FROM public.tenant ORDER BY slug")
        .fetch_all(connection)
        .await?;
    slugs
        .into_iter()
        .map(|slug| {
            slug.parse()
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))
        })
        .collect()
}

/// Makes sure that there is a tenant: a single merchant never has to name one.
pub(super) async fn ensure_one(connection: &mut PgConnection) -> Result<(), MigrateError> {
    let any: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM public.tenant)")
        .fetch_one(&mut *connection)
        .await
        .map_err(MigrateError::control)?;
    if any {
        return Ok(());
    }
    enlist(connection, &TenantSlug::default_tenant()).await
}

pub(super) async fn enlist(
    connection: &mut PgConnection,
    slug: &TenantSlug,
) -> Result<(), MigrateError> {
    sqlx::query(
        "INSERT INTO public.tenant (slug, schema_name, role_name) VALUES ($1, $2, $3)
         ON CONFLICT (slug) DO NOTHING",
    )
    .bind(slug.as_str())
    .bind(slug.schema())
    .bind(slug.role())
    .execute(connection)
    .await
    .map_err(MigrateError::control)?;
    Ok(())
}

/// Brings one tenant up to date; answers how many migrations it was missing.
pub(super) async fn bring_up(
    connection: &mut PgConnection,
    slug: &TenantSlug,
    progress: &dyn MigrationProgress,
) -> Result<u64, MigrateError> {
    bring_up_with(connection, slug, &TENANT, progress).await
}

/// In one transaction as far as possible: a migration that cannot run in one ends it and runs
/// between it and the next.
pub(super) async fn bring_up_with(
    connection: &mut PgConnection,
    slug: &TenantSlug,
    migrations: &Migrator,
    progress: &dyn MigrationProgress,
) -> Result<u64, MigrateError> {
    let plane = Plane::of_schema(slug.schema());
    let is_default = *slug == TenantSlug::default_tenant();
    let failed = |cause| plane.setup_error(cause);
    let mut applied = 0;
    loop {
        let mut transaction = connection.begin().await.map_err(failed)?;
        plane.enter(&mut transaction).await.map_err(failed)?;
        ensure_schema(&mut transaction, slug).await?;
        if is_default
            && is_behind(&mut transaction, slug, migrations)
                .await
                .map_err(failed)?
        {
            // What is published of the tenant stands in the way of changing it.
            publish::withdraw(&mut transaction, progress)
                .await
                .map_err(failed)?;
        }
        let step = plane.apply(&mut transaction, migrations).await?;
        applied += step.applied;
        if step.is_new {
            ensure_location(&mut transaction).await.map_err(failed)?;
        }
        ensure_rights(&mut transaction, slug, step.applied > 0)
            .await
            .map_err(failed)?;
        if is_default && step.stopped_before.is_none() {
            publish::publish(&mut transaction, slug, progress)
                .await
                .map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)?;
        let Some(alone) = step.stopped_before else {
            return Ok(applied);
        };
        applied += plane.apply_alone(connection, alone).await?;
    }
}

async fn is_behind(
    connection: &mut PgConnection,
    slug: &TenantSlug,
    migrations: &Migrator,
) -> Result<bool, sqlx::Error> {
    let known = super::plane::applied_by_schema(connection).await?;
    Ok(super::missing(migrations, known.get(&slug.schema())) > 0)
}

/// A schema with tables but without our bookkeeping is somebody else's.
async fn ensure_schema(
    connection: &mut PgConnection,
    slug: &TenantSlug,
) -> Result<(), MigrateError> {
    let schema = slug.schema();
    let checked = async {
        let is_foreign: bool = sqlx::query_scalar(
            "SELECT EXISTS (
                 SELECT FROM pg_catalog.pg_class AS any_table
                 JOIN pg_catalog.pg_namespace AS schema ON schema.oid = any_table.relnamespace
                 WHERE schema.nspname = $1
             ) AND to_regclass($2) IS NULL",
        )
        .bind(&schema)
        .bind(format!("\"{schema}\".{BOOKKEEPING}"))
        .fetch_one(&mut *connection)
        .await?;
        if !is_foreign {
            connection
                .execute(AssertSqlSafe(format!(
                    "CREATE SCHEMA IF NOT EXISTS \"{schema}\""
                )))
                .await?;
        }
        Ok(is_foreign)
    };
    match checked.await {
        Ok(false) => Ok(()),
        Ok(true) => Err(MigrateError::Foreign { schema }),
        Err(cause) => Err(MigrateError::Setup { schema, cause }),
    }
}

/// One place where stock can lie, so that the first order can be reserved.
async fn ensure_location(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    connection
        .execute(
            "INSERT INTO stock_location (code, name, priority)
             SELECT 'main', 'Main', 0 WHERE NOT EXISTS (SELECT FROM stock_location)",
        )
        .await?;
    Ok(())
}

/// The role of the tenant and what it may do: work on the rows of its schema, except where only the
/// database itself may. Roles belong to the whole cluster, where another database may be making
/// the same one right now.
async fn ensure_rights(
    connection: &mut PgConnection,
    slug: &TenantSlug,
    has_changed: bool,
) -> Result<(), sqlx::Error> {
    let (schema, role) = (slug.schema(), slug.role());
    connection
        .execute(AssertSqlSafe(format!(
            "DO $$
             BEGIN
                 IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{role}') THEN
                     CREATE ROLE \"{role}\" NOLOGIN NOINHERIT;
                 END IF;
             EXCEPTION WHEN duplicate_object OR unique_violation THEN
                 NULL;
             END
             $$"
        )))
        .await?;
    connection
        .execute(AssertSqlSafe(format!(
            "DO $$
             DECLARE
                 needed CONSTANT text := CASE
                     WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET'
                     ELSE 'MEMBER'
                 END;
             BEGIN
                 IF NOT pg_has_role(current_user, '{role}', needed) THEN
                     GRANT \"{role}\" TO CURRENT_USER;
                 END IF;
             EXCEPTION WHEN unique_violation OR internal_error THEN
                 -- Another database of the cluster granted it at the same moment.
                 IF NOT pg_has_role(current_user, '{role}', needed) THEN
                     RAISE;
                 END IF;
             END
             $$"
        )))
        .await?;
    let has_rights: bool = sqlx::query_scalar("SELECT has_schema_privilege($1, $2, 'USAGE')")
        .bind(&role)
        .bind(&schema)
        .fetch_one(&mut *connection)
        .await?;
    if has_changed || !has_rights {
        connection
            .execute(sqlx::raw_sql(AssertSqlSafe(format!(
                "GRANT USAGE ON SCHEMA \"{schema}\" TO \"{role}\";
                 GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"{schema}\" TO \"{role}\";
                 REVOKE INSERT, UPDATE, DELETE ON \"{schema}\".stock_level FROM \"{role}\";
                 DO $$
                 DECLARE
                     appended regclass;
                 BEGIN
                     FOR appended IN
                         SELECT to_regclass(format('%I.%I', '{schema}', name))
                         FROM unnest(ARRAY['stock_ledger', 'audit_entry', 'shopee_escrow_version']) AS name
                     LOOP
                         -- One is missing while migrations before its own run on their own.
                         IF appended IS NOT NULL THEN
                             EXECUTE format('REVOKE UPDATE, DELETE ON %s FROM %I', appended, '{role}');
                         END IF;
                     END LOOP;
                 END
                 $$;
                 DO $$
                 DECLARE
                     called regprocedure;
                 BEGIN
                     -- Called outside of a transaction that has the role already.
                     FOR called IN
                         SELECT oid FROM pg_proc
                         WHERE pronamespace = '\"{schema}\"'::regnamespace
                           AND proname IN ('connector_event_take_in', 'connector_event_journal_put',
                                          'connector_event_journal_file')
                     LOOP
                         EXECUTE format('ALTER FUNCTION %s SET role = %I', called, '{role}');
                     END LOOP;
                 END
                 $$;
                 REVOKE ALL ON \"{schema}\".{BOOKKEEPING} FROM \"{role}\";"
            ))))
            .await?;
    }
    Ok(())
}
