//! Forgetting old events.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use hawker_domain::event::{Disposition, EventOutcome, NewEvent};
use hawker_domain::order::OrderStatus;
use hawker_domain::schedule::Counts;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::progress::NoProgress;
use hawker_ports::testing::examples::{self, noon, snapshot};
use hawker_ports::testing::{InMemoryStore, SequentialIds};
use hawker_ports::views::{EventFilter, OrderDetail, PageRequest, Views as _};
use hawker_ports::{Progress, Store as _, StoreError};
use hawker_usecases::ForgetEvents;
use hawker_usecases::forget_events::{ForgetError, Keeping};

use crate::world::{PROFILE, World};

const KEEPING: Keeping = Keeping {
    processed: TimeDelta::days(90),
    unverified: TimeDelta::days(30),
};

fn forgetting(world: &World) -> ForgetEvents {
    ForgetEvents {
        store: world.store.clone(),
        tenants: world.store.clone(),
        clock: world.clock.clone(),
        sleeper: world.clock.clone(),
        keeping: KEEPING,
    }
}

async fn forgotten(world: &World) -> (u64, u64, u64) {
    let counts = forgetting(world).run(&NoProgress).await.unwrap();
    let of = |what| counts.of(what);
    (of("processed"), of("unverified"), of("kept"))
}

/// What is told on the way; asks to stop after so many words.
struct Listener {
    told: Mutex<Vec<u64>>,
    stops_after: usize,
}

impl Listener {
    fn patient_for(words: usize) -> Self {
        Self {
            told: Mutex::default(),
            stops_after: words,
        }
    }
}

impl Progress for Listener {
    fn tell(&self, counts: &Counts) {
        self.told.lock().unwrap().push(counts.of("processed"));
    }

    fn is_stopping(&self) -> bool {
        self.told.lock().unwrap().len() >= self.stops_after
    }
}

/// Stores events that were finished as they came, at a moment.
async fn record(store: &InMemoryStore, tenant: &TenantSlug, at: Timestamp, number: u32) {
    let ids = SequentialIds::from(1_000_000);
    let events: Vec<_> = (0..number)
        .map(|_| NewEvent {
            disposition: Disposition::Finished(EventOutcome::Recorded),
            ..examples::push(PROFILE, "250101ZZZ", at, &ids)
        })
        .collect();
    let mut uow = store.begin(tenant).await.unwrap();
    uow.inbox().store(&events).await.unwrap();
    uow.commit().await.unwrap();
}

async fn left(store: &InMemoryStore, tenant: &TenantSlug) -> usize {
    let all = PageRequest {
        limit: 500,
        after: None,
    };
    let found = store.events(tenant, &EventFilter::default(), &all).await;
    found.unwrap().rows.len()
}

#[tokio::test]
async fn an_order_outlives_the_events_that_told_of_it() {
    let world = World::with_stock(10).await;
    world
        .change(snapshot("250101AAA", OrderStatus::ReadyToShip))
        .await;
    let before = world.order("250101AAA").await;
    world.clock.advance(TimeDelta::days(90));
    assert_eq!(forgotten(&world).await, (0, 0, 0), "ninety days are kept");
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(forgotten(&world).await, (1, 0, 0));
    assert!(world.events().await.is_empty());
    let after = world.order("250101AAA").await;
    let told = |order: &OrderDetail| serde_json::to_value(order).unwrap();
    assert_eq!(told(&after), told(&before));
    assert_eq!(world.stock().reserved, 2);
}

/// An order that waits for its SKU is released by its event, however long that takes.
#[tokio::test]
async fn an_order_that_is_held_for_years_is_released_all_the_same() {
    let world = World::new().await;
    world
        .change(snapshot("250101AAA", OrderStatus::ReadyToShip))
        .await;
    world.clock.advance(TimeDelta::days(800));
    assert_eq!(forgotten(&world).await, (0, 0, 1));
    world.add_card(examples::SKU, 10).await;
    world.work().await;
    assert!(world.order("250101AAA").await.summary.order_id.is_some());
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn a_push_that_never_verified_makes_room_sooner() {
    let world = World::new().await;
    let mut forged = world.order_push(&snapshot("250101AAA", OrderStatus::ReadyToShip));
    forged.authorization = Some("another-key".into());
    let mut again = forged.clone();
    again.body.push(b' ');
    for push in [forged, again] {
        world.receive().run(&world.tenant, &[push]).await.unwrap();
        world.clock.advance(TimeDelta::minutes(1));
    }
    assert_eq!(world.events().await.len(), 2);
    world.clock.advance(TimeDelta::days(30));
    // The one that the open exception names is there for a person to look at.
    assert_eq!(forgotten(&world).await, (0, 1, 1));
    let named = world.exceptions("open").await[0].raw_event_id.clone();
    assert_eq!(Some(world.events().await[0].id.clone()), named);
}

/// Others get their turn in between.
#[tokio::test]
async fn a_large_inbox_is_gone_through_in_portions_with_pauses() {
    let world = World::new().await;
    record(&world.store, &world.tenant, noon(), 2_500).await;
    let began = world.clock.advance(TimeDelta::days(100));
    let listener = Listener::patient_for(usize::MAX);
    let counts = forgetting(&world).run(&listener).await.unwrap();
    assert_eq!((counts.of("processed"), counts.of("tenants")), (2_500, 1));
    let told = listener.told.lock().unwrap().clone();
    assert_eq!(told, [1_000, 2_000, 2_500, 2_500]);
    assert_eq!(world.now() - began, TimeDelta::milliseconds(100));
}

#[tokio::test]
async fn it_ends_after_the_portion_in_hand_and_the_next_run_goes_on() {
    let world = World::new().await;
    record(&world.store, &world.tenant, noon(), 1_500).await;
    world.clock.advance(TimeDelta::days(100));
    let stopped = forgetting(&world).run(&Listener::patient_for(1)).await;
    let Err(ForgetError::Stopped { counts }) = stopped else {
        panic!("told as: {stopped:?}");
    };
    assert_eq!(counts.of("processed"), 1_000);
    assert_eq!(forgotten(&world).await, (500, 0, 0));
}

#[tokio::test]
async fn a_tenant_that_fails_harms_no_other() {
    let mut world = World::new().await;
    let other = examples::tenant("other");
    let tenants = [world.tenant.clone(), other.clone()];
    world.store = Arc::new(InMemoryStore::with_tenants(tenants.clone()));
    for tenant in &tenants {
        record(&world.store, tenant, noon(), 3).await;
    }
    world.clock.advance(TimeDelta::days(100));
    let away = StoreError::Unavailable("connection reset".into());
    world.store.fail_next_begin(away);
    let error = forgetting(&world).run(&NoProgress).await.unwrap_err();
    assert!(error.is_passing());
    let told = error.of_tenants();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, world.tenant);
    assert!(told[0].1.contains("connection reset"), "{told:?}");
    assert!(error.to_string().contains("default"), "{error}");
    let ForgetError::Tenants { counts, .. } = error else {
        panic!("told as: {error:?}");
    };
    assert_eq!((counts.of("processed"), counts.of("tenants")), (3, 1));
    assert_eq!(left(&world.store, &world.tenant).await, 3);
    assert_eq!(left(&world.store, &other).await, 0);
}
