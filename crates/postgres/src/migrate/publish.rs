//! The documented names in `public`, for the tenant `default`: what the runbook says works from a
//! plain `psql`, which knows of no tenant. Names that something else has taken are left alone.

use hawker_domain::TenantSlug;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::MigrationProgress;

/// What is published: views and tables of the tenant.
const NAMES: [&str; 7] = [
    "shopee_raw_event",
    "shopee_order_sync",
    "shopee_connector_profile",
    "shopee_auth_token",
    "shopee_warehouse_location",
    "shopee_escrow",
    "connector_exception",
];

/// Tells our views from anybody else's.
const MARKER: &str = "hawker: the same of the tenant default";

/// Who has a name in `public`.
enum Holder {
    Nobody,
    Us,
    Other,
}

/// Publishes what is not there yet.
pub(super) async fn publish(
    connection: &mut PgConnection,
    slug: &TenantSlug,
    progress: &dyn MigrationProgress,
) -> Result<(), sqlx::Error> {
    let schema = slug.schema();
    for name in NAMES {
        match holder(connection, name).await? {
            Holder::Us => {}
            Holder::Nobody => {
                connection
                    .execute(sqlx::raw_sql(AssertSqlSafe(format!(
                        "CREATE VIEW public.{name} AS SELECT * FROM \"{schema}\".{name};
                         COMMENT ON VIEW public.{name} IS '{MARKER}'"
                    ))))
                    .await?;
            }
            Holder::Other => progress.warning(&format!(
                "public.{name} belongs to something else; use \"{schema}\".{name}"
            )),
        }
    }
    Ok(())
}

/// Takes our views back, so that the tenant's can be changed. One that somebody built upon stays.
pub(super) async fn withdraw(
    connection: &mut PgConnection,
    progress: &dyn MigrationProgress,
) -> Result<(), sqlx::Error> {
    for name in NAMES {
        if !matches!(holder(connection, name).await?, Holder::Us) {
            continue;
        }
        let mut attempt = connection.begin().await?;
        let dropped = attempt
            .execute(AssertSqlSafe(format!("DROP VIEW IF EXISTS public.{name}")))
            .await;
        match dropped {
            Ok(_) => attempt.commit().await?,
            Err(error) => progress.warning(&format!("public.{name} stays as it is: {error}")),
        }
    }
    Ok(())
}

async fn holder(connection: &mut PgConnection, name: &str) -> Result<Holder, sqlx::Error> {
    let comment: Option<Option<String>> = sqlx::query_scalar(
        "SELECT obj_description(taken.oid, 'pg_class')
         FROM pg_catalog.pg_class AS taken
         WHERE taken.relnamespace = 'public'::regnamespace AND taken.relname = $1",
    )
    .bind(name)
    .fetch_optional(connection)
    .await?;
    Ok(match comment {
        None => Holder::Nobody,
        Some(Some(comment)) if comment == MARKER => Holder::Us,
        Some(_) => Holder::Other,
    })
}
