//! What the behaviours are tried on: two profiles, and short words for the steps of the work.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::catalogue::Sku;
use hawker_domain::channel::OrderKey;
use hawker_domain::event::{EventOutcome, NewEvent, Tracking};
use hawker_domain::ids::{EventId, LeaseId, LedgerEntryId, LocationId, ProductId, VariantId};
use hawker_domain::inventory::{LedgerCause, LedgerEntry, Movement, Stock, StockLevel};
use hawker_domain::order::{Decision, Order, OrderSnapshot, Plan, PlanInput, plan};
use hawker_domain::{ConnectorName, Environment, OrderSn, TenantSlug, Timestamp};

use super::StoreFixture;
use crate::catalogue::NewVariant;
use crate::inbox::{
    ClaimRequest, ClaimedBatch, MadeOrder, OrderReport, SeenOrder, StoredAs, WorkResult,
};
use crate::inventory::NewLocation;
use crate::orders::LoadedOrder;
use crate::profiles::Profile;
use crate::testing::examples::{self, after_noon, noon, order_sn, sku};
use crate::testing::{SequentialIds, examples::profile_id};
use crate::tokens::{NewToken, StoredToken, TokenKey};
use crate::views::Views;
use crate::{Store, StoreError, UnitOfWork};

/// The profile that most events are for.
pub(super) const PROFILE: &str = "scp_first";
/// Another profile of the same environment.
pub(super) const OTHER_PROFILE: &str = "scp_second";

/// The profile of the other tenant.
pub(super) const THEIR_PROFILE: &str = "scp_theirs";

/// How long the claims of the bench last.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(60);

/// A store with two profiles.
pub(super) struct Bench {
    pub(super) store: Arc<dyn Store>,
    pub(super) views: Arc<dyn Views>,
    pub(super) tenant: TenantSlug,
    pub(super) ids: SequentialIds,
}

/// A time that is past by any clock, so that whatever is due is due.
pub(super) fn some_day() -> Timestamp {
    noon() + TimeDelta::days(365 * 100)
}

impl Bench {
    pub(super) async fn new(fixture: &dyn StoreFixture) -> Result<Self, StoreError> {
        let bench = Self::bare(fixture);
        let mut uow = bench.begin().await?;
        for profile in [PROFILE, OTHER_PROFILE] {
            uow.profiles()
                .save(&examples::profile(profile), noon())
                .await?;
        }
        uow.commit().await?;
        Ok(bench)
    }

    /// Without any profile.
    pub(super) fn bare(fixture: &dyn StoreFixture) -> Self {
        Self {
            store: fixture.store(),
            views: fixture.views(),
            tenant: fixture.tenant(),
            ids: SequentialIds::default(),
        }
    }

    /// The bench of another tenant, with one profile of its own.
    pub(super) async fn of_other_tenant(fixture: &dyn StoreFixture) -> Result<Self, StoreError> {
        let theirs = Self {
            tenant: fixture.other_tenant(),
            // Ids of their own: nothing is told apart by them.
            ids: SequentialIds::from(500_000),
            ..Self::bare(fixture)
        };
        let mut uow = theirs.begin().await?;
        uow.profiles()
            .save(&examples::profile(THEIR_PROFILE), noon())
            .await?;
        uow.commit().await?;
        Ok(theirs)
    }

    pub(super) async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.store.begin(&self.tenant).await
    }

    /// A genuine push of the first profile, received so many seconds after noon.
    pub(super) fn push(&self, number: &str, seconds: i64) -> NewEvent {
        examples::push(PROFILE, number, after_noon(seconds), &self.ids)
    }

    /// The event under another id, as a repeat arrives.
    pub(super) fn again(&self, event: &NewEvent) -> NewEvent {
        NewEvent {
            id: EventId::fresh(&self.ids),
            ..event.clone()
        }
    }

    pub(super) async fn store(&self, events: &[NewEvent]) -> Result<Vec<StoredAs>, StoreError> {
        let mut uow = self.begin().await?;
        let stored = uow.inbox().store(events).await?;
        uow.commit().await?;
        Ok(stored)
    }

    pub(super) fn request(&self, now: Timestamp) -> ClaimRequest {
        ClaimRequest {
            lease: LeaseId::fresh(&self.ids),
            now,
            lease_until: now + LEASE,
            orders_max: 50,
            except: Vec::new(),
        }
    }

    pub(super) async fn claim_as(
        &self,
        request: &ClaimRequest,
    ) -> Result<Option<ClaimedBatch>, StoreError> {
        let mut uow = self.begin().await?;
        let batch = uow.inbox().claim(request).await?;
        uow.commit().await?;
        Ok(batch)
    }

    pub(super) async fn claim(&self, now: Timestamp) -> Result<Option<ClaimedBatch>, StoreError> {
        self.claim_as(&self.request(now)).await
    }

    /// Claims what must be there.
    pub(super) async fn must_claim(&self, now: Timestamp) -> Result<ClaimedBatch, StoreError> {
        let batch = self.claim(now).await?;
        Ok(batch.expect("there is work to claim"))
    }

    /// The numbers of the orders that a claim takes; none when there is nothing to claim.
    pub(super) async fn claimed(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        Ok(self
            .claim(now)
            .await?
            .map_or_else(Vec::new, |batch| numbers(&batch)))
    }

    /// Reports the same of every order of a batch.
    pub(super) async fn finish(
        &self,
        batch: &ClaimedBatch,
        result: &WorkResult,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut uow = self.begin().await?;
        uow.inbox()
            .finish(batch, &reports(batch, result), now)
            .await?;
        uow.commit().await
    }

    pub(super) async fn load(&self, batch: &ClaimedBatch) -> Result<Vec<LoadedOrder>, StoreError> {
        let mut uow = self.begin().await?;
        uow.orders().load_claimed(batch).await
    }

    /// Adds a variant with its SKU; nothing lies anywhere.
    pub(super) async fn add_variant(&self, text: &str) -> Result<VariantId, StoreError> {
        let mut uow = self.begin().await?;
        let added = uow
            .catalogue()
            .add_variants(&[self.variant(text)], noon())
            .await?;
        uow.commit().await?;
        Ok(added[0].0)
    }

    pub(super) fn variant(&self, text: &str) -> NewVariant {
        NewVariant {
            product: ProductId::fresh(&self.ids),
            variant: VariantId::fresh(&self.ids),
            sku: sku(text),
            title: format!("Card {text}"),
            price: None,
        }
    }

    /// Adds a place that is used up before the one that a tenant starts with.
    pub(super) async fn add_location(
        &self,
        code: &str,
        priority: i32,
    ) -> Result<LocationId, StoreError> {
        let mut uow = self.begin().await?;
        let location = NewLocation {
            id: LocationId::fresh(&self.ids),
            code: code.into(),
            name: code.into(),
            priority,
        };
        let id = uow.inventory().add_location(&location, noon()).await?;
        uow.commit().await?;
        Ok(id)
    }

    pub(super) fn receipt(
        &self,
        variant: VariantId,
        location: LocationId,
        pieces: i64,
    ) -> LedgerEntry {
        LedgerEntry {
            id: LedgerEntryId::fresh(&self.ids),
            variant,
            location,
            movement: Movement::Receive,
            on_hand_delta: pieces,
            reserved_delta: 0,
            cause: LedgerCause::Stated {
                by: "contract".into(),
                reason: "delivery".into(),
            },
            at: noon(),
        }
    }

    pub(super) async fn book(&self, entry: LedgerEntry) -> Result<(), StoreError> {
        let mut uow = self.begin().await?;
        uow.inventory().book(&[entry]).await?;
        uow.commit().await
    }

    pub(super) async fn stock(&self, variants: &[VariantId]) -> Result<Stock, StoreError> {
        let mut uow = self.begin().await?;
        uow.inventory().lock(variants).await
    }

    pub(super) async fn level(
        &self,
        variant: VariantId,
        location: LocationId,
    ) -> Result<StockLevel, StoreError> {
        Ok(self.stock(&[variant]).await?.level(variant, location))
    }

    pub(super) async fn keep(&self, token: &NewToken, now: Timestamp) -> Result<(), StoreError> {
        let mut uow = self.begin().await?;
        uow.tokens().keep(token, now).await?;
        uow.commit().await
    }

    /// A profile that must be there, deleted or not.
    pub(super) async fn profile(&self, id: &str) -> Result<Profile, StoreError> {
        let mut uow = self.begin().await?;
        let profile = uow.profiles().find(&profile_id(id)).await?;
        Ok(profile.expect("the profile exists"))
    }

    pub(super) async fn put(&self, profile: &Profile, now: Timestamp) -> Result<(), StoreError> {
        let mut uow = self.begin().await?;
        uow.profiles().put(profile, now).await?;
        uow.commit().await
    }

    /// A pair that must be there.
    pub(super) async fn pair(&self, key: TokenKey) -> Result<StoredToken, StoreError> {
        let mut uow = self.begin().await?;
        let pair = uow.tokens().find(key).await?;
        Ok(pair.expect("the shop has a pair"))
    }

    /// Takes an order through the whole work: push, claim, load, plan, apply, finish. Answers the
    /// plan that was applied.
    pub(super) async fn refresh(
        &self,
        snapshot: OrderSnapshot,
        seconds: i64,
    ) -> Result<Plan, StoreError> {
        self.refresh_tracked(snapshot, seconds, &[]).await
    }

    /// The same with tracking numbers that came beside the snapshot.
    pub(super) async fn refresh_tracked(
        &self,
        snapshot: OrderSnapshot,
        seconds: i64,
        tracking: &[Tracking],
    ) -> Result<Plan, StoreError> {
        let now = after_noon(seconds);
        let (number, seen) = (snapshot.order_sn.clone(), seen(&snapshot));
        self.store(&[self.push(number.as_str(), seconds)]).await?;
        let batch = self.must_claim(now).await?;
        let mut uow = self.begin().await?;
        let loaded = uow.orders().load_claimed(&batch).await?;
        let loaded = only(loaded, &number);
        let plan = self
            .plan(&mut *uow, loaded, snapshot, tracking, now)
            .await?;
        uow.orders().apply(&[&plan], now).await?;
        uow.inventory().book(&plan.ledger).await?;
        let done = WorkResult::Done(EventOutcome::Applied);
        let mut reports = reports(&batch, &done);
        for report in &mut reports {
            report.seen = Some(seen.clone());
            report.made = Some(MadeOrder {
                order: plan.order.id,
                escrow_due: plan.escrow_due,
            });
        }
        uow.inbox().finish(&batch, &reports, now).await?;
        uow.commit().await?;
        Ok(plan)
    }

    pub(super) async fn plan(
        &self,
        uow: &mut dyn UnitOfWork,
        loaded: LoadedOrder,
        snapshot: OrderSnapshot,
        tracking: &[Tracking],
        now: Timestamp,
    ) -> Result<Plan, StoreError> {
        let wanted: Vec<Sku> = snapshot
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
            key: key(snapshot.order_sn.as_str()),
            profile: profile_id(PROFILE),
            shop: examples::SHOP,
            existing: loaded.order,
            snapshot,
            skus: &skus,
            stock: &mut stock,
            tracking,
            event: None,
            now,
            ids: &self.ids,
        });
        match decision {
            Decision::Apply(plan) => Ok(*plan),
            other => panic!("the order is to be applied, not {other:?}"),
        }
    }

    /// The order as the store has it now, by a claim that is given back.
    pub(super) async fn stored_order(
        &self,
        number: &str,
        seconds: i64,
    ) -> Result<Option<Order>, StoreError> {
        self.store(&[self.push(number, seconds)]).await?;
        let batch = self.must_claim(after_noon(seconds)).await?;
        let loaded = only(self.load(&batch).await?, &order_sn(number));
        self.finish(
            &batch,
            &WorkResult::Done(EventOutcome::Unchanged),
            after_noon(seconds),
        )
        .await?;
        Ok(loaded.order)
    }
}

/// The key of the sandbox order with this number.
pub(super) fn key(number: &str) -> OrderKey {
    OrderKey {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        order_sn: order_sn(number),
    }
}

pub(super) fn numbers(batch: &ClaimedBatch) -> Vec<String> {
    batch
        .orders
        .iter()
        .map(|order| order.order_sn.to_string())
        .collect()
}

pub(super) fn reports(batch: &ClaimedBatch, result: &WorkResult) -> Vec<OrderReport> {
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

/// What the marketplace said, as it is kept on the record of an order.
pub(super) fn seen(snapshot: &OrderSnapshot) -> SeenOrder {
    SeenOrder {
        status: snapshot.status.clone(),
        updated_at: snapshot.updated_at,
        placed_at: snapshot.created_at,
        ship_by: snapshot.ship_by,
        currency: snapshot.currency,
        total: snapshot.total,
    }
}

fn only(loaded: Vec<LoadedOrder>, number: &OrderSn) -> LoadedOrder {
    let mut loaded = loaded.into_iter();
    match (loaded.next(), loaded.next()) {
        (Some(order), None) if order.order_sn == *number => order,
        other => panic!("order {number} alone is to be loaded, not {other:?}"),
    }
}
