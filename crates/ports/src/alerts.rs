//! Alerts: rows that wait for a sink, the sink, and its turns.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::alert::{Alert, AlertThread, ToldLately};
use hawker_domain::ids::{AlertId, AlertThreadId, LeaseId};

use crate::StoreError;
use crate::store::Cause;

/// An alert that is to be delivered.
#[derive(Clone, Debug)]
pub struct DueAlert {
    /// The alert.
    pub alert: Alert,
    /// Failed attempts so far.
    pub attempts: u32,
}

/// Alerts that wait for a sink.
#[async_trait]
pub trait AlertOutbox: Send {
    /// Adds alerts, due at once.
    async fn enqueue(&mut self, alerts: &[Alert], now: Timestamp) -> Result<(), StoreError>;

    /// Claims due alerts of one sink, oldest first. An alert waits until the earlier ones of its thread
    /// were delivered to that sink, and those about many of its group; one about many waits for the
    /// earlier ones of each of its threads.
    async fn claim(
        &mut self,
        sink: &str,
        lease: LeaseId,
        now: Timestamp,
        lease_until: Timestamp,
        at_most: u32,
    ) -> Result<Vec<DueAlert>, StoreError>;

    /// A sink has taken an alert.
    async fn delivered(&mut self, alert: AlertId, now: Timestamp) -> Result<(), StoreError>;

    /// No sink took it; it is due again at `again_at`.
    async fn failed(
        &mut self,
        alert: AlertId,
        error: &str,
        again_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Ends a claim: those of its alerts that nothing was reported of are due again at once. The one
    /// whose handing over was `begun` may have arrived, so that it is never withdrawn.
    async fn give_back(
        &mut self,
        lease: LeaseId,
        begun: Option<AlertId>,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Takes back what these threads and groups ([`AlertPayload::thread`]) were to tell to these sinks
    /// and nobody has handed over or is handing over, in the order of their making. What is claimed
    /// stays, also when the claim has run out: it may have arrived. So does what tells of many threads
    /// and does not know which.
    ///
    /// [`AlertPayload::thread`]: hawker_domain::alert::AlertPayload::thread
    async fn withdraw(
        &mut self,
        keys: &[String],
        sinks: &[String],
    ) -> Result<Vec<Alert>, StoreError>;

    /// Alerts of sinks that are gone: none of `sinks`, and none of those that are `served`. What waits
    /// for them from before `gone_since` goes to the first of `sinks`, but for what one of `sinks` was
    /// given as well: that is forgotten. Answers how many moved.
    async fn adopt(
        &mut self,
        sinks: &[String],
        served: &[String],
        gone_since: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Forgets alerts that were delivered before then, oldest first; answers how many.
    async fn forget_delivered(
        &mut self,
        before: Timestamp,
        at_most: u32,
    ) -> Result<u64, StoreError>;
}

/// Exceptions of one cause, as they are told together. What has been told of is kept with the exceptions
/// and the threads themselves, so that nobody who raises or clears one has to think of alerts.
#[async_trait]
pub trait AlertThreads: Send {
    /// Brings threads up to date with the exceptions: open ones in sight that no thread has told of are
    /// added to the thread of their cause, which is opened where there is none. One that recovered goes
    /// on where its recovery was not told yet (what flaps is not news), and begins anew where it was, or
    /// where nothing was ever told of it: of the earlier one only `told_at` remains, so that its limit
    /// holds. Threads of which none is open any more recover. Exceptions that are snoozed are open but
    /// not counted: they wait until they are in sight again, are then told as if they had opened, and
    /// their thread has not recovered. One of which some were left as they are (won't fix) since it
    /// opened recovers without a message: it is not over. Of deadlines only those that are to come
    /// count; the orders that are named are those that were not told yet, while there are any. Every
    /// thread that changed is due at once. Answers how many changed.
    async fn gather(&mut self, now: Timestamp) -> Result<u64, StoreError>;

    /// Threads that are due, longest waiting first, locked until the unit of work ends; those that
    /// another process has locked are left out.
    async fn due(&mut self, now: Timestamp, at_most: u32) -> Result<Vec<AlertThread>, StoreError>;

    /// These threads as they stand, in the order of their ids; those that there are no longer are left
    /// out.
    async fn find(&mut self, ids: &[AlertThreadId]) -> Result<Vec<AlertThread>, StoreError>;

    /// Keeps what was told of threads (`untold`, `told`, `told_at`, `recovery_told`), and when each is
    /// due next.
    async fn keep(
        &mut self,
        threads: &[(AlertThread, Option<Timestamp>)],
    ) -> Result<(), StoreError>;

    /// Of how many threads something was told after that moment, for each group with any.
    async fn told_after(&mut self, moment: Timestamp) -> Result<Vec<ToldLately>, StoreError>;

    /// Forgets threads that recovered before then and owe no message, oldest first; answers how many.
    /// What arises later of the same cause is a thread that never was.
    async fn forget_recovered(
        &mut self,
        before: Timestamp,
        at_most: u32,
    ) -> Result<u64, StoreError>;
}

/// When sinks may be given something, and which are served: of the installation, because a sink is one
/// for all of its tenants and processes. Kept in the control plane; every call is a transaction of its
/// own.
#[async_trait]
pub trait SinkTurns: Send + Sync {
    /// Somebody looks for what waits for a sink: keeps that it is served, to within a minute. Answers
    /// from when on it may be given something.
    async fn look(&self, sink: &str, now: Timestamp) -> Result<Timestamp, StoreError>;

    /// Takes the turn to hand an alert to a sink: whoever has it hands over one alert at once, and the
    /// next turn is `pace` later. Answers when the turn is: `now` for whoever has it, else when it is
    /// worth asking again.
    async fn take(
        &self,
        sink: &str,
        pace: Duration,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError>;

    /// A sink asks to be left alone until then: it has no turn before. It is never shortened.
    async fn rest(&self, sink: &str, until: Timestamp) -> Result<(), StoreError>;

    /// The sinks that somebody looked for at that moment or later, by their names.
    async fn served_since(&self, moment: Timestamp) -> Result<Vec<String>, StoreError>;
}

/// Why a sink did not take an alert.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// It could not be reached or did not answer in time.
    #[error("the alert sink cannot be reached")]
    Unreachable(#[source] Cause),
    /// It asks to come again later.
    #[error("the alert sink asks to come again in {} s", after.as_secs())]
    Throttled {
        /// How much later.
        after: Duration,
    },
    /// It answered that it does not take it.
    #[error("the alert sink answered {status}")]
    Refused {
        /// Its HTTP status.
        status: u16,
    },
}

/// Where alerts go: an n8n webhook, a Telegram bot, the log.
#[async_trait]
pub trait AlertSink: Send + Sync {
    /// Its name for logs and metrics, for example `n8n`.
    fn name(&self) -> &'static str;

    /// How far apart hand-overs have to be, for a sink that has a limit of its own.
    fn pace(&self) -> Duration {
        Duration::ZERO
    }

    /// Hands an alert over. May be called again for the same alert after a crash.
    async fn deliver(&self, alert: &Alert) -> Result<(), SinkError>;
}
