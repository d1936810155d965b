//! The fakes turn their pages as the platform does, so that what is tested against them means something.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::completeness::Window;
use hawker_domain::order::OrderStatus;

use super::lists::WINDOW_LONGEST;
use super::*;
use crate::marketplace::ShopAccess;
use crate::recovery::{ListedBy, OrderListQuery, OrderLister, Release, ReleaseLister};
use crate::testing::examples::{SHOP, after_noon, noon, order_sn, profile_id};

const APP: i64 = 1_000_001;
const OTHER_APP: i64 = 1_000_002;

fn app(partner_id: i64) -> AppAccess {
    AppAccess {
        profile: profile_id("scp_first"),
        base_url: "https://marketplace.example/api/v2".into(),
        partner_id,
        partner_key: "partner-key".into(),
    }
}

fn access() -> ShopAccess {
    ShopAccess {
        profile: profile_id("scp_first"),
        base_url: "https://marketplace.example/api/v2".into(),
        partner_id: APP,
        partner_key: "partner-key".into(),
        shop: SHOP,
        access_token: "access".into(),
    }
}

fn push(number: i64) -> LostPush {
    LostPush {
        shop: Some(SHOP),
        code: 3,
        lost_at: Some(after_noon(number)),
        body: format!(r#"{{"n":{number}}}"#).into_bytes(),
    }
}

fn unavailable() -> MarketplaceError {
    MarketplaceError::Unavailable {
        endpoint: GET_LOST,
        reason: "HTTP 502".into(),
        cause: None,
    }
}

async fn page(fake: &FakeLostPushes, partner_id: i64) -> LostPushPage {
    fake.lost_pushes(&app(partner_id)).await.unwrap()
}

async fn confirm(fake: &FakeLostPushes, id: Option<i64>) -> Result<(), MarketplaceError> {
    fake.confirm_lost_pushes(&app(APP), id.unwrap()).await
}

#[tokio::test]
async fn a_queue_moves_when_it_is_confirmed_and_only_then() {
    let fake = FakeLostPushes::default();
    for number in 0..250 {
        fake.lose(APP, push(number));
    }
    fake.lose(OTHER_APP, push(900));
    let first = page(&fake, APP).await;
    assert_eq!((first.pushes.len(), first.has_more), (100, true));
    assert_eq!(page(&fake, APP).await, first);
    let mut sizes = Vec::new();
    loop {
        let next = page(&fake, APP).await;
        if next.pushes.is_empty() {
            assert_eq!(next, LostPushPage::default());
            break;
        }
        sizes.push((next.pushes.len(), next.has_more));
        confirm(&fake, next.last_message_id).await.unwrap();
    }
    assert_eq!(sizes, [(100, true), (100, true), (50, false)]);
    assert_eq!(fake.left(OTHER_APP), [push(900)], "each app has its own");
    assert_eq!(fake.confirmed().len(), 3);
}

#[tokio::test]
async fn what_is_lost_after_a_page_was_told_survives_its_confirmation() {
    let fake = FakeLostPushes::default();
    fake.lose(APP, push(1));
    let told = page(&fake, APP).await;
    fake.lose(APP, push(2));
    confirm(&fake, told.last_message_id).await.unwrap();
    assert_eq!(fake.left(APP), [push(2)]);
}

#[tokio::test]
async fn a_confirmation_whose_reply_is_lost_has_happened() {
    let fake = FakeLostPushes::default();
    for (mishap, left) in [
        (FakeLostPushes::lose_next_request as fn(&_, _), 1),
        (FakeLostPushes::lose_next_reply, 0),
    ] {
        if fake.left(APP).is_empty() {
            fake.lose(APP, push(1));
        }
        let told = page(&fake, APP).await;
        mishap(&fake, LostPushCall::Confirm);
        let answer = confirm(&fake, told.last_message_id).await;
        assert!(matches!(answer, Err(MarketplaceError::MaybeApplied { .. })));
        assert_eq!(fake.left(APP).len(), left);
    }
}

#[tokio::test]
async fn the_nth_call_fails_and_no_other() {
    let fake = FakeLostPushes::default();
    fake.fail_nth(LostPushCall::Get, 3, unavailable());
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(fake.lost_pushes(&app(APP)).await.is_ok());
    }
    assert_eq!(answers, [true, true, false, true]);
    assert_eq!(fake.calls(LostPushCall::Get), 4);
}

#[tokio::test]
async fn a_page_may_come_without_what_confirms_it() {
    let fake = FakeLostPushes::default();
    fake.lose(APP, push(1));
    fake.leave_out_ids(true);
    let told = page(&fake, APP).await;
    assert_eq!((told.pushes.len(), told.last_message_id), (1, None));
}

fn put(fake: &FakeOrderLister, number: &str, created: i64, updated: i64) {
    let (created_at, updated_at) = (after_noon(created), after_noon(updated));
    let status = Some(OrderStatus::Shipped);
    fake.put(SHOP, order_sn(number), status, created_at, updated_at);
}

fn window(from: i64, to: i64) -> Window {
    Window {
        from: after_noon(from),
        to: after_noon(to),
    }
}

async fn listed(fake: &FakeOrderLister, by: ListedBy, window: Window) -> Vec<String> {
    let mut query = OrderListQuery {
        by,
        window,
        after: None,
    };
    let mut numbers = Vec::new();
    loop {
        let page = fake.list_orders(&access(), &query).await.unwrap();
        numbers.extend(page.orders.iter().map(|order| order.order_sn.to_string()));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return numbers,
        }
    }
}

#[tokio::test]
async fn orders_are_listed_by_the_time_that_is_asked_for() {
    let fake = FakeOrderLister::with_page(2);
    put(&fake, "250101AAA", 0, 90);
    put(&fake, "250101BBB", 10, 20);
    put(&fake, "250101CCC", 20, 100);
    put(&fake, "250101DDD", 99, 99);
    let created = listed(&fake, ListedBy::Created, window(10, 100)).await;
    assert_eq!(created, ["250101BBB", "250101CCC", "250101DDD"]);
    let updated = listed(&fake, ListedBy::Updated, window(20, 100)).await;
    assert_eq!(updated, ["250101BBB", "250101AAA", "250101DDD"]);
    assert_eq!(fake.calls().len(), 4);
}

#[tokio::test]
async fn no_order_is_passed_over_when_another_changes_between_two_pages() {
    let fake = Arc::new(FakeOrderLister::with_page(2));
    for (number, updated) in [("250101AAA", 1), ("250101BBB", 2), ("250101CCC", 3)] {
        put(&fake, number, 0, updated);
    }
    let changed = Arc::clone(&fake);
    fake.meanwhile(async move { put(&changed, "250101AAA", 0, 50) });
    let numbers = listed(&fake, ListedBy::Updated, window(0, 100)).await;
    assert_eq!(
        numbers,
        ["250101AAA", "250101BBB", "250101CCC", "250101AAA"]
    );
}

#[tokio::test]
async fn releases_are_listed_page_by_page() {
    let fake = FakeReleaseLister::with_page(2);
    for (number, seconds) in [("250101AAA", 30), ("250101BBB", 10), ("250101CCC", 20)] {
        let release = Release {
            order_sn: order_sn(number),
            payout: None,
            released_at: after_noon(seconds),
        };
        fake.put(SHOP, release);
    }
    let mut told = Vec::new();
    for page in 1..=3 {
        let page = fake.list_releases(&access(), window(10, 31), page).await;
        let page = page.unwrap();
        let numbers = page.releases.iter().map(|one| one.order_sn.to_string());
        told.push((numbers.collect::<Vec<_>>(), page.has_more));
    }
    let expected = [
        (vec!["250101BBB".to_owned(), "250101CCC".into()], true),
        (vec!["250101AAA".into()], false),
        (Vec::new(), false),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
#[should_panic(expected = "too long")]
async fn a_window_that_the_platform_refuses_is_a_mistake_of_the_caller() {
    let fake = FakeReleaseLister::default();
    let too_long = Window {
        from: noon(),
        to: noon() + WINDOW_LONGEST + TimeDelta::seconds(1),
    };
    let answer = fake.list_releases(&access(), too_long, 1).await;
    assert!(answer.is_ok());
}
