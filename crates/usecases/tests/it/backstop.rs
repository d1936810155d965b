//! Looking for payouts and releases, and asking for payouts.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::completeness::Window;
use hawker_domain::escrow::Income;
use hawker_domain::order::OrderStatus;
use hawker_domain::schedule::Counts;
use hawker_domain::{ConnectorName, Timestamp};
use hawker_ports::marketplace::{EscrowAnswer, MarketplaceError};
use hawker_ports::progress::NoProgress;
use hawker_ports::recovery::Release;
use hawker_ports::testing::FakeReleaseLister;
use hawker_ports::testing::examples::{SHOP, noon, snapshot};
use hawker_ports::{Store as _, StoreError};
use hawker_usecases::backstop_escrow::BackstopError;
use hawker_usecases::sync_escrow::SyncAnswer;
use hawker_usecases::{BackstopEscrow, SyncEscrow};
use rust_decimal::Decimal;

use crate::capturing::{answer, completed};
use crate::operators::{anna, usual};
use crate::reconciling::StopsAfter;
use crate::world::{World, sn};

struct Till {
    world: World,
    releases: Arc<FakeReleaseLister>,
}

impl Till {
    const fn of(world: World, releases: Arc<FakeReleaseLister>) -> Self {
        Self { world, releases }
    }

    async fn with_completed<const N: usize>(numbers: [&str; N]) -> Self {
        Self::of(completed(numbers).await, Arc::default())
    }

    fn backstop(&self) -> BackstopEscrow {
        BackstopEscrow {
            store: self.world.store.clone(),
            releases: self.releases.clone(),
            tokens: Arc::new(self.world.tokens()),
            clock: self.world.clock.clone(),
            ids: self.world.ids.clone(),
        }
    }

    async fn try_run(&self, window: Option<Window>) -> Result<Counts, BackstopError> {
        let backstop = self.backstop();
        backstop
            .run(&self.world.tenant, &usual(), window, &NoProgress)
            .await
    }

    async fn run(&self) -> Counts {
        self.try_run(None).await.unwrap()
    }

    fn release(&self, number: &str, cents: i64, released_at: Timestamp) {
        let release = Release {
            order_sn: sn(number),
            payout: Some(Decimal::new(cents, 2)),
            released_at,
        };
        self.releases.put(SHOP, release);
    }

    /// The payout was captured, and is not due.
    async fn capture(&self, number: &str, cents: i64) {
        self.world.marketplace.put_escrow(sn(number), answer(cents));
        self.world.run_capture().await;
    }
}

#[tokio::test]
async fn a_release_that_nobody_knew_of_is_noted_once() {
    let till = Till::with_completed(["A1"]).await;
    till.capture("A1", 2480).await;
    let released_at = noon() + TimeDelta::hours(1);
    till.release("A1", 2480, released_at);
    till.world.clock.advance(TimeDelta::hours(2));
    let counts = till.run().await;
    assert_eq!((counts.of("releases"), counts.of("noted")), (1, 1));
    let escrow = till.world.escrow("A1").unwrap();
    assert_eq!(escrow.released_at, Some(released_at));
    assert_eq!(till.run().await.of("noted"), 0);
}

#[tokio::test]
async fn a_released_order_without_a_payout_is_due() {
    let till = Till::with_completed(["A1"]).await;
    till.world.run_capture().await;
    assert!(till.world.payout_due_at("A1") > Some(till.world.now()));
    till.world.clock.advance(TimeDelta::minutes(5));
    till.release("A1", 2480, noon());
    assert_eq!(till.run().await.of("made_due"), 1);
    assert_eq!(till.world.payout_due_at("A1"), Some(till.world.now()));
}

#[tokio::test]
async fn a_payout_that_is_captured_after_its_release_tells_when_that_was() {
    let till = Till::with_completed(["A1"]).await;
    till.world.run_capture().await;
    till.world.clock.advance(TimeDelta::minutes(5));
    till.release("A1", 2480, noon());
    till.run().await;
    till.capture("A1", 2480).await;
    let escrow = till.world.escrow("A1").unwrap();
    assert_eq!(escrow.released_at, Some(noon()));
}

#[tokio::test]
async fn a_payout_that_the_list_tells_otherwise_is_asked_for_again() {
    let till = Till::with_completed(["A1"]).await;
    till.capture("A1", 2480).await;
    till.release("A1", 2300, noon());
    till.world.clock.advance(TimeDelta::minutes(5));
    till.run().await;
    till.capture("A1", 2300).await;
    let amount = till.world.escrow("A1").unwrap().amounts.escrow_amount;
    assert_eq!(amount, Decimal::new(2300, 2));
    assert_eq!(till.run().await.of("made_due"), 0, "now they agree");
}

/// Who asked again and heard the same tells somebody, once and until the two agree.
#[tokio::test]
async fn a_payout_that_still_differs_from_the_list_when_it_is_asked_for_again_is_told() {
    let till = Till::with_completed(["A1"]).await;
    let world = &till.world;
    till.capture("A1", 2480).await;
    till.release("A1", 2300, noon());
    for day in 0..3 {
        world.clock.advance(TimeDelta::minutes(5));
        let made_due = till.run().await.of("made_due");
        assert_eq!(made_due, u64::from(day == 0), "day {day}");
        till.capture("A1", 2480).await;
        let [open] = world.exceptions("open").await.try_into().unwrap();
        assert_eq!(open.error_class, "escrow_fetch_failed");
        assert_eq!(open.cause, "payout-differs");
        assert_eq!(open.order_sn.as_deref(), Some("A1"));
        assert!(
            open.message.contains("SGD 23.00") && open.message.contains("SGD 24.80"),
            "{}",
            open.message
        );
    }
    world.marketplace.put_escrow(sn("A1"), answer(2300));
    world.clock.set(world.payout_due_at("A1").unwrap());
    world.authorise().await;
    world.run_capture().await;
    assert!(world.open().await.is_empty());
    assert_eq!(till.run().await.of("made_due"), 0, "now they agree");
}

#[tokio::test]
async fn a_list_that_agrees_in_the_end_resolves_what_was_told() {
    let till = Till::with_completed(["A1"]).await;
    let world = &till.world;
    till.capture("A1", 2480).await;
    till.release("A1", 2300, noon());
    world.clock.advance(TimeDelta::minutes(5));
    till.run().await;
    till.capture("A1", 2480).await;
    assert_eq!(world.open().await, ["escrow_fetch_failed"]);
    world.clock.advance(TimeDelta::minutes(5));
    till.release("A1", 2480, noon() + TimeDelta::minutes(1));
    assert_eq!(till.run().await.of("made_due"), 1);
    world.run_capture().await;
    assert!(world.open().await.is_empty());
}

/// The release that is listed was before it.
#[tokio::test]
async fn an_adjustment_that_is_paid_by_itself_is_no_difference() {
    let till = Till::with_completed(["A1"]).await;
    let world = &till.world;
    till.release("A1", 2480, noon());
    let adjusted = EscrowAnswer {
        income: Income {
            parts: [("total_adjustment_amount".into(), Decimal::new(-500, 2))].into(),
            ..answer(2480).income
        },
        ..answer(2480)
    };
    world.marketplace.put_escrow(sn("A1"), adjusted);
    world.run_capture().await;
    world.clock.advance(TimeDelta::minutes(5));
    assert_eq!(till.run().await.of("made_due"), 1);
    world.run_capture().await;
    assert!(world.open().await.is_empty());
}

#[tokio::test]
async fn a_released_order_that_we_do_not_hold_is_asked_for_once() {
    let till = Till::of(World::with_stock(5).await, Arc::default());
    till.release("A1", 2480, noon() - TimeDelta::days(3));
    till.world
        .marketplace
        .put(snapshot("A1", OrderStatus::Completed));
    assert_eq!(till.run().await.of("unknown_asked_for"), 1);
    assert_eq!(till.run().await.of("unknown_asked_for"), 0, "it waits");
    till.world.work().await;
    till.world.order("A1").await;
    assert_eq!(till.run().await.of("made_due"), 1, "and so is its payout");
}

#[tokio::test]
async fn a_completed_order_that_was_forgotten_is_due() {
    let till = Till::with_completed(["A1"]).await;
    let world = &till.world;
    let mut uow = world.store.begin(&world.tenant).await.unwrap();
    let claimed = uow.escrow().claim_due(noon(), noon(), 1).await.unwrap();
    uow.escrow().finish(&claimed).await.unwrap();
    uow.commit().await.unwrap();
    assert_eq!(world.payout_due_at("A1"), None);
    assert_eq!(till.run().await.of("missing_made_due"), 1);
    assert_eq!(world.payout_due_at("A1"), Some(world.now()));
}

#[tokio::test]
async fn six_weeks_are_looked_at_in_slices_of_fifteen_days_page_by_page() {
    let till = Till::of(
        World::with_stock(5).await,
        Arc::new(FakeReleaseLister::with_page(2)),
    );
    for number in 0..5 {
        let released_at = noon() - TimeDelta::days(1) - TimeDelta::hours(number);
        till.release(&format!("SN{number}"), 100, released_at);
    }
    let counts = till.run().await;
    assert_eq!((counts.of("pages"), counts.of("releases")), (5, 5));
    let calls = till.releases.calls();
    let pages: Vec<_> = calls.iter().map(|call| call.page).collect();
    assert_eq!(pages, [1, 1, 1, 2, 3]);
    assert_eq!(calls[0].window.from, noon() - TimeDelta::days(42));
    assert_eq!(calls[4].window.to, noon());
}

#[tokio::test]
async fn a_run_that_fails_keeps_what_it_saw() {
    let till = Till::with_completed(["A1"]).await;
    till.capture("A1", 2480).await;
    till.release("A1", 2480, noon() - TimeDelta::days(41));
    till.releases.fail_nth(
        2,
        MarketplaceError::DailyQuota {
            endpoint: "payment.get_escrow_list",
            renewed_in: Duration::from_hours(3),
        },
    );
    let error = till.try_run(None).await.unwrap_err();
    assert_eq!(error.counts().of("noted"), 1);
    assert!(error.is_passing());
    assert_eq!(error.retry_after(), Some(Duration::from_hours(3)));
    assert!(till.world.escrow("A1").unwrap().released_at.is_some());
}

#[tokio::test]
async fn a_page_whose_commit_met_a_conflict_is_kept_without_a_second_call() {
    let till = Till::with_completed(["A1"]).await;
    till.capture("A1", 2480).await;
    till.release("A1", 2480, noon() - TimeDelta::days(41));
    let store = till.world.store.clone();
    till.releases.meanwhile(async move {
        store.fail_next_commit(StoreError::Conflict {
            entity: "escrow",
            cause: None,
        });
    });
    let counts = till.run().await;
    assert_eq!((counts.of("pages"), counts.of("noted")), (3, 1));
    assert_eq!(till.releases.calls().len(), 3);
}

#[tokio::test]
async fn a_run_that_is_to_end_ends_between_two_pages() {
    let till = Till::with_completed(["A1"]).await;
    let backstop = till.backstop();
    let (tenant, profile, stop) = (&till.world.tenant, usual(), StopsAfter::pages(1));
    let run = backstop.run(tenant, &profile, None, &stop);
    let error = run.await.unwrap_err();
    assert!(matches!(error, BackstopError::Stopped { .. }), "{error}");
    assert_eq!(till.releases.calls().len(), 1);
}

#[tokio::test]
async fn asking_for_payouts_answers_for_each_order() {
    let till = Till::with_completed(["A1"]).await;
    let world = &till.world;
    world.change(snapshot("B2", OrderStatus::Shipped)).await;
    till.capture("A1", 2480).await;
    let sync = SyncEscrow {
        store: world.store.clone(),
        clock: world.clock.clone(),
        ids: world.ids.clone(),
        connector: ConnectorName::Shopee,
    };
    let orders = [sn("A1"), sn("B2"), sn("C3")];
    let answers = sync.ask(&world.tenant, &anna(), &orders).await.unwrap();
    let answers: Vec<_> = answers.iter().map(|(_, answer)| *answer).collect();
    let expected = [
        SyncAnswer::Due,
        SyncAnswer::NotCompleted,
        SyncAnswer::Unknown,
    ];
    assert_eq!(answers, expected);
    assert_eq!(world.payout_due_at("A1"), Some(world.now()));
    let log = world.store.audit_log(&world.tenant).unwrap();
    let entry = log.last().unwrap();
    assert_eq!(entry.action, "escrow.sync_asked");
    assert_eq!(entry.subject, "orders");
    assert_eq!(entry.details["orders"]["B2"], "not_completed");
}
