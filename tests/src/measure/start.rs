//! From exec to ready on a migrated database, and how large the program is.

use super::goal::{Bound, Goal};
use super::ground::Ground;
use super::section::Section;
use super::service::Service;
use super::shop::{Shop, Silence};
use super::statistics::{Summary, float};
use super::table::{Cell, Table};

const DATABASE: &str = "hawker_bench_start";

/// Measures it.
pub async fn start(ground: &Ground) -> anyhow::Result<Section> {
    let mut section = Section::new("start", "from exec until `/readyz` answers 200");
    let silence = Silence::fall()?;
    let shop = Shop::open(ground, DATABASE, &silence.base_url()?).await?;
    // Once before it counts: the program and the tables are in the caches of the system.
    let first = Service::start(ground, "start", &shop.settings).await?;
    first.kill().await?;
    let mut rounds = Vec::new();
    for _ in 0..ground.sized(10, 5) {
        let service = Service::start(ground, "start", &shop.settings).await?;
        rounds.push(service.took.as_secs_f64() * 1_000.0);
        service.kill().await?;
    }
    ground.drop_database(DATABASE).await?;
    let took = Summary::of(&rounds);
    let program = std::env::current_exe()?.with_file_name("hawker");
    let bytes = std::fs::metadata(program)?.len();
    let mut table = Table::new(
        "a profile, a catalogue and tokens are there; median (least–greatest)",
        &["starts", "ms", "program MiB"],
    );
    table.row(vec![
        (rounds.len() as u64).into(),
        Cell::Spread(took, 0),
        Cell::Figure(float(bytes) / 1024.0 / 1024.0, 1),
    ]);
    section.tables.push(table);
    section.goals.push(Goal {
        what: "start to ready".to_owned(),
        measured: took.median,
        unit: "ms",
        decimals: 0,
        budget: Some(Bound::AtMost(200.0)),
        target: None,
    });
    Ok(section)
}
