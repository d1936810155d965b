//! A round of pushes to one world. Whatever it brings in, it takes away.

use std::time::Duration;

use sqlx::PgConnection;

use crate::measure::dataset::{World, mark};
use crate::measure::ground::Ground;
use crate::measure::growth::server::{log_bytes_since, log_position, number};
use crate::measure::growth::silent::{CONNECTIONS, Silent};
use crate::measure::ingest::audit::until_filed;
use crate::measure::pushes::Pushes;
use crate::measure::statistics::{float, ratio};
use crate::measure::usage::{Meter, micros_each};

/// More pushes than anybody acknowledges in a second.
const SUPPLY_PER_SECOND: u64 = 80_000;

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

/// Takes pushes in for some seconds, while the marketplace is silent.
pub(super) async fn ingest(
    ground: &Ground,
    world: &World,
    round: usize,
) -> anyhow::Result<Ingested> {
    let time = ground.sized(Duration::from_secs(4), Duration::from_secs(1));
    let supply = SUPPLY_PER_SECOND * time.as_secs();
    let (_, requests) = Pushes::distinct(1_000 + round, usize::try_from(supply)?).split();
    let mark = mark();
    let mut connection = ground.connect(&world.database).await?;
    let silent = Silent::start(ground, &world.tenants(), "growth-ingest").await?;
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

/// Everything that was acknowledged is in the inbox, and nothing else came.
async fn ensure_all_there(
    connection: &mut PgConnection,
    mark: &str,
    acknowledged: u64,
) -> anyhow::Result<()> {
    let there = format!(
        "SELECT count(*) FROM tenant_default.connector_event WHERE id >= 'srev_{mark}' AND trusted"
    );
    let there = number(connection, &there).await?;
    // Each connection may have sent one that was answered after the end.
    anyhow::ensure!(
        (acknowledged..=acknowledged + CONNECTIONS as u64).contains(&there),
        "{acknowledged} pushes were acknowledged and {there} are there"
    );
    Ok(())
}
