//! Learning tracking numbers that no push told.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::event::{PushCode, PushContent, Tracking};
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_domain::token::TokenState;
use hawker_domain::{ConnectorName, Environment};
use hawker_ports::marketplace::MarketplaceError;
use hawker_ports::pushes::ReceivedPush;
use hawker_ports::testing::FakeParcelTracker;
use hawker_ports::testing::examples::{SHOP, noon, profile_id, snapshot};
use hawker_ports::{Store as _, StoreError};
use hawker_usecases::LearnTrackingNumbers;

use crate::world::{PROFILE, World, sn};

struct Counter {
    world: World,
    tracker: Arc<FakeParcelTracker>,
}

impl Counter {
    async fn new() -> Self {
        Self {
            world: World::with_stock(500).await,
            tracker: Arc::default(),
        }
    }

    /// A courier was asked for, and nothing else was told.
    async fn arranged(&self, number: &str) {
        self.world
            .change(snapshot(number, OrderStatus::Processed))
            .await;
    }

    fn learn(&self) -> LearnTrackingNumbers {
        LearnTrackingNumbers {
            store: self.world.store.clone(),
            tracker: self.tracker.clone(),
            tokens: Arc::new(self.world.tokens()),
            clock: self.world.clock.clone(),
            ids: self.world.ids.clone(),
        }
    }

    /// Looks once, and works on what came of it; answers how many parcels were looked at.
    async fn look(&self) -> u64 {
        let looked_at = self.learn().run(&self.world.tenant).await.unwrap();
        self.world.work().await;
        looked_at
    }

    async fn number(&self, number: &str) -> Option<String> {
        let [parcel] = self
            .world
            .order(number)
            .await
            .shipments
            .try_into()
            .expect("one parcel");
        parcel.tracking_number
    }

    fn calls(&self) -> usize {
        self.tracker.calls().len()
    }
}

/// The push that tells the number of an order's parcel.
fn push(world: &World, number: &str, tracking_number: &str) -> ReceivedPush {
    world.push(PushContent {
        code: PushCode::TRACKING_NUMBER.0,
        shop: Some(SHOP),
        order_sn: Some(sn(number)),
        tracking: Some(Tracking {
            package_number: format!("OFG{number}"),
            tracking_number: tracking_number.into(),
            is_pushed: true,
        }),
        content_key: format!("4:{number}:{tracking_number}"),
        is_json: true,
        ..PushContent::default()
    })
}

fn unavailable() -> MarketplaceError {
    MarketplaceError::Unavailable {
        endpoint: "order.get_package_detail",
        reason: "HTTP 502".into(),
        cause: None,
    }
}

#[tokio::test]
async fn a_number_that_no_push_told_is_asked_for_and_kept() {
    let counter = Counter::new().await;
    counter.arranged("A1").await;
    assert_eq!(counter.number("A1").await, None);
    counter.tracker.put(SHOP, "OFGA1", "SG1");
    assert_eq!(counter.look().await, 1);
    assert_eq!(counter.number("A1").await.as_deref(), Some("SG1"));
    let [call] = counter.tracker.calls().try_into().expect("one call");
    assert_eq!((call.profile, call.shop), (profile_id(PROFILE), SHOP));
    assert_eq!(call.packages, ["OFGA1"]);

    counter.world.clock.advance(TimeDelta::days(1));
    assert_eq!(counter.look().await, 0, "it is known");
    assert_eq!(counter.calls(), 1);
    assert!(counter.world.open().await.is_empty());
    let steps = counter.world.order("A1").await.timeline;
    let last = steps.last().expect("a step");
    assert_eq!(last.step, "shipment_updated", "as the push of it tells it");
}

#[tokio::test]
async fn without_a_parcel_that_waits_for_its_number_nobody_is_asked() {
    let counter = Counter::new().await;
    let world = &counter.world;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    counter.arranged("B2").await;
    let told = push(world, "B2", "SG2");
    world.receive().run(&world.tenant, &[told]).await.unwrap();
    world.work().await;
    assert_eq!(counter.look().await, 0);
    assert_eq!(counter.calls(), 0);
}

#[tokio::test]
async fn a_number_that_does_not_exist_yet_is_asked_for_less_and_less_and_is_nobodys_business() {
    let counter = Counter::new().await;
    counter.arranged("A1").await;
    // Its order changed at noon.
    for (minutes, calls) in [
        (0, 1),
        (29, 1),
        (30, 2),
        (60, 3),
        (119, 3),
        (120, 4),
        (240, 5),
    ] {
        let now = noon() + TimeDelta::minutes(minutes);
        counter.world.clock.advance(now - counter.world.now());
        counter.look().await;
        assert_eq!(counter.calls(), calls, "after {minutes} minutes");
    }
    assert!(counter.world.open().await.is_empty());
    assert_eq!(counter.number("A1").await, None);
    counter.tracker.put(SHOP, "OFGA1", "SG1");
    counter.world.clock.advance(TimeDelta::hours(4));
    counter.look().await;
    assert_eq!(counter.number("A1").await.as_deref(), Some("SG1"));
}

#[tokio::test]
async fn a_parcel_whose_order_has_not_changed_for_a_month_is_asked_for_no_more() {
    let counter = Counter::new().await;
    let old = OrderSnapshot {
        updated_at: noon() - TimeDelta::days(31),
        ..snapshot("A1", OrderStatus::Completed)
    };
    counter.world.change(old).await;
    assert_eq!(counter.look().await, 1);
    counter.world.clock.advance(TimeDelta::days(400));
    assert_eq!(counter.look().await, 0);
    assert_eq!(counter.calls(), 0);
}

#[tokio::test]
async fn a_number_that_a_push_brings_meanwhile_stands() {
    let counter = Counter::new().await;
    counter.arranged("A1").await;
    counter.tracker.put(SHOP, "OFGA1", "OLD");
    let world = &counter.world;
    let (receive, refresh, tenant) = (world.receive(), world.refresh(), world.tenant.clone());
    let newer = push(world, "A1", "NEW");
    counter.tracker.meanwhile(async move {
        receive.run(&tenant, &[newer]).await.unwrap();
        refresh.run(&tenant).await.unwrap();
    });
    counter.look().await;
    assert_eq!(counter.number("A1").await.as_deref(), Some("NEW"));

    let later = push(world, "A1", "NEWER");
    world.receive().run(&world.tenant, &[later]).await.unwrap();
    world.work().await;
    assert_eq!(counter.number("A1").await.as_deref(), Some("NEWER"));
}

#[tokio::test]
async fn fifty_parcels_are_one_call_and_a_failed_one_leaves_the_others_for_later() {
    let counter = Counter::new().await;
    for number in 0..120 {
        counter.arranged(&format!("A{number:03}")).await;
        let package = format!("OFGA{number:03}");
        counter.tracker.put(SHOP, &package, "SG1");
    }
    let calls = || counter.tracker.calls().into_iter();
    let asked = || calls().map(|call| call.packages.len()).collect::<Vec<_>>();
    let known = async || {
        let mut known = 0;
        for number in 0..120 {
            let number = counter.number(&format!("A{number:03}")).await;
            known += usize::from(number.is_some());
        }
        known
    };
    counter.tracker.fail_nth(2, unavailable());
    assert_eq!(counter.look().await, 120);
    assert_eq!(asked(), [50, 50]);
    assert_eq!(known().await, 50);
    counter.world.clock.advance(TimeDelta::minutes(29));
    assert_eq!(counter.look().await, 0);
    counter.world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(counter.look().await, 70);
    assert_eq!(asked(), [50, 50, 50, 20]);
    assert_eq!(known().await, 120);
}

#[tokio::test]
async fn parcels_that_were_not_asked_for_are_due_soon_however_old() {
    let counter = Counter::new().await;
    counter.arranged("A1").await;
    counter.tracker.put(SHOP, "OFGA1", "SG1");
    counter.world.clock.advance(TimeDelta::days(3));
    counter.tracker.fail_next(unavailable());
    counter.look().await;
    assert_eq!(counter.number("A1").await, None);
    counter.world.clock.advance(TimeDelta::minutes(30));
    counter.look().await;
    assert_eq!(counter.number("A1").await.as_deref(), Some("SG1"));
}

#[tokio::test]
async fn a_shop_that_is_blocked_is_not_asked_and_raises_nothing_more() {
    let counter = Counter::new().await;
    counter.arranged("A1").await;
    let mut uow = counter
        .world
        .store
        .begin(&counter.world.tenant)
        .await
        .unwrap();
    uow.tokens()
        .withdraw(
            ConnectorName::Shopee,
            Environment::Sandbox,
            &[SHOP],
            noon() + TimeDelta::hours(1),
            TokenState::Revoked,
            "the seller said so",
        )
        .await
        .unwrap();
    uow.commit().await.unwrap();
    assert_eq!(counter.look().await, 1);
    assert_eq!(counter.calls(), 0);
    assert!(counter.world.open().await.is_empty());
}

#[tokio::test]
async fn parcels_of_a_profile_that_is_not_in_force_are_not_asked_for() {
    let counter = Counter::new().await;
    counter.arranged("A1").await;
    let world = &counter.world;
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.profiles()
        .set_active_environment(ConnectorName::Shopee, Environment::Live)
        .await
        .unwrap();
    uow.commit().await.unwrap();
    assert_eq!(counter.look().await, 1);
    assert_eq!(counter.calls(), 0);
}

#[tokio::test]
async fn two_processes_that_look_at_once_ask_once() {
    let counter = Counter::new().await;
    counter.arranged("A1").await;
    counter.tracker.put(SHOP, "OFGA1", "SG1");
    let (other, tenant) = (counter.learn(), counter.world.tenant.clone());
    counter.tracker.meanwhile(async move {
        assert_eq!(other.run(&tenant).await.unwrap(), 0);
    });
    assert_eq!(counter.look().await, 1);
    assert_eq!(counter.calls(), 1);
    assert_eq!(counter.number("A1").await.as_deref(), Some("SG1"));
}

#[tokio::test]
async fn a_commit_that_met_a_conflict_is_done_again_without_a_second_call() {
    let counter = Counter::new().await;
    counter.arranged("A1").await;
    counter.tracker.put(SHOP, "OFGA1", "SG1");
    let store = counter.world.store.clone();
    counter.tracker.meanwhile(async move {
        store.fail_next_commit(StoreError::Conflict {
            entity: "event",
            cause: None,
        });
    });
    counter.look().await;
    assert_eq!(counter.number("A1").await.as_deref(), Some("SG1"));
    assert_eq!(counter.calls(), 1);
}
