//! The reconciler that makes the first profiles, once the database can be worked with.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_usecases::FirstBoot;
use hawker_usecases::first_boot::{FirstBootError, Seed};

use crate::reconciler::Reconciler;

/// Makes the first profiles of one tenant.
pub struct FirstBootSeeding {
    first_boot: FirstBoot,
    tenant: TenantSlug,
    seed: Box<dyn Fn() -> Seed + Send + Sync>,
    /// Only saves work: the store knows whether there are profiles.
    is_done: AtomicBool,
}

impl FirstBootSeeding {
    /// Makes profiles of `tenant` of what `seed` answers, by way of `first_boot`.
    pub fn new(
        first_boot: FirstBoot,
        tenant: TenantSlug,
        seed: impl Fn() -> Seed + Send + Sync + 'static,
    ) -> Self {
        Self {
            first_boot,
            tenant,
            seed: Box::new(seed),
            is_done: AtomicBool::new(false),
        }
    }
}

#[async_trait]
impl Reconciler for FirstBootSeeding {
    fn name(&self) -> &'static str {
        "first-boot"
    }

    /// A database that was away, or was not migrated, is seeded soon after it is there.
    fn interval(&self) -> Duration {
        Duration::from_secs(2)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        if *tenant != self.tenant || self.is_done.load(Ordering::Relaxed) {
            return Ok(0);
        }
        match self.first_boot.run(tenant, (self.seed)()).await {
            Ok(_) => {}
            Err(FirstBootError::Store(error)) => return Err(error),
            // What the environment says stays as it is while this process runs.
            Err(error) => tracing::error!(
                event = "profiles.not_seeded", %tenant, %error,
                "no profile was made of the SHOPEE_* variables; correct them and restart, or add a profile"
            ),
        }
        self.is_done.store(true, Ordering::Relaxed);
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;

    use hawker_domain::{ConnectorName, Environment};
    use hawker_ports::Store as _;
    use hawker_ports::testing::{FrozenClock, InMemoryStore, PlainSealer, SequentialIds};

    use super::*;
    use crate::testing::tenant;

    struct Boot {
        store: Arc<InMemoryStore>,
        asked: Arc<AtomicU32>,
        seeding: FirstBootSeeding,
    }

    fn boot(with_token: bool) -> Boot {
        use hawker_usecases::first_boot::TokenPair;
        let store = Arc::new(InMemoryStore::with_tenants([tenant("a"), tenant("b")]));
        let first_boot = FirstBoot {
            store: store.clone(),
            sealer: Arc::new(PlainSealer),
            clock: Arc::new(FrozenClock::default()),
            ids: Arc::new(SequentialIds::default()),
        };
        let asked = Arc::new(AtomicU32::new(0));
        let times = Arc::clone(&asked);
        let seed = move || {
            times.fetch_add(1, Ordering::Relaxed);
            Seed {
                profile: None,
                environment: Environment::Sandbox,
                region: None,
                base_url_override: None,
                registered_url: None,
                partner_id: Some(1),
                partner_key: None,
                push_key: None,
                shop: None,
                default_location_id: None,
                token: with_token.then(|| TokenPair {
                    access_token: "a".into(),
                    refresh_token: "r".into(),
                    expires_at: chrono::DateTime::UNIX_EPOCH,
                }),
            }
        };
        Boot {
            store,
            asked,
            seeding: FirstBootSeeding::new(first_boot, tenant("a"), seed),
        }
    }

    async fn profiles(store: &InMemoryStore, of: &str) -> usize {
        let mut uow = store.begin(&tenant(of)).await.unwrap(); // read only
        let profiles = uow.profiles().of_connector(ConnectorName::Shopee, true);
        profiles.await.unwrap().len()
    }

    #[tokio::test]
    async fn the_one_tenant_is_seeded_once_and_the_others_not_at_all() {
        let Boot {
            store,
            asked,
            seeding,
        } = boot(false);
        for _ in 0..2 {
            for name in ["b", "a"] {
                assert_eq!(seeding.run_once(&tenant(name)).await.unwrap(), 0);
            }
        }
        assert_eq!(profiles(&store, "a").await, 2);
        assert_eq!(profiles(&store, "b").await, 0);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_seed_that_cannot_be_used_is_not_tried_for_ever() {
        let Boot {
            store,
            asked,
            seeding,
        } = boot(true);
        for _ in 0..2 {
            assert_eq!(seeding.run_once(&tenant("a")).await.unwrap(), 0);
        }
        assert_eq!(profiles(&store, "a").await, 0);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}
