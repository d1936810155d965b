//! More and more tenants: what the service costs while nothing happens, and what a push and an order cost when
//! they are everybody's in turn.

mod idle;
mod intake;
mod members;

use hawker_postgres::{PgOptions, PgStore};

use self::idle::{Idle, idle};
use self::intake::{Ingested, empty, ingest};
use super::orders::{self, Settled, settle};
use super::silent::Silent;
use crate::measure::dataset::Tenants;
use crate::measure::goal::{Bound, Goal};
use crate::measure::ground::{Ground, run};
use crate::measure::marketplace::Marketplace;
use crate::measure::progress::say;
use crate::measure::section::Section;
use crate::measure::shop::Shop;
use crate::measure::statistics::ratio;
use crate::measure::table::{Cell, Table};

const DATABASE: &str = "hawker_bench_tenants";

const TENANTS: [usize; 3] = [1, 10, 200];
const TENANTS_QUICK: [usize; 3] = [1, 4, 10];

/// What of a core may go on doing nothing, in hundredths: a service with many tenants must not need a
/// machine of its own while all of them sleep.
const IDLE_CORE_MAX: f64 = 5.0;

/// What was measured with so many tenants.
struct Measured {
    tenants: usize,
    idle: Idle,
    ingested: Ingested,
    settled: Vec<Settled>,
}

pub(super) async fn measure(ground: &Ground, section: &mut Section) -> anyhow::Result<()> {
    let marketplace = Marketplace::start(ground).await?;
    let shop = Shop::open(ground, DATABASE, &marketplace.api_url()).await?;
    let mut measured = Vec::new();
    let mut there = 1;
    for tenants in ground.sized(TENANTS, TENANTS_QUICK) {
        say(format_args!("growth, {tenants} tenants"));
        let store =
            PgStore::connect_lazy(&PgOptions::new(ground.url(DATABASE)).connections_max(2))?;
        let mut connection = shop.connect(ground).await?;
        for number in there..tenants {
            members::add(&store, &mut connection, number).await?;
        }
        there = tenants;
        store.close().await;
        run(&mut connection, "VACUUM (ANALYZE)").await?;
        let tenants = members::first(DATABASE, tenants);
        measured.push(of_tenants(ground, &tenants, &marketplace).await?);
    }
    ground.drop_database(DATABASE).await?;
    report(section, &measured);
    Ok(())
}

async fn of_tenants(
    ground: &Ground,
    tenants: &Tenants,
    marketplace: &Marketplace,
) -> anyhow::Result<Measured> {
    let silent = Silent::start(ground, tenants, "growth-tenants").await?;
    let idle = idle(ground, &silent.service, &tenants.database).await?;
    let ingested = ingest(ground, &silent, tenants).await?;
    silent.service.kill().await?;
    empty(ground, tenants).await?;
    let mut settled = Vec::new();
    for round in 0..=ground.sized(3, 1) {
        let of_round = settle(ground, tenants, marketplace).await?;
        // As with pushes, the first round finds the ways.
        if round > 0 {
            settled.push(of_round);
        }
    }
    Ok(Measured {
        tenants: tenants.each.len(),
        idle,
        ingested,
        settled,
    })
}

fn report(section: &mut Section, measured: &[Measured]) {
    section.tables.push(pushes_table(measured));
    section.tables.push(orders_table(measured));
    section.goals.extend(measured.iter().map(goal));
}

fn pushes_table(measured: &[Measured]) -> Table {
    let columns = [
        "tenants",
        "idle: service %",
        "Postgres %",
        "transactions/s",
        "MiB",
        "pushes/s",
        "× one",
        "p99 ms",
        "service µs",
        "Postgres µs",
    ];
    let title =
        "by tenants: hundredths of a core while nothing happens, and pushes to all of them in turn";
    let mut table = Table::new(title, &columns);
    let one = measured.first();
    let one = one.map_or(0.0, |one| one.ingested.rates.median);
    for Measured {
        tenants,
        idle,
        ingested,
        settled: _,
    } in measured
    {
        table.row(vec![
            tenants.to_string().into(),
            Cell::Figure(idle.service, 1),
            Cell::Figure(idle.postgres, 1),
            Cell::Figure(idle.transactions, 1),
            Cell::Figure(idle.resident, 1),
            Cell::Spread(ingested.rates, 0),
            Cell::Figure(ratio(ingested.rates.median, one), 2),
            Cell::Spread(ingested.p99, 1),
            Cell::Spread(ingested.service_micros, 0),
            Cell::Spread(ingested.postgres_micros, 0),
        ]);
    }
    table
}

fn orders_table(measured: &[Measured]) -> Table {
    let grown = measured
        .iter()
        .map(|with| (with.tenants.to_string(), with.settled.as_slice()));
    orders::table(
        "an order of two events, by tenants whose orders come in turn",
        ["tenants", "× one"],
        &grown.collect::<Vec<_>>(),
    )
}

fn goal(with: &Measured) -> Goal {
    let tenants = match with.tenants {
        1 => "one tenant".to_owned(),
        many => format!("{many} tenants"),
    };
    Goal {
        what: format!("idle with {tenants}, service and Postgres"),
        measured: with.idle.service + with.idle.postgres,
        unit: "% of a core",
        decimals: 1,
        budget: None,
        target: Some(Bound::AtMost(IDLE_CORE_MAX)),
    }
}
