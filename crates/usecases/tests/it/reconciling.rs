//! Reconciling: what the marketplace lists against what is held.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::completeness::Window;
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_domain::schedule::Counts;
use hawker_domain::token::TokenState;
use hawker_domain::{ConnectorName, Environment, Timestamp};
use hawker_ports::marketplace::MarketplaceError;
use hawker_ports::progress::NoProgress;
use hawker_ports::reconciliation::Watermark;
use hawker_ports::recovery::ListedBy;
use hawker_ports::testing::FakeOrderLister;
use hawker_ports::testing::examples::{SHOP, noon, snapshot};
use hawker_ports::{Progress, Store as _, StoreError};
use hawker_usecases::Reconcile;
use hawker_usecases::reconcile::{ReconcileError, ReconcileSettings};

use crate::operators::{id, usual};
use crate::world::{World, sn};

const ENDPOINT: &str = "order.get_order_list";

/// Is told to end after so many pages.
#[derive(Default)]
pub struct StopsAfter {
    pub pages: u64,
    told: AtomicU64,
}

impl StopsAfter {
    pub fn pages(pages: u64) -> Self {
        Self {
            pages,
            told: AtomicU64::new(0),
        }
    }
}

impl Progress for StopsAfter {
    fn tell(&self, counts: &Counts) {
        self.told.store(counts.of("pages"), Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.told.load(Ordering::Relaxed) >= self.pages
    }
}

/// A shop whose pushes are all lost.
pub struct Shop {
    pub world: World,
    pub lister: Arc<FakeOrderLister>,
}

impl Shop {
    pub async fn new() -> Self {
        Self {
            world: World::with_stock(1000).await,
            lister: Arc::default(),
        }
    }

    pub fn reconcile(&self) -> Reconcile {
        Reconcile {
            store: self.world.store.clone(),
            lister: self.lister.clone(),
            tokens: Arc::new(self.world.tokens()),
            clock: self.world.clock.clone(),
            ids: self.world.ids.clone(),
            settings: ReconcileSettings::default(),
        }
    }

    pub async fn within(&self, window: Option<Window>) -> Result<Counts, ReconcileError> {
        let reconcile = self.reconcile();
        reconcile
            .run(&self.world.tenant, &usual(), window, &NoProgress)
            .await
    }

    pub async fn run(&self) -> Counts {
        self.within(None).await.unwrap()
    }

    /// The marketplace has the order, and nobody told us.
    pub fn put(&self, snapshot: OrderSnapshot) {
        let OrderSnapshot {
            order_sn, status, ..
        } = &snapshot;
        self.lister.put(
            SHOP,
            order_sn.clone(),
            Some(status.clone()),
            snapshot.created_at,
            snapshot.updated_at,
        );
        self.world.marketplace.put(snapshot);
    }

    async fn mark(&self) -> Watermark {
        let mut uow = self.world.store.begin(&self.world.tenant).await.unwrap();
        uow.reconciliation().watermark(&usual()).await.unwrap()
    }

    /// The windows that were asked for by a time, in order, first pages only.
    fn asked(&self, by: ListedBy) -> Vec<Window> {
        let calls = self.lister.calls().into_iter().map(|call| call.query);
        calls
            .filter(|query| query.by == by && query.after.is_none())
            .map(|query| query.window)
            .collect()
    }
}

/// An order that was placed and changed some hours before noon.
fn hours_ago(number: &str, hours: i64) -> OrderSnapshot {
    let at = noon() - TimeDelta::hours(hours);
    OrderSnapshot {
        created_at: at,
        updated_at: at,
        ..snapshot(number, OrderStatus::ReadyToShip)
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn until(moment: Timestamp) -> Watermark {
    Watermark {
        updated_until: Some(moment),
        created_until: Some(moment),
    }
}

fn unavailable() -> MarketplaceError {
    MarketplaceError::Unavailable {
        endpoint: ENDPOINT,
        reason: "time-out".into(),
        cause: None,
    }
}

#[tokio::test]
async fn every_order_of_the_last_month_arrives_when_a_shop_is_first_compared() {
    let shop = Shop::new().await;
    let numbers: Vec<_> = (0..250).map(|number| format!("SN{number:03}")).collect();
    for (hours, number) in (1..).zip(&numbers) {
        shop.put(hours_ago(number, hours * 2));
    }
    let counts = shop.run().await;
    assert_eq!((counts.of("missing"), counts.of("asked_for")), (250, 250));
    assert_eq!(
        counts.of("waiting"),
        250,
        "the second pass finds them asked for"
    );
    assert_eq!(counts.of("days"), 31);
    shop.world.work().await;
    for number in &numbers {
        shop.world.order(number).await;
    }
    assert_eq!(shop.mark().await, until(noon()));

    shop.world.clock.advance(TimeDelta::minutes(5));
    let again = shop.run().await;
    assert_eq!((again.of("asked_for"), again.of("waiting")), (0, 0));
    assert_eq!(again.of("days_differing"), 0);
    let events = shop.world.events().await;
    assert_eq!(events.len(), 250);
    assert!(events.iter().all(|event| event.source == "reconcile"));
}

#[tokio::test]
async fn a_change_that_was_not_pushed_is_found_by_the_next_run() {
    let shop = Shop::new().await;
    shop.world
        .change(snapshot("A1", OrderStatus::ReadyToShip))
        .await;
    shop.run().await;
    shop.put(OrderSnapshot {
        updated_at: noon() + TimeDelta::hours(2),
        ..snapshot("A1", OrderStatus::Shipped)
    });
    shop.world.clock.advance(TimeDelta::hours(3));
    let counts = shop.run().await;
    assert_eq!((counts.of("other_status"), counts.of("asked_for")), (1, 1));
    shop.world.work().await;
    let order = shop.world.order("A1").await;
    assert_eq!(order.summary.marketplace_status.as_deref(), Some("SHIPPED"));
}

#[tokio::test]
async fn an_order_that_changed_without_changing_its_status_is_found_too() {
    let shop = Shop::new().await;
    let known = OrderSnapshot {
        updated_at: noon() - TimeDelta::hours(5),
        ..snapshot("A1", OrderStatus::Shipped)
    };
    shop.world.change(known).await;
    shop.run().await;
    shop.put(OrderSnapshot {
        updated_at: noon() + TimeDelta::hours(2),
        note: Some("ask about the sleeve".into()),
        ..snapshot("A1", OrderStatus::Shipped)
    });
    shop.world.clock.advance(TimeDelta::hours(3));
    assert_eq!(shop.run().await.of("older"), 1);
}

/// What is held is of within the window, and the window holds a later change.
#[tokio::test]
async fn an_order_that_changed_twice_within_the_window_is_found_although_its_status_agrees() {
    let shop = Shop::new().await;
    shop.run().await;
    shop.world.clock.advance(TimeDelta::hours(2));
    let known = OrderSnapshot {
        updated_at: noon() + TimeDelta::hours(2),
        ..snapshot("A1", OrderStatus::Completed)
    };
    shop.world.change(known.clone()).await;
    shop.put(OrderSnapshot {
        updated_at: noon() + TimeDelta::hours(7),
        note: Some("a return after completion".into()),
        ..known
    });
    shop.world.clock.advance(TimeDelta::hours(13));
    let counts = shop.run().await;
    assert_eq!((counts.of("older"), counts.of("asked_for")), (1, 1));
    shop.world.work().await;
    let order = shop
        .world
        .store
        .committed_order(&shop.world.tenant, &sn("A1"));
    let order = order.unwrap().unwrap();
    assert_eq!(order.marketplace_updated_at, noon() + TimeDelta::hours(7));
    shop.world.clock.advance(TimeDelta::hours(24));
    assert_eq!(
        shop.run().await.of("asked_for"),
        0,
        "it did not change since"
    );
}

#[tokio::test]
async fn an_order_that_an_event_waits_for_is_not_asked_for_again() {
    let shop = Shop::new().await;
    shop.put(hours_ago("A1", 1));
    shop.run().await;
    let again = shop.run().await;
    assert_eq!((again.of("asked_for"), again.of("waiting")), (0, 2));
    assert_eq!(shop.world.events().await.len(), 1);
}

#[tokio::test]
async fn a_run_begins_an_hour_before_the_end_of_the_last_one() {
    let shop = Shop::new().await;
    shop.run().await;
    let first = shop.asked(ListedBy::Updated);
    assert_eq!(first[0].from, noon() - TimeDelta::days(30));
    assert_eq!(first.len(), 2, "no list covers more than fifteen days");

    shop.world.clock.advance(TimeDelta::hours(10));
    shop.run().await;
    let second = shop.asked(ListedBy::Updated).split_off(first.len());
    let [window] = second.try_into().unwrap();
    assert_eq!(window.from, noon() - TimeDelta::hours(1));
    assert_eq!(window.to, noon() + TimeDelta::hours(10));
}

#[tokio::test]
async fn days_are_those_of_the_shop_and_asked_for_as_a_whole() {
    let shop = Shop::new().await;
    shop.run().await;
    let before = shop.asked(ListedBy::Created).len();
    shop.world.clock.advance(TimeDelta::minutes(30));
    shop.run().await;
    let days = shop.asked(ListedBy::Created).split_off(before);
    let [yesterday, today] = days.try_into().unwrap();
    assert_eq!(
        yesterday.from,
        at("2026-01-03T16:00:00Z"),
        "midnight in Singapore"
    );
    assert_eq!(yesterday.to, at("2026-01-04T16:00:00Z"));
    assert_eq!(today.from, yesterday.to);
    assert_eq!(today.to, noon() + TimeDelta::minutes(30), "up to now");
}

#[tokio::test]
async fn a_run_that_fails_on_its_way_goes_on_there_the_next_time() {
    let shop = Shop::new().await;
    shop.put(hours_ago("OLD", 24 * 20));
    shop.put(hours_ago("NEW", 24 * 2));
    shop.lister.fail_nth(2, unavailable());
    let error = shop.within(None).await.unwrap_err();
    assert!(error.is_passing(), "{error}");
    assert_eq!(error.counts().of("asked_for"), 1, "what was listed is kept");
    let reached = noon() - TimeDelta::days(15);
    assert_eq!(shop.mark().await.updated_until, Some(reached));
    assert_eq!(shop.mark().await.created_until, None);

    shop.lister.fail_next(unavailable());
    shop.within(None).await.unwrap_err();
    let asked = shop.asked(ListedBy::Updated);
    assert_eq!(asked.last().unwrap().from, reached - TimeDelta::hours(1));
    assert_eq!(shop.run().await.of("asked_for"), 1);
    assert_eq!(shop.mark().await, until(noon()));
}

#[tokio::test]
async fn a_page_that_could_not_be_kept_is_listed_again() {
    let shop = Shop::new().await;
    shop.put(hours_ago("A1", 1));
    let store = shop.world.store.clone();
    shop.lister.meanwhile(async move {
        store.fail_next_commit(StoreError::Unavailable("cut".into()));
    });
    let error = shop.within(None).await.unwrap_err();
    assert!(matches!(error, ReconcileError::Store(_)), "{error}");
    assert_eq!(shop.mark().await, Watermark::default());
    assert!(shop.world.events().await.is_empty());
    assert_eq!(shop.run().await.of("asked_for"), 1);
}

#[tokio::test]
async fn a_commit_that_met_a_conflict_is_repeated_without_a_second_call() {
    let shop = Shop::new().await;
    shop.put(hours_ago("A1", 1));
    let store = shop.world.store.clone();
    shop.lister.meanwhile(async move {
        store.fail_next_commit(StoreError::Conflict {
            entity: "event",
            cause: None,
        });
    });
    let counts = shop.run().await;
    assert_eq!(counts.of("asked_for"), 1);
    let calls = u64::try_from(shop.lister.calls().len()).unwrap();
    assert_eq!(calls, counts.of("pages"));
}

#[tokio::test]
async fn a_run_that_is_to_end_ends_between_two_pages() {
    let shop = Shop::new().await;
    let reconcile = shop.reconcile();
    let (tenant, profile, progress) = (&shop.world.tenant, usual(), StopsAfter::pages(1));
    let run = reconcile.run(tenant, &profile, None, &progress);
    let error = run.await.unwrap_err();
    assert!(matches!(error, ReconcileError::Stopped { .. }), "{error}");
    assert_eq!(error.counts().of("pages"), 1);
    let reached = shop.mark().await.updated_until;
    assert_eq!(reached, Some(noon() - TimeDelta::days(15)));
}

#[tokio::test]
async fn a_window_apart_is_compared_and_leaves_the_marks_where_they_are() {
    let shop = Shop::new().await;
    let window = Window {
        from: noon() - TimeDelta::days(10),
        to: noon() - TimeDelta::days(9),
    };
    shop.put(hours_ago("A1", 24 * 10 - 1));
    shop.put(hours_ago("B2", 24 * 5));
    let counts = shop.within(Some(window)).await.unwrap();
    assert_eq!((counts.of("asked_for"), counts.of("days")), (1, 2));
    assert_eq!(shop.mark().await, Watermark::default());
}

/// Keeps what a run reached, for the next attempt at it.
#[derive(Default)]
struct Ledger(Mutex<Option<serde_json::Value>>);

impl Progress for Ledger {
    fn tell(&self, _: &Counts) {}

    fn is_stopping(&self) -> bool {
        false
    }

    fn reached(&self, reached: serde_json::Value) {
        *self.0.lock().unwrap() = Some(reached);
    }

    fn resumes(&self) -> Option<serde_json::Value> {
        self.0.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_window_that_failed_half_way_goes_on_behind_what_was_compared() {
    let shop = Shop::new().await;
    let window = Window {
        from: noon() - TimeDelta::days(10),
        to: noon() - TimeDelta::days(5),
    };
    shop.put(hours_ago("A1", 24 * 10 - 1));
    shop.put(hours_ago("B2", 24 * 5 + 1));
    let (reconcile, ledger) = (shop.reconcile(), Ledger::default());
    let run = async || {
        let (tenant, profile) = (&shop.world.tenant, usual());
        reconcile.run(tenant, &profile, Some(window), &ledger).await
    };
    // By the change, and three of six days.
    shop.lister.fail_nth(5, unavailable());
    let failed = run().await.unwrap_err();
    assert_eq!(failed.counts().of("days"), 3);
    let before = shop.lister.calls().len();
    let counts = run().await.unwrap();
    let asked = shop.lister.calls().len() - before;
    assert_eq!(asked, 3, "the days that are left");
    assert_eq!(counts.of("days"), 6, "it counts on");
    let fresh = shop.within(Some(window)).await.unwrap();
    assert_eq!(fresh.of("days"), counts.of("days"));
    assert_eq!(fresh.of("listed"), counts.of("listed"));
}

#[tokio::test]
async fn a_backfill_of_more_than_the_first_run_would_look_at_moves_the_marks() {
    let shop = Shop::new().await;
    let window = Window {
        from: noon() - TimeDelta::days(60),
        to: noon() + TimeDelta::days(1),
    };
    shop.put(hours_ago("A1", 24 * 50));
    assert_eq!(shop.within(Some(window)).await.unwrap().of("missing"), 1);
    assert_eq!(shop.mark().await, until(noon()));
}

#[tokio::test]
async fn a_profile_that_does_not_exist_is_named() {
    let shop = Shop::new().await;
    let reconcile = shop.reconcile();
    let gone = id("prof_gone");
    let run = reconcile.run(&shop.world.tenant, &gone, None, &NoProgress);
    let error = run.await.unwrap_err();
    assert_eq!(error.to_string(), "there is no profile `prof_gone`");
    assert!(!error.is_passing());
}

#[tokio::test]
async fn too_many_calls_are_a_matter_of_waiting() {
    let shop = Shop::new().await;
    let after = Duration::from_secs(7);
    shop.lister.fail_next(MarketplaceError::RateLimited {
        endpoint: ENDPOINT,
        retry_after: Some(after),
    });
    let error = shop.within(None).await.unwrap_err();
    assert!(error.is_passing());
    assert_eq!(error.retry_after(), Some(after));
    assert!(error.to_string().contains("too many calls"), "{error}");
}

#[tokio::test]
async fn a_shop_that_took_its_authorisation_back_is_a_matter_for_a_person() {
    let shop = Shop::new().await;
    let world = &shop.world;
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    uow.tokens()
        .withdraw(
            ConnectorName::Shopee,
            Environment::Sandbox,
            &[SHOP],
            noon() + TimeDelta::hours(1),
            TokenState::Revoked,
            "the seller said so",
        )
        .await
        .unwrap();
    uow.commit().await.unwrap();
    let error = shop.within(None).await.unwrap_err();
    assert!(matches!(error, ReconcileError::Blocked { .. }), "{error}");
    assert!(!error.is_passing());
    assert!(error.to_string().contains("hawker oauth start"), "{error}");
    assert!(shop.lister.calls().is_empty());
}
