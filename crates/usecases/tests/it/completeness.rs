//! Watching completeness.

use chrono::TimeDelta;
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_ports::marketplace::NormalizationError;
use hawker_ports::testing::Counted;
use hawker_ports::testing::examples::{SHOP, noon, snapshot};
use hawker_usecases::WatchCompleteness;

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

    /// The marketplace lists the order and does not tell of it.
    fn list_only(&self, number: &str, hours_ago: i64) {
        let placed_at = noon() - TimeDelta::hours(hours_ago);
        let status = Some(OrderStatus::ReadyToShip);
        self.lister
            .put(SHOP, sn(number), status, placed_at, placed_at);
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
    shop.world.clock.advance(TimeDelta::minutes(9));
    assert_eq!(shop.watch().await, 0);
    assert_eq!(shop.shown(), Some(1), "the metric tells it at once");
    assert!(shop.world.open().await.is_empty());

    shop.world.clock.advance(TimeDelta::minutes(2));
    assert_eq!(shop.watch().await, 1);
    let [open] = shop.world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.error_class, "orders_missing");
    assert_eq!(open.cause, "day:2026-01-05");
    for part in [
        "2026-01-05",
        "1 that the marketplace lists",
        "A1",
        "hawker reconcile",
    ] {
        assert!(open.message.contains(part), "{part}: {}", open.message);
    }
}

#[tokio::test]
async fn it_is_over_as_soon_as_the_order_is_there() {
    let shop = Shop::new().await;
    shop.list_only("A1", 1);
    shop.run().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    shop.watch().await;
    shop.world.clock.advance(TimeDelta::minutes(1));
    let placed_at = noon() - TimeDelta::hours(1);
    shop.world
        .change(OrderSnapshot {
            created_at: placed_at,
            ..snapshot("A1", OrderStatus::ReadyToShip)
        })
        .await;
    assert_eq!(shop.watch().await, 1);
    assert_eq!(shop.shown(), Some(0));
    assert!(shop.world.open().await.is_empty());
    let resolved = &shop.world.exceptions("resolved").await[0];
    assert_eq!(resolved.resolved_by.as_deref(), Some("hawker"));
    assert_eq!(shop.watch().await, 0);
}

#[tokio::test]
async fn each_day_is_a_matter_of_its_own() {
    let shop = Shop::new().await;
    shop.list_only("A1", 1);
    shop.list_only("B2", 25);
    shop.run().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    assert_eq!(shop.watch().await, 2);
    shop.world.clock.advance(TimeDelta::minutes(1));
    let placed_at = noon() - TimeDelta::hours(25);
    shop.world
        .change(OrderSnapshot {
            created_at: placed_at,
            ..snapshot("B2", OrderStatus::ReadyToShip)
        })
        .await;
    shop.watch().await;
    let open = shop.world.exceptions("open").await;
    let days: Vec<_> = open
        .iter()
        .filter(|open| open.error_class == "orders_missing")
        .map(|open| open.cause.as_str())
        .collect();
    assert_eq!(days, ["day:2026-01-05"]);
}

#[tokio::test]
async fn an_order_that_is_held_and_not_listed_is_told_as_well() {
    let shop = Shop::new().await;
    let placed_at = noon() - TimeDelta::hours(30);
    shop.world
        .change(OrderSnapshot {
            created_at: placed_at,
            ..snapshot("A1", OrderStatus::ReadyToShip)
        })
        .await;
    shop.run().await;
    shop.world.clock.advance(TimeDelta::minutes(11));
    shop.watch().await;
    let [open] = shop.world.exceptions("open").await.try_into().unwrap();
    assert!(
        open.message.contains("1 that are here are not listed"),
        "{}",
        open.message
    );
    assert_eq!(shop.world.events().await.len(), 1, "it is not asked for");
}

#[tokio::test]
async fn a_missing_order_that_nobody_asks_for_any_more_is_asked_for_hour_by_hour() {
    let shop = Shop::new().await;
    shop.list_only("A1", 1);
    let unreadable = NormalizationError {
        field: "create_time".into(),
        fault: "missing".into(),
    };
    shop.world.marketplace.put_unreadable(sn("A1"), unreadable);
    shop.run().await;
    shop.world.work().await;
    assert_eq!(shop.world.marketplace.calls().len(), 1, "and given up");

    shop.world.clock.advance(TimeDelta::minutes(11));
    for (minutes, calls) in [(0, 2), (1, 2), (60, 3)] {
        shop.world.clock.advance(TimeDelta::minutes(minutes));
        shop.watch().await;
        shop.world.work().await;
        assert_eq!(shop.world.marketplace.calls().len(), calls);
    }
}
