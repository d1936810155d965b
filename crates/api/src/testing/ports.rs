//! The use cases of the admin API over what tests work on.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::ConnectorName;
use hawker_domain::profile::PublicBaseUrl;
use hawker_domain::schedule::JobName;
use hawker_ports::calls::CallBudget;
use hawker_ports::testing::{FixedBudget, FixedSkew, NoBackground, PlainSealer, RecordingMetrics};
use hawker_usecases::tokens::TokenSettings;
use hawker_usecases::{
    AuthoriseShop, DiagnoseProfile, ExamineSignature, JournalLevel, KeyedRequests, Keyrings,
    ManageJobs, ManageProfiles, ManagePushSettings, ReceivePushes, RefreshLocations,
    RefreshOneOrder, ScheduledProfiles, ShopTokens, SyncEscrow, TestConnection, TryAlerts,
    VerifyAgain, WorkExceptions,
};

use super::{FakeDirectory, World};
use crate::{AdminPorts, WakeWorkers};

/// How the marketplace reaches the installation.
const BASE_URL: &str = "https://hub.example";

impl World {
    /// What the admin API does, on all of this.
    pub(crate) fn admin_ports(&self) -> AdminPorts {
        let base = PublicBaseUrl::new(BASE_URL);
        let tokens = Arc::new(self.tokens());
        let locations = Arc::new(RefreshLocations {
            tokens: tokens.clone(),
            desk: self.desk.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        });
        AdminPorts {
            bearers: self.bearers.clone(),
            keyed: Arc::new(KeyedRequests {
                store: self.store.clone(),
                mint: self.mint.clone(),
                clock: self.clock.clone(),
            }),
            profiles: Arc::new(ManageProfiles {
                store: self.store.clone(),
                sealer: Arc::new(PlainSealer),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
                public_api_base_url: base.clone(),
            }),
            authorise: Arc::new(AuthoriseShop {
                store: self.store.clone(),
                authoriser: self.authoriser.clone(),
                sealer: Arc::new(PlainSealer),
                mint: self.mint.clone(),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
                public_api_base_url: base.clone(),
                desk: self.desk.clone(),
                tokens: tokens.clone(),
                locations: locations.clone(),
            }),
            diagnose: Arc::new(DiagnoseProfile {
                store: self.store.clone(),
                budgets: Arc::new(FixedBudget(budget())),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
            }),
            connection: Arc::new(TestConnection {
                tokens: tokens.clone(),
                authoriser: self.authoriser.clone(),
                skew: Arc::new(FixedSkew::default()),
                desk: self.desk.clone(),
                sealer: Arc::new(PlainSealer),
                store: self.store.clone(),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
            }),
            push_settings: Arc::new(ManagePushSettings {
                tokens: tokens.clone(),
                console: self.console.clone(),
                store: self.store.clone(),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
            }),
            signatures: Arc::new(ExamineSignature {
                pushes: self.pushes(),
            }),
            verify_again: Arc::new(VerifyAgain {
                pushes: self.pushes(),
            }),
            views: self.store.clone(),
            exceptions: Arc::new(self.work_exceptions()),
            exception_views: self.store.clone(),
            refresh_one: Arc::new(self.refresh_one()),
            completeness_views: self.store.clone(),
            sync_escrow: Arc::new(self.sync_escrow()),
            escrow_views: self.store.clone(),
            jobs: Arc::new(self.manage_jobs()),
            job_plan: job_plan(),
            next_slot: Arc::new(|job, now, _| {
                (job != JobName::EscrowBackstopDaily).then(|| now + TimeDelta::hours(1))
            }),
            scheduled: Arc::new(ScheduledProfiles {
                store: self.store.clone(),
                tenants: Arc::new(FakeDirectory::default()),
                connector: ConnectorName::Shopee,
            }),
            ledger: self.store.clone(),
            try_alerts: Arc::new(self.try_alerts()),
            wake: self.waker(),
            tokens,
            locations,
        }
    }

    fn work_exceptions(&self) -> WorkExceptions {
        WorkExceptions {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn refresh_one(&self) -> RefreshOneOrder {
        RefreshOneOrder {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
        }
    }

    fn sync_escrow(&self) -> SyncEscrow {
        SyncEscrow {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
        }
    }

    fn manage_jobs(&self) -> ManageJobs {
        ManageJobs {
            ledger: self.store.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn try_alerts(&self) -> TryAlerts {
        TryAlerts {
            store: self.store.clone(),
            sinks: vec![self.sink.clone()],
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn waker(&self) -> WakeWorkers {
        let woken = self.woken.clone();
        Arc::new(move |tenant| woken.lock().expect("unpoisoned").push(tenant.clone()))
    }

    fn pushes(&self) -> ReceivePushes {
        ReceivePushes {
            store: self.store.clone(),
            reader: self.pushes.clone(),
            sealer: Arc::new(PlainSealer),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
            public_api_base_url: PublicBaseUrl::new(BASE_URL),
            keyrings: Keyrings::default(),
            journal: JournalLevel::default(),
        }
    }

    pub(super) fn tokens(&self) -> ShopTokens {
        ShopTokens {
            store: self.store.clone(),
            authoriser: self.authoriser.clone(),
            sealer: Arc::new(PlainSealer),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: Arc::new(RecordingMetrics::default()),
            sleeper: self.clock.clone(),
            background: Arc::new(NoBackground),
            settings: TokenSettings::default(),
        }
    }
}

/// Three jobs that run by themselves and one that does not.
fn job_plan() -> Vec<(JobName, Option<String>)> {
    vec![
        (JobName::LostPushRecovery, Some("0 * * * *".to_owned())),
        (JobName::ReconcileDaily, Some("0 3 * * *".to_owned())),
        (JobName::EscrowBackstopDaily, None),
        (JobName::InboxRetention, Some("30 18 * * *".to_owned())),
    ]
}

fn budget() -> CallBudget {
    CallBudget {
        shop_left: 10.0,
        shop_per_second: 10.0,
        app_left: 100.0,
        app_per_second: 100.0,
        paused_until: None,
    }
}
