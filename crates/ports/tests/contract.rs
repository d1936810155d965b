//! The in-memory store keeps the contract of a store.

use std::sync::Arc;

use hawker_domain::TenantSlug;
use hawker_ports::Store;
use hawker_ports::alerts::SinkTurns;
use hawker_ports::api_tokens::ApiTokens;
use hawker_ports::schedules::ScheduleLedger;
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::testing::InMemoryStore;
use hawker_ports::testing::contract::StoreFixture;
use hawker_ports::testing::examples::tenant;
use hawker_ports::views::{CompletenessViews, EscrowViews, ExceptionViews, Views};

struct InMemoryFixture(Arc<InMemoryStore>);

impl InMemoryFixture {
    fn new() -> Self {
        let tenants = [TenantSlug::default_tenant(), tenant("other")];
        Self(Arc::new(InMemoryStore::with_tenants(tenants)))
    }
}

impl StoreFixture for InMemoryFixture {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.0) as _
    }

    fn views(&self) -> Arc<dyn Views> {
        Arc::clone(&self.0) as _
    }

    fn exception_views(&self) -> Arc<dyn ExceptionViews> {
        Arc::clone(&self.0) as _
    }

    fn completeness(&self) -> Arc<dyn CompletenessViews> {
        Arc::clone(&self.0) as _
    }

    fn escrow_views(&self) -> Arc<dyn EscrowViews> {
        Arc::clone(&self.0) as _
    }

    fn schedules(&self) -> Arc<dyn ScheduleLedger> {
        Arc::clone(&self.0) as _
    }

    fn sink_turns(&self) -> Arc<dyn SinkTurns> {
        Arc::clone(&self.0) as _
    }

    fn directory(&self) -> Arc<dyn TenantDirectory> {
        Arc::clone(&self.0) as _
    }

    fn api_tokens(&self) -> Arc<dyn ApiTokens> {
        Arc::clone(&self.0) as _
    }

    fn tenant(&self) -> TenantSlug {
        TenantSlug::default_tenant()
    }

    fn other_tenant(&self) -> TenantSlug {
        tenant("other")
    }
}

hawker_ports::store_contract!(InMemoryFixture::new());

/// A behaviour that the macro does not list would be tested nowhere.
#[test]
fn the_macro_lists_every_behaviour() -> std::io::Result<()> {
    let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/contract");
    let list = std::fs::read_to_string(format!("{contract}.rs"))?;
    for file in std::fs::read_dir(contract)? {
        let suite = std::fs::read_to_string(file?.path())?;
        let behaviours = suite.split("\npub async fn ").skip(1);
        for name in behaviours.filter_map(|rest| rest.split('(').next()) {
            assert!(
                list.contains(&format!(" {name},\n")),
                "{name} is not listed"
            );
        }
    }
    Ok(())
}
