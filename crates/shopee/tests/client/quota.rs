//! The calls of a day, and what the platform asks to wait.

use hawker_ports::calls::CallBudgets;
use hawker_ports::marketplace::FetchedOrder;
use hawker_ports::{Clock, Marketplace, MarketplaceError};
use serde_json::json;

use super::*;

/// 23:59:00 in Singapore.
const BEFORE_MIDNIGHT: &str = "2026-03-10T15:59:00Z";

fn used_up() -> Answer {
    let message = "The total API call number made by your APP has reached the daily API call limit, \
                   please try again after 00: 00 (UTC+08:00)";
    Answer::new(200, refusal("error_limit", message))
}

fn nothing_found() -> Answer {
    Answer::json(200, &json!({"error": "", "response": {"order_list": []}}))
}

/// Calls that may be made at once for a shop and for an app.
fn left(bench: &Bench, app: i64, shop: ShopId) -> (f64, f64) {
    let budget = bench.api.budget(app, Some(shop));
    (budget.shop_left, budget.app_left)
}

async fn told(bench: &Bench, access: &ShopAccess) -> Result<Vec<FetchedOrder>, MarketplaceError> {
    bench.marketplace.order_details(access, &[sn("A1")]).await
}

async fn renewed_in(bench: &Bench, access: &ShopAccess) -> Option<Duration> {
    match told(bench, access).await {
        Ok(_) => None,
        Err(MarketplaceError::DailyQuota { renewed_in, .. }) => Some(renewed_in),
        Err(other) => panic!("told as: {other:?}"),
    }
}

#[tokio::test]
async fn an_app_whose_calls_are_used_up_asks_nothing_until_they_are_renewed() {
    let mut is_first = true;
    let bench = Bench::new(move |_| {
        if std::mem::take(&mut is_first) {
            used_up()
        } else {
            nothing_found()
        }
    });
    bench.clock.set(BEFORE_MIDNIGHT.parse().unwrap());
    let access = bench.access();
    let minute = Some(Duration::from_mins(1));
    assert_eq!(renewed_in(&bench, &access).await, minute);
    assert_eq!(renewed_in(&bench, &access).await, minute);

    let another_shop = ShopAccess {
        shop: ShopId(7),
        ..bench.access()
    };
    bench.clock.advance(chrono::TimeDelta::seconds(20));
    assert_eq!(
        renewed_in(&bench, &another_shop).await,
        Some(Duration::from_secs(40)),
        "another shop of the app"
    );
    assert_eq!(bench.server.requests().len(), 1, "nobody asked again");
    assert_eq!(bench.results(), ["daily_quota"]);

    let another_app = ShopAccess {
        partner_id: 2,
        ..bench.access()
    };
    assert_eq!(renewed_in(&bench, &another_app).await, None);

    bench.clock.advance(chrono::TimeDelta::seconds(40));
    assert_eq!(renewed_in(&bench, &access).await, None, "midnight");
    assert_eq!(bench.server.requests().len(), 3);
}

#[tokio::test]
async fn it_is_midnight_when_the_platform_says_so() {
    // Ours is past midnight already; by ours the app would rest for a whole day.
    let bench = Bench::new(|_| used_up().and("Date", "Tue, 10 Mar 2026 15:59:57 GMT"));
    bench.clock.set("2026-03-10T16:00:02Z".parse().unwrap());
    let access = bench.access();
    let three_seconds = Some(Duration::from_secs(3));
    assert_eq!(renewed_in(&bench, &access).await, three_seconds);
    assert_eq!(renewed_in(&bench, &access).await, three_seconds);
}

#[tokio::test]
async fn the_budget_tells_what_is_left_and_until_when_an_app_rests() {
    let mut is_first = true;
    let limits = RateLimits {
        shop: Rate::new(1, 3),
        app: Rate::new(2, 5),
    };
    let bench = Bench::limited(CallPolicy::default(), limits, move |_| {
        if std::mem::take(&mut is_first) {
            nothing_found()
        } else {
            used_up()
        }
    });
    bench.clock.set(BEFORE_MIDNIGHT.parse().unwrap());
    let access = bench.access();
    let (app, shop) = (access.partner_id, Some(access.shop));

    let fresh = bench.api.budget(app, shop);
    assert_eq!((fresh.shop_left, fresh.app_left), (3.0, 5.0));
    assert_eq!((fresh.shop_per_second, fresh.app_per_second), (1.0, 2.0));
    assert_eq!(fresh.paused_until, None);

    renewed_in(&bench, &access).await;
    let used = bench.api.budget(app, shop);
    assert!(used.shop_left < 3.0 && used.app_left < 5.0, "{used:?}");
    assert_eq!(left(&bench, 2, access.shop), (3.0, 5.0), "another app");

    renewed_in(&bench, &access).await;
    let midnight = bench.clock.now() + chrono::TimeDelta::minutes(1);
    assert_eq!(bench.api.budget(app, shop).paused_until, Some(midnight));
    assert_eq!(bench.api.budget(2, shop).paused_until, None);
}

#[tokio::test]
async fn what_one_call_is_asked_to_wait_the_others_of_the_shop_wait_as_well() {
    let mut is_first = true;
    let limits = RateLimits {
        shop: Rate::new(10, 5),
        // Filled again at once.
        app: Rate::new(1_000_000, 50),
    };
    let bench = Bench::limited(CallPolicy::default(), limits, move |_| {
        if std::mem::take(&mut is_first) {
            Answer::new(429, "").and("Retry-After", "120")
        } else {
            nothing_found()
        }
    });
    let access = bench.access();
    for _ in 0..2 {
        match told(&bench, &access).await.unwrap_err() {
            MarketplaceError::RateLimited {
                retry_after: Some(wait),
                ..
            } => assert!(wait > Duration::from_mins(1), "{wait:?}"),
            other => panic!("told as: {other:?}"),
        }
    }
    assert_eq!(bench.server.requests().len(), 1, "nobody asked again");
    let left = left(&bench, access.partner_id, access.shop);
    assert_eq!(left, (0.0, 50.0), "of the shop, of the app");

    let another_shop = ShopAccess {
        shop: ShopId(7),
        ..bench.access()
    };
    assert!(told(&bench, &another_shop).await.is_ok());
}
