//! The program behind `cargo xtask bench`: measures what was asked for, and writes what came of it.

use std::io::{Write as _, stdout};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use hawker_tests::measure::{self, Ground, Machine, Section, begin, report, say};

/// Measures the service beside a reference, in one run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Args {
    /// What to measure; everything when absent
    #[arg(value_enum)]
    parts: Vec<Part>,

    /// Measure less of everything: for a look, not for the record
    #[arg(long)]
    quick: bool,

    /// Write the figures and the charts to `docs/performance`
    #[arg(long, conflicts_with = "quick")]
    record: bool,
}

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Pushes acknowledged, beside pgbench
    Ingest,
    /// A backlog worked off
    Drain,
    /// Resident memory
    Memory,
    /// From exec to ready
    Start,
    /// Every list of the API over a million orders
    Pages,
    /// Pushes and orders as events and tenants grow
    Growth,
    /// Everything
    All,
}

impl Part {
    const EACH: [Self; 6] = [
        Self::Start,
        Self::Ingest,
        Self::Drain,
        Self::Memory,
        Self::Pages,
        Self::Growth,
    ];

    async fn measure(self, ground: &Ground) -> anyhow::Result<Section> {
        match self {
            Self::Ingest => measure::ingest(ground).await,
            Self::Drain => measure::drain(ground).await,
            Self::Memory => measure::memory(ground).await,
            Self::Start => measure::start(ground).await,
            Self::Pages => measure::pages(ground).await,
            Self::Growth => measure::growth(ground).await,
            Self::All => anyhow::bail!("`all` is not one part"),
        }
    }
}

impl Args {
    fn asked(&self) -> Vec<Part> {
        if self.parts.is_empty() || self.parts.contains(&Part::All) {
            return Part::EACH.to_vec();
        }
        let each = Part::EACH.into_iter();
        each.filter(|part| self.parts.contains(part)).collect()
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    // What is dropped on the way out ends the processes that it started, Postgres last.
    tokio::select! {
        done = run(&args) => done.map(|()| ExitCode::SUCCESS),
        () = hawker_app::serve::asked_to_stop() => {
            say("stopped on request");
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn run(args: &Args) -> anyhow::Result<()> {
    let ground = Ground::prepare(args.quick).await?;
    let machine = Machine::look(&ground).await?;
    writeln!(stdout(), "{machine}")?;
    let (clock, _) = hawker_app::system();
    let mut records = Vec::new();
    for part in args.asked() {
        let name = part
            .to_possible_value()
            .map(|value| value.get_name().to_owned());
        begin(&name.unwrap_or_default());
        let section = part.measure(&ground).await?;
        writeln!(stdout(), "{section}")?;
        let at = clock.now().to_rfc3339();
        let record = report::record(&section, &machine, args.quick, &at);
        if args.record {
            let folder = ground.root().join(report::RECORDS);
            report::put_beside(&folder, &section)?;
            report::merge_into(
                &folder.join("results.json"),
                &[(section.name, record.clone())],
            )?;
        }
        report::put_beside(ground.folder(), &section)?;
        records.push((section.name, record));
        // After each part: a run that is stopped leaves what it has.
        report::write(&ground.folder().join("latest.json"), &records)?;
    }
    Ok(())
}
