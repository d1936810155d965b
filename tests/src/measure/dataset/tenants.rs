//! Tenants of a database of the benchmark. Each of them is the emulator's one shop, with the same pair of tokens.

use sqlx::{AssertSqlSafe, PgConnection};

use super::{SCHEMA, load};
use crate::PROFILE;
use crate::measure::ground::{Ground, run};

/// After much has changed.
pub(super) const TEND: &str = "VACUUM (ANALYZE) connector_event, connector_order";

/// A pair that nobody renews in the next hours, whatever became of it so far: whoever renewed it would shut the
/// others out.
const KEPT: &str = "access_token_expires_at = now() + interval '4 hours', \
    refresh_token_ends_at = now() + interval '30 days', refreshed_at = now(), \
    state = 'active', state_reason = NULL, in_doubt_since = NULL, refresh_lease = NULL, \
    refresh_lease_until = NULL, refresh_begun_at = NULL, refresh_again_at = NULL";

/// One of them.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its schema.
    pub schema: String,
    /// Its profile, to which pushes are addressed.
    pub profile: String,
}

impl Tenant {
    /// The one that every database has.
    pub fn first() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            profile: PROFILE.to_owned(),
        }
    }
}

/// Tenants of one database.
#[derive(Clone, Debug)]
pub struct Tenants {
    /// The database.
    pub database: String,
    /// Whoever takes part; never nobody.
    pub each: Vec<Tenant>,
}

impl Tenants {
    /// Their schemas.
    pub fn schemas(&self) -> Vec<String> {
        let schemas = self.each.iter().map(|tenant| tenant.schema.clone());
        schemas.collect()
    }

    /// Whose turn it is: the first one's again after the last one's.
    pub fn in_turn(&self, number: usize) -> &Tenant {
        &self.each[number % self.each.len()]
    }

    /// Leads their profiles to a marketplace, with a pair of tokens that is good for the next hours. Nobody looks after
    /// the connection meanwhile: a shop that was just connected does so once, and with a silent marketplace over and over.
    pub async fn connect_to(&self, ground: &Ground, base_url: &str) -> anyhow::Result<()> {
        let mut connection = ground.connect(&self.database).await?;
        for Tenant { schema, .. } in &self.each {
            let moved = format!("UPDATE {schema}.connector_profile SET base_url_override = $1");
            sqlx::query(AssertSqlSafe(moved))
                .bind(base_url)
                .execute(&mut connection)
                .await?;
            let kept = format!("UPDATE {schema}.connector_token SET {KEPT}");
            run(&mut connection, &kept).await?;
            let looked_after = format!(
                "INSERT INTO {schema}.connector_watch (profile_id, due_at) \
                 SELECT id, now() + interval '4 hours' FROM {schema}.connector_profile \
                 ON CONFLICT (profile_id) DO UPDATE SET due_at = excluded.due_at"
            );
            run(&mut connection, &looked_after).await?;
        }
        Ok(())
    }

    /// Takes away what was made since a mark.
    pub async fn take_away(&self, ground: &Ground, mark: &str) -> anyhow::Result<()> {
        let mut connection = load::connect(ground, &self.database).await?;
        for Tenant { schema, .. } in &self.each {
            run(
                &mut connection,
                &format!("SET search_path TO {schema}, public"),
            )
            .await?;
            take_away(&mut connection, mark).await?;
        }
        Ok(())
    }
}

/// The same, of the tenant that the connection is set to.
async fn take_away(connection: &mut PgConnection, mark: &str) -> anyhow::Result<()> {
    let found = format!("SELECT FROM connector_event WHERE id >= 'srev_{mark}' LIMIT 1");
    // Not prepared: the same words are about another table in each tenant.
    let found = sqlx::query(AssertSqlSafe(found)).persistent(false);
    let has_events = found.fetch_optional(&mut *connection).await?.is_some();
    let statements = include_str!("restore.sql").replace("$1", mark);
    run(connection, &format!("BEGIN; {statements} COMMIT")).await?;
    if has_events {
        run(connection, TEND).await?;
    }
    Ok(())
}

/// The digits with which ids begin that are made from now on.
pub fn mark() -> String {
    let (_, ids) = hawker_app::system();
    let mut digits = ids.next().to_string();
    // The time; what follows is drawn.
    digits.truncate(10);
    digits
}
