//! A person asks for one order.

use hawker_domain::channel::OrderKey;
use hawker_domain::event::{EventSource, NewEvent};
use hawker_domain::ids::ProfileId;
use hawker_domain::order::OrderStatus;
use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment};
use hawker_ports::Store as _;
use hawker_ports::marketplace::NormalizationError;
use hawker_ports::profiles::NewProfile;
use hawker_ports::testing::examples::{self, noon, snapshot};
use hawker_usecases::RefreshOneOrder;
use hawker_usecases::refresh_one_order::{AskError, AskedOrder};

use crate::operators::{anna, id, usual};
use crate::world::{World, sn};

impl World {
    async fn ask(&self, number: &str, profile: Option<&ProfileId>) -> Result<AskedOrder, AskError> {
        let refresh = RefreshOneOrder {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            connector: ConnectorName::Shopee,
        };
        refresh
            .ask(&self.tenant, &anna(), &sn(number), profile)
            .await
    }

    /// A profile of the live environment that knows an order.
    async fn with_live_order(self, number: &str) -> Self {
        let live = NewProfile {
            environment: Environment::Live,
            region: Region::Sg,
            ..examples::profile("prof_live")
        };
        let key = OrderKey {
            connector: ConnectorName::Shopee,
            environment: Environment::Live,
            order_sn: sn(number),
        };
        let source = EventSource::Manual;
        let hint = NewEvent::own_hint(&key, id("prof_live"), source, noon(), &*self.ids);
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        uow.profiles().save(&live, noon()).await.unwrap();
        uow.inbox().store(&[hint]).await.unwrap();
        uow.commit().await.unwrap();
        self.work().await;
        self
    }
}

#[tokio::test]
async fn an_order_that_nobody_knows_is_asked_for_through_the_active_profile() {
    let world = World::with_stock(5).await;
    world
        .marketplace
        .put(snapshot("A1", OrderStatus::ReadyToShip));
    let asked = world.ask("A1", None).await.unwrap();
    assert_eq!(asked.profile, usual());
    assert_eq!(asked.environment, Environment::Sandbox);
    let [event] = world.events().await.try_into().unwrap();
    assert_eq!(event.id, asked.event.to_string());
    assert_eq!(event.source, "manual");
    world.work().await;
    world.order("A1").await;

    let log = world.store.audit_log(&world.tenant).unwrap();
    let entry = log.last().unwrap();
    assert_eq!(
        (entry.action, entry.subject.as_str()),
        ("order.refresh_asked", "order:A1")
    );
    assert_eq!(entry.actor, anna());
    assert_eq!(entry.details["profile"], usual().as_str());
}

#[tokio::test]
async fn asking_again_fetches_again() {
    let world = World::with_stock(5).await;
    world
        .marketplace
        .put(snapshot("A1", OrderStatus::ReadyToShip));
    for calls in [1, 2] {
        world.ask("A1", None).await.unwrap();
        world.work().await;
        assert_eq!(world.marketplace.calls().len(), calls);
    }
}

#[tokio::test]
async fn what_was_given_up_is_tried_again_with_it() {
    let world = World::with_stock(5).await;
    let unreadable = NormalizationError {
        field: "create_time".into(),
        fault: "missing".into(),
    };
    let push = world.order_push(&snapshot("A1", OrderStatus::ReadyToShip));
    world.marketplace.put_unreadable(sn("A1"), unreadable);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    world.work().await;
    world
        .marketplace
        .put(snapshot("A1", OrderStatus::ReadyToShip));
    world.ask("A1", None).await.unwrap();
    world.work().await;
    assert!(world.events().await.iter().all(|event| event.processed));
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn an_order_is_asked_for_through_the_profile_that_knows_it() {
    let world = World::with_stock(5).await.with_live_order("L1").await;
    let asked = world.ask("L1", None).await.unwrap();
    assert_eq!(asked.profile, id("prof_live"));
    assert_eq!(asked.environment, Environment::Live);
}

#[tokio::test]
async fn of_a_number_that_both_environments_know_a_profile_has_to_be_named() {
    let world = World::with_stock(5).await.with_live_order("A1").await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    let error = world.ask("A1", None).await.unwrap_err();
    let told = error.to_string();
    assert!(matches!(error, AskError::Ambiguous { .. }), "{told}");
    assert!(
        told.contains("prof_live") && told.contains("prof_sandbox"),
        "{told}"
    );
    let asked = world.ask("A1", Some(&usual())).await.unwrap();
    assert_eq!(asked.environment, Environment::Sandbox);
}

#[tokio::test]
async fn a_profile_that_does_not_exist_is_named_and_nothing_is_asked_for() {
    let world = World::with_stock(5).await;
    let error = world.ask("A1", Some(&id("prof_gone"))).await.unwrap_err();
    assert!(matches!(error, AskError::NoSuchProfile(_)), "{error}");
    assert!(world.events().await.is_empty());
    assert!(world.store.audit_log(&world.tenant).unwrap().is_empty());
}
