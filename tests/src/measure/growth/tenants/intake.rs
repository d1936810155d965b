//! Pushes to all tenants in turn, while the marketplace is silent.

use std::time::Duration;

use crate::measure::dataset::{Tenant, Tenants};
use crate::measure::ground::{Ground, run};
use crate::measure::growth::server::number;
use crate::measure::growth::silent::Silent;
use crate::measure::ingest::audit::until_filed_in;
use crate::measure::load::Requests;
use crate::measure::pushes::Pushes;
use crate::measure::statistics::Summary;
use crate::measure::usage::{Meter, micros_each};

/// More pushes than anybody acknowledges in a second.
const SUPPLY_PER_SECOND: u64 = 80_000;

/// Pushes that were taken in.
pub(super) struct Ingested {
    pub(super) rates: Summary,
    pub(super) p99: Summary,
    pub(super) service_micros: Summary,
    pub(super) postgres_micros: Summary,
}

pub(super) async fn ingest(
    ground: &Ground,
    silent: &Silent,
    tenants: &Tenants,
) -> anyhow::Result<Ingested> {
    let mut inboxes = ground.connect(&tenants.database).await?;
    let schemas = tenants.schemas();
    let time = ground.sized(Duration::from_secs(4), Duration::from_secs(1));
    let (mut rates, mut p99) = (Vec::new(), Vec::new());
    let (mut service_micros, mut postgres_micros) = (Vec::new(), Vec::new());
    for round in 0..=ground.sized(3, 1) {
        let requests = everybodys(round, time, tenants)?;
        ground.checkpoint().await?;
        let meter = Meter::start(ground, Some(silent.service.id()), None)?;
        let outcome = silent.take_in(&requests, time).await?;
        until_filed_in(&mut inboxes, &schemas).await?;
        let usage = meter.read()?;
        // In the first round the ways to the tenants are found.
        if round > 0 {
            let count = outcome.acknowledged.len() as u64;
            rates.push(outcome.rate());
            service_micros.push(micros_each(usage.service, count));
            postgres_micros.push(micros_each(usage.postgres, count));
            let mut latencies = outcome.latencies;
            p99.push(latencies.percentile(0.99));
        }
    }
    Ok(Ingested {
        rates: Summary::of(&rates),
        p99: Summary::of(&p99),
        service_micros: Summary::of(&service_micros),
        postgres_micros: Summary::of(&postgres_micros),
    })
}

/// Distinct pushes, each to the next tenant.
fn everybodys(round: usize, time: Duration, tenants: &Tenants) -> anyhow::Result<Requests> {
    let supply = usize::try_from(SUPPLY_PER_SECOND * time.as_secs())?;
    let pushes = Pushes::distinct(2_000 + round, supply);
    let (_, requests) = pushes
        .addressed(|place| &tenants.in_turn(place).profile)?
        .split();
    Ok(requests)
}

/// Empties all inboxes; fails if pushes of some tenant went elsewhere.
pub(super) async fn empty(ground: &Ground, tenants: &Tenants) -> anyhow::Result<()> {
    let mut connection = ground.connect(&tenants.database).await?;
    for Tenant { schema, profile } in &tenants.each {
        let strangers = format!(
            "SELECT count(*) FROM {schema}.connector_event \
             WHERE NOT trusted OR profile_id IS DISTINCT FROM '{profile}'"
        );
        let strangers = number(&mut connection, &strangers).await?;
        anyhow::ensure!(
            strangers == 0,
            "{strangers} pushes do not belong to {schema}"
        );
        let empty = format!("TRUNCATE {schema}.connector_event");
        run(&mut connection, &empty).await?;
    }
    Ok(())
}
