//! Telling people of exceptions.

use chrono::{NaiveTime, TimeDelta};
use hawker_domain::Zone;
use hawker_domain::alert::{AlertPayload, NoticeKind, QuietHours};
use hawker_domain::order::OrderStatus;
use hawker_ports::StoreError;
use hawker_ports::alerts::SinkError;
use hawker_ports::testing::Counted;
use hawker_ports::testing::examples::{self, snapshot};

use crate::world::World;

/// What was told so far, oldest first: the kind and what it says.
async fn messages(world: &World) -> Vec<(String, AlertPayload)> {
    while world.deliver().run(&world.tenant).await.unwrap() > 0 {}
    let delivered = world.sink.delivered().into_iter();
    delivered
        .map(|alert| {
            let kind = alert.payload.details["kind"].as_str().unwrap().to_owned();
            (kind, alert.payload)
        })
        .collect()
}

async fn kinds(world: &World) -> Vec<String> {
    messages(world)
        .await
        .into_iter()
        .map(|(kind, _)| kind)
        .collect()
}

/// Looks every ten seconds for so long.
async fn pass(world: &World, time: TimeDelta) {
    let until = world.now() + time;
    while world.now() < until {
        world.alerting().run(&world.tenant).await.unwrap();
        world.clock.advance(TimeDelta::seconds(10));
    }
    world.alerting().run(&world.tenant).await.unwrap();
}

async fn hold(world: &World, number: &str) {
    world
        .change(snapshot(number, OrderStatus::ReadyToShip))
        .await;
}

#[tokio::test]
async fn nothing_is_said_twice_while_an_exception_is_open() {
    let world = World::new().await;
    for seconds in 0..3 {
        let mut order = snapshot("A1", OrderStatus::ReadyToShip);
        order.updated_at += TimeDelta::seconds(seconds);
        world.change(order).await;
        world.tell_all().await;
    }
    assert_eq!(kinds(&world).await, ["opened"]);
}

#[tokio::test]
async fn a_burst_of_equal_failures_is_one_message_with_a_count() {
    let world = World::new().await;
    for number in 0..200 {
        hold(&world, &format!("A{number}")).await;
    }
    assert_eq!(world.tell_all().await, 1);
    let [(kind, payload)] = messages(&world).await.try_into().unwrap();
    assert_eq!(kind, "opened");
    assert_eq!(payload.details["open"], 200);
    assert_eq!(payload.ordersn, None, "it is about all of them");
    assert_eq!(payload.details["orders"].as_array().unwrap().len(), 5);
    assert!(
        payload
            .message
            .ends_with("199 more are open for the same cause."),
        "{}",
        payload.message
    );
    let told = Counted::AlertTold(NoticeKind::Opened.as_str());
    assert!(world.metrics.counted().contains(&told));
}

#[tokio::test]
async fn what_comes_later_is_told_with_what_is_new_and_not_at_once() {
    let world = World::new().await;
    hold(&world, "A1").await;
    world.tell_all().await;
    for number in ["A2", "A3"] {
        pass(&world, TimeDelta::minutes(2)).await;
        hold(&world, number).await;
    }
    pass(&world, TimeDelta::minutes(5)).await;
    assert_eq!(kinds(&world).await, ["opened"]);
    pass(&world, TimeDelta::minutes(10)).await;
    let [_, (kind, payload)] = messages(&world).await.try_into().unwrap();
    assert_eq!(
        (kind.as_str(), &payload.details["open"]),
        ("more", &3.into())
    );
    assert!(
        payload.message.starts_with("2 new since"),
        "{}",
        payload.message
    );
}

#[tokio::test]
async fn it_is_told_when_it_is_over_once_that_lasts() {
    let world = World::new().await;
    hold(&world, "A1").await;
    world.tell_all().await;
    pass(&world, TimeDelta::minutes(20)).await;
    world.add_card(examples::SKU, 10).await;
    world.work().await;
    assert!(world.open().await.is_empty());
    let over_at = world.now();
    world.alerting().run(&world.tenant).await.unwrap();
    assert_eq!(kinds(&world).await, ["opened"]);
    pass(&world, TimeDelta::minutes(3)).await;
    let [_, (kind, payload)] = messages(&world).await.try_into().unwrap();
    assert_eq!((kind.as_str(), payload.occurred_at), ("recovered", over_at));
    pass(&world, TimeDelta::hours(30)).await;
    assert_eq!(kinds(&world).await.len(), 2, "and then it is quiet");
}

#[tokio::test]
async fn what_stays_open_is_told_every_day() {
    let world = World::new().await;
    hold(&world, "A1").await;
    world.tell_all().await;
    for _ in 0..(49 * 6) {
        world.clock.advance(TimeDelta::minutes(10));
        world.alerting().run(&world.tenant).await.unwrap();
        world.deliver().run(&world.tenant).await.unwrap();
    }
    assert_eq!(kinds(&world).await, ["opened", "reminder", "reminder"]);
}

#[tokio::test]
async fn the_night_is_quiet() {
    let world = World::new().await;
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let quiet = QuietHours {
        from: time(11),
        to: time(14),
        zone: Zone::Asia__Singapore,
    };
    let mut tell = world.alerting();
    tell.policy.quiet = Some(quiet);
    // Whoever sleeps from eleven to two in the daytime.
    hold(&world, "A1").await;
    for minutes in 0..119 {
        world
            .clock
            .set(examples::noon() + TimeDelta::minutes(minutes));
        assert_eq!(tell.run(&world.tenant).await.unwrap(), 0, "{minutes}");
    }
    world.clock.set(examples::noon() + TimeDelta::hours(2));
    assert_eq!(tell.run(&world.tenant).await.unwrap(), 1);
}

#[tokio::test]
async fn a_message_that_was_not_committed_is_composed_again() {
    let world = World::new().await;
    hold(&world, "A1").await;
    world.alerting().run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::seconds(5));
    world.store.fail_next_commit(StoreError::Poisoned);
    assert!(world.alerting().run(&world.tenant).await.is_err());
    let told = Counted::AlertTold(NoticeKind::Opened.as_str());
    assert!(!world.metrics.counted().contains(&told));
    assert_eq!(world.alerting().run(&world.tenant).await.unwrap(), 1);
    assert_eq!(kinds(&world).await, ["opened"]);
}

#[tokio::test]
async fn an_exception_stands_where_nobody_can_be_told() {
    let world = World::new().await;
    hold(&world, "A1").await;
    let mut tell = world.alerting();
    tell.sinks.clear();
    tell.run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::seconds(5));
    assert_eq!(tell.run(&world.tenant).await.unwrap(), 1);
    assert_eq!(world.backlog().await.alerts, 0);
    assert_eq!(world.open().await, ["sku_not_found"]);
}

#[tokio::test]
async fn several_processes_compose_each_message_once() {
    let world = World::new().await;
    for number in ["A1", "A2", "A3"] {
        hold(&world, number).await;
    }
    world.alerting().run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::seconds(5));
    let tell = world.alerting();
    let runs = futures_util::future::join_all((0..8).map(|_| tell.run(&world.tenant))).await;
    let told: u64 = runs.into_iter().map(Result::unwrap).sum();
    assert_eq!(told, 1);
}

/// Orders that are held, each for a SKU of its own.
async fn hold_each(world: &World, skus: std::ops::Range<u32>) {
    for number in skus {
        let mut order = snapshot(&format!("A{number}"), OrderStatus::ReadyToShip);
        order.lines = vec![examples::line("1", &format!("SKU-{number}"), 1)];
        world.change(order).await;
    }
}

#[tokio::test]
async fn three_hundred_skus_that_nobody_knows_are_one_message_and_one_reminder() {
    let world = World::new().await;
    hold_each(&world, 0..300).await;
    assert_eq!(world.tell_all().await, 1);
    let [(kind, payload)] = messages(&world).await.try_into().unwrap();
    assert_eq!(
        (kind.as_str(), &payload.details["causes"]),
        ("opened", &300.into())
    );
    assert_eq!(payload.details["worst"].as_array().unwrap().len(), 5);
    assert_eq!(payload.details["tenant"], world.tenant.as_str());
    for _ in 0..(25 * 6) {
        world.clock.advance(TimeDelta::minutes(10));
        world.alerting().run(&world.tenant).await.unwrap();
    }
    assert_eq!(kinds(&world).await, ["opened", "reminder"]);
}

#[tokio::test]
async fn causes_that_arise_one_after_the_other_are_a_few_messages() {
    let world = World::new().await;
    for number in 0..60 {
        hold_each(&world, number..number + 1).await;
        pass(&world, TimeDelta::seconds(10)).await;
    }
    pass(&world, TimeDelta::minutes(30)).await;
    let told = messages(&world).await;
    let causes = told.iter().map(|(_, told)| told.details.get("causes"));
    let causes: Vec<_> = causes
        .map(|causes| causes.and_then(serde_json::Value::as_u64))
        .collect();
    let together: u64 = causes.iter().flatten().sum();
    let alone = causes.iter().filter(|causes| causes.is_none());
    assert_eq!((alone.count(), together), (11, 49), "{causes:?}");
    assert_eq!(causes.len(), 12);
}

#[tokio::test]
async fn a_sink_that_was_away_hears_how_things_stand() {
    let world = World::new().await;
    hold(&world, "A1").await;
    world.tell_all().await;
    for number in ["A2", "A3"] {
        pass(&world, TimeDelta::minutes(16)).await;
        hold(&world, number).await;
        world.tell_all().await;
    }
    assert_eq!(
        world.backlog().await.alerts,
        1,
        "and not a message for each"
    );
    let [(kind, payload)] = messages(&world).await.try_into().unwrap();
    assert_eq!(
        (kind.as_str(), &payload.details["open"]),
        ("opened", &3.into())
    );
}

#[tokio::test]
async fn it_is_over_after_it_began_for_a_sink_that_fails() {
    let world = World::new().await;
    hold(&world, "A1").await;
    world.tell_all().await;
    // It is handed over and fails, again and again: its next try is minutes away.
    for _ in 0..5 {
        world.sink.fail_next(SinkError::Refused { status: 502 });
        world.deliver().run(&world.tenant).await.unwrap();
        world.clock.advance(TimeDelta::minutes(5));
    }
    world.add_card(examples::SKU, 10).await;
    world.work().await;
    pass(&world, TimeDelta::minutes(3)).await;
    pass(&world, TimeDelta::minutes(20)).await;
    assert_eq!(kinds(&world).await, ["recovered"], "nothing comes after it");
}

#[tokio::test]
async fn messages_about_many_do_not_pile_up_while_a_sink_is_away() {
    let world = World::new().await;
    hold_each(&world, 0..30).await;
    world.tell_all().await;
    for number in [30..45, 45..60] {
        pass(&world, TimeDelta::minutes(16)).await;
        hold_each(&world, number).await;
        pass(&world, TimeDelta::seconds(10)).await;
    }
    assert_eq!(world.backlog().await.alerts, 1);
    let [(kind, payload)] = messages(&world).await.try_into().unwrap();
    let told = (kind.as_str(), &payload.details["causes"]);
    assert_eq!(told, ("opened", &60.into()), "and nothing is left out");
}

#[tokio::test]
async fn what_is_over_meanwhile_is_not_among_what_a_sink_hears_to_be_open() {
    let world = World::new().await;
    hold_each(&world, 0..12).await;
    world.tell_all().await;
    world.add_card("SKU-3", 10).await;
    world.work().await;
    pass(&world, TimeDelta::minutes(20)).await;
    assert_eq!(world.backlog().await.alerts, 2, "one more of that one");
    hold_each(&world, 12..24).await;
    pass(&world, TimeDelta::minutes(20)).await;
    let told = messages(&world).await;
    let told: Vec<_> = told
        .iter()
        .map(|(kind, told)| (kind.as_str(), told.details.get("causes"), told.thread()))
        .collect();
    let [(first, causes, _), (second, alone, thread)] = told[..] else {
        panic!("{told:#?}");
    };
    assert_eq!((first, causes), ("opened", Some(&23.into())));
    assert_eq!((second, alone), ("recovered", None));
    assert!(thread.is_some_and(|thread| thread.starts_with("alth_")));
}

#[tokio::test]
async fn what_is_over_comes_after_the_message_about_many_that_told_of_it() {
    let world = World::new().await;
    hold_each(&world, 0..12).await;
    world.tell_all().await;
    // It is handed over and fails, again and again: its next try is later than when the other is told.
    for _ in 0..5 {
        world.sink.fail_next(SinkError::Refused { status: 502 });
        world.deliver().run(&world.tenant).await.unwrap();
        world.clock.advance(TimeDelta::minutes(5));
    }
    world.add_card("SKU-3", 10).await;
    world.work().await;
    world.alerting().run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::minutes(2));
    world.sink.fail_next(SinkError::Refused { status: 502 });
    world.deliver().run(&world.tenant).await.unwrap();
    assert_eq!(world.alerting().run(&world.tenant).await.unwrap(), 1);
    assert_eq!(world.backlog().await.alerts, 2);
    world.deliver().run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::minutes(6));
    let told = kinds(&world).await;
    assert_eq!(told, ["opened", "recovered"]);
}

#[tokio::test]
async fn what_another_process_tells_is_not_taken_back() {
    let world = World::new().await;
    hold(&world, "A1").await;
    let mut theirs = world.alerting();
    theirs.sinks = vec!["elsewhere".into()];
    theirs.run(&world.tenant).await.unwrap();
    world.clock.advance(TimeDelta::seconds(5));
    assert_eq!(theirs.run(&world.tenant).await.unwrap(), 1);
    pass(&world, TimeDelta::minutes(16)).await;
    hold(&world, "A2").await;
    assert_eq!(world.tell_all().await, 1);
    assert_eq!(world.backlog().await.alerts, 2);
    assert_eq!(kinds(&world).await, ["more"]);
}
