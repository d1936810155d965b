//! The behaviours that use cases rely on, on Postgres.

use std::sync::Arc;

use hawker_domain::TenantSlug;
use hawker_ports::Store;
use hawker_ports::alerts::SinkTurns;
use hawker_ports::api_tokens::ApiTokens;
use hawker_ports::schedules::ScheduleLedger;
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::testing::contract::StoreFixture;
use hawker_ports::views::{CompletenessViews, EscrowViews, ExceptionViews, Views};
use hawker_postgres::migrate::{self, Silent};
use hawker_postgres::testing::TestDatabase;

struct PgFixture {
    database: TestDatabase,
    other: TenantSlug,
}

impl PgFixture {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let other: TenantSlug = "other".parse().expect("a slug");
        migrate::create_tenant(database.store(), &other, &Silent)
            .await
            .expect("a second tenant");
        Self { database, other }
    }
}

impl StoreFixture for PgFixture {
    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.database.store().clone())
    }

    fn views(&self) -> Arc<dyn Views> {
        Arc::new(self.database.store().clone())
    }

    fn exception_views(&self) -> Arc<dyn ExceptionViews> {
        Arc::new(self.database.store().clone())
    }

    fn completeness(&self) -> Arc<dyn CompletenessViews> {
        Arc::new(self.database.store().clone())
    }

    fn escrow_views(&self) -> Arc<dyn EscrowViews> {
        Arc::new(self.database.store().clone())
    }

    fn schedules(&self) -> Arc<dyn ScheduleLedger> {
        Arc::new(self.database.store().clone())
    }

    fn sink_turns(&self) -> Arc<dyn SinkTurns> {
        Arc::new(self.database.store().clone())
    }

    fn directory(&self) -> Arc<dyn TenantDirectory> {
        Arc::new(self.database.store().clone())
    }

    fn api_tokens(&self) -> Arc<dyn ApiTokens> {
        Arc::new(self.database.store().clone())
    }

    fn tenant(&self) -> TenantSlug {
        TenantSlug::default_tenant()
    }

    fn other_tenant(&self) -> TenantSlug {
        self.other.clone()
    }
}

hawker_ports::store_contract!(PgFixture::new().await);
