//! What is read to plan slots, and how often.

use std::sync::atomic::{AtomicU32, Ordering};

use hawker_ports::{Store, UnitOfWork};

use super::*;
use crate::scheduled::scopes::PlannedScopes;

/// Counts how often a tenant is read.
struct Read {
    store: InMemoryStore,
    times: AtomicU32,
}

#[async_trait]
impl Store for Read {
    async fn begin(&self, tenant: &TenantSlug) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.times.fetch_add(1, Ordering::Relaxed);
        self.store.begin(tenant).await
    }
}

#[tokio::test(start_paused = true)]
async fn profiles_are_read_once_a_minute_for_all_jobs_together() {
    let read = Arc::new(Read {
        store: InMemoryStore::default(),
        times: AtomicU32::default(),
    });
    let metrics = Arc::new(RecordingMetrics::default());
    let profiles = ScheduledProfiles {
        store: read.clone(),
        tenants: Tenants::named(&["default", "gone"]),
        connector: ConnectorName::Shopee,
    };
    let scopes = PlannedScopes::new(Arc::new(profiles), metrics.clone());
    for times in [2, 4] {
        for _ in 0..10 {
            scopes.of(RunsFor::EachProfile).await.unwrap();
            scopes.of(RunsFor::EachProfile).await.unwrap();
            sleep(Duration::from_secs(5)).await;
        }
        assert_eq!(read.times.load(Ordering::Relaxed), times, "of two tenants");
        sleep(Duration::from_secs(10)).await;
    }
    assert_eq!(scopes.of(RunsFor::Installation).await.unwrap().len(), 1);
    let unplanned = Counted::TenantsUnplanned(1);
    assert_eq!(
        metrics.counted(),
        [unplanned.clone(), unplanned],
        "for as long as it lasts, however often it is told"
    );
}
