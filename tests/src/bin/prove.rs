//! The program behind `cargo xtask prove`: leads one proof and says what it came to.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use hawker_tests::prove::{Kind, Plan, Progress, Proof, Setup, Sizes};

/// Of the time that a proof may take, the part in which the shop lives.
const LIFE_SHARE: f64 = 0.7;

/// Nothing takes longer to come to rest, once nothing goes wrong any more.
const PATIENCE: Duration = Duration::from_mins(10);

/// How often progress is told where nobody watches.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Lets everything go wrong, and shows that nothing is lost.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask prove", bin_name = "cargo xtask prove")]
struct Args {
    /// Where all choices come from; a fresh one when absent
    #[arg(long)]
    seed: Option<u64>,

    /// Orders of the shop
    #[arg(long, default_value_t = 1_000)]
    orders: usize,

    /// How long it may take, roughly
    #[arg(long, default_value_t = 5)]
    minutes: u32,

    /// Processes that are killed
    #[arg(long, default_value_t = 20)]
    kills: usize,

    /// Crashes of Postgres
    #[arg(long, default_value_t = 3)]
    restarts: usize,

    /// Ways to Postgres that are cut, stalled or closed
    #[arg(long, default_value_t = 10)]
    cuts: usize,

    /// How bad pushes and calls are, in hundredths of the worst
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
    chaos: u8,

    /// Write what it came to as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    fn setup(&self) -> Setup {
        let sizes = Sizes {
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..)),
            orders: self.orders,
            kills: self.kills,
            restarts: self.restarts,
            cuts: self.cuts,
            chaos: self.chaos,
        };
        let steps = u32::try_from(Plan::of(sizes).steps().max(1)).unwrap_or(u32::MAX);
        let life = Duration::from_mins(self.minutes.into()).mul_f64(LIFE_SHARE);
        Setup {
            sizes,
            kind: Kind::Process,
            owns_database: true,
            pace: life / steps,
            patience: PATIENCE,
            weather: None,
            has_late_card: false,
            settings: Vec::new(),
        }
    }

    /// The command that leads the same proof once more.
    fn again(&self, seed: u64) -> String {
        let Self {
            orders,
            minutes,
            kills,
            restarts,
            cuts,
            chaos,
            ..
        } = self;
        format!(
            "cargo xtask prove --seed {seed} --orders {orders} --minutes {minutes} --kills {kills} --restarts {restarts} --cuts {cuts} --chaos {chaos}"
        )
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let setup = args.setup();
    let seed = setup.sizes.seed;
    writeln!(stderr(), "seed {seed}")?;
    let proof = Proof::prepare(setup).await?;
    let mut teller = Teller::default();
    let report = proof.run(&mut |progress| teller.tell(progress)).await?;
    if stderr().is_terminal() {
        writeln!(stderr())?;
    }
    let mut out = stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report.json())?;
        writeln!(out)?;
    } else {
        writeln!(out, "{report}")?;
    }
    for line in report.errors.iter().take(5) {
        writeln!(stderr(), "logged: {line}")?;
    }
    if report.holds() {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(stderr(), "the same plan again: {}", args.again(seed))?;
    Ok(ExitCode::FAILURE)
}

/// One line that changes, on a terminal; else a line now and then.
#[derive(Default)]
struct Teller {
    told: Option<(Instant, &'static str)>,
}

impl Teller {
    fn tell(&mut self, progress: &Progress) {
        let mut err = stderr().lock();
        // That nobody reads it is no reason to stop.
        if err.is_terminal() {
            write!(err, "\r\x1b[2K{progress}").ok();
            err.flush().ok();
            return;
        }
        let is_due = self
            .told
            .is_none_or(|(at, phase)| at.elapsed() > LINE_EVERY || phase != progress.phase);
        if is_due {
            writeln!(err, "{progress}").ok();
            self.told = Some((Instant::now(), progress.phase));
        }
    }
}
