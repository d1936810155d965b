//! A database with one profile, and short words for the steps of the work.

use anyhow::Context as _;
use chrono::TimeDelta;
use hawker_domain::channel::OrderKey;
use hawker_domain::event::{EventOutcome, NewEvent};
use hawker_domain::ids::{LeaseId, ProductId, VariantId};
use hawker_domain::order::{Decision, OrderSnapshot, PlanInput, plan};
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::catalogue::NewVariant;
use hawker_ports::inbox::{ClaimRequest, ClaimedBatch, MadeOrder, OrderReport, WorkResult};
use hawker_ports::testing::SequentialIds;
use hawker_ports::testing::examples::{self, after_noon, noon, sku};
use hawker_ports::{Store as _, UnitOfWork};
use hawker_postgres::testing::TestDatabase;

pub const PROFILE: &str = "scp_first";

pub struct Workshop {
    pub database: TestDatabase,
    pub tenant: TenantSlug,
    pub ids: SequentialIds,
}

/// A time that is past by any clock: triggers make work due by the clock of the database.
pub fn some_day() -> Timestamp {
    noon() + TimeDelta::days(365 * 100)
}

/// The same report of every order of a batch.
pub fn reports(batch: &ClaimedBatch, result: &WorkResult) -> Vec<OrderReport> {
    batch
        .orders
        .iter()
        .map(|order| OrderReport {
            order_sn: order.order_sn.clone(),
            events: order.events.clone(),
            result: result.clone(),
            seen: None,
            made: None,
        })
        .collect()
}

/// Until some session of a database waits for another one.
pub async fn wait_for_a_lock(database: &TestDatabase) -> anyhow::Result<()> {
    loop {
        let is_waiting: bool = sqlx::query_scalar(
            "SELECT EXISTS (
                 SELECT FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'
             )",
        )
        .fetch_one(database.pool())
        .await?;
        if is_waiting {
            return Ok(());
        }
        tokio::task::yield_now().await;
    }
}

impl Workshop {
    pub async fn new() -> anyhow::Result<Self> {
        let workshop = Self {
            database: TestDatabase::new().await,
            tenant: TenantSlug::default_tenant(),
            ids: SequentialIds::default(),
        };
        let mut uow = workshop.begin().await?;
        uow.profiles()
            .save(&examples::profile(PROFILE), noon())
            .await?;
        uow.commit().await?;
        Ok(workshop)
    }

    pub async fn begin(&self) -> anyhow::Result<Box<dyn UnitOfWork>> {
        Ok(self.database.store().begin(&self.tenant).await?)
    }

    pub fn push(&self, number: &str, seconds: i64) -> NewEvent {
        examples::push(PROFILE, number, after_noon(seconds), &self.ids)
    }

    pub async fn store(&self, events: &[NewEvent]) -> anyhow::Result<()> {
        let mut uow = self.begin().await?;
        uow.inbox().store(events).await?;
        Ok(uow.commit().await?)
    }

    pub fn request(&self, now: Timestamp, orders_max: u32) -> ClaimRequest {
        ClaimRequest {
            lease: LeaseId::fresh(&self.ids),
            now,
            lease_until: now + TimeDelta::seconds(60),
            orders_max,
            except: Vec::new(),
        }
    }

    pub async fn claim(&self, now: Timestamp) -> anyhow::Result<Option<ClaimedBatch>> {
        let mut uow = self.begin().await?;
        let batch = uow.inbox().claim(&self.request(now, 50)).await?;
        uow.commit().await?;
        Ok(batch)
    }

    pub async fn must_claim(&self, now: Timestamp) -> anyhow::Result<ClaimedBatch> {
        self.claim(now).await?.context("there is work to claim")
    }

    pub async fn finish(&self, batch: &ClaimedBatch, result: &WorkResult) -> anyhow::Result<()> {
        let mut uow = self.begin().await?;
        uow.inbox()
            .finish(batch, &reports(batch, result), after_noon(1))
            .await?;
        Ok(uow.commit().await?)
    }

    pub async fn add_variant(&self, text: &str) -> anyhow::Result<VariantId> {
        let new = NewVariant {
            product: ProductId::fresh(&self.ids),
            variant: VariantId::fresh(&self.ids),
            sku: sku(text),
            title: "Card".into(),
            price: None,
        };
        let mut uow = self.begin().await?;
        let added = uow.catalogue().add_variants(&[new], noon()).await?;
        uow.commit().await?;
        Ok(added[0].0)
    }

    /// Brings a claimed order up to date, as a worker does.
    pub async fn work(
        &self,
        batch: &ClaimedBatch,
        snapshot: OrderSnapshot,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let mut uow = self.begin().await?;
        let loaded = uow.orders().load_claimed(batch).await?;
        let loaded = loaded.into_iter().next().context("the lease holds it")?;
        let wanted: Vec<_> = snapshot
            .lines
            .iter()
            .filter_map(|line| line.sku.clone())
            .collect();
        let skus = uow.catalogue().resolve(&wanted).await?;
        let variants: Vec<_> = wanted
            .iter()
            .filter_map(|sku| skus.resolve(sku).ok())
            .collect();
        let mut stock = uow.inventory().lock(&variants).await?;
        let decision = plan(PlanInput {
            sync: loaded.sync,
            key: OrderKey {
                connector: batch.connector,
                environment: batch.environment,
                order_sn: snapshot.order_sn.clone(),
            },
            profile: batch.profile.clone(),
            shop: examples::SHOP,
            existing: loaded.order,
            snapshot,
            skus: &skus,
            stock: &mut stock,
            tracking: &[],
            event: None,
            now,
            ids: &self.ids,
        });
        let Decision::Apply(plan) = decision else {
            anyhow::bail!("the order is to be applied, not {decision:?}");
        };
        uow.orders().apply(&[&plan], now).await?;
        uow.inventory().book(&plan.ledger).await?;
        let done = WorkResult::Done(EventOutcome::Applied);
        let mut reports = reports(batch, &done);
        for report in &mut reports {
            report.made = Some(MadeOrder {
                order: plan.order.id,
                escrow_due: plan.escrow_due,
            });
        }
        uow.inbox().finish(batch, &reports, now).await?;
        Ok(uow.commit().await?)
    }

    /// Until some session waits for another one.
    pub async fn wait_for_a_lock(&self) -> anyhow::Result<()> {
        wait_for_a_lock(&self.database).await
    }

    /// Runs a statement as the owner of the database with the default search path: what an operator
    /// does with `psql`.
    pub async fn psql(&self, statement: &'static str) -> anyhow::Result<u64> {
        let done = sqlx::query(statement).execute(self.database.pool()).await?;
        Ok(done.rows_affected())
    }
}
