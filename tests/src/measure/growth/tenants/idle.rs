//! What a service costs while nothing happens.

use std::time::Duration;

use sqlx::{PgConnection, Row as _};

use crate::measure::ground::Ground;
use crate::measure::processes::memory;
use crate::measure::service::Service;
use crate::measure::statistics::float;
use crate::measure::usage::Meter;

/// What was taken while nothing happened.
pub(super) struct Idle {
    /// Hundredths of a core.
    pub(super) service: f64,
    pub(super) postgres: f64,
    /// A second.
    pub(super) transactions: f64,
    /// MiB after that.
    pub(super) resident: f64,
}

pub(super) async fn idle(
    ground: &Ground,
    service: &Service,
    database: &str,
) -> anyhow::Result<Idle> {
    let mut connection = ground.connect_home().await?;
    // What is done once at the start is not what goes on.
    tokio::time::sleep(ground.sized(Duration::from_secs(8), Duration::from_secs(3))).await;
    let window = ground.sized(Duration::from_secs(20), Duration::from_secs(5));
    let before = transactions(&mut connection, database).await?;
    let meter = Meter::start(ground, Some(service.id()), None)?;
    tokio::time::sleep(window).await;
    let usage = meter.read()?;
    let after = transactions(&mut connection, database).await?;
    let percent = |taken: Duration| 100.0 * taken.as_secs_f64() / window.as_secs_f64();
    Ok(Idle {
        service: percent(usage.service),
        postgres: percent(usage.postgres),
        transactions: float(after.saturating_sub(before)) / window.as_secs_f64(),
        resident: float(memory(service.id())?.resident) / 1024.0,
    })
}

/// Transactions of the database so far, those that only read included.
async fn transactions(connection: &mut PgConnection, database: &str) -> anyhow::Result<u64> {
    let asked =
        sqlx::query("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = $1");
    let counted: i64 = asked
        .bind(database)
        .fetch_one(connection)
        .await?
        .try_get(0)?;
    Ok(u64::try_from(counted)?)
}
