//! Watching completeness.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use hawker_domain::exception::ErrorClass;
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_domain::{ConnectorName, Environment};
use hawker_ports::Store as _;
use hawker_ports::exceptions::ProfileClearance;
use hawker_ports::marketplace::NormalizationError;
use hawker_ports::testing::Counted;
use hawker_ports::testing::examples::{SHOP, noon, snapshot};
use hawker_ports::views::ExceptionSummary;
use hawker_usecases::WatchCompleteness;

use crate::operators::usual;
use crate::reconciling::Shop;
use crate::world::sn;

impl Shop {
    async fn watch(&self) -> u64 {
        let watch = WatchCompleteness {
            store: self.world.store.clone(),
            views: self.world.store.clone(),
            metrics: self.world.metrics.clone(),
            clock: self.world.clock.clone(),
            ids: self.world.ids.clone(),
        };
        watch.run(&self.world.tenant).await.unwrap()
    }

    /// The marketplace lists the order, and what it says of it cannot be understood: whoever tries
    /// gives up.
    fn list_only(&self, number: &str, hours_ago: i64) {
        let placed_at = noon() - TimeDelta::hours(hours_ago);
        let status = Some(OrderStatus::ReadyToShip);
        self.lister
            .put(SHOP, sn(number), status, placed_at, placed_at);
        let unreadable = NormalizationError {
            field: "create_time".into(),
            fault: "missing".into(),
        };
        self.world
            .marketplace
            .put_unreadable(sn(number), unreadable);
    }

    /// A push tells of the order.
    async fn arrive(&self, number: &str, hours_ago: i64) {
        let told = OrderSnapshot {
            created_at: noon() - TimeDelta::hours(hours_ago),
            ..snapshot(number, OrderStatus::ReadyToShip)
        };
        self.world.change(told).await;
    }

    /// What was told of days.
    async fn days(&self, status: &str) -> Vec<ExceptionSummary> {
        let told = self.world.exceptions(status).await.into_iter();
        told.filter(|one| one.error_class == "orders_missing")
            .collect()
    }

    /// How many orders are missing, as it was shown last.
    fn shown(&self) -> Option<i64> {
        let counted = self.world.metrics.counted().into_iter().rev();
        let mut shown = counted.filter_map(|counted| match counted {
            Counted::MissingOrders(_, missing) => Some(missing.iter().map(|of| of.missing).sum()),
            _ => None,
        });
        shown.next()
    }
}

#[tokio::test]
async fn a_missing_order_is_told_once_it_is_missing_for_ten_minutes() {
    let shop = Shop::new().await;
    shop.list_only("A1", 1);
    shop.run().await;
    shop.world.work().await;
    shop.world.clock.advance(TimeDelta::minutes(9));
    assert_eq!(shop.watch().await, 0);
    assert_eq!(shop.shown(), Some(1), "the metric tells it at once");
    assert!(shop.days("open").await.is_empty());

    shop.world.clock.advance(TimeDelta::minutes(2));
    assert_eq!(shop.watch().await, 1);
    let [open] = shop.days("open").await.try_into().unwrap();
    assert_eq!(open.cause, "day:2026-01-05");
    for part in [
        "2026-01-05",
        "1 that the marketplace lists",
        "A1",
        "hawker reconcile",
        "hawker exceptions wont-fix",
    ] {
        assert!(open.message.contains(part), "{part}: {}", open.message);
    }
}

#[tokio::test]
async fn a_history_that_is_still_coming_in_is_no_matter_for_anybody() {
    let shop = Shop::new().await;
    for (hours, number) in [(1, "A1"), (25, "B2"), (49, "C3")] {
        shop.list_only(number, hours);
    }
    shop.run().await;
    shop.world.clock.advance(TimeDelta::minutes(30));
    assert_eq!(shop.watch().await, 0, "nobody has tried yet");
    shop.world.work().await;
    assert_eq!(shop.watch().await, 3, "they were tried in vain");
}

#[tokio::test]
async fn it_is_over_as_soon_as_the_order_is_there() {
    let shop = Shop::new().await;
    shop.list_only("A1", 1);
    shop.run().await;
    shop.world.work().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    shop.watch().await;
    shop.world.clock.advance(TimeDelta::minutes(1));
    shop.arrive("A1", 1).await;
    assert_eq!(shop.watch().await, 1);
    assert_eq!(shop.shown(), Some(0));
    assert!(shop.world.open().await.is_empty());
    let resolved = &shop.days("resolved").await[0];
    assert_eq!(resolved.resolved_by.as_deref(), Some("hawker"));
    assert_eq!(shop.watch().await, 0);
}

#[tokio::test]
async fn each_day_is_a_matter_of_its_own() {
    let shop = Shop::new().await;
    shop.list_only("A1", 1);
    shop.list_only("B2", 25);
    shop.run().await;
    shop.world.work().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    assert_eq!(shop.watch().await, 2);
    shop.world.clock.advance(TimeDelta::minutes(1));
    shop.arrive("B2", 25).await;
    shop.watch().await;
    let [open] = shop.days("open").await.try_into().unwrap();
    assert_eq!(open.cause, "day:2026-01-05");
}

#[tokio::test]
async fn what_differs_for_long_is_told_once_and_again_when_more_differs() {
    let shop = Shop::new().await;
    shop.list_only("A1", 1);
    shop.run().await;
    shop.world.work().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    shop.watch().await;
    // Half a day, in which it is asked for again and again.
    for _ in 0..720 {
        shop.world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(shop.watch().await, 0);
        shop.world.work().await;
    }
    let [open] = shop.days("open").await.try_into().unwrap();
    assert_eq!(open.retry_count, 0);

    shop.list_only("B2", 2);
    shop.run().await;
    shop.world.work().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    assert_eq!(shop.watch().await, 1);
    let [open] = shop.days("open").await.try_into().unwrap();
    assert_eq!(open.retry_count, 1);
    assert!(open.message.contains("A1, B2"), "{}", open.message);
}

#[tokio::test]
async fn an_order_that_is_held_and_not_listed_is_told_as_well() {
    let shop = Shop::new().await;
    shop.arrive("A1", 30).await;
    shop.run().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    shop.watch().await;
    let [open] = shop.days("open").await.try_into().unwrap();
    assert!(
        open.message.contains("1 that are here are not listed"),
        "{}",
        open.message
    );
    assert_eq!(shop.world.events().await.len(), 1, "it is not asked for");
}

/// It never goes away by itself: whoever has looked at it has looked at it.
#[tokio::test]
async fn what_a_person_closed_is_not_opened_again_while_it_is_the_same() {
    let shop = Shop::new().await;
    shop.arrive("A1", 30).await;
    shop.run().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    shop.watch().await;
    let world = &shop.world;
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let closed = ProfileClearance {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(usual()),
        class: ErrorClass::OrdersMissing,
        cause: None,
        quiet_since: world.now() + TimeDelta::seconds(1),
    };
    let cleared = uow
        .exceptions()
        .clear_profiles(&[closed], world.now())
        .await;
    assert_eq!(cleared.unwrap(), 1);
    uow.commit().await.unwrap();

    shop.world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(shop.watch().await, 0);
    shop.run().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    assert_eq!(shop.watch().await, 0, "compared anew, and the same");
    assert!(shop.days("open").await.is_empty());

    shop.arrive("B2", 31).await;
    shop.run().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    assert_eq!(shop.watch().await, 1, "one more");
    assert_eq!(shop.days("open").await.len(), 1);
}

#[tokio::test]
async fn a_missing_order_that_nobody_asks_for_any_more_is_asked_for_hour_by_hour() {
    let shop = Shop::new().await;
    shop.list_only("A1", 1);
    shop.run().await;
    shop.world.work().await;
    assert_eq!(shop.world.marketplace.calls().len(), 1, "and given up");
    for (minutes, calls) in [(11, 1), (50, 2), (1, 2), (59, 2), (1, 3)] {
        shop.world.clock.advance(TimeDelta::minutes(minutes));
        shop.watch().await;
        shop.world.work().await;
        let made = shop.world.marketplace.calls().len();
        assert_eq!(made, calls, "{minutes} minutes later");
    }
}

/// However many of a day are missing, and whichever of them are named.
#[tokio::test]
async fn every_missing_order_of_a_day_is_asked_for_again_in_its_turn() {
    let shop = Shop::new().await;
    let numbers: Vec<_> = (0..130).map(|number| format!("SN{number:03}")).collect();
    for number in &numbers {
        shop.list_only(number, 1);
    }
    shop.run().await;
    shop.world.work().await;
    let asked_for = async || {
        let events = shop.world.events().await.into_iter();
        let numbers = events.filter_map(|event| event.order_sn);
        let mut times = BTreeMap::<String, u32>::new();
        for number in numbers {
            *times.entry(number).or_default() += 1;
        }
        times.values().filter(|times| **times == 2).count()
    };
    shop.world.clock.advance(TimeDelta::minutes(61));
    for expected in [100, 130, 130] {
        shop.watch().await;
        shop.world.work().await;
        assert_eq!(asked_for().await, expected);
        shop.world.clock.advance(TimeDelta::minutes(1));
    }
}
