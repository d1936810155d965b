//! Loading a world: set by set, two at a time, indexes last.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::{SCHEMA, consistency, empty_shop, owner};
use crate::measure::ground::{Ground, run};
use crate::measure::progress::say;

/// At the end of the name of a database that is being loaded.
pub(super) const UNFINISHED: &str = "_loading";

/// Orders of one statement.
const PORTION: u64 = 20_000;

/// How a connection that loads is set: what triggers and keys would do is checked afterwards.
const SETTINGS: &str = "SET search_path TO tenant_default, public; \
    SET session_replication_role TO replica; SET synchronous_commit TO off; \
    SET work_mem TO '256MB'; SET maintenance_work_mem TO '1GB'";

/// Tables whose indexes are built when they are full: entry by entry it would take several times as long.
const LARGE: [&str; 6] = [
    "connector_event",
    "connector_order",
    "sales_order",
    "sales_order_line",
    "shopee_escrow_version",
    "stock_ledger",
];

/// Something that is loaded.
enum Step {
    /// Once.
    Once(&'static str, &'static str),
    /// For orders from $1 to below $2.
    Orders(&'static str, &'static str),
}

use Step::{Once, Orders};

/// What is drawn first: everything else is made of it.
const DRAWN: [Step; 4] = [
    Orders("drawing orders", include_str!("world_orders.sql")),
    Once("", "ANALYZE measure.world_order"),
    Orders("drawing lines", include_str!("world_lines.sql")),
    Once("", "ANALYZE measure.world_line"),
];

const LOADED: [Step; 14] = [
    Once("catalogue", include_str!("catalogue.sql")),
    Once("", "ANALYZE tenant_default.product_variant"),
    Orders("orders", include_str!("sales_orders.sql")),
    Orders("lines", include_str!("order_lines.sql")),
    Orders("reservations", include_str!("reservations.sql")),
    Orders("ledger", include_str!("ledger.sql")),
    Orders(
        "addresses, payments, parcels, timeline",
        include_str!("order_parts.sql"),
    ),
    Orders("records", include_str!("records.sql")),
    Orders("events", include_str!("events.sql")),
    Once("unverified pushes", include_str!("unverified.sql")),
    Orders("payouts", include_str!("payouts.sql")),
    Once("stock", include_str!("stock.sql")),
    Once("exceptions", include_str!("exceptions.sql")),
    Once(
        "",
        "DROP TABLE measure.world_line; DROP TABLE measure.world_order",
    ),
];

/// What needs indexes.
const ADDED: [Step; 1] = [Once(
    "audit log, days, runs",
    include_str!("administration.sql"),
)];

/// Loads a world of so many orders. Only a whole one has its name.
pub(super) async fn load(ground: &Ground, database: &str, orders: u64) -> anyhow::Result<()> {
    let began = Instant::now();
    let unfinished = format!("{database}{UNFINISHED}");
    say(format_args!(
        "loading a world of {orders} orders; it is kept for the next run"
    ));
    empty_shop(ground, &unfinished).await?;
    let mut loader = Loader {
        connections: [
            connect(ground, &unfinished).await?,
            connect(ground, &unfinished).await?,
        ],
        orders,
    };
    let [connection, _] = &mut loader.connections;
    run(connection, include_str!("prelude.sql")).await?;
    let (profile, shop) = owner();
    sqlx::query(include_str!("size.sql"))
        .bind(i64::try_from(orders)?)
        .bind(profile)
        .bind(shop)
        .execute(&mut *connection)
        .await?;
    let indexes = take_indexes(connection).await?;
    loader.walk(&DRAWN).await?;
    loader.walk(&LOADED).await?;
    loader.build(&indexes).await?;
    loader.walk(&ADDED).await?;
    let [connection, _] = &mut loader.connections;
    say("vacuum and analyze");
    run(connection, "VACUUM (ANALYZE, FREEZE)").await?;
    say("checking that it holds together");
    consistency::check(connection).await?;
    drop(loader);
    let mut home = ground.connect_home().await?;
    let rename = format!("ALTER DATABASE \"{unfinished}\" RENAME TO \"{database}\"");
    run(&mut home, &rename).await?;
    ground.checkpoint().await?;
    say(format_args!("loaded in {} s", began.elapsed().as_secs()));
    Ok(())
}

/// A connection for which no trigger fires and no key is checked.
pub(super) async fn connect(ground: &Ground, database: &str) -> anyhow::Result<PgConnection> {
    let mut connection = ground.connect(database).await?;
    run(&mut connection, SETTINGS).await?;
    Ok(connection)
}

/// Two connections that load side by side.
struct Loader {
    connections: [PgConnection; 2],
    orders: u64,
}

impl Loader {
    async fn walk(&mut self, steps: &[Step]) -> anyhow::Result<()> {
        for step in steps {
            let began = Instant::now();
            let what = match step {
                Once(what, statements) => {
                    run(&mut self.connections[0], statements).await?;
                    what
                }
                Orders(what, statement) => {
                    self.by_portions(what, statement).await?;
                    what
                }
            };
            if !what.is_empty() {
                say(format_args!("{what}: {} s", began.elapsed().as_secs()));
            }
        }
        Ok(())
    }

    async fn by_portions(&mut self, what: &str, statement: &'static str) -> anyhow::Result<()> {
        let next = AtomicU64::new(0);
        let [one, other] = &mut self.connections;
        let portions = Portions {
            what,
            statement,
            next: &next,
            orders: self.orders,
        };
        tokio::try_join!(portions.insert(one), portions.insert(other))?;
        Ok(())
    }

    /// Builds indexes, two at a time.
    async fn build(&mut self, indexes: &[String]) -> anyhow::Result<()> {
        let began = Instant::now();
        let next = AtomicU64::new(0);
        let [one, other] = &mut self.connections;
        tokio::try_join!(
            build_each(one, indexes, &next),
            build_each(other, indexes, &next)
        )?;
        say(format_args!(
            "{} indexes: {} s",
            indexes.len(),
            began.elapsed().as_secs()
        ));
        Ok(())
    }
}

struct Portions<'a> {
    what: &'a str,
    statement: &'static str,
    next: &'a AtomicU64,
    orders: u64,
}

impl Portions<'_> {
    async fn insert(&self, connection: &mut PgConnection) -> anyhow::Result<()> {
        loop {
            let from = self.next.fetch_add(PORTION, Ordering::Relaxed);
            if from >= self.orders {
                return Ok(());
            }
            let to = (from + PORTION).min(self.orders);
            sqlx::query(self.statement)
                .bind(i64::try_from(from)?)
                .bind(i64::try_from(to)?)
                .execute(&mut *connection)
                .await
                .with_context(|| format!("{} {from} to {to}", self.what))?;
            if (to / PORTION).is_multiple_of(10) {
                say(format_args!(
                    "{}: {to} of {} orders",
                    self.what, self.orders
                ));
            }
        }
    }
}

/// Drops the indexes of large tables that stand for no constraint; answers what makes them again.
async fn take_indexes(connection: &mut PgConnection) -> anyhow::Result<Vec<String>> {
    let asked = sqlx::query(
        "SELECT index.indexrelid::regclass::text, pg_get_indexdef(index.indexrelid) \
         FROM pg_index AS index \
         JOIN pg_class AS of_table ON of_table.oid = index.indrelid \
         WHERE of_table.relnamespace = $1::regnamespace AND of_table.relname = ANY ($2) \
           AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = index.indexrelid) \
         ORDER BY of_table.relname = 'connector_event' DESC, 1",
    );
    let rows = asked.bind(SCHEMA).bind(&LARGE[..]);
    let mut made_by = Vec::new();
    for row in rows.fetch_all(&mut *connection).await? {
        let name: String = row.try_get(0)?;
        run(connection, &format!("DROP INDEX {name}")).await?;
        made_by.push(row.try_get(1)?);
    }
    Ok(made_by)
}

async fn build_each(
    connection: &mut PgConnection,
    indexes: &[String],
    next: &AtomicU64,
) -> anyhow::Result<()> {
    loop {
        let turn = usize::try_from(next.fetch_add(1, Ordering::Relaxed))?;
        let Some(index) = indexes.get(turn) else {
            return Ok(());
        };
        sqlx::raw_sql(AssertSqlSafe(index.as_str()))
            .execute(&mut *connection)
            .await
            .with_context(|| index.clone())?;
    }
}
