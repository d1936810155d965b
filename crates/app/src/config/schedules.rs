//! When jobs run.

use std::ops::RangeInclusive;

use chrono::TimeDelta;
use hawker_domain::schedule::JobName;
use hawker_jobs::Schedule;
use hawker_usecases::forget_events::Keeping;

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
    /// `HAWKER_INBOX_RETENTION_SCHEDULE`, in UTC.
    pub retention: Option<Schedule>,
    /// `HAWKER_EVENT_DAYS` and `HAWKER_UNVERIFIED_DAYS`: how long events are kept.
    pub keeping: Keeping,
    /// `HAWKER_HISTORY_DAYS`: how far back the first reconcile run of a shop looks.
    pub history: TimeDelta,
}

const HISTORY_DAYS: u32 = 30;
/// A first run that looks back at nothing would leave its mark where it is, for ever.
const HISTORY_DAYS_MIN: u32 = 1;
const HISTORY_DAYS_MAX: u32 = 365;

const EVENT_DAYS: u32 = 90;
/// Six weeks is as far as the marketplace's own lists look back to in our jobs: what they are compared
/// with, and what may yet be asked about, is still to be seen as it came.
const EVENT_DAYS_MIN: u32 = 45;
const UNVERIFIED_DAYS: u32 = 30;
const UNVERIFIED_DAYS_MIN: u32 = 1;
/// Ten years: longer than any duty to keep books.
const KEPT_DAYS_MAX: u32 = 3_660;

impl ScheduleConfig {
    /// When a job runs.
    pub const fn of(&self, job: JobName) -> Option<&Schedule> {
        match job {
            JobName::LostPushRecovery => self.lost_pushes.as_ref(),
            JobName::ReconcileDaily => self.reconcile.as_ref(),
            JobName::EscrowBackstopDaily => self.escrow.as_ref(),
            JobName::InboxRetention => self.retention.as_ref(),
        }
    }

    pub(super) fn read(read: &mut Reader<'_>) -> Self {
        Self {
            lost_pushes: schedule(read, "HAWKER_LOST_PUSH_SCHEDULE", "0 * * * *"),
            reconcile: schedule(read, "HAWKER_RECONCILE_SCHEDULE", "0 3 * * *"),
            escrow: schedule(read, "HAWKER_ESCROW_SCHEDULE", "0 4 * * *"),
            // At half past two in the night of Singapore, before the lists of the day are compared.
            retention: schedule(read, "HAWKER_INBOX_RETENTION_SCHEDULE", "30 18 * * *"),
            keeping: Keeping {
                processed: days(
                    read,
                    "HAWKER_EVENT_DAYS",
                    EVENT_DAYS_MIN..=KEPT_DAYS_MAX,
                    EVENT_DAYS,
                ),
                unverified: days(
                    read,
                    "HAWKER_UNVERIFIED_DAYS",
                    UNVERIFIED_DAYS_MIN..=KEPT_DAYS_MAX,
                    UNVERIFIED_DAYS,
                ),
            },
            history: days(
                read,
                "HAWKER_HISTORY_DAYS",
                HISTORY_DAYS_MIN..=HISTORY_DAYS_MAX,
                HISTORY_DAYS,
            ),
        }
    }
}

fn days(read: &mut Reader<'_>, name: &str, range: RangeInclusive<u32>, default: u32) -> TimeDelta {
    TimeDelta::days(read.number_within(name, range, default).into())
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
