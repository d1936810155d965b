//! Work that goes on in the background: storing pushes in shared commits, filing those that
//! came in a crowd, bringing due orders up to
//! date, the jobs that run at slots, and the reconcilers that capture payouts, deliver alerts, verify pushes again, learn the deadlines of returns and tracking numbers that no push told, care for
//! tokens, watch connections, clear what is over, keep the log of calls and read gauges.
//!
//! Invariants:
//! - Nothing here is the only place that knows of work: what waits is rows in the store, so a
//!   process that dies delays work and never loses it. The exceptions are a push that is not answered
//!   yet, which its sender repeats, and the last few entries of the log of calls.
//! - A failure or a panic concerns one batch, one tenant or one run; the loops go on.
//! - Every task is tracked by [`Tasks`], so that stopping can wait for it.

mod alert_delivery;
mod alert_telling;
mod backlog_gauge;
mod boundary;
mod call_log;
mod completeness_watch;
mod connection_watch;
mod due_tenants;
mod escrow_capture;
mod failure;
mod first_boot;
mod intake;
mod journal_filing;
mod order_workers;
mod reconciler;
mod restock_check;
mod return_deadlines;
mod scheduled;
mod streaks;
mod supervisor;
mod tasks;
mod token_care;
mod tracking_numbers;
mod verify_again;

#[cfg(test)]
mod testing;

pub use alert_delivery::AlertDelivery;
pub use alert_telling::AlertTelling;
pub use backlog_gauge::BacklogGauge;
pub use boundary::{FileEvents, Stopping, StorePushes, WorkOnOrders};
pub use call_log::{CallLogging, RecentCalls};
pub use completeness_watch::CompletenessWatch;
pub use connection_watch::ConnectionWatch;
pub use due_tenants::DueTenants;
pub use escrow_capture::EscrowCapture;
pub use first_boot::FirstBootSeeding;
pub use intake::{Intake, PUSH_BUDGET, QUEUE_BYTES_MAX, QUEUE_PUSHES_MAX};
pub use journal_filing::{JournalFiler, JournalFiling};
pub use order_workers::OrderWorkers;
pub use reconciler::{Reconciler, StopWatch};
pub use restock_check::RestockCheck;
pub use return_deadlines::ReturnDeadlines;
pub use scheduled::{
    EscrowBackstopDaily, InboxRetention, JobError, JobRunner, LostPushRecovery, Planned,
    ReconcileDaily, RunError, RunsFor, Schedule, ScheduleError, ScheduledJob, Scheduler,
    SchedulerPorts,
};
pub use supervisor::{LastRun, RunResult, Supervisor};
pub use tasks::{Stopped, Tasks};
pub use token_care::TokenCare;
pub use tracking_numbers::TrackingNumbers;
pub use verify_again::Reverification;
