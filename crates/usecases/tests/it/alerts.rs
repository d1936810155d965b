//! Delivering alerts.

use chrono::TimeDelta;
use hawker_domain::exception::ErrorClass;
use hawker_domain::order::OrderStatus;
use hawker_ports::alerts::SinkError;
use hawker_ports::testing::examples::{self, snapshot};

use crate::world::World;

#[tokio::test]
async fn an_alert_says_what_is_wrong_with_which_order() {
    let world = World::new().await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    world.deliver().run(&world.tenant).await.unwrap();
    let delivered = world.sink.delivered();
    assert_eq!(delivered.len(), 1);
    let payload = &delivered[0].payload;
    assert_eq!(
        (payload.error_class, payload.ordersn.as_deref()),
        (ErrorClass::SkuNotFound, Some("A1"))
    );
    assert_eq!(payload.shop_id, Some(examples::SHOP.0));
    assert!(
        payload.message.contains(examples::SKU),
        "{}",
        payload.message
    );
    assert!(payload.exception_id.starts_with("cex_"));
    assert!(
        payload
            .raw_event_id
            .as_deref()
            .is_some_and(|id| id.starts_with("srev_"))
    );
}

#[tokio::test]
async fn a_sink_that_cannot_be_reached_delays_an_alert_and_never_loses_it() {
    let world = World::new().await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    for _ in 0..3 {
        world.sink.fail_next(SinkError::Refused { status: 502 });
        world.deliver().run(&world.tenant).await.unwrap();
        world.clock.advance(TimeDelta::minutes(6));
    }
    assert!(world.sink.delivered().is_empty());
    world.deliver().run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::minutes(6));
    world.deliver().run(&world.tenant).await.unwrap();
    assert_eq!(world.sink.delivered().len(), 1, "and it is delivered once");
}

#[tokio::test]
async fn nothing_is_said_twice_while_an_exception_is_open() {
    let world = World::new().await;
    for seconds in 0..3 {
        let mut order = snapshot("A1", OrderStatus::ReadyToShip);
        order.updated_at += TimeDelta::seconds(seconds);
        world.change(order).await;
        world.deliver().run(&world.tenant).await.unwrap();
    }
    assert_eq!(world.sink.delivered().len(), 1);
}

#[tokio::test]
async fn a_delivery_that_hangs_is_broken_off_and_everything_is_due_at_once() {
    let world = World::new().await;
    for number in ["A1", "A2"] {
        world
            .change(snapshot(number, OrderStatus::ReadyToShip))
            .await;
    }
    let waiting = world.backlog().await.alerts;
    assert!(waiting > 1);
    let hanging = std::sync::Arc::new(hawker_ports::testing::RecordingSink::default());
    hanging.hang();
    let deliver = hawker_usecases::DeliverAlerts {
        sink: hanging.clone(),
        ..world.deliver()
    };
    let patience = std::future::ready(());
    let tried = deliver.run_until(&world.tenant, || false, patience).await;
    assert_eq!((tried.unwrap(), hanging.asked()), (0, 1));
    let tried = world.deliver().run(&world.tenant).await.unwrap();
    assert_eq!(
        i64::from(tried),
        waiting,
        "without waiting for a lease to end"
    );
}

#[tokio::test]
async fn a_run_that_is_asked_to_stop_begins_no_further_alert() {
    let world = World::new().await;
    for number in ["A1", "A2"] {
        world
            .change(snapshot(number, OrderStatus::ReadyToShip))
            .await;
    }
    let waiting = world.backlog().await.alerts;
    let is_stopping = || !world.sink.delivered().is_empty();
    let patience = std::future::pending();
    let deliver = world.deliver();
    let tried = deliver
        .run_until(&world.tenant, is_stopping, patience)
        .await;
    assert_eq!(tried.unwrap(), 1);
    let tried = deliver.run(&world.tenant).await.unwrap();
    assert_eq!(i64::from(tried), waiting - 1);
}
