//! A round in one world: orders worked off, pushes taken in. Whatever a round brings in, it takes away.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::measure::dataset::World;
use crate::measure::ground::{Ground, run};
use crate::measure::ingest::audit::until_filed;
use crate::measure::load::{Outcome, Pace, Requests, load};
use crate::measure::marketplace::{Marketplace, Placed};
use crate::measure::pushes::Pushes;
use crate::measure::service::{Service, settings};
use crate::measure::shop::Silence;
use crate::measure::statistics::{float, per_second, ratio};
use crate::measure::usage::{Meter, micros_each};

/// As the budget of the intake is stated.
const CONNECTIONS: usize = 64;

/// More pushes than anybody acknowledges in a second.
const SUPPLY_PER_SECOND: u64 = 80_000;

/// Events of each order that is worked off.
const EVENTS_OF_ORDER: usize = 2;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(2);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Pushes that were taken in.
pub(super) struct Ingested {
    pub(super) rate: f64,
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) service_micros: f64,
    pub(super) postgres_micros: f64,
    /// Of the server's write-ahead log, for each.
    pub(super) log_bytes: f64,
}

/// Orders that were worked off.
pub(super) struct Settled {
    pub(super) rate: f64,
    pub(super) service_micros: f64,
    pub(super) postgres_micros: f64,
    /// Of the server's write-ahead log, for each.
    pub(super) log_bytes: f64,
}

/// Takes pushes in for some seconds, while the marketplace is silent.
pub(super) async fn ingest(
    ground: &Ground,
    world: &World,
    round: usize,
) -> anyhow::Result<Ingested> {
    let time = ground.sized(Duration::from_secs(4), Duration::from_secs(1));
    let supply = SUPPLY_PER_SECOND * time.as_secs();
    let (_, requests) = Pushes::distinct(1_000 + round, usize::try_from(supply)?).split();
    let mark = world.mark(ground).await?;
    let mut connection = ground.connect(&world.database).await?;
    let silent = Silent::start(ground, world, "growth-ingest").await?;
    ground.checkpoint().await?;
    let from = log_position(&mut connection).await?;
    let meter = Meter::start(ground, Some(silent.service.id()), None)?;
    let outcome = silent.take_in(&requests, time).await?;
    until_filed(&mut connection).await?;
    let usage = meter.read()?;
    let bytes = log_bytes_since(&mut connection, &from).await?;
    let count = outcome.acknowledged.len() as u64;
    silent.service.kill().await?;
    ensure_all_there(&mut connection, &mark, count).await?;
    world.take_away(ground, &mark).await?;
    let rate = outcome.rate();
    let mut latencies = outcome.latencies;
    Ok(Ingested {
        rate,
        p50: latencies.percentile(0.5),
        p99: latencies.percentile(0.99),
        service_micros: micros_each(usage.service, count),
        postgres_micros: micros_each(usage.postgres, count),
        log_bytes: ratio(bytes, float(count)),
    })
}

/// Works off orders that the marketplace has and the world does not.
pub(super) async fn settle(
    ground: &Ground,
    world: &World,
    marketplace: &Marketplace,
) -> anyhow::Result<Settled> {
    let placed = marketplace.place(ground.sized(3_000, 300)).await?;
    let mark = world.mark(ground).await?;
    let mut connection = ground.connect(&world.database).await?;
    queue(ground, world, &placed, &mark).await?;
    world.connect_to(ground, &marketplace.api_url()).await?;
    let settings = settings(ground, &world.database, &marketplace.api_url());
    ground.checkpoint().await?;
    let from = log_position(&mut connection).await?;
    let since = Instant::now();
    let service = Service::start(ground, "growth-drain", &settings).await?;
    let meter = Meter::start(ground, Some(service.id()), Some(marketplace.id()))?;
    until_settled(&mut connection, &mark).await?;
    let took = since.elapsed();
    let usage = meter.read()?;
    let bytes = log_bytes_since(&mut connection, &from).await?;
    service.stop().await?;
    let made = format!("SELECT count(*) FROM tenant_default.sales_order WHERE id >= 'ord_{mark}'");
    let made = u64::try_from(number(&mut connection, &made).await?)?;
    anyhow::ensure!(
        made == placed.orders.len() as u64,
        "{made} orders were made of {}",
        placed.orders.len()
    );
    world.take_away(ground, &mark).await?;
    Ok(Settled {
        rate: per_second(made, took),
        service_micros: micros_each(usage.service, made),
        postgres_micros: micros_each(usage.postgres, made),
        log_bytes: ratio(bytes, float(made)),
    })
}

/// Puts events of the orders into the inbox, and makes them due.
async fn queue(ground: &Ground, world: &World, placed: &Placed, mark: &str) -> anyhow::Result<()> {
    let silent = Silent::start(ground, world, "growth-backlog").await?;
    let events = placed.orders.len() * EVENTS_OF_ORDER;
    let (_, requests) = Pushes::of_orders(&placed.orders, placed.update_time, events).split();
    let outcome = silent.take_in(&requests, PATIENCE).await?;
    anyhow::ensure!(
        outcome.acknowledged.len() == events,
        "not all were taken in"
    );
    let mut connection = ground.connect(&world.database).await?;
    until_filed(&mut connection).await?;
    silent.service.kill().await?;
    let free = format!(
        "UPDATE tenant_default.connector_order \
         SET attempts = 0, lease = NULL, lease_until = NULL WHERE id >= 'sosync_{mark}'"
    );
    let due = format!(
        "UPDATE tenant_default.connector_event SET next_attempt_at = received_at \
         WHERE NOT processed AND id >= 'srev_{mark}'"
    );
    run(&mut connection, &free).await?;
    run(&mut connection, &due).await
}

/// A service whose marketplace is silent.
struct Silent {
    service: Service,
    _silence: Silence,
}

impl Silent {
    async fn start(ground: &Ground, world: &World, name: &str) -> anyhow::Result<Self> {
        let silence = Silence::fall()?;
        let base_url = silence.base_url()?;
        world.connect_to(ground, &base_url).await?;
        let settings = settings(ground, &world.database, &base_url);
        Ok(Self {
            service: Service::start(ground, name, &settings).await?,
            _silence: silence,
        })
    }

    async fn take_in(&self, requests: &Requests, limit: Duration) -> anyhow::Result<Outcome> {
        let address = self.service.address;
        let outcome = load(address, CONNECTIONS, requests, Pace::Closed, limit).await?;
        outcome.all_acknowledged()?;
        Ok(outcome)
    }
}

async fn until_settled(connection: &mut PgConnection, mark: &str) -> anyhow::Result<()> {
    let left = format!(
        "SELECT count(*) FROM (SELECT FROM tenant_default.connector_event \
         WHERE id >= 'srev_{mark}' AND NOT processed LIMIT 1) AS one"
    );
    let looking = async {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        loop {
            tick.tick().await;
            if number(connection, &left).await? == 0 {
                return anyhow::Ok(());
            }
        }
    };
    match tokio::time::timeout(PATIENCE, looking).await {
        Ok(looked) => looked,
        Err(_) => anyhow::bail!(
            "the backlog is not worked off after {PATIENCE:?}: see target/bench/logs/growth-drain.log"
        ),
    }
}

/// Everything that was acknowledged is in the inbox, and nothing else came.
async fn ensure_all_there(
    connection: &mut PgConnection,
    mark: &str,
    acknowledged: u64,
) -> anyhow::Result<()> {
    let there = format!(
        "SELECT count(*) FROM tenant_default.connector_event WHERE id >= 'srev_{mark}' AND trusted"
    );
    let there = u64::try_from(number(connection, &there).await?)?;
    // Each connection may have sent one that was answered after the end.
    anyhow::ensure!(
        (acknowledged..=acknowledged + CONNECTIONS as u64).contains(&there),
        "{acknowledged} pushes were acknowledged and {there} are there"
    );
    Ok(())
}

async fn number(connection: &mut PgConnection, statement: &str) -> anyhow::Result<i64> {
    let asked = sqlx::query(AssertSqlSafe(statement));
    Ok(asked.fetch_one(connection).await?.try_get(0)?)
}

async fn log_position(connection: &mut PgConnection) -> anyhow::Result<String> {
    let asked = sqlx::query("SELECT pg_current_wal_insert_lsn()::text");
    Ok(asked.fetch_one(connection).await?.try_get(0)?)
}

async fn log_bytes_since(connection: &mut PgConnection, from: &str) -> anyhow::Result<f64> {
    let asked = sqlx::query(
        "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::text::pg_lsn)::float8",
    );
    Ok(asked.bind(from).fetch_one(connection).await?.try_get(0)?)
}
