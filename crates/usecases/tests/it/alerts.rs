//! Delivering alerts.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::TenantSlug;
use hawker_domain::alert::Alert;
use hawker_domain::audit::Actor;
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::{ExceptionId, RetryBatchId};
use hawker_domain::order::OrderStatus;
use hawker_ports::alerts::{AlertSink, SinkError, SinkTurns as _};
use hawker_ports::testing::examples::{self, snapshot};
use hawker_ports::testing::{Counted, InMemoryStore, RecordingSink};
use hawker_ports::views::{AuditFilter, PageRequest, Views as _};
use hawker_ports::{Store as _, StoreError};
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
    let turn = world.store.take(RecordingSink::NAME, slow.pace(), began);
    assert_eq!(turn.await.unwrap(), began);
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
        let until = world.now() + TimeDelta::minutes(2);
        world.store.rest(RecordingSink::NAME, until).await.unwrap();
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
async fn threads_and_retries_of_long_ago_are_forgotten() {
    let world = with_messages(2).await;
    let id = world.exceptions("open").await[0].id.clone();
    let retried: ExceptionId = id.parse().unwrap();
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let batch = RetryBatchId::fresh(&*world.ids);
    let desk = uow.exception_desk();
    desk.note_retry(batch, &[retried], world.now())
        .await
        .unwrap();
    uow.commit().await.unwrap();
    let tend = world.tending();
    // One is over, and its thread is forgotten once that was told. The other stays.
    world.add_card("SKU-0", 10).await;
    world.work().await;
    world.alerting().run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::days(31));
    assert_eq!(tend.run(&world.tenant).await.unwrap(), 0, "it is owed");
    world.alerting().run(&world.tenant).await.unwrap();
    assert_eq!(tend.run(&world.tenant).await.unwrap(), 1);
    world.clock.advance(TimeDelta::days(60));
    assert_eq!(tend.run(&world.tenant).await.unwrap(), 1, "the retry");
    assert_eq!(tend.run(&world.tenant).await.unwrap(), 0);
}

#[tokio::test]
async fn processes_with_different_sinks_are_told_of() {
    let world = World::new().await;
    let tend = world.tending();
    let turns = &world.store;
    let others = async |minutes: i64| {
        let now = examples::noon() + TimeDelta::minutes(minutes);
        tend.compare_sinks(now).await.unwrap()
    };
    let look = async |sink: &str, minutes: i64| {
        let now = examples::noon() + TimeDelta::minutes(minutes);
        turns.look(sink, now).await.unwrap();
    };
    // The process whose place this one took served another sink, and is gone.
    look("log", 1).await;
    look(RecordingSink::NAME, 1).await;
    assert!(others(1).await.is_empty());
    look(RecordingSink::NAME, 10).await;
    look("telegram", 9).await;
    assert_eq!(others(10).await, ["telegram"]);
    assert!(others(20).await.is_empty());
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

/// The bot that writes to their chats is one, and so is its limit.
#[tokio::test]
async fn a_sink_that_asks_to_be_left_alone_is_by_every_tenant() {
    let mut world = World::new().await;
    let other: TenantSlug = "other".parse().unwrap();
    world.store = Arc::new(InMemoryStore::with_tenants([
        world.tenant.clone(),
        other.clone(),
    ]));
    for tenant in [&world.tenant, &other] {
        let trial = Alert::of_trial(RecordingSink::NAME, world.now(), &*world.ids);
        let mut uow = world.store.begin(tenant).await.unwrap();
        uow.alerts().enqueue(&[trial], world.now()).await.unwrap();
        uow.commit().await.unwrap();
    }
    let after = Duration::from_secs(34);
    world.sink.fail_next(SinkError::Throttled { after });
    let deliver = world.deliver();
    assert_eq!(deliver.run(&world.tenant).await.unwrap(), 1);
    assert_eq!(deliver.run(&other).await.unwrap(), 0);
    assert_eq!(world.sink.asked(), 1);
    world.clock.advance(TimeDelta::seconds(34));
    assert_eq!(deliver.run(&other).await.unwrap(), 1);
    assert_eq!(deliver.run(&world.tenant).await.unwrap(), 1);
    assert_eq!(world.sink.delivered().len(), 2);
}

/// Takes an alert, and then the store fails.
struct HeardAndNotKept(Arc<RecordingSink>, Arc<InMemoryStore>);

#[async_trait]
impl AlertSink for HeardAndNotKept {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    async fn deliver(&self, alert: &Alert) -> Result<(), SinkError> {
        self.1.fail_next_commit(StoreError::Poisoned);
        self.0.deliver(alert).await
    }
}

#[tokio::test]
async fn what_was_heard_and_is_not_kept_as_such_is_not_taken_back() {
    let world = World::new().await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    world.tell_all().await;
    let sink = HeardAndNotKept(world.sink.clone(), world.store.clone());
    let deliver = DeliverAlerts {
        sink: Arc::new(sink),
        ..world.deliver()
    };
    assert!(deliver.run(&world.tenant).await.is_err());
    world.clock.advance(TimeDelta::minutes(16));
    world.change(snapshot("A2", OrderStatus::ReadyToShip)).await;
    world.tell_all().await;
    while world.deliver().run(&world.tenant).await.unwrap() > 0 {}
    let heard: Vec<_> = world.sink.delivered();
    let [first, again, more] = heard.as_slice() else {
        panic!("{heard:#?}");
    };
    assert_eq!(first, again, "one that came twice is known by its id");
    assert_eq!(more.payload.details["kind"], "more");
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
        store: world.store.clone(),
        sinks,
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    };
    let tried = trial.run(&world.tenant, &Actor::terminal()).await;
    let results = tried.sinks;
    assert!(matches!(
        results[0],
        (_, Err(SinkError::Refused { status: 401 }))
    ));
    assert!(matches!(&results[1], (name, Ok(())) if name == RecordingSink::NAME));
    let payload = &good.delivered()[0].payload;
    assert_eq!(payload.details["kind"], "test");
    assert_eq!(world.backlog().await.alerts, 0, "nothing waits for it");
    assert!(world.open().await.is_empty(), "and nothing is wrong");
    tried.recorded.unwrap();
    let page = PageRequest {
        limit: 10,
        after: None,
    };
    let filter = AuditFilter::default();
    let log = world.store.audit(&world.tenant, &filter, &page);
    let entries = log.await.unwrap().page.rows;
    let entry = entries.first().expect("an entry");
    assert_eq!(entry.action, "alerts.tested");
    assert_eq!(entry.actor, "terminal");
    assert_eq!(entry.details["taken"], serde_json::json!(["recording"]));
    assert_eq!(entry.details["failed"], serde_json::json!(["recording"]));
}
