//! Learning until when returns are to be answered.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::exception::ExceptionStatus;
use hawker_domain::order::{OpenReturn, OrderSnapshot, OrderStatus, ReturnStatus};
use hawker_domain::token::TokenState;
use hawker_domain::{ConnectorName, Environment, Timestamp, Zone};
use hawker_ports::exception_desk::Selection;
use hawker_ports::marketplace::MarketplaceError;
use hawker_ports::testing::FakeReturnLister;
use hawker_ports::testing::examples::{SHOP, noon, snapshot};
use hawker_ports::views::{ExceptionFilter, ExceptionSummary, PageRequest, Views as _};
use hawker_ports::{Store as _, StoreError};
use hawker_usecases::work_exceptions::Portion;
use hawker_usecases::{LearnReturnDeadlines, WorkExceptions};

use crate::operators::anna;
use crate::world::{World, sn};

struct Desk {
    world: World,
    returns: Arc<FakeReturnLister>,
}

impl Desk {
    async fn new() -> Self {
        Self::with(FakeReturnLister::default()).await
    }

    async fn with(returns: FakeReturnLister) -> Self {
        Self {
            world: World::with_stock(20).await,
            returns: Arc::new(returns),
        }
    }

    /// A buyer of an order that is known opened a return.
    async fn opened(&self, number: &str) {
        self.world
            .change(snapshot(number, OrderStatus::ToReturn))
            .await;
    }

    /// The marketplace lists a return that waits for the seller.
    fn list(&self, return_sn: &str, number: &str, due_at: Timestamp) {
        self.list_as(return_sn, number, ReturnStatus::Requested, due_at);
    }

    fn list_as(&self, return_sn: &str, number: &str, status: ReturnStatus, due_at: Timestamp) {
        let of = OpenReturn {
            return_sn: return_sn.into(),
            order_sn: sn(number),
            needs_seller: status.seller_task().is_some(),
            status,
            due_at: Some(due_at),
        };
        self.returns.put(SHOP, of, self.world.now());
    }

    async fn look(&self) -> u64 {
        self.learn().run(&self.world.tenant).await.unwrap()
    }

    fn learn(&self) -> LearnReturnDeadlines {
        LearnReturnDeadlines {
            store: self.world.store.clone(),
            views: self.world.store.clone(),
            returns: self.returns.clone(),
            tokens: Arc::new(self.world.tokens()),
            clock: self.world.clock.clone(),
            ids: self.world.ids.clone(),
        }
    }

    /// The case of an order, in whatever state.
    async fn case(&self, number: &str) -> ExceptionSummary {
        let filter = ExceptionFilter {
            order_sn: Some(sn(number)),
            with_snoozed: true,
            ..ExceptionFilter::default()
        };
        let page = PageRequest {
            limit: 10,
            after: None,
        };
        let store = &self.world.store;
        let shown = store.exceptions(&self.world.tenant, &filter, &page).await;
        let [case] = shown.unwrap().rows.try_into().unwrap();
        case
    }

    async fn these(&self, number: &str) -> Selection {
        Selection::These(vec![self.case(number).await.id.parse().unwrap()])
    }

    fn work(&self) -> WorkExceptions {
        WorkExceptions {
            store: self.world.store.clone(),
            clock: self.world.clock.clone(),
            ids: self.world.ids.clone(),
        }
    }
}

fn days_on(days: i64) -> Timestamp {
    noon() + TimeDelta::days(days)
}

fn unavailable() -> MarketplaceError {
    MarketplaceError::Unavailable {
        endpoint: "returns.get_return_list",
        reason: "HTTP 502".into(),
        cause: None,
    }
}

#[tokio::test]
async fn a_return_gets_its_deadline_and_its_number_once() {
    let desk = Desk::new().await;
    desk.opened("A1").await;
    let before = desk.case("A1").await;
    assert_eq!(before.due_at, None, "the time to ship is over");

    desk.list("R77", "A1", days_on(2));
    assert_eq!(desk.look().await, 1);
    let case = desk.case("A1").await;
    assert_eq!((&case.id, case.due_at), (&before.id, Some(days_on(2))));
    let local = days_on(2).with_timezone(&Zone::Asia__Singapore);
    let until = format!("{} (Asia/Singapore)", local.format("%Y-%m-%d %H:%M"));
    for part in ["A1", "R77", &until] {
        assert!(case.message.contains(part), "{part}: {}", case.message);
    }

    let calls = desk.returns.calls();
    assert_eq!((calls.len(), calls[0].shop), (1, SHOP));
    assert_eq!(
        calls[0].window.to - calls[0].window.from,
        TimeDelta::days(15)
    );
    assert_eq!(desk.look().await, 0);
    assert_eq!(
        desk.returns.calls().len(),
        1,
        "a known deadline asks nobody"
    );
    assert_eq!(desk.case("A1").await.retry_count, case.retry_count);
}

#[tokio::test]
async fn without_an_open_case_nobody_is_asked() {
    let desk = Desk::new().await;
    desk.world
        .change(snapshot("A1", OrderStatus::InCancel))
        .await;
    assert_eq!(desk.look().await, 0);
    assert!(desk.returns.calls().is_empty());
}

#[tokio::test]
async fn several_returns_of_an_order_are_due_with_the_earliest() {
    let desk = Desk::with(FakeReturnLister::with_page(1)).await;
    desk.opened("A1").await;
    desk.opened("B2").await;
    desk.list("R1", "A1", days_on(3));
    desk.list("R2", "B2", days_on(1));
    desk.list("R3", "A1", days_on(2));
    desk.list_as("R4", "A1", ReturnStatus::Closed, days_on(0));
    assert_eq!(desk.look().await, 2);
    assert_eq!(desk.case("A1").await.due_at, Some(days_on(2)));
    assert_eq!(desk.case("B2").await.due_at, Some(days_on(1)));
    let pages: Vec<_> = desk.returns.calls().iter().map(|call| call.page).collect();
    assert_eq!(pages, [1, 2, 3, 4], "one list for the whole shop");
}

#[tokio::test]
async fn a_deadline_that_is_over_is_looked_up_and_told_only_when_it_is_another() {
    let desk = Desk::new().await;
    desk.opened("A1").await;
    desk.list("R1", "A1", days_on(1));
    desk.look().await;
    let told = desk.case("A1").await;
    desk.world.clock.advance(TimeDelta::days(2));
    for _ in 0..3 {
        assert_eq!(desk.look().await, 0);
    }
    let over = desk.case("A1").await;
    assert_eq!(over.retry_count, told.retry_count);
    assert_eq!(over.last_seen_at, told.last_seen_at);
    assert_eq!(desk.returns.calls().len(), 4);

    desk.list_as("R1", "A1", ReturnStatus::Processing, days_on(5));
    assert_eq!(desk.look().await, 1);
    let later = desk.case("A1").await;
    assert_eq!(later.due_at, Some(days_on(5)));
    assert!(later.message.contains("Check them"), "{}", later.message);
}

#[tokio::test]
async fn a_case_that_is_out_of_sight_gets_its_deadline_and_stays_out_of_sight() {
    let desk = Desk::new().await;
    desk.opened("A1").await;
    let (these, until) = (desk.these("A1").await, Some(days_on(1)));
    desk.work()
        .snooze(
            &desk.world.tenant,
            &anna(),
            &these,
            until,
            &Portion::default(),
        )
        .await
        .unwrap();
    desk.list("R1", "A1", days_on(2));
    assert_eq!(desk.look().await, 1);
    let case = desk.case("A1").await;
    assert_eq!((case.due_at, case.snoozed_until), (Some(days_on(2)), until));
}

#[tokio::test]
async fn a_case_that_an_operator_left_is_nobodys_business() {
    let desk = Desk::new().await;
    desk.opened("A1").await;
    let these = desk.these("A1").await;
    desk.work()
        .close(
            &desk.world.tenant,
            &anna(),
            &these,
            ExceptionStatus::WontFix,
            Some("Settled with the buyer."),
            &Portion::default(),
        )
        .await
        .unwrap();
    desk.list("R1", "A1", days_on(2));
    assert_eq!(desk.look().await, 0);
    assert!(desk.returns.calls().is_empty());
}

#[tokio::test]
async fn a_case_that_ends_while_the_list_is_read_is_not_opened_again() {
    let desk = Desk::new().await;
    desk.opened("A1").await;
    let (work, tenant, these) = (
        desk.work(),
        desk.world.tenant.clone(),
        desk.these("A1").await,
    );
    desk.returns.meanwhile(async move {
        let resolved = ExceptionStatus::Resolved;
        work.close(
            &tenant,
            &anna(),
            &these,
            resolved,
            None,
            &Portion::default(),
        )
        .await
        .unwrap();
    });
    desk.list("R1", "A1", days_on(2));
    assert_eq!(desk.look().await, 0);
    assert_eq!(desk.case("A1").await.status, "resolved");
}

#[tokio::test]
async fn two_processes_that_look_at_once_tell_it_once() {
    let desk = Desk::new().await;
    desk.opened("A1").await;
    let before = desk.case("A1").await.retry_count;
    desk.list("R1", "A1", days_on(2));
    desk.world.clock.advance(TimeDelta::seconds(1));
    let (other, tenant) = (desk.learn(), desk.world.tenant.clone());
    desk.returns.meanwhile(async move {
        assert_eq!(other.run(&tenant).await.unwrap(), 1);
    });
    assert_eq!(desk.look().await, 0);
    assert_eq!(desk.case("A1").await.retry_count, before + 1);
}

#[tokio::test]
async fn a_call_that_fails_is_left_for_the_next_look() {
    let desk = Desk::new().await;
    desk.opened("A1").await;
    desk.list("R1", "A1", days_on(2));
    desk.returns.fail_next(unavailable());
    assert_eq!(desk.look().await, 0);
    assert_eq!(desk.case("A1").await.due_at, None);
    assert_eq!(desk.look().await, 1);
}

#[tokio::test]
async fn a_shop_that_is_blocked_is_not_asked_and_raises_nothing_more() {
    let desk = Desk::new().await;
    desk.opened("A1").await;
    let mut uow = desk.world.store.begin(&desk.world.tenant).await.unwrap();
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
    assert_eq!(desk.look().await, 0);
    assert!(desk.returns.calls().is_empty());
    assert_eq!(desk.world.open().await, ["action_required"]);
}

#[tokio::test]
async fn a_commit_that_met_a_conflict_is_done_again_without_a_second_call() {
    let desk = Desk::new().await;
    desk.opened("A1").await;
    desk.list("R1", "A1", days_on(2));
    let store = desk.world.store.clone();
    desk.returns.meanwhile(async move {
        store.fail_next_commit(StoreError::Conflict {
            entity: "exception",
            cause: None,
        });
    });
    assert_eq!(desk.look().await, 1);
    assert_eq!(desk.returns.calls().len(), 1);
}

#[tokio::test]
async fn the_case_is_over_when_the_order_is_no_longer_to_be_returned() {
    let desk = Desk::new().await;
    desk.opened("A1").await;
    desk.list("R1", "A1", days_on(2));
    desk.look().await;
    desk.world
        .change(OrderSnapshot {
            updated_at: noon() + TimeDelta::hours(1),
            ..snapshot("A1", OrderStatus::Completed)
        })
        .await;
    let case = desk.case("A1").await;
    assert_eq!(case.status, "resolved");
    assert_eq!(case.due_at, Some(days_on(2)), "its history stays");
}
