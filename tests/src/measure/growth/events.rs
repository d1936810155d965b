//! The same pushes and the same orders, in a world with more and more events. The sizes take turns, so that
//! whatever else happens on the machine happens to all of them.

mod intake;

use self::intake::{Ingested, ingest};
use super::orders::{self, Settled, settle};
use crate::measure::chart::Chart;
use crate::measure::dataset::{EVENTS_PER_ORDER, World};
use crate::measure::goal::{Bound, Goal};
use crate::measure::ground::Ground;
use crate::measure::marketplace::Marketplace;
use crate::measure::progress::say;
use crate::measure::section::Section;
use crate::measure::statistics::{Summary, float, ratio};
use crate::measure::table::{Cell, Table, figure};

/// Orders of the worlds; each has ten events.
const ORDERS: [u64; 3] = [10_000, 100_000, 1_000_000];
const ORDERS_QUICK: [u64; 3] = [2_000, 6_000, 20_000];

/// Flat is what differs by no more than this: rounds of one size differ by as much.
const FLAT: f64 = 1.2;

/// A world with what was measured in it.
struct Stand {
    world: World,
    ingested: Vec<Ingested>,
    settled: Vec<Settled>,
}

impl Stand {
    fn events(&self) -> u64 {
        self.world.orders * EVENTS_PER_ORDER
    }

    fn of_pushes(&self, pick: fn(&Ingested) -> f64) -> Summary {
        Summary::of(&self.ingested.iter().map(pick).collect::<Vec<_>>())
    }

    fn of_orders(&self, pick: fn(&Settled) -> f64) -> Summary {
        orders::summary(&self.settled, pick)
    }
}

pub(super) async fn measure(ground: &Ground, section: &mut Section) -> anyhow::Result<()> {
    let mut stands = Vec::new();
    for orders in ground.sized(ORDERS, ORDERS_QUICK) {
        let world = World::open(ground, orders).await?;
        world.restore(ground).await?;
        world.fill_pages(ground).await?;
        for note in &world.notes {
            section.note(note.clone());
        }
        stands.push(Stand {
            world,
            ingested: Vec::new(),
            settled: Vec::new(),
        });
    }
    let marketplace = Marketplace::start(ground).await?;
    // The first round reads what is on disk, and is not counted.
    for round in 0..=ground.sized(3, 1) {
        for stand in &mut stands {
            say(format_args!(
                "growth, round {round} of {} events",
                figure(float(stand.events()), 0)
            ));
            let settled = settle(ground, &stand.world.tenants(), &marketplace).await?;
            let ingested = ingest(ground, &stand.world, round).await?;
            if round > 0 {
                stand.settled.push(settled);
                stand.ingested.push(ingested);
            }
        }
    }
    report(section, &stands);
    Ok(())
}

fn report(section: &mut Section, stands: &[Stand]) {
    section.tables.push(pushes_table(stands));
    section.tables.push(orders_table(stands));
    let (Some(small), Some(large)) = (stands.first(), stands.last()) else {
        return;
    };
    let pushes = |stand: &Stand| stand.of_pushes(|one| one.service_micros + one.postgres_micros);
    let orders = |stand: &Stand| stand.of_orders(|one| one.service_micros + one.postgres_micros);
    let flat = |what: &str, large: Summary, small: Summary| Goal {
        what: what.to_owned(),
        measured: ratio(large.median, small.median),
        unit: "×",
        decimals: 2,
        budget: Some(Bound::AtMost(FLAT)),
        target: None,
    };
    let between = format!(
        "{} events instead of {}",
        figure(float(large.events()), 0),
        figure(float(small.events()), 0)
    );
    section.goals.push(flat(
        &format!("processor time for a push, {between}"),
        pushes(large),
        pushes(small),
    ));
    section.goals.push(flat(
        &format!("processor time for an order, {between}"),
        orders(large),
        orders(small),
    ));
    section.note(format!(
        "flat is taken as within {FLAT} times; pushes at 64 connections, nothing drained meanwhile; each \
         round begins with a checkpoint, so that the log holds whole pages of the indexes that it touches first; rows like those \
         of pushes have taken what room there was in the pages of a world that was loaded at once"
    ));
    section.charts.push(Chart {
        file: "growth",
        title: "Per second, by events in the database".to_owned(),
        series: vec!["pushes acknowledged", "orders worked off"],
        groups: stands
            .iter()
            .map(|stand| {
                let bars = vec![
                    stand.of_pushes(|one| one.rate),
                    stand.of_orders(|one| one.rate),
                ];
                (figure(float(stand.events()), 0), bars)
            })
            .collect(),
    });
}

fn pushes_table(stands: &[Stand]) -> Table {
    let columns = [
        "events",
        "pushes/s",
        "× smallest",
        "p50 ms",
        "p99 ms",
        "service µs",
        "Postgres µs",
        "log bytes",
    ];
    let mut table = Table::new("a push, by events in the database", &columns);
    let rate = |stand: &Stand| stand.of_pushes(|one| one.rate);
    let smallest = stands.first().map_or(0.0, |stand| rate(stand).median);
    for stand in stands {
        table.row(vec![
            figure(float(stand.events()), 0).into(),
            Cell::Spread(rate(stand), 0),
            Cell::Figure(ratio(rate(stand).median, smallest), 2),
            Cell::Spread(stand.of_pushes(|one| one.p50), 1),
            Cell::Spread(stand.of_pushes(|one| one.p99), 1),
            Cell::Spread(stand.of_pushes(|one| one.service_micros), 0),
            Cell::Spread(stand.of_pushes(|one| one.postgres_micros), 0),
            Cell::Spread(stand.of_pushes(|one| one.log_bytes), 0),
        ]);
    }
    table
}

fn orders_table(stands: &[Stand]) -> Table {
    let grown = stands.iter().map(|stand| {
        let events = figure(float(stand.events()), 0);
        (events, stand.settled.as_slice())
    });
    orders::table(
        "an order of two events, by events in the database",
        ["events", "× smallest"],
        &grown.collect::<Vec<_>>(),
    )
}
