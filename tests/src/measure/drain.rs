//! Working off a backlog: two events for each of many orders, which the marketplace has and we do not.

mod statements;

use std::time::{Duration, Instant};

use sqlx::PgConnection;

use self::statements::{Asked, Costly};
use super::goal::{Bound, Goal};
use super::ground::Ground;
use super::ingest::audit::until_filed;
use super::load::{Pace, load};
use super::marketplace::{Marketplace, Placed};
use super::progress::say;
use super::pushes::Pushes;
use super::section::Section;
use super::service::Service;
use super::shop::{Shop, Silence};
use super::statistics::{Summary, float, per_second, ratio};
use super::table::{Cell, Table};
use super::usage::{Meter, Usage, micros_each};

const DATABASE: &str = "hawker_bench_drain";

/// Events of each order.
const EVENTS_OF_ORDER: usize = 2;

/// How often it is looked whether the backlog is gone.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long a backlog may take; beyond it something is wrong.
const PATIENCE: Duration = Duration::from_mins(5);

/// A backlog that was worked off.
struct Drained {
    orders: u64,
    took: Duration,
    calls: u64,
    asked: Asked,
    costliest: Vec<Costly>,
    usage: Usage,
}

/// Measures it.
pub async fn drain(ground: &Ground) -> anyhow::Result<Section> {
    let orders = ground.sized(10_000, 1_000);
    let mut section = Section::new("drain", "a backlog worked off");
    let marketplace = Marketplace::start(ground).await?;
    let placed = marketplace.place(orders).await?;
    let mut rounds = Vec::new();
    for round in 1..=ground.sized(3, 1) {
        say(format_args!("drain, round {round}"));
        rounds.push(one_round(ground, &marketplace, &placed).await?);
    }
    ground.drop_database(DATABASE).await?;
    report(&mut section, &rounds);
    Ok(section)
}

async fn one_round(
    ground: &Ground,
    marketplace: &Marketplace,
    placed: &Placed,
) -> anyhow::Result<Drained> {
    let shop = backlog(ground, placed).await?;
    shop.move_marketplace(ground, &marketplace.api_url())
        .await?;
    ground.checkpoint().await?;
    statements::count_from_now(ground, DATABASE).await?;
    let mut connection = statements::uncounted(ground, DATABASE).await?;
    let calls = marketplace.calls().await?;
    let since = Instant::now();
    let service = Service::start(ground, "drain", &shop.settings).await?;
    let meter = Meter::start(ground, Some(service.id()), Some(marketplace.id()))?;
    let looks = until_empty(&mut connection).await?;
    let took = since.elapsed();
    let usage = meter.read()?;
    let calls = marketplace.calls().await? - calls;
    service.stop().await?;
    // Those of setting the session up, and the one that is being asked.
    let asked = statements::count(&mut connection, looks + 2).await?;
    let orders = applied(&mut connection).await?;
    let costliest = statements::costliest(&mut connection, orders).await?;
    anyhow::ensure!(
        orders == placed.orders.len() as u64,
        "{orders} orders were made of {}",
        placed.orders.len()
    );
    Ok(Drained {
        orders,
        took,
        calls,
        asked,
        costliest,
        usage,
    })
}

/// A shop whose inbox holds what nobody has worked on yet: taken in by a service whose marketplace
/// was silent.
async fn backlog(ground: &Ground, placed: &Placed) -> anyhow::Result<Shop> {
    let silence = Silence::fall()?;
    let shop = Shop::open(ground, DATABASE, &silence.base_url()?).await?;
    let service = Service::start(ground, "drain-backlog", &shop.settings).await?;
    let events = placed.orders.len() * EVENTS_OF_ORDER;
    let pushes = Pushes::of_orders(&placed.orders, placed.update_time, events);
    let (_, requests) = pushes.split();
    let outcome = load(service.address, 64, &requests, Pace::Closed, PATIENCE).await?;
    outcome.all_acknowledged()?;
    until_filed(&mut shop.connect(ground).await?).await?;
    service.kill().await?;
    shop.let_all_be_due(ground).await?;
    Ok(shop)
}

/// Waits until nothing is to be done; answers how often it was looked.
pub(super) async fn until_empty(connection: &mut PgConnection) -> anyhow::Result<u64> {
    let since = Instant::now();
    let mut tick = tokio::time::interval(LOOK_EVERY);
    let mut looks = 0;
    loop {
        tick.tick().await;
        looks += 1;
        let is_left: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM tenant_default.connector_event WHERE NOT processed)
                 OR EXISTS (SELECT FROM tenant_default.connector_event_journal)",
        )
        .fetch_one(&mut *connection)
        .await?;
        if !is_left {
            return Ok(looks);
        }
        anyhow::ensure!(
            since.elapsed() < PATIENCE,
            "the backlog is not worked off after {PATIENCE:?}: see target/bench/logs/drain.log"
        );
    }
}

/// Orders that were made and hold their stock.
async fn applied(connection: &mut PgConnection) -> anyhow::Result<u64> {
    let orders: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM tenant_default.connector_order
         WHERE order_id IS NOT NULL AND status = 'created' AND hold IS NULL",
    )
    .fetch_one(connection)
    .await?;
    Ok(u64::try_from(orders)?)
}

/// All rounds, one figure of each.
fn of(rounds: &[Drained], pick: impl Fn(&Drained) -> f64) -> Summary {
    Summary::of(&rounds.iter().map(pick).collect::<Vec<_>>())
}

/// The same, a count for each order.
fn each(rounds: &[Drained], pick: impl Fn(&Drained) -> u64) -> Summary {
    of(rounds, |round| {
        ratio(float(pick(round)), float(round.orders))
    })
}

fn report(section: &mut Section, rounds: &[Drained]) {
    let rate = of(rounds, |round| per_second(round.orders, round.took));
    let calls = each(rounds, |round| round.calls);
    let commits = each(rounds, |round| round.asked.commits);
    let mut table = Table::new(
        format!(
            "{} orders with {EVENTS_OF_ORDER} events each; from exec until nothing was left",
            rounds.first().map_or(0, |round| round.orders)
        ),
        &[
            "orders/s",
            "API calls/order",
            "round trips/order",
            "commits/order",
            "transactions/order",
        ],
    );
    table.row(vec![
        Cell::Spread(rate, 0),
        Cell::Spread(calls, 4),
        Cell::Spread(each(rounds, |round| round.asked.round_trips), 3),
        Cell::Spread(commits, 4),
        Cell::Spread(each(rounds, |round| round.asked.transactions), 4),
    ]);
    section.tables.push(table);
    section.tables.push(usage_table(rounds));
    if let Some(round) = rounds.last() {
        section.tables.push(statements_table(&round.costliest));
    }
    let rate = goal("orders a second", rate, 0, Bound::AtLeast(3_000.0));
    section.goals.push(Goal {
        budget: Some(Bound::AtLeast(1_000.0)),
        ..rate
    });
    let calls = goal("API calls for an order", calls, 4, Bound::AtMost(0.05));
    section.goals.push(calls);
    let commits = goal("commits for an order", commits, 4, Bound::AtMost(0.1));
    section.goals.push(commits);
    section.note(
        "round trips and commits are calls in pg_stat_statements (what is sent with BEGIN is not counted again); transactions are xact_commit of pg_stat_database, reads included; both hold everything that the service did from its start to its end",
    );
}

fn goal(what: &str, summary: Summary, decimals: usize, target: Bound) -> Goal {
    Goal {
        what: what.to_owned(),
        measured: summary.median,
        unit: "",
        decimals,
        budget: None,
        target: Some(target),
    }
}

/// Who took processor time, and how much.
type Taker = (&'static str, fn(&Usage) -> Duration);

fn usage_table(rounds: &[Drained]) -> Table {
    let mut table = Table::new(
        "processor time for an order, in microseconds",
        &["who", "each", "of all %"],
    );
    let all = |usage: &Usage| usage.service + usage.postgres + usage.marketplace;
    let takers: [Taker; 3] = [
        ("service", |usage| usage.service),
        ("Postgres", |usage| usage.postgres),
        ("emulator", |usage| usage.marketplace),
    ];
    for (who, pick) in takers {
        let part = of(rounds, |round| {
            let whole = all(&round.usage).as_secs_f64();
            100.0 * ratio(pick(&round.usage).as_secs_f64(), whole)
        });
        let micros = of(rounds, |round| {
            micros_each(pick(&round.usage), round.orders)
        });
        table.row(vec![
            who.into(),
            Cell::Spread(micros, 0),
            Cell::Figure(part.median, 0),
        ]);
    }
    table
}

/// Where the database's time went, waiting for locks included.
fn statements_table(costliest: &[Costly]) -> Table {
    let mut table = Table::new(
        "the statements that took longest, for an order of the last round",
        &[
            "µs",
            "to plan",
            "calls",
            "rows",
            "blocks",
            "bytes of WAL",
            "statement",
        ],
    );
    for costly in costliest {
        table.row(vec![
            Cell::Figure(costly.micros, 1),
            Cell::Figure(costly.planning_micros, 1),
            Cell::Figure(costly.calls, 3),
            Cell::Figure(costly.rows, 2),
            Cell::Figure(costly.blocks, 1),
            Cell::Figure(costly.wal_bytes, 0),
            costly.statement.clone().into(),
        ]);
    }
    table
}
