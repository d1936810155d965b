//! Delivering alerts.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::exception::ErrorClass;
use hawker_domain::order::OrderStatus;
use hawker_ports::Store as _;
use hawker_ports::alerts::{AlertSink, SinkError};
use hawker_ports::testing::examples::{self, snapshot};
use hawker_ports::testing::{Counted, RecordingSink};
use hawker_usecases::{DeliverAlerts, TryAlerts};

use crate::world::World;

/// A world in which so many messages wait, each about a SKU of its own.
async fn with_messages(messages: u32) -> World {
    let world = World::new().await;
    for number in 0..messages {
        let mut order = snapshot(&format!("A{number}"), OrderStatus::ReadyToShip);
        order.lines = vec![examples::line("1", &format!("SKU-{number}"), 1)];
        world.change(order).await;
    }
    assert_eq!(world.tell_all().await, u64::from(messages));
    world
}

/// Delivers to another sink than the world's.
fn deliver_to(world: &World, sink: &Arc<RecordingSink>) -> DeliverAlerts {
    DeliverAlerts {
        sink: sink.clone(),
        ..world.deliver()
    }
}

#[tokio::test]
async fn an_alert_says_what_is_wrong_with_which_order() {
    let world = World::new().await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    world.tell_all().await;
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
    let world = with_messages(1).await;
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
async fn a_delivery_that_hangs_is_broken_off_and_everything_is_due_at_once() {
    let world = with_messages(2).await;
    let hanging = Arc::new(RecordingSink::default());
    hanging.hang();
    let deliver = deliver_to(&world, &hanging);
    let patience = std::future::ready(());
    let tried = deliver.run_until(&world.tenant, || false, patience).await;
    assert_eq!((tried.unwrap(), hanging.asked()), (0, 1));
    let tried = world.deliver().run(&world.tenant).await.unwrap();
    assert_eq!(tried, 2, "without waiting for a lease to end");
}

#[tokio::test]
async fn a_run_that_is_asked_to_stop_begins_no_further_alert() {
    let world = with_messages(2).await;
    let is_stopping = || !world.sink.delivered().is_empty();
    let patience = std::future::pending();
    let deliver = world.deliver();
    let tried = deliver
        .run_until(&world.tenant, is_stopping, patience)
        .await;
    assert_eq!(tried.unwrap(), 1);
    assert_eq!(deliver.run(&world.tenant).await.unwrap(), 1);
}

#[tokio::test]
async fn a_sink_is_given_no_more_than_its_pace_allows() {
    let world = with_messages(3).await;
    let slow = Arc::new(RecordingSink::with_pace(Duration::from_secs(3)));
    let began = world.now();
    let tried = deliver_to(&world, &slow).run(&world.tenant).await;
    assert_eq!((tried.unwrap(), slow.delivered().len()), (3, 3));
    // Also after the last: the next run may follow at once.
    assert_eq!(world.now() - began, TimeDelta::seconds(9));
}

#[tokio::test]
async fn a_sink_is_given_no_more_than_its_pace_allows_by_all_processes_together() {
    let world = with_messages(3).await;
    let slow = Arc::new(RecordingSink::with_pace(Duration::from_secs(3)));
    let began = world.now();
    // Another process gave it one just now.
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let pace = slow.pace();
    let alerts = uow.alerts();
    assert_eq!(
        alerts
            .take_turn(RecordingSink::NAME, pace, began)
            .await
            .unwrap(),
        began
    );
    uow.commit().await.unwrap();
    let deliver = deliver_to(&world, &slow);
    assert_eq!(deliver.run(&world.tenant).await.unwrap(), 0);
    assert_eq!(slow.asked(), 0);
    world.clock.set(began + TimeDelta::seconds(3));
    assert_eq!(deliver.run(&world.tenant).await.unwrap(), 3);
    assert_eq!(world.now() - began, TimeDelta::seconds(12));
}

#[tokio::test]
async fn what_one_process_was_asked_holds_for_the_other_that_has_alerts_in_hand() {
    let world = with_messages(2).await;
    let slow = Arc::new(RecordingSink::with_pace(Duration::from_secs(3)));
    let deliver = deliver_to(&world, &slow);
    // Telegram answered 429 to the other one after this one claimed: it is told between two alerts.
    let resting = async {
        let mut uow = world.store.begin(&world.tenant).await.unwrap();
        let until = world.now() + TimeDelta::minutes(2);
        uow.alerts().rest(RecordingSink::NAME, until).await.unwrap();
        uow.commit().await.unwrap();
    };
    let (tried, ()) = tokio::join!(deliver.run(&world.tenant), async {
        while slow.asked() == 0 {
            tokio::task::yield_now().await;
        }
        resting.await;
    });
    assert_eq!((tried.unwrap(), slow.asked()), (1, 1));
    world.clock.advance(TimeDelta::minutes(1));
    deliver.run(&world.tenant).await.unwrap();
    assert_eq!(slow.asked(), 1);
    world.clock.advance(TimeDelta::minutes(1));
    deliver.run(&world.tenant).await.unwrap();
    assert_eq!(slow.delivered().len(), 2, "given back, and not lost");
}

#[tokio::test]
async fn what_waits_for_a_sink_that_is_gone_goes_to_one_that_is_there() {
    let world = World::new().await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    let mut tell = world.alerting();
    tell.sinks = vec!["gone".into()];
    tell.run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::seconds(5));
    assert_eq!(tell.run(&world.tenant).await.unwrap(), 1);
    let tend = world.tending();
    assert_eq!(tend.run(&world.tenant).await.unwrap(), 0);
    world.clock.advance(TimeDelta::minutes(61));
    assert_eq!(tend.run(&world.tenant).await.unwrap(), 1);
    world.deliver().run(&world.tenant).await.unwrap();
    assert_eq!(world.sink.delivered().len(), 1);
}

#[tokio::test]
async fn what_was_told_long_ago_is_forgotten() {
    let world = with_messages(2).await;
    while world.deliver().run(&world.tenant).await.unwrap() > 0 {}
    let tend = world.tending();
    world.clock.advance(TimeDelta::days(30));
    assert_eq!(tend.run(&world.tenant).await.unwrap(), 0);
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(tend.run(&world.tenant).await.unwrap(), 2);
    assert_eq!(tend.run(&world.tenant).await.unwrap(), 0);
}

#[tokio::test]
async fn a_run_that_waits_for_its_pace_is_broken_off_without_losing_what_was_delivered() {
    let world = with_messages(3).await;
    let slow = Arc::new(RecordingSink::with_pace(Duration::from_secs(3)));
    let deliver = deliver_to(&world, &slow);
    // Patience ends after the first alert was taken.
    let patience = std::future::poll_fn(|_| {
        if slow.delivered().is_empty() {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    });
    let tried = deliver.run_until(&world.tenant, || false, patience).await;
    assert_eq!(tried.unwrap(), 1);
    assert_eq!(deliver.run(&world.tenant).await.unwrap(), 0, "too soon");
    world.clock.advance(TimeDelta::seconds(3));
    deliver.run(&world.tenant).await.unwrap();
    let mut taken: Vec<_> = slow.delivered().iter().map(|alert| alert.id).collect();
    taken.dedup();
    assert_eq!(taken.len(), 3, "each once");
}

#[tokio::test]
async fn a_sink_that_asks_to_be_left_alone_is() {
    let world = with_messages(3).await;
    let began = world.now();
    let after = Duration::from_secs(34);
    world.sink.fail_next(SinkError::Throttled { after });
    let tried = world.deliver().run(&world.tenant).await.unwrap();
    assert_eq!((tried, world.sink.asked()), (1, 1), "nobody asks again");
    world.clock.set(began + TimeDelta::seconds(33));
    world.deliver().run(&world.tenant).await.unwrap();
    assert_eq!(world.sink.asked(), 1);
    world.clock.set(began + TimeDelta::seconds(34));
    world.deliver().run(&world.tenant).await.unwrap();
    assert_eq!(world.sink.delivered().len(), 3, "nothing is lost");
    let counted = world.metrics.counted();
    assert!(counted.contains(&Counted::Alert(RecordingSink::NAME, "failed")));
}

#[tokio::test]
async fn a_sink_that_asks_for_a_week_is_asked_again_within_an_hour() {
    let world = with_messages(1).await;
    let after = Duration::from_hours(24 * 7);
    world.sink.fail_next(SinkError::Throttled { after });
    world.deliver().run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::hours(1));
    world.deliver().run(&world.tenant).await.unwrap();
    assert_eq!(world.sink.delivered().len(), 1);
}

#[tokio::test]
async fn a_sink_that_is_away_holds_up_no_other() {
    let world = World::new().await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    let mut tell = world.alerting();
    tell.sinks = vec!["elsewhere".into(), RecordingSink::NAME.into()];
    tell.run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::seconds(5));
    assert_eq!(tell.run(&world.tenant).await.unwrap(), 1);
    assert_eq!(world.backlog().await.alerts, 2, "one for each sink");
    world.deliver().run(&world.tenant).await.unwrap();
    assert_eq!(world.sink.delivered().len(), 1);
    assert_eq!(world.backlog().await.alerts, 1);
}

#[tokio::test]
async fn every_sink_is_tried_and_says_for_itself_whether_it_works() {
    let world = World::new().await;
    let (good, bad) = (
        Arc::new(RecordingSink::default()),
        Arc::new(RecordingSink::default()),
    );
    bad.fail_next(SinkError::Refused { status: 401 });
    let sinks: Vec<Arc<dyn AlertSink>> = vec![bad.clone(), good.clone()];
    let trial = TryAlerts {
        sinks,
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    };
    let results = trial.run().await;
    assert!(matches!(
        results[0],
        (_, Err(SinkError::Refused { status: 401 }))
    ));
    assert!(matches!(&results[1], (name, Ok(())) if name == RecordingSink::NAME));
    let payload = &good.delivered()[0].payload;
    assert_eq!(payload.details["kind"], "test");
    assert_eq!(world.backlog().await.alerts, 0, "nothing waits for it");
    assert!(world.open().await.is_empty(), "and nothing is wrong");
}
