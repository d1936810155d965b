//! When jobs run.

use chrono::TimeDelta;
use hawker_domain::schedule::JobName;
use hawker_jobs::Schedule;

use super::settings::Reader;

/// When jobs run by themselves; never where absent.
#[derive(Clone)]
pub struct ScheduleConfig {
    /// `HAWKER_LOST_PUSH_SCHEDULE`, in UTC.
    pub lost_pushes: Option<Schedule>,
    /// `HAWKER_RECONCILE_SCHEDULE`, in the shop's zone.
    pub reconcile: Option<Schedule>,
    /// `HAWKER_ESCROW_SCHEDULE`, in the shop's zone.
    pub escrow: Option<Schedule>,
    /// `HAWKER_HISTORY_DAYS`: how far back the first reconcile run of a shop looks.
    pub history: TimeDelta,
}

const HISTORY_DAYS: u32 = 30;
/// A first run that looks back at nothing would leave its mark where it is, for ever.
const HISTORY_DAYS_MIN: u32 = 1;
const HISTORY_DAYS_MAX: u32 = 365;

impl ScheduleConfig {
    /// When a job runs.
    pub const fn of(&self, job: JobName) -> Option<&Schedule> {
        match job {
            JobName::LostPushRecovery => self.lost_pushes.as_ref(),
            JobName::ReconcileDaily => self.reconcile.as_ref(),
            JobName::EscrowBackstopDaily => self.escrow.as_ref(),
        }
    }

    pub(super) fn read(read: &mut Reader<'_>) -> Self {
        Self {
            lost_pushes: schedule(read, "HAWKER_LOST_PUSH_SCHEDULE", "0 * * * *"),
            reconcile: schedule(read, "HAWKER_RECONCILE_SCHEDULE", "0 3 * * *"),
            escrow: schedule(read, "HAWKER_ESCROW_SCHEDULE", "0 4 * * *"),
            history: TimeDelta::days(
                read.number_within(
                    "HAWKER_HISTORY_DAYS",
                    HISTORY_DAYS_MIN..=HISTORY_DAYS_MAX,
                    HISTORY_DAYS,
                )
                .into(),
            ),
        }
    }
}

/// A cron expression, or `off`.
fn schedule(read: &mut Reader<'_>, name: &str, usual: &str) -> Option<Schedule> {
    let text = read.text(name).unwrap_or_else(|| usual.to_owned());
    if text.trim() == "off" {
        return None;
    }
    match text.parse() {
        Ok(schedule) => Some(schedule),
        Err(error) => {
            read.problem(format!("{name}: {error}, or `off`"));
            None
        }
    }
}
