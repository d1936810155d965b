//! A list of checks that run one after another, each timed, all of them reported.
//!
//! A check that fails does not keep the later ones from running: one run shows everything that is
//! wrong.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::console::{self, Paint};

/// What came of one step.
#[derive(Debug)]
struct Done {
    name: &'static str,
    took: Duration,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Passed,
    /// Passed, except for a part that could not be checked here.
    Partly(String),
    Failed(String),
}

/// What a step that did not fail has to say.
#[derive(Debug)]
pub enum Step {
    Passed,
    /// Passed, with this part left out and the reason.
    Partly(String),
}

/// The steps taken so far.
#[derive(Debug, Default)]
pub struct Steps {
    done: Vec<Done>,
}

impl Steps {
    /// Takes one step and remembers what came of it.
    pub fn take(&mut self, name: &'static str, step: impl FnOnce() -> anyhow::Result<Step>) {
        console::progress(Paint::for_stderr().bold(name));
        let since = Instant::now();
        let outcome = match step() {
            Ok(Step::Passed) => Outcome::Passed,
            Ok(Step::Partly(what)) => Outcome::Partly(what),
            Err(error) => {
                console::failure(&error);
                Outcome::Failed(format!("{error:#}"))
            }
        };
        self.done.push(Done {
            name,
            took: since.elapsed(),
            outcome,
        });
    }

    /// The names of the steps that failed.
    pub fn failed(&self) -> Vec<&'static str> {
        let failed = |done: &&Done| matches!(done.outcome, Outcome::Failed(_));
        self.done
            .iter()
            .filter(failed)
            .map(|done| done.name)
            .collect()
    }

    /// One line per step: mark, name, seconds, and what there is to say.
    pub fn table(&self, paint: Paint) -> String {
        let width = self
            .done
            .iter()
            .map(|done| done.name.len())
            .max()
            .unwrap_or_default();
        let mut table = String::new();
        for Done {
            name,
            took,
            outcome,
        } in &self.done
        {
            let (mark, remark) = match outcome {
                Outcome::Passed => (paint.green("✓"), ""),
                Outcome::Partly(what) => (paint.yellow("✓"), what.as_str()),
                Outcome::Failed(what) => (paint.red("✗"), first_line(what)),
            };
            let seconds = took.as_secs_f64();
            let _ = writeln!(table, "  {mark} {name:<width$} {seconds:>7.1} s  {remark}");
        }
        table
            .lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_failed_step_is_named_and_later_steps_still_run() {
        let mut steps = Steps::default();
        steps.take("first", || bail!("the reason\nand more"));
        steps.take("second", || Ok(Step::Passed));
        steps.take("third", || Ok(Step::Partly("no network".to_owned())));

        assert_eq!(steps.failed(), ["first"]);
        let table = steps.table(Paint::new(false));
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("  ✗ first ") && lines[0].ends_with("the reason"));
        assert!(lines[1].starts_with("  ✓ second"));
        assert!(lines[2].ends_with("no network"));
    }
}
