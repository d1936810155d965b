//! The jobs that run at slots, and what running them needs.

use std::sync::Arc;

use hawker_domain::ConnectorName;
use hawker_domain::schedule::JobName;
use hawker_jobs::{
    EscrowBackstopDaily, InboxRetention, JobRunner, LostPushRecovery, Planned, ReconcileDaily,
    Schedule, ScheduledJob, SchedulerPorts,
};
use hawker_usecases::reconcile::ReconcileSettings;
use hawker_usecases::{
    BackstopEscrow, ForgetEvents, Reconcile, RecoverLostPushes, ReportJob, ScheduledProfiles,
};

use super::Adapters;
use crate::system::process_name;

impl Adapters {
    /// Every job with its schedule.
    pub fn planned_jobs(&self) -> Vec<Planned> {
        let plan = |name| Planned {
            job: self.job(name),
            schedule: self.schedule(name).cloned(),
        };
        JobName::ALL.iter().copied().map(plan).collect()
    }

    /// When a job runs by itself.
    pub fn schedule(&self, job: JobName) -> Option<&Schedule> {
        self.schedules.of(job)
    }

    /// Runs a job that was asked for, in this process.
    pub fn job_runner(&self, job: JobName) -> JobRunner {
        JobRunner::new(self.job(job), self.scheduler_ports())
    }

    /// What planning and running need.
    pub fn scheduler_ports(&self) -> SchedulerPorts {
        SchedulerPorts {
            ledger: self.run_ledger(),
            profiles: self.scheduled_profiles(),
            report: Arc::new(ReportJob {
                store: self.store.clone(),
                tenants: self.store.clone(),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
                connector: ConnectorName::Shopee,
            }),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
            process: process_name(),
        }
    }

    /// Which profiles jobs run for.
    pub fn scheduled_profiles(&self) -> Arc<ScheduledProfiles> {
        Arc::new(ScheduledProfiles {
            store: self.store.clone(),
            tenants: self.store.clone(),
            connector: ConnectorName::Shopee,
        })
    }

    fn job(&self, job: JobName) -> Arc<dyn ScheduledJob> {
        match job {
            JobName::LostPushRecovery => Arc::new(LostPushRecovery(self.recover_lost_pushes())),
            JobName::ReconcileDaily => Arc::new(ReconcileDaily(self.reconcile())),
            JobName::EscrowBackstopDaily => Arc::new(EscrowBackstopDaily(self.backstop_escrow())),
            JobName::InboxRetention => Arc::new(InboxRetention(self.forget_events())),
        }
    }

    fn recover_lost_pushes(&self) -> RecoverLostPushes {
        RecoverLostPushes {
            store: self.units(),
            tenants: self.store.clone(),
            lost: self.lost_pushes(),
            reader: self.push_reader(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
        }
    }

    fn reconcile(&self) -> Reconcile {
        Reconcile {
            store: self.units(),
            lister: self.order_lister(),
            tokens: self.shop_tokens(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            settings: ReconcileSettings {
                history: self.schedules.history,
                ..ReconcileSettings::default()
            },
        }
    }

    fn forget_events(&self) -> ForgetEvents {
        ForgetEvents {
            store: self.units(),
            tenants: self.store.clone(),
            clock: self.clock.clone(),
            sleeper: self.sleeper.clone(),
            keeping: self.schedules.keeping,
        }
    }

    fn backstop_escrow(&self) -> BackstopEscrow {
        BackstopEscrow {
            store: self.store.clone(),
            releases: self.marketplace.clone(),
            tokens: self.shop_tokens(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }
}
