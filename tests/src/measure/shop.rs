//! A shop on a database of its own, set up as an operator does it: migrated, seeded, with cards to sell.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use anyhow::Context as _;
use hawker_domain::TenantSlug;
use hawker_domain::catalogue::Sku;
use hawker_postgres::{PgOptions, PgStore};
use hawker_usecases::AddVariants;
use hawker_usecases::add_variants::{Place, VariantToAdd};
use sqlx::PgConnection;

use super::ground::{Ground, run};
use super::service::{operate, settings};
use crate::bench::CARD;
use crate::settings::Settings;

/// More than anybody orders in a run.
const PIECES: u32 = 10_000_000;

/// A shop's database and the settings of services on it.
pub struct Shop {
    /// The name of the database.
    pub database: String,
    /// The settings of a service.
    pub settings: Settings,
}

impl Shop {
    /// Makes the database anew. `base_url` is where the service finds the marketplace.
    pub async fn open(ground: &Ground, database: &str, base_url: &str) -> anyhow::Result<Self> {
        ground.empty_database(database).await?;
        let settings = settings(ground, database, base_url);
        operate(&settings, &["migrate"]).await?;
        operate(&settings, &["seed"]).await?;
        let store =
            PgStore::connect_lazy(&PgOptions::new(ground.url(database)).connections_max(1))?;
        add_card(&store, &TenantSlug::default_tenant()).await?;
        store.close().await;
        Ok(Self {
            database: database.to_owned(),
            settings,
        })
    }

    /// A superuser's connection to it.
    pub async fn connect(&self, ground: &Ground) -> anyhow::Result<PgConnection> {
        ground.connect(&self.database).await
    }

    /// From its next start on, the service finds the marketplace elsewhere.
    pub async fn move_marketplace(&self, ground: &Ground, base_url: &str) -> anyhow::Result<()> {
        let mut connection = self.connect(ground).await?;
        let moved =
            sqlx::query("UPDATE tenant_default.connector_profile SET base_url_override = $1");
        moved.bind(base_url).execute(&mut connection).await?;
        Ok(())
    }

    /// Whatever waits is due now and nobody's, as if it had just come. The statistics are those of a
    /// table that autovacuum has seen.
    pub async fn let_all_be_due(&self, ground: &Ground) -> anyhow::Result<()> {
        let mut connection = self.connect(ground).await?;
        let free = "UPDATE tenant_default.connector_order
                    SET attempts = 0, lease = NULL, lease_until = NULL";
        let due = "UPDATE tenant_default.connector_event
                   SET next_attempt_at = received_at WHERE NOT processed";
        run(&mut connection, free).await?;
        run(&mut connection, due).await?;
        run(&mut connection, "VACUUM (ANALYZE)").await
    }
}

/// A marketplace that takes every call and never answers. Workers wait for it with what they hold, so
/// that nothing is drained; and they cost nothing while they wait.
pub struct Silence {
    listener: TcpListener,
}

impl Silence {
    /// Listens, and that is all.
    pub fn fall() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        Ok(Self { listener })
    }

    /// Where it is.
    pub fn base_url(&self) -> anyhow::Result<String> {
        Ok(format!("http://{}", self.listener.local_addr()?))
    }
}

/// Adds the card that orders are of to a tenant, with more pieces at a place of its own than anybody orders.
pub async fn add_card(store: &PgStore, tenant: &TenantSlug) -> anyhow::Result<()> {
    let (clock, ids) = hawker_app::system();
    let add = AddVariants {
        store: Arc::new(store.clone()),
        clock,
        ids,
    };
    let place = Place {
        code: "main".into(),
        name: "Main".into(),
        priority: 0,
    };
    let variant = VariantToAdd {
        sku: Sku::parse(CARD).context("a SKU")?,
        title: "A card".into(),
        price: None,
        stock: vec![("main".into(), PIECES)],
    };
    add.run(tenant, &[place], &[variant], "bench", "opening stock")
        .await?;
    Ok(())
}
