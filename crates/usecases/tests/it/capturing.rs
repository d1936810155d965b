//! Capturing payouts.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Adjustment, Escrow, EscrowAmounts, EscrowVersion, Income};
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_domain::{ConnectorName, Currency, Environment};
use hawker_ports::marketplace::{EscrowAnswer, Fault, MarketplaceError, NormalizationError};
use hawker_ports::reconciliation::OrdersOf;
use hawker_ports::recovery::Release;
use hawker_ports::testing::examples::{SHOP, after_noon, noon, snapshot, token};
use hawker_ports::testing::{AuthCall, Counted, FakeMarketplace};
use hawker_ports::tokens::NewToken;
use hawker_ports::views::EscrowViews as _;
use hawker_ports::{Store as _, StoreError};
use rust_decimal::Decimal;

use crate::operators::usual;
use crate::world::{PROFILE, World, sn};

const ENDPOINT: &str = "payment.get_escrow_detail";

pub fn answer(cents: i64) -> EscrowAnswer {
    let amount = |hundredths| Decimal::new(hundredths, 2);
    EscrowAnswer {
        amounts: EscrowAmounts {
            escrow_amount: amount(cents),
            original_price: amount(2690),
            seller_discount: Decimal::ZERO,
            shopee_discount: Decimal::ZERO,
            voucher_from_seller: amount(100),
            voucher_from_shopee: amount(50),
            commission_fee: amount(57),
            service_fee: Decimal::ZERO,
            seller_transaction_fee: amount(53),
            actual_shipping_fee: Decimal::ZERO,
            seller_lost_compensation: Decimal::ZERO,
            buyer_total_amount: amount(2540),
        },
        income: Income {
            parts: [("escrow_amount".into(), amount(cents))].into(),
            ..Income::default()
        },
        payload: r#"{"order_income": {"escrow_amount": 24.80}}"#.into(),
    }
}

/// A shop with completed orders.
pub async fn completed<const N: usize>(numbers: [&str; N]) -> World {
    let world = World::with_stock(100).await;
    world.complete(&numbers).await;
    world
}

/// The same at a marketplace that takes one payout in a call.
async fn completed_one_by_one<const N: usize>(numbers: [&str; N]) -> World {
    let world = World {
        marketplace: Arc::new(FakeMarketplace::with_payouts_per_call(1)),
        ..World::with_stock(100).await
    };
    world.complete(&numbers).await;
    world
}

impl World {
    async fn complete(&self, numbers: &[&str]) {
        for number in numbers {
            self.change(snapshot(number, OrderStatus::Completed)).await;
        }
    }

    /// The marketplace says when the money of an order was released.
    async fn release(&self, number: &str, released_at: Timestamp) {
        let orders = OrdersOf {
            connector: ConnectorName::Shopee,
            environment: Environment::Sandbox,
            profile: usual(),
        };
        let release = Release {
            order_sn: sn(number),
            payout: None,
            released_at,
        };
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        let noted = uow
            .escrow()
            .note_releases(&orders, &[release], self.now())
            .await;
        assert_eq!(noted.unwrap().noted, 1);
        uow.commit().await.unwrap();
    }

    /// One run; answers how many orders were due.
    pub async fn run_capture(&self) -> u32 {
        self.capture().run(&self.tenant).await.unwrap()
    }

    /// A token that is good for a month.
    pub async fn authorise(&self) {
        let token = NewToken {
            expires_at: self.now() + TimeDelta::days(30),
            ..token(PROFILE, &*self.ids)
        };
        let mut uow = self.store.begin(&self.tenant).await.unwrap();
        uow.tokens().keep(&token, self.now()).await.unwrap();
        uow.commit().await.unwrap();
    }

    pub fn escrow(&self, number: &str) -> Option<Escrow> {
        let key = OrderKey {
            connector: ConnectorName::Shopee,
            environment: Environment::Sandbox,
            order_sn: sn(number),
        };
        self.store.escrow(&self.tenant, &key).unwrap()
    }

    async fn versions(&self, number: &str) -> Vec<EscrowVersion> {
        let order_sn = sn(number);
        let versions = self.store.escrow_versions(&self.tenant, &order_sn);
        versions.await.unwrap()
    }

    pub fn payout_due_at(&self, number: &str) -> Option<Timestamp> {
        self.store.escrow_due_at(&self.tenant, &sn(number)).unwrap()
    }

    fn escrow_results(&self) -> Vec<&'static str> {
        let counted = self.metrics.counted().into_iter();
        let results = counted.filter_map(|counted| match counted {
            Counted::Escrow(result) => Some(result),
            _ => None,
        });
        results.collect()
    }

    /// How long until the payout is asked for again.
    fn waits(&self, number: &str) -> TimeDelta {
        self.payout_due_at(number).unwrap() - self.now()
    }
}

fn unavailable() -> MarketplaceError {
    MarketplaceError::Unavailable {
        endpoint: ENDPOINT,
        reason: "time-out".into(),
        cause: None,
    }
}

fn malformed() -> MarketplaceError {
    MarketplaceError::Malformed {
        endpoint: ENDPOINT,
        reason: "`order_income.escrow_amount` is missing".into(),
    }
}

fn refused_to_the_app() -> MarketplaceError {
    MarketplaceError::Misconfigured {
        endpoint: ENDPOINT,
        fault: Fault::Permission,
        code: "error_api_permission".into(),
        message: "no permission".into(),
        request_id: None,
    }
}

fn token_refused() -> MarketplaceError {
    MarketplaceError::TokenInvalid {
        endpoint: ENDPOINT,
        code: "invalid_acceess_token".into(),
        message: "Invalid access_token.".into(),
        request_id: None,
    }
}

fn at_most_a_tenth_more(wait: TimeDelta, than: TimeDelta) -> bool {
    wait >= than && wait <= than + than / 10
}

#[tokio::test]
async fn the_payout_of_a_completed_order_is_captured_and_looked_at_again_the_next_day() {
    let world = completed(["A1"]).await;
    world.marketplace.put_escrow(sn("A1"), answer(2480));
    assert_eq!(world.run_capture().await, 1);
    let escrow = world.escrow("A1").unwrap();
    let EscrowAnswer {
        amounts,
        income,
        payload,
    } = answer(2480);
    assert_eq!((escrow.amounts, escrow.income), (amounts, income));
    assert_eq!(escrow.currency, Currency::SGD, "the order's");
    assert_eq!(escrow.payload, payload);
    assert_eq!((escrow.released_at, escrow.fetched_at), (None, world.now()));
    assert_eq!(world.waits("A1"), TimeDelta::days(1));

    assert_eq!(world.run_capture().await, 0);
    assert_eq!(world.marketplace.escrow_calls(), [sn("A1")]);
    assert_eq!(world.escrow_results(), ["captured"]);
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn an_order_that_is_not_completed_is_not_asked_for() {
    let world = World::with_stock(5).await;
    world.change(snapshot("A1", OrderStatus::Shipped)).await;
    world.clock.advance(TimeDelta::hours(1000));
    assert_eq!(world.run_capture().await, 0);
    assert!(world.marketplace.escrow_calls().is_empty());
}

#[tokio::test]
async fn a_payout_that_is_not_there_yet_is_asked_for_again_in_silence() {
    let world = completed(["A1"]).await;
    world.authorise().await;
    for hours in [1, 1, 2, 4] {
        assert_eq!(world.run_capture().await, 1);
        let wait = world.waits("A1");
        let hour = TimeDelta::hours(1);
        assert!(
            wait >= hour * hours && wait <= hour * hours * 3 / 2,
            "{wait} instead of {hours} h"
        );
        world.clock.set(world.payout_due_at("A1").unwrap());
    }
    assert!(world.exceptions("open").await.is_empty());
    assert!(world.exceptions("resolved").await.is_empty());
    world.marketplace.put_escrow(sn("A1"), answer(2480));
    assert_eq!(world.run_capture().await, 1);
    assert!(world.escrow("A1").is_some());
    assert_eq!(
        world.escrow_results(),
        [
            "not_ready",
            "not_ready",
            "not_ready",
            "not_ready",
            "captured"
        ]
    );
}

#[tokio::test]
async fn as_many_payouts_are_asked_for_at_once_as_a_call_takes() {
    let numbers: Vec<_> = (0..45).map(|number| format!("SN{number:02}")).collect();
    let world = World::with_stock(100).await;
    let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
    world.complete(&numbers).await;
    for number in &numbers {
        world.marketplace.put_escrow(sn(number), answer(2480));
    }
    assert_eq!(world.run_capture().await, 45);
    let batches = world.marketplace.escrow_batches();
    let sizes: Vec<_> = batches.iter().map(Vec::len).collect();
    assert_eq!(sizes, [20, 20, 5]);
    assert!(numbers.iter().all(|number| world.escrow(number).is_some()));
}

#[tokio::test]
async fn orders_that_are_not_ready_do_not_keep_the_others_of_their_call() {
    let world = completed(["A1", "B2"]).await;
    world.marketplace.put_escrow(sn("B2"), answer(100));
    world.run_capture().await;
    assert_eq!(world.marketplace.escrow_batches().len(), 1);
    assert!(world.escrow("A1").is_none());
    assert!(world.escrow("B2").is_some());
    assert_eq!(world.escrow_results(), ["not_ready", "captured"]);
}

#[tokio::test]
async fn a_payout_that_changes_is_captured_anew() {
    let world = completed(["A1"]).await;
    world.marketplace.put_escrow(sn("A1"), answer(2480));
    world.run_capture().await;
    world.clock.advance(TimeDelta::days(1));
    world.authorise().await;
    world.run_capture().await;
    world.marketplace.put_escrow(sn("A1"), answer(1900));
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(world.run_capture().await, 1);
    let amount = world.escrow("A1").unwrap().amounts.escrow_amount;
    assert_eq!(amount, Decimal::new(1900, 2));
    let versions = world.versions("A1").await;
    let causes: Vec<_> = versions
        .iter()
        .map(|version| version.cause.as_str())
        .collect();
    assert_eq!(
        causes,
        ["captured", "amounts"],
        "what did not change is none"
    );
}

#[tokio::test]
async fn an_adjustment_after_the_release_is_a_new_version_and_nobodys_business() {
    let world = completed(["A1"]).await;
    world.marketplace.put_escrow(sn("A1"), answer(2480));
    world.run_capture().await;
    world.clock.advance(TimeDelta::minutes(1));
    world.release("A1", world.now()).await;
    world.run_capture().await;
    assert_eq!(world.waits("A1"), TimeDelta::days(1), "after its release");

    let adjusted = EscrowAnswer {
        income: Income {
            adjustments: vec![Adjustment {
                amount: Decimal::new(-500, 2),
                at: None,
                currency: None,
                reason: "lost parcel".into(),
            }],
            ..answer(2480).income
        },
        ..answer(2480)
    };
    world.marketplace.put_escrow(sn("A1"), adjusted);
    world.clock.advance(TimeDelta::days(1));
    world.authorise().await;
    world.run_capture().await;
    let escrow = world.escrow("A1").unwrap();
    assert_eq!(escrow.after_adjustments().amount, Decimal::new(1980, 2));
    assert!(escrow.released_at.is_some(), "stays known");
    let versions = world.versions("A1").await;
    let causes: Vec<_> = versions
        .iter()
        .map(|version| version.cause.as_str())
        .collect();
    assert_eq!(causes, ["captured", "released", "adjustment"]);
    assert!(world.open().await.is_empty());
    assert_eq!(world.waits("A1"), TimeDelta::days(2), "three days after it");
}

#[tokio::test]
async fn an_order_that_is_not_paid_out_in_two_months_is_told_once_and_asked_for_weekly() {
    let world = completed(["A1"]).await;
    world.clock.advance(TimeDelta::days(60));
    world.authorise().await;
    for _ in 0..3 {
        assert_eq!(world.run_capture().await, 1);
        let [open] = world.exceptions("open").await.try_into().unwrap();
        assert_eq!(open.error_class, "escrow_fetch_failed");
        assert_eq!(open.cause, "never-paid-out");
        assert_eq!(open.order_sn.as_deref(), Some("A1"));
        assert_eq!(world.waits("A1"), TimeDelta::weeks(1));
        world.clock.advance(TimeDelta::weeks(1));
    }
    assert!(world.exceptions("resolved").await.is_empty());
    world.marketplace.put_escrow(sn("A1"), answer(2480));
    world.authorise().await;
    world.run_capture().await;
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn an_answer_that_cannot_be_understood_is_an_exception_of_its_order_alone() {
    let world = completed(["A1", "B2"]).await;
    let unreadable = NormalizationError {
        field: "order_income.escrow_amount".into(),
        fault: "missing".into(),
    };
    world
        .marketplace
        .put_unreadable_escrow(sn("A1"), unreadable);
    world.marketplace.put_escrow(sn("B2"), answer(100));
    assert_eq!(world.run_capture().await, 2);
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.error_class, "escrow_fetch_failed");
    assert_eq!(open.order_sn.as_deref(), Some("A1"));
    assert!(
        open.message
            .contains("`order_income.escrow_amount` of the marketplace's order is missing")
    );
    assert!(world.escrow("A1").is_none());
    assert!(world.escrow("B2").is_some(), "the other goes on");
    assert!(at_most_a_tenth_more(
        world.waits("A1"),
        TimeDelta::minutes(5)
    ));

    world.marketplace.put_escrow(sn("A1"), answer(2480));
    world.clock.set(world.payout_due_at("A1").unwrap());
    world.run_capture().await;
    assert!(world.escrow("A1").is_some());
    assert!(world.open().await.is_empty());
    let resolved = &world.exceptions("resolved").await[0];
    assert_eq!(resolved.resolved_by.as_deref(), Some("hawker"));
}

#[tokio::test]
async fn a_call_that_is_refused_is_taken_apart() {
    let world = completed(["A1", "B2", "C3"]).await;
    for number in ["A1", "B2", "C3"] {
        world.marketplace.put_escrow(sn(number), answer(2480));
    }
    world.marketplace.fail_next_escrow(malformed());
    world.marketplace.fail_next_escrow(malformed());
    world.run_capture().await;
    let batches = world.marketplace.escrow_batches();
    let sizes: Vec<_> = batches.iter().map(Vec::len).collect();
    assert_eq!(sizes, [3, 1, 1, 1]);
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.order_sn.as_deref(), Some("A1"));
    assert!(
        open.message
            .contains("`order_income.escrow_amount` is missing")
    );
    assert!(world.escrow("B2").is_some() && world.escrow("C3").is_some());
}

#[tokio::test]
async fn while_the_marketplace_is_away_the_other_orders_of_the_shop_rest() {
    let numbers: Vec<_> = (0..25).map(|number| format!("SN{number:02}")).collect();
    let world = World::with_stock(100).await;
    for number in &numbers {
        world.change(snapshot(number, OrderStatus::Completed)).await;
    }
    world.marketplace.fail_next_escrow(unavailable());
    while world.run_capture().await > 0 {}
    assert_eq!(world.marketplace.escrow_batches().len(), 1);
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.error_class, "escrow_fetch_failed");
    assert_eq!(open.order_sn, None, "it is about the shop");

    for number in &numbers {
        assert!(world.waits(number) >= TimeDelta::minutes(5));
        world.marketplace.put_escrow(sn(number), answer(2480));
    }
    world.clock.advance(TimeDelta::minutes(6));
    while world.run_capture().await > 0 {}
    assert!(numbers.iter().all(|number| world.escrow(number).is_some()));
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn an_app_without_permission_is_one_exception_that_the_work_on_orders_leaves_open() {
    let world = completed(["A1", "B2"]).await;
    world.marketplace.fail_next_escrow(refused_to_the_app());
    world.run_capture().await;
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.error_class, "escrow_fetch_failed");
    assert_eq!(open.cause, "refused");
    assert!(
        open.message.contains("error_api_permission"),
        "{}",
        open.message
    );
    assert_eq!(open.order_sn, None, "it is about the shop");

    world.clock.advance(TimeDelta::minutes(1));
    world.change(snapshot("C3", OrderStatus::Shipped)).await;
    assert_eq!(world.open().await, ["escrow_fetch_failed"]);
    world.clock.advance(TimeDelta::minutes(4));
    world.run_capture().await;
    assert!(world.open().await.is_empty(), "it is answered again");
}

#[tokio::test]
async fn a_failed_payout_stays_an_exception_when_its_order_changes() {
    let world = completed(["A1"]).await;
    world.marketplace.fail_next_escrow(malformed());
    world.run_capture().await;
    let later = OrderSnapshot {
        updated_at: after_noon(60),
        note: Some("ask about the sleeve".into()),
        ..snapshot("A1", OrderStatus::Completed)
    };
    world.clock.advance(TimeDelta::minutes(1));
    world.change(later).await;
    assert_eq!(world.open().await, ["escrow_fetch_failed"]);
    assert_eq!(world.payout_due_at("A1"), Some(world.now()), "due again");
}

#[tokio::test]
async fn a_shop_whose_token_cannot_be_renewed_is_told_and_its_orders_wait() {
    let world = completed(["A1"]).await;
    world.clock.advance(TimeDelta::hours(5));
    world.authoriser.fail_next(AuthCall::Refresh, unavailable());
    assert_eq!(world.run_capture().await, 1);
    assert!(world.marketplace.escrow_calls().is_empty());
    assert_eq!(world.open().await, ["token_expired"]);
    assert_eq!(world.waits("A1"), TimeDelta::seconds(10));

    world.marketplace.put_escrow(sn("A1"), answer(2480));
    world.clock.advance(TimeDelta::seconds(10));
    world.run_capture().await;
    assert!(world.escrow("A1").is_some());
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let world = completed(["A1"]).await;
    world.marketplace.put_escrow(sn("A1"), answer(2480));
    world.marketplace.fail_next_escrow(token_refused());
    world.run_capture().await;
    assert!(world.escrow("A1").is_some());
    assert_eq!(world.authoriser.renewals(SHOP), 1);
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn a_token_that_is_refused_even_when_it_is_new_is_an_exception_of_the_shop() {
    let world = completed(["A1", "B2"]).await;
    for _ in 0..2 {
        world.marketplace.fail_next_escrow(token_refused());
    }
    world.run_capture().await;
    assert_eq!(world.marketplace.escrow_batches().len(), 2);
    assert_eq!(world.authoriser.renewals(SHOP), 1);
    assert_eq!(world.open().await, ["token_expired"]);
    assert_eq!(world.escrow_results(), ["postponed", "postponed"]);
}

#[tokio::test]
async fn throttling_is_waited_out_and_is_nobodys_business() {
    let world = completed(["A1"]).await;
    world.marketplace.put_escrow(sn("A1"), answer(2480));
    world
        .marketplace
        .fail_next_escrow(MarketplaceError::RateLimited {
            endpoint: ENDPOINT,
            retry_after: Some(Duration::from_secs(7)),
        });
    world.run_capture().await;
    assert!(world.exceptions("open").await.is_empty());
    assert_eq!(world.waits("A1"), TimeDelta::seconds(7));
    world.clock.advance(TimeDelta::seconds(7));
    world.run_capture().await;
    assert!(world.escrow("A1").is_some());
}

#[tokio::test]
async fn an_order_that_changes_meanwhile_is_asked_for_again() {
    let world = completed(["A1"]).await;
    world.marketplace.put_escrow(sn("A1"), answer(2480));
    let (store, tenant) = (world.store.clone(), world.tenant.clone());
    let clock = world.clock.clone();
    world.marketplace.meanwhile(async move {
        // Due anew, as a newer snapshot makes it.
        let mut uow = store.begin(&tenant).await.unwrap();
        let late = hawker_ports::Clock::now(&*clock) + TimeDelta::days(1);
        let due = uow.escrow().claim_due(late, late, 1).await.unwrap();
        let now = hawker_ports::Clock::now(&*clock);
        uow.escrow().postpone(&due, now).await.unwrap();
        uow.commit().await.unwrap();
    });
    world.run_capture().await;
    assert!(world.escrow("A1").is_some(), "what was fetched is kept");
    assert_eq!(world.payout_due_at("A1"), Some(noon()));
    world.marketplace.put_escrow(sn("A1"), answer(1900));
    world.clock.advance(TimeDelta::seconds(1));
    world.run_capture().await;
    let amount = world.escrow("A1").unwrap().amounts.escrow_amount;
    assert_eq!(amount, Decimal::new(1900, 2));
}

#[tokio::test]
async fn no_call_is_begun_that_its_claim_may_not_outlast() {
    let world = completed_one_by_one(["A1", "B2"]).await;
    for number in ["A1", "B2"] {
        world.marketplace.put_escrow(sn(number), answer(2480));
    }
    let clock = world.clock.clone();
    world.marketplace.meanwhile(async move {
        clock.advance(TimeDelta::seconds(4 * 60 + 1));
    });
    world.run_capture().await;
    assert_eq!(world.marketplace.escrow_calls(), [sn("A1")]);
    assert_eq!(world.payout_due_at("B2"), Some(world.now()), "given back");
    world.run_capture().await;
    assert!(world.escrow("B2").is_some());
}

#[tokio::test]
async fn a_commit_that_met_a_conflict_is_repeated_without_a_second_call() {
    let world = completed(["A1"]).await;
    world.marketplace.put_escrow(sn("A1"), answer(2480));
    let store = world.store.clone();
    world.marketplace.meanwhile(async move {
        store.fail_next_commit(StoreError::Conflict {
            entity: "escrow",
            cause: None,
        });
    });
    world.run_capture().await;
    assert!(world.escrow("A1").is_some());
    assert_eq!(world.marketplace.escrow_calls().len(), 1);
    assert_eq!(world.escrow_results(), ["captured"]);
}

#[tokio::test]
async fn a_payout_that_the_store_refuses_is_an_exception_of_its_order() {
    let world = completed(["A1"]).await;
    world.marketplace.put_escrow(sn("A1"), answer(2480));
    let store = world.store.clone();
    world.marketplace.meanwhile(async move {
        store.fail_next_commit(StoreError::Refused {
            entity: "escrow",
            cause: "too large".into(),
        });
    });
    world.run_capture().await;
    assert_eq!(world.open().await, ["escrow_fetch_failed"]);
    assert!(world.payout_due_at("A1").is_some(), "it is tried again");
}

#[tokio::test]
async fn a_payout_that_the_store_refuses_does_not_harm_the_others_of_its_call() {
    let world = completed(["A1", "B2"]).await;
    for number in ["A1", "B2"] {
        world.marketplace.put_escrow(sn(number), answer(2480));
    }
    let store = world.store.clone();
    world.marketplace.meanwhile(async move {
        // All of them together, and then the first alone.
        for _ in 0..2 {
            store.fail_next_commit(StoreError::Refused {
                entity: "escrow",
                cause: "too large".into(),
            });
        }
    });
    world.run_capture().await;
    assert_eq!(world.marketplace.escrow_batches().len(), 1);
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.order_sn.as_deref(), Some("A1"));
    assert!(world.escrow("A1").is_none() && world.escrow("B2").is_some());
}

#[tokio::test]
async fn a_process_that_stops_gives_back_the_payouts_that_it_did_not_ask_for() {
    let numbers = ["251214TESTSN01", "251214TESTSN02", "251214TESTSN03"];
    let world = completed_one_by_one(numbers).await;
    for number in numbers {
        world.marketplace.put_escrow(sn(number), answer(2480));
    }
    let is_stopping = || !world.marketplace.escrow_calls().is_empty();
    let run = world
        .capture()
        .run_until(&world.tenant, is_stopping, std::future::pending())
        .await;
    assert_eq!(run.unwrap(), 3);
    assert_eq!(world.marketplace.escrow_calls().len(), 1);

    assert_eq!(world.run_capture().await, 2, "the others are due at once");
    assert_eq!(world.marketplace.escrow_calls().len(), 3);
}

#[tokio::test]
async fn a_process_that_stops_does_not_wait_for_a_marketplace_that_hangs() {
    let world = completed(["251214TESTSN01"]).await;
    world
        .marketplace
        .put_escrow(sn("251214TESTSN01"), answer(2480));
    world.marketplace.meanwhile(std::future::pending());
    let run = world
        .capture()
        .run_until(&world.tenant, || false, std::future::ready(()))
        .await;
    assert_eq!(run.unwrap(), 1);
    assert!(world.escrow("251214TESTSN01").is_none());

    assert_eq!(world.run_capture().await, 1, "it is due at once");
    assert!(world.escrow("251214TESTSN01").is_some());
}

fn adjustment(cents: i64) -> Adjustment {
    Adjustment {
        amount: Decimal::new(cents, 2),
        at: None,
        currency: None,
        reason: "lost parcel".into(),
    }
}

fn adjusted(cents: i64, by: i64) -> EscrowAnswer {
    let answer = answer(cents);
    EscrowAnswer {
        income: Income {
            adjustments: vec![adjustment(by)],
            ..answer.income
        },
        ..answer
    }
}

/// Captured, released, and due again, at a marketplace whose batches are silent about adjustments.
async fn released_in_silence(numbers: &[&str]) -> World {
    let world = World::with_stock(100).await;
    world.complete(numbers).await;
    world.marketplace.keep_adjustments_from_batches();
    for number in numbers {
        world.marketplace.put_escrow(sn(number), answer(2480));
    }
    world.run_capture().await;
    world.clock.advance(TimeDelta::minutes(1));
    for number in numbers {
        world.release(number, world.now()).await;
    }
    world
}

#[tokio::test]
async fn a_payout_is_asked_for_alone_only_where_adjustments_may_be_missing() {
    let world = released_in_silence(&["A1"]).await;
    world.complete(&["B2", "C3"]).await;
    world.marketplace.put_escrow(sn("A1"), adjusted(2480, -500));
    for number in ["B2", "C3"] {
        world
            .marketplace
            .put_escrow(sn(number), adjusted(2480, -500));
    }
    world.run_capture().await;
    assert_eq!(world.marketplace.escrow_details_alone(), [sn("A1")]);
    let paid = |number| world.escrow(number).unwrap().after_adjustments().amount;
    assert_eq!(paid("A1"), Decimal::new(1980, 2));
    assert_eq!(paid("B2"), Decimal::new(2480, 2), "not released yet");

    world.marketplace.put_escrow(sn("B2"), adjusted(2000, -500));
    world.clock.set(world.payout_due_at("B2").unwrap());
    world.authorise().await;
    world.run_capture().await;
    let alone = world.marketplace.escrow_details_alone();
    assert!(alone.contains(&sn("B2")), "its amount changed: {alone:?}");
    assert!(!alone.contains(&sn("C3")));
    assert_eq!(paid("B2"), Decimal::new(1500, 2));
}

#[tokio::test]
async fn a_payout_that_cannot_be_asked_for_alone_harms_no_other_and_is_asked_for_again() {
    let world = released_in_silence(&["A1"]).await;
    world.complete(&["B2"]).await;
    world.marketplace.put_escrow(sn("A1"), adjusted(2480, -500));
    world.marketplace.put_escrow(sn("B2"), answer(100));
    world.marketplace.fail_next_escrow_detail(unavailable());
    world.run_capture().await;
    assert!(world.escrow("B2").is_some());
    let versions = world.versions("A1").await.len();
    assert_eq!(versions, 2, "what is known stands");
    assert_eq!(world.waits("A1"), TimeDelta::minutes(5));
    assert_eq!(world.open().await, ["escrow_fetch_failed"]);

    world.clock.advance(TimeDelta::minutes(5));
    world.run_capture().await;
    let paid = world.escrow("A1").unwrap().after_adjustments().amount;
    assert_eq!(paid, Decimal::new(1980, 2));
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn an_app_that_may_not_ask_for_one_payout_is_told_and_keeps_what_the_call_for_several_said() {
    let world = released_in_silence(&["A1", "B2"]).await;
    for number in ["A1", "B2"] {
        world
            .marketplace
            .put_escrow(sn(number), adjusted(2000, -500));
    }
    let detail = &world.marketplace;
    detail.fail_next_escrow_detail(refused_to_the_app());
    world.run_capture().await;
    assert_eq!(world.marketplace.escrow_details_alone().len(), 1);
    let paid = |number| world.escrow(number).unwrap().after_adjustments().amount;
    for number in ["A1", "B2"] {
        assert_eq!(paid(number), Decimal::new(2000, 2), "{number}");
        assert_eq!(world.waits(number), TimeDelta::minutes(5));
    }
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.cause, "refused-alone");
    assert_eq!(open.order_sn, None, "it is about the shop");

    // A call for several says nothing of the one that is refused.
    world.clock.advance(TimeDelta::minutes(1));
    world.complete(&["C3"]).await;
    world.marketplace.put_escrow(sn("C3"), answer(100));
    world.run_capture().await;
    assert!(world.escrow("C3").is_some());
    world.clock.advance(TimeDelta::minutes(4));
    detail.fail_next_escrow_detail(refused_to_the_app());
    world.run_capture().await;
    let [still] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(still.id, open.id, "it was never over");

    world.clock.advance(TimeDelta::minutes(5));
    world.run_capture().await;
    assert_eq!(paid("B2"), Decimal::new(1500, 2));
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn a_payout_that_is_refused_alone_is_an_exception_of_its_order() {
    let world = released_in_silence(&["A1", "B2"]).await;
    for number in ["A1", "B2"] {
        world
            .marketplace
            .put_escrow(sn(number), adjusted(2000, -500));
    }
    world.marketplace.fail_next_escrow_detail(malformed());
    world.run_capture().await;
    let [open] = world.exceptions("open").await.try_into().unwrap();
    assert_eq!(open.order_sn.as_deref(), Some("A1"));
    assert!(open.message.contains("is missing"), "{}", open.message);
    let paid = |number| world.escrow(number).unwrap().after_adjustments().amount;
    assert_eq!(paid("A1"), Decimal::new(2000, 2), "what was told is kept");
    assert_eq!(paid("B2"), Decimal::new(1500, 2), "the next was asked for");
}

#[tokio::test]
async fn no_more_payouts_are_asked_for_alone_than_a_claim_outlasts() {
    let numbers: Vec<_> = (0..15).map(|number| format!("SN{number:02}")).collect();
    let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
    let world = released_in_silence(&numbers).await;
    for number in &numbers {
        world
            .marketplace
            .put_escrow(sn(number), adjusted(2480, -500));
    }
    world.run_capture().await;
    assert_eq!(world.marketplace.escrow_details_alone().len(), 10);
    world.clock.advance(TimeDelta::minutes(5));
    world.run_capture().await;
    assert_eq!(world.marketplace.escrow_details_alone().len(), 15);
    for number in &numbers {
        let paid = world.escrow(number).unwrap().after_adjustments().amount;
        assert_eq!(paid, Decimal::new(1980, 2), "{number}");
    }
}

#[tokio::test]
async fn what_was_told_before_a_failure_is_kept_and_the_rest_is_asked_for_again() {
    let world = completed(["A1", "B2"]).await;
    for number in ["A1", "B2"] {
        world.marketplace.put_escrow(sn(number), answer(2480));
    }
    world.marketplace.fail_next_escrow_after(1);
    world.run_capture().await;
    assert!(world.escrow("A1").is_some() && world.escrow("B2").is_none());
    assert_eq!(world.escrow_results(), ["captured", "postponed"]);
    assert_eq!(world.waits("B2"), TimeDelta::minutes(5));
    assert!(world.open().await.is_empty());
    world.clock.advance(TimeDelta::minutes(5));
    world.run_capture().await;
    assert!(world.escrow("B2").is_some());
}
