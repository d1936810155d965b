//! The job as an operator runs it, and how quickly it forgets.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;

use super::inbox::Inbox;
use crate::measure::service::operate;
use crate::measure::statistics::per_second;
use crate::settings::Settings;

/// The command of an operator. A service runs the same job by itself, at its time.
const FORGET: [&str; 4] = ["jobs", "run", "inbox-retention", "--json"];

/// Longer than the command needs to forget a first portion.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How often it is looked whether it has; the job rests longer between two portions.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A run that came to its end.
pub(super) struct Run {
    /// Events, as it says itself.
    pub(super) forgotten: u64,
    pub(super) over: Instant,
}

/// How the job went.
pub(super) struct Forgetting {
    /// Events a second while pushes were taken in.
    pub(super) rate: f64,
    /// Events a second when no more came; nothing where none was left.
    pub(super) rate_alone: Option<f64>,
    /// Of the time in which pushes were taken in, from 0 to 1.
    pub(super) covered: f64,
}

/// When pushes were taken in beside the job, and how many old events there were.
pub(super) struct Beside {
    pub(super) began: Instant,
    pub(super) ended: Instant,
    pub(super) left_before: u64,
    pub(super) left_after: u64,
}

impl Forgetting {
    pub(super) fn of(beside: &Beside, over: Instant) -> Self {
        let (began, ended) = (beside.began, beside.ended);
        let together = over.min(ended).saturating_duration_since(began);
        let alone = over.saturating_duration_since(ended);
        let forgotten = beside.left_before.saturating_sub(beside.left_after);
        let left = beside.left_after;
        Self {
            rate: per_second(forgotten, together),
            rate_alone: (left > 0).then(|| per_second(left, alone)),
            covered: together.as_secs_f64() / (ended - began).as_secs_f64(),
        }
    }
}

/// Runs it to its end.
pub(super) async fn forget(settings: &Settings) -> anyhow::Result<Run> {
    let said = operate(settings, &FORGET).await?;
    let over = Instant::now();
    Ok(Run {
        forgotten: forgotten(&said)?,
        over,
    })
}

/// Waits until the event that is forgotten first is gone.
pub(super) async fn until_begun(inbox: &mut Inbox, oldest: &str) -> anyhow::Result<()> {
    let looking = async {
        let mut tick = tokio::time::interval(LOOK_EVERY);
        while inbox.holds(oldest).await? {
            tick.tick().await;
        }
        anyhow::Ok(())
    };
    let looked = tokio::time::timeout(START_LIMIT, looking).await;
    looked.with_context(|| format!("nothing is forgotten after {START_LIMIT:?}"))?
}

/// How many events the job says that it has forgotten.
fn forgotten(said: &str) -> anyhow::Result<u64> {
    let run: Value = serde_json::from_str(said).with_context(|| said.to_owned())?;
    let forgotten = run["counts"]["processed"].as_u64();
    forgotten.with_context(|| format!("the run does not tell what was forgotten: {said}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::table::figure;

    /// Pushes of ten seconds, in which 4,000 of 10,000 events were forgotten.
    fn beside(began: Instant) -> Beside {
        Beside {
            began,
            ended: began + Duration::from_secs(10),
            left_before: 10_000,
            left_after: 6_000,
        }
    }

    #[test]
    fn what_is_forgotten_beside_pushes_is_told_from_what_is_forgotten_later() {
        let began = Instant::now();
        let forgetting = Forgetting::of(&beside(began), began + Duration::from_secs(15));
        let shown = [forgetting.rate, forgetting.covered].map(|value| figure(value, 1));
        assert_eq!(shown, ["400.0", "1.0"]);
        let alone = forgetting.rate_alone.map(|rate| figure(rate, 0));
        assert_eq!(alone.as_deref(), Some("1,200"));
    }

    #[test]
    fn a_job_that_ends_before_the_pushes_says_for_how_much_of_them_it_was_there() {
        let began = Instant::now();
        let beside = Beside {
            left_after: 0,
            ..beside(began)
        };
        let forgetting = Forgetting::of(&beside, began + Duration::from_secs(5));
        let shown = [forgetting.rate, forgetting.covered].map(|value| figure(value, 1));
        assert_eq!(shown, ["2,000.0", "0.5"]);
        assert_eq!(forgetting.rate_alone, None);
    }

    #[test]
    fn a_run_tells_how_much_it_has_forgotten() {
        assert_eq!(forgotten(r#"{"counts": {"processed": 7}}"#).unwrap(), 7);
        assert!(forgotten(r#"{"counts": {}}"#).is_err());
    }
}
