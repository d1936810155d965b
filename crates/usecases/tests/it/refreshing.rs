//! Bringing orders up to date.

use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::audit::Actor;
use hawker_domain::event::{PushCode, PushContent, Tracking};
use hawker_domain::order::OrderStatus;
use hawker_ports::marketplace::{MarketplaceError, NormalizationError};
use hawker_ports::testing::AuthCall;
use hawker_ports::testing::examples::{self, snapshot};
use hawker_ports::{Store as _, StoreError};
use hawker_usecases::refresh_orders::Refreshed;

use crate::world::{World, ids, sn};

fn unavailable() -> MarketplaceError {
    MarketplaceError::Unavailable {
        endpoint: "order.get_order_detail",
        reason: "time-out".into(),
        cause: None,
    }
}

fn refused(code: &str) -> MarketplaceError {
    MarketplaceError::TokenInvalid {
        endpoint: "order.get_order_detail",
        code: code.into(),
        message: "Invalid access_token.".into(),
        request_id: None,
    }
}

#[tokio::test]
async fn a_push_becomes_an_order_with_its_stock_reserved() {
    let world = World::with_stock(5).await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    let order = world.order("A1").await;
    assert_eq!(order.summary.sync_status, "created");
    assert_eq!(order.summary.payment_status.as_deref(), Some("captured"));
    assert_eq!((world.stock().on_hand, world.stock().reserved), (5, 2));
    assert!(world.events().await.iter().all(|event| event.processed));
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn an_order_goes_through_its_whole_life() {
    let world = World::with_stock(5).await;
    let life = [
        OrderStatus::Unpaid,
        OrderStatus::ReadyToShip,
        OrderStatus::Processed,
        OrderStatus::Shipped,
        OrderStatus::ToConfirmReceive,
        OrderStatus::Completed,
    ];
    for (step, status) in (0..).zip(life) {
        let updated_at = examples::after_noon(step);
        world
            .change(hawker_domain::order::OrderSnapshot {
                updated_at,
                ..snapshot("A1", status)
            })
            .await;
    }
    let order = world.order("A1").await;
    let steps: Vec<_> = order.timeline.iter().map(|row| row.step.as_str()).collect();
    let expected = [
        "created",
        "payment_captured",
        "shipment_created",
        "shipment_updated",
        "fulfilled",
        "shipment_updated",
        "completed",
    ];
    assert_eq!(steps, expected);
    assert_eq!((world.stock().on_hand, world.stock().reserved), (3, 0));
    assert!(
        world
            .store
            .escrow_due_at(&world.tenant, &sn("A1"))
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn an_order_with_an_unknown_sku_is_held_and_released_when_the_sku_appears() {
    let world = World::new().await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    let held = world.order("A1").await;
    assert_eq!(held.summary.hold.as_deref(), Some("mapping"));
    assert_eq!(
        held.summary.ship_by,
        snapshot("A1", OrderStatus::ReadyToShip).ship_by
    );
    assert_eq!(world.open().await, ["sku_not_found"]);
    assert!(world.events().await.iter().all(|event| !event.processed));

    world.add_card(examples::SKU, 5).await;
    world.work().await;
    let released = world.order("A1").await;
    assert_eq!(
        (
            released.summary.hold.as_deref(),
            released.summary.sync_status.as_str()
        ),
        (None, "created")
    );
    assert!(world.open().await.is_empty());
    assert_eq!(
        world.exceptions("resolved").await[0].resolved_by.as_deref(),
        Some("hawker")
    );
    assert_eq!(world.stock().reserved, 2);
}

#[tokio::test]
async fn fifty_retries_of_one_failure_are_one_exception_with_a_count() {
    let world = World::new().await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    let event = world.events().await[0].id.parse().unwrap();
    let retry = hawker_usecases::RetryEvent {
        store: world.store.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    };
    for _ in 0..50 {
        retry
            .run(&world.tenant, &Actor::terminal(), event)
            .await
            .unwrap();
        world.work().await;
    }
    let open = world.exceptions("open").await;
    assert_eq!((open.len(), open[0].retry_count), (1, 50));
    let log = world.store.audit_log(&world.tenant).unwrap();
    let retries = log.iter().filter(|entry| entry.action == "event.retried");
    assert_eq!(retries.count(), 50, "who asked for it is on record");
    assert_eq!(world.tell_all().await, 1);
}

#[tokio::test]
async fn several_pushes_of_one_order_are_one_call_and_one_piece_of_work() {
    let world = World::with_stock(5).await;
    let unpaid = snapshot("A1", OrderStatus::Unpaid);
    let mut paid = snapshot("A1", OrderStatus::ReadyToShip);
    paid.updated_at += TimeDelta::seconds(5);
    let batch = [world.order_push(&paid), world.order_push(&unpaid)];
    world.marketplace.put(paid);
    world.receive().run(&world.tenant, &batch).await.unwrap();
    world.work().await;
    assert_eq!(world.marketplace.calls().len(), 1);
    assert_eq!(world.marketplace.calls()[0].orders, [sn("A1")]);
    assert!(world.events().await.iter().all(|event| event.processed));
}

#[tokio::test]
async fn a_push_that_arrives_while_the_marketplace_is_asked_is_worked_on_afterwards() {
    let world = World::with_stock(5).await;
    let unpaid = snapshot("A1", OrderStatus::Unpaid);
    let mut paid = snapshot("A1", OrderStatus::ReadyToShip);
    paid.updated_at += TimeDelta::seconds(5);
    let push = world.order_push(&unpaid);
    world.marketplace.put(unpaid);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    let late = world.order_push(&paid);
    let (receive, tenant) = (world.receive(), world.tenant.clone());
    world.marketplace.meanwhile(async move {
        receive.run(&tenant, &[late]).await.unwrap();
    });
    world.refresh().run(&world.tenant).await.unwrap();
    assert_eq!(
        world.backlog().await.due,
        1,
        "the late push is still to be worked on"
    );
    world.marketplace.put(paid);
    world.work().await;
    assert_eq!(
        world.order("A1").await.summary.payment_status.as_deref(),
        Some("captured")
    );
}

#[tokio::test]
async fn a_marketplace_that_does_not_answer_is_asked_again_until_the_attempts_are_used_up() {
    let world = World::with_stock(5).await;
    let push = world.order_push(&snapshot("A1", OrderStatus::ReadyToShip));
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    for _ in 0..4 {
        world.marketplace.fail_next(unavailable());
        assert_eq!(
            world.refresh().run(&world.tenant).await.unwrap(),
            Refreshed::Worked {
                events: 1,
                found_all: true
            }
        );
        assert_eq!(
            world.refresh().run(&world.tenant).await.unwrap(),
            Refreshed::NothingDue,
            "it backs off"
        );
        world.clock.advance(TimeDelta::minutes(11));
    }
    assert_eq!(
        world.refresh().run(&world.tenant).await.unwrap(),
        Refreshed::NothingDue
    );
    assert_eq!(world.open().await, ["retry_exhausted", "sdk_transient"]);

    let mut next = snapshot("A1", OrderStatus::ReadyToShip);
    next.updated_at += TimeDelta::seconds(9);
    world.change(next).await;
    assert_eq!(world.order("A1").await.summary.sync_status, "created");
    assert!(
        world.open().await.is_empty(),
        "the next push brings it up to date and clears everything"
    );
}

#[tokio::test]
async fn being_throttled_is_no_failure() {
    let world = World::with_stock(5).await;
    let order = snapshot("A1", OrderStatus::ReadyToShip);
    let push = world.order_push(&order);
    world.marketplace.put(order);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    for _ in 0..20 {
        world.marketplace.fail_next(MarketplaceError::RateLimited {
            endpoint: "order.get_order_detail",
            retry_after: Some(Duration::from_secs(2)),
        });
        world.refresh().run(&world.tenant).await.unwrap();
        world.clock.advance(TimeDelta::seconds(3));
    }
    assert!(world.open().await.is_empty());
    world.work().await;
    assert_eq!(world.order("A1").await.summary.sync_status, "created");
}

#[tokio::test]
async fn a_token_that_has_ended_is_renewed_on_the_way() {
    let world = World::with_stock(5).await;
    world.clock.advance(TimeDelta::hours(5));
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    assert_eq!(world.order("A1").await.summary.sync_status, "created");
    assert_eq!(world.authoriser.renewals(examples::SHOP), 1);
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_stops_the_calls_and_is_reported_once() {
    let world = World::with_stock(5).await;
    world.clock.advance(TimeDelta::hours(5));
    for _ in 0..2 {
        world.authoriser.fail_next(AuthCall::Refresh, unavailable());
    }
    let pushes =
        ["A1", "A2"].map(|number| world.order_push(&snapshot(number, OrderStatus::ReadyToShip)));
    world.receive().run(&world.tenant, &pushes).await.unwrap();
    world.work().await;
    world.clock.advance(TimeDelta::seconds(12));
    world.work().await;
    assert!(world.marketplace.calls().is_empty());
    assert_eq!(world.open().await, ["token_expired"]);
    assert_eq!(world.tell_all().await, 1);

    for number in ["A1", "A2"] {
        world
            .marketplace
            .put(snapshot(number, OrderStatus::ReadyToShip));
    }
    world.clock.advance(TimeDelta::seconds(12));
    world.work().await;
    assert!(world.open().await.is_empty());
    assert_eq!(world.order("A2").await.summary.sync_status, "created");
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_orders_are_asked_for_again() {
    let world = World::with_stock(5).await;
    world
        .marketplace
        .fail_next(refused("invalid_acceess_token"));
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    assert_eq!(world.order("A1").await.summary.sync_status, "created");
    assert_eq!(world.authoriser.renewals(examples::SHOP), 1);
    assert_eq!(world.marketplace.calls().len(), 2);
    assert!(
        world.exceptions("resolved").await.is_empty(),
        "nobody has to know"
    );
}

#[tokio::test]
async fn a_shop_that_has_to_be_authorised_again_is_not_called_any_more() {
    let world = World::with_stock(5).await;
    world.marketplace.fail_next(MarketplaceError::Reauthorise {
        endpoint: "order.get_order_detail",
        code: "shop_no_linked".into(),
        message: "The shop is not linked.".into(),
        request_id: None,
    });
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    world.clock.advance(TimeDelta::minutes(2));
    world.work().await;
    assert_eq!(world.marketplace.calls().len(), 1);
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.cause, "needs-reauthorisation");
    assert!(
        open.message
            .contains("hawker oauth start --profile prof_sandbox")
    );
    assert_eq!(world.tell_all().await, 1);
}

#[tokio::test]
async fn a_renewal_on_the_way_is_not_broken_off_when_the_service_stops() {
    let world = World::with_stock(5).await;
    world.clock.advance(TimeDelta::hours(5));
    let order = snapshot("A1", OrderStatus::ReadyToShip);
    let push = world.order_push(&order);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    world.authoriser.meanwhile(AuthCall::Refresh, async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    });
    world.marketplace.meanwhile(std::future::pending());
    let stop_at_once = std::future::ready(());
    let stopped = world.refresh().run_until(&world.tenant, stop_at_once).await;
    assert_eq!(stopped.unwrap(), Refreshed::GivenBack);
    let pair = world.pair().await;
    assert_eq!((pair.generation, pair.in_doubt_since), (2, None));
    assert_eq!(world.backlog().await.leased, 0);
}

#[tokio::test]
async fn an_order_that_the_marketplace_does_not_know_yet_harms_no_other() {
    let world = World::with_stock(5).await;
    let known = snapshot("A1", OrderStatus::ReadyToShip);
    let unknown = snapshot("A2", OrderStatus::ReadyToShip);
    let pushes = [world.order_push(&known), world.order_push(&unknown)];
    world.marketplace.put(known);
    world.receive().run(&world.tenant, &pushes).await.unwrap();
    world.work().await;
    assert_eq!(world.order("A1").await.summary.sync_status, "created");
    assert_eq!(world.open().await, ["sdk_transient"]);
    world.marketplace.put(unknown);
    world.clock.advance(TimeDelta::minutes(1));
    world.work().await;
    assert_eq!(world.order("A2").await.summary.sync_status, "created");
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn an_order_that_cannot_be_understood_waits_for_a_person() {
    let world = World::with_stock(5).await;
    let error = NormalizationError {
        field: "item_list".into(),
        fault: "missing".into(),
    };
    let push = world.order_push(&snapshot("A1", OrderStatus::ReadyToShip));
    world.marketplace.put_unreadable(sn("A1"), error);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    world.work().await;
    let open = world.exceptions("open").await;
    assert_eq!(
        (open[0].error_class.as_str(), open.len()),
        ("normalization_failed", 1)
    );
    assert!(open[0].message.contains("item_list"), "{}", open[0].message);
}

#[tokio::test]
async fn an_answer_older_than_its_push_is_applied_and_asked_for_again() {
    let world = World::with_stock(5).await;
    let old = snapshot("A1", OrderStatus::Unpaid);
    let mut new = snapshot("A1", OrderStatus::ReadyToShip);
    new.updated_at += TimeDelta::seconds(5);
    let push = world.order_push(&new);
    world.marketplace.put(old);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    world.work().await;
    assert_eq!(
        world
            .order("A1")
            .await
            .summary
            .marketplace_status
            .as_deref(),
        Some("UNPAID")
    );
    assert!(world.events().await.iter().all(|event| !event.processed));
    world.marketplace.put(new);
    world.clock.advance(TimeDelta::seconds(10));
    world.work().await;
    assert_eq!(
        world
            .order("A1")
            .await
            .summary
            .marketplace_status
            .as_deref(),
        Some("READY_TO_SHIP")
    );
    assert!(world.events().await.iter().all(|event| event.processed));
    assert!(
        world.open().await.is_empty(),
        "a replica that lags is nobody's problem"
    );
}

#[tokio::test]
async fn a_tracking_number_that_is_pushed_is_kept_on_its_parcel() {
    let world = World::with_stock(5).await;
    world.change(snapshot("A1", OrderStatus::Processed)).await;
    let content = PushContent {
        code: PushCode::TRACKING_NUMBER.0,
        order_sn: Some(sn("A1")),
        tracking: Some(Tracking {
            package_number: "OFGA1".into(),
            tracking_number: "SG123".into(),
            is_pushed: true,
        }),
        content_key: "4:A1".into(),
        is_json: true,
        ..PushContent::default()
    };
    let push = world.push(content);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    world.work().await;
    let parcels = world.order("A1").await.shipments;
    assert_eq!(parcels.len(), 1);
    assert_eq!(parcels[0].tracking_number.as_deref(), Some("SG123"));
}

#[tokio::test]
async fn selling_what_is_not_there_is_reported_and_cleared_when_stock_comes_in() {
    let world = World::with_stock(1).await;
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    assert_eq!(world.open().await, ["oversold"]);
    assert_eq!(
        world.stock().reserved,
        2,
        "the order stands: the marketplace has sold it"
    );

    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let sku = examples::sku(examples::SKU);
    let variant = uow
        .catalogue()
        .resolve(std::slice::from_ref(&sku))
        .await
        .unwrap()
        .resolve(&sku)
        .unwrap();
    let location = *world
        .store
        .levels(&world.tenant)
        .unwrap()
        .keys()
        .next()
        .map(|(_, at)| at)
        .unwrap();
    let entry = hawker_domain::inventory::LedgerEntry {
        id: hawker_domain::ids::LedgerEntryId::fresh(ids(&world)),
        variant,
        location,
        movement: hawker_domain::inventory::Movement::Receive,
        on_hand_delta: 3,
        reserved_delta: 0,
        cause: hawker_domain::inventory::LedgerCause::Stated {
            by: "test".into(),
            reason: "delivery".into(),
        },
        at: world.now(),
    };
    uow.inventory().book(&[entry]).await.unwrap();
    uow.commit().await.unwrap();
    let clear = hawker_usecases::ClearRestocked {
        store: world.store.clone(),
        clock: world.clock.clone(),
    };
    assert_eq!(clear.run(&world.tenant).await.unwrap(), 1);
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn a_buyer_who_asks_to_cancel_is_a_task_with_a_deadline_until_it_is_answered() {
    let world = World::with_stock(5).await;
    let asked = snapshot("A1", OrderStatus::InCancel);
    let ship_by = asked.ship_by;
    world.change(asked).await;
    let open = world.exceptions("open").await;
    assert_eq!(
        (open[0].error_class.as_str(), open[0].due_at),
        ("action_required", ship_by)
    );
    let mut answered = snapshot("A1", OrderStatus::Cancelled);
    answered.updated_at += TimeDelta::seconds(5);
    world.change(answered).await;
    assert!(world.open().await.is_empty());
    assert_eq!((world.stock().on_hand, world.stock().reserved), (5, 0));
}

#[tokio::test]
async fn a_task_whose_deadline_moves_is_due_then_and_did_not_show_again() {
    let world = World::with_stock(5).await;
    let asked = snapshot("A1", OrderStatus::InCancel);
    let ship_by = asked.ship_by.unwrap();
    world.change(asked.clone()).await;
    let before = world.exceptions("open").await.remove(0);
    assert_eq!(before.due_at, Some(ship_by));
    for (seconds, later) in [(5, TimeDelta::hours(3)), (10, TimeDelta::hours(-1))] {
        world.clock.advance(TimeDelta::seconds(60));
        let mut moved = asked.clone();
        moved.updated_at += TimeDelta::seconds(seconds);
        moved.ship_by = Some(ship_by + later);
        world.change(moved).await;
        let after = world.exceptions("open").await;
        assert_eq!(after.len(), 1);
        assert_eq!(after[0].due_at, Some(ship_by + later));
        assert_eq!(
            (&after[0].id, after[0].retry_count, after[0].last_seen_at),
            (&before.id, before.retry_count, before.last_seen_at),
            "it was there all the time"
        );
    }
}

#[tokio::test]
async fn a_commit_that_loses_against_another_is_repeated_from_what_is_stored_then() {
    let world = World::with_stock(5).await;
    let order = snapshot("A1", OrderStatus::ReadyToShip);
    let push = world.order_push(&order);
    world.marketplace.put(order);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    let (store, tenant) = (world.store.clone(), world.tenant.clone());
    world.marketplace.meanwhile(async move {
        store.fail_next_commit(StoreError::Conflict {
            entity: "stock",
            cause: None,
        });
        drop(tenant);
    });
    world.work().await;
    assert_eq!(
        world.marketplace.calls().len(),
        1,
        "the marketplace is not asked again"
    );
    assert_eq!(world.stock().reserved, 2);
}

#[tokio::test]
async fn an_order_that_the_store_refuses_does_not_harm_the_others_of_its_batch() {
    let world = World::with_stock(5).await;
    for number in ["A1", "A2"] {
        let order = snapshot(number, OrderStatus::ReadyToShip);
        let push = world.order_push(&order);
        world.marketplace.put(order);
        world.receive().run(&world.tenant, &[push]).await.unwrap();
    }
    let store = world.store.clone();
    world.marketplace.meanwhile(async move {
        // The batch, then its first order alone.
        for _ in 0..2 {
            store.fail_next_commit(StoreError::Refused {
                entity: "order",
                cause: "too large".into(),
            });
        }
    });
    world.refresh().run(&world.tenant).await.unwrap();
    let open = world.exceptions("open").await;
    assert_eq!(
        open.iter()
            .map(|e| e.error_class.as_str())
            .collect::<Vec<_>>(),
        ["medusa_workflow_failed"]
    );
    assert_eq!(world.order("A2").await.summary.sync_status, "created");
    assert_eq!(world.stock().reserved, 2);
}

#[tokio::test]
async fn a_store_that_is_away_gives_the_batch_back_and_loses_nothing() {
    let world = World::with_stock(5).await;
    let order = snapshot("A1", OrderStatus::ReadyToShip);
    let push = world.order_push(&order);
    world.marketplace.put(order);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    let store = world.store.clone();
    world.marketplace.meanwhile(async move {
        store.fail_next_commit(StoreError::Unavailable("connection refused".into()));
    });
    assert!(world.refresh().run(&world.tenant).await.is_err());
    assert_eq!(world.backlog().await.leased, 0);
    world.work().await;
    assert_eq!(world.order("A1").await.summary.sync_status, "created");
}

#[tokio::test]
async fn an_operators_decision_is_not_raised_again_by_a_repeated_snapshot() {
    let world = World::with_stock(5).await;
    let asked = snapshot("A1", OrderStatus::InCancel);
    world.change(asked.clone()).await;
    let event = world.events().await[0].id.parse().unwrap();
    let retry = hawker_usecases::RetryEvent {
        store: world.store.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
    };
    retry
        .run(&world.tenant, &Actor::terminal(), event)
        .await
        .unwrap();
    world.work().await;
    let open = world.exceptions("open").await;
    assert_eq!((open.len(), open[0].retry_count), (1, 0));
}

#[tokio::test]
async fn a_process_that_is_asked_to_stop_gives_back_what_the_marketplace_has_not_answered() {
    let world = World::with_stock(5).await;
    let order = snapshot("A1", OrderStatus::ReadyToShip);
    let push = world.order_push(&order);
    world.marketplace.put(order);
    world.receive().run(&world.tenant, &[push]).await.unwrap();
    world.marketplace.meanwhile(std::future::pending());
    let worked = world
        .refresh()
        .run_until(&world.tenant, async {})
        .await
        .unwrap();
    assert_eq!(worked, Refreshed::GivenBack);
    let backlog = world.backlog().await;
    assert_eq!((backlog.leased, backlog.due), (0, 1));
    world.work().await;
    assert_eq!(world.order("A1").await.summary.sync_status, "created");
}

#[tokio::test]
async fn lines_of_one_card_share_one_shortage() {
    let world = World::with_stock(1).await;
    let mut order = snapshot("A1", OrderStatus::ReadyToShip);
    order.lines = vec![
        examples::line("1", examples::SKU, 2),
        examples::line("2", examples::SKU, 2),
    ];
    world.change(order).await;
    let open = world.exceptions("open").await;
    assert_eq!((open.len(), open[0].retry_count), (1, 0));
    assert!(
        open[0].message.contains("needs 3 more"),
        "{}",
        open[0].message
    );
}

#[tokio::test]
async fn an_order_without_a_place_to_reserve_at_goes_on_once_there_is_one() {
    let world = World::with_stock(5).await;
    world.store.remove_locations(&world.tenant).unwrap();
    world.change(snapshot("A1", OrderStatus::ReadyToShip)).await;
    assert_eq!(world.open().await, ["medusa_workflow_failed"]);
    world.add_card("ANOTHER", 1).await;
    world.clock.advance(TimeDelta::minutes(2));
    world.work().await;
    assert!(
        !world
            .open()
            .await
            .contains(&"medusa_workflow_failed".to_owned())
    );
    assert_eq!(world.order("A1").await.summary.sync_status, "created");
}
