//! Memory of the service: when nothing happens, under all that the client can send while the workers
//! drain, and after many events.

use std::time::Duration;

use super::goal::{Bound, Goal};
use super::ground::Ground;
use super::load::{Outcome, Pace, load};
use super::marketplace::Marketplace;
use super::processes::{Memory, memory as memory_of};
use super::progress::say;
use super::pushes::Pushes;
use super::section::Section;
use super::service::Service;
use super::shop::Shop;
use super::statistics::float;
use super::table::{Cell, Table, figure};

const DATABASE: &str = "hawker_bench_memory";

/// Idle is when nothing has happened for so long.
const CALM: Duration = Duration::from_secs(10);

/// How often memory is looked at under load.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Pushes that are made at once.
const PORTION: usize = 100_000;

/// However many are left: it is enough.
const LIMIT: Duration = Duration::from_mins(6);

const CONNECTIONS: usize = 256;

/// Measures it.
pub async fn memory(ground: &Ground) -> anyhow::Result<Section> {
    let events = ground.sized(1_000_000, 20_000);
    let mut section = Section::new("memory", "resident memory of `hawker serve`");
    let marketplace = Marketplace::start(ground).await?;
    let placed = marketplace.place(ground.sized(10_000, 1_000)).await?;
    let shop = Shop::open(ground, DATABASE, &marketplace.api_url()).await?;
    let service = Service::start(ground, "memory", &shop.settings).await?;
    say("memory, idle");
    tokio::time::sleep(CALM).await;
    let idle = memory_of(service.id())?;
    say(format_args!("memory, {events} pushes"));
    let began = std::time::Instant::now();
    let (mut sent, mut highest) = (0, idle.resident);
    while sent < events && began.elapsed() < LIMIT {
        let count = PORTION.min(events - sent);
        let lap = i64::try_from(sent / placed.orders.len())?;
        let pushes = Pushes::of_orders(&placed.orders, placed.update_time - lap, count);
        let (_, requests) = pushes.split();
        let left = LIMIT.saturating_sub(began.elapsed());
        let sending = load(service.address, CONNECTIONS, &requests, Pace::Closed, left);
        let (outcome, seen) = watched(service.id(), sending).await?;
        outcome.all_acknowledged()?;
        sent += outcome.acknowledged.len();
        highest = highest.max(seen);
        say(format_args!("memory, {sent} of {events}"));
    }
    tokio::time::sleep(CALM).await;
    let after = memory_of(service.id())?;
    highest = highest.max(after.highest);
    service.kill().await?;
    ground.drop_database(DATABASE).await?;
    report(&mut section, idle, highest, after, sent);
    Ok(section)
}

/// Sends, and looks at the memory meanwhile; answers the most that was seen, in KiB.
async fn watched(
    process: u32,
    sending: impl Future<Output = anyhow::Result<Outcome>>,
) -> anyhow::Result<(Outcome, u64)> {
    let mut sending = std::pin::pin!(sending);
    let mut tick = tokio::time::interval(LOOK_EVERY);
    let mut highest = 0;
    loop {
        tokio::select! {
            outcome = &mut sending => return Ok((outcome?, highest)),
            _ = tick.tick() => highest = highest.max(memory_of(process)?.resident),
        }
    }
}

fn report(section: &mut Section, idle: Memory, highest: u64, after: Memory, sent: usize) {
    let mebibytes = |kibibytes: u64| float(kibibytes) / 1024.0;
    let mut table = Table::new("MiB", &["when", "resident", "its share"]);
    let share = |memory: Memory| {
        let share = memory.proportional;
        share.map_or(Cell::Nothing, |share| Cell::Figure(mebibytes(share), 1))
    };
    table.row(vec![
        "idle, 10 s after the start".into(),
        Cell::Figure(mebibytes(idle.resident), 1),
        share(idle),
    ]);
    table.row(vec![
        format!("under load from {CONNECTIONS} connections, at most").into(),
        Cell::Figure(mebibytes(highest), 1),
        Cell::Nothing,
    ]);
    table.row(vec![
        format!("10 s after {} pushes", figure(float(sent as u64), 0)).into(),
        Cell::Figure(mebibytes(after.resident), 1),
        share(after),
    ]);
    section.tables.push(table);
    section.goals.push(Goal {
        what: "idle".to_owned(),
        measured: mebibytes(idle.resident),
        unit: "MiB",
        decimals: 1,
        budget: Some(Bound::AtMost(60.0)),
        target: Some(Bound::AtMost(40.0)),
    });
    section.goals.push(Goal {
        what: "under load".to_owned(),
        measured: mebibytes(highest),
        unit: "MiB",
        decimals: 1,
        budget: Some(Bound::AtMost(150.0)),
        target: None,
    });
    section.note("the workers drain at the same time; `its share` counts pages that several processes see only in part");
}
