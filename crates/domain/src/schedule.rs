//! Scheduled jobs: what is run at which slots, and how a run stands.
//!
//! A slot is a moment at which a job is to run for a scope. There is one run for each slot, however
//! many processes there are; a run that died with its process is taken over by another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::TenantSlug;
use crate::channel::named;
use crate::ids::ProfileId;

named! {
    /// A job that runs at slots.
    JobName: "job" {
        /// Fetches what the marketplace could not push, per app.
        LostPushRecovery = "lost-push-recovery",
        /// Compares the marketplace's lists of orders with ours, per profile.
        ReconcileDaily = "reconcile-daily",
        /// Looks for payouts and releases that are missing, per profile.
        EscrowBackstopDaily = "escrow-backstop-daily",
        /// Forgets events of the inbox that were dealt with long ago, for every tenant.
        InboxRetention = "inbox-retention",
    }
}

impl JobName {
    /// Whether it runs for the whole installation at once, and not for each profile.
    pub const fn is_of_installation(self) -> bool {
        match self {
            Self::LostPushRecovery | Self::InboxRetention => true,
            Self::ReconcileDaily | Self::EscrowBackstopDaily => false,
        }
    }
}

named! {
    /// Why a run exists.
    RunTrigger: "trigger" {
        /// Its slot has come.
        Schedule = "schedule",
        /// Somebody asked for it.
        Manual = "manual",
    }
}

named! {
    /// How a run stands.
    RunState: "run state" {
        /// It waits for a process.
        Queued = "queued",
        /// A process is at it.
        Running = "running",
        /// It came to its end.
        Done = "done",
        /// It did not.
        Failed = "failed",
        /// It panicked.
        Panicked = "panicked",
        /// It took longer than it may.
        TimedOut = "timed_out",
    }
}

impl RunState {
    /// Whether nothing more comes of the run by itself.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// What a run is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobScope {
    /// The whole installation: every tenant.
    Installation,
    /// One profile.
    Profile {
        /// Whose it is.
        tenant: TenantSlug,
        /// The profile.
        profile: ProfileId,
    },
}

/// What a run has done so far, by the names of the things it counts, in the order of these names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts(pub BTreeMap<String, u64>);

impl Counts {
    /// Counts so many more.
    pub fn add(&mut self, what: &str, more: u64) {
        if let Some(count) = self.0.get_mut(what) {
            *count += more;
        } else {
            self.0.insert(what.to_owned(), more);
        }
    }

    /// How many there are of something.
    pub fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }
}
