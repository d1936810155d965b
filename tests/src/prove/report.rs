//! What a proof came to.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::plan::Sizes;
use super::progress::Progress;
use crate::oracle::Check;

/// Differences that are shown.
const SHOWN_MAX: usize = 20;

/// What a proof came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it was made of.
    pub sizes: Sizes,
    /// What happened.
    pub progress: Progress,
    /// What was compared.
    pub checks: Vec<Check>,
    /// What the processes logged as errors, to look at; no judgement follows from it.
    pub errors: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// Whether nothing differs.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(Check::holds)
    }

    /// The names of the checks that do not hold.
    pub fn failed(&self) -> Vec<&'static str> {
        let failed = self.checks.iter().filter(|check| !check.holds());
        failed.map(|check| check.name).collect()
    }

    /// Every difference, with the name of its check.
    pub fn differences(&self) -> Vec<String> {
        let checks = self.checks.iter();
        checks
            .flat_map(|check| {
                let differences = check.differences.iter();
                differences.map(|difference| format!("{}: {difference}", check.name))
            })
            .collect()
    }

    /// The same as JSON.
    pub fn json(&self) -> Value {
        let checks = self.checks.iter().map(|check| {
            json!({
                "check": check.name,
                "counted": check.counted,
                "differences": check.differences,
            })
        });
        json!({
            "seed": self.sizes.seed,
            "orders": self.sizes.orders,
            "holds": self.holds(),
            "took_ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "steps": self.progress.steps,
            "pushes": self.progress.pushes,
            "kills": self.progress.kills,
            "crashes": self.progress.crashes,
            "cuts": self.progress.cuts,
            "faults": self.progress.push_troubles + self.progress.call_troubles,
            "checks": checks.collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<34} {:>9}  verdict", "check", "counted")?;
        for check in &self.checks {
            let verdict = match check.differences.len() {
                0 => "holds".to_owned(),
                1 => "1 DIFFERENCE".to_owned(),
                many => format!("{many} DIFFERENCES"),
            };
            writeln!(f, "{:<34} {:>9}  {verdict}", check.name, check.counted)?;
        }
        let differences = self.differences();
        for difference in differences.iter().take(SHOWN_MAX) {
            writeln!(f, "  - {difference}")?;
        }
        if differences.len() > SHOWN_MAX {
            writeln!(f, "  … and {} more", differences.len() - SHOWN_MAX)?;
        }
        writeln!(f, "{}", self.progress)?;
        let seconds = self.took.as_secs();
        write!(f, "seed {}, {seconds} s", self.sizes.seed)
    }
}
