//! Taking pushes in: how many a second are acknowledged, which means committed, and how long the
//! marketplace waits for that. Beside it, in turn, what the same Postgres does in single rows.

pub(super) mod audit;
mod kinds;
mod rounds;

use std::time::Duration;

use super::chart::Chart;
use super::goal::{Bound, Goal};
use super::ground::Ground;
use super::idle_server::IdleServer;
use super::load::{Pace, load};
use super::progress::say;
use super::pushes::Pushes;
use super::section::Section;
use super::statistics::{Summary, ratio};
use super::table::{Cell, Table};

use self::kinds::Kind;
use self::rounds::{Figures, Stand};

/// Connections at once.
const CONNECTIONS: [usize; 4] = [1, 16, 64, 256];

/// The target beyond the budget is stated for so many.
const AIMED_AT: usize = 64;

/// Less than this many times what was measured, and the client may be what held it up.
const HEADROOM: f64 = 2.0;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Rounds of each.
    rounds: usize,
    /// How long a round is.
    round: Duration,
    /// Longer than there is room for what is put down first.
    stretch: Duration,
    /// Orders that the marketplace has, where the worker drains at the same time.
    orders: usize,
}

impl Sizes {
    fn of(ground: &Ground) -> Self {
        Self {
            rounds: ground.sized(5, 2),
            round: ground.sized(Duration::from_secs(4), Duration::from_secs(1)),
            stretch: ground.sized(Duration::from_secs(30), Duration::from_secs(3)),
            orders: ground.sized(40_000, 2_000),
        }
    }

    /// Orders of a round in which they are drained at the same time.
    fn orders_of_round(self) -> usize {
        (self.orders / (self.rounds * CONNECTIONS.len())).max(1)
    }
}

/// Measures it.
pub async fn ingest(ground: &Ground) -> anyhow::Result<Section> {
    let sizes = Sizes::of(ground);
    let mut section = Section::new("ingest", "pushes acknowledged and durable");
    let mut stand = Stand::build(ground, sizes).await?;
    let plain = plain(&mut stand, &mut section).await?;
    open_loop(&stand, &plain, &mut section).await?;
    let stretch = [at_a_stretch(&mut stand).await?];
    let title = format!(
        "the same for {} seconds at a stretch, in which the journal fills",
        sizes.stretch.as_secs()
    );
    section.tables.push(plain_table(&title, &stretch));
    let mixed = stand.kinds(Kind::Mixed).await?;
    stand.drain_at_the_same_time().await?;
    let draining = stand.kinds(Kind::Draining).await?;
    let others = mixed.iter().chain(&draining).collect::<Vec<_>>();
    section.tables.push(others_table(&others, &plain));
    let checked: u64 = plain
        .iter()
        .chain(&stretch)
        .chain(&mixed)
        .chain(&draining)
        .map(|figures| figures.checked)
        .sum();
    section.note(format!(
        "{checked} distinct pushes were acknowledged; each of them is in the inbox exactly once, and nothing that was forged counts there"
    ));
    section.note(
        "plain and mixed: the marketplace takes every call and answers none, so that the workers stand still with one batch each and nothing is drained",
    );
    stand.take_down().await?;
    Ok(section)
}

/// Distinct pushes at each number of connections, in turn with the reference.
async fn plain(stand: &mut Stand<'_>, section: &mut Section) -> anyhow::Result<Vec<Figures>> {
    let mut all = Vec::new();
    for connections in CONNECTIONS {
        let mut figures = stand.kind(Kind::Plain, connections).await?;
        figures.client_rate = Some(client_rate(connections, stand.sizes).await?);
        all.push(figures);
    }
    let title = "distinct pushes, in turn with pgbench; median (least–greatest) of the rounds";
    section.tables.push(plain_table(title, &all));
    section.tables.push(usage_table(&all));
    for figures in &all {
        let headroom = ratio(figures.client_rate.unwrap_or_default(), figures.rate.median);
        if headroom < HEADROOM {
            section.note(format!(
                "at {} connections the client itself can send only {headroom:.1} times what was measured: it may be what held it up",
                figures.connections
            ));
        }
        section.goals.extend(goal(figures));
    }
    section.charts.push(Chart {
        file: "ingest",
        title: "Pushes acknowledged per second, by connections".to_owned(),
        series: vec!["pgbench, single rows", "hawker"],
        groups: all
            .iter()
            .map(|figures| {
                let bars = vec![figures.reference.unwrap_or(Summary::of(&[])), figures.rate];
                (figures.connections.to_string(), bars)
            })
            .collect(),
    });
    Ok(all)
}

/// What is asked of distinct pushes over so many connections.
fn goal(figures: &Figures) -> Option<Goal> {
    let what = match figures.connections {
        1 => "acknowledged at 1 connection, where none shares a commit".to_owned(),
        several => format!("acknowledged at {several} connections"),
    };
    Some(Goal {
        what,
        measured: figures.times_reference?.median,
        unit: "× pgbench",
        decimals: 2,
        budget: Some(Bound::AtLeast(1.0)),
        target: (figures.connections == AIMED_AT).then_some(Bound::AtLeast(3.0)),
    })
}

/// One long round: what can be kept up is less than what a crowd is answered with.
async fn at_a_stretch(stand: &mut Stand<'_>) -> anyhow::Result<Figures> {
    let usual = stand.sizes;
    stand.sizes = Sizes {
        rounds: 1,
        round: usual.stretch,
        ..usual
    };
    let figures = stand.kind(Kind::Plain, AIMED_AT).await;
    stand.sizes = usual;
    figures
}

/// What the same client could send, over as many connections, to a server that does next to nothing.
async fn client_rate(connections: usize, sizes: Sizes) -> anyhow::Result<f64> {
    let server = IdleServer::start()?;
    let time = sizes.round / 2;
    let (_, requests) = Pushes::distinct(999, rounds::supply(time)).split();
    let outcome = load(server.address, connections, &requests, Pace::Closed, time).await?;
    Ok(outcome.rate())
}

/// Pushes at half of the highest rate, at fixed times.
async fn open_loop(
    stand: &Stand<'_>,
    plain: &[Figures],
    section: &mut Section,
) -> anyhow::Result<()> {
    let by_rate = |one: &&Figures, other: &&Figures| one.rate.median.total_cmp(&other.rate.median);
    let peak = plain.iter().max_by(by_rate);
    let peak = peak.ok_or_else(|| anyhow::anyhow!("nothing was measured"))?;
    let (rate, connections) = (peak.rate.median / 2.0, peak.connections);
    say(format_args!(
        "ingest, {rate:.0} a second at fixed times over {connections} connections"
    ));
    let mut rounds = Vec::new();
    for _ in 0..stand.sizes.rounds {
        rounds.push(stand.at_rate(connections, rate).await?);
    }
    let mut table = Table::new(
        "at half of the highest rate, over as many connections, at fixed times; from the time at which each was due",
        &[
            "connections",
            "asked/s",
            "sent/s",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "max ms",
        ],
    );
    let of = |pick: fn(&rounds::Round) -> f64, decimals| {
        let rounds: Vec<f64> = rounds.iter().map(pick).collect();
        Cell::Spread(Summary::of(&rounds), decimals)
    };
    table.row(vec![
        connections.to_string().into(),
        Cell::Figure(rate, 0),
        of(|round| round.rate, 0),
        of(|round| round.p50, 2),
        of(|round| round.p95, 2),
        of(|round| round.p99, 2),
        of(|round| round.slowest, 1),
    ]);
    section.tables.push(table);
    let p99: Vec<f64> = rounds.iter().map(|round| round.p99).collect();
    section.goals.push(Goal {
        what: "p99 at half of the highest rate".to_owned(),
        measured: Summary::of(&p99).median,
        unit: "ms",
        decimals: 2,
        budget: Some(Bound::AtMost(10.0)),
        target: None,
    });
    Ok(())
}

fn plain_table(title: &str, all: &[Figures]) -> Table {
    let mut table = Table::new(
        title,
        &[
            "connections",
            "pgbench/s",
            "acknowledged/s",
            "× pgbench",
            "in the inbox/s",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "max ms",
            "client could/s",
        ],
    );
    for figures in all {
        table.row(vec![
            figures.connections.to_string().into(),
            spread(figures.reference, 0),
            Cell::Spread(figures.rate, 0),
            spread(figures.times_reference, 2),
            Cell::Spread(figures.filed, 0),
            Cell::Figure(figures.p50.median, 2),
            Cell::Figure(figures.p95.median, 2),
            Cell::Spread(figures.p99, 2),
            Cell::Figure(figures.slowest.greatest, 1),
            figures
                .client_rate
                .map_or(Cell::Nothing, |rate| Cell::Figure(rate, 0)),
        ]);
    }
    table
}

fn usage_table(all: &[Figures]) -> Table {
    let mut table = Table::new(
        "processor time for each of them until it is in the inbox, in microseconds",
        &[
            "connections",
            "service",
            "Postgres",
            "client",
            "Postgres for pgbench",
        ],
    );
    for figures in all {
        table.row(vec![
            figures.connections.to_string().into(),
            Cell::Figure(figures.service_micros.median, 0),
            Cell::Figure(figures.postgres_micros.median, 0),
            Cell::Figure(figures.client_micros.median, 0),
            figures
                .reference_micros
                .map_or(Cell::Nothing, |micros| Cell::Figure(micros.median, 0)),
        ]);
    }
    table
}

/// The other kinds of pushes, beside the plain ones at as many connections.
fn others_table(all: &[&Figures], plain: &[Figures]) -> Table {
    let mut table = Table::new(
        "other pushes, beside the distinct ones at as many connections",
        &[
            "pushes",
            "connections",
            "acknowledged/s",
            "× distinct",
            "× pgbench",
            "events worked on/s",
            "p50 ms",
            "p99 ms",
            "max ms",
        ],
    );
    for figures in all {
        let beside = plain
            .iter()
            .find(|plain| plain.connections == figures.connections);
        let times = |of: Option<f64>| {
            of.map_or(Cell::Nothing, |rate| {
                Cell::Figure(ratio(figures.rate.median, rate), 2)
            })
        };
        table.row(vec![
            figures.kind.words().into(),
            figures.connections.to_string().into(),
            Cell::Spread(figures.rate, 0),
            times(beside.map(|plain| plain.rate.median)),
            times(beside.and_then(|plain| Some(plain.reference?.median))),
            figures
                .drained
                .map_or(Cell::Nothing, |rate| Cell::Figure(rate, 0)),
            Cell::Figure(figures.p50.median, 2),
            Cell::Spread(figures.p99, 2),
            Cell::Figure(figures.slowest.greatest, 1),
        ]);
    }
    table
}

fn spread(summary: Option<Summary>, decimals: usize) -> Cell {
    summary.map_or(Cell::Nothing, |summary| Cell::Spread(summary, decimals))
}
