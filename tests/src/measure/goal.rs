//! What is asked of a figure: a budget that must be kept, and a target beyond it.

use std::fmt;

use serde_json::{Value, json};

use super::table::figure;

/// Where a figure has to lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Not below this.
    AtLeast(f64),
    /// Not above this.
    AtMost(f64),
}

impl Bound {
    /// Whether a figure lies there.
    pub fn holds(self, measured: f64) -> bool {
        match self {
            Self::AtLeast(bound) => measured >= bound,
            Self::AtMost(bound) => measured <= bound,
        }
    }

    fn shown(self, decimals: usize) -> String {
        match self {
            Self::AtLeast(bound) => format!("≥ {}", figure(bound, decimals)),
            Self::AtMost(bound) => format!("≤ {}", figure(bound, decimals)),
        }
    }

    fn json(self) -> Value {
        match self {
            Self::AtLeast(bound) => json!({"at_least": bound}),
            Self::AtMost(bound) => json!({"at_most": bound}),
        }
    }
}

/// A figure, and what is asked of it.
#[derive(Clone, Debug)]
pub struct Goal {
    /// What was measured.
    pub what: String,
    /// What came of it.
    pub measured: f64,
    /// Its unit, as it stands behind the figure: `ms`, `MiB`, `× pgbench`.
    pub unit: &'static str,
    /// Decimals that are shown.
    pub decimals: usize,
    /// What must be kept.
    pub budget: Option<Bound>,
    /// What is aimed at.
    pub target: Option<Bound>,
}

impl Goal {
    /// As a machine reads it.
    pub fn json(&self) -> Value {
        let asked = |bound: Option<Bound>| {
            bound.map(|bound| {
                let mut asked = bound.json();
                asked["met"] = json!(bound.holds(self.measured));
                asked
            })
        };
        json!({
            "what": self.what,
            "measured": self.measured,
            "unit": self.unit,
            "budget": asked(self.budget),
            "target": asked(self.target),
        })
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let measured = figure(self.measured, self.decimals);
        write!(f, "{}: {measured} {}", self.what, self.unit)?;
        for (name, bound) in [("budget", self.budget), ("target", self.target)] {
            if let Some(bound) = bound {
                let verdict = if bound.holds(self.measured) {
                    "met"
                } else {
                    "NOT MET"
                };
                write!(f, "; {name} {}: {verdict}", bound.shown(self.decimals))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_says_what_is_met_and_what_is_not() {
        let goal = Goal {
            what: "rate".to_owned(),
            measured: 1.5,
            unit: "× pgbench",
            decimals: 1,
            budget: Some(Bound::AtLeast(1.0)),
            target: Some(Bound::AtLeast(3.0)),
        };
        assert_eq!(
            goal.to_string(),
            "rate: 1.5 × pgbench; budget ≥ 1.0: met; target ≥ 3.0: NOT MET"
        );
        assert_eq!(goal.json()["target"]["met"], false);
        assert!(Bound::AtMost(10.0).holds(10.0));
        assert!(!Bound::AtMost(10.0).holds(10.1));
    }
}
