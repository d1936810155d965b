//! What a page costs: every list that the API serves, each filter and order, the first page, one in the
//! middle and the last one, over a world of a million orders.
//!
//! Asked of the real service, one request after the other, as one person looks at pages. The plans come
//! from a second service, on which every statement is explained: explaining costs time, so that nothing is
//! timed there.

mod cursor;
mod document;
mod lists;
mod plan;
mod plans;
mod visit;

use std::fmt::Write as _;

use anyhow::Context as _;

use self::cursor::Cursor;
use self::lists::{Case, Samples};
use self::plan::Plan;
use self::plans::Explained;
use self::visit::{Client, Visit};
use super::dataset::World;
use super::goal::{Bound, Goal};
use super::ground::Ground;
use super::progress::say;
use super::section::Section;
use super::service::{Service, settings};
use super::shop::Silence;
use super::statistics::float;
use super::table::{Cell, Table, figure};

/// What a page may cost at the 95th percentile, in milliseconds.
const BUDGET_MS: f64 = 50.0;

/// Orders of the world.
const ORDERS: u64 = 1_000_000;
const ORDERS_QUICK: u64 = 20_000;

/// Misses that are told with the reason; all are in the table.
const MISSES_TOLD: usize = 40;

/// Where the plans are, beside the figures.
const PLANS: &str = "pages-plans.txt";

/// A page that was measured.
struct Measured {
    case: Case,
    cursor: Cursor,
    visit: Visit,
    plans: Vec<Plan>,
}

impl Measured {
    fn name(&self) -> String {
        format!("{}, {}", self.case, self.cursor.page)
    }

    fn is_met(&self) -> bool {
        self.visit.p95 <= BUDGET_MS
    }
}

/// Measures them.
pub async fn pages(ground: &Ground) -> anyhow::Result<Section> {
    let world = World::open(ground, ground.sized(ORDERS, ORDERS_QUICK)).await?;
    world.restore(ground).await?;
    let silence = Silence::fall()?;
    let base_url = silence.base_url()?;
    world.connect_to(ground, &base_url).await?;
    let settings = settings(ground, &world.database, &base_url);

    let mut connection = ground.connect(&world.database).await?;
    let samples = Samples::take(&mut connection, &world).await?;
    let cases = lists::all(&samples);
    let service = Service::start(ground, "pages", &settings).await?;
    let client = Client::new(&settings, &service.origin()).await?;
    let missing = document::uncovered(&client.document().await?, &cases);
    anyhow::ensure!(
        missing.is_empty(),
        "the API serves what no case of `pages` measures (tests/src/measure/pages/lists.rs): {missing:#?}"
    );
    let mut measured = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        say(format_args!("{} of {}: {case}", index + 1, cases.len()));
        for cursor in case.paging.pages(&mut connection).await? {
            let visit = client
                .measure(case, &cursor, ground.sized(40, 10))
                .await
                .with_context(|| format!("{case}, {}", cursor.page))?;
            measured.push(Measured {
                case: case.clone(),
                cursor,
                visit,
                plans: Vec::new(),
            });
        }
    }
    service.stop().await?;
    explain(ground, &settings, &mut measured).await?;
    let mut section = section(&world, &measured);
    let plans = plans_of(&measured)?;
    section.texts.push((PLANS, plans));
    Ok(section)
}

/// Asks for every page once more, at a service whose statements are explained.
async fn explain(
    ground: &Ground,
    settings: &crate::Settings,
    measured: &mut [Measured],
) -> anyhow::Result<()> {
    say("explaining every page");
    let explained = Explained::start(ground, settings).await?;
    let client = Client::new(settings, &explained.origin()).await?;
    for one in measured {
        let before = explained.mark()?;
        client.ask(&one.case, &one.cursor).await?;
        one.plans = explained.plans(before, one.case.tables).await?;
    }
    explained.stop().await
}

/// The plans of every page, page after page.
fn plans_of(measured: &[Measured]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for one in measured {
        writeln!(
            text,
            "== {}\nGET {}\n{} rows, p50 {:.1} ms, p95 {:.1} ms of {} requests; the first {:.1} ms\n",
            one.name(),
            visit::target(&one.case, &one.cursor),
            one.visit.rows,
            one.visit.p50,
            one.visit.p95,
            one.visit.requests,
            one.visit.first,
        )?;
        for plan in &one.plans {
            writeln!(text, "{}\n", plan.text.trim_end())?;
        }
    }
    Ok(text)
}

fn section(world: &World, measured: &[Measured]) -> Section {
    let mut section = Section::new(
        "pages",
        "every list of the API: the first page, one in the middle, the last one",
    );
    section.tables.push(table(measured));
    let slowest = measured.iter().map(|one| one.visit.p95).fold(0.0, f64::max);
    section.goals.push(Goal {
        what: "the slowest page, p95".to_owned(),
        measured: slowest,
        unit: "ms",
        decimals: 1,
        budget: Some(Bound::AtMost(BUDGET_MS)),
        target: None,
    });
    let mut missed: Vec<_> = measured.iter().filter(|one| !one.is_met()).collect();
    missed.sort_by(|one, other| other.visit.p95.total_cmp(&one.visit.p95));
    for note in &world.notes {
        section.note(note.clone());
    }
    section.note(format!(
        "{} of {} pages keep the budget; one request after the other on an idle service, 50 rows to a \
         page; their plans are in {PLANS}",
        measured.len() - missed.len(),
        measured.len()
    ));
    for one in missed.into_iter().take(MISSES_TOLD) {
        let slowest = one.plans.iter().max_by(|a, b| a.took.total_cmp(&b.took));
        let reason = slowest.map_or_else(|| "no plan".to_owned(), Plan::reason);
        section.note(format!(
            "{}: p95 {} ms: {reason}",
            one.name(),
            figure(one.visit.p95, 0)
        ));
    }
    section
}

fn table(measured: &[Measured]) -> Table {
    let title = "pages: p95 at most 50 ms";
    let columns = [
        "list", "page", "rows", "first ms", "p50 ms", "p95 ms", "buffers", "budget",
    ];
    let mut table = Table::new(title, &columns);
    for one in measured {
        let Visit {
            rows,
            first,
            p50,
            p95,
            requests: _,
        } = one.visit;
        let buffers: u64 = one.plans.iter().map(|plan| plan.buffers).sum();
        table.row(vec![
            one.case.to_string().into(),
            one.cursor.page.into(),
            float(rows).into_cell(0),
            first.into_cell(1),
            p50.into_cell(1),
            p95.into_cell(1),
            buffers.into(),
            if one.is_met() { "met" } else { "NOT MET" }.into(),
        ]);
    }
    table
}

/// A figure as a cell.
trait IntoCell {
    fn into_cell(self, decimals: usize) -> Cell;
}

impl IntoCell for f64 {
    fn into_cell(self, decimals: usize) -> Cell {
        Cell::Figure(self, decimals)
    }
}
