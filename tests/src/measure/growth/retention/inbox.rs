//! The inbox that old events are forgotten from. It is filled by statements over whole sets, and what is in it
//! is told apart by its ids, which tell their time.

use sqlx::PgConnection;

use crate::measure::ground::run;

/// When old events came: long before the 90 days for which a service keeps them by itself.
pub(super) const OLD_DAYS: i32 = 200;

/// When those came that are dealt with and not old.
pub(super) const KEPT_DAYS: i32 = 60;

/// What came before then is old. It is where the job's own limit is, and nothing lies near it.
const OLD_UNTIL_DAYS: i32 = 90;

/// What came since then is a push of a round: far from both.
const KEPT_UNTIL_DAYS: i32 = 1;

/// The inbox of a shop, and how much of it there is before a turn.
pub(super) struct Inbox {
    pub(super) connection: PgConnection,
    pub(super) old: u64,
    kept: u64,
    /// Ids of old events are below this.
    old_until: String,
    /// Ids of what is dealt with are below this.
    kept_until: String,
}

/// What is in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contents {
    /// Events that are old.
    pub(super) old: u64,
    /// Events that are dealt with and not old.
    pub(super) kept: u64,
    /// Pushes of rounds.
    pub(super) pushes: u64,
    /// Bytes on disk.
    pub(super) heap: f64,
    /// Bytes on disk of everything beside the rows.
    pub(super) indexes: f64,
}

impl Contents {
    pub(super) const fn rows(&self) -> u64 {
        self.old + self.kept + self.pushes
    }
}

impl Inbox {
    /// Keeps one of the pushes that are in it: all others will be made of it.
    pub(super) async fn prepare(
        mut connection: PgConnection,
        old: u64,
        kept: u64,
    ) -> anyhow::Result<Self> {
        // For the ids: they are made as those of worlds are.
        run(&mut connection, include_str!("../../dataset/prelude.sql")).await?;
        let push = "CREATE TABLE measure.push AS \
                    SELECT * FROM tenant_default.connector_event WHERE trusted ORDER BY id LIMIT 1";
        run(&mut connection, push).await?;
        Ok(Self {
            old_until: first_id(&mut connection, OLD_UNTIL_DAYS).await?,
            kept_until: first_id(&mut connection, KEPT_UNTIL_DAYS).await?,
            connection,
            old,
            kept,
        })
    }

    /// Empties it, which gives all space back, and puts the same old events and others into it.
    pub(super) async fn fill(&mut self) -> anyhow::Result<()> {
        let empty = "TRUNCATE tenant_default.connector_event";
        run(&mut self.connection, empty).await?;
        let all = self.old + self.kept;
        for (from, to, days) in [(1, self.old, OLD_DAYS), (self.old + 1, all, KEPT_DAYS)] {
            sqlx::query(include_str!("events.sql"))
                .bind(i64::try_from(from)?)
                .bind(i64::try_from(to)?)
                .bind(days)
                .execute(&mut self.connection)
                .await?;
        }
        let there = self.look().await?;
        anyhow::ensure!(
            (there.old, there.kept, there.pushes) == (self.old, self.kept, 0),
            "the inbox is not as it was to be filled: {there:?}"
        );
        Ok(())
    }

    /// What the server does by itself sooner or later: space of rows that are gone can be used, and the
    /// statistics are those of what is there.
    pub(super) async fn tidy(&mut self) -> anyhow::Result<()> {
        let vacuum = "VACUUM (ANALYZE) tenant_default.connector_event";
        run(&mut self.connection, vacuum).await
    }

    pub(super) async fn look(&mut self) -> anyhow::Result<Contents> {
        let (old, kept, pushes, heap, indexes): (i64, i64, i64, f64, f64) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE id < $1),
                    count(*) FILTER (WHERE id >= $1 AND id < $2),
                    count(*) FILTER (WHERE id >= $2),
                    pg_relation_size('tenant_default.connector_event')::float8,
                    (pg_total_relation_size('tenant_default.connector_event')
                        - pg_relation_size('tenant_default.connector_event'))::float8
             FROM tenant_default.connector_event",
        )
        .bind(&self.old_until)
        .bind(&self.kept_until)
        .fetch_one(&mut self.connection)
        .await?;
        Ok(Contents {
            old: u64::try_from(old)?,
            kept: u64::try_from(kept)?,
            pushes: u64::try_from(pushes)?,
            heap,
            indexes,
        })
    }

    /// Old events that are still there; read from one index.
    pub(super) async fn left(&mut self) -> anyhow::Result<u64> {
        let left: i64 =
            sqlx::query_scalar("SELECT count(*) FROM tenant_default.connector_event WHERE id < $1")
                .bind(&self.old_until)
                .fetch_one(&mut self.connection)
                .await?;
        Ok(u64::try_from(left)?)
    }

    /// The event that is forgotten first.
    pub(super) async fn oldest(&mut self) -> anyhow::Result<String> {
        let oldest = "SELECT id FROM tenant_default.connector_event ORDER BY id LIMIT 1";
        let oldest = sqlx::query_scalar(oldest);
        Ok(oldest.fetch_one(&mut self.connection).await?)
    }

    pub(super) async fn holds(&mut self, id: &str) -> anyhow::Result<bool> {
        let held = "SELECT EXISTS (SELECT FROM tenant_default.connector_event WHERE id = $1)";
        let held = sqlx::query_scalar(held).bind(id);
        Ok(held.fetch_one(&mut self.connection).await?)
    }
}

/// Below every id that was made since so many days ago.
async fn first_id(connection: &mut PgConnection, days: i32) -> anyhow::Result<String> {
    let asked = sqlx::query_scalar(
        "SELECT 'srev_' || left(measure.ulid(now() - make_interval(days => $1), 0), 10)",
    );
    Ok(asked.bind(days).fetch_one(connection).await?)
}
