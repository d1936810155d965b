//! The use cases over the adapters. What several of them share is one and the same.

use std::sync::Arc;

use hawker_api::{AdminPorts, NextSlot, WakeWorkers};
use hawker_domain::ConnectorName;
use hawker_domain::retry::RetryPolicy;
use hawker_domain::schedule::JobName;
use hawker_jobs::{DueTenants, JournalFiling, StorePushes, WorkOnOrders};
use hawker_usecases::tokens::ShopTokens;
use hawker_usecases::{
    ApiBearers, AuthoriseShop, DiagnoseProfile, ExamineSignature, FileJournal, FirstBoot,
    KeyedRequests, Keyrings, ManageJobs, ManageProfiles, ManagePushSettings, ReceivePushes,
    RefreshLocations, RefreshOneOrder, RefreshOrders, RotateKeys, SyncEscrow, TestConnection,
    TryAlerts, VerifyAgain, WorkExceptions,
};

use super::Adapters;

impl Adapters {
    /// What the admin API does.
    pub fn admin_ports(&self, wake: WakeWorkers) -> AdminPorts {
        AdminPorts {
            bearers: Arc::new(self.api_bearers()),
            keyed: Arc::new(self.keyed_requests()),
            profiles: Arc::new(self.manage_profiles()),
            authorise: Arc::new(self.authorise_shop()),
            tokens: self.shop_tokens(),
            diagnose: Arc::new(self.diagnose_profile()),
            locations: self.refresh_locations(),
            connection: Arc::new(self.connection_test()),
            push_settings: Arc::new(self.push_settings()),
            signatures: Arc::new(self.examine_signature()),
            verify_again: Arc::new(self.verify_again()),
            views: self.store.clone(),
            exceptions: Arc::new(self.work_exceptions()),
            exception_views: self.store.clone(),
            refresh_one: Arc::new(self.refresh_one_order()),
            completeness_views: self.store.clone(),
            sync_escrow: Arc::new(self.sync_escrow()),
            escrow_views: self.store.clone(),
            jobs: Arc::new(self.manage_jobs()),
            job_plan: self.job_plan(),
            next_slot: self.next_slot(),
            scheduled: self.scheduled_profiles(),
            ledger: self.store.clone(),
            try_alerts: Arc::new(self.try_alerts()),
            wake,
        }
    }

    /// Every job with its schedule as it is written.
    pub fn job_plan(&self) -> Vec<(JobName, Option<String>)> {
        let plan = |job| (job, self.schedule(job).map(ToString::to_string));
        JobName::ALL.iter().copied().map(plan).collect()
    }

    /// When a job runs next.
    pub fn next_slot(&self) -> NextSlot {
        let schedules = self.schedules.clone();
        Arc::new(move |job, now, zone| schedules.of(job)?.next(now, zone))
    }

    /// Works on exceptions.
    pub fn work_exceptions(&self) -> WorkExceptions {
        WorkExceptions {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Asks for one order.
    pub fn refresh_one_order(&self) -> RefreshOneOrder {
        RefreshOneOrder {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
        }
    }

    /// Asks for payouts.
    pub fn sync_escrow(&self) -> SyncEscrow {
        SyncEscrow {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
        }
    }

    /// Asks for runs of jobs.
    pub fn manage_jobs(&self) -> ManageJobs {
        ManageJobs {
            ledger: self.store.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Tries the alert sinks.
    pub fn try_alerts(&self) -> TryAlerts {
        TryAlerts {
            store: self.store.clone(),
            sinks: self.sinks.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Takes pushes in.
    pub fn receive_pushes(&self) -> Arc<dyn StorePushes> {
        self.storing(self.pushes())
    }

    /// Files pushes that came in a crowd, of those `journals`; `due` learns of their work.
    pub fn journal_filing(&self, due: Arc<DueTenants>, journals: Arc<DueTenants>) -> JournalFiling {
        let file = FileJournal {
            store: self.journal_units(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            level: self.journal.clone(),
        };
        JournalFiling::new(Arc::new(file), due, journals, self.metrics.clone())
    }

    fn pushes(&self) -> ReceivePushes {
        ReceivePushes {
            store: self.push_units(),
            reader: self.push_reader(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
            public_api_base_url: self.public_api_base_url.clone(),
            keyrings: Keyrings::default(),
            journal: self.journal.clone(),
        }
    }

    /// Judges again what did not verify.
    pub fn verify_again(&self) -> VerifyAgain {
        VerifyAgain {
            pushes: self.pushes(),
        }
    }

    /// Shows how a push was judged.
    pub fn examine_signature(&self) -> ExamineSignature {
        ExamineSignature {
            pushes: self.pushes(),
        }
    }

    /// Brings orders up to date.
    pub fn refresh_orders(&self) -> Arc<dyn WorkOnOrders> {
        Arc::new(RefreshOrders {
            store: self.units(),
            marketplace: self.orders_and_payouts(),
            tokens: self.shop_tokens(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
            retry: RetryPolicy::ORDER,
        })
    }

    /// Opens what calls on behalf of shops need.
    pub fn shop_tokens(&self) -> Arc<ShopTokens> {
        Arc::new(ShopTokens {
            store: self.store.clone(),
            authoriser: self.marketplace.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
            sleeper: self.sleeper.clone(),
            background: self.background.clone(),
            settings: self.token_settings,
        })
    }

    /// Authorises shops.
    pub fn authorise_shop(&self) -> AuthoriseShop {
        AuthoriseShop {
            store: self.store.clone(),
            authoriser: self.marketplace.clone(),
            sealer: self.sealer.clone(),
            mint: self.mint.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            public_api_base_url: self.public_api_base_url.clone(),
            desk: self.marketplace.clone(),
            tokens: self.shop_tokens(),
            locations: self.refresh_locations(),
        }
    }

    /// Manages profiles.
    pub fn manage_profiles(&self) -> ManageProfiles {
        ManageProfiles {
            store: self.store.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            public_api_base_url: self.public_api_base_url.clone(),
        }
    }

    /// Makes the first profiles.
    pub fn first_boot(&self) -> FirstBoot {
        FirstBoot {
            store: self.store.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Fetches warehouses.
    pub fn refresh_locations(&self) -> Arc<RefreshLocations> {
        Arc::new(RefreshLocations {
            tokens: self.shop_tokens(),
            desk: self.marketplace.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        })
    }

    /// Tries connections.
    pub fn connection_test(&self) -> TestConnection {
        TestConnection {
            tokens: self.shop_tokens(),
            authoriser: self.marketplace.clone(),
            skew: self.api.clone(),
            desk: self.marketplace.clone(),
            sealer: self.sealer.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Tells what is known of a profile's connection.
    pub fn diagnose_profile(&self) -> DiagnoseProfile {
        DiagnoseProfile {
            store: self.store.clone(),
            budgets: self.api.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Reads and changes an app's push settings.
    pub fn push_settings(&self) -> ManagePushSettings {
        ManagePushSettings {
            tokens: self.shop_tokens(),
            console: self.marketplace.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Seals secrets anew.
    pub fn rotate_keys(&self) -> RotateKeys {
        RotateKeys {
            store: self.store.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Makes, lists and revokes tokens of the API, and recognises their bearers.
    pub fn api_bearers(&self) -> ApiBearers {
        ApiBearers {
            tokens: self.store.clone(),
            store: self.store.clone(),
            mint: self.mint.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Requests of the API that must not happen twice.
    pub fn keyed_requests(&self) -> KeyedRequests {
        KeyedRequests {
            store: self.store.clone(),
            mint: self.mint.clone(),
            clock: self.clock.clone(),
        }
    }
}
