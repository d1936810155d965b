//! Whether a world holds together although nobody watched while it was loaded: every foreign key leads
//! somewhere, levels are the sums of the ledger, lines have their reservations, records their orders,
//! payouts their versions.

use anyhow::Context as _;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::SCHEMA;

/// Fails with everything that is wrong.
pub(super) async fn check(connection: &mut PgConnection) -> anyhow::Result<()> {
    let mut wrong = dangling(connection).await?;
    let rows = sqlx::raw_sql(include_str!("check.sql"));
    for row in rows.fetch_all(&mut *connection).await? {
        let (what, count): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        wrong.push(format!("{what}: {count}"));
    }
    anyhow::ensure!(
        wrong.is_empty(),
        "the world does not hold together: {wrong:#?}"
    );
    Ok(())
}

/// Foreign keys that lead nowhere.
async fn dangling(connection: &mut PgConnection) -> anyhow::Result<Vec<String>> {
    // Each as a statement that counts the rows without their counterpart.
    let asked = sqlx::query(
        "SELECT key.conname::text, format( \
             'SELECT count(*) FROM %s AS one LEFT JOIN %s AS other ON %s WHERE %s AND other.%I IS NULL', \
             key.conrelid::regclass, key.confrelid::regclass, \
             string_agg(format('one.%I = other.%I', here.attname, there.attname), ' AND '), \
             string_agg(format('one.%I IS NOT NULL', here.attname), ' AND '), min(there.attname)) \
         FROM pg_constraint AS key \
         CROSS JOIN LATERAL unnest(key.conkey, key.confkey) AS pair (here, there) \
         JOIN pg_attribute AS here ON here.attrelid = key.conrelid AND here.attnum = pair.here \
         JOIN pg_attribute AS there ON there.attrelid = key.confrelid AND there.attnum = pair.there \
         WHERE key.contype = 'f' AND key.connamespace = $1::regnamespace \
         GROUP BY key.oid, key.conname, key.conrelid, key.confrelid ORDER BY key.conname",
    );
    let mut wrong = Vec::new();
    for row in asked.bind(SCHEMA).fetch_all(&mut *connection).await? {
        let (name, statement): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let counted = sqlx::query(AssertSqlSafe(statement.as_str()));
        let counted = counted.fetch_one(&mut *connection).await;
        let count: i64 = counted.with_context(|| statement.clone())?.try_get(0)?;
        if count > 0 {
            wrong.push(format!("{name} leads nowhere: {count}"));
        }
    }
    Ok(wrong)
}
