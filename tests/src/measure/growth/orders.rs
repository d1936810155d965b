//! Orders worked off, of all tenants of a database in turn. Whatever a round brings in, it takes away.

use std::time::{Duration, Instant};

use sqlx::PgConnection;

use super::server::{log_bytes_since, log_position, number};
use super::silent::Silent;
use crate::measure::dataset::{Tenant, Tenants, mark};
use crate::measure::ground::{Ground, run};
use crate::measure::ingest::audit::until_filed_in;
use crate::measure::marketplace::{Marketplace, Placed};
use crate::measure::pushes::Pushes;
use crate::measure::service::{Service, settings};
use crate::measure::statistics::{Summary, float, per_second, ratio};
use crate::measure::table::{Cell, Table};
use crate::measure::usage::{Meter, micros_each};

/// Events of each order that is worked off.
const EVENTS_OF_ORDER: usize = 2;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(2);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Orders that were worked off.
pub(super) struct Settled {
    pub(super) rate: f64,
    pub(super) service_micros: f64,
    pub(super) postgres_micros: f64,
    /// Of the server's write-ahead log, for each.
    pub(super) log_bytes: f64,
}

/// Works off orders that the marketplace has and the tenants do not.
pub(super) async fn settle(
    ground: &Ground,
    tenants: &Tenants,
    marketplace: &Marketplace,
) -> anyhow::Result<Settled> {
    let placed = marketplace.place(ground.sized(3_000, 300)).await?;
    let mark = mark();
    let mut connection = ground.connect(&tenants.database).await?;
    queue(ground, tenants, &placed, &mark).await?;
    tenants.connect_to(ground, &marketplace.api_url()).await?;
    let settings = settings(ground, &tenants.database, &marketplace.api_url());
    ground.checkpoint().await?;
    let from = log_position(&mut connection).await?;
    let since = Instant::now();
    let service = Service::start(ground, "growth-drain", &settings).await?;
    let meter = Meter::start(ground, Some(service.id()), Some(marketplace.id()))?;
    until_settled(&mut connection, tenants, &mark).await?;
    let took = since.elapsed();
    let usage = meter.read()?;
    let bytes = log_bytes_since(&mut connection, &from).await?;
    service.stop().await?;
    ensure_made(&mut connection, tenants, &placed, &mark).await?;
    tenants.take_away(ground, &mark).await?;
    let made = placed.orders.len() as u64;
    Ok(Settled {
        rate: per_second(made, took),
        service_micros: micros_each(usage.service, made),
        postgres_micros: micros_each(usage.postgres, made),
        log_bytes: ratio(bytes, float(made)),
    })
}

/// Puts events of the orders into the inboxes, each order into the next tenant's, and makes them due.
async fn queue(
    ground: &Ground,
    tenants: &Tenants,
    placed: &Placed,
    mark: &str,
) -> anyhow::Result<()> {
    let silent = Silent::start(ground, tenants, "growth-backlog").await?;
    let orders = placed.orders.len();
    let events = orders * EVENTS_OF_ORDER;
    let pushes = Pushes::of_orders(&placed.orders, placed.update_time, events);
    // All events of an order are the same tenant's.
    let pushes = pushes.addressed(|place| &tenants.in_turn(place % orders).profile)?;
    let (_, requests) = pushes.split();
    let outcome = silent.take_in(&requests, PATIENCE).await?;
    anyhow::ensure!(
        outcome.acknowledged.len() == events,
        "not all were taken in"
    );
    let mut connection = ground.connect(&tenants.database).await?;
    until_filed_in(&mut connection, &tenants.schemas()).await?;
    silent.service.kill().await?;
    for tenant in &tenants.each {
        let_all_be_due(&mut connection, tenant, mark).await?;
    }
    Ok(())
}

/// Whatever came since a mark is due now and nobody's.
async fn let_all_be_due(
    connection: &mut PgConnection,
    tenant: &Tenant,
    mark: &str,
) -> anyhow::Result<()> {
    let schema = &tenant.schema;
    let free = format!(
        "UPDATE {schema}.connector_order \
         SET attempts = 0, lease = NULL, lease_until = NULL WHERE id >= 'sosync_{mark}'"
    );
    let due = format!(
        "UPDATE {schema}.connector_event SET next_attempt_at = received_at \
         WHERE NOT processed AND id >= 'srev_{mark}'"
    );
    run(connection, &free).await?;
    run(connection, &due).await
}

/// Waits for one tenant after the other: nothing comes any more, so that whoever has nothing left stays so. To look
/// at all of them each time would be what is measured.
async fn until_settled(
    connection: &mut PgConnection,
    tenants: &Tenants,
    mark: &str,
) -> anyhow::Result<()> {
    let looking = async {
        for Tenant { schema, .. } in &tenants.each {
            let left = format!(
                "SELECT count(*) FROM (SELECT FROM {schema}.connector_event \
                 WHERE id >= 'srev_{mark}' AND NOT processed LIMIT 1) AS one"
            );
            while number(connection, &left).await? > 0 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        anyhow::Ok(())
    };
    match tokio::time::timeout(PATIENCE, looking).await {
        Ok(looked) => looked,
        Err(_) => anyhow::bail!(
            "the backlog is not worked off after {PATIENCE:?}: see target/bench/logs/growth-drain.log"
        ),
    }
}

/// Each tenant has as many orders more as were pushed to it.
async fn ensure_made(
    connection: &mut PgConnection,
    tenants: &Tenants,
    placed: &Placed,
    mark: &str,
) -> anyhow::Result<()> {
    for (place, Tenant { schema, .. }) in tenants.each.iter().enumerate() {
        let made = format!("SELECT count(*) FROM {schema}.sales_order WHERE id >= 'ord_{mark}'");
        let made = number(connection, &made).await?;
        let pushed = (place..placed.orders.len()).step_by(tenants.each.len());
        let pushed = pushed.count() as u64;
        anyhow::ensure!(
            made == pushed,
            "{made} orders were made in {schema} of {pushed}"
        );
    }
    Ok(())
}

/// One figure of all rounds.
pub(super) fn summary(rounds: &[Settled], pick: fn(&Settled) -> f64) -> Summary {
    Summary::of(&rounds.iter().map(pick).collect::<Vec<_>>())
}

/// What an order costs, by something that grows. The heads are those of what grows and of what the first one is to
/// the others.
pub(super) fn table(
    title: &str,
    heads: [&'static str; 2],
    grown: &[(String, &[Settled])],
) -> Table {
    let [what, beside] = heads;
    let columns = [
        what,
        "orders/s",
        beside,
        "service µs",
        "Postgres µs",
        "log bytes",
    ];
    let mut table = Table::new(title, &columns);
    let rate = |rounds| summary(rounds, |one| one.rate);
    let first = grown.first().map_or(0.0, |(_, rounds)| rate(rounds).median);
    for (size, rounds) in grown {
        table.row(vec![
            size.clone().into(),
            Cell::Spread(rate(rounds), 0),
            Cell::Figure(ratio(rate(rounds).median, first), 2),
            Cell::Spread(summary(rounds, |one| one.service_micros), 0),
            Cell::Spread(summary(rounds, |one| one.postgres_micros), 0),
            Cell::Spread(summary(rounds, |one| one.log_bytes), 0),
        ]);
    }
    table
}
