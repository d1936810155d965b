//! Taking a run: the one that waits longest, or a certain one.

use hawker_domain::Timestamp;
use hawker_domain::ids::{JobRunId, LeaseId};
use hawker_domain::schedule::JobName;
use hawker_ports::schedules::{ClaimedRun, NewRun};
use serde_json::Value;
use sqlx::PgConnection;

use super::{RUN, scope};
use crate::fault::{Fault, read, violates};
use crate::text::stored;

/// Lets one run of a job and scope be running.
const ONE_RUNNING: &str = "schedule_run_running_key";

/// Whenever another process took a run of the same scope at the same moment, it is seen at the next
/// look. So many looks, then the run waits for the next time.
const LOOKS: u32 = 4;

/// Who takes a run, and for how long.
pub(super) struct Claim {
    process: String,
    lease: LeaseId,
    now: Timestamp,
    lease_until: Timestamp,
}

struct TakenRow {
    id: String,
    job: String,
    tenant_slug: Option<String>,
    profile_id: Option<String>,
    slot: Timestamp,
    trigger: String,
    arguments: Value,
    attempts: i32,
    failures: i32,
    taken_over: i32,
    reached: Option<Value>,
}

impl Claim {
    pub(super) fn new(
        process: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Self {
        Self {
            process: stored(process),
            lease,
            now,
            lease_until,
        }
    }

    /// A run that a dead process left behind is running by the books until it is taken over, and keeps
    /// others of its scope waiting until then.
    pub(super) async fn longest_waiting(
        &self,
        connection: &mut PgConnection,
        job: JobName,
    ) -> Result<Option<ClaimedRun>, Fault> {
        for _ in 0..LOOKS {
            let taken = sqlx::query_file_as!(
                TakenRow,
                "src/schedules/take_longest_waiting.sql",
                job.as_str(),
                self.now,
                self.process,
                self.lease.to_string(),
                self.lease_until,
            )
            .fetch_optional(&mut *connection)
            .await;
            match taken {
                Err(error) if violates(&error, ONE_RUNNING) => {}
                taken => return taken?.map(|row| self.claimed(row)).transpose(),
            }
        }
        Ok(None)
    }

    pub(super) async fn this(
        &self,
        connection: &mut PgConnection,
        id: JobRunId,
    ) -> Result<Option<ClaimedRun>, Fault> {
        let taken = sqlx::query_as!(
            TakenRow,
            "UPDATE public.schedule_run AS taken
             SET state = 'running', attempts = taken.attempts + 1, process = $3, lease = $4,
                 lease_until = $5, started_at = $2
             WHERE taken.id = $1
               AND taken.state = 'queued'
               AND NOT EXISTS (
                   SELECT FROM public.schedule_run AS other
                   WHERE other.state = 'running' AND other.job = taken.job
                     AND other.scope = taken.scope
               )
             RETURNING taken.id, taken.job, taken.tenant_slug, taken.profile_id, taken.slot,
                       taken.trigger, taken.arguments, taken.attempts, taken.failures,
                       taken.taken_over, taken.reached",
            id.to_string(),
            self.now,
            self.process,
            self.lease.to_string(),
            self.lease_until,
        )
        .fetch_optional(connection)
        .await;
        match taken {
            Err(error) if violates(&error, ONE_RUNNING) => Ok(None),
            taken => taken?.map(|row| self.claimed(row)).transpose(),
        }
    }

    fn claimed(&self, row: TakenRow) -> Result<ClaimedRun, Fault> {
        let TakenRow {
            id,
            job,
            tenant_slug,
            profile_id,
            slot,
            trigger,
            arguments,
            attempts,
            failures,
            taken_over,
            reached,
        } = row;
        Ok(ClaimedRun {
            run: NewRun {
                job: read(RUN, &id, &job)?,
                scope: scope(&id, tenant_slug.as_deref(), profile_id.as_deref())?,
                slot,
                trigger: read(RUN, &id, &trigger)?,
                arguments,
                id: read(RUN, &id, &id)?,
            },
            lease: self.lease,
            attempt: u32::try_from(attempts).unwrap_or_default(),
            failures: u32::try_from(failures).unwrap_or_default(),
            taken_over: u32::try_from(taken_over).unwrap_or_default(),
            reached,
        })
    }
}
