//! More and more tenants: what the service costs while nothing happens, and what a push costs when they are
//! everybody's in turn.

use std::sync::Arc;
use std::time::Duration;

use hawker_domain::TenantSlug;
use hawker_postgres::migrate::{Silent as Untold, create_tenant};
use hawker_postgres::{PgOptions, PgStore};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::PROFILE;
use crate::measure::dataset::SCHEMA;
use crate::measure::goal::{Bound, Goal};
use crate::measure::ground::{Ground, run};
use crate::measure::ingest::audit::until_filed_in;
use crate::measure::load::{Pace, Requests, load};
use crate::measure::processes::memory;
use crate::measure::progress::say;
use crate::measure::pushes::Pushes;
use crate::measure::section::Section;
use crate::measure::service::Service;
use crate::measure::shop::{Shop, Silence};
use crate::measure::statistics::{Summary, float, ratio};
use crate::measure::table::{Cell, Table};
use crate::measure::usage::{Meter, micros_each};

const DATABASE: &str = "hawker_bench_tenants";

const TENANTS: [usize; 3] = [1, 10, 200];
const TENANTS_QUICK: [usize; 3] = [1, 4, 10];

const CONNECTIONS: usize = 64;

/// More pushes than anybody acknowledges in a second.
const SUPPLY_PER_SECOND: u64 = 80_000;

/// What of a core may go on doing nothing, in hundredths: a service with many tenants must not need a
/// machine of its own while all of them sleep.
const IDLE_CORE_MAX: f64 = 5.0;

/// What was measured with so many tenants.
struct Measured {
    tenants: usize,
    /// Hundredths of a core while nothing happens.
    idle_service: f64,
    idle_postgres: f64,
    /// Transactions a second while nothing happens.
    idle_transactions: f64,
    /// MiB after that.
    resident: f64,
    rates: Summary,
    p99: Summary,
    service_micros: Summary,
    postgres_micros: Summary,
}

pub(super) async fn measure(ground: &Ground, section: &mut Section) -> anyhow::Result<()> {
    let silence = Silence::fall()?;
    let shop = Shop::open(ground, DATABASE, &silence.base_url()?).await?;
    let mut measured = Vec::new();
    let mut there = 1;
    for tenants in ground.sized(TENANTS, TENANTS_QUICK) {
        say(format_args!("growth, {tenants} tenants"));
        let store =
            PgStore::connect_lazy(&PgOptions::new(ground.url(DATABASE)).connections_max(2))?;
        let mut connection = shop.connect(ground).await?;
        for number in there..tenants {
            add_tenant(&store, &mut connection, number).await?;
        }
        there = tenants;
        store.close().await;
        run(&mut connection, "VACUUM (ANALYZE)").await?;
        measured.push(of_tenants(ground, &shop, tenants).await?);
    }
    ground.drop_database(DATABASE).await?;
    report(section, &measured);
    Ok(())
}

fn slug(number: usize) -> String {
    format!("shop{number}")
}

fn schema(number: usize) -> String {
    match number {
        0 => SCHEMA.to_owned(),
        _ => format!("tenant_{}", slug(number)),
    }
}

fn profile(number: usize) -> String {
    if number == 0 {
        PROFILE.to_owned()
    } else {
        format!("prof_{number}")
    }
}

/// A tenant with the first one's profile, keys and tokens under names of its own.
async fn add_tenant(
    store: &PgStore,
    connection: &mut PgConnection,
    number: usize,
) -> anyhow::Result<()> {
    let slug: TenantSlug = slug(number).parse()?;
    create_tenant(store, &slug, &Untold).await?;
    let (schema, profile) = (format!("tenant_{slug}"), profile(number));
    for (table, changed, of) in [
        ("connector_profile", format!("'id', '{profile}'"), "id"),
        (
            "connector_token",
            format!("'profile_id', '{profile}'"),
            "profile_id",
        ),
        ("connector_active_environment", String::new(), ""),
    ] {
        // A shop is seeded with a profile for each environment; the live one stands still.
        let of = match of {
            "" => String::new(),
            column => format!("WHERE first.{column} = '{PROFILE}'"),
        };
        run(
            connection,
            &format!(
                "INSERT INTO {schema}.{table} \
                 SELECT (jsonb_populate_record(NULL::{schema}.{table}, \
                     to_jsonb(first) || jsonb_build_object({changed}))).* \
                 FROM tenant_default.{table} AS first {of}"
            ),
        )
        .await?;
    }
    Ok(())
}

async fn of_tenants(ground: &Ground, shop: &Shop, tenants: usize) -> anyhow::Result<Measured> {
    let service = Service::start(ground, "growth-tenants", &shop.settings).await?;
    let mut connection = ground.connect_home().await?;
    let mut inboxes = shop.connect(ground).await?;
    let schemas: Vec<_> = (0..tenants).map(schema).collect();
    // What is done once at the start is not what goes on.
    tokio::time::sleep(ground.sized(Duration::from_secs(8), Duration::from_secs(3))).await;
    let window = ground.sized(Duration::from_secs(20), Duration::from_secs(5));
    let before = transactions(&mut connection).await?;
    let meter = Meter::start(ground, Some(service.id()), None)?;
    tokio::time::sleep(window).await;
    let usage = meter.read()?;
    let after = transactions(&mut connection).await?;
    let percent = |taken: Duration| 100.0 * taken.as_secs_f64() / window.as_secs_f64();
    let resident = float(memory(service.id())?.resident) / 1024.0;

    let time = ground.sized(Duration::from_secs(4), Duration::from_secs(1));
    let (mut rates, mut p99) = (Vec::new(), Vec::new());
    let (mut service_micros, mut postgres_micros) = (Vec::new(), Vec::new());
    for round in 0..=ground.sized(3, 1) {
        let requests = everybodys(round, time, tenants)?;
        ground.checkpoint().await?;
        let meter = Meter::start(ground, Some(service.id()), None)?;
        let outcome = load(service.address, CONNECTIONS, &requests, Pace::Closed, time).await?;
        until_filed_in(&mut inboxes, &schemas).await?;
        let usage = meter.read()?;
        outcome.all_acknowledged()?;
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
    service.kill().await?;
    empty(ground, tenants).await?;
    Ok(Measured {
        tenants,
        idle_service: percent(usage.service),
        idle_postgres: percent(usage.postgres),
        idle_transactions: float(after.saturating_sub(before)) / window.as_secs_f64(),
        resident,
        rates: Summary::of(&rates),
        p99: Summary::of(&p99),
        service_micros: Summary::of(&service_micros),
        postgres_micros: Summary::of(&postgres_micros),
    })
}

/// Distinct pushes, each to the next tenant.
fn everybodys(round: usize, time: Duration, tenants: usize) -> anyhow::Result<Requests> {
    let supply = usize::try_from(SUPPLY_PER_SECOND * time.as_secs())?;
    let (_, requests) = Pushes::distinct(2_000 + round, supply).split();
    let addressed = requests
        .iter()
        .enumerate()
        .map(|(number, request)| addressed(request, &profile(number % tenants)));
    let addressed: Option<Vec<_>> = addressed.collect();
    let addressed = addressed.ok_or_else(|| anyhow::anyhow!("a request without a first line"))?;
    Ok(Arc::new(addressed))
}

/// The same request to the profile's own URL.
fn addressed(request: &[u8], profile: &str) -> Option<Vec<u8>> {
    let end = request.windows(9).position(|bytes| bytes == b" HTTP/1.1")?;
    let (target, rest) = request.split_at(end);
    Some([target, b"?profile_id=", profile.as_bytes(), rest].concat())
}

/// Transactions of the database so far, those that only read included.
async fn transactions(connection: &mut PgConnection) -> anyhow::Result<u64> {
    let asked =
        sqlx::query("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = $1");
    let counted: i64 = asked
        .bind(DATABASE)
        .fetch_one(connection)
        .await?
        .try_get(0)?;
    Ok(u64::try_from(counted)?)
}

/// Empties all inboxes; fails if pushes of some tenant went elsewhere.
async fn empty(ground: &Ground, tenants: usize) -> anyhow::Result<()> {
    let mut connection = ground.connect(DATABASE).await?;
    for number in 0..tenants {
        let schema = schema(number);
        let strangers = format!(
            "SELECT count(*) FROM {schema}.connector_event \
             WHERE NOT trusted OR profile_id IS DISTINCT FROM '{}'",
            profile(number)
        );
        let asked = sqlx::query(AssertSqlSafe(strangers.as_str()));
        let strangers: i64 = asked.fetch_one(&mut connection).await?.try_get(0)?;
        anyhow::ensure!(
            strangers == 0,
            "{strangers} pushes do not belong to {schema}"
        );
        let empty = format!("TRUNCATE {schema}.connector_event");
        run(&mut connection, &empty).await?;
    }
    Ok(())
}

fn report(section: &mut Section, measured: &[Measured]) {
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
    let one = measured.first().map_or(0.0, |one| one.rates.median);
    for with in measured {
        table.row(vec![
            with.tenants.to_string().into(),
            Cell::Figure(with.idle_service, 1),
            Cell::Figure(with.idle_postgres, 1),
            Cell::Figure(with.idle_transactions, 1),
            Cell::Figure(with.resident, 1),
            Cell::Spread(with.rates, 0),
            Cell::Figure(ratio(with.rates.median, one), 2),
            Cell::Spread(with.p99, 1),
            Cell::Spread(with.service_micros, 0),
            Cell::Spread(with.postgres_micros, 0),
        ]);
    }
    section.tables.push(table);
    if let Some(most) = measured.last() {
        section.goals.push(Goal {
            what: format!("idle with {} tenants, service and Postgres", most.tenants),
            measured: most.idle_service + most.idle_postgres,
            unit: "% of a core",
            decimals: 1,
            budget: None,
            target: Some(Bound::AtMost(IDLE_CORE_MAX)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_goes_to_the_profile_that_it_is_addressed_to() {
        let request = b"POST /connectors/shopee/webhook/sandbox HTTP/1.1\r\nhost: a\r\n\r\n{}";
        let sent = addressed(request, "prof_7").unwrap();
        assert!(sent.starts_with(
            b"POST /connectors/shopee/webhook/sandbox?profile_id=prof_7 HTTP/1.1\r\n"
        ));
        assert!(sent.ends_with(b"\r\n\r\n{}"));
        assert_eq!(addressed(b"nothing", "prof_7"), None);
    }
}
